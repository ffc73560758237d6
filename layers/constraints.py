"""Constraints: objects that keep others at a distance or a place at use."""

__all__ = ["read_constraints"]

from pathlib import Path

import geopandas as gpd
import pandas as pd

from layers.account import Reading, merge_accounts
from layers.area import StudyArea
from layers.features import note_rows, read_features
from layers.fields import Fields
from layers.presets import preset_of
from layers.tables import CONSTRAINTS
from layers.vectors import LayerSource

_PLACES = ("longitude", "latitude", "x", "y")


def read_constraints(
    source: LayerSource, area: StudyArea, *, preset_file: Path | None = None
) -> Reading:
    """Read constraints: schools, hospitals, water, railways, power lines, forests and the like.

    Parameters
    ----------
    source : LayerSource
        OSM, a vector file, or a table of places; ``classes`` maps words of the kind.
    area : StudyArea
        Points and polygons outside it and lines that do not touch it are dropped.
    preset_file : Path, optional
        A user's presets.

    Returns
    -------
    Reading
        ``frame`` valid by the ``constraints`` table, with points, lines and polygons.

    Raises
    ------
    LayerError
        The file cannot be used.
    """
    preset = preset_of(source, "constraints", preset_file)
    fields = Fields.of(source, preset, table=CONSTRAINTS, classed="kind", extra=_PLACES)
    raw, ledgers = read_features(source, preset, name="constraints", geometry="Any", area=area)
    ledger = ledgers[-1]
    fields.check(raw, expected=("kind",))
    fields.note_licence(ledger, len(raw))
    kind, unmapped = fields.words(raw, "kind")
    if not source.is_osm:
        fields.note_unmapped(ledger, unmapped, what="a word for the kind")
    known = kind.notna()
    note_rows(ledger, "dropped", "object that constrains nothing", rows=~known, index=raw.index)
    raw, kind = raw[known], kind[known]
    columns = {
        "kind": kind,
        "name": fields.text(raw, "name"),
        "source": fields.source_of_rows(raw),
    }
    frame = gpd.GeoDataFrame(columns, index=raw.index, geometry=raw.geometry, crs=area.crs)
    frame.index = pd.Index(frame.index.astype("str"), name=CONSTRAINTS.key)
    ledger.add("kept", "constraints", len(frame))
    valid = CONSTRAINTS.validate(frame, where=f"Constraints of {fields.file}")
    return Reading(valid, merge_accounts(each.frame() for each in ledgers))
