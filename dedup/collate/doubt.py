"""How the readings at a point differ, and how it was decided -> why an editor should look at it, or nothing."""

from __future__ import annotations

from collections.abc import Iterable

from dedup.model import VariantClass
from dedup.variant import Verdict
from dedup.vote import Copy

_NUMBER_VALUE = VariantClass.NUMBER_VALUE
_ONE_SIDED = frozenset({"short-one-sided", "long-gap", "long-insertion"})


def doubt(verdict: Verdict, *, close: bool) -> str:
    """What is doubtful where readings differ and something is at stake. `close`: there was no majority."""
    if verdict.kind is _NUMBER_VALUE:
        return NUMBER
    if not verdict.needs_review:
        return ""
    if "negation" in verdict.tags:
        return "negation"
    if "name" in verdict.tags:
        return "name"
    return "no majority" if close else ""


NUMBER = "number"
"""What is always doubtful, whoever says otherwise."""


def inside(base: Copy, start: int, end: int, verdicts: Iterable[Verdict]) -> bool:
    """Whether letters stand on both sides of a difference: at its ends a witness may have a word more or less."""
    edge = start <= base.offsets[0] or end > base.offsets[-1]
    return not edge or not _ONE_SIDED.issuperset(verdict.rule for verdict in verdicts if verdict.needs_review)
