"""Words for a terminal: colours where they are wanted, columns that hold with full-width characters."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
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
    rows = list(rows)
    columns = max(map(len, rows), default=0)
    widths = [max((_width(row[c]) for row in rows if c < len(row)), default=0) for c in range(columns)]
    lines = []
    for row in rows:
        cells = []
        for c, text in enumerate(row):
            space = " " * (widths[c] - _width(text))
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


@dataclass(frozen=True, slots=True)
class Run:
    """A run of text in one colour."""

    text: str
    colour: Callable[[str], str] | None = None

    @property
    def painted(self) -> str:
        """The text with its colour."""
        return self.colour(self.text) if self.colour else self.text


Cell = str | list[Run]
"""What stands in a field of a grid."""


def columns(stream: IO[str] | None) -> int | None:
    """How many columns a terminal has; None where the stream is none. COLUMNS says otherwise."""
    if stream is None or not stream.isatty():
        return None
    return shutil.get_terminal_size().columns


def grid(
    rows: Sequence[Sequence[Cell]],
    *,
    right: Container[int] = (),
    flexible: Sequence[int] = (),
    width: int | None = None,
    even: bool = False,
) -> str:
    """Rows as aligned columns, two spaces between them, those in `right` set flush right.

    Where they are wider than `width`, the columns in `flexible` are narrowed and their text is wrapped; they are
    made equally wide if `even`.
    """
    cells = [[[Run(cell)] if isinstance(cell, str) else cell for cell in row] for row in rows]
    widths = [max(sum(_width(run.text) for run in row[c]) for row in cells) for c in range(len(cells[0]))]
    if width is not None:
        fixed = sum(size for c, size in enumerate(widths) if c not in flexible) + 2 * len(widths)
        _narrow(widths, flexible, max(width - fixed, 0), even)
    lines = []
    for row in cells:
        wrapped = [_wrapped(cell, widths[c]) if c in flexible else [cell] for c, cell in enumerate(row)]
        for at in range(max(map(len, wrapped))):
            parts = []
            for c, pieces in enumerate(wrapped):
                piece = pieces[at] if at < len(pieces) else [Run("│")] if row[c] == [Run("│")] else []
                space = " " * (widths[c] - sum(_width(run.text) for run in piece))
                text = "".join(run.painted for run in piece)
                parts.append(space + text if c in right else text + space)
            lines.append(f"  {'  '.join(parts)}".rstrip())
    return "".join(line + "\n" for line in lines)


_LEAST = 12  # columns of a text that is wrapped
_MARKS = ("[-", "-]", "{+", "+}")


def _narrow(widths: list[int], flexible: Sequence[int], room: int, even: bool) -> None:
    """Give the flexible columns what room there is: no more than they need, the widest least of it."""
    waiting = sorted(flexible, key=lambda c: widths[c])
    for rank, c in enumerate(waiting):
        share = max(_LEAST, room // (len(waiting) - rank))
        widths[c] = share if even else min(widths[c], share)
        room -= widths[c]


def _wrapped(cell: list[Run], width: int) -> list[list[Run]]:
    """A cell as lines no wider than `width`: broken at a space, or before a character where there is none, but not
    inside a mark."""
    characters = [(character, run.colour) for run in cell for character in run.text]
    lines: list[list[Run]] = []
    start = 0
    while start < len(characters):
        end, size, space = start, 0, 0
        while end < len(characters):
            size += max(0, _width(characters[end][0]))
            if size > width and end > start:
                break
            end += 1
            space = end if characters[end - 1][0] == " " else space
        if end < len(characters) and space > start and _width(characters[end][0]) == 1:
            end = space
        elif "".join(character for character, _ in characters[end - 1 : end + 1]) in _MARKS and end - 1 > start:
            end -= 1
        lines.append(_runs(characters[start:end]))
        start = end
    return lines or [[]]


def _runs(characters: Sequence[tuple[str, Callable[[str], str] | None]]) -> list[Run]:
    grouped = groupby(characters, key=lambda of: of[1])
    return [Run("".join(character for character, _ in of), colour) for colour, of in grouped]


def _width(text: str) -> int:
    """The columns of a text: East Asian characters have two."""
    from wcwidth import wcswidth

    found: int = wcswidth(text)
    return found if found >= 0 else len(text)


def marked(context: Sequence[str], a: str, b: str, paint: Paint) -> list[Run]:
    """A difference in its context, as wdiff writes it: what only the first has, what only the second has."""
    runs = [Run(seen(context[0]))]
    if a:
        runs.append(Run(f"[-{seen(_middle_out(a))}-]", paint.red))
    if b:
        runs.append(Run(f"{{+{seen(_middle_out(b))}+}}", paint.green))
    return [*runs, Run(seen(context[1]))]


def in_brackets(context: Sequence[str], text: str, colour: Callable[[str], str]) -> list[Run]:
    """A reading in its context."""
    return [Run(seen(context[0])), Run(f"[{seen(_middle_out(text))}]", colour), Run(seen(context[1]))]


_LONG = 120  # characters of a reading that are shown


def _middle_out(text: str) -> str:
    if len(text) <= _LONG:
        return text
    half = _LONG // 2
    return f"{text[:half]} … {len(text) - 2 * half:,} characters … {text[-half:]}"


_VISIBLE = {"\r\n": "↵", "\n": "↵", "\r": "↵", "\f": "␌", "\t": "⇥", "\u3000": "□", "\xa0": "⍽"}


def seen(text: str) -> str:
    """A text on one line, with signs for the space that would otherwise not be seen."""
    for character, sign in _VISIBLE.items():
        text = text.replace(character, sign)
    if text.isspace():
        text = text.replace(" ", "␣")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
