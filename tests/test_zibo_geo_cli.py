"""The command line on real files: three cities end to end, and every fault one sentence and exit code 2."""

import shutil
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from plan_runs import ROOT, refused, zibo_geo


@pytest.mark.parametrize(
    ("example", "buildings"),
    [("suzhou", (2900, 3076)), ("monaco", (800, 1283)), ("andorra", (250, 292))],
)
def test_a_real_city_runs_end_to_end(
    shared_data: Path, tmp_path: Path, example: str, buildings: tuple[int, int]
) -> None:
    result = zibo_geo(
        "plan", ROOT / "examples" / f"{example}.toml", "--data", shared_data, "--out", tmp_path
    )
    assert result.returncode == 0, result.stderr
    roofs = gpd.read_parquet(tmp_path / "tables" / "pv_roofs.parquet")
    assert buildings[0] <= len(roofs) <= buildings[1]
    assert roofs["capacity_kwp"].sum() > 1000.0
    account = pd.read_csv(tmp_path / "account.csv", encoding="utf-8-sig")
    of_buildings = account[account["layer"] == "buildings"]
    read = of_buildings.loc[of_buildings["action"] == "read", "rows"].sum()
    assert read >= len(roofs)
    assert "Open" in result.stderr


def test_check_reads_and_computes_nothing(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = zibo_geo("check", ROOT / "examples" / "suzhou.toml", "--data", shared_data)
    assert result.returncode == 0, result.stderr
    assert "buildings" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_init_writes_a_case_and_never_over_one(tmp_path: Path) -> None:
    assert zibo_geo("init", tmp_path / "a.toml").returncode == 0
    refused(zibo_geo("init", tmp_path / "a.toml"), "exists already")
    refused(zibo_geo("check", tmp_path / "a.toml"), "buildings.shp", "weather.epw")


def _suzhou(shared_data: Path, folder: Path, **changes: str) -> Path:
    """Copy the Suzhou case with some text replaced."""
    text = (ROOT / "examples" / "suzhou.toml").read_text(encoding="utf-8")
    for file in ("buildings/suzhou_floors.geojson", "weather/shanghai_hongqiao.epw"):
        text = text.replace(file, str(shared_data / file))
    for old, new in changes.items():
        key = old.replace("__", " = ")
        assert key in text, key
        text = text.replace(key, new)
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_is_written_after_a_fault(shared_data: Path, tmp_path: Path) -> None:
    case = _suzhou(shared_data, tmp_path, Floor="Flor")
    out = tmp_path / "out"
    refused(zibo_geo("plan", case, "--out", out), "Flor")
    beside = [path for path in out.iterdir() if path.name != ".run"] if out.exists() else []
    assert not beside
    assert not list((out / ".run").rglob("manifest.json")), "no stage is finished"


def test_a_truncated_pbf_is_refused(shared_data: Path, tmp_path: Path) -> None:
    for folder in ("osm", "weather", "elevation"):
        shutil.copytree(shared_data / folder, tmp_path / folder)
    for file in (tmp_path / "osm").iterdir():
        file.chmod(0o644)
    whole = (tmp_path / "osm" / "andorra.osm.pbf").read_bytes()
    (tmp_path / "osm" / "andorra.osm.pbf").write_bytes(whole[: len(whole) // 2])
    result = zibo_geo("check", ROOT / "examples" / "andorra.toml", "--data", tmp_path)
    refused(result, "andorra.osm.pbf")


def test_a_short_weather_year_is_refused(shared_data: Path, tmp_path: Path) -> None:
    lines = (
        (shared_data / "weather" / "shanghai_hongqiao.epw")
        .read_text(encoding="latin-1")
        .splitlines()
    )
    short = tmp_path / "short.epw"
    short.write_text("\n".join(lines[: 8 + 8000]) + "\n", encoding="latin-1")
    case = _suzhou(shared_data, tmp_path)
    text = case.read_text(encoding="utf-8")
    original = shared_data / "weather" / "shanghai_hongqiao.epw"
    case.write_text(text.replace(str(original), str(short)), encoding="utf-8")
    refused(zibo_geo("check", case), "short.epw", "8")


def test_a_wrong_crs_an_empty_area_and_a_negative_height_are_refused(
    shared_data: Path, tmp_path: Path
) -> None:
    frame = gpd.read_file(shared_data / "buildings" / "suzhou_floors.geojson").iloc[:50]
    case = _suzhou(shared_data, tmp_path)
    text = case.read_text(encoding="utf-8")
    original = str(shared_data / "buildings" / "suzhou_floors.geojson")
    faults = {
        "metres.gpkg": (frame.set_crs("EPSG:4548", allow_override=True), ["metres.gpkg"]),
        "elsewhere.gpkg": (
            frame.set_geometry(frame.geometry.translate(-50.0, -20.0)),
            ["elsewhere.gpkg"],
        ),
        "negative.gpkg": (frame.assign(height=-3.0), ["negative.gpkg", "height"]),
        "bare.gpkg": (frame.iloc[:0], ["bare.gpkg"]),
    }
    for name, (spoilt, words) in faults.items():
        spoilt.to_file(tmp_path / name)
        case.write_text(text.replace(original, str(tmp_path / name)), encoding="utf-8")
        refused(zibo_geo("check", case), *words)


def test_missing_files_and_unknown_places_are_refused(shared_data: Path, tmp_path: Path) -> None:
    case = _suzhou(shared_data, tmp_path)
    text = case.read_text(encoding="utf-8")
    original = str(shared_data / "buildings" / "suzhou_floors.geojson")
    case.write_text(text.replace(original, "none.geojson"), encoding="utf-8")
    refused(zibo_geo("check", case), "none.geojson")
    case.write_text(text.replace("苏州市", "苏洲市"), encoding="utf-8")
    refused(zibo_geo("check", case), "苏洲市", "苏州市")
    refused(zibo_geo("plan", tmp_path / "absent.toml", "--out", tmp_path / "o"), "zibo-geo init")
    assert not (tmp_path / "o").exists()


def test_an_output_folder_that_is_a_file_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused(zibo_geo("plan", "--out", tmp_path / "file"), "--out")


def test_help_teaches_also_as_a_program_with_warnings_as_errors() -> None:
    command = [sys.executable, "-W", "error", "-m", "zibo_geo.cli", "plan", "--help"]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert "atlas/index.html" in result.stdout
