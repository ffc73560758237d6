"""The parts of the embedded Zibo: draws, neighbour graphs, crossings, recipes, settlements."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import spearmanr

from layers.area import StudyArea
from layers.assumptions import CONFIDENCES
from layers.demo import facts
from layers.demo.building_stock import building_stock
from layers.demo.building_types import BUILDING_TYPES
from layers.demo.crossings import noded
from layers.demo.districts import RESIDENTS_PER_TILE, district_tiles, unit_boxes
from layers.demo.draws import between, normal, pick, uniform
from layers.demo.plots import RECIPES, block_table, plot_table
from layers.demo.relief import relief
from layers.demo.road_plan import _gabriel, _relative_neighbours
from layers.demo.settlements import PEOPLE_PER_HOME, settlements

SEED = 370300


@pytest.fixture(scope="module")
def area():
    return StudyArea.from_adcode(370300)


@pytest.fixture(scope="module")
def terrain(area):
    means = facts.county_facts()["elevation_m"]
    return relief(area.counties, means, crs=area.crs, seed=SEED)


def test_plants_agree_with_the_tracker(shared_data):
    sites = pd.read_csv(shared_data / "zibo_sites.csv", dtype={"adcode": "str"})
    plants = facts.plant_sites("EPSG:4548")
    assert len(plants) == len(sites)
    ours = plants.to_crs(4326)
    mine = sorted(
        zip(ours.geometry.x.round(4), ours.geometry.y.round(4), ours["county"], strict=True)
    )
    theirs = sorted(zip(sites["lon"].round(4), sites["lat"].round(4), sites["adcode"], strict=True))
    assert mine == theirs
    assert plants["electric_mw"].sum() == pytest.approx(sites["mw"].sum())


@pytest.mark.parametrize("name", ["counties", "climate", "parks", "plants", "corridors"])
def test_every_fact_has_source_and_confidence(name):
    table = facts._table(f"{name}.csv")
    sources = [column for column in table.columns if column.endswith("source")]
    words = [column for column in table.columns if column.endswith("confidence")]
    assert sources
    assert words
    assert table[sources].notna().all(axis=None)
    assert set(table[words].to_numpy().ravel()) <= set(CONFIDENCES)


def test_crossing_streets_share_a_node_and_village_roads_bridge_the_motorway():
    streets = gpd.GeoDataFrame(
        {"u": [0, 2, 4, 6], "v": [1, 3, 5, 7], "bridge": False,
         "street_class": ["tertiary", "tertiary", "unclassified", "primary"]},
        geometry=[
            shapely.LineString([(0, 0), (1000, 0)]), shapely.LineString([(250, -300), (250, 300)]),
            shapely.LineString([(500, 600), (500, 1400)]),
            shapely.LineString([(800, 600), (800, 1400)]),
        ],
    )  # fmt: skip
    motorway = gpd.GeoDataFrame(geometry=[shapely.LineString([(-100, 1000), (2000, 1000)])])
    net = noded(streets, motorway, open_from=0)
    # The plain crossing: four pieces at one node in (250, 0).
    plain = net[net["street_class"] == "tertiary"]
    assert sorted(plain.length) == [250.0, 300.0, 300.0, 750.0]
    degree = pd.concat([plain["u"], plain["v"]]).value_counts()
    assert degree.max() == 4
    # The village road: a bridge of 180 m over the motorway, no node with it.
    bridge = net[net["bridge"]]
    assert bridge.length.tolist() == [180.0]
    assert bridge["street_class"].tolist() == ["unclassified"]
    # The primary road: an interchange.
    motor = net[net["street_class"] == "motorway"]
    assert sorted(motor.length) == [900.0, 1200.0]
    shared = set(motor["u"]) & set(motor["v"])
    primary = net[net["street_class"] == "primary"]
    assert len(shared) == 1
    assert shared <= set(primary["u"]) | set(primary["v"])
    assert net.length.sum() == pytest.approx(1000 + 600 + 800 + 800 + 2100)


def test_neighbour_graphs_by_hand():
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.1, 2.0], [0.0, 2.0], [1.0, 1.05]])
    edges = _gabriel(square)
    found = {tuple(edge) for edge in edges.tolist()}
    # The middle point lies within the circle of both diagonals.
    assert not found & {(0, 2), (1, 3)}
    assert {(0, 4), (1, 4), (2, 4), (3, 4)} <= found
    # A side is longer than both ways to the middle: it is no relative neighbour.
    near = {tuple(edge) for edge in edges[_relative_neighbours(square, edges)].tolist()}
    assert near == {(0, 4), (1, 4), (2, 4), (3, 4)}


@pytest.fixture(scope="module")
def units(area, terrain):
    nothing = shapely.Polygon()
    tiles = district_tiles(area.counties, terrain, nothing, crs=area.crs, seed=SEED)
    rural = settlements(area.counties, terrain, unit_boxes(tiles), avoid=nothing, seed=SEED)
    return pd.concat([tiles, rural], ignore_index=True)


def test_settlements_house_each_county_in_the_order_of_its_population(units):
    people = units["homes"] * PEOPLE_PER_HOME * np.where(units["kind"] == "town", 0.55, 1.0)
    people = people.where(units["kind"].isin(["town", "village"]), 0.0)
    people += np.where(units["kind"] == "city", RESIDENTS_PER_TILE, 0.0)
    housed = people.groupby(units["county"]).sum()
    population = facts.county_facts()["population"]
    assert housed.to_numpy() == pytest.approx(population.to_numpy(), rel=0.12)
    assert spearmanr(housed, population).statistic > 0.97
    count = units["kind"].value_counts()
    assert count["village"] == pytest.approx(3000, abs=60)
    assert count["town"] == pytest.approx(80, abs=3)


def test_settlements_keep_apart_and_inside_their_county(area, terrain, units):
    boxes = unit_boxes(units)
    district = units["group"].to_numpy() < 1000
    left, right = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    # Only tiles of one district touch.
    other = (left < right) & (units["group"].to_numpy()[left] != units["group"].to_numpy()[right])
    assert not other.any()
    assert district.any()
    for county, polygon in area.counties.geometry.items():
        assert shapely.contains(polygon, boxes[(units["county"] == county).to_numpy()]).all()


def test_villages_avoid_steep_ground(area, terrain, units):
    villages = units[(units["kind"] == "village") & (units["county"] == "370323")]
    x, y = villages["x"].to_numpy(), villages["y"].to_numpy()
    rise = np.abs(terrain.sample(x + 250, y) - terrain.sample(x - 250, y))
    rng = np.random.default_rng(0)
    west, south, east, north = area.counties.geometry["370323"].bounds
    x, y = rng.uniform(west, east, 3000), rng.uniform(south, north, 3000)
    usual = np.abs(terrain.sample(x + 250, y) - terrain.sample(x - 250, y))
    assert rise.mean() < 0.7 * usual.mean()


def test_a_settlement_is_the_same_alone_and_among_others(area, terrain, units):
    few = units.index[units["kind"].isin(["village", "town"])][:6]
    nothing = np.array([], dtype=object)

    def built(rows):
        plots = plot_table(block_table(units.loc[rows], seed=SEED))
        return building_stock(units, plots, terrain, clearings=nothing, crs=area.crs, seed=SEED)

    together, alone = built(few), built(few[2:4])
    shared = together.loc[alone.index]
    assert 0 < len(alone) < len(together)
    assert (shapely.to_wkb(shared.geometry) == shapely.to_wkb(alone.geometry)).all()
    pd.testing.assert_frame_equal(
        pd.DataFrame(shared.drop(columns="geometry")), pd.DataFrame(alone.drop(columns="geometry"))
    )


def test_recipes_cut_blocks_without_overlap():
    for name, cuts in RECIPES.items():
        boxes = [
            shapely.box(west, south, east, north)
            for kind, west, south, east, north in cuts
            if kind != "shed"  # sheds share the court of their house
        ]
        assert all(kind in BUILDING_TYPES for kind, *_ in cuts)
        area = shapely.union_all(boxes).area
        assert area == pytest.approx(sum(box.area for box in boxes)), name
        assert shapely.union_all(boxes).within(shapely.box(0, 0, 1, 1)), name


def test_draws_are_uniform_independent_of_order_and_of_each_other():
    keys = np.arange(200_000)
    draw = uniform(SEED, "test", keys, 3)
    assert draw.min() > 0.0
    assert draw.max() < 1.0
    # Standard error of the mean of n uniforms is sqrt(1/12/n) = 0.00065.
    assert draw.mean() == pytest.approx(0.5, abs=0.003)
    assert draw.var() == pytest.approx(1 / 12, abs=0.001)
    order = np.random.default_rng(1).permutation(len(keys))
    assert (uniform(SEED, "test", keys[order], 3) == draw[order]).all()
    for other in (uniform(SEED + 1, "test", keys, 3), uniform(SEED, "tost", keys, 3),
                  uniform(SEED, "test", keys, 4)):  # fmt: skip
        assert abs(np.corrcoef(draw, other)[0, 1]) < 0.012
    assert abs(np.corrcoef(draw[:-1], draw[1:])[0, 1]) < 0.012
    shares = np.bincount(pick(draw, (1.0, 3.0, 0.0))) / len(draw)
    assert shares == pytest.approx([0.25, 0.75], abs=0.006)
    assert normal(draw).std() == pytest.approx(1.0, abs=0.01)
    assert between(np.array([0.0, 0.5, 1.0]), -2.0, 2.0).tolist() == [-2.0, 0.0, 2.0]
