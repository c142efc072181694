"""Words for a terminal: colours where they are wanted, columns that hold with full-width characters."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import IO


class Paint:
    """Colours for one stream: none unless it is a terminal and NO_COLOR (no-color.org) is not set."""

    def __init__(self, stream: IO[str] | None):
        terminal = stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
        self.on = terminal and not os.environ.get("NO_COLOR")

    def red(self, text: str) -> str:
        """What is wrong, and what the first text has."""
        return self._in("31", text)

    def green(self, text: str) -> str:
        """What the second text has."""
        return self._in("32", text)

    def bold(self, text: str) -> str:
        """A heading."""
        return self._in("1", text)

    def dim(self, text: str) -> str:
        """What may be read over."""
        return self._in("2", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text


def table(rows: Iterable[Sequence[str]], right: frozenset[int] | set[int] = frozenset(), *, indent: str = "  ") -> str:
    """Rows as aligned columns, two spaces between them; columns in `right` are set flush right."""
    from wcwidth import wcswidth

    def width(text: str) -> int:
        return max(0, wcswidth(text)) or len(text)

    rows = list(rows)
    columns = max(map(len, rows), default=0)
    widths = [max((width(row[c]) for row in rows if c < len(row)), default=0) for c in range(columns)]
    lines = []
    for row in rows:
        cells = []
        for c, text in enumerate(row):
            space = " " * (widths[c] - width(text))
            cells.append(space + text if c in right else text + space)
        lines.append((indent + "  ".join(cells)).rstrip())
    return "".join(line + "\n" for line in lines)


def shortened(text: str, limit: int) -> str:
    """A text on one line, its middle left out where it is longer than `limit` characters."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = limit // 2
    return f"{text[:head]}…{text[len(text) - (limit - head - 1) :]}"
