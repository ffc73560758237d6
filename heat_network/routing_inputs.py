"""What routing asks of its consumers and sources before it starts."""

__all__ = ["check_inputs"]

import pandas as pd

from heat_network.graph_frames import StreetGraph
from layers.errors import InfeasibleError, LayerError


def check_inputs(graph: StreetGraph, consumers: pd.DataFrame, sources: pd.DataFrame) -> None:
    """Raise for missing sources or columns, repeated keys, unknown nodes and negative numbers."""
    if sources.empty:
        raise InfeasibleError("There is no heat source to route from; give at least one.")
    for name, frame, columns in (
        ("consumers", consumers, ("node", "peak_kw")), ("sources", sources, ("node",))
    ):  # fmt: skip
        for column in columns:
            if column not in frame.columns:
                raise LayerError(
                    f"{name} has no column {column!r}; give the graph node and the peak."
                )
        if not frame.index.is_unique:
            raise LayerError(
                f"{name} repeats the key {frame.index[frame.index.duplicated()][0]!r}; "
                "keys must be unique."
            )
        known = frame["node"].dropna()
        strange = known[~known.isin(graph.nodes.index)]
        if len(strange):
            raise LayerError(
                f"{name} {strange.index[0]!r} stands at node {strange.iloc[0]!r}, "
                "which the graph does not have."
            )
    if sources["node"].isna().any():
        raise LayerError(
            f"source {sources.index[sources['node'].isna()][0]!r} has no node in the graph; "
            "it lies too far from every street."
        )
    for name, frame, column in (
        ("consumers", consumers, "peak_kw"), ("consumers", consumers, "prize_cny"),
        ("sources", sources, "capacity_kw"), ("sources", sources, "connection_cny"),
        ("sources", sources, "heat_cny_kw"),
    ):  # fmt: skip
        if column in frame.columns and (frame[column].astype(float) < 0).any():
            row = frame.index[frame[column].astype(float) < 0][0]
            raise LayerError(f"{name} {row!r} has a negative {column}; it must be at least 0.")
