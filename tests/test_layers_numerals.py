import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.numerals import chinese_number, lengths_m, plain_numbers, speeds_kmh, storey_counts


@pytest.mark.parametrize(
    ("word", "storeys"),
    [
        ("3层", 3), ("3 层", 3), ("六层", 6), ("十二层", 12), ("二十", 20), ("12F", 12), ("12f", 12),
        ("３", 3), ("１２层", 12), ("砼6", 6), ("混3", 3), ("框架12", 12), ("共18层", 18), ("约5层", 5),
        ("地上6层地下2层", 6), ("5层/地下1层", 5), ("2.5", 2.5), ("4.0", 4), ("6 floors", 6), ("-1", -1),
    ],
)  # fmt: skip
def test_storeys_are_read_from_words(word, storeys):
    assert storey_counts(pd.Series([word])).tolist() == [storeys]


@pytest.mark.parametrize("word", ["", "?", "3-5", "层", "多层", "6+1", "B1", "3;4", "三五", "1e3"])
def test_storeys_that_are_not_wholly_understood_are_not_guessed(word):
    assert np.isnan(storey_counts(pd.Series([word]))).all()


@pytest.mark.parametrize(
    ("word", "metres"),
    [
        ("12 m", 12), ("12m", 12), ("12.5", 12.5), ("40'", 12.192), ("40 ft", 12.192), ("约4.5米", 4.5),
        ("4,5", 4.5), ("-3", -3), ("−3", -3), ("350cm", 3.5), ("~ 8", 8), ("6'6\"", 1.9812), ("0", 0),
    ],
)  # fmt: skip
def test_heights_are_read_from_words(word, metres):
    assert lengths_m(pd.Series([word]))[0] == pytest.approx(metres)


@pytest.mark.parametrize("word", ["", "tall", "12;15", "10-12", "1,200", "3层", "nan", "inf"])
def test_heights_that_are_not_understood_are_not_guessed(word):
    assert np.isnan(lengths_m(pd.Series([word]))).all()


def test_numbers_stay_numbers_and_infinity_is_unknown():
    given_numbers = pd.Series([3, None, np.inf, -1.5])
    np.testing.assert_array_equal(lengths_m(given_numbers), [3.0, np.nan, np.nan, -1.5])
    nullable = pd.Series([3, None], dtype="Int64")
    np.testing.assert_array_equal(storey_counts(nullable), [3.0, np.nan])


def test_flags_are_no_numbers():
    assert np.isnan(plain_numbers(pd.Series([True, False]))).all()


def test_numbers_in_a_numeric_column_are_not_changed_in_place():
    given_numbers = pd.Series([1.0, np.inf])
    lengths_m(given_numbers)
    assert given_numbers.tolist() == [1.0, np.inf]


def test_speeds_carry_their_unit():
    words = pd.Series(["50", "30 mph", "60km/h", "none", "walk", "CN:urban", None])
    np.testing.assert_allclose(speeds_kmh(words), [50, 48.28032, 60, *[np.nan] * 4])


@given(st.integers(min_value=1, max_value=199))
def test_chinese_numerals_come_back(number):
    digits = "零一二三四五六七八九"
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    word = (digits[hundreds] + "百" if hundreds else "") + (
        ("零" if not tens and ones and hundreds else "")
        + (digits[tens] + "十" if tens else "")
        + (digits[ones] if ones else "")
    )
    assert chinese_number(word) == number
    assert storey_counts(pd.Series([word + "层"])).tolist() == [number]


@given(st.floats(min_value=0.1, max_value=800).map(lambda value: round(value, 2)))
def test_written_heights_come_back(height):
    words = pd.Series([f"{height}", f"{height} m", f"约{height}米", f" {height}m "])
    np.testing.assert_allclose(lengths_m(words), height)


@given(st.text(max_size=12))
def test_any_text_gives_a_number_or_nothing(text):
    for parse in (lengths_m, storey_counts, speeds_kmh, plain_numbers):
        assert parse(pd.Series([text], dtype=object)).shape == (1,)
