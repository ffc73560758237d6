"""Heat sources: plants and processes that can give heat, with their state."""

__all__ = ["read_heat_sources"]

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.account import Ledger, Reading, merge_accounts
from layers.area import StudyArea
from layers.errors import LayerError
from layers.features import inside_area, note_rows, points_of, read_features
from layers.fields import Fields
from layers.numerals import plain_numbers
from layers.presets import preset_of
from layers.tables import HEAT_SOURCES
from layers.vectors import LayerSource

_PLACES = ("longitude", "latitude", "x", "y")
_NUMBERS = ("electric_mw", "heat_mw", "temperature_c", "cost_cny_gj")
_COUNTS = ("start_year", "units")


def read_heat_sources(
    source: LayerSource, area: StudyArea, *, preset_file: Path | None = None
) -> Reading:
    """Read heat sources.

    Parameters
    ----------
    source : LayerSource
        A vector file or a table of places (CSV, XLSX); ``classes`` maps words of the kind.
    area : StudyArea
        Sources outside it are dropped.
    preset_file : Path, optional
        A user's presets.

    Returns
    -------
    Reading
        ``frame`` valid by the ``heat_sources`` table. Retired and cancelled plants are kept with
        their status. A kind without a class becomes ``other``, a file without status ``operating``;
        both are noted.

    Raises
    ------
    LayerError
        The file cannot be used, or names a status that has no class.
    """
    preset = preset_of(source, "heat_sources", preset_file)
    fields = Fields.of(source, preset, table=HEAT_SOURCES, classed="kind", extra=_PLACES)
    raw, ledgers = read_features(source, preset, name="heat_sources", geometry="Any", area=area)
    ledger = ledgers[-1]
    fields.check(raw, expected=("kind",))
    raw, county = inside_area(raw, area, ledger)
    fields.note_licence(ledger, len(raw))
    kind, unmapped = fields.words(raw, "kind")
    fields.note_unmapped(ledger, unmapped, what="a word for the kind")
    ledger.add("defaulted", "kind not known, taken as other", int(kind.isna().sum()))
    columns = {
        "kind": kind.where(kind.notna(), "other"),
        "status": _status(raw, fields, ledger),
        "name": fields.text(raw, "name"),
        "county": county,
        "source": fields.source_of_rows(raw),
    }
    for name in (*_NUMBERS, *_COUNTS):
        columns[name] = _numbers(raw, fields, ledger, name=name)
    frame = gpd.GeoDataFrame(
        columns, index=raw.index, geometry=points_of(raw.geometry), crs=area.crs
    )
    frame.index = pd.Index(frame.index.astype("str"), name=HEAT_SOURCES.key)
    ledger.add("kept", "heat sources", len(frame))
    valid = HEAT_SOURCES.validate(frame, where=f"Heat sources of {fields.file}")
    return Reading(valid, merge_accounts(each.frame() for each in ledgers))


def _status(raw: gpd.GeoDataFrame, fields: Fields, ledger: Ledger) -> pd.Series:
    status, unmapped = fields.words(raw, "status")
    unknown = unmapped.dropna()
    if len(unknown):
        allowed = next(c.allowed for c in HEAT_SOURCES.columns if c.name == "status")
        raise LayerError(
            f"{fields.file} (heat_sources) gives the status {unknown.iloc[0]!r} in {len(unknown)} rows, "
            f"first {unknown.index[0]}, which has no class; use {', '.join(allowed)}, or map the word "
            "in a preset file."
        )
    lacking = status.isna()
    note_rows(
        ledger, "defaulted", "status not stated, taken as operating", rows=lacking, index=raw.index
    )
    return status.where(~lacking, "operating")


def _numbers(raw: gpd.GeoDataFrame, fields: Fields, ledger: Ledger, *, name: str) -> object:
    read = fields.numbers(raw, name, plain_numbers)
    note_rows(
        ledger, "defaulted", f"{name} is no number, left out", rows=read.unread, index=raw.index
    )
    if name not in _COUNTS:
        return read.found
    whole = read.found % 1 == 0
    ledger.add(
        "defaulted", f"{name} is no whole number, left out",
        int((~np.isnan(read.found) & ~whole).sum()),
    )  # fmt: skip
    return pd.array(np.where(whole, read.found, np.nan), dtype="Float64").astype("Int64")
