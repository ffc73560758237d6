"""Outage: what stays cold without a source, by hand, and what a spare costs."""

import numpy as np
import pandas as pd
import pytest

from heat_network.matching import Matching, match
from heat_network.matching_assumptions import HeatMatchingAssumptions
from heat_network.outage import outage
from layers.errors import LayerError


def _matched(boiler_limit: float = 10.0, storage_h: float = 0.0) -> Matching:
    supply = pd.DataFrame(
        {
            "usable": True, "heat_mw": [6.0, 4.0], "direct_mw": [6.0, 4.0], "direct_reach": 1.0,
            "heat_pump_mw": 0.0, "heat_pump_reach": 0.0, "cop": np.nan, "availability": 1.0,
            "cost_cny_gj": [10.0, 20.0], "co2_kg_gj": 0.0,
        },
        index=pd.Index(["big", "small"], name="source_id"),
    )  # fmt: skip
    index = pd.date_range("2023-01-01", periods=4, freq="h", tz="Asia/Shanghai", name="time")
    hours = pd.DataFrame({"c0": [5.0, 8.0, 10.0, 3.0], "c1": [0.0, 0.0, 0.0, 0.0]}, index=index)
    free = {"exchanger": 0.001, "heat_pump": 0.0, "connection": 0.0, "boiler": 1e6, "storage": 0.0}
    assumptions = HeatMatchingAssumptions.from_mapping(
        {
            "capital": free,
            "distribution_loss": 0.0,
            "storage_limit_h": storage_h,
            "boiler_limit": boiler_limit,
        }
    )
    allowed = pd.DataFrame({"c0": [True, True], "c1": [True, False]}, index=supply.index)
    return match(supply, hours, allowed=allowed, assumptions=assumptions)


def test_each_source_out_by_hand() -> None:
    found = _matched()
    assert found.clusters["boiler_mw"].tolist() == pytest.approx([0.0, 0.0])
    out = outage(found)
    big = out.loc["big>c0"]
    # Only 4 MW are left for 5, 8, 10 and 3 MW.
    assert big["unserved_gj"] == pytest.approx((1 + 4 + 6) * 3.6)
    assert big["unserved_peak_mw"] == pytest.approx(6.0)
    assert big["unserved_h"] == 3
    assert big["unserved_share"] == pytest.approx(11 / 26)
    assert big["spare_mw"] == pytest.approx(6.0)
    assert big["spare_cny"] == pytest.approx(6.0 * found.assumptions.annual_cny("boiler"))
    # 15 + ... MWh of the big source at 10: by the small one at 20 and by gas at 100.
    small_before, small_after = 0 + 2 + 4 + 0, 4 + 4 + 4 + 3
    big_before = 5 + 6 + 6 + 3
    extra = ((small_after - small_before) * 20 + 11 * 100 - big_before * 10) * 3.6
    assert big["outage_cny"] == pytest.approx(extra)
    assert out.loc["big>c1", ["unserved_gj", "spare_mw"]].tolist() == [0.0, 0.0]
    small = out.loc["small>c0"]
    assert small["unserved_gj"] == pytest.approx((2 + 4) * 3.6)
    assert small["unserved_peak_mw"] == pytest.approx(4.0)


def test_an_outage_of_some_hours() -> None:
    found = _matched()
    first = pd.Timestamp("2023-01-01 02:00", tz="Asia/Shanghai")
    out = outage(found, sources=["big"], during=(first, first))
    assert out.loc["big>c0", "unserved_gj"] == pytest.approx(6.0 * 3.6)
    assert out.loc["big>c0", "unserved_share"] == pytest.approx(0.6)
    assert out["source_id"].unique().tolist() == ["big"]


def test_what_was_cold_before_is_not_blamed_on_the_outage() -> None:
    # 10 MW of sources for a peak of 10; with boilers forbidden nothing is cold before.
    found = _matched(boiler_limit=0.0)
    out = outage(found, sources=["small"])
    assert out.loc["small>c0", "unserved_gj"] == pytest.approx(6.0 * 3.6)
    assert out.loc["small>c0", "spare_mw"] == pytest.approx(4.0)


def test_a_storage_softens_an_outage() -> None:
    bare, stored = _matched(), _matched(storage_h=24.0)
    without, with_storage = (
        outage(each, sources=["small"])["unserved_gj"].sum() for each in (bare, stored)
    )
    assert with_storage <= without + 1e-6


def test_a_spare_may_be_a_larger_exchanger_of_another_source() -> None:
    supply = pd.DataFrame(
        {
            "usable": True, "heat_mw": 20.0, "direct_mw": 20.0, "direct_reach": 1.0, "cop": np.nan,
            "heat_pump_mw": 0.0, "heat_pump_reach": 0.0, "availability": [0.4, 1.0],
            "cost_cny_gj": [1.0, 90.0], "co2_kg_gj": 0.0,
        },
        index=pd.Index(["cheap", "dear"], name="source_id"),
    )  # fmt: skip
    index = pd.date_range("2023-01-01", periods=3000, freq="h", tz="Asia/Shanghai", name="time")
    hours = pd.DataFrame({"c0": 10.0}, index=index)
    assumptions = HeatMatchingAssumptions.from_mapping(
        {"distribution_loss": 0.0, "storage_limit_h": 0.0}
    )
    found = match(supply, hours, assumptions=assumptions)
    assert found.sources["exchanger_mw"].tolist() == pytest.approx([8.0, 2.0])
    out = outage(found, sources=["cheap"]).loc["cheap>c0"]
    assert out["unserved_gj"] == pytest.approx(8.0 * 3000 * 3.6)
    assert out["unserved_peak_mw"] == pytest.approx(8.0)
    assert (out["spare_mw"], out["spare_boiler_mw"]) == pytest.approx((8.0, 0.0))
    assert out["spare_cny"] == pytest.approx(8.0 * assumptions.annual_cny("exchanger"))


def test_preheating_water_stands_still_with_the_source_that_tops_it_up() -> None:
    supply = pd.DataFrame(
        {
            "usable": True, "heat_mw": 20.0, "direct_mw": 20.0, "direct_reach": [1.0, 0.5], "cop": np.nan,
            "heat_pump_mw": 0.0, "heat_pump_reach": 0.0, "availability": 1.0,
            "cost_cny_gj": [10.0, 1.0], "co2_kg_gj": 0.0,
        },
        index=pd.Index(["hot", "warm"], name="source_id"),
    )  # fmt: skip
    index = pd.date_range("2023-01-01", periods=3000, freq="h", tz="Asia/Shanghai", name="time")
    hours = pd.DataFrame({"c0": 10.0}, index=index)
    assumptions = HeatMatchingAssumptions.from_mapping(
        {"distribution_loss": 0.0, "storage_limit_h": 0.0}
    )
    out = outage(match(supply, hours, assumptions=assumptions), sources=["hot"]).loc["hot>c0"]
    # Warm water reaches half the rise: a spare of 5 MW would do, but without it all 10 MW stay cold.
    assert out["spare_mw"] == pytest.approx(5.0)
    assert out["unserved_peak_mw"] == pytest.approx(10.0)


def test_the_order_of_outages_does_not_matter() -> None:
    found = _matched()
    both, swapped = outage(found, sources=["big", "small"]), outage(found, sources=["small", "big"])
    pd.testing.assert_frame_equal(both.sort_index(), swapped.sort_index(), rtol=1e-9, atol=1e-6)


def test_bad_input_is_a_sentence() -> None:
    found = _matched()
    with pytest.raises(LayerError, match="did you mean small"):
        outage(found, sources=["smal"])
    late = pd.Timestamp("2024-01-01", tz="Asia/Shanghai")
    with pytest.raises(LayerError, match="No hour"):
        outage(found, during=(late, late))
    with pytest.raises(LayerError, match="zone"):
        outage(found, during=(pd.Timestamp("2023-01-01"), pd.Timestamp("2023-01-02")))
