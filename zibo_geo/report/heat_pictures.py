"""The pictures of heat: network by pipe size, cost beside the alternatives, load duration, compromises."""

__all__ = ["alternatives_chart", "duration_chart", "network_map", "pareto_chart"]

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from heat_network.cost_tables import ALTERNATIVES
from zibo_geo.plan import Plan
from zibo_geo.report.blocks import both
from zibo_geo.report.chart import Chart, Series
from zibo_geo.report.pv_facts import rows_of
from zibo_geo.report.pv_maps import base_layers, inside
from zibo_geo.report.static_map import Entry, MapLayer, StaticMap
from zibo_geo.report.words import Wording

_CURVE_POINTS = 240
_CNY_PER_MILLION, _KG_PER_KT = 1e6, 1e6
# Nominal diameters [mm] from and below, their words, colour and width [px].
_DN_CLASSES = (
    (0.0, 150.0, "DN < 150", "#9ecae1", 0.9),
    (150.0, 300.0, "DN 150–299", "#4292c6", 1.6),
    (300.0, float("inf"), "DN ≥ 300", "#08306b", 2.6),
)


def network_map(plan: Plan, frames: Mapping[str, pd.DataFrame], county: str | None) -> StaticMap:
    """Return the pipes of a county, or of all, by size, and the sources."""
    region = rows_of(plan.layers.area.counties, county)
    pipes, sources = frames["heat_pipes"], rows_of(plan.layers.heat_sources, county)
    layers = list(base_layers(plan, region))
    if isinstance(pipes, gpd.GeoDataFrame):
        where = shapely.union_all(np.asarray(region.geometry.array))
        size = pipes["dn_mm"].astype("float64")
        for low, high, name, colour, width in _DN_CLASSES:
            rows = inside(pipes[(size >= low) & (size < high)], where)
            entry = Entry(colour=colour, words=both(name), shapes=rows)
            layers.append(MapLayer(entries=(entry,), size=width))
    spots = np.asarray(sources.geometry.array)
    layers.append(
        MapLayer(
            entries=(Entry(colour="#d55e00", words=("热源", "heat source"), shapes=spots),),
            size=3.5,
        )
    )
    return StaticMap(
        key="heat_network",
        title=("供热管网（按管径）", "Heat network by pipe size"),
        region=region,
        layers=tuple(layers),
    )


def alternatives_chart(alternatives: pd.DataFrame, wording: Wording) -> Chart:
    """Return what the heat of these buildings costs by every way of heating, mean over the heat."""
    names = [n for n in ("network", *ALTERNATIVES) if f"{n}_cny_gj" in alternatives.columns]
    means = []
    for name in names:
        rows = alternatives[
            alternatives[f"{name}_cny_gj"].notna() & (alternatives["heat_gj"] > 0.0)
        ]
        heat = rows["heat_gj"].sum()
        means.append(
            float((rows[f"{name}_cny_gj"] * rows["heat_gj"]).sum() / heat)
            if heat > 0.0
            else float("nan")
        )
    return Chart(
        key="heat_alternatives",
        title=("各种供热方式的热价", "Cost of heat by every way of heating"),
        kind="bars",
        labels=tuple(wording.value("heating", name) for name in names),
        series=(Series(label=("热价", "cost"), y=tuple(means)),),
        y_label=("元/GJ", "CNY/GJ"),
    )


def duration_chart(hours: pd.DataFrame) -> Chart:
    """Return demand, heat of the sources and of the boilers, each sorted from its largest hour."""
    sums = hours.groupby(level=0)[["demand_mw", "direct_mw", "heat_pump_mw", "boiler_mw"]].sum()
    curves = {
        ("需求", "demand"): sums["demand_mw"],
        ("热源", "sources"): sums["direct_mw"] + sums["heat_pump_mw"],
        ("调峰锅炉", "boilers"): sums["boiler_mw"],
    }
    rows = np.unique(np.linspace(0, max(len(sums) - 1, 0), _CURVE_POINTS).astype(int))
    return Chart(
        key="heat_duration",
        title=("热负荷延时曲线（各自排序）", "Load duration of heat (each sorted by itself)"),
        kind="lines",
        series=tuple(
            Series(
                label=label,
                x=tuple((rows + 1).astype("float64")),
                y=tuple(np.sort(values.to_numpy(dtype=float))[::-1][rows]),
            )
            for label, values in curves.items()
        ),
        x_label=("小时", "hours"),
        y_label=both("MW"),
    )


def pareto_chart(points: pd.DataFrame) -> Chart:
    """Return yearly cost against CO2 of the compromises found."""
    rows = points.sort_values("co2_kg")
    return Chart(
        key="heat_pareto",
        title=("供热年费用与碳排放", "Yearly cost of heat against CO2"),
        kind="points",
        series=(
            Series(
                label=("方案", "plan"),
                x=tuple(rows["co2_kg"].astype("float64") / _KG_PER_KT),
                y=tuple(rows["cost_cny"].astype("float64") / _CNY_PER_MILLION),
            ),
        ),
        x_label=("碳排放 [kt/a]", "CO2 [kt/a]"),
        y_label=("百万元/a", "million CNY/a"),
    )
