"""The schema of the money of every roof."""
# ruff: noqa: E501 - one column per line reads as a table

__all__ = ["PV_MONEY"]

from layers.schema import Column, Table
from layers.tables import BUILDING_USES
from rooftop_pv.revenue_assumptions import PROJECT_KINDS
from rooftop_pv.tables import PILOT_KINDS

PV_MONEY = Table(
    "pv_money",
    "building_id",
    "What the modules of one roof cost and earn; energies and revenues are those of the first year.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("use", "category", "-", "Use of the building.", "用途", allowed=BUILDING_USES),
        Column("pilot_kind", "category", "-", "Kind of roof of the national pilots.", "屋顶类别", allowed=PILOT_KINDS),
        Column("project_kind", "category", "-", "Kind of project of the measures of January 2025.", "项目类别", allowed=PROJECT_KINDS),
        Column("tariff", "text", "-", "Tariff of the building.", "电价类别"),
        Column("capacity_kwp", "number", "kWp", "DC capacity that is built, at most the roof's potential.", "装机容量", minimum=0.0),
        Column("battery_kwh", "number", "kWh", "Usable energy of the battery.", "储能容量", minimum=0.0),
        Column("yield_kwh", "number", "kWh", "AC energy of it in the year.", "年发电量", minimum=0.0),
        Column("load_kwh", "number", "kWh", "Electricity that the building uses in a year behind the same meter.", "年用电量", minimum=0.0),
        Column("self_kwh", "number", "kWh", "Energy that the building uses itself, the battery's included.", "自用电量", minimum=0.0),
        Column("export_kwh", "number", "kWh", "Energy fed into the grid and paid.", "上网电量", minimum=0.0),
        Column("curtailed_kwh", "number", "kWh", "Energy that may not be fed in, or is not paid.", "弃光电量", minimum=0.0),
        Column("battery_loss_kwh", "number", "kWh", "Energy lost in the battery.", "储能损耗", minimum=0.0),
        Column("self_share", "number", "1", "Self-used part of the yield; missing without modules.", "自用率", nullable=True, minimum=0.0),
        Column("saved_cny", "number", "CNY", "Worth of the self-used energy at the prices of its hours.", "节省电费"),
        Column("export_cny", "number", "CNY", "Worth of the exported energy.", "上网收入"),
        Column("capex_cny", "number", "CNY", "Investment.", "投资", minimum=0.0),
        Column("opex_cny", "number", "CNY", "Running costs and rent of a year.", "年运维费", minimum=0.0),
        Column("lcoe_cny_kwh", "number", "CNY/kWh", "Levelised cost of the energy that is used or paid; missing without any.", "度电成本", nullable=True, minimum=0.0),
        Column("value_cny_kwh", "number", "CNY/kWh", "Levelised worth of the same energy.", "度电价值", nullable=True),
        Column("npv_cny", "number", "CNY", "Net present value; missing without modules.", "净现值", nullable=True),
        Column("irr", "number", "1", "Internal rate of return; missing where there is none above −90 %.", "内部收益率", nullable=True),
        Column("payback_years", "number", "years", "Undiscounted payback; missing where the life ends before.", "投资回收期", nullable=True, minimum=0.0),
        Column("economic", "flag", "-", "Whether the roof is economic by the stated rule.", "是否经济"),
    ),
)  # fmt: skip
