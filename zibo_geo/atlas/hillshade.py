"""The shade of the terrain as a picture for the map's ground, in Web Mercator."""

__all__ = ["hillshade_picture"]

import base64
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj

from layers.terrain import Terrain

_MOST_PIXELS = 1100
_SUN_AZIMUTH_DEG, _SUN_ELEVATION_DEG = 315.0, 45.0
_FADE = 0.04  # of its width, along which the picture fades at its edges
_RELIEF = 2.0  # heights are doubled, so that hills show at the scale of a city


def hillshade_picture(
    terrain: Terrain, bounds_wgs84: tuple[float, float, float, float]
) -> dict[str, Any]:
    """Return the shade within bounds as a PNG data address and its corners.

    Parameters
    ----------
    terrain : Terrain
        Ground elevation; unknown cells stay clear.
    bounds_wgs84 : (west, south, east, north)
        [deg].

    Returns
    -------
    dict
        ``url`` and ``bounds`` ``[[south, west], [north, east]]``. The shade is Lambert's cosine of the
        angle between the ground's normal and a sun in the north-west at 45 degrees; black where it is
        dark, clear where it is light.
    """
    west, south, east, north = bounds_wgs84
    to_mercator = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    (left, right), (low, high) = to_mercator.transform([west, east], [south, north])
    step = max(right - left, high - low) / _MOST_PIXELS
    x = np.arange(left + step / 2.0, right, step)
    y = np.arange(high - step / 2.0, low, -step)
    grid_x, grid_y = np.meshgrid(x, y)
    to_metric = pyproj.Transformer.from_crs("EPSG:3857", terrain.crs, always_xy=True)
    metric_x, metric_y = to_metric.transform(grid_x.ravel(), grid_y.ravel())
    height = terrain.sample(metric_x, metric_y).reshape(grid_x.shape)
    ground = step * np.cos(np.radians((south + north) / 2.0))
    light = _light(height * _RELIEF, ground)
    flat = np.sin(np.radians(_SUN_ELEVATION_DEG))
    dark = np.clip((flat - light) / flat, 0.0, 1.0)
    faded = dark * _fade(dark.shape[0])[:, None] * _fade(dark.shape[1])[None, :]
    alpha = np.where(np.isnan(faded), 0.0, faded * 255.0).astype(np.uint8)
    picture = base64.b64encode(_png(alpha)).decode("ascii")
    bottom, end = to_mercator.transform(
        left + step * len(x), high - step * len(y), direction="INVERSE"
    )[::-1]
    return {
        "url": f"data:image/png;base64,{picture}",
        "bounds": [[bottom, west], [north, end]],
    }


def _fade(size: int) -> npt.NDArray[np.float64]:
    """Return 1 inside, falling to 0 at both ends."""
    place = (np.arange(size) + 0.5) / size
    return np.asarray(np.clip(np.minimum(place, 1.0 - place) / _FADE, 0.0, 1.0))


def _light(height: npt.NDArray[np.float64], cell_m: float) -> npt.NDArray[np.float64]:
    """Return the cosine between the normal and the sun; rows run south, columns east."""
    south, east = np.gradient(height, cell_m)
    elevation, azimuth = np.radians(_SUN_ELEVATION_DEG), np.radians(_SUN_AZIMUTH_DEG)
    toward = np.cos(elevation) * (-east * np.sin(azimuth) + south * np.cos(azimuth))
    return np.asarray((toward + np.sin(elevation)) / np.sqrt(1.0 + south**2 + east**2))


def _png(alpha: npt.NDArray[np.uint8]) -> bytes:
    """Return black pixels of the given opacity as a PNG of grey and alpha."""
    rows, columns = alpha.shape
    pixels = np.zeros((rows, 1 + 2 * columns), np.uint8)
    pixels[:, 2::2] = alpha
    header = struct.pack(">IIBBBBB", columns, rows, 8, 4, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
