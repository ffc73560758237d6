"""Sentences that are true for any input: zero, missing, met, missed; nothing reads nan or divides by it."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heat_network.cost_tables import HEAT_SCHEMES
from siting.tables import SITING_ACCESS, SITING_CHARGING, SITING_HUBS, SITING_HYDROGEN
from zibo_geo.report.heat_sentences import heat_sentences
from zibo_geo.report.numbers import amount, count, money, ratio, share
from zibo_geo.report.pv_facts import KindFacts, PvFacts, YearFacts
from zibo_geo.report.pv_sentences import pv_sentences
from zibo_geo.report.siting_sentences import siting_sentences
from zibo_geo.report.words import Wording, load_wording

UNREAL = re.compile(r"\b(nan|inf|None|NaT|<NA>)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def wording() -> Wording:
    return load_wording()


def nothing() -> PvFacts:
    missing = float("nan")
    return PvFacts(
        buildings=0, fitted=0, capacity_mw=0.0, yield_gwh=0.0, p90_gwh=0.0, economic_mw=0.0,
        refused_mw=0.0, chosen_roofs=0, chosen_mw=0.0, chosen_gwh=0.0, chosen_capex_cny=0.0,
        lcoe_low_cny_kwh=missing, lcoe_high_cny_kwh=missing, lcoe_mean_cny_kwh=missing, need_mw=0.0,
        existing_mw=0.0, gap_mw=0.0, kinds=(), years=(), reasons={}, substations={},
    )  # fmt: skip


def kind(name: str, *, required: float, reached: float, met: bool, short: float = 0.0) -> KindFacts:
    return KindFacts(
        kind=name, buildings=3, technical_mw=1.0, required_share=required, reached_share=reached,
        shortfall_m2=short, chosen_mw=0.5, met=met,
    )  # fmt: skip


def sound(said: dict[str, tuple[str, str]]) -> None:
    for chinese, english in said.values():
        assert chinese.endswith("。"), chinese
        assert english.endswith("."), english
        assert not UNREAL.search(chinese), chinese
        assert not UNREAL.search(english), english
        assert re.search(r"[\u4e00-\u9fff]", chinese)
        assert not re.search(r"[\u4e00-\u9fff]", english), english


def test_an_area_without_anything_is_said_in_whole_sentences(wording: Wording) -> None:
    said = pv_sentences(nothing(), wording, sample=False)
    sound(said)
    assert "No buildings were read" in said["potential"][1]
    assert said["money"][1] == "No roof is chosen to be built."
    assert "minimum share" in said["quota"][1]
    assert "substations" in said["grid"][1]
    assert said["left_out"][1] == "No roof is left out."


def test_figures_stand_in_the_sentence_as_they_are(wording: Wording) -> None:
    facts = replace(
        nothing(), buildings=1200, fitted=800, capacity_mw=50.0, yield_gwh=60.0, p90_gwh=55.0,
        economic_mw=25.0, chosen_roofs=1, chosen_mw=10.0, chosen_gwh=12.0, chosen_capex_cny=3.0e7,
        lcoe_low_cny_kwh=0.2, lcoe_high_cny_kwh=0.3, lcoe_mean_cny_kwh=0.25, need_mw=40.0,
        substations={"green": 5, "yellow": 1, "red": 2}, refused_mw=7.5,
        reasons={"grid": (9, 7.5), "quota": (1, 10.0), "no_modules": (400, 0.0)},
    )  # fmt: skip
    said = pv_sentences(facts, wording, sample=False)
    sound(said)
    assert "1,200 kWh per kWp" in said["potential"][1]
    assert "55 GWh with at least 90 % certainty" in said["potential"][1]
    assert "1 roof with 10 MW for 30 million CNY" in said["money"][1]
    assert "3,000 万元" in said["money"][0]
    assert "25 MW (50 %)" in said["money"][1]
    assert "0.200 to 0.300 CNY, 0.250 CNY on average" in said["money"][1]
    assert "10 MW, 25 % of it" in said["promise"][1]
    assert "Of 8 substations" in said["grid"][1]
    assert "refuse 7.5 MW" in said["grid"][1]
    assert (
        said["left_out"][1] == "Roofs left out: no module fits 400, refused by the grid 9 (7.5 MW)."
    )


def test_quotas_met_and_missed_are_told_apart(wording: Wording) -> None:
    facts = replace(
        nothing(),
        kinds=(
            kind("government", required=0.5, reached=0.62, met=True),
            kind("rural", required=0.2, reached=0.1, met=False, short=47_426.0),
            kind("other", required=0.0, reached=0.0, met=True),
        ),
    )
    chinese, english = pv_sentences(facts, wording, sample=False)["quota"]
    assert english == (
        "Of 2 kinds of roof with a minimum share, 1 meets it (party and government); rural roofs reach "
        "10 % of 20 %, 47,426 m² short."
    )
    assert "2 类有最低比例的屋顶中，1 类满足（党政机关）；农村住宅只达到 10 %，要求 20 %" in chinese


def test_a_kind_that_is_met_together_but_not_everywhere_says_both(wording: Wording) -> None:
    facts = replace(
        nothing(), kinds=(kind("rural", required=0.2, reached=0.3, met=False, short=50.0),)
    )
    english = pv_sentences(facts, wording, sample=False)["quota"][1]
    assert "reach 30 % of 20 % together, but some counties are 50 m² short" in english


@pytest.mark.parametrize(
    ("built", "asked", "words"),
    [
        ((5.0, 10.0), (4.0, 8.0), "no year falls behind the path"),
        ((5.0, 10.0), (4.0, 12.0), "behind the path from 2027, by 2 MW at the end of 2027"),
        ((0.0, 0.0), (4.0, 12.0), "Nothing is built from 2026 to 2027"),
        ((5.0, 5.0), (0.0, 0.0), "Built in 2026: 5 MW in all."),
    ],
)
def test_years_say_when_they_fall_behind(
    wording: Wording, built: tuple[float, ...], asked: tuple[float, ...], words: str
) -> None:
    steps = np.diff([0.0, *built])
    years = tuple(
        YearFacts(
            year=2026 + n, roofs=1, built_mw=float(step), cumulative_mw=built[n], target_mw=asked[n],
            capex_cny=1.0,
        )
        for n, step in enumerate(steps)
    )  # fmt: skip
    said = pv_sentences(replace(nothing(), years=years), wording, sample=False)
    sound(said)
    assert words in said["years"][1]


def test_a_sample_is_never_held_against_the_promise(wording: Wording) -> None:
    facts = replace(nothing(), need_mw=500.0, gap_mw=400.0, chosen_mw=20.0)
    whole, part = (pv_sentences(facts, wording, sample=flag)["promise"] for flag in (False, True))
    assert "cannot be compared" in part[1]
    assert "不能比较" in part[0]
    assert "compared" not in whole[1]


numbers = st.one_of(st.just(0.0), st.floats(0.0, 1e9), st.just(float("nan")))


@settings(max_examples=80, deadline=None)
@given(
    values=st.lists(numbers, min_size=12, max_size=12),
    buildings=st.integers(0, 10**7),
    met=st.booleans(),
    sample=st.booleans(),
)
def test_any_figures_make_whole_sentences(
    wording: Wording, values: list[float], buildings: int, met: bool, sample: bool
) -> None:
    facts = replace(
        nothing(),
        buildings=buildings,
        fitted=min(buildings, 7),
        capacity_mw=values[0], yield_gwh=values[1], p90_gwh=values[2], economic_mw=values[3],
        refused_mw=values[4], chosen_mw=values[5], chosen_gwh=values[6], chosen_capex_cny=values[7],
        lcoe_mean_cny_kwh=values[8], lcoe_low_cny_kwh=values[8], lcoe_high_cny_kwh=values[8],
        need_mw=values[9], gap_mw=values[10],
        kinds=(kind("public", required=0.4, reached=values[11], met=met),),
        reasons={"grid": (buildings, values[4])},
        substations={"green": 1, "yellow": 0, "red": 0},
    )  # fmt: skip
    sound(pv_sentences(facts, wording, sample=sample))


def test_numbers_are_said_in_the_units_people_speak_of() -> None:
    assert money(9_999.0) == ("9,999 元", "9,999 CNY")
    assert money(-2.5e8) == ("-2.5 亿元", "-250 million CNY")
    assert money(float("nan")) == ("无数据", "no data")
    assert amount(None, "MW") == ("无数据", "no data")
    assert amount(0.0, "MW")[1] == "0 MW"
    assert share(1.0)[1] == "100 %"
    assert count(pd.NA) == "–"
    assert np.isnan(ratio(1.0, 0.0))
    assert np.isnan(ratio(None, 2.0))
    assert np.isnan(ratio(1.0, -2.0))


def _scheme(**values: object) -> pd.DataFrame:
    row = dict.fromkeys((held.name for held in HEAT_SCHEMES.columns), 1.0) | {
        "level": "all", "consumers": 40, "heat_gj": 1.0e5, "length_m": 12_000.0, "capex_cny": 5.0e7,
        "lcoh_cny_gj": 61.2, "alternative_cny_gj": 80.0, "saving_cny": 1.9e6,
        "cheapest_alternative": "air_source",
    } | values  # fmt: skip
    frame = pd.DataFrame([row], index=pd.Index(["all"], name="scheme_id"))
    return HEAT_SCHEMES.validate(frame, where="the test's schemes")  # type: ignore[no-any-return]


def test_a_heat_network_is_set_beside_its_alternative(wording: Wording) -> None:
    cheaper = heat_sentences({"heat_schemes": _scheme()}, wording)
    sound(cheaper)
    assert (
        "12 km serves 40 consumers with 100 TJ a year for 50 million CNY" in cheaper["network"][1]
    )
    assert "61.2 CNY/GJ" in cheaper["network"][1]
    assert "80.0 CNY/GJ (air-source heat pumps); it saves 1.9 million CNY" in cheaper["network"][1]
    dearer = heat_sentences({"heat_schemes": _scheme(saving_cny=-2.0e6)}, wording)
    assert "2 million CNY a year dearer" in dearer["network"][1]
    none = heat_sentences({"heat_schemes": HEAT_SCHEMES.empty()}, wording)
    sound(none)
    assert none["network"][1] == "There is no heat network in the plan."


def test_heat_says_who_is_connected_what_is_proven_and_who_freezes(wording: Wording) -> None:
    frames = {
        "heat_buildings": pd.DataFrame({"annual_gj": [0.0, 30.0, 70.0], "design_kw": [0.0, 3.0, 7.0]}),
        "heat_connections": pd.DataFrame(
            {"heat_gj": [0.0, 30.0, 70.0], "connected": [False, False, True]}
        ),
        "heat_networks": pd.DataFrame({"gap": [0.012, np.nan, 0.031]}),
        "heat_outages": pd.DataFrame(
            {
                "source_id": ["a", "b", "b"], "cluster": ["x", "x", "y"], "unserved_gj": [0.0, 4.0, 6.0],
                "unserved_h": [0, 20, 30], "spare_mw": [0.0, 1.0, 2.0],
            }
        ),
    }  # fmt: skip
    said = heat_sentences(frames, wording)
    sound(said)
    assert said["demand"][1].startswith("2 of 3 buildings ask for heat: design loads of 0.01 MW")
    assert said["served"][1] == "The network connects 1 of them with 70 % of the heat."
    assert "at most 3.1 % more than the best" in said["bound"][1]
    assert said["outage"][1] == (
        "The worst outage is that of b: 10 GJ are missing in 2 clusters over up to 30 hours; 3 MW of spare "
        "would serve it."
    )
    empty = {name: frame.iloc[:0] for name, frame in frames.items()}
    sound(heat_sentences(empty, wording))


def test_clusters_say_what_boilers_give_and_what_is_unmet(wording: Wording) -> None:
    clusters = pd.DataFrame(
        {"demand_gj": [100.0], "sources_gj": [60.0], "boiler_gj": [20.0], "unmet_gj": [25.0]}
    )
    said = heat_sentences({"heat_clusters": clusters}, wording)
    sound(said)
    assert said["supply"][1] == (
        "1 cluster asks for 100 GJ; of the heat supplied 75 % comes from the sources, the rest from peak "
        "boilers; 25 GJ (25 %) is not met."
    )
    alone = heat_sentences({"heat_clusters": clusters.assign(boiler_gj=0.0, unmet_gj=0.0)}, wording)
    assert (
        "all heat that is supplied comes from the sources; all demand is met" in alone["supply"][1]
    )


def test_siting_without_a_site_is_said_in_whole_sentences(wording: Wording) -> None:
    frames = {
        "siting_charging": SITING_CHARGING.empty("EPSG:4548"),
        "siting_access": SITING_ACCESS.empty("EPSG:4548"),
        "siting_hydrogen": SITING_HYDROGEN.empty("EPSG:4548"),
        "siting_hubs": SITING_HUBS.empty("EPSG:4548"),
    }
    said = siting_sentences(frames, wording)
    assert set(said) == {"charging", "access", "hydrogen", "hubs"}
    sound(said)


def test_sites_are_counted_with_their_points_waiting_and_feeders(wording: Wording) -> None:
    sites = pd.DataFrame(
        {
            "year": [2026, 2028], "points": [10, 30], "existing": [True, False], "wait_min": [2.5, np.nan],
            "feeder_short_kw": [0.0, 120.0],
        }
    )  # fmt: skip
    counties = pd.DataFrame({"private_points": [60], "points": [100], "vehicles": [275]})
    said = siting_sentences({"siting_charging": sites, "siting_counties": counties}, wording)
    sound(said)
    assert said["charging"][1] == (
        "Charging sites chosen: 2 (1 at stations that exist), with 40 public points, opening from 2026 "
        "to 2028; with 60 private points at homes 100 in all serve 275 electric vehicles; the longest "
        "mean wait for a fast point at the peak is 2.5 min; feeders that are too weak: 1, by 120 kW together."
    )
