"""Columns that do not fit into the memory a run may take -> files without a name, mapped, of which pages come and go.

A file without a name is gone with the process, however that ends. While a run is bounded, a thread looks at what the
process takes, and gives the pages of all such files back when that comes near the bound: what was written to them
stays in the file, and a kernel that works on them meanwhile finds it there. Where a system does not tell what a process
takes, they are given back between the stages and their parts, where `let_go` is called.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dedup.errors import MemoryExceeded, UsageError

PROGRAM = 300 << 20  # bytes: the interpreter, its libraries and compiled kernels
PER_LETTER = 100  # bytes of all that a run without a bound takes at its widest moment, with some to spare
LEAST, LEAST_PER_LETTER = 300_000_000, 14  # bytes: what a run with all columns in files takes, more or less

_LOOK = 0.005  # seconds between two looks at what the process takes
_STATM = Path("/proc/self/statm")

_memory: ContextVar[int | None] = ContextVar("memory", default=None)
_mapped: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()
_listing = threading.Lock()  # of those that are mapped


@contextmanager
def bounded(memory: int | None) -> Iterator[None]:
    """Within this, columns leave the memory when they would need more than `memory` bytes; None: all there is.

    Warns with `MemoryExceeded` at the end if the process took more all the same. Within another such block it does
    nothing.
    """
    if memory is None or _memory.get() is not None:
        yield
        return
    token = _memory.set(memory)
    watch = _Watch(memory)
    watch.start()
    try:
        yield
    finally:
        _memory.reset(token)
        watch.stop()
    if watch.most > memory:
        warnings.warn(MemoryExceeded(memory, watch.most), stacklevel=3)


class _Watch(threading.Thread):
    """Gives pages back when the process takes nearly as much memory as it may, and remembers what it took at most."""

    def __init__(self, memory: int):
        super().__init__(daemon=True)
        self.enough = memory - memory // 4
        self.most = 0
        self.done = threading.Event()

    def run(self) -> None:
        while (taken := resident()) is not None:
            self.most = max(self.most, taken)
            if taken > self.enough:
                give_back()
            if self.done.wait(_LOOK):
                return

    def stop(self) -> None:
        self.done.set()
        self.join()


def require(letters: int) -> None:
    """Raise `UsageError` where memory is bounded to less than a run over so many letters takes anyhow."""
    memory, least = _memory.get(), LEAST + letters * LEAST_PER_LETTER
    if memory is not None and memory < least:
        what = f"{memory / 1e6:,.0f} MB of memory are too little for {letters:,} letters"
        raise UsageError(what, hint=f"give --memory {-(-least // 10_000_000) * 10}MB or more, or leave it out")


def resident() -> int | None:
    """The bytes of memory that this process takes now; None where the system does not tell."""
    try:
        return int(_STATM.read_bytes().split()[1]) * mmap.PAGESIZE
    except OSError:
        return None


def column(length: int, dtype: DTypeLike, *, letters: int | None = None) -> NDArray[Any]:
    """An array of so many zeros, in memory or in a file: as a column of `letters` (else `length`) letters asks for.

    Raises `OSError` when the disk is full: now, and not when the last page is written.
    """
    memory = _memory.get()
    needed = PROGRAM + (length if letters is None else letters) * PER_LETTER
    if memory is None or needed <= memory or length == 0:
        return np.zeros(length, dtype)
    size = length * np.dtype(dtype).itemsize
    with tempfile.TemporaryFile(prefix="dedup-") as file:
        _reserve(file.fileno(), size)
        mapped = mmap.mmap(file.fileno(), size)
    with _listing:
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
    """`progress`, which lets go whenever a stage tells how far it is, where memory is bounded."""
    if _memory.get() is None:
        return progress

    def told(stage: str, done: int, total: int) -> None:
        let_go()
        if progress:
            progress(stage, done, total)

    return told


def let_go() -> None:
    """Give pages back where no thread can tell when that is due."""
    if resident() is None:
        give_back()


def give_back() -> None:
    """Give back the pages of all columns that are in files."""
    if not hasattr(mmap, "MADV_DONTNEED"):
        return
    with _listing:
        mapped = list(_mapped)
    for file in mapped:
        file.madvise(mmap.MADV_DONTNEED)


def _reserve(file: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file, 0, size)
        except OSError as error:
            raise OSError(error.errno, error.strerror, tempfile.gettempdir()) from None
    else:  # macOS
        os.truncate(file, size)
