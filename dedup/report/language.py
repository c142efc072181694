"""A text -> the language tag that its letters suggest: enough to choose the right fonts, no more."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dedup.fold import code_points
from dedup.sinograph import unify

_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3347F))
_KANA = ((0x3041, 0x30FF),)
_SCRIPTS = {
    "ko": ((0x1100, 0x11FF), (0x3131, 0x318E), (0xAC00, 0xD7A3)),
    "th": ((0x0E01, 0x0E5B),),
    "und-Arab": ((0x0600, 0x06FF), (0x0750, 0x077F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
    "und-Hebr": ((0x0591, 0x05F4),),
    "und-Deva": ((0x0900, 0x097F),),
    "und-Cyrl": ((0x0400, 0x052F),),
    "und-Grek": ((0x0370, 0x03FF), (0x1F00, 0x1FFF)),
    "und-Latn": ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F)),
}
_TAGS = list(_SCRIPTS)
_UNKNOWN, _PLAIN, _TRADITIONAL, _SYLLABLE, _FIRST = 1, 2, 3, 4, 5
"""Kinds of characters: sinographs, of which it is not known yet or known whether they have a simpler form, kana, and
the scripts from `_FIRST` on; 0 is none of them."""

_TOGETHER = 1000  # texts whose characters are counted at once: so few that 16 bits tell their kinds apart
_KANA_SHARE, _TRADITIONAL_SHARE = 0.1, 0.1
"""Japanese has a third to half kana; of a text in traditional characters a third have a simplified form."""


def language(text: str) -> str:
    """A BCP 47 tag: `zh-Hans`, `zh-Hant`, `ja`, `ko`, `th`, a script without a language (`und-Cyrl`), or `und`."""
    return languages([text])[0]


def languages(texts: Sequence[str]) -> list[str]:
    """The `language` of each text."""
    found: list[str] = []
    for first in range(0, len(texts), _TOGETHER):
        found += map(_language, _counts(texts[first : first + _TOGETHER]).tolist())
    return found


def _language(counts: list[int]) -> str:
    traditional, kana = counts[_TRADITIONAL], counts[_SYLLABLE]
    han = counts[_PLAIN] + traditional
    most = max(counts[_FIRST:])
    if (2 * (han + kana) >= most and han) or kana:  # a sinograph says about what two letters do
        if kana > _KANA_SHARE * (han + kana):
            return "ja"
        return "zh-Hant" if traditional > _TRADITIONAL_SHARE * han else "zh-Hans"
    return _TAGS[counts.index(most, _FIRST) - _FIRST] if most else "und"


def _counts(texts: Sequence[str]) -> NDArray[np.int64]:
    """How many characters of each text are of each kind: int64[texts, kinds]."""
    table, every = _kinds(), _FIRST + len(_TAGS)
    characters = code_points("".join(texts))
    kinds = table[characters]
    unknown = kinds == _UNKNOWN
    if unknown.any():
        new = list(map(chr, np.unique(characters[unknown]).tolist()))
        forms = unify(new)
        for character in new:
            table[ord(character)] = _PLAIN if forms.get(character, character) == character else _TRADITIONAL
        kinds = table[characters]
    of_text = np.repeat(np.arange(len(texts), dtype=np.uint16) * np.uint16(every), [len(text) for text in texts])
    return np.bincount(of_text + kinds, minlength=len(texts) * every).reshape(-1, every)


@cache
def _kinds() -> NDArray[np.uint8]:
    """The kind of every code point: uint8[0x110000]."""
    kinds = np.zeros(0x110000, np.uint8)
    for kind, ranges in ((_UNKNOWN, _HAN), (_SYLLABLE, _KANA), *enumerate(_SCRIPTS.values(), _FIRST)):
        for first, last in ranges:
            kinds[first : last + 1] = kind
    return kinds
