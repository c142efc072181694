"""Rows -> JSON lines, as every file of rows has them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False).encode
_TOGETHER = 50  # lines that are encoded at once: of more the memory is fetched anew, which takes longer than encoding
_NO_ASCII = re.compile(r"[^\0-~]")

string: Callable[[str], str] = json.encoder.encode_basestring
"""A text as JSON, quotes and all."""


def line(row: dict[str, Any]) -> str:
    """One JSON line. Lone surrogates, which UTF-8 cannot say, are escaped."""
    return sayable(_encode(row))


def sayable(line: str) -> str:
    """A JSON line that UTF-8 can say: one with a lone surrogate has all but ASCII escaped."""
    return line if line.isprintable() else encoded([line])[:-1].decode("utf-8")


def pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """Many JSON lines in UTF-8, some at a time, as `encoded` has them."""
    lines = iter(lines)
    while some := list(islice(lines, _TOGETHER)):
        yield encoded(some)


def encoded(lines: Sequence[str]) -> bytes:
    """JSON lines in UTF-8, each as `sayable` has it, with the newlines behind them."""
    try:
        return "\n".join((*lines, "")).encode("utf-8")
    except UnicodeEncodeError:
        if len(lines) > 1:
            return b"".join(encoded([line]) for line in lines)
        return encoded([_NO_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], lines[0])])
