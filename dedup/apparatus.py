"""A collation -> its variants: every point told with its readings, named by what it says and not by where it is."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from dedup.collate import Collation, Point
from dedup.model import Reading, Variant
from dedup.vote import CONTEXT


def apparatus(
    cluster: str,
    collation: Collation,
    readings_at: Callable[[Point], Iterable[Reading]],
    needs_review: Callable[[Point], bool],
    applied: frozenset[int] = frozenset(),
) -> Iterator[Variant]:
    """The variants of a cluster in order. `applied`: the numbers of the points that were put into the corpus."""
    text = collation.text
    taken: Counter[str] = Counter()
    for number, point in enumerate(collation.points):
        readings = tuple(readings_at(point))
        start, end = point.at
        context = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
        content = "\0".join([context[0], *sorted({reading.text for reading in readings}), context[1]])
        name = f"{cluster}.{hashlib.sha256(content.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
        taken[name] += 1
        yield Variant(
            id=name if taken[name] == 1 else f"{name}-{taken[name]}",
            cluster=cluster,
            kind=point.verdict.kind,
            tags=point.verdict.tags,
            at=point.at,
            text=point.text,
            readings=readings,
            context=context,
            vote=point.vote,
            needs_review=needs_review(point),
            rule=point.verdict.rule,
            applied=number in applied,
        )
