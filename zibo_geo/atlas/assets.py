"""The page's JavaScript and CSS: our own, and third-party files vendored at build time.

``python -m zibo_geo.vendoring node_modules`` copies the listed files from an npm install into
``vendor/`` beside this module; the wheel carries them and nothing of them is committed. Where they are
missing, the page names its online addresses instead and says so.
"""

__all__ = [
    "OWN_SCRIPTS",
    "THIRD_PARTY",
    "ThirdParty",
    "comparison_parts",
    "own_script",
    "own_style",
    "third_party_head",
]

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

OWN_SCRIPTS = (
    "core.js",
    "scale.js",
    "stack.js",
    "shapes.js",
    "datum.js",
    "vectortile.js",
    "tiles.js",
    "store.js",
    "layers.js",
    "charts.js",
    "card.js",
    "legend.js",
    "basemap.js",
    "download.js",
    "filter.js",
    "search.js",
    "measure.js",
    "printing.js",
    "foot.js",
    "panel.js",
    "bridge.js",
    "tools.js",
    "app.js",
)


@dataclass(frozen=True)
class ThirdParty:
    """One vendored file.

    Attributes
    ----------
    package, version, licence : str
        As the npm registry states them.
    file : str
        Path inside the package.
    tiles : bool
        Whether only a page with tiles beside it needs the file.
    """

    package: str
    version: str
    licence: str
    file: str
    tiles: bool = False

    @property
    def name(self) -> str:
        """Name of the vendored file."""
        return f"{self.package.replace('/', '-')}-{self.version}-{Path(self.file).name}"

    @property
    def online(self) -> str:
        """Address on the CDN that Folium itself uses."""
        return f"https://cdn.jsdelivr.net/npm/{self.package}@{self.version}/{self.file}"


THIRD_PARTY = (
    ThirdParty("leaflet", "1.9.4", "BSD-2-Clause", "dist/leaflet.css"),
    ThirdParty("leaflet", "1.9.4", "BSD-2-Clause", "dist/leaflet.js"),
    ThirdParty("fflate", "0.8.3", "MIT", "umd/index.js", tiles=True),
    ThirdParty("pmtiles", "4.5.0", "BSD-3-Clause", "dist/pmtiles.js", tiles=True),
)


def third_party_head(*, tiles: bool = False) -> tuple[str, bool]:
    """Return the head's markup of the third-party files and whether it needs the internet.

    Parameters
    ----------
    tiles : bool
        Whether the page draws vector tiles.
    """
    wanted = [item for item in THIRD_PARTY if tiles or not item.tiles]
    vendored = resources.files("zibo_geo.atlas").joinpath("vendor")
    texts = []
    for item in wanted:
        file = vendored.joinpath(item.name)
        style = item.file.endswith(".css")
        if not file.is_file():
            return _online_head(wanted), True
        text = file.read_text(encoding="utf-8")
        texts.append(f"<style>{text}</style>" if style else f"<script>{_closed(text)}</script>")
    return "\n".join(texts), False


def _online_head(wanted: Iterable[ThirdParty]) -> str:
    return "\n".join(
        f'<link rel="stylesheet" href="{item.online}">'
        if item.file.endswith(".css")
        else f'<script src="{item.online}"></script>'
        for item in wanted
    )


def own_style() -> str:
    """Return the page's own style sheet."""
    return (
        resources.files("zibo_geo.atlas").joinpath("static", "app.css").read_text(encoding="utf-8")
    )


def own_script() -> str:
    """Return the page's own scripts in the order they build on each other."""
    folder = resources.files("zibo_geo.atlas").joinpath("static")
    return _closed(
        "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in OWN_SCRIPTS)
    )


def comparison_parts() -> tuple[str, str]:
    """Return the script and the style sheet of the page that shows two maps side by side."""
    folder = resources.files("zibo_geo.atlas").joinpath("static")
    script, style = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("compare.js", "compare.css")
    )
    return _closed(script), style


def _closed(script: str) -> str:
    """Keep a script from ending its own element."""
    return script.replace("</script", "<\\/script")
