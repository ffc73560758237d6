"""Roof planes against hand cases, balances and invariances."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import AssumptionError, LayerError
from layers.tables import BUILDING_USES
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.roofs import ground_cover_ratio, roof_forms, roof_planes, row_spacing_ratio
from rooftop_pv.tables import PILOT_KINDS

CENTRE = np.array([500_000.0, 4_076_000.0])  # on the central meridian of EPSG:4548, 36.8° N
ASSUMPTIONS = RooftopPvAssumptions()


def buildings(polygons, *, crs="EPSG:4548", **columns) -> gpd.GeoDataFrame:
    count = len(polygons)
    frame = pd.DataFrame(
        {
            "use": "rural_home",
            "use_source": "own",
            "height_m": 3.5,
            "height_source": "own",
            "footprint_m2": shapely.area(polygons),
            "county": "370302",
            "source": "hand",
            **columns,
        },
        index=pd.Index([f"b{n}" for n in range(count)], dtype="str", name="building_id"),
    )
    return gpd.GeoDataFrame(frame, geometry=list(polygons), crs=crs)


def house(east_m: float, north_m: float, *, turn_deg: float = 0.0, centre=CENTRE):
    """A rectangle turned clockwise, so that its long side keeps the turn as azimuth."""
    x, y = east_m / 2, north_m / 2
    box = shapely.Polygon([(-x, -y), (x, -y), (x, y), (-x, y)])
    return shapely.affinity.translate(shapely.affinity.rotate(box, -turn_deg), *centre)


def test_a_long_house_from_east_to_west_falls_south_and_north() -> None:
    planes = roof_planes(buildings([house(20.0, 8.0)]), ASSUMPTIONS)
    assert list(planes.index) == ["b0#0", "b0#1"]
    assert planes["surface_azimuth_deg"].tolist() == [180.0, 0.0]
    assert planes["azimuth_deg"].tolist() == [180.0, 0.0]
    assert planes["roof_kind"].tolist() == ["gable", "gable"]
    assert planes["projected_m2"].tolist() == pytest.approx([80.0, 80.0])
    assert planes["plane_m2"].tolist() == pytest.approx([80.0 / np.cos(np.radians(25.0))] * 2)
    south, north = planes.geometry
    assert south.centroid.y == pytest.approx(CENTRE[1] - 2.0)
    assert north.centroid.y == pytest.approx(CENTRE[1] + 2.0)
    assert planes["refused"].isna().tolist() == [True, False]
    assert planes["refused"].iloc[1] == "orientation"
    usable = 80.0 / np.cos(np.radians(25.0)) * 0.75
    assert planes["capacity_kwp"].tolist() == pytest.approx([usable * 0.95 * 0.225, 0.0])
    assert planes["eave_m"].tolist() == [3.5, 3.5]


@pytest.mark.parametrize(
    ("turn_deg", "first_deg", "second_deg"),
    [(0.0, 180.0, 0.0), (30.0, 210.0, 30.0), (90.0, 90.0, 270.0), (150.0, 150.0, 330.0)],
)
def test_the_azimuth_turns_clockwise_with_the_house(turn_deg, first_deg, second_deg) -> None:
    planes = roof_planes(buildings([house(20.0, 8.0, turn_deg=turn_deg)]), ASSUMPTIONS)
    assert planes["surface_azimuth_deg"].tolist() == pytest.approx([first_deg, second_deg])
    for plane, azimuth_deg in zip(planes.geometry, (first_deg, second_deg), strict=True):
        east = plane.centroid.x - CENTRE[0]
        north = plane.centroid.y - CENTRE[1]
        fall = np.degrees(np.arctan2(east, north))
        assert (fall - azimuth_deg + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=1e-6)


def test_a_square_house_faces_the_equator() -> None:
    planes = roof_planes(buildings([house(10.0, 10.2), house(10.2, 10.0)]), ASSUMPTIONS)
    assert planes["surface_azimuth_deg"].tolist() == [180.0, 0.0, 180.0, 0.0]


def test_in_the_south_racks_and_first_planes_face_north() -> None:
    shapes = [house(20.0, 8.0, centre=(334_000.0, 6_250_000.0))] * 2
    south = buildings(shapes, crs="EPSG:32756", use=["rural_home", "school"])  # Sydney, 33.9° S
    planes = roof_planes(south, ASSUMPTIONS)
    assert planes["azimuth_deg"].tolist() == [0.0, 180.0, 0.0]
    assert planes["refused"].isna().tolist() == [True, False, True]


def test_odd_outlines_conserve_area_and_stay_single_polygons() -> None:
    court = house(30.0, 20.0) - house(18.0, 8.0)
    u_shape = house(30.0, 20.0) - house(20.0, 12.0, centre=CENTRE + np.array([0.0, 6.0]))
    s_shape = shapely.Polygon(
        [(0, 0), (30, 0), (30, 4), (4, 4), (4, 6), (30, 6), (30, 14), (0, 14), (0, 10), (26, 10), (26, 8), (0, 8)]
    )  # fmt: skip
    on_ridge = shapely.Polygon([(0, 0), (20, 0), (20, 4), (22, 4), (20, 8), (0, 8), (-2, 4)])
    kissed = shapely.Polygon([(0, 0), (20, 0), (20, 8), (12, 8), (10, 4), (8, 8), (0, 8)])
    level = shapely.Polygon([(0, 0), (20, 0), (20, 4), (16, 4), (16, 8), (0, 8), (0, 4)])
    shapes = [
        court,
        u_shape,
        *(shapely.affinity.translate(s, *CENTRE) for s in (s_shape, on_ridge, kissed, level)),
    ]
    planes = roof_planes(buildings(shapes), ASSUMPTIONS)
    area = planes.groupby("building_id")["projected_m2"].sum()
    assert area.tolist() == pytest.approx([shape.area for shape in shapes], rel=1e-12)
    assert (planes.geom_type == "Polygon").all()
    for name, part in planes.groupby("building_id"):
        shape = shapes[int(name[1:])]
        assert part.union_all().symmetric_difference(shape).area < 1e-6
        assert list(part.index) == [f"{name}#{n}" for n in range(len(part))]
    alone = roof_planes(buildings([court]), ASSUMPTIONS)
    assert alone["projected_m2"].sum() == pytest.approx(court.area)
    # The U opens to the north: its southern half is one plane, its northern half two arms.
    arms = planes[planes["building_id"] == "b1"]
    assert arms["surface_azimuth_deg"].tolist() == [180.0, 0.0, 0.0]


def test_forms_follow_the_known_shape_then_use_height_and_size() -> None:
    shapes = [house(20.0, 8.0)] * 8 + [house(40.0, 20.0)] * 2
    layer = buildings(
        shapes,
        use=["rural_home", "rural_home", "school", "school", "rural_home", "industrial", "school", "other"]
        + ["industrial"] * 2,
        height_m=[3.5, 9.5, 3.5, 3.5, 3.5, 8.0, 3.5, 3.5, 8.0, 30.0],
        roof_shape=[None, None, None, "gable", "flat", None, "hip", "shed", None, None],
    )  # fmt: skip
    forms = roof_forms(layer, ASSUMPTIONS)
    assert forms.tolist() == [
        "gable", "flat", "flat", "gable", "flat", "flat", "gable", "flat", "hall", "flat",
    ]  # fmt: skip
    assert forms.index.equals(layer.index)
    assert roof_forms(layer.drop(columns="roof_shape"), ASSUMPTIONS).tolist()[3] == "flat"


def test_a_flat_roof_and_a_hall_by_hand() -> None:
    layer = buildings(
        [house(40.0, 25.0)] * 2, use=["school", "warehouse"], height_m=10.0, ground_m=[50.0, None]
    )
    planes = roof_planes(layer, ASSUMPTIONS)
    assert planes["roof_kind"].tolist() == ["flat", "hall", "hall"]
    flat = planes.iloc[0]
    gcr = float(ground_cover_ratio(36.81, 15.0, ASSUMPTIONS))
    assert (flat["tilt_deg"], flat["surface_tilt_deg"]) == (15.0, 0.0)
    assert flat["usable_m2"] == pytest.approx(500.0)
    assert flat["module_m2"] == pytest.approx(500.0 * gcr, rel=1e-3)
    assert flat["capacity_kwp"] == pytest.approx(flat["module_m2"] * 0.225)
    hall = planes.iloc[1:]
    assert hall["tilt_deg"].tolist() == [5.0, 5.0]
    assert hall["refused"].isna().all()  # a low slope to the north still carries modules
    assert hall["capacity_kwp"].sum() == pytest.approx(
        1000.0 / np.cos(np.radians(5.0)) * 0.7 * 0.95 * 0.225
    )
    assert planes["eave_m"].tolist() == [60.0, 10.0, 10.0]


def test_every_refusal_has_its_reason_and_no_capacity() -> None:
    layer = buildings(
        [house(20.0, 8.0), house(20.0, 8.0), house(4.0, 3.0)],
        use=["agricultural", "rural_home", "school"],
    )
    planes = roof_planes(layer, ASSUMPTIONS)
    refused = planes["refused"].astype("object").where(planes["refused"].notna(), None)
    assert refused.tolist() == ["use", None, "orientation", "size"]
    out = planes[planes["refused"].notna()]
    assert (out[["usable_m2", "module_m2", "capacity_kwp"]] == 0.0).all(axis=None)
    keep_all = RooftopPvAssumptions.from_mapping({"azimuth_limit_deg": 180.0})
    assert roof_planes(layer, keep_all)["capacity_kwp"].gt(0.0).tolist() == [
        False,
        True,
        True,
        False,
    ]


def test_row_spacing_by_the_rule_and_by_the_sun() -> None:
    # The designers' worked figures at 36.8° N, and an elevation of 26.93° with azimuth 46.71° at 22° N.
    assert row_spacing_ratio([36.8], method="rule")[0] == pytest.approx(2.425, abs=5e-4)
    assert row_spacing_ratio([36.8])[0] == pytest.approx(2.516, abs=3e-3)
    worked = np.cos(np.radians(46.7054)) / np.tan(np.radians(26.9277))
    assert row_spacing_ratio([22.0])[0] == pytest.approx(worked, rel=3e-3)
    assert row_spacing_ratio([-22.0]) == row_spacing_ratio([22.0])
    assert np.isinf(row_spacing_ratio([70.0], method="exact")[0])
    assert np.isinf(row_spacing_ratio([70.0], method="rule")[0])
    assert float(ground_cover_ratio(70.0, 15.0, ASSUMPTIONS)) == ASSUMPTIONS.gcr_minimum
    rule = RooftopPvAssumptions.from_mapping({"row_spacing": "rule"})
    density = [
        225.0 * float(ground_cover_ratio(36.8, tilt, rule)) for tilt in (0.0, 10.0, 20.0, 30.0)
    ]
    assert density == pytest.approx([225.0, 160.0, 127.0, 108.0], abs=0.6)


@settings(max_examples=30, deadline=None)
@given(
    east_m=st.floats(5.0, 60.0),
    ratio=st.floats(0.1, 0.9),
    turn_deg=st.floats(-180.0, 180.0),
    bite=st.floats(0.0, 0.4),
)
def test_turning_and_mirroring(east_m, ratio, turn_deg, bite) -> None:
    north_m = east_m * ratio
    block = house(east_m, north_m) - house(
        east_m * bite, north_m * bite, centre=CENTRE + np.array([east_m, north_m]) / 2
    )
    turned = shapely.affinity.rotate(block, -turn_deg, origin=tuple(CENTRE))
    full = shapely.affinity.rotate(turned, 360.0, origin=tuple(CENTRE))
    mirror = shapely.affinity.scale(turned, xfact=-1.0, origin=tuple(CENTRE))
    planes = roof_planes(buildings([turned, full, mirror]), ASSUMPTIONS)
    first, again, mirrored = (
        part.sort_values("surface_azimuth_deg") for _, part in planes.groupby("building_id")
    )
    assert first["projected_m2"].sum() == pytest.approx(block.area, rel=1e-9)
    assert_same_circle(first["surface_azimuth_deg"], again["surface_azimuth_deg"])
    total = first.groupby(first["surface_azimuth_deg"].round(6) % 360.0)["projected_m2"].sum()
    other = mirrored.groupby(-mirrored["surface_azimuth_deg"].round(6) % 360.0)[
        "projected_m2"
    ].sum()
    assert sorted(total) == pytest.approx(sorted(other), rel=1e-6)
    assert_same_circle(total.index, other.index)


def assert_same_circle(one, other) -> None:
    directions = [
        np.sort_complex(np.round(np.exp(1j * np.radians(np.asarray(values))), 5) + (0.0 + 0.0j))
        for values in (one, other)
    ]
    assert np.abs(directions[0] - directions[1]).max() < 1e-4


def test_inputs_are_left_alone_and_order_does_not_matter() -> None:
    layer = buildings([house(20.0, 8.0), house(30.0, 10.0)], use=["rural_home", "school"])
    before = layer.copy()
    planes = roof_planes(layer, ASSUMPTIONS)
    pd.testing.assert_frame_equal(layer, before)
    back = roof_planes(layer.iloc[::-1], ASSUMPTIONS)
    pd.testing.assert_frame_equal(back.loc[planes.index], planes)
    empty = roof_planes(layer.iloc[:0], ASSUMPTIONS)
    assert len(empty) == 0
    assert set(planes.columns) == set(empty.columns)


def test_faults_are_sentences() -> None:
    layer = buildings([house(20.0, 8.0)])
    with pytest.raises(LayerError, match="height_m"):
        roof_planes(layer.assign(height_m=-1.0), ASSUMPTIONS)
    with pytest.raises(LayerError, match="degrees"):
        roof_planes(layer.to_crs("EPSG:4326"), ASSUMPTIONS)
    with pytest.raises(AssumptionError, match="usable_share"):
        RooftopPvAssumptions.from_mapping({"usable_share": {"flat": 1.5}})
    with pytest.raises(AssumptionError, match="roof_form"):
        RooftopPvAssumptions.from_mapping({"roof_form": {"school": "dome"}})


def test_every_use_has_its_form_factor_and_pilot_kind() -> None:
    for mapping in (ASSUMPTIONS.roof_form, ASSUMPTIONS.use_factor, ASSUMPTIONS.pilot_kind):
        assert tuple(mapping) == BUILDING_USES
    assert set(ASSUMPTIONS.pilot_kind.values()) == set(PILOT_KINDS)
    assert ASSUMPTIONS.table()["source"].str.len().gt(10).all()


def test_real_footprints_conserve_area(shared_data: Path) -> None:
    raw = gpd.read_file(shared_data / "buildings" / "suzhou_floors.geojson").to_crs("EPSG:4549")
    raw = raw[raw.geometry.is_valid & (raw.geom_type == "Polygon")]
    layer = buildings(raw.geometry.to_numpy(), crs="EPSG:4549", roof_shape="gable")
    planes = roof_planes(layer, ASSUMPTIONS)
    area = planes.groupby("building_id")["projected_m2"].sum().reindex(layer.index)
    assert len(layer) > 2_500
    np.testing.assert_allclose(area, layer["footprint_m2"], rtol=1e-9)
