"""From a solution of the matching to tables."""

__all__ = [
    "balance_residual",
    "cluster_frame",
    "cost_frame",
    "hours_frame",
    "link_frame",
    "source_frame",
]

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.matching_assumptions import HeatMatchingAssumptions
from heat_network.matching_inputs import MatchingInputs
from heat_network.matching_model import MatchingModel
from heat_network.matching_solver import Solution
from heat_network.matching_tables import (
    COST_ITEMS,
    HEAT_CLUSTERS,
    HEAT_COSTS,
    HEAT_HOURS,
    HEAT_LINKS,
    HEAT_SOURCE_USE,
)
from layers.units import GJ_PER_MWH, KWH_PER_MWH

_Floats = npt.NDArray[np.float64]
_THOUSAND = 1e3
# Powers below this are the solver's rounding [MW].
_NOISE_MW = 1e-6


def hours_frame(
    inputs: MatchingInputs,
    model: MatchingModel,
    solution: Solution,
    *,
    assumptions: HeatMatchingAssumptions,
) -> pd.DataFrame:
    """Return the hours of every cluster, table ``heat_hours``."""
    blocks, x = model.blocks, solution.x
    served = 1.0 - assumptions.distribution_loss
    sent = {name: _by_cluster(inputs, model, x, name=name) for name in ("direct", "pump")}
    arrived = _by_cluster(inputs, model, x, name="direct", weight=inputs.delivered)
    arrived = arrived + _by_cluster(inputs, model, x, name="pump", weight=inputs.delivered)
    unmet_gate = _quiet(blocks.hourly(x, "unmet"))
    content = charge = lost = np.zeros((blocks.clusters, blocks.hours))
    if blocks.has_storage:
        content = np.maximum(blocks.hourly(x, "content"), 0.0)
        charge = blocks.hourly(x, "charge")
        lost = np.roll(content, 1, axis=1) * (1.0 - inputs.retention)
    gate = inputs.demand_mw.T / served
    duals = solution.row_dual[model.balance_row :][: gate.size].reshape(gate.shape)
    columns = {
        "demand_mw": inputs.demand_mw.T,
        "direct_mw": sent["direct"],
        "heat_pump_mw": sent["pump"],
        "boiler_mw": _quiet(blocks.hourly(x, "boiler")),
        "unmet_mw": unmet_gate * served,
        "storage_mwh": content,
        "charge_mw": charge,
        "transport_loss_mw": np.maximum(sent["direct"] + sent["pump"] - arrived, 0.0),
        "distribution_loss_mw": np.maximum(gate - unmet_gate, 0.0) * assumptions.distribution_loss,
        "storage_loss_mw": lost,
        "price_cny_gj": duals * _THOUSAND / GJ_PER_MWH,
    }
    frame = pd.DataFrame({name: value.reshape(-1) for name, value in columns.items()})
    frame.insert(0, "cluster", np.repeat(np.array(inputs.clusters, dtype=object), blocks.hours))
    frame.index = pd.DatetimeIndex(
        inputs.index.append([inputs.index] * (blocks.clusters - 1)), name="time"
    )
    return HEAT_HOURS.validate(frame, where="The hours of the matching")


def balance_residual(hours: pd.DataFrame) -> float:
    """Return how far heat in differs from heat out, losses and storage change.

    Parameters
    ----------
    hours : DataFrame
        Table ``heat_hours``.

    Returns
    -------
    float
        Sum over hours and clusters of |in − out − losses − change| over the heat in. The change of the
        storage is taken from its contents, not from its charge.
    """
    content = hours.groupby("cluster", sort=False)["storage_mwh"]
    before = content.transform(lambda level: np.roll(level.to_numpy(), 1))
    heat_in = hours["direct_mw"] + hours["heat_pump_mw"] + hours["boiler_mw"]
    out = hours["demand_mw"] - hours["unmet_mw"]
    losses = hours[["transport_loss_mw", "distribution_loss_mw", "storage_loss_mw"]].sum(axis=1)
    residual = (heat_in - out - losses - (hours["storage_mwh"] - before)).abs().sum()
    total = float(heat_in.sum())
    return float(residual) / total if total > 0.0 else float(residual)


def source_frame(
    inputs: MatchingInputs,
    model: MatchingModel,
    solution: Solution,
    *,
    assumptions: HeatMatchingAssumptions,
) -> pd.DataFrame:
    """Return what is taken from every usable source, table ``heat_sources_use``."""
    blocks, x = model.blocks, solution.x
    direct, pump = (_by_source(inputs, model, x, name=name) for name in ("direct", "pump"))
    direct_mwh, pump_mwh = direct.sum(axis=1), pump.sum(axis=1)
    power = 1.0 / inputs.cop
    taken = direct_mwh + pump_mwh * (1.0 - power)
    offered = (inputs.share * inputs.heat_mw).sum(axis=0)
    exchanger, heat_pump = np.zeros(blocks.sources), np.zeros(blocks.sources)
    for total, name, pairs in (
        (exchanger, "exchanger", blocks.direct_pairs),
        (heat_pump, "heat_pump", blocks.pump_pairs),
    ):
        np.add.at(total, inputs.pair_source[pairs], np.maximum(blocks.sizes(x, name), 0.0))
    links = link_frame(inputs, model, solution).sort_values("heat_gj", ascending=False)
    served = links.groupby("source_id", sort=False)["cluster"].agg(", ".join)
    frame = pd.DataFrame(
        {
            "direct_gj": direct_mwh * GJ_PER_MWH,
            "heat_pump_gj": pump_mwh * GJ_PER_MWH,
            "electricity_kwh": pump_mwh * power * KWH_PER_MWH,
            "peak_mw": (direct + pump).max(axis=1, initial=0.0),
            "used_share": np.divide(taken, offered, out=np.zeros_like(taken), where=offered > 0.0),
            "exchanger_mw": exchanger,
            "heat_pump_mw": heat_pump,
            "operation_cny": direct_mwh * inputs.direct_cny_mwh + pump_mwh * inputs.pump_cny_mwh,
            "capital_cny": exchanger * assumptions.annual_cny("exchanger")
            + heat_pump * assumptions.annual_cny("heat_pump"),
            "co2_kg": direct_mwh * inputs.direct_kg_mwh + pump_mwh * inputs.pump_kg_mwh,
            "marginal_cny_mw": _marginal_cny_mw(inputs, model, solution),
            "clusters": served.reindex(list(inputs.sources)).fillna("").to_numpy(),
        },
        index=pd.Index(inputs.sources, dtype="str", name="source_id"),
    )
    return HEAT_SOURCE_USE.validate(frame, where="The sources of the matching")


def cluster_frame(
    inputs: MatchingInputs,
    model: MatchingModel,
    solution: Solution,
    *,
    hours: pd.DataFrame,
) -> pd.DataFrame:
    """Return how every cluster is heated, table ``heat_clusters``."""
    blocks, x = model.blocks, solution.x
    names = pd.Index(inputs.clusters, dtype="str", name="cluster")
    by_cluster = hours.drop(columns=["cluster"]).groupby(hours["cluster"].to_numpy())
    sums = by_cluster.sum().reindex(names) * GJ_PER_MWH
    peaks = by_cluster.max().reindex(names)
    unmet_h = (hours["unmet_mw"] > 0.0).groupby(hours["cluster"].to_numpy()).sum().reindex(names)
    paid = (hours["price_cny_gj"] * hours["demand_mw"]).groupby(hours["cluster"].to_numpy()).sum()
    demand = sums["demand_mw"]
    frame = pd.DataFrame(
        {
            "demand_gj": demand,
            "peak_mw": peaks["demand_mw"],
            "sources_gj": sums["direct_mw"] + sums["heat_pump_mw"] - sums["transport_loss_mw"],
            "boiler_gj": sums["boiler_mw"],
            "boiler_mw": np.maximum(blocks.sizes(x, "boiler_size"), 0.0),
            "storage_mwh": np.maximum(blocks.sizes(x, "storage"), 0.0)
            if blocks.has_storage
            else 0.0,
            "unmet_gj": sums["unmet_mw"],
            "unmet_peak_mw": peaks["unmet_mw"],
            "unmet_h": unmet_h,
            "transport_loss_gj": sums["transport_loss_mw"],
            "distribution_loss_gj": sums["distribution_loss_mw"],
            "storage_loss_gj": sums["storage_loss_mw"],
            "price_cny_gj": (paid.reindex(names) * GJ_PER_MWH / demand.where(demand > 0.0)).fillna(
                0.0
            ),
        },
        index=names,
    )
    return HEAT_CLUSTERS.validate(frame, where="The clusters of the matching")


def link_frame(inputs: MatchingInputs, model: MatchingModel, solution: Solution) -> pd.DataFrame:
    """Return every pair of source and cluster that carries heat, table ``heat_links``."""
    blocks, x = model.blocks, solution.x
    sent = np.zeros((blocks.pairs, blocks.hours))
    sent[blocks.direct_pairs] += _quiet(blocks.hourly(x, "direct"))
    sent[blocks.pump_pairs] += _quiet(blocks.hourly(x, "pump"))
    source = np.array(inputs.sources, dtype=object)[inputs.pair_source]
    cluster = np.array(inputs.clusters, dtype=object)[inputs.pair_cluster]
    frame = pd.DataFrame(
        {
            "source_id": source,
            "cluster": cluster,
            "heat_gj": sent.sum(axis=1) * GJ_PER_MWH,
            "peak_mw": sent.max(axis=1, initial=0.0),
            "distance_km": inputs.distance_km,
        },
        index=pd.Index(
            [f"{s}>{c}" for s, c in zip(source, cluster, strict=True)], dtype="str", name="link"
        ),
    )
    used = frame[frame["heat_gj"] > 0.0]
    return HEAT_LINKS.validate(used, where="The links of the matching")


def cost_frame(
    inputs: MatchingInputs,
    model: MatchingModel,
    x: _Floats,
    *,
    sources: pd.DataFrame,
    assumptions: HeatMatchingAssumptions,
) -> pd.DataFrame:
    """Return the items of the yearly cost, table ``heat_costs``; they sum to the objective."""
    blocks = model.blocks
    boiler_gj = float(np.maximum(blocks.hourly(x, "boiler"), 0.0).sum()) * GJ_PER_MWH
    unmet_gj = float(_quiet(blocks.hourly(x, "unmet")).sum()) * GJ_PER_MWH
    unmet_gj *= 1.0 - assumptions.distribution_loss
    electricity_kwh = float(sources["electricity_kwh"].sum())
    electricity_cny = electricity_kwh * assumptions.electricity_cny_kwh
    electricity_kg = electricity_kwh * assumptions.grid_kg_kwh
    heat_kg = float(sources["co2_kg"].sum()) - electricity_kg
    boiler_kg = boiler_gj * assumptions.boiler_kg_gj
    pipe_mw_km = sum(
        float((blocks.sizes(x, name) * np.nan_to_num(inputs.distance_km[pairs], nan=0.0)).sum())
        for name, pairs in (("exchanger", blocks.direct_pairs), ("heat_pump", blocks.pump_pairs))
    )
    storage = float(blocks.sizes(x, "storage").sum()) if blocks.has_storage else 0.0
    cny = {
        "source_heat": float(sources["operation_cny"].sum()) - electricity_cny,
        "electricity": electricity_cny,
        "boiler_fuel": boiler_gj * assumptions.boiler_cny_gj,
        "exchangers": float(blocks.sizes(x, "exchanger").sum())
        * assumptions.annual_cny("exchanger"),
        "heat_pumps": float(blocks.sizes(x, "heat_pump").sum())
        * assumptions.annual_cny("heat_pump"),
        "connections": pipe_mw_km * assumptions.annual_cny("connection"),
        "boilers": float(blocks.sizes(x, "boiler_size").sum()) * assumptions.annual_cny("boiler"),
        "storage": storage * assumptions.annual_cny("storage"),
        "co2_price": (heat_kg + electricity_kg + boiler_kg) / _THOUSAND * assumptions.co2_cny_t,
        "unmet": unmet_gj * assumptions.unmet_cny_gj,
    }
    kg = {"source_heat": heat_kg, "electricity": electricity_kg, "boiler_fuel": boiler_kg}
    frame = pd.DataFrame(
        {
            "cny": [max(cny[item], 0.0) for item in COST_ITEMS],
            "co2_kg": [max(kg.get(item, 0.0), 0.0) for item in COST_ITEMS],
        },
        index=pd.Index(COST_ITEMS, dtype="str", name="item"),
    )
    return HEAT_COSTS.validate(frame, where="The costs of the matching")


def _quiet(power_mw: _Floats) -> _Floats:
    quiet: _Floats = np.where(power_mw < _NOISE_MW, 0.0, power_mw)
    return quiet


def _by_cluster(
    inputs: MatchingInputs,
    model: MatchingModel,
    x: _Floats,
    *,
    name: str,
    weight: _Floats | None = None,
) -> _Floats:
    pairs = model.blocks.direct_pairs if name == "direct" else model.blocks.pump_pairs
    values = _quiet(model.blocks.hourly(x, name))
    if weight is not None:
        values = values * weight[pairs][:, None]
    found = np.zeros((model.blocks.clusters, model.blocks.hours))
    np.add.at(found, inputs.pair_cluster[pairs], values)
    return found


def _by_source(inputs: MatchingInputs, model: MatchingModel, x: _Floats, *, name: str) -> _Floats:
    pairs = model.blocks.direct_pairs if name == "direct" else model.blocks.pump_pairs
    found = np.zeros((model.blocks.sources, model.blocks.hours))
    np.add.at(found, inputs.pair_source[pairs], _quiet(model.blocks.hourly(x, name)))
    return found


def _marginal_cny_mw(inputs: MatchingInputs, model: MatchingModel, solution: Solution) -> _Floats:
    """Sum over hours of the worth of availability, weighted by the grades that one MW more brings."""
    blocks = model.blocks
    found = np.zeros(blocks.sources)
    for name, pairs, power, rows in (
        ("direct", blocks.direct_pairs, inputs.direct_mw, model.direct_row),
        ("pump", blocks.pump_pairs, inputs.pump_mw, model.pump_row),
    ):
        reduced = blocks.hourly(solution.column_dual, name)
        for place, pair in enumerate(pairs.tolist()):
            source = int(inputs.pair_source[pair])
            first = int(rows[source])
            if first >= 0:
                worth = -solution.row_dual[first : first + blocks.hours]
            else:
                worth = -np.minimum(reduced[place], 0.0)
            value = float((worth * inputs.share[:, source]).sum())
            value *= power[source] / inputs.heat_mw[source] * _THOUSAND
            # Rows are shared by the pairs of a source and counted once.
            again = first >= 0 and inputs.pair_source[pairs[:place]].tolist().count(source) > 0
            found[source] += 0.0 if again else value
    clipped: _Floats = np.maximum(found, 0.0)
    return clipped
