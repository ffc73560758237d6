"""Outage: each source out in turn, what stays cold, and what a spare for it costs."""

__all__ = ["outage"]

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.matching import Matching
from heat_network.matching_model import matching_model
from heat_network.matching_solver import MatchingSolver, Solution
from heat_network.matching_tables import HEAT_OUTAGES
from layers.errors import InfeasibleError, LayerError, near_matches
from layers.units import GJ_PER_MWH

_Floats = npt.NDArray[np.float64]
# Powers below this are the solver's rounding [MW].
_NOISE_MW = 1e-6


def outage(
    matching: Matching,
    *,
    sources: list[str] | None = None,
    during: tuple[pd.Timestamp, pd.Timestamp] | None = None,
    only: pd.DatetimeIndex | None = None,
) -> pd.DataFrame:
    """Return what each cluster lacks when one source is out.

    Parameters
    ----------
    matching : Matching
        All sources at work; the sizes of its plant are kept.
    sources : list of str, optional
        Sources that fail, one at a time; by default every source that is used.
    during : pair of Timestamp, optional
        First and last hour of the outage; by default all hours.
    only : DatetimeIndex, optional
        Hours of the matching to look at, with the plant of all of them; by default all. The outage then lasts
        through them, and heat stored before them does not help.

    Returns
    -------
    DataFrame
        Table ``heat_outages``, one row per source and cluster it may heat. Unserved heat is the least that
        the remaining plant allows, where possible with no hour worse than the spare; the spare is the further
        boilers of the clusters and exchangers of the other sources that serve all of it at least cost.

    Raises
    ------
    LayerError
        A source is not in the matching, or no hour lies in ``during``.
    """
    if only is not None:
        matching = _window(matching, only)
    inputs, model = matching.inputs, matching.model
    chosen = _chosen(matching, sources)
    out = np.ones(len(inputs.index), dtype=bool)
    if during is not None:
        first, last = (pd.Timestamp(label) for label in during)
        if (first.tzinfo is None) or (last.tzinfo is None):
            raise LayerError("during needs times with a zone, such as those of the demand hours.")
        out = np.asarray((inputs.index >= first) & (inputs.index <= last))
        if not out.any():
            raise LayerError(f"No hour of the matching lies between {first} and {last}.")
    solver = MatchingSolver(model, time_limit_s=matching.assumptions.time_limit_s)
    sizes = np.arange(model.blocks.first_size, model.blocks.columns)
    fixed = np.maximum(matching.x[sizes], 0.0)
    solver.bound(sizes, fixed, fixed)
    whole = _solved(solver)
    rows: list[dict[str, object]] = []
    for source in chosen:
        rows += _one_out(matching, solver, source, out=out, whole=whole)
    if not rows:
        return HEAT_OUTAGES.empty()
    frame = pd.DataFrame(rows).set_index("outage")
    return HEAT_OUTAGES.validate(frame, where="The outages")


def _window(matching: Matching, only: pd.DatetimeIndex) -> Matching:
    """Return the matching of some of its hours with the plant of all."""
    inputs = matching.inputs
    kept = np.flatnonzero(inputs.index.isin(only))
    if len(kept) == 0:
        raise LayerError("only holds no hour of the matching; give some of its hours.")
    part = replace(
        inputs,
        index=inputs.index[kept],
        demand_mw=inputs.demand_mw[kept],
        share=inputs.share[kept],
        retention=inputs.retention[kept],
    )
    model = matching_model(part, matching.assumptions)
    x = np.zeros(model.blocks.columns)
    x[model.blocks.first_size :] = matching.x[matching.model.blocks.first_size :]
    return replace(matching, inputs=part, model=model, x=x)


def _chosen(matching: Matching, sources: list[str] | None) -> list[int]:
    known = list(matching.inputs.sources)
    if sources is None:
        used = set(matching.links["source_id"])
        return [place for place, key in enumerate(known) if key in used]
    for key in sources:
        if key not in known:
            raise LayerError(f"{key!r} is no source of the matching{near_matches(key, known)}")
    return [known.index(key) for key in sources]


def _one_out(
    matching: Matching,
    solver: MatchingSolver,
    source: int,
    *,
    out: npt.NDArray[np.bool_],
    whole: Solution,
) -> list[dict[str, object]]:
    inputs, model, assumptions = matching.inputs, matching.model, matching.assumptions
    blocks = model.blocks
    served = 1.0 - assumptions.distribution_loss
    columns = _columns_of(matching, source, out=out)
    zero = np.zeros(len(columns))
    spares, of_cluster = _spare_columns(matching)
    kept = np.maximum(matching.x[spares], 0.0)
    unmet = blocks.start("unmet") + np.arange(blocks.clusters * blocks.hours)
    none, before = np.zeros(len(unmet)), np.maximum(whole.x[unmet], 0.0)

    # First the spare that leaves no more cold than before, then what stays cold without it. No hour then
    # lacks more than the spare gives, so the peak is the least that storage allows.
    solver.bound(columns, zero, zero)
    solver.bound(spares, kept, np.full(len(spares), np.inf))
    solver.bound(unmet, none, before + _NOISE_MW)
    spared = _solved(solver)
    added_mw = np.maximum(spared.x[spares] - kept, 0.0)
    added_mw = np.where(added_mw < 3.0 * _NOISE_MW, 0.0, added_mw)
    spare_mw = np.bincount(of_cluster, weights=added_mw, minlength=blocks.clusters)
    spare_cny = np.bincount(
        of_cluster, weights=added_mw * model.cost[spares] * 1e3, minlength=blocks.clusters
    )
    boiler_mw = added_mw[: blocks.clusters]
    solver.bound(spares, kept, kept)
    most = before + np.repeat(spare_mw, blocks.hours) + 2.0 * _NOISE_MW
    solver.bound(unmet, none, np.minimum(most, model.upper[unmet]))
    lacking = solver.solve()
    solver.bound(unmet, none, model.upper[unmet])
    if lacking is None:
        # Warm water that only preheats stands still where the spare is missing, so more stays cold.
        lacking = _solved(solver)
    solver.bound(columns, zero, model.upper[columns])

    cold = (blocks.hourly(lacking.x, "unmet") - blocks.hourly(whole.x, "unmet")) * served
    cold = np.where(np.abs(cold) < 3.0 * _NOISE_MW, 0.0, cold)
    demand_mw = inputs.demand_mw.T[:, out]
    extra_cny = (_operation(matching, spared) - _operation(matching, whole)) * 1e3
    rows: list[dict[str, object]] = []
    mine = np.unique(inputs.pair_cluster[inputs.pair_source == source])
    hit = np.flatnonzero(cold.sum(axis=1) > _NOISE_MW)
    for cluster in np.union1d(mine, hit).tolist():
        demand = float(demand_mw[cluster].sum())
        unserved = max(float(cold[cluster].sum()), 0.0)
        rows.append(
            {
                "outage": f"{inputs.sources[source]}>{inputs.clusters[cluster]}",
                "source_id": inputs.sources[source],
                "cluster": inputs.clusters[cluster],
                "unserved_gj": unserved * GJ_PER_MWH,
                "unserved_peak_mw": max(float(cold[cluster].max()), 0.0),
                "unserved_h": int((cold[cluster] > 0.0).sum()),
                "unserved_share": unserved / demand if demand > 0.0 else 0.0,
                "spare_mw": float(spare_mw[cluster]),
                "spare_boiler_mw": float(boiler_mw[cluster]),
                "spare_cny": float(spare_cny[cluster]),
                "outage_cny": extra_cny,
            }
        )
    return rows


def _columns_of(
    matching: Matching, source: int, *, out: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Return the columns of the heat that a source sends in the hours it is out."""
    inputs, blocks = matching.inputs, matching.model.blocks
    hours = np.flatnonzero(out)
    parts = [np.zeros(0, dtype=np.int64)]
    for name, pairs in (("direct", blocks.direct_pairs), ("pump", blocks.pump_pairs)):
        own = np.flatnonzero(inputs.pair_source[pairs] == source)
        parts += [blocks.start(name) + int(place) * blocks.hours + hours for place in own]
    return np.concatenate(parts)


def _spare_columns(matching: Matching) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the sizes that may grow in an outage, boilers first, and the cluster each serves."""
    blocks = matching.model.blocks
    boilers = blocks.start("boiler_size") + np.arange(blocks.clusters)
    exchangers = blocks.start("exchanger") + np.arange(len(blocks.direct_pairs))
    of_cluster = (np.arange(blocks.clusters), matching.inputs.pair_cluster[blocks.direct_pairs])
    return np.concatenate([boilers, exchangers]), np.concatenate(of_cluster)


def _operation(matching: Matching, solution: Solution) -> float:
    """Yearly cost without plant and without the price of unmet demand [thousand CNY]."""
    blocks = matching.model.blocks
    x = solution.x[: blocks.first_size].copy()
    x[blocks.start("unmet") : blocks.start("unmet") + blocks.clusters * blocks.hours] = 0.0
    return float(matching.model.cost[: blocks.first_size] @ x)


def _solved(solver: MatchingSolver) -> Solution:
    solution = solver.solve()
    if solution is None:
        raise InfeasibleError(
            "The outage has no solution with the plant of the matching; match again with looser limits."
        )
    return solution
