"""What a run keeps: whole or not at all, used again exactly while its inputs stay, held by one run."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent / "faults"))

from small_city import ROOFS_PER_TILE, left_by, litter_in, write_small_city

from layers.errors import CaseError
from layers.layer_set import LayerSet
from zibo_geo.balances import checked_balances, plan_balances
from zibo_geo.case import load_case
from zibo_geo.progress import SilentProgress
from zibo_geo.reading import read_layers
from zibo_geo.run_folder import MANIFEST, RunFolder, Stage
from zibo_geo.run_inputs import code_leaves
from zibo_geo.run_lock import run_lock
from zibo_geo.running import RunOptions, RunReport, explain_run, run_and_write
from zibo_geo.stored import LAYER_CLASSES, VALUES, load_value, save_value
from zibo_geo.watching import watched

OPTIONS = RunOptions(
    analyses=("pv",), questions=(), executor="serial", roofs_per_tile=ROOFS_PER_TILE
)


def _run(case_file: Path, out: Path) -> RunReport:
    return run_and_write(load_case(case_file), out, OPTIONS, progress=SilentProgress())


def _reasons(case_file: Path, out: Path) -> dict[str, str]:
    states = explain_run(load_case(case_file), out, OPTIONS)
    return {state.stage: state.because for state in states if state.because is not None}


@pytest.fixture(scope="module", autouse=True)
def _sources_stay() -> Iterator[None]:
    """Hold the hash of the sources, which someone may be editing while the tests run."""
    held = code_leaves()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zibo_geo.run_folder.code_leaves", lambda: held)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_city(tmp_path_factory.mktemp("city")).parent


@pytest.fixture(scope="module")
def out(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "out"
    _run(data / "case.toml", folder)
    return folder


def test_layers_come_back_as_they_were(data: Path, tmp_path: Path) -> None:
    layers = read_layers(load_case(data / "case.toml"))
    save_value(layers, tmp_path)
    back = load_value(tmp_path, LAYER_CLASSES)
    for item in fields(LayerSet):
        one, other = getattr(layers, item.name), getattr(back, item.name)
        if isinstance(one, gpd.GeoDataFrame):
            assert other.crs == one.crs
            assert (other.geometry.to_wkb() == one.geometry.to_wkb()).all()
        if isinstance(one, pd.DataFrame):
            plain = [
                pd.DataFrame(f).drop(columns="geometry", errors="ignore") for f in (one, other)
            ]
            pd.testing.assert_frame_equal(*plain, check_exact=True)
    pd.testing.assert_frame_equal(back.weather.hours, layers.weather.hours, check_exact=True)
    assert back.weather.hours.index.freq == layers.weather.hours.index.freq
    assert (back.area.name, back.area.crs, back.synthetic) == (
        layers.area.name,
        layers.area.crs,
        layers.synthetic,
    )


def test_scalars_grids_and_nothing_come_back_and_code_does_not(tmp_path: Path) -> None:
    value = {"a": (1, 2.5, None), "b": {"c": "张店", "d": True}, "e": np.arange(6.0).reshape(2, 3)}
    save_value(value, tmp_path)
    back = load_value(tmp_path)
    assert (back["a"], dict(back["b"])) == (value["a"], value["b"])
    assert back["e"].tolist() == value["e"].tolist()
    with pytest.raises(TypeError, match="cannot hold"):
        save_value({"f": print}, tmp_path)
    for planted in (
        {"is": "object", "class": "Popen", "value": {}},
        {"is": "frame", "file": "../secret.parquet", "spatial": False, "freq": None, "classes": {}},
    ):
        (tmp_path / VALUES).write_text(json.dumps(planted))
        with pytest.raises((KeyError, ValueError)):
            load_value(tmp_path)


def test_nothing_runs_twice_and_the_files_stay(data: Path, out: Path) -> None:
    assert _reasons(data / "case.toml", out) == {}
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    _run(data / "case.toml", out)
    after = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    assert {path for path in before if before[path] != after.get(path)} == {out / ".run" / "lock"}


@pytest.mark.parametrize(
    ("room", "stale"),
    [
        ("county", {"pv/economy"}),
        ("shading", {"pv/roofs", "pv/economy"}),
        ("ground", set()),
        ("charging", set()),
        ("rooftop_pv", {"pv/roofs", "pv/economy"}),
        ("buildings", {"layers", "pv/roofs", "pv/economy"}),
    ],
)
def test_a_changed_assumption_concerns_exactly_what_looked_at_it(
    data: Path, out: Path, room: str, stale: set[str]
) -> None:
    held = load_case().assumed(room)
    key, value = next(
        (item.name, getattr(held, item.name))
        for item in fields(held)
        if isinstance(getattr(held, item.name), float) and getattr(held, item.name) > 0.0
    )
    case = data / "changed.toml"
    text = (data / "case.toml").read_text(encoding="utf-8")
    case.write_text(f"{text}[assumptions.{room}]\n{key} = {0.99 * value!r}\n", encoding="utf-8")
    reasons = _reasons(case, out)
    assert {name for name in reasons if not name.startswith("outputs/")} == stale
    for stage in (*stale, "outputs/tables", "outputs/map"):
        assert f"assumptions.{room}" in reasons[stage]


def test_a_changed_file_concerns_what_is_read_from_it_and_one_roof_only_its_tiles(
    data: Path, out: Path, tmp_path: Path
) -> None:
    case = write_small_city(tmp_path / "data")
    mine = tmp_path / "out"
    _run(case, mine)
    roofs = gpd.read_file(tmp_path / "data" / "roofs.gpkg")
    roofs.loc[0, "height_m"] = 4.5
    roofs.to_file(tmp_path / "data" / "roofs.gpkg")
    reasons = _reasons(case, mine)
    assert set(reasons) >= {"layers", "pv/roofs", "pv/economy"}
    assert "layers.buildings.path changed" in reasons["layers"]
    assert "cut anew" in reasons["pv/roofs"]
    whole = write_small_city(tmp_path / "same")
    (tmp_path / "same" / "roofs.gpkg").write_bytes((tmp_path / "data" / "roofs.gpkg").read_bytes())
    _run(case, mine)
    _run(whole, tmp_path / "anew")
    assert left_by(mine) == left_by(tmp_path / "anew")


def test_a_stage_that_was_cut_short_or_turned_is_computed_again(data: Path, tmp_path: Path) -> None:
    mine = tmp_path / "out"
    _run(data / "case.toml", mine)
    wanted = left_by(mine)
    stored = sorted((mine / ".run" / "pv" / "economy").glob("*.parquet"))
    stored[0].write_bytes(stored[0].read_bytes()[:-7])
    assert "lost or cut short" in _reasons(data / "case.toml", mine)["pv/economy"]
    turned = bytearray(stored[1].read_bytes())
    turned[len(turned) // 2] ^= 1
    stored[1].write_bytes(bytes(turned))
    (mine / "tables" / "pv_money.parquet").write_bytes(b"half")
    (mine / ".run" / "pv" / "ground" / MANIFEST).write_text("{", encoding="utf-8")
    _run(data / "case.toml", mine)
    assert left_by(mine) == wanted
    assert _reasons(data / "case.toml", mine) == {}


def test_looks_at_layers_and_case_are_noted_by_name(data: Path) -> None:
    case = load_case(data / "case.toml")
    layers, noted, seen = watched(read_layers(case), case)
    assert seen == set()
    assert noted.assumed("county") is case.assumed("county")
    assert seen == {"assumptions.county"}
    assert len(layers.substations) == 1
    assert "layers.substations" in seen
    assert "layers.streets" not in seen
    assert noted.pv.module_rows is False
    assert "pv" in seen
    assert isinstance(replace(layers, attributions=()), LayerSet)
    assert "layers.streets" in seen, "a copy looks at everything"


def test_a_second_run_is_refused_until_the_first_is_dead(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        with run_lock(tmp_path / ".run"):
            (tmp_path / "held").touch()
            time.sleep(60.0)
        os._exit(0)
    while not (tmp_path / "held").exists():
        time.sleep(0.01)
    sentence = rf"Another run \(process {child}, started .*\) is writing.*; wait for its end"
    with pytest.raises(CaseError, match=sentence), run_lock(tmp_path / ".run"):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with run_lock(tmp_path / ".run"):
        pass


def test_a_full_disk_leaves_the_stage_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, stage = RunFolder(tmp_path, {}), Stage(name="one")
    run.store(stage, {"a": pd.DataFrame({"x": [1]}, index=pd.Index(["k"], name="key"))}, needs=())

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(pd.DataFrame, "to_parquet", full)
        with pytest.raises(CaseError, match="No space left on device"):
            run.store(stage, {"a": pd.DataFrame({"x": [2]})}, needs=())
    held = run.load(stage)
    assert held is not None
    assert held["a"]["x"].tolist() == [1]
    assert litter_in(tmp_path) == []


def test_a_broken_balance_ends_the_run(data: Path, tmp_path: Path) -> None:
    plan = _run(data / "case.toml", tmp_path / "out").plan
    table = plan_balances(plan)
    assert len(table) >= 11
    assert table["difference"].max() < 1e-9
    assert plan.pv is not None
    lost = plan.pv.yields.assign(yield_kwh=plan.pv.yields["yield_kwh"] * (1.0 + 3e-6))
    with pytest.raises(CaseError, match=r"balance 'energy of the \w+' is broken"):
        checked_balances(replace(plan, pv=replace(plan.pv, yields=lost)))
    fewer = plan.pv.refusals.assign(plane_m2=plan.pv.refusals["plane_m2"] + 1.0)
    if len(fewer):
        with pytest.raises(CaseError, match="balance 'roof area' is broken"):
            checked_balances(replace(plan, pv=replace(plan.pv, refusals=fewer)))
