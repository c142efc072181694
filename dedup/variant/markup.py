"""A reading -> the same without marks of Markdown and HTML."""

from __future__ import annotations

import html
import re

from dedup.variant import glyphs
from dedup.variant.layout import SPACES

MARKS = re.compile(r"[*_#>`~|<&\\\-+=\[■●◆□▪◼◾▶►○◎◇★☆•▲※§¶†‡]")
_START = rf"(?m:^)[{glyphs.SPACE}]*"
_RULE = re.compile(rf"{_START}(?:[-=*_][{glyphs.SPACE}]?){{3,200}}$", re.MULTILINE)
_LINE_MARK = re.compile(
    rf"{_START}(?:#{{1,6}}(?:[{glyphs.SPACE}]|\Z)|(?:>+|[■●◆□▪◼◾▶►○◎◇★☆•▲](?![■●◆□]))[{glyphs.SPACE}]?)"
)
_LIST_MARK = re.compile(rf"{_START}[-*+][{glyphs.SPACE}]")
_INLINE_MARK = re.compile(r"\*+|~~|`+|\||[■●◆▪◼◾•]|(?<!\w)_{1,3}(?=\S)|_{1,3}(?!\w)|\\(?=[!-/:-@\[-`{-~])")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\s]{0,500}\)|\[\^\w{1,20}\]|\]\([^()\s]{0,500}\)")
_BLOCK_TAG = re.compile(r"</?(?:br|p|div|li|ul|ol|h[1-6]|tr|table|blockquote|hr)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<!--.{0,500}?-->", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]\w{1,30});")
_NO_START = "\ufdef"  # stands for "not at the start of a line"


def without_markup(text: str, left: str, right: str) -> str:
    """A reading without the marks of Markdown and HTML and without bullets; entities become their characters.

    `left` and `right` are the context, which says whether the reading starts a line: `#`, `>` and list marks
    count only there.
    """
    if not MARKS.search(text):
        return text
    indent = left.rstrip(SPACES)
    starts_line = not indent or indent[-1] in glyphs.BREAK
    if "<" in text:
        text = _TAG.sub("", _BLOCK_TAG.sub("\n", text))
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if "[" in text or "]" in text:
        text = _LINK.sub(lambda link: link[1] or "", text)
    text = ("" if starts_line else _NO_START) + text
    space_follows = right[:1] != "" and right[0] in SPACES
    text = _RULE.sub("", text)
    text = _LIST_MARK.sub("", text + " ").removesuffix(" ") if space_follows else _LIST_MARK.sub("", text)
    text = _INLINE_MARK.sub("", _LINE_MARK.sub("", text))
    return text.replace(_NO_START, "")
