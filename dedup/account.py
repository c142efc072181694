"""Drafts -> the clusters that outputs tell, in positions of the files, and what became of the decisions on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dedup.apparatus import apparatus, bounds, marks
from dedup.collate import Point
from dedup.corpus import Corpus
from dedup.decisions import Decision
from dedup.draft import REMOVABLE, Draft
from dedup.fold import letters_key
from dedup.matches import Matches
from dedup.model import Cluster, Reading, Relation, Span, Variant, Witness
from dedup.read.decode import restore_newlines
from dedup.replay import Proposals


@dataclass(frozen=True, slots=True)
class Stale:
    """A decision that could not be carried out, or only in part, and why."""

    decision: Decision
    reason: str


def account(corpus: Corpus, draft: Draft, matches: Matches, applied: frozenset[int]) -> Cluster:
    """The cluster of a draft. `applied`: the numbers of the points that were put into the corpus."""
    places = draft.passage.places
    spans = [outer(corpus, place.source, *span) for place, span in zip(places, draft.spans, strict=True)]
    witnesses = sorted(
        Witness(
            span=spans[number],
            line=corpus.lines[place.source].line(draft.spans[number][0]),
            similarity=round(draft.collation.similarity[number], 4),
            status=draft.status[number],
            tiers=matches.tiers(draft.passage.rows[number]),
            key=letters_key(corpus.folded.letters[place.first : place.last]),
        )
        for number, place in enumerate(places)
    )
    unseen = _unseen(draft.orders, witnesses)
    variants: tuple[Variant, ...] = ()
    if draft.relation is not Relation.FORMULA and draft.passage.aligned:
        variants = tuple(_variants(corpus, draft, applied))
        if draft.orders:
            keys = [witness.key for witness in witnesses]
            variants = tuple(_decided(draft, number, variant, keys) for number, variant in enumerate(variants))
    return Cluster(
        id=draft.id,
        relation=draft.relation,
        text=draft.collation.text,
        home=spans[draft.home],
        confidence=round(draft.collation.confidence, 4),
        needs_review=bool(unseen) or any(variant.needs_review for variant in variants),
        witnesses=tuple(witnesses),
        variants=variants,
        decision=next((order.verdict for order in draft.orders if order.variant is None), None),
        unseen=unseen,
    )


def _unseen(orders: Iterable[Decision], witnesses: Sequence[Witness]) -> tuple[str, ...]:
    """The keys of the witnesses that no reviewer of the passage saw."""
    seen = [order.seen for order in orders if order.variant is None and order.verdict != "skip"]
    if not seen or not all(seen):
        return ()
    return tuple(sorted({witness.key for witness in witnesses if not any(witness.key in keys for keys in seen)}))


def _decided(draft: Draft, number: int, variant: Variant, keys: Sequence[str]) -> Variant:
    """A variant with the word on it or on its whole passage: it needs no review any more, unless a witness that came
    later reads otherwise. `keys`: of the witnesses."""
    own = draft.decided.get(number)
    word = own or next((of for of in draft.orders if of.variant is None and of.verdict in ("merge", "keep")), None)
    verdict = own.verdict if own else None
    if word is None:
        return variant
    if word.verdict == "skip":
        return replace(variant, decision=verdict)
    has = {number: _lf(variant.text) for number in range(len(keys))}  # who is not listed agrees
    has.update((reading.witness, _lf(reading.text)) for reading in variant.readings)
    known = {text for number, text in has.items() if keys[number] in word.seen}
    known |= {_lf(variant.text)} if word.verdict == "reading" else set()
    grown = bool(word.seen) and not known.issuperset(has.values())
    told: tuple[str, ...] = ("grown",) if grown else ()
    if word.verdict == "reading" and _lf(variant.text) not in (_lf(reading.text) for reading in variant.readings):
        told += ("emendation",)
    open_again = grown and (own is not None or variant.needs_review)
    reason = "a witness came later" if open_again else ""
    return replace(variant, decision=verdict, needs_review=open_again, reason=reason, tags=variant.tags + told)


def _variants(corpus: Corpus, draft: Draft, applied: frozenset[int]) -> Iterator[Variant]:
    """The variants of a draft in order, decisions aside."""
    places, medoid = draft.passage.places, draft.passage.medoid
    spans = bounds(draft.collation)
    inner = spans + np.array([[start] for start, _ in draft.spans])
    outside = np.empty_like(inner)
    for number, place in enumerate(places):
        outside[:, number] = corpus.lines[place.source].outer(inner[:, number])
    letters = slice(places[medoid].first, places[medoid].last)
    called = marks(
        corpus.sources[places[medoid].source].text[slice(*draft.spans[medoid])],
        corpus.folded.letters[letters],
        corpus.folded.offsets[letters] - draft.spans[medoid][0],
        spans[:, medoid],
    )
    readings = _readings(corpus, draft, inner.tolist(), outside.tolist())
    removable = draft.relation in REMOVABLE
    reasons = (point.reason if removable else "" for point in draft.collation.points)
    return apparatus(draft.id, draft.collation, called, readings, reasons, outside[:, draft.home, 0].tolist(), applied)


def _readings(
    corpus: Corpus, draft: Draft, inner: list[list[list[int]]], outer: list[list[list[int]]]
) -> Iterator[tuple[Reading, ...]]:
    """For each point what witnesses have: all that differ from the canonical text, and the first that agrees.

    `inner`, `outer`: for each point where each witness has it, in characters of its source and of its file.
    """
    sources = [corpus.sources[place.source] for place in draft.passage.places]
    ranks = _ranks(corpus, draft)

    def reading(point: Point, n: int, inside: list[int], outside: list[int]) -> Reading:
        (start, end), (a, b), source, differs = inside, outside, sources[n], point.differs.get(n)
        text = restore_newlines(source.text[start:end], source.newline)
        return Reading(source.path, a, b, text, ranks[n], differs.kind if differs else None)

    for number, (point, of_source, of_file) in enumerate(zip(draft.collation.points, inner, outer, strict=True)):
        who = [*point.differs, point.agrees]
        if number in draft.decided:
            texts = [source.text[slice(*span)] for source, span in zip(sources, of_source, strict=True)]
            who = [n for n, text in enumerate(texts) if text != point.text or n == texts.index(point.text)]
        yield tuple(sorted([reading(point, n, of_source[n], of_file[n]) for n in who]))


def _ranks(corpus: Corpus, draft: Draft) -> list[int]:
    """For each place of a passage its number among the cluster's witnesses, which are sorted by path and place."""
    order = sorted(
        range(len(draft.spans)),
        key=lambda n: (corpus.by_path[draft.passage.places[n].source], *draft.spans[n]),
    )
    rank = [0] * len(order)
    for number, n in enumerate(order):
        rank[n] = number
    return rank


def outer(corpus: Corpus, source: int, start: int, end: int) -> Span:
    """Characters of a source as positions of its file."""
    lines = corpus.lines[source]
    return Span(corpus.sources[source].path, lines.outer(start), lines.outer(end))


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def stale(
    corpus: Corpus,
    decisions: Iterable[Decision],
    proposals: Proposals,
    drafts: Sequence[Draft],
    applied: Mapping[str, frozenset[int]],
) -> tuple[Stale, ...]:
    """The decisions that are about nothing that is there, or are not to be seen in the corpus."""
    on_points: dict[Decision, str | None] = {}
    for draft in drafts:
        for number, order in draft.decided.items():
            why = None if order.text is None else _absent(corpus, draft, number, applied.get(draft.id, frozenset()))
            on_points[order] = why and on_points.get(order, why)
    heard = {order for draft in drafts for order in draft.orders}
    told = []
    for decision in decisions:
        missing = [key for key in decision.exclude if (decision, key) not in proposals.found]
        if decision not in proposals.bound:
            told.append(Stale(decision, "no passage has its letters"))
        elif missing:
            told.append(Stale(decision, f"the passage has no witness {', '.join(missing)}"))
        elif decision.variant is not None and decision not in heard:
            told.append(Stale(decision, "the passage was split: less than two witnesses are left"))
        elif decision.variant is not None and decision not in on_points:
            told.append(Stale(decision, "the passage has no such variant"))
        elif (reason := on_points.get(decision)) is not None:
            told.append(Stale(decision, reason))
    return tuple(told)


def _absent(corpus: Corpus, draft: Draft, number: int, applied: frozenset[int]) -> str | None:
    """Why a decided reading does not stand in the corpus; None where it does."""
    point = draft.collation.points[number]
    a, b = point.span(draft.home)
    place, (start, _) = draft.passage.places[draft.home], draft.spans[draft.home]
    if number in applied or corpus.sources[place.source].text[start + a : start + b] == point.text:
        return None
    if draft.relation not in REMOVABLE:
        return f"a passage that is {draft.relation} is logged, not merged: its text is not in the corpus"
    if any(order.verdict == "keep" for order in draft.orders):
        return "the passage is kept as it is: its text is not in the corpus"
    return "its place belongs to another passage, or has left: its text is not in the corpus"
