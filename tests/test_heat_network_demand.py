"""Heat demand: floors, indices, the season's hours, calibration and diversity."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heat_network.demand import (
    calibrated_demand,
    demand_hours,
    heat_demand,
    load_fraction,
    season_mask,
)
from heat_network.demand_assumptions import HeatDemandAssumptions
from heat_network.demand_tables import HEAT_BUILDINGS
from heat_network.diversity import diverse_kw, diverse_peaks_kw
from layers.demo import embedded_zibo
from layers.errors import AssumptionError, LayerError
from layers.layer_set import LayerSet
from layers.weather import Weather


def _weather(temperature_c: float | np.ndarray) -> Weather:
    index = pd.date_range("2023-01-01", periods=8760, freq="h", tz="Asia/Shanghai", name="time")
    hours = pd.DataFrame(
        {
            "ghi_w_m2": 0.0,
            "dhi_w_m2": 0.0,
            "dni_w_m2": 0.0,
            "temperature_c": temperature_c,
            "wind_m_s": 1.0,
        },
        index=index,
    )
    return Weather(
        hours=hours, latitude_deg=36.8, longitude_deg=118.0, elevation_m=60.0, source="test"
    )


def _buildings(**columns: object) -> pd.DataFrame:
    length = max(len(value) for value in columns.values() if isinstance(value, list))
    usual = {
        "use": "apartment",
        "height_m": 18.0,
        "storeys": pd.NA,
        "footprint_m2": 1000.0,
        "county": "370305",
        "source": "synthetic",
    }
    index = pd.Index([f"b{i}" for i in range(length)], name="building_id")
    frame = pd.DataFrame({**usual, **columns}, index=index)
    frame["storeys"] = frame["storeys"].astype("Int64")
    return frame


def _flat(index_w_m2: float, **more: object) -> HeatDemandAssumptions:
    """One index for every dwelling and the whole floor heated."""
    by_class = {"dwelling": index_w_m2}
    return HeatDemandAssumptions.from_mapping(
        {
            "index_old_w_m2": by_class,
            "index_saving_w_m2": by_class,
            "index_65_w_m2": by_class,
            "index_75_w_m2": by_class,
            "heated_share": {"apartment": 1.0},
            **more,
        }
    )


@pytest.fixture(scope="module")
def zibo() -> LayerSet:
    return embedded_zibo("sample")


def test_a_block_by_hand() -> None:
    weather = _weather(-7.4)
    demand = heat_demand(
        _buildings(height_m=[18.0, 18.0], storeys=[pd.NA, 4]), weather, _flat(40.0)
    )
    assert demand["storeys"].tolist() == [6, 4]
    assert demand["heated_m2"].tolist() == [6000.0, 4000.0]
    assert demand["design_kw"].tolist() == [240.0, 160.0]
    assert demand["annual_gj"].to_numpy() == pytest.approx(np.array([240.0, 160.0]) * 2904 * 0.0036)
    HEAT_BUILDINGS.validate(demand, where="test")


def test_the_season_has_2904_hours_and_includes_both_days() -> None:
    weather, assumptions = _weather(0.0), HeatDemandAssumptions()
    days = weather.hours.index[season_mask(weather, assumptions)]
    assert len(days) == 2904
    marks = {f"{t:%m-%d}" for t in days}
    assert {"11-15", "03-15"} <= marks
    assert not {"11-14", "03-16"} & marks
    summer = HeatDemandAssumptions.from_mapping({"season_start": [6, 1], "season_end": [6, 30]})
    assert season_mask(weather, summer).sum() == 720


@pytest.mark.parametrize(
    ("outdoor_c", "fraction"), [(-7.4, 1.0), (18.0, 0.0), (30.0, 0.0), (5.3, 0.5), (-20.0, 1.0)]
)
def test_the_load_follows_the_degrees(outdoor_c: float, fraction: float) -> None:
    shape = load_fraction(_weather(outdoor_c), HeatDemandAssumptions())
    assert shape.iloc[0] == pytest.approx(fraction)
    assert shape.loc["2023-07-01 12:00+08:00"] == 0.0


def test_without_the_cap_a_colder_hour_asks_for_more() -> None:
    free = HeatDemandAssumptions.from_mapping({"cap_at_design": False})
    assert load_fraction(_weather(-20.1), free).iloc[0] == pytest.approx(1.5)


def test_gains_lower_the_balance_temperature() -> None:
    gains = HeatDemandAssumptions.from_mapping({"gain_k": 4.0})
    shape = load_fraction(_weather(3.3), gains)
    assert shape.iloc[0] == pytest.approx((14.0 - 3.3) / (14.0 + 7.4))
    assert load_fraction(_weather(15.0), gains).sum() == 0.0


# Season heat per square metre that is commonly reckoned for Zibo, from a season of 1.0 °C on average.
_KNOWN_GJ_M2 = [(30.0, 0.21), (35.0, 0.245), (40.0, 0.28), (45.0, 0.315)]


@pytest.mark.parametrize(("index_w_m2", "known_gj_m2"), _KNOWN_GJ_M2)
def test_a_winter_of_one_degree_gives_the_known_heat_per_square_metre(
    index_w_m2: float, known_gj_m2: float
) -> None:
    weather = _weather(1.0)
    demand = heat_demand(_buildings(height_m=[18.0]), weather, _flat(index_w_m2))
    assert demand["annual_gj"].iloc[0] / demand["heated_m2"].iloc[0] == pytest.approx(
        known_gj_m2, abs=0.001
    )
    assert 1920 <= load_fraction(weather, HeatDemandAssumptions()).sum() <= 1980


@pytest.mark.parametrize(("index_w_m2", "known_gj_m2"), _KNOWN_GJ_M2)
def test_the_embedded_winter_is_within_five_per_cent_of_it(
    zibo: LayerSet, index_w_m2: float, known_gj_m2: float
) -> None:
    # Its months are normals of 1991-2020, whose season is 0.6 K warmer.
    demand = heat_demand(_buildings(height_m=[18.0]), zibo.weather, _flat(index_w_m2))
    heat_gj_m2 = demand["annual_gj"].iloc[0] / demand["heated_m2"].iloc[0]
    assert 0.95 * known_gj_m2 <= heat_gj_m2 <= known_gj_m2
    season = zibo.weather.hours["temperature_c"][season_mask(zibo.weather, HeatDemandAssumptions())]
    hours = load_fraction(zibo.weather, HeatDemandAssumptions()).sum()
    assert hours == pytest.approx((18.0 - season.mean()) / 25.4 * 2904, rel=0.005)


def test_standards_of_buildings_years_and_the_mix() -> None:
    buildings = _buildings(height_m=[18.0] * 5).assign(
        energy_standard=["standard_75", None, None, None, "old"],
        year_built=[1980.0, 1980.0, 2010.0, np.nan, 2020.0],
    )
    demand = heat_demand(buildings, _weather(0.0), HeatDemandAssumptions())
    mix = 0.25 * 60 + 0.3 * 45 + 0.3 * 35 + 0.15 * 28.5
    assert demand["index_w_m2"].to_numpy() == pytest.approx([28.5, 60.0, 35.0, mix, 60.0])
    assert demand["energy_standard"].astype("object").where(demand["energy_standard"].notna(), None).tolist() == [
        "standard_75", "old", "standard_65", None, "old"]  # fmt: skip


def test_every_building_without_demand_has_its_reason() -> None:
    buildings = _buildings(use=["warehouse", "apartment", "apartment"], footprint_m2=[900.0, 5.0, 900.0],
                           height_m=[9.0, 3.0, 9.0])  # fmt: skip
    demand = heat_demand(buildings, _weather(0.0), HeatDemandAssumptions())
    assert demand["reason"].astype("object").tolist()[:2] == ["use", "size"]
    assert demand["reason"].isna().tolist() == [False, False, True]
    assert demand.loc[demand["reason"].notna(), ["design_kw", "annual_gj"]].to_numpy().max() == 0.0


def test_hours_of_groups_sum_to_the_year_of_their_buildings(zibo: LayerSet) -> None:
    for water in ("none", "season", "year"):
        assumptions = HeatDemandAssumptions.from_mapping({"hot_water": water})
        demand = heat_demand(zibo.buildings, zibo.weather, assumptions)
        hours = demand_hours(demand, zibo.weather, assumptions)
        assert len(hours) == (8760 if water == "year" else 2904)
        expected = demand.groupby("county", observed=True)["annual_gj"].sum()
        assert (hours.sum() * 3.6).to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-9)
        assert hours.index.tz is not None
    keyed = pd.Series("all", index=demand.index)
    one = demand_hours(demand, zibo.weather, assumptions, by=keyed)
    assert one["all"].to_numpy() == pytest.approx(hours.sum(axis=1).to_numpy())


def test_hot_water_by_hand() -> None:
    assumptions = _flat(
        40.0, hot_water="year", hot_water_w_m2={"dwelling": 5.0}, hot_water_peak=2.0
    )
    demand = heat_demand(_buildings(height_m=[18.0]), _weather(18.0), assumptions)
    assert demand["hot_water_kw"].iloc[0] == 30.0
    assert demand["design_kw"].iloc[0] == 240.0 + 60.0
    assert demand["annual_gj"].iloc[0] == pytest.approx(30.0 * 8760 * 0.0036)


def test_calibration_meets_the_meter_and_leaves_others() -> None:
    buildings = _buildings(county=["370305", "370305", "370321"])
    weather, assumptions = _weather(0.0), HeatDemandAssumptions()
    demand = heat_demand(buildings, weather, assumptions)
    total = demand["annual_gj"].iloc[:2].sum() * 1.25
    scaled = calibrated_demand(demand, pd.Series({"370305": total}), assumptions)
    assert scaled["annual_gj"].iloc[:2].sum() == pytest.approx(total)
    assert scaled["calibration"].tolist() == pytest.approx([1.25, 1.25, 1.0])
    assert scaled.iloc[2]["design_kw"] == demand.iloc[2]["design_kw"]
    assert demand["calibration"].tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("key", "total", "words"),
    [("370399", 1e3, "no buildings"), ("370305", -1.0, "above 0"), ("370305", 1e9, "unit")],
)
def test_a_wrong_meter_is_refused(key: str, total: float, words: str) -> None:
    demand = heat_demand(_buildings(height_m=[18.0]), _weather(0.0), HeatDemandAssumptions())
    with pytest.raises(LayerError, match=words):
        calibrated_demand(demand, pd.Series({key: total}), HeatDemandAssumptions())


def test_bad_input_is_a_sentence() -> None:
    weather, assumptions = _weather(0.0), HeatDemandAssumptions()
    with pytest.raises(LayerError, match="height_m"):
        heat_demand(_buildings(storeys=[1]).drop(columns="height_m"), weather, assumptions)
    with pytest.raises(LayerError, match="apartment"):
        heat_demand(_buildings(use=["apartmnt"]), weather, assumptions)
    with pytest.raises(LayerError, match="did you mean standard_65"):
        heat_demand(
            _buildings(use=["shop"]).assign(energy_standard="standard65"), weather, assumptions
        )
    demand = heat_demand(_buildings(height_m=[18.0, 18.0]), weather, assumptions)
    with pytest.raises(LayerError, match="no group"):
        demand_hours(demand, weather, assumptions, by=pd.Series({"b0": "x"}))
    with pytest.raises(AssumptionError, match="sums to"):
        HeatDemandAssumptions.from_mapping({"standard_share": {"old": 0.9}})
    with pytest.raises(AssumptionError, match="month and day"):
        HeatDemandAssumptions.from_mapping({"season_start": [2, 30]})
    with pytest.raises(AssumptionError, match="balance temperature"):
        HeatDemandAssumptions.from_mapping({"design_outdoor_c": 15.0, "gain_k": 6.0})


def test_no_buildings_give_an_empty_table() -> None:
    empty = _buildings(height_m=[18.0]).iloc[:0]
    assert len(heat_demand(empty, _weather(0.0), HeatDemandAssumptions())) == 0


def test_diversity_by_hand() -> None:
    assert diverse_kw([100.0, 200.0, 1000.0], [1, 2, 1000], [0.0, 0.0, 0.0]) == pytest.approx(
        [100.0, 162.0, 620.38]
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(0.0, 1e4)), min_size=1, max_size=40))
def test_no_peak_is_below_one_downstream_or_above_the_sum(nodes: list[tuple[int, float]]) -> None:
    parent = np.array([-1, *(draw % i for i, (draw, _) in enumerate(nodes) if i)], dtype=np.int64)
    load = np.array([kw for _, kw in nodes])
    peak = diverse_peaks_kw(parent, load)
    below = parent >= 0
    assert (peak[parent[below]] >= peak[below] - 1e-9).all()
    assert peak[0] <= load.sum() * (1.0 + 1e-12) + 1e-9
    assert (peak >= load - 1e-9).all()


def test_a_cycle_of_parents_is_refused() -> None:
    with pytest.raises(LayerError, match="cycle"):
        diverse_peaks_kw(np.array([1, 0]), np.array([1.0, 1.0]))
