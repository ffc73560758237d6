"""The ``[pv]`` table of a case: what exists, own tariffs and ranges, and what else to make."""

__all__ = ["PvInputs", "read_pv_inputs"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from zibo_geo.toml_table import TomlTable

_LARGEST_MW = 1e6


@dataclass(frozen=True, kw_only=True)
class PvInputs:
    """Inputs of rooftop PV that are no layer and no assumption.

    Attributes
    ----------
    existing_mw : mapping of str to float
        PV that stands already, by county [MW]; none where a county is not named.
    shares : mapping of str to float
        Own shares of the promise by county, for ``split_rule = "custom"``; they sum to 1.
    tariffs, ranges : Path, optional
        Own tables of prices, and of the ranges of the tornado.
    module_rows : bool
        Whether the rows of modules are drawn as polygons, for the map at high zoom.
    """

    existing_mw: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    shares: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    tariffs: Path | None = None
    ranges: Path | None = None
    module_rows: bool = False


def read_pv_inputs(table: TomlTable | None, folder: Path) -> PvInputs:
    """Read the table; faults are noted in it."""
    if table is None:
        return PvInputs()
    inputs = PvInputs(
        existing_mw=MappingProxyType(table.figures("existing_mw", unit="MW", maximum=_LARGEST_MW)),
        shares=MappingProxyType(table.figures("shares", unit="1", maximum=1.0)),
        tariffs=table.path("tariffs", folder=folder),
        ranges=table.path("ranges", folder=folder),
        module_rows=table.flag("module_rows"),
    )
    table.finish()
    return inputs
