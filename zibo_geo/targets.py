"""The scoreboard: the city's numeric promises against what is possible and what the plan delivers."""

__all__ = ["read_targets", "score_targets", "scored"]

from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layers.errors import CaseError, LayerError, near_matches
from layers.schema import Table
from zibo_geo.plan import Plan
from zibo_geo.target_assumptions import TargetAssumptions
from zibo_geo.target_measures import Measure, plan_measures
from zibo_geo.target_tables import (
    TARGET_COUNTIES,
    TARGET_SCORES,
    TARGET_YEARS,
    TARGETS,
    TargetScores,
)

_ZIBO = "370300"
_MET = 1.0 - 1e-9


def read_targets(path: Path | None = None) -> pd.DataFrame:
    """Read promises from a CSV, or those of Zibo that come with the toolkit.

    Parameters
    ----------
    path : Path, optional
        UTF-8 CSV with the columns of table ``targets``.

    Raises
    ------
    LayerError
        The file cannot be read or breaks the table.
    """
    where = "the targets of Zibo" if path is None else path.name
    source = resources.files("zibo_geo").joinpath("targets.csv") if path is None else path
    text = [
        "target",
        *(column.name for column in TARGETS.columns if column.kind in {"text", "category"}),
    ]
    try:
        with source.open("r", encoding="utf-8-sig") as file:
            frame = pd.read_csv(file, dtype=dict.fromkeys(text, "str"), comment="#")
    except (OSError, ValueError) as error:
        raise LayerError(
            f"The targets {where} cannot be read as CSV ({error}); give a UTF-8 CSV with the columns of "
            "table targets."
        ) from error
    if "target" not in frame.columns:
        raise LayerError(f"The targets {where} lack the column target; add a key to every row.")
    keyed: pd.DataFrame = TARGETS.validate(frame.set_index("target"), where=f"The targets {where}")
    return keyed


def scored(plan: Plan) -> Plan:
    """Return the plan with the scoreboard of its area: its own file, Zibo's built-in one, or none."""
    own = plan.case.targets
    if own.path is None and plan.layers.area.adcode != _ZIBO:
        return plan
    scores = score_targets(
        plan, read_targets(own.path), plan.case.assumed("targets"), shares=own.shares
    )
    return replace(plan, targets=scores)


def score_targets(
    plan: Plan,
    targets: pd.DataFrame,
    assumptions: TargetAssumptions,
    *,
    shares: Mapping[str, float] | None = None,
) -> TargetScores:
    """Hold every promise against what is possible and what the plan delivers.

    Parameters
    ----------
    plan : Plan
        Layers and results; an analysis that was not run leaves its promises with status ``not_run``.
    targets : DataFrame
        Table ``targets``.
    assumptions : TargetAssumptions
        The split over counties and years.
    shares : mapping, optional
        Own parts by county, for the rule ``custom``.

    Returns
    -------
    TargetScores
        A city's value is split by share; the gap of a county is what it lacks of its part.

    Raises
    ------
    CaseError, LayerError
        The rule lacks its numbers, or own shares do not fit the counties.
    """
    measures = plan_measures(plan)
    counties = plan.layers.area.counties
    scores, by_county, by_year = [], [], []
    for row in targets.itertuples():
        measure = None if pd.isna(row.measure) else measures.get(row.measure)
        scores.append(_score(row, measure, sample=plan.case.embedded == "sample"))
        if measure is None:
            continue
        share, rule = measure.share, measure.rule
        if share is None or rule is None:
            share, rule = _share(
                counties, plan, measure, rule=assumptions.split_rule, own=shares or {}
            )
        scores[-1]["rule"] = rule
        part = _county_rows(row, measure, share, rule=rule)
        by_county.append(part)
        by_year.append(_year_rows(row, measure, part, assumptions=assumptions))
    table = targets.join(pd.DataFrame(scores, index=targets.index))
    return TargetScores(
        scores=TARGET_SCORES.validate(table, where="The scoreboard"),
        counties=_table(by_county, TARGET_COUNTIES),
        years=_table(by_year, TARGET_YEARS),
    )


def _score(row: Any, measure: Measure | None, *, sample: bool) -> dict[str, object]:
    value = float(row.value)
    empty = {
        "potential": np.nan,
        "delivered": np.nan,
        "gap": np.nan,
        "progress": np.nan,
        "co2_t": np.nan,
    }
    if measure is None:
        silent = pd.isna(row.measure)
        return {**empty, "status": "silent" if silent else "not_run", "rule": None}
    delivered = measure.whole_city
    if delivered is None:
        delivered = float(measure.delivered.sum())
    potential = np.nan if measure.potential is None else float(measure.potential.sum())
    at_most = row.sense == "at_most"
    status = _status(value, delivered, potential, at_most=at_most)
    gap = max(delivered - value, 0.0) if at_most else max(value - delivered, 0.0)
    return {
        "potential": potential,
        "delivered": delivered,
        "gap": np.nan if np.isnan(value) else gap,
        "progress": delivered / value if value > 0.0 else np.nan,
        "co2_t": np.nan if measure.co2_t is None else measure.co2_t,
        "status": "sample" if sample and status not in {"met", "no_figure"} else status,
        "rule": None,
    }


def _status(value: float, delivered: float, potential: float, *, at_most: bool) -> str:
    if np.isnan(value):
        return "no_figure"
    if (delivered <= value / _MET) if at_most else (delivered >= value * _MET):
        return "met"
    if np.isnan(potential) or at_most:
        return "short"
    return "reachable" if potential >= value * _MET else "beyond_potential"


def _share(
    counties: pd.DataFrame, plan: Plan, measure: Measure, *, rule: str, own: Mapping[str, float]
) -> tuple[pd.Series, str]:
    """Return the counties' parts of a promise and the rule that was used."""
    if rule == "custom":
        return _own_shares(counties.index, own), rule
    if rule == "potential" and (measure.potential is None or not measure.potential.sum() > 0.0):
        rule = "buildings"
    if rule == "population" and counties["population"].isna().any():
        raise CaseError(
            "targets.split_rule is 'population', but a county has no residents given; bring them in the "
            "column population of the counties or choose another split_rule."
        )
    weights = {
        "potential": measure.potential,
        "population": counties["population"],
        "area": counties["area_km2"],
        "buildings": plan.layers.buildings.groupby("county", observed=True)["footprint_m2"].sum(),
    }
    chosen: pd.Series = weights[rule]
    weight = chosen.reindex(counties.index, fill_value=0.0).astype("float64")
    if not weight.sum() > 0.0:
        weight = pd.Series(1.0, index=counties.index)
        rule = f"{rule} (none: equal parts)"
    return weight / weight.sum(), rule


def _own_shares(counties: pd.Index, own: Mapping[str, float]) -> pd.Series:
    unknown = [name for name in own if name not in counties]
    if unknown:
        raise CaseError(
            f"targets.shares names the county {unknown[0]!r}, which the area does not have"
            + near_matches(unknown[0], list(counties))
        )
    shares = pd.Series([own.get(name, 0.0) for name in counties], index=counties, dtype="float64")
    if abs(shares.sum() - 1.0) > 1e-6:
        raise CaseError(
            f"targets.shares sum to {shares.sum():.6g}, but must sum to 1; give each county its part."
        )
    return shares


def _county_rows(row: Any, measure: Measure, share: pd.Series, *, rule: str) -> pd.DataFrame:
    value = share * float(row.value)
    if measure.whole_city is not None:
        value = pd.Series(float(row.value), index=share.index)
    delivered = measure.delivered.reindex(share.index, fill_value=0.0).astype("float64")
    potential = np.nan if measure.potential is None else measure.potential.reindex(share.index)
    lacking = delivered - value if row.sense == "at_most" else value - delivered
    frame = pd.DataFrame(
        {
            "target": str(row.Index),
            "county": share.index.to_numpy(dtype=object),
            "unit": str(row.unit),
            "rule": rule,
            "share": share.to_numpy(),
            "value": value.to_numpy(),
            "potential": potential,
            "delivered": delivered.to_numpy(),
            "gap": np.where(value.isna(), np.nan, lacking.clip(lower=0.0)),
            "progress": (delivered / value.where(value > 0.0)).to_numpy(),
        },
        index=share.index,
    )
    return frame.set_axis(frame["target"] + "/" + frame["county"].astype("str"))


def _year_rows(
    row: Any, measure: Measure, part: pd.DataFrame, *, assumptions: TargetAssumptions
) -> pd.DataFrame:
    rows = []
    whole = measure.whole_city is not None
    for year, done in zip(assumptions.years, np.cumsum(assumptions.year_shares), strict=True):
        asked = part["value"].to_numpy() * (1.0 if whole else done)
        found = np.full(len(part), np.nan)
        if measure.by_year is not None and year in measure.by_year.columns:
            found = measure.by_year[year].reindex(part["county"]).to_numpy(dtype=np.float64)
        rows.append(
            pd.DataFrame(
                {
                    "target": str(row.Index),
                    "county": part["county"].to_numpy(),
                    "year": year,
                    "unit": str(row.unit),
                    "value": asked,
                    "delivered": found,
                    "behind": np.maximum(asked - found, 0.0),
                },
                index=part.index + f"/{year}",
            )
        )
    return pd.concat(rows)


def _table(parts: list[pd.DataFrame], table: Table) -> pd.DataFrame:
    made = table.empty() if not parts else pd.concat(parts)
    checked: pd.DataFrame = table.validate(made.rename_axis("entry"), where="The scoreboard")
    return checked
