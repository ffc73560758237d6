"""Layouts that can be counted by hand, and rows that keep every rule."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import AssumptionError, LayerError
from rooftop_pv.layout import layout, module_rows, with_layout
from rooftop_pv.layout_assumptions import LayoutAssumptions
from rooftop_pv.row_spacing import solstice_gap_ratio

ORIGIN = (590_000.0, 4_075_000.0)  # 36.8 degrees north
L_SHAPE = shapely.Polygon([(0, 0), (10, 0), (10, 4), (4, 4), (4, 10), (0, 10)])


def planes(
    *shapes: shapely.Polygon,
    kind: str = "hall",
    surface: float = 0.0,
    tilt: float | None = None,
    azimuth: float = 180.0,
) -> gpd.GeoDataFrame:
    moved = [shapely.affinity.translate(shape, *ORIGIN) for shape in shapes]
    return gpd.GeoDataFrame(
        {
            "roof_kind": kind,
            "surface_tilt_deg": surface,
            "surface_azimuth_deg": azimuth,
            "tilt_deg": surface if tilt is None else tilt,
            "azimuth_deg": azimuth,
            "plane_m2": [shape.area / np.cos(np.radians(surface)) for shape in moved],
            "module_m2": 0.0,
            "capacity_kwp": 0.0,
        },
        index=pd.Index([f"p{n}" for n in range(len(shapes))], dtype="str", name="plane_id"),
        geometry=moved,
        crs="EPSG:4548",
    )


def rules(setback: float = 0.0, **values: object) -> LayoutAssumptions:
    kinds = ("flat", "gable", "hall")
    return LayoutAssumptions.from_mapping(
        {
            "module_length_m": 2.0,
            "module_width_m": 1.0,
            "module_kwp": 0.45,
            "module_gap_m": 0.0,
            "setback_m": dict.fromkeys(kinds, setback),
            "obstruction_share": dict.fromkeys(kinds, 0.0),
            "module_position": "portrait",
            "lane_minimum_m2": 1e6,
            "flat_alignment": "equator",
            **values,
        }
    )


def count(shape: shapely.Polygon, assumptions: LayoutAssumptions, **plane: object) -> int:
    return int(layout(planes(shape, **plane), assumptions)["modules"].iloc[0])  # type: ignore[arg-type]


def test_a_rectangle_is_counted_by_hand() -> None:
    roof = shapely.box(0, 0, 10, 5)
    assert count(roof, rules()) == 20  # two rows of ten
    assert count(roof, rules(module_position="landscape")) == 25  # five rows of five
    assert count(roof, rules(module_position="best")) == 25
    assert count(roof, rules(setback=0.5)) == 18  # 9 m x 4 m: two rows of nine
    assert count(roof, rules(setback=0.51)) == 8  # 3.98 m: one row; 8.98 m: eight
    assert count(roof, rules(module_gap_m=0.1)) == 18  # 9 + 8 gaps = 9.8 m, two rows need 4.1 m
    assert count(roof, rules(obstruction_share={"hall": 0.26})) == 14  # floor of 14.8


def test_an_l_shape_fills_both_arms() -> None:
    # Rows of 2 m: two across the foot of 10 m, three in the upright arm of 4 m.
    assert count(L_SHAPE, rules()) == 2 * 10 + 3 * 4
    # With 1 m kept: foot 8 m x 2 m, one row of eight; upright arm 2 m wide up to 9 m, three rows.
    assert count(L_SHAPE, rules(setback=1.0)) == 8 + 3 * 2


def test_the_setback_is_round_at_an_inner_corner() -> None:
    # Above the foot, the capsule round the inner corner (4, 4) lets rows come closer than a square would.
    rows = module_rows(planes(L_SHAPE), rules(setback=1.0))
    inner = shapely.Point(ORIGIN[0] + 4, ORIGIN[1] + 4)
    assert rows.distance(inner).min() >= 1.0 - 3e-6


@pytest.mark.parametrize(
    "shape", [shapely.box(0, 0, 0.9, 30), shapely.box(0, 0, 30, 0.9), shapely.box(0, 0, 1.9, 0.9)]
)
def test_a_roof_too_small_for_one_module_gets_none(shape: shapely.Polygon) -> None:
    made = layout(planes(shape), rules(module_position="best"))
    assert made[["rows", "placed", "modules", "capacity_kwp", "module_m2"]].iloc[0].sum() == 0
    assert module_rows(planes(shape), rules()).empty


def test_one_module_just_fits() -> None:
    assert count(shapely.box(0, 0, 1, 2), rules()) == 1
    assert count(shapely.box(0, 0, 2, 3), rules(setback=0.5)) == 1


def test_a_pitched_plane_is_laid_out_on_its_slope() -> None:
    roof = shapely.box(0, 0, 10, 4 * np.cos(np.radians(30.0)))  # 4 m up the slope
    made = layout(planes(roof, kind="gable", surface=30.0), rules()).iloc[0]
    assert (made["modules"], made["arrangement"], made["tilt_deg"]) == (20, "parallel", 30.0)
    assert made["cover"] == pytest.approx(1.0)
    east = shapely.box(0, 0, 4 * np.cos(np.radians(30.0)), 10)
    assert count(east, rules(), kind="gable", surface=30.0, azimuth=90.0) == 20


def test_racks_keep_the_solstice_distance() -> None:
    tilt, ratio = np.radians(30.0), float(solstice_gap_ratio(36.8, 180.0))
    pitch = 2 * np.cos(tilt) + ratio * 2 * np.sin(tilt)
    for rows in (1, 2, 5):
        depth = (rows - 1) * pitch + 2 * np.cos(tilt)
        for extra, expected in ((0.02, rows), (-0.02, rows - 1)):
            roof = shapely.box(0, 0, 6, depth + extra)
            made = layout(planes(roof, kind="flat", tilt=30.0), rules()).iloc[0]
            assert made["modules"] == 6 * expected
            if expected:
                assert made["pitch_m"] == pytest.approx(pitch, rel=1e-3)
                assert made["ground_cover_ratio"] == pytest.approx(2 / pitch, rel=1e-3)


def test_the_spacing_rules_meet_the_published_numbers() -> None:
    worked = solstice_gap_ratio(22.0, 150.0, declination_deg=-23.4053, hour_angles_deg=(-45.0,))
    assert float(worked) == pytest.approx(1.885655, abs=5e-6)
    assert float(solstice_gap_ratio(36.8, 180.0, method="rule")) == pytest.approx(2.425, abs=5e-4)
    assert float(solstice_gap_ratio(36.8, 180.0)) == pytest.approx(2.516, abs=5e-3)
    east, west = solstice_gap_ratio([36.8, 36.8], [150.0, 210.0])
    assert east == pytest.approx(west)
    assert solstice_gap_ratio(-36.8, 0.0) == pytest.approx(solstice_gap_ratio(36.8, 180.0))
    assert solstice_gap_ratio(70.0, 180.0) == np.inf
    assert solstice_gap_ratio(36.8, 0.0) == 0.0


def test_far_north_the_least_cover_holds() -> None:
    polar = planes(shapely.box(0, 0, 10, 30), kind="flat", tilt=30.0).to_crs("EPSG:32633")
    polar = polar.set_geometry(
        [shapely.box(500_000, 7_800_000, 500_010, 7_800_030)], crs="EPSG:32633"
    )
    made = layout(polar, rules()).iloc[0]
    assert made["ground_cover_ratio"] == pytest.approx(0.25)


def test_east_west_pairs_stand_back_to_back() -> None:
    depth = 4 * np.cos(np.radians(10.0))
    roof = shapely.box(0, 0, 2 * depth + 0.6 + 0.01, 8)
    made = layout(planes(roof, kind="flat", tilt=15.0), rules(flat_alignment="east_west")).iloc[0]
    assert (made["modules"], made["rows"], made["arrangement"]) == (2 * 2 * 8, 2, "east_west")
    assert (made["tilt_deg"], made["azimuth_deg"]) == (10.0, 90.0)


def test_rows_follow_a_turned_roof_or_the_equator() -> None:
    turned = shapely.affinity.rotate(
        shapely.box(0, 0, 40, 12), -20.0, origin=(0, 0)
    )  # long side 20° south of east
    aligned = layout(planes(turned, kind="flat", tilt=10.0), rules(flat_alignment="roof")).iloc[0]
    south = layout(planes(turned, kind="flat", tilt=10.0), rules()).iloc[0]
    assert aligned["azimuth_deg"] == pytest.approx(200.0)
    assert south["azimuth_deg"] == 180.0
    assert aligned["modules"] > south["modules"]


def test_fire_lanes_cut_large_halls_into_fields() -> None:
    lanes = rules(lane_minimum_m2=100.0, field_m=20.0, lane_m=2.0)
    hall = shapely.box(0, 0, 42, 42)
    assert count(hall, rules()) == 42 * 21
    assert count(hall, lanes) == 4 * 20 * 10
    rows = module_rows(planes(hall), lanes)
    middle = shapely.affinity.translate(
        shapely.box(20, 0, 22, 42).union(shapely.box(0, 20, 42, 22)), *ORIGIN
    )
    assert rows.intersection(middle).area.max() < 1e-6


def test_refused_planes_get_nothing() -> None:
    both = planes(shapely.box(0, 0, 10, 5), shapely.box(0, 0, 10, 5)).assign(
        refused=["north", None]
    )
    assert layout(both, rules())["modules"].tolist() == [0, 20]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["flat", "gable", "hall"]))
def test_rows_stay_inside_apart_and_clear_of_the_edge(seed: int, kind: str) -> None:
    draw = np.random.default_rng(seed)
    angle = np.sort(draw.uniform(0, 2 * np.pi, 8))
    star = shapely.make_valid(
        shapely.Polygon(
            np.column_stack([np.cos(angle), np.sin(angle)]) * draw.uniform(4, 25, (8, 1))
        )
    )
    if star.geom_type != "Polygon":
        return
    hole = star.representative_point().buffer(0.8)
    shape = star - hole if star.contains(hole) else star
    surface = 0.0 if kind == "flat" else 25.0
    plane = planes(
        shape,
        kind=kind,
        surface=surface,
        tilt=15.0 if kind == "flat" else None,
        azimuth=float(draw.uniform(0, 360)),
    )
    setback = float(draw.uniform(0, 1.0))
    assumptions = rules(setback=setback, module_gap_m=0.02, module_position="best")
    rows, made = module_rows(plane, assumptions), layout(plane, assumptions).iloc[0]
    assert rows["modules"].sum() == made["placed"] == made["modules"]
    if rows.empty:
        return
    outline = plane.geometry.iloc[0]
    assert rows.within(outline.buffer(3e-6)).all()
    assert rows.union_all().area == pytest.approx(rows.area.sum(), rel=1e-9)
    # On a slope the plan foreshortens the setback up and down the slope, at most by its cosine.
    least = setback * np.cos(np.radians(surface))
    assert rows.distance(outline.boundary).min() >= least - 3e-6
    assert (
        rows.area.sum() / np.cos(np.radians(surface))
        >= made["module_m2"] * np.cos(np.radians(made["tilt_deg"] - surface)) - 1e-6
    )


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 360), st.floats(-300, 300))
def test_turning_and_moving_roof_and_azimuth_changes_no_count(turn: float, shift: float) -> None:
    moved = shapely.affinity.rotate(
        shapely.affinity.translate(L_SHAPE, shift, -shift), -turn, origin=(0, 0)
    )
    plain = planes(L_SHAPE, kind="gable", surface=20.0)
    again = planes(moved, kind="gable", surface=20.0, azimuth=(180.0 + turn) % 360.0)
    loose = rules(setback=0.33, module_gap_m=0.017)
    assert layout(plain, loose)["modules"].tolist() == layout(again, loose)["modules"].tolist()


def test_the_layout_goes_back_into_the_planes() -> None:
    given = planes(shapely.box(0, 0, 10, 5), L_SHAPE)
    made = layout(given, rules())
    taken = with_layout(given, made.iloc[::-1])
    assert taken["capacity_kwp"].tolist() == [20 * 0.45, 32 * 0.45]
    assert given["capacity_kwp"].tolist() == [0.0, 0.0]
    with pytest.raises(LayerError, match="not of these planes"):
        with_layout(given, made.iloc[:1])


def test_bad_input_is_a_sentence() -> None:
    with pytest.raises(LayerError, match="lack the columns roof_kind"):
        layout(planes(L_SHAPE).drop(columns="roof_kind"), rules())
    with pytest.raises(LayerError, match="metric CRS"):
        layout(planes(L_SHAPE).to_crs("EPSG:4326"), rules())
    with pytest.raises(AssumptionError, match="module_width_m"):
        rules(module_width_m=0.0)
    assert layout(planes(L_SHAPE).iloc[:0], rules()).empty


def test_east_west_pairs_become_two_planes_of_half_the_modules() -> None:
    plane = gpd.GeoDataFrame(
        {
            "roof_kind": ["flat", "flat"],
            "surface_tilt_deg": [0.0, 0.0],
            "surface_azimuth_deg": [180.0, 180.0],
            "tilt_deg": [15.0, 15.0],
            "azimuth_deg": [180.0, 180.0],
            "plane_m2": [800.0, 800.0],
            "projected_m2": [800.0, 800.0],
            "usable_m2": [400.0, 400.0],
            "module_m2": [0.0, 0.0],
            "capacity_kwp": [0.0, 0.0],
        },
        index=pd.Index(["a#0", "b#0"], name="plane_id"),
        geometry=[shapely.box(0, 0, 40, 20), shapely.box(100, 0, 140, 20)],
        crs="EPSG:4548",
    )
    layouts = layout(plane, LayoutAssumptions.from_mapping({"flat_alignment": "east_west"}))
    laid = with_layout(plane, layouts)
    assert sorted(laid.index) == ["a#0e", "a#0w", "b#0e", "b#0w"]
    assert laid.loc["a#0w", "azimuth_deg"] == (laid.loc["a#0e", "azimuth_deg"] + 180.0) % 360.0
    assert laid["capacity_kwp"].sum() == pytest.approx(layouts["capacity_kwp"].sum())
    assert laid["plane_m2"].sum() == pytest.approx(1600.0)
