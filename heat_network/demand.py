"""Heat demand: buildings and weather to design loads, a year's heat and the hours of a group.

A building's hours are one shape of the season, common to all, times its design load, plus a constant
for hot water. So a year is a product of sums and the hours of a group need no table of building x hour.
"""

__all__ = [
    "calibrated_demand",
    "demand_hours",
    "heat_demand",
    "load_fraction",
    "season_mask",
]


import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.demand_assumptions import HeatDemandAssumptions
from heat_network.demand_tables import ENERGY_STANDARDS, HEAT_BUILDINGS
from layers.errors import LayerError, near_matches
from layers.tables import BUILDING_USES
from layers.units import GJ_PER_KWH, KW_PER_MW, W_PER_KW
from layers.weather import Weather

_Floats = npt.NDArray[np.float64]
_NEEDED = ("use", "height_m", "storeys", "footprint_m2", "county", "source")
# A height this close below a whole number of storeys counts as that number.
_STOREY_ROUNDING = 1e-6


def heat_demand(
    buildings: pd.DataFrame, weather: Weather, assumptions: HeatDemandAssumptions
) -> pd.DataFrame:
    """Return the heat each building asks of a network.

    Parameters
    ----------
    buildings : GeoDataFrame
        Table ``buildings``. Two further columns are used where present: ``energy_standard`` (old, saving,
        standard_65, standard_75) and ``year_built``.
    weather : Weather
        One hourly year.
    assumptions : HeatDemandAssumptions
        Heated shares, indices, season, temperatures, hot water.

    Returns
    -------
    DataFrame
        Table ``heat_buildings``, same keys in the same order. A building without demand has zeros and a
        reason.

    Raises
    ------
    LayerError
        A column is missing, or a use or energy standard is unknown.

    Notes
    -----
    Heated area = footprint x storeys x heated share; design load [kW] = area x index / 1000; heat of the
    year [GJ] = design load x full-load hours x 0.0036, where full-load hours are the sum of
    :func:`load_fraction` (degree-hours over the design temperature difference, CJJ 34).
    """
    _check(buildings)
    if len(buildings) == 0:
        return HEAT_BUILDINGS.empty()
    use = buildings["use"].astype("str")
    storeys = _storeys(buildings, use, assumptions)
    floor_m2 = buildings["footprint_m2"].to_numpy(dtype="float64") * storeys
    share = _by_class(use, assumptions.heated_share)
    heated_m2 = floor_m2 * share
    small = heated_m2 < assumptions.minimum_heated_m2
    heated_m2 = np.where((share <= 0.0) | small, 0.0, heated_m2)
    load_class = use.map(dict(assumptions.load_class))
    standard = _standards(buildings, assumptions)
    index_w_m2 = _indices(load_class, standard, assumptions)
    hours = season_mask(weather, assumptions)
    full_load_h = float(load_fraction(weather, assumptions).sum())
    water_kw, water_h = np.zeros(len(buildings)), 0
    if assumptions.hot_water != "none":
        water_kw = heated_m2 * _by_class(load_class, assumptions.hot_water_w_m2) / W_PER_KW
        water_h = len(hours) if assumptions.hot_water == "year" else int(hours.sum())
    heating_kw = heated_m2 * index_w_m2 / W_PER_KW
    frame = pd.DataFrame(
        {
            "county": buildings["county"].astype("str"),
            "use": use,
            "storeys": pd.array(storeys, dtype="Int64"),
            "floor_m2": floor_m2,
            "heated_m2": heated_m2,
            "energy_standard": standard,
            "index_w_m2": index_w_m2,
            "hot_water_kw": water_kw,
            "design_kw": heating_kw + assumptions.hot_water_peak * water_kw,
            "annual_gj": (heating_kw * full_load_h + water_kw * water_h) * GJ_PER_KWH,
            "calibration": 1.0,
            "reason": pd.Series(
                np.select([share <= 0.0, small], ["use", "size"], ""), index=buildings.index
            ).replace("", None),
            "source": buildings["source"].astype("str"),
        },
        index=buildings.index,
    )
    return HEAT_BUILDINGS.validate(frame, where="The heat demand of the buildings")


def season_mask(weather: Weather, assumptions: HeatDemandAssumptions) -> npt.NDArray[np.bool_]:
    """Return which of the 8,760 hours lie in the heating season; first and last day belong to it."""
    index = weather.hours.index
    day = index.month.to_numpy() * 100 + index.day.to_numpy()
    first, last = (
        month * 100 + d for month, d in (assumptions.season_start, assumptions.season_end)
    )
    after, before = day >= first, day <= last
    inside = after & before if first <= last else after | before
    return np.asarray(inside, dtype=np.bool_)


def load_fraction(weather: Weather, assumptions: HeatDemandAssumptions) -> pd.Series:
    """Return heating power over design power for every hour of the year.

    Parameters
    ----------
    weather : Weather
        One hourly year.
    assumptions : HeatDemandAssumptions
        Season, balance and design temperatures.

    Returns
    -------
    Series, 8,760 rows
        (T_balance − T_out) / (T_balance − T_design) inside the season, never below 0 and, where
        ``cap_at_design``, never above 1; 0 outside the season. Its sum is the full-load hours.
    """
    outdoor_c = weather.hours["temperature_c"].to_numpy(dtype="float64")
    balance_c = assumptions.balance_c
    fraction = (balance_c - outdoor_c) / (balance_c - assumptions.design_outdoor_c)
    fraction = np.clip(fraction, 0.0, 1.0 if assumptions.cap_at_design else None)
    values = np.where(season_mask(weather, assumptions), fraction, 0.0)
    return pd.Series(values, index=weather.hours.index, name="load_fraction")


def demand_hours(
    demand: pd.DataFrame,
    weather: Weather,
    assumptions: HeatDemandAssumptions,
    *,
    by: pd.Series | str = "county",
) -> pd.DataFrame:
    """Return the hours of groups of buildings.

    Parameters
    ----------
    demand : DataFrame
        Table ``heat_buildings``.
    weather : Weather
        The year it was made with.
    assumptions : HeatDemandAssumptions
        The same as for the table.
    by : Series or str
        Group of each building: a column of ``demand`` or a Series keyed by building (a cluster, a heat
        zone). A building with demand and without group is refused, not left out.

    Returns
    -------
    DataFrame, shape (hours, groups)
        Mean power [MW] at the buildings; the labels are the season's hours in the calendar order of the
        year, or all hours where hot water is supplied all year. The hours of a group sum to its annual
        heat. No diversity is applied: heating follows the weather everywhere at once.

    Raises
    ------
    LayerError
        The column is missing, or a building with demand has no group.
    """
    groups = _groups(demand, by)
    heating_kw = demand["design_kw"] - assumptions.hot_water_peak * demand["hot_water_kw"]
    sums = pd.DataFrame({"heating": heating_kw, "water": demand["hot_water_kw"]})
    sums = sums[groups.notna().to_numpy()].groupby(groups.dropna().to_numpy(), sort=True).sum()
    season = season_mask(weather, assumptions)
    everywhere = np.ones(len(season), dtype=bool)
    supplied = everywhere if assumptions.hot_water == "year" else season
    fraction = load_fraction(weather, assumptions).to_numpy()
    kw = np.outer(fraction, sums["heating"]) + np.outer(supplied, sums["water"])
    columns = pd.Index(sums.index.astype("str"), name="cluster")
    index = pd.DatetimeIndex(weather.hours.index[supplied], name="time")
    return pd.DataFrame(kw[supplied] / KW_PER_MW, index=index, columns=columns)


def calibrated_demand(
    demand: pd.DataFrame,
    totals_gj: pd.Series,
    assumptions: HeatDemandAssumptions,
    *,
    by: str = "county",
) -> pd.DataFrame:
    """Return the demand scaled so that groups meet their metered heat.

    Parameters
    ----------
    demand : DataFrame
        Table ``heat_buildings``.
    totals_gj : Series
        Metered heat of a season [GJ] keyed by group; groups that are not named stay as they are.
    assumptions : HeatDemandAssumptions
        For the largest factor that is believed.
    by : str
        Column that holds the groups.

    Returns
    -------
    DataFrame
        New table; index, loads and heat times the factor, which ``calibration`` records.

    Raises
    ------
    LayerError
        A group is unknown or without demand, a total is not positive, or the factor is so far from 1
        that the unit must be wrong.
    """
    groups = _groups(demand, by).astype("str")
    computed = demand["annual_gj"].groupby(groups.to_numpy()).sum()
    factor = pd.Series(1.0, index=demand.index)
    limit = assumptions.calibration_limit
    for group, total in totals_gj.items():
        name = str(group)
        if name not in computed.index:
            raise LayerError(
                f"A metered total is given for {by} {name!r}, which has no buildings"
                f"{near_matches(name, computed.index)}"
            )
        if not (np.isfinite(total) and total > 0.0):
            raise LayerError(
                f"The metered total of {by} {name} is {total!r} GJ, but must be above 0."
            )
        if computed[name] <= 0.0:
            raise LayerError(
                f"No building of {by} {name} asks for heat, so {total:,.0f} GJ cannot be shared out; raise "
                "heated_share or leave the total out."
            )
        ratio = float(total) / float(computed[name])
        if not 1.0 / limit <= ratio <= limit:
            raise LayerError(
                f"The metered total of {by} {name}, {total:,.0f} GJ, is {ratio:.3g} times the computed "
                f"{computed[name]:,.0f} GJ; check its unit (1 MWh = 3.6 GJ, 1 TJ = 1,000 GJ) and whether the "
                "buildings are the whole county, or raise calibration_limit."
            )
        factor[(groups == name).to_numpy()] = ratio
    scaled = demand.copy()
    for column in ("index_w_m2", "hot_water_kw", "design_kw", "annual_gj", "calibration"):
        scaled[column] = demand[column] * factor
    return HEAT_BUILDINGS.validate(scaled, where="The calibrated heat demand")


def _check(buildings: pd.DataFrame) -> None:
    lacking = [name for name in _NEEDED if name not in buildings.columns]
    if lacking:
        raise LayerError(
            f"The buildings lack the column {lacking[0]!r}; give a table valid by 'buildings'."
        )
    for name, allowed in (("use", BUILDING_USES), ("energy_standard", ENERGY_STANDARDS)):
        if name in buildings.columns:
            unknown = set(buildings[name].dropna().astype("str").unique()) - set(allowed)
            if unknown:
                word = min(unknown)
                raise LayerError(
                    f"The buildings hold the {name} {word!r}{near_matches(word, allowed)}"
                )


def _storeys(
    buildings: pd.DataFrame, use: pd.Series, assumptions: HeatDemandAssumptions
) -> npt.NDArray[np.int64]:
    # A part of a storey is a parapet or a roof, so the quotient is cut.
    by_height = buildings["height_m"].to_numpy(dtype="float64") / _by_class(
        use, assumptions.storey_height_m
    )
    counted = np.maximum(np.floor(by_height + _STOREY_ROUNDING), 1.0)
    known = buildings["storeys"].astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    storeys: npt.NDArray[np.int64] = np.where(np.isnan(known), counted, known).astype(np.int64)
    return storeys


def _standards(buildings: pd.DataFrame, assumptions: HeatDemandAssumptions) -> pd.Series:
    standard = pd.Series(None, index=buildings.index, dtype="object")
    if "year_built" in buildings.columns:
        year = pd.to_numeric(buildings["year_built"], errors="coerce").astype("float64")
        standard[year.notna()] = "old"
        for name, first in sorted(assumptions.standard_from_year.items(), key=lambda item: item[1]):
            standard[year >= first] = name
    if "energy_standard" in buildings.columns:
        own = buildings["energy_standard"].astype("object")
        standard = own.where(own.notna(), standard)
    return standard.where(standard.notna(), None)


def _indices(
    load_class: pd.Series, standard: pd.Series, assumptions: HeatDemandAssumptions
) -> _Floats:
    indices = assumptions.index_w_m2()
    found: _Floats = np.zeros(len(load_class))
    for name, by_class in indices.items():
        found += assumptions.standard_share[name] * _by_class(load_class, by_class)
    for name, by_class in indices.items():
        own = (standard == name).to_numpy()
        found[own] = _by_class(load_class[own], by_class)
    return found


def _by_class(words: pd.Series, values: object) -> _Floats:
    found: _Floats = words.map(dict(values)).to_numpy(dtype="float64")  # type: ignore[call-overload]
    return found


def _groups(demand: pd.DataFrame, by: pd.Series | str) -> pd.Series:
    if isinstance(by, str):
        if by not in demand.columns:
            raise LayerError(
                f"The heat demand has no column {by!r}{near_matches(by, map(str, demand.columns))}"
            )
        groups = demand[by].astype("object")
    else:
        groups = by.reindex(demand.index).astype("object")
    lost = groups.isna() & (demand["annual_gj"] > 0.0)
    if lost.any():
        raise LayerError(
            f"{int(lost.sum())} buildings with heat demand have no group, first "
            f"{lost.index[lost.to_numpy()][0]!r}; give each one a group."
        )
    return groups
