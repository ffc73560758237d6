"""The ``[siting]`` table of a case: own candidates and setbacks, quotas, settled sites, trips and phases."""

__all__ = ["SitingInputs", "own_candidates", "own_trips", "quota_frame", "read_siting_inputs"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import cast, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.area import StudyArea
from layers.coordinates import Datum
from layers.errors import CaseError, near_matches
from layers.vectors import LayerSource, read_vectors
from zibo_geo.toml_table import TomlTable

_TRIP_COLUMNS = ("from_lon", "from_lat", "to_lon", "to_lat", "trips_d")
_QUOTA_KEYS = ("points", "least_sites", "most_sites")
_MOST = 10_000_000
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


@dataclass(frozen=True, kw_only=True)
class SitingInputs:
    """Inputs of siting that are no layer and no assumption.

    Attributes
    ----------
    candidates : LayerSource, optional
        Own plots where a station may stand; `area_m2`, `canopy_m2` and `name` are taken where there.
    setbacks : Path, optional
        Own table of setbacks instead of the package's.
    trips : Path, optional
        Own trips of hydrogen vehicles, a CSV with from_lon, from_lat, to_lon, to_lat (WGS 84) and trips_d.
    quotas : mapping of str to mapping of str to float
        By county: `points`, `least_sites`, `most_sites`.
    fixed : tuple of str
        Candidates that are settled.
    phases : mapping of int to int
        Charging sites open by year.
    """

    candidates: LayerSource | None = None
    setbacks: Path | None = None
    trips: Path | None = None
    quotas: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: MappingProxyType({}))
    fixed: tuple[str, ...] = ()
    phases: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))


def read_siting_inputs(table: TomlTable | None, folder: Path) -> SitingInputs:
    """Read the table; faults are noted in it."""
    if table is None:
        return SitingInputs()
    inputs = SitingInputs(
        candidates=_candidates(table.table("candidates"), folder),
        setbacks=table.path("setbacks", folder=folder),
        trips=table.path("trips", folder=folder),
        quotas=MappingProxyType(_quotas(table.table("quotas"))),
        fixed=_fixed(table),
        phases=MappingProxyType(_phases(table)),
    )
    table.finish()
    return inputs


def _candidates(table: TomlTable | None, folder: Path) -> LayerSource | None:
    if table is None:
        return None
    path = table.path("path", folder=folder)
    source = LayerSource(
        path=path or folder,
        layer=table.word("layer"),
        datum=cast("Datum", table.word("datum", choices=get_args(Datum)) or "wgs84"),
        crs=table.word("crs"),
        encoding=table.word("encoding"),
        columns=MappingProxyType(table.words("columns")),
        key=table.word("key"),
        where=table.word("where"),
    )
    table.finish()
    if path is None:
        table.fault("needs a path")
    return source


def _quotas(table: TomlTable | None) -> dict[str, Mapping[str, float]]:
    made: dict[str, Mapping[str, float]] = {}
    for county in () if table is None else table.keys:
        part = cast("TomlTable", cast("TomlTable", table).table(county))
        found = {key: part.whole(key, minimum=0, maximum=_MOST) for key in _QUOTA_KEYS}
        part.finish()
        kept = {key: float(value) for key, value in found.items() if value is not None}
        if kept.get("least_sites", 0.0) > kept.get("most_sites", np.inf):
            part.fault(
                f"least_sites = {kept['least_sites']:.0f} is above most_sites = {kept['most_sites']:.0f}"
            )
        made[county] = MappingProxyType(kept)
    return made


def _fixed(table: TomlTable) -> tuple[str, ...]:
    """Take the settled sites, written as one text: keys with commas between them."""
    text = table.word("fixed")
    return () if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def _phases(table: TomlTable) -> dict[int, int]:
    made: dict[int, int] = {}
    for year, sites in table.figures("phases", unit="sites", maximum=float(_MOST)).items():
        if not (year.isdigit() and _FIRST_YEAR <= int(year) <= _LAST_YEAR):
            table.fault(f"phases.{year} must be a year from {_FIRST_YEAR} to {_LAST_YEAR}")
        elif sites != int(sites):
            table.fault(f"phases.{year} = {sites} must be a whole number of sites")
        else:
            made[int(year)] = int(sites)
    return made


def own_candidates(inputs: SitingInputs, area: StudyArea) -> gpd.GeoDataFrame | None:
    """Return the case's own plots in the study's CRS, if it gives any."""
    if inputs.candidates is None:
        return None
    frame, _ = read_vectors(
        inputs.candidates, name="candidates", geometry="Any", area=area, crs=area.crs
    )
    theirs = {name: ours for ours, name in inputs.candidates.columns.items()}
    return cast("gpd.GeoDataFrame", frame.rename(columns=theirs))


def quota_frame(inputs: SitingInputs, area: StudyArea) -> pd.DataFrame | None:
    """Return the quotas by county, if the case gives any.

    Raises
    ------
    CaseError
        A county that the study does not have.
    """
    if not inputs.quotas:
        return None
    counties = area.counties.index
    for key in inputs.quotas:
        if key not in counties:
            raise CaseError(
                f"[siting.quotas] names county {key!r}, which {area.name} does not have"
                + near_matches(key, [str(code) for code in counties])
            )
    return pd.DataFrame.from_dict(
        {key: dict(values) for key, values in inputs.quotas.items()}, orient="index"
    )


def own_trips(inputs: SitingInputs, area: StudyArea) -> gpd.GeoDataFrame | None:
    """Return the case's own trips as lines from origin to destination in the study's CRS.

    Raises
    ------
    CaseError
        A file that cannot be read, lacks a column, or holds a value that is no number or negative.
    """
    if inputs.trips is None:
        return None
    name = inputs.trips.name
    try:
        rows = pd.read_csv(inputs.trips)
    except (OSError, ValueError) as error:
        raise CaseError(
            f"The trips {name} cannot be read ({type(error).__name__}); give a CSV in UTF-8 with "
            f"{', '.join(_TRIP_COLUMNS)}."
        ) from error
    missing = [column for column in _TRIP_COLUMNS if column not in rows.columns]
    if missing:
        raise CaseError(
            f"The trips {name} have no column {', '.join(missing)}; they need {', '.join(_TRIP_COLUMNS)}."
        )
    values = rows[list(_TRIP_COLUMNS)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    bad = ~np.isfinite(values).all(axis=1) | (values[:, 4] < 0.0)
    bad |= (np.abs(values[:, [0, 2]]) > 180.0).any(axis=1) | (np.abs(values[:, [1, 3]]) > 90.0).any(
        axis=1
    )
    if bad.any() or not len(rows):
        row = int(np.argmax(bad)) if len(rows) else 0
        raise CaseError(
            f"Row {row + 2} of the trips {name} is no trip: it needs longitudes and latitudes in degrees "
            "and trips_d from 0 up."
        )
    lines = shapely.linestrings(values[:, :4].reshape(-1, 2, 2))
    keys = pd.Index([f"row {k + 2}" for k in range(len(rows))], dtype="str", name="trip")
    frame = gpd.GeoDataFrame({"trips_d": values[:, 4]}, geometry=lines, crs="EPSG:4326", index=keys)
    return cast("gpd.GeoDataFrame", frame.to_crs(area.crs))
