"""Sinographs -> one form for 简 and 繁, for Hong Kong, Taiwan and Japanese forms, and for old print forms.

Only OpenCC's character tables are used, one letter to one letter, so that positions stay true.
"""

from __future__ import annotations

from functools import cache

from opencc import OpenCC


def unified(character: str) -> str:
    """The one form of a sinograph; other characters stand for themselves. One letter to one letter."""
    if character < "\u2e80":
        return character
    chinese = _chinese(character)
    if chinese not in _NOT_JAPANESE:
        chinese = _chinese(_japanese(chinese))
    return _MORE_SINOGRAPHS.get(chinese, chinese)


def _chinese(character: str) -> str:
    """The simplified form. Stable, so that forms of forms are forms."""
    for table in _chinese_tables():
        form = table.convert(character)
        character = form if len(form) == 1 else character
    return character


@cache
def _chinese_tables() -> tuple[OpenCC, ...]:
    names = ("hk2t", "tw2t", "t2s", "t2s")  # twice: 薴 -> 苧 -> 苎
    return tuple(OpenCC(name) for name in names)


def _japanese(character: str) -> str:
    """The old form of a Japanese short form."""
    form = _japanese_table().convert(character)
    return form if len(form) == 1 else character


@cache
def _japanese_table() -> OpenCC:
    return OpenCC("jp2t")


_NOT_JAPANESE = frozenset("予欠糸缶芸弁沪")
"""Japanese short forms that are words of their own in Chinese: 欠 is not 缺."""

_PRINT_FORMS = """
污汚 清淸 青靑 姊姉 户戸 高髙 崎﨑 边邉邊 滨濵 喻喩 填塡 吞呑 姬姫 真眞 值値 黄黃 黑黒 产産 别別 决決
强強 即卽 既旣 曾曽 研硏 慎愼 概槪 瓶甁 翻飜 郎郞 萌萠 褒襃 绪緖 乡鄕 并竝倂 晃晄 温溫 举擧 矿鑛 斗鬭
幺么 剑劔剱 帆颿 糊餬 碗椀 遍徧 略畧
"""
_MORE_SINOGRAPHS = {variant: row[0] for row in _PRINT_FORMS.split() for variant in row[1:]}
"""Pairs that OpenCC's tables leave apart: old print forms and those of Japanese names."""
