"""How far a run is, on stderr: a bar a stage on a terminal, for what takes longer than a moment, or lines of JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # fold.py loads numba
    from dedup.fold import Progress

Style = Literal["auto", "bar", "json", "none"]

_WORDS = {
    "read": "reading",
    "fold": "folding",
    "segment": "finding paragraphs",
    "sketch": "sketching",
    "lsh": "pairing",
    "match": "aligning",
    "collate": "collating",
    "settle": "writing, and looking at the result",
}
_BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"
COMPILING = "compiling kernels, once: up to half a minute"
_MOMENT = 0.5  # seconds
_PAUSE = 0.1  # seconds between two lines of one stage


class _Clock:
    """Letters per second. A stage began when the one before it was heard of last, and ends when it is done with all."""

    def __init__(self) -> None:
        self.stage = ""
        self.letters = 0
        self.began = self.last = time.perf_counter()

    def speed(self, stage: str, done: int, total: int) -> int | None:
        """That of a stage so far; None where the letters are not known yet."""
        if stage != self.stage:
            self.stage, self.began = stage, self.last
        self.last = time.perf_counter()
        return round(self.letters * done / total / (self.last - self.began)) if self.letters and total else None


@contextmanager
def bars(*, quiet: bool, style: Style = "auto", module: str = "dedup.match") -> Iterator[Progress | None]:
    """The callback that stages tell how far they are; None where nobody looks.

    The first run on a machine compiles the kernels that `module` needs, and says so: else silence looks like a hang.
    """
    from dedup.ahead import compiling

    seen = not quiet and style != "none" and sys.stderr is not None
    with compiling(module, _compiling if seen and style != "json" else _unsaid):
        yield from _bars(seen, style)


def _compiling() -> None:
    print(COMPILING, file=sys.stderr, flush=True)


def _unsaid() -> None:
    pass


def _bars(seen: bool, style: Style) -> Iterator[Progress | None]:
    if not seen or (style == "auto" and not sys.stderr.isatty()):
        yield None
        return
    shown = _lines() if style == "json" else _tqdm()
    clock = _Clock()

    def progress(name: str, done: int, total: int) -> None:
        if name == "letters":
            clock.letters = total
        else:
            shown.send((name, done, total, clock.speed(name, done, total)))

    next(shown)
    try:
        yield progress
    finally:
        shown.close()


_Reached = tuple[str, int, int, int | None]
"""A stage, how much of it is done, of how much, and letters per second."""


def _tqdm() -> Generator[None, _Reached, None]:
    """Show what is sent as bars, one a stage."""
    from tqdm import tqdm

    name, bar = "", None
    try:
        while True:
            stage, done, total, speed = yield
            if bar is None or stage != name:
                if bar is not None:
                    bar.close()
                words = _WORDS.get(stage, stage)
                bar = tqdm(total=total, desc=words, file=sys.stderr, leave=False, delay=_MOMENT, bar_format=_BAR)
                name = stage
            bar.total = total  # which grows where more is found to do
            if speed:
                bar.set_postfix_str(f"{speed:,} letters/s", refresh=False)
            bar.update(done - bar.n)
    finally:
        if bar is not None:
            bar.close()


def _lines() -> Generator[None, _Reached, None]:
    """Write what is sent as JSON, the first and the last of a stage and now and then one between."""
    name, said = "", 0.0
    while True:
        stage, done, total, speed = yield
        now = time.perf_counter()
        if stage == name and done < total and now < said + _PAUSE:
            continue
        name, said = stage, now
        row = {"stage": stage, "done": done, "total": total}
        sys.stderr.write(json.dumps(row | ({"letters_per_second": speed} if speed else {})) + "\n")
        sys.stderr.flush()
