"""Shifts between WGS 84 and the two shifted datums of Chinese web maps, GCJ-02 and BD-09.

The forward formulas are the ones published in open map software ("eviltransform" and its many
ports); they reproduce the shift of the services to about a metre, which is not an official
definition. The inverses solve the forward formulas by fixed-point iteration.

The shift applies inside the usual box 72.004-137.8347° E, 0.8293-55.8271° N, which is wider than
China and also covers its neighbours; outside, positions are unchanged. Which side a position lies
on is decided by the position given, so within a strip as wide as the shift (about 1.5 km) along
the edge of the box an inverse need not undo its forward.
"""

__all__ = [
    "DATUMS",
    "Datum",
    "bd09_to_wgs84",
    "gcj02_to_wgs84",
    "to_wgs84",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]

from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import shapely

from layers.errors import DatumError, near_matches

Datum = Literal["wgs84", "gcj02", "bd09"]
DATUMS: tuple[str, ...] = get_args(Datum)

Degrees = npt.NDArray[np.float64]
Shift = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]

_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_AXIS_M = 6378245.0  # Krassovsky 1940, semi-major axis
_E2 = 0.00669342162296594323  # its squared eccentricity
_BD_WAVE = np.pi * 3000.0 / 180.0
_BD_EAST, _BD_NORTH = 0.0065, 0.006
_TOLERANCE_DEG = 1e-12  # 1e-7 m
_ITERATIONS = 40
_BLOCK = 1 << 15  # positions at a time, so that intermediates stay in the cache


def wgs84_to_gcj02(longitude_deg: Any, latitude_deg: Any) -> tuple[Degrees, Degrees]:
    """Return GCJ-02 positions of WGS 84 positions.

    Parameters
    ----------
    longitude_deg, latitude_deg : array-like of the same shape
        [deg].

    Returns
    -------
    longitude_deg, latitude_deg : ndarray
        Of the shape given [deg]; unchanged outside the box of the module.

    Raises
    ------
    DatumError
        When a value is not finite or no longitude or latitude (perhaps swapped).

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02(118.018, 36.807)
    >>> round(float(lon), 4), round(float(lat), 4)
    (118.024, 36.8074)
    """
    return _applied(_gcj02_of, longitude_deg, latitude_deg)


def wgs84_to_bd09(longitude_deg: Any, latitude_deg: Any) -> tuple[Degrees, Degrees]:
    """Return BD-09 positions of WGS 84 positions; parameters and errors as :func:`wgs84_to_gcj02`."""
    return _applied(lambda lon, lat: _bd09_of(*_gcj02_of(lon, lat)), longitude_deg, latitude_deg)


def gcj02_to_wgs84(longitude_deg: Any, latitude_deg: Any) -> tuple[Degrees, Degrees]:
    """Return WGS 84 positions of GCJ-02 positions, exact to 1e-6 m against the forward formula.

    Parameters and errors as :func:`wgs84_to_gcj02`.
    """
    return _applied(_inverse(_gcj02_of), longitude_deg, latitude_deg)


def bd09_to_wgs84(longitude_deg: Any, latitude_deg: Any) -> tuple[Degrees, Degrees]:
    """Return WGS 84 positions of BD-09 positions, exact to 1e-6 m against the forward formulas.

    Parameters and errors as :func:`wgs84_to_gcj02`.
    """
    to_gcj02, to_wgs = _inverse(_bd09_of), _inverse(_gcj02_of)
    return _applied(lambda lon, lat: to_wgs(*to_gcj02(lon, lat)), longitude_deg, latitude_deg)


def to_wgs84(geometry: Any, datum: Datum) -> npt.NDArray[np.object_]:
    """Return geometries whose longitudes and latitudes are moved from a datum to WGS 84.

    Parameters
    ----------
    geometry : array-like of shapely geometry
        In degrees, longitude first.
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of the coordinates given; never guessed.

    Returns
    -------
    ndarray of geometry
        In two dimensions, unless ``datum`` is "wgs84", which changes nothing.
    """
    shapes: npt.NDArray[np.object_] = np.asarray(geometry, dtype=object)
    if datum == "wgs84":
        return shapes
    shifts = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}
    if datum not in shifts:
        raise DatumError(f"datum {datum!r} is not known" + near_matches(str(datum), DATUMS))
    moved = shapely.transform(
        shapes, lambda points: np.column_stack(shifts[datum](points[:, 0], points[:, 1]))
    )
    return np.asarray(moved, dtype=object)


def _applied(shift: Shift, longitude_deg: Any, latitude_deg: Any) -> tuple[Degrees, Degrees]:
    longitude, latitude = _checked(longitude_deg, latitude_deg)
    east, north = longitude.ravel().copy(), latitude.ravel().copy()
    inside = np.flatnonzero(
        (east >= _WEST) & (east <= _EAST) & (north >= _SOUTH) & (north <= _NORTH)
    )
    for start in range(0, inside.size, _BLOCK):
        rows = inside[start : start + _BLOCK]
        east[rows], north[rows] = shift(east[rows], north[rows])
    return east.reshape(longitude.shape), north.reshape(latitude.shape)


def _checked(longitude_deg: Any, latitude_deg: Any) -> tuple[Degrees, Degrees]:
    longitude = np.asarray(longitude_deg, dtype=np.float64)
    latitude = np.asarray(latitude_deg, dtype=np.float64)
    if longitude.shape != latitude.shape:
        raise DatumError(
            f"longitude_deg has the shape {longitude.shape}, but latitude_deg {latitude.shape}; "
            "give one latitude for each longitude."
        )
    for name, values, limit in (
        ("longitude_deg", longitude.ravel(), 180.0),
        ("latitude_deg", latitude.ravel(), 90.0),
    ):
        bad = np.flatnonzero(~(np.abs(values) <= limit))  # also true for NaN
        if bad.size:
            raise DatumError(
                f"{name} must be finite degrees within ±{limit:g}, but is {values[bad[0]]} at position "
                f"{bad[0]} ({bad.size} such values); are longitude and latitude swapped, or in metres?"
            )
    return longitude, latitude


def _gcj02_of(longitude: Degrees, latitude: Degrees) -> tuple[Degrees, Degrees]:
    x, y = longitude - 105.0, latitude - 35.0
    root, product = np.sqrt(np.abs(x)), x * y
    ripple = 20.0 * (np.sin(6.0 * np.pi * x) + np.sin(2.0 * np.pi * x))
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * product + 0.2 * root
    north_m += (ripple + 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * 2.0 / 3.0
    north_m += (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * product + 0.1 * root
    east_m += (ripple + 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * 2.0 / 3.0
    east_m += (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2.0 / 3.0
    radians = np.radians(latitude)
    w2 = 1.0 - _E2 * np.sin(radians) ** 2
    prime_vertical_m = _AXIS_M / np.sqrt(w2)
    meridional_m = prime_vertical_m * (1.0 - _E2) / w2
    return (
        longitude + np.degrees(east_m / (prime_vertical_m * np.cos(radians))),
        latitude + np.degrees(north_m / meridional_m),
    )


def _bd09_of(longitude: Degrees, latitude: Degrees) -> tuple[Degrees, Degrees]:
    radius = np.hypot(longitude, latitude) + 2e-5 * np.sin(_BD_WAVE * latitude)
    angle = np.arctan2(latitude, longitude) + 3e-6 * np.cos(_BD_WAVE * longitude)
    return radius * np.cos(angle) + _BD_EAST, radius * np.sin(angle) + _BD_NORTH


def _inverse(forward: Shift) -> Shift:
    def solve(longitude: Degrees, latitude: Degrees) -> tuple[Degrees, Degrees]:
        # The shift changes slowly with position, so subtracting it at the current guess contracts.
        east, north = longitude, latitude
        for _ in range(_ITERATIONS):
            seen_east, seen_north = forward(east, north)
            step_east, step_north = longitude - seen_east, latitude - seen_north
            east, north = east + step_east, north + step_north
            if max(np.abs(step_east).max(), np.abs(step_north).max()) < _TOLERANCE_DEG:
                break
        return east, north

    return solve
