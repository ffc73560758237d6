"""The chapter on promises: what the city has promised, what is possible, what the plan delivers."""

__all__ = ["target_chapter"]

from collections.abc import Mapping

import pandas as pd

from zibo_geo.report.blocks import Block, Grid, Heading, Paragraph, both
from zibo_geo.report.numbers import amount, count, share
from zibo_geo.report.words import Wording

Words = tuple[str, str]


def target_chapter(
    frames: Mapping[str, pd.DataFrame], wording: Wording, *, county: str | None
) -> list[Block]:
    """Return the scoreboard of the area, or one county's parts of it; nothing without promises.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``target_scores`` and ``target_counties``, as the plan holds them.
    wording : Wording
        Words of states.
    county : str, optional
        Adcode.
    """
    scores = frames.get("target_scores")
    if scores is None or not len(scores):
        return []
    spoken = scores[scores["status"].astype("str") != "silent"]
    if county is None:
        said = _sentence(scores, spoken, wording)
        return [
            Heading(wording.of("heading_targets")),
            Paragraph((said,)),
            _scores(spoken, wording),
        ]
    parts = frames["target_counties"]
    parts = parts[parts["county"].astype("str") == county]
    return [_parts(parts, scores, wording)] if len(parts) else []


def _sentence(scores: pd.DataFrame, spoken: pd.DataFrame, wording: Wording) -> Words:
    states = spoken["status"].astype("str").value_counts()
    names = [(wording.value("status", state), int(number)) for state, number in states.items()]
    chinese = f"规划提出 {len(scores)} 项量化指标，本次能对照 {len(spoken)} 项"
    english = f"Of {len(scores)} numeric promises {len(spoken)} can be held against this run"
    if names:
        chinese += "：" + "、".join(f"{name[0]} {number} 项" for name, number in names)
        english += ": " + ", ".join(f"{number} {name[1]}" for name, number in names)
    silent = len(scores) - len(spoken)
    if silent:
        chinese += f"；其余 {silent} 项不在工具范围内，原因见 target_scores.csv"
        english += f"; {silent} are outside the toolkit, for the reasons in target_scores.csv"
    return chinese + "。", english + "."


def _scores(spoken: pd.DataFrame, wording: Wording) -> Grid:
    rows = []
    for _, row in spoken.iterrows():
        rows.append(
            (
                (str(row["title_zh"]), str(row["title_en"])),
                both(row["unit"]),
                both(int(row["year"])),
                _figure(row["value"]),
                _figure(row["potential"]),
                _figure(row["delivered"]),
                _figure(row["gap"]),
                _figure(row["co2_t"]),
                wording.value("status", row["status"]),
            )
        )
    keys = (
        "target",
        "unit",
        "by_year",
        "promised",
        "potential",
        "delivered",
        "gap",
        "co2_t",
        "status",
    )
    return Grid(
        title=wording.of("grid_targets"),
        head=tuple(wording.of(f"head_{key}") for key in keys),
        rows=tuple(rows),
        numeric=(False, False, True, True, True, True, True, True, False),
    )


def _parts(parts: pd.DataFrame, scores: pd.DataFrame, wording: Wording) -> Grid:
    rows = []
    for _, row in parts.iterrows():
        promise = scores.loc[row["target"]]
        rows.append(
            (
                (str(promise["title_zh"]), str(promise["title_en"])),
                both(row["unit"]),
                share(row["share"]),
                _figure(row["value"]),
                _figure(row["potential"]),
                _figure(row["delivered"]),
                _figure(row["gap"]),
            )
        )
    keys = ("target", "unit", "split", "promised", "potential", "delivered", "gap")
    return Grid(
        title=wording.of("grid_target_parts"),
        head=tuple(wording.of(f"head_{key}") for key in keys),
        rows=tuple(rows),
        numeric=(False, False, True, True, True, True, True),
        note=(
            f"{count(len(rows))} 项指标按规则分解到区县；规则见 target_counties.csv。",
            f"{count(len(rows))} promises, split over the counties by the rules in target_counties.csv.",
        ),
    )


def _figure(value: object) -> Words:
    return both("–") if pd.isna(value) else amount(value)
