"""The streets as a directed graph with times and lengths, and points attached to its nodes."""

__all__ = ["StreetGraph", "fresh_labels", "street_graph"]

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from layers.errors import LayerError
from siting.access_kernel import Arcs, Labels
from siting.sparse_costs import IntArray, NumberArray

_KMH = 3.6  # km/h per m/s


@dataclass(frozen=True, kw_only=True)
class StreetGraph:
    """Directed graph of the streets.

    Attributes
    ----------
    arcs : Arcs
        Arcs in compressed rows by tail.
    node_id : ndarray of int, shape (nodes,)
        Node of the streets table, ascending.
    x_m, y_m : ndarray of float, shape (nodes,)
        Position in the metric CRS [m].
    connected : ndarray of bool, shape (nodes,)
        Nodes of the largest part in which every node reaches every other.
    """

    arcs: Arcs
    node_id: IntArray
    x_m: NumberArray
    y_m: NumberArray
    connected: npt.NDArray[np.bool_]

    @classmethod
    def from_arcs(
        cls,
        ends: npt.NDArray[np.integer],
        *,
        time_s: npt.ArrayLike,
        length_m: npt.ArrayLike,
        position_m: NumberArray,
        node_id: IntArray | None = None,
    ) -> "StreetGraph":
        """Return the graph of directed arcs.

        Parameters
        ----------
        ends : ndarray of int, shape (arcs, 2)
            Tail and head of each arc, as positions in `position_m`.
        time_s, length_m : ndarray of float, shape (arcs,)
            Time [s] and length [m] of each arc, not negative.
        position_m : ndarray of float, shape (nodes, 2)
            Where the nodes stand in the metric CRS [m].
        node_id : ndarray of int, shape (nodes,), optional
            Names of the nodes; their positions when not given.

        Raises
        ------
        LayerError
            An arc with a negative or missing time or length, or an end that is no node.
        """
        nodes = position_m.shape[0]
        tail, head = np.asarray(ends, dtype=np.int64).reshape(-1, 2).T
        times = np.asarray(time_s, dtype=np.float64)
        lengths = np.asarray(length_m, dtype=np.float64)
        if tail.size and not (
            min(tail.min(), head.min()) >= 0 and max(tail.max(), head.max()) < nodes
        ):
            raise LayerError(
                f"An arc ends at a node that is not there; nodes run from 0 to {nodes - 1}."
            )
        bad = ~(np.isfinite(times) & (times >= 0.0) & np.isfinite(lengths) & (lengths >= 0.0))
        if bad.any():
            k = int(np.argmax(bad))
            raise LayerError(
                f"Arc {k} takes {times[k]} s over {lengths[k]} m ({int(bad.sum())} such arcs); times and "
                "lengths must be finite and not negative."
            )
        order = np.argsort(tail, kind="stable")
        indptr = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=nodes))]).astype(
            np.int64
        )
        arcs = Arcs(indptr, head[order].astype(np.int32), times[order], lengths[order])
        pattern = sparse.csr_array((np.ones(tail.size), (tail, head)), shape=(nodes, nodes))
        _, part = connected_components(pattern, directed=True, connection="strong")
        return cls(
            arcs=arcs,
            node_id=np.arange(nodes) if node_id is None else node_id,
            x_m=position_m[:, 0].astype(np.float64),
            y_m=position_m[:, 1].astype(np.float64),
            connected=part == np.bincount(part).argmax(),
        )

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return self.node_id.size

    def reversed_arcs(self) -> Arcs:
        """Return the arcs turned round, in compressed rows by their former head."""
        tail = np.repeat(np.arange(self.node_count, dtype=np.int32), np.diff(self.arcs.indptr))
        order = np.argsort(self.arcs.heads, kind="stable")
        counts = np.bincount(self.arcs.heads, minlength=self.node_count)
        return Arcs(
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            tail[order],
            self.arcs.time_s[order],
            self.arcs.length_m[order],
        )

    def nearest_nodes(
        self, x_m: NumberArray, y_m: NumberArray, *, reach_m: float, connected_only: bool = True
    ) -> tuple[IntArray, NumberArray]:
        """Return the nearest node of each point (-1 beyond reach) and the distance to it [m].

        Parameters
        ----------
        x_m, y_m : ndarray of float, shape (points,)
            Positions in the metric CRS [m].
        reach_m : float
            Greatest distance from a point to its node [m].
        connected_only : bool
            Leave out nodes that cannot reach or be reached from the main part of the graph, such as
            those of a car park mapped apart from its street.
        """
        allowed = np.flatnonzero(self.connected) if connected_only else np.arange(self.node_count)
        if not allowed.size or not np.size(x_m):
            return np.full(np.size(x_m), -1, dtype=np.int64), np.full(np.size(x_m), np.inf)
        tree = cKDTree(np.column_stack([self.x_m[allowed], self.y_m[allowed]]))
        distance, place = tree.query(np.column_stack([x_m, y_m]))
        return np.where(distance <= reach_m, allowed[place], -1), distance


def street_graph(
    streets: gpd.GeoDataFrame,
    *,
    speeds_kmh: Mapping[str, float] | None = None,
    closed_classes: Collection[str] = ("footway", "track"),
) -> StreetGraph:
    """Return the directed graph of a streets table for motor vehicles.

    Parameters
    ----------
    streets : GeoDataFrame of STREETS
        Segments with nodes `u` and `v`, `oneway`, `speed_kmh` and `length_m`.
    speeds_kmh : mapping of street class to float, optional
        Speeds [km/h] in place of those of the table, for instance at the peak hour.
    closed_classes : collection of str
        Street classes that vehicles do not use.

    Raises
    ------
    LayerError
        No street is left, or a speed is not positive.
    """
    kind = streets["street_class"].astype(str).to_numpy()
    used = streets.loc[~np.isin(kind, list(closed_classes))]
    if used.empty:
        raise LayerError(
            f"None of the {len(streets)} streets may be driven (closed: {', '.join(closed_classes)}); "
            "give streets of other classes."
        )
    kind = used["street_class"].astype(str).to_numpy()
    speed = used["speed_kmh"].to_numpy(dtype=np.float64).copy()
    for name, kmh in (speeds_kmh or {}).items():
        speed[kind == name] = kmh
    if not (speed > 0.0).all():
        first = used.index[int(np.argmax(~(speed > 0.0)))]
        raise LayerError(
            f"Street {first} has a speed of {speed.min()} km/h; speeds must be positive."
        )
    length = used["length_m"].to_numpy(dtype=np.float64)
    seconds = length / (speed / _KMH)
    names = used[["u", "v"]].to_numpy(dtype=np.int64)
    node_id, place = np.unique(names, return_inverse=True)
    ends = place.reshape(-1, 2)
    lines = used.geometry.to_numpy()
    position = np.full((node_id.size, 2), np.nan)
    for column, vertex in ((1, -1), (0, 0)):
        position[ends[:, column]] = shapely.get_coordinates(shapely.get_point(lines, vertex))
    both = ~used["oneway"].to_numpy(dtype=bool)
    return StreetGraph.from_arcs(
        np.concatenate([ends, ends[both][:, ::-1]]),
        time_s=np.concatenate([seconds, seconds[both]]),
        length_m=np.concatenate([length, length[both]]),
        position_m=position,
        node_id=node_id,
    )


def fresh_labels(graph: StreetGraph) -> Labels:
    """Return labels for one run over the graph."""
    nodes = graph.node_count
    heap = graph.arcs.heads.size + nodes + 1
    return Labels(
        time_s=np.full(nodes, np.inf),
        length_m=np.full(nodes, np.inf),
        via=np.full(nodes, -1, dtype=np.int64),
        order=np.zeros(nodes, dtype=np.int64),
        done=np.zeros(nodes, dtype=np.int8),
        heap_time=np.zeros(heap),
        heap_node=np.zeros(heap, dtype=np.int64),
    )
