"""The embedded Zibo: its facts, its rules of form, and that a seed gives the same bytes anywhere."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layers import tables
from layers.demo import SAMPLE_MARK, embedded_zibo, facts
from layers.demo.building_types import BUILDING_TYPES
from layers.errors import LayerError

SEED = 370300
LAYERS = {
    "buildings": tables.BUILDINGS, "parks": tables.PARKS, "streets": tables.STREETS,
    "stations": tables.STATIONS, "heat_sources": tables.HEAT_SOURCES,
    "substations": tables.SUBSTATIONS, "constraints": tables.CONSTRAINTS,
    "townships": tables.TOWNSHIPS,
}  # fmt: skip
ROOF_KINDS = (
    "government", "school", "hospital", "public", "industrial", "shop", "rural_home", "apartment",
)  # fmt: skip


def digest(layers):
    total = hashlib.sha256()
    for name in LAYERS:
        frame = getattr(layers, name)
        total.update(b"".join(shapely.to_wkb(frame.geometry.to_numpy())))
        plain = pd.DataFrame(frame.drop(columns="geometry"))
        total.update(plain.to_csv().encode())
    total.update(layers.terrain.elevation_m.tobytes())
    total.update(layers.weather.hours.to_numpy(dtype=float).tobytes())
    total.update("\n".join(layers.attributions).encode())
    return total.hexdigest()


@pytest.fixture(scope="module")
def zibo():
    return embedded_zibo("sample")


@pytest.fixture(scope="module")
def buildings(zibo):
    return zibo.buildings


# --- the same bytes


def test_same_seed_gives_same_bytes_in_another_process_with_another_hash_seed(zibo):
    code = (
        "import sys; sys.path.insert(0, 'tests'); from test_layers_demo import digest;"
        "from layers.demo import embedded_zibo; print(digest(embedded_zibo('sample')))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
    )  # fmt: skip
    assert run.stdout.strip() == digest(zibo)


def test_another_seed_gives_another_city_on_the_same_facts(zibo):
    other = embedded_zibo("sample", seed=7)
    assert digest(other) != digest(zibo)
    assert len(other.buildings) == pytest.approx(len(zibo.buildings), rel=0.12)
    pd.testing.assert_frame_equal(other.heat_sources, zibo.heat_sources)
    pd.testing.assert_frame_equal(other.area.counties, zibo.area.counties)
    _assert_sound(other)


def test_unknown_size_is_one_sentence():
    with pytest.raises(LayerError, match="no size 'ful'; did you mean full"):
        embedded_zibo("ful")


# --- facts


def test_plants_add_up_to_the_published_sums(zibo):
    plants = zibo.heat_sources
    on = plants[plants["status"] == "operating"]
    coal = on[on["kind"] == "coal_chp"]
    assert (len(coal), coal["units"].sum(), coal["electric_mw"].sum()) == (13, 29, 3796.0)
    by_county = coal.groupby("county")["electric_mw"].sum()
    assert by_county.to_dict() == {
        "370303": 950 + 180 + 116 + 60 + 50 + 50, "370304": 600, "370305": 660 + 190 + 60,
        "370321": 700 + 80, "370323": 100,
    }  # fmt: skip
    assert on.loc[on["kind"] == "waste_to_energy", "electric_mw"].sum() == 100.0
    assert on.loc[on["kind"] == "biomass_chp", "electric_mw"].sum() == 60.0
    gas = plants[plants["kind"] == "gas_chp"]
    assert gas["electric_mw"].tolist() == [1700.0, 940.0]
    assert set(gas["status"]) == {"planned"}
    assert plants["heat_mw"].isna().all()
    joined = gpd.sjoin(plants, zibo.area.counties[["geometry"]], predicate="within")
    assert (joined["county_left"] == joined["county_right"]).all()
    assert len(joined) == len(plants)


def test_counties_carry_facts_and_a_split_that_adds_up(zibo):
    table, counties = facts.county_facts(), zibo.area.counties
    assert table["population"].sum() == 4_704_138
    assert set(table["population_confidence"]) == {"unverified"}
    assert table["area_km2"].sum() == 5965
    assert counties["area_km2"].to_numpy() == pytest.approx(table["area_km2"].to_numpy(), rel=0.01)
    assert counties["population"].tolist() == table["population"].tolist()
    assert counties.loc["370321", "name_en"] == "Huantai"


def test_weather_keeps_the_monthly_table(zibo):
    table = facts.climate_months()
    assert table["ghi_kwh_m2"].sum() == pytest.approx(1378, abs=0.5)
    assert table["dhi_kwh_m2"].sum() == pytest.approx(684, abs=0.5)
    hours = zibo.weather.hours
    monthly = hours.groupby(hours.index.month)[["ghi_w_m2", "dhi_w_m2"]].sum() / 1000.0
    assert monthly.to_numpy() == pytest.approx(
        table[["ghi_kwh_m2", "dhi_kwh_m2"]].to_numpy(), rel=1e-3
    )
    assert zibo.weather.synthetic


def test_terrain_honours_the_mean_elevations_and_lushan(zibo):
    x, y = np.meshgrid(*(np.arange(low, high, 400.0) for low, high in (
        zibo.area.bounds_m[::2], zibo.area.bounds_m[1::2])))  # fmt: skip
    level = zibo.terrain.sample(x.ravel(), y.ravel())
    for county, mean in {"370322": 11, "370303": 63, "370304": 437, "370323": 386}.items():
        inside = shapely.contains_xy(zibo.area.counties.geometry[county], x.ravel(), y.ravel())
        assert level[inside].mean() == pytest.approx(mean, rel=0.03)
    inside = shapely.contains_xy(zibo.area.boundary, x.ravel(), y.ravel())
    assert zibo.terrain.elevation_m.max() == pytest.approx(1108.0, abs=0.1)
    assert level[inside].max() > 1050.0
    plain = shapely.contains_xy(zibo.area.counties.geometry["370322"], x.ravel(), y.ravel())
    assert level[plain].std() < 5.0 < level[inside & ~plain].std()


# --- every layer


def _assert_sound(zibo):
    for name, table in LAYERS.items():
        frame = getattr(zibo, name)
        checked = table.validate(frame, where=name)
        assert frame.crs == zibo.area.crs
        pd.testing.assert_frame_equal(pd.DataFrame(checked), pd.DataFrame(frame))
    buildings = zibo.buildings
    shapes = buildings.geometry.to_numpy()
    for county, polygon in zibo.area.counties.geometry.items():
        shapely.prepare(polygon)
        own = shapes[(buildings["county"] == county).to_numpy()]
        assert shapely.contains_properly(polygon, own).all()
    assert _pairs(shapes).size == 0
    assert _components(zibo.streets) == 1


def _pairs(shapes):
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    return left[left < right]


def _components(streets):
    ends = streets[["u", "v"]].to_numpy(dtype=np.int64)
    nodes, code = np.unique(ends, return_inverse=True)
    code = code.reshape(-1, 2)
    graph = csr_array((np.ones(len(code)), (code[:, 0], code[:, 1])), shape=(len(nodes),) * 2)
    return connected_components(graph, directed=False)[0]


def test_layers_are_valid_apart_and_connected(zibo):
    _assert_sound(zibo)


def test_what_is_generated_says_so(zibo):
    for name in ("buildings", "parks", "streets", "stations", "substations", "constraints"):
        assert set(getattr(zibo, name)["source"]) == {"synthetic"}
        assert name in zibo.synthetic
    assert {"terrain", "weather"} <= zibo.synthetic
    assert "heat_sources" not in zibo.synthetic
    assert zibo.heat_sources["source"].str.contains("Global Energy Monitor.*CC BY 4.0").all()
    text = "\n".join(zibo.attributions)
    assert "Global Energy Monitor" in text
    assert sum(line.startswith(SAMPLE_MARK) for line in zibo.attributions) == 1
    assert "not county totals" in text


def test_sample_size_and_every_roof_kind_in_every_county(buildings):
    assert 45_000 <= len(buildings) <= 55_000
    count = pd.crosstab(buildings["county"], buildings["use"].astype("str"))
    assert len(count) == 8
    assert (count[list(ROOF_KINDS)] > 0).all(axis=None)


def test_homes_lie_east_west_with_their_wings_to_the_south(buildings):
    homes = buildings[buildings["use"] == "rural_home"]
    plain = homes[shapely.get_num_coordinates(homes.geometry.to_numpy()) == 5]
    box = shapely.get_coordinates(plain.geometry.to_numpy()).reshape(-1, 5, 2)
    sides = np.diff(box, axis=1)
    length = np.hypot(*np.moveaxis(sides, 2, 0))
    longest = sides[np.arange(len(sides)), length.argmax(axis=1)]
    off_east = np.degrees(np.arctan(longest[:, 1] / longest[:, 0]))
    assert np.abs(off_east).max() < 26.0
    assert np.median(np.abs(off_east)) < 8.0
    winged = homes[shapely.get_num_coordinates(homes.geometry.to_numpy()) == 7]
    ring = shapely.get_coordinates(winged.geometry.to_numpy()).reshape(-1, 7, 2)
    # The west wall runs from the house's north corner to the end of the wing: southwards.
    wall = ring[:, 0] - ring[:, 5]
    assert (-wall[:, 1] > 2.0 * np.abs(wall[:, 0])).all()
    assert np.hypot(*wall.T).min() > 5.6 * 0.7 + 3.0
    assert len(winged) > 0.2 * len(homes)
    assert set(winged["roof_shape"]) == {"flat"}
    assert 0.3 < (homes["roof_shape"] == "gable").mean() < 0.6


def test_houses_of_a_row_are_in_line(buildings):
    village = buildings[buildings["use"] == "rural_home"]
    biggest = village.index.str.rsplit("-", n=1).str[0].value_counts().index[0]
    own = village[village.index.str.startswith(biggest)]
    centre = shapely.get_coordinates(shapely.centroid(own.geometry.to_numpy()))
    # Nearest neighbours along the row are about a court apart, across it a court and a lane.
    gap = np.hypot(*(centre[:, None] - centre[None]).transpose(2, 0, 1))
    np.fill_diagonal(gap, np.inf)
    assert 14.0 < np.median(gap.min(axis=1)) < 18.5


def test_forms_keep_the_bounds_of_their_use(buildings):
    storeys, height = buildings["storeys"].astype(float), buildings["height_m"]
    for use in ("rural_home", "apartment", "industrial", "school"):
        kinds = [kind for kind in BUILDING_TYPES.values() if kind.use == use]
        own = (buildings["use"] == use).to_numpy()
        assert storeys[own].min() == min(kind.storeys[0] for kind in kinds)
        assert storeys[own].max() == max(kind.storeys[1] for kind in kinds)
        assert (height[own] >= min(kind.storey_m for kind in kinds)).all()
    halls = buildings[buildings["use"] == "industrial"]
    assert (halls["roof_shape"] == "hall").mean() > 0.5
    assert buildings["footprint_m2"].to_numpy() == pytest.approx(buildings.area.to_numpy())
    assert buildings["ground_m"].between(3.0, 1108.0).all()


def test_nothing_is_built_on_streets_rails_or_water(zibo):
    tree = shapely.STRtree(zibo.buildings.geometry.to_numpy())
    assert tree.query(zibo.streets.geometry.to_numpy(), predicate="intersects").size == 0
    kept = zibo.constraints["kind"].isin(
        ["railway", "motorway", "water", "service_area", "power_line"]
    )
    lines = zibo.constraints.geometry[kept].to_numpy()
    assert len(lines) > 8
    assert tree.query(lines, predicate="intersects").size == 0
    campus = zibo.constraints[zibo.constraints["kind"] == "school"].geometry.to_numpy()
    schools = zibo.buildings[zibo.buildings["use"] == "school"].geometry.to_numpy()
    held = shapely.STRtree(shapely.buffer(campus, 0.1)).query(schools, predicate="within")[0]
    assert len(np.unique(held)) == len(schools)


# --- streets


def test_streets_share_nodes_exactly_and_cross_only_by_bridges(zibo):
    streets = zibo.streets
    lines = streets.geometry.to_numpy()
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(lines, place)) for place in (0, -1)]
    )
    node = np.concatenate([streets["u"].to_numpy(int), streets["v"].to_numpy(int)])
    places = pd.DataFrame({"node": node, "x": ends[:, 0], "y": ends[:, 1]})
    assert len(places.drop_duplicates()) == places["node"].nunique()
    assert not places.drop_duplicates("node").duplicated(["x", "y"]).any()
    assert streets["length_m"].to_numpy() == pytest.approx(streets.length.to_numpy())
    left, right = shapely.STRtree(lines).query(lines, predicate="crosses")
    bridge = streets["bridge"].to_numpy()
    assert (bridge[left] | bridge[right]).all()
    assert 0 < bridge.sum() < 400
    assert streets.loc[bridge, "length_m"].max() < 400.0


def test_main_roads_cover_every_county_and_the_motorway_runs_from_zhoucun_to_linzi(zibo):
    joined = gpd.sjoin(zibo.streets, zibo.area.counties[["geometry"]], predicate="intersects")
    names = [name for name in joined.columns if name.startswith(("county", "index_right"))]
    seen = joined.groupby("street_class", observed=True)[names[0]].agg(set)
    for name in ("trunk", "primary", "secondary", "tertiary", "unclassified", "residential"):
        assert len(seen[name]) == 8, name
    assert {"370306", "370303", "370305"} <= seen["motorway"]


# --- parks, stations, grid


def test_parks_lie_at_their_facts_and_hold_their_buildings(zibo, buildings):
    table, parks = facts.park_facts(), zibo.parks
    assert set(parks.index) == set(table.index)
    points = gpd.GeoSeries.from_xy(table["lon"], table["lat"], crs=4326).to_crs(zibo.area.crs)
    points.index = table.index
    assert (parks.distance(points.loc[parks.index]) < 3500.0).all()
    inside = buildings[buildings["park_id"].notna()]
    assert len(inside) > 500
    for key, own in inside.groupby("park_id"):
        assert shapely.contains(parks.geometry[key], own.geometry.to_numpy()).all()
        assert (own["county"] == parks.loc[key, "county"]).all()


def test_stations_stand_beside_main_roads_and_the_hydrogen_station_in_its_service_area(zibo):
    stations = zibo.stations
    hydrogen = stations[stations["kind"] == "hydrogen"]
    area = zibo.constraints[zibo.constraints["kind"] == "service_area"].geometry.iloc[0]
    assert hydrogen["name"].tolist() == ["济青高速淄博服务区加氢站"]
    assert area.contains(hydrogen.geometry.iloc[0])
    motorway = zibo.streets[zibo.streets["street_class"] == "motorway"].geometry
    assert motorway.distance(area).min() < 120.0
    rest = stations[stations["kind"] != "hydrogen"]
    main = zibo.streets[zibo.streets["street_class"].isin(["trunk", "primary", "secondary"])]
    _, distance = shapely.STRtree(main.geometry.to_numpy()).query_nearest(
        rest.geometry.to_numpy(), return_distance=True, all_matches=False
    )
    assert distance.max() < 40.0
    _, built = shapely.STRtree(zibo.buildings.geometry.to_numpy()).query_nearest(
        stations.geometry.to_numpy(), return_distance=True, all_matches=False
    )
    assert built.min() > 5.0
    assert (stations["kind"] == "fuel").sum() > 300
    assert set(stations["county"]) == set(zibo.area.counties.index)


def test_substations_form_a_tree_whose_sums_agree_and_some_have_no_room(zibo):
    grid = zibo.substations
    children = grid[grid["parent_id"].notna()]
    parents = grid.loc[children["parent_id"]]
    assert (parents["voltage_kv"].to_numpy() > children["voltage_kv"].to_numpy()).all()
    assert (grid.loc[grid["parent_id"].isna(), "voltage_kv"] == 110.0).all()
    columns = ["load_mw", "connected_mw", "registered_mw"]
    sums = children.groupby("parent_id")[columns].sum()
    held = grid.loc[sums.index, columns]
    assert held.to_numpy() == pytest.approx(sums.to_numpy(), abs=2e-3)
    room = grid["load_mw"] + 0.8 * grid["capacity_mva"] - grid["connected_mw"]
    low = grid["voltage_kv"] == 10.0
    red, yellow = room <= 0, (room > 0) & (room <= grid["registered_mw"])
    assert 0.03 < red[low].mean() < 0.3
    assert 0.01 < yellow[low].mean() < 0.3
    assert set(grid["county"]) == set(zibo.area.counties.index)
