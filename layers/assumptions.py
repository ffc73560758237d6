"""Assumptions: frozen values, each with unit, source and confidence, overridable by name.

A room states its assumptions as a frozen dataclass whose fields are made by :func:`assumed`::

    @dataclass(frozen=True, kw_only=True)
    class RooftopPvAssumptions(Assumptions):
        module_efficiency: float = assumed(
            0.225, unit="1", source="data sheets 2024", confidence="unverified", minimum=0.05, maximum=0.5
        )
        usable_share: Mapping[str, float] = assumed(
            {"school": 0.5}, unit="1", source="...", confidence="unverified", minimum=0.0, maximum=1.0
        )

and a case overrides them by key, ``from_mapping({"module_efficiency": 0.23})`` or, with its own
provenance, ``from_mapping({"module_efficiency": {"value": 0.23, "unit": "1", "source": "offer",
"confidence": "read"}})``. Unknown keys, wrong types, wrong units and values out of range are refused.
"""

__all__ = ["CONFIDENCES", "Assumptions", "Confidence", "assumed"]

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Self, get_args

import pandas as pd

from layers.errors import AssumptionError, near_matches

Confidence = Literal["plan", "read", "computed", "unverified"]
CONFIDENCES: tuple[str, ...] = get_args(Confidence)

_PROVENANCE_KEYS = ("value", "unit", "source", "confidence")


def assumed(
    default: Any,
    *,
    unit: str,
    source: str,
    confidence: Confidence,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Sequence[str] | None = None,
) -> Any:
    """Declare one assumption as a dataclass field.

    Parameters
    ----------
    default : float, int, bool, str, tuple or mapping of str to float
        The value in force unless a case overrides it. A mapping is a value per class.
    unit : str
        Unit of the value as printed, ``"1"`` for a share or ratio, ``"-"`` for a word or a switch.
    source : str
        Where the value comes from, in words a reviewer can follow.
    confidence : {"plan", "read", "computed", "unverified"}
        How far the source was seen.
    minimum, maximum : float, optional
        Bounds that every number must keep.
    choices : sequence of str, optional
        The words allowed for a text value.
    """
    if confidence not in CONFIDENCES:
        raise AssumptionError(
            f"Confidence {confidence!r} is not one of {', '.join(CONFIDENCES)}; choose one of them."
        )
    metadata = {
        "unit": unit,
        "source": source,
        "confidence": confidence,
        "minimum": minimum,
        "maximum": maximum,
        "choices": tuple(choices) if choices is not None else None,
        "default": default,
    }
    if isinstance(default, Mapping):
        frozen = MappingProxyType(dict(default))
        return dataclasses.field(default_factory=lambda: frozen, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """Base of every assumptions class: frozen, checked, and able to print its own provenance.

    Attributes
    ----------
    overrides : mapping of str to mapping
        Source and confidence of each overridden key; filled by :meth:`from_mapping`.
    """

    overrides: Mapping[str, Mapping[str, str]] = dataclasses.field(
        default_factory=lambda: MappingProxyType({})
    )

    def __post_init__(self) -> None:
        for field in self._fields():
            value = _checked(field, getattr(self, field.name), owner=type(self).__name__)
            object.__setattr__(self, field.name, value)

    @classmethod
    def _fields(cls) -> tuple[dataclasses.Field[Any], ...]:
        return tuple(field for field in dataclasses.fields(cls) if "unit" in field.metadata)

    @classmethod
    def from_mapping(cls, values: Mapping[str, object], *, where: str = "case file") -> Self:
        """Build the assumptions with some values overridden.

        Parameters
        ----------
        values : mapping
            Key to value, or key to ``{value, unit, source, confidence}``. A mapping by class may give
            some classes only; the others keep their defaults.
        where : str
            Named in errors and used as the source of an override that states none.

        Raises
        ------
        AssumptionError
            Unknown key, wrong unit, wrong type or value out of range; all faults in one message.
        """
        fields = {field.name: field for field in cls._fields()}
        chosen: dict[str, Any] = {}
        overrides: dict[str, Mapping[str, str]] = {}
        faults: list[str] = []
        for key, given in values.items():
            field = fields.get(key)
            if field is None:
                faults.append(f"{where} sets {key!r}, which is unknown{near_matches(key, fields)}")
                continue
            try:
                chosen[key], overrides[key] = _override(field, given, where=where)
            except AssumptionError as error:
                faults.append(str(error))
        if faults:
            raise AssumptionError("\n".join(faults))
        return cls(overrides=MappingProxyType(overrides), **chosen)

    def table(self) -> pd.DataFrame:
        """Return one row per value: key, value, unit, source, confidence, default, overridden."""
        rows: list[dict[str, object]] = []
        for field in self._fields():
            override = self.overrides.get(field.name)
            value, default = getattr(self, field.name), field.metadata["default"]
            pairs = (
                [(f"{field.name}.{name}", item, default.get(name)) for name, item in value.items()]
                if isinstance(value, Mapping)
                else [(field.name, value, default)]
            )
            for key, item, usual in pairs:
                source = override if override is not None and item != usual else field.metadata
                rows.append(
                    {
                        "key": key,
                        "value": item,
                        "unit": field.metadata["unit"],
                        "source": source["source"],
                        "confidence": source["confidence"],
                        "default": usual,
                        "overridden": item != usual,
                    }
                )
        columns = ["key", "value", "unit", "source", "confidence", "default", "overridden"]
        return (
            pd.DataFrame(rows, columns=columns)
            .set_index("key")
            .astype({"value": object, "default": object})
        )


def _override(
    field: dataclasses.Field[Any], given: object, *, where: str
) -> tuple[object, Mapping[str, str]]:
    default = field.metadata["default"]
    source = {"source": where, "confidence": "unverified"}
    value = given
    if isinstance(given, Mapping) and "value" in given:
        unknown = set(given) - set(_PROVENANCE_KEYS)
        if unknown:
            name = min(unknown)
            raise AssumptionError(
                f"{where} gives {field.name} an unknown part {name!r}{near_matches(name, _PROVENANCE_KEYS)}"
            )
        unit = given.get("unit", field.metadata["unit"])
        if unit != field.metadata["unit"]:
            raise AssumptionError(
                f"{where} gives {field.name} in {unit!r}, but it is counted in "
                f"{field.metadata['unit']!r}; convert the value and state that unit."
            )
        confidence = str(given.get("confidence", "unverified"))
        if confidence not in CONFIDENCES:
            raise AssumptionError(
                f"{where} gives {field.name} the confidence {confidence!r}; "
                f"allowed are {', '.join(CONFIDENCES)}."
            )
        source = {"source": str(given.get("source", where)), "confidence": confidence}
        value = given["value"]
    if isinstance(default, Mapping):
        if not isinstance(value, Mapping):
            raise AssumptionError(
                f"{where} sets {field.name} to {value!r}, but it is a value per class; "
                f"write {field.name} = {{ {next(iter(default))} = … }}."
            )
        unknown = set(value) - set(default)
        if unknown:
            name = min(unknown)
            raise AssumptionError(
                f"{where} sets {field.name} for the unknown class {name!r}{near_matches(name, default)}"
            )
        value = {**default, **value}
    return _checked(field, value, owner=where), source


def _checked(field: dataclasses.Field[Any], value: object, *, owner: str) -> object:
    default = field.metadata["default"]
    if isinstance(default, Mapping):
        if not isinstance(value, Mapping):
            raise AssumptionError(
                f"{owner}: {field.name} must be a value per class, not {value!r}."
            )
        return MappingProxyType(
            {
                name: _checked_item(
                    field, item, like=default.get(name, next(iter(default.values()))), owner=owner
                )
                for name, item in value.items()
            }
        )
    if isinstance(default, tuple):
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise AssumptionError(f"{owner}: {field.name} must be a list, not {value!r}.")
        return tuple(_checked_item(field, item, like=default[0], owner=owner) for item in value)
    return _checked_item(field, value, like=default, owner=owner)


def _checked_item(
    field: dataclasses.Field[Any], value: object, *, like: object, owner: str
) -> object:
    name, unit = field.name, field.metadata["unit"]
    if isinstance(like, bool):
        if not isinstance(value, bool):
            raise AssumptionError(f"{owner}: {name} must be true or false, not {value!r}.")
        return value
    if isinstance(like, str):
        choices = field.metadata["choices"]
        if not isinstance(value, str):
            raise AssumptionError(f"{owner}: {name} must be a word, not {value!r}.")
        if choices is not None and value not in choices:
            raise AssumptionError(
                f"{owner}: {name} is {value!r}; allowed are {', '.join(choices)}."
            )
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise AssumptionError(f"{owner}: {name} must be a finite number in {unit}, not {value!r}.")
    if isinstance(like, int) and not isinstance(value, int):
        raise AssumptionError(f"{owner}: {name} must be a whole number in {unit}, not {value!r}.")
    low, high = field.metadata["minimum"], field.metadata["maximum"]
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = (
            f"between {low} and {high}"
            if None not in (low, high)
            else (f"at least {low}" if high is None else f"at most {high}")
        )
        raise AssumptionError(f"{owner}: {name} is {value!r} {unit}, but must be {bounds}.")
    return float(value) if isinstance(like, float) else value
