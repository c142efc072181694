"""Sources + passages -> the canonical corpus, its clusters, and the log of every difference.

Everything is computed before anything is written (write.py); the way back is restore.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dedup.account import Stale, account, stale
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.decisions import Decision
from dedup.draft import REMOVABLE, Collated, by_size, collating, drafts_of, keys_of, passages_of, planned
from dedup.edits import Edits, Layout, Removal, apply, emend, freeze, layouts_of, removals_of, take_out, tidy
from dedup.fold import Progress
from dedup.matches import Matches
from dedup.model import Cluster
from dedup.paragraphs import Paragraph, paragraphs_of
from dedup.plan import Plan
from dedup.replay import Proposals, propose
from dedup.scratch import bounded, freeing
from dedup.settle import settle


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
    while True:
        passages = proposals.passages
        keys = keys_of(passages, decided)
        with collating(corpus, passages, keys, collated, settings.jobs, progress=progress):
            edits = _without(corpus, decided, proposals)
        drafts = drafts_of(corpus, passages, decided, keys, collated)
        moving = [draft for draft in drafts if draft.relation in REMOVABLE]
        emended = {draft.id: emend(corpus, draft, edits) for draft in by_size(moving)}
        applied = {draft.id: apply(corpus, draft, edits) | emended[draft.id] for draft in by_size(moving)}
        tidy(corpus, edits)
        texts = edits.texts()
        more = _settled(corpus, edits, texts, decided, proposals, settings, decisions)
        if more is None:
            break
        decided = more
    removals, layouts = removals_of(corpus, edits, moving), layouts_of(corpus, edits)
    clusters = tuple(account(corpus, draft, matches, applied.get(draft.id, frozenset())) for draft in drafts)
    clusters = tuple(sorted(clusters, key=lambda cluster: (cluster.witnesses[0].span, cluster.id)))
    paragraphs = paragraphs_of(corpus, edits, texts, moving)
    told = stale(corpus, decisions, proposals, drafts, applied)
    return Merged(texts, paragraphs, clusters, removals, layouts, tuple(decisions), told)


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
