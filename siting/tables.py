"""The schemas of what siting makes."""

__all__ = [
    "ACCESS_REASONS",
    "CANDIDATE_KINDS",
    "EQUIPMENT",
    "LEGALITIES",
    "LEGAL_EQUIPMENT",
    "POWER_CLASSES_KW",
    "PROTECTED_CLASSES",
    "QUESTIONS",
    "SERVICES",
    "SETBACKS",
    "SITING_ACCESS",
    "SITING_ANSWERS",
    "SITING_CANDIDATES",
    "SITING_CHARGING",
    "SITING_COUNTIES",
    "SITING_FLOWS",
    "SITING_HAULS",
    "SITING_HUBS",
    "SITING_HUB_SERVICES",
    "SITING_HYDROGEN",
    "SITING_HYDROGEN_STEPS",
    "SITING_OUTAGES",
    "SITING_PARETO",
    "SITING_PHASES",
    "SITING_SERVICES",
    "SITING_SOURCES",
    "SITING_TABLES",
    "VEHICLES",
]

from layers.assumptions import CONFIDENCES
from layers.schema import Column, Table
from siting.station_tables import (
    SITING_FLOWS,
    SITING_HAULS,
    SITING_HUB_SERVICES,
    SITING_HUBS,
    SITING_HYDROGEN,
    SITING_HYDROGEN_STEPS,
    SITING_SOURCES,
)
from siting.table_columns import (
    ACCESS_REASONS,
    CANDIDATE_KINDS,
    COUNTY,
    EQUIPMENT,
    EXISTING,
    KIND,
    LEGALITIES,
    NAME,
    POWER_CLASSES_KW,
    PROTECTED_CLASSES,
    QUESTIONS,
    REPLACEMENT,
    SERVICES,
    SOURCE,
    STATUS,
    VEHICLES,
    WHY,
    WHY_ZH,
    count,
    flag,
    number,
    signed,
    text,
    word,
)

SETBACKS = Table(
    "setbacks",
    "setback_id",
    "Least distance from one kind of equipment to one protected class.",
    (
        text("edition", "Standard and its edition.", "标准"),
        text("table", "Table or clause of the standard.", "表号"),
        word("equipment", "Equipment the distance is measured from.", "设备", EQUIPMENT),
        word("protected", "Class of what is protected.", "保护对象", PROTECTED_CLASSES),
        number("metres", "m", "Least distance.", "安全间距"),
        word("confidence", "How far the source was seen.", "可信度", CONFIDENCES),
        text("source", "Where the figure comes from.", "来源"),
    ),
)

SITING_CANDIDATES = Table(
    "siting_candidates",
    "site_id",
    "One place where a station stands or may stand.",
    (
        KIND,
        EXISTING,
        text("origin_id", "Key of the row the candidate was made from.", "来源编号"),
        NAME,
        COUNTY,
        number("area_m2", "m²", "Area of the plot.", "用地面积"),
        number("canopy_m2", "m²", "Roof or canopy that can carry PV, as the source gives it.", "可装光伏面积",
               nullable=True),
        number("slope_deg", "°", "Slope of the ground; missing without terrain.", "坡度", nullable=True),
        SOURCE,
    ),
    "Point",
)  # fmt: skip

LEGAL_EQUIPMENT = Table(
    "siting_legal",
    "case_id",
    "Whether one kind of equipment may stand at one candidate, and what binds.",
    (
        text("site_id", "Candidate.", "站址编号"),
        word("equipment", "Equipment.", "设备", EQUIPMENT),
        flag("legal", "May stand there.", "可建"),
        text("rule", "Rule with the least room to spare: a protected class, land, area or slope; "
              "missing where nothing is near.", "约束规则", nullable=True),
        text("object_id", "Object the rule is about.", "约束对象", nullable=True),
        number("required_m", "m", "Distance asked for.", "要求距离", nullable=True),
        number("actual_m", "m", "Distance there is.", "实际距离", nullable=True),
        count("broken", "Rules broken.", "违反规则数"),
        flag("needs_wall", "Legal with a solid wall of at least 2.5 m.", "需实体墙"),
        text("reason", "The refusal in one sentence; empty where legal.", "理由(英文)"),
        text("reason_zh", "The same in Chinese.", "理由"),
    ),
)  # fmt: skip

_POINTS = tuple(
    count(f"points_{kw}_kw", f"Points of {kw} kW.", f"{kw}kW枪数") for kw in POWER_CLASSES_KW
)

SITING_CHARGING = Table(
    "siting_charging",
    "site_id",
    "One site chosen for public charging or battery swap.",
    (
        KIND,
        EXISTING,
        NAME,
        COUNTY,
        Column("year", "integer", "1", "Year the site opens.", "投运年份"),
        count("points", "Charging points in all.", "充电枪总数"),
        *_POINTS,
        flag("swap", "Also a battery-swap station.", "换电站"),
        number("swaps_d", "1/d", "Battery swaps per day served.", "日换电次数"),
        number("demand_kwh_d", "kWh/d", "Charging energy served per day.", "日充电量"),
        number("p_wait", "1", "Share of fast charges that wait in the peak hour.", "等待概率", nullable=True),
        number("wait_min", "min", "Mean wait for a fast point in the peak hour.", "平均等待", nullable=True),
        count("points_for_waiting", "Fast points the waiting targets ask for.", "等待目标枪数"),
        number("installed_kw", "kW", "Rated power of all points.", "装机功率"),
        number("feeder_kw", "kW", "Power drawn at once from the feeder.", "馈线用电"),
        number("headroom_kw", "kW", "Power the feeder has left for the site; missing without grid data.",
                "馈线余量", nullable=True),
        number("feeder_short_kw", "kW", "Power that waits for a stronger grid.", "馈线缺口"),
        text("substation_id", "Substation that feeds the site.", "变电站", nullable=True),
        number("pv_canopy_kwp", "kWp", "PV canopy over the bays.", "光伏车棚"),
        number("loss_if_removed", "kWh·min/d", "Rise of demand times minutes without the site.", "关闭损失"),
        REPLACEMENT,
        signed("replaced_loss", "kWh·min/d", "Rise of demand times minutes with the replacement instead.",
                "替代后损失"),
        count("cells_gained", "Demand cells that no other chosen site reaches in time.", "独占单元"),
        WHY,
        WHY_ZH,
    ),
    "Point",
)  # fmt: skip

SITING_COUNTIES = Table(
    "siting_counties",
    "county",
    "Charging of one county; the columns add up to what was asked.",
    (
        text("name", "Name of the county.", "区县"),
        count("points", "Charging points in all.", "充电枪总数"),
        count("private_points", "Private points at dwellings.", "私人桩"),
        count("public_points", "Public and dedicated points at sites.", "公用专用桩"),
        *_POINTS,
        count("sites", "Sites.", "站数"),
        count("vehicles", "Electric vehicles.", "电动车"),
        number("demand_kwh_d", "kWh/d", "Public charging demand.", "公共充电需求"),
        number("within_share", "1", "Share of the people within the target minutes.", "覆盖人口比例"),
        number("points_per_1000_vehicles", "1", "Charging points per thousand electric vehicles.", "千车桩数"),
        number("mean_min", "min", "Mean minutes to the serving site, by energy.", "平均时间", nullable=True),
        number("feeder_short_kw", "kW", "Power that waits for a stronger grid.", "馈线缺口"),
        count("wired_spaces", "Parking spaces of new homes wired for charging.", "新建住宅预留"),
    ),
)  # fmt: skip

SITING_PHASES = Table(
    "siting_phases",
    "phase",
    "One year of a nested plan.",
    (
        Column("year", "integer", "1", "Year.", "年份"),
        count("sites", "Sites open.", "站数"),
        count("points", "Public charging points open.", "枪数"),
        number("objective", "kWh·min/d", "Demand times minutes with these sites.", "目标值"),
        number("bound", "kWh·min/d", "No choice nested in the next phase is better.", "界"),
        number("gap", "1", "Distance of the two.", "差距"),
        word("status", "How sure the choice is.", "状态", STATUS),
        signed("price", "1", "Price of nesting, against a phase that looks no further.", "嵌套代价"),
    ),
)  # fmt: skip

SITING_PARETO = Table(
    "siting_pareto",
    "point",
    "One trade: fewer sites against minutes, or the mean against the share served in time.",
    (
        word("kind", "What is traded for minutes: the number of sites, or the share in time.", "权衡",
             ("sites", "share")),
        count("sites", "Sites.", "站数"),
        number("share", "1", "Share of the energy in time that is asked for; none where sites are traded.",
               "要求覆盖率"),
        number("reached", "1", "Share reached.", "达到覆盖率"),
        number("mean_min", "min", "Mean minutes to the nearest site, by energy.", "平均时间"),
        number("bound_min", "min", "No choice of so many sites with that share is better.", "界"),
        number("gap", "1", "Distance of the two.", "差距"),
        word("status", "How sure the choice is.", "状态", STATUS),
    ),
)  # fmt: skip

SITING_OUTAGES = Table(
    "siting_outages",
    "site_id",
    "What happens when one charging site fails and its drivers go to the next best open one.",
    (
        COUNTY,
        number("moved_kwh_d", "kWh/d", "Energy that finds another site.", "转移电量"),
        number("stranded_kwh_d", "kWh/d", "Energy with no other site within the cutoff.", "无站可去电量"),
        number("extra_min", "min", "Mean minutes more for those who find one.", "增加时间", nullable=True),
        number("late_people", "1", "People who were in time and no longer are.", "超时人口"),
        text("neighbour_id", "Site that takes most of it.", "主要承接站", nullable=True),
        number("neighbour_wait_min", "min", "Mean wait there in the peak hour then; missing where the "
               "site is full.", "承接站等待", nullable=True),
        flag("neighbour_full", "Its drivers would wait more than two hours, or for ever.", "承接站饱和"),
    ),
)  # fmt: skip

SITING_SERVICES = Table(
    "siting_services",
    "site_id",
    "One candidate for a station with fuel: what may stand there and what forbids the rest.",
    (
        KIND,
        EXISTING,
        NAME,
        COUNTY,
        word(
            "legality",
            "All; hydrogen but not all; no hydrogen; power only; none.",
            "合规",
            LEGALITIES,
        ),
        text("legal_services", "Services that may stand there, joined by +.", "可建服务"),
        text("refused_services", "Services that may not, joined by +.", "不可建服务"),
        text("storage_class", "Greatest legal hydrogen storage class.", "储氢等级", nullable=True),
        text("needs_wall", "Services that need a solid wall of 2.5 m, joined by +.", "需实体墙"),
        text("binding_rule", "Rule, object and metres that block the services.", "约束说明(英文)"),
        text("binding_rule_zh", "The same in Chinese.", "约束说明"),
    ),
    "Point",
)

SITING_ANSWERS = Table(
    "siting_answers",
    "question",
    "One question of siting: how sure its answer is, or why there is none.",
    (
        flag("answered", "There is an answer.", "已解答"),
        Column("sites", "integer", "1", "Sites chosen.", "站数", nullable=True, minimum=0),
        text("unit", "Unit of the objective.", "单位"),
        number("objective", "-", "Value of the choice.", "目标值", nullable=True),
        number("bound", "-", "No choice that keeps the rules is better.", "界", nullable=True),
        number("gap", "1", "Distance of the two.", "差距", nullable=True),
        text("status", "proven, within_gap or limit; none where there is no answer.", "状态"),
        text("sentence", "What a reader must know.", "说明(英文)"),
        text("sentence_zh", "The same in Chinese.", "说明"),
    ),
)

SITING_ACCESS = Table(
    "siting_access",
    "cell_id",
    "One demand cell and how it is served.",
    (
        COUNTY,
        number("demand_kwh_d", "kWh/d", "Public charging demand.", "公共充电需求"),
        number("people", "1", "People living there.", "人口"),
        text("site_id", "Chosen site that serves the cell.", "服务站", nullable=True),
        number("time_min", "min", "Travel time to it.", "时间", nullable=True),
        number("length_m", "m", "Length of the way to it.", "距离", nullable=True),
        word("access", "Whether and why not it is served.", "可达", ACCESS_REASONS),
    ),
    "Point",
)

SITING_TABLES = (
    SETBACKS, SITING_CANDIDATES, LEGAL_EQUIPMENT, SITING_SERVICES, SITING_CHARGING, SITING_COUNTIES, SITING_PHASES,
    SITING_PARETO, SITING_ACCESS, SITING_OUTAGES, SITING_HYDROGEN, SITING_HYDROGEN_STEPS, SITING_FLOWS,
    SITING_SOURCES, SITING_HAULS, SITING_HUBS, SITING_HUB_SERVICES, SITING_ANSWERS,
)  # fmt: skip
