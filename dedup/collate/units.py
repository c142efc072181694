"""The changes of all witnesses -> the units of variation, and what each witness has at each.

Changes that overlap are one unit; those that only touch are two. A long gap or a long insertion would make one unit
of all that it covers, so both are cut: a gap at the units inside it, and insertions of several witnesses at one place
are first aligned among themselves. To that end the units stand on a *skeleton*: the base's text with one witness's
insertion, a *run*, spliced in where several witnesses have versions of it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from dedup.collate.changes import Change, changed
from dedup.script import DENSE_WEIGHT
from dedup.variant import LONG
from dedup.variant.difference import weight
from dedup.vote import Copy

_LIKE = 0.6  # similarity from which insertions at one place are versions of one


Touch = tuple[int, int]
"""The first and the last unit of a change."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The units of variation in order.

    `spans`: int64[units, witnesses, 2], characters of each witness's text. `touched[u]`: the witnesses that have a
    change at unit u; all others read there what the base does. `run[u]`: the first and the last unit of the run that
    unit u is in.
    """

    spans: NDArray[np.int64]
    touched: list[dict[int, Touch]]
    run: list[tuple[int, int] | None]


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters `[begin, stop)` of witness `of` are spliced into the base before its character `at`."""

    at: int
    of: int
    begin: int
    stop: int


class _Piece(NamedTuple):
    """Characters `[start, end)` of the skeleton stand against `[begin, stop)` of a witness.

    `cut`: whether it may be cut; then it is a gap, or a stretch of a run that the witness has as it is.
    """

    witness: int
    start: int
    end: int
    begin: int
    stop: int
    cut: bool

    def before(self, at: int) -> int:
        """The witness's character that stands against a position of the skeleton, where the piece may be cut."""
        return self.begin if self.begin == self.stop else self.begin + at - self.start


class _Skeleton:
    """Positions of the base's text -> positions of the skeleton, and back."""

    def __init__(self, runs: Sequence[_Run]):
        self.places = [run.at for run in runs]
        self.ends = [0]
        for run in runs:
            self.ends.append(self.ends[-1] + run.stop - run.begin)
        self.starts = np.array([at + end for at, end in zip(self.places, self.ends, strict=False)], np.int64)
        self.sizes = np.diff(np.array(self.ends, np.int64))
        self.spliced = np.array(self.ends, np.int64)

    def before(self, at: int) -> int:
        """The position before the runs that stand at a character of the base."""
        return at + self.ends[bisect_left(self.places, at)]

    def behind(self, at: int) -> int:
        """The position behind them."""
        return at + self.ends[bisect_right(self.places, at)]

    def size(self, start: int, end: int) -> int:
        """How many characters of the base stand in a stretch of the skeleton."""
        if not self.places:
            return end - start
        low, high = self.base(np.array((start, end)))
        return int(high - low)

    def base(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """The characters of the base before positions of the skeleton; a run has none."""
        if len(self.places) == 0:
            return at
        number = np.searchsorted(self.starts, at, side="right") - 1
        last = np.maximum(number, 0)
        inside = np.where(number >= 0, np.minimum(at - self.starts[last], self.sizes[last]), 0)
        back: NDArray[np.int64] = at - self.spliced[last] - inside
        return back


def units(copies: Sequence[Copy], base: int, found: Sequence[list[Change]]) -> Units:
    """The units of the changes of each witness against the base: `found[i]`, those of `base` are none."""
    runs, version = _runs(copies, found)
    skeleton = _Skeleton(runs)
    pieces: list[_Piece] = []
    for witness, of in enumerate(found):
        for x0, x1, y0, y1 in of:
            if x0 == x1 and (witness, x0) in version:
                number = version[witness, x0]
                pieces += _versions(copies, witness, (y0, y1), runs[number], int(skeleton.starts[number]))
            elif x0 == x1:
                at = skeleton.before(x0)
                pieces.append(_Piece(witness, at, at, y0, y1, False))
            else:
                gap = y0 == y1 and _long(copies[base], x0, x1)
                pieces.append(_Piece(witness, skeleton.behind(x0), skeleton.before(x1), y0, y1, gap))
    return _units(len(copies), pieces, skeleton)


def _long(copy: Copy, start: int, end: int) -> bool:
    """Whether the letters of a stretch are a long gap or insertion."""
    first, last = np.searchsorted(copy.offsets, (start, end)).tolist()
    if (last - first) * DENSE_WEIGHT < LONG:
        return False
    return weight(copy.letters[first:last].tobytes().decode("utf-32-le", "surrogatepass")) >= LONG


# --- insertions


def _runs(copies: Sequence[Copy], found: Sequence[list[Change]]) -> tuple[list[_Run], dict[tuple[int, int], int]]:
    """The runs by place, and of which run a witness has a version at a place: (witness, place) -> run."""
    inserted: dict[int, dict[str, list[tuple[int, int, int]]]] = defaultdict(lambda: defaultdict(list))
    for witness, of in enumerate(found):
        for x0, x1, y0, y1 in of:
            if x0 == x1 and y1 - y0 > LONG // 5 and _long(copies[witness], y0, y1):
                inserted[x0][copies[witness].text[y0:y1]].append((witness, y0, y1))
    runs: list[_Run] = []
    version: dict[tuple[int, int], int] = {}
    for place, by_text in sorted(inserted.items()):
        left = sorted(by_text, key=lambda text: (-len(by_text[text]), -len(text), text))
        while len(left) > 1:
            like = [text for text in left if Indel.normalized_similarity(left[0], text) >= _LIKE]
            if len(like) > 1:
                for text in like:
                    version |= {(witness, place): len(runs) for witness, _, _ in by_text[text]}
                runs.append(_Run(place, *by_text[left[0]][0]))
            left = [text for text in left if text not in like]
    return runs, version


def _versions(copies: Sequence[Copy], witness: int, span: tuple[int, int], run: _Run, start: int) -> list[_Piece]:
    """A version of a run in pieces: where it is as the run is, and where it is not. `start`: the run's position."""
    one, two = _cut(copies[run.of], run.begin, run.stop), _cut(copies[witness], *span)
    begin = span[0]
    pieces: list[_Piece] = []
    done = (0, 0)
    end = len(one.text), len(one.text), len(two.text), len(two.text)
    differ = [] if one.text == two.text else changed([(one, two)])[0].changes
    for x0, x1, y0, y1 in [*differ, end]:
        if x0 > done[0]:
            pieces.append(_Piece(witness, start + done[0], start + x0, begin + done[1], begin + y0, True))
        if x0 < x1 or y0 < y1:
            gap = y0 == y1 and _long(one, x0, x1)
            pieces.append(_Piece(witness, start + x0, start + x1, begin + y0, begin + y1, gap))
        done = x1, y1
    return pieces


def _cut(copy: Copy, start: int, end: int) -> Copy:
    first, last = np.searchsorted(copy.offsets, (start, end))
    return Copy(copy.text[start:end], copy.letters[first:last], copy.offsets[first:last] - start)


# --- units


def _units(witnesses: int, pieces: list[_Piece], skeleton: _Skeleton) -> Units:
    whole = _overlapping([piece for piece in pieces if not piece.cut])
    cut = [piece for piece in pieces if piece.cut]
    bounds = sorted({*whole, *_cells(whole, cut)}) if cut else whole
    starts, ends = ([bound[i] for bound in bounds] for i in (0, 1))
    number = {bound: n for n, bound in enumerate(bounds)}
    touched: list[dict[int, Touch]] = [{} for _ in bounds]
    longer: list[tuple[int, int, int]] = []  # a unit, a witness, and how much longer than the base it is there
    for piece in pieces:
        if piece.start == piece.end:
            first = number.get((piece.start, piece.end), bisect_left(starts, piece.start) - 1)
            last = first
        else:
            first = bisect_right(ends, piece.start)
            last = bisect_left(starts, piece.end) - 1
        for unit in range(first, last + 1):
            touched[unit][piece.witness] = first, last
            start, end = piece.start, piece.end
            size = piece.stop - piece.begin
            if piece.cut:
                start, end = max(start, bounds[unit][0]), min(end, bounds[unit][1])
                size = piece.before(end) - piece.before(start)
            longer.append((unit, piece.witness, size - skeleton.size(start, end)))
    grown = np.zeros((len(bounds), witnesses), np.int64)
    of_unit, of_witness, by = np.array(longer, np.int64).reshape(-1, 3).T
    np.add.at(grown, (of_unit, of_witness), by)
    shift = np.cumsum(grown, axis=0)
    before, behind = (skeleton.base(np.array(at, np.int64))[:, None] for at in (starts, ends))
    spans = np.stack((before + shift - grown, behind + shift), axis=2)
    return Units(spans, touched, _of_runs(starts, ends, skeleton))


def _overlapping(pieces: list[_Piece]) -> list[tuple[int, int]]:
    """Stretches of the skeleton: those of pieces that overlap are one, those that only touch are not."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted({(piece.start, piece.end) for piece in pieces}):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _cells(whole: list[tuple[int, int]], cut: list[_Piece]) -> list[tuple[int, int]]:
    """What pieces that may be cut leave between the units that may not, cut at all their ends."""
    solid = [bound for bound in whole if bound[0] < bound[1]]
    starts = [start for start, _ in solid]

    def free(at: int) -> bool:
        before = bisect_left(starts, at) - 1
        return before < 0 or solid[before][1] <= at

    ends = [at for bound in whole for at in bound]
    points = {at for piece in cut for at in (piece.start, piece.end)}
    for start, end in {(piece.start, piece.end) for piece in cut}:
        points.update(ends[bisect_left(ends, start) : bisect_right(ends, end) + 1])
    ordered = sorted(filter(free, points))
    covered: Counter[int] = Counter()
    for piece in cut:
        covered[piece.start] += 1
        covered[piece.end] -= 1
    taken = set(solid)
    cells = []
    depth = 0
    changes_at = sorted(covered)
    at = 0
    for low, high in pairwise(ordered):
        while at < len(changes_at) and changes_at[at] <= low:
            depth += covered[changes_at[at]]
            at += 1
        if depth and (low, high) not in taken:
            cells.append((low, high))
    return cells


def _of_runs(starts: list[int], ends: list[int], skeleton: _Skeleton) -> list[tuple[int, int] | None]:
    of: list[tuple[int, int] | None] = [None] * len(starts)
    for start, size in zip(skeleton.starts.tolist(), skeleton.sizes.tolist(), strict=True):
        first = bisect_right(ends, start)
        last = bisect_left(starts, start + size) - 1
        of[first : last + 1] = [(first, last)] * (last + 1 - first)
    return of
