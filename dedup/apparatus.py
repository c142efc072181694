"""A collation -> its variants: every point told with its readings, named by what it says and not by where it is."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from dedup.collate import Collation, Point
from dedup.model import Reading, Variant
from dedup.vote import CONTEXT, Copy

_LETTERS = 12  # of a witness that name a point in it, on either side


def mark(copy: Copy, span: tuple[int, int]) -> str:
    """What names a point of variation after one witness: its reading there and its letters on both sides.

    So no other witness, no vote and no decision changes the name.
    """
    before, after = np.searchsorted(copy.offsets, span)
    hashed = hashlib.sha256(copy.letters[max(0, before - _LETTERS) : before].astype("<u4").tobytes())
    hashed.update(b"\0" + copy.text[slice(*span)].encode("utf-8", "surrogatepass") + b"\0")
    hashed.update(copy.letters[after : after + _LETTERS].astype("<u4").tobytes())
    return hashed.hexdigest()[:8]


def numbered(names: Iterable[str]) -> list[str]:
    """Names of which no two are one: of several that are alike the second ends in -2."""
    taken: Counter[str] = Counter()
    told = []
    for name in names:
        taken[name] += 1
        told.append(name if taken[name] == 1 else f"{name}-{taken[name]}")
    return told


def apparatus(
    cluster: str,
    collation: Collation,
    mark_at: Callable[[Point], str],
    readings_at: Callable[[Point], Iterable[Reading]],
    reason_at: Callable[[Point], str],
    applied: frozenset[int] = frozenset(),
    start_at: Callable[[Point], int] = lambda point: point.at[0],
) -> Iterator[Variant]:
    """The variants of a cluster in order. `mark_at`: what names a point; of two with one name the later is numbered.
    `applied`: the numbers of the points that were put into the corpus. `start_at`: where the home has a point."""
    text = collation.text
    names = numbered(mark_at(point) for point in collation.points)
    for number, (name, point) in enumerate(zip(names, collation.points, strict=True)):
        readings = tuple(readings_at(point))
        reason = reason_at(point)
        start, end = point.at
        context = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
        yield Variant(
            id=f"{cluster}.{name}",
            cluster=cluster,
            kind=point.verdict.kind,
            tags=point.verdict.tags,
            at=point.at,
            text=point.text,
            readings=readings,
            context=context,
            vote=point.vote,
            needs_review=bool(reason),
            rule=point.verdict.rule,
            applied=number in applied,
            reason=reason,
            confidence=point.share,
            start=start_at(point),
        )
