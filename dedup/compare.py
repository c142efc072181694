"""Two sources and the matches between them -> their differences in the first one's order, and what only one has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dedup.account import accounts
from dedup.apparatus import apparatus, bounds, marks
from dedup.cluster import Place
from dedup.collate import Point, collate
from dedup.config import Settings
from dedup.copies import copies_of, spans_of
from dedup.corpus import Corpus
from dedup.draft import Draft, passages_of
from dedup.fold import letters_key
from dedup.matches import RELATIONS, Matches
from dedup.model import Cluster, Reading, Relation, Span, Status, Variant
from dedup.read.decode import restore_newlines
from dedup.replay import propose
from dedup.script import DENSE_WEIGHT


@dataclass(frozen=True, slots=True)
class Parallel:
    """A passage that two sources share. `letters`: of the first's side. `variants`: as in the diff log, where the
    first source's text is the canonical one and each variant has its reading and then the second's."""

    a: Span
    b: Span
    relation: Relation
    similarity: float
    letters: int
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Alone:
    """A stretch of a source that stands in no passage."""

    span: Span
    letters: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sources side by side, in the first one's order. Formulas are no passages: they say nothing here."""

    parallels: tuple[Parallel, ...]
    only_a: tuple[Alone, ...]
    only_b: tuple[Alone, ...]


def compare(corpus: Corpus, matches: Matches, a: int, b: int, settings: Settings) -> Comparison:
    """Compare sources `a` and `b` of a corpus in which `matches` were found."""
    across = matches[np.flatnonzero(_between(matches, a, b) | _between(matches, b, a))]
    sides = [sorted(across.sides(row), key=lambda side: side[0] != a) for row in range(len(across))]
    order = sorted(range(len(across)), key=sides.__getitem__)
    parallels = []
    for row in order:
        relation = RELATIONS[across.relation[row]]
        if relation is not Relation.FORMULA:
            similarity = round(float(across.similarity[row]), 4)
            parallels.append(_parallel(corpus, Place(*sides[row][0]), Place(*sides[row][1]), relation, similarity))
    only_a = _alone(corpus, a, [side for side, _ in sides], settings)
    only_b = _alone(corpus, b, [side for _, side in sides], settings)
    return Comparison(tuple(parallels), tuple(only_a), tuple(only_b))


def _between(matches: Matches, a: int, b: int) -> NDArray[np.bool_]:
    return np.asarray((matches.source_a == a) & (matches.source_b == b), np.bool_)


def _parallel(corpus: Corpus, a: Place, b: Place, relation: Relation, similarity: float) -> Parallel:
    span_a, span_b = sides = spans_of(corpus, (a, b))
    copy_a, copy_b = copies_of(corpus, (a, b), sides)
    collation = collate((copy_a, copy_b), 0, [0])
    key = letters_key(copy_a.letters)
    places = ((a.source, *span_a), (b.source, *span_b))

    spans = bounds(collation)
    readings = (
        tuple(
            _reading(corpus, number, source, start + x, start + y)
            for number, ((source, start, _), (x, y)) in enumerate(zip(places, of, strict=True))
        )
        for of in spans.tolist()
    )
    return Parallel(
        a=_span(corpus, *places[0]),
        b=_span(corpus, *places[1]),
        relation=relation,
        similarity=similarity,
        letters=a.last - a.first,
        variants=tuple(
            apparatus(
                key,
                collation,
                marks(copy_a.text, copy_a.letters, copy_a.offsets, spans[:, 0]),
                readings,
                map(_reason, collation.points),
                (point.at[0] for point in collation.points),
            )
        ),
    )


def _reason(point: Point) -> str:
    """Why an editor should look where nobody votes."""
    return point.reason or ("letters differ" if point.verdict.needs_review else "")


def _reading(corpus: Corpus, witness: int, source: int, start: int, end: int) -> Reading:
    of = corpus.sources[source]
    span = _span(corpus, source, start, end)
    return Reading(span.path, span.start, span.end, restore_newlines(of.text[start:end], of.newline), witness)


def _span(corpus: Corpus, source: int, start: int, end: int) -> Span:
    lines = corpus.lines[source]
    return Span(corpus.sources[source].path, lines.outer(start), lines.outer(end))


def _alone(corpus: Corpus, source: int, places: list[tuple[int, int, int]], settings: Settings) -> Iterator[Alone]:
    """The stretches that no match covers and that are long enough to have been one."""
    done, stop = (int(at) for at in corpus.folded.starts[source : source + 2])
    for _, first, last in [*sorted(places), (source, stop, stop)]:
        weight = int(corpus.cumulated[max(first, done)] - corpus.cumulated[done])
        if weight >= DENSE_WEIGHT * settings.min_length:
            yield Alone(_span(corpus, source, *corpus.characters(done, first)), first - done)
        done = max(done, last)


def collate_texts(corpus: Corpus, matches: Matches, order: Sequence[int], settings: Settings) -> tuple[Cluster, ...]:
    """The passages that the sources share, each collated over all places where it stands, in the first text's order.

    `order`: the sources as they were named. The text of the first of them that has a passage is the canonical one
    there: it is compared with, not voted on. Formulas, what has no alignment and what one source says
    twice are no passages here.
    """
    rank = {source: number for number, source in enumerate(order)}
    passages = [
        of
        for of in passages_of(corpus, matches, settings)
        if of[1] is not Relation.FORMULA and of[0].aligned and len({place.source for place in of[0].places}) > 1
    ]
    found = []
    for of in propose(corpus, passages).passages:
        places = of.passage.places
        home = min(range(len(places)), key=lambda n: (rank[places[n].source], places[n].first))
        status = tuple(Status.HOME if number == home else Status.KEPT for number in range(len(places)))
        spans = spans_of(corpus, places)
        collation = collate(copies_of(corpus, places, spans), home, [home])
        draft = Draft(of.name, of.passage, of.relation, home, status, collation, spans)
        (cluster,) = accounts(corpus, [draft], matches, [frozenset()])
        variants = tuple(
            variant._replace(needs_review=bool(reason), reason=reason)
            for variant, reason in zip(cluster.variants, map(_reason, collation.points), strict=True)
        )
        review = any(variant.needs_review for variant in variants)
        at = rank[places[home].source], places[home].first, places[home].last
        found.append((at, replace(cluster, variants=variants, needs_review=review)))
    return tuple(cluster for _, cluster in sorted(found, key=lambda item: (item[0], item[1].id)))
