"""Boxes -> fitted boxes: either side cut to what has its words on the other, and what the two have in common.

The model: a word of a passage comes with probability `taken` from the words of the other side, and else as words come
in the corpus. So a word that the other side has scores the log-likelihood of that against chance, one that it has not
scores a miss, log2(1 - taken). The stretch of the one side that scores best against the words around the other is
found by turns, until both sides stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.kernel import inner, kernel
from dedup.words import Words

TAKEN = 0.75
"""`taken` where edges are sought: a stretch in which a third of the words are misses does not pay."""

EVEN = 0.5
"""`taken` where a fitted box is judged."""

MOST = 4.0
"""Bits: no word scores more, be it as rare as it may. A name belongs to its subject, not to one passage."""

AROUND, FARTHER = 150, 200
"""How far around a side its words count for the other, and how far a side may grow in one turn (weight)."""

_TURNS, _LAST_TURNS = 6, 2  # in which sides grow and shrink, and in which they only shrink


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Fitted boxes, columns of one length.

    `words`: int64[n, 4], a_first, a_last, b_first, b_last, half-open. `bits`: float64[n], what the words say of
    the worse side. `common`: int64[n], how many words both sides have, as often as both have them.
    `equal`: int64[n], the letters of those words, the mean of both sides. `letters`: int64[n, 4], the letters of both
    sides, half-open.
    """

    words: NDArray[np.int64]
    bits: NDArray[np.float64]
    common: NDArray[np.int64]
    equal: NDArray[np.int64]
    letters: NDArray[np.int64]

    def __getitem__(self, rows: NDArray[np.bool_]) -> Fitted:
        return Fitted(self.words[rows], self.bits[rows], self.common[rows], self.equal[rows], self.letters[rows])

    @property
    def similarity(self) -> NDArray[np.float64]:
        """Twice the letters of the words that both sides have over the letters of both sides: float64[n]."""
        return 2 * self.equal / (self.letters[:, 1] - self.letters[:, 0] + self.letters[:, 3] - self.letters[:, 2])


def fit(words: Words, boxes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Fit the two sides of boxes to each other: int64[n, 4] words as in boxes.py, without those that come to nothing.

    Linear in the words of the boxes.
    """
    columns = words.starts, words.source, words.number, words.places, words.position, words.share
    out = np.empty_like(boxes)
    return out[: _fit(boxes, *columns, np.zeros(len(words.places), np.int32), out)]


def measure(words: Words, boxes: NDArray[np.int64]) -> Fitted:
    """What both sides of fitted boxes have in common."""
    bits, common, equal = np.full(len(boxes), np.inf), np.zeros(len(boxes), np.int64), np.zeros(len(boxes), np.int64)
    bag = np.zeros(len(words.places), np.int32)
    _measure(boxes, words.number, words.places, words.first, words.last, words.share, bag, bits, common, equal)
    first, last = words.first[boxes[:, (0, 2)]], words.last[boxes[:, (1, 3)] - 1]
    letters = np.stack((first[:, 0], last[:, 0], first[:, 1], last[:, 1]), axis=1).astype(np.int64)
    return Fitted(boxes, bits, common, equal, letters)


@inner
def _hit(count, size, places, total, taken):  # type: ignore[no-untyped-def]
    """What a word scores that stands `count` times among the `size` words of the other side."""
    likelier = taken * count * total / (size * max(1, places - 1))
    return MOST if likelier >= 2**MOST else min(MOST, np.log2(1 - taken + likelier))


@kernel("i8[:,:], i8[:], i4[:], i4[:], i4[:], i4[:], f4[:], i4[:], i8[:,:]")
def _fit(boxes, starts, source, number, places, position, share, bag, out):  # type: ignore[no-untyped-def]
    """Write what is left of the boxes to `out`, return their number. `bag`: int32[distinct words] zeros, scratch."""
    n = 0
    for r in range(len(boxes)):
        a0 = boxes[r, 0]
        a1 = boxes[r, 1]
        b0 = boxes[r, 2]
        b1 = boxes[r, 3]
        a_low = starts[source[a0]]
        a_high = starts[source[a0] + 1]
        b_low = starts[source[b0]]
        b_high = starts[source[b0] + 1]
        around = AROUND
        farther = FARTHER
        for turn in range(_TURNS + _LAST_TURNS):
            if turn == _TURNS:
                around = 0
                farther = 0
            before_a0 = a0
            before_a1 = a1
            before_b0 = b0
            before_b1 = b1
            x0, x1 = _widened(position, a0, a1, a_low, a_high, farther)
            y0, y1 = _widened(position, b0, b1, b_low, b_high, around)
            a0, a1 = _best(number, places, share, x0, x1, y0, y1, bag)
            if a0 == a1:
                break
            x0, x1 = _widened(position, a0, a1, a_low, a_high, around)
            y0, y1 = _widened(position, b0, b1, b_low, b_high, farther)
            b0, b1 = _best(number, places, share, y0, y1, x0, x1, bag)
            if b0 == b1:
                break
            same = before_a0 == a0 and before_a1 == a1 and before_b0 == b0 and before_b1 == b1
            if turn >= _TURNS and same:
                break
        if a0 < a1 and b0 < b1:
            out[n, 0] = a0
            out[n, 1] = a1
            out[n, 2] = b0
            out[n, 3] = b1
            n += 1
    return n


@inner
def _widened(position, first, last, low, high, by):  # type: ignore[no-untyped-def]
    start = first
    while start > low and position[first] - position[start - 1] <= by:
        start -= 1
    end = last
    while end < high and position[end] - position[last - 1] <= by:
        end += 1
    return start, end


@inner
def _best(number, places, share, low, high, other_low, other_high, bag):  # type: ignore[no-untyped-def]
    """The stretch of the words `[low, high)` that scores best against the bag of the words of the other stretch."""
    for j in range(other_low, other_high):
        bag[number[j]] += 1
    best = 0.0
    first = low
    last = low
    score = 0.0
    start = low
    for i in range(low, high):
        if score <= 0:
            score = 0.0
            start = i
        count = bag[number[i]]
        if count:
            score += share[i] * _hit(count, other_high - other_low, places[number[i]], len(number), TAKEN)
        else:
            score += share[i] * np.log2(1 - TAKEN)
        if score > best:
            best = score
            first = start
            last = i + 1
    for j in range(other_low, other_high):
        bag[number[j]] = 0
    return first, last


@kernel("i8[:,:], i4[:], i4[:], i4[:], i4[:], f4[:], i4[:], f8[:], i8[:], i8[:]")
def _measure(boxes, number, places, first, last, share, bag, bits, common, equal):  # type: ignore[no-untyped-def]
    for r in range(len(boxes)):
        for side in range(2):
            low = boxes[r, 2 - 2 * side]
            high = boxes[r, 3 - 2 * side]
            for j in range(low, high):
                bag[number[j]] += 1
            said = 0.0
            shared = 0
            done = np.int64(0)  # letters counted so far
            for i in range(boxes[r, 2 * side], boxes[r, 2 * side + 1]):
                w = number[i]
                if bag[w] > 0:
                    bag[w] -= 1
                    shared += 1
                    said += share[i] * _hit(np.int64(1), high - low, places[w], len(number), EVEN)
                    equal[r] += last[i] - max(done, first[i])
                    done = last[i]
                else:
                    said += share[i] * np.log2(1 - EVEN)
            for j in range(low, high):
                bag[number[j]] = 0
            bits[r] = min(bits[r], said)
            common[r] = shared
        equal[r] //= 2
