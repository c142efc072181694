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
from dedup.collate.many import Collator
from dedup.collate.pair import paired
from dedup.collate.points import Point, Points, differing, outline
from dedup.collate.stemma import cleaner, elect, letter_changes, weights
from dedup.collate.units import units
from dedup.edit import equal_blocks
from dedup.vote import Copy

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
    similarity = _similarity(copies, base, equal)
    changing = [witness for witness, of in enumerate(found) if of]
    if not changing:
        return Collation(copies[base].text, base, (), similarity)
    weight = _weights(copies, base, sorted(set(voters)), found)
    if len(changing) == 1:
        text, points = paired(copies, base, changing[0], found[changing[0]], weight)
    else:
        apart = units(copies, base, found)
        text, rows = Collator(copies, base, weight, apart).collated()
        points = Points(rows, apart.spans)
    return Collation(text, base, points, similarity)


def _weights(
    copies: Sequence[Copy], base: int, voters: Sequence[int], found: Sequence[list[Change]]
) -> dict[int, float]:
    """How much the word of each voter weighs. Two weigh the same, whoever they are."""
    if len(voters) <= 2 or not any(found[voter] for voter in voters):
        return dict.fromkeys(voters, 1.0)
    changed = {voter: letter_changes(copies[base], copies[voter], found[voter]) for voter in voters}
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
    if (base := cleaner(copies)) is not None:
        return base
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
