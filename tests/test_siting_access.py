"""Access over the streets: hand cases, networkx as referee, one-way streets, symmetry, reasons."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import LayerError
from siting.access import AccessAssumptions, nearest_station, site_access
from siting.street_graph import StreetGraph, street_graph

CRS = "EPSG:4548"
EVERYWHERE = AccessAssumptions(cutoff_min=600.0, reach_m=500.0, leg_kmh=18.0)  # 18 km/h = 5 m/s


def streets(rows):
    """Make a streets table of rows (u, v, oneway, speed, length) with nodes at x = 1000 u."""
    frame = pd.DataFrame(rows, columns=["u", "v", "oneway", "speed_kmh", "length_m"])
    frame["street_class"] = "primary"
    lines = [
        shapely.LineString([(1000 * u, 0), (1000 * v, 0)])
        for u, v in zip(frame.u, frame.v, strict=True)
    ]
    return gpd.GeoDataFrame(frame, geometry=lines, crs=CRS)


def points(places, prefix):
    keys = [f"{prefix}{k}" for k in range(len(places))]
    return gpd.GeoDataFrame(index=keys, geometry=shapely.points(np.asarray(places, float)), crs=CRS)


def dense(access, values):
    out = np.full((access.demand_id.size, access.site_id.size), np.inf)
    row = np.repeat(np.arange(access.demand_id.size), np.diff(access.indptr))
    out[row, access.indices] = values
    return out


def test_a_straight_road_by_hand():
    # 0 --1000 m at 36 km/h (100 s)-- 1 --1000 m at 72 km/h (50 s)-- 2
    graph = street_graph(streets([(0, 1, False, 36.0, 1000.0), (1, 2, False, 72.0, 1000.0)]))
    demand, sites = points([(0, 50), (1000, 0)], "d"), points([(2000, 100)], "s")
    access = site_access(graph, demand, sites, assumptions=EVERYWHERE)
    # legs: 50 m = 10 s at the demand, 100 m = 20 s at the site
    np.testing.assert_allclose(dense(access, access.time_s), [[10 + 100 + 50 + 20], [50 + 20]])
    np.testing.assert_allclose(dense(access, access.length_m), [[50 + 2000 + 100], [1000 + 100]])
    assert access.unreachable.empty


def test_a_one_way_street_is_driven_in_its_direction_only():
    # a ring 0 -> 1 -> 2 -> 0, one way
    ring = streets(
        [(0, 1, True, 36.0, 1000.0), (1, 2, True, 36.0, 1000.0), (2, 0, True, 36.0, 2000.0)]
    )
    there = points([(0, 0), (1000, 0), (2000, 0)], "d")
    access = site_access(
        street_graph(ring), there, points([(1000, 0)], "s"), assumptions=EVERYWHERE
    )
    np.testing.assert_allclose(dense(access, access.time_s)[:, 0], [100.0, 0.0, 300.0])


def test_a_given_speed_replaces_that_of_the_table_and_closed_classes_are_left_out():
    frame = streets([(0, 1, False, 36.0, 1000.0), (0, 1, False, 99.0, 200.0)])
    frame.loc[1, "street_class"] = "footway"
    graph = street_graph(frame, speeds_kmh={"primary": 18.0})
    access = site_access(
        graph, points([(0, 0)], "d"), points([(1000, 0)], "s"), assumptions=EVERYWHERE
    )
    assert access.time_s.tolist() == [200.0]
    with pytest.raises(LayerError, match="None of the 2 streets may be driven"):
        street_graph(frame, closed_classes=("primary", "footway"))


def test_the_faster_of_parallel_streets_and_the_shorter_of_equally_fast_ones_count():
    graph = street_graph(
        streets(
            [(0, 1, False, 36.0, 1000.0), (0, 1, False, 72.0, 1400.0), (0, 1, False, 54.0, 1050.0)]
        )
    )
    access = site_access(
        graph, points([(0, 0)], "d"), points([(1000, 0)], "s"), assumptions=EVERYWHERE
    )
    assert access.time_s.tolist() == [70.0]
    assert access.length_m.tolist() == [1050.0]


def test_who_cannot_be_reached_is_listed_with_the_reason():
    graph = street_graph(streets([(0, 1, False, 36.0, 1000.0), (1, 2, False, 36.0, 60_000.0)]))
    demand = points([(0, 0), (0, 9000), (2000, 20)], "d")
    near = AccessAssumptions(cutoff_min=5.0, reach_m=500.0)
    access = site_access(graph, demand, points([(1000, 0), (0, 700)], "s"), assumptions=near)
    assert access.roadless_sites.tolist() == ["s1"]
    assert access.unreachable["reason"].to_dict() == {
        "d1": "no road within 500 m",
        "d2": "no site within 5 minutes",
    }
    assert access.unreachable.loc["d1", "distance_m"] == pytest.approx(9000.0)
    assert access.time_cost(overflow_s=900.0).shape == (3, 2)


def test_a_street_apart_from_the_rest_is_no_place_to_start_from():
    frame = streets(
        [(0, 1, False, 36.0, 1000.0), (1, 2, False, 36.0, 1000.0), (5, 6, False, 36.0, 1000.0)]
    )
    graph = street_graph(frame)
    assert graph.connected.tolist() == [True, True, True, False, False]
    node, distance = graph.nearest_nodes(
        np.array([2100.0, 5000.0]), np.array([0.0, 0.0]), reach_m=4000.0
    )
    assert graph.node_id[node].tolist() == [2, 2]
    np.testing.assert_allclose(distance, [100.0, 3000.0])
    node, _ = graph.nearest_nodes(
        np.array([5000.0]), np.array([0.0]), reach_m=10.0, connected_only=False
    )
    assert graph.node_id[node].tolist() == [5]


def random_graph(seed, nodes=25, *, both):
    rng = np.random.default_rng(seed)
    ring = np.column_stack([np.arange(nodes), np.roll(np.arange(nodes), -1)])
    ends = np.concatenate([ring, rng.integers(0, nodes, (2 * nodes, 2))])
    time_s, length_m = rng.integers(1, 60, len(ends)) * 1.0, rng.integers(10, 900, len(ends)) * 1.0
    if both:
        ends = np.concatenate([ends, ends[:, ::-1]])
        time_s, length_m = np.tile(time_s, 2), np.tile(length_m, 2)
    position = np.column_stack([np.arange(nodes) * 1000.0, np.zeros(nodes)])
    return ends, time_s, length_m, position


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([2.0, 600.0]))
def test_times_and_lengths_agree_with_networkx(seed, cutoff_min):
    ends, time_s, length_m, position = random_graph(seed, both=False)
    graph = StreetGraph.from_arcs(ends, time_s=time_s, length_m=length_m, position_m=position)
    referee = nx.MultiDiGraph()
    for (u, v), t, m in zip(ends.tolist(), time_s, length_m, strict=True):
        # seconds first, metres to break ties: both sums stay exact
        referee.add_edge(u, v, weight=t * 1e6 + m)
    everyone, some = points(position, "d"), points(position[::4], "s")
    assumptions = AccessAssumptions(cutoff_min=cutoff_min, reach_m=5.0)
    access = site_access(graph, everyone, some, assumptions=assumptions)
    expected = np.full((25, len(some)), np.inf)
    lengths = dict(nx.all_pairs_dijkstra_path_length(referee))
    for s, v in enumerate(range(0, 25, 4)):
        for u in range(25):
            expected[u, s] = lengths[u][v]
    seconds = np.floor(expected / 1e6)
    within = seconds <= cutoff_min * 60.0
    np.testing.assert_allclose(dense(access, access.time_s), np.where(within, seconds, np.inf))
    np.testing.assert_allclose(
        dense(access, access.length_m), np.where(within, expected - 1e6 * seconds, np.inf)
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_symmetric_graph_has_symmetric_times(seed):
    ends, time_s, length_m, position = random_graph(seed, both=True)
    graph = StreetGraph.from_arcs(ends, time_s=time_s, length_m=length_m, position_m=position)
    everyone = points(position, "d")
    access = site_access(graph, everyone, everyone, assumptions=EVERYWHERE)
    times = dense(access, access.time_s)
    np.testing.assert_array_equal(times, times.T)
    assert (np.diag(times) == 0.0).all()
    # no way round is shorter than the fastest
    assert (times[:, None, :] <= times[:, :, None] + times[None, :, :] + 1e-6).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_nearest_station_is_the_least_of_the_many_to_many_times(seed):
    ends, time_s, length_m, position = random_graph(seed, both=False)
    graph = StreetGraph.from_arcs(ends, time_s=time_s, length_m=length_m, position_m=position)
    everyone, stations = (
        points(position + np.array([0, 3]), "d"),
        points(position[3::7] + np.array([0, 4]), "s"),
    )
    nearest = nearest_station(graph, everyone, stations, assumptions=EVERYWHERE)
    access = site_access(graph, everyone, stations, assumptions=EVERYWHERE)
    times = dense(access, access.time_s)
    np.testing.assert_allclose(nearest["time_s"], times.min(axis=1), rtol=1e-6)
    place = stations.index.get_indexer(nearest["station"])
    np.testing.assert_allclose(times[np.arange(25), place], times.min(axis=1))


def test_a_demand_without_road_has_no_nearest_station():
    graph = street_graph(streets([(0, 1, False, 36.0, 1000.0)]))
    demand = points([(0, 9000), (1000, 0)], "d")
    nearest = nearest_station(graph, demand, points([(0, 0)], "s"), assumptions=EVERYWHERE)
    assert nearest["station"].isna().tolist() == [True, False]
    assert nearest["time_s"].isna().tolist() == [True, False]


def test_tables_in_different_crs_and_arcs_without_time_are_refused():
    graph = street_graph(streets([(0, 1, False, 36.0, 1000.0)]))
    demand = points([(0, 0)], "d")
    with pytest.raises(LayerError, match="project both to the metric CRS"):
        site_access(graph, demand, demand.set_crs("EPSG:4547", allow_override=True))
    with pytest.raises(LayerError, match="Arc 0 takes nan s"):
        StreetGraph.from_arcs(
            [[0, 1]], time_s=[np.nan], length_m=[1.0], position_m=np.zeros((2, 2))
        )
    with pytest.raises(LayerError, match="Street 0 has a speed of 0"):
        street_graph(streets([(0, 1, False, 0.0, 1000.0)]))
