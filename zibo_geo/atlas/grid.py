"""Roofs seen from afar: cells of 500 m with the sums and means of what is known of their roofs."""

__all__ = ["CELL_M", "roof_cells"]

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zibo_geo.atlas.topics import Metric

CELL_M = 500.0


def roof_cells(roofs: gpd.GeoDataFrame, metrics: Iterable[Metric]) -> gpd.GeoDataFrame:
    """Return the cells that hold roofs.

    Parameters
    ----------
    roofs : GeoDataFrame
        In a metric CRS, with a column per metric.
    metrics : iterable of Metric
        One that sums is added up; another number is averaged over the roofs that have it; of words
        none is made.

    Returns
    -------
    GeoDataFrame
        One square per cell, with `roofs` (their number) and the metrics' columns. A roof counts where
        the middle of its bounding box lies.
    """
    metrics = list(metrics)
    west, south, east, north = roofs.bounds.to_numpy().T
    column = np.floor((west + east) / 2.0 / CELL_M).astype(np.int64)
    row = np.floor((south + north) / 2.0 / CELL_M).astype(np.int64)
    made: dict[str, pd.Series] = {}
    grouped = roofs.drop(columns=roofs.geometry.name).groupby([column, row], sort=True)
    made["roofs"] = grouped.size()
    for metric in metrics:
        if metric.unit != "-":
            values = grouped[metric.key]
            made[metric.key] = values.sum() if metric.sums else values.mean()
    cells = pd.DataFrame(made)
    x = cells.index.get_level_values(0).to_numpy() * CELL_M
    y = cells.index.get_level_values(1).to_numpy() * CELL_M
    squares = shapely.box(x, y, x + CELL_M, y + CELL_M)
    keys = [f"{east}-{north}" for east, north in cells.index]
    return gpd.GeoDataFrame(cells.set_axis(keys), geometry=squares, crs=roofs.crs)
