"""The plan in words: the opening sentences and the key figures, true for any input."""

__all__ = ["county_lines", "plan_figures", "plan_summary", "pv_summary"]

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from layers.units import KW_PER_MW, M2_PER_KM2, T_PER_KT
from zibo_geo.heat_summary import heat_sentence
from zibo_geo.plan import Plan, RooftopPvPlan
from zibo_geo.siting_summary import siting_sentence


def plan_summary(plan: Plan) -> tuple[str, str]:
    """Return the whole plan in sentences, in Chinese and English."""
    return _sentences(plan, tuple(_further(plan)))


def pv_summary(plan: Plan) -> tuple[str, str]:
    """Return what was read and what rooftop PV comes to, in Chinese and English."""
    return _sentences(plan, ())


def _sentences(plan: Plan, further: Sequence[tuple[str, str]]) -> tuple[str, str]:
    area_km2 = float(plan.layers.area.counties["area_km2"].sum())
    roofs, counties = len(plan.layers.buildings), len(plan.layers.area.counties)
    chinese = (
        f"{plan.case.title}：{counties} 个区县、{significant(area_km2)} km²，读入 {roofs:,} 栋建筑"
    )
    english = (
        f"{plan.case.title}: {counties} counties on {significant(area_km2)} km² with {roofs:,} "
        "buildings read"
    )
    if plan.pv is not None:
        zh, en = _pv_sentence(plan.pv)
        chinese, english = f"{chinese}，{zh}", f"{english}; {en}"
    chinese, english = chinese + "。", english + "."
    if plan.pv is not None and plan.pv.notes.get("en"):
        chinese, english = chinese + plan.pv.notes["zh"], f"{english} {plan.pv.notes['en']}"
    for zh, en in (*further, *plan.skipped.values()):
        chinese, english = f"{chinese}{zh}。", f"{english} {en[:1].upper()}{en[1:]}."
    if "buildings" in plan.layers.synthetic:
        chinese += "建筑为合成数据，结果只演示方法。"
        english += " The buildings are synthetic: the figures show the method, not the city."
    if plan.case.embedded == "sample":
        chinese += "仅为抽样，不可当作区县总量。"
        english += " They are a sample: no figure is a county's total."
    return chinese, english


def _further(plan: Plan) -> Iterator[tuple[str, str]]:
    if plan.heat is not None:
        yield heat_sentence(plan.heat)
    if plan.siting is not None:
        yield siting_sentence(plan.siting)


def _pv_sentence(pv: RooftopPvPlan) -> tuple[str, str]:
    capacity_mw = float(pv.counties["capacity_mw"].sum())
    yield_gwh = float(pv.counties["yield_gwh"].sum())
    fitted = int((pv.roofs["capacity_kwp"] > 0.0).sum())
    hours = f"{KW_PER_MW * yield_gwh / capacity_mw:,.0f}" if capacity_mw > 0.0 else "–"
    size_mw, size_gwh = significant(capacity_mw), significant(yield_gwh)
    return (
        f"其中 {fitted:,} 栋屋顶可装光伏约 {size_mw} MW，年发电约 {size_gwh} GWh，等效利用 {hours} 小时",
        (
            f"{fitted:,} of their roofs can carry about {size_mw} MW of PV, which yield about "
            f"{size_gwh} GWh a year, {hours} kWh per kWp"
        ),
    )


def plan_figures(pv: RooftopPvPlan) -> list[dict[str, Any]]:
    """Return the three key figures of the panel of rooftop PV."""
    return [
        {
            "label": ["可装容量", "PV capacity"],
            "unit": "MW",
            "value": float(pv.counties["capacity_mw"].sum()),
        },
        {
            "label": ["年发电量", "Energy a year"],
            "unit": "GWh",
            "value": float(pv.counties["yield_gwh"].sum()),
        },
        {
            "label": ["可装屋顶", "Roofs with PV"],
            "unit": "1",
            "value": int((pv.roofs["capacity_kwp"] > 0.0).sum()),
        },
    ]


def county_lines(plan: Plan) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the header and the rows of the closing table per county, the total last; empty without PV."""
    if plan.pv is None:
        return (), []
    names = plan.layers.area.counties["name"]
    totals = plan.pv.counties
    header = (
        "county",
        "buildings",
        "with PV",
        "roof km²",
        "MW",
        "GWh",
        "kWh/kWp",
        "kt CO2",
    )
    rows = [
        (str(names[key]), *_cells(totals.loc[key])) for key in names.index if key in totals.index
    ]
    sums = totals.sum(numeric_only=True)
    whole = pd.Series(
        {
            **sums.to_dict(),
            "specific_yield_kwh_kwp": KW_PER_MW * sums["yield_gwh"] / sums["capacity_mw"]
            if sums["capacity_mw"] > 0.0
            else float("nan"),
        }
    )
    return header, [*rows, ("total", *_cells(whole))]


def _cells(row: pd.Series) -> tuple[str, ...]:
    return (
        f"{int(row['buildings']):,}",
        f"{int(row['pv_buildings']):,}",
        f"{row['roof_m2'] / M2_PER_KM2:,.2f}",
        f"{row['capacity_mw']:,.1f}",
        f"{row['yield_gwh']:,.1f}",
        "–" if pd.isna(row["specific_yield_kwh_kwp"]) else f"{row['specific_yield_kwh_kwp']:,.0f}",
        f"{row['co2_t'] / T_PER_KT:,.1f}",
    )


def significant(value: float) -> str:
    """Return a number for a sentence: three significant digits below a thousand, whole above.

    Examples
    --------
    >>> significant(1234.6), significant(12.345), significant(0.0)
    ('1,235', '12.3', '0')
    """
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.3g}"
