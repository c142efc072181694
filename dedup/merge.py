"""Sources + passages -> the canonical corpus, its clusters, and the log of every difference.

Everything is computed before anything is written (write.py); the way back is restore.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

import numpy as np
from numpy.typing import NDArray

from dedup.account import accounts
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.decisions import Decision
from dedup.draft import REMOVABLE, Collated, Draft, by_size, collating, drafts_of, keys_of, passages_of, planned
from dedup.edits import Edits, Removal, apply, freeze, removals_of, take_out
from dedup.fold import Progress
from dedup.matches import Matches
from dedup.model import Cluster
from dedup.paragraphs import Paragraph, paragraphs_of
from dedup.plan import Plan
from dedup.pool import aside
from dedup.replay import Proposal, Proposals, propose
from dedup.scratch import bounded, freeing
from dedup.settle import settle
from dedup.spacing import Layouts, layouts_of, tidy
from dedup.stale import Stale, stale


@dataclass(frozen=True, slots=True)
class Merged:
    """The result of a merge. `texts`: path -> text of each corpus file; positions in all else are outer ones.

    `decisions`: those it was made with, `stale`: those of them that could not be carried out.
    """

    texts: dict[str, str]
    paragraphs: Sequence[Paragraph]
    clusters: tuple[Cluster, ...]
    removals: tuple[Removal, ...]
    layouts: Layouts
    decisions: tuple[Decision, ...] = ()
    stale: tuple[Stale, ...] = ()


def merge(
    corpus: Corpus,
    matches: Matches,
    settings: Settings,
    decisions: Sequence[Decision] = (),
    *,
    reworked: Callable[[], Matches] | None = None,
    tell: Callable[[Merged], None] | None = None,
    progress: Progress | None = None,
) -> Merged:
    """Merge a corpus in which `matches` were found, as the `decisions` of a reviewer say.

    `reworked` gives all matches where `matches` are only those that compare letters (`engine.local.scanning`). `tell`
    is called with results, the last of which is the one that is returned, while it is asked whether that is all.
    """
    with bounded(settings.memory_bytes):
        return _merge(corpus, matches, settings, decisions, reworked, tell, freeing(progress))


def _merge(
    corpus: Corpus,
    matches: Matches,
    settings: Settings,
    decisions: Sequence[Decision],
    reworked: Callable[[], Matches] | None,
    tell: Callable[[Merged], None] | None,
    progress: Progress | None,
) -> Merged:
    if reworked and decisions:  # they are bound to passages by their names, which all passages have a part in
        matches, reworked = reworked(), None
    found = passages_of(corpus, matches, settings)
    proposals = propose(corpus, found, decisions)
    decided, proposals.passages = planned(corpus, matches, proposals, settings)
    collated: Collated = {}
    told: _Told = {}
    work, processes = len(corpus.folded.letters), settings.processes
    alone = replace(settings, jobs=1)  # for a look, while others work: one step after the other takes less memory
    last = settings if tell is None and settings.memory_bytes is None else alone  # then nobody works in the end
    # Most of what stands side by side now does so in the bare texts, before readings are chosen.
    with aside(_look_at_bare, corpus, decided, proposals, alone, decisions, work=work, jobs=processes) as asked:
        keys = keys_of(proposals.passages, decided)
        with collating(corpus, proposals.passages, keys, collated, settings.jobs, progress=progress):
            if reworked:
                matches = reworked()
                found = passages_of(corpus, matches, settings, known=found)
                proposals = _at_home(propose(corpus, found), proposals)
                # There is little to these: other processes would take longer to learn what characters are.
                fresh = [of for of in proposals.passages if not of.passage.aligned]
                with collating(corpus, fresh, keys_of(fresh, decided), collated):
                    pass
        more = _more(corpus, decided, proposals, *asked())
    for turn in count():
        decided = more or decided
        passages = proposals.passages
        keys = keys_of(passages, decided)
        with collating(corpus, passages, keys, collated, settings.jobs, progress=progress):
            edits = _without(corpus, decided, proposals)
        drafts = drafts_of(corpus, passages, decided, keys, collated)
        moving = by_size([draft for draft in drafts if draft.relation in REMOVABLE])
        applied = apply(corpus, moving, edits)
        tidy(corpus, edits)
        texts = edits.texts()
        reached = partial(_reached, progress, turn)
        reached(0)
        with aside(settle, corpus, edits, texts, last, decisions, work=work, jobs=processes) as asked:
            merged = Merged(
                texts,
                paragraphs_of(corpus, edits, texts, moving),
                _clusters(corpus, drafts, matches, applied, told),
                removals_of(corpus, edits, moving),
                layouts_of(corpus, edits),
                tuple(decisions),
                stale(corpus, decisions, proposals, drafts, applied),
            )
            reached(1)
            if tell:  # that is mostly all
                tell(merged)
            reached(2)
            more = _more(corpus, decided, proposals, *asked())
        if more is None:
            break
    reached(_STEPS)
    return merged


_STEPS = 3  # from a merged text on: it is taken down, told, and looked at


def _reached(progress: Progress | None, turn: int, step: int) -> None:
    if progress:
        progress("settle", _STEPS * turn + step, _STEPS * (turn + 1))


def _at_home(proposals: Proposals, planned: Proposals) -> Proposals:
    """All passages with the homes of those that were `planned`: nothing of what is reworked leaves."""
    homes = (of.home for of in planned.passages)
    proposals.passages = [of.at_home(next(homes)) if of.passage.aligned else of for of in proposals.passages]
    return proposals


def _look_at_bare(
    corpus: Corpus, decided: Plan, proposals: Proposals, settings: Settings, decisions: Sequence[Decision]
) -> tuple[NDArray[np.bool_], list[Proposal]]:
    """What would leave the sources too when what is decided has left them (`settle`), and has an anchor: the rest is
    seen in the merged texts."""
    edits = _without(corpus, decided, proposals)
    tidy(corpus, edits)
    return settle(corpus, edits, edits.texts(), settings, decisions, anchored=True)


def _more(
    corpus: Corpus, decided: Plan, proposals: Proposals, gone: NDArray[np.bool_], found: Sequence[Proposal]
) -> Plan | None:
    """The plan by which what was found leaves too, with its passages taken in; None if that is nothing."""
    gone = gone & ~(decided.gone | proposals.letters(corpus))
    if not proposals.keep(found) and not gone.any():
        return None
    proposals.add(of for of in found if any(gone[place.first : place.last].any() for place in of.passage.places))
    return decided.without(gone)


_Told = dict[str, tuple[Draft, frozenset[int], Cluster]]
"""What was told of drafts already, by their ids: the draft, which of its points were applied, and its cluster."""


def _clusters(
    corpus: Corpus, drafts: Sequence[Draft], matches: Matches, applied: Mapping[str, frozenset[int]], told: _Told
) -> tuple[Cluster, ...]:
    """The clusters of drafts by place; what was `told` is not told again."""
    points = {draft.id: applied.get(draft.id, frozenset()) for draft in drafts}
    fresh = [of for of in drafts if of.id not in told or told[of.id][:2] != (of, points[of.id])]
    put = [points[draft.id] for draft in fresh]
    of_fresh = accounts(corpus, fresh, matches, put)
    told.update((of[0].id, of) for of in zip(fresh, put, of_fresh, strict=True))
    clusters = (told[draft.id][2] for draft in drafts)
    return tuple(sorted(clusters, key=lambda cluster: (cluster.witnesses[0].span, cluster.id)))


def _without(corpus: Corpus, decided: Plan, proposals: Proposals) -> Edits:
    """The sources without what leaves them."""
    edits = Edits(corpus)
    take_out(corpus, decided, edits)
    freeze(corpus, proposals.frozen, edits)
    return edits
