"""Siting from the case to files and the map: totals, frames, inputs of the case, sentences, real places."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import siting_cases as cases
from plan_runs import ROOT, refused, zibo_geo

from layers.area import StudyArea
from layers.errors import CaseError, InfeasibleError, LayerError
from layers.layer_set import LayerSet
from layers.stations import read_stations
from layers.vectors import LayerSource
from siting.avoided_co2 import charging_avoided_t
from siting.tables import SITING_TABLES
from zibo_geo.atlas.siting_topic import stations_topic
from zibo_geo.balances import TOLERANCE, checked_balances, plan_balances
from zibo_geo.case import Case, load_case
from zibo_geo.plan import Plan
from zibo_geo.reading import read_layers
from zibo_geo.results import frames_of
from zibo_geo.siting_inputs import own_candidates, own_trips, quota_frame
from zibo_geo.siting_plan import SitingPlan
from zibo_geo.siting_scale import scaled_assumptions
from zibo_geo.siting_summary import siting_sentence
from zibo_geo.siting_workflow import plan_siting
from zibo_geo.target_measures import plan_measures


@pytest.fixture(scope="module")
def zibo() -> tuple[Case, LayerSet, SitingPlan]:
    case = load_case()
    layers = read_layers(case)
    return case, layers, plan_siting(layers, case)


def _case(tmp_path: Path, siting: str, *, assumptions: str = "") -> Case:
    path = tmp_path / "case.toml"
    path.write_text(
        f'title = "square"\nembedded = "sample"\n[area]\nadcode = 370300\n{siting}\n{assumptions}',
        encoding="utf-8",
    )
    return load_case(path)


def test_the_totals_are_those_of_the_plan_and_the_counties_sum_to_them(zibo) -> None:
    _, _, plan = zibo
    counties = plan.counties
    assert len(counties) == 8
    assert counties["points"].sum() == 40_000
    assert counties["vehicles"].sum() == 110_000
    assert counties["public_points"].sum() == plan.charging["points"].sum() == 15_000
    for county, rows in plan.charging.groupby("county"):
        assert rows["points"].sum() == counties.loc[str(county), "public_points"]
    assert plan.hubs["chosen"].sum() >= 90
    assert len(plan.hydrogen) >= 10
    assert plan.hubs.loc[plan.hubs["chosen"], "county"].nunique() == 8


def test_every_balance_of_siting_closes_and_breaks_when_a_table_is_wrong(zibo) -> None:
    case, layers, siting = zibo
    asked = ("charging", "hydrogen", "hubs")

    def broken(**frames: pd.DataFrame) -> set[str]:
        plan = Plan(case=case, layers=layers, siting=replace(siting, **frames))
        table = plan_balances(plan, questions=asked)
        return set(table.index[table["difference"] > TOLERANCE])

    assert broken() == set()
    stations, hubs = siting.hydrogen, siting.hubs
    assert stations["sold_kg_d"].sum() > 0.0
    more = stations.assign(sold_kg_d=stations["sold_kg_d"] * (1.0 + 3e-6))
    assert broken(hydrogen=more) == {"hydrogen dispensed", "need for hydrogen"}
    fewer = stations.iloc[1:]
    assert {"hydrogen stations", "hydrogen dispensed"} <= broken(hydrogen=fewer)
    sources = siting.sources.assign(sent_kg_d=siting.sources["sent_kg_d"] * 0.999)
    assert broken(sources=sources) == {"hydrogen of the sources"}
    lost = siting.hauls.assign(kg_d=siting.hauls["kg_d"] * 0.999)
    assert broken(hauls=lost) == {"hydrogen of the sources", "hydrogen dispensed"}
    dry = siting.flows.assign(refuelled=False)
    assert broken(flows=dry) == {"need for hydrogen", "trips refuelled"}
    row = hubs.index.get_loc(hubs.index[hubs["chosen"]][0])
    dropped = hubs.assign(chosen=hubs["chosen"].to_numpy() & (np.arange(len(hubs)) != row))
    assert broken(hubs=dropped) == {"hubs", "services of hubs"}
    abroad = hubs["county"].astype("str").to_numpy(dtype=object)
    abroad[row] = "100000"
    assert broken(hubs=hubs.assign(county=abroad)) == {"hubs by county"}
    counties = siting.counties.assign(public_points=siting.counties["public_points"] + 1)
    assert broken(counties=counties) == {"public charging points"}
    with pytest.raises(CaseError, match="The balance 'hubs' is broken: hubs asked is"):
        checked_balances(
            Plan(case=case, layers=layers, siting=replace(siting, hubs=dropped)), questions=asked
        )


def test_vehicles_and_hydrogen_say_what_they_avoid(zibo) -> None:
    case, layers, plan = zibo
    measures = plan_measures(Plan(case=case, layers=layers, siting=plan))
    driving = measures["electric_vehicles"]
    assert driving.co2_t == pytest.approx(
        charging_avoided_t(float(driving.delivered.sum()), case.assumed("charging"))
    )
    assert measures["hydrogen"].co2_t == pytest.approx(
        float(plan.hydrogen["sold_kg_d"].sum()) * (8.8 - 8.6) * 365 / 1000
    )
    assert measures["charging_points"].co2_t is None  # their vehicles have it


def test_every_frame_is_valid_and_every_answer_says_how_sure_it_is(zibo) -> None:
    _, _, plan = zibo
    by_name = {table.name: table for table in SITING_TABLES}
    for name, frame in frames_of(plan).items():
        by_name[name].validate(frame, where=name)
    answers = plan.answers
    assert answers["answered"].all()
    assert (answers["gap"] <= 0.01).all()
    proven = answers["status"] == "proven"
    assert (answers.loc[proven, "objective"] == answers.loc[proven, "bound"]).all()


def test_hydrogen_of_hubs_is_what_the_plan_of_hydrogen_supplies(zibo) -> None:
    _, _, plan = zibo
    hubs = plan.hubs[plan.hubs["chosen"]]
    with_hydrogen = hubs.index[hubs["bundle"].str.contains("hydrogen")]
    assert len(with_hydrogen) > 0
    assert set(with_hydrogen) <= set(plan.hydrogen.index)
    flows = plan.flows
    assert flows.loc[flows["corridor"], "trips_d"].sum() == pytest.approx(150.0)  # 30 % of 500
    assert flows.loc[flows["vehicle"] == "bus", "trips_d"].sum() == pytest.approx(100.0)
    steps = plan.hydrogen_steps
    assert steps["trips_d"].is_monotonic_increasing
    assert steps["trips_d"].iloc[-1] == pytest.approx(plan.answers.loc["hydrogen", "objective"])


def test_outages_move_what_a_site_serves_and_the_trade_has_more_than_one_point(zibo) -> None:
    _, _, plan = zibo
    served = plan.charging["demand_kwh_d"]
    gone = plan.outages["moved_kwh_d"] + plan.outages["stranded_kwh_d"]
    assert gone.to_numpy() == pytest.approx(served.reindex(gone.index).to_numpy())
    assert (plan.outages["extra_min"].dropna() >= 0.0).all()
    known = plan.outages["neighbour_id"].notna()
    assert set(plan.outages.loc[known, "neighbour_id"]) <= set(plan.charging.index)
    pareto = plan.pareto
    assert pareto.loc[pareto["kind"] == "sites", "mean_min"].nunique() >= 3
    share = pareto[pareto["kind"] == "share"]
    assert len(share) >= 2
    assert share.sort_values("reached")["mean_min"].is_monotonic_increasing


def test_no_site_is_too_small_and_swaps_stand_where_they_are_legal(zibo) -> None:
    case, _, plan = zibo
    given = case.assumed("charging")
    assert plan.charging["points"].between(given.least_points, given.most_points).all()
    swap = plan.charging.index[plan.charging["swap"]]
    legal = plan.legal.set_index(["site_id", plan.legal["equipment"].astype("str")])["legal"]
    assert len(swap) >= 1
    assert all(legal[(site, "swap")] for site in swap)
    assert (plan.charging["swaps_d"] <= given.swaps_per_station_d + 1e-9).all()


def test_the_map_has_the_sites_the_years_and_the_law(zibo) -> None:
    case, layers, plan = zibo
    topic = stations_topic(Plan(case=case, layers=layers, siting=plan))
    overlays = {overlay.key: overlay for overlay in topic.overlays}
    assert overlays["siting_charging"].year == "year"
    assert set(overlays["siting_charging"].frame["year"]) == {2026, 2027, 2028, 2029, 2030}
    refused_sites = overlays["siting_refused"].frame
    assert (refused_sites["binding_rule"] != "").all()
    rings = overlays["siting_minutes"].frame
    assert rings.geometry.area.to_numpy() == pytest.approx(250_000.0)
    inside = rings.geometry.intersects(plan.access.loc[rings.index].geometry, align=True)
    assert inside.all()
    lines = overlays["siting_catchments"].frame
    crow = lines.geometry.length
    assert (crow <= plan.access.loc[lines.index, "length_m"] + 1.0).all()
    assert {metric.key for metric in topic.county_metrics} >= {"points_per_1000_vehicles", "hubs"}
    for word in ("40,000", "90", "10"):
        assert word in topic.summary[0]
        assert word in topic.summary[1]


def test_the_command_writes_tables_for_one_question(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = zibo_geo("siting", "hydrogen", "--out", out, "-q")
    assert result.returncode == 0, result.stderr
    hydrogen = pd.read_csv(out / "siting_hydrogen.csv")
    assert len(hydrogen) == 10
    assert not (out / "siting_charging.csv").exists()
    assert len(gpd.read_file(out / "plan.gpkg", layer="siting_services")) > 100
    refused(zibo_geo("siting", "hydrogin", "case.toml", "--out", out), "hydrogin", "charging")


def test_a_case_brings_plots_trips_quotas_and_years(zibo, tmp_path: Path) -> None:
    gpd.GeoDataFrame(
        {"plot": ["a", "b"], "roof": [500.0, None]},
        geometry=gpd.points_from_xy([118.0, 118.05], [36.8, 36.82]),
        crs="EPSG:4326",
    ).to_file(tmp_path / "plots.gpkg")
    (tmp_path / "trips.csv").write_text(
        "from_lon,from_lat,to_lon,to_lat,trips_d\n118.0,36.8,117.83,37.17,40\n", encoding="utf-8"
    )
    case = _case(
        tmp_path,
        '[siting]\ntrips = "trips.csv"\nfixed = "given-a, petrol_station-s0001"\n'
        "phases = { 2026 = 60, 2030 = 80 }\n"
        '[siting.candidates]\npath = "plots.gpkg"\nkey = "plot"\ncolumns = { canopy_m2 = "roof" }\n'
        "[siting.quotas.370303]\npoints = 900\nleast_sites = 4\n",
    )
    assert case.siting.fixed == ("given-a", "petrol_station-s0001")
    assert dict(case.siting.phases) == {2026: 60, 2030: 80}
    area = zibo[1].area
    plots = own_candidates(case.siting, area)
    assert plots["canopy_m2"].tolist()[0] == 500.0
    quotas = quota_frame(case.siting, area)
    assert quotas.loc["370303"].to_dict() == {"points": 900.0, "least_sites": 4.0}
    trips = own_trips(case.siting, area)
    assert trips["trips_d"].tolist() == [40.0]
    assert trips.geometry.length.iloc[0] == pytest.approx(
        43_600.0, rel=0.02
    )  # 41 km north, 15 km west


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[siting]\nphases = { 2026 = 1.5 }", "whole number of sites"),
        ("[siting]\nphases = { soon = 5 }", "must be a year"),
        ("[siting]\nsetbaks = 'x.csv'", "'setbaks' is unknown"),
        ("[siting.quotas.370303]\nleast_sites = 9\nmost_sites = 3", "least_sites = 9 is above"),
        ("[siting.candidates]\nkey = 'id'", "needs a path"),
    ],
)
def test_faults_of_the_table_are_sentences(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CaseError, match=words):
        _case(tmp_path, text)


def test_bad_trips_and_counties_name_file_row_and_cure(tmp_path: Path) -> None:
    area = cases.area()
    (tmp_path / "trips.csv").write_text(
        "from_lon,from_lat,to_lon,to_lat,trips_d\n118,36.8,118.2,36.9,10\n118,36.8,118.2,36.9,-1\n",
        encoding="utf-8",
    )
    case = _case(tmp_path, '[siting]\ntrips = "trips.csv"\n[siting.quotas.999999]\npoints = 5')
    with pytest.raises(CaseError, match=r"Row 3 of the trips trips\.csv"):
        own_trips(case.siting, area)
    with pytest.raises(CaseError, match="names county '999999'"):
        quota_frame(case.siting, area)
    (tmp_path / "trips.csv").write_text("from_lon,to_lon\n1,2\n", encoding="utf-8")
    with pytest.raises(CaseError, match="no column from_lat, to_lat, trips_d"):
        own_trips(case.siting, area)
    (tmp_path / "trips.csv").unlink()
    with pytest.raises(CaseError, match="cannot be read"):
        own_trips(case.siting, area)


def _square(**layers: object) -> LayerSet:
    spots = [(2500, 2500), (7500, 7500), (12_500, 7500), (17_500, 12_500), (4500, 15_500)]
    made = {
        "streets": cases.street_grid(),
        "stations": cases.stations(spots),
        "buildings": cases.town(homes=120),
        **layers,
    }
    return cases.layer_set(**made)


_TINY = """
[assumptions.charging]
points = 200
vehicles = 600
sites = 4
[assumptions.hubs]
count = 3
"""


def test_a_question_without_an_answer_says_why_and_the_others_are_answered(tmp_path: Path) -> None:
    case = _case(tmp_path, "", assumptions=_TINY)
    plan = plan_siting(_square(), case)
    assert plan.answers["answered"].to_dict() == {
        "charging": True, "hydrogen": False, "hubs": True,
    }  # fmt: skip
    assert "no by-product hydrogen" in plan.answers.loc["hydrogen", "sentence"]
    assert plan.hydrogen is None
    assert not plan.hubs["bundle"].astype("str").str.contains("hydrogen").any()
    chinese, english = siting_sentence(plan)
    assert "no by-product hydrogen" in english
    assert "无法解答" in chinese
    with pytest.raises(InfeasibleError, match="no by-product hydrogen"):
        plan_siting(_square(), case, questions=["hydrogen"])


def test_quotas_and_settled_sites_of_the_case_bind(tmp_path: Path) -> None:
    case = _case(
        tmp_path,
        '[siting]\nfixed = "petrol_station-s3"\nphases = { 2026 = 2, 2030 = 4 }\n'
        "[siting.quotas.370302]\npoints = 30\nleast_sites = 2\n",
        assumptions=_TINY,
    )
    plan = plan_siting(_square(), case, questions=["charging"])
    assert "petrol_station-s3" in plan.charging.index
    assert plan.counties.loc["370302", "public_points"] == 30
    assert plan.counties.loc["370302", "sites"] >= 2
    assert plan.phases["sites"].tolist()[0] == 2
    assert plan.phases["sites"].tolist()[-1] == 4
    wrong = replace(case, siting=replace(case.siting, fixed=("petrol_station-s9",)))
    with pytest.raises(LayerError, match=r"'petrol_station-s9' is no candidate"):
        plan_siting(_square(), wrong, questions=["charging"])
    crowded = _case(tmp_path, "[siting.quotas.370302]\nleast_sites = 900", assumptions=_TINY)
    with pytest.raises(InfeasibleError, match=r"asks county 1 for at least 900 sites .* short"):
        plan_siting(_square(), crowded, questions=["charging"])
    falling = _case(tmp_path, "[siting]\nphases = { 2027 = 4, 2029 = 2 }", assumptions=_TINY)
    with pytest.raises(InfeasibleError, match="sites never close"):
        plan_siting(_square(), falling, questions=["charging"])


def test_totals_of_another_place_are_scaled_by_people_and_own_ones_are_not(tmp_path: Path) -> None:
    layers = _square()
    elsewhere = replace(layers, area=replace(layers.area, adcode="370321"))
    case = load_case()
    made, notes = scaled_assumptions(elsewhere, case, "charging")
    share = 300_000.0 / 4_704_138.0
    assert made.points == round(40_000 * share)
    assert made.vehicles == round(110_000 * share)
    assert "scaled" in notes[0][0]
    table = made.table()
    assert table.loc["points", "confidence"] == "computed"
    own = _case(tmp_path, "", assumptions=_TINY)
    kept, said = scaled_assumptions(elsewhere, own, "charging")
    assert (kept.points, kept.vehicles, said) == (200, 600, ())
    assert scaled_assumptions(layers, case, "hubs")[0].count == 90
    promised, told = scaled_assumptions(elsewhere, case, "county")
    assert promised.city_new_mw == pytest.approx(4000.0 * share)
    assert promised.city_total_mw == pytest.approx(5000.0 * share)
    assert "city_new_mw" in told[0][0]


@pytest.mark.parametrize("place", ["monaco", "andorra"])
def test_real_places_end_to_end(tmp_path: Path, shared_data: Path, place: str) -> None:
    result = zibo_geo(
        "siting",
        ROOT / "examples" / f"{place}.toml",
        "--data",
        shared_data,
        "--out",
        tmp_path,
        "-q",
    )
    assert result.returncode == 0, result.stderr
    answers = pd.read_csv(tmp_path / "siting_answers.csv", index_col=0)
    assert answers["answered"].tolist() == [True, False, True]
    assert "by-product hydrogen" in answers.loc["hydrogen", "sentence"]
    page = (tmp_path / "atlas" / "index.html").read_text(encoding="utf-8")
    assert "siting_charging" in page


def test_an_own_outline_keeps_all_of_andorras_stations(shared_data: Path) -> None:
    source = LayerSource(path=shared_data / "osm" / "andorra.osm.pbf", preset="osm")
    outline = StudyArea.from_file(ROOT / "examples" / "andorra_outline.geojson", name_column="name")
    whole = read_stations(source, outline).frame
    parts = cases.andorra(shared_data).stations
    assert len(whole) == 19
    assert len(parts) == 15
    assert set(parts.index) < set(whole.index)
