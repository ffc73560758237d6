"""The money: tariffs by hand, self-consumption against the plain hourly sum, cash flow against numpy_financial."""

from pathlib import Path

import numpy as np
import numpy_financial as npf
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pv_money_cases import PV, town

from layers.errors import AssumptionError, LayerError
from layers.tables import BUILDING_USES
from layers.weather_clock import nominal_hours
from rooftop_pv import hourly_yield
from rooftop_pv.battery import Battery, battery_gain
from rooftop_pv.building_loads import annual_use
from rooftop_pv.cash_flow import internal_rates, payback_years
from rooftop_pv.load_shapes import LOAD_SHAPES_FILE, SHAPES, load_shapes
from rooftop_pv.revenue import roof_revenue
from rooftop_pv.revenue_assumptions import RevenueAssumptions
from rooftop_pv.self_consumption import match_table, matched_energy
from rooftop_pv.tariffs import SHANDONG_2025, read_tariffs, tariff_hours

BASE = RevenueAssumptions.from_mapping({"sizing": "roof"})
TIMES = nominal_hours(town().weather.hours.index.tz)
TOWN = town()


def earn(**overrides: object) -> pd.DataFrame:
    assumptions = RevenueAssumptions.from_mapping({"sizing": "roof", **overrides})
    return roof_revenue(
        TOWN.roofs, TOWN.planes, TOWN.weather, assumptions=assumptions, pv_assumptions=PV
    )


MONEY = earn()
BUILT = MONEY[MONEY["capacity_kwp"] > 0.0]
LOADS = load_shapes(TIMES)
PRICES = tariff_hours(read_tariffs(), TIMES, on="2025-07-01").prices_cny_kwh


# tariffs


def test_shandong_2025_by_hand() -> None:
    hours = tariff_hours(read_tariffs(), TIMES, on="2025-07-01")
    day = hours.periods["general_commercial"].to_numpy()[:24]
    words = {11: "deep_valley", 13: "deep_valley", 14: "valley", 2: "valley", 5: "valley", 6: "flat",
             7: "peak", 9: "flat", 16: "critical_peak", 18: "critical_peak", 19: "peak", 20: "peak",
             21: "flat", 0: "flat"}  # fmt: skip
    assert {hour: day[hour] for hour in words} == words
    prices = hours.prices_cny_kwh["general_commercial"].to_numpy()[:24]
    # −90 %, −70 %, +70 % and +100 % of the floating 0.40 on top of the fixed 0.23
    np.testing.assert_allclose(
        prices[[12, 3, 8, 17, 0]], [0.27, 0.35, 0.91, 1.03, 0.63], rtol=1e-12
    )
    assert (hours.prices_cny_kwh["household"] == 0.5469).all()


def table_of(tmp_path: Path, rows: list[str]) -> Path:
    path = tmp_path / "own.csv"
    header = SHANDONG_2025.read_text(encoding="utf-8").splitlines()[0]
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


def test_seasons_and_dates(tmp_path: Path) -> None:
    row = "t,{},{},{},{},{},0.5,{},0.1,own,read".format
    path = table_of(
        tmp_path,
        [
            row("2025-01-01", "2025-12-31", "6-8", "0-12", "flat", 1.0),
            row("2025-01-01", "2025-12-31", "6-8", "12-24", "peak", 2.0),
            row("2025-01-01", "2025-12-31", "9-12;1-5", "0-24", "valley", 0.5),
            row("2026-01-01", "2026-12-31", "1-12", "0-24", "flat", 3.0),
        ],
    )
    now = tariff_hours(read_tariffs(path), TIMES, on="2025-05-05").prices_cny_kwh["t"]
    assert now["2023-07-01 11"].item() == pytest.approx(0.6)
    assert now["2023-07-01 12"].item() == pytest.approx(1.1)
    assert now["2023-05-31 12"].item() == pytest.approx(0.35)
    later = tariff_hours(read_tariffs(path), TIMES, on="2026-01-01").prices_cny_kwh["t"]
    assert later.unique() == pytest.approx([1.6])
    with pytest.raises(LayerError, match="No tariff is in force on 2027-01-01"):
        tariff_hours(read_tariffs(path), TIMES, on="2027-01-01")


@pytest.mark.parametrize(
    ("hours", "months", "message"),
    [
        ("0-23", "1-12", "12 hours of its calendar uncovered, first hour 23-24 of month 1"),
        ("0-24", "1-11", "24 hours of its calendar uncovered, first hour 0-1 of month 12"),
        ("0-24;5-6", "1-12", None),
        ("22-6", "1-12", "over midnight"),
        ("all", "1-12", "write ranges"),
        ("0-25", "1-12", "from 0 to 24"),
    ],
)
def test_faults_of_a_tariff_are_named(
    tmp_path: Path, hours: str, months: str, message: str | None
) -> None:
    path = table_of(tmp_path, [f"t,2025-01-01,2025-12-31,{months},{hours},flat,0.5,1,0.1,own,read"])
    if message is None:  # the same row twice over is still one period
        assert len(tariff_hours(read_tariffs(path), TIMES, on="2025-01-01").periods) == 8760
        return
    with pytest.raises(LayerError, match=message):
        tariff_hours(read_tariffs(path), TIMES, on="2025-01-01")


def test_hours_covered_twice_and_bad_words(tmp_path: Path) -> None:
    row = "t,2025-01-01,2025-12-31,1-12,{},{},0.5,1,0.1,own,read".format
    twice = table_of(tmp_path, [row("0-24", "flat"), row("7-9", "peak")])
    with pytest.raises(LayerError, match="covers hour 7-8 of month 1, which flat covers already"):
        tariff_hours(read_tariffs(twice), TIMES, on="2025-01-01")
    with pytest.raises(LayerError, match="peek"):
        read_tariffs(table_of(tmp_path, [row("0-24", "peek")]))
    with pytest.raises(LayerError, match="YYYY-MM-DD"):
        tariff_hours(read_tariffs(), TIMES, on="1 July")
    with pytest.raises(LayerError, match="cannot be read"):
        read_tariffs(tmp_path / "none.csv")
    with pytest.raises(LayerError, match="'houshold' is not in the table; did you mean household"):
        earn(tariff={"rural_home": "houshold"})


# loads


def test_shapes_sum_to_one_and_follow_the_calendar(tmp_path: Path) -> None:
    shapes = load_shapes(TIMES)
    assert tuple(shapes.columns) == SHAPES
    np.testing.assert_allclose(shapes.sum(), 1.0, rtol=1e-12)
    office = shapes["office"]
    assert office["2023-03-06 10"].item() > 3 * office["2023-03-05 10"].item()  # Monday, Sunday
    july, october = office["2023-07-03 10"].item(), office["2023-10-02 10"].item()
    assert july / october == pytest.approx(1.3 / 0.8)
    text = LOAD_SHAPES_FILE.read_text(encoding="utf-8").replace("office,restday", "offce,restday")
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    with pytest.raises(LayerError, match="lack the row 'restday' of 'office'"):
        load_shapes(TIMES, path=tmp_path / "s.csv")


def test_use_is_floor_area_times_use_per_area() -> None:
    load = annual_use(TOWN.roofs, TOWN.planes, assumptions=BASE)
    office = BUILDING_USES.index("office")
    row = TOWN.buildings.iloc[office]
    storeys = round(row["height_m"] / 3.8)
    assert load.iloc[office] == pytest.approx(row["footprint_m2"] * storeys * 70.0)
    own = TOWN.roofs.assign(storeys=7)
    assert annual_use(own, TOWN.planes, assumptions=BASE).iloc[office] == pytest.approx(
        row["footprint_m2"] * 7 * 70.0
    )
    metered = pd.Series([123.0], index=["b7"])
    assert annual_use(TOWN.roofs, TOWN.planes, assumptions=BASE, metered_kwh=metered)["b7"] == 123.0
    with pytest.raises(LayerError, match="negative"):
        annual_use(TOWN.roofs, TOWN.planes, assumptions=BASE, metered_kwh=-metered)


# self-consumption


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.sampled_from([0.0, 1e-3, 0.3, 1.0, 7.0, 1e4]))
def test_the_sorted_corners_equal_the_hourly_sum(seed: int, factor: float) -> None:
    draw = np.random.default_rng(seed)
    month = np.repeat(np.arange(12), 20)
    made = np.where(draw.uniform(size=240) < 0.5, draw.uniform(size=240), 0.0)
    made = made / np.maximum(np.bincount(month, made), 1e-12)[month]
    used = np.where(draw.uniform(size=240) < 0.9, draw.uniform(size=240), 0.0)
    used = used / used.sum()
    price = draw.uniform(0.1, 1.0, 240)
    energy = draw.uniform(0.0, 50.0, (3, 12))
    energy[0, 4] = 0.0
    load = np.array([0.0, 1.0, 30.0]) * factor
    table = match_table(made, used, price_cny_kwh=price, month=month)
    own, saved = matched_energy(table, energy, load)
    both = np.minimum(energy[:, month] * made, load[:, None] * used)
    np.testing.assert_allclose(own, both.sum(axis=1), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(saved, (both * price).sum(axis=1), rtol=1e-9, atol=1e-9)


def plain(building: str, hours_kwh: np.ndarray) -> tuple[float, float]:
    """The same hour by hour for one roof, without groups."""
    use = str(TOWN.roofs.loc[building, "use"])
    load = MONEY.loc[building, "load_kwh"] * LOADS[BASE.load_shape[use]].to_numpy()
    own = np.minimum(hours_kwh, load)
    return float(own.sum()), float((own * PRICES[BASE.tariff[use]].to_numpy()).sum())


def test_single_roofs_agree_with_the_plain_hourly_sum() -> None:
    two_planes = 0
    for building in BUILT.index[::6]:
        planes = TOWN.planes[
            (TOWN.planes["building_id"] == building) & (TOWN.planes["capacity_kwp"] > 0)
        ]
        two_planes += len(planes) > 1
        hours = np.zeros(8760)
        for plane in planes.itertuples():
            hours += (
                plane.capacity_kwp
                * hourly_yield(
                    TOWN.weather,
                    tilt_deg=plane.tilt_deg,
                    azimuth_deg=plane.azimuth_deg,
                    assumptions=PV,
                    mounting="rack" if plane.roof_kind == "flat" else "parallel",
                ).to_numpy()
            )
        own, saved = plain(building, hours)
        row = MONEY.loc[building]
        assert row["self_kwh"] == pytest.approx(own, rel=5e-3), building
        assert row["saved_cny"] == pytest.approx(saved, rel=5e-3), building
    assert two_planes > 1


def test_balance_and_rules() -> None:
    parts = MONEY[["self_kwh", "export_kwh", "curtailed_kwh", "battery_loss_kwh"]].sum(axis=1)
    np.testing.assert_allclose(parts, TOWN.roofs["yield_kwh"], rtol=1e-9, atol=1e-6)
    assert (MONEY["self_kwh"] <= MONEY["load_kwh"] * (1 + 1e-9)).all()
    general = BUILT[BUILT["project_kind"] == "general_ci"]
    assert (general["export_kwh"] <= general["self_kwh"] * (1 + 1e-9)).all()
    assert (general["curtailed_kwh"] > 0).any()
    homes = BUILT[BUILT["project_kind"] == "natural_household"]
    assert len(homes) == (BUILT["use"] == "rural_home").sum() > 0
    assert (homes["curtailed_kwh"] == 0).all()
    sold = earn(export_mode={"natural_household": "full"}).loc[homes.index]
    np.testing.assert_allclose(sold["export_kwh"], sold["yield_kwh"])
    np.testing.assert_allclose(sold["export_cny"], 0.225 * sold["yield_kwh"])
    assert (sold["saved_cny"] == 0).all()
    large = earn(large_ci_kwp=20.0)
    large = large[large["project_kind"] == "large_ci"]
    assert len(large) > 5
    assert (large["export_kwh"] == 0).all()
    with pytest.raises(AssumptionError, match="forbid"):
        earn(export_mode={"general_ci": "full"})
    with pytest.raises(AssumptionError, match="split the building"):
        earn(large_ci_limit_kwp=5.0)


def test_a_fitted_roof_uses_the_least_share_itself_and_no_smaller() -> None:
    fit = earn(sizing="fit")
    smaller = fit[fit["capacity_kwp"] < MONEY["capacity_kwp"] - 1e-9]
    assert len(smaller) > 5
    large_enough = smaller[
        smaller["capacity_kwp"] > 0.011 * MONEY.loc[smaller.index, "capacity_kwp"]
    ]
    np.testing.assert_allclose(large_enough["self_share"], 0.5, atol=1e-3)
    assert set(smaller["project_kind"]) == {"general_ci"}
    assert (fit["curtailed_kwh"] <= 1e-4 * fit["yield_kwh"] + 1e-9)[large_enough.index].all()
    rest = fit.index.difference(smaller.index)
    pd.testing.assert_frame_equal(fit.loc[rest], MONEY.loc[rest])
    np.testing.assert_allclose(
        smaller["yield_kwh"] / smaller["capacity_kwp"],
        (MONEY["yield_kwh"] / MONEY["capacity_kwp"])[smaller.index],
    )
    assert (fit["npv_cny"].fillna(0) >= MONEY["npv_cny"].fillna(0) - 1e-6).all()


def test_noon_electricity_is_cheap_under_the_deep_valley() -> None:
    office = BUILT[BUILT["tariff"] == "general_commercial"]
    mean = (office["saved_cny"] / office["self_kwh"]).mean()
    assert 0.27 < mean < 0.63  # below the flat price, above the deep valley's


def test_no_use_and_boundless_use() -> None:
    none = earn(use_kwh_m2=dict.fromkeys(BUILDING_USES, 0.0))
    assert (none["self_kwh"] == 0).all()
    general = none["project_kind"] == "general_ci"
    np.testing.assert_allclose(none.loc[general, "curtailed_kwh"], none.loc[general, "yield_kwh"])
    assert none.loc[general, "lcoe_cny_kwh"].isna().all()
    assert not none.loc[general, "economic"].any()
    much = earn(use_kwh_m2=dict.fromkeys(BUILDING_USES, 20000.0))
    np.testing.assert_allclose(much["self_kwh"], much["yield_kwh"], rtol=2e-3)


def test_shaded_months_take_their_energy_away() -> None:
    months = [f"yield_{number:02d}_kwh" for number in range(1, 13)]
    dark = TOWN.roofs.copy()
    dark[months[:6]] = 0.0
    dark["yield_kwh"] = dark[months].sum(axis=1)
    money = roof_revenue(dark, TOWN.planes, TOWN.weather, assumptions=BASE, pv_assumptions=PV)
    assert (money["self_kwh"] <= MONEY["self_kwh"] + 1e-9).all()
    np.testing.assert_allclose(money["yield_kwh"], dark["yield_kwh"])


def test_frames_stay_keyed_and_whole() -> None:
    before = TOWN.roofs.copy()
    shuffled = roof_revenue(
        TOWN.roofs.iloc[::-1], TOWN.planes.sample(frac=1.0, random_state=1), TOWN.weather,
        assumptions=BASE, pv_assumptions=PV,
    )  # fmt: skip
    pd.testing.assert_frame_equal(shuffled.loc[MONEY.index], MONEY, rtol=1e-12)
    pd.testing.assert_frame_equal(TOWN.roofs, before)
    with pytest.raises(LayerError, match="belong to no roof"):
        roof_revenue(
            TOWN.roofs.iloc[5:], TOWN.planes, TOWN.weather, assumptions=BASE, pv_assumptions=PV
        )
    with pytest.raises(LayerError, match="yield_01_kwh"):
        roof_revenue(
            TOWN.roofs.drop(columns="yield_01_kwh"), TOWN.planes, TOWN.weather,
            assumptions=BASE, pv_assumptions=PV,
        )  # fmt: skip


# cash flow


def test_money_of_every_roof_agrees_with_numpy_financial() -> None:
    year = np.arange(1, 26)
    for building, row in BUILT.iterrows():
        per_kwp = row["capex_cny"] / row["capacity_kwp"]
        size = row["capacity_kwp"]
        assert per_kwp == pytest.approx(3000.0 if size <= 30 else 2900.0 if size <= 400 else 2700.0)
        assert row["opex_cny"] == pytest.approx(45.0 * size)
        paid = np.where(year <= 15, 0.225, 0.20)
        age = 0.995 ** (year - 1)
        gain = (row["saved_cny"] + row["export_kwh"] * paid) * age
        cost = row["opex_cny"] + np.where(year == 13, 180.0 * size, 0.0)
        flow = np.concatenate([[-row["capex_cny"]], gain - cost])
        assert row["npv_cny"] == pytest.approx(npf.npv(0.06, flow), abs=1e-6 * row["capex_cny"])
        rate = npf.irr(flow)
        assert row["irr"] == pytest.approx(rate, abs=1e-7, nan_ok=True), building
        used = (row["self_kwh"] + row["export_kwh"]) * age
        cost_now = row["capex_cny"] + npf.npv(0.06, np.concatenate([[0.0], cost]))
        energy_now = npf.npv(0.06, np.concatenate([[0.0], used]))
        assert row["lcoe_cny_kwh"] == pytest.approx(cost_now / energy_now)
        assert (row["lcoe_cny_kwh"] <= row["value_cny_kwh"]) == (row["npv_cny"] >= 0)
        assert row["economic"] == (row["npv_cny"] >= 0)
    assert 0 < BUILT["economic"].sum() < len(BUILT)


def test_payback_and_rates_by_hand() -> None:
    factors = np.ones((1, 10))
    invested = np.array([1000.0, 1000.0, 1000.0, 0.0])
    parts = np.array([[250.0], [100.0], [50.0], [0.0]])
    np.testing.assert_allclose(payback_years(invested, parts, factors), [4.0, 10.0, np.nan, np.nan])
    rates = internal_rates(invested, parts, factors)
    np.testing.assert_allclose(
        rates[:3], [npf.rate(10, pmt, -1000.0, 0.0) for pmt in (250.0, 100.0, 50.0)], atol=1e-9
    )
    assert rates[1] == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(rates[3])
    assert np.isnan(internal_rates(np.array([10.0]), np.array([[-1.0]]), factors)).all()


def test_economic_by_payback() -> None:
    short = earn(economic_rule="payback", payback_limit_years=5.0)
    np.testing.assert_array_equal(short["economic"], short["payback_years"] <= 5.0)
    assert short["economic"].sum() < MONEY["economic"].sum()


def test_company_invests_and_pays_rent() -> None:
    rented = earn(household_kind="non_natural_household")
    homes = rented["project_kind"] == "non_natural_household"
    np.testing.assert_allclose(
        rented.loc[homes, "opex_cny"], 105.0 * rented.loc[homes, "capacity_kwp"]
    )


# battery


def test_a_day_of_the_battery_by_hand() -> None:
    made, used = np.zeros(24), np.zeros(24)
    made[10:14] = [3.0, 8.0, 3.0, 1.0]  # surplus 2, 7, 2, 0 over a use of 1
    used[10:14] = 1.0
    used[17:20] = [2.0, 4.0, 1.0]
    price = np.full(24, 0.5)
    price[18], price[19] = 1.0, 0.8
    battery = Battery(energy_kwh=5.0, power_kw=3.0, efficiency=0.8, discharge_from_h=16)
    # charged 2 + 3 + 2 = 7 in, 5.6 out, held to 5: 3 (power) at 1.0, 1 at 0.8, the last 1 at 0.5
    kwh, cny = battery_gain(made, used, price_cny_kwh=price, battery=battery)
    assert (kwh, cny) == pytest.approx((5.0, 3.0 + 0.8 + 0.5))
    small = Battery(energy_kwh=9.0, power_kw=1.0, efficiency=0.8, discharge_from_h=16)
    kwh, cny = battery_gain(made, used, price_cny_kwh=price, battery=small)  # 3 in, 2.4 out
    assert (kwh, cny) == pytest.approx((2.4, 1.0 + 0.8 + 0.4 * 0.5))
    with pytest.raises(AssumptionError, match="efficiency"):
        Battery(energy_kwh=1.0, power_kw=1.0, efficiency=0.0, discharge_from_h=16)


def test_batteries_of_single_roofs_agree_with_their_own_dispatch() -> None:
    stored = earn(battery_kwh_kwp={"general_ci": 1.5, "natural_household": 1.5})
    parts = stored[["self_kwh", "export_kwh", "curtailed_kwh", "battery_loss_kwh"]].sum(axis=1)
    np.testing.assert_allclose(parts, stored["yield_kwh"], rtol=1e-9, atol=1e-6)
    helped = 0
    for building in BUILT.index[::6]:
        planes = TOWN.planes[
            (TOWN.planes["building_id"] == building) & (TOWN.planes["capacity_kwp"] > 0)
        ]
        if len(planes) > 1:
            continue
        plane = planes.iloc[0]
        use = str(TOWN.roofs.loc[building, "use"])
        capacity = plane["capacity_kwp"]
        made = capacity * hourly_yield(
            TOWN.weather, tilt_deg=plane["tilt_deg"], azimuth_deg=plane["azimuth_deg"], assumptions=PV,
            mounting="rack" if plane["roof_kind"] == "flat" else "parallel",
        ).to_numpy()  # fmt: skip
        used = (
            stored.loc[building, "load_kwh"] * load_shapes(TIMES)[BASE.load_shape[use]].to_numpy()
        )
        battery = Battery(
            energy_kwh=1.5 * capacity,
            power_kw=0.75 * capacity,
            efficiency=0.88,
            discharge_from_h=16,
        )
        kwh, _ = battery_gain(
            made, used, price_cny_kwh=PRICES[BASE.tariff[use]].to_numpy(), battery=battery
        )
        own = np.minimum(made, used).sum() + kwh
        assert stored.loc[building, "self_kwh"] == pytest.approx(own, rel=5e-3), building
        helped += kwh > 0.05 * own
    assert helped > 1
    gain = stored["saved_cny"] - MONEY["saved_cny"]
    assert (gain >= -1e-6).all()
    np.testing.assert_allclose(
        stored["capex_cny"] - MONEY["capex_cny"], 900.0 * stored["battery_kwh"], atol=1e-6
    )
