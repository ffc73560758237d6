"""The schemas of the matching: hours, sources, clusters, links, costs, outages."""

__all__ = [
    "COST_ITEMS",
    "HEAT_CLUSTERS",
    "HEAT_COSTS",
    "HEAT_HOURS",
    "HEAT_LINKS",
    "HEAT_OUTAGES",
    "HEAT_PARETO",
    "HEAT_SOURCE_USE",
]

from layers.schema import Column, Table

COST_ITEMS = (
    "source_heat", "electricity", "boiler_fuel", "exchangers", "heat_pumps", "connections", "boilers",
    "storage", "co2_price", "unmet",
)  # fmt: skip


def _number(name: str, unit: str, meaning: str, alias_zh: str) -> Column:  # noqa: PLR0917
    return Column(name, "number", unit, meaning, alias_zh, minimum=0.0)


def _signed(name: str, unit: str, meaning: str, alias_zh: str) -> Column:  # noqa: PLR0917
    return Column(name, "number", unit, meaning, alias_zh)


_CLUSTER = Column("cluster", "text", "-", "Cluster or heat zone.", "热区")
_SOURCE_ID = Column("source_id", "text", "-", "Heat source.", "热源编号")

HEAT_HOURS = Table(
    "heat_hours",
    "time",
    "One hour of one cluster; the label is the start of the hour and comes once per cluster.",
    (
        _CLUSTER,
        _number("demand_mw", "MW", "Demand at the buildings.", "热负荷"),
        _number("direct_mw", "MW", "Heat sent by exchangers, at the sources.", "直供热功率"),
        _number("heat_pump_mw", "MW", "Heat sent by heat pumps, at the sources.", "热泵供热功率"),
        _number("boiler_mw", "MW", "Heat of the peak boilers.", "调峰锅炉功率"),
        _number("unmet_mw", "MW", "Demand at the buildings that is not met.", "缺供功率"),
        _number("storage_mwh", "MWh", "Content of the storage at the end of the hour.", "蓄热量"),
        _signed("charge_mw", "MW", "Into the storage; negative out of it.", "蓄热功率"),
        _number("transport_loss_mw", "MW", "Lost between sources and cluster.", "输送热损失"),
        _number("distribution_loss_mw", "MW", "Lost in the pipes of the cluster.", "管网热损失"),
        _number(
            "storage_loss_mw", "MW", "Lost by the storage, gaps of the season included.", "蓄热损失"
        ),
        _signed(
            "price_cny_gj", "CNY/GJ", "Cost of one more GJ at the gate in this hour.", "边际热价"
        ),
    ),
    time_index=True,
)

HEAT_SOURCE_USE = Table(
    "heat_sources_use",
    "source_id",
    "What the matching takes from one source in the year.",
    (
        _number("direct_gj", "GJ", "Heat by exchanger.", "直供热量"),
        _number("heat_pump_gj", "GJ", "Heat by heat pump, its electricity included.", "热泵供热量"),
        _number("electricity_kwh", "kWh", "Electricity of the heat pump.", "热泵电耗"),
        _number("peak_mw", "MW", "Largest heat sent in an hour.", "最大供热功率"),
        Column(
            "used_share", "number", "1", "Source heat taken over source heat available.", "利用率",
            minimum=0.0, maximum=1.0001,
        ),
        _number("exchanger_mw", "MW", "Size of the exchanger.", "换热器容量"),
        _number("heat_pump_mw", "MW", "Thermal power of the heat pump.", "热泵容量"),
        _number("operation_cny", "CNY", "Heat and electricity of the year.", "年运行费"),
        _number("capital_cny", "CNY", "Yearly cost of exchanger and heat pump.", "年投资费"),
        _number("co2_kg", "kg", "CO2 of heat and electricity.", "碳排放量"),
        _number("marginal_cny_mw", "CNY/MW", "What one more MW of the source saves in the year.", "边际价值"),
        Column("clusters", "text", "-", "Clusters it serves, by heat.", "供热热区"),
    ),
)  # fmt: skip

HEAT_CLUSTERS = Table(
    "heat_clusters",
    "cluster",
    "How one cluster is heated in the year.",
    (
        _number("demand_gj", "GJ", "Demand at the buildings.", "需热量"),
        _number("peak_mw", "MW", "Largest hour of the demand.", "最大热负荷"),
        _number("sources_gj", "GJ", "Heat of the sources that arrives.", "热源供热量"),
        _number("boiler_gj", "GJ", "Heat of the peak boilers.", "锅炉供热量"),
        _number("boiler_mw", "MW", "Size of the peak boilers.", "锅炉容量"),
        _number("storage_mwh", "MWh", "Size of the storage.", "蓄热容量"),
        _number("unmet_gj", "GJ", "Demand not met.", "缺供热量"),
        _number("unmet_peak_mw", "MW", "Largest hour of it.", "最大缺供功率"),
        Column("unmet_h", "integer", "h", "Hours with unmet demand.", "缺供小时", minimum=0),
        _number("transport_loss_gj", "GJ", "Lost between sources and cluster.", "输送热损失"),
        _number("distribution_loss_gj", "GJ", "Lost in the cluster's pipes.", "管网热损失"),
        _number("storage_loss_gj", "GJ", "Lost by the storage.", "蓄热损失"),
        _signed(
            "price_cny_gj",
            "CNY/GJ",
            "Marginal cost of its heat, mean over the heat.",
            "平均边际热价",
        ),
    ),
)

HEAT_LINKS = Table(
    "heat_links",
    "link",
    "One source heating one cluster; what routing has to carry.",
    (
        _SOURCE_ID,
        _CLUSTER,
        _number("heat_gj", "GJ", "Heat sent in the year.", "供热量"),
        _number("peak_mw", "MW", "Largest heat sent in an hour.", "最大供热功率"),
        Column(
            "distance_km",
            "number",
            "km",
            "Distance, where given.",
            "距离",
            nullable=True,
            minimum=0.0,
        ),
    ),
)

HEAT_COSTS = Table(
    "heat_costs",
    "item",
    "One item of the yearly cost of the matching.",
    (
        _number("cny", "CNY", "Cost of the year.", "年费用"),
        _number("co2_kg", "kg", "CO2 of the year.", "碳排放量"),
    ),
)

HEAT_PARETO = Table(
    "heat_pareto",
    "point",
    "One compromise between yearly cost and CO2; no other is better in both.",
    (
        _number("cost_cny", "CNY", "Yearly cost, unmet demand not counted.", "年费用"),
        _number("co2_kg", "kg", "CO2 of the year.", "碳排放量"),
        _number("unmet_gj", "GJ", "Demand not met.", "缺供热量"),
        _number("co2_limit_kg", "kg", "Limit the point was found under.", "碳排放上限"),
    ),
)

HEAT_OUTAGES = Table(
    "heat_outages",
    "outage",
    "What one cluster lacks when one source is out, and what a spare for it costs.",
    (
        _SOURCE_ID,
        _CLUSTER,
        _number("unserved_gj", "GJ", "Demand not met, beyond that with all sources.", "缺供热量"),
        _number("unserved_peak_mw", "MW", "Largest hour of it.", "最大缺供功率"),
        Column("unserved_h", "integer", "h", "Hours of it.", "缺供小时", minimum=0),
        _number("unserved_share", "1", "Share of the cluster's demand in the outage.", "缺供比例"),
        _number(
            "spare_mw", "MW", "Further boilers and exchangers that would serve it.", "备用容量"
        ),
        _number("spare_boiler_mw", "MW", "Boilers among them.", "备用锅炉容量"),
        _number("spare_cny", "CNY", "Yearly cost of keeping them.", "备用年费用"),
        _signed(
            "outage_cny",
            "CNY",
            "Further operation of the whole system in the outage, with the spare.",
            "停运附加费用",
        ),
    ),
)
