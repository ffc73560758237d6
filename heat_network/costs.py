"""What a sized network costs and earns: per consumer, neighbourhood, source and in all.

Every pipe is paid by the consumers behind it in proportion to their peaks, so that the parts sum to the
whole. The levelised cost of heat is (Σ capital × annuity(interest, life) + yearly costs) / heat taken.
The net present value counts capital at the start, replacements at the end of each life, the
straight-line rest at the horizon, and the selling price.
"""

__all__ = [
    "CostBasis",
    "consumer_costs",
    "cost_basis",
    "heat_costs",
    "levelised",
    "levelised_cost",
    "pipe_capital",
    "scheme_rows",
]

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import numpy_financial as npf
import pandas as pd

from heat_network.alternatives import alternative_costs
from heat_network.cost_assumptions import CostAssumptions, annuity
from heat_network.cost_tables import ALTERNATIVES, HEAT_SCHEMES
from heat_network.pipe_catalogue import read_pipe_catalogue, trench_cost_cny_m
from heat_network.pipe_tree import PipeTree, hang_pipes
from heat_network.sizing import SizedNetwork
from layers.errors import LayerError
from layers.units import KWH_PER_GJ, KWH_PER_MWH

_Floats = npt.NDArray[np.float64]
_KG_PER_T = 1e3
_CAPITAL = ("pipes", "substations", "pumps", "connection")


@dataclass(frozen=True, kw_only=True)
class CostBasis:
    """The quantities that prices are put on; they do not depend on prices.

    Attributes
    ----------
    sized : SizedNetwork
    tree : PipeTree
    rows, links : int array
        Rows of the tree's pipes and of the links in the frame of pipes.
    catalogue : DataFrame
        Table ``pipe_catalogue``.
    sources : DataFrame
        By source_id, in the order of the plants: `cost_cny_gj` and `co2_kg_gj`, missing where not stated.
    plant : (m,) int array
        Row of the plant of each pipe of the tree.
    """

    sized: SizedNetwork
    tree: PipeTree
    rows: npt.NDArray[np.int64]
    links: npt.NDArray[np.int64]
    catalogue: pd.DataFrame
    sources: pd.DataFrame
    plant: npt.NDArray[np.int64]


def cost_basis(
    sized: SizedNetwork,
    *,
    sources: pd.DataFrame | None = None,
    catalogue: pd.DataFrame | None = None,
) -> CostBasis:
    """Gather what prices are put on.

    Parameters
    ----------
    sized : SizedNetwork
        From ``size_network``. Its pipes may carry `surface` ("road", "green" or "rural"; road unless
        given) and `extra_m`, the length that crossings cost as much as.
    sources : DataFrame, optional
        By source_id: `cost_cny_gj` and `co2_kg_gj` of the heat. Table ``heat_supply`` fits.
    catalogue : DataFrame, optional
        Table ``pipe_catalogue`` that the network was sized with; the one of the package unless given.
    """
    tree, rows, links = hang_pipes(sized.nodes, sized.pipes)
    ids = sized.plants.index
    columns = ["cost_cny_gj", "co2_kg_gj"]
    given = pd.DataFrame(index=ids, columns=columns, dtype="float64")
    if sources is not None:
        for column in columns:
            if column not in sources.columns:
                raise LayerError(
                    f"The heat sources have no column {column!r}; give price and CO2 of the heat."
                )
        given = sources[columns].astype("float64").reindex(ids)
    sizes = read_pipe_catalogue() if catalogue is None else catalogue
    known = sized.pipes["dn_mm"].isin(sizes["dn_mm"])
    if not known.all():
        raise LayerError(
            f"Pipe {sized.pipes.index[~known][0]!r} has a size that the pipe catalogue "
            "lacks; give the same one."
        )
    plant = ids.get_indexer(sized.pipes["source_id"].iloc[rows]).astype(np.int64)
    return CostBasis(
        sized=sized, tree=tree, rows=rows, links=links, catalogue=sizes, sources=given, plant=plant
    )


def pipe_capital(basis: CostBasis, assumptions: CostAssumptions) -> _Floats:
    """Return what every pipe of the frame costs, pairs and surface counted [CNY]."""
    pipes = basis.sized.pipes
    price = pd.Series(
        trench_cost_cny_m(basis.catalogue, position=assumptions.trench_position),
        index=basis.catalogue["dn_mm"],
    )
    length = pipes["length_m"].to_numpy(np.float64)
    if "extra_m" in pipes.columns:
        length = length + pipes["extra_m"].fillna(0.0).to_numpy(np.float64)
    factor = np.full(len(pipes), assumptions.surface_factor["road"])
    if "surface" in pipes.columns:
        named = pipes["surface"].astype("object").fillna("road")
        strange = ~named.isin(list(assumptions.surface_factor))
        if strange.any():
            raise LayerError(
                f"surface of pipe {pipes.index[strange][0]!r} is {named[strange].iloc[0]!r}; allowed are "
                f"{', '.join(assumptions.surface_factor)}."
            )
        factor = named.map(dict(assumptions.surface_factor)).to_numpy(np.float64)
    each: _Floats = price.loc[pipes["dn_mm"]].to_numpy(np.float64)
    paid: _Floats = each * length * factor * pipes["pairs"].to_numpy(np.float64)
    return paid


def _source_prices(basis: CostBasis, assumptions: CostAssumptions) -> tuple[_Floats, _Floats]:
    """Return price [CNY/GJ] and CO2 [kg/GJ] of the heat of every plant, assumed where not stated."""
    a = assumptions
    price: _Floats = basis.sources["cost_cny_gj"].fillna(a.source_heat_cny_gj).to_numpy(np.float64)
    co2: _Floats = basis.sources["co2_kg_gj"].fillna(a.source_heat_kg_gj).to_numpy(np.float64)
    return price, co2


def consumer_costs(basis: CostBasis, *, assumptions: CostAssumptions) -> pd.DataFrame:
    """Return the part of every consumer in what the network costs.

    Parameters
    ----------
    basis : CostBasis
    assumptions : CostAssumptions

    Returns
    -------
    DataFrame
        By node_id, one row per node that takes heat: `source_id`, the extensive columns of
        ``heat_schemes`` and `lcoh_cny_gj` [CNY/GJ].
    """
    a, tree, sized = assumptions, basis.tree, basis.sized
    pipes, nodes, plants = sized.pipes.iloc[basis.rows], sized.nodes, sized.plants
    takes = (nodes["peak_kw"].to_numpy(np.float64)[tree.end] > 0).nonzero()[0]
    peak = nodes["peak_kw"].to_numpy(np.float64)[tree.end]
    heat = nodes["heat_gj"].to_numpy(np.float64)[tree.end][takes]
    behind = np.maximum(pipes["sum_kw"].to_numpy(np.float64), 1e-300)
    capital = pipe_capital(basis, a)

    def shared(per_pipe: _Floats) -> _Floats:
        unit = np.where(pipes["sum_kw"].to_numpy(np.float64) > 0, per_pipe / behind, 0.0)
        part: _Floats = (tree.along(unit) * peak)[takes]
        return part

    plant = basis.plant[takes]
    total = np.bincount(basis.plant, weights=peak, minlength=len(plants))
    share = peak[takes] / total[plant]

    def by_plant(column: str) -> _Floats:
        part: _Floats = plants[column].to_numpy(np.float64)[plant] * share
        return part

    mine = peak[takes]
    every = mine / max(float(mine.sum()), 1e-300)
    relay_kw, relays = (pipes[name].to_numpy(np.float64) for name in ("pump_kw", "relays"))
    money = {
        # links serve all
        "pipes_cny": shared(capital[basis.rows]) + capital[basis.links].sum() * every,
        "substations_cny": a.substation_cny_kw * mine,
        "pumps_cny": by_plant("pump_kw") * a.pump_cny_kw
        + shared(relay_kw * a.pump_cny_kw + relays * a.relay_cny),
        "connection_cny": by_plant("heat_in_kw") * a.source_connection_cny_kw,
    }
    lost = shared(pipes["loss_gj"].to_numpy(np.float64))
    price, emitted = (values[plant] for values in _source_prices(basis, a))
    pumping_kwh = (by_plant("pump_kw") + shared(relay_kw)) * a.pump_full_hours
    co2_t = ((heat + lost) * emitted + pumping_kwh * a.grid_kg_kwh) / _KG_PER_T
    frame = pd.DataFrame(
        {
            "source_id": plants.index.to_numpy()[plant],
            "consumers": nodes["consumers"].to_numpy(np.int64)[tree.end][takes],
            "peak_kw": mine,
            "heat_gj": heat,
            "loss_gj": lost,
            "length_m": shared(pipes["length_m"].to_numpy(np.float64))
            + sized.pipes["length_m"].to_numpy(np.float64)[basis.links].sum() * every,
            **money,
            "capex_cny": sum(money.values()),
            "source_heat_cny": (heat + lost) * price,
            "pumping_cny": pumping_kwh * a.electricity_cny_kwh,
            "upkeep_cny": sum(money[f"{kind}_cny"] * a.upkeep[kind] for kind in _CAPITAL)
            + a.staff_cny_gj * heat,
            "emission_cny": co2_t * a.co2_cny_t,
            "co2_t": co2_t,
        },
        index=pd.Index(nodes.index.to_numpy()[tree.end[takes]], name="node_id"),
    )
    frame["opex_cny"] = frame[["source_heat_cny", "pumping_cny", "upkeep_cny", "emission_cny"]].sum(
        axis=1
    )
    return frame.assign(lcoh_cny_gj=levelised(frame, a))


def levelised(frame: pd.DataFrame, assumptions: CostAssumptions) -> pd.Series:
    """Return the levelised cost of each row of :func:`consumer_costs` or a sum of rows [CNY/GJ].

    Missing where no heat is taken.
    """
    a = assumptions
    yearly = sum(
        frame[f"{kind}_cny"] * annuity(a.interest, a.life_years[kind]) for kind in _CAPITAL
    )
    return (yearly + frame["opex_cny"]) / frame["heat_gj"].where(frame["heat_gj"] > 0)


def levelised_cost(basis: CostBasis, *, assumptions: CostAssumptions) -> float:
    """Return the levelised cost of heat of the whole network [CNY/GJ]."""
    parts = consumer_costs(basis, assumptions=assumptions)
    whole = parts.drop(columns=["source_id", "lcoh_cny_gj"]).sum().to_frame().T
    return float(levelised(whole, assumptions).iloc[0])


def heat_costs(
    sized: SizedNetwork,
    *,
    assumptions: CostAssumptions,
    sources: pd.DataFrame | None = None,
    clusters: pd.Series | None = None,
    catalogue: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what a network costs and earns: in all, per source and per neighbourhood.

    Parameters
    ----------
    sized : SizedNetwork
    assumptions : CostAssumptions
    sources, catalogue : DataFrame, optional
        See :func:`cost_basis`.
    clusters : Series of str, optional
        Neighbourhood by node_id; nodes that it lacks count in no neighbourhood.

    Returns
    -------
    DataFrame
        Table ``heat_schemes`` keyed "all", "source:<id>" and "cluster:<name>".
    """
    basis = cost_basis(sized, sources=sources, catalogue=catalogue)
    parts = consumer_costs(basis, assumptions=assumptions)
    groups = {"source": parts["source_id"]}
    if clusters is not None:
        groups["cluster"] = clusters.reindex(parts.index)
    return scheme_rows(parts, groups, assumptions=assumptions)


def scheme_rows(
    parts: pd.DataFrame, groups: Mapping[str, pd.Series], *, assumptions: CostAssumptions
) -> pd.DataFrame:
    """Return what consumers cost and earn together: all of them, and by group.

    Parameters
    ----------
    parts : DataFrame
        As :func:`consumer_costs` returns them, by any key.
    groups : mapping of str to Series
        By level, one of ``SCHEME_LEVELS``: the group of every row; rows without one count in none.
    assumptions : CostAssumptions

    Returns
    -------
    DataFrame
        Table ``heat_schemes`` keyed "all" and "<level>:<group>".
    """
    cost, _ = alternative_costs(parts["peak_kw"], parts["heat_gj"], assumptions=assumptions)
    parts = parts.drop(columns=["source_id", "lcoh_cny_gj"], errors="ignore")
    for column, name in enumerate(ALTERNATIVES):
        parts[f"{name}_total"] = np.nan_to_num(cost[:, column]) * parts["heat_gj"]
    tables = [parts.sum().to_frame("all").T.assign(level="all")]
    for level, key in groups.items():
        table = parts.groupby(key.astype("object"), observed=True).sum()
        tables.append(
            table.set_axis([f"{level}:{name}" for name in table.index]).assign(level=level)
        )
    frame = pd.concat(tables)
    frame.index = pd.Index(frame.index.astype("str"), name="scheme_id")
    return HEAT_SCHEMES.validate(
        _judged(frame, assumptions)[list(HEAT_SCHEMES.column_names)], where="The heat schemes"
    )


def _judged(frame: pd.DataFrame, assumptions: CostAssumptions) -> pd.DataFrame:
    """Return the rows with their levelised cost, worth and comparison."""
    a = assumptions
    some = frame["heat_gj"].where(frame["heat_gj"] > 0)
    flows = _cash_flows(frame, a)
    years = np.arange(flows.shape[1])
    may = [name for name in ALTERNATIVES if name in a.allowed]
    totals = frame[[f"{name}_total" for name in may]].to_numpy(np.float64)
    best = np.argmin(totals, axis=1)
    least = totals[np.arange(len(frame)), best]
    lcoh = levelised(frame, a)
    return frame.assign(
        consumers=frame["consumers"].astype("int64"),
        density_mwh_m=frame["heat_gj"]
        * KWH_PER_GJ
        / KWH_PER_MWH
        / frame["length_m"].clip(lower=1e-9),
        lcoh_cny_gj=lcoh,
        npv_cny=(flows * (1.0 + a.interest) ** -years).sum(axis=1),
        irr=[float(npf.irr(row)) if row[0] < 0 < row.sum() else np.nan for row in flows],
        co2_kg_gj=frame["co2_t"] * _KG_PER_T / some,
        cheapest_alternative=[may[number] for number in best],
        alternative_cny_gj=(least / some).fillna(0.0),
        saving_cny=least - (lcoh * frame["heat_gj"]).fillna(0.0),
    )


def _cash_flows(frame: pd.DataFrame, assumptions: CostAssumptions) -> _Floats:
    """Return the flow of money of each row by year, shape (n, horizon + 1) [CNY]."""
    a = assumptions
    horizon = a.horizon_years
    flows = np.zeros((len(frame), horizon + 1))
    yearly = (a.selling_cny_gj * frame["heat_gj"] - frame["opex_cny"]).to_numpy(np.float64)
    flows[:, 1:] = yearly[:, None]
    for kind in _CAPITAL:
        capital = frame[f"{kind}_cny"].to_numpy(np.float64)
        life = a.life_years[kind]
        built = 0.0
        while built < horizon - 1e-9:
            flows[:, round(built)] -= capital
            built += life
        flows[:, horizon] += capital * (built - horizon) / life
    return flows
