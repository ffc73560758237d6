"""Measured hours of a source, from a file of the case, in place of the profile of its kind."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from heat_network.supply import heat_supply
from layers.demo import embedded_zibo
from layers.errors import CaseError, LayerError
from zibo_geo.case import Case, load_case
from zibo_geo.heat_hours import check_source_hours, source_hours

_PLANT = "zhangdian-coal-chp-operating"
_HOURS = pd.date_range("2021-01-10", periods=48, freq="h", tz="Asia/Shanghai")


def _case(path: Path, table: pd.DataFrame) -> Case:
    table.to_csv(path, index=False)
    case = load_case()
    return replace(case, heat=replace(case.heat, hours=path))


def _table(column: str, shares: list[float]) -> pd.DataFrame:
    at = _HOURS[: len(shares)]
    return pd.DataFrame({"month": at.month, "day": at.day, "hour": at.hour, column: shares})


@pytest.fixture(scope="module")
def supply() -> pd.DataFrame:
    return heat_supply(embedded_zibo("sample").heat_sources, load_case().assumed("heat_supply"))


def test_measured_hours_replace_those_of_the_kind(supply: pd.DataFrame, tmp_path: Path) -> None:
    shares = [number / 47.0 for number in range(48)]
    case = _case(tmp_path / "hours.csv", _table(_PLANT, shares))
    check_source_hours(supply, case)
    found = source_hours(supply, _HOURS, case)
    assert found[_PLANT].tolist() == pytest.approx(shares)
    usual = source_hours(supply, _HOURS, load_case())
    others = [name for name in supply.index if name != _PLANT]
    pd.testing.assert_frame_equal(found[others], usual[others])
    # the year does not matter, and rows of the supply without the plant are as usual
    later = source_hours(supply, _HOURS + pd.DateOffset(years=1), case)
    assert later[_PLANT].tolist() == pytest.approx(shares)
    pd.testing.assert_frame_equal(source_hours(supply.loc[others], _HOURS, case), usual[others])


def test_faults_of_the_file_are_told(supply: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "hours.csv"
    with pytest.raises(CaseError, match="which is no heat source"):
        check_source_hours(supply, _case(path, _table(_PLANT + "x", [1.0] * 48)))
    with pytest.raises(CaseError, match="lacks the column 'hour'"):
        check_source_hours(supply, _case(path, _table(_PLANT, [1.0] * 48).drop(columns="hour")))
    double = pd.concat([_table(_PLANT, [1.0] * 48)] * 2)
    with pytest.raises(CaseError, match="twice"):
        check_source_hours(supply, _case(path, double))
    with pytest.raises(LayerError, match="lacks hours"):
        source_hours(supply, _HOURS, _case(path, _table(_PLANT, [1.0] * 24)))
    with pytest.raises(LayerError, match="leaves 0 to 1"):
        source_hours(supply, _HOURS, _case(path, _table(_PLANT, [1.5] * 48)))
