"""Decisions and the drafts they were heard for -> those that could not be carried out, each with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dedup.corpus import Corpus
from dedup.decisions import Decision
from dedup.draft import REMOVABLE, Draft
from dedup.replay import Proposals


@dataclass(frozen=True, slots=True)
class Stale:
    """A decision that could not be carried out, or only in part, and why."""

    decision: Decision
    reason: str


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
