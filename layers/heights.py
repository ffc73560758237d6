"""The height chain: own height, storeys, surface model, class default; each row says which it was."""

__all__ = [
    "HEIGHT_SOURCES",
    "Heights",
    "height_chain",
    "refuse_negative",
    "surface_heights_m",
    "values_by_class",
]

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.errors import LayerError
from layers.terrain import Terrain

HEIGHT_SOURCES = ("own", "storeys", "surface_model", "default")

_MINIMUM_M = 0.5
_MAXIMUM_M = 900.0
_MAXIMUM_STOREYS = 200.0
_SHOWN = 3


class Heights(NamedTuple):
    """Heights of buildings and how each is known.

    Attributes
    ----------
    height_m : ndarray of float64, shape (n,)
        Height of the roof edge above the ground [m], between 0.5 and 900.
    height_source : ndarray of str, shape (n,)
        One of :data:`HEIGHT_SOURCES`.
    storeys : ndarray of float64, shape (n,)
        Whole storeys [1] where the source states them, else NaN; half storeys are rounded up.
    """

    height_m: npt.NDArray[np.float64]
    height_source: npt.NDArray[np.str_]
    storeys: npt.NDArray[np.float64]


def refuse_negative(height_m: npt.NDArray[np.float64], index: pd.Index, *, where: str) -> None:
    """Refuse negative heights: they are an error of the data, not a gap in it.

    Raises
    ------
    LayerError
        Naming the first rows.
    """
    negative = height_m < 0.0
    if negative.any():
        rows = index[negative]
        shown = ", ".join(map(str, rows[:_SHOWN])) + (", …" if len(rows) > _SHOWN else "")
        raise LayerError(
            f"{where} gives a negative height in {len(rows)} rows (first {shown}: "
            f"{height_m[negative][0]:g} m), but a height must be above 0 m; correct these rows, or if "
            "that number means 'not known', list it under `missing` in a preset file."
        )


def height_chain(
    own_m: npt.NDArray[np.float64],
    storeys: npt.NDArray[np.float64],
    surface_m: npt.NDArray[np.float64],
    *,
    storey_height_m: npt.NDArray[np.float64],
    default_m: npt.NDArray[np.float64],
    surface_minimum_m: float = 2.0,
) -> Heights:
    """Return the first possible height of each building along the chain.

    Parameters
    ----------
    own_m, storeys, surface_m : ndarray of float64, shape (n,)
        Stated height [m], stated storeys [1], surface model minus terrain [m]; NaN where not known.
    storey_height_m, default_m : ndarray of float64, shape (n,)
        Height of one storey and of the whole building by its use [m].
    surface_minimum_m : float
        Below this, the surface model is taken to show no building [m].

    Returns
    -------
    Heights
        A stated height below 0.5 m or above 900 m, no storeys or above 200, are passed over.

    Examples
    --------
    >>> nan = float("nan")
    >>> chain = height_chain(
    ...     np.array([9.0, nan, 0.0, nan]),
    ...     np.array([6.0, 6.0, nan, 0.0]),
    ...     np.array([nan, nan, 11.0, 1.0]),
    ...     storey_height_m=np.full(4, 3.0),
    ...     default_m=np.full(4, 5.0),
    ... )
    >>> chain.height_m.tolist(), chain.height_source.tolist()
    ([9.0, 18.0, 11.0, 5.0], ['own', 'storeys', 'surface_model', 'default'])
    """
    counted = (storeys > 0.0) & (storeys <= _MAXIMUM_STOREYS)
    by_storeys = np.where(counted, storeys, np.nan) * storey_height_m
    candidates = np.stack([own_m, by_storeys, surface_m, default_m])
    least = np.array([_MINIMUM_M, _MINIMUM_M, max(surface_minimum_m, _MINIMUM_M), _MINIMUM_M])
    possible = (candidates >= least[:, None]) & (candidates <= _MAXIMUM_M)
    if not possible[-1].all():
        raise LayerError(
            f"The default height of a building must lie between {_MINIMUM_M:g} and {_MAXIMUM_M:g} m."
        )
    first = np.argmax(possible, axis=0)
    whole = np.floor(np.where(counted, storeys, np.nan) + 0.5)
    return Heights(
        height_m=np.take_along_axis(candidates, first[None, :], axis=0)[0],
        height_source=np.array(HEIGHT_SOURCES)[first],
        storeys=np.where(np.isnan(whole), np.nan, np.maximum(whole, 1.0)),
    )


def surface_heights_m(
    footprints: npt.NDArray[np.object_], *, surface: Terrain, terrain: Terrain
) -> npt.NDArray[np.float64]:
    """Return surface model minus terrain [m] over footprints; NaN where either has no value.

    Parameters
    ----------
    footprints : ndarray of Polygon, shape (n,)
        In the metric CRS of both rasters.
    surface, terrain : Terrain
        Elevation with and without buildings.

    Notes
    -----
    The median of five points: one inside, and four half-way from it to the outline, so that a single
    cell of a yard, a tree or a chimney does not decide.
    """
    inside = shapely.point_on_surface(footprints)
    x, y = shapely.get_x(inside), shapely.get_y(inside)
    rings = shapely.get_exterior_ring(footprints)
    heights = [_difference(x, y, surface=surface, terrain=terrain)]
    for share in (0.0, 0.25, 0.5, 0.75):
        on_ring = shapely.line_interpolate_point(rings, share, normalized=True)
        half_x = 0.5 * (x + shapely.get_x(on_ring))
        half_y = 0.5 * (y + shapely.get_y(on_ring))
        heights.append(_difference(half_x, half_y, surface=surface, terrain=terrain))
    stacked = np.stack(heights)
    known = ~np.isnan(stacked).all(axis=0)
    result = np.full(len(footprints), np.nan)
    result[known] = np.nanmedian(stacked[:, known], axis=0)
    return result


def values_by_class(table: Mapping[str, float], classes: pd.Series) -> npt.NDArray[np.float64]:
    """Return the value of each row's class."""
    values = classes.astype(object).map(dict(table))
    return np.asarray(values, dtype=np.float64)


def _difference(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], *, surface: Terrain, terrain: Terrain
) -> npt.NDArray[np.float64]:
    return np.asarray(surface.sample(x, y) - terrain.sample(x, y), dtype=np.float64)
