"""``zibo-geo download``: open data for a case's area, into its data folder, with provenance."""

__all__ = ["FetchOptions", "fetch_layers"]

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from layers.download import OSM_LAYERS, download_osm_layers, download_weather
from zibo_geo.case import Case
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.reading import read_area


@dataclass(frozen=True, kw_only=True)
class FetchOptions:
    """What to fetch, and from where.

    Attributes
    ----------
    only : {"osm", "weather"}, optional
        One kind only.
    weather_service : {"pvgis_tmy", "nasa_power"}
        A typical year, or one calendar year.
    year : int
        Calendar year for NASA POWER.
    overpass_url, weather_url : str, optional
        Addresses of mirrors; by default those that the libraries carry.
    """

    only: Literal["osm", "weather"] | None = None
    weather_service: Literal["pvgis_tmy", "nasa_power"] = "pvgis_tmy"
    year: int = 2022
    overpass_url: str | None = None
    weather_url: str | None = None


def fetch_layers(
    case: Case, folder: Path, options: FetchOptions, *, progress: Progress | None = None
) -> list[Path]:
    """Download what the options ask for.

    Parameters
    ----------
    case : Case
        Only its area is used.
    folder : Path
        Gets the files and ``provenance.json``; a file is replaced only by a whole one.
    options : FetchOptions
        What, from where.
    progress : Progress, optional
        Shows the stages.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    DownloadError
        A service cannot be reached, refuses or sends something unusable.
    """
    shown = progress or SilentProgress()
    with shown.stage("area"):
        area = read_area(case)
    files: list[Path] = []
    if options.only != "weather":
        with shown.stage("OpenStreetMap", len(OSM_LAYERS)):
            files += download_osm_layers(area, folder, overpass_url=options.overpass_url).values()
    if options.only != "osm":
        with shown.stage("weather"):
            files.append(
                download_weather(
                    area,
                    folder,
                    service=options.weather_service,
                    url=options.weather_url,
                    year=options.year,
                )
            )
    return files
