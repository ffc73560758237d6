"""Setbacks: the table, the classes of what is protected, and the metre that decides."""

from pathlib import Path

import pytest
import siting_cases as cases

from layers.errors import LayerError
from siting.candidates import site_candidates
from siting.legality import legal_equipment, legal_services
from siting.refusals import refusal
from siting.setbacks import protected_objects, read_setbacks
from siting.tables import EQUIPMENT, PROTECTED_CLASSES, SERVICES


def _legal(
    *, metres: float, geometry: object = None, kind: str = "hospital", buildings: object = ()
) -> object:
    """Legal services of a petrol station whose neighbour's edge is so many metres to the east."""
    wall = geometry or cases.box(5000.0 + metres, 4900.0, 100.0, 200.0)
    layers = cases.layer_set(
        stations=cases.stations([(5000.0, 5000.0)]),
        constraints=[cases.constraint(kind, wall)] if kind else [],
        buildings=buildings,  # type: ignore[arg-type]
    )
    return legal_equipment(site_candidates(layers), layers, read_setbacks())


def test_every_row_of_the_table_has_edition_clause_confidence_and_source() -> None:
    table = read_setbacks()
    assert (table["source"].str.len() > 10).all()
    assert table["edition"].str.match(r"GB \d+-\d{4}").all()
    explosive = [name for name in EQUIPMENT if name not in {"charging", "swap"}]
    for name in explosive:
        rows = table[table["equipment"].astype("str") == name]
        assert set(rows["protected"].astype("str")) == set(PROTECTED_CLASSES), name


def test_larger_storage_never_needs_less_distance() -> None:
    table = read_setbacks()
    for family in ("petrol_tank", "hydrogen_storage", "lng_tank"):
        for protected in PROTECTED_CLASSES:
            one, two, three = (table.loc[f"{family}_{k}|{protected}", "metres"] for k in (1, 2, 3))
            assert one >= two >= three


# Metres of storage or tank class 1, 2, 3 and of the dispenser, as commonly quoted from GB 50156-2021.
_PETROL = {
    "important_public": (35, 35, 35, 35), "open_flame": (21, 17.5, 12.5, 12.5), "class_1": (17.5, 14, 11, 11),
    "class_2": (14, 11, 8.5, 8.5), "class_3": (11, 8.5, 7, 7), "railway": (15.5, 15.5, 15.5, 15.5),
    "arterial": (7, 5.5, 5.5, 5), "minor_road": (5.5, 5, 5, 5),
}  # fmt: skip
_HYDROGEN = {
    "important_public": (50, 50, 50, 50), "open_flame": (40, 35, 30, 20), "class_1": (35, 30, 25, 20),
    "class_2": (30, 25, 20, 14), "class_3": (30, 25, 20, 12), "railway": (25, 25, 25, 22),
    "arterial": (15, 15, 15, 6), "minor_road": (10, 10, 10, 5),
}  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "known"),
    [
        (("petrol_tank_1", "petrol_tank_2", "petrol_tank_3", "petrol_dispenser"), _PETROL),
        (
            (
                "hydrogen_storage_1",
                "hydrogen_storage_2",
                "hydrogen_storage_3",
                "hydrogen_dispenser",
            ),
            _HYDROGEN,
        ),
    ],
)
def test_the_metres_are_those_that_are_quoted(
    parts: tuple[str, ...], known: dict[str, tuple[float, ...]]
) -> None:
    table = read_setbacks()
    for protected, metres in known.items():
        found = [table.loc[f"{part}|{protected}", "metres"] for part in parts]
        assert found == list(metres), protected


def test_only_what_a_source_was_seen_for_claims_to_be_read() -> None:
    table = read_setbacks()
    read = table[table["confidence"].astype("str") == "read"]
    kinds = read["equipment"].astype("str").str.rsplit("_", n=1).str[0]
    assert set(kinds) == {"hydrogen_storage"}
    assert set(read["protected"].astype("str")) == {"important_public", "open_flame"}
    gas = table[table["equipment"].astype("str").str.match("cng|lng")]
    assert (gas["confidence"].astype("str") == "unverified").all()


def test_a_refusal_says_the_same_in_chinese() -> None:
    metres = {"metres": (49.9, 50.0), "plot_m2": (600.0, 2000.0), "slope_deg": (12.0, 8.0)}
    english, chinese = refusal(
        "hydrogen_storage_3",
        rule="important_public",
        object_id="k0",
        name="医院",
        kind="",
        **metres,
    )
    assert (
        english == "hydrogen_storage_3 refused: important public k0 (医院) at 49.9 m, 50 m required"
    )
    assert chinese == "三级储氢不可建：距重要公共建筑物 k0（医院） 49.9 m，要求 50 m"
    for rule in (*PROTECTED_CLASSES, "land", "area", "slope"):
        for part in EQUIPMENT:
            both = refusal(part, rule=rule, object_id="k0", name="", kind="water", **metres)
            assert part in both[0]
            assert "不可建" in both[1]


def test_a_row_without_source_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "edition,table,equipment,protected,metres,confidence,source\n"
        "GB 50156-2021,4.0.8,hydrogen_storage_3,class_1,25,read,\n",
        encoding="utf-8",
    )
    with pytest.raises(LayerError, match=r"^Row 2 of the setback table mine.csv \(hydrogen_storage_3 from "
                       r"class_1\) has no source; say where its 25 m come from\.$"):  # fmt: skip
        read_setbacks(path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("GB,1,hydrogen_tank,class_1,25,read,seen", "hydrogen_tank"),
        ("GB,1,cng,class_1,-1,read,seen", "metres"),
        ("GB,1,cng,class_1,5,read,seen\nGB,1,cng,class_1,6,read,seen", r"cng\|class_1 twice"),
    ],
)
def test_bad_rows_are_refused(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        f"edition,table,equipment,protected,metres,confidence,source\n{row}\n", encoding="utf-8"
    )
    with pytest.raises(LayerError, match=message):
        read_setbacks(path)


def test_a_missing_column_and_a_missing_file_are_sentences(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("edition,table\n", encoding="utf-8")
    with pytest.raises(LayerError, match="no column equipment"):
        read_setbacks(path)
    with pytest.raises(LayerError, match="cannot be read"):
        read_setbacks(tmp_path / "none.csv")


def test_ten_centimetres_from_a_hospital_change_hydrogen_only() -> None:
    before, after = _legal(metres=49.9), _legal(metres=50.1)
    one, two = legal_services(before), legal_services(after)
    changed = [s for s in SERVICES if bool(one[s].iloc[0]) != bool(two[s].iloc[0])]
    assert changed == ["hydrogen"]
    row = before.loc["petrol_station-s0|hydrogen_storage_3"]
    assert (row["rule"], row["object_id"], row["required_m"]) == ("important_public", "k0", 50.0)
    assert row["actual_m"] == pytest.approx(49.9)
    assert (
        row["reason"] == "hydrogen_storage_3 refused: important public k0 at 49.9 m, 50 m required"
    )
    assert after.loc["petrol_station-s0|hydrogen_storage_3", "reason"] == ""


@pytest.mark.parametrize(
    ("kind", "service", "metres"),
    [("school", "petrol", 35.0), ("open_flame", "hydrogen", 30.0), ("public_1", "cng", 20.0),
     ("public_3", "hydrogen", 20.0), ("hospital", "lng", 80.0), ("power_line", "charging", 5.0)],
)  # fmt: skip
def test_each_distance_decides_at_its_metre(kind: str, service: str, metres: float) -> None:
    flags = [
        legal_services(_legal(metres=metres + d, kind=kind))[service].iloc[0] for d in (-0.01, 0.01)
    ]
    assert [bool(flag) for flag in flags] == [False, True]


def test_roads_count_from_the_kerb_and_railways_from_the_centreline() -> None:
    road, rail = (
        protected_objects(
            cases.layer_set(constraints=[cases.constraint(kind, cases.box(0, 0, 9000, 1).exterior)])
        )["offset_m"].tolist()
        for kind in ("motorway", "railway")
    )
    assert road == [13.0]
    assert rail == [0.0]


def test_buildings_fall_into_classes_by_use_and_floor_area() -> None:
    built = [
        *cases.buildings([(0, 0)], use="hospital", storeys=1),
        *cases.buildings([(100, 0)], use="apartment", storeys=12),  # 10,800 m²
        *cases.buildings([(200, 0)], use="apartment", storeys=6),  # 5,400 m²
        *cases.buildings([(300, 0)], use="rural_home", storeys=2),
        *cases.buildings([(400, 0)], use="shop", storeys=23),  # 20,700 m²
        *cases.buildings([(500, 0)], use="agricultural", storeys=1),
    ]
    found = protected_objects(cases.layer_set(buildings=built)).set_index("object_id")["protected"]
    assert found.to_dict() == {
        "b0": "important_public", "b1": "class_1", "b2": "class_2", "b3": "class_3", "b4": "important_public",
    }  # fmt: skip


def test_the_kiosk_of_a_standing_station_is_its_own_and_a_home_is_not() -> None:
    near = [(5002.0, 5002.0)]
    kiosk = _legal(metres=500.0, buildings=cases.buildings(near, use="shop", storeys=1))
    home = _legal(metres=500.0, buildings=cases.buildings(near, use="rural_home", storeys=1))
    assert bool(legal_services(kiosk)["petrol"].iloc[0])
    assert not bool(legal_services(home)["petrol"].iloc[0])


def test_a_wall_is_asked_for_close_to_the_limit_only() -> None:
    close = _legal(metres=12.0, kind="public_3").loc["petrol_station-s0|petrol_tank_1"]
    far = _legal(metres=26.0, kind="public_3").loc["petrol_station-s0|petrol_tank_1"]
    assert (bool(close["legal"]), bool(close["needs_wall"])) == (True, True)
    assert (bool(far["legal"]), bool(far["needs_wall"])) == (True, False)
