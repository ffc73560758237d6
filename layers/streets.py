"""Streets: segments between junctions with class, direction, speed and length, from OSM or any line file."""

__all__ = ["read_streets"]

import tempfile
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.account import Ledger, Reading
from layers.area import StudyArea
from layers.errors import DatumError
from layers.features import note_rows, refuse_empty
from layers.fields import Fields
from layers.heights import values_by_class
from layers.numerals import speeds_kmh
from layers.presets import preset_of
from layers.street_assumptions import StreetAssumptions
from layers.street_lines import directed, end_nodes
from layers.street_ways import write_ways
from layers.tables import STREETS
from layers.vector_files import checked_path
from layers.vectors import LayerSource, read_vectors

_FOOTWAY = "footway"
_SPLITTING_TAGS = ("highway", "bridge", "tunnel", "maxspeed", "oneway")
_KEPT_TAGS = ("highway", "maxspeed", "bridge", "tunnel", "name")
_NO = ("no", "false", "0", "0.0", "n", "f", "否", "无", "none")
_LEAST_KMH, _MOST_KMH = 1.0, 200.0


def read_streets(
    source: LayerSource,
    area: StudyArea,
    *,
    assumptions: StreetAssumptions | None = None,
    footways: bool = False,
    preset_file: Path | None = None,
) -> Reading:
    """Read streets.

    Parameters
    ----------
    source : LayerSource
        An OSM file, or any line file with a preset or a column map; ``classes`` maps street classes.
    area : StudyArea
        Streets that do not touch its bounds are dropped.
    assumptions : StreetAssumptions, optional
        Speed by class where the source has none.
    footways : bool
        Also keep footways, paths and ways closed to motor vehicles.
    preset_file : Path, optional
        A user's presets.

    Returns
    -------
    Reading
        ``frame`` valid by the ``streets`` table: one row per physical segment; a street that may be
        driven both ways is one row with ``oneway`` false. OSM segments run between junctions and
        changes of class, bridge, tunnel or speed; their nodes keep the numbers of OSM. Lines of other
        files stay as they are, and ends that share a centimetre share a node.

    Raises
    ------
    LayerError
        The file cannot be used, or no street is left.
    DatumError
        An OSM file with a datum other than WGS 84.
    """
    assumptions = assumptions or StreetAssumptions()
    preset = preset_of(source, "streets", preset_file)
    fields = Fields.of(source, preset, table=STREETS, classed="street_class")
    if source.is_osm:
        raw, ledger = _read_osm(source, area, fields, footways=footways)
    else:
        raw, ledger = read_vectors(
            source, name="streets", geometry="LineString", area=area, crs=area.crs
        )
        fields.check(raw, expected=("street_class",))
        raw = _without_points(raw, ledger)
    classes, unmapped = fields.words(raw, "street_class")
    fields.note_unmapped(ledger, unmapped, what="a word for the street class")
    lacking = classes.isna()
    note_rows(
        ledger,
        "defaulted",
        f"street class not known, taken as {assumptions.default_class}",
        rows=lacking,
        index=raw.index,
    )
    classes = classes.where(~lacking, assumptions.default_class)
    if not footways:
        walked = classes == _FOOTWAY
        ledger.add("dropped", "footway or path", int(walked.sum()))
        raw, classes = raw[~walked], classes[~walked]
    refuse_empty(raw, name="streets", file=fields.file, area=area)
    fields.note_licence(ledger, len(raw))
    frame = _finished(
        raw, classes, fields, from_graph=source.is_osm, assumptions=assumptions, ledger=ledger
    )
    return Reading(frame, ledger.frame())


def _finished(
    raw: gpd.GeoDataFrame,
    classes: pd.Series,
    fields: Fields,
    *,
    from_graph: bool,
    assumptions: StreetAssumptions,
    ledger: Ledger,
) -> gpd.GeoDataFrame:
    if from_graph:
        lines, oneway = raw.geometry.to_numpy(), raw["is_oneway"].to_numpy(dtype=bool)
        u, v = raw["u"].to_numpy(), raw["v"].to_numpy()
    else:
        lines, oneway = directed(raw, fields, ledger)
        u, v = end_nodes(lines)
    frame = gpd.GeoDataFrame(
        {
            "u": u,
            "v": v,
            "street_class": classes,
            "oneway": oneway,
            "speed_kmh": _speeds(raw, classes, fields, assumptions=assumptions, ledger=ledger),
            "length_m": shapely.length(lines),
            "bridge": _flag(raw, fields, "bridge"),
            "tunnel": _flag(raw, fields, "tunnel"),
            "name": fields.text(raw, "name"),
            "source": fields.source_of_rows(raw),
        },
        index=pd.Index(raw.index.astype("str"), name=STREETS.key),
        geometry=lines,
        crs=raw.crs,
    )
    ledger.add("kept", "street segments", len(frame))
    valid: gpd.GeoDataFrame = STREETS.validate(frame, where=f"Streets of {fields.file}")
    return valid


def _speeds(
    raw: gpd.GeoDataFrame,
    classes: pd.Series,
    fields: Fields,
    *,
    assumptions: StreetAssumptions,
    ledger: Ledger,
) -> npt.NDArray[np.float64]:
    stated = fields.numbers(raw, "speed_kmh", speeds_kmh)
    possible = (stated.found >= _LEAST_KMH) & (stated.found <= _MOST_KMH)
    impossible = ~np.isnan(stated.found) & ~possible
    unread = stated.unread | impossible
    note_rows(
        ledger,
        "defaulted",
        "speed is not understood or not between 1 and 200 km/h",
        rows=unread,
        index=raw.index,
    )
    ledger.add("defaulted", "speed taken from the street class", int((~possible).sum()))
    return np.where(possible, stated.found, values_by_class(assumptions.speed_kmh, classes))


def _flag(raw: gpd.GeoDataFrame, fields: Fields, ours: str) -> npt.NDArray[np.bool_]:
    words = fields.text(raw, ours)
    said = words.notna() & ~words.str.strip().str.casefold().isin(_NO)
    return np.asarray(said, dtype=bool)


def _without_points(raw: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
    without_length = shapely.length(raw.geometry.to_numpy()) == 0.0
    note_rows(ledger, "dropped", "line without length", rows=without_length, index=raw.index)
    return raw[~without_length]


def _read_osm(
    source: LayerSource, area: StudyArea, fields: Fields, *, footways: bool
) -> tuple[gpd.GeoDataFrame, Ledger]:
    path = checked_path(source)
    ledger = Ledger("streets", path.name)
    if source.datum != "wgs84":
        raise DatumError(
            f"{path.name} is OpenStreetMap, which is in WGS 84, but its datum is given as "
            f"{source.datum}; leave the datum out."
        )
    highways = {
        word.removeprefix("highway=")
        for word, ours in fields.classes["street_class"].items()
        if footways or ours != _FOOTWAY
    }
    import osmnx as ox  # takes a second, and only OpenStreetMap files need it

    with tempfile.TemporaryDirectory(prefix="streets_") as folder:
        small = Path(folder) / "streets.osm"
        counts = write_ways(
            path, small, highways=highways, bounds_wgs84=area.bounds_wgs84, on_foot=footways
        )
        graph = (
            ox.graph_from_xml(small, simplify=False, retain_all=True) if counts["kept"] else None
        )
    ledger.add("read", "ways with the tag highway", counts["read"])
    ledger.add("dropped", "way of a class that is not asked for", counts["class"])
    ledger.add("dropped", "way closed to motor vehicles", counts["closed"])
    ledger.add("dropped", "way without node positions", counts["no positions"])
    ledger.add("dropped", "way outside the bounds of the area", counts["outside"])
    ledger.add("repaired", "way shortened to the nodes in the file", counts["shortened"])
    if graph is None or graph.number_of_edges() == 0:
        empty = pd.DataFrame({name: [] for name in ("u", "v", "is_oneway", *_KEPT_TAGS)})
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=area.crs)), ledger
    segments = _segments(graph)
    # Metres count from here on: a street is clipped by the bounds of the metric area, not of degrees.
    frame = gpd.GeoDataFrame(segments, geometry="geometry", crs="EPSG:4326").to_crs(area.crs)
    near = shapely.intersects(frame.geometry.to_numpy(), shapely.box(*area.bounds_m))
    ledger.add("dropped", "segment outside the bounds of the area", int((~near).sum()))
    return frame[near], ledger


def _segments(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Return one row per physical segment: the two directions of a street are one."""
    import osmnx as ox

    # Tags split segments too, so that a bridge, a class or a speed belongs to one whole segment.
    graph = ox.simplify_graph(graph, edge_attrs_differ=_SPLITTING_TAGS, remove_rings=False)
    edges = pd.DataFrame(
        ox.graph_to_gdfs(graph, nodes=False, fill_edge_geometry=True).reset_index()
    )
    edges = edges.reindex(columns=list(dict.fromkeys([*edges.columns, *_KEPT_TAGS, "reversed"])))
    lines = edges["geometry"].to_numpy()
    forth, back = shapely.to_wkb(lines), shapely.to_wkb(shapely.reverse(lines))
    edges["shape"] = [min(pair) for pair in zip(forth, back, strict=True)]
    edges["turned"] = [line != shape for line, shape in zip(forth, edges["shape"], strict=True)]
    edges["low"] = edges[["u", "v"]].min(axis=1)
    same = ["low", "shape"]
    # The direction in which the way was drawn comes first and is the one that is kept.
    edges["against"] = [_said(value) for value in edges["reversed"]]
    edges = edges.sort_values(["against", "u", "v", "key"], kind="stable")
    # Both directions are in the graph where both may be driven, whatever the tag says.
    edges["is_oneway"] = edges.groupby(same)["turned"].transform("nunique") == 1
    kept = edges[~edges.duplicated(same)].sort_values(["u", "v", "key"], kind="stable")
    for tag in _KEPT_TAGS:
        kept[tag] = [_joined(value) for value in kept[tag]]
    number = kept.groupby(["u", "v"]).cumcount().astype("str")
    keys = kept["u"].astype("str") + "-" + kept["v"].astype("str") + "-" + number
    return kept.set_axis(pd.Index(keys, dtype="str"), axis="index")[
        ["u", "v", "is_oneway", *_KEPT_TAGS, "geometry"]
    ]


def _said(value: object) -> bool:
    return any(map(bool, value)) if isinstance(value, list) else value is True


def _joined(value: object) -> str | None:
    if isinstance(value, list):
        return ";".join(sorted({str(item) for item in value}))
    return value if isinstance(value, str) else None
