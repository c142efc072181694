"""Text -> the numbers written in it, with their values, whatever the notation: 3,000, 三千, 叁仟, 3 thousand.

Notations: decimal digits of every script, with grouping and decimals; Chinese and Japanese numerals, plain,
formal and positional (二〇二〇), with 万, 亿 and mixed forms (1.5万); percentages (5%, 百分之五, 5 per cent);
fractions (三分之一, 1/3); English number words and ordinals; multipliers of English and Russian. Dates
(2020年2月, 2020-02, 2 February 2020) are read as dates only when asked, because 2020.2 is a number as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import Literal

Kind = Literal["cardinal", "ordinal", "percent", "date"]

LONGEST = 400
"""Digits that are read as one number; a longer run is several numbers, which keeps any input cheap."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number at characters `[start, end)` of a text.

    `value` is the number; a percentage is its hundredth part (5 % is 1/20), a date is read in base 100
    with a missing month or day as 0 (2020年2月 is 20200200).
    """

    start: int
    end: int
    value: Fraction
    kind: Kind


def find(text: str, *, dates: bool = False) -> list[Numeral]:
    """The numbers of a text in reading order. Linear in the text."""
    return [*(_found_before if len(text) <= _SHORT else _found)(text, dates)]


def _found(text: str, dates: bool) -> tuple[Numeral, ...]:
    plain = _FORMAL.sub(lambda sign: "三" if sign[0] == "参" else "六", text).translate(_PLAIN)
    found: list[Numeral] = []
    for match in (_DATED if dates else _NUMBER).finditer(plain):
        found += _read(match)
    return tuple(found)


_found_before = lru_cache(maxsize=1 << 12)(_found)
_SHORT = 16  # characters of a text that may well be looked at again


def may_have(text: str) -> bool:
    """Whether a text has a digit or a word that numbers are written with: quicker than `find`."""
    return bool(_HINT_BEGINS.search(text) and _HINT.search(text))


def may_date(text: str) -> bool:
    """Whether a text may have a date: all have a month's sign or a year of four digits."""
    return bool(_DATE_HINT.search(text))


def may_cut(text: str, at: int) -> bool:
    """Whether the characters on both sides of a place can stand in one number: quicker than `across`."""
    return 0 < at < len(text) and INSIDE[text[at - 1]] and INSIDE[text[at]]


def across(text: str, at: int, low: int, high: int) -> tuple[int, int] | None:
    """Where the number of `text[low:high]` begins and ends that a place cuts in two, if it cuts one."""
    first, last = low, min(high, len(text))
    if not _PERCENT_BEGINS.search(text, low, high):
        if not (low < at < last and may_cut(text, at)):
            return None
        before, behind = at - 1, at + 1
        while before > low and INSIDE[text[before - 1]]:
            before -= 1
        while behind < last and INSIDE[text[behind]]:
            behind += 1
        if _SIGNS.fullmatch(text, before, behind):  # to words it matters what stands around them
            first, last = before, behind
    around = text[first:last]
    for numeral in find(around) if may_have(around) else ():
        if first + numeral.start < at < first + numeral.end:
            return first + numeral.start, first + numeral.end
    return None


def value(text: str) -> Fraction | None:
    """The value of a text that is one number and nothing else but space around it, or None."""
    stripped = text.strip()
    found = find(stripped)
    whole = len(found) == 1 and (found[0].start, found[0].end) == (0, len(stripped))
    return found[0].value if whole else None


def rewrite(text: str, write: Callable[[Numeral], str], *, dates: bool = False) -> str:
    """The text with every number replaced by what `write` says for it."""
    parts: list[str] = []
    done = 0
    for numeral in find(text, dates=dates):
        parts += text[done : numeral.start], write(numeral)
        done = numeral.end
    return "".join([*parts, text[done:]])


class _Plain(dict[int, str]):
    """Character -> the plain digit or multiplier it is another form of. One to one, so positions hold."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        digit = unicodedata.decimal(character, None)
        form = character if digit is None else str(digit)
        self[point] = form
        return form


_PLAIN = _Plain(
    (ord(a), b)
    for a, b in zip(
        "零○壹贰貳弐叁參叄肆伍陸柒捌玖拾佰仟萬億两兩廿卅，．％－−／⁄\u00a0\u202f٬٫٪",
        "〇〇一二二二三三三四五六七八九十百千万亿二二廿卅,.%--//  ,.%",
        strict=True,
    )
)

# 参 and 陆 are digits only among formal digits: elsewhere "take part" and "land"
_FORMAL = re.compile("[参陆](?=[拾佰仟万萬亿億])|(?<=[零壹贰貳叁肆伍柒捌玖拾佰仟])[参陆]")

_DIGITS = "〇一二三四五六七八九"
_TIMES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "兆": 10**12}
_LATIN_TIMES = {
    **{"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12},
    **{"тыс": 10**3, "млн": 10**6, "млрд": 10**9, "трлн": 10**12},
}


def _numbered(words: str, first: int = 0, step: int = 1) -> dict[str, int]:
    return {word: first + step * n for n, word in enumerate(words.split())}


_WORDS = {
    **_numbered("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"),
    **_numbered("fifteen sixteen seventeen eighteen nineteen", 15),
    **_numbered("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10),
}
_ORDINALS = _numbered("first second third fourth fifth sixth seventh eighth ninth tenth", 1)
_MONTHS = _numbered("january february march april may june july august september october november december", 1)

_HAN = f"[{_DIGITS}{''.join(_TIMES)}廿卅]"
_TIMES_SIGN = f"[{''.join(_TIMES)}]"
_ARABIC = (
    rf"(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+(?![0-9])(?:\.[0-9]{{1,{LONGEST}}})?"  # 3,000.5
    r"|[0-9]{1,3}(?:[ ][0-9]{3})+(?![0-9])(?:[.,][0-9]{1,2}(?![0-9]))?"  # 3 000
    r"|[0-9]{1,3}(?:\.[0-9]{3}){2,}(?![0-9])"  # 3.000.000
    rf"|[0-9]{{1,{LONGEST}}},[0-9]{{1,2}}(?![0-9,])"  # 3,5
    rf"|[0-9]{{1,{LONGEST}}}(?:\.[0-9]{{1,{LONGEST}}})?)"
)
_MIXED = (
    rf"(?:{_ARABIC}(?:[ ]?{_TIMES_SIGN}(?:{_HAN}|{_ARABIC}){{0,30}})?"
    rf"|{_HAN}(?:{_HAN}|(?<={_TIMES_SIGN}){_ARABIC}){{0,30}})"
)
_WORD = "(?:" + "|".join([*_WORDS, *list(_LATIN_TIMES)[:5]]) + r")\b"
_PATTERN = rf"""
    (?P<part>[百千万])分之(?P<of>{_MIXED})
  | (?P<below>{_MIXED})分之(?P<above>{_MIXED})
  | (?<![0-9/])(?P<numerator>[0-9]{{1,2}})/(?P<denominator>[0-9]{{1,2}})(?![0-9/])
  | (?P<ordinal>[0-9]{{1,9}})(?:st|nd|rd|th)\b
  | (?P<sign>(?<![\w)\]%])-)?(?P<number>{_MIXED})(?P<point>点[{_DIGITS}]{{1,30}}(?![十百千分]))?
    (?:[ ]?(?P<times>{"|".join(_LATIN_TIMES)})\b\.?)?
    (?P<percent>[ ]?(?:[%‰]|per[ ]?cent\b|процент\w{{0,3}}))?
  | \b(?P<words>{_WORD}(?:(?:[ -]|[ ]and[ ]){_WORD}){{0,20}})(?P<percent2>[ ]per[ ]?cent\b)?
  | \b(?P<nth>{"|".join(_ORDINALS)})\b
"""
_MONTH = "|".join(_MONTHS)
_DATE = rf"""
    (?P<cyear>[0-9]{{4}}|[{_DIGITS}]{{4}})[ ]?年[ ]?(?P<cmonth>[0-9]{{1,2}}|{_HAN}{{1,3}})[ ]?月
        (?:[ ]?(?P<cday>[0-9]{{1,2}}|{_HAN}{{1,3}})[ ]?[日号號])?
  | (?<![0-9])(?P<year>[12][0-9]{{3}})(?P<by>[-./])(?P<month>[0-9]{{1,2}})
        (?:(?P=by)(?P<day>[0-9]{{1,2}}))?(?![0-9])
  | \b(?P<eday>[0-9]{{1,2}})(?:st|nd|rd|th)?[ ](?:of[ ])?(?P<emonth>{_MONTH}),?[ ](?P<eyear>[0-9]{{4}})\b
  | \b(?P<amonth>{_MONTH})(?:[ ](?P<aday>[0-9]{{1,2}})(?:st|nd|rd|th)?)?,?[ ](?P<ayear>[0-9]{{4}})\b
"""
_FLAGS = re.VERBOSE | re.IGNORECASE
_NUMBER = re.compile(_PATTERN, _FLAGS)
_DATED = re.compile(_DATE + "|" + _PATTERN, _FLAGS)
_HINT_SIGNS = rf"\d{_DIGITS}{''.join(_TIMES)}廿卅零○壹贰貳弐叁參叄肆伍陸柒捌玖拾佰仟萬億兩两"
_HINT_WORDS = (*_WORDS, *_ORDINALS, *_LATIN_TIMES, *_MONTHS)
_HINT = re.compile(rf"[{_HINT_SIGNS}]|\b(?:{'|'.join(_HINT_WORDS)})\b", re.IGNORECASE)
_HINT_BEGINS = re.compile(f"[{_HINT_SIGNS}{''.join(sorted({word[0] for word in _HINT_WORDS}))}]", re.IGNORECASE)
_DATE_HINT = re.compile(r"月|\d{4}")
_TOKEN = re.compile(rf"{_ARABIC}|\S")


SINOGRAPHS = frozenset(f"{_DIGITS}{''.join(_TIMES)}点分之年月日号號参陆{''.join(map(chr, _PLAIN))}")
"""Sinographs of numbers and dates, and some signs."""


class _Inside(dict[str, bool]):
    def __missing__(self, character: str) -> bool:
        inside = bool(_PART.fullmatch(character.translate(_PLAIN))) or character in "参陆"
        self[character] = inside
        return inside


_PART = re.compile(
    rf"[-0-9 .,/%‰点分之{_DIGITS}{''.join(_TIMES)}廿卅а-яё"
    rf"{''.join(sorted({*''.join((*_WORDS, *_ORDINALS, *_LATIN_TIMES)), *'stndrdthandpercent'}))}]",
    re.IGNORECASE,
)
_SIGNS = re.compile(
    f"[0-9 .,/%‰点分之参陆{_DIGITS}{''.join(_TIMES)}{''.join(chr(n) for n, form in _PLAIN.items() if form != '-')}]+"
)
_PERCENT_BEGINS = re.compile("п", re.IGNORECASE)  # in Russian any letters may be its ending
INSIDE = _Inside()
"""Character -> whether it can stand in a number of several characters."""


def _read(match: re.Match[str]) -> list[Numeral]:
    groups = {name: text for name, text in match.groupdict().items() if text is not None}
    start, end = match.span()

    def one(number: Fraction, kind: Kind = "cardinal") -> list[Numeral]:
        return [Numeral(start, end, number, kind)]

    if (number := groups.get("number")) is not None:
        if len(number) == 2 and set(number) <= set(_DIGITS[1:]) and len(groups) == 1:
            # 三四 is "three or four", not 34
            return [Numeral(start + i, start + i + 1, _mixed(c), "cardinal") for i, c in enumerate(number)]
        result = _mixed(number)
        if "point" in groups:
            result += Fraction(int(_positional(groups["point"][1:])), 10 ** (len(groups["point"]) - 1))
        if "times" in groups:
            result *= _LATIN_TIMES[groups["times"].casefold()]
        if "sign" in groups:
            result = -result
        if "percent" in groups:
            return one(result / (1000 if "‰" in groups["percent"] else 100), "percent")
        return one(result)
    if "part" in groups:
        return one(_mixed(groups["of"]) / _TIMES[groups["part"]], "percent")
    if "below" in groups:
        below = _mixed(groups["below"])
        return one(_mixed(groups["above"]) / below if below else Fraction(0))
    if "numerator" in groups:
        below = Fraction(groups["denominator"])
        return one(Fraction(groups["numerator"]) / below if below else Fraction(0))
    if "ordinal" in groups:
        return one(Fraction(groups["ordinal"]), "ordinal")
    if "words" in groups:
        result = _spelled(groups["words"])
        return one(result / 100, "percent") if "percent2" in groups else one(result)
    if "nth" in groups:
        return one(Fraction(_ORDINALS[groups["nth"].casefold()]), "ordinal")
    return one(_date(groups), "date")


def _date(groups: dict[str, str]) -> Fraction:
    def part(*names: str) -> int:
        text = next((groups[name] for name in names if name in groups), "0").casefold()
        return _MONTHS.get(text) or int(_mixed(text))

    year, month = part("cyear", "year", "eyear", "ayear"), part("cmonth", "month", "emonth", "amonth")
    return Fraction(year * 10000 + month * 100 + part("cday", "day", "eday", "aday"))


@cache
def _small(text: str) -> Fraction:
    return Fraction(text)


def _arabic(text: str) -> Fraction:
    if "," in text and len(text) - text.rfind(",") <= 3 and "." not in text:
        head, _, tail = text.rpartition(",")  # a decimal comma: 3,5
        text = head.replace(",", "") + "." + tail
    if text.count(".") > 1:
        text = text.replace(".", "")
    text = text.replace(",", "").replace(" ", "")
    return _small(text) if len(text) < 5 else Fraction(text)


def _positional(text: str) -> str:
    return "".join(str(_DIGITS.index(c)) for c in text)


def _mixed(text: str) -> Fraction:
    """The value of a run of digits, sinographs for digits, and multipliers."""
    if text[0] in "0123456789" and text.isascii():
        return _arabic(text)
    if len(text) > 1 and all(c in _DIGITS for c in text):
        return Fraction(int(_positional(text)))
    total: Fraction | int = 0
    section: Fraction | int = 0
    digit: Fraction | int = 0
    last, bare = 1, False  # the multiplier just read; whether a digit may still mean "and five of the next"
    for token in _TOKEN.findall(text):
        times = _TIMES.get(token)
        if times is None:
            if token in "廿卅":
                section, digit, last = section + (20 if token == "廿" else 30), 0, 1
            elif token == "〇":
                last = 1
            else:
                digit = _DIGITS.index(token) if token in _DIGITS else _arabic(token)
                bare = token in _DIGITS
            continue
        if times < 10**4:
            section += (digit or 1) * times
        else:
            section = (section + digit) or (0 if total else 1)
            # 三万亿: a multiplier on all that came before when it is the larger
            total = (total + section) * times if total and total < times else total + section * times
            section = 0
        digit, last = 0, times
    if digit and last >= 100 and bare:
        digit *= last // 10  # 一百五 is 150, 一百零五 is 105
    return Fraction(total + section + digit)


def _spelled(text: str) -> Fraction:
    total = section = 0
    for word in re.findall(r"[a-z]+", text.casefold()):
        if word in _WORDS:
            section += _WORDS[word]
        elif word == "hundred":
            section = (section or 1) * 100
        elif word in _LATIN_TIMES:
            total, section = total + (section or 1) * _LATIN_TIMES[word], 0
    return Fraction(total + section)
