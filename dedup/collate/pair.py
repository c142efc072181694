"""The changes of the one witness that differs from the base -> the canonical text and its points of variation.

Most passages have no more than that: their changes are their units, and at each the base stands against one reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dedup.collate.changes import Change
from dedup.collate.doubt import NUMBER, doubt, inside
from dedup.collate.points import EQUAL, Points, Row
from dedup.variant import classify_in
from dedup.vote import Copy, Duel, unopposed


def paired(
    copies: Sequence[Copy], base: int, other: int, changes: Sequence[Change], weight: Mapping[int, float]
) -> tuple[str, Points]:
    """What `Collator` says where `other` alone changes something. `weight`: of each voter, of whom the base is one."""
    pair = copies[base], copies[other]
    one, two = pair[0].text, pair[1].text
    prints = {copies[voter].letters.tobytes() for voter in weight} if len(weight) > 1 else {b""}
    standing = unopposed(len(prints))
    duel = _duel(copies, base, other, weight) if other in weight else None
    at_stake = other in weight or _alone(copies, other)
    agrees, others = int(other == 0), [witness for witness in range(len(copies)) if witness != other]
    parts: list[str] = []
    rows: list[Row] = []
    done = shift = 0  # characters of the base's text that are in `parts`; how much longer the canonical text is so far
    for change in changes:
        x0, x1, y0, y1 = change
        own, text = one[x0:x1], two[y0:y1]
        begin = x0 + shift
        if own == text:
            rows.append(((begin, x1 + shift), own, {}, 0, EQUAL, standing.vote, standing.share, ""))
            continue
        verdict = classify_in(own, one, x0, text, two, y0)
        choice = standing if duel is None else duel.choose(verdict.kind, own, text, change)
        if choice.number:
            verdict = classify_in(text, two, y0, own, one, x0)
            differs, first = dict.fromkeys(others, verdict), other
            parts += one[done:x0], text
            done = x1
            shift += len(text) - len(own)
            own = text
        else:
            differs, first = {other: verdict}, agrees
        reason = doubt(verdict, close=choice.close)
        if reason and reason != NUMBER and not ((at_stake or choice.number) and inside(pair[0], x0, x1, (verdict,))):
            reason = ""
        rows.append(((begin, x1 + shift), own, differs, first, verdict, choice.vote, choice.share, reason))
    return "".join([*parts, one[done:]]), Points(rows, _bounds(len(copies), other, changes))


def _duel(copies: Sequence[Copy], base: int, other: int, weight: Mapping[int, float]) -> Duel:
    """The vote of all others, who read what the base does, against one."""
    prints = [copies[voter].letters.tobytes() for voter in weight if voter != other]
    against = sum(weight.values()) - weight[other]
    return Duel((copies[base], copies[other]), (against, weight[other]), (len(set(prints)), 1))


def _alone(copies: Sequence[Copy], other: int) -> bool:
    """Whether the source of a witness does not also have what all others read."""
    source = copies[other].source
    return source is None or all(copy.source != source for n, copy in enumerate(copies) if n != other)


def _bounds(witnesses: int, other: int, changes: Sequence[Change]) -> NDArray[np.int64]:
    columns = np.array(changes, np.int64)
    bounds = columns[:, None, :2].repeat(witnesses, axis=1)
    bounds[:, other] = columns[:, 2:]
    return bounds
