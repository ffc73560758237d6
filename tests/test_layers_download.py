"""Downloads from a local server that speaks Overpass and PVGIS, and that also refuses, stalls and lies."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import numpy as np
import osmnx as ox
import pandas as pd
import pytest
import shapely

from layers.area import StudyArea
from layers.buildings import read_buildings
from layers.constraints import read_constraints
from layers.download import download_osm_layers, download_weather
from layers.errors import DownloadError
from layers.stations import read_stations
from layers.streets import read_streets
from layers.vectors import LayerSource
from layers.weather import read_weather, sun_at

WEST, SOUTH = 118.05, 36.80
STATUS = "Connected as: 1\nCurrent time: now\nAnnounced endpoint: none\nRate limit: 2\n2 slots available now.\n"


def node(number: int, x: int, y: int, **tags: str) -> dict[str, Any]:
    """A node x and y hundred-thousandths of a degree from the corner: about a metre each."""
    body = {
        "type": "node",
        "id": number,
        "lon": round(WEST + x * 1e-5, 7),
        "lat": round(SOUTH + y * 1e-5, 7),
    }
    return {**body, "tags": tags} if tags else body


def way(number: int, nodes: list[int], **tags: str) -> dict[str, Any]:
    return {"type": "way", "id": number, "nodes": nodes, "tags": tags}


BUILDINGS = [
    *(node(n, x, y) for n, x, y in [(1, 500, 500), (2, 530, 500), (3, 530, 520), (4, 500, 520)]),
    *(node(n, x, y) for n, x, y in [(5, 600, 500), (6, 640, 500), (7, 640, 540), (8, 600, 540)]),
    way(100, [1, 2, 3, 4, 1], **{"building": "school", "building:levels": "3", "name": "第一小学 <script>",
                                 "Name": "twice", "fid": "7", "fixme": "x", "FIXME": "y"}),
    way(101, [5, 6, 7, 8, 5], building="yes", height="12 m"),
    node(9, 700, 700, building="yes"),
]  # fmt: skip
STREETS = [
    *(
        node(n, x, y)
        for n, x, y in [
            (20, 100, 300),
            (21, 500, 300),
            (22, 900, 300),
            (23, 500, 900),
            (24, 500, 600),
        ]
    ),
    way(200, [20, 21, 22], highway="secondary", name="人民路", maxspeed="60"),
    way(201, [23, 24, 21], highway="residential", oneway="yes"),
]
STATIONS = [
    node(30, 400, 400, amenity="fuel", name="加油站"),
    node(31, 420, 420, amenity="charging_station", capacity="8"),
]
CONSTRAINTS = [
    node(40, 800, 800, amenity="school", name="中学"),
    *(node(n, x, y) for n, x, y in [(41, 0, 950), (42, 1000, 950)]),
    way(400, [41, 42], railway="rail"),
]


def answer_to(query: str) -> list[dict[str, Any]]:
    if '["highway"]' in query:
        return STREETS
    if "'railway'" in query:
        return CONSTRAINTS
    return STATIONS if "'fuel'" in query else BUILDINGS


def pvgis_year() -> bytes:
    utc = pd.date_range("2023-01-01", periods=8760, freq="h", tz="UTC")
    sun = sun_at(utc + pd.Timedelta(minutes=30), latitude_deg=36.805, longitude_deg=118.055)
    ghi = 0.7 * sun.extra_w_m2 * np.maximum(sun.cosine, 0.0)
    dni = np.where(sun.cosine > 0.0, 0.56 * sun.extra_w_m2, 0.0)
    hourly = [
        {"time(UTC)": f"{at:%Y%m%d:%H%M}", "T2m": 10.0, "RH": 50.0, "G(h)": g, "Gb(n)": n, "Gd(h)": 0.2 * g,
         "IR(h)": 300.0, "WS10m": 2.0, "WD10m": 0.0, "SP": 1e5}
        for at, g, n in zip(utc, ghi.round(2).tolist(), dni.round(2).tolist(), strict=True)
    ]  # fmt: skip
    place = {
        "latitude": 36.805,
        "longitude": 118.055,
        "elevation": 50.0,
        "irradiance_time_offset": 0.5,
    }
    document = {"inputs": {"location": place, "meteo_data": {"radiation_db": "PVGIS-ERA5"}}, "meta": {"inputs": {}},
                "outputs": {"months_selected": [], "tmy_hourly": hourly}}  # fmt: skip
    return json.dumps(document).encode()


class Service(BaseHTTPRequestHandler):
    """One handler for Overpass and PVGIS; `mode` says how it behaves."""

    mode: ClassVar[str] = "well"
    status: ClassVar[str] = STATUS
    seen: ClassVar[list[str]] = []
    year: ClassVar[bytes] = b""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def say(self, body: bytes, *, code: int = 200, length: int | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.endswith("/status"):
            self.say(self.status.encode(), code=404 if self.status == "" else 200)
            return
        self.seen.append(parts.query)
        self.behave(self.year)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = parse_qs(sent)["data"][0]
        self.seen.append(query)
        self.behave(json.dumps({"version": 0.6, "elements": answer_to(query)}).encode())

    def behave(self, body: bytes) -> None:
        bodies = {
            "well": body,
            "cut": body[: len(body) // 2],
            "empty": b'{"elements": []}',
            "html": b"<html><body>Please log in</body></html>",
            "list": b"[1, 2]",
            "odd": b'{"elements": [{"type": "way", "id": 5}, {"type": "node"}]}',
            "remark": b'{"elements": [], "remark": "runtime error: Query timed out\\nin line 1"}',
            "huge": b" " * 3_000_000,
        }
        if self.mode in bodies:
            self.say(bodies[self.mode])
        elif self.mode == "broken":
            self.say(body[: len(body) // 2], length=len(body))
        elif self.mode == "no place":
            self.say(
                b'{"message": "Location over the sea. Please, select another location"}', code=400
            )
        elif self.mode == "stall":
            time.sleep(3.0)
        elif self.mode == "drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(60):
                self.wfile.write(b" ")
                time.sleep(0.05)
        elif self.mode == "moved":
            self.send_response(307)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", "3000000")
            self.end_headers()
            self.wfile.write(b" " * 3_000_000)
        else:
            self.say(b"<html>Too Many Requests</html>", code=int(self.mode))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    Service.year = pvgis_year()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def well(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Service, "mode", "well")
    monkeypatch.setattr(Service, "status", STATUS)
    monkeypatch.setattr(Service, "seen", [])


@pytest.fixture(scope="module")
def area(tmp_path_factory: pytest.TempPathFactory) -> StudyArea:
    path = tmp_path_factory.mktemp("area") / "box.geojson"
    box = gpd.GeoDataFrame(
        {"geometry": [shapely.box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.01)]}, crs="EPSG:4326"
    )
    box.to_file(path, driver="GeoJSON")
    return StudyArea.from_file(path, name="测试区", time_zone="Asia/Shanghai")


def test_downloaded_layers_are_what_the_readers_take(
    address: str, area: StudyArea, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "osm"
    files = download_osm_layers(area, folder, overpass_url=address)
    assert sorted(path.name for path in folder.iterdir()) == [
        "buildings.gpkg", "constraints.gpkg", "provenance.json", "stations.gpkg", "streets.gpkg",
    ]  # fmt: skip
    buildings = read_buildings(
        LayerSource(path=files["buildings"], preset="osm", key="osm_id"), area
    ).frame
    assert buildings.index.tolist() == ["way/100", "way/101"]
    assert buildings["use"].tolist() == ["school", "other"]
    assert buildings.loc["way/100", "name"] == "第一小学 <script>"
    assert buildings["height_source"].tolist() == ["storeys", "own"]
    # 30 by 20 hundred-thousandths of a degree at 36.8 N.
    assert buildings.loc["way/100", "footprint_m2"] == pytest.approx(
        30 * 0.892 * 20 * 1.11, rel=0.01
    )
    streets = read_streets(
        LayerSource(path=files["streets"], preset="osm", key="osm_id"), area
    ).frame
    assert sorted(streets["street_class"]) == ["residential", "secondary", "secondary"]
    assert streets.loc[streets["street_class"] == "residential", "oneway"].tolist() == [True]
    assert streets.loc[streets["street_class"] == "secondary", "speed_kmh"].tolist() == [60.0, 60.0]
    lane = streets[streets["street_class"] == "residential"].geometry.iloc[0]
    assert lane.coords[0][1] > lane.coords[-1][1]  # drawn and driven from north to south
    assert streets["length_m"].sum() == pytest.approx(800 * 0.892 + 600 * 1.11, rel=0.01)
    assert len(set(streets["u"]) | set(streets["v"])) == 4  # the three meet in one junction
    stations = read_stations(
        LayerSource(path=files["stations"], preset="osm", key="osm_id"), area
    ).frame
    assert stations["kind"].tolist() == ["fuel", "charging"]
    constraints = read_constraints(LayerSource(path=files["constraints"], preset="osm"), area).frame
    assert sorted(constraints["kind"]) == ["railway", "school"]


def test_the_provenance_of_what_was_asked_and_got(
    address: str, area: StudyArea, tmp_path: Path
) -> None:
    files = download_osm_layers(area, tmp_path, layers=["stations"], overpass_url=address + "/")
    download_weather(area, tmp_path, url=address)
    record = json.loads((tmp_path / "provenance.json").read_text(encoding="utf-8"))["files"]
    assert sorted(record) == ["pvgis_tmy.json", "stations.gpkg"]
    entry = record["stations.gpkg"]
    assert entry["sha256"] == sha256(files["stations"].read_bytes()).hexdigest()
    assert entry["service"] == address
    assert entry["licence"] == "ODbL 1.0"
    assert "OpenStreetMap contributors" in entry["attribution"]
    assert entry["query"]["tags"] == {"amenity": ["fuel", "charging_station"]}
    assert (entry["rows"], entry["query"]["requests"]) == (2, 1)
    assert pd.Timestamp(entry["downloaded"]) > pd.Timestamp("2024-01-01", tz="UTC")
    assert record["pvgis_tmy.json"]["rows"] == 8760
    assert str(tmp_path) not in json.dumps(record)


def test_the_settings_and_the_resolver_are_as_before(
    address: str, area: StudyArea, tmp_path: Path
) -> None:
    before = {name: getattr(ox.settings, name) for name in dir(ox.settings) if name[0] != "_"}
    resolver = socket.getaddrinfo
    download_osm_layers(area, tmp_path, layers=["stations"], overpass_url=address)
    Service.mode = "html"
    with pytest.raises(DownloadError):
        download_osm_layers(area, tmp_path, layers=["stations"], overpass_url=address)
    assert {name: getattr(ox.settings, name) for name in before} == before
    assert socket.getaddrinfo is resolver
    assert not (Path.cwd() / "cache").exists()


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [("cut", "not a whole Overpass answer"), ("broken", "broke off after"), ("html", "not a whole Overpass answer"),
     ("list", "not a whole Overpass answer"), ("odd", "cannot be put together"),
     ("remark", r"gave up before the end \(runtime error: Query timed out in line 1\)"),
     ("429", r"is busy and refused \(HTTP 429\)"), ("504", r"is busy and refused \(HTTP 504\)"),
     ("400", r"refused \(HTTP 400: Too Many Requests\)"), ("huge", "sends more than 2 MB"), ("moved", "sends more than 2 MB"),
     ("stall", "did not answer within"), ("drip", "did not answer within 1 s"),
     ("empty", "OpenStreetMap has no buildings in 测试区")],
)  # fmt: skip
def test_what_is_no_answer_is_one_sentence_and_leaves_no_file(
    address: str, area: StudyArea, tmp_path: Path, mode: str, sentence: str
) -> None:
    (tmp_path / "buildings.gpkg").write_bytes(b"the old one")
    Service.mode = mode
    begun = time.monotonic()
    with pytest.raises(DownloadError, match=sentence) as caught:
        download_osm_layers(area, tmp_path, overpass_url=address, timeout_s=1.0 if mode == "stall" else 20.0,
                            time_limit_s=1.0 if mode == "drip" else 30.0, largest_mb=2.0 if mode in {"huge", "moved"} else 50.0)  # fmt: skip
    assert "\n" not in str(caught.value)
    assert time.monotonic() - begun < 20.0
    assert [path.name for path in tmp_path.iterdir()] == ["buildings.gpkg"]
    assert (tmp_path / "buildings.gpkg").read_bytes() == b"the old one"


def test_stations_may_be_none(address: str, area: StudyArea, tmp_path: Path) -> None:
    Service.mode = "empty"
    files = download_osm_layers(area, tmp_path, layers=["stations"], overpass_url=address)
    stations = read_stations(LayerSource(path=files["stations"], preset="osm"), area).frame
    assert stations.empty


def test_a_service_without_free_slots_or_without_slots(
    address: str, area: StudyArea, tmp_path: Path
) -> None:
    Service.status = "a\nb\nc\nd\nSlot available after: 2099-01-01T00:00:00Z, in 9000 seconds.\n"
    with pytest.raises(DownloadError, match="no free slot for 9000 s"):
        download_osm_layers(area, tmp_path, layers=["stations"], overpass_url=address)
    Service.status = ""  # the page is missing: nothing to wait for
    begun = time.monotonic()
    assert "stations" in download_osm_layers(
        area, tmp_path, layers=["stations"], overpass_url=address
    )
    assert time.monotonic() - begun < 20.0


def test_nobody_there_is_said_at_once(area: StudyArea, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refused
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}/api"
        begun = time.monotonic()
        with pytest.raises(
            DownloadError, match=r"cannot be reached \(ConnectionError\); check the connection"
        ):
            download_osm_layers(area, tmp_path, overpass_url=nowhere)
        with pytest.raises(DownloadError, match="cannot be reached"):
            download_weather(area, tmp_path, url=nowhere)
    assert time.monotonic() - begun < 10.0


def test_arguments_and_folders_that_cannot_be(
    address: str, area: StudyArea, tmp_path: Path
) -> None:
    with pytest.raises(DownloadError, match="'builings' is unknown; did you mean buildings"):
        download_osm_layers(area, tmp_path, layers=["builings"])
    with pytest.raises(DownloadError, match="begins with https://"):
        download_osm_layers(area, tmp_path, overpass_url="file:///etc/passwd")
    with pytest.raises(DownloadError, match="user name or password"):
        download_weather(area, tmp_path, url="https://me:secret@example.org")
    with pytest.raises(DownloadError, match="did you mean pvgis_tmy"):
        download_weather(area, tmp_path, service="pvgis")
    (tmp_path / "file").write_text("x")
    with pytest.raises(DownloadError, match="Nothing can be written to"):
        download_weather(area, tmp_path / "file", url=address)
    (tmp_path / "provenance.json").write_text("{")
    with pytest.raises(DownloadError, match="not a provenance file"):
        download_osm_layers(area, tmp_path, layers=["stations"], overpass_url=address)


def test_a_pvgis_year_is_kept_as_it_was_sent(address: str, area: StudyArea, tmp_path: Path) -> None:
    path = download_weather(area, tmp_path, url=address)
    assert path.read_bytes() == Service.year
    asked = parse_qs(Service.seen[0])
    assert asked["usehorizon"] == ["0"]
    assert float(asked["lat"][0]) == pytest.approx(36.805, abs=1e-3)
    assert float(asked["lon"][0]) == pytest.approx(118.055, abs=1e-3)
    weather, _ = read_weather(path, format="pvgis_tmy", time_zone=area.time_zone)
    assert len(weather.hours) == 8760


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [("cut", "sent no usable weather year.*cannot be read as pvgis_tmy"), ("html", "sent no usable weather year"),
     ("no place", "refused .HTTP 400.*Location over the sea"), ("429", "is busy"), ("broken", "broke off"),
     ("stall", "did not answer")],
)  # fmt: skip
def test_a_weather_service_that_fails(
    address: str, area: StudyArea, tmp_path: Path, mode: str, sentence: str
) -> None:
    Service.mode = mode
    with pytest.raises(DownloadError, match=sentence):
        download_weather(area, tmp_path, url=address, timeout_s=1.0 if mode == "stall" else 20.0)
    assert list(tmp_path.iterdir()) == []


def power_year() -> bytes:
    times = pd.date_range("2021-01-01", periods=8760, freq="h", tz="UTC")
    sun = sun_at(times + pd.Timedelta(minutes=30), latitude_deg=36.805, longitude_deg=118.055)
    ghi = 0.7 * sun.extra_w_m2 * np.maximum(sun.cosine, 0.0)
    table = pd.DataFrame(
        {"YEAR": times.year, "MO": times.month, "DY": times.day, "HR": times.hour, "ALLSKY_SFC_SW_DWN": ghi,
         "ALLSKY_SFC_SW_DIFF": 0.2 * ghi, "ALLSKY_SFC_SW_DNI": np.where(ghi > 0, 0.56 * sun.extra_w_m2, 0.0),
         "T2M": 10.0, "WS10M": 2.0}
    )  # fmt: skip
    head = ["-BEGIN HEADER-", "Dates (month/day/year): 01/01/2021 through 12/31/2021 in UTC",
            "Location: latitude  36.805   longitude 118.055 ", "elevation from MERRA-2: region = 60.0 meters",
            *(f"{name}  words (Wh/m^2) " for name in table.columns[4:7]), "-END HEADER-"]  # fmt: skip
    return ("\n".join(head) + "\n" + table.round(3).to_csv(index=False)).encode()


def test_a_power_year_is_asked_in_utc_with_what_the_reader_needs(
    address: str, area: StudyArea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Service, "year", power_year())
    path = download_weather(area, tmp_path, url=address, service="nasa_power", year=2021)
    assert path.name == "nasa_power.csv"
    weather, _ = read_weather(path, format="nasa_power", time_zone=area.time_zone)
    assert weather.source == "nasa_power.csv: NASA POWER 2021"
    asked = parse_qs(Service.seen[0])
    assert asked["time-standard"] == ["utc"]
    assert (asked["start"], asked["end"]) == (["20210101"], ["20211231"])
    assert asked["parameters"] == [
        "ALLSKY_SFC_SW_DWN,ALLSKY_SFC_SW_DIFF,ALLSKY_SFC_SW_DNI,T2M,WS10M"
    ]
    Service.mode = "html"
    with pytest.raises(DownloadError, match="-END HEADER- is missing"):
        download_weather(area, tmp_path, url=address, service="nasa_power", year=2021)


@pytest.mark.parametrize(
    ("location", "followed"),
    [
        ("/elsewhere", True),
        ("https://overpass.example/api", True),
        ("https://mirror.overpass.example/api", True),
        ("https://evil.example/api", False),
        ("http://notoverpass.example/", False),
    ],
)
def test_a_service_may_not_lead_to_another_host(location: str, followed: bool) -> None:
    from layers.download_guard import Guard

    if followed:
        Guard._check_target("https://overpass.example/status", location)
    else:
        with pytest.raises(DownloadError, match="sends this request on to"):
            Guard._check_target("https://overpass.example/status", location)
