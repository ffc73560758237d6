"""Layers and a case that note what is looked at, so that a stage's inputs are what it really used."""

__all__ = ["Seen", "watched"]

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from layers.assumptions import Assumptions
from layers.layer_set import LayerSet
from zibo_geo.case import Case
from zibo_geo.run_inputs import LAYER_NEEDS

Seen = set[str]
"""Dotted names of the inputs that were looked at."""

_LAYERS = frozenset(item.name for item in fields(LayerSet))
_WORDS = frozenset(item.name for item in fields(Case)) - {"assumptions"}


def watched(layers: LayerSet, case: Case) -> tuple[LayerSet, Case, Seen]:
    """Return the layers and the case as they are, and the set in which every look at them is noted."""
    seen: Seen = set()
    noted_layers = object.__new__(_NotedLayers)
    vars(noted_layers).update(vars(layers), _seen=seen)
    noted_case = object.__new__(_NotedCase)
    rooms = _NotedRooms(case.assumptions, seen)
    vars(noted_case).update({**vars(case), "assumptions": rooms, "_seen": seen})
    return noted_layers, noted_case, seen


class _NotedLayers(LayerSet):
    def __getattribute__(self, name: str) -> Any:
        if name in _LAYERS:
            _seen_by(self).update(LAYER_NEEDS[name])
        return object.__getattribute__(self, name)


class _NotedCase(Case):
    def __getattribute__(self, name: str) -> Any:
        if name in _WORDS:
            _seen_by(self).add(name)
        return object.__getattribute__(self, name)


class _NotedRooms(Mapping[str, Assumptions]):
    def __init__(self, rooms: Mapping[str, Assumptions], seen: Seen) -> None:
        self._rooms, self._seen = rooms, seen

    def __getitem__(self, room: str) -> Assumptions:
        self._seen.add(f"assumptions.{room}")
        return self._rooms[room]

    def __iter__(self) -> Iterator[str]:
        self._seen.add("assumptions")
        return iter(self._rooms)

    def __len__(self) -> int:
        return len(self._rooms)


def _seen_by(noted: object) -> Seen:
    # A copy made by dataclasses.replace has looked at everything already and notes nothing more.
    seen: Seen = object.__getattribute__(noted, "__dict__").get("_seen", set())
    return seen
