"""The ledger, the curve and the phases: by hand, and nothing is counted twice."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pv_money_cases import PV, town

from layers.errors import AssumptionError, LayerError
from rooftop_pv.county import PV_LEDGER, county_ledger, ledger_totals
from rooftop_pv.county_assumptions import CountyAssumptions
from rooftop_pv.county_targets import county_targets, target_years
from rooftop_pv.phasing import build_limits, phase_totals, phasing
from rooftop_pv.quotas import counted_area, quota_needs
from rooftop_pv.revenue import roof_revenue
from rooftop_pv.revenue_assumptions import RevenueAssumptions
from rooftop_pv.running_sums import running_sum
from rooftop_pv.supply_curve import supply_curve
from rooftop_pv.tables import PILOT_KINDS

BASE = CountyAssumptions()
TOWN = town()
MONEY = roof_revenue(
    TOWN.roofs, TOWN.planes, TOWN.weather, assumptions=RevenueAssumptions(), pv_assumptions=PV
)
COUNTED = counted_area(TOWN.roofs, TOWN.planes, BASE)
COUNTIES = ("370302", "370303", "370304")  # the third has no building
QUOTAS = quota_needs(
    MONEY, TOWN.roofs, counted_m2=COUNTED, counties=COUNTIES, assumptions=BASE
)  # fmt: skip


def by_hand(rows: list[tuple], **more: object) -> dict[str, pd.DataFrame]:
    """Kind, area, kWp, LCOE per roof; all in one county, a kWp makes 1,000 kWh and costs 3,000 CNY."""
    frame = pd.DataFrame(rows, columns=["pilot_kind", "roof_m2", "capacity_kwp", "lcoe_cny_kwh"])
    frame.index = pd.Index([f"b{n}" for n in range(len(frame))], dtype="str", name="building_id")
    money = frame.assign(
        county="c",
        yield_kwh=1000.0 * frame["capacity_kwp"],
        capex_cny=3000.0 * frame["capacity_kwp"],
        economic=frame["lcoe_cny_kwh"] <= 0.4,
        pilot_kind=pd.Categorical(frame["pilot_kind"], list(PILOT_KINDS)),
    )
    counted = counted_area(money, money, BASE)
    return {"money": money, "counted": counted, **more}


ROWS = [
    ("rural", 100.0, 10.0, 0.30),
    ("rural", 100.0, 20.0, 0.20),
    ("rural", 300.0, 15.0, 0.50),
    ("public", 500.0, 50.0, 0.45),
    ("public", 500.0, 40.0, 0.35),
    ("other", 1000.0, 60.0, 0.25),
    ("rural", 500.0, 0.0, np.nan),
]


def chain(rows: list[tuple], assumptions: CountyAssumptions = BASE, **existing: pd.Series):
    made = by_hand(rows)
    quotas = quota_needs(
        made["money"], made["money"], counted_m2=made["counted"], counties=["c"],
        assumptions=assumptions, **existing,
    )  # fmt: skip
    targets = county_targets(quotas, assumptions=assumptions)
    curve = supply_curve(
        made["money"], counted_m2=made["counted"], quotas=quotas, assumptions=assumptions,
        targets=targets, existing_kwp=existing.get("existing_kwp"),
    )  # fmt: skip
    return made["money"], quotas, targets, curve


def promise(mw: float, **more: object) -> CountyAssumptions:
    return CountyAssumptions.from_mapping({"city_new_mw": mw, "city_total_mw": mw, **more})


def test_quota_and_promise_by_hand() -> None:
    money, quotas, targets, curve = chain(ROWS, promise(0.10))
    # 20 % of 1,000 m² rural, the roof without modules counts as roof area; 40 % of 1,000 m² public
    assert quotas.loc["c/rural", "required_m2"] == pytest.approx(200.0)
    assert quotas.loc["c/public", "required_m2"] == pytest.approx(400.0)
    assert quotas.loc["c/other", "required_m2"] == 0.0
    assert targets.loc["c", "need_mw"] == pytest.approx(0.10)
    # rural: b1 then b0 reach 200 m²; public: b4 alone gives 500; that is 70 kWp, b5 crosses 100
    assert curve["reason"].to_list() == [
        "quota", "quota", "not_needed", "not_needed", "quota", "target", "no_modules",
    ]  # fmt: skip
    assert curve["rank"].to_list()[:6] == [3, 1, 6, 5, 4, 2]
    assert curve["cumulative_mw"].to_list()[:6] == pytest.approx(
        [0.09, 0.02, 0.195, 0.18, 0.13, 0.08]
    )
    assert curve["rank"].isna().to_list() == [False] * 6 + [True]
    ledger = county_ledger(money, curve, quotas=quotas)
    assert ledger.loc["c/rural", "quota_mw"] == pytest.approx(0.03)
    assert ledger.loc["c/public", "quota_m2"] == pytest.approx(500.0)
    assert ledger.loc["c/other", "target_mw"] == pytest.approx(0.06)
    assert ledger.loc["c/rural", "economic_mw"] == pytest.approx(0.03)
    assert ledger.loc["c/public", "economic_mw"] == pytest.approx(0.04)
    assert ledger["quota_met"].all()


def test_a_share_of_area_is_not_a_share_of_count() -> None:
    rows = [("rural", 800.0, 80.0, 0.3), *[("rural", 50.0, 5.0, 0.4)] * 4]
    _, _, _, curve = chain(rows, promise(0.0))
    assert curve["chosen"].to_list() == [
        True,
        False,
        False,
        False,
        False,
    ]  # one roof of five is 80 %
    rows = [("rural", 800.0, 80.0, 0.5), *[("rural", 50.0, 5.0, 0.4)] * 4]
    _, _, _, curve = chain(rows, promise(0.0))
    assert curve["chosen"].to_list() == [False, True, True, True, True]  # 20 % are four of five


def test_what_cannot_be_met_is_named_in_m2() -> None:
    rows = [("government", 300.0, 30.0, 0.3), ("government", 700.0, 0.0, np.nan)]
    money, quotas, _, curve = chain(rows, promise(0.0))
    ledger = county_ledger(money, curve, quotas=quotas)
    assert ledger.loc["c/government", "shortfall_m2"] == pytest.approx(200.0)
    assert not ledger.loc["c/government", "quota_met"]


def test_existing_pv_is_deducted_once() -> None:
    layer = pd.Series([10.0, 8.0], index=["b0", "b1"])
    city = pd.Series([0.078], index=["c"])
    _, quotas, targets, curve = chain(ROWS, promise(0.2), existing_kwp=layer)
    assert quotas["existing_mw"].sum() == pytest.approx(0.018)
    assert quotas["unlocated_mw"].sum() == 0.0
    assert quotas.loc["c/rural", "existing_m2"] == pytest.approx(200.0)  # both roofs carry PV
    assert quotas.loc["c/rural", "need_m2"] == 0.0
    assert targets.loc["c", "need_mw"] == pytest.approx(0.2 - 0.018)
    assert curve["new_kwp"].to_list()[:2] == [0.0, 12.0]
    assert curve["reason"].to_list()[:2] == ["existing", "target"]
    assert curve.loc["b1", "new_kwh"] == pytest.approx(12_000.0)

    _, quotas, _, curve = chain(ROWS, promise(0.2), existing_kwp=layer, existing_mw=city)
    assert quotas["existing_mw"].sum() == pytest.approx(0.078)  # the figure holds the layer
    assert quotas["unlocated_mw"].sum() == pytest.approx(0.060)
    # spread over what is free: rural 27, public 90, other 60 of 177
    assert quotas.loc["c/public", "unlocated_mw"] == pytest.approx(0.060 * 90 / 177)
    np.testing.assert_allclose(
        quotas["technical_mw"], quotas["remaining_mw"] + quotas["existing_mw"], atol=1e-12
    )
    assert curve.loc["b4", "reason"] == "existing"  # the cheapest public roof is taken to have it
    with pytest.raises(LayerError, match="first b9"):
        chain(ROWS, existing_kwp=pd.Series([1.0], index=["b9"]))
    with pytest.raises(LayerError, match="kWp on b0"):
        chain(ROWS, existing_kwp=pd.Series([-1.0], index=["b0"]))
    with pytest.raises(LayerError, match="for x, which is no county"):
        chain(ROWS, existing_mw=pd.Series([1.0], index=["x"]))


def test_grid_and_economy_strike_roofs() -> None:
    made = by_hand(ROWS)
    money, quotas, targets, _ = chain(ROWS, promise(0.10))
    links = pd.DataFrame({"accepted": True}, index=money.index)
    links.loc["b1", "accepted"] = False
    common = {"counted_m2": made["counted"], "quotas": quotas, "targets": targets}
    curve = supply_curve(money, assumptions=promise(0.10), connections=links, **common)
    assert curve["reason"].to_list() == [
        "quota", "grid", "quota", "not_needed", "quota", "target", "no_modules",
    ]  # fmt: skip
    assert county_ledger(money, curve, quotas=quotas).loc["c/rural", "refused_mw"] == 0.02
    free = promise(0.10, respect_grid=False)
    assert supply_curve(money, assumptions=free, connections=links, **common).loc["b1", "chosen"]
    strict = promise(0.10, economic_only=True)
    curve = supply_curve(money, assumptions=strict, **common)
    assert curve["reason"].to_list()[2:4] == ["uneconomic", "uneconomic"]
    with pytest.raises(LayerError, match="no connection, first b0"):
        supply_curve(money, assumptions=BASE, connections=links.iloc[1:], **common)


def test_the_usable_measure_is_stricter() -> None:
    strict = CountyAssumptions.from_mapping({"quota_measure": "usable"})
    usable = counted_area(TOWN.roofs, TOWN.planes, strict)
    assert (usable <= COUNTED + 1e-9).all()
    built = TOWN.planes[TOWN.planes["capacity_kwp"] > 0]
    assert usable.sum() == pytest.approx(built["usable_m2"].sum())
    less = counted_area(TOWN.roofs, TOWN.planes, strict, money=MONEY)
    part = MONEY["capacity_kwp"] / TOWN.roofs["capacity_kwp"].where(lambda kwp: kwp > 0)
    np.testing.assert_allclose(less, (usable * part).fillna(0.0))
    assert part.min() < 0.9


# the town


def town_ledger(assumptions: CountyAssumptions = BASE):
    targets = county_targets(QUOTAS, assumptions=assumptions)
    curve = supply_curve(
        MONEY, counted_m2=COUNTED, quotas=QUOTAS, assumptions=assumptions, targets=targets
    )
    return targets, curve, county_ledger(MONEY, curve, quotas=QUOTAS)


def test_the_ledger_balances() -> None:
    _, curve, ledger = town_ledger(promise(3.0))
    assert len(ledger) == len(COUNTIES) * len(PILOT_KINDS)
    assert (ledger.loc[ledger["need_m2"] == 0.0, "quota_mw"] == 0.0).all()
    assert ledger["buildings"].sum() == len(TOWN.buildings)
    assert ledger["roof_m2"].sum() == pytest.approx(TOWN.roofs["roof_m2"].sum())
    assert ledger["technical_mw"].sum() == pytest.approx(TOWN.roofs["capacity_kwp"].sum() / 1e3)
    assert ledger["technical_gwh"].sum() == pytest.approx(TOWN.roofs["yield_kwh"].sum() / 1e6)
    assert (ledger["economic_mw"] <= ledger["technical_mw"] + 1e-12).all()
    np.testing.assert_allclose(ledger["chosen_mw"], ledger["quota_mw"] + ledger["target_mw"])
    assert ledger["chosen_mw"].sum() == pytest.approx(
        curve.loc[curve["chosen"], "new_kwp"].sum() / 1e3
    )
    np.testing.assert_allclose(
        ledger["required_m2"], ledger["pilot_kind"].astype(str).map(BASE.quota_share) * ledger["roof_m2"]
    )  # fmt: skip
    assert (
        (
            ledger.loc[ledger["county"] == "370304"]
            .select_dtypes("number")
            .drop(columns="quota_share")
            == 0
        )
        .all()
        .all()
    )
    sums = [
        name for name in PV_LEDGER.column_names if name.endswith(("_mw", "_gwh", "_m2", "_cny"))
    ]
    for column in ("county", "pilot_kind"):
        np.testing.assert_allclose(
            ledger_totals(ledger, column)[sums].sum(), ledger[sums].sum(), rtol=1e-12
        )
    with pytest.raises(LayerError, match="county or pilot_kind"):
        ledger_totals(ledger, "use")


def test_the_chosen_are_the_cheapest_and_no_more_than_needed() -> None:
    _, curve, ledger = town_ledger(promise(0.0))
    for (county, kind), rows in curve.groupby(["county", "pilot_kind"], observed=True):
        taken, left = rows[rows["chosen"]], rows[rows["reason"] == "not_needed"]
        if len(taken) and len(left):
            assert taken["rank"].max() < left["rank"].min()
            assert taken["lcoe_cny_kwh"].max() <= left["lcoe_cny_kwh"].min() + 1e-6
        need = QUOTAS.loc[f"{county}/{kind}", "need_m2"]
        if len(taken):
            dearest = taken["rank"].astype(int).idxmax()
            assert taken["counted_m2"].sum() - taken.loc[dearest, "counted_m2"] < need
        met = ledger.loc[f"{county}/{kind}", "quota_met"]
        assert met == (taken["counted_m2"].sum() >= need - 1e-3)
    on = curve[curve["rank"].notna()].sort_values("rank")
    assert on["lcoe_cny_kwh"].round(6).is_monotonic_increasing
    np.testing.assert_allclose(on["cumulative_mw"], on["new_kwp"].cumsum() / 1e3)
    np.testing.assert_allclose(
        on["county_cumulative_mw"], on.groupby("county")["new_kwp"].cumsum() / 1e3
    )
    assert on["rank"].to_list() == list(range(1, len(on) + 1))


def test_order_of_rows_does_not_matter() -> None:
    _, curve, _ = town_ledger(promise(3.0))
    money = MONEY.sample(frac=1.0, random_state=3)
    quotas = quota_needs(money, TOWN.roofs, counted_m2=COUNTED, counties=COUNTIES, assumptions=BASE)
    pd.testing.assert_frame_equal(quotas, QUOTAS)
    other = supply_curve(
        money, counted_m2=COUNTED, quotas=quotas, assumptions=promise(3.0),
        targets=county_targets(quotas, assumptions=promise(3.0)),
    )  # fmt: skip
    pd.testing.assert_frame_equal(other.loc[curve.index], curve, rtol=1e-9)
    with pytest.raises(LayerError, match="not among 370302, first"):
        quota_needs(MONEY, TOWN.roofs, counted_m2=COUNTED, counties=["370302"], assumptions=BASE)


def test_a_city_without_roofs_has_rows_of_zeros() -> None:
    money = roof_revenue(
        TOWN.roofs.iloc[:0], TOWN.planes.iloc[:0], TOWN.weather, assumptions=RevenueAssumptions(),
        pv_assumptions=PV,
    )  # fmt: skip
    none = counted_area(TOWN.roofs.iloc[:0], TOWN.planes.iloc[:0], BASE)
    quotas = quota_needs(
        money, TOWN.roofs.iloc[:0], counted_m2=none, counties=COUNTIES, assumptions=BASE
    )
    curve = supply_curve(money, counted_m2=none, quotas=quotas, assumptions=BASE)
    ledger = county_ledger(money, curve, quotas=quotas)
    assert (len(money), len(curve), len(ledger)) == (0, 0, 15)
    assert ledger["technical_mw"].sum() == 0.0
    limits = pd.Series(1.0, index=list(COUNTIES))
    assert phasing(curve, limits_mw=limits, assumptions=BASE).empty
    with pytest.raises(LayerError, match="cannot be split by potential"):
        county_targets(quotas, assumptions=BASE)


# the promise


def test_the_promise_is_split_by_the_stated_rule() -> None:
    people = pd.Series({"370302": 1.0, "370303": 3.0, "370304": 4.0})
    split = CountyAssumptions.from_mapping({"split_rule": "population"})
    targets = county_targets(QUOTAS, assumptions=split, population=people)
    assert targets["share"].to_list() == [0.125, 0.375, 0.5]
    assert targets["new_mw"].to_list() == [500.0, 1500.0, 2000.0]
    assert targets["total_mw"].sum() == pytest.approx(5000.0)
    assert targets.loc["370304", "gap_mw"] == 2000.0
    for rule, column in (("potential", "technical_mw"), ("roof_area", "roof_m2")):
        made = county_targets(
            QUOTAS, assumptions=CountyAssumptions.from_mapping({"split_rule": rule})
        )
        weight = QUOTAS.groupby("county")[column].sum()
        np.testing.assert_allclose(made["share"], weight / weight.sum())
        assert made["new_mw"].sum() == pytest.approx(4000.0)
    half = CountyAssumptions.from_mapping({"target_rooftop_share": 0.5})
    assert county_targets(QUOTAS, assumptions=half)["need_mw"].sum() == pytest.approx(2000.0)
    path = target_years(targets, assumptions=BASE)
    assert path.loc["370302/2027", "cumulative_mw"] == pytest.approx(200.0)
    assert path["new_mw"].sum() == pytest.approx(4000.0)
    assert set(path["year"]) == {2026, 2027, 2028, 2029, 2030}


def test_faults_of_a_split_are_named() -> None:
    own = CountyAssumptions.from_mapping({"split_rule": "custom"})
    shares = pd.Series({"370302": 0.5, "370303": 0.3, "370304": 0.1})
    with pytest.raises(LayerError, match=r"sum to 0\.9, but"):
        county_targets(QUOTAS, assumptions=own, shares=shares)
    with pytest.raises(LayerError, match="missing or unknown: 370304"):
        county_targets(QUOTAS, assumptions=own, shares=shares.iloc[:2])
    made = county_targets(QUOTAS, assumptions=own, shares=shares.add([0.1, 0.0, 0.0]))
    assert made["share"].to_list() == pytest.approx([0.6, 0.3, 0.1])
    people = CountyAssumptions.from_mapping({"split_rule": "population"})
    with pytest.raises(LayerError, match="residents of 370302, 370303, 370304"):
        county_targets(QUOTAS, assumptions=people)
    with pytest.raises(AssumptionError, match=r"year_shares sum to 0\.9"):
        CountyAssumptions.from_mapping({"year_shares": [0.5, 0.4]})


# phases


def test_phases_by_hand() -> None:
    _, _, targets, curve = chain(ROWS, promise(0.10))
    # in order: b1 20, b5 60, b0 10, b4 40 kWp; 65 kWp a year
    limits = pd.Series({"c": 0.065})
    phases = phasing(curve, limits_mw=limits, assumptions=promise(0.10))
    assert phases["year"].to_list()[:2] == [2026, 2026]  # b0 fills the gap beside b1
    assert phases.loc["b5", "year"] == 2027
    assert phases.loc["b4", "year"] == 2028
    path = target_years(targets, assumptions=promise(0.10))
    totals = phase_totals(phases, curve, path=path, limits_mw=limits)
    assert totals["built_mw"].to_list() == pytest.approx([0.03, 0.06, 0.04, 0.0, 0.0])
    assert totals["cumulative_mw"].to_list() == pytest.approx([0.03, 0.09, 0.13, 0.13, 0.13])
    assert totals["behind_mw"].to_list() == pytest.approx([0.0] * 5)
    assert totals["capex_cny"].sum() == pytest.approx(3000.0 * 130.0)
    few = phasing(curve, limits_mw=pd.Series({"c": 0.021}), assumptions=promise(0.10))
    assert few.loc[["b5", "b4"], "reason"].to_list() == ["above_limit", "above_limit"]
    one = promise(0.10, year_shares=[1.0])
    late = phasing(curve, limits_mw=limits, assumptions=one)
    assert late.loc["b4", "reason"] == "after_last_year"
    with pytest.raises(LayerError, match="build limit of c is missing"):
        phasing(curve, limits_mw=pd.Series({"x": 1.0}), assumptions=BASE)


def test_no_year_exceeds_its_limit_and_every_chosen_roof_has_a_word() -> None:
    assumptions = promise(3.0, build_limit_mw=0.5)
    targets, curve, _ = town_ledger(assumptions)
    limits = build_limits(targets, assumptions=assumptions)
    assert limits.sum() == pytest.approx(0.5)
    phases = phasing(curve, limits_mw=limits, assumptions=assumptions)
    path = target_years(targets, assumptions=assumptions)
    totals = phase_totals(phases, curve, path=path, limits_mw=limits)
    assert (totals["built_mw"] <= totals["limit_mw"] + 1e-9).all()
    built = phases["reason"] == "built"
    assert built.sum() == totals["roofs"].sum() > 10
    assert totals["built_mw"].sum() == pytest.approx(curve.loc[built, "new_kwp"].sum() / 1e3)
    assert ((phases["reason"] == "not_chosen") == ~curve["chosen"]).all()
    assert phases.loc[~built, "year"].isna().all()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 9999))
def test_running_sums_equal_the_plain_ones(seed: int) -> None:
    draw = np.random.default_rng(seed)
    values, group = draw.uniform(size=30), draw.integers(0, 4, 30)
    order = draw.permutation(30).astype(float)
    plain = [values[(group == g) & (order <= o)].sum() for g, o in zip(group, order, strict=True)]
    np.testing.assert_allclose(running_sum(values, group, order), plain)
