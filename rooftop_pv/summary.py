"""The county summary: buildings, areas, capacity, energy and CO2 by county and use; sums close.

The kinds of roof of the national whole-county pilots follow from the use by the assumption
``pilot_kind``. City flats belong to none of the four kinds the pilots name, so they and what is neither
public nor at work nor a rural home are counted as ``other`` and stay outside the minimum shares.
"""

__all__ = ["county_summary", "refusal_summary", "summary_by"]

from typing import Literal

import numpy as np
import pandas as pd

from layers.errors import LayerError
from layers.tables import BUILDING_USES
from layers.units import KW_PER_MW, KWH_PER_GWH
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.tables import COUNTY_SUMMARY, PILOT_KINDS

_KG_PER_T = 1e3
_SUMS = ("buildings", "pv_buildings", "footprint_m2", "roof_m2", "usable_m2", "capacity_mw",
         "yield_gwh", "co2_t")  # fmt: skip
_PLANE_SUMS = ["projected_m2", "plane_m2", "usable_m2"]
_YIELD_SUMS = ["capacity_kwp", "yield_kwh", "co2_kg"]


def county_summary(
    planes: pd.DataFrame, yields: pd.DataFrame, assumptions: RooftopPvAssumptions
) -> pd.DataFrame:
    """Return one row per county and use.

    Parameters
    ----------
    planes : GeoDataFrame
        Table ``planes`` of whole buildings.
    yields : DataFrame
        Table ``yields`` of the same planes, in any order.
    assumptions : RooftopPvAssumptions
        For the kind of roof in the pilots.

    Returns
    -------
    DataFrame
        Table ``county_summary``, sorted by county and in the order of the uses; what does not occur is
        left out.

    Raises
    ------
    LayerError
        Planes and yields do not have the same keys.
    """
    if len(planes) != len(yields) or not yields.index.is_unique:
        raise LayerError(
            f"{len(planes):,} planes came with {len(yields):,} yields; give roof_yields of the same planes."
        )
    if not yields.index.equals(planes.index):
        missing = ~planes.index.isin(yields.index)
        if missing.any():
            raise LayerError(
                f"{int(missing.sum()):,} planes have no yield, first {planes.index[np.argmax(missing)]}; "
                "give roof_yields of the same planes."
            )
        yields = yields.loc[planes.index]
    if planes.empty:
        return COUNTY_SUMMARY.empty()
    use = pd.Categorical(planes["use"], categories=list(BUILDING_USES))
    county = planes["county"].astype("str").to_numpy()
    sums = pd.DataFrame(
        {
            **{name: planes[name].to_numpy() for name in _PLANE_SUMS},
            **{name: yields[name].to_numpy() for name in _YIELD_SUMS},
        }
    )
    keys = [pd.Series(county, name="county"), pd.Series(use, name="use")]
    table = sums.groupby(keys, observed=True, sort=True).sum()
    table = table.join(_buildings(planes, county, use)).reset_index()
    frame = pd.DataFrame(
        {
            "county": table["county"],
            "use": table["use"],
            "pilot_kind": pd.Categorical(
                [assumptions.pilot_kind[str(name)] for name in table["use"]],
                categories=list(PILOT_KINDS),
            ),
            "buildings": table["buildings"],
            "pv_buildings": table["pv_buildings"],
            "footprint_m2": table["projected_m2"],
            "roof_m2": table["plane_m2"],
            "usable_m2": table["usable_m2"],
            "capacity_mw": table["capacity_kwp"] / KW_PER_MW,
            "yield_gwh": table["yield_kwh"] / KWH_PER_GWH,
            "co2_t": table["co2_kg"] / _KG_PER_T,
        }
    )
    frame.index = pd.Index(
        frame["county"] + "/" + frame["use"].astype("str"), dtype="str", name="group"
    )
    return COUNTY_SUMMARY.validate(_with_specific(frame), where="The county summary")


def summary_by(
    summary: pd.DataFrame, column: Literal["county", "use", "pilot_kind"]
) -> pd.DataFrame:
    """Sum a county summary over everything but one of its columns.

    Parameters
    ----------
    summary : DataFrame
        Table ``county_summary``.
    column : {"county", "use", "pilot_kind"}
        What stays; it becomes the index, and its words that do not occur are left out.

    Returns
    -------
    DataFrame
        Sums of counts, areas, MW, GWh and t; the specific yield anew from the sums.
    """
    if column not in {"county", "use", "pilot_kind"}:
        raise LayerError(
            f"A summary cannot be kept by {column!r}; give one of county, use, pilot_kind."
        )
    sums = summary.groupby(column, observed=True, sort=True)[list(_SUMS)].sum()
    sums.index = pd.Index(sums.index.astype("str"), dtype="str", name=column)
    return _with_specific(sums)


def refusal_summary(planes: pd.DataFrame) -> pd.DataFrame:
    """Return per county and reason how many planes carry no modules and how large they are.

    Returns
    -------
    DataFrame
        Index ``county`` and ``refused``; ``planes`` [1] and ``plane_m2`` [m²].
    """
    out = planes.loc[planes["refused"].notna(), ["county", "refused", "plane_m2"]]
    out = out.astype({"refused": "str"})
    return out.groupby(["county", "refused"], sort=True).agg(
        planes=("plane_m2", "size"), plane_m2=("plane_m2", "sum")
    )


def _buildings(planes: pd.DataFrame, county: np.ndarray, use: pd.Categorical) -> pd.DataFrame:
    """Count buildings once, however many planes they have."""
    code, _ = pd.factorize(planes["building_id"])
    carries = np.bincount(code, weights=planes["capacity_kwp"].to_numpy() > 0.0) > 0.0
    first = np.unique(code, return_index=True)[1]
    once = pd.DataFrame({"county": county[first], "use": use[first], "carries": carries})
    return once.groupby(["county", "use"], observed=True).agg(
        buildings=("carries", "size"), pv_buildings=("carries", "sum")
    )


def _with_specific(frame: pd.DataFrame) -> pd.DataFrame:
    """Add kWh/kWp, which is GWh per MW times 1,000; missing without capacity."""
    capacity_mw = frame["capacity_mw"]
    specific = frame["yield_gwh"] / capacity_mw.where(capacity_mw > 0.0) * KW_PER_MW
    return frame.assign(specific_yield_kwh_kwp=specific)
