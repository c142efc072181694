"""A passage -> its canonical text and every point at which a witness differs from it.

The base is the home's text, or the witness nearest to all others, the cleaner the nearer. Each witness is aligned
with the base (`changes`); where witnesses differ there are units of variation (`units`), and all witnesses have a
reading at each. Units are voted on, and near copies of one print vote once (`stemma`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dedup.collate.changes import Changed, changed
from dedup.collate.gaps import Pair
from dedup.collate.many import Collator
from dedup.collate.pair import paired
from dedup.collate.points import Point, Points, contested, differing, kinds_of
from dedup.collate.stemma import cleaner, elect, letter_changes, weights
from dedup.collate.units import units
from dedup.edit import equal_blocks
from dedup.vote import Copy

__all__ = [
    "Asked",
    "Collation",
    "Copy",
    "Found",
    "Point",
    "base_of",
    "bases_of",
    "beside",
    "collate",
    "collate_each",
    "differing",
    "kinds_of",
    "rebuild",
]

Found = list[Changed]
"""What each witness of a passage changes in the base."""


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
        doubtful = sum([max(1, end - start) for start, end in contested(self.points)])
        return max(0.0, 1 - doubtful / max(1, len(self.text)))


class Asked(NamedTuple):
    """A passage to collate. `base`: one of the `voters`, the witnesses whose readings may be chosen. `found`: what each
    witness changes in it, where that is known."""

    copies: Sequence[Copy]
    base: int
    voters: Iterable[int]
    found: Found | None = None


def collate(copies: Sequence[Copy], base: int, voters: Iterable[int]) -> Collation:
    """Collate the witnesses of a passage. `base` is one of the `voters`, the witnesses whose readings may be chosen.

    The work grows with what the witnesses have to say, not with the square of their number.
    """
    (collation,) = collate_each([Asked(copies, base, voters)])
    return collation


def collate_each(asked: Sequence[Asked]) -> list[Collation]:
    """`collate` many passages: what their witnesses change is found for all at once."""
    fresh = iter(_found([(of.copies, of.base) for of in asked if of.found is None]))
    return [_collated(of.copies, of.base, of.voters, of.found or next(fresh)) for of in asked]


def _collated(copies: Sequence[Copy], base: int, voters: Iterable[int], found: Found) -> Collation:
    similarity = _similarity(copies, base, [of.equal for of in found])
    changing = [witness for witness, of in enumerate(found) if of.changes]
    if not changing:
        return Collation(copies[base].text, base, (), similarity)
    weight = _weights(copies, base, sorted(set(voters)), found)
    if len(changing) == 1:
        text, points = paired(copies, base, changing[0], found[changing[0]], weight)
    else:
        apart = units(copies, base, [of.changes for of in found])
        text, rows = Collator(copies, base, weight, apart).collated()
        points = Points(rows, apart.spans)
    return Collation(text, base, points, similarity)


def _weights(copies: Sequence[Copy], base: int, voters: Sequence[int], found: Found) -> dict[int, float]:
    """How much the word of each voter weighs. Two weigh the same, whoever they are."""
    if len(voters) <= 2 or not any(found[voter].changes for voter in voters):
        return dict.fromkeys(voters, 1.0)
    changed = {voter: letter_changes(copies[base], copies[voter], found[voter].changes) for voter in voters}
    return weights(copies, changed, voters)


def beside(copies: Sequence[Copy], base: int) -> Collation:
    """The witnesses of a passage that do not line up, with no points: `base` is its text."""
    equal = {copies[base].text: len(copies[base].letters)}
    for copy in copies:
        if copy.text not in equal:
            equal[copy.text] = sum(n for _, _, n in equal_blocks(copies[base].letters, copy.letters))
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
    ((base, _),) = bases_of([(copies, center)])
    return base


def bases_of(passages: Sequence[tuple[Sequence[Copy], int]]) -> list[tuple[int, Found | None]]:
    """`base_of` the witnesses of many passages, and what each of them changes in it, where that has been found out."""
    clean = [cleaner(copies) for copies, _ in passages]
    found = iter(_found([of for of, base in zip(passages, clean, strict=True) if base is None]))
    return [
        _elected(copies, center, next(found)) if base is None else (base, None)
        for (copies, center), base in zip(passages, clean, strict=True)
    ]


def _elected(copies: Sequence[Copy], center: int, found: Found) -> tuple[int, Found | None]:
    of_letters = {number: letter_changes(copies[center], copies[number], of.changes) for number, of in enumerate(found)}
    base = elect(copies, of_letters)
    return base, found if base == center else None


def _found(passages: Sequence[tuple[Sequence[Copy], int]]) -> list[Found]:
    """What each witness of passages changes in the base, the second of each. Texts that are the same are compared
    once."""
    pairs: list[Pair] = []
    of_texts: list[dict[str, int]] = []
    for copies, base in passages:
        one = copies[base]
        number_of = {one.text: -1}
        for copy in copies:
            if copy.text not in number_of:
                number_of[copy.text] = len(pairs)
                pairs.append((one, copy))
        of_texts.append(number_of)
    every = changed(pairs)
    return [
        [
            every[n] if (n := number_of[copy.text]) >= 0 else Changed([], [], len(copies[base].letters))
            for copy in copies
        ]
        for (copies, base), number_of in zip(passages, of_texts, strict=True)
    ]
