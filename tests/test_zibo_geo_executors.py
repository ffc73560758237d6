"""Tiles, executors and merges: the same results however the work is cut and whoever does it."""

import os
import sys
import warnings
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent / "faults"))

from small_city import ROOFS, left_by, write_small_city
from small_tasks import fatal, fatal_once, faulty, square, staged

from layers.errors import CaseError
from layers.layer_set import LayerSet
from zibo_geo.case import Case, load_case
from zibo_geo.executors import InProcess, make_executor
from zibo_geo.process_pool import ProcessPool
from zibo_geo.progress import SilentProgress
from zibo_geo.pv_tiles import (
    PvRooms,
    TileResult,
    merged_hours,
    merged_tiles,
    merged_uses,
    pv_of_tile,
)
from zibo_geo.reading import read_layers
from zibo_geo.running import RunOptions, run_and_write
from zibo_geo.tasks import largest_resident_mb
from zibo_geo.tiling import Halo, hilbert_tiles, roof_tile


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return load_case(write_small_city(tmp_path_factory.mktemp("city")))


@pytest.fixture(scope="module")
def layers(case: Case) -> LayerSet:
    return read_layers(case)


def _rooms(case: Case) -> PvRooms:
    return PvRooms(
        roofs=case.assumed("rooftop_pv"),
        layout=case.assumed("layout"),
        shading=case.assumed("shading"),
        module_rows=True,
    )


def _tiles(layers: LayerSet, case: Case, size: int, *, turned: bool = False) -> list[TileResult]:
    rooms, buildings = _rooms(case), layers.buildings
    halo = Halo(buildings, rooms.shading.radius_m)
    parts = hilbert_tiles(buildings, size)
    tiles = [roof_tile(buildings, own, halo) for own in (parts[::-1] if turned else parts)]
    return [pv_of_tile(tile, layers.weather, layers.terrain, rooms=rooms) for tile in tiles]


def _same(first: TileResult, second: TileResult) -> None:
    for item in fields(TileResult):
        one, other = (getattr(result, item.name) for result in (first, second))
        plain = [
            pd.DataFrame(frame).drop(columns="geometry", errors="ignore") for frame in (one, other)
        ]
        pd.testing.assert_frame_equal(*plain, rtol=1e-9, atol=1e-9, obj=item.name)


def test_results_do_not_depend_on_the_size_and_order_of_tiles(layers: LayerSet, case: Case) -> None:
    index = layers.buildings.index
    whole = merged_tiles(_tiles(layers, case, 10**9), index)
    assert whole.yields["shading_loss"].max() > 0.01, "nobody shades anybody: nothing is tested"
    assert list(whole.roofs.index) == list(index)
    for size, turned in ((100, False), (61, True)):
        tiles = _tiles(layers, case, size, turned=turned)
        assert len(tiles) == -(-ROOFS // size)
        _same(whole, merged_tiles(tiles, index))


def test_without_its_halo_a_tile_sees_less(layers: LayerSet, case: Case) -> None:
    rooms, own = _rooms(case), hilbert_tiles(layers.buildings, 61)[1]
    alone, among = (
        pv_of_tile(roof_tile(layers.buildings, own, halo), layers.weather, None, rooms=rooms)
        for halo in (None, Halo(layers.buildings, rooms.shading.radius_m))
    )
    assert among.yields["yield_kwh"].sum() < alone.yields["yield_kwh"].sum()


def test_a_halo_holds_whoever_is_within_reach_and_towers_from_afar(layers: LayerSet) -> None:
    few = layers.buildings.iloc[:3].copy()
    few["height_m"] = [10.0, 10.0, 100.0]
    base = few.geometry.iloc[0]
    shifts = (0.0, 330.0, 1200.0)  # beyond 300 m plus its size; a tower counts up to 1430 m
    few = few.set_geometry(
        [base.__class__([(x + step, y) for x, y in base.exterior.coords]) for step in shifts],
        crs=few.crs,
    )
    assert Halo(few, 300.0).around(np.array([0])).tolist() == [2]
    assert Halo(few, 320.0).around(np.array([0])).tolist() == [1, 2]


def test_an_empty_city_is_one_empty_tile(layers: LayerSet, case: Case) -> None:
    none = layers.buildings.iloc[:0]
    parts = hilbert_tiles(none)
    assert [len(part) for part in parts] == [0]
    result = pv_of_tile(roof_tile(none, parts[0], None), layers.weather, None, rooms=_rooms(case))
    merged = merged_tiles([result], none.index)
    assert merged.planes.empty
    assert merged.hours.to_numpy().sum() == 0.0


def test_county_sums_are_associative(layers: LayerSet, case: Case) -> None:
    a, b, c = _tiles(layers, case, 80)
    for merge, name in ((merged_uses, "uses"), (merged_hours, "hours")):
        parts = [getattr(tile, name) for tile in (a, b, c)]
        left = merge([merge(parts[:2]), parts[2]])
        right = merge([parts[0], merge(parts[1:])])
        pd.testing.assert_frame_equal(left, right, rtol=1e-12)
        pd.testing.assert_frame_equal(left, merge(parts[::-1]), rtol=1e-12)


def _run(case: Case, out: Path, executor: str, *, workers: int = 2) -> dict[str, str]:
    options = RunOptions(
        analyses=("pv",), questions=(), executor=executor, workers=workers, roofs_per_tile=90
    )
    run_and_write(case, out, options, progress=SilentProgress())
    return left_by(out)


@pytest.fixture(scope="module")
def alone(case: Case, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found = _run(case, tmp_path_factory.mktemp("serial"), "serial")
    assert len(found) > 20
    return found


def test_processes_leave_the_bytes_of_one_process(
    case: Case, alone: dict[str, str], tmp_path: Path
) -> None:
    assert _run(case, tmp_path, "processes") == alone


class _Heard:
    def __init__(self) -> None:
        self.lines: list[str] = []

    @contextmanager
    def stage(self, title: str, steps: int = 1):
        self.lines.append(f"{title} opens, {steps} steps")
        yield lambda count: self.lines.append(f"{title} +{count}")
        self.lines.append(f"{title} closes")


class _Away(ProcessPool):
    """A pool whose own process does not help, so that a worker must do the task."""

    def _take(self, wanted=None):
        return None if wanted is not None else super()._take()


def test_workers_answer_tell_fail_and_are_replaced_when_killed(tmp_path: Path) -> None:
    heard = _Heard()
    with _Away(2, progress=heard) as pool:
        tasks = [pool.submit(square, number) for number in range(5)]
        pool.finish(tasks)
        assert [task.value for task in tasks] == [0, 1, 4, 9, 16]
        told = pool.submit(staged, 7)
        pool.finish([told])
        assert told.value != os.getpid()
        assert heard.lines == ["stage 7 opens, 2 steps", "stage 7 +2", "stage 7 closes"]
        again = pool.submit(fatal_once, str(tmp_path / "mark"))
        pool.finish([again])
        assert again.value == "done"
        assert max(pool.worker_mb.values()) > 10.0
        with pytest.raises(CaseError, match="no such roof"):
            pool.finish([pool.submit(faulty, "no such roof")])


def test_a_task_that_no_worker_survives_ends_in_one_sentence() -> None:
    with (
        pytest.raises(CaseError, match="want of memory"),
        _Away(2) as pool,
    ):
        pool.finish([pool.submit(fatal, os.getpid())])


def test_one_core_works_alone_and_memory_is_known() -> None:
    assert isinstance(make_executor("processes", workers=1), InProcess)
    assert largest_resident_mb() > 50.0


def test_dask_leaves_the_bytes_of_one_process_and_survives_a_killed_worker(
    case: Case, alone: dict[str, str], tmp_path: Path
) -> None:
    pytest.importorskip("distributed", reason="needs the extra [scale]")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with make_executor("dask", workers=1) as cluster:
            tasks = [
                cluster.submit(square, 3),
                cluster.submit(fatal_once, str(tmp_path / "mark")),
            ]
            cluster.finish(tasks)
            assert [task.value for task in tasks] == [9, "done"]
        assert _run(case, tmp_path / "dask", "dask", workers=1) == alone
        with pytest.raises(CaseError, match="No Dask scheduler answers"):
            make_executor("dask", scheduler="tcp://127.0.0.1:1").__enter__()
