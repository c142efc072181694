"""The readings of a passage's witnesses at one point -> which one is canonical, and why.

Breaks stand where half of the witnesses mean one; a break inside a sentence nobody means. Other readings are
counted; where no reading has a majority, a damaged one gives way to what it is damage of, and else the base stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.corpus import CLOSING
from dedup.model import VariantClass
from dedup.quality import quality
from dedup.variant import classify

CONTEXT = 12
"""Characters of context that are shown on both sides of a variant."""

_WIDER = 40  # characters of context that are looked at
_ENDS = CLOSING - frozenset("，,、") | frozenset("*#")  # after these a break may stand
_RUNS_ON = frozenset("，,、。；")  # a line with one of these is no heading


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """One witness as the collator sees it: raw text, its letters, and where in the text each stands.

    `letters`: uint32[n]. `offsets`: int64[n], positions in `text`. `breaks`: the stretches of `text` that are
    breaks a reader reads over (segment.py).
    """

    text: str
    letters: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    breaks: frozenset[tuple[int, int]] = frozenset()


Span = tuple[int, int]
"""Characters `[start, end)` of a witness's text."""


def choose(witnesses: Sequence[tuple[Copy, Span]], voting: Mapping[int, int], base: int) -> tuple[int, str, bool]:
    """The witness whose reading is canonical, the vote in words, and whether it was close.

    `witnesses`: each with the span of its reading. `voting`: the voters, each with the number of its family, the
    witnesses of one print, which have one vote together. `base` is one of the voters.
    """
    votes: dict[str, set[int]] = defaultdict(set)
    voter: dict[str, int] = {_reading(*witnesses[base]): base}
    for number, family in voting.items():
        reading = _reading(*witnesses[number])
        votes[reading].add(family)
        voter.setdefault(reading, number)
    own = _reading(*witnesses[base])
    if len(votes) == 1:
        return base, f"{len(votes[own])}:0", False
    if all(not reading.strip() for reading in votes):
        able = _layout(witnesses, votes, voter)
    else:
        able = _undamaged(witnesses, votes, voter, own)
    first = min(able, key=lambda reading: (-len(votes[reading]), reading != own, reading))
    for_it = len(votes[first])
    close = for_it <= max(len(v) for reading, v in votes.items() if reading != first)
    why = (" base" if first == own else " cleaner") if close else ""
    return voter[first], f"{for_it}:{sum(map(len, votes.values())) - for_it}{why}", close


def around(text: str, span: Span) -> tuple[str, str]:
    """What stands before and after a span, as much as the classifier looks at."""
    return text[max(0, span[0] - _WIDER) : span[0]], text[span[1] : span[1] + _WIDER]


def _reading(copy: Copy, span: Span) -> str:
    return copy.text[span[0] : span[1]]


def _layout(
    witnesses: Sequence[tuple[Copy, Span]], votes: Mapping[str, set[int]], voter: Mapping[str, int]
) -> list[str]:
    """Of readings that are space, those with a break if half of the families mean one, and else those without."""
    meant = [reading for reading in votes if _means_break(*witnesses[voter[reading]])]
    if meant and 2 * sum(len(votes[reading]) for reading in meant) >= sum(map(len, votes.values())):
        return meant
    other = [reading for reading in votes if reading not in meant]
    return [reading for reading in other if "\n" not in reading and "\r" not in reading] or other


def _means_break(copy: Copy, span: Span) -> bool:
    """Whether a reading has a line break that its witness means: not one that layout put inside a sentence."""
    start, end = span
    reading = copy.text[start:end]
    if "\n" not in reading and "\r" not in reading:
        return False
    if any(start <= b and a <= end for a, b in copy.breaks):
        return False
    before = copy.text[:start].rstrip()
    line = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    return not line or line[-1] in _ENDS or not any(character in _RUNS_ON for character in line)


def _undamaged(
    witnesses: Sequence[tuple[Copy, Span]], votes: Mapping[str, set[int]], voter: Mapping[str, int], own: str
) -> list[str]:
    """The readings without those that are damage, compared with the base's; if that is damage, without it."""
    able = set(votes)
    base = witnesses[voter[own]]
    for reading in votes:
        if reading == own:
            continue
        other = witnesses[voter[reading]]
        verdict = classify(own, reading, *around(base[0].text, base[1]), *around(other[0].text, other[1]))
        if verdict.kind is VariantClass.OCR:
            worse = _damage(*base) - _damage(*other)
            able -= {own} if worse > 0 else {reading} if worse < 0 else set()
    return sorted(able) or [own]


def _damage(copy: Copy, span: Span) -> int:
    found = quality(copy.text[max(0, span[0] - CONTEXT) : span[1] + CONTEXT])
    return found.lost + found.doubled + found.foreign
