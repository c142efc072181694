"""The changes of the one witness that differs from the base -> the canonical text and its points of variation.

Most passages have no more than that: their changes are their units, and at each the base stands against one reading.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain

import numpy as np

from dedup.collate.changes import Change, Changed
from dedup.collate.doubt import NUMBER, doubt, inside
from dedup.collate.points import EQUAL, Kind, Points, Row, Standing, bounds_of, kind_of
from dedup.variant import Verdict, classify_in
from dedup.vote import Choice, Copy, Duel, unopposed


class Pair:
    """The base and the witnesses that all say the same against it somewhere.

    `others`: their numbers, in order. `weight`: of each voter, of whom the base is one.
    """

    def __init__(self, copies: Sequence[Copy], base: int, others: Sequence[int], weight: Mapping[int, float]):
        away = [witness for witness in others if witness in weight] if len(weight) > 1 else []
        self.copies = copies
        self.others = others
        self.rest = [witness for witness in range(len(copies)) if witness not in others]
        self.other = away[0] if away else others[0]  # who speaks for them
        self.two = copies[base], copies[self.other]
        self.texts = copies[base].text, copies[self.other].text
        self.standing = unopposed(_prints(copies, weight))
        self.duel = None
        if away:
            against = sum([weight[voter] for voter in away])
            votes = _prints(copies, weight.keys() - away), _prints(copies, away)
            self.duel = Duel(self.two, (sum(weight.values()) - against, against), votes)

    def row(self, change: Change, own: str, text: str, at: int, *, common: bool = False) -> Row:
        """The point of a change from the base's `own` reading to `text`, which begins `at` a character of the canonical
        text. `common`: see `changes.Changed`."""
        if own == text:
            return (at, at + len(own)), own, {}, 0, kind_of(EQUAL, self.standing.vote, self.standing.share, "")
        if self.duel is None:
            kind = self.kind(change, own, text, common=common)
            return (at, at + len(own)), own, dict.fromkeys(self.others, kind.verdict), self.rest[0], kind
        x0, x1, y0, _ = change
        one, two = self.texts
        verdict = classify_in(own, one, x0, text, two, y0, common=common)
        choice = self.duel.choose(verdict.kind, own, text, change)
        if choice.number:
            verdict = classify_in(text, two, y0, own, one, x0)
            differs, agrees, own = dict.fromkeys(self.rest, verdict), self.others[0], text
        else:
            differs, agrees = dict.fromkeys(self.others, verdict), self.rest[0]
        return (at, at + len(own)), own, differs, agrees, self._told(verdict, choice, x0, x1)

    def kind(self, change: Change, own: str, text: str, *, common: bool = False) -> Kind:
        """What is told of a change from the base's `own` reading to another `text` where none of those who say so has a
        vote. `common`: see `changes.Changed`."""
        x0, x1, y0, _ = change
        verdict = classify_in(own, self.texts[0], x0, text, self.texts[1], y0, common=common)
        return self._told(verdict, self.standing, x0, x1)

    def _told(self, verdict: Verdict, choice: Choice, start: int, end: int) -> Kind:
        reason = doubt(verdict, close=choice.close)
        if reason and reason != NUMBER and not (self._at_stake() and inside(self.two[0], start, end, (verdict,))):
            reason = ""
        return kind_of(verdict, choice.vote, choice.share, reason)

    def _at_stake(self) -> bool:
        """Whether a reading could be lost, or another text says otherwise."""
        agreeing = {self.copies[witness].source for witness in self.rest} - {None}
        return self.duel is not None or any(self.copies[witness].source not in agreeing for witness in self.others)


def _prints(copies: Sequence[Copy], voters: Collection[int]) -> int:
    return len(voters) if len(voters) < 2 else len({copies[voter].letters.tobytes() for voter in voters})


def paired(
    copies: Sequence[Copy], base: int, other: int, found: Changed, weight: Mapping[int, float]
) -> tuple[str, Points]:
    """What `Collator` says where `other` alone changes something."""
    pair = Pair(copies, base, (other,), weight)
    one, two = pair.texts
    spans = np.fromiter(chain.from_iterable(found.changes), np.int64, 4 * len(found.changes)).reshape(-1, 4)
    if pair.duel is None:
        columns = zip(found.changes, found.common, strict=True)
        kinds = [pair.kind(of, one[of[0] : of[1]], two[of[2] : of[3]], common=common) for of, common in columns]
        return one, Standing(one, other, len(copies), spans, kinds)
    parts: list[str] = []
    rows: list[Row] = []
    done = shift = 0  # characters of the base's text that are in `parts`; how much longer the canonical text is so far
    for change, common in zip(found.changes, found.common, strict=True):
        x0, x1, y0, y1 = change
        own = one[x0:x1]
        row = pair.row(change, own, two[y0:y1], x0 + shift, common=common)
        rows.append(row)
        if row[1] != own:
            parts += one[done:x0], row[1]
            done = x1
            shift += len(row[1]) - len(own)
    if not parts:
        return one, Standing(one, other, len(copies), spans, [kind for *_, kind in rows])
    return "".join([*parts, one[done:]]), Points(rows, bounds_of(spans, other, len(copies)))
