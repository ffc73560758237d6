"""Substations and transformers that roofs and chargers connect to."""

__all__ = ["read_substations"]

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.account import Ledger, Reading, merge_accounts
from layers.area import StudyArea
from layers.errors import LayerError, near_matches
from layers.features import inside_area, note_rows, points_of, read_features
from layers.fields import Fields
from layers.numerals import plain_numbers
from layers.presets import preset_of
from layers.tables import SUBSTATIONS
from layers.vectors import LayerSource

_PLACES = ("longitude", "latitude", "x", "y")
_NUMBERS = (
    "voltage_kv",
    "capacity_mva",
    "transformers",
    "load_mw",
    "connected_mw",
    "registered_mw",
)
_V_PER_KV = 1000.0


def read_substations(
    source: LayerSource,
    area: StudyArea,
    *,
    defaults: Mapping[str, float] | None = None,
    preset_file: Path | None = None,
) -> Reading:
    """Read substations.

    Parameters
    ----------
    source : LayerSource
        A vector file or a table of places with voltage, capacity, transformers, load, connected and
        registered power. OSM gives only the place, the name and the voltage.
    area : StudyArea
        Substations outside it are dropped.
    defaults : mapping of str to float, optional
        Values for rows that lack a number, such as ``{"transformers": 1}``; each use is noted.
    preset_file : Path, optional
        A user's presets.

    Returns
    -------
    Reading
        ``frame`` valid by the ``substations`` table.

    Raises
    ------
    LayerError
        The file cannot be used, or a number is missing and has no default: hosting capacity is not
        computed from guesses.
    """
    defaults = dict(defaults or {})
    for name in defaults:
        if name not in _NUMBERS:
            raise LayerError(
                f"The defaults of substations set {name!r}, which is unknown{near_matches(name, _NUMBERS)}"
            )
    preset = preset_of(source, "substations", preset_file)
    fields = Fields.of(source, preset, table=SUBSTATIONS, extra=(*_PLACES, "voltage_v", "kind"))
    raw, ledgers = read_features(source, preset, name="substations", geometry="Any", area=area)
    ledger = ledgers[-1]
    fields.check(raw, expected=("capacity_mva",))
    if source.is_osm:
        stations = fields.text(raw, "kind") == "substation"
        ledger.add("dropped", "power object that is no substation", int((~stations).sum()))
        raw = raw[stations]
    raw, county = inside_area(raw, area, ledger)
    fields.note_licence(ledger, len(raw))
    numbers = {
        name: _numbers(raw, fields, ledger, name=name, defaults=defaults) for name in _NUMBERS
    }
    _refuse_gaps(numbers, raw.index, fields.file)
    columns = {
        **numbers,
        "parent_id": fields.text(raw, "parent_id"),
        "name": fields.text(raw, "name"),
        "county": county,
        "source": fields.source_of_rows(raw),
    }
    frame = gpd.GeoDataFrame(
        columns, index=raw.index, geometry=points_of(raw.geometry), crs=area.crs
    )
    frame.index = pd.Index(frame.index.astype("str"), name=SUBSTATIONS.key)
    _check_parents(frame, ledger)
    ledger.add("kept", "substations", len(frame))
    valid = SUBSTATIONS.validate(frame, where=f"Substations of {fields.file}")
    return Reading(valid, merge_accounts(each.frame() for each in ledgers))


def _numbers(
    raw: gpd.GeoDataFrame,
    fields: Fields,
    ledger: Ledger,
    *,
    name: str,
    defaults: Mapping[str, float],
) -> npt.NDArray[np.float64]:
    found = fields.numbers(raw, name, plain_numbers).found
    if name == "voltage_kv":
        in_volts = fields.numbers(raw, "voltage_v", _highest_volts).found
        found = np.where(np.isnan(found), in_volts / _V_PER_KV, found)
    lacking = np.isnan(found)
    if name in defaults:
        note_rows(
            ledger,
            "defaulted",
            f"{name} taken as {defaults[name]:g}, as stated",
            rows=lacking,
            index=raw.index,
        )
        found = np.where(lacking, defaults[name], found)
    return found


def _refuse_gaps(
    numbers: Mapping[str, npt.NDArray[np.float64]], index: pd.Index, file: str
) -> None:
    gaps = {name: np.isnan(found) for name, found in numbers.items() if np.isnan(found).any()}
    if gaps:
        counts = ", ".join(f"{name} in {int(gap.sum())} rows" for name, gap in gaps.items())
        name, gap = next(iter(gaps.items()))
        raise LayerError(
            f"{file} (substations) lacks {counts} (first {index[gap][0]}); bring the grid company's "
            f"figures, map their columns, or state defaults such as defaults = {{ {name} = … }}."
        )


def _check_parents(frame: gpd.GeoDataFrame, ledger: Ledger) -> None:
    parents = frame["parent_id"]
    lost = parents.notna() & ~parents.isin(frame.index)
    note_rows(
        ledger,
        "defaulted",
        "parent is not among the substations read",
        rows=lost,
        index=frame.index,
    )


def _highest_volts(values: pd.Series) -> npt.NDArray[np.float64]:
    """Return the highest of several voltages in one cell, as OSM writes them: ``110000;35000``."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return plain_numbers(values)
    parts = values.astype("str").str.split(";", expand=True)
    volts = np.stack([plain_numbers(parts[column]) for column in parts.columns])
    return np.asarray(np.fmax.reduce(volts), dtype=np.float64)
