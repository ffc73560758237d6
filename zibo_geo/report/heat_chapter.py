"""The chapter on heat: who needs it, who gives it along which streets, at what cost beside the others."""

__all__ = ["heat_chapter"]

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from heat_network.cost_tables import ALTERNATIVES
from zibo_geo.plan import Plan
from zibo_geo.report.blocks import Block, Grid, Heading, Paragraph, Pictures, both
from zibo_geo.report.chart import Chart, Series
from zibo_geo.report.heat_sentences import heat_sentences
from zibo_geo.report.numbers import amount, count, is_missing, share
from zibo_geo.report.pv_facts import rows_of
from zibo_geo.report.pv_maps import base_layers
from zibo_geo.report.static_map import Entry, MapLayer, StaticMap
from zibo_geo.report.words import Wording

Words = tuple[str, str]
_ROWS = 12
_CURVE_POINTS = 240
_CNY_PER_MILLION, _KG_PER_KT = 1e6, 1e6
_DN_CLASSES = ((0, 150, "#9ecae1", 0.9), (150, 300, "#4292c6", 1.6), (300, 10_000, "#08306b", 2.6))


def heat_chapter(
    plan: Plan, frames: Mapping[str, pd.DataFrame], wording: Wording, *, county: str | None
) -> list[Block]:
    """Return the blocks for one county, or for the whole area without one.

    Parameters
    ----------
    plan : Plan
        Its layers lie under the map.
    frames : mapping of str to DataFrame
        Tables of the heat plan by name.
    wording : Wording
        Words.
    county : str, optional
        Adcode.
    """
    cut = _cut(plan, frames, county)
    said = heat_sentences(cut, wording)
    blocks: list[Block] = [Heading(wording.of("heading_heat"))]
    if said:
        blocks.append(Paragraph(tuple(said.values())))
    pictures: list[Chart | StaticMap] = []
    if "heat_pipes" in cut and len(cut["heat_pipes"]):
        pictures.append(_map(plan, cut, county))
    if "heat_alternatives" in cut and cut["heat_alternatives"]["heat_gj"].sum() > 0.0:
        pictures.append(alternatives_chart(cut["heat_alternatives"], wording))
    if county is None and "heat_hours" in frames and len(frames["heat_hours"]):
        pictures.append(duration_chart(frames["heat_hours"]))
    pareto = frames.get("heat_pareto")
    if county is None and pareto is not None and len(pareto["co2_kg"].unique()) > 1:
        pictures.append(pareto_chart(pareto))
    if pictures:
        blocks.append(Pictures(tuple(pictures)))
    grids = (_sources(plan, cut, wording), _outages(cut, wording), _unserved(cut, wording))
    return [*blocks, *(grid for grid in grids if grid is not None and grid.rows)]


def _cut(
    plan: Plan, frames: Mapping[str, pd.DataFrame], county: str | None
) -> dict[str, pd.DataFrame]:
    """Return what of the heat plan belongs to a county: by its column, its buildings or its sources."""
    if county is None:
        return dict(frames)
    sources = set(rows_of(plan.layers.heat_sources, county).index.astype("str"))
    buildings = rows_of(plan.layers.buildings, county).index
    cut = {}
    for name, frame in frames.items():
        if "county" in frame.columns or frame.index.name == "county":
            cut[name] = rows_of(frame, county)
        elif frame.index.name == "building_id":
            cut[name] = frame[frame.index.isin(buildings)]
        elif frame.index.name == "source_id":
            cut[name] = frame[frame.index.astype("str").isin(sources)]
        elif "source_id" in frame.columns and name != "heat_hours":
            cut[name] = frame[frame["source_id"].astype("str").isin(sources)]
        elif name == "heat_schemes":
            own = frame.index.astype("str").str.removeprefix("source:").isin(sources)
            cut[name] = frame[own & (frame["level"].astype("str") == "source")]
    return cut


def _map(plan: Plan, frames: Mapping[str, pd.DataFrame], county: str | None) -> StaticMap:
    region = rows_of(plan.layers.area.counties, county)
    pipes, sources = frames["heat_pipes"], rows_of(plan.layers.heat_sources, county)
    layers = list(base_layers(plan, region))
    if isinstance(pipes, gpd.GeoDataFrame):
        size = pipes["dn_mm"].astype("float64")
        for low, high, colour, width in _DN_CLASSES:
            rows = pipes[(size >= low) & (size < high)]
            name = (
                f"DN {low}–{high}"
                if low and high < 10_000
                else f"DN < {high}"
                if high < 10_000
                else f"DN ≥ {low}"
            )
            entry = Entry(colour=colour, words=both(name), shapes=np.asarray(rows.geometry.array))
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


def _sources(plan: Plan, frames: Mapping[str, pd.DataFrame], wording: Wording) -> Grid | None:
    use = frames.get("heat_sources_use")
    if use is None:
        return None
    layer = plan.layers.heat_sources
    rows = []
    heat = use["direct_gj"] + use["heat_pump_gj"]
    for key in heat.sort_values(ascending=False).head(_ROWS).index:
        known = key in layer.index
        name = layer.loc[key, "name"] if known else None
        kind = wording.value("kind", layer.loc[key, "kind"]) if known else both("–")
        rows.append(
            (
                both(key if name is None or pd.isna(name) else f"{name} · {key}"),
                kind,
                amount(use.loc[key, "direct_gj"]),
                amount(use.loc[key, "heat_pump_gj"]),
                amount(use.loc[key, "peak_mw"]),
                share(use.loc[key, "used_share"]),
            )
        )
    keys = ("heat_source", "heat_kind", "direct_gj", "heat_pump_gj", "peak_mw", "used_share")
    return Grid(
        title=wording.of("grid_heat_sources"),
        head=tuple(wording.of(f"head_{key}") for key in keys),
        rows=tuple(rows),
        numeric=(False, False, True, True, True, True),
    )


def _outages(frames: Mapping[str, pd.DataFrame], wording: Wording) -> Grid | None:
    outages = frames.get("heat_outages")
    if outages is None:
        return None
    worst = outages[outages["unserved_gj"] > 0.0].sort_values("unserved_gj", ascending=False)
    rows = [
        (
            both(row["source_id"]),
            both(row["cluster"]),
            amount(row["unserved_gj"]),
            amount(row["unserved_peak_mw"]),
            both(count(row["unserved_h"])),
            share(row["unserved_share"]),
            amount(row["spare_mw"]),
        )
        for _, row in worst.head(_ROWS).iterrows()
    ]
    keys = (
        "outage_source",
        "cluster",
        "unserved_gj",
        "unserved_mw",
        "unserved_h",
        "unserved_share",
        "spare_mw",
    )
    return Grid(
        title=wording.of("grid_outages"),
        head=tuple(wording.of(f"head_{key}") for key in keys),
        rows=tuple(rows),
        numeric=(False, False, True, True, True, True, True),
        note=(
            f"{count(len(worst))} 种停运有缺供，此处列最严重的 {len(rows)} 种；全部见 heat_outages.csv。",
            (
                f"The {len(rows)} worst of {count(len(worst))} outages that leave somebody cold; all: "
                "heat_outages.csv."
            ),
        ),
    )


def _unserved(frames: Mapping[str, pd.DataFrame], wording: Wording) -> Grid | None:
    """Return buildings by the reason they are not connected, where the plan states one."""
    for name in ("heat_connections", "network_connections", "graph_attachments"):
        frame = frames.get(name)
        if frame is not None and "reason" in frame.columns:
            counts = frame["reason"].dropna().astype("str")
            counts = counts[counts != ""].value_counts()
            rows = tuple(
                (wording.value("unserved", reason), both(count(number)))
                for reason, number in counts.items()
                if not is_missing(number)
            )
            return Grid(
                title=wording.of("grid_unserved"),
                head=(wording.of("head_reason"), wording.of("head_buildings")),
                rows=rows,
                numeric=(False, True),
            )
    return None
