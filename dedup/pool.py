"""A function over many items, in several processes where that pays; the results in the order of the items."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_PAYS = 200_000  # letters of work below which starting processes costs more than it saves
_CHUNKS = 8  # per process, so that one long item does not keep the others waiting


@contextmanager
def spread(function: Callable[[T], R], items: Sequence[T], work: int, jobs: int) -> Iterator[Iterator[R]]:
    """`map(function, items)`, by `jobs` processes (0: one a processor) if the items are many letters of `work` in all.

    The processes begin when the block does, and are stopped where it ends before all results were taken.
    `function` and what it takes and gives must be picklable. RapidFuzz holds the GIL, so threads would not do.
    """
    jobs = jobs or processors()
    if jobs <= 1 or work < _PAYS or len(items) < 2 * jobs:
        yield map(function, items)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415, it takes a moment to load

    pool = ProcessPoolExecutor(jobs)
    try:
        yield pool.map(function, items, chunksize=max(1, len(items) // (jobs * _CHUNKS)))
    finally:
        pool.shutdown(cancel_futures=True)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
