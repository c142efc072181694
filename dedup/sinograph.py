"""Sinographs -> one form for 简 and 繁, for Hong Kong, Taiwan and Japanese forms, and for old print forms.

Only OpenCC's character tables are used, one letter to one letter, so that positions stay true.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from opencc import OpenCC


def unified(character: str) -> str:
    """The one form of a sinograph; other characters stand for themselves. One letter to one letter."""
    if character >= _FIRST and character not in _known:
        unify(map(chr, range(ord(character) & ~_BESIDE, (ord(character) | _BESIDE) + 1)))
    return _known.get(character, character)


def unify(characters: Iterable[str]) -> dict[str, str]:
    """The one form of each sinograph among characters; those that stand for themselves may be left out."""
    sinographs = [of for of in characters if _FIRST <= of < "\ud800" or of > "\udfff"]  # halves of pairs are none
    new = [character for character in sinographs if character not in _known]
    if new:
        chinese = _chinese(new)
        japanese = _chinese(_converted(chinese, "jp2t"))  # the old form of a Japanese short form
        forms = (c if c in _NOT_JAPANESE else j for c, j in zip(chinese, japanese, strict=True))
        _known.update((of, _MORE_SINOGRAPHS.get(form, form)) for of, form in zip(new, forms, strict=True))
    return {character: _known[character] for character in sinographs}


_FIRST = "\u2e80"  # what stands before it is no sinograph
_BESIDE = 0xFF  # how many are looked up with one: a call takes longer than they do
_known: dict[str, str] = {}  # what was asked for already


def _chinese(characters: list[str]) -> list[str]:
    """The simplified forms. Stable, so that forms of forms are forms."""
    for name in ("hk2t", "tw2t", "t2s", "t2s"):  # twice: 薴 -> 苧 -> 苎
        characters = _converted(characters, name)
    return characters


def _converted(characters: list[str], name: str) -> list[str]:
    """Characters by one of OpenCC's tables, all in one call; those that it makes longer or shorter stay."""
    forms = _table(name).convert("\n".join(characters)).split("\n")
    return [form if len(form) == 1 else character for character, form in zip(characters, forms, strict=True)]


@cache
def _table(name: str) -> OpenCC:
    return OpenCC(name)


_NOT_JAPANESE = frozenset("予欠糸缶芸弁沪")
"""Japanese short forms that are words of their own in Chinese: 欠 is not 缺."""

_PRINT_FORMS = """
污汚 清淸 青靑 姊姉 户戸 高髙 崎﨑 边邉邊 滨濵 喻喩 填塡 吞呑 姬姫 真眞 值値 黄黃 黑黒 产産 别別 决決
强強 即卽 既旣 曾曽 研硏 慎愼 概槪 瓶甁 翻飜 郎郞 萌萠 褒襃 绪緖 乡鄕 并竝倂 晃晄 温溫 举擧 矿鑛 斗鬭
幺么 剑劔剱 帆颿 糊餬 碗椀 遍徧 略畧
"""
_MORE_SINOGRAPHS = {variant: row[0] for row in _PRINT_FORMS.split() for variant in row[1:]}
"""Pairs that OpenCC's tables leave apart: old print forms and those of Japanese names."""
