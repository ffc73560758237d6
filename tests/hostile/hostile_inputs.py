"""Small whole inputs of every kind, and the ways in which bytes are damaged."""

import io
import json
import random
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import rasterio
import shapely

X, Y = 595_000.0, 4_073_500.0  # in Zhangdian, EPSG:4548
LON, LAT = 118.065, 36.79


def roofs(count: int = 40) -> gpd.GeoDataFrame:
    """Footprints of 20 m by 10 m in rows, with text, numbers and a key."""
    at = np.arange(count)
    shapes = shapely.box(
        X + 30 * (at % 10), Y + 30 * (at // 10), X + 30 * (at % 10) + 20, Y + 30 * (at // 10) + 10
    )
    return gpd.GeoDataFrame(
        {"code": [f"b{n:03d}" for n in at], "Floor": at % 6 + 1, "name": "张店楼"},
        geometry=shapes,
        crs=4548,
    )


def write_vectors(folder: Path, kind: str, frame: gpd.GeoDataFrame | None = None) -> Path:
    """Write roofs as one kind of file and return its path."""
    frame = roofs() if frame is None else frame
    path = folder / f"roofs.{kind}"
    if kind == "parquet":
        frame.to_parquet(path)
    elif kind == "shp":
        frame.to_file(path, encoding="gb18030")
    elif kind == "geojson":
        frame.to_crs(4326).to_file(path, driver="GeoJSON", COORDINATE_PRECISION=12)
    elif kind in {"pbf", "osm"}:
        path = folder / ("roofs.osm.pbf" if kind == "pbf" else "roofs.osm")
        _write_osm(path, frame.to_crs(4326))
    else:
        frame.to_file(path)
    return path


def _write_osm(path: Path, frame: gpd.GeoDataFrame) -> None:
    nodes = 0
    with osmium.SimpleWriter(str(path)) as writer:
        ways = []
        for number, shape in enumerate(frame.geometry, start=1):
            refs = []
            for lon, lat in shapely.get_coordinates(shape)[:-1]:
                nodes += 1
                refs.append(nodes)
                writer.add_node(osmium.osm.mutable.Node(id=nodes, location=(lon, lat), version=1))
            tags = {"building": "yes", "building:levels": str(number % 6 + 1), "name": "张店楼"}
            ways.append(
                osmium.osm.mutable.Way(id=number, nodes=[*refs, refs[0]], tags=tags, version=1)
            )
        for way in ways:
            writer.add_way(way)


def write_tif(
    path: Path, values: np.ndarray | None = None, *, cell: float = 60.0, **given: object
) -> Path:
    """Write a raster round the square in Zibo: 140 × 140 cells of 60 m unless values are given."""
    if values is None:
        down, across = np.mgrid[:140, :140]
        values = (50.0 + down + 0.5 * across).astype(np.float32)
    profile = {
        "crs": "EPSG:4548",
        "transform": rasterio.Affine(cell, 0.0, 591_000.0, 0.0, -cell, 4_077_500.0),
        "dtype": values.dtype,
        **given,
    }
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, **profile
    ) as tile:
        tile.write(values, 1)
    return path


def cover_codes() -> np.ndarray:
    """Codes of land cover for :func:`write_tif`."""
    return np.random.default_rng(7).choice(
        np.array([10, 30, 40, 50, 80], dtype=np.uint8), size=(140, 140)
    )


def hgt_bytes() -> bytes:
    """A tile of 3 arc-seconds for N36E118 (big-endian metres)."""
    down, across = np.mgrid[:1201, :1201]
    return (100 + (down + across) // 20).astype(">i2").tobytes()


def write_hgt(folder: Path, *, packed: bool) -> Path:
    """Write N36E118 as it is or in an archive."""
    if not packed:
        path = folder / "N36E118.hgt"
        path.write_bytes(hgt_bytes())
        return path
    path = folder / "N36E118.hgt.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("N36E118.hgt", hgt_bytes())
    return path


def epw_text() -> str:
    """A plain year at Zhangdian: a half-sine day of sun whose parts close, 20 °C, 2 m/s."""
    from layers.weather import sun_at

    labels = pd.date_range("2021-01-01", periods=8760, freq="h", tz="Asia/Shanghai")
    sun = sun_at(labels + pd.Timedelta(minutes=30), latitude_deg=LAT, longitude_deg=LON)
    up = np.maximum(sun.cosine, 0.0)
    dni, dhi = np.round(np.where(up > 0.02, 600.0, 0.0), 1), np.round(120.0 * up, 1)
    ghi = np.round(dhi + dni * up, 1)
    head = [
        f"LOCATION,Zhangdian,SD,CHN,TMYx,548300,{LAT},{LON},8.0,34.0",
        "DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0", "GROUND TEMPERATURES,0",
        "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,x", "COMMENTS 2,x",
        "DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31",
    ]  # fmt: skip
    rows = []
    for at, label in enumerate(labels):
        stamp = f"{label.year},{label.month},{label.day},{label.hour + 1},0,A7"
        values = [
            20.0,
            10.0,
            50,
            101300,
            0,
            0,
            300,
            ghi[at],
            dni[at],
            dhi[at],
            0,
            0,
            0,
            0,
            180,
            2.0,
        ]
        rest = [5, 5, 9.9, 77777, 9, 999999999, 100, 0.1, 0, 88, 0.2, 0.0, 0.0]
        rows.append(stamp + "," + ",".join(str(value) for value in values + rest))
    return "\n".join(head + rows) + "\n"


def power_text() -> str:
    """The same kind of year as NASA POWER writes it, in UTC."""
    from layers.weather import sun_at

    labels = pd.date_range("2021-01-01", periods=8760, freq="h", tz="UTC")
    sun = sun_at(labels + pd.Timedelta(minutes=30), latitude_deg=LAT, longitude_deg=LON)
    up = np.maximum(sun.cosine, 0.0)
    dni, dhi = np.where(up > 0.02, 600.0, 0.0), 120.0 * up
    lines = [
        "-BEGIN HEADER-", "NASA/POWER Source Native Resolution Hourly Data",
        "Dates (month/day/year): 01/01/2021 through 12/31/2021 in UTC",
        f"Location: latitude  {LAT}   longitude {LON}",
        "elevation from MERRA-2: Average for 0.5 x 0.625 degree lat/lon region = 34.0 meters",
        "The value for missing source data: -999 availability range: -999",
        "ALLSKY_SFC_SW_DWN   SRB Irradiance (W/m^2)", "ALLSKY_SFC_SW_DIFF   SRB Diffuse (W/m^2)",
        "ALLSKY_SFC_SW_DNI   SRB Direct (W/m^2)", "T2M   Temperature (C)", "WS10M  Wind (m/s)",
        "-END HEADER-",
        "YEAR,MO,DY,HR,ALLSKY_SFC_SW_DWN,ALLSKY_SFC_SW_DIFF,ALLSKY_SFC_SW_DNI,T2M,WS10M",
    ]  # fmt: skip
    for at, label in enumerate(labels):
        lines.append(
            f"{label.year},{label.month},{label.day},{label.hour},"
            f"{dhi[at] + dni[at] * up[at]:.1f},{dhi[at]:.1f},{dni[at]:.1f},20.0,2.0"
        )
    return "\n".join(lines) + "\n"


def stations_csv() -> str:
    """Twenty charging stations as a table of places."""
    rows = ["station_id,kind,longitude,latitude,name,power_kw"]
    rows += [f"s{n},charging,{LON + n * 1e-3:.5f},{LAT:.5f},站{n},120" for n in range(20)]
    return "\n".join(rows) + "\n"


def workbook_bytes(text: str) -> bytes:
    """The same table as a workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    for line in text.splitlines():
        book.active.append(line.split(","))
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def write_whole(folder: Path) -> None:
    """Write one whole input of every kind."""
    for kind in ("gpkg", "geojson", "fgb", "parquet", "osm", "pbf", "shp"):
        write_vectors(folder, kind)
    write_tif(folder / "ground.tif")
    write_tif(folder / "packed.tif", compress="deflate", tiled=True, blockxsize=64, blockysize=64)
    write_tif(folder / "cover.tif", cover_codes(), compress="lzw")
    write_hgt(folder, packed=True)
    write_hgt(folder, packed=False)
    (folder / "year.epw").write_text(epw_text(), encoding="utf-8")
    (folder / "power.csv").write_text(power_text(), encoding="utf-8")
    (folder / "stations.csv").write_text(stations_csv(), encoding="utf-8")
    (folder / "stations.xlsx").write_bytes(workbook_bytes(stations_csv()))


def geojson(features: list, **more: object) -> str:
    """A feature collection as text; numbers may be NaN or infinite."""
    return json.dumps(
        {"type": "FeatureCollection", "features": features, **more}, ensure_ascii=False
    )


def feature(geometry: object, /, **properties: object) -> dict:
    """One feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def square(lon: float = LON, lat: float = LAT, side: float = 2e-4) -> dict:
    """A square footprint in degrees."""
    ring = [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


def damaged(data: bytes, way: str, seed: int) -> bytes:
    """Damage bytes in one of the ways of :data:`WAYS`; the same seed gives the same bytes."""
    chance = random.Random(f"{way} {seed} {len(data)}")  # noqa: S311 - repeatable, not secret
    made = bytearray(data)
    WAYS[way](made, chance)
    return bytes(made)


def _cut(made: bytearray, chance: random.Random) -> None:
    del made[chance.randrange(len(made)) :]


def _cut_end(made: bytearray, chance: random.Random) -> None:
    del made[len(made) - chance.randint(1, min(64, len(made))) :]


def _flip_one(made: bytearray, chance: random.Random) -> None:
    made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)


def _flip_many(made: bytearray, chance: random.Random) -> None:
    for _ in range(max(len(made) // 500, 8)):
        _flip_one(made, chance)


def _flip_head(made: bytearray, chance: random.Random) -> None:
    for _ in range(4):
        made[chance.randrange(min(len(made), 400))] = chance.randrange(256)


def _flip_tail(made: bytearray, chance: random.Random) -> None:
    for _ in range(4):
        made[-1 - chance.randrange(min(len(made), 400))] = chance.randrange(256)


def _zeros(made: bytearray, chance: random.Random) -> None:
    at, length = chance.randrange(len(made)), max(len(made) // 10, 16)
    made[at : at + length] = bytes(len(made[at : at + length]))


def _ones(made: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(made))
    made[at : at + 8] = b"\xff" * len(made[at : at + 8])


def _hole(made: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(made))
    del made[at : at + chance.randint(1, max(len(made) // 20, 1))]


def _twice(made: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(made))
    made[at:at] = made[at : at + chance.randint(1, max(len(made) // 20, 1))]


def _noise(made: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(made))
    length = min(200, len(made) - at)
    made[at : at + length] = chance.randbytes(length)


def _swap(made: bytearray, chance: random.Random) -> None:
    one, other = chance.randrange(len(made)), chance.randrange(len(made))
    length = min(64, len(made) - max(one, other))
    first, second = made[one : one + length], made[other : other + length]
    made[one : one + length], made[other : other + length] = second, first


WAYS: Mapping[str, Callable[[bytearray, random.Random], None]] = {
    "cut": _cut,
    "cut_end": _cut_end,
    "flip_one": _flip_one,
    "flip_many": _flip_many,
    "flip_head": _flip_head,
    "flip_tail": _flip_tail,
    "zeros": _zeros,
    "ones": _ones,
    "hole": _hole,
    "twice": _twice,
    "noise": _noise,
    "swap": _swap,
}
