"""The workbook, reopened: sums of the plan, units in heads, nothing that a spreadsheet evaluates."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from report_plans import HOSTILE, plan_of_few_roofs, plan_with_hostile_names, plan_without_roofs

from layers.schema import Column
from zibo_geo.documentation import RESULT_TABLES
from zibo_geo.plan import Plan
from zibo_geo.provenance import assumptions_table
from zibo_geo.report import sheets as sheets_room
from zibo_geo.report.sheets import Sheet, make_sheets
from zibo_geo.report.words import english_head, load_wording
from zibo_geo.report.workbook import number_format, write_workbook

FIRST = 5  # title, note, two heads


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of_few_roofs()


@pytest.fixture(scope="module")
def book(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    path = write_workbook(plan, tmp_path_factory.mktemp("book") / "report.xlsx", load_wording())
    return openpyxl.load_workbook(path)


def column(page: Worksheet, chinese: str) -> list[object]:
    heads = [cell.value for cell in page[3]]
    place = heads.index(chinese) + 1
    return [page.cell(row, place).value for row in range(FIRST, page.max_row + 1)]


def test_sums_of_the_sheets_are_those_of_the_plan(plan: Plan, book: openpyxl.Workbook) -> None:
    assert plan.pv is not None
    counties = book["光伏县区 PV counties"]
    assert sum(column(counties, "装机容量 [MW]")) == pytest.approx(  # type: ignore[arg-type]
        plan.pv.counties["capacity_mw"].sum()
    )
    ledger = book["光伏台账 PV ledger"]
    assert len(column(ledger, "分组")) == len(plan.pv.ledger)
    for name, head in (("chosen_mw", "入选容量 [MW]"), ("chosen_capex_cny", "入选投资 [CNY]")):
        assert sum(column(ledger, head)) == pytest.approx(plan.pv.ledger[name].sum())  # type: ignore[arg-type]
    years = book["光伏分年 PV by year"]
    assert sum(column(years, "当年建设 [MW]")) == pytest.approx(  # type: ignore[arg-type]
        plan.pv.phase_totals["built_mw"].sum()
    )


def test_the_supporting_sheets_are_whole(plan: Plan, book: openpyxl.Workbook) -> None:
    rows = column(book["假设 Assumptions"], "键")
    assert len(rows) == len(assumptions_table(plan.case))
    assert all(column(book["假设 Assumptions"], "来源"))
    account = book["数据处理 Drops and repairs"]
    assert sum(column(account, "行数")) == plan.layers.account["rows"].sum()  # type: ignore[arg-type]
    keys = column(book["来源 Provenance"], "键")
    assert "area.crs" in keys
    assert any(str(key).startswith("versions.") for key in keys)


def test_every_sheet_has_both_heads_and_frozen_panes(book: openpyxl.Workbook) -> None:
    assert book.sheetnames[0] == "摘要 Summary"
    for page in book:
        assert page.freeze_panes == "B5", page.title
        assert len(page.title) <= 31
        assert page.auto_filter.ref.startswith("A4:")
        chinese, english = ([cell.value for cell in page[row]] for row in (3, 4))
        assert all(chinese), page.title
        assert all(english), page.title
        assert page.column_dimensions["A"].width >= 8.0


def test_units_stand_in_both_heads_and_counties_are_named(
    plan: Plan, book: openpyxl.Workbook
) -> None:
    page = book["光伏屋顶排序 PV roofs in order"]
    english = [cell.value for cell in page[4]]
    assert "LCOE [CNY/kWh]" in english
    assert "New [kWp]" in english
    codes, names = column(page, "区县代码"), column(page, "区县")
    known = plan.layers.area.counties["name"]
    assert {known[code] for code in codes} == set(names)  # type: ignore[index]


def test_roofs_are_in_order_of_cost_with_their_reasons(
    plan: Plan, book: openpyxl.Workbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plan.pv is not None
    page = book["光伏屋顶排序 PV roofs in order"]
    curve = plan.pv.supply_curve
    ids, costs = column(page, "建筑编号"), column(page, "度电成本 [CNY/kWh]")
    reasons, chosen = column(page, "入选理由"), column(page, "是否入选")
    for key, cost, reason, inside in zip(ids, costs, reasons, chosen, strict=True):
        row = curve.loc[str(key)]
        assert cost == pytest.approx(row["lcoe_cny_kwh"])
        assert inside is bool(row["chosen"])
        assert str(reason).startswith("入选") == bool(row["chosen"])
    ranks = pd.DataFrame({"county": column(page, "区县代码"), "rank": column(page, "区县排序")})
    assert (ranks.groupby("county")["rank"].diff().dropna() == 1).all()
    monkeypatch.setattr(sheets_room, "ROOFS_PER_COUNTY", 3)
    cut = next(
        s for s in make_sheets(plan, load_wording(), {}) if s.title[1] == "PV roofs in order"
    )
    assert cut.frame.groupby("county").size().max() == 3
    assert "pv_supply_curve.csv" in cut.note[0]
    assert f"{len(curve):,}" in cut.note[1]


def test_no_cell_is_a_formula_whatever_the_names(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write_workbook(plan_with_hostile_names(plan), path, load_wording())
    book = openpyxl.load_workbook(path)
    kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "b"}
    page = book["光伏屋顶排序 PV roofs in order"]
    place = [cell.value for cell in page[3]].index("名称") + 1
    cells = [page.cell(row, place) for row in range(FIRST, page.max_row + 1)]
    found = {cell.value: cell for cell in cells}
    for name in HOSTILE[:4]:
        assert found[name].data_type == "s"
        assert found[name].quotePrefix
    assert found["abc"].data_type == "s"  # what XML cannot hold is left out
    assert found["#N/A"].data_type == "s"
    assert max(len(str(value)) for value in found) == 32_000


def test_a_long_result_says_what_is_left_out(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    assert plan.pv is not None
    monkeypatch.setattr(sheets_room, "SHEET_ROWS", 7)
    sheet = next(s for s in make_sheets(plan, load_wording(), {}) if s.title[1] == "PV ledger")
    assert len(sheet.frame) == 7
    assert "pv_ledger.csv" in sheet.note[0]
    assert f"7 of {len(plan.pv.ledger)}" in sheet.note[1]


def test_an_area_without_roofs_gives_a_whole_workbook(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write_workbook(plan_without_roofs(plan), path, load_wording())
    book = openpyxl.load_workbook(path)
    assert sum(column(book["光伏县区 PV counties"], "装机容量 [MW]")) == 0.0  # type: ignore[arg-type]
    assert "没有读入建筑" in str(book["摘要 Summary"].cell(FIRST + 2, 3).value)


def test_titles_of_tabs_that_clash_are_told_apart(plan: Plan, tmp_path: Path) -> None:
    from zibo_geo.report.workbook import _tab

    first = _tab(("很" * 20, "[a]:*?/\\" * 5), set())
    assert len(first) <= 31
    assert not set(first) & set("[]:*?/\\")
    second = _tab(("很" * 20, "[a]:*?/\\" * 5), {first})
    assert second != first
    assert len(second) <= 31


def test_every_column_of_every_result_has_an_english_head_and_a_format() -> None:
    wording = load_wording()
    for table in RESULT_TABLES:
        for held in table.columns:
            english = english_head(held)
            assert english[0].isupper() or english[0].isdigit(), held.name
            assert "_" not in english
            assert wording.head(held)[1].startswith(english)
            assert number_format(held)
    assert number_format(Column("gap", "number", "1", "", "")) == "0.0%"
    assert number_format(Column("capex_cny", "number", "CNY", "", "")) == "#,##0"


def test_a_sheet_holds_one_column_per_declared_column(plan: Plan) -> None:
    for sheet in make_sheets(plan, load_wording(), {"a": {"b": [1, None]}}):
        assert isinstance(sheet, Sheet)
        assert [held.name for held in sheet.columns] == list(sheet.frame.columns)
