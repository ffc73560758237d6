"""What a run is made of, as one hash per leaf: words of the case, files, assumptions, our own sources.

A leaf has a dotted name, such as ``assumptions.shading.radius_m`` or ``layers.buildings.path``; a path
stands for the bytes behind it. What a stage looked at while it ran is written down as such names, so
that a later run knows exactly which change concerns it.
"""

__all__ = [
    "EVERY_INPUT_OF_LAYERS",
    "LAYER_NEEDS",
    "case_leaves",
    "code_leaves",
    "digest_of",
    "under",
]

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from zibo_geo.case import Case
from zibo_geo.files import sha256_of

_PACKAGES = ("layers", "rooftop_pv", "heat_network", "siting")
_ANALYSES = ("pv", "heat", "siting")
# What neither reads, computes nor decides; a change there keeps every stage.
_ASIDE = frozenset({"cli", "serving", "vendoring", "documentation", "fetching", "progress"})
_LIBRARIES = (
    "geopandas", "highspy", "networkx", "numba", "numpy", "osmium", "osmnx", "pandas", "pvlib", "pyarrow",
    "pyogrio", "pyproj", "rasterio", "scipy", "shapely",
)  # fmt: skip
_SIDE_FILES = (".shp", ".tab", ".mif")  # formats of several files with one stem
_EVERY_LAYER = ("area", "embedded", "seed", "code.layers", "code.reading", "libraries")
_OWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "area": (),
        "buildings": (
            "layers.buildings", "layers.parks", "layers.townships", "terrain", "surface",
            "assumptions.buildings",
        ),
        "streets": ("layers.streets", "assumptions.streets"),
        "weather": ("weather",),
        "terrain": ("terrain",),
    }
)  # fmt: skip
_PLAIN = ("parks", "stations", "heat_sources", "substations", "constraints", "townships")
_ALL = (
    "layers", "weather", "terrain", "surface", "assumptions.buildings", "assumptions.streets",
)  # fmt: skip
EVERY_INPUT_OF_LAYERS = (*_EVERY_LAYER, *_ALL)
LAYER_NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{name: (*_EVERY_LAYER, *own) for name, own in _OWN.items()},
        **{name: (*_EVERY_LAYER, f"layers.{name}") for name in _PLAIN},
        **dict.fromkeys(("account", "synthetic", "attributions"), EVERY_INPUT_OF_LAYERS),
    }
)
"""What each field of a layer set is read from."""


def case_leaves(case: Case) -> dict[str, str]:
    """Return the leaves of a case: everything it says, and the bytes of every file it names."""
    leaves: dict[str, str] = {}
    for item in fields(case):
        _gather(getattr(case, item.name), item.name, leaves)
    return leaves


def code_leaves() -> dict[str, str]:
    """Return one hash per package of ours and per analysis, and one for the libraries' versions."""
    root = Path(__file__).resolve().parents[1]
    leaves = {f"code.{name}": _sources(root / name) for name in _PACKAGES}
    own = sorted((root / "zibo_geo").glob("*.*"))
    for name in _ANALYSES:
        others = tuple(f"{other}_" for other in _ANALYSES if other != name)
        leaves[f"code.workflow.{name}"] = _bytes(
            path for path in own if path.stem not in _ASIDE and not path.stem.startswith(others)
        )
    apart = tuple(f"{name}_" for name in _ANALYSES)
    leaves["code.reading"] = _bytes(
        path for path in own if path.stem in {"reading", "toml_table"} and not path.stem.startswith(apart)
    )  # fmt: skip
    leaves["code.outputs"] = _sources(root / "zibo_geo")
    leaves["libraries"] = digest_of(f"{name} {_version(name)}" for name in _LIBRARIES)
    return leaves


def under(prefixes: Iterable[str], leaves: Mapping[str, str]) -> dict[str, str]:
    """Return the leaves that bear one of the names or lie below it.

    Examples
    --------
    >>> under(["a.b"], {"a.b": "1", "a.b.c": "2", "a.bc": "3"})
    {'a.b': '1', 'a.b.c': '2'}
    """
    wanted = set(prefixes)
    return {
        name: value
        for name, value in leaves.items()
        if any(name == prefix or name.startswith(f"{prefix}.") for prefix in wanted)
    }


def digest_of(parts: Iterable[str]) -> str:
    """Return one short hash of texts in their order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:32]


def _gather(value: Any, name: str, leaves: dict[str, str]) -> None:
    if is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            _gather(getattr(value, item.name), f"{name}.{item.name}", leaves)
    elif isinstance(value, Mapping):
        leaves[name] = digest_of(sorted(map(str, value)))  # so that a new key is noticed
        for key, item in value.items():
            _gather(item, f"{name}.{key}", leaves)
    elif isinstance(value, Path):
        leaves[name] = digest_of([value.name, _content(value)])
    else:
        leaves[name] = digest_of([repr(value)])


def _content(path: Path) -> str:
    if not path.exists():
        return "missing"
    if path.is_dir() or path.suffix.lower() not in _SIDE_FILES:
        return sha256_of(path)
    beside = sorted(item for item in path.parent.glob(f"{path.stem}.*") if item.is_file())
    return digest_of(part for item in beside for part in (item.name, sha256_of(item)))


def _sources(folder: Path) -> str:
    files = (path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    return _bytes(sorted(path for path in files if path.is_file()))


def _bytes(files: Iterable[Path]) -> str:
    return digest_of(
        part for path in files if path.is_file() for part in (path.name, sha256_of(path))
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
