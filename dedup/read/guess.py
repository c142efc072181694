"""Bytes whose encoding is not said -> the encodings they may be in, best first.

Encodings of two and more bytes (Han, kana, Hangul, UTF-16) are weighed by description length: what the
decoded text costs, in bits, when the characters that each national standard lists first are cheap and all
others dear. Code pages are weighed likewise, by the letters of the languages they serve. What none of those
explains is left to charset-normalizer.
"""

from __future__ import annotations

import codecs
import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

_SAMPLE = 1 << 18  # bytes that are looked at

# Bits that a non-ASCII character may cost on average for a reading to be convincing.
_UNCONVINCING = 16.5  # Han of the first level cost 12, with the switch to them 15, all else 18 and more
_UNCONVINCING_PAGE = 9.0  # in a code page, where a letter costs 5 or 6 and a stray sign 22
_UNCONVINCING_WIDE = 14.5  # in UTF-16 and UTF-32, ASCII included

_ASCII = 7.0  # bits of an ASCII character
_SWITCH = 6.0  # bits from ASCII to another script
_MISREAD = 10.0  # bits for two letters side by side that no word has side by side
_UNUSUAL = 8.0  # bits for a code page that is not one of the usual
_USUAL = ("cp1252", "cp1251", "koi8_r")
_MARGIN = 16.0  # bits the best reading must be ahead of the next
_FEW = 20  # with fewer non-ASCII bytes than this a two-byte reading can be chance
_SHORT = 32  # bytes; below this a code page, or UTF-16 without one ASCII character, is a coin toss
_KANA = 0.05  # share of kana below which a text is not Japanese
_JAPANESE = ("shift-jis", "euc-jp")
_MESSY = 0.2  # charset-normalizer's own threshold of disorder

_HIGH = bytes(range(0x80, 0x100))
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_FAMILIES: dict[str, tuple[str, ...]] = {
    # encodings of one family, widest use first; a later one has characters that the earlier lack
    "simplified": ("gb18030",),
    "traditional": ("big5", "cp950", "big5hkscs"),
    "shift-jis": ("cp932", "shift_jis", "shift_jis_2004"),
    "euc-jp": ("euc_jp", "euc_jis_2004"),
    "korean": ("cp949",),
}
_CODE_PAGES: dict[str, tuple[str, ...]] = {
    # letters beside ASCII: single-byte encodings for them, widest use first
    "àâäçéèêëîïôöùûüÿñáíóúßæœåøãõ": ("cp1252", "iso8859_15", "mac_roman", "cp850", "cp437"),
    "áäąćčçďéęěëíîłľńňóôöőřśšťúůűüýźżžăâșțşţđß": ("cp1250", "iso8859_2", "cp852", "mac_latin2"),
    "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґў": (
        "cp1251",
        "koi8_r",
        "koi8_u",
        "cp866",
        "iso8859_5",
        "mac_cyrillic",
    ),
    "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋ": ("cp1253", "iso8859_7"),
    "çğıöşüâîû": ("cp1254",),
    "אבגדהוזחטיךכלםמןנסעףפץצקרשת": ("cp1255",),
    "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگ": ("cp1256",),
    "āčēģīķļņšūžąęėįųõäöü": ("cp1257",),
    "ăâđêôơưáàãéèíìóòúùýçïöü": ("cp1258",),
    "".join(map(chr, [*range(0xE01, 0xE3B), *range(0xE40, 0xE4D)])): ("tis_620",),
}


def guess_wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without BOM, where the text reads as characters in common use and has no NUL."""
    found: list[tuple[float, str]] = []
    if b"\0" not in data and len(data) < _SHORT:
        return None
    for name in _WIDE:
        text = _prefix(data[:_SAMPLE], name)
        if text and "\0" not in text:
            each = float(_model("wide")[_code_points(text)].mean())
            if each <= _UNCONVINCING_WIDE:
                found.append((each / (4 if "32" in name else 2), name))
    return min(found)[1] if found else None


def guess(data: bytes) -> tuple[tuple[str, ...], ...]:
    """Explanations of non-ASCII bytes without NULs, each a tuple of encodings to try in turn.

    None: nothing explains them. More than one: nobody can tell which it is.
    """
    at = _first_high(data)
    sample = data[at : at + _SAMPLE]
    context = data[max(0, at - 512) : at + _SAMPLE]
    readings = _by_description_length(sample)
    pages = _by_code_page(context)
    if len(sample) - len(sample.translate(None, _HIGH)) < _FEW:
        if readings:
            return (_FAMILIES[readings[0][1]], pages) if pages else (_FAMILIES[readings[0][1]],)
    elif readings:
        cost, _, text = readings[0]
        rivals = (family for other, family, said in readings if other - cost < _MARGIN and said != text)
        return tuple(_FAMILIES[family] for family in (readings[0][1], *rivals))
    if len(data) < _SHORT:
        return ()
    pages = pages or _by_charset_normalizer(context)
    return (pages,) if pages else ()


def is_broken_utf8(data: bytes) -> bool:
    """Whether all but a few bytes are UTF-8: to guess would turn the good letters to rubbish."""
    at = _first_high(data)
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(data[at : at + _SAMPLE])
    bad = text.count("\ufffd")
    good = int(np.count_nonzero(_code_points(text) > 0x7F)) - bad
    return good > 2 * bad


def _by_description_length(sample: bytes) -> list[tuple[float, str, str]]:
    """Readings of `sample` that are convincing, cheapest first: bits, family, text."""
    found: list[tuple[float, str, str]] = []
    for family, names in _FAMILIES.items():
        text = next((text for name in names if (text := _prefix(sample, name)) is not None), None)
        if text is None:
            continue
        points = _code_points(text)
        foreign = points > 0x7F
        kana = (points > 0x3040) & (points < 0x3100)
        if family in _JAPANESE and kana.sum() < _KANA * foreign.sum():
            continue  # Korean in EUC-KR reads as common kanji, but Japanese is not written in kanji alone
        bits = float(_model(family)[points].sum())
        # A Han character between two Latin letters is a sign of an accented letter misread.
        bits += _SWITCH * np.count_nonzero(foreign & ~np.r_[False, foreign[:-1]])
        if foreign.any() and bits - _ASCII * np.count_nonzero(~foreign) <= _UNCONVINCING * foreign.sum():
            found.append((bits, family, text))
    return sorted(found)


def _by_code_page(sample: bytes) -> tuple[str, ...]:
    """Single-byte code pages that read well, best first."""
    count = len(sample) - len(sample.translate(None, _HIGH))
    found: list[tuple[float, int, str]] = []
    for letters, pages in _CODE_PAGES.items():
        for page in pages:
            text = _prefix(sample, page)
            cost = np.inf if text is None else _code_page_cost(text, letters)
            if cost <= _UNCONVINCING_PAGE * count:
                found.append((cost + _UNUSUAL * (page not in _USUAL), len(found), page))
    return tuple(page for _, _, page in sorted(found))


def _by_charset_normalizer(sample: bytes) -> tuple[str, ...]:
    from charset_normalizer import from_bytes  # noqa: PLC0415  (a start-up cost that UTF-8 need not pay)

    return tuple(match.encoding for match in from_bytes(sample) if match.chaos <= _MESSY)


def _first_high(data: bytes) -> int:
    found = re.search(rb"[\x80-\xff]", data)
    return found.start() if found else 0


def _prefix(sample: bytes, name: str) -> str | None:
    """`sample` decoded, with its last character left out where the cut goes through it."""
    try:
        return codecs.getincrementaldecoder(name)("strict").decode(sample)
    except UnicodeError:
        return None


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _code_page_cost(text: str, letters: str) -> float:
    """Bits of the non-ASCII characters. Capitals or other scripts inside a word mark a wrong code page."""
    points = _code_points(text)
    latin, other, capital, small = (kind[points] for kind in _letters())
    odd = (small[:-1] & capital[1:]) | (latin[:-1] & other[1:]) | (other[:-1] & latin[1:])
    return float(_alphabet(letters)[points].sum()) + _MISREAD * np.count_nonzero(odd)


@cache
def _letters() -> tuple[NDArray[np.bool_], ...]:
    """Which code points below U+10000 are Latin letters, other letters, capitals, small letters."""
    every = "".join(map(chr, range(0x10000)))
    letter, capital, small = (np.fromiter(map(is_, every), np.bool_) for is_ in (str.isalpha, str.isupper, str.islower))
    latin = np.arange(0x10000) < 0x250
    return letter & latin, letter & ~latin, capital, small


@cache
def _alphabet(letters: str) -> NDArray[np.float32]:
    """Bits that each code point below U+10000 costs in a text whose letters beside ASCII are `letters`."""
    bits = np.full(0x10000, 22.0, np.float32)
    bits[[*map(ord, "«»“”„‘’–—…°§€©№·¿¡\xa0")]] = 8.0
    each = np.log2(len(letters) / 0.8)
    bits[[ord(char) for char in letters.upper()]] = each + 4.0
    bits[[*map(ord, letters)]] = each
    bits[[*map(ord, "æœýÿåøãõ")]] += 3.0  # in fewer languages, or rare in all
    bits[:0x80] = 0.0
    return bits


@cache
def _model(family: str) -> NDArray[np.float32]:
    """Bits that each code point costs: -log2 of the share of its class, spread evenly over the class."""
    punctuation = (0.1, [*_span(0x3000, 0x3020), *_span(0x2010, 0x2026), *_span(0xFF01, 0xFF5E), 0xB7])
    bits = np.full(0x110000, 22.0, np.float32)
    for share, chars in (*_classes(family), punctuation):
        places = np.unique(np.fromiter(chars, np.int64))
        bits[places] = np.minimum(bits[places], np.float32(np.log2(len(places) / share)))
    bits[0x20:0x7F] = _ASCII
    bits[[*b"\t\n\r\f\v\b"]] = _ASCII
    bits[[*range(0x08), *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF]] = 30.0
    bits[0xD800:0xF900] = 26.0  # surrogates and private use
    return bits


def _classes(family: str) -> list[tuple[float, list[int]]]:
    """Character classes in a text of that family, with the share of the text that each makes up."""
    kana = _span(0x3041, 0x30FF)
    match family:
        case "simplified":  # traditional text is written in GB 18030 as well
            return [
                (0.85, _rows("gb2312", 0xB0, 0xD7)),
                (0.04, _rows("big5", 0xA4, 0xC6)),
                (0.01, _rows("gb2312", 0xD8, 0xF7)),
            ]
        case "traditional":
            return [(0.87, _rows("big5", 0xA4, 0xC6)), (0.02, _rows("big5", 0xC9, 0xF9))]
        case "shift-jis" | "euc-jp":
            half_width = (0.0005, _span(0xFF61, 0xFF9F))
            return [
                (0.5, kana),
                (0.35, _rows("euc_jp", 0xB0, 0xCF)),
                (0.01, _rows("euc_jp", 0xD0, 0xF4)),
                half_width,
            ]
        case "korean":
            return [(0.88, _rows("euc_kr", 0xB0, 0xC8)), (0.02, _rows("euc_kr", 0xCA, 0xFD))]
    common = [*_rows("gb2312", 0xB0, 0xD7), *_rows("big5", 0xA4, 0xC6), *_rows("euc_jp", 0xB0, 0xCF)]
    alphabets = [
        _span(0xA1, 0x17F),
        _span(0x386, 0x3CE),
        _span(0x401, 0x45F),
        _span(0x5D0, 0x64A),
        _span(0x900, 0xE7F),
    ]
    return [
        (0.4, common),
        (0.1, _rows("euc_kr", 0xB0, 0xC8)),
        (0.1, kana),
        *((0.05, span) for span in alphabets),
        (0.05, [*_rows("gb2312", 0xD8, 0xF7), *_rows("big5", 0xC9, 0xF9), *_rows("euc_jp", 0xD0, 0xF4)]),
    ]


def _rows(encoding: str, first: int, last: int) -> list[int]:
    """The code points that a national standard keeps in the rows from lead byte `first` to `last`."""
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)] if encoding == "big5" else range(0xA1, 0xFF)
    pairs = (bytes((lead, trail)).decode(encoding, "ignore") for lead in range(first, last + 1) for trail in trails)
    return [ord(char) for char in pairs if char]


def _span(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))
