"""The handwritten pages say what is there: case keys, tables, commands, sentences, running examples."""

import argparse
import re
import tomllib
from pathlib import Path

import pytest

from layers.tables import LAYER_TABLES
from zibo_geo.assumption_rooms import ASSUMPTION_ROOMS
from zibo_geo.case import LAYER_NAMES, load_case
from zibo_geo.command_parser import make_parser
from zibo_geo.documentation import RESULT_TABLES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    path for path in DOCS.rglob("*.md") if path.name not in {"columns.md", "assumptions.md"}
)
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for package in ("layers", "rooftop_pv", "heat_network", "siting", "zibo_geo")
    for path in (ROOT / package).rglob("*.py")
)


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_case_files_in_the_pages_are_accepted(page: Path, tmp_path: Path) -> None:
    for number, block in enumerate(_blocks(page, "toml")):
        values = tomllib.loads(block)
        text = block
        if "area" not in values:
            text = "[area]\nadcode = 370300\n" + text
        if "title" in values:
            text = block
        if "weather" not in values and "embedded" not in values:
            text += '\n[weather]\npath = "weather.epw"\nformat = "epw"\n'
        if "buildings" not in values.get("layers", {}) and "embedded" not in values:
            text += '\n[layers.buildings]\npath = "buildings.gpkg"\n'
        path = tmp_path / f"{number}.toml"
        path.write_text(text, encoding="utf-8")
        case = load_case(path)
        assert set(case.layers) <= set(LAYER_NAMES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_tables_and_rooms_named_in_the_pages_exist(page: Path) -> None:
    names = {table.name for table in (*LAYER_TABLES, *RESULT_TABLES)}
    text = page.read_text(encoding="utf-8")
    for word in re.findall(r"`((?:pv|heat|siting|ground|target|graph)_[a-z_]+)(?:\.csv)?`", text):
        known = word in names or word in ASSUMPTION_ROOMS or word in SOURCES
        assert known, f"{page.name} names {word}, which nothing makes"


def test_sentences_of_the_faults_page_are_those_of_the_code() -> None:
    text = (DOCS / "faq.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    assert len(rows) >= 8
    joined = re.sub(r'"\s*f?"', "", SOURCES)
    for sentence in rows:
        assert sentence in joined, f"no sentence of the code says {sentence!r}"


def _commands() -> dict[str, argparse.ArgumentParser]:
    parser = make_parser()
    return next(
        dict(action.choices)
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
    )


def test_the_command_line_page_names_every_command_and_option() -> None:
    text = (DOCS / "command-line.md").read_text(encoding="utf-8")
    sections = dict(
        re.findall(r"^## zibo-geo ([a-z]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    )
    commands = _commands()
    assert sections.keys() == commands.keys()
    shared = {"--help", "-h", "--quiet", "--verbose", "-q", "-v"}
    for name, command in commands.items():
        options = {
            option for action in command._actions for option in action.option_strings
        } - shared
        named = set(re.findall(r"`(--?[a-z][a-z-]*)", sections[name]))
        assert named == options, name


def test_the_python_page_runs() -> None:
    blocks = _blocks(DOCS / "python.md", "python")
    assert blocks
    program = compile("\n".join(blocks), str(DOCS / "python.md"), "exec")
    exec(program, {"__name__": "page"})  # noqa: S102 - the page is ours
