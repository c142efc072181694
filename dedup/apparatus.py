"""A collation -> its variants: every point told with its readings, named by what it says and not by where it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from dedup.collate import Collation
from dedup.collate.points import Points
from dedup.model import Reading, Variant
from dedup.vote import CONTEXT

NAMING = 12
"""Letters of a witness that name a point in it, on either side."""


def bounds(collation: Collation) -> NDArray[np.int64]:
    """What each witness has at each point: int64[points, witnesses, 2], characters of its text."""
    points = collation.points
    if isinstance(points, Points):
        return points.bounds
    if not points:
        return np.empty((0, len(collation.similarity), 2), np.int64)
    return np.concatenate([point.bounds for point in points]).reshape(len(points), -1, 2)


def marks(
    text: str, letters: NDArray[np.uint32], offsets: NDArray[np.signedinteger], spans: NDArray[np.int64]
) -> list[str]:
    """What points of variation are called after one witness: by its reading and its letters on both sides of each.

    So no other witness, no vote and no decision changes a name. Of two with one name the later is numbered.
    `letters`, `offsets`: those of the witness, and where in its `text` they stand; `spans`: int64[points, 2], its
    readings there.
    """
    codes, size = letters.astype("<u4", copy=False).tobytes(), 4
    around = size * NAMING
    within = size * offsets.searchsorted(spans)
    return numbered(
        mark(codes[max(0, before - around) : before], text[start:end], codes[after : after + around])
        for (start, end), (before, after) in zip(spans.tolist(), within.tolist(), strict=True)
    )


def mark(left: bytes | memoryview, reading: str, right: bytes | memoryview) -> str:
    """What one point is called after a witness. `left`, `right`: its `NAMING` letters on both sides, in UTF-32-LE."""
    return sha256(b"\0".join((left, reading.encode("utf-8", "surrogatepass"), right))).hexdigest()[:8]


def numbered(names: Iterable[str]) -> list[str]:
    """Names of which no two are one: of several that are alike the second ends in -2."""
    told = list(names)
    if len(set(told)) == len(told):
        return told
    taken: dict[str, int] = {}
    for number, name in enumerate(told):
        count = taken[name] = taken.get(name, 0) + 1
        if count > 1:
            told[number] = f"{name}-{count}"
    return told


def apparatus(
    cluster: str,
    collation: Collation,
    called: Iterable[str],
    readings: Iterable[tuple[Reading, ...]],
    reasons: Iterable[str],
    starts: Iterable[int],
    applied: frozenset[int] = frozenset(),
) -> Iterator[Variant]:
    """The variants of a cluster in order: for each point what it is `called`, its `readings`, why an editor should
    look, and where the home has it. `applied`: the numbers of the points that were put into the corpus."""
    text = collation.text
    columns = zip(collation.points, called, readings, reasons, starts, strict=True)
    for number, (point, name, has, reason, begin) in enumerate(columns):
        start, end = point.at
        yield Variant(
            id=f"{cluster}.{name}",
            cluster=cluster,
            kind=point.verdict.kind,
            tags=point.verdict.tags,
            at=point.at,
            text=point.text,
            readings=has,
            context=(text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]),
            vote=point.vote,
            needs_review=bool(reason),
            rule=point.verdict.rule,
            applied=number in applied,
            reason=reason,
            confidence=point.share,
            start=begin,
        )
