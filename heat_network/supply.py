"""Heat supply: what each source can give to a network, by exchanger and by heat pump.

A source is a stream that can be cooled from ``hot_c`` to ``cold_c``. Its grades are used in series: an
exchanger takes it down to return plus approach, a heat pump takes up the rest.
"""

__all__ = ["availability_hours", "heat_supply", "heat_zones", "read_source_ratios"]

from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.heat_pump import heat_pump_output_mw, log_mean_k, lorenz_cop
from heat_network.supply_assumptions import HeatSupplyAssumptions
from heat_network.supply_tables import RATIO_QUANTITIES, SOURCE_RATIOS, SUPPLY
from layers.errors import AssumptionError, LayerError, near_matches
from layers.tables import HEAT_SOURCES
from layers.units import KELVIN_AT_0_C

_Floats = npt.NDArray[np.float64]
_LARGEST_FILE_BYTES = 1_000_000
_WHERE = "The heat sources"
_DAY_HOURS = (7, 19)


def read_source_ratios(path: str | Path | None = None) -> pd.DataFrame:
    """Return the values that are assumed of sources by kind.

    Parameters
    ----------
    path : path, optional
        A CSV with the columns kind, quantity, value, unit, source and confidence; its rows replace those
        that come with the toolkit.

    Returns
    -------
    DataFrame
        Table ``source_ratios``, keyed by ``kind.quantity``.

    Raises
    ------
    AssumptionError
        The file cannot be read, or a row has an unknown kind, quantity, unit or confidence.
    """
    with (
        resources.files("heat_network").joinpath("source_ratios.csv").open(encoding="utf-8") as file
    ):
        ratios = _keyed(pd.read_csv(file, dtype={"unit": "str"}), where="source_ratios.csv")
    if path is None:
        return ratios
    name = Path(path).name
    try:
        if Path(path).stat().st_size > _LARGEST_FILE_BYTES:
            raise AssumptionError(f"{name} is larger than 1 MB, which no table of ratios is.")
        own = _keyed(pd.read_csv(path, dtype={"unit": "str"}, encoding="utf-8-sig"), where=name)
    except (OSError, ValueError) as error:
        raise AssumptionError(f"{name} cannot be read as a CSV of ratios: {error}.") from error
    words = {"kind": "str", "quantity": "str", "confidence": "str"}
    kept = ratios[~ratios.index.isin(own.index)]
    merged = pd.concat([kept.astype(words), own.astype(words)])
    return SOURCE_RATIOS.validate(merged, where=name)


def heat_supply(
    sources: pd.DataFrame,
    assumptions: HeatSupplyAssumptions,
    *,
    ratios: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what each source can give to the network of the assumptions.

    Parameters
    ----------
    sources : GeoDataFrame
        Table ``heat_sources``. A column ``cold_c``, where present, states how far the stream may be
        cooled [°C].
    assumptions : HeatSupplyAssumptions
        Network, approach, heat pumps, which states count.
    ratios : DataFrame, optional
        Table ``source_ratios``; by default that of the toolkit.

    Returns
    -------
    GeoDataFrame
        Table ``heat_supply``, same keys in the same order. A source that takes no part has zero power, a
        reason and a sentence.

    Raises
    ------
    LayerError
        The sources break their schema, or a stated ``cold_c`` is above the temperature of the heat.

    Notes
    -----
    direct share = (hot − max(cold, return + approach)) / (hot − cold), all or nothing for steam that
    condenses (hot = cold); COP by :func:`heat_network.heat_pump.lorenz_cop` between the entropic means of
    the rest of the stream and of water from the return to the hottest that the heat pump makes.
    """
    held = HEAT_SOURCES.validate(sources, where=_WHERE)
    if len(held) == 0:
        return SUPPLY.empty(crs=sources.crs)
    ratios = read_source_ratios() if ratios is None else ratios
    kind = held["kind"].astype("str")
    heat_mw, method = _heat(held, kind, ratios=ratios, assumptions=assumptions)
    hot_c, cold_c, hot_method = _temperatures(held, sources, kind=kind, ratios=ratios)
    grades = _grades(heat_mw, hot_c, cold_c, assumptions=assumptions)
    frame = held[["kind", "status", "county", "name", "source", "geometry"]].copy()
    frame["heat_mw"], frame["method"] = heat_mw, method
    frame["hot_c"], frame["cold_c"], frame["hot_method"] = hot_c, cold_c, hot_method
    for column in grades.columns:
        frame[column] = grades[column].to_numpy()
    for name in ("availability", "co2_kg_gj", "closure_risk"):
        frame[name] = _ratio(kind, name, ratios)
    stated_cost = held["cost_cny_gj"].to_numpy(dtype="float64")
    frame["cost_cny_gj"] = np.where(
        np.isnan(stated_cost), _ratio(kind, "cost_cny_gj", ratios), stated_cost
    )
    frame["reason"], frame["note"] = _reasons(frame, assumptions)
    doubts = _doubts(held, kind, heat_mw=heat_mw, ratios=ratios)
    frame["doubtful"] = doubts.notna()
    frame["note"] = frame["note"].where(doubts.isna(), _joined(frame["note"], doubts))
    frame["usable"] = frame["reason"].isna()
    powers = ["direct_mw", "lift_mw", "heat_pump_mw"]
    frame[powers] = frame[powers].where(frame["usable"], 0.0)
    ordered = frame[[name for name in SUPPLY.column_names if name in frame.columns]]
    return SUPPLY.validate(ordered, where="The heat supply")


def availability_hours(
    supply: pd.DataFrame,
    index: pd.DatetimeIndex,
    assumptions: HeatSupplyAssumptions,
    *,
    own: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the share of its power that each source gives in each hour.

    Parameters
    ----------
    supply : DataFrame
        Table ``heat_supply``.
    index : DatetimeIndex
        Hours wanted.
    assumptions : HeatSupplyAssumptions
        Profile by kind and the days of the festival.
    own : DataFrame, optional
        Measured profiles between 0 and 1 keyed by hour, one column per source that has one.

    Returns
    -------
    DataFrame, shape (hours, sources)
        Between 0 and 1. The mean of a profile may be below ``availability``: a stop comes on top.

    Raises
    ------
    LayerError
        An own profile is of an unknown source, lacks an hour or leaves 0 to 1.
    """
    day = index.month.to_numpy() * 100 + index.day.to_numpy()
    first, last = (m * 100 + d for m, d in (assumptions.festival_start, assumptions.festival_end))
    hour = index.hour.to_numpy()
    running = {
        "flat": np.ones(len(index)),
        "festival_stop": np.where((day >= first) & (day <= last), 0.0, 1.0),
        "daytime": np.where((hour >= _DAY_HOURS[0]) & (hour < _DAY_HOURS[1]), 1.0, 0.0),
    }
    words = supply["kind"].astype("str").map(dict(assumptions.profile))
    columns = {
        key: share * running[word]
        for key, share, word in zip(supply.index, supply["availability"], words, strict=True)
    }
    hours = pd.DataFrame(columns, index=index)
    if own is None:
        return hours
    for key in own.columns:
        if key not in hours.columns:
            raise LayerError(
                f"A profile is given for {key!r}, which is no source{near_matches(str(key), hours.columns)}"
            )
        values = own[key].reindex(index).to_numpy(dtype="float64")
        if not ((values >= 0.0) & (values <= 1.0)).all():
            raise LayerError(
                f"The profile of {key} lacks hours of the season or leaves 0 to 1; give a share for each."
            )
        hours[key] = values
    return hours


def heat_zones(counties: pd.Series, assumptions: HeatSupplyAssumptions) -> pd.Series:
    """Return the heat zone of each row by its county; a county that is in none is a zone of its own.

    Examples
    --------
    >>> heat_zones(pd.Series(["370303", "330106"]), HeatSupplyAssumptions()).tolist()
    ['middle', '330106']
    """
    county = counties.astype("str")
    zones = county.map(dict(assumptions.heat_zone))
    return zones.where(zones.notna(), county).astype("str").rename("heat_zone")


def _keyed(table: pd.DataFrame, *, where: str) -> pd.DataFrame:
    lacking = [c.name for c in SOURCE_RATIOS.columns if c.name not in table.columns]
    if lacking:
        raise AssumptionError(f"{where} lacks the column {lacking[0]!r}; give kind, quantity, value, "
                              "unit, source and confidence.")  # fmt: skip
    keyed = table.set_index(
        pd.Index(table["kind"].astype("str") + "." + table["quantity"].astype("str"), name="ratio")
    )
    try:
        valid = SOURCE_RATIOS.validate(keyed, where=where)
    except LayerError as error:
        raise AssumptionError(str(error)) from error
    wrong = valid["unit"] != valid["quantity"].astype("str").map(RATIO_QUANTITIES)
    if wrong.any():
        key = valid.index[wrong.to_numpy()][0]
        unit = RATIO_QUANTITIES[str(valid["quantity"][key])]
        raise AssumptionError(
            f"{where} gives {key} in {valid['unit'][key]!r}, but it is counted in {unit!r}; convert it."
        )
    return valid


def _ratio(kind: pd.Series, quantity: str, ratios: pd.DataFrame) -> _Floats:
    found: _Floats = (
        ratios["value"].reindex(kind + "." + quantity).to_numpy(dtype="float64", na_value=np.nan)
    )
    return found


def _heat(
    held: pd.DataFrame, kind: pd.Series, *, ratios: pd.DataFrame, assumptions: HeatSupplyAssumptions
) -> tuple[_Floats, npt.NDArray[np.str_]]:
    """Heat [MW] and the rule it is known by."""
    stated = held["heat_mw"].to_numpy(dtype="float64")
    electric_mw = held["electric_mw"].to_numpy(dtype="float64")
    units = held["units"].astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    per_unit_mw = electric_mw / np.where(np.isnan(units) | (units < 1.0), 1.0, units)
    large = per_unit_mw >= assumptions.back_pressure_below_mw
    ratio = np.where(
        large,
        _ratio(kind, "heat_per_electric_extraction", ratios),
        _ratio(kind, "heat_per_electric_back_pressure", ratios),
    )
    estimated = electric_mw * ratio
    known = ~np.isnan(stated)
    heat_mw = np.where(known, stated, np.nan_to_num(estimated, nan=0.0))
    rule = np.where(large, "extraction", "back_pressure")
    method = np.where(known, "stated", np.where(np.isnan(estimated), "none", rule))
    return heat_mw, method


def _temperatures(
    held: pd.DataFrame, sources: pd.DataFrame, *, kind: pd.Series, ratios: pd.DataFrame
) -> tuple[_Floats, _Floats, npt.NDArray[np.str_]]:
    stated = held["temperature_c"].to_numpy(dtype="float64")
    usual = _ratio(kind, "hot_c", ratios)
    hot_c = np.where(np.isnan(stated), usual, stated)
    method = np.where(np.isnan(stated), np.where(np.isnan(usual), "none", "kind"), "stated")
    # A stated temperature below the kind's usual end is not cooled further than itself; without an end
    # the heat is taken at one temperature.
    usual_end = _ratio(kind, "cold_c", ratios)
    cold_c = np.where(np.isnan(usual_end), hot_c, np.minimum(usual_end, hot_c))
    if "cold_c" in sources.columns:
        own = pd.to_numeric(sources["cold_c"], errors="coerce").to_numpy(dtype="float64")
        above = own > hot_c
        if above.any():
            first = int(np.flatnonzero(above)[0])
            raise LayerError(
                f"The heat source {held.index[first]!r} is cooled to {own[first]:g} °C, above the "
                f"{hot_c[first]:g} °C it comes at; exchange or correct the two temperatures."
            )
        cold_c = np.where(np.isnan(own), cold_c, own)
    return hot_c, cold_c, method


def _grades(
    heat_mw: _Floats, hot_c: _Floats, cold_c: _Floats, *, assumptions: HeatSupplyAssumptions
) -> pd.DataFrame:
    """Split each stream into the part for the exchanger and the part for the heat pump."""
    supply_c, return_c = assumptions.supply_temperature_c, assumptions.return_temperature_c
    span_k = supply_c - return_c
    floor_c = return_c + assumptions.approach_k
    hot, cold = np.nan_to_num(hot_c, nan=0.0), np.nan_to_num(cold_c, nan=0.0)
    width = hot - cold
    sensible = width > 0.0
    above = np.clip((hot - np.maximum(cold, floor_c)) / np.where(sensible, width, 1.0), 0.0, 1.0)
    direct_share = np.where(sensible, above, (hot > floor_c).astype(np.float64))
    direct_mw = heat_mw * direct_share
    direct_c = np.minimum(hot - assumptions.approach_k, supply_c)
    has_direct = direct_mw > 0.0

    reach_c = min(supply_c, assumptions.heat_pump_limit_c)
    lifts = assumptions.heat_pumps and reach_c > return_c
    lift_mw = heat_mw * (1.0 - direct_share) if lifts else np.zeros(len(heat_mw))
    has_lift = lift_mw > 0.0
    mean_k = log_mean_k(np.where(has_direct, floor_c, hot), cold)
    cop = lorenz_cop(
        mean_k,
        log_mean_k(reach_c, return_c) if lifts else KELVIN_AT_0_C + supply_c,
        efficiency=assumptions.heat_pump_efficiency,
        maximum=assumptions.heat_pump_maximum_cop,
    )
    # A heat pump that gives no more than the electricity it takes lifts no heat.
    has_lift &= cop > 1.0
    lift_mw = np.where(has_lift, lift_mw, 0.0)
    output = heat_pump_output_mw(lift_mw, np.where(has_lift, cop, 2.0), installed_mw=np.inf)
    return pd.DataFrame(
        {
            "direct_mw": direct_mw,
            "direct_reach_c": np.where(has_direct, direct_c, np.nan),
            "direct_reach": np.where(
                has_direct, np.clip((direct_c - return_c) / span_k, 0.0, 1.0), 0.0
            ),
            "lift_mw": lift_mw,
            "lift_c": np.where(has_lift, mean_k - KELVIN_AT_0_C, np.nan),
            "cop": np.where(has_lift, cop, np.nan),
            "heat_pump_mw": output,
            "heat_pump_reach_c": np.where(has_lift, reach_c, np.nan),
            "heat_pump_reach": np.where(
                has_lift, np.clip((reach_c - return_c) / span_k, 0.0, 1.0), 0.0
            ),
        }
    )


def _reasons(
    frame: pd.DataFrame, assumptions: HeatSupplyAssumptions
) -> tuple[pd.Series, pd.Series]:
    status = frame["status"].astype("str")
    floor_c = assumptions.return_temperature_c + assumptions.approach_k
    nothing = (frame["direct_mw"] <= 0.0) & (frame["lift_mw"] <= 0.0)
    faults = {
        "status": ~status.isin(assumptions.statuses),
        "no_capacity": ~(frame["heat_mw"] > 0.0),
        "no_temperature": frame["hot_c"].isna(),
        "too_cold": nothing,
    }
    notes = {
        "status": "It is "
        + status
        + ", which does not count as there; a study of later years may add "
        "construction and planned to statuses.",
        "no_capacity": "Neither its heat nor an electric capacity with a ratio for its kind is known; "
        "state heat_mw.",
        "no_temperature": "Its kind has no usual temperature; state temperature_c.",
        "too_cold": "It comes at "
        + frame["hot_c"].map("{:g}".format)
        + f" °C, not above return plus "
        f"approach of {floor_c:g} °C, and no heat pump lifts it; allow heat_pumps or choose a network with a "
        "colder return.",
    }
    reason = pd.Series(None, index=frame.index, dtype="object")
    note = pd.Series(None, index=frame.index, dtype="object")
    for word in reversed(list(faults)):
        rows = faults[word].to_numpy(dtype=bool)
        reason[rows] = word
        sentence = notes[word]
        note[rows] = sentence[rows] if isinstance(sentence, pd.Series) else sentence
    return reason, note


def _doubts(
    held: pd.DataFrame, kind: pd.Series, *, heat_mw: _Floats, ratios: pd.DataFrame
) -> pd.Series:
    """Say of which sources the heat is beyond any plant of the kind."""
    largest = _ratio(kind, "largest_mw", ratios)
    doubts = pd.Series(None, index=held.index, dtype="object")
    for row in np.flatnonzero(heat_mw > largest):
        told = "heat_mw" if not np.isnan(held["heat_mw"].iloc[row]) else "electric_mw"
        value = float(held[told].iloc[row])
        doubts.iloc[row] = (
            f"{told} = {value:,.0f} MW means more heat than any {kind.iloc[row]} gives "
            f"({largest[row]:,.0f} MW); if it is in kW, divide by 1,000 ({value / 1e3:,.4g} MW)."
        )
    return doubts


def _joined(note: pd.Series, doubts: pd.Series) -> pd.Series:
    return pd.Series(
        [
            " ".join(part for part in pair if isinstance(part, str)) or None
            for pair in zip(note, doubts, strict=True)
        ],
        index=note.index,
        dtype="object",
    )
