"""The roofs of a city, tile by tile, through the run folder and whoever works on it."""

__all__ = ["ROOFS", "roofs_of_city", "stale_tiles"]

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd

from layers.errors import CaseError
from layers.layer_set import LayerSet
from layers.terrain import Terrain
from layers.weather import Weather
from zibo_geo.case import Case
from zibo_geo.executors import Executor
from zibo_geo.progress import Advance, Progress
from zibo_geo.pv_tiles import PvRooms, TileResult, merged_tiles, pv_of_tile
from zibo_geo.run_folder import MemoryRun, RunFolder, Stage
from zibo_geo.run_inputs import LAYER_NEEDS
from zibo_geo.tiling import Halo, RoofTile, hilbert_tiles, roof_tile

_CODE = ("code.layers", "code.rooftop_pv", "code.workflow.pv", "libraries")
_ROOMS = ("assumptions.rooftop_pv", "assumptions.layout", "assumptions.shading", "pv.module_rows")
_TILES_NEED = (*LAYER_NEEDS["buildings"], "assumptions.shading", "code.workflow.pv")
_SKY_NEEDS = (*LAYER_NEEDS["weather"], *LAYER_NEEDS["terrain"])
_SKY = Stage(name="pv/sky", classes=(Weather, Terrain), needs=_SKY_NEEDS)
_CUT = Stage(name="pv/tiles/cut", needs=_TILES_NEED)
ROOFS = Stage(
    name="pv/roofs",
    classes=(TileResult,),
    needs=(*LAYER_NEEDS["buildings"], *_SKY_NEEDS, *_ROOMS, *_CODE),
)


def roofs_of_city(
    layers: LayerSet,
    case: Case,
    *,
    run: MemoryRun | RunFolder,
    executor: Executor,
    shown: Progress,
) -> TileResult:
    """Return what every roof carries and yields.

    Parameters
    ----------
    layers, case
        The study.
    run : MemoryRun or RunFolder
        Where finished tiles are kept.
    executor : Executor
        Who works on the tiles, where there is a run folder; else this process does.
    shown : Progress
        One step per roof.
    """
    rooms = PvRooms(
        roofs=case.assumed("rooftop_pv"),
        layout=case.assumed("layout"),
        shading=case.assumed("shading"),
        module_rows=case.pv.module_rows,
    )

    def compute() -> TileResult:
        work = ("roofs: planes, modules, shading, yields", len(layers.buildings))
        if not isinstance(run, RunFolder):
            with shown.stage(*work) as advance:
                tiles = _one_by_one(
                    layers, rooms, roofs_per_tile=run.roofs_per_tile, advance=advance
                )
                return merged_tiles(tiles, layers.buildings.index)
        with shown.stage("roofs: tiles"):
            count = _cut(run, layers, rooms)
        with shown.stage(*work) as advance:
            _work_off(run, executor, rooms, count=count, advance=advance)
        with shown.stage("roofs: together", count) as advance:
            return merged_tiles(_finished(run, count, advance), layers.buildings.index)

    found = run.kept(ROOFS, compute)
    # The outlines are those of the buildings and are held once.
    placed = gpd.GeoDataFrame(found.roofs, geometry=layers.buildings.geometry)
    return replace(found, roofs=placed)


def stale_tiles(run: RunFolder) -> str:
    """Return in words how many tiles would be worked on."""
    known = run.load(_CUT) if run.stale(_CUT) is None else None
    if known is None:
        return "the tiles are cut anew, and those whose roofs changed are worked on"
    stale = sum(run.stale(_result(number)) is not None for number in range(known["count"]))
    return f"{stale} of {known['count']} tiles to work on"


def _one_by_one(
    layers: LayerSet, rooms: PvRooms, *, roofs_per_tile: int, advance: Advance
) -> Iterator[TileResult]:
    """Give the tiles' results without keeping anything."""
    halo = _halo(layers, rooms)
    for own in hilbert_tiles(layers.buildings, roofs_per_tile):
        tile = roof_tile(layers.buildings, own, halo)
        yield pv_of_tile(tile, layers.weather, layers.terrain, rooms=rooms)
        advance(tile.own)


def _cut(run: RunFolder, layers: LayerSet, rooms: PvRooms) -> int:
    """Store the tiles and what the sky needs; return how many tiles there are."""
    sky = {"weather": layers.weather, "terrain": layers.terrain}
    run.kept(_SKY, lambda: sky)
    known = run.load(_CUT) if run.stale(_CUT) is None else None
    if known is not None and known["roofs_per_tile"] == run.roofs_per_tile:
        return int(known["count"])
    halo = _halo(layers, rooms)
    parts = hilbert_tiles(layers.buildings, run.roofs_per_tile)
    for number, own in enumerate(parts):
        run.store(_tile(number), roof_tile(layers.buildings, own, halo), needs=())
    run.store(_CUT, {"count": len(parts), "roofs_per_tile": run.roofs_per_tile}, needs=_CUT.needs)
    return len(parts)


def _work_off(
    run: RunFolder, executor: Executor, rooms: PvRooms, *, count: int, advance: Advance
) -> None:
    """Have every tile worked on that is not finished."""
    waiting = [
        executor.submit(_tile_apart, (run, rooms, number))
        for number in range(count)
        if run.stale(_result(number)) is not None
    ]
    executor.finish(waiting, lambda pending: advance(pending.value))


def _tile_apart(progress: Progress, given: tuple[RunFolder, PvRooms, int]) -> int:  # noqa: ARG001
    """Work on one tile, in whichever process; return its roofs."""
    run, rooms, number = given
    if not run.root.is_dir():
        raise CaseError(
            f"A worker does not see {str(run.root)!r}; give an --out folder that every worker has under the "
            "same path."
        )
    tile, sky = run.load(_tile(number)), run.load(_SKY)
    if tile is None or sky is None:
        raise CaseError(
            f"Tile {number} in {str(run.root)!r} was changed while the run went on; run again, and keep "
            "other programs out of that folder."
        )
    result = pv_of_tile(tile, sky["weather"], sky["terrain"], rooms=rooms)
    run.store(_result(number), result, needs=_result(number).needs)
    return int(tile.own)


def _finished(run: RunFolder, count: int, advance: Advance) -> Iterator[TileResult]:
    for number in range(count):
        result = run.load(_result(number))
        if result is None:
            raise CaseError(
                f"The result of tile {number} in {str(run.root)!r} is not whole; run again."
            )
        advance(1)
        yield result


def _halo(layers: LayerSet, rooms: PvRooms) -> Halo | None:
    if not rooms.shading.shaded or layers.buildings.empty:
        return None
    return Halo(layers.buildings, rooms.shading.radius_m)


def _tile(number: int) -> Stage:
    return Stage(name=f"pv/tiles/{number:05d}", classes=(RoofTile,))


def _result(number: int) -> Stage:
    """Return the stage of a tile's result; it depends on what is in the tile, not on where that came from."""
    made = (f"made:{_tile(number).name}", f"made:{_SKY.name}")
    return Stage(
        name=f"pv/results/{number:05d}", classes=(TileResult,), needs=(*made, *_ROOMS, *_CODE)
    )
