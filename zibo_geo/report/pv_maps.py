"""The maps of rooftop PV: roofs of a county by answer, counties of an area by potential."""

__all__ = ["base_layers", "county_map", "inside", "overview_map"]

import itertools

import geopandas as gpd
import numpy as np
import shapely

from zibo_geo.plan import Plan, RooftopPvPlan
from zibo_geo.report.chart import round_ticks
from zibo_geo.report.pv_facts import rows_of
from zibo_geo.report.static_map import Entry, MapLayer, StaticMap
from zibo_geo.report.words import Wording
from zibo_geo.summary import significant

Words = tuple[str, str]
_ROOF_DOTS = 6000
# Okabe-Ito; the reasons a roof is in stand out, the others recede.
_ANSWERS = (
    ("no_modules", "#e3e7ea"), ("not_needed", "#c4ccd3"), ("uneconomic", "#cc79a7"),
    ("no_income", "#cc79a7"), ("grid", "#e69f00"), ("existing", "#009e73"), ("target", "#56b4e9"),
    ("quota", "#0072b2"),
)  # fmt: skip
_BROWNS = ("#fff7bc", "#fee391", "#fec44f", "#fe9929", "#d95f0e", "#993404")
_MAJOR = ("motorway", "trunk", "primary", "secondary")
_GREAT = _MAJOR[:3]


def base_layers(plan: Plan, region: gpd.GeoDataFrame) -> tuple[MapLayer, ...]:
    """Return land, water, parks and major streets of a region."""
    layers = plan.layers
    where = shapely.union_all(np.asarray(region.geometry.array))
    water = layers.constraints[layers.constraints["kind"] == "water"]
    shown = _MAJOR if len(region) == 1 else _GREAT
    major = layers.streets[layers.streets["street_class"].isin(shown)]
    return (
        MapLayer(entries=(Entry(colour="#f3f4f5", shapes=np.asarray(region.geometry.array)),)),
        MapLayer(
            entries=(Entry(colour="#9fb8c9", words=("水域", "water"), shapes=inside(water, where)),)
        ),
        MapLayer(entries=(Entry(colour="#c9d0d6", shapes=inside(major, where)),), size=1.0),
        MapLayer(
            entries=(
                Entry(colour="#7b3294", words=("园区", "park"), shapes=inside(layers.parks, where)),
            ),
            filled=False,
            dashed=True,
            size=0.9,
        ),
        MapLayer(
            entries=(Entry(colour="#3e4c59", shapes=np.asarray(region.geometry.array)),),
            filled=False,
            size=1.2,
        ),
    )


def inside(frame: gpd.GeoDataFrame, where: shapely.Geometry) -> np.ndarray:
    """Return what of a layer lies in a region; only what crosses its border is cut."""
    if not len(frame):
        return np.array([], dtype=object)
    shapely.prepare(where)
    shapes = np.asarray(frame.geometry.array, dtype=object)
    rows = np.sort(frame.sindex.query(where, predicate="intersects"))
    kept = shapes[rows].copy()
    crossing = ~shapely.contains_properly(where, kept)
    kept[crossing] = shapely.intersection(kept[crossing], where)
    return np.asarray(kept[~shapely.is_empty(kept)], dtype=object)


def county_map(plan: Plan, pv: RooftopPvPlan, wording: Wording, *, county: str) -> StaticMap:
    """Return the roofs of a county, coloured by their answer, the largest where there are many."""
    region = rows_of(plan.layers.area.counties, county)
    roofs = rows_of(pv.roofs, county)
    shown = roofs.nlargest(_ROOF_DOTS, "capacity_kwp") if len(roofs) > _ROOF_DOTS else roofs
    answers = pv.supply_curve["reason"].astype("str").reindex(shown.index)
    places = shapely.centroid(np.asarray(shown.geometry.array))
    entries = tuple(
        Entry(
            colour=colour,
            words=wording.value("answer", answer),
            shapes=places[(answers == answer).to_numpy()],
        )
        for answer, colour in _ANSWERS
    )
    title = ("屋顶：入选与理由", "Roofs: in or out, and why")
    if len(shown) < len(roofs):
        title = (
            f"{title[0]}（容量最大的 {len(shown):,} / {len(roofs):,} 栋）",
            f"{title[1]} (the {len(shown):,} largest of {len(roofs):,})",
        )
    dots = MapLayer(entries=entries, size=1.6, opacity=0.9)
    return StaticMap(
        key="pv_roofs", title=title, region=region, layers=(*base_layers(plan, region), dots)
    )


def overview_map(plan: Plan, pv: RooftopPvPlan) -> StaticMap:
    """Return the counties, coloured by technical potential."""
    region = plan.layers.area.counties
    values = pv.counties["capacity_mw"].reindex(region.index).fillna(0.0).to_numpy(dtype=float)
    shapes = np.asarray(region.geometry.array)
    ticks = round_ticks(0.0, float(values.max(initial=0.0)), len(_BROWNS))
    classes = np.clip(np.searchsorted(ticks, values, side="right") - 1, 0, len(ticks) - 2)
    classes[values <= 0.0] = 0
    entries = tuple(
        Entry(
            colour=_BROWNS[min(number, len(_BROWNS) - 1)],
            words=(f"{low:g}–{high:g} MW",) * 2,
            shapes=shapes[classes == number],
        )
        for number, (low, high) in enumerate(itertools.pairwise(ticks))
    )
    spots = shapely.point_on_surface(shapes)
    english = region["name_en"].where(region["name_en"].notna(), region["name"])
    names = tuple(
        (
            float(shapely.get_x(spot)),
            float(shapely.get_y(spot)),
            (f"{name} {significant(value)}", f"{name_en} {significant(value)}"),
        )
        for spot, name, name_en, value in zip(spots, region["name"], english, values, strict=True)
    )
    return StaticMap(
        key="pv_counties",
        title=("各区县光伏技术潜力 [MW]", "PV potential by county [MW]"),
        region=region,
        layers=(MapLayer(entries=entries, size=1.0, parted=True),),
        names=names,
    )
