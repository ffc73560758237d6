"""Assumptions are frozen, checked, and tell where each value comes from."""

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass

import pytest

from layers.assumptions import Assumptions, assumed
from layers.errors import AssumptionError


@dataclass(frozen=True, kw_only=True)
class _Room(Assumptions):
    share: float = assumed(
        0.4, unit="1", source="a book", confidence="read", minimum=0.0, maximum=1.0
    )
    rows: int = assumed(3, unit="1", source="a plan", confidence="plan", minimum=1)
    rule: str = assumed(
        "exact", unit="-", source="s", confidence="computed", choices=("exact", "rough")
    )
    by_use: Mapping[str, float] = assumed(
        {"school": 0.5, "shop": 0.6},
        unit="1",
        source="s",
        confidence="unverified",
        minimum=0.0,
        maximum=1.0,
    )
    years: tuple[int, ...] = assumed((2026, 2027), unit="year", source="s", confidence="plan")
    on: bool = assumed(True, unit="-", source="s", confidence="plan")


def test_defaults_are_in_force_and_frozen() -> None:
    room = _Room()
    assert room.share == 0.4
    assert room.by_use["shop"] == 0.6
    with pytest.raises(FrozenInstanceError):
        room.share = 0.5  # type: ignore[misc]
    with pytest.raises(TypeError):
        room.by_use["shop"] = 0.1  # type: ignore[index]


def test_an_override_keeps_the_other_classes_and_states_its_source() -> None:
    room = _Room.from_mapping(
        {
            "by_use": {"school": 0.7},
            "share": {"value": 0.3, "unit": "1", "source": "survey", "confidence": "read"},
        },
        where="case.toml",
    )
    assert dict(room.by_use) == {"school": 0.7, "shop": 0.6}
    table = room.table()
    assert table.loc["share", ["value", "source", "confidence", "default"]].tolist() == [
        0.3,
        "survey",
        "read",
        0.4,
    ]
    assert table.loc["by_use.school", "source"] == "case.toml"
    assert not table.loc["by_use.shop", "overridden"]
    assert table.loc["rows", "confidence"] == "plan"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"shere": 0.3}, ["'shere'", "unknown", "did you mean share?"]),
        ({"share": 1.5}, ["share is 1.5", "between 0.0 and 1.0"]),
        ({"share": "much"}, ["share must be a finite number in 1"]),
        ({"share": float("nan")}, ["finite"]),
        ({"share": True}, ["finite number"]),
        ({"rows": 2.5}, ["rows must be a whole number"]),
        ({"rule": "exat"}, ["allowed are exact, rough"]),
        ({"by_use": {"skool": 0.1}}, ["unknown class 'skool'", "did you mean school?"]),
        ({"by_use": 0.3}, ["value per class"]),
        ({"share": {"value": 40, "unit": "%"}}, ["'%'", "counted in '1'"]),
        (
            {"share": {"value": 0.4, "cofidence": "read"}},
            ["unknown part 'cofidence'", "did you mean confidence?"],
        ),
        ({"share": {"value": 0.4, "confidence": "sure"}}, ["'sure'", "allowed are plan"]),
        ({"on": 1}, ["true or false"]),
        ({"years": "2026"}, ["must be a list"]),
    ],
)
def test_every_fault_is_named(values: dict[str, object], words: list[str]) -> None:
    with pytest.raises(AssumptionError) as caught:
        _Room.from_mapping(values)
    for word in words:
        assert word in str(caught.value)


def test_all_faults_come_at_once() -> None:
    with pytest.raises(AssumptionError) as caught:
        _Room.from_mapping({"share": 2.0, "rows": 0, "nope": 1})
    assert len(str(caught.value).splitlines()) == 3
