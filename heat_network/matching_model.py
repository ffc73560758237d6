"""The linear programme of the matching: one sparse model, passed to HiGHS at once.

Columns, hour by hour: heat sent by exchanger and by heat pump for each pair, boiler, unmet, content and
net charge of the storage; then the sizes, those of exchangers and heat pumps per pair. Rows: balance and
storage of each cluster, availability of sources that serve several clusters, sizes, and grades: water is
heated in series, so all heat that only reaches a share r of the temperature rise is at most r of the
heat put into the network.
Money is in thousand CNY and CO2 in tonnes, so that numbers stay near one.
"""

__all__ = ["Blocks", "MatchingModel", "matching_model"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from heat_network.matching_assumptions import HeatMatchingAssumptions
from heat_network.matching_inputs import MatchingInputs
from layers.units import GJ_PER_MWH

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_THOUSAND = 1e3


@dataclass(frozen=True, kw_only=True, eq=False)
class Blocks:
    """Where each kind of column starts; hourly blocks are (row of the block, hour), hour running fastest."""

    direct_pairs: _Ints
    pump_pairs: _Ints
    has_storage: bool
    hours: int
    sources: int
    clusters: int
    pairs: int

    def start(self, name: str) -> int:
        """Return the first column of a block."""
        position = 0
        for block, count in self._counts():
            if block == name:
                return position
            position += count
        raise KeyError(name)

    def hourly(self, x: _Floats, name: str) -> _Floats:
        """Return an hourly block as (rows, hours)."""
        count = dict(self._counts())[name]
        first = self.start(name)
        return x[first : first + count].reshape(-1, self.hours)

    def sizes(self, x: _Floats, name: str) -> _Floats:
        """Return a block of sizes."""
        first = self.start(name)
        return x[first : first + dict(self._counts())[name]]

    @property
    def first_size(self) -> int:
        """Position of the first size."""
        return self.start("exchanger")

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return sum(count for _, count in self._counts())

    def _counts(self) -> tuple[tuple[str, int], ...]:
        stored = self.clusters * self.has_storage
        return (
            ("direct", len(self.direct_pairs) * self.hours),
            ("pump", len(self.pump_pairs) * self.hours),
            ("boiler", self.clusters * self.hours),
            ("unmet", self.clusters * self.hours),
            ("content", stored * self.hours),
            ("charge", stored * self.hours),
            ("exchanger", len(self.direct_pairs)),
            ("heat_pump", len(self.pump_pairs)),
            ("boiler_size", self.clusters),
            ("storage", stored),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class MatchingModel:
    """The programme: minimise ``cost @ x`` (or ``co2 @ x``) within bounds of columns and rows.

    Attributes
    ----------
    blocks : Blocks
        Layout of the columns.
    matrix : csr_array
        Rows by columns.
    cost, co2 : ndarray
        Thousand CNY and tonnes per unit of each column, unmet demand at its prices.
    lower, upper : ndarray
        Bounds of the columns.
    row_lower, row_upper : ndarray
        Bounds of the rows.
    balance_row : int
        First row of the balances, (cluster, hour).
    direct_row, pump_row : int ndarray, shape (sources,)
        First availability row of a source that serves several clusters, −1 where its column bounds it.
    """

    blocks: Blocks
    matrix: sparse.csr_array
    cost: _Floats
    co2: _Floats
    lower: _Floats
    upper: _Floats
    row_lower: _Floats
    row_upper: _Floats
    balance_row: int
    direct_row: _Ints
    pump_row: _Ints


class _Rows:
    """Collects rows as triplets; lives only while one model is built."""

    def __init__(self, hours: int) -> None:
        self.hours = np.arange(hours, dtype=np.int64)
        self.count = 0
        self.parts: list[tuple[_Ints, _Ints, _Floats]] = []
        self.lower: list[_Floats] = []
        self.upper: list[_Floats] = []

    def put(self, columns: _Ints, values: float | _Floats) -> None:
        """Add one entry per hour to the rows that the next call of ``close`` counts."""
        rows = self.count + self.hours
        self.parts.append(
            (rows, columns, np.broadcast_to(np.asarray(values, dtype=np.float64), len(rows)))
        )

    def close(self, lower: float | _Floats, upper: float | _Floats) -> int:
        """Finish one row per hour and return the first."""
        first, count = self.count, len(self.hours)
        self.lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self.upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self.count += count
        return first


def matching_model(inputs: MatchingInputs, assumptions: HeatMatchingAssumptions) -> MatchingModel:
    """Build the programme; all sizes are free within their limits."""
    source, hours = inputs.pair_source, len(inputs.index)
    blocks = Blocks(
        direct_pairs=np.flatnonzero(inputs.direct_mw[source] > 0.0),
        pump_pairs=np.flatnonzero(inputs.pump_mw[source] > 0.0),
        has_storage=assumptions.storage_limit_h > 0.0,
        hours=hours,
        sources=len(inputs.sources),
        clusters=len(inputs.clusters),
        pairs=len(source),
    )
    lower, upper = _bounds(inputs, blocks, assumptions=assumptions)
    rows = _Rows(hours)
    balance_row = _balance_rows(rows, inputs, blocks, assumptions=assumptions)
    if blocks.has_storage:
        _storage_rows(rows, inputs, blocks, assumptions=assumptions)
    direct_row = _source_rows(rows, inputs, blocks, route="direct", upper=upper)
    pump_row = _source_rows(rows, inputs, blocks, route="pump", upper=upper)
    for cluster in range(blocks.clusters):
        first = blocks.start("boiler") + cluster * hours
        rows.put(first + rows.hours, 1.0)
        rows.put(np.full(hours, blocks.start("boiler_size") + cluster), -1.0)
        rows.close(-np.inf, 0.0)
    _grade_rows(rows, inputs, blocks)
    row, column, value = (np.concatenate(part) for part in zip(*rows.parts, strict=True))
    cost, co2 = _prices(inputs, blocks, assumptions=assumptions)
    return MatchingModel(
        blocks=blocks,
        matrix=sparse.csr_array((value, (row, column)), shape=(rows.count, blocks.columns)),
        cost=cost,
        co2=co2,
        lower=lower,
        upper=upper,
        row_lower=np.concatenate(rows.lower),
        row_upper=np.concatenate(rows.upper),
        balance_row=balance_row,
        direct_row=direct_row,
        pump_row=pump_row,
    )


def _routes(inputs: MatchingInputs, blocks: Blocks) -> list[tuple[str, int, int, float]]:
    """Return every hourly route: its kind, pair, first column and reach."""
    found = []
    for kind, pairs, reach in (
        ("direct", blocks.direct_pairs, inputs.direct_reach),
        ("pump", blocks.pump_pairs, inputs.pump_reach),
    ):
        first = blocks.start(kind)
        for place, pair in enumerate(pairs.tolist()):
            found.append(
                (kind, pair, first + place * blocks.hours, float(reach[inputs.pair_source[pair]]))
            )
    return found


def _bounds(
    inputs: MatchingInputs, blocks: Blocks, *, assumptions: HeatMatchingAssumptions
) -> tuple[_Floats, _Floats]:
    lower, upper = np.zeros(blocks.columns), np.full(blocks.columns, np.inf)
    peak_mw = inputs.demand_mw.max(axis=0) / (1.0 - assumptions.distribution_loss)
    blocks.hourly(upper, "unmet")[:] = (inputs.demand_mw / (1.0 - assumptions.distribution_loss)).T
    blocks.sizes(upper, "boiler_size")[:] = assumptions.boiler_limit * peak_mw
    if blocks.has_storage:
        blocks.sizes(upper, "storage")[:] = assumptions.storage_limit_h * peak_mw
        blocks.hourly(lower, "charge")[:] = -np.inf
    return lower, upper


def _balance_rows(
    rows: _Rows, inputs: MatchingInputs, blocks: Blocks, *, assumptions: HeatMatchingAssumptions
) -> int:
    gate_mw = inputs.demand_mw / (1.0 - assumptions.distribution_loss)
    routes = _routes(inputs, blocks)
    first_row = rows.count
    for cluster in range(blocks.clusters):
        for _, pair, first, _ in routes:
            if inputs.pair_cluster[pair] == cluster:
                rows.put(first + rows.hours, float(inputs.delivered[pair]))
        for name in ("boiler", "unmet"):
            rows.put(blocks.start(name) + cluster * blocks.hours + rows.hours, 1.0)
        if blocks.has_storage:
            rows.put(blocks.start("charge") + cluster * blocks.hours + rows.hours, -1.0)
        rows.close(gate_mw[:, cluster], gate_mw[:, cluster])
    return first_row


def _storage_rows(
    rows: _Rows, inputs: MatchingInputs, blocks: Blocks, *, assumptions: HeatMatchingAssumptions
) -> None:
    before = np.roll(rows.hours, 1)
    for cluster in range(blocks.clusters):
        content = blocks.start("content") + cluster * blocks.hours
        charge = blocks.start("charge") + cluster * blocks.hours + rows.hours
        size = np.full(blocks.hours, blocks.start("storage") + cluster)
        rows.put(content + rows.hours, 1.0)
        rows.put(content + before, -inputs.retention)
        rows.put(charge, -1.0)
        rows.close(0.0, 0.0)
        rows.put(content + rows.hours, 1.0)
        rows.put(size, -1.0)
        rows.close(-np.inf, 0.0)
        for sign in (1.0, -1.0):
            rows.put(charge, sign)
            rows.put(size, -1.0 / assumptions.storage_least_h)
            rows.close(-np.inf, 0.0)


def _source_rows(
    rows: _Rows, inputs: MatchingInputs, blocks: Blocks, *, route: str, upper: _Floats
) -> _Ints:
    """Add sizes, and availability as bounds of the columns or, for several clusters, as rows."""
    power, size = (
        (inputs.direct_mw, "exchanger") if route == "direct" else (inputs.pump_mw, "heat_pump")
    )
    first_row = np.full(blocks.sources, -1, dtype=np.int64)
    routes = [r for r in _routes(inputs, blocks) if r[0] == route]
    for place, (_, _, first, _) in enumerate(routes):
        rows.put(first + rows.hours, 1.0)
        rows.put(np.full(blocks.hours, blocks.start(size) + place), -1.0)
        rows.close(-np.inf, 0.0)
    for source in range(blocks.sources):
        own = [first for _, pair, first, _ in routes if inputs.pair_source[pair] == source]
        if not own:
            continue
        available_mw = inputs.share[:, source] * power[source]
        if len(own) == 1:
            upper[own[0] : own[0] + blocks.hours] = available_mw
            continue
        for first in own:
            rows.put(first + rows.hours, 1.0)
        first_row[source] = rows.close(-np.inf, available_mw)
    return first_row


def _grade_rows(rows: _Rows, inputs: MatchingInputs, blocks: Blocks) -> None:
    routes = _routes(inputs, blocks)
    for cluster in range(blocks.clusters):
        own = [r for r in routes if inputs.pair_cluster[r[1]] == cluster]
        boiler = blocks.start("boiler") + cluster * blocks.hours + rows.hours
        for level in sorted({reach for *_, reach in own if reach < 1.0}):
            for _, pair, first, reach in own:
                share = (1.0 if reach <= level else 0.0) - level
                rows.put(first + rows.hours, share * float(inputs.delivered[pair]))
            if level > 0.0:
                rows.put(boiler, -level)
            rows.close(-np.inf, 0.0)


def _prices(
    inputs: MatchingInputs, blocks: Blocks, *, assumptions: HeatMatchingAssumptions
) -> tuple[_Floats, _Floats]:
    """Thousand CNY and tonnes per MW of an hour, and per MW or MWh of a size."""
    cost, co2 = np.zeros(blocks.columns), np.zeros(blocks.columns)
    for name, pairs, cny, kg in (
        ("direct", blocks.direct_pairs, inputs.direct_cny_mwh, inputs.direct_kg_mwh),
        ("pump", blocks.pump_pairs, inputs.pump_cny_mwh, inputs.pump_kg_mwh),
    ):
        source = inputs.pair_source[pairs]
        blocks.hourly(cost, name)[:] = cny[source][:, None] / _THOUSAND
        blocks.hourly(co2, name)[:] = kg[source][:, None] / _THOUSAND
    served = GJ_PER_MWH * (1.0 - assumptions.distribution_loss) / _THOUSAND
    blocks.hourly(cost, "boiler")[:] = assumptions.boiler_cny_gj * GJ_PER_MWH / _THOUSAND
    blocks.hourly(co2, "boiler")[:] = assumptions.boiler_kg_gj * GJ_PER_MWH / _THOUSAND
    # Unmet is counted at the gate of the cluster, but priced for the buildings.
    unmet_t = assumptions.unmet_kg_gj * served
    blocks.hourly(co2, "unmet")[:] = unmet_t
    cost += co2 * assumptions.co2_cny_t / _THOUSAND
    blocks.hourly(cost, "unmet")[:] = assumptions.unmet_cny_gj * served
    # Each route has a pipe of its own as large as its exchanger or heat pump.
    pipe_cny_mw = assumptions.annual_cny("connection") * np.nan_to_num(inputs.distance_km, nan=0.0)
    for plant, pairs in (("exchanger", blocks.direct_pairs), ("heat_pump", blocks.pump_pairs)):
        annual_cny = assumptions.annual_cny(plant) + pipe_cny_mw[pairs]
        blocks.sizes(cost, plant)[:] = annual_cny / _THOUSAND
    blocks.sizes(cost, "boiler_size")[:] = assumptions.annual_cny("boiler") / _THOUSAND
    if blocks.has_storage:
        blocks.sizes(cost, "storage")[:] = assumptions.annual_cny("storage") / _THOUSAND
    return cost, co2
