"""The frames of a network, made from the tree that routing chose."""

__all__ = ["connection_rows", "node_rows", "pipe_rows"]

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from heat_network.graph import StreetGraph
from heat_network.routing_assumptions import RoutingAssumptions
from heat_network.steiner_kernel import FloatArray, IntArray
from heat_network.tables import CONNECTIONS, NETWORK_NODES, NETWORK_PIPES

Hung = tuple[IntArray, IntArray, IntArray]


def _fed_by(hung: Hung, streets: int) -> tuple[IntArray, IntArray]:
    """Row of the source that feeds each node (-1 none), and the nodes in preorder without the root."""
    parent, above, order = hung
    source = np.full(len(parent), -1, np.int64)
    inner = order[1:]
    for v in inner.tolist():
        edge = parent[v] >> 1
        source[v] = edge - streets if edge >= streets else source[above[v]]
    return source, inner


def _distance(graph: StreetGraph, hung: Hung) -> FloatArray:
    parent, above, order = hung
    length = np.append(graph.edges["length_m"].to_numpy(np.float64), 0.0)
    far = np.zeros(len(parent))
    for v in order[1:].tolist():
        far[v] = far[above[v]] + length[min(parent[v] >> 1, len(length) - 1)]
    return far


def connection_rows(
    graph: StreetGraph,
    consumers: pd.DataFrame,
    sources: pd.DataFrame,
    *,
    hung: Hung,
    reachable: np.ndarray[Any, np.dtype[np.bool_]],
    radial_cny: FloatArray,
    full: np.ndarray[Any, np.dtype[np.bool_]],
) -> pd.DataFrame:
    """Return one `network_connections` row per consumer, each with its reason.

    `full` marks the nodes that are worth connecting and that no source has room for.
    """
    node = graph.nodes.index.get_indexer(consumers["node"].fillna(""))
    source, _ = _fed_by(hung, len(graph.edges))
    far = _distance(graph, hung)
    peak = consumers["peak_kw"].astype(float).to_numpy()
    prize = (
        consumers["prize_cny"].astype(float).to_numpy()
        if "prize_cny" in consumers.columns
        else np.full(len(consumers), np.nan)
    )
    kept = (hung[0][node] != -2) & ~full[node]  # a full source's pipes may still pass by
    connected = reachable & (node >= 0) & kept & (np.nan_to_num(peak) > 0)
    # prizes at one node are weighed together
    together = (
        pd.Series(np.where(np.nan_to_num(peak) > 0, prize, 0.0))
        .groupby(node)
        .transform(lambda part: part.sum(skipna=False))
        .to_numpy()
    )
    reason = np.select(
        [
            np.nan_to_num(peak) <= 0,
            ~reachable,
            connected,
            full[node] | np.isnan(together),
            together <= radial_cny[node],
        ],
        ["no_demand", "unreachable", "connected", "no_capacity", "too_far"],
        "cheaper_alone",
    )
    names = np.array([*sources.index.astype("str"), None], dtype=object)
    fed = np.where(connected, source[node], -1)
    frame = pd.DataFrame(
        {
            "connected": connected,
            "reason": reason,
            "source_id": pd.array(names[fed], dtype="str"),
            "node": consumers["node"].to_numpy(dtype=object),
            "peak_kw": peak,
            "prize_cny": prize,
            "distance_m": np.where(connected, far[node], np.nan),
        },
        index=pd.Index(consumers.index.astype("str"), name="consumer_id"),
    )
    return CONNECTIONS.validate(frame, where="The connections of the network")


def pipe_rows(
    graph: StreetGraph,
    connections: pd.DataFrame,
    *,
    hung: Hung,
    links: IntArray,
    cost: RoutingAssumptions,
) -> Any:
    """Return the `network_pipes` frame with the flows that each pipe has to carry."""
    parent, above, order = hung
    n, m = len(graph.nodes), len(graph.edges)
    joined = connections[connections["connected"]]
    node = graph.nodes.index.get_indexer(joined["node"])
    peak = joined["peak_kw"].to_numpy(np.float64)
    total = np.bincount(node, weights=peak, minlength=n + 1)
    count = np.bincount(node, minlength=n + 1)
    most = np.zeros(n + 1)
    np.maximum.at(most, node, peak)
    for v in order[:0:-1].tolist():
        u = above[v]
        total[u] += total[v]
        count[u] += count[v]
        most[u] = max(most[u], most[v])
    source, inner = _fed_by(hung, m)
    inner = inner[(parent[inner] >> 1) < m]
    edge = np.concatenate([parent[inner] >> 1, links]).astype(np.int64)
    spare = np.zeros(len(links))
    sums = np.concatenate([total[inner], spare])
    many = np.concatenate([count[inner], spare]).astype(np.int64)
    largest = np.concatenate([most[inner], spare])
    factor = 0.62 + 0.38 / np.maximum(many, 1) if cost.diversity else np.ones(len(many))
    carried = np.maximum(sums * factor, largest)
    edges = graph.edges.iloc[edge]
    ids = graph.nodes.index.to_numpy(dtype=object)
    u = np.concatenate([above[inner], graph.ends[links, 0]]).astype(np.int64)
    v = np.concatenate([inner, graph.ends[links, 1]]).astype(np.int64)
    lines = np.asarray(edges.geometry.array)
    turned = graph.ends[edge, 0] != u
    lines = np.where(turned, shapely.reverse(lines), lines)
    far = edges["length_m"].to_numpy(np.float64)
    extra = edges["extra_m"].to_numpy(np.float64)
    fed = _feeders(connections, node, source, inner=inner, links=len(links))
    frame = gpd.GeoDataFrame(
        {
            "edge_id": edges.index.to_numpy(dtype=object),
            "u": ids[u],
            "v": ids[v],
            "source_id": pd.array(fed, dtype="str"),
            "length_m": far,
            "extra_m": extra,
            "consumers": many,
            "sum_kw": sums,
            "peak_kw": carried,
            "cost_cny": (far + extra) * cost.fixed_cny_m
            + far * cost.pipe_linear_cny_kw_m * carried,
        },
        geometry=lines,
        crs=graph.nodes.crs,
        index=pd.Index(
            [f"pipe-{number}" for number in range(len(edge))], dtype="str", name="pipe_id"
        ),
    )
    return NETWORK_PIPES.validate(frame, where="The pipes of the network")


def _feeders(
    connections: pd.DataFrame, node: IntArray, source: IntArray, *, inner: IntArray, links: int
) -> list[str | None]:
    """Name of the source that feeds each pipe, none on links."""
    joined = connections[connections["connected"]]
    name = dict(zip(source[node].tolist(), joined["source_id"].tolist(), strict=True))
    return [name.get(int(row)) for row in source[inner]] + [None] * links


def node_rows(
    graph: StreetGraph,
    connections: pd.DataFrame,
    sources: pd.DataFrame,
    *,
    hung: Hung,
    links: IntArray,
) -> Any:
    """Return the `network_nodes` frame: the nodes of the trees, then those that only links pass."""
    n = len(graph.nodes)
    source, inner = _fed_by(hung, len(graph.edges))
    inner = inner[inner < n]
    between = np.setdiff1d(graph.ends[links], inner)
    joined = connections[connections["connected"]]
    node = graph.nodes.index.get_indexer(joined["node"])
    rows = np.concatenate([inner, between]).astype(np.int64)
    peak = (
        np.bincount(node, weights=joined["peak_kw"], minlength=n)[rows]
        if len(node)
        else np.zeros(len(rows))
    )
    is_source = graph.nodes.index[rows].isin(sources["node"]) & (source[rows] >= 0)
    names = np.array([*sources.index.astype("str"), None], dtype=object)
    frame = gpd.GeoDataFrame(
        {
            "kind": np.select([is_source, peak > 0], ["source", "consumer"], "junction"),
            "source_id": pd.array(names[source[rows]], dtype="str"),
            "distance_m": _distance(graph, hung)[rows],
            "peak_kw": peak,
        },
        geometry=np.asarray(graph.nodes.geometry.array)[rows],
        crs=graph.nodes.crs,
        index=pd.Index(graph.nodes.index[rows], name="node_id"),
    )
    return NETWORK_NODES.validate(frame, where="The nodes of the network")
