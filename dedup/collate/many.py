"""The units of variation of many witnesses, and who votes -> the canonical text and what is to be told of each unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dedup.collate.doubt import NUMBER, doubt, inside
from dedup.collate.pair import Pair
from dedup.collate.points import EQUAL, Row, kind_of
from dedup.collate.units import Touch, Units
from dedup.variant import Verdict, classify_in, most_serious
from dedup.vote import Candidate, Choice, Copy, choose, unopposed


class Collator:
    """The state of one collation: who votes, and what was judged already."""

    def __init__(self, copies: Sequence[Copy], base: int, weight: dict[int, float], units: Units):
        self.copies = copies
        self.texts = [copy.text for copy in copies]
        self.base = base
        self.weight = weight
        self.units = units
        self.spans: list[list[list[int]]] = units.spans.tolist()
        self.pairs: dict[tuple[int, ...], Pair] = {}
        self.judged: dict[tuple[str, str, int, int], Verdict] = {}
        prints: dict[bytes, int] = {}
        self.prints = {voter: prints.setdefault(copies[voter].letters.tobytes(), len(prints)) for voter in weight}
        self.of_print: list[set[int]] = [set() for _ in prints]
        for voter, number in self.prints.items():
            self.of_print[number].add(voter)
        self.whole_weight = sum(weight.values())
        self.unopposed = unopposed(len(prints)), base

    def collated(self) -> tuple[str, list[Row]]:
        """The canonical text, and the points of variation without their bounds, of which each unit has one."""
        base = self.texts[self.base]
        parts: list[str] = []
        rows: list[Row] = []
        size = done = 0
        for unit, spans in enumerate(self.spans):
            start, end = spans[self.base]
            size += start - done
            row = self._row(unit, base[start:end], size)
            size = row[0][1]
            parts += base[done:start], row[1]
            rows.append(row)
            done = end
        return "".join([*parts, base[done:]]), rows

    def _row(self, unit: int, own: str, at: int) -> Row:
        alike = self._alike(unit)
        row = self._paired(unit, alike, own, at) if alike else None
        return row if row and row[1] == own else self._voted(unit, own, at)

    def _alike(self, unit: int) -> tuple[int, ...]:
        """Who differs at a unit, if all have the same there and nothing of their changes is at other units."""
        touched = self.units.touched[unit]
        if self.units.run[unit] is not None or any(touch != (unit, unit) for touch in touched.values()):
            return ()
        alike = tuple(sorted(touched))
        if len(alike) > 1 and len({self._reading(unit, witness) for witness in alike}) > 1:
            return ()
        return alike

    def _paired(self, unit: int, alike: tuple[int, ...], own: str, at: int) -> Row:
        """What is to be told if the base stands: else it matters what stands around the readings of the others."""
        pair = self.pairs.get(alike)
        if pair is None:
            pair = self.pairs[alike] = Pair(self.copies, self.base, alike, self.weight)
        (x0, x1), (y0, y1) = self.spans[unit][self.base], self.spans[unit][pair.other]
        return pair.row((x0, x1, y0, y1), own, self.texts[pair.other][y0:y1], at)

    def _voted(self, unit: int, own: str, at: int) -> Row:
        choice, chosen, differs = self._chosen(unit, own)
        text = own if chosen == self.base else self._reading(unit, chosen)
        verdict = most_serious(differs.values()) if differs else EQUAL
        agrees = 0
        while agrees in differs:
            agrees += 1
        reason = doubt(verdict, close=choice.close)
        if reason and reason != NUMBER and not (self._at_stake(differs) and self._inside(unit, differs)):
            reason = ""
        return (at, at + len(text)), text, differs, agrees, kind_of(verdict, choice.vote, choice.share, reason)

    def _chosen(self, unit: int, own: str) -> tuple[Choice, int, dict[int, Verdict]]:
        """The choice at a unit, the first witness that has what was chosen, and how those differ that have not."""
        touched = self.units.touched[unit]
        by_text: dict[str, list[int]] = {}
        for witness in touched if len(touched) == 1 else sorted(touched):
            text = self._reading(unit, witness)
            if text != own:  # a part of a change may be none
                by_text.setdefault(text, []).append(witness)
        choice, chosen = self._choose(unit, own, by_text)
        differ: Iterable[int]
        if chosen != self.base:
            same = next(of for of in by_text.values() if chosen in of)
            differ = [witness for witness in range(len(self.copies)) if witness not in same]
        elif len(by_text) == len(touched) == 1:
            differ = touched
        else:
            differ = sorted([witness for of in by_text.values() for witness in of])
        return choice, chosen, {witness: self._verdict(unit, chosen, witness) for witness in differ}

    def _at_stake(self, differs: dict[int, Verdict]) -> bool:
        """Whether a reading could be lost, or another text says otherwise: a text that has both readings, each where
        it stands, means both."""
        if any(witness in self.weight for witness in differs):
            return True
        agreeing = {copy.source for n, copy in enumerate(self.copies) if n not in differs and copy.source is not None}
        return any(self.copies[witness].source not in agreeing for witness in differs)

    def _inside(self, unit: int, differs: dict[int, Verdict]) -> bool:
        start, end = self.spans[unit][self.base]
        return inside(self.copies[self.base], start, end, differs.values())

    def _choose(self, unit: int, own: str, by_text: dict[str, list[int]]) -> tuple[Choice, int]:
        """The choice among the voters' readings, and the first voter that has the chosen one."""
        if len(self.weight) == 1:
            return self.unopposed
        away = [witness for of in by_text.values() for witness in of if witness in self.weight]
        if not away:
            return self.unopposed
        gone = {self.prints[witness] for witness in away}
        votes = len(self.of_print) - sum([self.of_print[number].issubset(away) for number in gone])
        weight = self.whole_weight - sum([self.weight[witness] for witness in away])
        candidates = [self._candidate(unit, self.base, own, weight, votes)]
        first = [self.base]
        for text, witnesses in sorted(by_text.items()):
            voters = [witness for witness in witnesses if witness in self.weight]
            if voters:
                of = sum([self.weight[voter] for voter in voters])
                votes = len({self.prints[voter] for voter in voters})
                candidates.append(self._candidate(unit, voters[0], text, of, votes))
                first.append(voters[0])
        choice = choose(candidates, lambda number: self._verdict(unit, self.base, first[number]))
        return choice, first[choice.number]

    def _candidate(self, unit: int, witness: int, text: str, weight: float, votes: int) -> Candidate:
        start, end = self.spans[unit][witness]
        return Candidate(self.copies[witness], (start, end), text, weight, votes)

    def _reading(self, unit: int, witness: int) -> str:
        start, end = self.spans[unit][witness]
        return self.texts[witness][start:end]

    def _verdict(self, unit: int, one: int, other: int) -> Verdict:
        """How the reading of `other` differs from that of `one`, seen over the whole of their changes here."""
        low, high = self._whole(unit, one, other)
        text, other_text = self.texts[one], self.texts[other]
        first, last = self.spans[low], self.spans[high]
        a, b, c, d = first[one][0], last[one][1], first[other][0], last[other][1]
        x, y = text[a:b], other_text[c:d]
        if x == y:  # they differ only as parts of the whole
            low = high = unit
            (a, b), (c, d) = self.spans[unit][one], self.spans[unit][other]
            x, y = text[a:b], other_text[c:d]
        known = (x, y, low, high)
        verdict = self.judged.get(known)
        if verdict is None:
            verdict = self.judged[known] = classify_in(x, text, a, y, other_text, c)
        return verdict

    def _whole(self, unit: int, one: int, other: int) -> Touch:
        """The first and the last unit of the changes that two witnesses have at a unit."""
        touched, run = self.units.touched[unit], self.units.run[unit]
        if one not in touched or other not in touched:
            reach = touched[one] if one in touched else touched[other]
            return reach if run is None else (min(reach[0], run[0]), max(reach[1], run[1]))
        (a, b), (c, d) = touched[one], touched[other]
        return min(a, c), max(b, d)
