"""The chapter on heat: who needs it, who gives it along which streets, at what cost beside the others."""

__all__ = ["heat_chapter"]

from collections.abc import Mapping

import pandas as pd

from zibo_geo.plan import Plan
from zibo_geo.report.blocks import Block, Grid, Heading, Paragraph, Pictures, both
from zibo_geo.report.chart import Chart
from zibo_geo.report.heat_pictures import (
    alternatives_chart,
    duration_chart,
    network_map,
    pareto_chart,
)
from zibo_geo.report.heat_sentences import heat_sentences
from zibo_geo.report.numbers import amount, count, ratio, share
from zibo_geo.report.pv_facts import rows_of
from zibo_geo.report.static_map import StaticMap
from zibo_geo.report.words import Wording

Words = tuple[str, str]
_ROWS = 12


def heat_chapter(
    plan: Plan, frames: Mapping[str, pd.DataFrame], wording: Wording, *, county: str | None
) -> list[Block]:
    """Return the blocks for one county, or for the whole area without one.

    Parameters
    ----------
    plan : Plan
        Its layers lie under the map.
    frames : mapping of str to DataFrame
        Tables of the heat plan by name.
    wording : Wording
        Words.
    county : str, optional
        Adcode.
    """
    cut = _cut(plan, frames, county)
    names = _names(plan)
    said = heat_sentences(cut, wording, names=names)
    blocks: list[Block] = [Heading(wording.of("heading_heat"))]
    if said:
        blocks.append(Paragraph(tuple(said.values())))
    pictures: list[Chart | StaticMap] = []
    if "heat_pipes" in cut and len(cut["heat_pipes"]):
        pictures.append(network_map(plan, cut, county))
    if "heat_alternatives" in cut and cut["heat_alternatives"]["heat_gj"].sum() > 0.0:
        pictures.append(alternatives_chart(cut["heat_alternatives"], wording))
    if county is None and "heat_hours" in frames and len(frames["heat_hours"]):
        pictures.append(duration_chart(frames["heat_hours"]))
    pareto = frames.get("heat_pareto")
    if county is None and pareto is not None and len(pareto["co2_kg"].unique()) > 1:
        pictures.append(pareto_chart(pareto))
    if pictures:
        blocks.append(Pictures(tuple(pictures)))
    grids = (
        _counties(plan, cut, wording),
        _sources(plan, cut, wording),
        _outages(cut, wording, names),
        _unserved(cut, wording),
    )
    return [*blocks, *(grid for grid in grids if grid is not None and grid.rows)]


def _cut(
    plan: Plan, frames: Mapping[str, pd.DataFrame], county: str | None
) -> dict[str, pd.DataFrame]:
    """Return what of the heat plan belongs to a county: by its column, its buildings or its sources."""
    if county is None:
        return dict(frames)
    sources = set(rows_of(plan.layers.heat_sources, county).index.astype("str"))
    buildings = rows_of(plan.layers.buildings, county).index
    cut = {}
    for name, frame in frames.items():
        if "county" in frame.columns or frame.index.name == "county":
            cut[name] = rows_of(frame, county)
        elif frame.index.name == "building_id":
            cut[name] = frame[frame.index.isin(buildings)]
        elif frame.index.name == "source_id":
            cut[name] = frame[frame.index.astype("str").isin(sources)]
        elif name in {"heat_pipes", "heat_networks"}:
            cut[name] = frame  # cut by the map; proven for whole zones
        elif "source_id" in frame.columns:
            cut[name] = frame[frame["source_id"].astype("str").isin(sources)]
        elif name == "heat_schemes":
            own = frame[frame.index == f"county:{county}"]
            cut[name] = own.assign(level=own["level"].astype("str"))
    return cut


def _names(plan: Plan) -> dict[str, str]:
    """Return what sources are called; a cluster that one source feeds has that source's key."""
    given = plan.layers.heat_sources["name"].dropna()
    return {str(key): str(name) for key, name in given.items()}


def _sources(plan: Plan, frames: Mapping[str, pd.DataFrame], wording: Wording) -> Grid | None:
    use = frames.get("heat_sources_use")
    if use is None:
        return None
    layer = plan.layers.heat_sources
    rows = []
    heat = use["direct_gj"] + use["heat_pump_gj"]
    for key in heat.sort_values(ascending=False).head(_ROWS).index:
        known = key in layer.index
        name = layer.loc[key, "name"] if known else None
        kind = wording.value("kind", layer.loc[key, "kind"]) if known else both("–")
        rows.append(
            (
                both(key if name is None or pd.isna(name) else f"{name} · {key}"),
                kind,
                amount(use.loc[key, "direct_gj"]),
                amount(use.loc[key, "heat_pump_gj"]),
                amount(use.loc[key, "peak_mw"]),
                share(use.loc[key, "used_share"]),
            )
        )
    keys = ("heat_source", "heat_kind", "direct_gj", "heat_pump_gj", "peak_mw", "used_share")
    return Grid(
        title=wording.of("grid_heat_sources"),
        head=tuple(wording.of(f"head_{key}") for key in keys),
        rows=tuple(rows),
        numeric=(False, False, True, True, True, True),
    )


def _outages(
    frames: Mapping[str, pd.DataFrame], wording: Wording, names: Mapping[str, str]
) -> Grid | None:
    outages = frames.get("heat_outages")
    if outages is None:
        return None
    worst = outages[outages["unserved_gj"] > 0.0].sort_values("unserved_gj", ascending=False)
    rows = [
        (
            both(names.get(row["source_id"], row["source_id"])),
            both(names.get(row["cluster"], row["cluster"])),
            amount(row["unserved_gj"]),
            amount(row["unserved_peak_mw"]),
            both(count(row["unserved_h"])),
            share(row["unserved_share"]),
            amount(row["spare_mw"]),
        )
        for _, row in worst.head(_ROWS).iterrows()
    ]
    note = (
        f"{count(len(worst))} 种停运有缺供，此处列最严重的 {len(rows)} 种；全部见 heat_outages.csv。",
        f"The {len(rows)} worst of {count(len(worst))} outages; all: heat_outages.csv.",
    )
    keys = (
        "outage_source",
        "cluster",
        "unserved_gj",
        "unserved_mw",
        "unserved_h",
        "unserved_share",
        "spare_mw",
    )
    return Grid(
        title=wording.of("grid_outages"),
        head=tuple(wording.of(f"head_{key}") for key in keys),
        rows=tuple(rows),
        numeric=(False, False, True, True, True, True, True),
        note=("", "") if len(rows) == len(worst) else note,
    )


def _unserved(frames: Mapping[str, pd.DataFrame], wording: Wording) -> Grid | None:
    """Return buildings with a demand that are not connected, by the reason."""
    connections = frames.get("heat_connections")
    if connections is None:
        return None
    left = connections[~connections["connected"] & (connections["heat_gj"] > 0.0)]
    groups = left.groupby(left["reason"].astype("str"))["heat_gj"]
    sums = groups.sum().sort_values(ascending=False)
    sizes = groups.size()
    rows = tuple(
        (
            wording.value("heat_answer", reason),
            both(count(sizes[reason])),
            amount(heat),
            share(ratio(heat, connections["heat_gj"].sum())),
        )
        for reason, heat in sums.items()
    )
    keys = ("reason", "buildings", "heat_gj", "heat_share")
    return Grid(
        title=wording.of("grid_unserved"),
        head=tuple(wording.of(f"head_{key}") for key in keys),
        rows=rows,
        numeric=(False, True, True, True),
        note=(
            "逐栋建筑的答复见 plan.gpkg 和 tables/heat_connections.parquet。",
            "The answer for every building is in tables/heat_connections.parquet.",
        ),
    )


def _counties(plan: Plan, frames: Mapping[str, pd.DataFrame], wording: Wording) -> Grid | None:
    counties = frames.get("heat_counties")
    if counties is None or len(counties) < 2:
        return None
    names = plan.layers.area.counties["name"]
    rows = tuple(
        (
            both(names.get(key, key)),
            both(count(row["buildings"])),
            amount(row["demand_mw"]),
            share(row["served_share"]),
            amount(row["pipe_km"]),
            amount(row["capex_mcny"]),
            amount(row["lcoh_cny_gj"]),
            amount(row["alternative_cny_gj"]),
            amount(row["outage_tj"]),
        )
        for key, row in counties.iterrows()
    )
    keys = ("county", "heat_buildings", "demand_mw", "served", "pipe_km", "capex_mcny", "lcoh", "other_lcoh",
            "outage_tj")  # fmt: skip
    return Grid(
        title=wording.of("grid_heat_counties"),
        head=tuple(wording.of(f"head_{key}") for key in keys),
        rows=rows,
        numeric=(False, *(True for _ in keys[1:])),
    )
