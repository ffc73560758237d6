"""Stations that exist: petrol, charging, swap, gas and hydrogen."""

__all__ = ["read_stations"]

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.account import Ledger, Reading, merge_accounts
from layers.area import StudyArea
from layers.features import inside_area, note_rows, points_of, read_features
from layers.fields import Fields
from layers.numerals import plain_numbers
from layers.presets import preset_of
from layers.tables import STATIONS
from layers.vectors import LayerSource

_PLACES = ("longitude", "latitude", "x", "y")
_LIQUID = re.compile(r"fuel:(octane_.*|diesel|.*diesel|e\d+|biodiesel|petrol|.*gasoline|1_.*)")
_HYDROGEN = ("fuel:h2", "fuel:hydrogen", "fuel:lh2", "fuel:h70", "fuel:h35", "fuel:H2")
_GAS = ("fuel:lpg", "fuel:cng", "fuel:lng", "fuel:GNV")
_KILO = re.compile(r"([\d.]+)\s*(kw|mw|w)?")
_KW = {"kw": 1.0, "mw": 1000.0, "w": 0.001, None: 1.0}


def read_stations(
    source: LayerSource, area: StudyArea, *, preset_file: Path | None = None
) -> Reading:
    """Read stations.

    Parameters
    ----------
    source : LayerSource
        OSM, a vector file, or a table of places; ``classes`` maps words of the kind.
    area : StudyArea
        Stations outside it are dropped.
    preset_file : Path, optional
        A user's presets.

    Returns
    -------
    Reading
        ``frame`` valid by the ``stations`` table. A polygon becomes a point inside it and gives
        ``area_m2``; an OSM point inside a polygon of the same kind is the same station.

    Raises
    ------
    LayerError
        The file cannot be used, or a row has no kind.
    """
    preset = preset_of(source, "stations", preset_file)
    fields = Fields.of(source, preset, table=STATIONS, classed="kind", extra=_PLACES)
    raw, ledgers = read_features(source, preset, name="stations", geometry="Any", area=area)
    ledger = ledgers[-1]
    fields.check(raw, expected=("kind",))
    raw, county = inside_area(raw, area, ledger)
    fields.note_licence(ledger, len(raw))
    kind, unmapped = fields.words(raw, "kind")
    if source.is_osm:
        kind = _kind_by_fuel(raw, kind)
        known = kind.notna()
        ledger.add("dropped", "object that is no station", int((~known).sum()))
    else:
        fields.note_unmapped(ledger, unmapped, what="a word for the kind")
        known = kind.notna()
        note_rows(
            ledger, "dropped", "station whose kind is not known", rows=~known, index=raw.index
        )
    raw, county, kind = raw[known], county[known], kind[known]
    first = _drawn_once(raw, kind, ledger)
    raw, county, kind = raw[first], county[first], kind[first]

    plot = shapely.area(raw.geometry.to_numpy())
    area_m2 = fields.numbers(raw, "area_m2", plain_numbers).found
    area_m2 = np.where(np.isnan(area_m2) & (plot > 0.0), plot, area_m2)
    points = fields.numbers(raw, "points", plain_numbers).found
    counted = (points >= 0) & (points % 1 == 0)
    power_kw = fields.numbers(raw, "power_kw", _powers_kw)
    ledger.add("defaulted", "points are no whole number, left out",
               int((~np.isnan(points) & ~counted).sum()))  # fmt: skip
    ledger.add("defaulted", "power is not understood, left out", int(power_kw.unread.sum()))
    columns = {
        "kind": kind,
        "points": pd.array(np.where(counted, points, np.nan), dtype="Float64").astype("Int64"),
        "power_kw": power_kw.found,
        "area_m2": area_m2,
        "name": fields.text(raw, "name"),
        "county": county,
        "source": fields.source_of_rows(raw),
    }
    frame = gpd.GeoDataFrame(
        columns, index=raw.index, geometry=points_of(raw.geometry), crs=area.crs
    )
    frame.index = pd.Index(frame.index.astype("str"), name=STATIONS.key)
    ledger.add("kept", "stations", len(frame))
    valid = STATIONS.validate(frame, where=f"Stations of {fields.file}")
    return Reading(valid, merge_accounts(each.frame() for each in ledgers))


def _kind_by_fuel(raw: gpd.GeoDataFrame, kind: pd.Series) -> pd.Series:
    """Tell a pure hydrogen or gas station from a petrol station by the fuels it names."""

    def sells(names: list[str]) -> pd.Series:
        if not names:
            return pd.Series(np.zeros(len(raw), dtype=bool), index=raw.index)
        return (raw[names].astype("str") == "yes").any(axis=1)

    columns = [str(column) for column in raw.columns]
    liquid = sells([name for name in columns if _LIQUID.fullmatch(name)])
    hydrogen = sells([name for name in columns if name in _HYDROGEN])
    gas = sells([name for name in columns if name in _GAS])
    dry = (kind == "fuel") & ~liquid
    return kind.mask(dry & hydrogen, "hydrogen").mask(dry & gas & ~hydrogen, "gas")


def _drawn_once(raw: gpd.GeoDataFrame, kind: pd.Series, ledger: Ledger) -> npt.NDArray[np.bool_]:
    """Return the rows without points that lie in a polygon of the same kind."""
    shapes = raw.geometry.to_numpy()
    is_point = shapely.get_dimensions(shapes) == 0
    again = np.zeros(len(raw), dtype=bool)
    polygons, places = np.flatnonzero(~is_point), np.flatnonzero(is_point)
    if len(polygons) and len(places):
        of_place, of_polygon = shapely.STRtree(shapes[polygons]).query(
            shapes[places], predicate="within"
        )
        kinds = kind.to_numpy()
        same = kinds[places[of_place]] == kinds[polygons[of_polygon]]
        again[places[of_place[same]]] = True
    note_rows(
        ledger,
        "dropped",
        "point inside the polygon of the same station",
        rows=again,
        index=raw.index,
    )
    return ~again


def _powers_kw(values: pd.Series) -> npt.NDArray[np.float64]:
    if pd.api.types.is_numeric_dtype(values.dtype):
        return plain_numbers(values)
    words = values.map(lambda word: _KILO.fullmatch(str(word).strip().casefold()))
    return np.array(
        [float(match[1]) * _KW[match[2]] if match else np.nan for match in words], dtype="float64"
    )
