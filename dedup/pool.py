"""A function over many items, in several processes where that pays; the results in the order of the items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_PAYS = 2_000_000  # letters of work below which starting processes costs more than it saves
_CHUNKS = 8  # per process, so that one long item does not keep the others waiting


def spread(function: Callable[[T], R], items: Sequence[T], work: int, jobs: int) -> Iterator[R]:
    """`map(function, items)`, by `jobs` processes if the items are `work` letters or more in all.

    `function` and what it takes and gives must be picklable. RapidFuzz holds the GIL, so threads would not do.
    """
    if jobs <= 1 or work < _PAYS or len(items) < 2 * jobs:
        yield from map(function, items)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(function, items, chunksize=max(1, len(items) // (jobs * _CHUNKS)))
