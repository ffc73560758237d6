"""The ``[heat]`` table of a case: zones, metered heat, consumers given as points, what to minimise."""

__all__ = ["HeatInputs", "HeatSinks", "read_heat_inputs"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast, get_args

from layers.coordinates import Datum
from layers.vectors import LayerSource
from zibo_geo.toml_table import TomlTable

_LARGEST_GJ = 1e12
_LARGEST_MW = 1e9
_MOST_POINTS = 20
Objective = Literal["cost", "co2"]


@dataclass(frozen=True, kw_only=True)
class HeatSinks:
    """Consumers that are given as points with their load, instead of buildings.

    Attributes
    ----------
    source : LayerSource
        The file.
    peak_column, hours_column : str
        Columns of the peak [kW] and of the full-load hours of a year [h].
    """

    source: LayerSource
    peak_column: str
    hours_column: str


@dataclass(frozen=True, kw_only=True)
class HeatInputs:
    """Inputs of the heat network that are no layer and no assumption.

    Attributes
    ----------
    objective : {"cost", "co2"}
        What sources are chosen and run by.
    metered_gj : mapping of str to float
        Metered heat of a season by county [GJ], to which the demand is calibrated.
    zones : mapping of str to str
        Heat zone by county; those of the assumptions where a county is not named, else itself.
    pareto_points : int
        Compromises of cost and CO2; none below 2.
    ratios : Path, optional
        Own table of source ratios.
    hours : Path, optional
        Table of the share of its power that a source gives, by month, day and hour.
    sinks : HeatSinks, optional
        Consumers given as points.
    sources : mapping of str to mapping of str to float
        By source_id: `heat_mw` [MW], `temperature_c` [°C], `cost_cny_gj` [CNY/GJ], in place of the layer's.
    forbidden : mapping of str to LayerSource
        Places that no pipe may cross.
    """

    objective: Objective = "cost"
    metered_gj: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    zones: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    pareto_points: int = 5
    ratios: Path | None = None
    hours: Path | None = None
    sinks: HeatSinks | None = None
    sources: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: MappingProxyType({}))
    forbidden: Mapping[str, LayerSource] = field(default_factory=lambda: MappingProxyType({}))


def read_heat_inputs(table: TomlTable | None, folder: Path) -> HeatInputs:
    """Read the table; faults are noted in it."""
    if table is None:
        return HeatInputs()
    points = table.whole("pareto_points", minimum=0, maximum=_MOST_POINTS)
    inputs = HeatInputs(
        objective=cast("Objective", table.word("objective", choices=get_args(Objective)) or "cost"),
        metered_gj=MappingProxyType(table.figures("metered_gj", unit="GJ", maximum=_LARGEST_GJ)),
        zones=MappingProxyType(table.words("zones")),
        pareto_points=5 if points is None else points,
        ratios=table.path("source_ratios", folder=folder),
        hours=table.path("source_hours", folder=folder),
        sinks=_sinks(table.table("sinks"), folder),
        sources=MappingProxyType(_own_sources(table.table("sources"))),
        forbidden=MappingProxyType(_forbidden(table.table("forbidden"), folder)),
    )
    table.finish()
    return inputs


def _sinks(table: TomlTable | None, folder: Path) -> HeatSinks | None:
    if table is None:
        return None
    sinks = HeatSinks(
        source=_source(table, folder),
        peak_column=table.word("peak_kw") or "peak_kw",
        hours_column=table.word("full_load_hours") or "full_load_hours",
    )
    table.finish()
    return sinks


def _own_sources(table: TomlTable | None) -> dict[str, Mapping[str, float]]:
    own: dict[str, Mapping[str, float]] = {}
    for name in () if table is None else table.keys:
        part = cast("TomlTable", cast("TomlTable", table).table(name))
        given = {
            "heat_mw": part.number("heat_mw", unit="MW", minimum=0.0, maximum=_LARGEST_MW),
            "temperature_c": part.number("temperature_c", unit="°C", minimum=0.0, maximum=1500.0),
            "cost_cny_gj": part.number("cost_cny_gj", unit="CNY/GJ", minimum=0.0, maximum=1e4),
        }
        part.finish()
        own[name] = MappingProxyType({k: v for k, v in given.items() if v is not None})
    return own


def _forbidden(table: TomlTable | None, folder: Path) -> dict[str, LayerSource]:
    sources: dict[str, LayerSource] = {}
    for name in () if table is None else table.keys:
        part = cast("TomlTable", cast("TomlTable", table).table(name))
        sources[name] = _source(part, folder)
        part.finish()
    return sources


def _source(part: TomlTable, folder: Path) -> LayerSource:
    path = part.path("path", folder=folder)
    if path is None:
        part.fault("needs a path")
    return LayerSource(
        path=path or folder,
        layer=part.word("layer"),
        datum=cast("Datum", part.word("datum", choices=get_args(Datum)) or "wgs84"),
        crs=part.word("crs"),
        where=part.word("where"),
    )
