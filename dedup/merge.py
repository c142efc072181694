"""Sources + passages -> the canonical corpus, its clusters, and the log of every difference.

Everything is computed before anything is written (write.py); the way back is restore.py.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dedup.accept import Matches
from dedup.apparatus import apparatus, mark
from dedup.collate import Point
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.draft import REMOVABLE, Collated, Draft, by_size, copy_of, drafts_of, passages_of, planned
from dedup.edits import Edits, Layout, Removal, Shift, apply, remove, tidy
from dedup.fold import Progress, letters_key
from dedup.model import Cluster, Reading, Relation, Span, Variant, Witness
from dedup.read.decode import restore_newlines
from dedup.settle import settle


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the corpus: `span` in the corpus file, `source` where it came from."""

    id: str
    span: Span
    text: str
    cluster: str | None
    witnesses: int
    source: Span


@dataclass(frozen=True, slots=True)
class Merged:
    """The result of a merge. `texts`: path -> text of each corpus file; positions in all else are outer ones."""

    texts: dict[str, str]
    paragraphs: tuple[Paragraph, ...]
    clusters: tuple[Cluster, ...]
    removals: tuple[Removal, ...]
    layouts: tuple[Layout, ...]


def merge(corpus: Corpus, matches: Matches, settings: Settings, *, progress: Progress | None = None) -> Merged:
    """Merge a corpus in which `matches` were found."""
    passages = passages_of(corpus, matches, settings)
    decided, homes = planned(corpus, matches, passages, settings)
    collated: Collated = {}
    while True:
        drafts = drafts_of(corpus, passages, homes, decided, collated, settings.jobs, progress=progress)
        moving = [draft for draft in drafts if draft.relation in REMOVABLE]
        edits = Edits(corpus)
        removals = remove(corpus, decided, moving, edits)
        applied = {draft.id: apply(corpus, draft, edits) for draft in by_size(moving)}
        layouts = tidy(corpus, edits)
        texts = edits.texts()
        gone, more = settle(corpus, edits, texts, settings)
        if not (gone & ~decided.gone).any():
            break
        decided = decided.without(gone)
        passages += [(passage, relation) for passage, relation, _ in more]
        homes += [home for *_, home in more]
    clusters = tuple(_cluster(corpus, draft, matches, applied.get(draft.id, frozenset())) for draft in drafts)
    clusters = tuple(sorted(clusters, key=lambda cluster: (cluster.witnesses[0].span, cluster.id)))
    paragraphs = sorted(_paragraphs(corpus, edits, texts, moving), key=lambda paragraph: paragraph.span)
    return Merged(texts, tuple(paragraphs), clusters, removals, layouts)


def _cluster(corpus: Corpus, draft: Draft, matches: Matches, applied: frozenset[int]) -> Cluster:
    places = draft.passage.places
    spans = [_outer(corpus, place.source, *span) for place, span in zip(places, draft.spans, strict=True)]
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
    ranks = _ranks(corpus, draft)
    variants: tuple[Variant, ...] = ()
    if draft.relation is not Relation.FORMULA:
        removable = draft.relation in REMOVABLE
        medoid, _ = copy_of(corpus, draft.passage.places[draft.passage.medoid])
        variants = tuple(
            apparatus(
                draft.id,
                draft.collation,
                lambda point: mark(medoid, point.spans[draft.passage.medoid]),
                lambda point: sorted(_readings(corpus, draft, ranks, point)),
                lambda point: point.contested and removable,
                applied,
            )
        )
    return Cluster(
        id=draft.id,
        relation=draft.relation,
        text=draft.collation.text,
        home=spans[draft.home],
        confidence=round(draft.collation.confidence, 4),
        needs_review=any(variant.needs_review for variant in variants),
        witnesses=tuple(witnesses),
        variants=variants,
    )


def _outer(corpus: Corpus, source: int, start: int, end: int) -> Span:
    lines = corpus.lines[source]
    return Span(corpus.sources[source].path, lines.outer(start), lines.outer(end))


def _readings(corpus: Corpus, draft: Draft, ranks: list[int], point: Point) -> Iterator[Reading]:
    """What witnesses have at a point: all that differ from the canonical text, and the first that agrees."""
    agreed = False
    for n, (place, (start, _), (a, b)) in enumerate(zip(draft.passage.places, draft.spans, point.spans, strict=True)):
        source = corpus.sources[place.source]
        if source.text[start + a : start + b] == point.text:
            if agreed:
                continue
            agreed = True
        span = _outer(corpus, place.source, start + a, start + b)
        text = restore_newlines(source.text[start + a : start + b], source.newline)
        yield Reading(span.path, span.start, span.end, text, ranks[n])


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


def _paragraphs(corpus: Corpus, edits: Edits, texts: dict[str, str], drafts: Sequence[Draft]) -> Iterator[Paragraph]:
    """The paragraphs of the corpus in reading order."""
    paragraphs = corpus.paragraphs
    at_home: dict[int, list[tuple[int, int, Draft]]] = defaultdict(list)
    for draft in by_size(drafts):
        at_home[draft.passage.places[draft.home].source].append((*draft.spans[draft.home], draft))
    taken: Counter[str] = Counter()
    for number, source in enumerate(corpus.sources):
        if source.path not in texts:
            continue
        text = texts[source.path]
        where, homes = Shift(edits.of[number]), _Homes(at_home[number])
        done = 0
        for u in np.flatnonzero(paragraphs.source == number):
            start, end = int(paragraphs.start[u]), int(paragraphs.end[u])
            a, b = where(start), where(end, after=True)
            piece = text[a:b]
            a, b = a + len(piece) - len(piece.lstrip()), b - len(piece) + len(piece.rstrip())
            a, done = max(a, done), max(b, done)
            if a >= b:
                continue
            here = homes.most_of(start, end)
            key = hashlib.sha256(text[a:b].encode("utf-8", "surrogatepass")).hexdigest()[:12]
            taken[key] += 1
            yield Paragraph(
                id=key if taken[key] == 1 else f"{key}-{taken[key]}",
                span=Span(source.path, a, b),
                text=text[a:b],
                cluster=here.id if here else None,
                witnesses=len(here.passage.places) if here else 1,
                source=_outer(corpus, number, start, end),
            )


class _Homes:
    """The homes in one source, to be asked in reading order. `drafts`: start, end and draft, longest texts first."""

    def __init__(self, drafts: Sequence[tuple[int, int, Draft]]):
        ranked = ((start, end, rank, draft) for rank, (start, end, draft) in enumerate(drafts))
        self.waiting = sorted(ranked, key=lambda home: home[:3], reverse=True)
        self.open: list[tuple[int, int, int, Draft]] = []

    def most_of(self, start: int, end: int) -> Draft | None:
        """The longest draft whose home covers most of characters `[start, end)`."""
        while self.waiting and self.waiting[-1][0] < end:
            self.open.append(self.waiting.pop())
        self.open = [home for home in self.open if home[1] > start]
        covering = [home for home in self.open if 2 * (min(home[1], end) - max(home[0], start)) > end - start]
        return min(covering, key=lambda home: home[2])[3] if covering else None
