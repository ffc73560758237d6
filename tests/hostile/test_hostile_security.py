"""Files that point elsewhere or bring code, whole case files through the command, and what is never told."""

import http.server
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import rasterio
from hostile_inputs import (
    cover_codes,
    epw_text,
    feature,
    geojson,
    roofs,
    square,
    stations_csv,
    write_hgt,
    write_tif,
    write_vectors,
)
from hostile_reader import ROOT, HostileReader, assert_ended_well, assert_sentence


class Tripwire:
    """A server on this machine that nobody should call."""

    def __init__(self) -> None:
        calls = self.calls = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                calls.append(self.path)
                self.send_error(404)

            do_HEAD = do_POST = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def wire() -> Iterator[Tripwire]:
    made = Tripwire()
    yield made
    made.server.shutdown()
    made.server.server_close()
    assert made.calls == [], "a file made the reader call another machine"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_tripwire_rings(tmp_path: Path) -> None:
    from urllib.request import urlopen

    made = Tripwire()
    with pytest.raises(OSError, match="404"):
        urlopen(made.address + "/x")  # noqa: S310 - the tripwire itself
    made.server.shutdown()
    made.server.server_close()
    assert made.calls == ["/x"]


@pytest.mark.parametrize("key", ["crs", "CRS", "\\u0063rs", "c\\u0052s"])
@pytest.mark.parametrize("kind", ["link", "url", "LINK", "OGC", 7, None])
def test_a_crs_behind_an_address_is_never_fetched(
    key: str, kind: object, wire: Tripwire, reader: HostileReader, tmp_path: Path
) -> None:
    to = f"{wire.address}/crs"
    crs = {"type": kind, "properties": {"href": to, "url": to, "urn": to}}
    text = (
        geojson([feature(square(), crs="EPSG:4326")])[:-1] + f', "{key}": {json.dumps(crs)}' + "}"
    )
    answer = reader.ask("vectors", path=write(tmp_path / "a.geojson", text))
    assert_sentence(answer, "a.geojson", "CRS by something else than a name")
    commented = text.replace(f'"{key}":', f'"{key}" /* x */ :')
    assert_sentence(
        reader.ask("vectors", path=write(tmp_path / "a.geojson", commented)), "a.geojson"
    )


def test_a_crs_by_name_is_read(reader: HostileReader, tmp_path: Path) -> None:
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    path = write(tmp_path / "a.geojson", geojson([feature(square())], crs=named))
    assert reader.ask("vectors", path=path).rows == 1


@pytest.mark.parametrize("target", ["local", "remote"])
@pytest.mark.parametrize(
    "start",
    [
        "fgb\x03fgb\x01",
        "fgb\x03fgb\x00",
        '<?xml version="1.0"?><osm version="0.6"/>',
        "<osm/><!--",
        "",
        "{}",
    ],
)
@pytest.mark.parametrize("suffix", ["fgb", "osm", "geojson", "gpkg", "shp", "parquet"])
def test_a_file_that_only_names_others_is_refused(
    suffix: str, start: str, target: str, wire: Tripwire, reader: HostileReader, tmp_path: Path
) -> None:
    other = write_vectors(tmp_path, "gpkg")
    source = other if target == "local" else f"/vsicurl/{wire.address}/x.gpkg"
    pointer = (
        f'<OGRVRTDataSource><OGRVRTLayer name="points"><SrcDataSource>{source}</SrcDataSource>'
        "<SrcLayer>roofs</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
    )
    path = write(tmp_path / f"pointer.{suffix}", start + pointer)
    assert_sentence(reader.ask("vectors", path=path), path.name)


@pytest.mark.parametrize(
    "body",
    [
        '<osm xmlns:gml="http://www.opengis.net/gml" xsi:schemaLocation="x {to}/a.xsd"/>',
        "<!-- <OGRWFSDataSource><URL>{to}/wfs</URL></OGRWFSDataSource> --><osm/>",
        '<!DOCTYPE osm SYSTEM "{to}/a.dtd"><osm/>',
        '<!DOCTYPE osm [<!ENTITY e SYSTEM "{to}/e">]><osm><node id="1" lat="1" lon="1" user="&e;"/></osm>',
    ],
)
def test_xml_fetches_nothing(
    body: str, wire: Tripwire, reader: HostileReader, tmp_path: Path
) -> None:
    path = write(tmp_path / "x.osm", body.format(to=wire.address))
    assert_sentence(reader.ask("vectors", path=path, geometry="Point"), "x.osm")


VIEWS = {
    "a column": "SELECT fid, geom FROM roofs",
    "a network call": "SELECT fid, geom, ogr_geocode('x') AS x FROM roofs",
    "another raster": "SELECT fid, geom, gdal_get_pixel_value('{to}', 1, 'georef', 1, 1) AS x FROM roofs",
    "a library": "SELECT fid, geom, load_extension('/tmp/x.so') AS x FROM roofs",
    "no end": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, "
    "(SELECT geom FROM roofs LIMIT 1) AS geom FROM n",
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_geopackage_computes_nothing(
    view: str, wire: Tripwire, reader: HostileReader, tmp_path: Path
) -> None:
    path = write_vectors(tmp_path, "gpkg")
    to = f"/vsicurl/{wire.address}/x.tif"
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE VIEW v AS {VIEWS[view].format(to=to)}")
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)"
            " VALUES ('v', 'features', 'v', 4548)"
        )
        database.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POLYGON', 4548, 0, 0)"
        )
    database.close()
    assert_sentence(reader.ask("vectors", path=path, layer="v"), path.name)
    if view in {"a column", "no end"}:
        assert reader.ask("vectors", path=path, layer="roofs").rows == 40


@pytest.mark.parametrize("beside", [".ovr", ".msk", ".aux.xml", "inside"])
@pytest.mark.parametrize("kind", ["terrain", "landcover", "hgt"])
def test_what_lies_beside_a_raster_is_not_followed(
    kind: str, beside: str, wire: Tripwire, reader: HostileReader, tmp_path: Path
) -> None:
    far = f"/vsicurl/{wire.address}/o.tif"
    if kind == "hgt":
        path = write_hgt(tmp_path, packed=False)
    else:
        path = write_tif(tmp_path / "g.tif", cover_codes() if kind == "landcover" else None)
    if beside == ".aux.xml":
        # An own place for the raster, too: half a world away.
        text = (
            f"<PAMDataset><SRS>EPSG:32633</SRS><GeoTransform>0,1,0,0,0,-1</GeoTransform>"
            f'<Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">{far}</MDI></Metadata></PAMDataset>'
        )
        write(path.with_name(path.name + beside), text)
    elif beside == "inside" and kind != "hgt":
        with rasterio.open(path, "r+") as tile:
            tile.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=far)
    else:
        text = (
            '<VRTDataset rasterXSize="70" rasterYSize="70"><VRTRasterBand dataType="Byte" band="1">'
            f"<SimpleSource><SourceFilename>{far}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>"
            "</VRTRasterBand></VRTDataset>"
        )
        write(path.with_name(path.name + beside), text)
    given = {} if kind == "landcover" else {"cell_m": 200.0}
    answer = reader.ask("landcover" if kind == "landcover" else "terrain", path=path, **given)
    assert answer.outcome == "read", answer.text


@pytest.mark.parametrize("door", ["vectors", "terrain", "landcover", "area", "weather", "table"])
@pytest.mark.parametrize(
    "path",
    [
        "/vsicurl/http://127.0.0.1:9/a", "/vsizip/x.zip/../a", "/vsimem/a", "//vsis3/a/a", "\\vsicurl\\a",
        "http://127.0.0.1:9/a", "s3://a/a", "PG:dbname=x", "a\x00", "/dev/zero", "/proc/self/mem", "~nobody9/a",
        "x" * 10_000, "/tmp/" + "y" * 300, "/", "",
    ],
)  # fmt: skip
def test_only_regular_files_of_this_machine(path: str, door: str, reader: HostileReader) -> None:
    suffix = {"vectors": ".gpkg", "area": ".gpkg", "weather": ".epw", "table": ".csv"}.get(
        door, ".tif"
    )
    path = path if path.startswith(("/dev", "/proc")) or path in {"/", ""} else path + suffix
    given = {"weather": {"format": "epw"}, "table": {"layer_name": "stations"}}.get(door, {})
    assert_sentence(reader.ask("layer" if door == "table" else door, path=path, **given))


CASES = {
    "no table": "area = 5",
    "wrong types": '[area]\nadcode = 3.5\nname = 7\n[layers]\nbuildings = "x"\n',
    "a list": 'title = ["a"]\n[area]\nadcode = 370300\n[weather]\npath = ["w"]\nformat = "epw"\n',
    "NaN": "seed = nan\n[area]\nadcode = 370300\n",
    "infinite": '[area]\nadcode = 370300\n[weather]\npath = "w"\nformat = "monthly"\nlatitude_deg = inf\n',
    "dates": "seed = 2021-01-01\n[area]\nadcode = 370300\n",
    "a date that is none": "seed = 2021-13-41\n",
    "digits without end": f"seed = {'9' * 6000}\n",
    "deep": f"a = {'[' * 50_000}",
    "deep tables": f"[{'.'.join('a' * 3000)}]\n",
    "an unknown user": '[area]\nfile = "~nobody9/a.gpkg"\n',
    "a null": '[area]\nfile = "a\\u0000.gpkg"\n',
    "an address": '[area]\nfile = "https://127.0.0.1/a.gpkg"\n',
    "GDAL's path": '[area]\nfile = "/vsicurl/http://127.0.0.1:9/a.gpkg"\n',
    "an endless path": f'embedded = "sample"\n[area]\nadcode = 370300\n[terrain]\npath = "{"p" * 5000}"\n',
    "terminal": '"\\u001b[31m" = 1\n[area]\nadcode = 370300\n',
    "twice": "[area]\n[area]\n",
    "not TOML": '{"area": 1}',
    "a hostile key": '["<img src=x onerror=alert(1)>"]\nx = 1\n',
    "assumptions of wrong types": 'embedded = "sample"\n[area]\nadcode = 370300\n[assumptions.rooftop_pv]\n'
    "module_efficiency = 'high'\n",
    "assumptions as text": 'embedded = "sample"\nassumptions = "all"\n[area]\nadcode = 370300\n',
    "a where that is no condition": None,
    "a damaged layer": None,
    "a layer named wrongly": None,
    "a damaged year": None,
    "hostile names": None,
}


def _case_of_files(kind: str, folder: Path) -> str:
    """A whole case of small files with one thing wrong."""
    write_vectors(folder, "gpkg")
    bounds = square(118.03, 36.76, 0.08)
    write(folder / "area.geojson", geojson([feature(bounds, code="1", name="张店")]))
    year = epw_text()
    write(folder / "year.epw", year[:9000] if kind == "a damaged year" else year)
    write(folder / "stations.csv", stations_csv())
    more = {
        "a where that is no condition": 'where = "1=1; DROP TABLE roofs"',
        "a layer named wrongly": 'layer = "rooofs"',
    }.get(kind, "")
    if kind == "a damaged layer":
        whole = (folder / "roofs.gpkg").read_bytes()
        (folder / "roofs.gpkg").write_bytes(whole[: len(whole) // 2])
    if kind == "hostile names":
        frame = roofs()
        frame["name"] = "\x1b[31m<img src=x>[bold]=cmd()" + "x" * 9000
        frame["use"] = frame["name"]
        (folder / "roofs.gpkg").unlink()
        write_vectors(folder, "gpkg", frame)
    return (
        '[area]\nfile = "area.geojson"\nkey_column = "code"\nname_column = "name"\n'
        f'[layers.buildings]\npath = "roofs.gpkg"\n{more}\n'
        '[layers.stations]\npath = "stations.csv"\n'
        '[weather]\npath = "year.epw"\nformat = "epw"\n'
    )


@pytest.mark.parametrize("kind", CASES)
def test_check_ends_in_one_sentence_and_code_2(
    kind: str, reader: HostileReader, tmp_path: Path
) -> None:
    text = CASES[kind] or _case_of_files(kind, tmp_path)
    answer = reader.ask("check", path=write(tmp_path / "case.toml", text))
    assert answer.outcome == "read", f"{answer.kind}: {answer.text}"
    assert "Traceback" not in answer.text
    assert "\x1b" not in answer.text
    if kind == "hostile names":
        assert answer.rows == 0, answer.text
    else:
        assert answer.rows == 2, answer.text
        assert answer.text.startswith("zibo-geo: "), answer.text


def test_the_command_itself_says_one_sentence_and_no_secret(tmp_path: Path) -> None:
    text = _case_of_files("a damaged layer", tmp_path)
    secret = "s3cr3t-5f2c"  # noqa: S105 - a mark to be sought
    told = subprocess.run(
        [sys.executable, "-m", "zibo_geo.cli", "check", "-v", str(write(tmp_path / "case.toml", text))],
        env={**os.environ, "AWS_SECRET_ACCESS_KEY": secret, "ZIBO_TOKEN": secret, "GDAL_HTTP_USERPWD": secret},
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        check=False,
    )  # fmt: skip
    assert told.returncode == 2, told.stderr
    assert "zibo-geo: roofs.gpkg is cut off or damaged" in told.stderr
    assert "Traceback" not in told.stderr
    assert secret not in told.stdout + told.stderr


def test_the_environment_is_read_for_the_folder_of_kernels_only() -> None:
    """Secrets live in the environment, so nothing else may look there."""
    for package in ("layers", "rooftop_pv", "heat_network", "siting", "zibo_geo"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            looks = [word for word in ("os.environ", "os.getenv", "getenv(") if word in text]
            if looks:
                assert path.name in {"compilation.py", "executors.py", "folder.py"}, (
                    f"{path} reads {looks}"
                )


def test_an_ended_child_is_seen(reader: HostileReader) -> None:
    reader.renew()
    assert_ended_well(reader.ask("vectors", path="/none.gpkg"), "none.gpkg")
