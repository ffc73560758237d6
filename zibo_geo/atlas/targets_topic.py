"""The targets on the map: the scoreboard of the city's promises, by county and by year."""

__all__ = ["targets_topic"]

import pandas as pd

from zibo_geo.atlas.topics import Chart, DataTable, Figure, Metric, Series, Topic
from zibo_geo.target_tables import TARGET_MEASURES, TargetScores

_SILENT = ("silent", "not_run")
_SHOWN = ("pv_new", "charging_points", "energy_hubs")


def targets_topic(targets: TargetScores) -> Topic:
    """Return the scoreboard: every promise, what is possible, what is planned, what is missing."""
    scores = targets.scores
    spoken = scores[~scores["status"].isin(_SILENT)]
    return Topic(
        key="targets",
        summary=_summary(scores),
        figures=(
            Figure(label="figure_targets", value=float(len(scores))),
            Figure(label="figure_targets_spoken", value=float(len(spoken))),
            Figure(label="figure_targets_met", value=float((spoken["status"] == "met").sum())),
            Figure(label="figure_co2_avoided", value=float(scores["co2_t"].sum()), unit="t"),
        ),
        county_metrics=_metrics(targets),
        county_values=_county_values(targets),
        charts=tuple(_years(targets, key) for key in _SHOWN if key in set(spoken.index)),
        tables=(_board(spoken), _silent(scores)),
    )


def _summary(scores: pd.DataFrame) -> tuple[str, str]:
    spoken = int((~scores["status"].isin(_SILENT)).sum())
    met = int((scores["status"] == "met").sum())
    return (
        f"{len(scores)} 项承诺中，本工具可核算 {spoken} 项，其中 {met} 项规划已满足。",
        f"Of {len(scores)} promises the plan speaks to {spoken}; {met} of them are met.",
    )


def _metrics(targets: TargetScores) -> tuple[Metric, ...]:
    known = set(targets.counties.loc[targets.counties["progress"].notna(), "target"])
    return tuple(
        Metric(key=f"progress_{key}", unit="%", palette="navy")
        for key in TARGET_MEASURES
        if key in known
    )


def _county_values(targets: TargetScores) -> pd.DataFrame | None:
    if targets.counties.empty:
        return None
    wide = targets.counties.pivot_table(index="county", columns="target", values="progress")
    return wide.add_prefix("progress_")


def _years(targets: TargetScores, key: str) -> Chart:
    rows = targets.years[targets.years["target"] == key]
    sums = rows.groupby("year")[["value", "delivered"]].sum(min_count=1)
    title_zh, title_en = targets.scores.loc[key, ["title_zh", "title_en"]]
    return Chart(
        title=(f"{title_zh}：目标与规划", f"{title_en}: promise and plan"),
        kind="lines",
        x=tuple(str(year) for year in sums.index),
        series=(
            Series(label="series_promised", values=tuple(sums["value"].astype("float64"))),
            Series(label="series_planned", values=tuple(sums["delivered"].astype("float64"))),
        ),
        x_label="axis_year",
        y_unit=str(targets.scores.loc[key, "unit"]),
    )


def _board(spoken: pd.DataFrame) -> DataTable:
    frame = spoken.reset_index()
    return DataTable(
        title="table_targets",
        frame=frame.assign(title=frame["title_zh"] + " " + frame["title_en"]),
        fields=(
            ("title", "-"),
            ("year", "-"),
            ("value", "1"),
            ("unit", "-"),
            ("potential", "1"),
            ("delivered", "1"),
            ("progress", "%"),
            ("co2_t", "t"),
            ("status", "-"),
            ("section", "-"),
        ),
    )


def _silent(scores: pd.DataFrame) -> DataTable:
    frame = scores[scores["status"].isin(_SILENT)].reset_index()
    return DataTable(
        title="table_targets_silent",
        frame=frame.assign(
            title=frame["title_zh"] + " " + frame["title_en"],
            reason=(
                frame["silent_zh"].fillna("") + " " + frame["silent_en"].fillna("")
            ).str.strip(),
        ),
        fields=(("title", "-"), ("value", "1"), ("unit", "-"), ("section", "-"), ("reason", "-")),
    )
