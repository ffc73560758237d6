"""The schema of heat demand."""

__all__ = ["ENERGY_STANDARDS", "HEAT_BUILDINGS", "LOAD_CLASSES", "NO_DEMAND_REASONS"]

from layers.schema import Column, Table
from layers.tables import BUILDING_USES

ENERGY_STANDARDS = ("old", "saving", "standard_65", "standard_75")
LOAD_CLASSES = (
    "dwelling", "office", "school", "hospital", "kindergarten", "hotel", "shop", "canteen", "theatre", "hall",
)  # fmt: skip
NO_DEMAND_REASONS = ("use", "size")  # tested in this order; the first that holds is given

HEAT_BUILDINGS = Table(
    "heat_buildings",
    "building_id",
    "The heat one building asks of a network in the year of the weather.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("use", "category", "-", "Use of the building.", "用途", allowed=BUILDING_USES),
        Column(
            "storeys",
            "integer",
            "1",
            "Storeys: the layer's, else height by storey height.",
            "层数",
            minimum=1,
        ),
        Column(
            "floor_m2",
            "number",
            "m²",
            "Floor area: footprint times storeys.",
            "建筑面积",
            minimum=0.0,
        ),
        Column(
            "heated_m2",
            "number",
            "m²",
            "Heated part of the floor area; zero without demand.",
            "供热面积",
            minimum=0.0,
        ),
        Column(
            "energy_standard",
            "category",
            "-",
            "Energy standard, where it or the year is known; else the mix of the assumptions.",
            "节能标准",
            nullable=True,
            optional=True,
            allowed=ENERGY_STANDARDS,
        ),
        Column(
            "index_w_m2",
            "number",
            "W/m²",
            "Area heat-load index at the design outdoor temperature, after calibration.",
            "热指标",
            minimum=0.0,
        ),
        Column(
            "hot_water_kw",
            "number",
            "kW",
            "Mean power of hot water over the hours it is supplied.",
            "生活热水负荷",
            minimum=0.0,
        ),
        Column(
            "design_kw",
            "number",
            "kW",
            "Design load: heating at design temperature plus the peak of hot water.",
            "设计热负荷",
            minimum=0.0,
        ),
        Column(
            "annual_gj",
            "number",
            "GJ",
            "Heat of the year: heating season and hot water.",
            "年耗热量",
            minimum=0.0,
        ),
        Column(
            "calibration",
            "number",
            "1",
            "Factor that brought the group to its metered heat; 1 without one.",
            "校准系数",
            minimum=0.0,
        ),
        Column(
            "reason",
            "category",
            "-",
            "Why the building asks for no heat; missing where it does.",
            "无负荷原因",
            nullable=True,
            optional=True,
            allowed=NO_DEMAND_REASONS,
        ),
        Column(
            "source",
            "text",
            "-",
            "Where the building comes from; 'synthetic' when it was generated.",
            "来源",
        ),
    ),
)
