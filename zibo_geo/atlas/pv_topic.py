"""Rooftop PV on the map: potential, money, grid, quotas, years, and the reason for every roof."""

__all__ = ["pv_topic"]

import numpy as np
import pandas as pd

from rooftop_pv.county import ledger_totals
from rooftop_pv.tables import MONTH_COLUMNS
from zibo_geo.atlas.topics import (
    Category,
    Chart,
    DataTable,
    Figure,
    Metric,
    Overlay,
    Series,
    Style,
    Topic,
)
from zibo_geo.plan import Plan, RooftopPvPlan
from zibo_geo.summary import plan_figures, pv_summary

_GWH_PER_KWH = 1e-6
_CURVE_POINTS = 120
# Green, yellow and red of the hosting notice, in colours safe for colour-blind readers, with signs.
_HOSTING = (
    Category("green", "#009e73", "✓"),
    Category("yellow", "#f0e442", "!"),
    Category("red", "#d55e00", "×"),
)
_ANSWERS = (
    Category("quota", "#0072b2", "Q"),
    Category("target", "#56b4e9", "T"),
    Category("not_needed", "#bdbdbd", ""),
    Category("uneconomic", "#cc79a7", "–"),
    Category("grid", "#d55e00", "×"),
    Category("no_modules", "#eeeeee", ""),
    Category("existing", "#009e73", "✓"),
    Category("no_income", "#e69f00", "!"),
)


def pv_topic(plan: Plan, pv: RooftopPvPlan) -> Topic:
    """Return rooftop PV: potential, money and quota per county and roof, the grid, and the year."""
    return Topic(
        key="pv",
        summary=pv_summary(plan),
        figures=tuple(
            Figure(label=tuple(item["label"]), value=item["value"], unit=item["unit"])
            for item in plan_figures(pv)
        ),
        county_metrics=(
            Metric(key="capacity_mw", unit="MW", sums=True),
            Metric(key="yield_gwh", unit="GWh", sums=True),
            Metric(key="specific_yield_kwh_kwp", unit="kWh/kWp"),
            Metric(key="economic_mw", unit="MW", sums=True),
            Metric(key="quota_progress", unit="%", palette="navy"),
            Metric(key="chosen_mw", unit="MW", sums=True),
            Metric(key="refused_mw", unit="MW", palette="violet", sums=True),
            Metric(key="roof_m2", unit="m²", palette="navy", sums=True),
            Metric(key="usable_share", unit="%", palette="navy"),
        ),
        county_values=_county_values(pv),
        roof_metrics=(
            Metric(key="capacity_kwp", unit="kWp", sums=True),
            Metric(key="yield_kwh", unit="kWh", sums=True),
            Metric(key="specific_yield_kwh_kwp", unit="kWh/kWp"),
            Metric(key="shading_loss", unit="%", palette="violet"),
            Metric(key="lcoe_cny_kwh", unit="CNY/kWh", palette="blue_red", centre=_usual_price(pv)),
            Metric(key="answer", unit="-", categories=_ANSWERS),
            Metric(key="hosting", unit="-", categories=_HOSTING),
        ),
        roof_values=_roof_values(pv),
        roof_fields=(
            ("roof_m2", "m²"),
            ("modules", "1"),
            ("capacity_kwp", "kWp"),
            ("yield_kwh", "kWh"),
            ("specific_yield_kwh_kwp", "kWh/kWp"),
            ("shading_loss", "%"),
            ("lcoe_cny_kwh", "CNY/kWh"),
            ("payback_years", "a"),
            ("self_share", "%"),
            ("answer", "-"),
            ("county_rank", "1"),
            ("hosting", "-"),
            ("grid_answer", "-"),
            ("co2_kg", "kg"),
        ),
        roof_year="built_year",
        overlays=_overlays(pv),
        charts=(_months(pv), _curve(pv.supply_curve), _years(pv.phase_totals)),
        tables=_tables(pv),
    )


def _county_values(pv: RooftopPvPlan) -> pd.DataFrame:
    totals = ledger_totals(pv.ledger, "county")
    return pv.counties.join(totals[["economic_mw", "chosen_mw", "refused_mw", "quota_progress"]])


def _roof_values(pv: RooftopPvPlan) -> pd.DataFrame:
    modules = pv.layouts["modules"].groupby(pv.layouts.index.str.rsplit("#", n=1).str[0]).sum()
    return (
        pd.DataFrame(pv.roofs.drop(columns="geometry"))
        .join(modules.astype("float64"))
        .join(pv.money[["lcoe_cny_kwh", "payback_years", "self_share"]])
        .join(pv.supply_curve[["county_rank"]].astype("float64"))
        .assign(
            answer=pv.supply_curve["reason"].astype("str").reindex(pv.roofs.index),
            hosting=pv.connections["colour"].reindex(pv.roofs.index),
            grid_answer=pv.connections["reason"].astype("str").reindex(pv.roofs.index),
            built_year=pv.phases["year"].astype("float64").reindex(pv.roofs.index),
        )
    )


def _usual_price(pv: RooftopPvPlan) -> float | None:
    """The middle of what a kWh is worth, around which the colours of its cost turn."""
    value = pv.money["value_cny_kwh"].median()
    return None if pd.isna(value) else float(value)


def _overlays(pv: RooftopPvPlan) -> tuple[Overlay, ...]:
    made = []
    if pv.module_rows is not None:
        made.append(
            Overlay(
                key="module_rows",
                frame=pv.module_rows,
                fields=(("plane_id", "-"), ("modules", "1")),
                style=Style(colour="#1f3b73", fill_opacity=0.8),
                shown=True,
                minimum_zoom=17,
            )
        )
    if pv.ground_sites is not None:
        made.append(
            Overlay(
                key="ground_sites",
                frame=pv.ground_sites,
                fields=(
                    ("area_ha", "ha"),
                    ("slope_deg", "°"),
                    ("street_distance_m", "m"),
                    ("substation_distance_m", "m"),
                    ("substation_id", "-"),
                    ("capacity_mw", "MW"),
                    ("yield_gwh", "GWh"),
                ),
                style=Style(by="capacity_mw", palette="yellow_brown", fill_opacity=0.5),
                shown=True,
                simplify_m=10.0,
            )
        )
    if len(pv.hosting):
        made.append(
            Overlay(
                key="hosting",
                frame=pv.hosting.join(pv.feeders[["roofs", "accepted_mw", "refused_mw"]]),
                fields=(
                    ("voltage_kv", "kV"),
                    ("colour", "-"),
                    ("red_by", "-"),
                    ("hosting_mw", "MW"),
                    ("room_mw", "MW"),
                    ("accepted_mw", "MW"),
                    ("refused_mw", "MW"),
                ),
                style=Style(by="colour", categories=_HOSTING, radius_px=5.0),
                minimum_zoom=11,
            )
        )
    return tuple(made)


def _months(pv: RooftopPvPlan) -> Chart:
    roofs = pv.roofs
    return Chart(
        title="chart_pv_months",
        kind="bars",
        x=tuple(str(month) for month in range(1, 13)),
        series=(
            Series(
                label="series_energy",
                values=tuple(float(roofs[name].sum()) * _GWH_PER_KWH for name in MONTH_COLUMNS),
            ),
        ),
        x_label="axis_month",
        y_unit="GWh",
    )


def _curve(curve: pd.DataFrame) -> Chart:
    """Cost against cumulative capacity, thinned to what a chart can show."""
    known = curve[curve["rank"].notna() & curve["lcoe_cny_kwh"].notna()].sort_values("rank")
    rows = np.unique(np.linspace(0, max(len(known) - 1, 0), _CURVE_POINTS).astype(int))
    shown = known.iloc[rows] if len(known) else known
    return Chart(
        title="chart_pv_supply",
        kind="steps",
        x=tuple(shown["cumulative_mw"].astype("float64")),
        series=(
            Series(label="series_lcoe", values=tuple(shown["lcoe_cny_kwh"].astype("float64"))),
        ),
        x_label="axis_cumulative",
        x_unit="MW",
        y_unit="CNY/kWh",
    )


def _years(totals: pd.DataFrame) -> Chart:
    built = totals.groupby("year")["built_mw"].sum() if len(totals) else pd.Series(dtype="float64")
    return Chart(
        title="chart_pv_years",
        kind="bars",
        x=tuple(str(year) for year in built.index),
        series=(Series(label="series_built", values=tuple(built.astype("float64"))),),
        x_label="axis_year",
        y_unit="MW",
    )


def _tables(pv: RooftopPvPlan) -> tuple[DataTable, ...]:
    kinds = ledger_totals(pv.ledger, "pilot_kind").reset_index()
    bars = pv.tornado.reset_index()
    return (
        DataTable(
            title="table_pv_kinds",
            frame=kinds,
            fields=(
                ("pilot_kind", "-"),
                ("technical_mw", "MW"),
                ("economic_mw", "MW"),
                ("quota_share", "%"),
                ("quota_progress", "%"),
                ("chosen_mw", "MW"),
            ),
        ),
        DataTable(
            title="table_pv_tornado",
            frame=bars.assign(swing_mcny=bars["swing"] / 1e6),
            fields=(("key", "-"), ("low", "1"), ("high", "1"), ("swing_mcny", "M CNY")),
        ),
    )
