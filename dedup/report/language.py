"""A text -> the language tag that its letters suggest: enough to choose the right fonts, no more."""

from __future__ import annotations

import re
from functools import lru_cache

from dedup.sinograph import unified

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003347f]")
_KANA = re.compile("[\u3041-\u30ff]")
_SCRIPTS = (
    ("ko", "[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]"),
    ("th", "[\u0e01-\u0e5b]"),
    ("und-Arab", "[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"),
    ("und-Hebr", "[\u0591-\u05f4]"),
    ("und-Deva", "[\u0900-\u097f]"),
    ("und-Cyrl", "[\u0400-\u052f]"),
    ("und-Grek", "[\u0370-\u03ff\u1f00-\u1fff]"),
    ("und-Latn", "[A-Za-z\u00c0-\u024f]"),
)
_LETTERS = [(tag, re.compile(letters)) for tag, letters in _SCRIPTS]
_KANA_SHARE, _TRADITIONAL_SHARE = 0.1, 0.1
"""Japanese has a third to half kana; of a text in traditional characters a third have a simplified form."""


def language(text: str) -> str:
    """A BCP 47 tag: `zh-Hans`, `zh-Hant`, `ja`, `ko`, `th`, a script without a language (`und-Cyrl`), or `und`."""
    han, kana = _HAN.findall(text), len(_KANA.findall(text))
    counts = [(len(letters.findall(text)), tag) for tag, letters in _LETTERS]
    most, tag = max(counts, key=lambda count: count[0])
    if (2 * (len(han) + kana) >= most and han) or kana:  # a sinograph says about what two letters do
        if kana > _KANA_SHARE * (len(han) + kana):
            return "ja"
        return "zh-Hant" if sum(map(_traditional, han)) > _TRADITIONAL_SHARE * len(han) else "zh-Hans"
    return tag if most else "und"


@lru_cache(maxsize=1 << 14)
def _traditional(character: str) -> bool:
    return unified(character) != character
