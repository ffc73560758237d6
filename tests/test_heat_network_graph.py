"""Streets to graph: each repair by hand, and a real district end to end."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon

from heat_network import RoutingAssumptions, attach, street_graph
from layers.errors import DatumError, LayerError

CRS = "EPSG:4548"
A = RoutingAssumptions()


def streets(*lines, **flags):
    frame = gpd.GeoDataFrame(flags, geometry=list(lines), crs=CRS)
    frame.index = [f"s{i}" for i in range(len(lines))]
    return frame


def kinds(graph):
    return graph.repairs["kind"].value_counts()


def test_a_crossing_on_the_ground_splits_both_streets():
    graph = street_graph(
        streets(LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)])),
        snap_m=1.0,
        assumptions=A,
    )
    assert len(graph.nodes) == 5
    assert graph.edges["length_m"].tolist() == [50.0] * 4
    assert sorted(graph.edges["street_id"]) == ["s0", "s0", "s1", "s1"]
    assert kinds(graph)["split"] == 2


@pytest.mark.parametrize("flag", ["bridge", "tunnel"])
def test_a_bridge_or_tunnel_does_not_meet_what_it_passes(flag):
    lines = LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)])
    graph = street_graph(
        streets(*lines, **{flag: [False, True]}),
        snap_m=1.0,
        assumptions=RoutingAssumptions(bridge_gap_m=0.0),
    )
    assert len(graph.edges) == 2
    assert graph.nodes["component"].nunique() == 2


def test_ends_within_the_tolerance_are_joined_and_reported():
    graph = street_graph(
        streets(LineString([(0, 0), (100, 0)]), LineString([(100.8, 0), (200, 0)])),
        snap_m=1.0,
        assumptions=A,
    )
    assert len(graph.nodes) == 3
    snapped = graph.repairs[graph.repairs["kind"] == "snapped"]
    assert snapped["size_m"].tolist() == pytest.approx([0.8])
    assert snapped["street_id"].tolist() == ["s0"]
    assert graph.edges["length_m"].sum() == pytest.approx(200.0)


def test_an_end_just_short_of_a_street_meets_it():
    graph = street_graph(
        streets(LineString([(0, 0), (100, 0)]), LineString([(40, 60), (40, 0.5)])),
        snap_m=1.0,
        assumptions=A,
    )
    assert len(graph.edges) == 3
    assert graph.nodes["component"].max() == 0


def test_small_gaps_between_parts_are_bridged_and_wide_ones_stay():
    near = (
        LineString([(0, 0), (100, 0)]),
        LineString([(50, 10), (50, 90)]),
        LineString([(500, 0), (600, 0)]),
    )
    graph = street_graph(streets(*near), snap_m=1.0, assumptions=A)
    bridged = graph.repairs[graph.repairs["kind"] == "bridged"]
    assert bridged["size_m"].tolist() == pytest.approx([10.0])
    assert (graph.edges["kind"] == "bridged").sum() == 1
    assert graph.nodes["component"].nunique() == 2
    island = graph.repairs[graph.repairs["kind"] == "island"]
    assert island["size_m"].tolist() == pytest.approx([100.0])


def test_doubles_loops_and_empty_lines_are_dropped_with_a_report():
    line = LineString([(0, 0), (100, 0)])
    ring = LineString([(100, 0), (150, 50), (100, 100), (100, 0)])
    graph = street_graph(streets(line, line, ring, LineString(), None), snap_m=1.0, assumptions=A)
    assert len(graph.edges) == 1
    assert kinds(graph)["dropped_double"] == 1
    assert kinds(graph)["dropped_short"] == 3


@pytest.mark.parametrize(
    ("barrier", "kind", "extra"),
    [
        (LineString([(30, -50), (30, 50)]), "railway", A.crossing_extra_m["railway"]),
        (Polygon([(30, -50), (60, -50), (60, 50), (30, 50)]), "water", A.crossing_extra_m["water"]),
        (LineString([(30, -50), (30, 50)]), "school", 0.0),
        (LineString([(0, 20), (100, 20)]), "railway", None),
    ],
)
def test_crossing_a_river_or_railway_costs_more(barrier, kind, extra):
    barriers = gpd.GeoDataFrame({"kind": [kind]}, geometry=[barrier], crs=CRS)
    graph = street_graph(
        streets(LineString([(0, 0), (100, 0)])), snap_m=1.0, assumptions=A, barriers=barriers
    )
    assert graph.edges["extra_m"].tolist() == [extra or 0.0]
    assert graph.edges["crossings"].isna().all() == (extra is None)


def test_buildings_get_several_candidate_streets_and_the_far_one_its_reason():
    block = LineString([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])
    parts = [LineString(pair) for pair in zip(block.coords[:-1], block.coords[1:], strict=True)]
    graph = street_graph(streets(*parts), snap_m=1.0, assumptions=A)
    places = gpd.GeoDataFrame(
        geometry=[Point(40, 20), Point(40, 20), Point(5000, 0), None], index=list("abcd"), crs=CRS
    )
    more, attached = attach(graph, places, assumptions=A)
    assert attached["reason"].tolist() == ["attached", "attached", "too_far", "too_far"]
    assert attached["candidates"].tolist() == [3, 3, 0, 0]
    assert attached["nearest_m"].tolist()[:2] == pytest.approx([20.0, 20.0])
    assert more.nodes["component"].max() == 0
    street = more.edges[more.edges["kind"] == "street"]
    assert street["length_m"].sum() == pytest.approx(400.0)
    assert len(street) == 4 + 3
    assert len(graph.edges) == 4  # the given graph stays as it was
    assert kinds(more)["split"] == 3  # each street that service lines cut is noted
    assert kinds(graph)["split"] == 0
    for u, v, line in zip(more.edges["u"], more.edges["v"], more.edges.geometry, strict=True):
        assert line.coords[0] == pytest.approx(more.nodes.geometry[u].coords[0])
        assert line.coords[-1] == pytest.approx(more.nodes.geometry[v].coords[0])


def test_a_random_tangle_of_lines_keeps_its_length_and_every_edge_its_ends():
    random = np.random.default_rng(3)
    ends = random.uniform(0, 500, (60, 2, 2))
    graph = street_graph(
        streets(*shapely.linestrings(ends)),
        snap_m=0.01,
        assumptions=RoutingAssumptions(bridge_gap_m=0.0),
    )
    assert graph.edges["length_m"].sum() == pytest.approx(
        np.hypot(*(ends[:, 0] - ends[:, 1]).T).sum(), rel=1e-3
    )
    crossings = sum(
        a.crosses(b)
        for i, a in enumerate(graph.edges.geometry)
        for b in graph.edges.geometry[i + 1 :]
    )
    assert crossings <= 2  # up to rounding at the tolerance
    assert (graph.ends >= 0).all()


def test_faults_are_sentences():
    line = LineString([(0, 0), (1, 1)])
    with pytest.raises(DatumError, match="no coordinate reference system"):
        street_graph(gpd.GeoDataFrame(geometry=[line]), snap_m=1.0, assumptions=A)
    with pytest.raises(DatumError, match="degrees"):
        street_graph(gpd.GeoDataFrame(geometry=[line], crs=4326), snap_m=1.0, assumptions=A)
    with pytest.raises(LayerError, match="not one line"):
        street_graph(streets(Point(0, 0)), snap_m=1.0, assumptions=A)
    with pytest.raises(LayerError, match="snap_m"):
        street_graph(streets(line), snap_m=-1.0, assumptions=A)


def test_a_real_district_becomes_one_graph(shared_data):
    roads = gpd.read_file(shared_data / "heat" / "roads.gpkg")
    sinks = gpd.read_file(shared_data / "heat" / "sinks.gpkg")
    graph = street_graph(roads, snap_m=1.0, assumptions=A)
    assert graph.nodes["component"].max() == 0
    assert graph.edges["length_m"].sum() == pytest.approx(roads.length.sum(), rel=0.01)
    more, attached = attach(graph, sinks, assumptions=A)
    assert (attached["reason"] == "attached").all()
    assert attached["nearest_m"].to_numpy() == pytest.approx(
        sinks.distance(roads.union_all()).to_numpy(), abs=1.0
    )
    assert more.nodes["component"].max() == 0
