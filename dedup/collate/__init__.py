"""A passage -> its canonical text and every point at which a witness differs from it.

The base is the home's text, or the witness nearest to all others, the cleaner the nearer. Each witness is aligned
with the base (`changes`); where witnesses differ there are units of variation (`units`), and all witnesses have a
reading at each. Units are voted on, and near copies of one print vote once (`stemma`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dedup.collate.changes import Change, changes
from dedup.collate.points import Point, Points, Row, differing, outline
from dedup.collate.stemma import elect, letter_changes, weights
from dedup.collate.units import Touch, Units, units
from dedup.edit import equal_blocks
from dedup.model import VariantClass
from dedup.variant import Verdict, classify_in, most_serious
from dedup.vote import Candidate, Choice, Copy, choose, unopposed

__all__ = ["Collation", "Copy", "Point", "base_of", "beside", "collate", "differing", "outline", "rebuild"]


@dataclass(frozen=True, slots=True)
class Collation:
    """The canonical text of a passage, and its points of variation in order.

    `base`: which witness the text follows where nothing else was decided. `similarity[i]`: of witness i's letters
    to the base's (normalised Indel similarity).
    """

    text: str
    base: int
    points: Sequence[Point]
    similarity: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """The share of the text's characters that no contested point covers."""
        doubtful = sum([max(1, size) for _, size, contested in outline(self.points) if contested])
        return max(0.0, 1 - doubtful / max(1, len(self.text)))


def collate(copies: Sequence[Copy], base: int, voters: Iterable[int]) -> Collation:
    """Collate the witnesses of a passage. `base` is one of the `voters`, the witnesses whose readings may be chosen.

    The work grows with what the witnesses have to say, not with the square of their number.
    """
    found, equal = _changes(tuple(copies), base)
    voting = sorted(set(voters))
    at_stake = any(found[voter] for voter in voting)
    changed = {voter: letter_changes(copies[base], copies[voter], found[voter]) for voter in voting if at_stake}
    weight = weights(copies, changed, voting) if at_stake else dict.fromkeys(voting, 1.0)
    apart = units(copies, base, found)
    text, rows = _Collator(copies, base, weight, apart).collated()
    return Collation(text, base, Points(rows, apart.spans) if rows else (), _similarity(copies, base, equal))


def beside(copies: Sequence[Copy], base: int) -> Collation:
    """The witnesses of a passage that do not line up, with no points: `base` is its text."""
    equal = {copy.text: sum(n for _, _, n in equal_blocks(copies[base].letters, copy.letters)) for copy in copies}
    return Collation(copies[base].text, base, (), _similarity(copies, base, [equal[copy.text] for copy in copies]))


def _similarity(copies: Sequence[Copy], base: int, equal: Sequence[int]) -> tuple[float, ...]:
    """Of each witness's letters to the base's. `equal`: how many of them stand equal."""
    size = len(copies[base].letters)
    return tuple(2 * n / max(1, size + len(copy.letters)) for n, copy in zip(equal, copies, strict=True))


def rebuild(collation: Collation, witness: int, text: str) -> str:
    """A witness's text again, from the canonical text and its readings (`text` is sliced only at its readings)."""
    parts: list[str] = []
    done = 0
    for point in collation.points:
        start, end = point.bounds[witness].tolist()
        parts += collation.text[done : point.at[0]], text[start:end]
        done = point.at[1]
    return "".join([*parts, collation.text[done:]])


def base_of(copies: Sequence[Copy], center: int) -> int:
    """The witness that differs least from all others and has the least debris. `center`: one that is like many."""
    found, _ = _changes(tuple(copies), center)
    changed = {number: letter_changes(copies[center], copies[number], of) for number, of in enumerate(found)}
    return elect(copies, changed)


@lru_cache(1)  # a base is often the one that it was looked for around
def _changes(copies: tuple[Copy, ...], base: int) -> tuple[list[list[Change]], list[int]]:
    """What each witness changes in the base, and how many letters it leaves equal. Copies are aligned once."""
    known: dict[str, tuple[list[Change], int]] = {copies[base].text: ([], len(copies[base].letters))}
    for copy in copies:
        if copy.text not in known:
            blocks = equal_blocks(copies[base].letters, copy.letters)
            known[copy.text] = changes(copies[base], copy, blocks), sum(n for _, _, n in blocks)
    return [known[copy.text][0] for copy in copies], [known[copy.text][1] for copy in copies]


class _Collator:
    """The state of one collation: who votes, and what was judged already."""

    def __init__(self, copies: Sequence[Copy], base: int, weight: dict[int, float], units: Units):
        self.copies = copies
        self.texts = [copy.text for copy in copies]
        self.base = base
        self.weight = weight
        self.units = units
        self.spans: list[list[list[int]]] = units.spans.tolist()
        self.judged: dict[tuple[str, str, int, int], Verdict] = {}
        prints: dict[bytes, int] = {}
        self.prints = {voter: prints.setdefault(copies[voter].letters.tobytes(), len(prints)) for voter in weight}
        self.of_print: list[set[int]] = [set() for _ in prints]
        for voter, number in self.prints.items():
            self.of_print[number].add(voter)
        self.whole_weight = sum(weight.values())
        self.unopposed = unopposed(len(prints)), base

    def collated(self) -> tuple[str, list[Row]]:
        base = self.texts[self.base]
        parts: list[str] = []
        rows: list[Row] = []
        size = done = 0
        for unit, spans in enumerate(self.spans):
            start, end = spans[self.base]
            own = base[start:end]
            choice, chosen, differs = self._chosen(unit, own)
            text = own if chosen == self.base else self._reading(unit, chosen)
            verdict = most_serious(differs.values()) if differs else _EQUAL
            agrees = 0
            while agrees in differs:
                agrees += 1
            reason = _reason(verdict, choice)
            if reason and reason != "number" and not (self._at_stake(differs) and self._inside(unit, differs)):
                reason = ""
            size += start - done
            at = size
            size += len(text)
            parts += base[done:start], text
            rows.append(((at, size), text, differs, agrees, verdict, choice.vote, choice.share, reason))
            done = end
        return "".join([*parts, base[done:]]), rows

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
        """Whether letters stand on both sides of a difference: at its ends a witness may have a word more or less."""
        start, end = self.spans[unit][self.base]
        offsets = self.copies[self.base].offsets
        edge = start <= offsets[0] or end > offsets[-1]
        telling = (verdict.rule for verdict in differs.values() if verdict.needs_review)
        return not edge or not _ONE_SIDED.issuperset(telling)

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


_ONE_SIDED = frozenset({"short-one-sided", "long-gap", "long-insertion"})
_EQUAL = Verdict(VariantClass.SEGMENTATION, (), False, "equal")


def _reason(verdict: Verdict, choice: Choice) -> str:
    """Why an editor should look at a point, or nothing."""
    if verdict.kind is VariantClass.NUMBER_VALUE:
        return "number"
    if not verdict.needs_review:
        return ""
    if "negation" in verdict.tags:
        return "negation"
    if "name" in verdict.tags:
        return "name"
    return "no majority" if choice.close else ""
