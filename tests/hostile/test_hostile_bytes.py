"""Damaged bytes: every kind of file, cut, flipped, holed and swapped, ends in a sentence or an account.

Hypothesis chooses further damage on top of the fixed cases; `benchmarks/hostile.py` runs many more seeds.
"""

import shutil
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hostile_inputs import WAYS, damaged, write_whole
from hostile_reader import HostileReader, assert_ended_well, assert_sentence
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PARTS = ("shp", "shx", "dbf", "prj", "cpg")
# Text stays well-formed text where lines go missing or come twice; only these may change their rows unseen.
MAY_CHANGE_ROWS = {"stations.csv", "roofs.geojson", "roofs.osm"}


class Whole(NamedTuple):
    """An undamaged input, which of its files is damaged, and the door it goes through."""

    name: str
    door: str
    given: dict
    part: str = ""


POLYGONS = {"geometry": "Polygon"}
MADE = {
    **{
        kind: Whole(f"roofs.{kind}", "vectors", POLYGONS)
        for kind in ("gpkg", "geojson", "fgb", "parquet", "osm")
    },
    "pbf": Whole("roofs.osm.pbf", "vectors", POLYGONS),
    **{part: Whole("roofs.shp", "vectors", POLYGONS, f"roofs.{part}") for part in PARTS},
    "tif": Whole("ground.tif", "terrain", {}),
    "deflated": Whole("packed.tif", "terrain", {}),
    "cover": Whole("cover.tif", "landcover", {}),
    "hgt": Whole("N36E118.hgt", "terrain", {}),
    "hgt_zip": Whole("N36E118.hgt.zip", "terrain", {}),
    "epw": Whole("year.epw", "weather", {"format": "epw"}),
    "power": Whole("power.csv", "weather", {"format": "nasa_power"}),
    "csv": Whole("stations.csv", "layer", {"layer_name": "stations"}),
    "xlsx": Whole("stations.xlsx", "layer", {"layer_name": "stations"}),
}
REAL = {
    "osm/monaco.osm.pbf": (
        "layer",
        {"layer_name": "buildings", "place": "monaco", "preset": "osm"},
    ),
    "osm/andorra.osm.pbf": (
        "layer",
        {"layer_name": "streets", "place": "andorra", "preset": "osm"},
    ),
    "heat/roads.gpkg": ("vectors", {"geometry": "LineString"}),
    "heat/sinks.gpkg": ("vectors", {"geometry": "Any"}),
    "elevation/N43E007.hgt.zip": ("terrain", {"place": "monaco"}),
    "weather/shanghai_hongqiao.epw": ("weather", {"format": "epw"}),
}


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    write_whole(folder)
    return folder


@cache
def rows_of(reader: HostileReader, path: Path, kind: str) -> int:
    """Rows that the account of the whole input says were read."""
    answer = reader.ask(MADE[kind].door, path=path, **MADE[kind].given)
    assert answer.outcome == "read", answer.text
    assert answer.rows > 0
    return answer.counted("read")


def put(whole: Path, folder: Path, kind: str, data: bytes) -> Path:
    """Lay the input into a folder with one of its files replaced by damaged bytes."""
    case = MADE[kind]
    if case.part:
        for part in PARTS:
            shutil.copy(whole / f"roofs.{part}", folder)
    (folder / (case.part or case.name)).write_bytes(data)
    return folder / case.name


def check(reader: HostileReader, whole: Path, folder: Path, kind: str, data: bytes) -> None:
    case = MADE[kind]
    rows = rows_of(reader, whole / case.name, kind)
    answer = reader.ask(case.door, path=put(whole, folder, kind, data), **case.given)
    assert_ended_well(answer, "roofs" if case.part else case.name)
    if answer.outcome == "read" and case.name not in MAY_CHANGE_ROWS:
        assert answer.counted("read") == rows, "rows were lost and nobody was told"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", MADE)
def test_a_damaged_file_is_a_sentence_or_keeps_its_rows(
    kind: str, way: str, reader: HostileReader, whole: Path, tmp_path: Path
) -> None:
    data = (whole / (MADE[kind].part or MADE[kind].name)).read_bytes()
    check(reader, whole, tmp_path, kind, damaged(data, way, seed=1))


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kind=st.sampled_from(sorted(MADE)),
    hits=st.lists(st.tuples(st.floats(0.0, 1.0), st.binary(max_size=12)), min_size=1, max_size=6),
    cut=st.one_of(st.none(), st.floats(0.0, 1.0)),
)
def test_any_damage_is_a_sentence_or_keeps_its_rows(
    kind: str,
    hits: list[tuple[float, bytes]],
    cut: float | None,
    reader: HostileReader,
    whole: Path,
    tmp_path: Path,
) -> None:
    data = bytearray((whole / (MADE[kind].part or MADE[kind].name)).read_bytes())
    for place, other in hits:
        at = int(place * (len(data) - 1))
        data[at : at + len(other)] = other
    check(
        reader, whole, tmp_path, kind, bytes(data if cut is None else data[: int(cut * len(data))])
    )


@pytest.mark.parametrize("way", ["cut", "flip_many", "zeros", "hole"])
@pytest.mark.parametrize("file", REAL)
def test_a_damaged_real_file_is_a_sentence_or_an_account(
    file: str, way: str, reader: HostileReader, shared_data: Path, tmp_path: Path
) -> None:
    door, given = REAL[file]
    data = (shared_data / file).read_bytes()
    path = tmp_path / Path(file).name
    path.write_bytes(damaged(data, way, seed=3))
    answer = reader.ask(door, path=path, **given)
    if way == "cut" and not file.endswith(".gpkg"):
        assert_sentence(answer, path.name)
    else:
        assert_ended_well(answer, path.name)


def test_the_judge_sees_a_crash_and_a_bare_exception(reader: HostileReader, tmp_path: Path) -> None:
    assert reader.ask("vectors", path=tmp_path / "a.gpkg", no_such_argument=1).outcome == "fault"
    with pytest.raises(AssertionError):
        assert_ended_well(reader.ask("no such door"), "a.gpkg")
