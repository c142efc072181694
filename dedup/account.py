"""Drafts -> the clusters that outputs tell, in positions of the files, with what was decided on them.

What a draft is made of says all that its variants say, in a small part of the memory: so they are made when somebody
asks for them, and not kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, islice, pairwise

import numpy as np

from dedup.apparatus import apparatus
from dedup.collate import kinds_of
from dedup.corpus import Corpus
from dedup.decisions import Decision
from dedup.draft import REMOVABLE, Draft
from dedup.entries import Entries, entries
from dedup.fold import letters_key
from dedup.lazy import Lazy
from dedup.matches import Matches
from dedup.model import Cluster, Reading, Relation, Span, Variant, VariantClass, Witness
from dedup.spans import by_source


def accounts(
    corpus: Corpus, drafts: Sequence[Draft], matches: Matches, applied: Sequence[frozenset[int]]
) -> list[Cluster]:
    """The clusters of drafts. `applied`: of each, the numbers of the points that were put into the corpus."""
    told = _witnesses(corpus, drafts, matches)
    return [_cluster(corpus, *of) for of in zip(drafts, told, applied, strict=True)]


def _cluster(corpus: Corpus, draft: Draft, told: Sequence[Witness], applied: frozenset[int]) -> Cluster:
    """The cluster of a draft. `told`: its witnesses in the order of its places."""
    witnesses = sorted(told)
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
        home=told[draft.home].span,
        confidence=round(draft.collation.confidence, 4),
        needs_review=bool(unseen or _outline(variants)[1]),
        witnesses=tuple(witnesses),
        variants=variants,
        decision=next((order.verdict for order in draft.orders if order.variant is None), None),
        unseen=unseen,
    )


def _witnesses(corpus: Corpus, drafts: Sequence[Draft], matches: Matches) -> Iterator[list[Witness]]:
    """The witnesses of each draft in the order of its places; where they stand is worked out for all at once."""
    source = np.array([place.source for draft in drafts for place in draft.passage.places], np.int64)
    inner = np.array([span for draft in drafts for span in draft.spans], np.int64).reshape(-1, 2)
    outer, line = inner.copy(), np.empty(len(inner), np.int64)
    for number, own in by_source(source):
        lines = corpus.lines[number]
        outer[own], line[own] = lines.outer(inner[own]), lines.line(inner[own, 0])
    letters, paths = corpus.folded.letters, [source.path for source in corpus.sources]
    tiers = cache(matches.tiers)  # most places of a passage are there by the same matches
    new = tuple.__new__  # what a named tuple's own way in comes to, in a third of the time
    spans = [new(Span, (paths[n], *span)) for n, span in zip(source.tolist(), outer.tolist(), strict=True)]
    where = zip(spans, line.tolist(), strict=True)
    for draft in drafts:
        of, alike = draft.passage, draft.collation.similarity
        witnesses = zip(islice(where, len(of.places)), of.places, of.rows, alike, draft.status, strict=True)
        yield [
            new(Witness, (span, at, round(alike, 4), status, tiers(rows), letters_key(letters[first:last])))
            for (span, at), (_, first, last), rows, alike, status in witnesses
        ]


class Variants(Lazy[Variant]):
    """The variants of a draft in order, decisions aside, made anew whenever they are asked for."""

    __slots__ = ("_corpus", "_draft", "_outlined", "applied")

    def __init__(self, corpus: Corpus, draft: Draft, applied: frozenset[int]):
        self._corpus, self._draft, self.applied = corpus, draft, applied
        self._outlined: tuple[list[VariantClass], list[VariantClass]] | None = None

    def __len__(self) -> int:
        return len(self._draft.collation.points)

    def __iter__(self) -> Iterator[Variant]:
        draft, told = self._draft, entries(self._corpus, [self._draft])
        kinds = (verdict.kind if verdict else None for verdict in told.verdict)
        columns = (told.path, told.start, told.end, told.text, told.witness, kinds)
        readings = list(map(Reading, *columns))
        has = (tuple(readings[first:last]) for first, last in pairwise(told.bounds))
        reasons = (row[-1].reason if draft.relation in REMOVABLE else "" for row in told.points)
        return apparatus(draft.id, draft.collation, told.marks, has, reasons, told.starts, self.applied)

    def outline(self) -> tuple[list[VariantClass], list[VariantClass]]:
        """The class of each, and those of the ones that need review: quick."""
        if self._outlined is None:
            kinds = kinds_of(self._draft.collation.points)
            review = [of.verdict.kind for of in kinds if of.reason] if self._draft.relation in REMOVABLE else []
            self._outlined = [of.verdict.kind for of in kinds], review
        return self._outlined


def outlines(clusters: Iterable[Cluster]) -> tuple[Counter[VariantClass], Counter[VariantClass]]:
    """How many variants there are of each class, and how many of them need review."""
    told = [_outline(cluster.variants) for cluster in clusters]
    every, review = (Counter(chain.from_iterable(of)) for of in (zip(*told, strict=True) if told else ((), ())))
    return every, review


def _outline(variants: Sequence[Variant]) -> tuple[list[VariantClass], list[VariantClass]]:
    if isinstance(variants, Variants):
        return variants.outline()
    return [of.kind for of in variants], [of.kind for of in variants if of.needs_review]


def entries_of(several: Sequence[Variants]) -> Entries:
    """What several variants of one corpus are made of, which is quicker than making them."""
    return entries(several[0]._corpus, [of._draft for of in several])


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


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
