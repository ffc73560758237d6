"""The schemas of hydrogen stations and hubs."""

__all__ = [
    "SITING_FLOWS",
    "SITING_HAULS",
    "SITING_HUBS",
    "SITING_HUB_SERVICES",
    "SITING_HYDROGEN",
    "SITING_HYDROGEN_STEPS",
    "SITING_SOURCES",
]

from layers.schema import Column, Table
from siting.table_columns import (
    COUNTY,
    EXISTING,
    KIND,
    NAME,
    REPLACEMENT,
    STATUS,
    VEHICLES,
    WHY,
    WHY_ZH,
    count,
    flag,
    number,
    text,
    word,
)

SITING_HYDROGEN = Table(
    "siting_hydrogen",
    "site_id",
    "One hydrogen refuelling station of the plan.",
    (
        KIND,
        EXISTING,
        NAME,
        COUNTY,
        word("storage_class", "Greatest storage class that is legal.", "储氢等级", ("1", "2", "3")),
        count("modules_500", "Modules of 500 kg/d.", "500kg模块"),
        count("modules_1000", "Modules of 1,000 kg/d.", "1000kg模块"),
        number("capacity_kg_d", "kg/d", "Capacity.", "能力"),
        number("sold_kg_d", "kg/d", "Hydrogen dispensed.", "加氢量"),
        number("use_share", "1", "Part of the capacity that is used.", "利用率"),
        text("source_id", "Source that supplies most of it.", "主供氢源", nullable=True),
        number("haul_km", "km", "Mean road distance from the sources, one way.", "运距", nullable=True),
        number("trailers_d", "1/d", "Tube trailers per day.", "长管拖车"),
        number("lcoh_cny_kg", "CNY/kg", "Levelised cost at the pump; missing where nothing is sold.",
                "加氢成本", nullable=True),
        number("loss_if_removed", "1/d", "Trips per day that run dry without the station.", "关闭损失"),
        REPLACEMENT,
        WHY,
        WHY_ZH,
    ),
    "Point",
)  # fmt: skip

SITING_HUBS = Table(
    "siting_hubs",
    "site_id",
    "One candidate for an integrated energy hub: what it may hold, what it gets and what blocks it.",
    (
        KIND,
        EXISTING,
        NAME,
        COUNTY,
        flag("chosen", "Becomes a hub.", "入选"),
        text("bundle", "Services of the chosen bundle, joined by +.", "服务组合", nullable=True),
        text("legal_services", "Services that may stand there, joined by +.", "可建服务"),
        text("refused_services", "Services that may not, joined by +.", "不可建服务"),
        text("binding_rule", "Rule, object and metres that block the services.", "约束说明(英文)"),
        text("binding_rule_zh", "The same in Chinese.", "约束说明"),
        number("cost_mcny", "million CNY", "Cost of the bundle.", "造价", nullable=True),
        number("saved_mcny", "million CNY", "Saved by the shared grid connection.", "共用接入节省",
               nullable=True),
        number("pv_canopy_kwp", "kWp", "PV canopy.", "光伏车棚", nullable=True),
        number("loss_if_removed", "1", "Weighted share of demand that no other hub covers.", "关闭损失",
                nullable=True),
        REPLACEMENT,
        WHY,
        WHY_ZH,
    ),
    "Point",
)  # fmt: skip

SITING_FLOWS = Table(
    "siting_flows",
    "flow",
    "Round trips of hydrogen vehicles between two places, on their way there.",
    (
        Column("origin", "integer", "-", "Street node of the origin.", "起点"),
        Column("destination", "integer", "-", "Street node of the destination.", "终点"),
        word("vehicle", "What drives.", "车型", VEHICLES),
        flag("corridor", "Drives through, from one end of the motorway to another.", "过境"),
        number("trips_d", "1/d", "Round trips per day.", "日车次"),
        number("trip_km", "km", "There and back.", "往返里程"),
        number("demand_kg_d", "kg/d", "Hydrogen it needs.", "需氢量"),
        flag("refuelled", "Never runs dry with the chosen stations.", "可加氢"),
        number("unserved_kg_d", "kg/d", "Hydrogen that sources or stations cannot give.", "缺口"),
        text("reason", "Why it is not refuelled; empty where it is.", "原因"),
    ),
    "LineString",
)

SITING_SOURCES = Table(
    "siting_sources",
    "source_id",
    "One source of by-product hydrogen.",
    (
        text("name", "Name as the source gives it; untrusted text.", "名称", nullable=True),
        text("kind", "What makes it.", "类型"),
        number("kg_d", "kg/d", "Hydrogen it can give.", "可供氢量"),
        number("sent_kg_d", "kg/d", "Hydrogen it gives in the plan.", "计划供氢"),
    ),
    "Point",
)

SITING_HAULS = Table(
    "siting_hauls",
    "haul",
    "Tube trailers from one source to one station.",
    (
        text("source_id", "Source.", "氢源"),
        text("site_id", "Station.", "加氢站"),
        number("kg_d", "kg/d", "Hydrogen hauled.", "运氢量"),
        number("km", "km", "Road distance one way.", "运距"),
        number("trailers_d", "1/d", "Loads per day.", "日车次"),
        number("haul_cny_kg", "CNY/kg", "Cost of the haul there and back.", "运费"),
    ),
    "LineString",
)

SITING_HYDROGEN_STEPS = Table(
    "siting_hydrogen_steps",
    "step",
    "What so many hydrogen stations would do at best.",
    (
        count("stations", "Stations, standing ones among them.", "站数"),
        number("trips_d", "1/d", "Round trips refuelled.", "可加氢车次"),
        number("bound_trips_d", "1/d", "No choice refuels more.", "界"),
        number("share", "1", "Part of all round trips.", "占比"),
        word("status", "How sure the choice is.", "状态", STATUS),
        number("sold_kg_d", "kg/d", "Hydrogen dispensed.", "加氢量"),
        number(
            "lcoh_cny_kg",
            "CNY/kg",
            "Levelised cost of it at the pump.",
            "加氢成本",
            nullable=True,
        ),
    ),
)

SITING_HUB_SERVICES = Table(
    "siting_hub_services",
    "service",
    "One service that hubs offer.",
    (
        count("legal_sites", "Candidates where it may stand.", "可建站数"),
        count("hubs", "Chosen hubs that offer it.", "入选站数"),
        number(
            "covered",
            "1",
            "Part of its demand within the minutes of a hub.",
            "覆盖率",
            nullable=True,
        ),
        number("reach_min", "min", "Minutes that count as covered.", "目标时间"),
    ),
)
