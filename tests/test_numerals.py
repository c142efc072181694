from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.variant import numerals

SAME = [
    ("3000", "三千 3,000 ３０００ 叁仟 參仟 ٣٠٠٠ ๓๐๐๐ 3千 three|thousand 3|000 3|тыс."),
    ("15000", "一万五千 1.5万 15,000 壹萬伍仟 一万五"),
    ("150", "一百五十 一百五 150"),
    ("105", "一百零五 105"),
    ("2020", "二〇二〇 二零二零 2020 二千零二十 ２０２０"),
    ("230000000", "2亿3千万 二亿三千万 230,000,000 230.000.000"),
    ("3000000000000", "三万亿 3万亿"),
    ("100000005", "一亿零五 100000005"),
    ("1/20", "5% ５％ 百分之五 5|per|cent five|percent 5|процентов"),
    ("1/3", "三分之一 1/3 ⅓"),
    ("7/2", "3.5 3,5 三点五"),
    ("21", "twenty-one 二十一 21st 廿一"),
    ("205", "two|hundred|and|five 205"),
    ("10", "十 拾 ten 10 tenth"),
    ("-5", "-5 −5"),
]


@pytest.mark.parametrize(
    ("value", "text"),
    [(value, text.replace("|", " ")) for value, texts in SAME for text in texts.split()],
)
def test_all_notations_of_a_number_have_its_value(value: str, text: str) -> None:
    assert numerals.value(text.replace("⅓", "1⁄3")) == Fraction(value)


@pytest.mark.parametrize(
    "text",
    ["2020年2月3日", "二〇二〇年二月三日", "2020-02-03", "2020.2.3", "3 February 2020", "February 3, 2020"],
)
def test_all_notations_of_a_date_are_one_date(text: str) -> None:
    (date,) = numerals.find(text, dates=True)
    assert (date.value, date.kind) == (20200203, "date")


def test_a_date_is_a_number_unless_dates_are_asked_for() -> None:
    assert numerals.value("2020.2") == Fraction(20202, 10)
    assert numerals.find("2020.2", dates=True)[0].kind == "date"


def test_two_digits_side_by_side_are_an_estimate_not_a_number() -> None:
    assert [numeral.value for numeral in numerals.find("三四个")] == [3, 4]


def test_words_without_numbers_have_none() -> None:
    assert numerals.find("团结合作 someone weighs nothing") == []
    assert numerals.value("三个") is None
    assert numerals.value("") is None


def _chinese(number: int) -> str:
    """An independent writer of Chinese numerals, digit by digit."""
    if number == 0:
        return "零"
    parts, text = [], str(number)
    groups = [text[max(0, i - 4) : i] for i in range(len(text), 0, -4)][::-1]
    for n, group in enumerate(groups):
        if not int(group):
            continue
        digits = group.lstrip("0")
        written = "零" if (len(digits) < 4 and n) or (n and not int(groups[n - 1]) and parts) else ""
        gap = False
        for i, digit in enumerate(digits):
            if digit == "0":
                gap = True
                continue
            written += ("零" if gap else "") + "零一二三四五六七八九"[int(digit)]
            written += ["", "十", "百", "千"][len(digits) - i - 1]
            gap = False
        parts.append(written + ["", "万", "亿"][len(groups) - n - 1])
    return "".join(parts)


@given(st.integers(0, 10**12 - 1))
def test_chinese_numerals_say_what_they_were_written_for(number: int) -> None:
    assert numerals.value(_chinese(number)) == number
    formal = _chinese(number).translate(str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟"))
    assert numerals.value(formal) == number


@given(st.integers(0, 10**15))
def test_grouping_and_width_do_not_change_a_number(number: int) -> None:
    wide = str(number).translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    assert numerals.value(f"{number:,}") == numerals.value(wide) == number


@given(st.text())
def test_any_text_is_read_and_can_be_put_together_again(text: str) -> None:
    for dates in (False, True):
        found = numerals.find(text, dates=dates)
        assert all(a.end <= b.start for a, b in pairwise(found))
        assert numerals.rewrite(text, lambda n: text[n.start : n.end], dates=dates) == text


_PIECES = (
    *"0123456789٣๓３〇零○一二两三四五六七八九十百千万亿兆廿卅壹贰叁参肆陆拾佰仟萬億点分之年月日 .,，．/／-−%％‰中a",
    *("twenty", " five", "two hundred", " and ", "third", "st", "th", " per cent", "percent", " процентов", " млн"),
    *("тыс.", "thousand", " million", "百分之", "三分之一", "ONE", "ſix", "\u00a0", "\u202f", "процентомſ", "word"),
)


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join) | st.text(max_size=20))
def test_every_number_has_a_hint_and_can_be_cut_wherever_it_stands(text: str) -> None:
    found = numerals.find(text)
    assert numerals.may_have(text) or not found
    assert all(numerals.may_cut(text, at) for number in found for at in range(number.start + 1, number.end))
    assert not numerals.may_cut(text, 0)
    assert not numerals.may_cut(text, len(text))


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join), st.integers(0, 30), st.integers(0, 30))
def test_the_number_that_a_place_cuts_is_the_one_that_is_found_there(text: str, low: int, size: int) -> None:
    high = low + size
    for at in range(len(text) + 1):
        found = [(low + n.start, low + n.end) for n in numerals.find(text[low:high])]
        cut = [(first, last) for first, last in found if first < at < last]
        assert numerals.across(text, at, low, high) == (cut[0] if cut else None)


_DATES = (
    "2020",
    "1９",
    "二〇二〇",
    "年",
    "2",
    "月",
    "３",
    "日",
    "-",
    ".",
    " ",
    "st ",
    "of ",
    "May",
    " march ",
    ",",
    "٣٠",
)


@given(st.lists(st.sampled_from(_DATES), max_size=9).map("".join))
def test_every_date_has_a_hint(text: str) -> None:
    assert numerals.may_date(text) or numerals.find(text, dates=True) == numerals.find(text)


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_the_first_letters_of_hints_hide_no_hint(text: str) -> None:
    assert numerals.may_have(text) == bool(numerals._HINT.search(text))


@pytest.mark.parametrize("piece", ["1", "一", "万", "1,", "1 ", "one ", "百分之", "1/", "1.5万", "二〇", "-"])
def test_a_hundred_thousand_characters_take_no_quadratic_time(piece: str) -> None:
    numerals.find(piece * (100_000 // len(piece)), dates=True)


def test_a_long_s_is_an_s_in_a_word_for_a_number() -> None:
    assert [numeral.value for numeral in numerals.find("the \u017fixth, and \u017feven hundred")] == [6, 700]
