"""Charts and tables of siting: trades with proven bounds, years, numbers of hydrogen stations, services."""

__all__ = ["siting_charts", "siting_tables"]

import pandas as pd

from zibo_geo.atlas.topics import Chart, DataTable, Series
from zibo_geo.siting_plan import SitingPlan

_WORST = 10


def siting_charts(siting: SitingPlan) -> tuple[Chart, ...]:
    """Return the charts of the questions that were answered."""
    charts: list[Chart] = []
    if siting.pareto is not None:
        kind = siting.pareto["kind"].astype("str")
        sites, share = siting.pareto[kind == "sites"], siting.pareto[kind == "share"]
        charts.append(
            _trade(sites, "chart_siting_sites", x="sites", x_label="axis_sites", x_unit="")
        )
        if len(share) > 1:
            shown = share.assign(reached=100.0 * share["reached"])
            charts.append(
                _trade(shown, "chart_siting_share", x="reached", x_label="axis_share", x_unit="%")
            )
    if siting.phases is not None:
        charts.append(_years(siting.phases))
    if siting.hydrogen_steps is not None and len(siting.hydrogen_steps) > 1:
        charts += _steps(siting.hydrogen_steps)
    return tuple(charts)


def _trade(points: pd.DataFrame, title: str, *, x: str, x_label: str, x_unit: str) -> Chart:
    """Return minutes against what is traded for them, beside what no choice can beat."""
    rows = points.drop_duplicates(x).sort_values(x)
    plan = tuple(rows["mean_min"].astype("float64"))
    series: tuple[Series, ...] = (Series(label="series_proven", values=plan),)
    if not (rows["status"].astype("str") == "proven").all():
        bound = tuple(rows["bound_min"].astype("float64"))
        series = (
            Series(label="series_plan", values=plan),
            Series(label="series_bound", values=bound),
        )
    return Chart(
        title=title,
        kind="points",
        x=tuple(rows[x].astype("float64")),
        series=series,
        x_label=x_label,
        x_unit=x_unit,
        y_unit="min",
    )


def _years(phases: pd.DataFrame) -> Chart:
    rows = phases.sort_values("year")
    return Chart(
        title="chart_siting_years",
        kind="bars",
        x=tuple(str(year) for year in rows["year"]),
        series=(Series(label="series_points", values=tuple(rows["points"].astype("float64"))),),
        x_label="axis_year",
        y_unit="1",
    )


def _steps(steps: pd.DataFrame) -> list[Chart]:
    x = tuple(steps["stations"].astype("float64"))
    return [
        Chart(
            title="chart_hydrogen_trips",
            kind="points",
            x=x,
            series=(
                Series(label="series_plan", values=tuple(100.0 * steps["share"].astype("float64"))),
            ),
            x_label="axis_stations",
            y_unit="%",
        ),
        Chart(
            title="chart_hydrogen_cost",
            kind="points",
            x=x,
            series=(
                Series(label="series_lcoh", values=tuple(steps["lcoh_cny_kg"].astype("float64"))),
            ),
            x_label="axis_stations",
            y_unit="CNY/kg",
        ),
    ]


def siting_tables(siting: SitingPlan) -> tuple[DataTable, ...]:
    """Return how sure each answer is, what hubs offer, and whose outage hurts most."""
    made = [
        DataTable(
            title="table_siting_answers",
            frame=siting.answers.reset_index(),
            fields=(("question", "-"), ("sites", "1"), ("status", "-"), ("gap", "%")),
        )
    ]
    if siting.hub_services is not None:
        made.append(
            DataTable(
                title="table_hub_services",
                frame=siting.hub_services.reset_index(),
                fields=(("service", "-"), ("legal_sites", "1"), ("hubs", "1"), ("covered", "%")),
            )
        )
    if siting.outages is not None:
        worst = siting.outages.sort_values("late_people", ascending=False).head(_WORST)
        made.append(
            DataTable(
                title="table_siting_outages",
                frame=worst.reset_index(),
                fields=(
                    ("site_id", "-"),
                    ("moved_kwh_d", "kWh/d"),
                    ("extra_min", "min"),
                    ("late_people", "1"),
                    ("stranded_kwh_d", "kWh/d"),
                ),
            )
        )
    return tuple(made)
