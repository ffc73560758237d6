# ruff: noqa: PLR0913, PLR0917 - a kernel takes its arrays one by one
"""The kernel of the far horizon: rays over a grid of elevations, with the Earth's curvature."""

__all__ = ["BLOCK", "fill_block_tops", "fill_terrain"]

import math

import numba as nb
import numpy as np
import numpy.typing as npt

from layers.compilation import kept

BLOCK = 8  # cells along each side of a block


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def fill_block_tops(
    grid: npt.NDArray[np.float32], tops: npt.NDArray[np.float32]
) -> None:  # pragma: no cover - compiled
    """Fill the highest ground that any place of a block of cells may have between its grid points.

    Parameters
    ----------
    grid : (rows, cols) float32 [m]
        North-up elevations; not a number where unknown.
    tops : (ceil(rows / BLOCK), ceil(cols / BLOCK)) float32 [m]
        Minus infinity where all is unknown.
    """
    rows, cols = grid.shape
    for i in range(tops.shape[0]):
        for j in range(tops.shape[1]):
            top = np.float32(-np.inf)
            # One row and column more: ground is interpolated up to the next block's first.
            for r in range(i * BLOCK, min((i + 1) * BLOCK + 1, rows)):
                for c in range(j * BLOCK, min((j + 1) * BLOCK + 1, cols)):
                    if not math.isnan(grid[r, c]):
                        top = max(top, grid[r, c])
            tops[i, j] = top


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def fill_terrain(
    viewers: npt.NDArray[np.float64],
    grid: npt.NDArray[np.float32],
    tops: npt.NDArray[np.float32],
    west: float,
    north: float,
    cell: float,
    distances: npt.NDArray[np.float64],
    drops: npt.NDArray[np.float64],
    rays: int,
    profiles: npt.NDArray[np.float32],
) -> None:  # pragma: no cover - compiled
    """Fill the terrain's elevation angle (mean of squared sines) of each sector for every viewer.

    Parameters
    ----------
    viewers : (n, 3) float64 [m]
    grid : (rows, cols) float32 [m]
        North-up, values at cell centres, NaN where unknown.
    west, north, cell : float [m]
        Outer corner of the grid and the size of its cells.
    distances, drops : (d,) float64 [m]
        Places along a ray and how far the ground has sunk there below the viewer's level.
    rays : int
        Rays in all, a multiple of the sectors.
    profiles : (n, sectors) float32 [deg]
        Filled in place.
    """
    rows, cols = grid.shape
    highest = tops.max()
    sectors = profiles.shape[1]
    share = rays // sectors
    to_degrees = 180.0 / math.pi
    for i in range(len(viewers)):
        x = (viewers[i, 0] - west) / cell - 0.5
        y = (north - viewers[i, 1]) / cell - 0.5
        z = viewers[i, 2]
        for sector in range(sectors):
            total = 0.0
            for part in range(share):
                azimuth = (sector * share + part + 0.5) * 2.0 * math.pi / rays
                east, south = math.sin(azimuth) / cell, -math.cos(azimuth) / cell
                best = 0.0
                for k in range(len(distances)):
                    d = distances[k]
                    if highest - z <= best * d:
                        break
                    c, r = x + east * d, y + south * d
                    if c < 0.0 or r < 0.0 or c > cols - 1 or r > rows - 1:
                        break
                    c0, r0 = min(int(c), cols - 2), min(int(r), rows - 2)
                    if tops[r0 // BLOCK, c0 // BLOCK] - drops[k] - z <= best * d:
                        continue
                    fc, fr = c - c0, r - r0
                    ground = (1.0 - fr) * (
                        (1.0 - fc) * grid[r0, c0] + fc * grid[r0, c0 + 1]
                    ) + fr * ((1.0 - fc) * grid[r0 + 1, c0] + fc * grid[r0 + 1, c0 + 1])
                    rise = ground - drops[k] - z
                    if rise > best * d:  # false where the ground is unknown
                        best = rise / d
                total += best * best / (1.0 + best * best)
            profiles[i, sector] = to_degrees * math.asin(math.sqrt(total / share))
