"""The readings of a passage's witnesses at one point -> which one is canonical, and why.

A damaged reading gives way to what it is damage of. Others are voted on, letters before punctuation before breaks;
without a majority the base stands. A break stands where half of the witnesses mean one; a break inside a sentence
nobody means.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
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

_OCR = VariantClass.OCR
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
        return _letters(self.copy, *self.span)


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
    if len(candidates) == 2:
        one, two = candidates
        duel = Duel((one.copy, two.copy), (one.weight, two.weight), (one.votes, two.votes))
        return duel.choose(judge(1).kind, one.text, two.text, (*one.span, *two.span))
    texts = [candidate.text for candidate in candidates]
    able = list(range(len(candidates)))
    ballot = _Ballot(candidates)
    if "".join(texts).strip():
        able = ballot.undamaged(judge)
        letters = [candidate.letters for candidate in candidates]
        able = ballot.majority(able, ["letters" if of else "" for of in letters])
        able = ballot.majority(able, letters, alike=True)
        able = ballot.majority(able, ["".join(text.split()) for text in texts])
    able = ballot.layout(able)
    able = ballot.majority(able, texts)
    return ballot.choice(able[0])


@cache
def unopposed(votes: int) -> Choice:
    """The choice where all voters read what the base does."""
    return Choice(0, 1.0, f"{votes}:0", False)


class Duel:
    """Votes between two witnesses, first the base: a ballot of two, of whom one needs little to be heard."""

    def __init__(self, copies: tuple[Copy, Copy], weights: tuple[float, float], votes: tuple[int, int]):
        self.copies = copies
        self.weights = weights
        self.votes = votes
        base, other = weights
        self.close = min(weights) * _CLEAR >= max(weights) - 1e-9
        self.heavier = int(other > base and not self.close)
        self.share = round(weights[self.heavier] / max(1e-9, base + other), 4)

    def choose(self, kind: VariantClass, own: str, text: str, at: tuple[int, int, int, int]) -> Choice:
        """Which of two readings is canonical, the base's `own` or the other's `text`. `kind`: how they differ, `at`:
        characters `[0:1]` of the base and `[2:3]` of the other."""
        one, other = self.copies
        if kind is _OCR and (own.strip() or text.strip()):
            worse = _damage(one, at[0], at[1]) - _damage(other, at[2], at[3])
            if worse:
                return _decided(int(worse > 0), 1.0, False, self.votes, "cleaner")
        if not self._alike(own, text, at):
            why = "breaks" if _has_break(text if self.heavier else own) else "weighed"
            return _decided(self.heavier, self.share, self.close, self.votes, why)
        broken, other_broken = _has_break(own), _has_break(text)
        if not (broken or other_broken):
            return _decided(self.heavier, self.share, self.close, self.votes, "weighed")
        meant = broken and _means_break(one, at[0], at[1], own)
        other_meant = other_broken and _means_break(other, at[2], at[3], text)
        if meant != other_meant:
            number = int(other_meant)
            if 2 * self.weights[number] < sum(self.weights) - 1e-9:
                number = 1 - number
        elif broken != other_broken:
            number = int(broken)
        else:
            return _decided(self.heavier, self.share, self.close, self.votes, "breaks")
        return _decided(number, 1.0, False, self.votes, "breaks")

    def _alike(self, own: str, text: str, at: tuple[int, int, int, int]) -> bool:
        """Whether two readings are the same but for space."""
        bare = "".join(own.split())
        if bare != "".join(text.split()):
            return False
        return not bare or _letters(self.copies[0], at[0], at[1]) == _letters(self.copies[1], at[2], at[3])


@lru_cache(1 << 10)
def _decided(number: int, share: float, close: bool, votes: tuple[int, int], why: str) -> Choice:
    """What is said of a choice between two, of which `why` tells the reason if it was not the number of votes."""
    own, against = votes[number], votes[1 - number]
    if own > against:
        return Choice(number, share, f"{own}:{against}", close)
    return Choice(number, share, f"{own}:{against} {why if number else 'base'}", True)


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

    def undamaged(self, judge: Callable[[int], Verdict]) -> list[int]:
        """The candidates without those that are damage, compared with the base's; if that is damage, without it."""
        damaged: set[int] = set()
        for number in range(1, len(self.candidates)):
            if judge(number).kind is _OCR:
                base, other = self.candidates[0], self.candidates[number]
                worse = _damage(base.copy, *base.span) - _damage(other.copy, *other.span)
                damaged |= {0} if worse > 0 else {number} if worse < 0 else set()
        able = [number for number in range(len(self.candidates)) if number not in damaged]
        self.cleaner = bool(able and damaged)
        return able or [0]

    def layout(self, able: list[int]) -> list[int]:
        """Readings that are alike but for space: with a break if half mean one, and else without."""
        if not _has_break("".join([self.candidates[number].text for number in able])):
            return able
        meant = [number for number in able if self._means_break(number)]
        self.breaks = True
        if meant and 2 * self.weight(meant) >= self.weight(able) - 1e-9:
            return meant
        other = [number for number in able if number not in meant]
        bare = [number for number in other if not _has_break(self.candidates[number].text)]
        return bare or other

    def _means_break(self, number: int) -> bool:
        candidate = self.candidates[number]
        return _has_break(candidate.text) and _means_break(candidate.copy, *candidate.span, candidate.text)

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


def _letters(copy: Copy, start: int, end: int) -> str:
    """The letters of a stretch of a witness."""
    if start == end:
        return ""
    offsets = memoryview(copy.offsets)  # type: ignore[arg-type]
    first = bisect_left(offsets, start)
    last = bisect_left(offsets, end, first)
    return copy.letters[first:last].tobytes().decode("utf-32-le", "surrogatepass")


def _means_break(copy: Copy, start: int, end: int, text: str) -> bool:
    """Whether the line break of a reading is meant by its witness: not one that layout put inside a sentence."""
    if copy.breaks:
        read_over = bisect_right(copy.breaks, (end, len(copy.text)))
        if read_over and copy.breaks[read_over - 1][1] >= start:
            return False
    start += min(at for at in (text.find("\n"), text.find("\r")) if at >= 0)
    before = copy.text[max(0, start - _LINE) : start].rstrip()
    line = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    return not line or line[-1] in _ENDS or not any(character in _RUNS_ON for character in line)


def _damage(copy: Copy, start: int, end: int) -> int:
    found = quality(copy.text[max(0, start - CONTEXT) : end + CONTEXT])
    return found.lost + found.doubled + found.foreign
