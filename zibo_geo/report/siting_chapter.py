"""The chapter on charging, hydrogen and hubs: which sites, why there, and what blocks the others."""

__all__ = ["siting_chapter"]

from collections.abc import Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from zibo_geo.plan import Plan
from zibo_geo.report.blocks import Block, Grid, Heading, Paragraph, Pictures, both
from zibo_geo.report.chart import Chart, Series
from zibo_geo.report.numbers import amount, count, is_missing, share
from zibo_geo.report.pv_facts import rows_of
from zibo_geo.report.pv_maps import base_layers
from zibo_geo.report.siting_sentences import siting_sentences
from zibo_geo.report.static_map import Entry, MapLayer, StaticMap
from zibo_geo.report.words import Wording

Words = tuple[str, str]
_SITES, _STATIONS, _HUBS = 12, 10, 10


def siting_chapter(
    plan: Plan, frames: Mapping[str, pd.DataFrame], wording: Wording, *, county: str | None
) -> list[Block]:
    """Return the blocks for one county, or for the whole area without one.

    Parameters
    ----------
    plan : Plan
        Its layers lie under the map.
    frames : mapping of str to DataFrame
        Tables of the siting plan by name.
    wording : Wording
        Words.
    county : str, optional
        Adcode.
    """
    cut = {
        name: rows_of(frame, county)
        for name, frame in frames.items()
        if "county" in frame.columns or frame.index.name == "county" or county is None
    }
    said = siting_sentences(cut, wording)
    blocks: list[Block] = [Heading(wording.of("heading_siting"))]
    if said:
        blocks.append(Paragraph(tuple(said.values())))
    if "siting_answers" in cut:
        blocks += _answers(cut["siting_answers"], wording)
    pictures: list[Chart | StaticMap] = [_map(plan, cut, county)]
    pareto = frames.get("siting_pareto")
    if county is None and pareto is not None and len(pareto["reached"].unique()) > 1:
        pictures.append(pareto_chart(pareto))
    if county is None and "siting_phases" in frames and len(frames["siting_phases"]):
        pictures.append(phases_chart(frames["siting_phases"]))
    blocks.append(Pictures(tuple(pictures)))
    grids = (
        _counties(cut, wording, county),
        _sites(cut, wording),
        _hydrogen(cut, wording),
        *_hubs(cut, wording),
    )
    return [*blocks, *(grid for grid in grids if grid is not None and grid.rows)]


def _answers(answers: pd.DataFrame, wording: Wording) -> list[Block]:
    """Return how sure the answer to each question is, or why there is none, in the analysis' own words."""
    made: list[Block] = []
    for question, row in answers.iterrows():
        name = wording.value("part", question)
        texts = (row["sentence_zh"], row["sentence"])
        if all(isinstance(text, str) and text for text in texts):
            made.append(Paragraph(((f"{name[0]}：{texts[0]}", f"{name[1]}: {texts[1]}"),)))
    return made


def _map(plan: Plan, frames: Mapping[str, pd.DataFrame], county: str | None) -> StaticMap:
    region = rows_of(plan.layers.area.counties, county)
    hubs = frames.get("siting_hubs")
    chosen = hubs[hubs["chosen"]] if hubs is not None else None
    hauls = MapLayer(
        entries=(
            Entry(
                colour="#56b4e9",
                words=("氢气运输", "hydrogen haul"),
                shapes=_shapes(frames.get("siting_hauls")),
            ),
        ),
        size=1.2,
    )
    entries = (
        Entry(
            colour="#009e73",
            words=("充电站", "charging"),
            shapes=_shapes(frames.get("siting_charging")),
        ),
        Entry(colour="#e69f00", words=("综合能源港", "energy hub"), shapes=_shapes(chosen)),
        Entry(
            colour="#0072b2",
            words=("加氢站", "hydrogen"),
            shapes=_shapes(frames.get("siting_hydrogen")),
        ),
    )
    return StaticMap(
        key="siting_sites",
        title=("入选站址", "Chosen sites"),
        region=region,
        layers=(*base_layers(plan, region), hauls, MapLayer(entries=entries, size=3.2)),
    )


def _shapes(frame: pd.DataFrame | None) -> np.ndarray:
    if not isinstance(frame, gpd.GeoDataFrame):
        return np.array([], dtype=object)
    return np.asarray(frame.geometry.array, dtype=object)


def pareto_chart(points: pd.DataFrame) -> Chart:
    """Return mean minutes against the share served in time, beside what no choice can beat."""
    rows = points.sort_values("reached")
    x = tuple(100.0 * rows["reached"].astype("float64"))
    return Chart(
        key="siting_pareto",
        title=(
            "平均时间与覆盖率（及可证下界）",
            "Mean minutes against coverage, with proven bounds",
        ),
        kind="points",
        series=(
            Series(label=("下界", "bound"), x=x, y=tuple(rows["bound_min"].astype("float64"))),
            Series(label=("方案", "plan"), x=x, y=tuple(rows["mean_min"].astype("float64"))),
        ),
        x_label=("时限内覆盖率 [%]", "served in time [%]"),
        y_label=both("min"),
    )


def phases_chart(phases: pd.DataFrame) -> Chart:
    """Return public points open by year."""
    rows = phases.sort_values("year")
    return Chart(
        key="siting_phases",
        title=("逐年投运公用桩", "Public points by year"),
        kind="bars",
        labels=tuple(both(int(year)) for year in rows["year"]),
        series=(Series(label=("枪数", "points"), y=tuple(rows["points"].astype("float64"))),),
        y_label=("枪", "points"),
    )


def _counties(
    frames: Mapping[str, pd.DataFrame], wording: Wording, county: str | None
) -> Grid | None:
    counties = frames.get("siting_counties")
    if counties is None or county is not None:
        return None
    keys = ("county", "points", "private", "public", "sites", "vehicles", "within")
    rows = [
        (
            both(row["name"]),
            both(count(row["points"])),
            both(count(row["private_points"])),
            both(count(row["public_points"])),
            both(count(row["sites"])),
            both(count(row["vehicles"])),
            share(row["within_share"]),
        )
        for _, row in counties.iterrows()
    ]
    return _grid("grid_charging_counties", keys, rows, wording=wording)


def _sites(frames: Mapping[str, pd.DataFrame], wording: Wording) -> Grid | None:
    sites = frames.get("siting_charging")
    if sites is None:
        return None
    used = sites[(sites["points"] > 0) | sites["swap"]]
    first = used.sort_values(["year", "loss_if_removed"], ascending=[True, False], kind="stable")
    rows = [
        (
            both(_named(key, row)),
            both(int(row["year"])),
            both(count(row["points"])),
            both("–" if is_missing(row["wait_min"]) else f"{row['wait_min']:.1f}"),
            amount(row["feeder_kw"]),
            (str(row["why_zh"]), str(row["why"])),
        )
        for key, row in first.head(_SITES).iterrows()
    ]
    note = (
        f"共 {count(len(sites))} 个站，此处列最先、最不可缺的 {len(rows)} 个；全部见 siting_charging.csv。",
        (
            f"The {len(rows)} first and least dispensable of {count(len(sites))} sites; all: "
            "siting_charging.csv."
        ),
    )
    keys = ("site", "year", "points", "wait_min", "feeder_kw", "why")
    return _grid("grid_charging", keys, rows, wording=wording, note=note)


def _hydrogen(frames: Mapping[str, pd.DataFrame], wording: Wording) -> Grid | None:
    stations = frames.get("siting_hydrogen")
    if stations is None:
        return None
    rows = [
        (
            both(_named(key, row)),
            both(count(row["capacity_kg_d"])),
            both(count(row["sold_kg_d"])),
            both("–" if pd.isna(row["source_id"]) else row["source_id"]),
            amount(row["haul_km"]),
            amount(row["lcoh_cny_kg"]),
            (str(row["why_zh"]), str(row["why"])),
        )
        for key, row in stations.sort_values("sold_kg_d", ascending=False)
        .head(_STATIONS)
        .iterrows()
    ]
    keys = ("site", "capacity_kg_d", "sold_kg_d", "source", "haul_km", "lcoh_cny_kg", "why")
    return _grid("grid_hydrogen", keys, rows, wording=wording)


def _hubs(frames: Mapping[str, pd.DataFrame], wording: Wording) -> list[Grid]:
    hubs = frames.get("siting_hubs")
    if hubs is None:
        return []
    chosen = hubs[hubs["chosen"]].sort_values("loss_if_removed", ascending=False, kind="stable")
    blocked = hubs[~hubs["chosen"] & (hubs["refused_services"].fillna("") != "")]
    made = [
        (
            both(_named(key, row)),
            _services(row["bundle"], wording),
            amount(row["cost_mcny"]),
            (str(row["why_zh"]), str(row["why"])),
        )
        for key, row in chosen.head(_HUBS).iterrows()
    ]
    stopped = [
        (
            both(_named(key, row)),
            _services(row["legal_services"], wording),
            _services(row["refused_services"], wording),
            (str(row["binding_rule_zh"]), str(row["binding_rule"])),
        )
        for key, row in blocked.head(_HUBS).iterrows()
    ]
    note = (
        f"共 {count(len(chosen))} 个入选，此处列最不可缺的 {len(made)} 个；全部见 siting_hubs.csv。",
        f"The {len(made)} least dispensable of {count(len(chosen))} hubs; all: siting_hubs.csv.",
    )
    return [
        _grid(
            "grid_hubs", ("site", "bundle", "cost_mcny", "why"), made, wording=wording, note=note
        ),
        _grid(
            "grid_hubs_blocked", ("site", "legal", "refused", "binding"), stopped, wording=wording
        ),
    ]


def _grid(
    title: str,
    keys: tuple[str, ...],
    rows: Iterable[tuple[Words, ...]],
    *,
    wording: Wording,
    note: Words = ("", ""),
) -> Grid:
    words = {"site", "why", "bundle", "legal", "refused", "binding", "source", "county"}
    return Grid(
        title=wording.of(title),
        head=tuple(wording.of(f"head_{key}") for key in keys),
        rows=tuple(rows),
        numeric=tuple(key not in words for key in keys),
        note=note,
    )


def _named(key: object, row: pd.Series) -> str:
    return str(key) if pd.isna(row["name"]) else f"{row['name']} · {key}"


def _services(joined: object, wording: Wording) -> Words:
    """Return services joined by + in both languages."""
    names = [name for name in ("" if pd.isna(joined) else str(joined)).split("+") if name]
    if not names:
        return both("–")
    said = [wording.value("service", name) for name in names]
    return "+".join(name[0] for name in said), " + ".join(name[1] for name in said)
