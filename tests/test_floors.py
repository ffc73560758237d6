"""The floors of the house: imports point down, and each library stays in its rooms."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {"layers": 0, "rooftop_pv": 1, "heat_network": 1, "siting": 1, "zibo_geo": 2}
ROOMS_OF = {
    "folium": ("zibo_geo/atlas/",),
    "branca": ("zibo_geo/atlas/",),
    "pvlib": (
        "rooftop_pv/sun.py",
        "rooftop_pv/row_shading.py",
        "layers/weather.py",
        "layers/climate.py",
        "layers/download.py",
    ),
    "rasterio": ("layers/terrain.py", "layers/landcover.py"),
    "requests": ("layers/download.py",),
    "urllib": ("layers/download.py",),
    "dask": ("zibo_geo/executors.py",),
    "distributed": ("zibo_geo/executors.py",),
    "osmnx": ("layers/download.py", "layers/streets.py"),
    "frykit": ("layers/area.py",),
    "pickle": (),
    "marshal": (),
    "shelve": (),
}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "print"}


def _modules() -> list[Path]:
    found = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    assert len(found) > 5
    return sorted(found)


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the floor"
            yield node.module or ""


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down_and_libraries_keep_to_their_rooms(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    own = where.split("/")[0]
    for name in _imports(ast.parse(path.read_text(encoding="utf-8"))):
        package = name.split(".")[0]
        if package in FLOORS and package != own:
            assert FLOORS[package] < FLOORS[own], f"{where} imports {name}, which is not below it"
        if package in ROOMS_OF:
            allowed = any(where.startswith(room) for room in ROOMS_OF[package])
            assert allowed, f"{where} imports {name}, whose rooms are {ROOMS_OF[package]}"
        if package == "numba":
            assert where.endswith("_kernel.py"), f"{where} imports numba but is not named a kernel"


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_one_noun_of_bounded_size_without_dynamic_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 420, "more than one noun in a file"
    assert path.stem not in {"utils", "helpers", "common", "misc"}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in FORBIDDEN_CALLS, f"{node.func.id}() in line {node.lineno}"
        if isinstance(node, ast.keyword) and node.arg == "shell":
            pytest.fail(f"a shell string in line {node.lineno}")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.args.kwarg is None, f"**{node.args.kwarg} in line {node.lineno}"


def test_the_floors_test_sees_an_upward_import() -> None:
    names = list(_imports(ast.parse("from zibo_geo.case import Case\nimport folium.plugins")))
    assert names == ["zibo_geo.case", "folium.plugins"]
