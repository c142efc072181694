"""Words for a terminal: colours where they are wanted, columns that hold with full-width characters."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
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


def marked(context: tuple[str, str], a: str, b: str, paint: Paint) -> str:
    """A difference in its context, as wdiff writes it: what only the first has, what only the second has."""
    parts = [_seen(context[0])]
    if a:
        parts.append(paint.red(f"[-{_seen(_middle_out(a))}-]"))
    if b:
        parts.append(paint.green(f"{{+{_seen(_middle_out(b))}+}}"))
    return "".join([*parts, _seen(context[1])])


def placed(context: Sequence[str], text: str, colour: Callable[[str], str]) -> str:
    """A reading in its context, in brackets."""
    return _seen(context[0]) + colour(f"[{_seen(_middle_out(text))}]") + _seen(context[1])


_LONG = 120  # characters of a reading that are shown


def _middle_out(text: str) -> str:
    if len(text) <= _LONG:
        return text
    half = _LONG // 2
    return f"{text[:half]} … {len(text) - 2 * half:,} characters … {text[-half:]}"


_VISIBLE = {"\r\n": "↵", "\n": "↵", "\r": "↵", "\f": "␌", "\t": "⇥", "\u3000": "□", "\xa0": "⍽"}


def _seen(text: str) -> str:
    """A text on one line, with signs for the space that would otherwise not be seen."""
    for character, sign in _VISIBLE.items():
        text = text.replace(character, sign)
    if text.isspace():
        text = text.replace(" ", "␣")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
