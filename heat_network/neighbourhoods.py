"""The second level: the streets around every substation, each by itself, some side by side in one graph.

The parts share no node, so one call of routing finds the tree of every substation in a graph, and proves it,
as if they were routed one by one. Improving a tree costs with the size of the graph that it is in, so the
graphs are kept small.
"""

__all__ = ["Neighbourhoods", "neighbourhoods"]

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from heat_network.graph_frames import StreetGraph

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_HALO = 1.5  # a tree may use streets within this many radii of its substation
_MARGIN_M = 200.0
_WIDER = (1.0, 3.0, 9.0, np.inf)
_EDGES_TOGETHER = 4000  # enough that making frames costs little beside routing


@dataclass(frozen=True, kw_only=True)
class Neighbourhoods:
    """Separate street graphs side by side.

    Attributes
    ----------
    graph : StreetGraph
        Nodes and edges named ``<substation>/<node>``.
    consumers : DataFrame
        The consumers with `node` in that graph.
    sources : DataFrame
        The substations as sources, by substation_id.
    """

    graph: StreetGraph
    consumers: pd.DataFrame
    sources: pd.DataFrame


def neighbourhoods(
    graph: StreetGraph, consumers: pd.DataFrame, substations: pd.DataFrame, *, assigned: pd.Series
) -> Iterator[Neighbourhoods]:
    """Clip the streets around every substation.

    Parameters
    ----------
    graph : StreetGraph
    consumers : DataFrame
        By consumer_id: `node` and what else routing reads.
    substations : DataFrame
        Table ``substation_clusters``.
    assigned : Series of str
        Substation by consumer.

    Yields
    ------
    Neighbourhoods
        A few substations each, all of them together. Each part holds the streets within one and a half
        radii of its substation and the services of its own consumers only; where that does not join them,
        streets farther around, at last all.
    """
    points = graph.nodes[["x_m", "y_m"]].to_numpy(np.float64)
    ends = graph.ends
    middle = shapely.STRtree(shapely.points((points[ends[:, 0]] + points[ends[:, 1]]) / 2.0))
    closed = (graph.nodes["kind"] == "building").to_numpy().copy()
    site = graph.nodes.index.get_indexer(substations["node"])
    row = pd.Series(
        graph.nodes.index.get_indexer(consumers["node"].fillna("")), index=consumers.index
    )
    members = assigned.groupby(assigned).groups
    names = substations.index.to_numpy(dtype=object)
    reach = substations["radius_m"].to_numpy(np.float64)
    ids = graph.nodes.index.to_numpy(dtype=object), graph.edges.index.to_numpy(dtype=object)
    edges: list[_Ints] = []
    first = 0
    for number, (place, name) in enumerate(zip(site, names, strict=True)):
        own = np.append(row.loc[list(members[name])].to_numpy(), place)
        found = _around(
            ends, middle, closed, own=own, centre=points[place], reach_m=float(reach[number])
        )
        edges.append(found)
        if sum(map(len, edges)) >= _EDGES_TOGETHER or number + 1 == len(names):
            together = slice(first, number + 1)
            inside = assigned[assigned.isin(names[together])]
            yield _side_by_side(
                graph, consumers.loc[inside.index], names[together], edges=edges,
                site=site[together], assigned=inside, ids=ids,
            )  # fmt: skip
            edges, first = [], number + 1


def _around(
    ends: _Ints,
    middle: shapely.STRtree,
    closed: npt.NDArray[np.bool_],
    *,
    own: _Ints,
    centre: _Floats,
    reach_m: float,
) -> _Ints:
    shut = closed[own]
    closed[own] = False
    for wider in _WIDER:
        radius = (_HALO * reach_m + _MARGIN_M) * wider
        found = (
            np.arange(len(ends))
            if np.isinf(radius)
            else np.sort(middle.query(shapely.Point(centre), predicate="dwithin", distance=radius))
        )
        kept: _Ints = found[~closed[ends[found]].any(axis=1)].astype(np.int64)
        if _joined(ends[kept], own):
            break
    closed[own] = shut
    return kept


def _joined(ends: _Ints, own: _Ints) -> bool:
    nodes, place = np.unique(np.concatenate([ends.ravel(), own]), return_inverse=True)
    pairs = place[: ends.size].reshape(-1, 2)
    net = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(nodes),) * 2)
    part = connected_components(net, directed=False)[1]
    return len(np.unique(part[place[ends.size :]])) == 1


def _side_by_side(
    graph: StreetGraph,
    consumers: pd.DataFrame,
    names: npt.NDArray[np.object_],
    *,
    edges: list[_Ints],
    site: _Ints,
    assigned: pd.Series,
    ids: tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]],
) -> Neighbourhoods:
    count, ends = len(graph.nodes), graph.ends
    owner = np.repeat(np.arange(len(edges)), [len(part) for part in edges])
    edge = np.concatenate(edges) if edges else np.zeros(0, np.int64)
    pair = ends[edge] + (owner * count)[:, None]
    at = site + np.arange(len(site)) * count
    place = pd.Series(np.arange(len(names)), index=names)
    own_node = graph.nodes.index.get_indexer(consumers["node"])
    mine = own_node + place.reindex(assigned).to_numpy() * count
    key = np.unique(np.concatenate([pair.ravel(), at, mine]))
    full = names[key // count] + "/" + ids[0][key % count] if len(key) else key.astype(object)

    def named(keys: _Ints) -> npt.NDArray[np.object_]:
        found: npt.NDArray[np.object_] = full[np.searchsorted(key, keys)]
        return found

    nodes = graph.nodes.iloc[key % count].set_axis(pd.Index(full, dtype="str", name="node_id"))
    frame = graph.edges.iloc[edge].assign(u=named(pair[:, 0]), v=named(pair[:, 1]))
    frame.index = pd.Index(names[owner] + "/" + ids[1][edge], dtype="str", name="edge_id")
    return Neighbourhoods(
        graph=StreetGraph(nodes=nodes, edges=frame, repairs=graph.repairs.iloc[:0]),
        consumers=consumers.assign(node=named(mine)),
        sources=pd.DataFrame({"node": named(at)}, index=pd.Index(names, dtype="str")),
    )
