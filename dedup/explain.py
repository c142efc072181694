"""Two lines -> why they are a match, or which gate on the way to one is closed and by how much.

The stages are run again over the sources, and each is asked what it saw of the two lines. The gates are those of
anchor.py, chain.py, lsh.py, accept.py and rework.py, with the constants of those rooms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from dedup.accept import INFORMATION, accept, information, least_similarity
from dedup.align import EQUAL, GAP, align
from dedup.anchor import MANY, Anchors
from dedup.boxes import POINTS, boxes
from dedup.chain import MIN_SCORE, Chains
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.edit import equal_blocks
from dedup.evidence import evidence, shared_shingles
from dedup.fit import fit, measure
from dedup.glue import HELD, glue, stretches_of
from dedup.lsh import bands
from dedup.match import Stages, stages
from dedup.matches import Matches
from dedup.model import Evidence, Tier
from dedup.rework import ALIKE, BITS, KNOWN, LONGER, known_share, with_reworked
from dedup.script import DENSE_WEIGHT
from dedup.seed import SEED_WEIGHT
from dedup.sketch import jaccard, shingle_lengths, signatures
from dedup.words import Words, rare


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a source: the letters `[first, last)` in it; `paragraph`: the number of the one it belongs to."""

    source: int
    number: int
    first: int
    last: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two stretches of letters have in common. `estimate`: the Jaccard similarity that MinHash sees."""

    jaccard: float
    containment_a: float
    containment_b: float
    estimate: float
    bands: int  # that agree
    all_bands: int


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition on the way to a match: what was measured of the two lines, what it asks for, and if they pass."""

    tier: Tier
    what: str
    measured: float
    needed: float
    unit: str
    open: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A match (a row of `Explanation.matches`) that touches both lines. `facing`: letters of the one line that
    stand equal to letters of the other; `faced`: the letters that line a faces, a half-open range."""

    row: int
    evidence: Evidence
    likeness: Likeness
    facing: int
    faced: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All there is to say of two lines, with `matches` turned so that their first sides may touch `a`.

    A line of a source that is the copy of another is explained by the same line of that one: `a` and `b` are then
    lines of the originals, and one line where both sources are copies of one text. `gates` are the ones passed up
    to the closed one of each tier, where there is no match. `beside`: matches between the two sources that touch
    one of the lines.
    """

    a: Line
    b: Line
    matches: Matches
    found: tuple[Found, ...]
    paragraphs: Likeness | None
    gates: tuple[Gate, ...]
    beside: tuple[int, ...]


def line_of(corpus: Corpus, source: int, number: int) -> Line:
    """A line by its 1-based number. Raises `IndexError` where the source has no such line."""
    start, end = corpus.lines[source].span(number)
    base, stop = corpus.folded.starts[source : source + 2]
    first, last = base + np.searchsorted(corpus.folded.offsets[base:stop], (start, end))
    paragraph = int(np.searchsorted(corpus.paragraphs.last, first, side="right"))
    return Line(source, number, int(first), int(last), paragraph)


def explain(corpus: Corpus, settings: Settings, a: Line, b: Line) -> Explanation:
    """Explain two lines of a corpus; both must have letters, and they must differ."""
    a, b = _in_original(corpus, a), _in_original(corpus, b)
    ran = stages(corpus, settings)
    told = with_reworked(corpus, ran.words, ran.matches, ran.anchors, settings)
    matches = told if a.first < b.first else _turned(told)
    if a == b:
        return Explanation(a, b, matches, (), None, (), ())
    touching = np.flatnonzero(_touch(matches, a, b)).tolist()
    places = ran.anchors.places
    found = tuple(_found(corpus, settings, matches, row, places, a, b) for row in touching)
    paragraphs = None
    if a.paragraph != b.paragraph:
        paragraphs = likeness(corpus, settings, *_paragraph(corpus, a.paragraph), *_paragraph(corpus, b.paragraph))
    in_order = (a, b) if a.first < b.first else (b, a)
    gates = () if found else tuple(_gates(corpus, settings, ran, *in_order, paragraphs))
    beside = () if found else tuple(np.flatnonzero(_beside(matches, a, b)).tolist())
    return Explanation(a, b, matches, found, paragraphs, gates, beside)


def likeness(corpus: Corpus, settings: Settings, x0: int, x1: int, y0: int, y1: int) -> Likeness:
    """What the letters `[x0, x1)` and `[y0, y1)` have in common, counted and as MinHash LSH sees it."""
    letters = corpus.folded.letters
    first, last = np.array([x0, y0], np.int64), np.array([x1, y1], np.int64)
    length = int(shingle_lengths(letters, first, last).min())
    signed = signatures(letters, first, last, num_perm=settings.num_perm, seed=settings.seed)
    b, r = bands(settings.lsh_threshold, settings.num_perm)
    agreeing = (signed[0, : b * r] == signed[1, : b * r]).reshape(b, r).all(axis=1)
    shared = shared_shingles(letters[x0:x1], letters[y0:y1], length)
    return Likeness(*shared, jaccard(signed[0], signed[1]), int(agreeing.sum()), b)


def _in_original(corpus: Corpus, line: Line) -> Line:
    """The line in the first source that has the same text: only there it is matched."""
    original = int(corpus.original[line.source])
    return line if original == line.source else line_of(corpus, original, line.number)


def _turned(matches: Matches) -> Matches:
    """The same matches, their second sides first."""
    return replace(
        matches,
        source_a=matches.source_b,
        source_b=matches.source_a,
        a_start=matches.b_start,
        b_start=matches.a_start,
        a_end=matches.b_end,
        b_end=matches.a_end,
    )


def _touch(matches: Matches, a: Line, b: Line) -> NDArray[np.bool_]:
    """Which matches touch line a with their first side and line b with their second."""
    return (
        (matches.a_start < a.last) & (matches.a_end > a.first) & (matches.b_start < b.last) & (matches.b_end > b.first)
    )


def _beside(matches: Matches, a: Line, b: Line) -> NDArray[np.bool_]:
    same = (matches.source_a == a.source) & (matches.source_b == b.source)
    on_a = (matches.a_start < a.last) & (matches.a_end > a.first)
    on_b = (matches.b_start < b.last) & (matches.b_end > b.first)
    return np.asarray(same & (on_a | on_b), np.bool_)


def _found(
    corpus: Corpus, settings: Settings, matches: Matches, row: int, places: NDArray[np.int32], a: Line, b: Line
) -> Found:
    (_, x0, x1), (_, y0, y1) = matches.sides(row)
    facing, faced = 0, []
    for x, y, n in equal_blocks(corpus.folded.letters[x0:x1], corpus.folded.letters[y0:y1]):
        low, high = max(x + x0, a.first), min(x + x0 + n, a.last)
        if low < high:
            to = y + y0 - x - x0
            faced += [low + to, high + to]
            facing += max(0, min(high + to, b.last) - max(low + to, b.first))
    span = (min(faced), max(faced)) if faced else (y0, y0)
    why = next(evidence(corpus, matches[np.array([row])], places, settings))
    return Found(row, why, likeness(corpus, settings, x0, x1, y0, y1), facing, span)


def _gates(
    corpus: Corpus, settings: Settings, ran: Stages, a: Line, b: Line, paragraphs: Likeness | None
) -> Iterator[Gate]:
    yield from _up_to_closed(_anchor_gates(corpus, settings, ran, a, b))
    if paragraphs is not None:
        yield from _up_to_closed(_lsh_gates(corpus, settings, ran, a, b, paragraphs))
    yield from _up_to_closed(_words_gates(corpus, settings, ran, a, b))


def _up_to_closed(gates: Iterator[Gate]) -> Iterator[Gate]:
    for gate in gates:
        yield gate
        if not gate.open:
            return


def _anchor_gates(corpus: Corpus, settings: Settings, ran: Stages, a: Line, b: Line) -> Iterator[Gate]:
    found, chained = ran.anchors, ran.chains
    facing = np.flatnonzero(_facing(found, a, b))
    x, _, run = _longest_run(corpus, a, b)
    weight = int(corpus.cumulated[x + run] - corpus.cumulated[x])
    yield _at_least("anchor", "the longest run of letters in both lines", weight, SEED_WEIGHT, "weight")
    if len(facing) == 0:
        places = int(found.places[x : x + run].max(initial=0))
        what = "the places of that run: where it stands in more, only neighbours are compared"
        yield Gate("anchor", what, places, MANY, "places", False)
        return
    holding = _chains_with(chained, facing)
    weights = corpus.cumulated[found.a[facing] + found.length[facing]] - corpus.cumulated[found.a[facing]]
    score = max((int(chained.score[c]) for c in holding), default=int(weights.max()))
    yield _at_least("anchor", "the best chain of such runs", score, MIN_SCORE, "weight")
    if not holding:
        return
    any_length = accept(
        corpus, align(corpus, found, chained), found.places, ran.candidates, replace(settings, min_length=1)
    )
    rows = np.flatnonzero(_touch(any_length, a, b))
    if len(rows):
        (_, x0, x1), (_, y0, y1) = any_length.sides(int(rows[np.argmax(any_length.equal[rows])]))
    else:
        best = max(holding, key=lambda c: int(chained.score[c]))
        head, tail = chained.members[[chained.bounds[best], chained.bounds[best + 1] - 1]]
        x0, x1 = int(found.a[head]), int(found.a[tail] + found.length[tail])
        y0, y1 = int(found.b[head]), int(found.b[tail] + found.length[tail])
    yield from _alignment_gates(corpus, settings, "anchor", (x0, x1, y0, y1))
    equal = LCSseq.similarity(corpus.letters(x0, x1), corpus.letters(y0, y1))
    points = np.array([_score(corpus, x0, x1, y0, y1, equal)], np.int64)
    said = information(np.array([x0], np.int64), np.array([x1], np.int64), points, found.places, corpus.weights)
    what = "what the equal letters say: letters that stand in many places say little"
    yield _at_least("anchor", what, round(float(said[0]), 1), INFORMATION, "weight")
    yield _glue_gate("anchor", ran.words, stretches_of(ran.words, np.array([[x0, x1, y0, y1]], np.int64)))


def _score(corpus: Corpus, x0: int, x1: int, y0: int, y1: int, equal: int) -> int:
    """What an alignment scores of whose letters so many stand equal, the others against nothing."""
    weight = int(corpus.cumulated[x1] - corpus.cumulated[x0] + corpus.cumulated[y1] - corpus.cumulated[y0])
    same = weight * 2 * equal // max(1, x1 - x0 + y1 - y0)
    return EQUAL * same // 2 + GAP * (weight - same)


def _lsh_gates(corpus: Corpus, settings: Settings, ran: Stages, a: Line, b: Line, alike: Likeness) -> Iterator[Gate]:
    what = f"the bands in which the paragraphs agree, of {alike.all_bands}"
    yield _at_least("lsh", what, alike.bands, 1, "bands")
    p, q = sorted((a.paragraph, b.paragraph))
    paired = bool(((ran.candidates.a == p) & (ran.candidates.b == q)).any())
    yield _at_least("lsh", "paired: in a large bucket only neighbours are", int(paired), 1, "pairs")
    sides = (*_paragraph(corpus, a.paragraph), *_paragraph(corpus, b.paragraph))
    yield _at_least("lsh", "the similarity of the paragraphs", _similarity(corpus, sides), settings.similarity, "")
    yield from _alignment_gates(corpus, settings, "lsh", sides)


def _words_gates(corpus: Corpus, settings: Settings, ran: Stages, a: Line, b: Line) -> Iterator[Gate]:
    yield _at_least("words", "the texts: none is reworked from itself", 1 + (a.source != b.source), 2, "texts")
    its_words = ran.words
    of_a, of_b = (its_words.number[slice(*np.searchsorted(its_words.first, (x.first, x.last)))] for x in (a, b))
    common = np.intersect1d(of_a, of_b)
    few = common[its_words.places[common] <= rare(its_words.places)]
    share = float(its_words.share[its_words.at[its_words.bounds[few]]].sum())
    points = share + int(_facing(ran.anchors, a, b).sum())
    passages = measure(its_words, fit(its_words, boxes(corpus, its_words, ran.anchors)))
    x0, x1, y0, y1 = passages.letters.T
    passages = passages[(x0 < a.last) & (x1 > a.first) & (y0 < b.last) & (y1 > b.first)]
    if len(passages.bits) == 0:
        yield Gate("words", "rare words and runs of letters in both lines", points, POINTS, "points", False)
        return
    yield Gate("words", "rare words and runs of letters in both lines", points, POINTS, "points", True)
    best = passages[passages.bits == passages.bits.max()]
    at = corpus.cumulated[best.letters[0]]
    length = float(min(at[1] - at[0], at[3] - at[2])) / DENSE_WEIGHT
    what = "the length of what has the same words (a multiple of --min-length)"
    yield _at_least("words", "what the words say that both sides have", float(best.bits[0]), BITS, "bits")
    yield _at_least("words", "the share of the letters that stand in such words", float(best.similarity[0]), ALIKE, "")
    yield _at_least("words", what, length, LONGER * settings.min_length, "letters")
    yield _glue_gate("words", its_words, best.words)
    fresh = 1 - float(known_share(corpus, best, ran.matches)[0])
    yield _at_least("words", "the share that no other match covers", fresh, 1 - KNOWN, "")


def _alignment_gates(
    corpus: Corpus, settings: Settings, tier: Tier, sides: tuple[int, int, int, int]
) -> Iterator[Gate]:
    """Long enough, and similar enough to be the same text at all."""
    x0, x1, y0, y1 = sides
    weight = int(min(corpus.cumulated[x1] - corpus.cumulated[x0], corpus.cumulated[y1] - corpus.cumulated[y0]))
    length = weight / DENSE_WEIGHT
    yield _at_least(tier, "the length of what is aligned (--min-length)", length, settings.min_length, "letters")
    floor = float(least_similarity(weight))
    yield _at_least(tier, "the similarity of what is aligned", _similarity(corpus, sides), floor, "")


def _glue_gate(tier: Tier, its_words: Words, stretches: NDArray[np.int64]) -> Gate:
    what = "the share of the frequent words of one side that the other has"
    return _at_least(tier, what, float(glue(its_words, stretches)[0]), HELD, "")


def _at_least(tier: Tier, what: str, measured: float, needed: float, unit: str) -> Gate:
    return Gate(tier, what, measured, needed, unit, measured >= needed)


def _similarity(corpus: Corpus, sides: tuple[int, int, int, int]) -> float:
    x0, x1, y0, y1 = sides
    equal = LCSseq.similarity(corpus.letters(x0, x1), corpus.letters(y0, y1))
    return 2 * equal / max(1, x1 - x0 + y1 - y0)


def _facing(found: Anchors, a: Line, b: Line) -> NDArray[np.bool_]:
    """Which anchors hold a letter of line a against a letter of line b."""
    low = np.maximum(np.maximum(found.a, a.first), b.first - found.b + found.a)
    high = np.minimum(np.minimum(found.a + found.length, a.last), b.last - found.b + found.a)
    return np.asarray(low < high, np.bool_)


def _chains_with(chained: Chains, members: NDArray[np.int64]) -> list[int]:
    """The chains that hold any of some anchors."""
    at = np.flatnonzero(np.isin(chained.members, members))
    return sorted(set((np.searchsorted(chained.bounds, at, side="right") - 1).tolist()))


def _longest_run(corpus: Corpus, a: Line, b: Line) -> tuple[int, int, int]:
    """The longest run of letters that two lines have in common: where it stands in each, and its length."""
    x, y = corpus.folded.letters[a.first : a.last], corpus.folded.letters[b.first : b.last]
    best = (a.first, b.first, 0)
    ending = np.zeros(len(y) + 1, np.int64)  # the run that ends with each letter of y
    for at, letter in enumerate(x.tolist()):
        ending[1:] = np.where(y == letter, ending[:-1] + 1, 0)
        end = int(ending.argmax())
        if ending[end] > best[2]:
            run = int(ending[end])
            best = (a.first + at + 1 - run, b.first + end - run, run)
    return best


def _paragraph(corpus: Corpus, number: int) -> tuple[int, int]:
    return int(corpus.paragraphs.first[number]), int(corpus.paragraphs.last[number])
