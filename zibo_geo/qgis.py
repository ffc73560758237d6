"""QGIS opens the results coloured: styles inside the GeoPackage, and a project beside it.

Both are made from the GeoPackage itself, so that whatever layers a run wrote are dressed. Styles follow
the ``layer_styles`` table that QGIS reads from a GeoPackage; the project names the GeoPackage by a
relative path, so that the folder may be moved.
"""

__all__ = ["dress_geopackage", "write_project"]

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from zibo_geo.files import write_text
from zibo_geo.qgis_looks import LAYER_LOOKS, Look, default_look
from zibo_geo.qgis_style import Classes, Kind, renderer

_VERSION = "3.28.0-Firenze"
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_SAMPLED_ROWS = 50_000
_GEOMETRY_TYPES: dict[Kind, str] = {"Point": "Point", "Line": "LineString", "Polygon": "Polygon"}
_KINDS: dict[str, Kind] = {
    "POINT": "Point", "MULTIPOINT": "Point", "LINESTRING": "Line", "MULTILINESTRING": "Line",
    "POLYGON": "Polygon", "MULTIPOLYGON": "Polygon",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Layer:
    """One layer of a GeoPackage as its own tables describe it; one per kind of shape where it mixes them."""

    name: str
    column: str
    kind: Kind
    mixed: bool
    srs: int
    extent: tuple[float, float, float, float] | None
    look: Look
    classes: Classes | None


def dress_geopackage(path: Path) -> list[str]:
    """Write the style of every layer into the GeoPackage, all in one transaction.

    Parameters
    ----------
    path : Path
        An existing GeoPackage; styles that it holds already are replaced.

    Returns
    -------
    list of str
        Names of the layers that were styled.
    """
    with closing(sqlite3.connect(path)) as database, database:
        layers = _layers(database)
        database.execute("DROP TABLE IF EXISTS layer_styles")
        database.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,"
            " f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),"
            " f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,"
            " useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),"
            " update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
        )
        database.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
            " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner)"
            " VALUES ('', '', ?, ?, 'zibo-geo', ?, '', 1, ?, 'zibo-geo')",
            [
                (layer.name, layer.column, style_xml(layer), " ".join(layer.look.title))
                for layer in _one_each(layers)
            ],
        )
        database.execute("DELETE FROM gpkg_contents WHERE table_name = 'layer_styles'")
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles', '', 0)"
        )
    return [layer.name for layer in _one_each(layers)]


def _one_each(layers: list[_Layer]) -> list[_Layer]:
    """Return one layer per table: QGIS keeps one default style for each."""
    return list({layer.name: layer for layer in reversed(layers)}.values())[::-1]


def style_xml(layer: _Layer) -> str:
    """Return the QML document of a layer."""
    root = Element("qgis", {"version": _VERSION, "styleCategories": "Symbology"})
    root.append(renderer(layer.look, layer.kind, classes=layer.classes))
    return _DOCTYPE + tostring(root, encoding="unicode")


def write_project(geopackage: Path, path: Path, *, title: str) -> Path:
    """Write a QGIS project that shows the layers of a GeoPackage beside it.

    Parameters
    ----------
    geopackage : Path
        In the folder of the project; named relatively.
    path : Path
        Ends in ``.qgs``; replaced in one step.
    title : str
        Of the project.
    """
    with closing(sqlite3.connect(geopackage)) as database:
        layers = _layers(database)
        systems = _systems(database)
    root = Element("qgis", {"version": _VERSION, "projectname": _plain(title)})
    SubElement(root, "homePath", {"path": ""})
    SubElement(root, "title").text = _plain(title)
    first = next((layer for layer in layers if layer.extent is not None), None)
    if first is not None:
        SubElement(root, "projectCrs").append(_srs(first.srs, systems))
    tree = SubElement(root, "layer-tree-group")
    for layer in layers:
        SubElement(
            tree,
            "layer-tree-layer",
            {
                "id": _identity(layer),
                "name": _title(layer),
                "providerKey": "ogr",
                "source": _source(geopackage, layer),
                "checked": "Qt::Checked" if layer.look.shown else "Qt::Unchecked",
                "expanded": "0",
            },
        )
    if first is not None:
        _add_canvas(root, layers, systems)
    held = SubElement(root, "projectlayers")
    for layer in layers:
        held.append(_map_layer(geopackage, layer, systems))
    paths = SubElement(SubElement(root, "properties"), "Paths")
    SubElement(paths, "Absolute", {"type": "bool"}).text = "false"
    write_text(_DOCTYPE + tostring(root, encoding="unicode") + "\n", path)
    return path


def _map_layer(geopackage: Path, layer: _Layer, systems: dict[int, tuple[str, str]]) -> Element:
    made = Element(
        "maplayer",
        {"type": "vector", "geometry": layer.kind, "hasScaleBasedVisibilityFlag": "0"},
    )
    if layer.look.nearest_only is not None:
        made.set("hasScaleBasedVisibilityFlag", "1")
        made.set("minScale", str(layer.look.nearest_only))
        made.set("maxScale", "0")
    SubElement(made, "id").text = _identity(layer)
    SubElement(made, "datasource").text = _source(geopackage, layer)
    SubElement(made, "layername").text = _title(layer)
    SubElement(made, "srs").append(_srs(layer.srs, systems))
    SubElement(made, "provider", {"encoding": "UTF-8"}).text = "ogr"
    made.append(renderer(layer.look, layer.kind, classes=layer.classes))
    return made


def _add_canvas(root: Element, layers: list[_Layer], systems: dict[int, tuple[str, str]]) -> None:
    """Open the project on all layers of its first layer's system."""
    srs = next(layer.srs for layer in layers if layer.extent is not None)
    boxes = np.array([layer.extent for layer in layers if layer.extent and layer.srs == srs])
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    canvas = SubElement(root, "mapcanvas", {"name": "theMapCanvas"})
    SubElement(canvas, "units").text = "meters"
    extent = SubElement(canvas, "extent")
    for name, value in (("xmin", west), ("ymin", south), ("xmax", east), ("ymax", north)):
        SubElement(extent, name).text = f"{value:.3f}"
    SubElement(canvas, "destinationsrs").append(_srs(srs, systems))


def _source(geopackage: Path, layer: _Layer) -> str:
    only = f"|geometrytype={_GEOMETRY_TYPES[layer.kind]}" if layer.mixed else ""
    return f"./{geopackage.name}|layername={layer.name}{only}"


def _identity(layer: _Layer) -> str:
    return f"{layer.name}_{layer.kind}" if layer.mixed else layer.name


def _title(layer: _Layer) -> str:
    name = " ".join(dict.fromkeys(layer.look.title))
    return f"{name} ({layer.kind.lower()})" if layer.mixed else name


def _srs(number: int, systems: dict[int, tuple[str, str]]) -> Element:
    made = Element("spatialrefsys", {"nativeFormat": "Wkt"})
    wkt, name = systems.get(number, ("", ""))
    SubElement(made, "wkt").text = wkt
    SubElement(made, "authid").text = name
    return made


def _layers(database: sqlite3.Connection) -> list[_Layer]:
    """Return the layers of a GeoPackage, those with a declared look first and in its order."""
    rows = database.execute(
        "SELECT c.table_name, g.column_name, g.geometry_type_name, g.srs_id, c.min_x, c.min_y, c.max_x,"
        " c.max_y FROM gpkg_contents AS c JOIN gpkg_geometry_columns AS g USING (table_name)"
    ).fetchall()
    order = {name: place for place, name in enumerate(LAYER_LOOKS)}
    made = []
    for name, column, geometry, srs, *box in sorted(
        rows, key=lambda row: (order.get(row[0], len(order)), row[0])
    ):
        look = LAYER_LOOKS.get(name, default_look(name))
        known = _KINDS.get(geometry.upper())
        kinds = (known,) if known is not None else _kinds(database, name, column)
        classes = _classes(database, name, look)
        made += [
            _Layer(
                name=name,
                column=column,
                kind=kind,
                mixed=known is None,
                srs=int(srs),
                extent=None if None in box else (box[0], box[1], box[2], box[3]),
                look=look,
                classes=classes,
            )
            for kind in kinds
        ]
    return made


def _kinds(database: sqlite3.Connection, layer: str, column: str) -> tuple[Kind, ...]:
    """Return the kinds of shapes in a layer that may hold any, the commonest first."""
    import shapely

    names = _quoted(column), _quoted(layer)
    rows = database.execute(
        f"SELECT {names[0]} FROM {names[1]} WHERE {names[0]} IS NOT NULL LIMIT {_SAMPLED_ROWS}"  # noqa: S608
    ).fetchall()
    # A GeoPackage geometry is a header, whose flags tell the length of its envelope, and then WKB.
    envelopes = (0, 32, 48, 48, 64)
    shapes = shapely.from_wkb([row[0][8 + envelopes[(row[0][3] >> 1) & 7] :] for row in rows])
    found = np.bincount(
        np.asarray(shapely.get_dimensions(shapes), dtype=int).clip(min=0), minlength=3
    )
    kinds: tuple[Kind, ...] = ("Point", "Line", "Polygon")
    return tuple(kinds[place] for place in np.argsort(-found, kind="stable") if found[place])


def _classes(database: sqlite3.Connection, layer: str, look: Look) -> Classes | None:
    """Return classes with equally many rows each, from an even sample of a large layer."""
    if not look.ramp or look.column is None:
        return None
    columns = {
        row[0] for row in database.execute("SELECT name FROM pragma_table_info(?)", (layer,))
    }
    if look.column not in columns:
        return None
    names = _quoted(look.column), _quoted(layer)
    (rows,) = database.execute(f"SELECT COUNT(*) FROM {names[1]}").fetchone()  # noqa: S608 - quoted
    step = max(rows // _SAMPLED_ROWS, 1)
    values = database.execute(
        f"SELECT {names[0]} FROM {names[1]} WHERE {names[0]} IS NOT NULL AND rowid % ? = 0",  # noqa: S608
        (step,),
    ).fetchall()
    if not values:
        return None
    numbers = np.array(values, dtype=float)[:, 0]
    bounds = np.unique(np.quantile(numbers, np.linspace(0.0, 1.0, len(look.ramp) + 1)))
    if len(bounds) < 2:
        bounds = np.array([bounds[0], bounds[0] + 1.0])
    return Classes(tuple(float(bound) for bound in bounds))


def _systems(database: sqlite3.Connection) -> dict[int, tuple[str, str]]:
    """Return WKT and authority code by the number of a reference system."""
    rows = database.execute(
        "SELECT srs_id, definition, organization, organization_coordsys_id FROM gpkg_spatial_ref_sys"
    ).fetchall()
    return {
        int(number): (wkt, f"{who.upper()}:{code}" if who and who.upper() == "EPSG" else "")
        for number, wkt, who, code in rows
    }


def _quoted(name: str) -> str:
    """Return an SQL identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())
