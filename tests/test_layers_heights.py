import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.errors import LayerError
from layers.heights import HEIGHT_SOURCES, height_chain, refuse_negative, surface_heights_m
from layers.terrain import Terrain

NAN = float("nan")


def chain(own, storeys, surface):
    size = len(own)
    return height_chain(
        np.array(own, dtype=float),
        np.array(storeys, dtype=float),
        np.array(surface, dtype=float),
        storey_height_m=np.full(size, 3.0),
        default_m=np.full(size, 6.0),
        surface_minimum_m=2.0,
    )


def test_the_chain_takes_the_first_possible_height():
    found = chain(
        [9.0, NAN, NAN, NAN, 0.0, 901.0, 0.4, NAN, NAN],
        [4, 4, NAN, NAN, 2, NAN, NAN, 0, 201],
        [5, 5, 7, NAN, NAN, 11, 1.9, NAN, 8],
    )
    assert found.height_m.tolist() == [9, 12, 7, 6, 6, 11, 6, 6, 8]
    assert found.height_source.tolist() == [
        "own", "storeys", "surface_model", "default", "storeys", "surface_model", "default", "default",
        "surface_model",
    ]  # fmt: skip


def test_half_storeys_count_in_the_height_and_are_rounded_up_as_a_count():
    found = chain([NAN, NAN], [2.5, 0.4], [NAN, NAN])
    assert found.height_m.tolist() == [7.5, pytest.approx(1.2)]
    assert found.storeys.tolist() == [3, 1]


def test_storeys_are_kept_beside_an_own_height():
    found = chain([20.0], [6], [NAN])
    assert (found.height_m[0], found.storeys[0], found.height_source[0]) == (20, 6, "own")


@given(
    st.lists(st.tuples(*[st.floats(min_value=-10, max_value=2000) | st.just(NAN)] * 3), min_size=1)
)
def test_every_height_is_possible_and_its_source_is_true(rows):
    own, storeys, surface = map(np.array, zip(*rows, strict=True))
    found = chain(own, storeys, surface)
    assert ((found.height_m >= 0.5) & (found.height_m <= 900)).all()
    truth = {"own": own, "storeys": storeys * 3.0, "surface_model": surface}
    for kind in HEIGHT_SOURCES[:3]:
        rows_of_kind = found.height_source == kind
        np.testing.assert_array_equal(found.height_m[rows_of_kind], truth[kind][rows_of_kind])
    assert (found.height_m[found.height_source == "default"] == 6.0).all()


def test_negative_heights_are_refused_with_their_rows():
    with pytest.raises(LayerError, match=r"negative height in 2 rows \(first b, d: -3 m\)"):
        refuse_negative(np.array([1, -3, NAN, -1.0]), pd.Index(list("abcd")), where="x.shp")
    refuse_negative(np.array([0.0, NAN]), pd.Index(["a", "b"]), where="x.shp")


def plane(elevation_m):
    return Terrain(
        elevation_m=np.asarray(elevation_m, dtype=np.float32),
        west_m=0.0, north_m=100.0, cell_m=10.0, crs=pyproj.CRS.from_epsg(4548), source="synthetic",
        synthetic=True,
    )  # fmt: skip


def test_the_surface_model_minus_the_terrain_is_the_height():
    ground = np.tile(np.arange(10.0), (10, 1))
    surface = ground.copy()
    surface[2:6, 2:6] += 12.0
    boxes = np.array(
        [shapely.box(25, 45, 55, 75), shapely.box(70, 5, 90, 25), shapely.box(900, 0, 910, 9)]
    )
    found = surface_heights_m(boxes, surface=plane(surface), terrain=plane(ground))
    assert found[0] == pytest.approx(12.0, abs=1e-4)
    assert found[1] == pytest.approx(0.0, abs=1e-4)
    assert np.isnan(found[2])
