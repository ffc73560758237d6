"""The case file: what it says is read, what it spells wrong is refused with the near match."""

from pathlib import Path

import pytest

from layers.errors import CaseError
from zibo_geo.case import load_case

GOOD = """
title = "X"
[area]
name = "桓台县"
[layers.buildings]
path = "b.shp"
datum = "gcj02"
encoding = "GBK"
columns = { storeys = "层数" }
[weather]
path = "w.epw"
format = "epw"
[assumptions.buildings]
storey_height_m = { apartment = 2.9 }
"""


def _case(folder: Path, text: str) -> Path:
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_case_is_read(tmp_path: Path) -> None:
    case = load_case(_case(tmp_path, GOOD))
    source = case.layers["buildings"]
    assert source.path == (tmp_path / "b.shp").resolve()
    assert (source.datum, source.encoding, dict(source.columns)) == (
        "gcj02",
        "GBK",
        {"storeys": "层数"},
    )
    assert case.area.name == "桓台县"
    assert case.assumed("buildings").storey_height_m["apartment"] == 2.9
    assert len(case.digest) == 64
    with pytest.raises(TypeError):
        case.layers["x"] = source  # type: ignore[index]


def test_paths_start_from_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    case = load_case(_case(tmp_path, GOOD), data=data)
    assert case.layers["buildings"].path == (data / "b.shp").resolve()


def test_the_embedded_case_and_the_template_are_valid(tmp_path: Path) -> None:
    assert load_case().embedded == "sample"
    template = Path(__file__).parents[1] / "zibo_geo" / "template.toml"
    case = load_case(_case(tmp_path, template.read_text(encoding="utf-8")))
    assert case.area.adcode == "370321"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "X"', 'titel = "X"', ["'titel' is unknown; did you mean title?"]),
        (
            "[layers.buildings]",
            "[layers.bildings]",
            ["'bildings' is no layer; did you mean buildings?"],
        ),
        ('datum = "gcj02"', 'datum = "gcj"', ["[layers.buildings] datum = 'gcj' is unknown"]),
        ('path = "b.shp"', 'path = "https://example.invalid/b.shp"', ["not a local file"]),
        ('path = "b.shp"', 'path = "/vsicurl/x"', ["not a local file"]),
        ('path = "b.shp"', "path = 3", ["path = 3 must be text in quotes"]),
        ('path = "b.shp"', "", ["[layers.buildings] needs a path"]),
        ('encoding = "GBK"', 'encodng = "GBK"', ["did you mean encoding?"]),
        ('format = "epw"', 'format = "epx"', ["'epx' is unknown; did you mean epw?"]),
        ('name = "桓台县"', "", ["exactly one of adcode, name, file and extent"]),
        ('name = "桓台县"', 'name = "桓台县"\nadcode = 370321', ["exactly one of"]),
        (
            "[area]",
            "[are]",
            ["[area] is missing", "'are' is unknown; did you mean area or targets?"],
        ),
        ("[assumptions.buildings]", "[assumptions.bildings]", ["'bildings' is no room"]),
        ("apartment = 2.9", "apartment = 290", ["[assumptions.buildings]", "between 2.0 and 15.0"]),
        ("apartment = 2.9", "apartmnt = 2.9", ["unknown class 'apartmnt'"]),
        (
            'columns = { storeys = "层数" }',
            "columns = { storeys = 3 }",
            ["columns.storeys must be text"],
        ),
        ('title = "X"', 'title = "X"\nembedded = "sample"', ["embedded data exist for Zibo only"]),
    ],
)
def test_every_fault_is_a_sentence(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    assert old in GOOD
    with pytest.raises(CaseError) as caught:
        load_case(_case(tmp_path, GOOD.replace(old, new, 1)))
    for word in words:
        assert word in str(caught.value)


def test_all_faults_come_in_one_message(tmp_path: Path) -> None:
    text = GOOD.replace("gcj02", "gcj").replace('"epw"', '"epx"').replace("title", "titel")
    with pytest.raises(CaseError, match=r"has 3 fault\(s\)|has 4 fault\(s\)"):
        load_case(_case(tmp_path, text))


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"title = ", b"area = 3\n[layers]\nbuildings = 4"]
)
def test_a_broken_file_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(content)
    with pytest.raises(CaseError, match=r"case\.toml"):
        load_case(path)


def test_a_missing_file_or_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="zibo-geo init"):
        load_case(tmp_path / "none.toml")
    with pytest.raises(CaseError, match="does not exist"):
        load_case(_case(tmp_path, GOOD), data=tmp_path / "nowhere")


def test_the_pv_table_is_read_and_checked(tmp_path: Path) -> None:
    text = GOOD + "\n[pv]\nexisting_mw = { 370321 = 85 }\nmodule_rows = true\n"
    case = load_case(_case(tmp_path, text))
    assert dict(case.pv.existing_mw) == {"370321": 85.0}
    assert case.pv.module_rows
    with pytest.raises(CaseError, match=r"existing_mw\.370321 = -1 must be a number from 0"):
        load_case(_case(tmp_path, text.replace("= 85", "= -1")))
    with pytest.raises(CaseError, match="did you mean module_rows"):
        load_case(_case(tmp_path, text.replace("module_rows", "modul_rows")))


def test_ground_exclusions_are_read_and_checked(tmp_path: Path) -> None:
    text = (
        GOOD
        + '\n[land_cover]\npath = "c.tif"\n[ground_exclusions.red]\npath = "r.gpkg"\nbuffer_m = 50\n'
    )
    case = load_case(_case(tmp_path, text))
    assert case.land_cover == (tmp_path / "c.tif").resolve()
    assert case.ground_exclusions["red"].buffer_m == 50.0
    with pytest.raises(CaseError, match=r"ground_exclusions\.red.*needs a path"):
        load_case(_case(tmp_path, text.replace('path = "r.gpkg"\n', "")))
