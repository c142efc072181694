"""Drafts -> the clusters that outputs tell, in positions of the files, with what was decided on them.

What a draft is made of says all that its variants say, in a small part of the memory: so they are made when somebody
asks for them, and not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dedup.apparatus import apparatus
from dedup.collate import outline
from dedup.corpus import Corpus
from dedup.decisions import Decision
from dedup.draft import REMOVABLE, Draft
from dedup.entries import Entry, Has, entries, ranked
from dedup.fold import letters_key
from dedup.lazy import Lazy
from dedup.matches import Matches
from dedup.model import Cluster, Reading, Relation, Source, Span, Variant, VariantClass, Witness
from dedup.read.decode import restore_newlines


def account(corpus: Corpus, draft: Draft, matches: Matches, applied: frozenset[int]) -> Cluster:
    """The cluster of a draft. `applied`: the numbers of the points that were put into the corpus."""
    places = draft.passage.places
    spans = [outer(corpus, place.source, *span) for place, span in zip(places, draft.spans, strict=True)]
    letters, similarity = corpus.folded.letters, draft.collation.similarity
    witnesses = sorted(
        [
            Witness(
                span,
                corpus.lines[place.source].line(start),
                round(alike, 4),
                status,
                matches.tiers(rows),
                letters_key(letters[place.first : place.last]),
            )
            for place, span, (start, _), alike, status, rows in zip(
                places, spans, draft.spans, similarity, draft.status, draft.passage.rows, strict=True
            )
        ]
    )
    unseen = _unseen(draft.orders, witnesses)
    variants: Sequence[Variant] = ()
    if draft.relation is not Relation.FORMULA and draft.passage.aligned and draft.collation.points:
        variants = Variants(corpus, draft, applied)
        if draft.orders:
            keys = [witness.key for witness in witnesses]
            variants = tuple(_decided(draft, number, variant, keys) for number, variant in enumerate(variants))
    return Cluster(
        id=draft.id,
        relation=draft.relation,
        text=draft.collation.text,
        home=spans[draft.home],
        confidence=round(draft.collation.confidence, 4),
        needs_review=bool(unseen) or any(open_ for _, open_ in _outline(variants)),
        witnesses=tuple(witnesses),
        variants=variants,
        decision=next((order.verdict for order in draft.orders if order.variant is None), None),
        unseen=unseen,
    )


class Variants(Lazy[Variant]):
    """The variants of a draft in order, decisions aside, made anew whenever they are asked for."""

    __slots__ = ("_corpus", "_draft", "applied")

    def __init__(self, corpus: Corpus, draft: Draft, applied: frozenset[int]):
        self._corpus, self._draft, self.applied = corpus, draft, applied

    def __len__(self) -> int:
        return len(self._draft.collation.points)

    def __iter__(self) -> Iterator[Variant]:
        draft, (told,) = self._draft, entries(self._corpus, [self._draft])
        places = draft.passage.places
        sources = [self._corpus.sources[places[n].source] for n in ranked(self._corpus, draft)]
        readings = (tuple([_reading(sources[has[0]], has) for has in entry.readings]) for entry in told)
        reasons = (entry.point.reason if draft.relation in REMOVABLE else "" for entry in told)
        called, starts = [entry.mark for entry in told], [entry.start for entry in told]
        return apparatus(draft.id, draft.collation, called, readings, reasons, starts, self.applied)

    def outline(self) -> Iterator[tuple[VariantClass, bool]]:
        """The class of each, and whether it needs review: quick."""
        removable = self._draft.relation in REMOVABLE
        points = outline(self._draft.collation.points)
        return ((verdict.kind, removable and contested) for verdict, _, contested in points)


def outlines(clusters: Iterable[Cluster]) -> Iterator[tuple[VariantClass, bool]]:
    """The class of every variant, and whether it needs review."""
    for cluster in clusters:
        yield from _outline(cluster.variants)


def entries_of(several: Sequence[Variants]) -> Iterator[list[Entry]]:
    """What several variants of one corpus are made of, which is quicker than making them."""
    return entries(several[0]._corpus, [of._draft for of in several]) if several else iter(())


def _reading(source: Source, has: Has) -> Reading:
    witness, start, end, text, verdict = has
    kind = verdict.kind if verdict else None
    return Reading(source.path, start, end, restore_newlines(text, source.newline), witness, kind)


def _outline(variants: Sequence[Variant]) -> Iterator[tuple[VariantClass, bool]]:
    if isinstance(variants, Variants):
        return variants.outline()
    return ((variant.kind, variant.needs_review) for variant in variants)


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
        return variant._replace(decision=verdict)
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
    return variant._replace(decision=verdict, needs_review=open_again, reason=reason, tags=variant.tags + told)


def outer(corpus: Corpus, source: int, start: int, end: int) -> Span:
    """Characters of a source as positions of its file."""
    lines = corpus.lines[source]
    return Span(corpus.sources[source].path, lines.outer(start), lines.outer(end))


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
