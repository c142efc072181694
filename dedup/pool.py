"""A function over many items, in several processes where that pays; the results in the order of the items."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")

_PAYS = 200_000  # letters of work below which starting processes costs more than it saves
_CHUNKS = 8  # per process, so that one long item does not keep the others waiting


@contextmanager
def spread(function: Callable[[S, T], R], shared: S, items: Sequence[T], work: int, jobs: int) -> Iterator[Iterator[R]]:
    """`function(shared, item)` of all items, by `jobs` processes (0: one a processor) if they are many letters of
    `work` in all.

    The processes begin when the block does, and are stopped where it ends before all results were taken. All is
    picklable; `shared` reaches a process once, and without being copied where processes fork. RapidFuzz holds the
    GIL, so threads would not do.
    """
    jobs = jobs or processors()
    if jobs <= 1 or work < _PAYS or len(items) < 2 * jobs:
        yield (function(shared, item) for item in items)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415, it takes a moment to load

    pool = ProcessPoolExecutor(jobs, initializer=_share, initargs=(shared,))
    try:
        yield pool.map(partial(_call, function), items, chunksize=max(1, len(items) // (jobs * _CHUNKS)))
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def aside(function: Callable[..., R], *arguments: object, work: int, jobs: int) -> Iterator[Callable[[], R]]:
    """Let another process call a function while the block runs, and ask it for the result, which is picklable.

    Where there may not be two processes, or they do not fork, or for few letters of `work`, the function is called when
    the result is asked for.
    """
    if (jobs or processors()) <= 1 or work < _PAYS or "fork" not in multiprocessing.get_all_start_methods():
        yield partial(function, *arguments)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415, it takes a moment to load

    pool = ProcessPoolExecutor(1, multiprocessing.get_context("fork"), _share, ((function, arguments),))
    try:
        yield pool.submit(_call_shared).result
    finally:
        pool.shutdown(cancel_futures=True)


_shared: list[Any] = []  # in a process of the pool, what its items share


def _share(shared: object) -> None:
    _shared[:] = [shared]


def _call(function: Callable[[S, T], R], item: T) -> R:
    return function(_shared[0], item)


def _call_shared() -> Any:
    function, arguments = _shared[0]
    return function(*arguments)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
