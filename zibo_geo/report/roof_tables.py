"""Tables of single roofs: which to build first, and which large ones are left out, each with its reason."""

__all__ = ["roof_grids"]

import pandas as pd

from zibo_geo.plan import RooftopPvPlan
from zibo_geo.report.blocks import Grid, both
from zibo_geo.report.numbers import amount, count, is_missing
from zibo_geo.report.pv_facts import rows_of
from zibo_geo.report.words import Wording

Words = tuple[str, str]
FIRST_ROOFS = 20
_LEFT_OUT = 8
_CSV = "pv_supply_curve.csv"
_SIGNS = {"green": "✓", "yellow": "!", "red": "×"}
_COLUMNS = ("rank", "building", "use", "new_kwp", "lcoe", "payback", "year", "substation", "reason")
_NUMERIC = {"rank", "new_kwp", "lcoe", "payback", "year"}


def roof_grids(pv: RooftopPvPlan, wording: Wording, *, county: str | None) -> list[Grid]:
    """Return the first roofs to build and the largest left out; a table without rows is not made."""
    curve = rows_of(pv.supply_curve, county)
    rank = "rank" if county is None else "county_rank"
    chosen = curve[curve["chosen"]].sort_values(rank, kind="stable")
    left = curve[~curve["chosen"] & (curve["new_kwp"] > 0.0)]
    largest = left.sort_values("new_kwp", ascending=False, kind="stable").head(_LEFT_OUT)
    first = chosen.head(FIRST_ROOFS)
    many = count(len(chosen)), count(len(left))
    grids = []
    if len(first):
        chinese = (
            f"共 {many[0]} 个入选屋顶，此处列前 {len(first)} 个；"
            f"全部屋顶的排序和理由见 {_CSV}。✓ ! × 为变电站绿、黄、红。"
        )
        english = (
            f"The first {len(first)} of {many[0]} chosen roofs; {_CSV} has every roof in order with its "
            "reason. ✓ ! × mark green, yellow and red substations."
        )
        note = (chinese, english)
        grids.append(_grid(pv, first, wording, title="grid_first", rank=rank, note=note))
    if len(largest):
        chinese = f"共 {many[1]} 个能布置组件而落选的屋顶，此处列最大的 {len(largest)} 个；其余见 {_CSV}。"
        english = (
            f"The {len(largest)} largest of {many[1]} roofs that could carry modules and are left out; "
            f"the others: {_CSV}."
        )
        note = (chinese, english)
        grids.append(_grid(pv, largest, wording, title="grid_left", rank=None, note=note))
    return grids


def _grid(
    pv: RooftopPvPlan,
    curve: pd.DataFrame,
    wording: Wording,
    *,
    title: str,
    rank: str | None,
    note: Words,
) -> Grid:
    """Return the table of some roofs; without a rank, also without the year."""
    keys = [name for name in _COLUMNS if rank is not None or name not in {"rank", "year"}]
    rows = []
    for key in curve.index:
        cells = _cells(pv, curve.loc[key], wording, rank=rank)
        rows.append(tuple(cells[name] for name in keys))
    return Grid(
        title=wording.of(title),
        head=tuple(wording.of(f"head_{name}") for name in keys),
        rows=tuple(rows),
        numeric=tuple(name in _NUMERIC for name in keys),
        note=note,
    )


def _cells(
    pv: RooftopPvPlan, row: pd.Series, wording: Wording, *, rank: str | None
) -> dict[str, Words]:
    key = str(row.name)
    roof, grid = pv.roofs.loc[key], pv.connections.loc[key]
    name, payback, year = (
        roof["name"],
        pv.money.loc[key, "payback_years"],
        pv.phases.loc[key, "year"],
    )
    station = "–" if pd.isna(grid["substation_id"]) else str(grid["substation_id"])
    sign = _SIGNS.get(str(grid["colour"]), "")
    reason = wording.value("answer", row["reason"])
    if str(row["reason"]) == "grid":
        why = wording.value("grid_answer", grid["reason"])
        reason = (f"{reason[0]}（{why[0]}）", f"{reason[1]} ({why[1]})")
    cost = row["lcoe_cny_kwh"]
    return {
        "rank": both(count(row[rank]) if rank else "–"),
        "building": both(key if pd.isna(name) else f"{name} · {key}"),
        "use": wording.value("use", roof["use"]),
        "new_kwp": amount(row["new_kwp"]),
        "lcoe": both("–" if is_missing(cost) else f"{cost:.3f}"),
        "payback": both("–" if is_missing(payback) else f"{payback:.1f}"),
        "year": both("–" if pd.isna(year) else int(year)),
        "substation": both(f"{sign} {station}".strip()),
        "reason": reason,
    }
