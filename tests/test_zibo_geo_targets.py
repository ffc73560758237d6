"""The scoreboard: parts sum to the promise, gaps are differences, silence has its reason."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from atlas_plans import small_plan

from layers.errors import CaseError, LayerError
from zibo_geo.plan import Plan
from zibo_geo.target_assumptions import TargetAssumptions
from zibo_geo.target_inputs import TargetInputs
from zibo_geo.target_measures import plan_measures
from zibo_geo.target_tables import TargetScores
from zibo_geo.targets import read_targets, score_targets, scored

HEAD = (
    "target,title_zh,title_en,value,unit,sense,year,section,department,measure,silent_zh,silent_en,"
    "source,confidence\n"
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan()


@pytest.fixture(scope="module")
def scores(plan: Plan) -> TargetScores:
    return score_targets(plan, read_targets(), TargetAssumptions())


def test_the_built_in_promises_are_those_of_the_city_s_plan() -> None:
    targets = read_targets()
    assert targets.loc["pv_new", "value"] == 4000.0
    assert targets.loc["charging_points", "value"] == 40_000.0
    assert targets.loc["energy_hubs", "value"] == 90.0
    assert targets.loc["storage_2030", ["value", "year"]].tolist() == [3000.0, 2030]
    assert (targets["confidence"] == "plan").all()
    silent = targets[targets["measure"].isna()]
    assert silent["silent_zh"].notna().all()
    assert silent["silent_en"].notna().all()


def test_parts_of_the_counties_sum_to_the_promise_and_years_to_the_parts(
    scores: TargetScores,
) -> None:
    for target, value in (("pv_new", 4000.0), ("pv_total", 5000.0)):
        parts = scores.counties[scores.counties["target"] == target]
        assert parts["value"].sum() == pytest.approx(value)
        assert parts["share"].sum() == pytest.approx(1.0)
        last = scores.years[(scores.years["target"] == target) & (scores.years["year"] == 2030)]
        assert last["value"].to_numpy() == pytest.approx(parts["value"].to_numpy())
        path = scores.years[scores.years["target"] == target].groupby("county")["value"]
        assert all(steps.is_monotonic_increasing for _, steps in path)


def test_delivered_figures_are_sums_of_the_result_tables(plan: Plan, scores: TargetScores) -> None:
    assert plan.pv is not None
    built = plan.pv.phase_totals
    last = built[built["year"] == built["year"].max()]["cumulative_mw"].sum()
    row = scores.scores.loc["pv_new"]
    assert row["delivered"] == pytest.approx(last)
    assert row["potential"] == pytest.approx(plan.pv.ledger["remaining_mw"].sum())
    assert row["gap"] == pytest.approx(4000.0 - last)
    assert row["progress"] == pytest.approx(last / 4000.0)
    existing = plan.pv.ledger["existing_mw"].sum()
    assert scores.scores.loc["pv_total", "delivered"] == pytest.approx(last + existing)


def test_co2_is_that_of_the_energy_chosen(plan: Plan, scores: TargetScores) -> None:
    assert plan.pv is not None
    factor = plan.case.assumed("rooftop_pv").grid_kg_kwh
    chosen_gwh = plan.pv.ledger["chosen_gwh"].sum()
    assert scores.scores.loc["pv_new", "co2_t"] == pytest.approx(
        chosen_gwh * 1e3 * factor, rel=1e-6
    )


def test_statuses_tell_what_was_not_run_from_what_no_result_speaks_to(scores: TargetScores) -> None:
    status = scores.scores["status"].astype("str")
    assert status["coal_intensity"] == "silent"
    assert status["charging_points"] == "not_run"
    assert status["pv_new"] == "sample"  # 400 roofs of a sample allow no finding about the city
    assert set(scores.counties["target"]) == {"pv_new", "pv_total"}


@pytest.mark.parametrize(
    ("value", "status"),
    [("1e-6", "met"), ("", "no_figure"), ("1e9", "beyond_potential")],
)
def test_a_plan_of_a_whole_city_is_judged(
    plan: Plan, tmp_path: Path, value: str, status: str
) -> None:
    whole = replace(plan, case=replace(plan.case, embedded="full"))
    path = tmp_path / "own.csv"
    path.write_text(
        HEAD + f"mine,我的,Mine,{value},MW,at_least,2030,1,发改委,pv_new,,,our plan,plan\n"
    )
    made = score_targets(whole, read_targets(path), TargetAssumptions())
    assert made.scores.loc["mine", "status"] == status
    assert made.scores.loc["mine", "department"] == "发改委"


def test_at_most_is_met_from_below(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEAD + "mine,我的,Mine,1e9,MW,at_most,2030,1,,pv_new,,,our plan,plan\n")
    made = score_targets(plan, read_targets(path), TargetAssumptions())
    assert made.scores.loc["mine", "status"] == "met"
    assert made.scores.loc["mine", "gap"] == 0.0


@pytest.mark.parametrize("rule", ["potential", "area", "buildings"])
def test_a_rule_splits_by_its_weight(plan: Plan, rule: str) -> None:
    measure = plan_measures(plan)["pv_new"]
    free = replace(measure, share=None, rule=None)
    from zibo_geo.targets import _share

    counties = plan.layers.area.counties
    share, used = _share(counties, plan, free, rule=rule, own={})
    assert used == rule
    weight = {
        "potential": free.potential,
        "area": counties["area_km2"],
        "buildings": plan.layers.buildings.groupby("county")["footprint_m2"].sum(),
    }[rule]
    assert weight is not None
    expected = (weight / weight.sum()).reindex(counties.index, fill_value=0.0)
    assert np.allclose(share, expected)


def test_own_shares_must_fit_the_counties(plan: Plan) -> None:
    from zibo_geo.targets import _own_shares

    counties = plan.layers.area.counties.index
    whole = _own_shares(counties, {counties[0]: 0.25, counties[1]: 0.75})
    assert whole.sum() == pytest.approx(1.0)
    with pytest.raises(CaseError, match=r"sum to 0\.5"):
        _own_shares(counties, {counties[0]: 0.5})
    with pytest.raises(CaseError, match="370399"):
        _own_shares(counties, {"370399": 1.0})


def test_another_city_has_no_promises_unless_it_brings_them(plan: Plan, tmp_path: Path) -> None:
    elsewhere = replace(
        plan, layers=replace(plan.layers, area=replace(plan.layers.area, adcode="320500"))
    )
    assert scored(elsewhere).targets is None
    path = tmp_path / "own.csv"
    path.write_text(HEAD + "mine,我的,Mine,10,MW,at_least,2030,1,,pv_new,,,our plan,plan\n")
    own = TargetInputs(path=path, shares=MappingProxyType({}))
    named = replace(elsewhere, case=replace(elsewhere.case, targets=own))
    board = scored(named).targets
    assert board is not None
    assert board.scores.index.tolist() == ["mine"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "column target"),
        (HEAD + "m,我,M,ten,MW,at_least,2030,1,,pv_new,,,s,plan\n", "value"),
        (HEAD + "m,我,M,10,MW,perhaps,2030,1,,pv_new,,,s,plan\n", "sense"),
    ],
)
def test_a_broken_file_is_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text)
    with pytest.raises(LayerError, match=words):
        read_targets(path)
    with pytest.raises(LayerError, match="cannot be read"):
        read_targets(tmp_path / "none.csv")


def test_year_shares_must_be_whole() -> None:
    with pytest.raises(Exception, match=r"sum to 0\.9"):
        TargetAssumptions(year_shares=(0.5, 0.4))
    assert TargetAssumptions().years == (2026, 2027, 2028, 2029, 2030)
    assert isinstance(read_targets(), pd.DataFrame)
