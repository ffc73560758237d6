"""Charts and tables of heat: the season's load, the price of its hours, ways of heating, proofs, outages."""

__all__ = ["heat_charts", "heat_tables"]

import numpy as np
import pandas as pd

from heat_network.cost_tables import ALTERNATIVES
from zibo_geo.atlas.topics import Chart, DataTable, Series
from zibo_geo.heat_plan import HeatPlan
from zibo_geo.plan import Plan

_POINTS = 160
_ROWS = 12


def heat_charts(heat: HeatPlan) -> tuple[Chart, ...]:
    """Return the charts that the plan has data for."""
    made = []
    if len(heat.hours):
        made += [_duration(heat.hours), _price(heat.hours)]
    if heat.connections["connected"].any():
        made.append(_ways(heat))
    if len(heat.pareto) > 1:
        made.append(_pareto(heat.pareto))
    return tuple(made)


def _duration(hours: pd.DataFrame) -> Chart:
    """The season's hours sorted by their load, and which heat meets them."""
    sums = hours.groupby(level=0)[["demand_mw", "direct_mw", "heat_pump_mw", "boiler_mw"]].sum()
    order = np.argsort(-sums["demand_mw"].to_numpy(), kind="stable")
    rows = order[np.unique(np.linspace(0, len(sums) - 1, _POINTS).astype(int))]
    place = np.unique(np.linspace(0, len(sums) - 1, _POINTS).astype(int))
    kept = {
        "series_heat_demand": sums["demand_mw"],
        "series_heat_direct": sums["direct_mw"],
        "series_heat_pump": sums["heat_pump_mw"],
        "series_heat_boiler": sums["boiler_mw"],
    }
    return Chart(
        title="chart_heat_duration",
        kind="lines",
        x=tuple(float(number + 1) for number in place),
        series=tuple(
            Series(label=label, values=tuple(values.to_numpy(dtype=float)[rows]))
            for label, values in kept.items()
            if label == "series_heat_demand" or values.sum() > 0.0
        ),
        x_label="axis_hours",
        x_unit="h",
        y_unit="MW",
    )


def _price(hours: pd.DataFrame) -> Chart:
    """The cost of one more GJ, mean over the heat of each day of the season in its own order."""
    day = hours.index.normalize()
    first = day[day.month >= 7].min() if (day.month >= 7).any() else day.min()
    paid = (hours["price_cny_gj"] * hours["demand_mw"]).groupby(day).sum()
    taken = hours["demand_mw"].groupby(day).sum()
    mean = (paid / taken.where(taken > 0.0)).rename("price")
    order = [*mean.index[mean.index >= first], *mean.index[mean.index < first]]
    values = mean.reindex(order)
    return Chart(
        title="chart_heat_price",
        kind="steps",
        x=tuple(float(number + 1) for number in range(len(values))),
        series=(Series(label="series_heat_price", values=tuple(values.to_numpy(dtype=float))),),
        x_label="axis_season_day",
        y_unit="CNY/GJ",
    )


def _ways(heat: HeatPlan) -> Chart:
    """What the connected buildings' heat costs by every way of heating."""
    rows = heat.alternatives[heat.alternatives["network_cny_gj"].notna()]
    weight = rows["heat_gj"] / rows["heat_gj"].sum()
    names = ("network", *ALTERNATIVES)
    words = ("热网DH", "煤coal", "气gas", "空气air", "地源gnd", "电el")
    return Chart(
        title="chart_heat_ways",
        kind="bars",
        x=words,
        series=(
            Series(
                label="series_heat_cost",
                values=tuple(float((rows[f"{name}_cny_gj"] * weight).sum()) for name in names),
            ),
        ),
        y_unit="CNY/GJ",
    )


def _pareto(points: pd.DataFrame) -> Chart:
    rows = points.sort_values("co2_kg")
    return Chart(
        title="chart_heat_pareto",
        kind="points",
        x=tuple(rows["co2_kg"].to_numpy(dtype=float) / 1e6),
        series=(
            Series(
                label="series_heat_yearly",
                values=tuple(rows["cost_cny"].to_numpy(dtype=float) / 1e6),
            ),
        ),
        x_label="axis_co2",
        x_unit="kt/a",
        y_unit="M CNY/a",
    )


def heat_tables(plan: Plan, heat: HeatPlan) -> tuple[DataTable, ...]:
    """Return the tables of the panel: proofs, who is not served, outages, schemes, the tornado."""
    names = plan.layers.heat_sources["name"].astype("object")
    named = {str(key): str(name) for key, name in names.items() if not pd.isna(name)}
    asks = heat.connections[heat.connections["heat_gj"] > 0.0]
    answers = asks.groupby(asks["reason"].astype("str").to_numpy()).agg(
        buildings=("peak_kw", "size"), heat_tj=("heat_gj", "sum")
    )
    answers = (
        answers.assign(heat_tj=answers["heat_tj"] / 1e3).rename_axis("heat_answer").reset_index()
    )
    schemes = heat.schemes[heat.schemes["level"].isin(["all", "zone"])]
    outages = heat.outages.sort_values("unserved_gj", ascending=False).head(_ROWS)
    return (
        DataTable(
            title="table_heat_schemes",
            frame=schemes.assign(
                zone=schemes.index.str.removeprefix("zone:"), capex_mcny=schemes["capex_cny"] / 1e6,
                npv_mcny=schemes["npv_cny"] / 1e6, pipe_km=schemes["length_m"] / 1e3,
            ),
            fields=(
                ("zone", "-"), ("pipe_km", "km"), ("density_mwh_m", "MWh/m"), ("capex_mcny", "M CNY"),
                ("lcoh_cny_gj", "CNY/GJ"), ("alternative_cny_gj", "CNY/GJ"), ("npv_mcny", "M CNY"),
                ("irr", "%"),
            ),
        ),
        DataTable(
            title="table_heat_answers",
            frame=answers.sort_values("heat_tj", ascending=False),
            fields=(("heat_answer", "-"), ("buildings", "1"), ("heat_tj", "TJ")),
        ),
        DataTable(
            title="table_heat_networks",
            frame=heat.networks.reset_index().assign(
                network_level=heat.networks["level"].astype("str").to_numpy(),
                value_mcny=heat.networks["value_cny"].to_numpy() / 1e6,
                bound_mcny=heat.networks["bound_cny"].to_numpy() / 1e6,
            ),
            fields=(
                ("zone", "-"), ("network_level", "-"), ("asked", "1"), ("connected", "1"),
                ("value_mcny", "M CNY"),
                ("bound_mcny", "M CNY"), ("gap", "%"),
            ),
        ),
        DataTable(
            title="table_heat_outages",
            frame=outages.assign(
                source_name=[named.get(str(key), str(key)) for key in outages["source_id"]],
                spare_mcny=outages["spare_cny"] / 1e6,
            ),
            fields=(
                ("source_name", "-"), ("unserved_share", "%"), ("unserved_peak_mw", "MW"),
                ("unserved_h", "h"), ("spare_mw", "MW"), ("spare_mcny", "M CNY"),
            ),
        ),
        DataTable(
            title="table_heat_tornado",
            frame=heat.tornado.reset_index().assign(key=heat.tornado.index.astype("str")),
            fields=(
                ("key", "-"), ("low", "1"), ("high", "1"), ("result_low", "CNY/GJ"),
                ("result_high", "CNY/GJ"),
            ),
        ),
    )  # fmt: skip
