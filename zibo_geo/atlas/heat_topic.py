"""Heat on the map: sources, pipes by size, substations, who is served or why not, and outages."""

__all__ = ["heat_topic"]

import geopandas as gpd
import numpy as np
import pandas as pd

from heat_network.cost_tables import ALTERNATIVES
from zibo_geo.atlas.heat_charts import heat_charts, heat_tables
from zibo_geo.atlas.topics import Category, Figure, Metric, Overlay, Style, Topic
from zibo_geo.heat_plan import HeatPlan
from zibo_geo.heat_summary import heat_figures, heat_sentence
from zibo_geo.plan import Plan

_RED = "#d55e00"
_KINDS = (
    Category("coal_chp", "#3e4c59", "C"),
    Category("gas_chp", "#56b4e9", "G"),
    Category("biomass_chp", "#009e73", "B"),
    Category("waste_to_energy", "#e69f00", "W"),
    Category("refinery", "#d55e00", "R"),
    Category("chemical", "#cc79a7", "K"),
    Category("steel", "#0072b2", "S"),
    Category("boiler", "#f0e442", "H"),
    Category("other", "#8c99a6", "O"),
)
_ANSWERS = (
    Category("connected", "#0072b2", "✓"),
    Category("small", "#bdbdbd", ""),
    Category("thin", "#d9d0c0", ""),
    Category("cheaper_alone", "#cc79a7", "–"),
    Category("too_far", "#e69f00", "!"),
    Category("far_from_street", "#f0e442", "!"),
    Category("too_high", "#56b4e9", "!"),
    Category("unreachable", "#d55e00", "×"),
    Category("no_capacity", "#d55e00", "×"),
    Category("no_source", "#3e4c59", "×"),
    Category("size", "#eeeeee", ""),
    Category("use", "#eeeeee", ""),
)
_STATUS = (Category("accepted", "#0072b2", "✓"), Category("infeasible", _RED, "×"))
_COUNTY = (
    "demand_tj", "served_share", "unserved_tj", "density_mwh_m", "lcoh_cny_gj", "outage_tj",
)  # fmt: skip


def heat_topic(plan: Plan) -> Topic:
    """Return heat: the network where it was planned, else the sources there are."""
    if plan.heat is None:
        return Topic(
            key="heat",
            figures=(
                Figure(label="figure_heat_sources", value=float(len(plan.layers.heat_sources))),
            ),
            overlays=(
                Overlay(
                    key="heat_sources",
                    frame=plan.layers.heat_sources,
                    shown=True,
                    fields=(
                        ("kind", "-"), ("status", "-"), ("electric_mw", "MW"), ("heat_mw", "MW"),
                        ("temperature_c", "°C"), ("source", "-"),
                    ),
                    style=Style(colour=_RED, radius_px=7.0),
                ),
            ),
        )  # fmt: skip
    heat = plan.heat
    chinese, english = heat_sentence(heat)
    figures = heat_figures(heat)
    return Topic(
        key="heat",
        summary=(chinese + "。", english[:1].upper() + english[1:] + "."),
        figures=tuple(
            Figure(label=f"figure_heat_{name}", value=value, unit=unit)
            for name, (value, unit) in figures.items()
        ),
        county_metrics=(
            Metric(key="heat_demand_tj", unit="TJ", palette="cream_red", sums=True),
            Metric(key="heat_served_share", unit="%", palette="navy"),
            Metric(key="heat_unserved_tj", unit="TJ", palette="violet", sums=True),
            Metric(key="heat_density_mwh_m", unit="MWh/m", palette="cream_red"),
            Metric(key="heat_lcoh_cny_gj", unit="CNY/GJ", palette="blue_red", centre=_usual(heat)),
            Metric(key="heat_outage_tj", unit="TJ", palette="violet"),
        ),
        county_values=heat.counties[list(_COUNTY)].add_prefix("heat_"),
        roof_metrics=(
            Metric(key="heat_answer", unit="-", categories=_ANSWERS),
            Metric(
                key="heat_density_mwh_ha",
                unit="MWh/ha",
                palette="cream_red",
                breaks=(50.0, 100.0, 200.0, 400.0, 800.0),
            ),
            Metric(key="heat_peak_kw", unit="kW", palette="cream_red", sums=True),
            Metric(key="heat_cny_gj", unit="CNY/GJ", palette="blue_red", centre=_usual(heat)),
            Metric(key="heat_outage_share", unit="%", palette="violet"),
        ),
        roof_values=_roof_values(heat),
        roof_fields=(
            ("heat_answer", "-"), ("heat_peak_kw", "kW"), ("heat_gj", "GJ"), ("heat_source", "-"),
            ("heat_substation", "-"), ("heat_distance_m", "m"), ("heat_cny_gj", "CNY/GJ"),
            *((f"heat_{name}_cny_gj", "CNY/GJ") for name in ALTERNATIVES),
            ("heat_outage_share", "%"),
        ),
        overlays=_overlays(plan, heat),
        charts=heat_charts(heat),
        tables=heat_tables(plan, heat),
    )  # fmt: skip


def _usual(heat: HeatPlan) -> float | None:
    """The cost of the cheapest other heating, around which the colours of cost turn."""
    value = heat.connections["cheapest_cny_gj"].median()
    return None if pd.isna(value) else float(value)


def _roof_values(heat: HeatPlan) -> pd.DataFrame:
    rows = heat.connections
    costs = heat.alternatives[[f"{name}_cny_gj" for name in ALTERNATIVES]].add_prefix("heat_")
    return pd.DataFrame(
        {
            "heat_answer": rows["reason"].astype("str"),
            "heat_density_mwh_ha": rows["density_mwh_ha"].where(rows["heat_gj"] > 0.0),
            "heat_peak_kw": rows["peak_kw"].where(rows["heat_gj"] > 0.0),
            "heat_gj": rows["heat_gj"].where(rows["heat_gj"] > 0.0),
            "heat_source": rows["source_id"],
            "heat_substation": rows["substation_id"],
            "heat_distance_m": rows["distance_m"],
            "heat_cny_gj": rows["network_cny_gj"],
            "heat_outage_share": rows["outage_share"],
        }
    ).join(costs)


def _overlays(plan: Plan, heat: HeatPlan) -> tuple[Overlay, ...]:
    second = heat.pipes["level"] == "secondary" if len(heat.pipes) else pd.Series(dtype=bool)
    fields = (
        ("dn_mm", "mm"), ("pairs", "1"), ("role", "-"), ("length_m", "m"), ("heat_load_mw", "MW"),
        ("velocity_m_s", "m/s"), ("friction_pa_m", "Pa/m"), ("supply_kpa", "kPa"), ("return_kpa", "kPa"),
        ("supply_in_c", "°C"), ("supply_out_c", "°C"), ("return_out_c", "°C"), ("loss_kw", "kW"),
        ("relays", "1"), ("density_mwh_m", "MWh/m"), ("bound_by", "-"),
    )  # fmt: skip
    pipes = _with_pressures(heat)
    return (
        Overlay(
            key="heat_repairs",
            frame=heat.repairs.assign(repair_kind=heat.repairs["kind"].astype("str")),
            fields=(("repair_kind", "-"), ("size_m", "m"), ("detail", "-")),
            style=Style(colour="#e69f00", width_px=(3.0, 3.0), radius_px=4.0),
            minimum_zoom=13,
        ),
        Overlay(
            key="heat_pipes_secondary",
            frame=pipes[second] if len(pipes) else pipes,
            fields=fields,
            style=Style(by="dn_mm", palette="navy", width_px=(0.8, 3.0)),
            shown=True,
            minimum_zoom=14,
        ),
        Overlay(
            key="heat_pipes",
            frame=pipes[~second] if len(pipes) else pipes,
            fields=fields,
            style=Style(by="dn_mm", palette="navy", width_px=(1.2, 6.0)),
            shown=True,
        ),
        Overlay(
            key="heat_substations",
            frame=heat.substations,
            fields=(
                ("status", "-"), ("buildings", "1"), ("peak_kw", "kW"), ("distance_m", "m"),
                ("supply_c", "°C"), ("supply_kpa", "kPa"), ("return_kpa", "kPa"), ("available_kpa", "kPa"),
                ("lcoh_cny_gj", "CNY/GJ"), ("source_id", "-"), ("binding", "-"),
            ),
            style=Style(by="status", categories=_STATUS, radius_px=5.0),
            shown=True,
            minimum_zoom=11,
        ),
        *_outage_overlay(plan, heat),
        Overlay(
            key="heat_sources",
            frame=_sources(heat),
            shown=True,
            fields=(
                ("kind", "-"), ("status", "-"), ("usable", "-"), ("heat_mw", "MW"), ("hot_c", "°C"),
                ("cold_c", "°C"), ("method", "-"), ("peak_mw", "MW"), ("used_share", "%"),
                ("cost_cny_gj", "CNY/GJ"), ("marginal_cny_mw", "CNY/MW"), ("break_even_km", "km"),
                ("closure_risk", "%"), ("note", "-"), ("source", "-"),
            ),
            style=Style(by="kind", categories=_KINDS, radius_px=7.0),
        ),
    )  # fmt: skip


def _with_pressures(heat: HeatPlan) -> gpd.GeoDataFrame:
    """Return the pipes with the pressure at their far end and their load in MW."""
    if heat.pipes.empty:
        return heat.pipes
    far = heat.nodes[~heat.nodes.index.duplicated()].reindex(heat.pipes["v"].astype("str"))
    return heat.pipes.assign(
        supply_kpa=far["supply_kpa"].to_numpy(),
        return_kpa=far["return_kpa"].to_numpy(),
        heat_load_mw=heat.pipes["peak_kw"] / 1e3,
    )


def _sources(heat: HeatPlan) -> gpd.GeoDataFrame:
    use = heat.sources_use[["peak_mw", "used_share", "marginal_cny_mw"]]
    return heat.supply.join(use).join(heat.break_even[["break_even_km"]])


def _outage_overlay(plan: Plan, heat: HeatPlan) -> tuple[Overlay, ...]:
    """Return who lacks heat under each outage: substations by scenario."""
    lacking = heat.outages[heat.outages["unserved_gj"] > 0.0]
    if lacking.empty or heat.substations.empty:
        return ()
    names = plan.layers.heat_sources["name"].reindex(lacking["source_id"].astype("str")).to_numpy()
    rows = lacking.assign(
        scenario=[
            str(key) if pd.isna(name) else str(name)
            for key, name in zip(lacking["source_id"], names, strict=True)
        ]
    )
    stations = heat.substations.reset_index()[["substation_id", "source_id", "peak_kw", "geometry"]]
    joined = stations.merge(
        rows[["cluster", "scenario", "unserved_share", "unserved_peak_mw", "spare_mw"]],
        left_on="source_id", right_on="cluster",
    )  # fmt: skip
    frame = gpd.GeoDataFrame(joined, geometry="geometry", crs=heat.substations.crs)
    frame.index = pd.Index(
        [f"{a}×{b}" for a, b in zip(frame["scenario"], frame["substation_id"], strict=True)]
    )
    frame["unserved_share"] = np.minimum(frame["unserved_share"], 1.0)
    return (
        Overlay(
            key="heat_outages",
            frame=frame,
            fields=(
                ("scenario", "-"), ("unserved_share", "%"), ("peak_kw", "kW"), ("spare_mw", "MW"),
            ),
            style=Style(colour=_RED, radius_px=8.0),
            choice="scenario",
        ),
    )  # fmt: skip
