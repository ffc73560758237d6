"""Stations on the map: chosen sites by kind and size, who reaches them, what the law forbids."""

__all__ = ["stations_topic"]

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.refusals import joined_zh
from zibo_geo.atlas.siting_charts import siting_charts, siting_tables
from zibo_geo.atlas.topics import Category, Figure, Metric, Overlay, Style, Topic
from zibo_geo.plan import Plan
from zibo_geo.siting_plan import SitingPlan
from zibo_geo.siting_summary import siting_sentence

# Okabe-Ito colours, safe for colour-blind readers; the sign says the same in grey.
_ORANGE, _SKY, _GREEN, _YELLOW = "#e69f00", "#56b4e9", "#009e73", "#f0e442"
_BLUE, _RED, _PINK, _BLACK = "#0072b2", "#d55e00", "#cc79a7", "#3e4c59"
_STATIONS = (
    Category("fuel", _BLUE, "F"),
    Category("charging", _GREEN, "C"),
    Category("hydrogen", _SKY, "H"),
    Category("swap", _ORANGE, "S"),
    Category("gas", _PINK, "G"),
)
_KINDS = (
    Category("charging_station", _GREEN, "C"),
    Category("neighbourhood", _YELLOW, "N"),
    Category("car_park", _SKY, "P"),
    Category("petrol_station", _BLUE, "F"),
    Category("gas_station", _PINK, "G"),
    Category("hydrogen_station", _SKY, "H"),
    Category("swap_station", _ORANGE, "S"),
    Category("bus_depot", _ORANGE, "B"),
    Category("logistics", _RED, "L"),
    Category("service_area", _RED, "A"),
    Category("road", "#8c99a6", "R"),
    Category("given", _BLACK, "+"),
)
_LEGALITIES = (
    Category("no_other", _YELLOW, "!"),
    Category("no_hydrogen", _ORANGE, "!"),
    Category("power_only", _PINK, "!"),
    Category("none", _RED, "×"),
)
_MINUTES = (
    ("m0_2", 2.0, "#0b4f6c"),
    ("m2_5", 5.0, "#3a86a8"),
    ("m5_10", 10.0, "#9ecae1"),
    ("m10_15", 15.0, "#fdd0a2"),
    ("m15_30", np.inf, "#e6550d"),
)
_BUNDLES = (
    Category("hydrogen", _SKY, "H"),
    Category("gas", _PINK, "G"),
    Category("power", _GREEN, "E"),
)
_CIRCLE_M = 55.0  # radius of the circle of one point; its area grows with the points


def stations_topic(plan: Plan) -> Topic:
    """Return stations: those that stand, and where siting was asked, those that should."""
    siting = plan.siting
    standing = _standing(plan)
    if siting is None:
        return Topic(
            key="stations",
            figures=(
                Figure(label="figure_stations", value=float(len(plan.layers.stations))),
                Figure(label="figure_substations", value=float(len(plan.layers.substations))),
            ),
            overlays=standing,
        )
    zh, english = siting_sentence(siting)
    metrics, values = _counties(siting)
    return Topic(
        key="stations",
        summary=(f"{zh}。", f"{english}."),
        figures=_figures(siting),
        county_metrics=metrics,
        county_values=values,
        overlays=(*_under(plan, siting), *standing, *_charging(siting), *_fuel(siting)),
        charts=siting_charts(siting),
        tables=siting_tables(siting),
    )


def _standing(plan: Plan) -> tuple[Overlay, ...]:
    return (
        Overlay(
            key="substations",
            frame=plan.layers.substations,
            fields=(("voltage_kv", "kV"), ("capacity_mva", "MVA"), ("source", "-")),
            style=Style(colour=_GREEN, radius_px=6.0),
            minimum_zoom=9,
        ),
        Overlay(
            key="stations",
            frame=plan.layers.stations,
            shown=plan.siting is None,
            fields=(("kind", "-"), ("points", "1"), ("power_kw", "kW"), ("source", "-")),
            style=Style(colour=_BLACK, by="kind", categories=_STATIONS),
            minimum_zoom=11,
        ),
    )


def _figures(siting: SitingPlan) -> tuple[Figure, ...]:
    figures = []
    if siting.counties is not None:
        points = float(siting.counties["points"].sum())
        figures.append(Figure(label="figure_charging_points", value=points))
    if siting.hubs is not None:
        figures.append(Figure(label="figure_hubs", value=float(siting.hubs["chosen"].sum())))
    if siting.hydrogen is not None:
        figures.append(Figure(label="figure_hydrogen", value=float(len(siting.hydrogen))))
    return tuple(figures)


def _counties(siting: SitingPlan) -> tuple[tuple[Metric, ...], pd.DataFrame | None]:
    """Return the metrics of counties that were computed, and their values."""
    parts: list[pd.DataFrame] = []
    metrics: list[Metric] = []
    if siting.counties is not None:
        shown = siting.counties.rename(columns={"sites": "charging_sites"})
        parts.append(shown.drop(columns="name"))
        metrics += [
            Metric(key="points_per_1000_vehicles", unit="1", palette="navy"),
            Metric(key="points", unit="1", palette="navy", sums=True),
            Metric(key="public_points", unit="1", palette="navy", sums=True),
            Metric(key="charging_sites", unit="1", palette="navy", sums=True),
            Metric(key="within_share", unit="%", palette="navy"),
            Metric(key="mean_min", unit="min", palette="violet"),
            Metric(key="feeder_short_kw", unit="kW", palette="violet", sums=True),
            Metric(key="wired_spaces", unit="1", palette="navy", sums=True),
        ]
    if siting.hubs is not None:
        chosen = siting.hubs[siting.hubs["chosen"]]
        parts.append(chosen.groupby("county").size().rename("hubs").to_frame().astype("float64"))
        metrics.append(Metric(key="hubs", unit="1", palette="navy", sums=True))
    if siting.hydrogen is not None:
        sums = siting.hydrogen.groupby("county")["sold_kg_d"].sum().rename("hydrogen_kg_d")
        parts.append(sums.to_frame())
        metrics.append(Metric(key="hydrogen_kg_d", unit="kg/d", palette="navy", sums=True))
    values = pd.concat(parts, axis=1) if parts else None
    if values is not None:
        counted = [name for name in ("hubs", "hydrogen_kg_d") if name in values]
        values = values.assign(**{name: values[name].fillna(0.0) for name in counted})
    return tuple(metrics), values


def _under(plan: Plan, siting: SitingPlan) -> tuple[Overlay, ...]:
    """Return what lies beneath the sites: minutes, catchments, trips, trailers and the law."""
    made = []
    if siting.access is not None and siting.charging is not None:
        cell_m = float(plan.case.assumed("charging").cell_m)
        made += [
            Overlay(
                key="siting_minutes",
                frame=_rings(siting.access, cell_m),
                fields=(
                    ("minutes", "-"),
                    ("time_min", "min"),
                    ("demand_kwh_d", "kWh/d"),
                    ("people", "1"),
                    ("site_id", "-"),
                ),
                style=Style(
                    by="minutes",
                    categories=tuple(Category(name, colour) for name, _, colour in _MINUTES),
                    fill_opacity=0.45,
                    width_px=(0.3, 0.3),
                ),
            ),
            Overlay(
                key="siting_catchments",
                frame=_spiders(siting.access, siting.charging),
                style=Style(colour="#5b6b7a", width_px=(0.8, 0.8)),
                minimum_zoom=11,
                pickable=False,
            ),
        ]
    if siting.flows is not None and siting.hauls is not None:
        made += [
            Overlay(
                key="hydrogen_trips",
                frame=siting.flows,
                fields=(
                    ("vehicle", "-"),
                    ("corridor", "-"),
                    ("trips_d", "1/d"),
                    ("trip_km", "km"),
                    ("demand_kg_d", "kg/d"),
                    ("refuelled", "-"),
                    ("reason", "-"),
                ),
                style=Style(by="trips_d", palette="navy", width_px=(0.6, 5.0)),
            ),
            Overlay(
                key="hydrogen_hauls",
                frame=siting.hauls,
                fields=(("source_id", "-"), ("kg_d", "kg/d"), ("km", "km"), ("trailers_d", "1/d")),
                style=Style(colour=_RED, width_px=(1.6, 1.6), dashed=True),
            ),
        ]
    refused = siting.services[siting.services["legality"].astype("str") != "all"]
    made.append(
        Overlay(
            key="siting_refused",
            frame=_explained(refused, "binding_rule"),
            fields=(
                ("legality", "-"),
                ("kind", "-"),
                ("services_zh", "-"),
                ("refused_zh", "-"),
                ("storage_class", "-"),
            ),
            style=Style(by="legality", categories=_LEGALITIES, radius_px=5.0),
            reason="said" if len(refused) else None,
            minimum_zoom=9,
        )
    )
    return tuple(made)


def _charging(siting: SitingPlan) -> tuple[Overlay, ...]:
    if siting.charging is None or siting.outages is None:
        return ()
    rest = siting.outages.drop(columns="county")
    there = set(siting.charging["kind"].astype("str"))
    kinds = tuple(category for category in _KINDS if category.value in there)
    sites = _explained(siting.charging.join(rest), "why").assign(
        year=siting.charging["year"].astype("int64")
    )
    size = np.sqrt(sites["points"].to_numpy(dtype=float)) * _CIRCLE_M
    circles = sites[["kind", "points", "year", "county"]].set_geometry(
        gpd.GeoSeries(
            shapely.buffer(sites.geometry.to_numpy(), size, quad_segs=6),
            index=sites.index,
            crs=sites.crs,
        )
    )
    return (
        Overlay(
            key="siting_size",
            frame=circles,
            style=Style(by="kind", categories=kinds, fill_opacity=0.35, width_px=(0.5, 0.5)),
            year="year",
            shown=True,
            pickable=False,
        ),
        Overlay(
            key="siting_charging",
            frame=sites,
            fields=(
                ("kind", "-"),
                ("year", "year"),
                ("points", "1"),
                ("points_7_kw", "1"),
                ("points_60_kw", "1"),
                ("points_120_kw", "1"),
                ("points_180_kw", "1"),
                ("points_360_kw", "1"),
                ("swaps_d", "1/d"),
                ("demand_kwh_d", "kWh/d"),
                ("wait_min", "min"),
                ("points_for_waiting", "1"),
                ("feeder_kw", "kW"),
                ("headroom_kw", "kW"),
                ("feeder_short_kw", "kW"),
                ("substation_id", "-"),
                ("pv_canopy_kwp", "kWp"),
                ("loss_if_removed", "kWh·min/d"),
                ("best_replacement", "-"),
                ("cells_gained", "1"),
                ("extra_min", "min"),
                ("stranded_kwh_d", "kWh/d"),
                ("neighbour_id", "-"),
            ),
            style=Style(by="kind", categories=kinds, radius_px=4.5),
            reason="said",
            year="year",
            shown=True,
        ),
    )


def _fuel(siting: SitingPlan) -> tuple[Overlay, ...]:
    made = []
    if siting.hubs is not None:
        chosen = _explained(siting.hubs[siting.hubs["chosen"]], "why")
        bundle = chosen["bundle"].astype("str")
        chosen = chosen.assign(
            main=np.select(
                [bundle.str.contains("hydrogen"), bundle.str.contains("cng|lng")],
                ["hydrogen", "gas"],
                default="power",
            ),
            bundle_zh=[_both(words) for words in bundle],
        )
        made.append(
            Overlay(
                key="siting_hubs",
                frame=chosen,
                fields=(
                    ("main", "-"),
                    ("bundle_zh", "-"),
                    ("kind", "-"),
                    ("services_zh", "-"),
                    ("refused_zh", "-"),
                    ("cost_mcny", "M CNY"),
                    ("saved_mcny", "M CNY"),
                    ("pv_canopy_kwp", "kWp"),
                    ("loss_if_removed", "%"),
                    ("best_replacement", "-"),
                ),
                style=Style(by="main", categories=_BUNDLES, radius_px=7.0),
                reason="said",
                shown=True,
            )
        )
    if siting.hydrogen is not None and siting.sources is not None:
        made += [
            Overlay(
                key="hydrogen_sources",
                frame=siting.sources,
                fields=(("kind", "-"), ("kg_d", "kg/d"), ("sent_kg_d", "kg/d")),
                style=Style(colour=_RED, radius_px=6.0),
            ),
            Overlay(
                key="siting_hydrogen",
                frame=_explained(siting.hydrogen, "why"),
                fields=(
                    ("kind", "-"),
                    ("storage_class", "-"),
                    ("capacity_kg_d", "kg/d"),
                    ("sold_kg_d", "kg/d"),
                    ("use_share", "%"),
                    ("source_id", "-"),
                    ("haul_km", "km"),
                    ("trailers_d", "1/d"),
                    ("lcoh_cny_kg", "CNY/kg"),
                    ("loss_if_removed", "1/d"),
                    ("best_replacement", "-"),
                ),
                style=Style(colour=_BLACK, radius_px=8.0),
                reason="said",
                shown=True,
            ),
        ]
    return tuple(made)


def _explained(frame: gpd.GeoDataFrame, text: str) -> gpd.GeoDataFrame:
    """Return a frame with its sentence in both languages, and its services in Chinese."""
    said = frame[f"{text}_zh"].astype("str") + " " + frame[text].astype("str")
    made = frame.assign(said=said)
    for ours, shown in (("legal_services", "services_zh"), ("refused_services", "refused_zh")):
        if ours in frame:
            made = made.assign(**{shown: [_both(str(words)) for words in frame[ours]]})
    return made


def _both(services: str) -> str:
    """Return services joined by + in both languages, a dash for none."""
    return f"{joined_zh(services)} ({services})" if services else "–"


def _rings(cells: gpd.GeoDataFrame, cell_m: float) -> gpd.GeoDataFrame:
    """Return the demand cells that are served as squares, by classes of minutes."""
    served = cells[cells["time_min"].notna()]
    at = shapely.get_coordinates(served.geometry.to_numpy())
    corner = np.floor(at / cell_m) * cell_m
    squares = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + cell_m, corner[:, 1] + cell_m)
    edges = [edge for _, edge, _ in _MINUTES[:-1]]
    names = np.array([name for name, _, _ in _MINUTES], dtype=object)
    place = np.searchsorted(edges, served["time_min"].to_numpy(), side="left")
    return served.assign(minutes=names[place]).set_geometry(
        gpd.GeoSeries(squares, index=served.index, crs=cells.crs)
    )


def _spiders(cells: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a line from every demand cell to the site that serves it."""
    served = cells[cells["site_id"].notna()]
    ends = sites.geometry.loc[served["site_id"].astype("str")].to_numpy()
    pairs = np.stack(
        [shapely.get_coordinates(served.geometry.to_numpy()), shapely.get_coordinates(ends)], axis=1
    )
    lines = gpd.GeoSeries(shapely.linestrings(pairs), index=served.index, crs=cells.crs)
    return served[["county"]].set_geometry(lines)
