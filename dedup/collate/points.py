"""Points of variation, and many of them as columns, which processes send each other and which take no time to make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from dedup.model import VariantClass
from dedup.variant import Verdict

EQUAL = Verdict(VariantClass.SEGMENTATION, (), False, "equal")
"""The verdict on a point where no reading differs."""


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A point of variation: `at` in the canonical text, the canonical reading there, and what each witness has.

    `differs`: the witnesses whose reading is not the canonical one, with how it differs. `agrees`: the first whose
    reading is. `verdict`: the most serious of those. `share`: of the votes that decided, those for the canonical
    reading. `reason`: why an editor should look, or nothing. `bounds`: int64[witnesses, 2], for each witness the
    half-open range of characters of its text.
    """

    at: tuple[int, int]
    text: str
    differs: dict[int, Verdict]
    agrees: int
    verdict: Verdict
    vote: str
    share: float
    reason: str
    bounds: NDArray[np.int64]

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The characters of each witness's text."""
        return tuple((start, end) for start, end in self.bounds.tolist())

    def span(self, witness: int) -> tuple[int, int]:
        """The characters of one witness's text."""
        start, end = self.bounds[witness].tolist()
        return start, end

    @property
    def contested(self) -> bool:
        """Whether an editor should look."""
        return bool(self.reason)


Row = tuple[tuple[int, int], str, dict[int, Verdict], int, Verdict, str, float, str]
"""A point without its bounds."""


class Points(Sequence[Point]):
    """Points in order, which are made when one is asked for. `rows`: the points without their bounds, `bounds`:
    int64[points, witnesses, 2]."""

    __slots__ = ("_made", "bounds", "rows")

    def __init__(self, rows: list[Row], bounds: NDArray[np.int64]):
        self.rows = rows
        self.bounds = bounds
        self._made: tuple[Point, ...] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Point]:
        return iter(self._all())

    @overload
    def __getitem__(self, number: int) -> Point: ...

    @overload
    def __getitem__(self, number: slice) -> tuple[Point, ...]: ...

    def __getitem__(self, number: int | slice) -> Point | tuple[Point, ...]:
        if self._made is None and isinstance(number, int):
            return Point(*self.rows[number], self.bounds[number])
        return self._all()[number]

    def __reduce__(self) -> tuple[Callable[..., Points], tuple[Any, ...]]:
        return Points, (self.rows, self.bounds)

    def _all(self) -> tuple[Point, ...]:
        if self._made is None:
            self._made = tuple([Point(*row, of) for row, of in zip(self.rows, self.bounds, strict=True)])
        return self._made


def differing(points: Sequence[Point], witness: int) -> list[int]:
    """The numbers of the points where a witness's reading is not the canonical one."""
    if isinstance(points, Points):
        return [number for number, (_, _, differs, *_) in enumerate(points.rows) if witness in differs]
    return [number for number, point in enumerate(points) if witness in point.differs]


def outline(points: Sequence[Point]) -> list[tuple[Verdict, int, bool]]:
    """The verdict on each point, how many characters of the canonical text it takes, and whether it is contested."""
    if isinstance(points, Points):
        return [(row[4], row[0][1] - row[0][0], bool(row[7])) for row in points.rows]
    return [(point.verdict, point.at[1] - point.at[0], point.contested) for point in points]
