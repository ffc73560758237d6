"""Uncertainty: how sure the energy is (P50, P90), and which assumptions move the answer most.

Percentiles: the energy is taken as normal with the mean P50 and σ² = σ_year²/n + Σ σ_lasting² for the mean
of n years; P90 is what is exceeded in nine cases of ten, P50 · (1 − 1.2816 σ). Tornado: one assumption at
a time is set to the low and the high end of its stated range and the money is reckoned anew.
"""

__all__ = [
    "OUTCOMES",
    "PV_PERCENTILES",
    "PV_TORNADO",
    "RANGES",
    "RANGES_FILE",
    "energy_percentiles",
    "read_ranges",
    "tornado",
]

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from statistics import NormalDist
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from layers.assumptions import CONFIDENCES
from layers.errors import AssumptionError, LayerError, near_matches
from layers.schema import Column, Table
from layers.units import KW_PER_MW
from layers.weather import Weather
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.revenue import roof_revenue
from rooftop_pv.revenue_assumptions import RevenueAssumptions
from rooftop_pv.roof_mixes import roof_mixes
from rooftop_pv.tables import MONTH_COLUMNS
from rooftop_pv.tariffs import read_tariffs
from rooftop_pv.uncertainty_assumptions import UncertaintyAssumptions

RANGES_FILE = Path(__file__).with_name("uncertainty_ranges.csv")
Outcome = Literal["npv_cny", "lcoe_cny_kwh", "economic_mw"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)
_INPUTS = ("yield", "capacity", "retail_price", "noon_price")
_LEAST_YEARS = 5
_SHOWN = 10
_SAMPLE = 4000

PV_PERCENTILES = Table(
    "pv_percentiles",
    "group",
    "How sure the yearly energy of one group of roofs is.",
    (
        Column("p50_gwh", "number", "GWh", "Exceeded in half of all cases.", "P50", minimum=0.0),
        Column(
            "p75_gwh", "number", "GWh", "Exceeded in a single year in 75 %.", "P75", minimum=0.0
        ),
        Column(
            "p90_gwh", "number", "GWh", "Exceeded in a single year in 90 %.", "P90", minimum=0.0
        ),
        Column(
            "p99_gwh", "number", "GWh", "Exceeded in a single year in 99 %.", "P99", minimum=0.0
        ),
        Column(
            "p90_span_gwh",
            "number",
            "GWh",
            "Exceeded in 90 % by the mean year of the span.",
            "多年P90",
            minimum=0.0,
        ),
        Column("year_spread", "number", "1", "Between years.", "年际标准差", minimum=0.0),
        Column("lasting_spread", "number", "1", "In every year alike.", "系统标准差", minimum=0.0),
        Column("basis", "text", "-", "Where the spread between years comes from.", "依据"),
    ),
)

RANGES = Table(
    "uncertainty_ranges",
    "key",
    "The stated range of one assumption.",
    (
        Column(
            "how",
            "category",
            "-",
            "Ends are factors on the value or values themselves.",
            "方式",
            allowed=("scale", "value"),
        ),
        Column("low", "number", "1", "Low end.", "低值"),
        Column("high", "number", "1", "High end.", "高值"),
        Column("source", "text", "-", "Where the range comes from.", "来源"),
        Column(
            "confidence",
            "category",
            "-",
            "How far the source was seen.",
            "可信度",
            allowed=CONFIDENCES,
        ),
    ),
)

PV_TORNADO = Table(
    "pv_tornado",
    "key",
    "What one assumption does to the answer; the first row moves it most.",
    (
        Column("rank", "integer", "1", "1 moves the answer most.", "排序", minimum=1),
        Column("outcome", "category", "-", "What is looked at.", "指标", allowed=OUTCOMES),
        *RANGES.columns,
        Column("base_outcome", "number", "-", "Answer as assumed.", "基准结果"),
        Column("low_outcome", "number", "-", "Answer at the low end.", "低值结果"),
        Column("high_outcome", "number", "-", "Answer at the high end.", "高值结果"),
        Column(
            "swing",
            "number",
            "-",
            "Greatest less least of the three.",
            "波动幅度",
            minimum=0.0,
        ),
    ),
)


def energy_percentiles(
    yield_gwh: pd.Series,
    *,
    assumptions: UncertaintyAssumptions,
    weather_years: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return P50, P75, P90 and P99 of the yearly energy.

    Parameters
    ----------
    yield_gwh : Series
        Energy of the year of the weather, keyed by group such as the county [GWh].
    assumptions : UncertaintyAssumptions
        Spreads.
    weather_years : DataFrame, optional
        Energy of at least five real years (rows) and the same groups (columns) [GWh]; their mean becomes
        the P50 and their standard deviation the spread between years.

    Returns
    -------
    DataFrame
        Table ``pv_percentiles``, keyed as ``yield_gwh``. Rows do not add up: the sum of P90s is what all
        groups exceed only if they fail together, which the lasting spread assumes and the years do not.

    Raises
    ------
    LayerError
        Too few weather years, or years without a group.
    """
    middle = yield_gwh.to_numpy(dtype=np.float64)
    spread = np.full(len(middle), assumptions.year_spread)
    basis = "stated spread"
    if weather_years is not None:
        lost = yield_gwh.index.difference(weather_years.columns)
        if len(lost):
            raise LayerError(
                f"The weather years lack the groups {', '.join(map(str, lost))}; add columns."
            )
        if len(weather_years) < _LEAST_YEARS:
            raise LayerError(
                f"{len(weather_years)} weather years were given; a spread needs at least {_LEAST_YEARS}. "
                "Leave them out to use the stated spread."
            )
        years = weather_years[list(yield_gwh.index)].to_numpy(dtype=np.float64)
        middle = years.mean(axis=0)
        spread = np.divide(
            years.std(axis=0, ddof=1), middle, out=np.zeros_like(middle), where=middle > 0.0
        )
        basis = f"{len(years)} weather years"
    lasting = math.sqrt(math.fsum(part**2 for part in assumptions.lasting_spread.values()))

    def exceeded(chance: float, years: int) -> np.ndarray:
        sigma = np.sqrt(spread**2 / years + lasting**2)
        return np.asarray(np.maximum(middle * (1.0 - NormalDist().inv_cdf(chance) * sigma), 0.0))

    frame = pd.DataFrame(
        {
            "p50_gwh": middle,
            "p75_gwh": exceeded(0.75, 1),
            "p90_gwh": exceeded(0.90, 1),
            "p99_gwh": exceeded(0.99, 1),
            "p90_span_gwh": exceeded(0.90, assumptions.span_years),
            "year_spread": spread,
            "lasting_spread": lasting,
            "basis": basis,
        },
        index=pd.Index(yield_gwh.index.astype("str"), dtype="str", name="group"),
    )
    table: pd.DataFrame = PV_PERCENTILES.validate(
        frame, where="The table made by energy_percentiles"
    )
    return table


def read_ranges(path: Path | str = RANGES_FILE) -> pd.DataFrame:
    """Read the stated ranges: ``key, how, low, high, source, confidence``; the project's own by default.

    Raises
    ------
    LayerError
        The file cannot be read, a cell breaks the schema, or a low end is above its high end.
    """
    name = Path(path).name
    try:
        raw = pd.read_csv(path, encoding="utf-8-sig").set_index("key")
    except (OSError, ValueError, KeyError) as error:
        raise LayerError(
            f"The ranges {name} cannot be read ({type(error).__name__}); give a CSV in UTF-8 with its keys."
        ) from error
    raw.index = raw.index.astype("str")
    ranges: pd.DataFrame = RANGES.validate(raw, where=f"The table of ranges {name}")
    turned = (ranges["low"] > ranges["high"]).to_numpy()
    if turned.any():
        raise LayerError(
            f"The range of {ranges.index[np.argmax(turned)]} in {name} has its low end above its high end; "
            "turn them."
        )
    return ranges


def tornado(
    roofs: pd.DataFrame,
    planes: pd.DataFrame,
    weather: Weather,
    *,
    assumptions: RevenueAssumptions,
    pv_assumptions: RooftopPvAssumptions,
    ranges: pd.DataFrame | None = None,
    tariffs: pd.DataFrame | None = None,
    outcome: Outcome = "npv_cny",
) -> pd.DataFrame:
    """Return the ten assumptions that move the answer most.

    Parameters
    ----------
    roofs, planes, weather, assumptions, pv_assumptions, tariffs
        As for :func:`rooftop_pv.revenue.roof_revenue`.
    ranges : DataFrame, optional
        From :func:`read_ranges`. Keys are ``yield``, ``capacity`` (modules and energy), ``retail_price``,
        ``noon_price`` (valley hours), or those of ``assumptions``.
    outcome : {"npv_cny", "lcoe_cny_kwh", "economic_mw"}
        Sum of the NPV [CNY], LCOE weighted by energy [CNY/kWh], or economic capacity [MW].

    Returns
    -------
    DataFrame
        Table ``pv_tornado``, at most ten rows.

    Raises
    ------
    AssumptionError
        A range has an unknown key, or an end that its assumption forbids.
    LayerError
        The outcome is unknown, or no roof carries modules.

    Notes
    -----
    Above 4,000 roofs with modules, 4,000 are drawn, evenly over the table sorted by use and size, and sums
    are scaled up by capacity.
    """
    if outcome not in OUTCOMES:
        raise LayerError(f"The outcome {outcome!r} is unknown{near_matches(outcome, OUTCOMES)}")
    ranges = read_ranges() if ranges is None else ranges
    prices = read_tariffs() if tariffs is None else tariffs
    drawn, factor = _drawn(roofs, _SAMPLE)
    own = planes[planes["building_id"].isin(drawn.index)]
    mixes = roof_mixes(drawn.index, own, weather, assumptions=pv_assumptions)

    def answer(changes: Mapping[str, tuple[str, float]]) -> float:
        scaled = _scaled(drawn, changes)
        money = roof_revenue(
            scaled, own, weather, assumptions=_changed(assumptions, changes), pv_assumptions=pv_assumptions,
            tariffs=_tariffs(prices, changes), mixes=mixes,
        )  # fmt: skip
        return _outcome(money, outcome) * (1.0 if outcome == "lcoe_cny_kwh" else factor)

    base = answer({})
    rows = []
    for key, row in ranges.iterrows():
        ends = [answer({str(key): (str(row["how"]), float(row[end]))}) for end in ("low", "high")]
        all_three = (base, *ends)
        rows.append(
            {**row.to_dict(), "key": str(key), "outcome": outcome, "base_outcome": base,
             "low_outcome": ends[0], "high_outcome": ends[1], "swing": max(all_three) - min(all_three)}
        )  # fmt: skip
    frame = pd.DataFrame(rows).set_index("key").sort_values("swing", ascending=False, kind="stable")
    frame = frame.head(_SHOWN).assign(rank=np.arange(1, min(len(frame), _SHOWN) + 1))
    frame.index = pd.Index(frame.index, dtype="str", name="key")
    table: pd.DataFrame = PV_TORNADO.validate(frame, where="The table made by tornado")
    return table


def _drawn(roofs: pd.DataFrame, sample: int) -> tuple[pd.DataFrame, float]:
    built = roofs[roofs["capacity_kwp"].to_numpy() > 0.0]
    if built.empty:
        raise LayerError("No roof carries modules; a tornado needs some that do.")
    if len(built) <= sample:
        return pd.DataFrame(built), 1.0
    queue = np.lexsort((built["capacity_kwp"].to_numpy(), built["use"].astype("str").to_numpy()))
    rows = queue[((np.arange(sample) + 0.5) * len(built) / sample).astype(np.int64)]
    drawn = pd.DataFrame(built.iloc[np.sort(rows)])
    return drawn, float(built["capacity_kwp"].sum() / drawn["capacity_kwp"].sum())


def _scaled(roofs: pd.DataFrame, changes: Mapping[str, tuple[str, float]]) -> pd.DataFrame:
    more = changes["capacity"][1] if "capacity" in changes else 1.0
    energy = more * (changes["yield"][1] if "yield" in changes else 1.0)
    months = {name: roofs[name] * energy for name in (*MONTH_COLUMNS, "yield_kwh")}
    return roofs.assign(capacity_kwp=roofs["capacity_kwp"] * more, **months)


def _tariffs(table: pd.DataFrame, changes: Mapping[str, tuple[str, float]]) -> pd.DataFrame:
    factor = np.ones(len(table))
    if "retail_price" in changes:
        factor *= changes["retail_price"][1]
    if "noon_price" in changes:
        valley = table["period"].isin(["deep_valley", "valley"]).to_numpy()
        factor = np.where(valley, changes["noon_price"][1], factor)
    return table.assign(
        floating_cny_kwh=table["floating_cny_kwh"] * factor,
        fixed_cny_kwh=table["fixed_cny_kwh"] * factor,
    )


def _changed(
    assumptions: RevenueAssumptions, changes: Mapping[str, tuple[str, float]]
) -> RevenueAssumptions:
    known = {field.name for field in dataclasses.fields(assumptions) if "unit" in field.metadata}
    for key, (how, end) in changes.items():
        if key in _INPUTS:
            if how != "scale":
                raise AssumptionError(
                    f"The range of {key!r} is in values; give it as factors (how = scale)."
                )
            continue
        if key not in known:
            raise AssumptionError(
                f"The ranges name {key!r}, which is no assumption{near_matches(key, {*known, *_INPUTS})}"
            )
        value = getattr(assumptions, key)
        new: Any
        if isinstance(value, Mapping):
            if how == "value":
                raise AssumptionError(
                    f"The range of {key!r} must be factors, because it is a value per class."
                )
            new = {name: min(item * end, 1.0) if key.endswith("share") else item * end
                   for name, item in value.items()}  # fmt: skip
        else:
            new = value * end if how == "scale" else end
            new = round(float(new)) if isinstance(value, int) else float(new)
        changed: dict[str, Any] = {key: new}
        return dataclasses.replace(assumptions, **changed)
    return assumptions


def _outcome(money: pd.DataFrame, outcome: Outcome) -> float:
    if outcome == "npv_cny":
        return float(money["npv_cny"].sum())
    if outcome == "economic_mw":
        return float(money.loc[money["economic"], "capacity_kwp"].sum() / KW_PER_MW)
    used = money["self_kwh"] + money["export_kwh"]
    whole = float(used.sum())
    return (
        float((money["lcoe_cny_kwh"].fillna(0.0) * used).sum() / whole) if whole > 0.0 else math.nan
    )
