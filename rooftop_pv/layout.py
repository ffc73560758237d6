"""Modules on roof planes: rows of rectangles on the true outline, count, capacity, ground cover ratio.

Pitched planes carry modules parallel to the roof, laid out on the sloping surface. Flat roofs carry racks:
rows that face the equator (``equator``: the planes' own azimuth) or follow the longest edge of the roof
(``roof``), spaced by the winter-solstice rule, or east-west pairs back to back. Per plane the position of
the modules and the start of the first row that fit most modules are chosen among seven starts; the runs of
a row are as long as the outline allows, each for itself.

The spacing keeps rows free of each other's shade at winter solstice from 9 to 15 h; what they shade
outside these hours, and the sky they hide from each other, is :mod:`rooftop_pv.row_shading`'s.
"""

__all__ = ["layout", "module_rows", "with_layout"]

from collections.abc import Mapping
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from layers.errors import LayerError
from rooftop_pv.layout_assumptions import LayoutAssumptions
from rooftop_pv.layout_kernel import fill_counts, fill_runs
from rooftop_pv.layout_tables import ARRANGEMENTS, LAYOUTS, MODULE_POSITIONS, MODULE_ROWS
from rooftop_pv.row_spacing import solstice_gap_ratio

_Floats = npt.NDArray[np.float64]
_NEEDED = (
    "roof_kind",
    "surface_tilt_deg",
    "surface_azimuth_deg",
    "tilt_deg",
    "azimuth_deg",
    "plane_m2",
)


class _Plan(NamedTuple):
    first_ring: npt.NDArray[np.int64]
    rings: npt.NDArray[np.int64]
    x: _Floats
    y: _Floats
    axes: _Floats
    sizes: _Floats
    rules: _Floats
    chosen: _Floats
    tilt_deg: _Floats
    azimuth_deg: _Floats
    arrangement: npt.NDArray[np.int64]


def layout(planes: gpd.GeoDataFrame, assumptions: LayoutAssumptions) -> pd.DataFrame:
    """Return how many modules fit on each plane.

    Parameters
    ----------
    planes : GeoDataFrame
        Table ``planes``. Planes that are refused get no modules.
    assumptions : LayoutAssumptions
        Modules, setbacks, spacing and lanes.

    Returns
    -------
    DataFrame
        Table ``layouts``, same keys in the same order.

    Raises
    ------
    LayerError
        A column is missing or a plane is not a polygon.

    Examples
    --------
    A pitched plane of 10 m by 5 m without setback: modules of 2 m by 1 m fit in two rows of ten.

    >>> plane = gpd.GeoDataFrame(
    ...     {"roof_kind": ["hall"], "surface_tilt_deg": [0.0], "surface_azimuth_deg": [180.0],
    ...      "tilt_deg": [0.0], "azimuth_deg": [180.0], "plane_m2": [50.0]},
    ...     index=pd.Index(["b#0"], name="plane_id"), geometry=[shapely.box(0, 0, 10, 5)], crs="EPSG:4548",
    ... )
    >>> bare = LayoutAssumptions.from_mapping(
    ...     {"module_length_m": 2.0, "module_width_m": 1.0, "module_gap_m": 0.0, "setback_m": {"hall": 0.0},
    ...      "obstruction_share": {"hall": 0.0}, "module_position": "portrait"}
    ... )
    >>> int(layout(plane, bare)["modules"].iloc[0])
    20
    """
    plan = _planned(planes, assumptions)
    share = _by_kind(planes, assumptions.obstruction_share)
    placed = np.rint(plan.chosen[:, 0]).astype(np.int64)
    modules = np.floor(placed * (1.0 - share) + 1e-9).astype(np.int64)
    area = assumptions.module_length_m * assumptions.module_width_m
    position = plan.chosen[:, 2].astype(np.int64)
    size = plan.sizes[np.arange(len(planes)), position] if len(planes) else np.empty((0, 4))
    up = np.where(position == 0, assumptions.module_length_m, assumptions.module_width_m)
    slope_m = up * size[:, 3]
    surface = planes["plane_m2"].to_numpy(dtype=np.float64)
    frame = pd.DataFrame(
        {
            "arrangement": pd.Categorical.from_codes(plan.arrangement, list(ARRANGEMENTS)),
            "module_position": pd.Categorical.from_codes(position, list(MODULE_POSITIONS)),
            "tilt_deg": plan.tilt_deg,
            "azimuth_deg": plan.azimuth_deg,
            "rows": plan.chosen[:, 1].astype(np.int64),
            "placed": placed,
            "modules": modules,
            "capacity_kwp": modules * assumptions.module_kwp,
            "module_m2": modules * area,
            "pitch_m": size[:, 1],
            "ground_cover_ratio": slope_m / np.maximum(size[:, 1], 1e-9),
            "cover": np.divide(
                modules * area, surface, out=np.zeros(len(planes)), where=surface > 0.0
            ),
        },
        index=planes.index,
    )
    return LAYOUTS.validate(frame, where="The layouts made by layout")


def module_rows(planes: gpd.GeoDataFrame, assumptions: LayoutAssumptions) -> gpd.GeoDataFrame:
    """Return the rows of modules as polygons in plan, for the map.

    Parameters
    ----------
    planes, assumptions
        As for :func:`layout`.

    Returns
    -------
    GeoDataFrame
        Table ``module_rows``: one polygon per unbroken run, before the allowance for obstructions; its
        modules sum to ``placed`` of the layouts.
    """
    plan = _planned(planes, assumptions)
    counts = plan.chosen[:, 4].astype(np.int64)
    if counts.sum() == 0:
        return MODULE_ROWS.empty(crs=planes.crs)
    runs = np.empty((int(counts.sum()), 5))
    fill_runs(
        plan.first_ring,
        plan.rings,
        plan.x,
        plan.y,
        plan.axes,
        plan.sizes,
        plan.rules,
        plan.chosen,
        runs,
    )
    of = np.repeat(np.arange(len(planes)), counts)
    base = plan.rings[plan.first_ring[:-1]][of]
    east, north, stretch = plan.axes[of].T
    u, v = runs[:, [0, 1, 1, 0]], runs[:, [2, 2, 3, 3]] / stretch[:, None]
    x = plan.x[base][:, None] + u * east[:, None] - v * north[:, None]
    y = plan.y[base][:, None] + u * north[:, None] + v * east[:, None]
    number = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    plane_id = planes.index[of].astype("str")
    frame = gpd.GeoDataFrame(
        {"plane_id": plane_id, "modules": np.rint(runs[:, 4]).astype(np.int64)},
        index=pd.Index(
            [f"{key}/{row}" for key, row in zip(plane_id, number, strict=True)],
            dtype="str",
            name="row_id",
        ),
        geometry=shapely.polygons(np.stack([x, y], axis=-1)),
        crs=planes.crs,
    )
    return MODULE_ROWS.validate(frame, where="The rows made by module_rows")


def with_layout(planes: gpd.GeoDataFrame, layouts: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the planes with tilt, azimuth, module area and capacity of their layouts.

    A plane of east-west pairs becomes two, keyed with "e" and "w": half of every area and of the modules
    each, facing the layout's azimuth and the opposite.

    Raises
    ------
    LayerError
        The layouts are of other planes.
    """
    if not planes.index.sort_values().equals(layouts.index.sort_values()):
        raise LayerError("The layouts are not of these planes; make them with layout(planes, …).")
    names = ["tilt_deg", "azimuth_deg", "module_m2", "capacity_kwp"]
    taken = layouts.loc[planes.index]
    laid = planes.assign(**{name: taken[name].to_numpy() for name in names})  # fmt: skip
    pairs = (taken["arrangement"] == "east_west").to_numpy()
    if not pairs.any():
        return laid
    shared = ["projected_m2", "plane_m2", "usable_m2", "module_m2", "capacity_kwp"]
    parts = []
    for suffix, turn_deg in (("e", 0.0), ("w", 180.0)):
        half = laid[pairs].assign(azimuth_deg=(laid["azimuth_deg"][pairs] + turn_deg) % 360.0)
        half[shared] = half[shared] / 2.0
        parts.append(half.set_axis((half.index + suffix).rename(laid.index.name)))
    return gpd.GeoDataFrame(pd.concat([laid[~pairs], *parts]), crs=planes.crs)


def _planned(planes: gpd.GeoDataFrame, assumptions: LayoutAssumptions) -> _Plan:
    _check(planes)
    shapes = shapely.force_2d(np.asarray(planes.geometry.array))
    count = len(planes)
    kind = planes["roof_kind"].astype("str").to_numpy()
    racks = kind == "flat"
    east_west = racks & (assumptions.flat_alignment == "east_west")
    if count:
        _, flat, offsets = shapely.to_ragged_array(shapes, include_z=False)
        rings, first_ring = (np.asarray(part, dtype=np.int64) for part in offsets)
    else:
        flat, rings, first_ring = np.empty((0, 2)), np.zeros(1, np.int64), np.zeros(1, np.int64)
    latitude = _latitudes(planes)
    tilt = planes["tilt_deg"].to_numpy(dtype=np.float64).copy()
    azimuth = planes["azimuth_deg"].to_numpy(dtype=np.float64).copy()
    azimuth[~racks] = planes["surface_azimuth_deg"].to_numpy(dtype=np.float64)[~racks]
    tilt[~racks] = planes["surface_tilt_deg"].to_numpy(dtype=np.float64)[~racks]
    tilt[east_west] = assumptions.east_west_tilt_deg
    azimuth[east_west] = 90.0
    if assumptions.flat_alignment != "equator" and racks.any():
        edge = _longest_edges(flat, rings, first_ring)
        turn = (edge[racks] - azimuth[racks] + 45.0) % 90.0 - 45.0
        azimuth[racks] = (azimuth[racks] + turn) % 360.0
    uphill = np.radians(azimuth)
    stretch = np.where(racks, 1.0, 1.0 / np.cos(np.radians(tilt)))
    # Along the rows, with uphill (against the azimuth) to the left.
    axes = np.column_stack([-np.cos(uphill), np.sin(uphill), stretch])
    area = planes["plane_m2"].to_numpy(dtype=np.float64)
    lane = np.where(area >= assumptions.lane_minimum_m2, assumptions.lane_m, 0.0)
    rules = np.column_stack(
        [
            _by_kind(planes, assumptions.setback_m),
            np.full(count, assumptions.module_gap_m),
            lane,
            np.full(count, assumptions.field_m),
        ]
    )
    ratio = solstice_gap_ratio(latitude, azimuth, method=assumptions.row_spacing)
    sizes = _sizes(racks, east_west, tilt, ratio=ratio, assumptions=assumptions)
    if "refused" in planes.columns:
        sizes[planes["refused"].notna().to_numpy()] = [0.0, 1.0, 1.0, 1.0]
    chosen = np.zeros((count, 5))
    x, y = np.ascontiguousarray(flat[:, 0]), np.ascontiguousarray(flat[:, 1])
    fill_counts(first_ring, rings, x, y, axes, sizes, rules, chosen)
    arrangement = np.where(racks, np.where(east_west, 1, 0), 2)
    return _Plan(first_ring, rings, x, y, axes, sizes, rules, chosen, tilt, azimuth, arrangement)


def _sizes(
    racks: npt.NDArray[np.bool_],
    east_west: npt.NDArray[np.bool_],
    tilt_deg: _Floats,
    *,
    ratio: _Floats,
    assumptions: LayoutAssumptions,
) -> _Floats:
    """Return depth, pitch, width and modules per width of a row, per plane and position."""
    length, width, gap = (
        assumptions.module_length_m,
        assumptions.module_width_m,
        assumptions.module_gap_m,
    )
    cosine, sine = np.cos(np.radians(tilt_deg)), np.sin(np.radians(tilt_deg))
    sizes = np.empty((len(racks), 2, 4))
    for position, (up, along) in enumerate(((length, width), (width, length))):
        number = np.where(racks, assumptions.modules_up, 1)
        slope = number * up + (number - 1) * gap
        depth = np.where(racks, slope * cosine, slope)
        shadow = np.where(np.isfinite(ratio), ratio, 1e9) * slope * sine
        pitch = np.minimum(depth + np.maximum(shadow, gap), number * up / assumptions.gcr_minimum)
        pitch = np.where(racks, np.maximum(pitch, depth + gap), depth + gap)
        pair = 2.0 * depth + gap
        depth = np.where(east_west, pair, depth)
        pitch = np.where(east_west, pair + assumptions.service_gap_m, pitch)
        number = np.where(east_west, 2 * number, number)
        sizes[:, position] = np.column_stack([depth, pitch, np.full(len(racks), along), number])
    wanted = assumptions.module_position
    if wanted != "best":
        sizes[:, 1 - MODULE_POSITIONS.index(wanted), 0] = 0.0
    return sizes


def _longest_edges(
    flat: _Floats, rings: npt.NDArray[np.int64], first_ring: npt.NDArray[np.int64]
) -> _Floats:
    """Return the azimuth of the longest edge of each outline [°]."""
    step = np.diff(flat, axis=0, append=flat[-1:])
    length = np.hypot(step[:, 0], step[:, 1])
    length[rings[1:] - 1] = -1.0  # from the end of a ring to the next
    start = rings[first_ring[:-1]]
    longest = np.maximum.reduceat(length, start)
    of = np.repeat(np.arange(len(start)), np.diff(np.append(start, len(flat))))
    position = np.flatnonzero(length >= longest[of] - 1e-9)
    _, first = np.unique(of[position], return_index=True)
    edge = step[position[first]]
    return np.asarray(np.degrees(np.arctan2(edge[:, 0], edge[:, 1])) % 360.0)


def _by_kind(planes: gpd.GeoDataFrame, values: Mapping[str, float]) -> _Floats:
    return np.asarray(planes["roof_kind"].astype("str").map(dict(values)), dtype=np.float64)


def _latitudes(planes: gpd.GeoDataFrame) -> _Floats:
    bounds = shapely.bounds(np.asarray(planes.geometry.array)).reshape(-1, 4)
    to_degrees = pyproj.Transformer.from_crs(planes.crs, "EPSG:4326", always_xy=True)
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2.0
    _, latitude = to_degrees.transform(middle[:, 0], middle[:, 1])
    return np.asarray(latitude, dtype=np.float64)


def _check(planes: gpd.GeoDataFrame) -> None:
    missing = [name for name in _NEEDED if name not in planes.columns]
    if missing:
        raise LayerError(
            f"The planes lack the columns {', '.join(missing)}; give what roof_planes returns."
        )
    if planes.crs is None or not pyproj.CRS(planes.crs).is_projected:
        raise LayerError("The planes have no metric CRS; give what roof_planes returns.")
    shapes = np.asarray(planes.geometry.array)
    wrong = (shapely.get_type_id(shapes) != shapely.GeometryType.POLYGON.value) | shapely.is_empty(
        shapes
    )
    if wrong.any():
        raise LayerError(
            f"{int(wrong.sum())} planes are not a Polygon, first {planes.index[int(np.argmax(wrong))]!r}; "
            "take the planes as roof_planes makes them."
        )
