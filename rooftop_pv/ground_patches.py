"""Patches of land that hang together, found in one pass over windows of a grid.

A patch is a set of cells of one county that touch by their edges. Within a window they are labelled
(``scipy.ndimage.label``); pieces that meet across the border of two windows are joined afterwards as
connected components of a graph. A piece that touches no border and is too small can never grow and is
dropped at once, so that memory holds the outlines of large and of bordering pieces only.
"""

__all__ = ["PatchFinder", "Patches"]

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import scipy.ndimage
import scipy.sparse
import shapely

from layers.grid import Grid, Window
from layers.landcover import cell_outlines

_NONE: Final = -1

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Patches:
    """The patches of at least the minimum size, largest first, then from north to south and west to east.

    Attributes
    ----------
    owner : ndarray of int, shape (n,)
        County of each patch, by position.
    cells : ndarray of int, shape (n,)
        Its cells.
    value : ndarray, shape (n,)
        Mean of the value over its cells.
    outline : ndarray of Polygon, shape (n,)
        Along the edges of its cells.
    dropped : ndarray of int, shape (owners,)
        Cells of each county in patches that are too small.
    """

    owner: _Ints
    cells: _Ints
    value: _Floats
    outline: npt.NDArray[np.object_]
    dropped: _Ints


class PatchFinder:
    """Collects windows in the order of :meth:`layers.grid.Grid.windows`; lives within one call.

    Parameters
    ----------
    grid : Grid
        Grid that the windows are cut from.
    owners : int
        Number of counties.
    minimum_cells : int
        Least cells of a patch.
    """

    def __init__(self, grid: Grid, *, owners: int, minimum_cells: int) -> None:
        self._minimum = minimum_cells
        self._dropped = np.zeros(owners, dtype=np.int64)
        self._above = np.full(grid.columns, _NONE, dtype=np.int64)
        self._left = np.empty(0, dtype=np.int64)
        self._owner: list[_Ints] = []
        self._cells: list[_Ints] = []
        self._sums: list[_Floats] = []
        self._links: list[_Ints] = []
        self._outlines: list[npt.NDArray[np.object_]] = []
        self._outline_of: list[_Ints] = []
        self._count = 0

    def add(
        self, window: Window, owner: npt.NDArray[np.int16], value: npt.NDArray[np.float32]
    ) -> None:
        """Take one window.

        Parameters
        ----------
        window : Window
            The next window.
        owner : ndarray of int16, shape (rows, columns)
            County of each open cell; -1 is not open.
        value : ndarray of float32, shape (rows, columns)
            What is averaged over a patch.
        """
        labels, owner_of = _labelled(owner)
        cells = np.bincount(labels.ravel(), minlength=len(owner_of) + 1)[1:]
        open_value = np.where(labels > 0, value, np.float32(0.0)).ravel()
        sums = np.bincount(labels.ravel(), weights=open_value, minlength=len(owner_of) + 1)[1:]
        kept = cells >= self._minimum
        for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
            kept[edge[edge > 0] - 1] = True
        np.add.at(self._dropped, owner_of[~kept], cells[~kept])
        number = np.concatenate(([0], np.where(kept, np.cumsum(kept), 0))).astype(np.int32)
        labels = number[labels]
        pieces = np.where(labels > 0, labels + np.int64(self._count - 1), _NONE)
        self._owner.append(owner_of[kept])
        self._cells.append(cells[kept])
        self._sums.append(sums[kept].astype(np.float64))
        if kept.any():
            outlines, labels_of = cell_outlines(window, labels)
            self._outlines.append(outlines)
            self._outline_of.append(labels_of + self._count - 1)
        self._count += int(kept.sum())
        self._link(window, pieces)

    def _link(self, window: Window, pieces: _Ints) -> None:
        """Note which pieces touch those of the windows to the west and to the north."""
        span = slice(window.column, window.column + window.columns)
        touching = [(self._above[span], pieces[0])]
        if window.column > 0:
            touching.append((self._left, pieces[:, 0]))
        for before, here in touching:
            both = (before != _NONE) & (here != _NONE)
            if both.any():
                self._links.append(np.unique(np.stack([before[both], here[both]]), axis=1))
        self._above[span] = pieces[-1]
        self._left = pieces[:, -1].copy()

    def patches(self) -> Patches:
        """Join the pieces of all windows and return the patches that are large enough."""
        owner = _joined(self._owner, np.int64)
        links = np.concatenate([*self._links, np.empty((2, 0), dtype=np.int64)], axis=1)
        links = links[:, owner[links[0]] == owner[links[1]]]
        graph = scipy.sparse.coo_array(
            (np.ones(links.shape[1], dtype=np.int8), (links[0], links[1])),
            shape=(self._count, self._count),
        )
        count, patch = scipy.sparse.csgraph.connected_components(graph, directed=False)
        cells = np.zeros(count, dtype=np.int64)
        np.add.at(cells, patch, _joined(self._cells, np.int64))
        sums = np.bincount(patch, weights=_joined(self._sums, np.float64), minlength=count)
        patch_owner = np.zeros(count, dtype=np.int64)
        patch_owner[patch] = owner
        large = np.flatnonzero(cells >= self._minimum)
        small = np.flatnonzero(cells < self._minimum)
        dropped = self._dropped.copy()
        np.add.at(dropped, patch_owner[small], cells[small])
        outline = self._outlines_of(patch, large)
        bounds = shapely.bounds(outline).reshape(-1, 4)
        order = np.lexsort((bounds[:, 0], -bounds[:, 3], -cells[large]))
        chosen = large[order]
        return Patches(
            owner=patch_owner[chosen],
            cells=cells[chosen],
            value=sums[chosen] / cells[chosen],
            outline=outline[order],
            dropped=dropped,
        )

    def _outlines_of(self, patch: _Ints, large: _Ints) -> npt.NDArray[np.object_]:
        """Return one outline per large patch, its pieces dissolved and straight edges without vertices."""
        pieces = _joined(self._outlines, np.object_)
        of = patch[_joined(self._outline_of, np.int64)] if len(pieces) else np.empty(0, np.int64)
        order = np.argsort(of, kind="stable")
        first, last = (np.searchsorted(of[order], large, side=side) for side in ("left", "right"))
        dissolved = [
            shapely.union_all(pieces[order[start:end]])
            for start, end in zip(first, last, strict=True)
        ]
        return np.array([shapely.simplify(each, 0.0) for each in dissolved], dtype=object)


def _labelled(owner: npt.NDArray[np.int16]) -> tuple[npt.NDArray[np.int32], _Ints]:
    """Label the patches of each county within one window, from 1; return also whose each label is."""
    labels: npt.NDArray[np.int32] = np.zeros(owner.shape, dtype=np.int32)
    owner_of: list[_Ints] = []
    count = 0
    for each in np.flatnonzero(np.bincount(owner.ravel() + 1)[1:]):
        mine = owner == each
        found, more = scipy.ndimage.label(mine)
        labels[mine] = found[mine] + count
        owner_of.append(np.full(more, each, dtype=np.int64))
        count += more
    return labels, _joined(owner_of, np.int64)


def _joined(parts: Sequence[npt.NDArray[Any]], dtype: type) -> npt.NDArray[Any]:
    return np.concatenate([*parts, np.empty(0, dtype=dtype)]).astype(dtype)
