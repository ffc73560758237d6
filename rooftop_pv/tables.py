"""The schemas of what rooftop PV makes."""

__all__ = [
    "COUNTY_SUMMARY",
    "MONTH_COLUMNS",
    "PILOT_KINDS",
    "PLANES",
    "REFUSALS",
    "ROOF_KINDS",
    "YIELDS",
]

from layers.schema import Column, Table
from layers.tables import BUILDING_USES

ROOF_KINDS = ("flat", "gable", "hall")
PILOT_KINDS = ("government", "public", "industrial_commercial", "rural", "other")
REFUSALS = ("use", "orientation", "size")  # tested in this order; the first that holds is given
MONTH_COLUMNS = tuple(f"yield_{month:02d}_kwh" for month in range(1, 13))

PLANES = Table(
    "planes",
    "plane_id",
    "One plane of a roof; the key is the building's, '#' and a number.",
    (
        Column("building_id", "text", "-", "Building that carries the plane.", "建筑编号"),
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("use", "category", "-", "Use of the building.", "用途", allowed=BUILDING_USES),
        Column("roof_kind", "category", "-", "Form of the roof.", "屋面形式", allowed=ROOF_KINDS),
        Column(
            "surface_tilt_deg",
            "number",
            "°",
            "Tilt of the roof surface.",
            "屋面倾角",
            minimum=0.0,
            maximum=90.0,
        ),
        Column(
            "surface_azimuth_deg",
            "number",
            "°",
            "Azimuth the surface falls to; 180 on flat roofs.",
            "屋面方位角",
            minimum=0.0,
            maximum=360.0,
        ),
        Column(
            "tilt_deg", "number", "°", "Tilt of the modules.", "组件倾角", minimum=0.0, maximum=90.0
        ),
        Column(
            "azimuth_deg",
            "number",
            "°",
            "Azimuth of the modules.",
            "组件方位角",
            minimum=0.0,
            maximum=360.0,
        ),
        Column(
            "eave_m",
            "number",
            "m",
            "Elevation of the plane's lowest edge: ground plus height; above the ground where its elevation is unknown.",
            "檐口高程",
        ),
        Column(
            "projected_m2",
            "number",
            "m²",
            "Horizontal projection of the plane.",
            "水平投影面积",
            minimum=0.0,
        ),
        Column("plane_m2", "number", "m²", "True surface of the plane.", "斜面面积", minimum=0.0),
        Column(
            "usable_m2",
            "number",
            "m²",
            "Part of the true surface that modules and their spacing may take.",
            "可用面积",
            minimum=0.0,
        ),
        Column(
            "module_m2", "number", "m²", "Area of the modules themselves.", "组件面积", minimum=0.0
        ),
        Column(
            "capacity_kwp", "number", "kWp", "DC capacity of the modules.", "装机容量", minimum=0.0
        ),
        Column(
            "refused",
            "category",
            "-",
            "Why the plane carries no modules: its use, the way it faces, or too little usable area; missing where it carries some.",
            "不可用原因",
            nullable=True,
            optional=True,
            allowed=REFUSALS,
        ),
    ),
    "Polygon",
)

YIELDS = Table(
    "yields",
    "plane_id",
    "The long-term mean year of one plane.",
    (
        Column("capacity_kwp", "number", "kWp", "DC capacity.", "装机容量", minimum=0.0),
        Column(
            "irradiation_kwh_m2",
            "number",
            "kWh/m²",
            "Plane-of-array irradiation of the year, after shading.",
            "斜面年辐照量",
            minimum=0.0,
        ),
        Column("yield_kwh", "number", "kWh", "AC energy of the year.", "年发电量", minimum=0.0),
        Column(
            "specific_yield_kwh_kwp",
            "number",
            "kWh/kWp",
            "AC energy of the year per DC capacity; missing without capacity.",
            "等效利用小时",
            nullable=True,
            minimum=0.0,
        ),
        Column(
            "shading_loss",
            "number",
            "1",
            "Share of the unshaded AC energy that neighbours and terrain take.",
            "遮挡损失",
            minimum=0.0,
            maximum=1.0,
        ),
        Column(
            "co2_kg",
            "number",
            "kg",
            "CO2 of the grid electricity replaced in the year.",
            "减排量",
            minimum=0.0,
        ),
        *(
            Column(
                name,
                "number",
                "kWh",
                f"AC energy of month {name[6:8]}.",
                f"{int(name[6:8])}月发电量",
                minimum=0.0,
            )
            for name in MONTH_COLUMNS
        ),
    ),
)

COUNTY_SUMMARY = Table(
    "county_summary",
    "group",
    "The roofs of one use in one county; the key is the county's and the use's.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("use", "category", "-", "Use of the buildings.", "用途", allowed=BUILDING_USES),
        Column(
            "pilot_kind",
            "category",
            "-",
            "Kind of roof in the whole-county pilots.",
            "屋顶类别",
            allowed=PILOT_KINDS,
        ),
        Column("buildings", "integer", "1", "Buildings.", "建筑数", minimum=0),
        Column(
            "pv_buildings",
            "integer",
            "1",
            "Buildings with at least one plane that carries modules.",
            "可装建筑数",
            minimum=0,
        ),
        Column(
            "footprint_m2",
            "number",
            "m²",
            "Horizontal projection of all planes, which is the area of the footprints.",
            "占地面积",
            minimum=0.0,
        ),
        Column("roof_m2", "number", "m²", "True surface of all planes.", "屋面面积", minimum=0.0),
        Column(
            "usable_m2",
            "number",
            "m²",
            "Part that modules and their spacing may take.",
            "可用面积",
            minimum=0.0,
        ),
        Column("capacity_mw", "number", "MW", "DC capacity.", "装机容量", minimum=0.0),
        Column("yield_gwh", "number", "GWh", "AC energy of the year.", "年发电量", minimum=0.0),
        Column(
            "specific_yield_kwh_kwp",
            "number",
            "kWh/kWp",
            "AC energy of the year per DC capacity; missing without capacity.",
            "等效利用小时",
            nullable=True,
            minimum=0.0,
        ),
        Column(
            "co2_t", "number", "t", "CO2 of the grid electricity replaced.", "减排量", minimum=0.0
        ),
    ),
)
