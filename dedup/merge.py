"""Sources + passages -> the canonical corpus, its clusters, and the log of every difference.

Everything is computed before anything is written (write.py); the way back is restore.py.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dedup.account import Stale, account, outer, stale
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.decisions import Decision
from dedup.draft import REMOVABLE, Collated, Draft, by_size, collating, drafts_of, passages_of, planned
from dedup.edits import (
    Crossing,
    Edits,
    Layout,
    Removal,
    Shift,
    apply,
    emend,
    freeze,
    removals_of,
    take_out,
    tidy,
)
from dedup.fold import Progress
from dedup.matches import Matches
from dedup.model import Cluster, Span
from dedup.plan import Plan
from dedup.replay import Proposals, propose
from dedup.scratch import bounded, freeing
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
    """The result of a merge. `texts`: path -> text of each corpus file; positions in all else are outer ones.

    `decisions`: those it was made with, `stale`: those of them that could not be carried out.
    """

    texts: dict[str, str]
    paragraphs: tuple[Paragraph, ...]
    clusters: tuple[Cluster, ...]
    removals: tuple[Removal, ...]
    layouts: tuple[Layout, ...]
    decisions: tuple[Decision, ...] = ()
    stale: tuple[Stale, ...] = ()


def merge(
    corpus: Corpus,
    matches: Matches,
    settings: Settings,
    decisions: Sequence[Decision] = (),
    *,
    progress: Progress | None = None,
) -> Merged:
    """Merge a corpus in which `matches` were found, as the `decisions` of a reviewer say."""
    with bounded(settings.memory_bytes):
        return _merge(corpus, matches, settings, decisions, freeing(progress))


def _merge(
    corpus: Corpus, matches: Matches, settings: Settings, decisions: Sequence[Decision], progress: Progress | None
) -> Merged:
    proposals = propose(corpus, passages_of(corpus, matches, settings), decisions)
    decided, proposals.passages = planned(corpus, matches, proposals, settings)
    collated: Collated = {}
    with collating(corpus, proposals.passages, decided, collated, settings.jobs, progress=progress):
        edits = _without(corpus, decided, proposals)
        tidy(corpus, edits)
        decided = _settled(corpus, edits, edits.texts(), decided, proposals, settings, decisions) or decided
    while True:
        with collating(corpus, proposals.passages, decided, collated, settings.jobs, progress=progress):
            edits = _without(corpus, decided, proposals)
        drafts = drafts_of(corpus, proposals.passages, decided, collated)
        moving = [draft for draft in drafts if draft.relation in REMOVABLE]
        emended = {draft.id: emend(corpus, draft, edits) for draft in by_size(moving)}
        applied = {draft.id: apply(corpus, draft, edits) | emended[draft.id] for draft in by_size(moving)}
        layouts = tidy(corpus, edits)
        texts = edits.texts()
        more = _settled(corpus, edits, texts, decided, proposals, settings, decisions)
        if more is None:
            break
        decided = more
    removals = removals_of(corpus, edits, moving)
    clusters = tuple(account(corpus, draft, matches, applied.get(draft.id, frozenset())) for draft in drafts)
    clusters = tuple(sorted(clusters, key=lambda cluster: (cluster.witnesses[0].span, cluster.id)))
    paragraphs = sorted(_paragraphs(corpus, edits, texts, moving), key=lambda paragraph: paragraph.span)
    told = stale(corpus, decisions, proposals, drafts, applied)
    return Merged(texts, tuple(paragraphs), clusters, removals, layouts, tuple(decisions), told)


def _without(corpus: Corpus, decided: Plan, proposals: Proposals) -> Edits:
    """The sources without what leaves them."""
    edits = Edits(corpus)
    take_out(corpus, decided, edits)
    freeze(corpus, proposals.frozen, edits)
    return edits


def _settled(
    corpus: Corpus,
    edits: Edits,
    texts: dict[str, str],
    decided: Plan,
    proposals: Proposals,
    settings: Settings,
    decisions: Sequence[Decision],
) -> Plan | None:
    """The plan by which that leaves as well which merging the result would take out, None where that is nothing."""
    gone, more = settle(corpus, edits, texts, settings, decisions)
    gone &= ~(decided.gone | proposals.letters(corpus))
    if not proposals.keep(more) and not gone.any():
        return None
    proposals.add(of for of in more if any(gone[place.first : place.last].any() for place in of.passage.places))
    return decided.without(gone)


def _paragraphs(corpus: Corpus, edits: Edits, texts: dict[str, str], drafts: Sequence[Draft]) -> Iterator[Paragraph]:
    """The paragraphs of the corpus in reading order."""
    paragraphs = corpus.paragraphs
    at_home: dict[int, list[tuple[int, int, Draft]]] = defaultdict(list)
    for draft in by_size(drafts):
        at_home[draft.passage.places[draft.home].source].append((*draft.spans[draft.home], draft))
    taken: Counter[str] = Counter()
    bounds = np.searchsorted(paragraphs.source, np.arange(len(corpus.sources) + 1))
    for number, source in enumerate(corpus.sources):
        if source.path not in texts:
            continue
        text = texts[source.path]
        where, homes = Shift(edits.of[number]), Crossing(at_home[number])
        done = 0
        own = slice(bounds[number], bounds[number + 1])
        for start, end in zip(paragraphs.start[own].tolist(), paragraphs.end[own].tolist(), strict=True):
            a, b = where(start), where(end, after=True)
            piece = text[a:b]
            a, b = a + len(piece) - len(piece.lstrip()), b - len(piece) + len(piece.rstrip())
            a, done = max(a, done), max(b, done)
            if a >= b:
                continue
            most = (draft for x, y, draft in homes(start, end) if 2 * (min(y, end) - max(x, start)) > end - start)
            here = next(most, None)  # the longest
            key = hashlib.sha256(text[a:b].encode("utf-8", "surrogatepass")).hexdigest()[:12]
            taken[key] += 1
            yield Paragraph(
                id=key if taken[key] == 1 else f"{key}-{taken[key]}",
                span=Span(source.path, a, b),
                text=text[a:b],
                cluster=here.id if here else None,
                witnesses=len(here.passage.places) if here else 1,
                source=outer(corpus, number, start, end),
            )
