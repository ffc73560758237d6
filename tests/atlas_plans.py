"""A small plan of the embedded Zibo with every kind of result that the map can show."""

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.demo import embedded_zibo
from zibo_geo.atlas.plan_topics import topics_of
from zibo_geo.atlas.topics import Chart, DataTable, Metric, Overlay, Series, Style, Topic
from zibo_geo.case import load_case
from zibo_geo.plan import Plan
from zibo_geo.pv_workflow import plan_rooftop_pv


def small_plan(roofs: int = 400) -> Plan:
    """Return the plan of the first roofs of two counties."""
    whole = embedded_zibo("sample")
    buildings = pd.concat(
        [
            whole.buildings[whole.buildings["county"] == key].iloc[: roofs // 2]
            for key in ("370303", "370305")
        ]
    )
    layers = dataclasses.replace(whole, buildings=buildings)
    case = load_case()
    return Plan(case=case, layers=layers, pv=plan_rooftop_pv(layers, case))


def rows_topic(plan: Plan) -> list[Topic]:
    """Return the plan's topics, that of PV with three rows of modules on every roof."""
    roofs = plan.pv.roofs
    box = roofs.geometry.bounds
    thirds = []
    for k in range(3):
        low = box["minx"] + (box["maxx"] - box["minx"]) * (k + 0.1) / 3
        high = box["minx"] + (box["maxx"] - box["minx"]) * (k + 0.9) / 3
        strips = shapely.box(low, box["miny"], high, box["maxy"])
        thirds.append(gpd.GeoSeries(strips, crs=roofs.crs).set_axis(roofs.index + f"#{k}"))
    shapes = pd.concat(thirds)
    rows = gpd.GeoDataFrame(
        {"plane_id": shapes.index, "modules": np.arange(len(shapes)) % 40, "why": "排 <b>"},
        index=shapes.index,
        geometry=shapes.to_numpy(),
        crs=roofs.crs,
    )
    overlay = Overlay(
        key="module_rows",
        frame=rows,
        fields=(("plane_id", "-"), ("modules", "1")),
        style=Style(colour="#1f3b73", fill_opacity=0.8),
        shown=True,
        minimum_zoom=17,
        reason="why",
    )
    own = {topic.key: topic for topic in topics_of(plan)}
    kept = tuple(item for item in own["pv"].overlays if item.key != "module_rows")
    years = pd.Series(2026 + np.arange(len(roofs)) % 5, index=roofs.index, name="year")
    pv = dataclasses.replace(
        own["pv"],
        overlays=(*kept, overlay),
        roof_values=own["pv"].roof_values.assign(year=years),
        roof_year="year",
    )
    return [pv, own["stations"], own["base"]]


def topics_with_results(plan: Plan) -> list[Topic]:
    """Return the plan's topics, the heat topic with pipes, a chart, a table and categorical metrics."""
    streets = plan.layers.streets.iloc[:300]
    rng = np.random.default_rng(1)
    pipes = gpd.GeoDataFrame(
        {
            "name": "",
            "points": rng.integers(50, 900, len(streets)),
            "kind": rng.choice(["gas", "other"], len(streets)),
            "year": rng.integers(2026, 2031, len(streets)),
            "why": "因为 <b>close</b>",
        },
        index=[f"pipe-{number}" for number in range(len(streets))],
        geometry=streets.geometry.to_numpy(),
        crs=streets.crs,
    )
    counties = plan.layers.area.counties.index
    heat = Topic(
        key="heat",
        summary=("供热", "Heat"),
        county_metrics=(
            Metric(key="roof_m2", unit="m²", palette="blue_red", centre=2.0, sums=True),
        ),
        county_values=pd.DataFrame({"roof_m2": np.arange(len(counties))}, index=counties),
        roof_metrics=(Metric(key="co2_kg", unit="kg", breaks=(1.0, 5000.0)),),
        overlays=(
            Overlay(
                key="substations",
                frame=pipes,
                fields=(("points", "m"), ("kind", "-")),
                shown=True,
                minimum_zoom=10,
                reason="why",
                year="year",
                style=Style(by="points", width_px=(1.5, 7.0)),
            ),
            Overlay(
                key="heat_sources",
                frame=plan.layers.heat_sources,
                fields=(("kind", "-"), ("status", "-")),
                shown=True,
                choice="status",
            ),
        ),
        charts=(
            Chart(
                title=("曲线", "Curve"),
                kind="steps",
                x=(0.0, 10.0, 20.0),
                series=(
                    Series(label=("甲", "A"), values=(30.0, 20.0, float("nan"))),
                    Series(label=("乙", "B"), values=(10.0, 5.0, 1.0)),
                ),
                x_label="axis_month",
                y_unit="MW",
                target=25.0,
                target_label=("目标", "target"),
            ),
        ),
        tables=(
            DataTable(
                title=("表", "Table"),
                frame=pd.DataFrame({"kind": ["gas", "=1+1"], "heat_mw": [1.5, None]}),
                fields=(("kind", "-"), ("heat_mw", "MW")),
            ),
        ),
    )
    own = {topic.key: topic for topic in topics_of(plan)}
    stations = dataclasses.replace(
        own["stations"],
        overlays=tuple(item for item in own["stations"].overlays if item.key != "substations"),
    )
    pv = dataclasses.replace(
        own["pv"],
        county_metrics=tuple(item for item in own["pv"].county_metrics if item.key != "roof_m2"),
    )
    return [pv, heat, stations, own["base"]]
