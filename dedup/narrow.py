"""Texts -> what JSON says of them, narrow: in UTF-8, each byte of it a character.

A line of a log is mostly ASCII around a few texts of other scripts, which would make all of it two or four times as
wide, and is encoded when it is done. What is put together from narrow pieces is made of bytes from the beginning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from dedup.jsonl import encoded, string

_APART = "\0"  # stands between texts that are told together
_SURROGATE = re.compile("\xed[\xa0-\xbf]")
_TOGETHER = 500  # lines that are joined at once: of more the memory is fetched anew, which takes longer than joining

Also = Callable[[str], str]
"""What is done to a text beside: it may say characters otherwise, as long as JSON reads the same."""


def narrow(text: str) -> str:
    """A text, narrow."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def wide(text: str) -> str:
    """A text that was narrow."""
    return text.encode("latin-1").decode("utf-8", "surrogatepass")


def said(texts: Sequence[str], also: Also | None = None) -> list[str]:
    """Each text in JSON without the quotes around it, narrow."""
    joined = _APART.join(texts)
    if joined.count(_APART) != len(texts) - 1:  # a text has that too, or there is none
        told = [string(text)[1:-1] for text in texts]
        return [narrow(also(text) if also else text) for text in told]
    if also:
        joined = also(joined.replace("\\", "\\\\"))
    data = joined.encode("utf-8", "surrogatepass")
    codes = np.frombuffer(data, np.uint8)
    whole = data.decode("latin-1")
    for character in ("" if also else "\\", '"', *map(chr, np.unique(codes[codes < ord(" ")]).tolist())):
        if character and character != _APART:
            whole = whole.replace(character, string(character)[1:-1])
    return whole.split(_APART)


def pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """Many narrow JSON lines in UTF-8, some at a time, with the newlines behind them; of a line with a lone surrogate,
    which UTF-8 cannot say, all but ASCII is escaped (`jsonl.encoded`)."""
    lines = iter(lines)
    while some := list(islice(lines, _TOGETHER)):
        whole = "\n".join((*some, ""))
        if "\xed" in whole and _SURROGATE.search(whole):
            yield encoded([wide(line) for line in some])
        else:
            yield whole.encode("latin-1")
