"""The chapter on rooftop PV: how much, at what cost, against which quota and promise, which roofs first."""

__all__ = ["pv_chapter"]

import pandas as pd

from zibo_geo.plan import Plan, RooftopPvPlan
from zibo_geo.report.blocks import Block, Grid, Heading, Paragraph, Pictures, both
from zibo_geo.report.numbers import amount, count, is_missing, share
from zibo_geo.report.pv_charts import quota_chart, supply_chart, years_chart
from zibo_geo.report.pv_facts import KindFacts, pv_facts, rows_of
from zibo_geo.report.pv_maps import county_map, overview_map
from zibo_geo.report.pv_sentences import pv_sentences
from zibo_geo.report.roof_tables import roof_grids
from zibo_geo.report.words import Wording

Words = tuple[str, str]
_SUBSTATIONS, _ASSUMPTIONS = 8, 3


def pv_chapter(
    plan: Plan, pv: RooftopPvPlan, wording: Wording, *, county: str | None
) -> list[Block]:
    """Return the blocks for one county, or for the whole area without one."""
    facts = pv_facts(pv, county)
    said = pv_sentences(facts, wording, sample=plan.case.embedded == "sample")
    drawn = county_map(plan, pv, wording, county=county) if county else overview_map(plan, pv)
    blocks: list[Block] = [
        Heading(wording.of("heading_pv")),
        Paragraph((said["potential"], said["money"])),
        Paragraph((said["quota"], said["promise"], said["years"])),
        Paragraph((said["grid"], said["left_out"])),
    ]
    if not facts.buildings:
        return blocks
    blocks.append(
        Pictures((drawn, quota_chart(facts, wording), supply_chart(pv, county), years_chart(facts)))
    )
    if county is None:
        blocks.append(_counties(plan, pv, wording))
    blocks.append(_kinds(facts.kinds, wording))
    blocks += roof_grids(pv, wording, county=county)
    blocks += _substations(plan, pv, wording, county=county)
    blocks += _strongest(pv)
    return blocks


def _counties(plan: Plan, pv: RooftopPvPlan, wording: Wording) -> Grid:
    counties = plan.layers.area.counties
    rows = []
    for key in counties.index:
        facts = pv_facts(pv, str(key))
        asked = [kind for kind in facts.kinds if kind.asked]
        name = county_name(plan, str(key))
        met = f"{sum(kind.met for kind in asked)}/{len(asked)}"
        rows.append(
            (
                name,
                both(count(facts.buildings)),
                amount(facts.capacity_mw),
                amount(facts.yield_gwh),
                both(met),
                amount(facts.need_mw),
                amount(facts.chosen_mw),
                both(
                    "–" if is_missing(facts.lcoe_mean_cny_kwh) else f"{facts.lcoe_mean_cny_kwh:.3f}"
                ),
            )
        )
    keys = (
        "county",
        "buildings",
        "capacity_mw",
        "yield_gwh",
        "quotas_met",
        "need_mw",
        "chosen_mw",
        "lcoe",
    )
    return Grid(
        title=wording.of("grid_counties"),
        head=tuple(wording.of(f"head_{key}") for key in keys),
        rows=tuple(rows),
        numeric=(False, *(True for _ in keys[1:])),
    )


def county_name(plan: Plan, key: str) -> Words:
    """Return a county's Chinese and English name; its key where the area does not know it."""
    counties = plan.layers.area.counties
    if key not in counties.index:
        return both(key)
    row = counties.loc[key]
    english = row.get("name_en")
    return str(row["name"]), str(row["name"] if pd.isna(english) else english)


def _kinds(kinds: tuple[KindFacts, ...], wording: Wording) -> Grid:
    rows = tuple(
        (
            wording.value("pilot_kind", kind.kind),
            both(count(kind.buildings)),
            amount(kind.technical_mw),
            share(kind.required_share) if kind.asked else both("–"),
            share(kind.reached_share) if kind.asked else both("–"),
            both(count(kind.shortfall_m2)) if kind.asked else both("–"),
            amount(kind.chosen_mw),
        )
        for kind in kinds
    )
    keys = ("kind", "buildings", "capacity_mw", "required", "reached", "shortfall_m2", "chosen_mw")
    return Grid(
        title=wording.of("grid_kinds"),
        head=tuple(wording.of(f"head_{key}") for key in keys),
        rows=rows,
        numeric=(False, *(True for _ in keys[1:])),
    )


def _substations(
    plan: Plan, pv: RooftopPvPlan, wording: Wording, *, county: str | None
) -> list[Block]:
    hosting = rows_of(pv.hosting, county)
    if not len(hosting):
        return []
    joined = pd.DataFrame(hosting.drop(columns="geometry")).join(pv.feeders)
    worst = joined[joined["refused_mw"] > 0.0].sort_values("refused_mw", ascending=False)
    if not len(worst):
        return []
    names = plan.layers.substations["name"]
    rows = []
    for key, row in worst.head(_SUBSTATIONS).iterrows():
        name = names.get(key)
        by = row["red_by"]
        rows.append(
            (
                both(key if name is None or pd.isna(name) else f"{name} · {key}"),
                both(f"{row['voltage_kv']:g}"),
                wording.value("colour", row["colour"]),
                both("–" if pd.isna(by) else by),
                both(count(row["roofs"])),
                amount(row["asked_mw"]),
                amount(row["refused_mw"]),
            )
        )
    keys = ("substation", "voltage", "colour", "red_by", "roofs", "asked_mw", "refused_mw")
    note = (
        f"{count(len(worst))} 座变电站拒绝了屋顶，此处列拒绝最多的 {len(rows)} 座；上级站包含下级站的量。",
        (
            f"The {len(rows)} that refuse most of {count(len(worst))} that refuse any; a parent counts what "
            "its children refuse."
        ),
    )
    return [
        Grid(
            title=wording.of("grid_substations"),
            head=tuple(wording.of(f"head_{key}") for key in keys),
            rows=tuple(rows),
            numeric=(False, True, False, False, True, True, True),
            note=note,
        )
    ]


def _strongest(pv: RooftopPvPlan) -> list[Block]:
    bars = pv.tornado.sort_values("rank").head(_ASSUMPTIONS)
    if not len(bars):
        return []
    keys = [str(key) for key in bars.index]
    chinese = (
        f"全市结果最受这几项假设影响：{'、'.join(keys)}；"
        "取值、来源和可信度见 assumptions.csv 与 pv_tornado.csv。"
    )
    english = (
        f"The whole area's result moves most with {', '.join(keys)}; values, sources and confidence are "
        "in assumptions.csv and pv_tornado.csv."
    )
    return [Paragraph(((chinese, english),))]
