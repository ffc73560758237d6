"""Terrain of the embedded Zibo: a plain in the north that rises to generated southern mountains.

Only the mean elevation of the counties and the height of Lushan are facts; every hill is generated.
"""

__all__ = ["relief", "slope_deg"]

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from scipy import ndimage

from layers.terrain import Terrain

CELL_M = 150.0
MARGIN_M = 20_000.0
# Lushan (facts: 1,108 m); its place is a general map reading, unverified.
LUSHAN_LON_LAT = (118.050, 36.295)
LUSHAN_M = 1108.0
# Levels of the trend surface before it is fitted to the county means: rough, unverified.
# Northing share of the city's extent from south to north, level [m].
_TREND = ((0.0, 0.16, 0.30, 0.42, 0.55, 0.66, 1.0), (260.0, 390.0, 520.0, 260.0, 85.0, 32.0, 9.0))
_COARSE = 8
_ROUNDS = 12


def relief(counties: gpd.GeoDataFrame, means_m: pd.Series, *, crs: CRS, seed: int) -> Terrain:
    """Generate a terrain that honours the mean elevation of each county.

    Parameters
    ----------
    counties : GeoDataFrame
        County polygons in `crs`.
    means_m : Series
        Mean elevation per county [m], by the same index.
    crs : pyproj.CRS
        Metric CRS.
    seed : int
        Seed of the hills.

    Returns
    -------
    Terrain
        Synthetic, on a 150 m grid, with a margin of 20 km around the counties.
    """
    west, south, east, north = counties.total_bounds
    west, south = west - MARGIN_M, south - MARGIN_M
    cols = int(np.ceil((east + MARGIN_M - west) / CELL_M / _COARSE)) * _COARSE
    rows = int(np.ceil((north + MARGIN_M - south) / CELL_M / _COARSE)) * _COARSE
    top = south + rows * CELL_M
    x = west + (np.arange(cols) + 0.5) * CELL_M
    y = top - (np.arange(rows) + 0.5) * CELL_M
    trend = np.interp((y - south - MARGIN_M) / (north - south - MARGIN_M), *_TREND)[:, None]
    # Hills are a share of the level, so the plain stays flat and the south is rugged.
    steep = np.clip((trend - 25.0) / 300.0, 0.0, 1.0)
    level = trend * np.exp(0.62 * steep * _hills((rows, cols), seed))
    member = _membership(counties, x, y)
    level *= _correction(level, member, means_m.reindex(counties.index).to_numpy(dtype=float))
    level = _with_summit(level, x, y, crs=crs)
    return Terrain(
        elevation_m=level.astype(np.float32),
        west_m=float(west),
        north_m=float(top),
        cell_m=CELL_M,
        crs=crs,
        source="synthetic",
        synthetic=True,
    )


def slope_deg(
    terrain: Terrain, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Mean slope around points [deg], from the elevation 250 m to each side."""
    east = terrain.sample(x + 250.0, y) - terrain.sample(x - 250.0, y)
    north = terrain.sample(x, y + 250.0) - terrain.sample(x, y - 250.0)
    return np.asarray(np.degrees(np.arctan(np.hypot(east, north) / 500.0)), dtype=np.float64)


def _hills(shape: tuple[int, int], seed: int) -> npt.NDArray[np.float64]:
    """Return ridged noise of zero mean and unit spread; its spectrum falls with wave number."""
    rng = np.random.default_rng([seed, 1])
    noise = rng.standard_normal(shape)
    ky = np.fft.fftfreq(shape[0], CELL_M)[:, None]
    kx = np.fft.rfftfreq(shape[1], CELL_M)[None, :]
    wave = np.hypot(kx, ky)
    # Ranges some 20 km long, valleys between them, and nothing finer than 500 m.
    gain = (wave**2 + (1 / 22_000.0) ** 2) ** -1.15 * np.exp(-((wave * 500.0) ** 2))
    field = np.fft.irfft2(np.fft.rfft2(noise) * gain, s=shape)
    field /= field.std()
    ridged = 0.55 * field - np.abs(np.roll(field, (shape[0] // 3, shape[1] // 3), (0, 1)))
    return np.asarray((ridged - ridged.mean()) / ridged.std(), dtype=np.float64)


def _membership(
    counties: gpd.GeoDataFrame, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Number of the county per coarse cell, -1 outside."""
    half = _COARSE // 2
    grid_x, grid_y = np.meshgrid(x[half::_COARSE], y[half::_COARSE])
    member = np.full(grid_x.shape, -1, dtype=np.int64)
    for number, polygon in enumerate(counties.geometry):
        shapely.prepare(polygon)
        member[shapely.contains_xy(polygon, grid_x, grid_y)] = number
    return member


def _correction(
    level: npt.NDArray[np.float64], member: npt.NDArray[np.int64], means_m: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return a smooth factor that brings each county's mean to its fact."""
    rows, cols = member.shape
    coarse = level.reshape(rows, _COARSE, cols, _COARSE).mean(axis=(1, 3))
    nearest = ndimage.distance_transform_edt(
        member < 0, return_distances=False, return_indices=True
    )
    owner = member[tuple(nearest)]
    inside = member >= 0
    log_factor = np.zeros_like(coarse)
    for _ in range(_ROUNDS):
        present = coarse * np.exp(log_factor)
        sums = np.bincount(member[inside], weights=present[inside], minlength=len(means_m))
        counts = np.bincount(member[inside], minlength=len(means_m))
        ratio = np.log(means_m * counts / sums)
        log_factor += ndimage.gaussian_filter(ratio[owner], sigma=3.0, mode="nearest")
    fine = ndimage.zoom(log_factor, _COARSE, order=1, mode="nearest", grid_mode=True)
    return np.asarray(np.exp(fine), dtype=np.float64)


def _with_summit(
    level: npt.NDArray[np.float64],
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    *,
    crs: CRS,
) -> npt.NDArray[np.float64]:
    """Cap all hills softly below Lushan and raise Lushan to its height."""
    soft, cap = 650.0, 1020.0
    high = level > soft
    level = level.copy()
    level[high] = soft + (cap - soft) * np.tanh((level[high] - soft) / (cap - soft))
    peak_x, peak_y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(
        *LUSHAN_LON_LAT
    )
    distance2 = (x[None, :] - peak_x) ** 2 + (y[:, None] - peak_y) ** 2
    # The blend never passes Lushan's height and reaches it only at the cell of the summit.
    share = np.exp(-(distance2 - distance2.min()) / (2 * 2500.0**2))
    return np.asarray(level * (1.0 - share) + LUSHAN_M * share, dtype=np.float64)
