"""Consumers that are given as points with their peak and full-load hours, instead of buildings."""

__all__ = ["read_sinks"]

from typing import Any

import numpy as np
import pandas as pd

from heat_network.demand_tables import HEAT_BUILDINGS
from layers.area import StudyArea
from layers.errors import LayerError, near_matches
from layers.units import GJ_PER_KWH
from layers.vectors import read_vectors
from zibo_geo.heat_inputs import HeatSinks

_YEAR_H = 8760.0
# A median peak outside these was very likely given in another unit.
_SMALLEST_KW, _LARGEST_KW = 0.5, 1e5


def read_sinks(sinks: HeatSinks, area: StudyArea) -> tuple[pd.DataFrame, Any, tuple[str, ...]]:
    """Read consumers given as points.

    Parameters
    ----------
    sinks : HeatSinks
    area : StudyArea

    Returns
    -------
    demand : DataFrame
        Table ``heat_buildings`` with the loads as given; floors and indices, which are not known, are 0.
    places : GeoSeries
        The points in the area's CRS.
    notes : tuple of str
        What looks wrong without being wrong.

    Raises
    ------
    LayerError
        A column is missing, or a load or its hours are no number, negative or beyond a year.
    """
    name = sinks.source.path.name
    frame, ledger = read_vectors(
        sinks.source, name="heat sinks", geometry="Point", area=area, crs=area.crs
    )
    frame = area.assign_counties(frame, ledger)
    peak = _numbers(frame, sinks.peak_column, where=name)
    hours = _numbers(frame, sinks.hours_column, where=name)
    beyond = hours > _YEAR_H
    if beyond.any():
        raise LayerError(
            f"{name} gives {hours[beyond][0]:g} full-load hours in {sinks.hours_column!r}, but a year has "
            f"{_YEAR_H:,.0f}; give hours of a year."
        )
    zeros = np.zeros(len(frame))
    demand = pd.DataFrame(
        {
            "county": frame["county"].astype("str"),
            "use": "other",
            "storeys": pd.array(np.ones(len(frame), dtype=np.int64), dtype="Int64"),
            "floor_m2": zeros,
            "heated_m2": zeros,
            "energy_standard": pd.Series(None, index=frame.index, dtype="object"),
            "index_w_m2": zeros,
            "hot_water_kw": zeros,
            "design_kw": peak,
            "annual_gj": peak * hours * GJ_PER_KWH,
            "calibration": 1.0,
            "reason": pd.Series("size", index=frame.index, dtype="object").where(
                peak * hours <= 0.0, None
            ),
            "source": name,
        },
        index=pd.Index(frame.index.astype("str"), name="building_id"),
    )
    places = frame.geometry.set_axis(demand.index)
    valid = HEAT_BUILDINGS.validate(demand, where=f"The heat sinks of {name}")
    return valid, places, _doubts(peak, name, sinks.peak_column)


def _numbers(frame: pd.DataFrame, column: str, *, where: str) -> Any:
    if column not in frame.columns:
        raise LayerError(
            f"{where} has no column {column!r}"
            + near_matches(column, [str(word) for word in frame.columns])
            + " Name it under [heat.sinks]."
        )
    values = pd.to_numeric(frame[column], errors="coerce").to_numpy(
        dtype="float64", na_value=np.nan
    )
    wrong = ~(np.isfinite(values) & (values >= 0.0))
    if wrong.any():
        raise LayerError(
            f"{where} gives {frame[column].iloc[int(np.flatnonzero(wrong)[0])]!r} in {column!r} of row "
            f"{frame.index[wrong][0]} ({int(wrong.sum())} rows); it must be a number, at least 0."
        )
    return values


def _doubts(peak: Any, name: str, column: str) -> tuple[str, ...]:
    asking = peak[peak > 0.0]
    if not len(asking):
        return (f"None of the consumers of {name} has a load above 0.",)
    middle = float(np.median(asking))
    if middle < _SMALLEST_KW:
        return (
            f"Half of the consumers of {name} peak below {middle:.2g} kW; is {column!r} in MW?",
        )
    if middle > _LARGEST_KW:
        return (
            f"Half of the consumers of {name} peak above {middle:,.0f} kW; is {column!r} in W?",
        )
    return ()
