"""How an analysis declares its results: each field of its plan is one frame and says where it is kept.

A field made by :func:`result` is written to ``tables/<table>.parquet``; with ``csv`` to a CSV as well, with
``layer`` as a layer of the GeoPackage. Nothing else needs to know the names.
"""

__all__ = ["frames_of", "layers_of", "result", "summaries_of"]

from dataclasses import field, fields
from typing import Any

import geopandas as gpd
import pandas as pd


def result(table: str, *, csv: bool = False, layer: bool = False, optional: bool = False) -> Any:
    """Return a dataclass field that holds one frame.

    Parameters
    ----------
    table : str
        Name of its table in the output folder.
    csv : bool
        Whether a spreadsheet user wants it: written as CSV too.
    layer : bool
        Whether it is a layer of the GeoPackage as it stands.
    optional : bool
        Whether the case may leave it out (``None``).
    """
    metadata = {"table": table, "csv": csv, "layer": layer}
    return field(default=None, metadata=metadata) if optional else field(metadata=metadata)


def frames_of(part: Any) -> dict[str, pd.DataFrame]:
    """Return the frames of an analysis by table name, in the order declared; nothing for ``None``."""
    return _chosen(part, "table")


def layers_of(part: Any) -> dict[str, gpd.GeoDataFrame]:
    """Return the frames that are layers of the GeoPackage and hold something."""
    return {name: frame for name, frame in _chosen(part, "layer").items() if len(frame)}


def summaries_of(part: Any) -> tuple[str, ...]:
    """Return the names of the tables that are written as CSV too."""
    return tuple(_chosen(part, "csv"))


def _chosen(part: Any, mark: str) -> dict[str, Any]:
    if part is None:
        return {}
    return {
        item.metadata["table"]: getattr(part, item.name)
        for item in fields(part)
        if item.metadata.get(mark) and getattr(part, item.name) is not None
    }
