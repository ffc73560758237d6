"""The schemas of a district plan: every building's answer, substations, networks, counties."""
# ruff: noqa: E501 - one column per line reads as a table

__all__ = [
    "ANSWERS",
    "HEAT_CONNECTIONS",
    "HEAT_COUNTIES",
    "HEAT_NETWORKS",
    "HEAT_SUBSTATIONS",
    "NETWORK_LEVELS",
]

from heat_network.cost_tables import ALTERNATIVES
from layers.schema import Column, Table

# Why a building is served, or the first thing that keeps it from being served.
ANSWERS = (
    "connected",
    "use",  # its use asks for no heat
    "size",  # too little floor to heat
    "small",  # below the least load that a network is planned for
    "thin",  # on land with too little heat
    "no_source",  # its zone has no usable source
    "far_from_street",
    "too_high",  # too far above or below every source for one pressure class
    "unreachable",  # no way along streets from any source
    "too_far",  # the carrying alone costs more than it is worth
    "cheaper_alone",  # the best network found is cheaper without it
    "no_capacity",  # the sources that reach it are full
)
NETWORK_LEVELS = ("primary", "secondary")

_ZONE = Column("zone", "text", "-", "Heat zone; zones exchange no heat.", "供热片区")
_SOURCE_ID = Column("source_id", "text", "-", "Source that feeds it.", "热源编号", nullable=True)

HEAT_CONNECTIONS = Table(
    "heat_connections",
    "building_id",
    "How one building is heated: by which substation and source, or why not by a network.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        _ZONE,
        Column("connected", "flag", "-", "Is connected.", "是否接入"),
        Column("reason", "category", "-", "Why, or why not.", "原因", allowed=ANSWERS),
        _SOURCE_ID,
        Column("substation_id", "text", "-", "Substation that serves it.", "换热站编号", nullable=True),
        Column("peak_kw", "number", "kW", "Design load.", "设计热负荷", minimum=0.0),
        Column("heat_gj", "number", "GJ/a", "Heat of the year.", "年耗热量", minimum=0.0),
        Column("density_mwh_ha", "number", "MWh/(ha·a)", "Heat of a year per land area of its block.", "热密度", minimum=0.0),
        Column("distance_m", "number", "m", "Pipe length from its source; missing without one.", "距热源管长", nullable=True, minimum=0.0),
        Column("network_cny_gj", "number", "CNY/GJ", "Levelised cost of its heat from the network; missing without one.", "管网热价", nullable=True, minimum=0.0),
        Column("cheapest", "category", "-", "Cheapest other heating; missing without demand.", "最便宜替代方案", nullable=True, allowed=ALTERNATIVES),
        Column("cheapest_cny_gj", "number", "CNY/GJ", "What that costs.", "最便宜替代热价", nullable=True, minimum=0.0),
        Column("outage_share", "number", "1", "Share of its heat that is missing when its source stops in the coldest days.", "热源停运缺供比例", nullable=True, minimum=0.0),
    ),
)  # fmt: skip
HEAT_SUBSTATIONS = Table(
    "heat_substations",
    "substation_id",
    "One heat substation that the network serves.",
    (
        _ZONE,
        _SOURCE_ID,
        Column("buildings", "integer", "1", "Buildings that it serves.", "建筑数", minimum=1),
        Column("peak_kw", "number", "kW", "Sum of their peaks.", "负荷", minimum=0.0),
        Column("heat_gj", "number", "GJ/a", "Heat that they take.", "年供热量", minimum=0.0),
        Column("radius_m", "number", "m", "Straight distance to the farthest of its neighbourhood.", "服务半径", minimum=0.0),
        Column("distance_m", "number", "m", "Pipe length from its source.", "距热源管长", minimum=0.0),
        Column("secondary_m", "number", "m", "Trench behind it.", "二级管网长度", minimum=0.0),
        Column("supply_c", "number", "°C", "Primary supply temperature.", "一级供水温度", nullable=True),
        Column("supply_kpa", "number", "kPa", "Gauge pressure of the primary supply.", "一级供水压力", nullable=True),
        Column("return_kpa", "number", "kPa", "Gauge pressure of the primary return.", "一级回水压力", nullable=True),
        Column("available_kpa", "number", "kPa", "Pressure difference at the primary side.", "资用压差", nullable=True),
        Column("lcoh_cny_gj", "number", "CNY/GJ", "Levelised cost of the heat behind it.", "平准化热价", nullable=True, minimum=0.0),
        Column("pump_head_m", "number", "m", "Head of its circulating pump.", "循环泵扬程", nullable=True, minimum=0.0),
        Column("status", "category", "-", "Whether every limit behind it is kept.", "状态", allowed=("accepted", "infeasible")),
        Column("binding", "text", "-", "Where a limit binds, in words.", "控制约束"),
    ),
    "Point",
)  # fmt: skip
HEAT_NETWORKS = Table(
    "heat_networks",
    "network_id",
    "What routing proved of one level of one zone's network.",
    (
        _ZONE,
        Column("level", "category", "-", "From sources to substations, or behind them.", "级别", allowed=NETWORK_LEVELS),
        Column("asked", "integer", "1", "Consumers that were asked: substations, or buildings.", "候选用户数", minimum=0),
        Column("connected", "integer", "1", "Consumers that are connected.", "接入用户数", minimum=0),
        Column("length_m", "number", "m", "Trench.", "管网长度", minimum=0.0),
        Column("value_cny", "number", "CNY", "Price by the linear rule, with the worth of those left out.", "造价"),
        Column("bound_cny", "number", "CNY", "No network for the same choice costs less.", "造价下界"),
        Column("gap", "number", "1", "Value over bound less one.", "最优性差距", nullable=True),
        Column("status", "category", "-", "Optimal only where value and bound meet.", "证明状态", allowed=("optimal", "bounded")),
        Column("covers", "text", "-", "Which cost value and bound count.", "覆盖范围"),
    ),
)  # fmt: skip
HEAT_COUNTIES = Table(
    "heat_counties",
    "county",
    "Heat of one county.",
    (
        Column("buildings", "integer", "1", "Buildings that ask for heat.", "有热负荷建筑", minimum=0),
        Column("demand_mw", "number", "MW", "Sum of their design loads.", "设计热负荷", minimum=0.0),
        Column("demand_tj", "number", "TJ", "Their heat of the year.", "年耗热量", minimum=0.0),
        Column("served_buildings", "integer", "1", "Buildings that are connected.", "接入建筑", minimum=0),
        Column("served_tj", "number", "TJ", "Heat of the connected.", "接入热量", minimum=0.0),
        Column("unserved_tj", "number", "TJ", "Heat of the others.", "未接入热量", minimum=0.0),
        Column("served_share", "number", "1", "Connected share of the heat.", "接入比例", nullable=True, minimum=0.0, maximum=1.0),
        Column("pipe_km", "number", "km", "Trench; shared pipes by peak.", "管网长度", minimum=0.0),
        Column("density_mwh_m", "number", "MWh/(m·a)", "Heat taken per metre of trench.", "线热密度", nullable=True, minimum=0.0),
        Column("capex_mcny", "number", "M CNY", "All that is built.", "总投资", minimum=0.0),
        Column("lcoh_cny_gj", "number", "CNY/GJ", "Levelised cost of the heat taken.", "平准化热价", nullable=True, minimum=0.0),
        Column("alternative_cny_gj", "number", "CNY/GJ", "Cheapest other heating of the connected.", "替代方案热价", nullable=True, minimum=0.0),
        Column("co2_kg_gj", "number", "kg/GJ", "CO2 per heat taken.", "单位热量碳排放", nullable=True, minimum=0.0),
        Column("outage_tj", "number", "TJ", "Heat missing in the worst outage of one source in the coldest days.", "最严重停运缺供", minimum=0.0),
    ),
)  # fmt: skip
