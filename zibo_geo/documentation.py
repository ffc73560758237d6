"""The generated pages: columns of every table, and every assumption with its source.

``python -m zibo_geo.documentation docs`` writes them; a test compares.
"""

__all__ = ["RESULT_TABLES", "assumptions_page", "columns_page"]

import argparse
from pathlib import Path

from heat_network.cost_tables import (
    HEAT_ALTERNATIVES,
    HEAT_BREAK_EVEN,
    HEAT_SCHEMES,
    HEAT_TORNADO,
)
from heat_network.demand_tables import HEAT_BUILDINGS
from heat_network.district_tables import (
    HEAT_CONNECTIONS,
    HEAT_COUNTIES,
    HEAT_NETWORKS,
    HEAT_SUBSTATIONS,
)
from heat_network.matching_tables import (
    HEAT_CLUSTERS,
    HEAT_COSTS,
    HEAT_HOURS,
    HEAT_LINKS,
    HEAT_OUTAGES,
    HEAT_PARETO,
    HEAT_SOURCE_USE,
)
from heat_network.pipe_tables import HEAT_NODES, HEAT_PIPES, HEAT_PLANTS, PIPE_CATALOGUE
from heat_network.supply_tables import SOURCE_RATIOS, SUPPLY
from heat_network.tables import (
    ATTACHMENTS,
    CONNECTIONS,
    GRAPH_EDGES,
    GRAPH_NODES,
    NETWORK_NODES,
    NETWORK_PIPES,
    REPAIRS,
    SUBSTATION_CLUSTERS,
)
from layers.schema import columns_markdown
from layers.tables import LAYER_TABLES
from rooftop_pv.connections import FEEDERS, PV_CONNECTIONS
from rooftop_pv.county import PV_LEDGER
from rooftop_pv.county_targets import PV_TARGET_YEARS, PV_TARGETS
from rooftop_pv.county_totals import PV_COUNTIES
from rooftop_pv.ground_tables import GROUND_EXCLUSIONS, GROUND_SITES
from rooftop_pv.hosting import HOSTING
from rooftop_pv.layout_tables import LAYOUTS, MODULE_ROWS
from rooftop_pv.phasing import PV_PHASE_TOTALS, PV_PHASES
from rooftop_pv.quotas import PV_QUOTAS
from rooftop_pv.revenue_tables import PV_MONEY
from rooftop_pv.roof_totals import ROOFS
from rooftop_pv.supply_curve import PV_SUPPLY_CURVE
from rooftop_pv.tables import COUNTY_SUMMARY, PLANES, YIELDS
from rooftop_pv.tariffs import TARIFFS
from rooftop_pv.uncertainty import PV_PERCENTILES, PV_TORNADO, RANGES
from siting.tables import SITING_TABLES
from zibo_geo.assumption_rooms import ASSUMPTION_ROOMS
from zibo_geo.balances import BALANCES
from zibo_geo.target_tables import TARGET_TABLES

RESULT_TABLES = (
    PLANES,
    LAYOUTS,
    MODULE_ROWS,
    YIELDS,
    ROOFS,
    COUNTY_SUMMARY,
    PV_COUNTIES,
    TARIFFS,
    PV_MONEY,
    HOSTING,
    PV_CONNECTIONS,
    FEEDERS,
    PV_QUOTAS,
    PV_TARGETS,
    PV_TARGET_YEARS,
    PV_SUPPLY_CURVE,
    PV_LEDGER,
    PV_PHASES,
    PV_PHASE_TOTALS,
    PV_PERCENTILES,
    RANGES,
    PV_TORNADO,
    GROUND_SITES,
    GROUND_EXCLUSIONS,
    HEAT_BUILDINGS,
    SOURCE_RATIOS,
    SUPPLY,
    HEAT_HOURS,
    HEAT_SOURCE_USE,
    HEAT_CLUSTERS,
    HEAT_LINKS,
    HEAT_COSTS,
    HEAT_PARETO,
    HEAT_OUTAGES,
    GRAPH_NODES,
    GRAPH_EDGES,
    REPAIRS,
    ATTACHMENTS,
    NETWORK_NODES,
    NETWORK_PIPES,
    CONNECTIONS,
    SUBSTATION_CLUSTERS,
    PIPE_CATALOGUE,
    HEAT_PIPES,
    HEAT_NODES,
    HEAT_PLANTS,
    HEAT_SCHEMES,
    HEAT_ALTERNATIVES,
    HEAT_BREAK_EVEN,
    HEAT_TORNADO,
    HEAT_CONNECTIONS,
    HEAT_SUBSTATIONS,
    HEAT_NETWORKS,
    HEAT_COUNTIES,
    *SITING_TABLES,
    *TARGET_TABLES,
    BALANCES,
)


def columns_page() -> str:
    """Return ``docs/columns.md``."""
    return columns_markdown((*LAYER_TABLES, *RESULT_TABLES))


def assumptions_page() -> str:
    """Return ``docs/assumptions.md``."""
    opening = (
        "Generated from the code; do not edit by hand (`make docs-tables`). Confidence: *plan* is stated "
        "in the city's plan, *read* in a named public source, *computed* from the others, *unverified* is "
        "commonly quoted and its source was not seen. A case overrides any of them under "
        "`[assumptions.<room>]`."
    )
    lines = ["# Assumptions", "", opening, ""]
    for room, kind in ASSUMPTION_ROOMS.items():
        lines += [
            f"## {room}",
            "",
            "| key | value | unit | source | confidence |",
            "|---|---|---|---|---|",
        ]
        for key, row in kind().table().iterrows():
            cells = (f"`{key}`", row["value"], row["unit"], row["source"], row["confidence"])
            lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def write_pages(folder: Path) -> None:
    """Write the generated pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "columns.md").write_text(columns_page(), encoding="utf-8")
    (folder / "assumptions.md").write_text(assumptions_page(), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the generated pages.")
    parser.add_argument("folder", type=Path)
    write_pages(parser.parse_args().folder)
