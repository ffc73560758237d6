"""The charts of rooftop PV: quotas by roof kind, supply curve, years, months."""

__all__ = ["months_chart", "quota_chart", "supply_chart", "years_chart"]

import numpy as np

from rooftop_pv.tables import MONTH_COLUMNS
from zibo_geo.plan import RooftopPvPlan
from zibo_geo.report.blocks import both
from zibo_geo.report.chart import Chart, Series
from zibo_geo.report.pv_facts import PvFacts, rows_of
from zibo_geo.report.words import Wording

_GWH_PER_KWH = 1e-6
_CURVE_POINTS = 240


def quota_chart(facts: PvFacts, wording: Wording) -> Chart:
    """Return the share of the roof area that must and that does carry PV, by roof kind."""
    asked = [kind for kind in facts.kinds if kind.asked]
    return Chart(
        key="pv_quota",
        title=("各类屋顶的最低比例与方案", "Minimum shares by roof kind, asked and reached"),
        kind="bars",
        labels=tuple(wording.value("pilot_kind", kind.kind) for kind in asked),
        series=(
            Series(label=("要求", "asked"), y=tuple(kind.required_share for kind in asked)),
            Series(label=("方案", "reached"), y=tuple(kind.reached_share for kind in asked)),
        ),
        y_label=("占屋面面积", "of roof area"),
        percent=True,
    )


def supply_chart(pv: RooftopPvPlan, county: str | None) -> Chart:
    """Return cost against cumulative capacity, thinned; dashed is what half the roofs' energy is worth."""
    curve = rows_of(pv.supply_curve, county)
    rank, total = (
        ("rank", "cumulative_mw") if county is None else ("county_rank", "county_cumulative_mw")
    )
    known = curve[curve[rank].notna() & curve["lcoe_cny_kwh"].notna()].sort_values(rank)
    rows = np.unique(np.linspace(0, max(len(known) - 1, 0), _CURVE_POINTS).astype(int))
    shown = known.iloc[rows] if len(known) else known
    worth = rows_of(pv.money, county)["value_cny_kwh"].median()
    return Chart(
        key="pv_supply_curve",
        title=("供给曲线：度电成本", "Supply curve: cost of a kWh"),
        kind="steps",
        series=(
            Series(
                label=("度电成本", "LCOE"),
                x=tuple(shown[total].astype("float64")),
                y=tuple(shown["lcoe_cny_kwh"].astype("float64")),
            ),
        ),
        x_label=("累计容量 [MW]", "cumulative capacity [MW]"),
        y_label=("元/kWh", "CNY/kWh"),
        target=float(worth) if worth == worth else None,  # noqa: PLR0124 - missing without roofs
        target_label=("度电价值中位数", "median worth of a kWh"),
    )


def years_chart(facts: PvFacts) -> Chart:
    """Return capacity built by the end of each year beside what is asked."""
    return Chart(
        key="pv_years",
        title=("逐年累计容量与目标", "Capacity by year, built and asked"),
        kind="bars",
        labels=tuple(both(year.year) for year in facts.years),
        series=(
            Series(label=("累计目标", "asked"), y=tuple(year.target_mw for year in facts.years)),
            Series(
                label=("累计建设", "built"), y=tuple(year.cumulative_mw for year in facts.years)
            ),
        ),
        y_label=both("MW"),
    )


def months_chart(pv: RooftopPvPlan, county: str | None) -> Chart:
    """Return the energy of each month."""
    roofs = rows_of(pv.roofs, county)
    sums = tuple(float(roofs[name].sum()) * _GWH_PER_KWH for name in MONTH_COLUMNS)
    return Chart(
        key="pv_months",
        title=("逐月发电量（全部技术潜力）", "Energy by month (the whole potential)"),
        kind="bars",
        labels=tuple(both(month) for month in range(1, 13)),
        series=(Series(label=("发电量", "energy"), y=sums if len(roofs) else ()),),
        y_label=both("GWh"),
        x_label=("月份", "month"),
    )
