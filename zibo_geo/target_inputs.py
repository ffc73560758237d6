"""The ``[targets]`` table of a case: the city's own promises and how they are split."""

__all__ = ["TargetInputs", "read_target_inputs"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from zibo_geo.toml_table import TomlTable


@dataclass(frozen=True, kw_only=True)
class TargetInputs:
    """Inputs of the scoreboard.

    Attributes
    ----------
    path : Path, optional
        The city's promises (table ``targets`` as CSV). Zibo has its own built in; any other area has none
        unless given.
    shares : mapping of str to float
        Own parts of the counties by adcode, for ``split_rule = "custom"``; they sum to 1.
    """

    path: Path | None = None
    shares: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


def read_target_inputs(table: TomlTable | None, folder: Path) -> TargetInputs:
    """Read the table; faults are noted in it."""
    if table is None:
        return TargetInputs()
    inputs = TargetInputs(
        path=table.path("path", folder=folder),
        shares=MappingProxyType(table.figures("shares", unit="1", maximum=1.0)),
    )
    table.finish()
    return inputs
