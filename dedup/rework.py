"""Boxes -> reworked passages: what two sources say in the same words, in whatever order, added to the other matches.

A fitted box (fit.py) that says enough is joined to its neighbours, and is a match unless the other tiers have found it
already. What they have found in it, word for word, is then part of it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dedup import scratch
from dedup.align import EQUAL
from dedup.anchor import Anchors
from dedup.boxes import boxes
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.fit import Fitted, fit, measure
from dedup.glue import HELD, glue
from dedup.kernel import kernel
from dedup.matches import RELATIONS, Matches
from dedup.model import Relation
from dedup.script import DENSE_WEIGHT
from dedup.segment import Paragraphs
from dedup.words import Words

BITS = 40.0
"""What a reworked passage must say (fit.py)."""

ALIKE = 0.4
"""The least similarity of its sides (`Fitted.similarity`)."""

LONGER = 4
"""It is at least so many times as long as `--min-length`: what bags of words say of a sentence is not enough."""

NEXT_TO = 250
"""Passages no farther apart than this on both sides are one (weight): 50 sinographs, 25 words of an alphabet."""

KNOWN = 0.9
"""A passage of which other matches of the same two sources cover this share, on either side, is no news."""

PART = 0.8
"""A match of which this share lies in a reworked passage, on both sides, is part of it."""

_BEHIND = 32  # passages looked back at for a neighbour
_STRIDE = 1 << 21  # words of a gone over at a time


def with_reworked(corpus: Corpus, words: Words, matches: Matches, found: Anchors, settings: Settings) -> Matches:
    """The matches of the other tiers together with the reworked passages between different sources, sorted by place."""
    likely = boxes(corpus, words, found)
    if len(likely) == 0:
        return matches
    passages = reworked(corpus, words, likely, settings.min_length)
    scratch.let_go()
    passages = passages[known_share(corpus, passages, matches) < KNOWN]
    count = len(passages.common)
    if count == 0:
        return matches
    filling = _fills_paragraphs(corpus.paragraphs, matches.a_start, matches.a_end, settings.cover)
    filling &= _fills_paragraphs(corpus.paragraphs, matches.b_start, matches.b_end, settings.cover)
    part = ~filling & _inside(matches, passages.letters)
    source = (np.searchsorted(corpus.folded.starts, passages.letters[:, (0, 2)], side="right") - 1).astype(np.int32)
    a_start, a_end, b_start, b_end = np.ascontiguousarray(passages.letters.T)
    none = np.zeros(count, np.int64)
    added = Matches(
        source_a=source[:, 0],
        source_b=source[:, 1],
        a_start=a_start,
        a_end=a_end,
        b_start=b_start,
        b_end=b_end,
        equal=passages.equal,
        score=np.round(EQUAL * passages.bits).astype(np.int64),
        anchors=none,
        anchored=none,
        lsh=np.zeros(count, np.bool_),
        relation=np.full(count, RELATIONS.index(Relation.REWORKED), np.int8),
        words=passages.common,
        part=np.zeros(count, np.bool_),
    )
    both = replace(matches, part=part).joined(added)
    return both[np.lexsort((both.b_end, both.a_end, both.b_start, both.a_start))]


def reworked(corpus: Corpus, words: Words, boxes: NDArray[np.int64], min_length: int) -> Fitted:
    """The passages that boxes lead to, whether or not other tiers know them, sorted by sources and place."""
    by_place = np.lexsort((boxes[:, 2], boxes[:, 0] // _STRIDE))  # so that what is looked at lies together
    fitted = fit(words, boxes[by_place])
    scratch.let_go()
    passages = _enough(corpus, words, fitted, min_length)
    scratch.let_go()
    stretches = passages.words
    while True:
        a, b = words.source[stretches[:, 0]], words.source[stretches[:, 2]]
        order = np.lexsort((stretches[:, 3], stretches[:, 1], stretches[:, 2], stretches[:, 0], b, a))
        joined = np.empty_like(stretches)
        joined = joined[: _joined(stretches[order], words.source, words.position, joined)]
        if len(joined) == len(stretches):
            return _enough(corpus, words, joined, min_length)
        stretches = joined


def _enough(corpus: Corpus, words: Words, stretches: NDArray[np.int64], min_length: int) -> Fitted:
    """The pairs of stretches that say enough, are alike enough, held together and long enough."""
    passages = measure(words, stretches)
    at = corpus.cumulated[passages.letters]
    weight = np.minimum(at[:, 1] - at[:, 0], at[:, 3] - at[:, 2])
    alike = (passages.bits >= BITS) & (passages.similarity >= ALIKE) & (glue(words, stretches) >= HELD)
    return passages[alike & (weight >= LONGER * DENSE_WEIGHT * min_length)]


@kernel("i8[:,:], i4[:], i4[:], i8[:,:]")
def _joined(stretches, source, position, out):  # type: ignore[no-untyped-def]
    """Join pairs of stretches of words, sorted by sources and place, each to one before it that lies next to it.

    Returns how many there are then in `out`.
    """
    n = 0
    for r in range(len(stretches)):
        a0 = stretches[r, 0]
        a1 = stretches[r, 1]
        b0 = stretches[r, 2]
        b1 = stretches[r, 3]
        next_to = -1
        for k in range(n - 1, max(-1, n - 1 - _BEHIND), -1):
            if source[out[k, 0]] != source[a0] or source[out[k, 2]] != source[b0]:
                break
            gap_a = position[max(a0, out[k, 0])] - position[min(a1, out[k, 1]) - 1]
            gap_b = position[max(b0, out[k, 2])] - position[min(b1, out[k, 3]) - 1]
            if gap_a <= NEXT_TO and gap_b <= NEXT_TO:
                next_to = k
                break
        if next_to < 0:
            next_to = n
            for column in range(4):
                out[n, column] = stretches[r, column]
            n += 1
        for side in range(0, 4, 2):
            out[next_to, side] = min(out[next_to, side], stretches[r, side])
            out[next_to, side + 1] = max(out[next_to, side + 1], stretches[r, side + 1])
    return n


def known_share(corpus: Corpus, passages: Fitted, matches: Matches) -> NDArray[np.float64]:
    """The share of each passage that matches of the same two sources cover, on the side where it is more: float64[n].

    `passages` sorted by sources.
    """
    starts = corpus.folded.starts
    sources = len(starts) - 1
    source = np.searchsorted(starts, passages.letters[:, (0, 2)], side="right") - 1
    pair = source[:, 0] * sources + source[:, 1]
    pair_of_match = matches.source_a.astype(np.int64) * sources + matches.source_b
    order = np.flatnonzero(np.isin(pair_of_match, pair))
    order = order[np.argsort(pair_of_match[order], kind="stable")]
    size = int(starts[-1])
    seen = scratch.column(2 * size, np.int32, letters=size).reshape(2, -1)
    covered = np.zeros(len(pair), np.float64)
    _covered(passages.letters, pair, matches.spans[order], pair_of_match[order], seen, covered)
    return covered


@kernel("i8[:,:], i8[:], i8[:,:], i8[:], i4[:,:], f8[:]")
def _covered(letters, pair, matched, matched_pair, seen, covered):  # type: ignore[no-untyped-def]
    """`seen`: int32[2, letters] zeros, scratch: the last pair of sources whose matches cover a letter, on either side.
    `letters` sorted by pair, and so are those `matched`."""
    stamp = 0
    m = 0
    for r in range(len(letters)):
        if r == 0 or pair[r] != pair[r - 1]:
            stamp += 1
            while m < len(matched) and matched_pair[m] < pair[r]:
                m += 1
            while m < len(matched) and matched_pair[m] == pair[r]:
                for side in range(2):
                    for i in range(matched[m, 2 * side], matched[m, 2 * side + 1]):
                        seen[side, i] = stamp
                m += 1
        for side in range(2):
            start = letters[r, 2 * side]
            end = letters[r, 2 * side + 1]
            count = 0
            for i in range(start, end):
                count += seen[side, i] == stamp
            covered[r] = max(covered[r], count / (end - start))


def _fills_paragraphs(
    paragraphs: Paragraphs, start: NDArray[np.int64], end: NDArray[np.int64], cover: float
) -> NDArray[np.bool_]:
    """Which stretches of letters are paragraphs to the share `cover`, but for what hangs over into the next ones."""
    head = np.searchsorted(paragraphs.last, start, side="right")
    tail = np.searchsorted(paragraphs.first, end, side="left") - 1
    into_head = np.minimum(end, paragraphs.last[head]) - start >= cover * (paragraphs.last - paragraphs.first)[head]
    into_tail = end - np.maximum(start, paragraphs.first[tail]) >= cover * (paragraphs.last - paragraphs.first)[tail]
    inner_start = np.where(into_head, start, paragraphs.last[head])
    inner_end = np.where(into_tail, end, paragraphs.first[tail])
    return np.asarray(inner_end - inner_start >= cover * (end - start), np.bool_)


def _inside(matches: Matches, letters: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which matches, sorted by place, lie inside a passage on both sides."""
    spans = matches.spans
    longest = letters[:, 1] - letters[:, 0]
    head = np.searchsorted(spans[:, 0], letters[:, 0] - longest)  # what begins before that would be longer
    inside = np.zeros(len(spans), np.bool_)
    _mark_inside(spans, letters, head, inside)
    return inside


@kernel("i8[:,:], i8[:,:], i8[:], b1[:]")
def _mark_inside(matched, letters, head, inside):  # type: ignore[no-untyped-def]
    for r in range(len(letters)):
        a0 = letters[r, 0]
        a1 = letters[r, 1]
        b0 = letters[r, 2]
        b1 = letters[r, 3]
        m = head[r]
        while m < len(matched) and matched[m, 0] < a1:
            on_a = min(matched[m, 1], a1) - max(matched[m, 0], a0)
            on_b = min(matched[m, 3], b1) - max(matched[m, 2], b0)
            if on_a >= PART * (matched[m, 1] - matched[m, 0]) and on_b >= PART * (matched[m, 3] - matched[m, 2]):
                inside[m] = True
            m += 1
