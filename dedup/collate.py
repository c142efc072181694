"""A passage -> its canonical text and every point at which a witness differs from it.

The base is the home's text, or the cleanest of those nearest to the medoid. Each witness is aligned with the base
letter by letter; where the raw characters differ, letters or what stands between them, there is a point of
variation, and all witnesses have a reading at it. Points are voted on: letters and punctuation by the witnesses,
breaks by whether half of them have one. A vote without a majority goes to the base.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from dedup.edit import equal_blocks
from dedup.model import VariantClass
from dedup.quality import quality
from dedup.variant import Verdict, classify, most_serious
from dedup.vote import Copy, around, choose

_EQUAL_RANK = 0.9  # similarity to the medoid from which a witness may be the base


@dataclass(frozen=True, slots=True)
class Point:
    """A point of variation: `at` in the canonical text, the canonical reading there, and what each witness has.

    `spans[i]`: the half-open range of characters in witness i's text.
    """

    at: tuple[int, int]
    text: str
    spans: tuple[tuple[int, int], ...]
    verdict: Verdict
    vote: str
    contested: bool


@dataclass(frozen=True, slots=True)
class Collation:
    """The canonical text of a passage, and its points of variation in order.

    `base`: which witness the text follows where nothing else was decided. `similarity[i]`: of witness i's letters
    to the base's (normalised Indel similarity).
    """

    text: str
    base: int
    points: tuple[Point, ...]
    similarity: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """The share of the text's characters that no contested point covers."""
        doubtful = sum(max(1, point.at[1] - point.at[0]) for point in self.points if point.contested)
        return max(0.0, 1 - doubtful / max(1, len(self.text)))


def collate(copies: Sequence[Copy], base: int, voters: Iterable[int]) -> Collation:
    """Collate the witnesses of a passage. `base` is one of the `voters`, the witnesses whose readings may be chosen."""
    families = _families(copies)
    edits, equal = [], []
    for copy in copies:
        blocks = equal_blocks(copies[base].letters, copy.letters)
        edits.append(_edits(copies[base], copy, blocks))
        equal.append(sum(n for _, _, n in blocks))
    units = _units(edits)
    similarity = tuple(
        2 * n / max(1, len(copies[base].letters) + len(copy.letters)) for n, copy in zip(equal, copies, strict=True)
    )
    voting = {number: families[number] for number in voters}
    return _vote(copies, voting, base, units, _project(units, edits), similarity)


def rebuild(collation: Collation, witness: int, text: str) -> str:
    """A witness's text again, from the canonical text and its readings (`text` is sliced only at its readings)."""
    parts: list[str] = []
    done = 0
    for point in collation.points:
        start, end = point.spans[witness]
        parts += collation.text[done : point.at[0]], text[start:end]
        done = point.at[1]
    return "".join([*parts, collation.text[done:]])


def _families(copies: Sequence[Copy]) -> list[int]:
    """For each witness the first one with the same letters: copies of one print vote once."""
    seen: dict[bytes, int] = {}
    return [seen.setdefault(copy.letters.tobytes(), number) for number, copy in enumerate(copies)]


def base_of(copies: Sequence[Copy], medoid: int) -> int:
    """The cleanest of the witnesses that are nearly the medoid's equal; ties to the medoid's letters, to content."""
    center = _string(copies[medoid])
    able = [
        number
        for number, copy in enumerate(copies)
        if Indel.normalized_similarity(center, _string(copy), score_cutoff=_EQUAL_RANK) >= _EQUAL_RANK
    ]
    return min(able, key=lambda i: (quality(copies[i].text).penalty, _string(copies[i]) != center, copies[i].text, i))


def _string(copy: Copy) -> str:
    return copy.letters.tobytes().decode("utf-32-le", "surrogatepass")


Edit = tuple[int, int, int, int]
"""Characters `[0:1]` of the base's text stand against `[2:3]` of a witness's."""


def _edits(base: Copy, copy: Copy, blocks: list[tuple[int, int, int]]) -> list[Edit]:
    """Where the raw characters of a witness differ from the base's, in order; no two touch."""
    edits: list[Edit] = []
    base_done = copy_done = 0  # characters behind the last letter that stands equal
    for x, y, n in _whole_characters(_solid(blocks), base.offsets, copy.offsets):
        _add(edits, base, copy, base_done, int(base.offsets[x]), copy_done, int(copy.offsets[y]))
        _compare(edits, base, copy, x, y, n)
        base_done, copy_done = int(base.offsets[x + n - 1]) + 1, int(copy.offsets[y + n - 1]) + 1
    _add(edits, base, copy, base_done, len(base.text), copy_done, len(copy.text))
    merged: list[Edit] = []
    for edit in (_whole_numbers(edit, base.text, copy.text) for edit in edits):
        if merged and merged[-1][1] >= edit[0]:
            first = merged[-1]
            merged[-1] = (first[0], edit[1], first[2], edit[3])
        else:
            merged.append(edit)
    return merged


def _whole_numbers(edit: Edit, one: str, two: str) -> Edit:
    """A difference inside a number is one of the whole number: 13 against 11, not 3 against 1."""
    x0, x1, y0, y1 = edit
    if not any(character.isdecimal() for character in one[x0:x1] + two[y0:y1]):
        return edit
    while x0 and y0 and one[x0 - 1] == two[y0 - 1] and one[x0 - 1].isdecimal():
        x0, y0 = x0 - 1, y0 - 1
    while x1 < len(one) and y1 < len(two) and one[x1] == two[y1] and one[x1].isdecimal():
        x1, y1 = x1 + 1, y1 + 1
    return x0, x1, y0, y1


def _solid(blocks: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Blocks without the single letters that happen to be equal in the middle of a rewritten stretch."""
    kept = []
    for number, (x, y, n) in enumerate(blocks):
        if n == 1 and 0 < number < len(blocks) - 1:
            before, after = blocks[number - 1], blocks[number + 1]
            left = min(x - before[0] - before[2], y - before[1] - before[2])
            right = min(after[0] - x - 1, after[1] - y - 1)
            if left >= 2 and right >= 2:
                continue
        kept.append((x, y, n))
    return kept


def _whole_characters(
    blocks: list[tuple[int, int, int]], one: NDArray[np.int64], two: NDArray[np.int64]
) -> Iterator[tuple[int, int, int]]:
    """Blocks whose edges are edges of characters: some characters fold to several letters."""
    for block in blocks:
        x, y, n = block
        while n and ((x and one[x] == one[x - 1]) or (y and two[y] == two[y - 1])):
            x, y, n = x + 1, y + 1, n - 1
        while n and (
            (x + n < len(one) and one[x + n] == one[x + n - 1]) or (y + n < len(two) and two[y + n] == two[y + n - 1])
        ):
            n -= 1
        if n:
            yield x, y, n


def _compare(edits: list[Edit], base: Copy, copy: Copy, x: int, y: int, n: int) -> None:
    """Add the differences inside a block of equal letters, by halving it where the raw characters differ."""
    stack = [(x, y, n)]
    while stack:
        x, y, n = stack.pop()
        x0, x1 = int(base.offsets[x]), int(base.offsets[x + n - 1]) + 1
        y0, y1 = int(copy.offsets[y]), int(copy.offsets[y + n - 1]) + 1
        if base.text[x0:x1] == copy.text[y0:y1]:
            continue
        if n == 1:
            _add(edits, base, copy, x0, x1, y0, y1)
            continue
        if n == 2:
            _add(edits, base, copy, x0, x0 + 1, y0, y0 + 1)
            _add(edits, base, copy, x0 + 1, x1 - 1, y0 + 1, y1 - 1)
            _add(edits, base, copy, x1 - 1, x1, y1 - 1, y1)
            continue
        half = n // 2
        stack += (x + half, y + half, n - half), (x, y, half + 1)


def _add(edits: list[Edit], base: Copy, copy: Copy, x0: int, x1: int, y0: int, y1: int) -> None:
    """Add one difference, without what both have at its ends; a run of space is not cut in two."""
    one, two = base.text[x0:x1], copy.text[y0:y1]
    if one == two or x1 < x0 or y1 < y0:
        return
    head = 0
    while head < min(len(one), len(two)) and one[head] == two[head]:
        head += 1
    while head and (one[head - 1].isspace() and (one[head : head + 1].isspace() or two[head : head + 1].isspace())):
        head -= 1
    tail = 0
    while tail < min(len(one), len(two)) - head and one[-1 - tail] == two[-1 - tail]:
        tail += 1
    while (
        tail
        and one[len(one) - tail].isspace()
        and (
            one[len(one) - tail - 1 : len(one) - tail].isspace() or two[len(two) - tail - 1 : len(two) - tail].isspace()
        )
    ):
        tail -= 1
    edit = (x0 + head, x1 - tail, y0 + head, y1 - tail)
    if not edits or edits[-1] != edit:
        edits.append(edit)


def _units(edits: list[list[Edit]]) -> list[tuple[int, int]]:
    """The stretches of the base at which any witness differs: those that overlap or touch are one."""
    units: list[tuple[int, int]] = []
    for start, end in sorted({edit[:2] for witness in edits for edit in witness}):
        if units and start <= units[-1][1]:
            units[-1] = (units[-1][0], max(units[-1][1], end))
        else:
            units.append((start, end))
    return units


def _project(units: list[tuple[int, int]], edits: list[list[Edit]]) -> list[list[tuple[int, int]]]:
    """For each unit and each witness, the characters that stand in the unit's place."""
    spans: list[list[tuple[int, int]]] = [[] for _ in units]
    for witness in edits:
        at, shift = 0, 0
        for number, (start, end) in enumerate(units):
            begin = start + shift
            while at < len(witness) and witness[at][1] <= end:
                shift = witness[at][3] - witness[at][1]
                at += 1
            spans[number].append((begin, end + shift))
    return spans


def _vote(
    copies: Sequence[Copy],
    voting: Mapping[int, int],
    base: int,
    units: list[tuple[int, int]],
    spans: list[list[tuple[int, int]]],
    similarity: tuple[float, ...],
) -> Collation:
    text = copies[base].text
    parts: list[str] = []
    size = done = 0
    points: list[Point] = []
    for (start, end), row in zip(units, spans, strict=True):
        readings = [copy.text[a:b] for copy, (a, b) in zip(copies, row, strict=True)]
        chosen, why, close = choose([(copies[n], row[n]) for n in range(len(copies))], voting, base)
        parts += text[done:start], readings[chosen]
        size += start - done
        verdict = _verdict(copies, chosen, row, readings)
        contested = verdict.kind is VariantClass.NUMBER_VALUE or (close and verdict.needs_review)
        points.append(
            Point((size, size + len(readings[chosen])), readings[chosen], tuple(row), verdict, why, contested)
        )
        size += len(readings[chosen])
        done = end
    return Collation("".join([*parts, text[done:]]), base, tuple(points), similarity)


def _verdict(copies: Sequence[Copy], chosen: int, row: list[tuple[int, int]], readings: list[str]) -> Verdict:
    verdicts = []
    for number in sorted({reading: n for n, reading in reversed(list(enumerate(readings)))}.values()):
        if readings[number] != readings[chosen]:
            left, right = around(copies[chosen].text, row[chosen])
            other_left, other_right = around(copies[number].text, row[number])
            verdicts.append(classify(readings[chosen], readings[number], left, right, other_left, other_right))
    if not verdicts:
        return Verdict(VariantClass.SEGMENTATION, (), False, "equal")
    return most_serious(verdicts)
