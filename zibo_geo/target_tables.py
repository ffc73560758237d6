"""The schemas of the scoreboard: the promises as they are read, and how the plan stands to them."""

__all__ = [
    "SENSES",
    "STATUSES",
    "TARGETS",
    "TARGET_COUNTIES",
    "TARGET_MEASURES",
    "TARGET_SCORES",
    "TARGET_TABLES",
    "TARGET_YEARS",
    "TargetScores",
]

from dataclasses import dataclass

import pandas as pd

from layers.assumptions import CONFIDENCES
from layers.schema import Column, Table
from zibo_geo.results import result

SENSES = ("at_least", "at_most")
STATUSES = (
    "met", "reachable", "short", "beyond_potential", "no_figure", "sample", "not_run", "silent",
)  # fmt: skip
TARGET_MEASURES = (
    "pv_new", "pv_total", "energy_hubs", "charging_points", "electric_vehicles", "new_homes", "waste_heat",
    "hydrogen",
)  # fmt: skip


def _text(name: str, meaning: str, *, zh: str, nullable: bool = False) -> Column:
    return Column(name, "text", "-", meaning, zh, nullable=nullable)


def _number(name: str, meaning: str, *, zh: str, unit: str = "unit of the target") -> Column:
    return Column(name, "number", unit, meaning, zh, nullable=True)


_PROMISE = (
    _text("title_zh", "What is promised, in Chinese.", zh="指标"),
    _text("title_en", "What is promised, in English.", zh="指标（英文）"),
    _number("value", "Figure promised; missing where the plan names none.", zh="目标值"),
    _text("unit", "Unit of the figures in this row.", zh="单位"),
    Column("sense", "category", "-", "Whether more or less is better.", "方向", allowed=SENSES),
    Column("year", "integer", "1", "Year by which it is promised.", "年份"),
    _text("section", "Section of the plan.", zh="章节"),
    _text("department", "Who answers for it, where the plan says so.", zh="责任部门", nullable=True),
    Column(
        "measure", "category", "-", "Result that speaks to it; missing where none does.", "对应结果",
        nullable=True, allowed=TARGET_MEASURES,
    ),
    _text("silent_zh", "Why the toolkit cannot speak to it, in Chinese.", zh="未覆盖原因", nullable=True),
    _text("silent_en", "Why the toolkit cannot speak to it.", zh="未覆盖原因（英文）", nullable=True),
    _text("source", "Document.", zh="来源"),
    Column("confidence", "category", "-", "Confidence of the figure.", "可信度", allowed=CONFIDENCES),
)  # fmt: skip

TARGETS = Table("targets", "target", "One numeric promise of the city.", _PROMISE)

TARGET_SCORES = Table(
    "target_scores",
    "target",
    "One promise and how the plan stands to it.",
    (
        *_PROMISE,
        _number("potential", "What is possible at most; missing where no bound is known.", zh="潜力"),
        _number("delivered", "What the plan delivers by its last year.", zh="规划值"),
        _number("gap", "What is missing to the promise; 0 where it is met.", zh="差距"),
        _number("progress", "Delivered per promised.", zh="完成率", unit="1"),
        _number("co2_t", "CO2 avoided a year; negative where more is emitted.", zh="年减排量", unit="t/a"),
        Column(
            "status", "category", "-", "How the plan stands to it; a sample of buildings allows no finding.",
            "状态", allowed=STATUSES,
        ),
        _text("rule", "Rule by which it is split over the counties.", zh="分解规则", nullable=True),
    ),
)  # fmt: skip

TARGET_COUNTIES = Table(
    "target_counties",
    "entry",
    "One promise in one county.",
    (
        _text("target", "Key of the promise.", zh="指标编号"),
        _text("county", "Adcode of the county.", zh="区县代码"),
        _text("unit", "Unit of the figures in this row.", zh="单位"),
        _text("rule", "Rule of the split.", zh="分解规则"),
        Column("share", "number", "1", "County's part of the promise.", "占比", minimum=0.0),
        _number("value", "County's part.", zh="目标值"),
        _number("potential", "What is possible there.", zh="潜力"),
        _number("delivered", "What the plan delivers there.", zh="规划值"),
        _number("gap", "What is missing there to its part; 0 where it is met.", zh="差距"),
        _number("progress", "Delivered per promised.", zh="完成率", unit="1"),
    ),
)

TARGET_YEARS = Table(
    "target_years",
    "entry",
    "One promise in one county at the end of one year.",
    (
        _text("target", "Key of the promise.", zh="指标编号"),
        _text("county", "Adcode of the county.", zh="区县代码"),
        Column("year", "integer", "1", "Calendar year.", "年份"),
        _text("unit", "Unit of the figures in this row.", zh="单位"),
        _number("value", "Asked by its end.", zh="累计目标"),
        _number("delivered", "Delivered by its end; missing where the plan has no years.", zh="累计完成"),
        _number("behind", "Asked but not delivered by its end.", zh="落后"),
    ),
)  # fmt: skip

TARGET_TABLES = (TARGETS, TARGET_SCORES, TARGET_COUNTIES, TARGET_YEARS)


@dataclass(frozen=True, kw_only=True)
class TargetScores:
    """How the plan stands to every promise.

    Attributes
    ----------
    scores : DataFrame
        ``target_scores``: one row per promise, those that the toolkit cannot speak to among them.
    counties : DataFrame
        ``target_counties``: the promises that a result speaks to, by county.
    years : DataFrame
        ``target_years``: the same by county and year.
    """

    scores: pd.DataFrame = result("target_scores", csv=True)
    counties: pd.DataFrame = result("target_counties", csv=True)
    years: pd.DataFrame = result("target_years", csv=True)
