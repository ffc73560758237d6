"""Roof planes: from footprints with a use, a height and sometimes a roof shape to planes with capacity.

Forms
    ``flat`` roofs are one plane with tilted racks that face the equator in rows. ``gable`` roofs are cut
    along the ridge, which is the long axis of the minimum rotated rectangle, through that rectangle's
    centre; both halves of the true footprint fall away from the ridge. ``hall`` roofs (metal, low slope)
    are gables of small tilt. A known ``hip`` roof is cut as a gable, because its ends are small beside
    the error of the usable share; a known ``shed`` roof is treated as flat, because no layer says which
    way it falls.
Azimuth
    Clockwise from grid north of the study's CRS. True north differs by the meridian convergence, at most
    1° in Zibo and 3° at the edge of a UTM zone, and this is left out beside the 5° classes.
"""

__all__ = ["ground_cover_ratio", "roof_forms", "roof_planes", "row_spacing_ratio"]

from typing import Any, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from layers.tables import BUILDING_USES, BUILDINGS
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.tables import PLANES, REFUSALS, ROOF_KINDS

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_FLAT, _GABLE, _HALL = (ROOF_KINDS.index(kind) for kind in ROOF_KINDS)
_FORM_OF_SHAPE = {"flat": _FLAT, "gable": _GABLE, "hip": _GABLE, "shed": _FLAT, "hall": _HALL}
_ON_RIDGE_M = 1e-6


class _Pieces(NamedTuple):
    """Polygons cut from footprints: the row of the footprint, the polygon, the azimuth it falls to."""

    row: _Ints
    polygon: npt.NDArray[np.object_]
    azimuth_deg: _Floats


def roof_planes(buildings: gpd.GeoDataFrame, assumptions: RooftopPvAssumptions) -> gpd.GeoDataFrame:
    """Return the planes of all roofs with their usable area and capacity.

    Parameters
    ----------
    buildings : GeoDataFrame
        Table ``buildings`` in the study's metric CRS.
    assumptions : RooftopPvAssumptions
        Roof forms, tilts, usable shares and modules.

    Returns
    -------
    GeoDataFrame
        Table ``planes`` in the order of the buildings; a plane that carries no modules has capacity 0
        and says why in ``refused``. The planes of one building conserve its footprint's area.

    Raises
    ------
    LayerError
        The buildings break their schema.
    """
    buildings = BUILDINGS.validate(buildings, where="The buildings given to roof_planes")
    if buildings.empty:
        return PLANES.empty(crs=buildings.crs)
    latitude_deg = _latitudes(buildings)
    form = _form_codes(buildings, assumptions)
    polygons = np.asarray(buildings.geometry.array)
    if shapely.has_z(polygons).any():
        polygons = shapely.force_2d(polygons)
    pieces = _pieces(polygons, form, latitude_deg=latitude_deg, assumptions=assumptions)
    data = _plane_columns(buildings, pieces, form=form[pieces.row], assumptions=assumptions)
    latitude_deg = latitude_deg[pieces.row]
    _modules(data, latitude_deg, assumptions)
    key = pd.Index(buildings.index.take(pieces.row))
    number = _numbers(pieces.row)
    labels = pd.Series(np.char.add("#", np.arange(number.max() + 1).astype("U")), dtype="str")
    index = pd.Index(key.array + labels.array.take(number), dtype="str", name="plane_id")
    frame = pd.DataFrame({"building_id": key.array, **data}, index=index)
    planes = gpd.GeoDataFrame(frame, geometry=pieces.polygon, crs=buildings.crs)
    return PLANES.validate(planes, where="The planes made by roof_planes")


def roof_forms(buildings: gpd.GeoDataFrame, assumptions: RooftopPvAssumptions) -> pd.Series:
    """Return ``flat``, ``gable`` or ``hall`` per building, keyed by building.

    The layer's own ``roof_shape`` comes first; otherwise the use decides, and a gable above its height
    limit or a hall above its height limit or below its least footprint is flat.
    """
    codes = _form_codes(buildings, assumptions)
    return pd.Series(
        pd.Categorical.from_codes(codes, list(ROOF_KINDS)), index=buildings.index, name="roof_kind"
    )


def row_spacing_ratio(
    latitude_deg: npt.ArrayLike, *, method: Literal["exact", "rule"] = "exact"
) -> _Floats:
    """Return D/H: the gap behind a row per its height, so that solstice 9-15 h stays without shade.

    Parameters
    ----------
    latitude_deg : array_like
        Latitude [°]; north and south alike.
    method : {"exact", "rule"}
        ``exact``: cos(γ)/tan(α) with the sun's elevation α and its azimuth γ from the equator at hour
        angle 45° and declination 23.45°. ``rule``: 0.707 / tan(arcsin(0.648 cos φ − 0.399 sin φ)), the
        designers' formula, which puts γ at 45°.

    Returns
    -------
    ndarray
        D/H [1]; infinite where the sun is below the horizon at nine.

    Examples
    --------
    >>> row_spacing_ratio([36.8], method="rule").round(3).tolist()
    [2.425]
    >>> row_spacing_ratio([36.8]).round(2).tolist()
    [2.52]
    """
    phi = np.radians(np.abs(np.asarray(latitude_deg, dtype=np.float64)))
    if method == "rule":
        sine = 0.648 * np.cos(phi) - 0.399 * np.sin(phi)
        along = np.full_like(sine, 0.707)
    else:
        delta, omega = np.radians(-23.45), np.radians(45.0)
        sine = np.sin(phi) * np.sin(delta) + np.cos(phi) * np.cos(delta) * np.cos(omega)
        # The sun's horizontal direction towards the equator, so that along = cos α · cos γ.
        south = np.sin(phi) * np.cos(delta) * np.cos(omega) - np.cos(phi) * np.sin(delta)
        along = south / np.sqrt(np.maximum(1.0 - sine**2, 1e-12))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = along * np.sqrt(np.maximum(1.0 - sine**2, 0.0)) / sine
    return np.where(sine > 1e-9, ratio, np.inf)


def ground_cover_ratio(
    latitude_deg: npt.ArrayLike, tilt_deg: float, assumptions: RooftopPvAssumptions
) -> _Floats:
    """Return the area of tilted modules per roof area that they and their row gaps take.

    GCR = 1 / (cos β + sin β · D/H) for rows of any depth, not below ``gcr_minimum``.

    Examples
    --------
    >>> from rooftop_pv.assumptions import RooftopPvAssumptions
    >>> rule = RooftopPvAssumptions.from_mapping({"row_spacing": "rule"})
    >>> [float(ground_cover_ratio(36.8, tilt, rule).round(2)) for tilt in (0.0, 10.0, 20.0, 30.0)]
    [1.0, 0.71, 0.57, 0.48]
    """
    method: Literal["exact", "rule"] = "rule" if assumptions.row_spacing == "rule" else "exact"
    beta = np.radians(tilt_deg)
    if tilt_deg == 0.0:
        return np.ones_like(np.asarray(latitude_deg, dtype=np.float64))
    gap = row_spacing_ratio(latitude_deg, method=method)
    cover: _Floats = np.maximum(1.0 / (np.cos(beta) + np.sin(beta) * gap), assumptions.gcr_minimum)
    return cover


def _latitudes(buildings: gpd.GeoDataFrame) -> _Floats:
    west, south, east, north = shapely.bounds(np.asarray(buildings.geometry.array)).T
    to_degrees = pyproj.Transformer.from_crs(buildings.crs, "EPSG:4326", always_xy=True)
    _, latitude_deg = to_degrees.transform((west + east) / 2, (south + north) / 2)
    return np.asarray(latitude_deg, dtype=np.float64)


def _form_codes(buildings: gpd.GeoDataFrame, assumptions: RooftopPvAssumptions) -> _Ints:
    use = (
        buildings["use"]
        .astype("category")
        .cat.set_categories(list(BUILDING_USES))
        .cat.codes.to_numpy()
    )
    of_use = np.array([ROOF_KINDS.index(assumptions.roof_form[name]) for name in BUILDING_USES])
    form = of_use[use]
    height_m = buildings["height_m"].to_numpy()
    form[(form == _GABLE) & (height_m > assumptions.gable_height_limit_m)] = _FLAT
    no_hall = (height_m > assumptions.hall_height_limit_m) | (
        buildings["footprint_m2"].to_numpy() < assumptions.hall_minimum_m2
    )
    form[(form == _HALL) & no_hall] = _FLAT
    if "roof_shape" in buildings:
        shape = buildings["roof_shape"].astype("category").cat
        own = shape.set_categories(list(_FORM_OF_SHAPE)).cat.codes.to_numpy()
        form = np.where(own >= 0, np.array(list(_FORM_OF_SHAPE.values()))[own], form)
    codes: _Ints = form.astype(np.int64)
    return codes


def _pieces(
    polygons: npt.NDArray[np.object_],
    form: _Ints,
    *,
    latitude_deg: _Floats,
    assumptions: RooftopPvAssumptions,
) -> _Pieces:
    equator_deg = np.where(latitude_deg < 0.0, 0.0, 180.0)
    flat = np.flatnonzero(form == _FLAT)
    pitched = np.flatnonzero(form != _FLAT)
    parts = [_Pieces(flat, polygons[flat], np.full(len(flat), 180.0))]
    if len(pitched):
        parts += _split_at_ridge(
            polygons[pitched],
            pitched,
            equator_deg=equator_deg[pitched],
            square_ratio=assumptions.square_ratio,
        )
    row = np.concatenate([part.row for part in parts])
    order = np.argsort(row, kind="stable")
    return _Pieces(
        row[order],
        np.concatenate([part.polygon for part in parts])[order],
        np.concatenate([part.azimuth_deg for part in parts])[order],
    )


def _ridges(
    polygons: npt.NDArray[np.object_], equator_deg: _Floats, square_ratio: float
) -> tuple[_Floats, _Floats, _Floats]:
    """Return the ridge's centre (n, 2), the fall nearest the equator as unit vector (n, 2), the reach [m]."""
    # At the size of map coordinates the rectangle loses four digits, so it is sought near the origin.
    of = shapely.get_coordinates(polygons, return_index=True)[1]
    origin = shapely.bounds(polygons)[:, :2]
    local = shapely.transform(polygons, lambda xy: xy - origin[of])
    rectangle = shapely.oriented_envelope(local)
    collapsed = shapely.get_type_id(rectangle) != shapely.GeometryType.POLYGON.value
    rectangle[collapsed] = shapely.envelope(local[collapsed])
    corners = shapely.get_coordinates(rectangle).reshape(-1, 5, 2)
    side = np.diff(corners[:, :3], axis=1)
    length = np.hypot(side[..., 0], side[..., 1])
    centre = corners[:, :4].mean(axis=1) + origin
    # The roof falls along the short side; a square tells nothing, so there it falls along the
    # side that is closest to north-south.
    fall_side = np.argmin(length, axis=1)
    square = length.max(axis=1) <= square_ratio * length.min(axis=1)
    northing = np.abs(side[..., 1]) / np.maximum(length, 1e-12)
    fall_side = np.where(square, np.argmax(northing, axis=1), fall_side)
    rows = np.arange(len(polygons))
    normal = side[rows, fall_side] / length[rows, fall_side][:, None]
    towards = np.where(equator_deg == 0.0, 1.0, -1.0)
    turned = normal[:, 1] * towards < 0.0
    # Exactly east-west falls have no side nearer the equator; take east so that the order is fixed.
    turned |= (np.abs(normal[:, 1]) < 1e-12) & (normal[:, 0] < 0.0)
    normal = np.where(turned[:, None], -normal, normal)
    return centre, normal, np.hypot(*length.T)


def _split_at_ridge(
    polygons: npt.NDArray[np.object_], row: _Ints, *, equator_deg: _Floats, square_ratio: float
) -> list[_Pieces]:
    centre, normal, reach_m = _ridges(polygons, equator_deg, square_ratio)
    azimuth_deg = np.degrees(np.arctan2(normal[:, 0], normal[:, 1])).astype(np.float64)
    azimuth_deg = np.round(azimuth_deg, 9) % 360.0  # rounded so that −1e-15 does not become 360
    xy, of = shapely.get_coordinates(polygons, return_index=True)
    distance_m = np.einsum("ij,ij->i", xy - centre[of], normal[of])
    distance_m[np.abs(distance_m) < _ON_RIDGE_M] = 0.0
    is_simple = _crossed_twice(polygons, distance_m, of)
    simple = np.flatnonzero(is_simple)
    taken, renumber = is_simple[of], np.cumsum(is_simple) - 1
    xy, of, distance_m = xy[taken], renumber[of[taken]], distance_m[taken]
    halves = (_clipped(xy, of, distance_m), _clipped(xy, of, -distance_m))
    # Where rounding spoils a ring, the slow cut takes over.
    sound = shapely.is_valid(halves[0]) & shapely.is_valid(halves[1])
    is_simple[simple[~sound]] = False
    simple, odd = simple[sound], np.flatnonzero(~is_simple)
    parts = []
    for half, sign in zip(halves, (1.0, -1.0), strict=True):
        fall_deg: _Floats = azimuth_deg if sign > 0 else (azimuth_deg + 180.0) % 360.0
        parts.append(_Pieces(row[simple], half[sound], fall_deg[simple]))
        cut, piece = _intersected(
            polygons[odd], centre[odd], sign * normal[odd], reach_m=reach_m[odd]
        )
        parts.append(_Pieces(row[odd][cut], piece, fall_deg[odd][cut]))
    return parts


def _crossed_twice(
    polygons: npt.NDArray[np.object_], distance_m: _Floats, of: _Ints
) -> npt.NDArray[np.bool_]:
    """Whether the ridge line cuts the outline cleanly in two, so that each half is one ring."""
    same = of[1:] == of[:-1]
    clean: npt.NDArray[np.bool_] = shapely.get_num_interior_rings(polygons) == 0
    for side in (distance_m > 0.0, distance_m < 0.0):
        changes = of[1:][same & (side[1:] != side[:-1])]
        clean &= np.bincount(changes, minlength=len(polygons)) == 2
    return clean


def _clipped(xy: _Floats, of: _Ints, distance_m: _Floats) -> npt.NDArray[np.object_]:
    """Clip rings (closed, grouped by ``of``) to ``distance_m`` > 0, by Sutherland and Hodgman."""
    same = np.flatnonzero(of[1:] == of[:-1])
    inside = distance_m > 0.0
    crossing = same[inside[same] != inside[same + 1]]
    share = distance_m[crossing] / (distance_m[crossing] - distance_m[crossing + 1])
    cut = xy[crossing] + share[:, None] * (xy[crossing + 1] - xy[crossing])
    # Kept corners stay at their place and cuts follow the corner before them; the closing corner
    # of each ring is left out because linearrings closes it again.
    closing = np.append(of[1:] != of[:-1], True)
    keep = np.flatnonzero(inside & ~closing)
    place = np.concatenate([keep.astype(np.float64), crossing + 0.5])
    order = np.argsort(place, kind="stable")
    points = np.concatenate([xy[keep], cut])[order]
    ring = np.concatenate([of[keep], of[crossing]])[order]
    halves: npt.NDArray[np.object_] = shapely.polygons(shapely.linearrings(points, indices=ring))
    return halves


def _intersected(
    polygons: npt.NDArray[np.object_], centre: _Floats, normal: _Floats, *, reach_m: _Floats
) -> tuple[_Ints, npt.NDArray[np.object_]]:
    """Intersect with the half of the plane that ``normal`` points into; returns rows and single polygons."""
    along = np.column_stack([-normal[:, 1], normal[:, 0]])
    reach = (reach_m + 1.0)[:, None]
    box = np.stack(
        [
            centre + reach * along,
            centre - reach * along,
            centre - reach * along + reach * normal,
            centre + reach * along + reach * normal,
        ],
        axis=1,
    )
    half = shapely.intersection(polygons, shapely.polygons(box))
    part, of = shapely.get_parts(half, return_index=True)
    is_polygon = shapely.get_type_id(part) == shapely.GeometryType.POLYGON.value
    is_polygon &= shapely.area(part) > 0.0
    return of[is_polygon].astype(np.int64), part[is_polygon]


def _numbers(row: _Ints) -> _Ints:
    """Count 0, 1, 2 … within runs of the same row."""
    first = np.append(True, row[1:] != row[:-1])
    start = np.maximum.accumulate(np.where(first, np.arange(len(row)), 0))
    return np.asarray(np.arange(len(row)) - start, dtype=np.int64)


def _plane_columns(
    buildings: gpd.GeoDataFrame, pieces: _Pieces, *, form: _Ints, assumptions: RooftopPvAssumptions
) -> dict[str, Any]:
    tilt_of_form = np.array([0.0, assumptions.gable_tilt_deg, assumptions.hall_tilt_deg])
    surface_tilt_deg = tilt_of_form[form]
    projected_m2 = shapely.area(pieces.polygon)
    ground_m = buildings["ground_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    eave_m = np.nan_to_num(ground_m, nan=0.0) + buildings["height_m"].to_numpy()
    return {
        "county": buildings["county"].array.take(pieces.row),
        "use": buildings["use"].array.take(pieces.row),
        "roof_kind": pd.Categorical.from_codes(form, list(ROOF_KINDS)),
        "surface_tilt_deg": surface_tilt_deg,
        "surface_azimuth_deg": pieces.azimuth_deg,
        "eave_m": eave_m[pieces.row],
        "projected_m2": projected_m2,
        "plane_m2": projected_m2 / np.cos(np.radians(surface_tilt_deg)),
    }


def _modules(
    data: dict[str, Any], latitude_deg: _Floats, assumptions: RooftopPvAssumptions
) -> None:
    """Add the modules' own columns to the columns of the planes."""
    form = data["roof_kind"].codes
    flat = form == _FLAT
    equator_deg = np.where(latitude_deg < 0.0, 0.0, 180.0)
    tilt_deg = np.where(flat, assumptions.rack_tilt_deg, data["surface_tilt_deg"])
    azimuth_deg = np.where(flat, equator_deg, data["surface_azimuth_deg"])
    use = data["use"].set_categories(list(BUILDING_USES)).codes
    factor = np.array([assumptions.use_factor[name] for name in BUILDING_USES])[use]
    share = np.array([assumptions.usable_share[kind] for kind in ROOF_KINDS])[form]
    usable_m2 = data["plane_m2"] * share * factor
    turned_deg = np.abs((azimuth_deg - equator_deg + 180.0) % 360.0 - 180.0)
    tests = (
        factor == 0.0,
        ~flat
        & (turned_deg > assumptions.azimuth_limit_deg)
        & (tilt_deg > assumptions.azimuth_limit_tilt_deg),
        (usable_m2 < assumptions.minimum_usable_m2) | (usable_m2 == 0.0),
    )
    refused = np.select(tests, range(len(tests)), default=-1)
    usable_m2 = np.where(refused >= 0, 0.0, usable_m2)
    cover = np.where(
        flat,
        ground_cover_ratio(latitude_deg, assumptions.rack_tilt_deg, assumptions),
        assumptions.parallel_cover,
    )
    data["tilt_deg"] = tilt_deg
    data["azimuth_deg"] = azimuth_deg
    data["usable_m2"] = usable_m2
    data["module_m2"] = usable_m2 * cover
    data["capacity_kwp"] = usable_m2 * cover * assumptions.module_efficiency
    data["refused"] = pd.Categorical.from_codes(refused, list(REFUSALS))
