"""Townships and street offices, where a user supplies their polygons."""

__all__ = ["read_townships"]

from pathlib import Path

import geopandas as gpd
import pandas as pd

from layers.account import Reading, merge_accounts
from layers.area import StudyArea
from layers.features import inside_area, read_features
from layers.fields import Fields
from layers.presets import preset_of
from layers.tables import TOWNSHIPS
from layers.vectors import LayerSource


def read_townships(
    source: LayerSource, area: StudyArea, *, preset_file: Path | None = None
) -> Reading:
    """Read township polygons.

    Parameters
    ----------
    source : LayerSource
        A polygon file; ``columns`` names its ``name``, ``key`` its code.
    area : StudyArea
        Townships with their inner point outside it are dropped.
    preset_file : Path, optional
        A user's presets.

    Returns
    -------
    Reading
        ``frame`` valid by the ``townships`` table; a township in several parts is several rows.

    Raises
    ------
    LayerError
        The file cannot be used.
    """
    preset = preset_of(source, "townships", preset_file)
    fields = Fields.of(source, preset, table=TOWNSHIPS)
    raw, ledgers = read_features(source, preset, name="townships", geometry="Polygon", area=area)
    ledger = ledgers[-1]
    fields.check(raw, expected=("name",))
    raw, county = inside_area(raw, area, ledger)
    fields.note_licence(ledger, len(raw))
    columns = {
        "name": fields.text(raw, "name"),
        "county": county,
        "source": fields.source_of_rows(raw),
    }
    frame = gpd.GeoDataFrame(columns, index=raw.index, geometry=raw.geometry, crs=area.crs)
    frame.index = pd.Index(frame.index.astype("str"), name=TOWNSHIPS.key)
    ledger.add("kept", "townships", len(frame))
    valid = TOWNSHIPS.validate(frame, where=f"Townships of {fields.file}")
    return Reading(valid, merge_accounts(each.frame() for each in ledgers))
