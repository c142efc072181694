"""Two readings -> the letters in which they differ, with what stands on both sides of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from dedup.script import DENSE_WEIGHT, LIGHT_WEIGHT
from dedup.variant import glyphs, ladder
from dedup.variant.ladder import Place


class Difference(NamedTuple):
    """Two readings as letters with line breaks (`ladder.letters`), what they have in common taken off.

    Each field is a pair, first the base, then the other witness. `whole`: the readings' letters; `core`:
    those between the common beginning and the common end; `marked`: the same with line breaks. `start` and `end`:
    the common beginning and end, with their line breaks.
    """

    places: tuple[Place, Place]
    whole: tuple[str, str]
    core: tuple[str, str]
    marked: tuple[str, str]
    start: str
    end: str

    @property
    def longer(self) -> int | None:
        """Which reading has letters where the other has none (0 or 1), or None."""
        if bool(self.core[0]) == bool(self.core[1]):
            return None
        return 0 if self.core[0] else 1

    def left(self, side: int) -> str:
        """The letters and breaks before a reading's core, the context with them."""
        return _context(self.places[side].left[-self._around :]) + self.start

    def right(self, side: int) -> str:
        """The letters and breaks after a reading's core, the context with them."""
        return self.end + _context(self.places[side].right[: self._around])

    @property
    def _around(self) -> int:
        return max(24, 2 * abs(len(self.marked[0]) - len(self.marked[1])))


def difference(a: Place, b: Place) -> Difference:
    """What two readings differ in."""
    x, y = ladder.letters(a), ladder.letters(b)
    start = common_start(x, y)
    end = common_end(x[start:], y[start:])
    marked = x[start : len(x) - end], y[start : len(y) - end]
    return Difference(
        places=(a, b),
        whole=(x.replace("\n", ""), y.replace("\n", "")),
        core=(marked[0].replace("\n", ""), marked[1].replace("\n", "")),
        marked=marked,
        start=x[:start],
        end=x[len(x) - end :],
    )


@lru_cache(maxsize=64)
def _context(text: str) -> str:
    return ladder.letters(Place(text))


def weight(letters: str) -> int:
    """What letters weigh, those of dense scripts more than those of alphabets (`script.py`)."""
    dense = len(_DENSE.findall(letters))
    return dense * DENSE_WEIGHT + (len(letters) - dense) * LIGHT_WEIGHT


def said_twice(found: Difference) -> bool:
    """Whether what one reading has more repeats what stands right beside it.

    Wherever inside a doubled stretch the alignment put the gap. In alphabets only whole words count.
    """
    side = found.longer
    if side is None:
        return False
    more = found.core[side]
    left, right = found.left(side).replace("\n", ""), found.right(side).replace("\n", "")
    if not _tandem(left[-len(more) :], more, right[: len(more)]):
        return False
    if _DENSE.search(more):
        return True
    around = max(64, 4 * len(more))
    words = [
        _WORD.findall(f"{p.left[-around:]}{p.text}{p.right[:around]}".casefold())
        for p in (found.places[side], found.places[1 - side])
    ]
    start = common_start(*words)
    end = common_end(words[0][start:], words[1][start:])
    stop = len(words[0]) - end
    again = words[0][start:stop]
    return bool(again) and start + end == len(words[1]) and _tandem(words[0][:start], again, words[0][stop:])


def common_start(x: Sequence[str], y: Sequence[str]) -> int:
    """How many items two strings or lists have in common at their beginning."""
    low, high = 0, min(len(x), len(y)) if x[:1] == y[:1] else 0
    while low < high:
        middle = (low + high + 1) // 2
        if x[low:middle] == y[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_end(x: Sequence[str], y: Sequence[str]) -> int:
    """How many items two strings or lists have in common at their end."""
    return common_start(x[::-1], y[::-1]) if x[-1:] == y[-1:] else 0


def _tandem(before: Sequence[str], more: Sequence[str], after: Sequence[str]) -> bool:
    return common_end(before, more) + common_start(after, more) >= len(more)


_DENSE = re.compile(f"[{glyphs.DENSE}]")
_WORD = re.compile(r"\w+")
