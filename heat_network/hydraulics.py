"""Heads along sized trees: pumps, relay stations, standing water, and where a pressure limit binds.

With equal pipes for supply and return, both drop alike and relay stations lift both alike, so the heads
follow from the difference a between them at each node: return h0 + (a0 - a) / 2, supply h0 + (a0 + a) /
2, where h0 is the head of the standing water and a0 the difference at the source. The pumps hold the
return at the source at h0 (pressure held at the suction side). Hence no head falls below h0, and h0
stands above the highest node by the required pressure.
"""

__all__ = [
    "Heads",
    "PressureFault",
    "friction_limits",
    "main_friction",
    "required_kpa",
    "solve_heads",
]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heat_network.friction import vapour_pressure_kpa
from heat_network.pipe_tree import PipeTree
from heat_network.sizing_assumptions import SizingAssumptions

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_AIR_KPA = 101.325


@dataclass(frozen=True, kw_only=True)
class PressureFault:
    """A limit that cannot be kept: the pipe (row of the tree) where it breaks, and why, in words."""

    pipe: int
    words: str


@dataclass(frozen=True, kw_only=True)
class TreeDrops:
    """What the heads of one source's tree of k pipes follow from, pipes nearer the source first.

    Attributes
    ----------
    members : (k,) int array
        Rows of its pipes in the forest.
    up : (k,) int array
        Place of the pipe before each in these arrays, -1 at the source.
    drop_m, far_m, behind_m : (k,) array
        Drop of supply and return together, fittings included: of each pipe, from the source to its end, and
        the largest along a way behind it [m].
    ground_m : (k + 1,) array
        Elevation at the end of each pipe, and last at the source [m].
    highest_m : float
        Highest node of all trees that links join [m]; the standing water covers it.
    names : (k,) array of str
        Ids of the pipes.
    """

    members: _Ints
    up: _Ints
    drop_m: _Floats
    far_m: _Floats
    behind_m: _Floats
    ground_m: _Floats
    highest_m: float
    names: npt.NDArray[np.object_]


@dataclass(frozen=True, kw_only=True)
class Heads:
    """Heads of one source's tree.

    Attributes
    ----------
    static_m : float
        Head of the standing water over the datum [m].
    source_m : float
        Difference between supply and return behind the source's own exchangers, a0 [m].
    pump_m : float
        Head of the source's pumps, its exchangers included [m].
    members : (k,) int array
        Rows of its pipes in the forest; the arrays below follow them.
    difference_m : (k,) array
        Difference between supply and return at the end of each pipe of the tree [m].
    relays : (k,) int array
        Relay stations along each pipe.
    relay_m : (k,) array
        Head that they add, supply and return together [m].
    binding : str
        Where a limit binds, in words; empty where none does.
    fault : PressureFault or None
    """

    static_m: float
    source_m: float
    pump_m: float
    members: _Ints
    difference_m: _Floats
    relays: _Ints
    relay_m: _Floats
    binding: str
    fault: PressureFault | None


def main_friction(longest_m: float, assumptions: SizingAssumptions) -> float:
    """Return the friction to size the mains for [Pa/m].

    The head of the source's pumps, spread over the longest way there and back; at most the upper and at
    least the lower end of the range for mains. It does not depend on demand, so more demand never asks
    for less.

    Parameters
    ----------
    longest_m : float
        Longest way from the source [m].
    assumptions : SizingAssumptions

    Examples
    --------
    >>> round(main_friction(3000.0, SizingAssumptions()), 1), main_friction(50000.0, SizingAssumptions())
    (70.0, 30.0)
    """
    a = assumptions
    budget = a.pump_head_limit_m * a.water.pascal_per_m - 1e3 * (
        a.source_loss_kpa + a.substation_kpa
    )
    spread = budget / max(2.0 * longest_m * (1.0 + a.fitting_share), 1e-9)
    return float(np.clip(spread, a.main_friction_low_pa_m, a.main_friction_pa_m))


def friction_limits(
    tree: PipeTree, length_m: _Floats, assumptions: SizingAssumptions
) -> tuple[npt.NDArray[np.bool_], _Floats, _Floats]:
    """Return which pipes are mains, and the friction that each pipe may use.

    Mains are the longest way from each source. The budget there, main friction times length, is spent
    evenly; a branch spends evenly over its own longest way what is left at its foot, at most the limit
    of branches. The limits never rise towards the source and do not depend on demand.

    Parameters
    ----------
    tree : PipeTree
        m pipes.
    length_m : (m,) array
    assumptions : SizingAssumptions

    Returns
    -------
    mains, limit_pa_m, main_friction_pa_m : (m,) array
        Flag; friction allowed [Pa/m]; friction of the mains of the pipe's source [Pa/m].
    """
    a = assumptions
    behind = tree.behind(length_m)
    height = np.maximum(length_m + behind, 1e-9)
    longest = np.zeros(int(tree.root.max()) + 1)
    np.maximum.at(longest, tree.root, height)
    of_root = np.array(
        [main_friction(far, a) if far > 0 else a.main_friction_pa_m for far in longest]
    )
    spend = of_root[tree.root]
    left = np.empty(len(length_m))
    limit = np.empty(len(length_m))
    mains = np.zeros(len(length_m), bool)
    for number, level in enumerate(tree.levels):
        up = tree.parent[level]
        budget = left[up] if number else spend[level] * longest[tree.root[level]]
        limit[level] = np.minimum(a.branch_friction_pa_m, budget / height[level])
        left[level] = budget - limit[level] * length_m[level]
        key = up if number else tree.root[level]
        on = mains[up] if number else np.ones(len(level), bool)
        order = np.lexsort((-height[level], key))
        first = np.concatenate([[True], np.diff(key[order]) != 0])
        mains[level[order[first]]] = on[order[first]]
    # rounding must not let a limit rise towards the source
    return mains, np.maximum(limit, spend), spend


def required_kpa(assumptions: SizingAssumptions) -> float:
    """Return the pressure that standing water needs at the highest node [kPa gauge].

    Enough that no air is drawn in and that water at supply temperature does not boil.
    """
    boiling = vapour_pressure_kpa(assumptions.supply_c) - _AIR_KPA + assumptions.boiling_margin_kpa
    return max(assumptions.minimum_pressure_kpa, boiling)


def solve_heads(tree: TreeDrops, *, assumptions: SizingAssumptions) -> Heads:
    """Find pumps, relay stations and heads of one source's tree.

    Parameters
    ----------
    tree : TreeDrops
    assumptions : SizingAssumptions

    Returns
    -------
    Heads
        With a fault that names the pipe where no solution exists.
    """
    a = assumptions
    metre = a.water.pascal_per_m / 1e3  # kPa per m
    static = tree.highest_m + required_kpa(a) / metre
    wanted = a.substation_kpa / metre + float(tree.far_m.max())
    at_source, binding = _at_source(
        wanted, tree.far_m, tree.ground_m, static=static,
        worst=str(tree.names[int(np.argmax(tree.far_m))]), assumptions=a,
    )  # fmt: skip
    difference, relays, lifted, fault = _relay(tree, at_source=at_source, assumptions=a)
    if fault is None and relays.any():
        # lifted water presses harder on low ground than the plain fall does
        over = static + (at_source + difference) / 2.0 - tree.ground_m[:-1]
        over -= a.pressure_limit_kpa / metre
        if over.max() > 1e-9:
            at_source -= 2.0 * float(over.max())
            difference, relays, lifted, fault = _relay(tree, at_source=at_source, assumptions=a)
            binding = f"pressure class binds at pipe {tree.names[int(np.argmax(over))]}"
    fault = _over_pressure(static, at_source, difference, tree=tree, assumptions=a) or fault
    return Heads(
        static_m=static,
        source_m=at_source,
        pump_m=at_source + a.source_loss_kpa / metre,
        members=tree.members,
        difference_m=difference,
        relays=relays,
        relay_m=lifted,
        binding=fault.words if fault else binding,
        fault=fault,
    )


def _at_source(
    wanted: float,
    far: _Floats,
    ground_m: _Floats,
    *,
    static: float,
    worst: str,
    assumptions: SizingAssumptions,
) -> tuple[float, str]:
    """Return the head difference that the limits leave at the source, and what binds.

    `far` is the drop from the source to the end of each pipe, `ground_m` the ground there, last at the
    source.
    """
    a = assumptions
    metre = a.water.pascal_per_m / 1e3
    limit = a.pressure_limit_kpa / metre
    by_pump = a.pump_head_limit_m - a.source_loss_kpa / metre
    by_class = min(
        float((limit + ground_m[:-1] - static + far / 2.0).min()),
        limit + float(ground_m[-1]) - static - a.source_loss_kpa / metre,
    )
    at_source = min(by_pump, by_class, wanted)
    if at_source >= wanted:
        return at_source, ""
    what = "pump head" if by_pump <= by_class else "pressure class"
    allowed = max(at_source, 0.0)
    return (
        at_source,
        f"{what} binds at pipe {worst}: {wanted:.0f} m are needed, {allowed:.0f} m allowed",
    )


def _over_pressure(
    static: float,
    at_source: float,
    difference: _Floats,
    *,
    tree: TreeDrops,
    assumptions: SizingAssumptions,
) -> PressureFault | None:
    """Return the fault of the pipe whose lower end is pressed beyond the limit, if any."""
    a = assumptions
    metre = a.water.pascal_per_m / 1e3
    limit = a.pressure_limit_kpa / metre
    ground, source = tree.ground_m[:-1], float(tree.ground_m[-1])
    standing = static - ground - limit
    if max(float(standing.max()), static - source - limit) > 1e-6:
        low = int(np.argmax(standing))
        excess = max(float(standing.max()), static - source - limit) * metre
        return PressureFault(
            pipe=int(tree.members[low]),
            words=f"standing water alone presses {excess:.0f} kPa above the limit of "
            f"{a.pressure_limit_kpa:.0f} kPa at the "
            f"low end of pipe {tree.names[low]} (the ground rises to {tree.highest_m:.0f} m from "
            f"{ground.min():.0f} m); choose a higher "
            "pressure class or part the network by exchangers",
        )
    running = static + (at_source + difference) / 2.0 - ground - limit
    if running.max() > 1e-6:
        low = int(np.argmax(running))
        return PressureFault(
            pipe=int(tree.members[low]),
            words=f"the supply presses {running.max() * metre:.0f} kPa above the limit of "
            f"{a.pressure_limit_kpa:.0f} kPa at "
            f"pipe {tree.names[low]}; choose a higher pressure class or lay larger pipes",
        )
    return None


def _relay(
    tree: TreeDrops, *, at_source: float, assumptions: SizingAssumptions
) -> tuple[_Floats, _Ints, _Floats, PressureFault | None]:
    """Walk outwards and place relay stations as late as possible."""
    a = assumptions
    needed = a.substation_kpa / (a.water.pascal_per_m / 1e3)
    if at_source >= needed + float(tree.far_m.max()) - 1e-9:
        none = np.zeros(len(tree.members))
        return at_source - tree.far_m, none.astype(np.int64), none, None
    left = np.full(len(tree.members), np.nan)
    relays = np.zeros(len(left), np.int64)
    lifted = np.zeros(len(left))
    before = np.zeros(len(left), np.int64)
    stage = min(a.relay_head_limit_m, at_source - needed)
    fault = None
    for pipe, up in enumerate(tree.up.tolist()):
        here = at_source if up < 0 else left[up]
        before[pipe] = 0 if up < 0 else before[up]
        short = needed + tree.drop_m[pipe] - here
        if short > 1e-9:
            if stage <= 0.0 or before[pipe] + np.ceil(short / stage) > a.relays_limit:
                words = (
                    f"the pressure limits leave {max(at_source, 0.0):.0f} m of head at the source, "
                    "too little "
                    f"to pass pipe {tree.names[pipe]} within {a.relays_limit} relay stations ({short:.0f} m "
                    "short); raise pump_head_limit_m, pressure_limit_kpa or relays_limit, or lay larger pipes"
                )
                fault = fault or PressureFault(pipe=int(tree.members[pipe]), words=words)
            else:
                relays[pipe] = int(np.ceil(short / stage - 1e-12))
                lifted[pipe] = min(relays[pipe] * stage, short + tree.behind_m[pipe])
                before[pipe] += relays[pipe]
        left[pipe] = here - tree.drop_m[pipe] + lifted[pipe]
    return left, relays, lifted, fault
