"""The schemas of what siting makes."""

__all__ = [
    "ACCESS_REASONS",
    "CANDIDATE_KINDS",
    "EQUIPMENT",
    "LEGAL_EQUIPMENT",
    "POWER_CLASSES_KW",
    "PROTECTED_CLASSES",
    "SERVICES",
    "SETBACKS",
    "SITING_ACCESS",
    "SITING_CANDIDATES",
    "SITING_CHARGING",
    "SITING_COUNTIES",
    "SITING_HUBS",
    "SITING_HYDROGEN",
    "SITING_PARETO",
    "SITING_PHASES",
    "SITING_TABLES",
]

from collections.abc import Sequence

from layers.assumptions import CONFIDENCES
from layers.schema import Column, Table

CANDIDATE_KINDS = (
    "petrol_station", "gas_station", "charging_station", "hydrogen_station", "swap_station", "car_park",
    "bus_depot", "logistics", "service_area", "road", "neighbourhood", "given",
)  # fmt: skip
PROTECTED_CLASSES = (
    "important_public", "class_1", "class_2", "class_3", "open_flame", "railway", "arterial", "minor_road",
    "power_line",
)  # fmt: skip
EQUIPMENT = (
    "petrol_tank_1", "petrol_tank_2", "petrol_tank_3", "petrol_dispenser", "hydrogen_storage_1",
    "hydrogen_storage_2", "hydrogen_storage_3", "hydrogen_dispenser", "cng", "lng_tank_1", "lng_tank_2",
    "lng_tank_3", "lng_dispenser", "charging", "swap",
)  # fmt: skip
SERVICES = ("petrol", "charging", "swap", "cng", "lng", "hydrogen")
POWER_CLASSES_KW = (7, 60, 120, 180, 360)
ACCESS_REASONS = ("served", "no_road", "no_site")


def _number(name: str, unit: str, meaning: str, alias: str, *, nullable: bool = False) -> Column:  # noqa: PLR0917
    return Column(name, "number", unit, meaning, alias, nullable=nullable, minimum=0.0)


def _signed(name: str, unit: str, meaning: str, alias: str, *, nullable: bool = True) -> Column:  # noqa: PLR0917
    return Column(name, "number", unit, meaning, alias, nullable=nullable)


def _count(name: str, meaning: str, alias: str) -> Column:
    return Column(name, "integer", "1", meaning, alias, minimum=0)


def _text(name: str, meaning: str, alias: str, *, nullable: bool = False) -> Column:
    return Column(name, "text", "-", meaning, alias, nullable=nullable)


def _word(name: str, meaning: str, alias: str, allowed: Sequence[str]) -> Column:  # noqa: PLR0917
    return Column(name, "category", "-", meaning, alias, allowed=tuple(allowed))


_COUNTY = _text("county", "Adcode of the county.", "区县代码")
_KIND = _word("kind", "What stands at the candidate today.", "候选类型", CANDIDATE_KINDS)
_EXISTING = Column("existing", "flag", "-", "A station stands there already.", "现有站")
_WHY = _text("why", "Why the site is there, in one sentence.", "入选理由")
_WHY_ZH = _text("why_zh", "The same sentence in Chinese.", "入选理由(中文)")
_REPLACEMENT = _text(
    "best_replacement",
    "Candidate that makes up best for the site, missing where none does.",
    "最佳替代站址",
    nullable=True,
)
_SOURCE = _text("source", "Where the row comes from; 'synthetic' when generated.", "来源")
_STATUS = ("proven", "within_gap", "limit")

SETBACKS = Table(
    "setbacks",
    "setback_id",
    "Least distance from one kind of equipment to one protected class.",
    (
        _text("edition", "Standard and its edition.", "标准"),
        _text("table", "Table or clause of the standard.", "表号"),
        _word("equipment", "Equipment the distance is measured from.", "设备", EQUIPMENT),
        _word("protected", "Class of what is protected.", "保护对象", PROTECTED_CLASSES),
        _number("metres", "m", "Least distance.", "安全间距"),
        _word("confidence", "How far the source was seen.", "可信度", CONFIDENCES),
        _text("source", "Where the figure comes from.", "来源"),
    ),
)

SITING_CANDIDATES = Table(
    "siting_candidates",
    "site_id",
    "One place where a station stands or may stand.",
    (
        _KIND,
        _EXISTING,
        _text("origin_id", "Key of the row the candidate was made from.", "来源编号"),
        _text("name", "Name as the source gives it; untrusted text.", "名称", nullable=True),
        _COUNTY,
        _number("area_m2", "m²", "Area of the plot.", "用地面积"),
        _number("slope_deg", "°", "Slope of the ground; missing without terrain.", "坡度", nullable=True),
        _SOURCE,
    ),
    "Point",
)  # fmt: skip

LEGAL_EQUIPMENT = Table(
    "siting_legal",
    "case_id",
    "Whether one kind of equipment may stand at one candidate, and what binds.",
    (
        _text("site_id", "Candidate.", "站址编号"),
        _word("equipment", "Equipment.", "设备", EQUIPMENT),
        Column("legal", "flag", "-", "May stand there.", "可建"),
        _text("rule", "Rule with the least room to spare: a protected class, land, area or slope; "
              "missing where nothing is near.", "约束规则", nullable=True),
        _text("object_id", "Object the rule is about.", "约束对象", nullable=True),
        _number("required_m", "m", "Distance asked for.", "要求距离", nullable=True),
        _number("actual_m", "m", "Distance there is.", "实际距离", nullable=True),
        _count("broken", "Rules broken.", "违反规则数"),
        Column("needs_wall", "flag", "-", "Legal with a solid wall of at least 2.5 m.", "需实体墙"),
        _text("reason", "The refusal in one sentence; empty where legal.", "理由"),
    ),
)  # fmt: skip

_POINTS = tuple(
    _count(f"points_{kw}_kw", f"Points of {kw} kW.", f"{kw}kW枪数") for kw in POWER_CLASSES_KW
)

SITING_CHARGING = Table(
    "siting_charging",
    "site_id",
    "One site chosen for public charging or battery swap.",
    (
        _KIND,
        _EXISTING,
        _text("name", "Name as the source gives it; untrusted text.", "名称", nullable=True),
        _COUNTY,
        Column("year", "integer", "1", "Year the site opens.", "投运年份"),
        _count("points", "Charging points in all.", "充电枪总数"),
        *_POINTS,
        Column("swap", "flag", "-", "Also a battery-swap station.", "换电站"),
        _number("swaps_d", "1/d", "Battery swaps per day served.", "日换电次数"),
        _number("demand_kwh_d", "kWh/d", "Charging energy served per day.", "日充电量"),
        _number("p_wait", "1", "Share of fast charges that wait in the peak hour.", "等待概率", nullable=True),
        _number("wait_min", "min", "Mean wait for a fast point in the peak hour.", "平均等待", nullable=True),
        _count("points_for_waiting", "Fast points the waiting targets ask for.", "等待目标枪数"),
        _number("installed_kw", "kW", "Rated power of all points.", "装机功率"),
        _number("feeder_kw", "kW", "Power drawn at once from the feeder.", "馈线用电"),
        _number("headroom_kw", "kW", "Power the feeder has left for the site; missing without grid data.",
                "馈线余量", nullable=True),
        _number("feeder_short_kw", "kW", "Power that waits for a stronger grid.", "馈线缺口"),
        _text("substation_id", "Substation that feeds the site.", "变电站", nullable=True),
        _number("pv_canopy_kwp", "kWp", "PV canopy over the bays.", "光伏车棚"),
        _number("loss_if_removed", "kWh·min/d", "Rise of demand times minutes without the site.", "关闭损失"),
        _REPLACEMENT,
        _signed("replaced_loss", "kWh·min/d", "Rise of demand times minutes with the replacement instead.",
                "替代后损失"),
        _count("cells_gained", "Demand cells that no other chosen site reaches in time.", "独占单元"),
        _WHY,
        _WHY_ZH,
    ),
    "Point",
)  # fmt: skip

SITING_COUNTIES = Table(
    "siting_counties",
    "county",
    "Charging of one county; the columns add up to what was asked.",
    (
        _text("name", "Name of the county.", "区县"),
        _count("points", "Charging points in all.", "充电枪总数"),
        _count("private_points", "Private points at dwellings.", "私人桩"),
        _count("public_points", "Public and dedicated points at sites.", "公用专用桩"),
        *_POINTS,
        _count("sites", "Sites.", "站数"),
        _count("vehicles", "Electric vehicles.", "电动车"),
        _number("demand_kwh_d", "kWh/d", "Public charging demand.", "公共充电需求"),
        _number("within_share", "1", "Share of the people within the target minutes.", "覆盖人口比例"),
        _count("wired_spaces", "Parking spaces of new homes wired for charging.", "新建住宅预留"),
    ),
)  # fmt: skip

SITING_PHASES = Table(
    "siting_phases",
    "phase",
    "One year of a nested plan.",
    (
        Column("year", "integer", "1", "Year.", "年份"),
        _count("sites", "Sites open.", "站数"),
        _count("points", "Public charging points open.", "枪数"),
        _number("objective", "kWh·min/d", "Demand times minutes with these sites.", "目标值"),
        _number("bound", "kWh·min/d", "No choice nested in the next phase is better.", "界"),
        _number("gap", "1", "Distance of the two.", "差距"),
        _word("status", "How sure the choice is.", "状态", _STATUS),
        _signed("price", "1", "Price of nesting, against a phase that looks no further.", "嵌套代价"),
    ),
)  # fmt: skip

SITING_PARETO = Table(
    "siting_pareto",
    "point",
    "One trade of mean minutes against the share served within the target.",
    (
        _number("share", "1", "Share asked for.", "要求覆盖率"),
        _number("reached", "1", "Share reached.", "达到覆盖率"),
        _number("mean_min", "min", "Mean minutes to the nearest site.", "平均时间"),
        _number("bound_min", "min", "No choice with that share is better.", "界"),
        _number("gap", "1", "Distance of the two.", "差距"),
        _word("status", "How sure the choice is.", "状态", _STATUS),
    ),
)

SITING_ACCESS = Table(
    "siting_access",
    "cell_id",
    "One demand cell and how it is served.",
    (
        _COUNTY,
        _number("demand_kwh_d", "kWh/d", "Public charging demand.", "公共充电需求"),
        _number("people", "1", "People living there.", "人口"),
        _text("site_id", "Chosen site that serves the cell.", "服务站", nullable=True),
        _number("time_min", "min", "Travel time to it.", "时间", nullable=True),
        _number("length_m", "m", "Length of the way to it.", "距离", nullable=True),
        _word("access", "Whether and why not it is served.", "可达", ACCESS_REASONS),
    ),
    "Point",
)

SITING_HYDROGEN = Table(
    "siting_hydrogen",
    "site_id",
    "One hydrogen refuelling station of the plan.",
    (
        _KIND,
        _EXISTING,
        _text("name", "Name as the source gives it; untrusted text.", "名称", nullable=True),
        _COUNTY,
        _word("storage_class", "Greatest storage class that is legal.", "储氢等级", ("1", "2", "3")),
        _count("modules_500", "Modules of 500 kg/d.", "500kg模块"),
        _count("modules_1000", "Modules of 1,000 kg/d.", "1000kg模块"),
        _number("capacity_kg_d", "kg/d", "Capacity.", "能力"),
        _number("sold_kg_d", "kg/d", "Hydrogen dispensed.", "加氢量"),
        _text("source_id", "Source that supplies most of it.", "主供氢源", nullable=True),
        _number("haul_km", "km", "Mean road distance from the sources, one way.", "运距", nullable=True),
        _number("trailers_d", "1/d", "Tube trailers per day.", "长管拖车"),
        _number("lcoh_cny_kg", "CNY/kg", "Levelised cost at the pump; missing where nothing is sold.",
                "加氢成本", nullable=True),
        _number("loss_if_removed", "1/d", "Trips per day that run dry without the station.", "关闭损失"),
        _REPLACEMENT,
        _WHY,
        _WHY_ZH,
    ),
    "Point",
)  # fmt: skip

SITING_HUBS = Table(
    "siting_hubs",
    "site_id",
    "One candidate for an integrated energy hub: what it may hold, what it gets and what blocks it.",
    (
        _KIND,
        _EXISTING,
        _text("name", "Name as the source gives it; untrusted text.", "名称", nullable=True),
        _COUNTY,
        Column("chosen", "flag", "-", "Becomes a hub.", "入选"),
        _text("bundle", "Services of the chosen bundle, joined by +.", "服务组合", nullable=True),
        _text("legal_services", "Services that may stand there, joined by +.", "可建服务"),
        _text("refused_services", "Services that may not, joined by +.", "不可建服务"),
        _text("binding_rule", "Rule, object and metres that block the services.", "约束说明"),
        _number("cost_mcny", "million CNY", "Cost of the bundle.", "造价", nullable=True),
        _number("saved_mcny", "million CNY", "Saved by the shared grid connection.", "共用接入节省", nullable=True),
        _number("pv_canopy_kwp", "kWp", "PV canopy.", "光伏车棚", nullable=True),
        _number("loss_if_removed", "1", "Weighted share of demand that no other hub covers.", "关闭损失",
                nullable=True),
        _REPLACEMENT,
        _WHY,
        _WHY_ZH,
    ),
    "Point",
)  # fmt: skip

SITING_TABLES = (
    SETBACKS, SITING_CANDIDATES, LEGAL_EQUIPMENT, SITING_CHARGING, SITING_COUNTIES, SITING_PHASES, SITING_PARETO,
    SITING_ACCESS, SITING_HYDROGEN, SITING_HUBS,
)  # fmt: skip
