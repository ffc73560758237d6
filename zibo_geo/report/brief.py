"""The planning brief of one county, or of the whole area: what a planner takes to a meeting."""

__all__ = ["make_brief"]

from zibo_geo.plan import Plan
from zibo_geo.provenance import assumptions_table
from zibo_geo.report.blocks import Block, Document, Heading, Notice, Paragraph, both
from zibo_geo.report.heat_chapter import heat_chapter
from zibo_geo.report.numbers import amount, count
from zibo_geo.report.pv_chapter import county_name, pv_chapter
from zibo_geo.report.siting_chapter import siting_chapter
from zibo_geo.report.target_chapter import target_chapter
from zibo_geo.report.words import Wording
from zibo_geo.results import frames_of

Words = tuple[str, str]
_LAYER_WORDS = ("buildings", "parks", "streets", "stations", "heat_sources", "substations",
                "constraints", "townships", "terrain", "weather")  # fmt: skip


def make_brief(plan: Plan, wording: Wording, *, county: str | None = None) -> Document:
    """Return the brief of one county, or of the whole area without one."""
    counties = plan.layers.area.counties
    name: Words = both(plan.case.title) if county is None else county_name(plan, county)
    rows = counties if county is None else counties.loc[[county]]
    size = amount(rows["area_km2"].sum(), "km²")
    people = rows["population"].sum() if rows["population"].notna().all() else None
    chinese, english = [size[0]], [size[1]]
    if people:
        chinese.append(f"常住人口 {count(people)}")
        english.append(f"{count(people)} residents")
    if county is None:
        chinese.insert(0, f"{len(counties)} 个区县")
        english.insert(0, f"{len(counties)} counties" if len(counties) != 1 else "1 county")
    else:
        chinese.insert(0, f"{plan.case.title} · {county}")
        english.insert(0, f"{plan.case.title} · {county}")
    blocks: list[Block] = [*notices(plan, wording)]
    if plan.pv is not None:
        blocks += pv_chapter(plan, plan.pv, wording, county=county)
        if plan.pv.notes.get("zh") and plan.pv.notes.get("en"):
            blocks.append(Notice((f"光伏：{plan.pv.notes['zh']}", f"PV: {plan.pv.notes['en']}")))
    if plan.heat is not None:
        blocks += heat_chapter(plan, frames_of(plan.heat), wording, county=county)
        notes = getattr(plan.heat, "notes", {})
        if county is None and notes.get("zh") and notes.get("en"):
            blocks.append(Notice((f"供热：{notes['zh']}", f"Heat: {notes['en']}")))
    if plan.siting is not None:
        blocks += siting_chapter(plan, frames_of(plan.siting), wording, county=county)
    blocks += target_chapter(frames_of(plan.targets), wording, county=county)
    blocks += _missing_parts(plan, wording)
    blocks += _sources(plan, wording)
    return Document(
        county=county,
        title=(f"{name[0]} 能源规划简报", f"{name[1]}: energy planning brief"),
        subtitle=("，".join(chinese), ", ".join(english)),
        blocks=tuple(blocks),
    )


def notices(plan: Plan, wording: Wording) -> list[Block]:
    """Return what must not be overlooked: synthetic layers, a sample."""
    made: list[Block] = []
    synthetic = [name for name in _LAYER_WORDS if name in plan.layers.synthetic]
    synthetic += sorted(set(plan.layers.synthetic) - set(_LAYER_WORDS))
    if synthetic:
        names = [wording.value("name_of", name) for name in synthetic]
        chinese, english = "、".join(n[0] for n in names), ", ".join(n[1] for n in names)
        made.append(
            Notice(
                (
                    f"合成数据：{chinese}由程序生成。本简报只演示方法，不是对该地区的结论。",
                    (
                        f"Synthetic data: {english} were generated. This brief shows the method; it is no "
                        "finding about the place."
                    ),
                )
            )
        )
    if plan.case.embedded == "sample":
        made.append(
            Notice(
                (
                    "建筑只是抽样，任何数字都不是区县总量。",
                    "The buildings are a sample: no figure is a county's total.",
                )
            )
        )
    return made


def _missing_parts(plan: Plan, wording: Wording) -> list[Block]:
    """Return what the layers did not allow, with the reason, and what was not asked."""
    blocks: list[Block] = []
    for name, (chinese, english) in plan.skipped.items():
        what = wording.value("part", name)
        blocks.append(
            Paragraph(((f"{what[0]}未计算：{chinese}", f"{what[1]} was skipped: {english}"),))
        )
    parts = {"pv": plan.pv, "heat": plan.heat, "siting": plan.siting}
    absent = [name for name, part in parts.items() if part is None and name not in plan.skipped]
    if absent:
        names = [wording.value("part", name) for name in absent]
        chinese, english = "、".join(n[0] for n in names), ", ".join(n[1] for n in names)
        blocks.append(
            Paragraph(((f"本次运行没有计算：{chinese}。", f"Not part of this run: {english}."),))
        )
    return blocks


def _sources(plan: Plan, wording: Wording) -> list[Block]:
    table = assumptions_table(plan.case)
    unverified = int((table["confidence"].astype("str") == "unverified").sum())
    own = int(table["overridden"].astype("bool").sum())
    account = plan.layers.account
    sums = account.groupby(account["action"].astype("str"))["rows"].sum()
    numbers = {name: int(sums.get(name, 0)) for name in ("dropped", "repaired", "defaulted")}
    chinese = (
        f"共 {count(len(table))} 项假设，其中 {count(unverified)} 项未见出处（unverified），"
        f"{count(own)} 项由本案例改写；逐项的取值、单位、来源和可信度见 assumptions.csv。"
        f"读入数据时丢弃 {count(numbers['dropped'])} 行、修复 {count(numbers['repaired'])} 行、"
        f"补缺省值 {count(numbers['defaulted'])} 行，原因见 account.csv。输入文件的校验值见 provenance.json。"
    )
    english = (
        f"The plan rests on {count(len(table))} assumptions; the source of {count(unverified)} was not "
        f"seen (unverified) and {count(own)} are this case's own: assumptions.csv states value, unit, "
        f"source and confidence of each. While reading, {count(numbers['dropped'])} rows were dropped, "
        f"{count(numbers['repaired'])} repaired and {count(numbers['defaulted'])} given defaults, for the "
        "reasons in account.csv. Input files and their hashes are in provenance.json."
    )
    lines = tuple(both(line) for line in plan.layers.attributions)
    weather = plan.layers.weather.source
    return [
        Heading(wording.of("heading_sources")),
        Paragraph(((chinese, english),)),
        Paragraph(((f"气象：{weather}。", f"Weather: {weather}."),)),
        *(Paragraph((line,)) for line in lines),
    ]
