"""The generated pages are what the code says today, and the environments agree."""

import re
import tomllib
from pathlib import Path

import pytest

from zibo_geo.documentation import assumptions_page, columns_page

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("file", "page"), [("columns.md", columns_page), ("assumptions.md", assumptions_page)]
)
def test_generated_pages_are_current(file: str, page: object) -> None:
    made = page()  # type: ignore[operator]
    assert (ROOT / "docs" / file).read_text(encoding="utf-8") == made, "run make docs-tables"


def _project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]  # type: ignore[no-any-return]


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=]", requirement)[0].lower().replace("_", "-")


def test_environment_yml_lists_what_pyproject_needs() -> None:
    conda = {"pvlib-python": "pvlib"}
    listed = {
        conda.get(_name(line.strip("- \n")), _name(line.strip("- \n"))): line.strip("- \n")
        for line in (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("- ")
    }
    for requirement in _project()["dependencies"]:  # type: ignore[attr-defined]
        assert _name(requirement) in listed, requirement
        bound = requirement.split(">=")[1]
        assert bound in listed[_name(requirement)], requirement


def test_every_requirement_is_pinned_once_and_no_host_is_named() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.\-]+==[\w.+!]+", line) for line in pins)
    names = [_name(line) for line in pins]
    assert len(names) == len(set(names))
    extras = _project()["optional-dependencies"]
    own = {name for name in extras if name != "benchmarks"}  # type: ignore[attr-defined]
    wanted = [*_project()["dependencies"], *(each for name in own for each in extras[name])]  # type: ignore[index,misc]
    for requirement in wanted:
        if requirement.startswith("zibo-geo["):
            assert own - {"test"} == set(re.findall(r"[a-z]+", requirement.split("[")[1]))
            continue
        assert _name(requirement) in names, requirement


def test_readme_links_lead_somewhere() -> None:
    for page in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert (ROOT / target).exists(), target
