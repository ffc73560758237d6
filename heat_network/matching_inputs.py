"""From frames to the arrays of the matching: pairs of source and cluster, hours, prices, losses."""

__all__ = ["MatchingInputs", "matching_inputs"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.matching_assumptions import HeatMatchingAssumptions
from layers.errors import LayerError, near_matches
from layers.units import GJ_PER_MWH, KWH_PER_MWH

_Floats = npt.NDArray[np.float64]
_NEEDED = (
    "usable", "heat_mw", "direct_mw", "direct_reach", "heat_pump_mw", "heat_pump_reach", "cop",
    "availability", "cost_cny_gj", "co2_kg_gj",
)  # fmt: skip
# Reaches are rounded down to this share, which merges grades that hardly differ.
_GRADE_STEP = 0.01


@dataclass(frozen=True, kw_only=True, eq=False)
class MatchingInputs:
    """Arrays of one matching; S usable sources, C clusters, P allowed pairs, T hours.

    Attributes
    ----------
    sources, clusters : tuple of str
        Keys.
    index : DatetimeIndex
        Labels of the hours.
    demand_mw : ndarray, shape (T, C)
        At the buildings [MW].
    share : ndarray, shape (T, S)
        Availability of each source.
    heat_mw, direct_mw, pump_mw : ndarray, shape (S,)
        Whole heat, most by exchanger, most given by the heat pump [MW].
    direct_reach, pump_reach : ndarray, shape (S,)
        Hottest water between return (0) and supply (1).
    cop : ndarray, shape (S,)
        Heat given per electricity; 2 where there is no heat pump.
    pair_source, pair_cluster : int ndarray, shape (P,)
        Positions.
    delivered : ndarray, shape (P,)
        Share of the sent heat that arrives.
    distance_km : ndarray, shape (P,)
        NaN where distances are not given.
    direct_cny_mwh, pump_cny_mwh, direct_kg_mwh, pump_kg_mwh : ndarray, shape (S,)
        Price and CO2 of heat sent, the heat pump's with its electricity.
    retention : ndarray, shape (T,)
        Share of the content of a storage that is left from the hour before in the ring of hours; a gap
        between two labels loses for its whole length.
    """

    sources: tuple[str, ...]
    clusters: tuple[str, ...]
    index: pd.DatetimeIndex
    demand_mw: _Floats
    share: _Floats
    heat_mw: _Floats
    direct_mw: _Floats
    pump_mw: _Floats
    direct_reach: _Floats
    pump_reach: _Floats
    cop: _Floats
    pair_source: npt.NDArray[np.int64]
    pair_cluster: npt.NDArray[np.int64]
    delivered: _Floats
    distance_km: _Floats
    direct_cny_mwh: _Floats
    pump_cny_mwh: _Floats
    direct_kg_mwh: _Floats
    pump_kg_mwh: _Floats
    retention: _Floats


def matching_inputs(
    supply: pd.DataFrame,
    hours: pd.DataFrame,
    *,
    allowed: pd.DataFrame | None,
    distance_km: pd.DataFrame | None,
    availability: pd.DataFrame | None,
    assumptions: HeatMatchingAssumptions,
) -> MatchingInputs:
    """Check the frames of a matching and return its arrays; see :func:`heat_network.matching.match`."""
    _check(supply, hours)
    used = supply[supply["usable"].to_numpy(dtype=bool)]
    sources = tuple(used.index.astype("str"))
    clusters = tuple(hours.columns.astype("str"))
    number = {name: used[name].to_numpy(dtype="float64") for name in _NEEDED if name != "usable"}
    empty = ~(number["heat_mw"] > 0.0)
    if empty.any():
        raise LayerError(
            f"The heat source {sources[int(np.flatnonzero(empty)[0])]!r} is usable without heat; state "
            "heat_mw above 0 or set usable to false."
        )
    cop = np.where(np.isnan(number["cop"]), 2.0, number["cop"])
    power = 1.0 / cop
    cny_mwh, kg_mwh = number["cost_cny_gj"] * GJ_PER_MWH, number["co2_kg_gj"] * GJ_PER_MWH
    electric_cny_mwh = assumptions.electricity_cny_kwh * KWH_PER_MWH
    electric_kg_mwh = assumptions.grid_kg_kwh * KWH_PER_MWH
    may = _matrix(allowed, sources, clusters=clusters, name="allowed", usual=1.0) > 0.0
    far = _matrix(distance_km, sources, clusters=clusters, name="distance_km", usual=np.nan)
    if distance_km is not None:
        if not (far >= 0.0).all():
            raise LayerError("distance_km holds a missing or negative distance; give each in km.")
        may &= far <= assumptions.reach_km
    pair_source, pair_cluster = (part.astype(np.int64) for part in np.nonzero(may))
    distance = far[pair_source, pair_cluster]
    return MatchingInputs(
        sources=sources,
        clusters=clusters,
        index=hours.index,
        demand_mw=hours.to_numpy(dtype="float64"),
        share=_shares(number["availability"], hours.index, sources=sources, own=availability),
        heat_mw=number["heat_mw"],
        direct_mw=number["direct_mw"],
        pump_mw=number["heat_pump_mw"],
        direct_reach=_grade(number["direct_reach"]),
        pump_reach=_grade(number["heat_pump_reach"]),
        cop=cop,
        pair_source=pair_source,
        pair_cluster=pair_cluster,
        delivered=(1.0 - assumptions.transport_loss) ** np.nan_to_num(distance, nan=0.0),
        distance_km=distance,
        direct_cny_mwh=cny_mwh,
        pump_cny_mwh=(1.0 - power) * cny_mwh + power * electric_cny_mwh,
        direct_kg_mwh=kg_mwh,
        pump_kg_mwh=(1.0 - power) * kg_mwh + power * electric_kg_mwh,
        retention=_retention(hours.index, assumptions.storage_loss),
    )


def _check(supply: pd.DataFrame, hours: pd.DataFrame) -> None:
    lacking = [name for name in _NEEDED if name not in supply.columns]
    if lacking:
        raise LayerError(
            f"The heat supply lacks the column {lacking[0]!r}; give a table made by heat_supply."
        )
    if not isinstance(hours.index, pd.DatetimeIndex) or hours.index.tz is None or len(hours) == 0:
        raise LayerError(
            "The demand hours must be keyed by at least one time with a zone; use demand_hours."
        )
    if not hours.index.is_unique or not hours.index.is_monotonic_increasing:
        raise LayerError("The demand hours repeat a time or are out of order; sort them.")
    if hours.shape[1] == 0 or not hours.columns.is_unique:
        raise LayerError(
            "The demand hours have no cluster or one twice; give one column per cluster."
        )
    values = hours.to_numpy(dtype="float64")
    if not (np.isfinite(values) & (values >= 0.0)).all():
        raise LayerError("The demand hours hold a missing or negative power; give MW from 0 up.")


def _matrix(
    given: pd.DataFrame | None,
    sources: tuple[str, ...],
    *,
    clusters: tuple[str, ...],
    name: str,
    usual: float,
) -> _Floats:
    if given is None:
        return np.full((len(sources), len(clusters)), usual)
    for wanted, held, axis in ((sources, given.index, "row"), (clusters, given.columns, "column")):
        lost = [key for key in wanted if key not in set(held.astype("str"))]
        if lost:
            raise LayerError(
                f"{name} has no {axis} for {lost[0]!r}{near_matches(lost[0], held.astype('str'))}"
            )
    keyed = given.set_axis(given.index.astype("str"), axis=0).set_axis(
        given.columns.astype("str"), axis=1
    )
    chosen = keyed.loc[list(sources), list(clusters)]
    matrix: _Floats = chosen.to_numpy(dtype="float64", na_value=np.nan)
    return matrix


def _shares(
    availability: _Floats,
    index: pd.DatetimeIndex,
    *,
    sources: tuple[str, ...],
    own: pd.DataFrame | None,
) -> _Floats:
    if own is None:
        return np.broadcast_to(availability, (len(index), len(sources))).copy()
    lost = [key for key in sources if key not in own.columns]
    if lost:
        raise LayerError(f"availability has no column for {lost[0]!r}; use availability_hours.")
    shares: _Floats = own.reindex(index)[list(sources)].to_numpy(dtype="float64")
    if not ((shares >= 0.0) & (shares <= 1.0)).all():
        raise LayerError(
            "availability lacks hours of the demand or leaves 0 to 1; give a share for each."
        )
    return shares


def _grade(reach: _Floats) -> _Floats:
    grade: _Floats = np.where(reach >= 1.0, 1.0, np.floor(reach / _GRADE_STEP + 1e-9) * _GRADE_STEP)
    return grade


def _retention(index: pd.DatetimeIndex, loss: float) -> _Floats:
    # The hour before the first is the last: a day's ring, or a season that starts as it ends.
    hours = index.to_series().diff().dt.total_seconds().to_numpy() / 3600.0
    hours[0] = 1.0
    kept: _Floats = (1.0 - loss) ** hours
    return kept
