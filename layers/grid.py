"""A grid of square cells over a study area, cut into windows so that a whole city fits in little memory."""

__all__ = ["Grid", "Window", "grid_of_area"]

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyproj
from affine import Affine

from layers.area import StudyArea
from layers.errors import DatumError, LayerError

_MOST_CELLS: Final = 20_000_000_000


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A north-up grid of square cells, cut into windows.

    Attributes
    ----------
    west_m, north_m : float
        Outer corner of the first cell [m].
    cell_m : float
        Side of a cell [m].
    rows, columns : int
        Size in cells.
    crs : pyproj.CRS
        Projected, in metres.

    Examples
    --------
    >>> grid = Grid(west_m=0, north_m=100, cell_m=10, rows=10, columns=25, crs=pyproj.CRS(4548))
    >>> [(w.row, w.column, w.rows, w.columns) for w in grid.windows(10)]
    [(0, 0, 10, 10), (0, 10, 10, 10), (0, 20, 10, 5)]
    """

    west_m: float
    north_m: float
    cell_m: float
    rows: int
    columns: int
    crs: pyproj.CRS

    def __post_init__(self) -> None:
        if not self.crs.is_projected or self.crs.axis_info[0].unit_name not in {"metre", "meter"}:
            raise DatumError(
                f"A grid needs a projected CRS in metres, not {self.crs.name}; use the study's."
            )
        if not (self.cell_m > 0.0 and self.rows > 0 and self.columns > 0):
            raise LayerError(
                f"A grid of {self.rows} x {self.columns} cells of {self.cell_m} m is empty; give cell_m "
                "above 0."
            )
        if self.rows * self.columns > _MOST_CELLS:
            raise LayerError(
                f"A grid of {self.rows:,} x {self.columns:,} cells is too large; take a larger cell_m."
            )

    def windows(self, size: int = 2048) -> Iterator["Window"]:
        """Yield windows of at most `size` x `size` cells, row by row; together they are the grid."""
        if size < 1:
            raise LayerError(f"The size of windows is {size}, but must be at least 1 cell.")
        for row in range(0, self.rows, size):
            for column in range(0, self.columns, size):
                yield Window(
                    grid=self,
                    row=row,
                    column=column,
                    rows=min(size, self.rows - row),
                    columns=min(size, self.columns - column),
                )


@dataclass(frozen=True, kw_only=True)
class Window:
    """A block of cells of a grid.

    Attributes
    ----------
    grid : Grid
        The grid it is cut from.
    row, column : int
        First cell within the grid.
    rows, columns : int
        Size in cells.
    """

    grid: Grid
    row: int
    column: int
    rows: int
    columns: int

    @property
    def transform(self) -> Any:
        """Affine of the window: cell (column, row) to metres."""
        grid = self.grid
        west, north = grid.west_m + self.column * grid.cell_m, grid.north_m - self.row * grid.cell_m
        return Affine(grid.cell_m, 0.0, west, 0.0, -grid.cell_m, north)

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north [m]."""
        west, north = self.transform.c, self.transform.f
        cell = self.grid.cell_m
        return west, north - self.rows * cell, west + self.columns * cell, north

    def centres(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return x of the columns and y of the rows at the centres of cells [m]."""
        west, north, cell = self.transform.c, self.transform.f, self.grid.cell_m
        return west + (np.arange(self.columns) + 0.5) * cell, north - (
            np.arange(self.rows) + 0.5
        ) * cell


def grid_of_area(area: StudyArea, *, cell_m: float = 10.0) -> Grid:
    """Return the grid over an area's bounds whose edges lie on whole multiples of the cell."""
    if not cell_m > 0.0:
        raise LayerError(f"cell_m is {cell_m!r}, but must be above 0 m.")
    west, south, east, north = area.bounds_m
    west, north = float(np.floor(west / cell_m) * cell_m), float(np.ceil(north / cell_m) * cell_m)
    return Grid(
        west_m=west,
        north_m=north,
        cell_m=float(cell_m),
        rows=max(int(np.ceil((north - south) / cell_m)), 1),
        columns=max(int(np.ceil((east - west) / cell_m)), 1),
        crs=pyproj.CRS.from_user_input(area.crs),
    )
