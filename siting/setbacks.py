"""Setbacks: the dated table of least distances, and what is protected on the ground."""

__all__ = ["protected_objects", "read_setbacks"]

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import LayerError
from layers.layer_set import LayerSet
from siting.candidate_assumptions import CandidateAssumptions
from siting.tables import SETBACKS

_CLASS_OF_CONSTRAINT = MappingProxyType({
    "school": "important_public", "kindergarten": "important_public", "hospital": "important_public",
    "government": "important_public", "important_public": "important_public", "public_1": "class_1",
    "public_2": "class_2", "public_3": "class_3", "open_flame": "open_flame", "railway": "railway",
    "motorway": "arterial", "arterial": "arterial", "minor_road": "minor_road", "power_line": "power_line",
})  # fmt: skip
# The size of a school or a hospital is not known from its outline, so the strictest class is taken.
_IMPORTANT_USES = ("school", "kindergarten", "hospital", "government")
_FLOOR_GROUP = MappingProxyType({
    "shop": "shop", "office": "office", "rural_home": "dwelling", "apartment": "dwelling", "public": "other",
    "hotel": "other", "industrial": "other", "warehouse": "other", "other": "other",
})  # fmt: skip
_CLASS_OF_STREET = MappingProxyType({
    "motorway": "arterial", "trunk": "arterial", "primary": "arterial", "secondary": "minor_road",
    "tertiary": "minor_road", "unclassified": "minor_road", "residential": "minor_road",
})  # fmt: skip
_WIDTH_OF_CONSTRAINT = MappingProxyType(
    {"motorway": "motorway", "arterial": "primary", "minor_road": "tertiary"}
)


def read_setbacks(path: str | Path | None = None) -> pd.DataFrame:
    """Return the table of setbacks, the one of the package unless a file is given.

    Parameters
    ----------
    path : path-like, optional
        CSV in UTF-8 with the columns edition, table, equipment, protected, metres, confidence, source.

    Returns
    -------
    DataFrame
        Valid by :data:`siting.tables.SETBACKS`, keyed ``equipment|protected``.

    Raises
    ------
    LayerError
        A missing column, a row without source, an unknown word, a pair given twice.

    Examples
    --------
    >>> table = read_setbacks()
    >>> float(table.loc["hydrogen_storage_3|important_public", "metres"])
    50.0
    """
    if path is None:
        name = "setbacks.csv"
        with files("siting").joinpath(name).open(encoding="utf-8") as file:
            raw = pd.read_csv(file, dtype={"edition": "str", "table": "str", "source": "str"})
    else:
        name = Path(path).name
        try:
            raw = pd.read_csv(path, dtype={"edition": "str", "table": "str", "source": "str"})
        except (OSError, ValueError) as error:
            raise LayerError(
                f"The setback table {name} cannot be read ({type(error).__name__}); give a CSV in UTF-8."
            ) from error
    missing = [column.name for column in SETBACKS.columns if column.name not in raw.columns]
    if missing:
        raise LayerError(
            f"The setback table {name} has no column {', '.join(missing)}; it needs "
            f"{', '.join(column.name for column in SETBACKS.columns)}."
        )
    return checked_setbacks(raw, where=name)


def checked_setbacks(raw: pd.DataFrame, *, where: str) -> pd.DataFrame:
    """Return rows of setbacks keyed and checked."""
    blank = raw["source"].isna() | (raw["source"].astype("str").str.strip() == "")
    if blank.any():
        row = int(np.argmax(blank.to_numpy()))
        raise LayerError(
            f"Row {row + 2} of the setback table {where} ({raw['equipment'].iloc[row]} from "
            f"{raw['protected'].iloc[row]}) has no source; say where its "
            f"{raw['metres'].iloc[row]:g} m come from."
        )
    key = raw["equipment"].astype("str") + "|" + raw["protected"].astype("str")
    if key.duplicated().any():
        raise LayerError(
            f"The setback table {where} gives {key[key.duplicated()].iloc[0]} twice; keep one edition."
        )
    table = raw.set_index(pd.Index(key, dtype="str", name=SETBACKS.key))
    return SETBACKS.validate(table, where=f"The setback table {where}")


def protected_objects(
    layers: LayerSet, *, assumptions: CandidateAssumptions | None = None
) -> gpd.GeoDataFrame:
    """Return everything that equipment must keep away from.

    Parameters
    ----------
    layers : LayerSet
        Constraints, buildings and streets are read.
    assumptions : CandidateAssumptions, optional
        Floor areas of the protected classes and widths of roads.

    Returns
    -------
    GeoDataFrame
        `protected` (class), `object_id`, `layer`, `use` (of buildings), `name`, `offset_m` (from the
        geometry to the line that counts: the kerb for roads, zero for outlines and the railway's
        centreline [m]); numbered index.

    Notes
    -----
    Buildings fall into classes by use and floor area (footprint times storeys). Schools, kindergartens,
    hospitals and government buildings count as important public buildings whatever their size.
    """
    given = CandidateAssumptions() if assumptions is None else assumptions
    parts = [
        _of_constraints(layers, given),
        _of_buildings(layers, given),
        _of_streets(layers, given),
    ]
    whole = pd.concat(parts, ignore_index=True)
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=layers.area.crs)


def _of_constraints(layers: LayerSet, given: CandidateAssumptions) -> gpd.GeoDataFrame:
    rows = layers.constraints[layers.constraints["kind"].astype("str").isin(_CLASS_OF_CONSTRAINT)]
    kind = rows["kind"].astype("str")
    width = _by(kind.map(_WIDTH_OF_CONSTRAINT), given.half_width_m, missing=0.0)
    line = rows.geometry.geom_type.str.contains("Line")
    return _frame(
        rows,
        protected=kind.map(_CLASS_OF_CONSTRAINT),
        layer="constraints",
        use=kind,
        offset=np.where(line, width, 0.0),
    )


def _of_buildings(layers: LayerSet, given: CandidateAssumptions) -> gpd.GeoDataFrame:
    use = layers.buildings["use"].astype("str")
    rows = layers.buildings[use.isin(_IMPORTANT_USES) | use.isin(_FLOOR_GROUP)]
    use = rows["use"].astype("str")
    storeys = pd.to_numeric(rows["storeys"], errors="coerce").astype("float64")
    storeys = storeys.fillna((rows["height_m"] / given.storey_m).round().clip(lower=1.0))
    floor = rows["footprint_m2"] * storeys
    group = use.map(_FLOOR_GROUP)
    protected = np.select(
        [
            use.isin(_IMPORTANT_USES)
            | ((group == "shop") & (floor > given.important_shop_floor_m2)),
            floor > _by(group, given.class_1_floor_m2, missing=np.inf),
            floor > _by(group, given.class_2_floor_m2, missing=np.inf),
        ],
        ["important_public", "class_1", "class_2"],
        default="class_3",
    )
    return _frame(rows, protected=protected, layer="buildings", use=use, offset=0.0)


def _of_streets(layers: LayerSet, given: CandidateAssumptions) -> gpd.GeoDataFrame:
    kind = layers.streets["street_class"].astype("str")
    rows = layers.streets[kind.isin(_CLASS_OF_STREET) & ~layers.streets["tunnel"]]
    kind = rows["street_class"].astype("str")
    return _frame(
        rows,
        protected=kind.map(_CLASS_OF_STREET),
        layer="streets",
        use=kind,
        offset=_by(kind, given.half_width_m, missing=0.0),
    )


def _by(words: pd.Series, values: Mapping[str, float], *, missing: float) -> pd.Series:
    return words.map(dict(values)).astype("float64").fillna(missing)


def _frame(
    rows: gpd.GeoDataFrame,
    *,
    protected: pd.Series | npt.NDArray[np.str_],
    layer: str,
    use: pd.Series,
    offset: pd.Series | npt.NDArray[np.float64] | float,
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "protected": np.asarray(protected, dtype=object),
            "object_id": rows.index.astype("str").to_numpy(),
            "layer": layer,
            "use": use.to_numpy(),
            "name": rows["name"].to_numpy(),
            "offset_m": np.broadcast_to(np.asarray(offset, dtype=np.float64), len(rows)),
        },
        geometry=rows.geometry.to_numpy(),
        crs=rows.crs,
    )
