"""A function over many items, in several processes where that pays; the results in the order of the items.

Each process has a pipe of its own and nothing else, and no thread serves it: so it can be killed at any moment, and
the run be interrupted at any moment, without anyone waiting for the rest of a message or for a lock.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from dedup.errors import WorkerLost

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")

_PAYS = 200_000  # letters of work below which starting processes costs more than it saves
_CHUNKS = 32  # per process, so that one long item does not keep the others waiting
_PATIENCE = 5  # steps of nice(2): a third of the share of a processor that others have
_AHEAD = 2  # chunks that a process has been given, so that it need not wait for the next


@contextmanager
def spread(
    function: Callable[[S, T], R], shared: S, items: Sequence[T], work: int, jobs: int, *, patient: bool = False
) -> Iterator[Iterator[R]]:
    """`function(shared, item)` of all items, by `jobs` processes (0: one a processor) if they are many letters of
    `work` in all.

    The processes begin when the block does, and are killed at its end. All is picklable; `shared` and the items reach
    a process once, and without being copied where processes fork. RapidFuzz holds the GIL, so threads would not do.
    Those that are `patient` let all others work first: one of those, it is known, will take longer.
    Raises `WorkerLost` when somebody else kills one of them.
    """
    jobs = jobs or processors()
    if jobs <= 1 or work < _PAYS or len(items) < 2 * jobs:
        yield (function(shared, item) for item in items)
        return
    size = max(1, len(items) // (jobs * _CHUNKS))
    chunks = [range(first, min(first + size, len(items))) for first in range(0, len(items), size)]
    with _processes(jobs, multiprocessing.get_context(), partial(_each, function, shared, items), patient) as pipes:
        yield _results(pipes, chunks)


@contextmanager
def aside(function: Callable[..., R], *arguments: object, work: int, jobs: int) -> Iterator[Callable[[], R]]:
    """Let another process call a function while the block runs, and ask it once for the result, which is picklable.

    Where there may not be two processes, or they do not fork, or for few letters of `work`, the function is called when
    the result is asked for. Raises `WorkerLost` when somebody else kills the process.
    """
    if (jobs or processors()) <= 1 or work < _PAYS or "fork" not in multiprocessing.get_all_start_methods():
        yield partial(function, *arguments)
        return
    call = partial(_once, function, arguments)
    del arguments  # what they are need not stay here
    with _processes(1, multiprocessing.get_context("fork"), call) as pipes:
        del call
        results = _results(pipes, [range(1)])
        yield partial(next, results)


@contextmanager
def meanwhile(function: Callable[..., R], *arguments: object, work: int, jobs: int) -> Iterator[Callable[[], R]]:
    """Let a thread call a function of kernels while the block runs, and ask it for the result.

    Where there may not be two processes, or for few letters of `work`, the function is called when the result is asked
    for.
    """
    if (jobs or processors()) <= 1 or work < _PAYS:
        yield partial(function, *arguments)
        return
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415, it takes a moment to load

    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(function, *arguments).result


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _each(function: Callable[[S, T], R], shared: S, items: Sequence[T], chunk: range) -> list[R]:
    return [function(shared, items[number]) for number in chunk]


def _once(function: Callable[..., R], arguments: Sequence[object], chunk: range) -> list[R]:
    return [function(*arguments) for _ in chunk]


@contextmanager
def _processes(
    jobs: int, context: BaseContext, function: Callable[[range], list[Any]], patient: bool = False
) -> Iterator[list[Connection[Any, Any]]]:
    """Processes that answer each chunk sent to them with the `function` of it, and are gone at the end."""
    begun: list[BaseProcess] = []
    pipes: list[Connection[Any, Any]] = []
    try:
        with _unasked():
            for _ in range(jobs):
                pipe, end = context.Pipe()
                process = context.Process(  # type: ignore[attr-defined]
                    target=_serve, args=(end, function, patient), daemon=True
                )
                process.start()
                end.close()
                pipes.append(pipe)
                begun.append(process)
        del function
        yield pipes
    finally:
        for process in begun:
            process.kill()
        for process, pipe in zip(begun, pipes, strict=True):
            process.join()
            pipe.close()


def _results(pipes: Sequence[Connection[Any, Any]], chunks: Sequence[range]) -> Iterator[Any]:
    """The results of all chunks in order. Work begins at once; who is done is given the next chunk."""
    waiting = iter(range(len(chunks)))
    given: dict[Any, list[int]] = {pipe: [] for pipe in pipes}
    done: dict[int, tuple[list[Any], BaseException | None]] = {}

    def give(pipe: Connection[Any, Any]) -> None:
        number = next(waiting, None)
        if number is not None:
            given[pipe].append(number)
            pipe.send(chunks[number])

    def results() -> Iterator[Any]:
        try:
            for number in range(len(chunks)):
                while number not in done:
                    for pipe in _ready([pipe for pipe in pipes if given[pipe]]):
                        done[given[pipe].pop(0)] = pipe.recv()
                        give(pipe)
                of_chunk, error = done.pop(number)
                if error is not None:
                    raise error
                yield from of_chunk
        except (EOFError, ConnectionError):
            hint = "was there too little memory? --jobs 1 and --memory take less"
            raise WorkerLost("a process that did a part of the work was killed", hint=hint) from None

    for _ in range(_AHEAD):
        for pipe in pipes:
            give(pipe)
    return results()


def _ready(pipes: list[Connection[Any, Any]]) -> list[Any]:
    from multiprocessing.connection import wait  # noqa: PLC0415, it takes a moment to load

    return wait(pipes)


@contextmanager
def _unasked() -> Iterator[None]:
    """Within this, processes begin that a keyboard interrupt never reaches: it is for their parent to end them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection[Any, Any], function: Callable[[range], list[Any]], patient: bool) -> None:
    """What a process does."""
    if patient and hasattr(os, "nice"):
        os.nice(_PATIENCE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
    while True:
        chunk = pipe.recv()
        try:
            pipe.send((function(chunk), None))
        except BaseException as error:  # whatever it is, it is the parent's
            error.add_note(traceback.format_exc())
            pipe.send(([], error))


def _end_with(parent: BaseProcess) -> None:
    """End this process as soon as its parent has, which may have been killed."""
    parent.join()
    os._exit(1)
