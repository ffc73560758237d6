"""Parks: industrial parks, development zones and land-use polygons."""

__all__ = ["read_parks"]

from pathlib import Path

import geopandas as gpd
import pandas as pd

from layers.account import Reading, merge_accounts
from layers.area import StudyArea
from layers.features import inside_area, read_features
from layers.fields import Fields
from layers.presets import preset_of
from layers.tables import PARKS
from layers.vectors import LayerSource


def read_parks(
    source: LayerSource,
    area: StudyArea,
    *,
    minimum_m2: float = 500.0,
    preset_file: Path | None = None,
) -> Reading:
    """Read parks and land-use polygons.

    Parameters
    ----------
    source : LayerSource
        OSM, or a file with a column ``kind``; ``classes`` maps words of the kind.
    area : StudyArea
        Parks with their inner point outside it are dropped.
    minimum_m2 : float
        Smaller polygons are dropped [m²].
    preset_file : Path, optional
        A user's presets.

    Returns
    -------
    Reading
        ``frame`` valid by the ``parks`` table. OSM land use without a class (grass, forest, …) is
        dropped; a park of another file without a class is of the kind ``other``.

    Raises
    ------
    LayerError
        The file cannot be used.
    """
    preset = preset_of(source, "parks", preset_file)
    fields = Fields.of(source, preset, table=PARKS, classed="kind")
    raw, ledgers = read_features(
        source, preset, name="parks", geometry="Polygon", area=area, minimum_m2=minimum_m2
    )
    ledger = ledgers[-1]
    fields.check(raw, expected=("kind",))
    raw, county = inside_area(raw, area, ledger)
    fields.note_licence(ledger, len(raw))
    kind, unmapped = fields.words(raw, "kind")
    if source.is_osm:
        known = kind.notna()
        ledger.add("dropped", "land use that is no park and no built land", int((~known).sum()))
        raw, county, kind = raw[known], county[known], kind[known]
    else:
        fields.note_unmapped(ledger, unmapped, what="a word for the kind")
        ledger.add("defaulted", "kind not known, taken as other", int(kind.isna().sum()))
        kind = kind.where(kind.notna(), "other")
    confidence, _ = fields.words(raw, "confidence")
    if preset is not None and source.is_osm:
        confidence = confidence.where(confidence.notna(), "read")
    ledger.add(
        "defaulted", "confidence not stated, taken as unverified", int(confidence.isna().sum())
    )
    columns = {
        "kind": kind,
        "level": fields.words(raw, "level")[0],
        "confidence": confidence.where(confidence.notna(), "unverified"),
        "name": fields.text(raw, "name"),
        "county": county,
        "source": fields.source_of_rows(raw),
    }
    frame = gpd.GeoDataFrame(columns, index=raw.index, geometry=raw.geometry, crs=area.crs)
    frame.index = pd.Index(frame.index.astype("str"), name=PARKS.key)
    ledger.add("kept", "parks", len(frame))
    valid = PARKS.validate(frame, where=f"Parks of {fields.file}")
    return Reading(valid, merge_accounts(each.frame() for each in ledgers))
