"""Aligned rows + candidate pairs -> matches: what is long, similar and telling enough, and how its sides relate."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup import scratch
from dedup.align import EQUAL
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.kernel import kernel
from dedup.lsh import Candidates
from dedup.matches import RELATIONS, Matches
from dedup.model import Relation
from dedup.script import DENSE_WEIGHT
from dedup.segment import Paragraphs

COVERED = 0.8
"""A match that better matches of the same two sources cover to this share on both sides repeats them."""

INFORMATION = 12 * DENSE_WEIGHT
"""A match must say as much as so many sinographs (or 48 Latin letters) that stand in two places only, less what
differs. A letter whose seed stands in n places counts 1 / log2(n): the more often it is said, the less it says that two
texts share it."""

SAID_LIGHT = 1.25
"""What a letter of an alphabet says, where a dense one says `DENSE_WEIGHT`."""

SUPPORTED = 6 * DENSE_WEIGHT
"""It may say as little as this where it continues, in order and within `NEAR_BY`, a match that says twice as much."""

NEAR_BY = 500
"""Weight of the stretch in which matches support each other: 100 sinographs, 250 Latin letters."""

MANY_PLACES = 16
"""A text that says too little because it stands in more places than this is a formula, if it is long enough."""

FORMULA_WEIGHT = 16 * DENSE_WEIGHT
"""... and long enough is what weighs as much as this."""

SHORT_FLOOR, FLOOR, SURE_WEIGHT = 0.85, 0.5, 200 * DENSE_WEIGHT
"""Texts less similar than this are not the same text at all: the first for the shortest, falling to the second for
those that weigh `SURE_WEIGHT`. Six words of ten in a short sentence are a turn of phrase."""

_BESIDE = 32  # matches looked at on each side for support


def accept(
    corpus: Corpus, rows: NDArray[np.int64], places: NDArray[np.int32], candidates: Candidates, settings: Settings
) -> Matches:
    """Accept aligned rows (align.py) and similar candidate pairs of paragraphs as matches, or not.

    `places`: int32[letters], in how many places the seed at each letter stands (anchor.py).
    """
    folded = corpus.folded
    rows = rows[enough(corpus, rows, settings)]
    source_of = np.searchsorted(folded.starts, rows[:, (0, 2)], side="right").astype(np.int32) - 1
    ranked = np.lexsort((rows[:, 2], rows[:, 0], -rows[:, 5], source_of[:, 1], source_of[:, 0]))
    rows, source_of = rows[ranked], source_of[ranked]
    within = rows[:, :4] - np.repeat(folded.starts[source_of], 2, axis=1)
    longest = int(np.diff(folded.starts).max(initial=0))
    seen = scratch.column(2 * longest, np.int32, letters=len(folded.letters)).reshape(2, -1)
    new = np.zeros(len(rows), np.bool_)
    if len(rows):
        _primary(within, source_of, seen, new)
    del seen
    rows = rows[new]
    rows, lsh = _with_candidates(corpus, rows, candidates, settings)
    order = np.lexsort((rows[:, 3], rows[:, 1], rows[:, 2], rows[:, 0]))
    rows, lsh = rows[order], lsh[order]
    if len(rows):
        telling = _telling(corpus, rows, places)
        rows, lsh = rows[telling], lsh[telling]
    copies = _copies(corpus, settings)
    rows, lsh = np.concatenate((rows, copies)), np.concatenate((lsh, np.ones(len(copies), np.bool_)))
    order = np.lexsort((rows[:, 3], rows[:, 1], rows[:, 2], rows[:, 0]))
    rows, lsh = rows[order], lsh[order]
    source_of = np.searchsorted(folded.starts, rows[:, (0, 2)], side="right").astype(np.int32) - 1
    a_start, a_end, b_start, b_end, equal, score, anchored, letters = np.ascontiguousarray(rows.T)
    matches = Matches(
        source_a=source_of[:, 0].copy(),
        source_b=source_of[:, 1].copy(),
        a_start=a_start,
        a_end=a_end,
        b_start=b_start,
        b_end=b_end,
        equal=equal,
        score=score,
        anchors=anchored,
        anchored=letters,
        lsh=lsh,
        relation=np.zeros(len(rows), np.int8),
        words=np.zeros(len(rows), np.int64),
        part=np.zeros(len(rows), np.bool_),
    )
    if len(rows):
        matches.relation[:] = _relations(corpus, matches, places, settings)
    return matches


def enough(corpus: Corpus, rows: NDArray[np.int64], settings: Settings) -> NDArray[np.bool_]:
    """Which rows are long enough, and similar enough to be the same text at all."""
    weight = _lighter(corpus, rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3])
    letters = rows[:, 1] - rows[:, 0] + rows[:, 3] - rows[:, 2]
    alike = 2 * rows[:, 4] >= least_similarity(weight) * letters
    return np.asarray(alike & (weight >= DENSE_WEIGHT * settings.min_length), np.bool_)


def _lighter(
    corpus: Corpus,
    first_a: NDArray[np.int64],
    last_a: NDArray[np.int64],
    first_b: NDArray[np.int64],
    last_b: NDArray[np.int64],
) -> NDArray[np.signedinteger]:
    """The weight of the lighter one of two ranges of letters."""
    cumulated = corpus.cumulated
    return np.minimum(cumulated[last_a] - cumulated[first_a], cumulated[last_b] - cumulated[first_b])


def _telling(corpus: Corpus, rows: NDArray[np.int64], places: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which rows say enough, by themselves, beside others or as formulas. `rows` sorted by place: bool[n]."""
    source_of = np.searchsorted(corpus.folded.starts, rows[:, (0, 2)], side="right")
    by_pair = np.lexsort((rows[:, 2], rows[:, 0], source_of[:, 1], source_of[:, 0]))
    said = information(rows[:, 0], rows[:, 1], rows[:, 5], places, corpus.weights)
    supported = np.zeros(len(rows), np.bool_)
    _supported(rows[by_pair], source_of[by_pair], said[by_pair], corpus.cumulated, supported)
    telling = said >= INFORMATION
    telling[by_pair] |= supported
    weight = corpus.cumulated[rows[:, 1]] - corpus.cumulated[rows[:, 0]]
    many = _in_many_places(places, rows[:, 0], rows[:, 1])
    return np.asarray(telling | (many & (weight >= FORMULA_WEIGHT)), np.bool_)


def _in_many_places(places: NDArray[np.int32], start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the seeds in each stretch of letters stand in more places than `MANY_PLACES`, by the median: bool[n]."""
    exceeds = np.empty(len(start), np.bool_)
    _median_exceeds(places, np.ascontiguousarray(start), np.ascontiguousarray(end), MANY_PLACES, exceeds)
    return exceeds


def information(
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    score: NDArray[np.int64],
    places: NDArray[np.int32],
    weights: NDArray[np.uint8],
) -> NDArray[np.float64]:
    """How much stretches of letters say that align with a score: float64[n], in weights of dense letters.

    It is the weight that the score stands for, times the mean of 1 / log2(places) of the seeds. A letter of an
    alphabet says a quarter of what a sinograph says: given what stands before it about one bit (Shannon, "Prediction
    and Entropy of Printed English", 1951), against four or five.
    """
    said = np.empty(len(start), np.float64)
    columns = np.ascontiguousarray(start), np.ascontiguousarray(end), np.ascontiguousarray(score)
    _information(*columns, places, weights, said)
    return said


def least_similarity(weight: Any) -> Any:
    """The similarity below which texts of a weight are not the same text at all: see FLOOR."""
    return np.interp(weight, (DENSE_WEIGHT * 16, SURE_WEIGHT), (SHORT_FLOOR, FLOOR))


def _with_candidates(
    corpus: Corpus, rows: NDArray[np.int64], candidates: Candidates, settings: Settings
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Rows, with those candidate pairs of paragraphs that no row crosses but that are similar; and which rows
    have a candidate pair: int64[n + new, 8], bool[n + new]."""
    first, last = corpus.paragraphs.first, corpus.paragraphs.last
    lsh = np.zeros(len(rows), np.bool_)
    if len(candidates.a) == 0:
        return rows, lsh
    a, b = candidates.a, candidates.b
    order = np.argsort(rows[:, 0])
    longest = int((rows[:, 1] - rows[:, 0]).max(initial=0))
    head = np.searchsorted(rows[order, 0], first[a] - longest)
    crossing = np.zeros(len(a), np.bool_)
    _crossing(rows, order, head, first[a], last[a], first[b], last[b], crossing, lsh)
    from rapidfuzz.distance import LCSseq  # noqa: PLC0415  (only where there are such pairs)

    new = []
    heavy = _lighter(corpus, first[a], last[a], first[b], last[b]) >= DENSE_WEIGHT * settings.min_length
    for pair in np.flatnonzero(heavy & ~crossing):
        p, q = a[pair], b[pair]
        x, y = corpus.letters(first[p], last[p]), corpus.letters(first[q], last[q])
        equal = LCSseq.similarity(x, y)
        if 2 * equal >= settings.similarity * (len(x) + len(y)):
            weight = int(corpus.cumulated[first[p] + equal] - corpus.cumulated[first[p]])
            new.append((first[p], last[p], first[q], last[q], equal, EQUAL * weight, 0, 0))
    if not new:
        return rows, lsh
    added = np.array(new, np.int64)
    added = added[enough(corpus, added, settings)]
    return np.concatenate((rows, added)), np.concatenate((lsh, np.ones(len(added), np.bool_)))


def _copies(corpus: Corpus, settings: Settings) -> NDArray[np.int64]:
    """A row for each source that has the same text as an earlier one."""
    starts, original = corpus.folded.starts, corpus.original
    number = np.flatnonzero(original != np.arange(len(original)))
    first = original[number]
    size = starts[number + 1] - starts[number]
    weight = corpus.cumulated[starts[number + 1]] - corpus.cumulated[starts[number]]
    one = np.ones(len(number), np.int64)
    rows = np.stack(
        (starts[first], starts[first + 1], starts[number], starts[number + 1], size, EQUAL * weight, one, size), axis=1
    )
    return rows[weight >= DENSE_WEIGHT * settings.min_length].astype(np.int64)


def _relations(corpus: Corpus, matches: Matches, places: NDArray[np.int32], settings: Settings) -> NDArray[np.int8]:
    """How the sides of each match are related: int8[n], positions in RELATIONS."""
    exact = (matches.equal == matches.a_end - matches.a_start) & (matches.equal == matches.b_end - matches.b_start)
    whole_a = _whole(corpus.paragraphs, matches.a_start, matches.a_end, settings.cover)
    whole_b = _whole(corpus.paragraphs, matches.b_start, matches.b_end, settings.cover)
    relation = np.where(exact, RELATIONS.index(Relation.EXACT), RELATIONS.index(Relation.NEAR))
    relation[whole_a != whole_b] = RELATIONS.index(Relation.CONTAINED)
    relation[matches.similarity < settings.similarity] = RELATIONS.index(Relation.REWORKED)
    frequent = _in_many_places(places, matches.a_start, matches.a_end)
    little = information(matches.a_start, matches.a_end, matches.score, places, corpus.weights) < INFORMATION
    relation[frequent & little] = RELATIONS.index(Relation.FORMULA)
    relation[corpus.original[matches.source_b] != matches.source_b] = RELATIONS.index(Relation.EXACT)
    return relation.astype(np.int8)


def _whole(paragraphs: Paragraphs, start: NDArray[np.int64], end: NDArray[np.int64], cover: float) -> NDArray[np.bool_]:
    """Whether stretches of letters fill the paragraphs that they touch to the share `cover`: bool[n]."""
    if len(paragraphs.first) == 0:
        return np.zeros(len(start), np.bool_)
    head = np.searchsorted(paragraphs.last, start, side="right")
    tail = np.searchsorted(paragraphs.first, end, side="left") - 1
    return end - start >= cover * (paragraphs.last[tail] - paragraphs.first[head])


@kernel("i8[:,:], i4[:,:], i4[:,:], b1[:]")
def _primary(rows, source_of, seen, keep):  # type: ignore[no-untyped-def]
    """Mark which rows tell something new: not those that better rows of the same two sources cover on both sides.

    `rows` sorted by sources, best first, their letters counted from the beginnings of these; `seen`: int32[2, letters
    of the longest] zeros, scratch: the last pair of sources whose rows cover a letter, on either side.
    """
    pair = 0
    for r in range(len(rows)):
        if r == 0 or source_of[r, 0] != source_of[r - 1, 0] or source_of[r, 1] != source_of[r - 1, 1]:
            pair += 1
        new = False
        for side in range(2):
            start = rows[r, 2 * side]
            end = rows[r, 2 * side + 1]
            known = np.int64(0)
            for i in range(start, end):
                if seen[side, i] == pair:
                    known += 1
            if known < COVERED * (end - start):
                new = True
        if new:
            keep[r] = True
            for side in range(2):
                for i in range(rows[r, 2 * side], rows[r, 2 * side + 1]):
                    seen[side, i] = pair


@kernel("i8[:,:], i8[:], i8[:], i8[:], i8[:], i8[:], i8[:], b1[:], b1[:]")
def _crossing(rows, order, head, first_a, last_a, first_b, last_b, crossing, lsh):  # type: ignore[no-untyped-def]
    """Mark in `crossing` which pairs of paragraphs a row crosses on both sides, and those rows in `lsh`.

    `order`: of the rows, by place; `head`: the first of them that may cross a pair.
    """
    for p in range(len(first_a)):
        at = head[p]
        while at < len(order) and rows[order[at], 0] < last_a[p]:
            r = order[at]
            if rows[r, 1] > first_a[p] and rows[r, 2] < last_b[p] and rows[r, 3] > first_b[p]:
                crossing[p] = True
                lsh[r] = True
            at += 1


@kernel("i8[:], i8[:], i8[:], i4[:], u1[:], f8[:]")
def _information(start, end, score, places, weights, said):  # type: ignore[no-untyped-def]
    for r in range(len(start)):
        total = 0.0
        seeds = 0
        weight = 0
        dense = 0
        for i in range(start[r], end[r]):
            weight += weights[i]
            dense += weights[i] == DENSE_WEIGHT
            if places[i] >= 2:
                total += 1 / np.log2(places[i])
                seeds += 1
        mean = total / seeds if seeds else 1.0
        telling = dense * DENSE_WEIGHT + (end[r] - start[r] - dense) * SAID_LIGHT
        said[r] = mean * max(0, score[r]) / EQUAL * telling / max(1, weight)


@kernel("i8[:,:], i8[:,:], f8[:], i4[:], b1[:]")
def _supported(rows, source_of, said, cumulated, supported):  # type: ignore[no-untyped-def]
    """Mark which rows say little but stand beside one that says enough. `rows` sorted by sources and place."""
    for r in range(len(rows)):
        if said[r] < SUPPORTED or said[r] >= INFORMATION:
            continue
        for step in range(-1, 2, 2):
            k = r + step
            while 0 <= k < len(rows) and abs(k - r) <= _BESIDE:
                if source_of[k, 0] != source_of[r, 0] or source_of[k, 1] != source_of[r, 1]:
                    break
                first = min(k, r)
                second = max(k, r)
                gap = cumulated[rows[second, 0]] - cumulated[min(rows[first, 1], rows[second, 0])]
                if gap > NEAR_BY:
                    break
                in_order = rows[first, 3] <= rows[second, 2]
                if in_order and said[k] >= 2 * INFORMATION:
                    supported[r] |= cumulated[rows[second, 2]] - cumulated[rows[first, 3]] <= NEAR_BY
                k += step


@kernel("i4[:], i8[:], i8[:], i8, b1[:]")
def _median_exceeds(places, start, end, limit, exceeds):  # type: ignore[no-untyped-def]
    """Whether the median of what is not 0 in each stretch, rounded down, is more than a limit."""
    for r in range(len(start)):
        count = 0
        more = 0
        below = np.int64(0)  # the greatest that is not more
        above = np.int64(1 << 40)  # the least that is
        for i in range(start[r], end[r]):
            n = np.int64(places[i])
            if n > 0:
                count += 1
            if n > limit:
                more += 1
                above = min(above, n)
            else:
                below = max(below, n)
        exceeds[r] = 2 * more > count or (count > 0 and 2 * more == count and below + above >= 2 * (limit + 1))
