"""The readings of a passage's witnesses at one point -> which one is canonical, and why.

A damaged reading gives way to what it is damage of. Others are voted on, letters before punctuation before breaks;
without a majority the base stands. A break stands where half of the witnesses mean one; a break inside a sentence
nobody means.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from dedup.corpus import CLOSING
from dedup.model import VariantClass
from dedup.quality import quality
from dedup.variant import Verdict

CONTEXT = 12
"""Characters of context that are shown on both sides of a variant."""

_LINE = 400  # characters before a break in which its line is looked for
_ENDS = CLOSING - frozenset("，,、") | frozenset("*#")  # after these a break may stand
_RUNS_ON = frozenset("，,、。；")  # a line with one of these is no heading


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """One witness as the collator sees it: raw text, its letters, and where in the text each stands.

    `letters`: uint32[n]. `offsets`: int64[n], positions in `text`. `breaks`: the stretches of `text`, in order, that
    are breaks a reader reads over (segment.py). `source`: the number of the source it stands in, where one is known.
    """

    text: str
    letters: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    breaks: tuple[tuple[int, int], ...] = ()
    source: int | None = None


class Candidate(NamedTuple):
    """A reading at a point: `[start, end)` of a voter's text, the weight and the number of those who have it."""

    copy: Copy
    span: tuple[int, int]
    text: str
    weight: float
    votes: int

    @property
    def letters(self) -> str:
        """Its letters."""
        if not self.text:
            return ""
        offsets = memoryview(self.copy.offsets)  # type: ignore[arg-type]
        first = bisect_left(offsets, self.span[0])
        last = bisect_left(offsets, self.span[1], first)
        return self.copy.letters[first:last].tobytes().decode("utf-32-le", "surrogatepass")


class Choice(NamedTuple):
    """Which of the candidates is canonical, what share of the votes is for it, and the vote in words.

    `close`: whether there was no majority, so that the base stood or damage decided.
    """

    number: int
    share: float
    vote: str
    close: bool


def choose(candidates: Sequence[Candidate], judge: Callable[[int], Verdict]) -> Choice:
    """The canonical one of several readings; the first candidate is the base's.

    First whether there are letters here at all, then which, then which punctuation, and breaks last: so that what is
    said of a break has no say about letters. `judge(i)`: how candidate i differs from the base's.
    """
    if len(candidates) == 1:
        return unopposed(candidates[0].votes)
    texts = [candidate.text for candidate in candidates]
    able = list(range(len(candidates)))
    ballot = _Ballot(candidates)
    if "".join(texts).strip():
        able = ballot.undamaged(judge)
        bare = ["".join(text.split()) for text in texts]
        if len(bare) > 2 or bare[0] == bare[1]:
            letters = [candidate.letters for candidate in candidates]
            able = ballot.majority(able, ["letters" if of else "" for of in letters])
            able = ballot.majority(able, letters, alike=True)
        able = ballot.majority(able, bare)
    able = ballot.layout(able)
    able = ballot.majority(able, texts)
    return ballot.choice(able[0])


@cache
def unopposed(votes: int) -> Choice:
    """The choice where all voters read what the base does."""
    return Choice(0, 1.0, f"{votes}:0", False)


class _Ballot:
    """A vote in steps: each keeps some of the candidates, and remembers whether it was close."""

    def __init__(self, candidates: Sequence[Candidate]):
        self.candidates = candidates
        self.close = False
        self.cleaner = self.breaks = False
        self.share = 1.0

    def weight(self, numbers: Iterable[int]) -> float:
        return sum([self.candidates[number].weight for number in numbers])

    def majority(self, able: list[int], by: Sequence[str], *, alike: bool = False) -> list[int]:
        """Of the able, those in the group that weighs most; the base's, unless another weighs clearly more.

        `alike`: without a majority the group is preferred that differs least from all: of `ab`, `cd` and `cb` the
        last, for most have c and most have b.
        """
        if len(able) == 1:
            return able
        if len(by) == 2:
            return able if by[0] == by[1] else [self.heavier()]
        groups: dict[str, list[int]] = {}
        for number in able:
            groups.setdefault(by[number], []).append(number)
        if len(groups) == 1:
            return able
        weights = {key: self.weight(group) for key, group in groups.items()}
        first = min(groups, key=lambda key: (-round(weights[key], 6), self.candidates[groups[key][0]].text))
        best = weights[first]
        rivals = [key for key in groups if key != first and weights[key] * _CLEAR >= best - 1e-9]
        if rivals:
            self.close = True
            standing = by[0] if 0 in able else first
            if alike and len(groups) > 2:
                far = {key: sum(w * Levenshtein.distance(key, k) for k, w in weights.items()) for key in groups}
                first = min(groups, key=lambda key: (round(far[key], 6), key != standing, key != first))
            elif standing == first or standing in rivals:
                first = standing
        self.share = min(self.share, weights[first] / max(1e-9, sum(weights.values())))
        return groups[first]

    def heavier(self) -> int:
        """The heavier of two candidates; the base's, unless the other is clearly heavier."""
        base, other = self.candidates[0].weight, self.candidates[1].weight
        close = min(base, other) * _CLEAR >= max(base, other) - 1e-9
        self.close |= close
        number = int(other > base and not close)
        self.share = min(self.share, (base, other)[number] / max(1e-9, base + other))
        return number

    def undamaged(self, judge: Callable[[int], Verdict]) -> list[int]:
        """The candidates without those that are damage, compared with the base's; if that is damage, without it."""
        damaged: set[int] = set()
        for number in range(1, len(self.candidates)):
            if judge(number).kind is VariantClass.OCR:
                worse = _damage(self.candidates[0]) - _damage(self.candidates[number])
                damaged |= {0} if worse > 0 else {number} if worse < 0 else set()
        able = [number for number in range(len(self.candidates)) if number not in damaged]
        self.cleaner = bool(able and damaged)
        return able or [0]

    def layout(self, able: list[int]) -> list[int]:
        """Readings that are alike but for space: with a break if half mean one, and else without."""
        if not _has_break("".join([self.candidates[number].text for number in able])):
            return able
        meant = [number for number in able if _means_break(self.candidates[number])]
        self.breaks = True
        if meant and 2 * self.weight(meant) >= self.weight(able) - 1e-9:
            return meant
        other = [number for number in able if number not in meant]
        bare = [number for number in other if not _has_break(self.candidates[number].text)]
        return bare or other

    def choice(self, number: int) -> Choice:
        others = [candidate.votes for candidate in self.candidates]
        votes = others.pop(number)
        against, most = sum(others), max(others)
        why = ""
        if votes <= most:
            why = " base" if number == 0 else " cleaner" if self.cleaner else " breaks" if self.breaks else " weighed"
        return Choice(number, round(self.share, 4), f"{votes}:{against}{why}", self.close or votes <= most)


_CLEAR = 1.25  # so many times as much as the base's weighs what stands against it


def _has_break(text: str) -> bool:
    return "\n" in text or "\r" in text


def _means_break(candidate: Candidate) -> bool:
    """Whether a reading has a line break that its witness means: not one that layout put inside a sentence."""
    copy, (start, end) = candidate.copy, candidate.span
    if not _has_break(candidate.text):
        return False
    read_over = bisect_right(copy.breaks, (end, len(copy.text)))
    if read_over and copy.breaks[read_over - 1][1] >= start:
        return False
    start += min(at for at in (candidate.text.find("\n"), candidate.text.find("\r")) if at >= 0)
    before = copy.text[max(0, start - _LINE) : start].rstrip()
    line = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    return not line or line[-1] in _ENDS or not any(character in _RUNS_ON for character in line)


def _damage(candidate: Candidate) -> int:
    copy, (start, end) = candidate.copy, candidate.span
    found = quality(copy.text[max(0, start - CONTEXT) : end + CONTEXT])
    return found.lost + found.doubled + found.foreign
