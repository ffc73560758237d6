"""Candidates: where they come from, and what land, slope and area refuse."""

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import siting_cases as cases

from layers.errors import LayerError
from layers.terrain import Terrain
from siting.candidate_assumptions import CandidateAssumptions
from siting.candidates import site_candidates
from siting.legality import legal_equipment
from siting.setbacks import read_setbacks


def test_each_kind_comes_from_its_layer_and_knows_its_county() -> None:
    layers = cases.layer_set(
        streets=cases.street_grid(),
        stations=[*cases.stations([(5000, 5000)]), *cases.stations([(15_000, 5000)], kind="gas")],
        constraints=[
            cases.constraint("car_park", cases.box(2000, 2200, 50, 60)),
            cases.constraint("logistics", cases.box(12_000, 2200, 500, 600)),
            cases.constraint("school", cases.box(4000, 2200, 50, 60)),
        ],
        buildings=cases.town(),
    )
    found = site_candidates(layers)
    kinds = found["kind"].astype("str")
    assert {
        "petrol_station",
        "gas_station",
        "car_park",
        "logistics",
        "road",
        "neighbourhood",
    } == set(kinds)
    assert found.loc["petrol_station-s0", "existing"]
    assert not found.loc["car_park-k0", "existing"]
    assert found.loc["car_park-k0", "area_m2"] == pytest.approx(3000.0)
    assert found.loc["logistics-k1", "county"] == "370302"
    assert found.loc["petrol_station-s0", "area_m2"] == 4000.0
    limited = site_candidates(layers, assumptions=CandidateAssumptions(greatest_count=10))
    assert len(limited) == 10
    assert {"petrol_station-s0", "gas_station-s1", "car_park-k0", "logistics-k1"} <= set(
        limited.index
    )


def test_roadside_plots_lie_beyond_the_kerb_and_off_closed_land() -> None:
    west = cases.constraint("water", cases.box(0, 0, 10_000, 20_000))
    layers = cases.layer_set(streets=cases.street_grid(), constraints=[west])
    found = site_candidates(layers)
    away = found.geometry.distance(layers.streets.geometry.union_all())
    assert away.to_numpy() == pytest.approx(np.full(len(found), 28.0))  # 8 m to the kerb and 20 m
    assert (found.geometry.x > cases.WEST + 10_000.0).all()
    assert len(found) > 20


def test_a_yard_stands_where_its_buildings_are_far() -> None:
    yard = cases.box(2000, 2000, 300, 300)
    layers = cases.layer_set(
        constraints=[cases.constraint("logistics", yard)],
        buildings=cases.buildings([(2140, 2140)], use="warehouse", storeys=1),
    )
    spot = site_candidates(layers).geometry.iloc[0]
    assert yard.contains(spot)
    assert spot.distance(layers.buildings.geometry.iloc[0]) > 100.0


def test_given_candidates_are_refused_on_closed_land_and_too_small_a_plot() -> None:
    layers = cases.layer_set(
        constraints=[cases.constraint("water", cases.box(0, 0, 1000, 1000))],
    )
    given = gpd.GeoDataFrame(
        {"area_m2": [5000.0, 1600.0, 5000.0]},
        geometry=[cases.at(500, 500), cases.at(5000, 5000), cases.at(6000, 6000)],
        index=["wet", "small", "good"],
        crs=cases.CRS,
    )
    legal = legal_equipment(site_candidates(layers, given=given), layers, read_setbacks())
    assert legal.loc["given-wet|charging", "reason"] == "charging refused: stands on water k0"
    assert legal.loc["given-small|hydrogen_dispenser", "reason"] == (
        "hydrogen_dispenser refused: plot of 1600 m², 2000 m² needed"
    )
    assert legal.loc["given-small|petrol_tank_3", "legal"]
    assert legal[legal["site_id"] == "given-good"]["legal"].all()


def test_slope_refuses_new_sites_and_spares_standing_ones() -> None:
    rows, columns = 220, 220
    rise = np.tile(np.arange(columns) * 100.0 * np.tan(np.radians(10.0)), (rows, 1)).astype(
        np.float32
    )
    terrain = Terrain(elevation_m=rise, west_m=cases.WEST - 1000.0, north_m=cases.SOUTH + 21_000.0,
                      cell_m=100.0, crs=cases.CRS, source="test")  # fmt: skip
    layers = dataclasses.replace(
        cases.layer_set(streets=cases.street_grid(5000.0), stations=cases.stations([(5400, 5400)])),
        terrain=terrain,
    )
    found = site_candidates(layers)
    assert found["slope_deg"].to_numpy() == pytest.approx(np.full(len(found), 10.0), abs=1e-3)
    legal = legal_equipment(found, layers, read_setbacks())
    assert legal.loc["petrol_station-s0|hydrogen_storage_3", "legal"]
    roads = legal[legal["site_id"].str.startswith("road") & (legal["equipment"] == "charging")]
    assert (roads["rule"] == "slope").all()
    assert "slope 10.0°, at most 8° allowed" in roads["reason"].iloc[0]


def test_an_empty_study_and_a_foreign_crs_are_sentences() -> None:
    with pytest.raises(LayerError, match="There is no candidate"):
        site_candidates(cases.layer_set())
    layers = cases.layer_set(stations=cases.stations([(5000, 5000)]))
    with pytest.raises(LayerError, match="project them first"):
        site_candidates(layers, given=site_candidates(layers).to_crs("EPSG:4326"))


def test_inputs_stay_as_they_were() -> None:
    layers = cases.layer_set(
        stations=cases.stations([(5000, 5000)]), streets=cases.street_grid(5000.0)
    )
    before = layers.stations.copy()
    found = site_candidates(layers)
    legal_equipment(found, layers, read_setbacks())
    assert layers.stations.equals(before)
    assert found.index.name == "site_id"
