"""Heat supply: grades in series, heat pumps, estimates from capacity, reasons, doubts, profiles."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heat_network.heat_pump import heat_pump_output_mw, log_mean_k, lorenz_cop
from heat_network.supply import availability_hours, heat_supply, heat_zones, read_source_ratios
from heat_network.supply_assumptions import NETWORKS, HeatSupplyAssumptions
from heat_network.supply_tables import SUPPLY
from layers.demo.facts import plant_sites
from layers.errors import AssumptionError, LayerError
from layers.tables import HEAT_SOURCE_KINDS

CRS = "EPSG:4548"


def _sources(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    usual = {
        "kind": "chemical",
        "status": "operating",
        "county": "370305",
        "source": "test",
        "name": "x",
    }
    frame = pd.DataFrame([{**usual, **row} for row in rows])
    frame.index = pd.Index([f"s{i}" for i in range(len(rows))], name="source_id")
    return gpd.GeoDataFrame(
        frame, geometry=gpd.points_from_xy([0.0] * len(rows), [0.0] * len(rows)), crs=CRS
    )


def _case(**values: object) -> HeatSupplyAssumptions:
    return HeatSupplyAssumptions.from_mapping(values)


def test_a_stream_from_150_to_40_is_used_in_series() -> None:
    supply = heat_supply(_sources({"heat_mw": 110.0}), _case())
    row = supply.iloc[0]
    # 150 -> 65 by exchanger (return 60 plus 5), 65 -> 40 by heat pump.
    assert row["direct_mw"] == pytest.approx(85.0)
    assert row["direct_reach_c"] == 120.0
    assert row["direct_reach"] == 1.0
    assert row["lift_mw"] == pytest.approx(25.0)
    source_k = 25.0 / np.log(338.15 / 313.15)
    sink_k = 30.0 / np.log(363.15 / 333.15)
    cop = 0.5 * sink_k / (sink_k - source_k)
    assert row["cop"] == pytest.approx(cop)
    assert row["heat_pump_mw"] == pytest.approx(25.0 * cop / (cop - 1.0))
    assert row["heat_pump_reach"] == pytest.approx(0.5)
    assert row["usable"]
    SUPPLY.validate(supply, where="test")


def test_a_colder_return_makes_more_of_it_direct() -> None:
    source = _sources({"heat_mw": 110.0})
    wide, usual = heat_supply(source, _case(network="120/25")), heat_supply(source, _case())
    assert wide["direct_mw"].iloc[0] == pytest.approx(110.0)  # cold end 40 is above 25 + 5
    assert wide["direct_mw"].iloc[0] > usual["direct_mw"].iloc[0]
    assert pd.isna(wide["cop"].iloc[0])


def test_steam_is_direct_as_a_whole_and_warm_water_only_preheats() -> None:
    supply = heat_supply(
        _sources({"kind": "coal_chp", "heat_mw": 100.0}, {"heat_mw": 30.0, "temperature_c": 80.0}),
        _case(),
    )
    assert supply["direct_mw"].tolist() == pytest.approx([100.0, 30.0 * 15 / 40])
    assert supply["direct_reach"].tolist() == pytest.approx([1.0, 15.0 / 60.0])
    assert supply["lift_mw"].tolist() == pytest.approx([0.0, 30.0 * 25 / 40])


def test_colder_than_the_return_without_a_heat_pump_is_a_sentence() -> None:
    source = _sources({"kind": "data_centre", "heat_mw": 20.0})
    refused = heat_supply(source, _case(heat_pumps=False)).iloc[0]
    assert refused["reason"] == "too_cold"
    assert not refused["usable"]
    assert "45 °C" in refused["note"]
    assert "allow heat_pumps" in refused["note"]
    assert refused["direct_mw"] == refused["lift_mw"] == refused["heat_pump_mw"] == 0.0
    lifted = heat_supply(source, _case()).iloc[0]
    assert lifted["usable"]
    assert lifted["lift_mw"] == 20.0


def test_retired_plants_and_plants_without_heat_have_reasons() -> None:
    supply = heat_supply(
        _sources(
            {"heat_mw": 9.0, "status": "retired"}, {"heat_mw": 9.0, "status": "cancelled"},
            {"kind": "steel", "electric_mw": 50.0}, {"kind": "other", "heat_mw": 5.0},
            {"heat_mw": 9.0, "status": "construction"},
        ),
        _case(),
    )  # fmt: skip
    assert supply["reason"].astype("str").tolist() == [
        "status", "status", "no_capacity", "no_temperature", "status"]  # fmt: skip
    assert "retired" in supply["note"].iloc[0]
    later = heat_supply(
        _sources({"heat_mw": 9.0, "status": "construction"}),
        _case(statuses=["operating", "construction"]),
    )
    assert later["usable"].iloc[0]


def test_heat_from_electric_capacity_names_its_rule() -> None:
    supply = heat_supply(
        _sources(
            {"kind": "coal_chp", "electric_mw": 660.0, "units": 2},
            {"kind": "coal_chp", "electric_mw": 190.0, "units": 3},
            {"kind": "coal_chp", "electric_mw": 190.0, "heat_mw": 77.0, "units": 3},
        ),
        _case(),
    )
    assert supply["heat_mw"].tolist() == pytest.approx([660 * 1.2, 190 * 2.0, 77.0])
    assert supply["method"].astype("str").tolist() == ["extraction", "back_pressure", "stated"]


def test_kw_for_mw_is_doubted_with_the_number_meant() -> None:
    supply = heat_supply(_sources({"heat_mw": 120000.0}, {"heat_mw": 120.0}), _case())
    assert supply["doubtful"].tolist() == [True, False]
    assert "divide by 1,000 (120 MW)" in supply["note"].iloc[0]
    assert pd.isna(supply["note"].iloc[1])
    both = heat_supply(_sources({"heat_mw": 120000.0, "status": "retired"}), _case()).iloc[0]
    assert "retired" in both["note"]
    assert "divide" in both["note"]


def test_a_stream_cooled_above_its_start_is_refused() -> None:
    with pytest.raises(LayerError, match="cooled to 90 °C, above the 80 °C"):
        heat_supply(_sources({"heat_mw": 1.0, "temperature_c": 80.0}).assign(cold_c=90.0), _case())


@settings(max_examples=80, deadline=None)
@given(
    hot=st.floats(5.0, 600.0),
    width=st.floats(0.0, 300.0),
    network=st.sampled_from(NETWORKS),
    pump=st.booleans(),
)
def test_no_heat_is_made_or_lost_between_the_grades(
    hot: float, width: float, network: str, pump: bool
) -> None:
    cold = max(hot - width, 1.0)
    source = _sources({"heat_mw": 50.0, "temperature_c": hot}).assign(cold_c=min(cold, hot))
    case = _case(network=network, heat_pumps=pump)
    row = heat_supply(source, case).iloc[0]
    assert row["direct_mw"] + row["lift_mw"] <= 50.0 * (1 + 1e-12)
    if pump and not np.isnan(row["cop"]):
        assert row["direct_mw"] + row["lift_mw"] == pytest.approx(50.0)
        assert 1.0 < row["cop"] <= 8.0
        # output = source heat + electricity
        assert row["heat_pump_mw"] == pytest.approx(
            row["lift_mw"] + row["heat_pump_mw"] / row["cop"]
        )
    if row["direct_mw"] > 0:
        assert case.return_temperature_c < row["direct_reach_c"] <= hot - 5.0 + 1e-9
    assert row["usable"] == (row["direct_mw"] + row["lift_mw"] > 0)


def test_cop_and_power_cap_by_hand() -> None:
    assert float(lorenz_cop(288.15, 348.15, efficiency=0.5, maximum=8.0)) == pytest.approx(
        0.5 * 348.15 / 60
    )
    assert float(lorenz_cop(340.0, 341.0, efficiency=0.5, maximum=8.0)) == 8.0
    assert float(lorenz_cop(360.0, 341.0, efficiency=0.5, maximum=8.0)) == 8.0
    assert float(log_mean_k(90.0, 60.0)) == pytest.approx(347.93, abs=0.01)
    assert heat_pump_output_mw([30.0, 30.0], 4.0, installed_mw=[12.0, 99.0]).tolist() == [
        12.0,
        40.0,
    ]
    with pytest.raises(LayerError, match="absolute zero"):
        log_mean_k(-300.0, 10.0)
    with pytest.raises(LayerError, match="not above 1"):
        heat_pump_output_mw(1.0, 1.0, installed_mw=1.0)


@settings(max_examples=50, deadline=None)
@given(low=st.floats(250.0, 330.0), step=st.floats(0.0, 20.0), sink=st.floats(331.0, 380.0))
def test_a_warmer_source_never_lowers_the_cop(low: float, step: float, sink: float) -> None:
    cops = lorenz_cop([low, low + step], sink, efficiency=0.5, maximum=8.0)
    assert cops[1] >= cops[0]


def test_the_ratios_cover_every_kind_and_say_where_they_come_from() -> None:
    ratios = read_source_ratios()
    for kind in HEAT_SOURCE_KINDS:
        for quantity in ("availability", "cost_cny_gj", "co2_kg_gj", "closure_risk", "largest_mw"):
            assert f"{kind}.{quantity}" in ratios.index
        assert (f"{kind}.hot_c" in ratios.index) == (kind != "other")
    assert ratios["source"].str.len().min() > 10
    assert set(ratios["confidence"].astype("str")) <= {"plan", "read", "computed", "unverified"}
    hot, cold = (
        ratios[ratios["quantity"] == q].set_index("kind")["value"] for q in ("hot_c", "cold_c")
    )
    assert (hot >= cold.reindex(hot.index)).all()


def test_own_ratios_replace_ours_and_faults_are_named(tmp_path: Path) -> None:
    head = "kind,quantity,value,unit,source,confidence\n"
    own = tmp_path / "own.csv"
    own.write_text(head + "chemical,hot_c,120,°C,plant's data sheet,read\n", encoding="utf-8")
    ratios = read_source_ratios(own)
    assert ratios["value"]["chemical.hot_c"] == 120.0
    assert len(ratios) == len(read_source_ratios())
    assert (
        heat_supply(_sources({"heat_mw": 80.0}), _case(), ratios=ratios)["hot_c"].iloc[0] == 120.0
    )
    for line, words in (
        ("chemical,hot_c,400,K,x,read", "counted in '°C'"),
        ("chemicals,hot_c,120,°C,x,read", "chemicals"),
        ("chemical,warm_c,120,°C,x,read", "warm_c"),
    ):
        own.write_text(head + line + "\n", encoding="utf-8")
        with pytest.raises(AssumptionError, match=words):
            read_source_ratios(own)
    own.write_text("kind,value\nchemical,1\n", encoding="utf-8")
    with pytest.raises(AssumptionError, match="lacks the column 'quantity'"):
        read_source_ratios(own)
    with pytest.raises(AssumptionError, match="cannot be read"):
        read_source_ratios(tmp_path / "none.csv")


def test_a_return_above_the_supply_is_refused() -> None:
    with pytest.raises(AssumptionError, match="must be above"):
        _case(return_c={"120/60": 118.0})


def test_profiles_stop_for_the_festival_and_take_measured_hours() -> None:
    supply = heat_supply(_sources({"kind": "ceramics", "heat_mw": 9.0}, {"heat_mw": 9.0}), _case())
    index = pd.date_range("2023-01-20", periods=24 * 30, freq="h", tz="Asia/Shanghai")
    hours = availability_hours(supply, index, _case())
    assert hours["s0"].loc["2023-01-24"].unique().tolist() == [0.6]
    assert hours["s0"].loc["2023-01-25":"2023-02-15"].unique().tolist() == [0.0]
    assert hours["s0"].loc["2023-02-16"].unique().tolist() == [0.6]
    assert hours["s1"].unique().tolist() == [0.9]
    day = availability_hours(supply, index, _case(profile={"chemical": "daytime"}))["s1"]
    assert day.groupby(day.index.hour).max().gt(0).sum() == 12
    own = pd.DataFrame({"s1": 0.5}, index=index)
    assert availability_hours(supply, index, _case(), own=own)["s1"].unique().tolist() == [0.5]
    with pytest.raises(LayerError, match="leaves 0 to 1"):
        availability_hours(supply, index, _case(), own=own * 3)
    with pytest.raises(LayerError, match="no source"):
        availability_hours(supply, index, _case(), own=own.rename(columns={"s1": "s9"}))


def test_zibo_s_plants_in_four_heat_zones() -> None:
    plants = plant_sites(CRS)
    supply = heat_supply(plants, _case())
    usable = supply[supply["usable"]]
    assert len(usable) == 17
    assert supply.loc[~supply["usable"], "reason"].notna().all()
    zones = heat_zones(usable["county"], _case())
    assert set(zones) == {"north", "middle", "south", "yiyuan"}
    coal = usable[usable["kind"] == "coal_chp"]
    # 156.15 million m² at 45 W/m² is what the heat plan's CHP sources should carry.
    assert coal["heat_mw"].sum() == pytest.approx(156.15e6 * 45e-6, rel=0.15)
    assert heat_zones(pd.Series(["330106"]), _case()).tolist() == ["330106"]


def test_no_sources_give_an_empty_table() -> None:
    assert len(heat_supply(_sources({}).iloc[:0], _case())) == 0
