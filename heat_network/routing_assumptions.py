"""What a heat pipe costs, and when a building is worth connecting."""

__all__ = ["RoutingAssumptions", "linear_under_steps"]

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layers.assumptions import Assumptions, assumed
from layers.errors import AssumptionError

_TRENCH = "facts on trench cost per metre of pair, DN200 2-3 k to DN1400 28-40 k CNY"


@dataclass(frozen=True, kw_only=True)
class RoutingAssumptions(Assumptions):
    """Prices of pipes and heat losses, and how streets become a graph."""

    pipe_fixed_cny_m: float = assumed(
        2200.0,
        unit="CNY/m",
        source=f"intercept of a line under {_TRENCH}",
        confidence="unverified",
        minimum=0.0,
    )
    pipe_linear_cny_kw_m: float = assumed(
        0.03,
        unit="CNY/(kW·m)",
        source=f"slope of a line under {_TRENCH}, with 9-1,500 MW at a temperature difference of 60 K",
        confidence="unverified",
        minimum=0.0,
    )
    loss_w_m: float = assumed(
        60.0,
        unit="W/m",
        source="pre-insulated pair, mid size; rests on no source seen",
        confidence="unverified",
        minimum=0.0,
        maximum=2000.0,
    )
    loss_hours: float = assumed(
        2880.0,
        unit="h/a",
        source="120 days of heating",
        confidence="unverified",
        minimum=0.0,
        maximum=8784.0,
    )
    heat_price_cny_gj: float = assumed(
        25.0,
        unit="CNY/GJ",
        source="facts on bought waste heat, 15-35 CNY/GJ",
        confidence="unverified",
        minimum=0.0,
    )
    present_value_factor: float = assumed(
        11.5,
        unit="a",
        source="20 years at 6 %: (1 - 1.06^-20) / 0.06 = 11.47",
        confidence="computed",
        minimum=0.0,
    )
    diversity: bool = assumed(
        False,
        unit="-",
        source="THERMOS: peaks do not add up, f = 0.62 + 0.38 / n",
        confidence="unverified",
    )
    crossing_extra_m: Mapping[str, float] = assumed(
        {"water": 100.0, "railway": 120.0, "motorway": 80.0, "arterial": 20.0, "other": 0.0},
        unit="m",
        source="extra length that a casing or siphon costs as much as; rests on no source seen",
        confidence="unverified",
        minimum=0.0,
    )
    bridge_gap_m: float = assumed(
        15.0,
        unit="m",
        source="gaps that drawing leaves between streets",
        confidence="unverified",
        minimum=0.0,
    )
    attach_limit_m: float = assumed(
        300.0,
        unit="m",
        source="longest service pipe worth a look",
        confidence="unverified",
        minimum=1.0,
    )
    attach_candidates: int = assumed(
        3,
        unit="1",
        source="streets around a city block",
        confidence="unverified",
        minimum=1,
        maximum=10,
    )

    @property
    def fixed_cny_m(self) -> float:
        """Price of a metre of pipe whatever it carries: trench, pipe and the heat it loses [CNY/m]."""
        lost_gj_m = self.loss_w_m * self.loss_hours * 3600.0 / 1e9
        return (
            self.pipe_fixed_cny_m + lost_gj_m * self.heat_price_cny_gj * self.present_value_factor
        )


def linear_under_steps(
    capacity_kw: npt.ArrayLike, price_cny_m: npt.ArrayLike, *, typical_kw: float
) -> tuple[float, float]:
    """Return the line that lies under a stepped price list and touches it near a typical flow.

    A flow of P costs the price of the smallest pipe that carries it. The line is a segment of the convex
    envelope of that step function, so a bound computed with it holds for the stepped prices too.

    Parameters
    ----------
    capacity_kw, price_cny_m : (s,) array
        Largest flow [kW] and price [CNY/m] of each pipe size; both rising.
    typical_kw : float
        Flow near which the line should be tight [kW].

    Returns
    -------
    fixed_cny_m, linear_cny_kw_m : float

    Examples
    --------
    >>> linear_under_steps([100.0, 200.0, 400.0], [10.0, 14.0, 30.0], typical_kw=50.0)
    (10.0, 0.0)
    """
    capacity = np.asarray(capacity_kw, dtype=np.float64)
    price = np.asarray(price_cny_m, dtype=np.float64)
    if (
        len(capacity) == 0
        or (np.diff(capacity) <= 0).any()
        or (np.diff(price) < 0).any()
        or price[0] < 0
    ):
        raise AssumptionError(
            "The pipe prices must rise with the capacities; sort the sizes and drop repeats."
        )
    # a rising line comes nearest to each step at its right end, where the size is full
    begin = np.concatenate([[0.0], capacity])
    price = np.concatenate([price[:1], price])
    hull: list[int] = []
    for i in range(len(begin)):
        while len(hull) >= 2:
            a, b = hull[-2], hull[-1]
            if (price[b] - price[a]) * (begin[i] - begin[a]) < (price[i] - price[a]) * (
                begin[b] - begin[a]
            ):
                break
            hull.pop()
        hull.append(i)
    if len(hull) == 1:
        return float(price[0]), 0.0
    at = int(np.clip(np.searchsorted(begin[hull], typical_kw, side="right") - 1, 0, len(hull) - 2))
    low, high = hull[at], hull[at + 1]
    slope = float((price[high] - price[low]) / (begin[high] - begin[low]))
    if (
        price - slope * begin
    ).min() < 0.0:  # no price is negative: the steepest line from the origin
        return 0.0, float((price[1:] / begin[1:]).min())
    # at or below every corner, hence at or below the whole function
    return float(min(price - slope * begin)), slope
