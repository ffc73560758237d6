"""The money of rooftop PV: self-consumption hour by hour, rules of export, LCOE, NPV, IRR, payback.

Roofs are sorted into groups of the same hourly course, load shape and tariff. Within a group the energy
that a building uses in the hour it is made is exact for every roof (see ``self_consumption``), from its own
months, so that shade and season count; within a month the course is that of the unshaded roof.
"""

__all__ = ["project_kinds", "roof_revenue"]

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import AssumptionError, LayerError
from layers.tables import BUILDING_USES
from layers.weather import Weather
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.battery import Battery, battery_gain
from rooftop_pv.building_loads import annual_use
from rooftop_pv.cash_flow import discounted_sum, internal_rates, payback_years
from rooftop_pv.load_shapes import load_shapes
from rooftop_pv.revenue_assumptions import PROJECT_KINDS, RevenueAssumptions
from rooftop_pv.revenue_tables import PV_MONEY
from rooftop_pv.roof_mixes import RoofMixes, roof_mixes
from rooftop_pv.self_consumption import fitting_part, match_table, matched_energy
from rooftop_pv.tables import MONTH_COLUMNS, PILOT_KINDS
from rooftop_pv.tariffs import check_tariff_names, read_tariffs, tariff_hours

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_SIZE_KWP = (30.0, 400.0, 6000.0)  # bounds of the classes of capex_cny_kwp
_NEEDED = ("county", "use", "height_m", "capacity_kwp", "yield_kwh", *MONTH_COLUMNS)
_BATTERY_POINTS = 48


class _Energy(NamedTuple):
    """What becomes of the yield of the first year, each of shape (n,) [kWh], and the saved money.

    ``part`` is the built part of the roof's capacity and ``made`` the yield of that part.
    """

    part: _Floats
    made: _Floats
    own: _Floats
    export: _Floats
    curtailed: _Floats
    lost: _Floats
    saved_cny: _Floats


def roof_revenue(
    roofs: pd.DataFrame,
    planes: pd.DataFrame,
    weather: Weather,
    *,
    assumptions: RevenueAssumptions,
    pv_assumptions: RooftopPvAssumptions,
    tariffs: pd.DataFrame | None = None,
    use_kwh: pd.Series | None = None,
    mixes: RoofMixes | None = None,
) -> pd.DataFrame:
    """Return what every roof costs and earns.

    Parameters
    ----------
    roofs : DataFrame
        Table ``pv_roofs``; its months may be shaded. A further column ``storeys`` is used where given.
    planes : DataFrame
        Table ``planes`` of the same roofs.
    weather : Weather
        The year of the yields.
    assumptions : RevenueAssumptions
        Loads, prices, rules and costs.
    pv_assumptions : RooftopPvAssumptions
        What the yields were made with.
    tariffs : DataFrame, optional
        Table ``tariffs``; Shandong 2025 unless given.
    use_kwh : Series, optional
        Metered electricity per year keyed by building [kWh]; it takes the place of the assumed use.
    mixes : RoofMixes, optional
        From :func:`rooftop_pv.roof_mixes.roof_mixes` of these roofs, where several runs share them.

    Returns
    -------
    DataFrame
        Table ``pv_money``, same keys in the same order. By the assumption ``sizing`` a roof may be built
        smaller than its technical potential; capacity and yield are of what is built. Self-used, exported,
        curtailed and lost energy sum
        to the yield.

    Raises
    ------
    LayerError
        A column is missing, a tariff leaves an hour uncovered, or planes and roofs are of different cities.
    AssumptionError
        A project is larger than the rules know.
    """
    _check(roofs)
    use = pd.Categorical(roofs["use"], categories=list(BUILDING_USES))
    capacity = roofs["capacity_kwp"].to_numpy(dtype=np.float64)
    months = roofs[list(MONTH_COLUMNS)].to_numpy(dtype=np.float64)
    kind = project_kinds(roofs, assumptions)
    load = annual_use(roofs, planes, assumptions=assumptions, metered_kwh=use_kwh)
    names = np.array([assumptions.tariff[name] for name in BUILDING_USES], dtype=object)
    if mixes is None:
        mixes = roof_mixes(roofs.index, planes, weather, assumptions=pv_assumptions)
    energy = _energy(
        months, capacity=capacity, load_kwh=load.to_numpy(), kind=kind, assumptions=assumptions,
        groups=_groups(
            roofs, weather, mixes=mixes, assumptions=assumptions,
            tariffs=read_tariffs() if tariffs is None else tariffs,
        ),
    )  # fmt: skip
    capacity = capacity * energy.part
    battery = capacity * _by_kind(assumptions.battery_kwh_kwp, kind)
    frame = pd.DataFrame(
        {
            "county": roofs["county"].to_numpy(),
            "use": use,
            "pilot_kind": pd.Categorical.from_codes(
                np.array(
                    [PILOT_KINDS.index(pv_assumptions.pilot_kind[name]) for name in BUILDING_USES]
                )[use.codes],
                list(PILOT_KINDS),
            ),
            "project_kind": pd.Categorical.from_codes(kind, list(PROJECT_KINDS)),
            "tariff": names[use.codes],
            "capacity_kwp": capacity,
            "battery_kwh": battery,
            "yield_kwh": energy.made,
            "load_kwh": load.to_numpy(),
            "self_kwh": energy.own,
            "export_kwh": energy.export,
            "curtailed_kwh": energy.curtailed,
            "battery_loss_kwh": energy.lost,
            **_money(
                energy, kind, capacity_kwp=capacity, battery_kwh=battery, assumptions=assumptions
            ),
        },
        index=roofs.index,
    )
    made = frame["yield_kwh"].where(frame["yield_kwh"] > 0.0)
    frame["self_share"] = frame["self_kwh"] / made
    money: pd.DataFrame = PV_MONEY.validate(frame, where="The money made by roof_revenue")
    return money


def project_kinds(roofs: pd.DataFrame, assumptions: RevenueAssumptions) -> _Ints:
    """Return the kind of project of each roof as position in ``PROJECT_KINDS``, shape (n,).

    Raises
    ------
    AssumptionError
        A roof is larger than the largest project the rules know.
    """
    capacity = roofs["capacity_kwp"].to_numpy(dtype=np.float64)
    over = capacity > assumptions.large_ci_limit_kwp
    if over.any():
        raise AssumptionError(
            f"{int(over.sum())} roofs exceed large_ci_limit_kwp = {assumptions.large_ci_limit_kwp:g} "
            f"kWp, first {roofs.index[np.argmax(over)]} with {capacity[np.argmax(over)]:,.0f} kWp; split the "
            "building or raise the limit."
        )
    kind = np.full(len(roofs), PROJECT_KINDS.index("general_ci"), dtype=np.int64)
    kind[capacity > assumptions.large_ci_kwp] = PROJECT_KINDS.index("large_ci")
    home = (roofs["use"] == "rural_home").to_numpy()
    kind[home] = PROJECT_KINDS.index(assumptions.household_kind)
    return kind


class _Group(NamedTuple):
    """Roofs of one hourly course, load shape and tariff, with these three over the year."""

    rows: _Ints
    made: _Floats
    used: _Floats
    price: _Floats
    month: _Ints


def _groups(
    roofs: pd.DataFrame,
    weather: Weather,
    *,
    mixes: RoofMixes,
    assumptions: RevenueAssumptions,
    tariffs: pd.DataFrame,
) -> Iterator[_Group]:
    times = pd.DatetimeIndex(weather.hours.index)
    if times[0].hour != 0:
        raise LayerError(
            f"The weather begins at {times[0]}; give a year that begins at midnight in local time."
        )
    table = tariff_hours(tariffs, times, on=assumptions.tariff_date)
    check_tariff_names(assumptions.tariff.values(), table.prices_cny_kwh.columns)
    shapes = load_shapes(times)
    use = pd.Categorical(roofs["use"], categories=list(BUILDING_USES)).codes.astype(np.int64)
    pairs = [(assumptions.load_shape[name], assumptions.tariff[name]) for name in BUILDING_USES]
    distinct = list(dict.fromkeys(pairs))
    pair = np.array([distinct.index(one) for one in pairs])[use]
    key = np.where(mixes.code >= 0, mixes.code * len(distinct) + pair, -1)
    order = np.argsort(key, kind="stable")
    found, start = np.unique(key[order], return_index=True)
    ends = np.append(start, len(order))[1:]
    month = times.month.to_numpy().astype(np.int64) - 1
    for group, low, high in zip(found, start, ends, strict=True):
        if group < 0:
            continue
        mix, which = divmod(int(group), len(distinct))
        shape, tariff = distinct[which]
        yield _Group(
            rows=order[low:high],
            made=mixes.hours(mix),
            used=shapes[shape].to_numpy(),
            price=table.prices_cny_kwh[tariff].to_numpy(),
            month=month,
        )


def _energy(
    months: _Floats,
    *,
    capacity: _Floats,
    load_kwh: _Floats,
    kind: _Ints,
    assumptions: RevenueAssumptions,
    groups: Iterator[_Group],
) -> _Energy:
    own, saved = np.zeros(len(capacity)), np.zeros(len(capacity))
    extra, extra_cny = np.zeros(len(capacity)), np.zeros(len(capacity))
    size = _by_kind(assumptions.battery_kwh_kwp, kind)
    least = _by_kind(assumptions.minimum_self_share, kind)
    part = np.ones(len(capacity))
    for group in groups:
        rows = group.rows
        in_month = np.bincount(group.month, weights=group.made, minlength=12)
        share = np.divide(
            group.made, in_month[group.month], out=np.zeros_like(group.made),
            where=in_month[group.month] > 0.0,
        )  # fmt: skip
        table = match_table(share, group.used, price_cny_kwh=group.price, month=group.month)
        if assumptions.sizing == "fit":
            part[rows] = fitting_part(table, months[rows], load_kwh[rows], least=least[rows])
        built = months[rows] * part[rows, None]
        own[rows], saved[rows] = matched_energy(table, built, load_kwh[rows])
        for kwh_kwp in np.unique(size[rows][size[rows] > 0.0]):
            with_it = rows[size[rows] == kwh_kwp]
            extra[with_it], extra_cny[with_it] = _battery(
                group, (capacity * part)[with_it], load_kwh[with_it], kwh_kwp=float(kwh_kwp),
                assumptions=assumptions,
            )  # fmt: skip
    made = months.sum(axis=1) * part
    own = np.minimum(own, made)
    mode = np.array([assumptions.export_mode[name] for name in PROJECT_KINDS])[kind]
    sold_all = mode == "full"
    own[sold_all], saved[sold_all], extra[sold_all], extra_cny[sold_all] = 0.0, 0.0, 0.0, 0.0
    extra_in = np.minimum(extra / assumptions.battery_efficiency, made - own)
    trim = np.divide(
        extra_in * assumptions.battery_efficiency, extra, out=np.ones_like(extra), where=extra > 0.0
    )
    extra, extra_cny = extra * trim, extra_cny * trim
    rest = made - own - extra_in
    own, saved = own + extra, saved + extra_cny
    with np.errstate(divide="ignore", invalid="ignore"):
        limit = np.where(least > 0.0, own * (1.0 - least) / least, np.inf)
    export = np.where(mode == "none", 0.0, np.minimum(rest, limit))
    return _Energy(
        part=part,
        made=made,
        own=own,
        export=export,
        curtailed=rest - export,
        lost=extra_in - extra,
        saved_cny=saved,
    )


def _battery(
    group: _Group,
    capacity: _Floats,
    load_kwh: _Floats,
    *,
    kwh_kwp: float,
    assumptions: RevenueAssumptions,
) -> tuple[_Floats, _Floats]:
    """Interpolate the battery's gain over the use per capacity, which is exact at 48 points."""
    battery = Battery(
        energy_kwh=kwh_kwp,
        power_kw=kwh_kwp / assumptions.battery_hours,
        efficiency=assumptions.battery_efficiency,
        discharge_from_h=assumptions.battery_from_h,
    )
    ratio = load_kwh / capacity
    ends = np.maximum([ratio.min(), ratio.max()], 1e-3)
    points = np.unique(np.geomspace(ends[0], ends[1], min(_BATTERY_POINTS, len(ratio) + 1)))
    gains = np.array(
        [
            battery_gain(group.made, point * group.used, price_cny_kwh=group.price, battery=battery)
            for point in points
        ]
    )
    return (
        capacity * np.interp(ratio, points, gains[:, 0]),
        capacity * np.interp(ratio, points, gains[:, 1]),
    )


def _money(
    energy: _Energy,
    kind: _Ints,
    *,
    capacity_kwp: _Floats,
    battery_kwh: _Floats,
    assumptions: RevenueAssumptions,
) -> dict[str, Any]:
    price = np.array(list(assumptions.capex_cny_kwp.values()))
    capex = capacity_kwp * price[np.searchsorted(_SIZE_KWP, capacity_kwp)]
    capex = capex + battery_kwh * assumptions.battery_cny_kwh
    running = capacity_kwp * (assumptions.opex_cny_kwp + _by_kind(assumptions.rent_cny_kwp, kind))
    factors = _courses(assumptions)
    parts = np.column_stack(
        [
            energy.saved_cny,
            energy.export,
            -running,
            -capacity_kwp * assumptions.inverter_cny_kwp,
            -battery_kwh * assumptions.battery_cny_kwh,
        ]
    )
    rate = assumptions.discount_rate
    present = np.array([discounted_sum(course, rate) for course in factors])
    worth = parts[:, :2] @ present[:2]
    cost = capex - parts[:, 2:] @ present[2:]
    age = (1.0 - assumptions.degradation) ** np.arange(assumptions.life_years)
    used = (energy.own + energy.export) * discounted_sum(age, rate)
    none = np.full(len(capex), np.nan)
    lcoe = np.divide(cost, used, out=none.copy(), where=used > 0.0)
    value = np.divide(worth, used, out=none.copy(), where=used > 0.0)
    npv = np.where(capacity_kwp > 0.0, worth - cost, np.nan)
    payback = payback_years(capex, parts, factors)
    payback[capacity_kwp <= 0.0] = np.nan
    good = npv >= 0.0
    if assumptions.economic_rule == "payback":
        good = payback <= assumptions.payback_limit_years
    return {
        "saved_cny": energy.saved_cny,
        "export_cny": energy.export * factors[1, 0],
        "capex_cny": capex,
        "opex_cny": running,
        "lcoe_cny_kwh": lcoe,
        "value_cny_kwh": value,
        "npv_cny": npv,
        "irr": internal_rates(capex, parts, factors),
        "payback_years": payback,
        "economic": good,
    }


def _courses(assumptions: RevenueAssumptions) -> _Floats:
    """Course over the years 1 to N of: saved money, exported energy to money, running, inverter, battery."""
    year = np.arange(1, assumptions.life_years + 1)
    age = (1.0 - assumptions.degradation) ** (year - 1)
    paid = np.where(
        year <= assumptions.mechanism_years,
        assumptions.mechanism_cny_kwh,
        assumptions.market_cny_kwh,
    )
    last = assumptions.life_years
    return np.array(
        [
            age * (1.0 + assumptions.price_growth) ** (year - 1),
            age * paid,
            np.ones(last),
            (year == assumptions.inverter_year) & (year < last),
            (year % assumptions.battery_years == 0) & (year < last),
        ],
        dtype=np.float64,
    )


def _by_kind(values: Any, kind: _Ints) -> _Floats:
    numbers: _Floats = np.array([values[name] for name in PROJECT_KINDS], dtype=np.float64)[kind]
    return numbers


def _check(roofs: pd.DataFrame) -> None:
    missing = [name for name in _NEEDED if name not in roofs.columns]
    if missing:
        raise LayerError(
            f"The roofs lack the columns {', '.join(missing)}; give what roof_totals returns."
        )
