"""What the doctor says of a machine: what is there with its version, what is not with its cure."""

from importlib.metadata import version
from pathlib import Path

import pytest
from plan_runs import refused, zibo_geo

from zibo_geo import doctor
from zibo_geo.doctor import Finding, examine


def test_it_names_the_versions_that_are_installed() -> None:
    found = {finding.name: finding for finding in examine()}
    for name in ("geopandas", "numba", "pvlib"):
        assert found[name] == Finding(name, "ok", version(name))
    assert found["extra [networks]"].found == "complete"
    assert all(finding.cure for finding in found.values() if finding.state != "ok")


def test_it_looks_into_a_folder_of_data(tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").touch()
    (tmp_path / "b.CSV").touch()
    here = examine(tmp_path)[-1]
    assert here.state == "ok"
    assert here.found == "2 files: .csv, .gpkg"
    gone = examine(tmp_path / "none")[-1]
    assert gone.state == "missing"
    assert "--data" in gone.cure


def test_a_machine_that_lacks_a_library_is_told_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LIBRARIES", ("geopandas", "no-such-library"))
    found = {finding.name: finding for finding in examine()}
    assert found["no-such-library"] == Finding(
        "no-such-library", "missing", "", "pip install no-such-library"
    )
    refused(zibo_geo("doctor"), "no-such-library", "cure")


def test_the_command_line_prints_it() -> None:
    run = zibo_geo("doctor")
    assert run.returncode == 0
    assert "extra [scale]" in run.stderr
    assert version("shapely") in run.stderr
