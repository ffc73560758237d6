"""How far sources are from groups of buildings before a way along streets is known."""

__all__ = ["group_distances"]

from typing import Any

import numpy as np
import pandas as pd

_M_PER_KM = 1e3


def group_distances(
    sources: Any, weight: pd.Series, places: Any, *, by: pd.Series, detour: float
) -> pd.DataFrame:
    """Return the distance of each source from the centre of each group.

    Parameters
    ----------
    sources : GeoDataFrame
        Points by source_id.
    weight : Series
        Load of each building [kW]; the centre is that of the loads.
    places : GeoSeries
        Buildings in the sources' CRS; at least those of `weight`.
    by : Series of str
        Group of each building; those without one count in none.
    detour : float
        Way over straight distance.

    Returns
    -------
    DataFrame, shape (sources, groups)
        Distance [km].
    """
    spots = places.reindex(weight.index).representative_point()
    groups = by.reindex(weight.index)
    table = pd.DataFrame({"x": spots.x * weight, "y": spots.y * weight, "w": weight})
    sums = table.groupby(groups.astype("object")).sum()
    x, y = (sums[axis].to_numpy(np.float64) / sums["w"].to_numpy(np.float64) for axis in ("x", "y"))
    away = np.hypot(
        sources.geometry.x.to_numpy()[:, None] - x, sources.geometry.y.to_numpy()[:, None] - y
    )
    return pd.DataFrame(
        detour * away / _M_PER_KM, index=sources.index, columns=sums.index.astype("str")
    )
