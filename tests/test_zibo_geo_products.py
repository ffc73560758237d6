"""What is made of a finished plan: the map as one file and beside another, reports, the scoreboard."""

import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from plan_runs import Run, refused, zibo_geo

sys.path.insert(0, str(Path(__file__).parent / "faults"))

from small_city import write_small_city


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Run]:
    """Return the case of a small city, the folder of its plan and the run."""
    root = tmp_path_factory.mktemp("products")
    case = write_small_city(root / "city")
    run = zibo_geo("plan", case, "--out", root / "out", "--executor", "serial")
    assert run.returncode == 0, run.stderr
    return case, root / "out", run


def test_the_plan_says_what_it_could_not_do(city: tuple[Path, Path, Run]) -> None:
    _, out, run = city
    words = " ".join(run.stderr.split())
    assert "Heat was not planned: the study has no streets" in words
    assert "Stations were not sited: the study has no streets" in words
    assert "balances close within" in words
    assert (out / "report.xlsx").is_file()
    assert (out / "plan.qgs").is_file()
    book = openpyxl.load_workbook(out / "report.xlsx", read_only=True)
    assert len(book.sheetnames) >= 5


def test_the_map_alone_is_one_file_beside_another(city: tuple[Path, Path, Run]) -> None:
    case, out, _ = city
    other = out.parent / "other"
    assert zibo_geo("pv", case, "--out", other, "--executor", "serial").returncode == 0
    run = zibo_geo("atlas", case, "--out", out, "--single-file", "--compare", other)
    assert run.returncode == 0, run.stderr
    assert "1 files" in " ".join(run.stderr.split())
    assert (out / "atlas" / "compare.html").is_file()
    assert not (out / "atlas" / "data").exists()
    refused(zibo_geo("atlas", case, "--out", out, "--compare", out.parent / "none"), "none")


def test_reports_come_in_one_language_where_asked(city: tuple[Path, Path, Run]) -> None:
    case, out, _ = city
    run = zibo_geo("report", case, "--out", out, "--language", "zh", "--analyses", "pv")
    assert run.returncode == 0, run.stderr
    briefs = {path.name for path in (out / "briefs").iterdir()}
    assert "370303.html" in briefs
    assert not any(name.endswith(".en.html") for name in briefs)


def test_the_scoreboard_is_printed_and_written(city: tuple[Path, Path, Run]) -> None:
    case, out, _ = city
    run = zibo_geo("targets", case, "--out", out, "--analyses", "pv")
    assert run.returncode == 0, run.stderr
    assert "4,000" in run.stderr
    scores = pd.read_csv(out / "target_scores.csv", encoding="utf-8-sig", index_col="target")
    assert scores.loc["pv_new", "value"] == 4000.0
    assert scores.loc["pv_new", "status"] == "beyond_potential"


def test_a_place_without_promises_is_told_how_to_bring_them(
    city: tuple[Path, Path, Run], tmp_path: Path
) -> None:
    case, _, _ = city
    text = case.read_text(encoding="utf-8").replace("adcode = 370300", "adcode = 370303")
    elsewhere = case.with_name("elsewhere.toml")
    elsewhere.write_text(text, encoding="utf-8")
    refused(zibo_geo("targets", elsewhere, "--out", tmp_path, "--analyses", "pv"), "[targets] path")


@pytest.mark.parametrize("option", ["--workers", "--roofs-per-tile"])
def test_a_number_below_one_is_a_sentence(option: str, tmp_path: Path) -> None:
    refused(zibo_geo("plan", "--out", tmp_path / "out", option, "0"), option, "from 1 on")
    assert not (tmp_path / "out").exists()
