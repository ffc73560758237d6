"""Building loads: the electricity that a building uses in a year behind the meter its roof feeds."""

__all__ = ["annual_use"]

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import LayerError
from layers.tables import BUILDING_USES
from rooftop_pv.revenue_assumptions import RevenueAssumptions

_Floats = npt.NDArray[np.float64]


def annual_use(
    roofs: pd.DataFrame,
    planes: pd.DataFrame,
    *,
    assumptions: RevenueAssumptions,
    metered_kwh: pd.Series | None = None,
) -> pd.Series:
    """Return the electricity each building uses behind the roof's meter [kWh a year].

    Floor area is the footprint (the planes' horizontal projection) times the storeys: those given in the
    column ``storeys``, else height over storey height, and one under the metal roof of a hall.
    """
    use = pd.Categorical(roofs["use"], categories=list(BUILDING_USES)).codes

    def by_use(values: Any) -> _Floats:
        numbers: _Floats = np.array([values[name] for name in BUILDING_USES], dtype=np.float64)[use]
        return numbers

    row = roofs.index.get_indexer(pd.Index(planes["building_id"]))
    known = row >= 0
    footprint_m2 = np.bincount(
        row[known], weights=planes["projected_m2"].to_numpy()[known], minlength=len(roofs)
    )
    height = roofs["height_m"].to_numpy(dtype=np.float64)
    storeys = np.maximum(np.floor(height / by_use(assumptions.storey_height_m) + 0.5), 1.0)
    hall = np.zeros(len(roofs), dtype=bool)
    hall[row[known & (planes["roof_kind"] == "hall").to_numpy()]] = True
    storeys[hall] = 1.0
    if "storeys" in roofs.columns:
        given = roofs["storeys"].astype("float64").to_numpy()
        storeys = np.where(np.isfinite(given), given, storeys)
    kwh = footprint_m2 * storeys * by_use(assumptions.use_kwh_m2) * by_use(assumptions.served_share)
    load = pd.Series(kwh, index=roofs.index, name="load_kwh")
    if metered_kwh is None:
        return load
    metered = metered_kwh.reindex(roofs.index).astype("float64")
    if (metered < 0.0).any():
        raise LayerError(
            f"The metered use is negative, first {metered.index[np.argmax(metered < 0.0)]}; give kWh a year."
        )
    return metered.fillna(load).rename("load_kwh")
