"""Which assumptions move the cost of heat the most."""

__all__ = ["tornado"]

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from heat_network.cost_assumptions import CostAssumptions
from heat_network.cost_tables import HEAT_TORNADO
from layers.errors import AssumptionError, near_matches

_FACTS = MappingProxyType(
    {
        "trench_position": (0.0, 1.0, "facts: low and high trench prices"),
        "source_heat_cny_gj": (15.0, 35.0, "facts: waste heat is bought at 15-35"),
        "heat_only_cny_gj.coal_boiler": (35.0, 45.0, "facts: coal 35-45"),
        "heat_only_cny_gj.gas_boiler": (90.0, 110.0, "facts: gas 90-110"),
        "heat_only_kg_gj.coal_boiler": (110.0, 118.0, "facts: coal boiler 110-118"),
        "grid_kg_kwh": (0.5306, 0.6838, "facts: national 2023, Shandong 2021"),
        "interest": (0.04, 0.08, "judgement: 6 % within two points"),
    }
)
_AROUND = 0.25


def tornado(
    result: Callable[[CostAssumptions], float],
    assumptions: CostAssumptions,
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    count: int = 10,
) -> pd.DataFrame:
    """Move every assumption between a low and a high value, one at a time.

    Parameters
    ----------
    result : callable
        Takes assumptions, returns the number to watch, as ``lambda a: levelised_cost(basis, assumptions=a)``.
    assumptions : CostAssumptions
        In force.
    ranges : mapping of str to (low, high), optional
        By key as in ``assumptions.table()``; where none is given, the range of the facts, otherwise 25
        % around.
    count : int
        Rows to return.

    Returns
    -------
    DataFrame
        Table ``heat_tornado``, the strongest first; assumptions without effect are left out.

    Raises
    ------
    AssumptionError
        A range for an unknown key.
    """
    table = assumptions.table()
    numbers = [
        key
        for key, value in table["value"].items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    given = dict(ranges or {})
    for key in given:
        if key not in numbers:
            raise AssumptionError(
                f"There is no assumption {key!r} to give a range{near_matches(key, numbers)}"
            )
    base = float(result(assumptions))
    rows: list[dict[str, Any]] = []
    for key in numbers:
        value = table.loc[key, "value"]
        low, high, source = _range(key, float(value), given)
        low, high = (_kept(assumptions, key, end) for end in (low, high))
        ends = [float(result(_changed(assumptions, key, end))) for end in (low, high)]
        rows.append(
            {
                "assumption": key, "unit": table.loc[key, "unit"], "base": float(value),
                "low": low, "high": high,
                "range_source": source, "result_base": base, "result_low": ends[0], "result_high": ends[1],
                "span": abs(ends[1] - ends[0]), "confidence": table.loc[key, "confidence"],
            }
        )  # fmt: skip
    frame = (
        pd.DataFrame(rows)
        .set_index("assumption")
        .sort_values("span", ascending=False, kind="stable")
    )
    frame.index = frame.index.astype("str")
    strong = frame[frame["span"] > 1e-12 * max(abs(base), 1.0)].head(count)
    return HEAT_TORNADO.validate(strong, where="The tornado")


def _range(
    key: str, value: float, given: Mapping[str, tuple[float, float]]
) -> tuple[float, float, str]:
    if key in given:
        return (*given[key], "given")
    if key in _FACTS:
        return _FACTS[key]
    return value * (1.0 - _AROUND), value * (1.0 + _AROUND), "25 % around the value; no range seen"


def _kept(assumptions: CostAssumptions, key: str, value: float) -> float:
    """Return the value within the bounds of its assumption, whole where only whole numbers are allowed."""
    name = key.partition(".")[0]
    field = next(field for field in dataclasses.fields(assumptions) if field.name == name)
    low, high = field.metadata["minimum"], field.metadata["maximum"]
    kept = max(value, low) if low is not None else value
    kept = min(kept, high) if high is not None else kept
    return round(kept) if isinstance(getattr(assumptions, name), int) else kept


def _changed(assumptions: CostAssumptions, key: str, value: float) -> CostAssumptions:
    """Return the assumptions with one value set."""
    name, _, item = key.partition(".")
    new: Any = {**getattr(assumptions, name), item: value} if item else value
    change: dict[str, Any] = {name: new}
    return dataclasses.replace(assumptions, **change)
