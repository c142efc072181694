"""Points of variation, and many of them as columns, which processes send each other and which take no time to make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, overload

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


class Kind(NamedTuple):
    """What is told of a point whatever its readings say: see `Point`."""

    verdict: Verdict
    vote: str
    share: float
    reason: str


kind_of = lru_cache(maxsize=1 << 12)(Kind)
"""There are few, and points by the thousand."""

Row = tuple[tuple[int, int], str, dict[int, Verdict], int, Kind]
"""A point without its bounds."""


class Points(Sequence[Point]):
    """Points in order, which are made when one is asked for."""

    __slots__ = ("_bounds", "_made", "_rows")

    def __init__(self, rows: list[Row], bounds: NDArray[np.int64]):
        self._rows = rows
        self._bounds = bounds
        self._made: tuple[Point, ...] | None = None

    @property
    def rows(self) -> list[Row]:
        """The points without their bounds."""
        return self._rows

    @property
    def bounds(self) -> NDArray[np.int64]:
        """What each witness has at each: int64[points, witnesses, 2]."""
        return self._bounds

    def differing(self, witness: int) -> list[int]:
        """The numbers of the points where a witness's reading is not the canonical one."""
        return [number for number, (_, _, differs, *_) in enumerate(self._rows) if witness in differs]

    def kinds(self) -> Sequence[Kind]:
        """What kind each is of."""
        return [kind for *_, kind in self._rows]

    def contested(self) -> list[tuple[int, int]]:
        """Where those stand in the canonical text at which an editor should look."""
        return [at for at, _, _, _, kind in self._rows if kind.reason]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Point]:
        return iter(self._all())

    @overload
    def __getitem__(self, number: int) -> Point: ...

    @overload
    def __getitem__(self, number: slice) -> tuple[Point, ...]: ...

    def __getitem__(self, number: int | slice) -> Point | tuple[Point, ...]:
        if self._made is None and isinstance(number, int):
            return self._point(number)
        return self._all()[number]

    def __reduce__(self) -> tuple[Callable[..., Points], tuple[Any, ...]]:
        return Points, (self._rows, self._bounds)

    def _point(self, number: int) -> Point:
        at, text, differs, agrees, kind = self._rows[number]
        return Point(at, text, differs, agrees, *kind, self._bounds[number])

    def _all(self) -> tuple[Point, ...]:
        if self._made is None:
            rows = zip(self.rows, self.bounds, strict=True)
            self._made = tuple([Point(a, b, c, d, *kind, bounds) for (a, b, c, d, kind), bounds in rows])
        return self._made


class Standing(Points):
    """Points at which one witness differs and the base stands, as at nearly all. They are made of what they have alike,
    so they take little room and little time to send.

    `text`: the base's and so the canonical one. `spans`: int64[points, 4], characters `[0:1]` of it stand against
    `[2:3]` of the `other`'s. `width`: how many witnesses there are. `kinds`: of each point, shared by many.
    """

    __slots__ = ("_kinds", "_other", "_spans", "_text", "_width")

    def __init__(self, text: str, other: int, width: int, spans: NDArray[np.int64], kinds: list[Kind]):
        self._text, self._other, self._width, self._spans, self._kinds = text, other, width, spans, kinds
        self._made = None

    @property
    def rows(self) -> list[Row]:
        """The points without their bounds."""
        agrees = 0 if self._other else 1
        differs = {id(kind): {self._other: kind.verdict} for kind in self._kinds}
        return [
            ((start, end), self._text[start:end], differs[id(kind)], agrees, kind)
            for (start, end), kind in zip(self._spans[:, :2].tolist(), self._kinds, strict=True)
        ]

    @property
    def bounds(self) -> NDArray[np.int64]:
        """What each witness has at each: int64[points, witnesses, 2]."""
        return bounds_of(self._spans, self._other, self._width)

    def differing(self, witness: int) -> list[int]:
        """The numbers of the points where a witness's reading is not the canonical one."""
        return list(range(len(self))) if witness == self._other else []

    def kinds(self) -> Sequence[Kind]:
        """What kind each is of."""
        return self._kinds

    def contested(self) -> list[tuple[int, int]]:
        """Where those stand in the canonical text at which an editor should look."""
        numbers = [number for number, kind in enumerate(self._kinds) if kind.reason]
        return [(start, end) for start, end in self._spans[numbers, :2].tolist()] if numbers else []

    def __len__(self) -> int:
        return len(self._kinds)

    def __reduce__(self) -> tuple[Callable[..., Points], tuple[Any, ...]]:
        return Standing, (self._text, self._other, self._width, self._spans, self._kinds)

    def _point(self, number: int) -> Point:
        return self._all()[number]


def bounds_of(spans: NDArray[np.int64], other: int, width: int) -> NDArray[np.int64]:
    """What each of `width` witnesses has at points: int64[points, width, 2]. `spans`: int64[points, 4], characters
    `[0:1]` of all texts but one stand against `[2:3]` of the `other`."""
    bounds = spans[:, None, :2].repeat(width, axis=1)
    bounds[:, other] = spans[:, 2:]
    return bounds


def differing(points: Sequence[Point], witness: int) -> list[int]:
    """The numbers of the points where a witness's reading is not the canonical one."""
    if isinstance(points, Points):
        return points.differing(witness)
    return [number for number, point in enumerate(points) if witness in point.differs]


def kinds_of(points: Sequence[Point]) -> Sequence[Kind]:
    """What kind each point is of."""
    if isinstance(points, Points):
        return points.kinds()
    return [Kind(point.verdict, point.vote, point.share, point.reason) for point in points]


def contested(points: Sequence[Point]) -> list[tuple[int, int]]:
    """Where those points stand in the canonical text at which an editor should look."""
    if isinstance(points, Points):
        return points.contested()
    return [point.at for point in points if point.contested]
