"""Where every number of a run comes from: inputs, versions, assumptions, CRS, and what was dropped."""

__all__ = ["LIBRARIES", "assumptions_table", "provenance"]

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pandas as pd

from zibo_geo.case import Case
from zibo_geo.files import sha256_of
from zibo_geo.plan import Plan
from zibo_geo.reading import source_files

LIBRARIES = (
    "zibo-geo",
    "geopandas",
    "shapely",
    "pandas",
    "numpy",
    "scipy",
    "pyproj",
    "pyogrio",
    "rasterio",
    "pvlib",
    "folium",
    "osmnx",
    "osmium",
    "numba",
    "highspy",
    "frykit",
)


def assumptions_table(case: Case) -> pd.DataFrame:
    """Return every assumption of a case: room, key, value, unit, source, confidence, default, overridden."""
    rooms = [
        assumptions.table().reset_index().assign(room=room)
        for room, assumptions in case.assumptions.items()
    ]
    table = pd.concat(rooms, ignore_index=True)
    table.index = pd.Index(table["room"] + "." + table["key"], name="assumption")
    return table[["room", "key", "value", "unit", "source", "confidence", "default", "overridden"]]


def provenance(plan: Plan) -> dict[str, Any]:
    """Return the provenance of a run as JSON values.

    File names are given without their folders, so that a result may be handed on.
    """
    case, layers = plan.case, plan.layers
    return {
        "title": case.title,
        "area": {
            "name": layers.area.name,
            "adcode": layers.area.adcode,
            "crs": layers.area.crs.to_string(),
            "time_zone": layers.area.time_zone,
        },
        "inputs": {
            name: {"file": path.name, "sha256": sha256_of(path)}
            for name, path in source_files(case).items()
        },
        "case_sha256": case.digest,
        "embedded": {"size": case.embedded, "seed": case.seed} if case.embedded else None,
        "synthetic": sorted(layers.synthetic),
        "attributions": list(layers.attributions),
        "weather": {"source": layers.weather.source, "synthetic": layers.weather.synthetic},
        "versions": {"python": platform.python_version(), **_versions()},
        "assumptions": assumptions_table(case).to_dict(orient="index"),
        "account": layers.account.astype({"action": "str"}).to_dict(orient="records"),
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
