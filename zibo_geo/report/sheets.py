"""What the workbook holds: one sheet per result, each with its columns, words and a limit that is said."""

__all__ = ["ROOFS_PER_COUNTY", "SHEET_ROWS", "Sheet", "make_sheets"]

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from layers.schema import Column
from layers.tables import ACCOUNT, LAYER_TABLES
from zibo_geo.documentation import RESULT_TABLES
from zibo_geo.plan import Plan, RooftopPvPlan
from zibo_geo.provenance import assumptions_table
from zibo_geo.report.words import Wording
from zibo_geo.results import frames_of, summaries_of

Words = tuple[str, str]
SHEET_ROWS = 1000
_LIMITS: Mapping[str, int] = MappingProxyType(
    # Candidates, of which the CSV has all.
    {"siting_services": 200, "siting_hubs": 400, "siting_outages": 300}
)
ROOFS_PER_COUNTY = 100
_SUBSTATIONS = 300
_NO_NOTE: Words = ("", "")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    title : (str, str)
        Chinese and English, as on the tab.
    frame : DataFrame
        Its rows; the index is not written.
    columns : tuple of Column
        One per column of the frame, in its order.
    note : (str, str)
        What is left out and where it is, empty where nothing is.
    """

    title: Words
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    note: Words = _NO_NOTE


def make_sheets(plan: Plan, wording: Wording, origin: Mapping[str, Any]) -> list[Sheet]:
    """Return the sheets of a plan in their order, the summary left out; `origin` is its provenance."""
    sheets: list[Sheet] = []
    if plan.pv is not None:
        sheets += _pv_sheets(plan, plan.pv, wording)
    for part in (plan.heat, plan.siting, plan.targets):
        frames = frames_of(part)
        for name in summaries_of(part):
            if len(frames[name]) and not isinstance(frames[name].index, pd.DatetimeIndex):
                sheets.append(_result(plan, name, frames[name], wording=wording))
    if plan.pv is not None and len(plan.pv.tornado):
        sheets.append(_result(plan, "pv_tornado", plan.pv.tornado, wording=wording))
    assumptions = assumptions_table(plan.case)
    return [
        *sheets,
        Sheet(
            title=wording.of("sheet_assumptions"),
            frame=assumptions.reset_index(drop=True),
            columns=tuple(_word_column(name, wording) for name in assumptions.columns),
        ),
        _result(plan, "account", plan.layers.account, wording=wording),
        _provenance(origin, wording),
    ]


def _pv_sheets(plan: Plan, pv: RooftopPvPlan, wording: Wording) -> Iterable[Sheet]:
    for name, frame in (
        ("pv_counties", pv.counties),
        ("pv_ledger", pv.ledger),
        ("pv_targets", pv.targets),
        ("pv_phase_totals", pv.phase_totals),
        ("pv_uses", pv.uses),
        ("pv_percentiles", pv.percentiles),
    ):
        yield _result(plan, name, frame, wording=wording)
    yield _roofs(plan, pv, wording)
    if len(pv.hosting):
        grid = pd.DataFrame(pv.hosting.drop(columns="geometry")).join(pv.feeders)
        short = grid[(grid["colour"].astype("str") != "green") | (grid["refused_mw"] > 0.0)]
        short = short.sort_values("refused_mw", ascending=False, kind="stable").head(_SUBSTATIONS)
        note = (
            f"黄色、红色或拒绝了屋顶的变电站，至多 {_SUBSTATIONS} 座；全部见 tables/pv_hosting.parquet。",
            (
                f"Yellow and red substations and those that refuse roofs, at most {_SUBSTATIONS}; all: "
                "tables/pv_hosting.parquet."
            ),
        )
        yield _result(plan, "pv_hosting", short, wording=wording, note=note)
    if pv.ground_sites is not None and len(pv.ground_sites):
        yield _result(plan, "ground_sites", pv.ground_sites, wording=wording)


def _roofs(plan: Plan, pv: RooftopPvPlan, wording: Wording) -> Sheet:
    """Return the first roofs of every county in order of cost, in or out, with the reason."""
    curve = pv.supply_curve[pv.supply_curve["county_rank"].notna()]
    curve = curve.sort_values(["county", "county_rank"], kind="stable")
    first = curve.groupby("county", sort=False).head(ROOFS_PER_COUNTY)
    joined = (
        first.join(pv.roofs[["name", "use"]])
        .join(pv.money[["payback_years", "npv_cny", "self_share"]])
        .join(pv.phases[["year"]])
        .join(pv.connections[["substation_id"]])
    )
    front = [
        "county",
        "county_rank",
        "name",
        "use",
        "pilot_kind",
        "new_kwp",
        "new_kwh",
        "lcoe_cny_kwh",
    ]
    kept = [*front, "payback_years", "npv_cny", "capex_cny", "self_share", "chosen", "reason", "year",
            "substation_id", "county_cumulative_mw", "rank"]  # fmt: skip
    chinese = (
        f"每个区县按成本列前 {ROOFS_PER_COUNTY} 个屋顶，共 {len(first):,} / {len(pv.supply_curve):,} 个；"
        "全部见 pv_supply_curve.csv。"
    )
    english = (
        f"The first {ROOFS_PER_COUNTY} roofs of every county by cost, {len(first):,} of "
        f"{len(pv.supply_curve):,} in all; every roof: pv_supply_curve.csv."
    )
    return _result(plan, "pv_supply_curve", joined[kept], wording=wording, note=(chinese, english))


def _result(
    plan: Plan, name: str, frame: pd.DataFrame, *, wording: Wording, note: Words = _NO_NOTE
) -> Sheet:  # fmt: skip
    """Return one result as a sheet: the key first, counties by name, words in both languages."""
    if "chosen" in frame.columns and name != "pv_supply_curve":
        frame = frame.sort_values("chosen", ascending=False, kind="stable")
    shown = frame.head(min(SHEET_ROWS, _LIMITS.get(name, SHEET_ROWS)))
    if len(shown) < len(frame):
        note = (
            f"{note[0]}此表只列前 {len(shown):,} 行，共 {len(frame):,} 行；全部见 {name}.csv。",
            f"{note[1]} The first {len(shown):,} of {len(frame):,} rows; all: {name}.csv.".strip(),
        )
    schema = _columns(name)
    key = str(frame.index.name or "key")
    made = _plain(shown, key)
    made = _with_county_names(made, plan)
    columns = []
    for column in made.columns:
        held = schema.get(str(column)) or _guessed(str(column), made[column], wording)
        columns.append(held)
        if held.kind == "category" or (column == "reason" and held.kind == "text"):
            made[column] = _bilingual(made[column], str(column), wording, table=name)
    title = wording.words.get(f"sheet_{name}", (name, name))
    return Sheet(title=title, frame=made, columns=tuple(columns), note=note)


def _plain(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return a frame without geometry, its key first, points as longitude and latitude."""
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if isinstance(frame, gpd.GeoDataFrame) and len(frame) and (frame.geom_type == "Point").all():
        degrees = frame.geometry.to_crs("EPSG:4326").array
        plain["longitude_deg"] = shapely.get_x(degrees).round(6)
        plain["latitude_deg"] = shapely.get_y(degrees).round(6)
    if key not in plain.columns:
        plain.insert(0, key, frame.index.astype("str"))
    return plain.reset_index(drop=True)


def _with_county_names(frame: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    names = plan.layers.area.counties["name"]
    if "county" not in frame.columns or ("name" in frame.columns and frame.columns[0] == "county"):
        return frame
    place = list(frame.columns).index("county") + 1
    frame.insert(place, "county_name", frame["county"].astype("str").map(names.to_dict()))
    return frame


def _columns(name: str) -> Mapping[str, Column]:
    """Return the columns of a table by name, after it those of the same name elsewhere."""
    other = {"pv_uses": "county_summary", "pv_planes": "planes", "pv_layouts": "layouts",
             "pv_yields": "yields"}  # fmt: skip
    tables = (*RESULT_TABLES, ACCOUNT, *LAYER_TABLES)
    own = [table for table in tables if table.name == other.get(name, name)]
    found: dict[str, Column] = {}
    for table in (*own, *tables):
        for column in table.columns:
            found.setdefault(column.name, column)
    return found


def _guessed(name: str, values: pd.Series, wording: Wording) -> Column:
    """Return a column that no table declares: a key, a name, a place."""
    words = wording.words.get(f"column_{name}", (name, name))
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    unit = "°" if name.endswith("_deg") else "-"
    return Column(name, "number" if numeric else "text", unit, "", words[0])


def _word_column(name: str, wording: Wording) -> Column:
    return Column(name, "text", "-", "", wording.words.get(f"column_{name}", (name, name))[0])


def _bilingual(values: pd.Series, column: str, wording: Wording, *, table: str) -> pd.Series:
    """Return words in both languages where the words are known; the others as they are."""
    prefix = {
        ("pv_supply_curve", "reason"): "answer",
        ("pv_connections", "reason"): "grid_answer",
    }.get((table, column), column)
    text = values.astype("object").where(values.notna(), None)
    said = {
        word: " · ".join(dict.fromkeys(wording.value(prefix, word)))
        for word in pd.unique(text.dropna())
    }
    return text.map(said)


def _provenance(origin: Mapping[str, Any], wording: Wording) -> Sheet:
    """Return where the run comes from, one line per fact; assumptions and account have own sheets."""
    known = {key: value for key, value in origin.items() if key not in {"assumptions", "account"}}
    lines = list(_flat("", known))
    frame = pd.DataFrame(lines, columns=["key", "value"])
    columns = tuple(_word_column(name, wording) for name in frame.columns)
    return Sheet(title=wording.of("sheet_provenance"), frame=frame, columns=columns)


def _flat(path: str, value: object) -> Iterable[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _flat(f"{path}.{number + 1}", item)
    else:
        yield path, "" if value is None else str(value)
