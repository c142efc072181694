"""Columns that do not fit into the memory a run may take -> files without a name, mapped, of which pages come and go.

A file without a name is gone with the process, however that ends. Between two stages `let_go` gives the pages back
that the last one touched; what was written to them stays in the file.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

PROGRAM = 300 << 20  # bytes: the interpreter, its libraries and compiled kernels
PER_LETTER = 40  # bytes of all columns together while seeds are sorted, the widest moment

_memory: ContextVar[int | None] = ContextVar("memory", default=None)
_mapped: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


@contextmanager
def bounded(memory: int | None) -> Iterator[None]:
    """Within this, columns leave the memory when they would need more than `memory` bytes; None: all there is."""
    token = _memory.set(memory)
    try:
        yield
    finally:
        _memory.reset(token)


def room(letters: int) -> int | None:
    """Bytes that are left for a stage of that many letters to work in, where memory is bounded and short."""
    memory = _memory.get()
    if memory is None or PROGRAM + letters * PER_LETTER <= memory:
        return None
    return max(memory - PROGRAM, 64 << 20) // 4


def column(length: int, dtype: DTypeLike, *, letters: int | None = None) -> NDArray[Any]:
    """An array of so many zeros, in memory or in a file: as a column of `letters` (else `length`) letters asks for.

    Raises `OSError` when the disk is full: now, and not when the last page is written.
    """
    if room(length if letters is None else letters) is None or length == 0:
        return np.zeros(length, dtype)
    size = length * np.dtype(dtype).itemsize
    with tempfile.TemporaryFile(prefix="dedup-") as file:
        _reserve(file.fileno(), size)
        mapped = mmap.mmap(file.fileno(), size)
    _mapped.add(mapped)
    return np.frombuffer(mapped, dtype)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for files that must have names, gone at the end. One that a killed run left is removed at the start."""
    for left in Path(tempfile.gettempdir()).glob("dedup-*-*"):
        pid = left.name.split("-")[1]
        if pid.isdecimal() and not _alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"dedup-{os.getpid()}-") as name:
        yield Path(name)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # another user's
        return True
    return True


def freeing(progress: Callable[[str, int, int], None] | None) -> Callable[[str, int, int], None] | None:
    """`progress`, which gives pages back whenever a stage tells how far it is, where memory is bounded."""
    if _memory.get() is None:
        return progress

    def told(stage: str, done: int, total: int) -> None:
        let_go()
        if progress:
            progress(stage, done, total)

    return told


def let_go() -> None:
    """Give back the pages of all columns that are in files."""
    if hasattr(mmap, "MADV_DONTNEED"):
        for mapped in list(_mapped):
            mapped.madvise(mmap.MADV_DONTNEED)


def _reserve(file: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:  # macOS
        os.truncate(file, size)
