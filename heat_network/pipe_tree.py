"""Pipes hung on their sources: who feeds whom, and sums along the trees, over arrays."""

__all__ = ["PipeTree", "diversified_peaks", "hang_pipes"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.diversity import diverse_kw
from layers.errors import LayerError

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class PipeTree:
    """A forest of m pipes; every node but the sources is the end of exactly one pipe.

    Attributes
    ----------
    parent : (m,) int
        Pipe that feeds each pipe, -1 at a source.
    levels : tuple of (k,) int
        Pipes by number of pipes before them; each pipe is in one level.
    start, end : (m,) int
        Node rows at both ends.
    root : (m,) int
        Node row of the source of each pipe.
    """

    parent: _Ints
    levels: tuple[_Ints, ...]
    start: _Ints
    end: _Ints
    root: _Ints

    def downstream_sum(self, own: npt.ArrayLike) -> _Floats:
        """Return the sum of `own` over each pipe and all pipes behind it, shape (m,)."""
        total = np.array(own, dtype=np.float64)
        for level in self.levels[:0:-1]:
            np.add.at(total, self.parent[level], total[level])
        return total

    def downstream_max(self, own: npt.ArrayLike) -> _Floats:
        """Return the largest of `own` over each pipe and all pipes behind it, shape (m,)."""
        most = np.array(own, dtype=np.float64)
        for level in self.levels[:0:-1]:
            np.maximum.at(most, self.parent[level], most[level])
        return most

    def behind(self, own: npt.ArrayLike) -> _Floats:
        """Return the largest sum of `own` along a way behind each pipe, the pipe not counted, shape (m,)."""
        step = np.asarray(own, dtype=np.float64)
        most = np.zeros(len(step))
        for level in self.levels[:0:-1]:
            np.maximum.at(most, self.parent[level], most[level] + step[level])
        return most

    def along(self, own: npt.ArrayLike) -> _Floats:
        """Return the sum of `own` from the source to the end of each pipe, shape (m,)."""
        total = np.array(own, dtype=np.float64)
        for level in self.levels[1:]:
            total[level] += total[self.parent[level]]
        return total


def hang_pipes(nodes: pd.DataFrame, pipes: pd.DataFrame) -> tuple[PipeTree, _Ints, _Ints]:
    """Hang pipes on their sources.

    Parameters
    ----------
    nodes : DataFrame
        By node_id with `kind`; sources are those of kind "source".
    pipes : DataFrame
        By pipe_id with `u`, `v` from source to consumer and, optionally, `source_id`, missing on links
        between trees, `peak_kw`, 0 on links, and `role`, "link" on links, which counts where it is there.

    Returns
    -------
    tree : PipeTree
        Over the pipes that are no links, in the order of `rows`.
    rows, links : (m,) and (k,) int
        Rows of the tree's pipes and of the links in `pipes`.

    Raises
    ------
    LayerError
        An end that is no node, a node fed twice, a ring, or a pipe that no source feeds.
    """
    ends = np.stack([nodes.index.get_indexer(pipes[name]) for name in ("u", "v")]).astype(np.int64)
    if (ends < 0).any():
        side, row = np.argwhere(ends < 0)[0]
        raise LayerError(
            f"Pipe {pipes.index[row]!r} ends at {pipes['uv'[side]].iloc[row]!r}, which is no node "
            "of the network."
        )
    linked = _links(pipes, ends)
    rows, links = np.flatnonzero(~linked), np.flatnonzero(linked)
    start, end = ends[0, rows], ends[1, rows]
    fed = np.full(len(nodes), -1, np.int64)
    fed[end] = np.arange(len(rows))
    _check_fed(nodes, pipes.iloc[rows], end)
    # a source on another's way feeds nothing itself
    is_source = (nodes["kind"] == "source").to_numpy() & (fed < 0)
    parent = np.where(is_source[start], -1, fed[start])
    children = np.argsort(parent, kind="stable")
    bounds = np.searchsorted(parent[children], np.arange(-1, len(rows) + 1))
    levels = []
    level = children[bounds[0] : bounds[1]] if len(rows) else children
    root = np.full(len(rows), -1, np.int64)
    root[level] = start[level]
    orphan = (parent == -1) & ~is_source[start]
    level = level[~orphan[level]]
    while len(level):
        levels.append(level)
        low, high = bounds[level + 1], bounds[level + 2]
        many = high - low
        begin = np.repeat(low - np.concatenate([[0], np.cumsum(many)[:-1]]), many)
        below = children[begin + np.arange(many.sum())]
        root[below] = root[parent[below]]
        level = below
    lost = np.ones(len(rows), bool)
    for level in levels:
        lost[level] = False
    if lost.any():
        raise LayerError(
            f"Pipe {pipes.index[rows[lost]][0]!r} and {int(lost.sum()) - 1} others are fed by no "
            "source: they make a ring "
            "or hang loose; route them anew."
        )
    return PipeTree(parent, tuple(levels), start, end, root), rows, links


def _links(pipes: pd.DataFrame, ends: _Ints) -> _Bools:
    if "role" in pipes.columns:
        named: _Bools = (pipes["role"] == "link").to_numpy(np.bool_)
        return named
    if "source_id" not in pipes.columns:
        return np.zeros(len(pipes), bool)
    missing: _Bools = pipes["source_id"].isna().to_numpy()
    if "peak_kw" in pipes.columns:
        idle: _Bools = missing & ~(pipes["peak_kw"].to_numpy(np.float64) > 0)
        return idle
    # an unlabelled pipe that alone feeds its end belongs to a tree
    times = np.bincount(ends[1])
    doubled: _Bools = missing & (times[ends[1]] > 1)
    return doubled


def _check_fed(nodes: pd.DataFrame, pipes: pd.DataFrame, end: _Ints) -> None:
    wrong = np.bincount(end, minlength=len(nodes))[end] > 1
    if wrong.any():
        raise LayerError(
            f"Pipe {pipes.index[wrong][0]!r} runs into node {nodes.index[end[wrong][0]]!r}, which "
            "another pipe feeds "
            "too; a tree is sized pipe by pipe, so mark one of them as a link by leaving its source_id empty."
        )


def diversified_peaks(
    tree: PipeTree, peak_kw: npt.ArrayLike, consumers: npt.ArrayLike, *, share: float
) -> _Floats:
    """Return the peak that each pipe must carry when peaks do not fall together.

    f = share + (1 - share) / n of the sum of the n peaks behind the pipe (THERMOS: share 0.62), never below
    the largest of them, and never below what a pipe behind it carries.

    Parameters
    ----------
    tree : PipeTree
    peak_kw, consumers : array_like, shape (m,)
        Peak [kW] and number of consumers at the end of each pipe.
    share : float
        1 for no diversity.

    Returns
    -------
    ndarray, shape (m,)
        [kW].
    """
    own = np.asarray(peak_kw, dtype=np.float64)
    single = own / np.maximum(np.asarray(consumers, dtype=np.float64), 1.0)
    together = diverse_kw(
        tree.downstream_sum(own),
        tree.downstream_sum(consumers),
        tree.downstream_max(single),
        floor=share,
    )
    return tree.downstream_max(together)
