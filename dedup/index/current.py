"""A corpus -> its index, open and up to date: one that a user keeps, or one in the cache, made when it is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from dedup.config import ReadSettings, Settings
from dedup.errors import IndexBusy, IndexFault
from dedup.fold import Progress
from dedup.index.refresh import difference, refresh, start
from dedup.index.store import Index, Make, check_make, fresh, opened
from dedup.read import File


@dataclass(frozen=True, slots=True)
class Wanted:
    """An index for some settings. `inputs`: the files and folders of its corpus, relative to the base of all paths."""

    path: str
    inputs: tuple[str, ...]
    settings: Settings
    reading: ReadSettings

    @property
    def make(self) -> Make:
        """What it must have been made with."""
        return Make.of(self.settings, self.reading)


def build(wanted: Wanted, files: Sequence[File], *, progress: Progress | None = None) -> None:
    """Make an index, in place of one that is there already. Raises `InputError` and its kin, `IndexFault`."""
    with fresh(wanted.path) as index:
        start(index, wanted.settings, wanted.reading, wanted.inputs)
        refresh(index, files, wanted.reading, progress=progress)


@contextmanager
def kept(wanted: Wanted, files: Sequence[File], leave: Collection[str]) -> Iterator[Index]:
    """An index that a user keeps, to be read. Raises `IndexFault` when it does not know the files as they are."""
    with opened(wanted.path) as index:
        check_make(index, wanted.make)
        new = difference(index, files, leave)
        if new.stale or new.gone:
            path = new.stale[0].path if new.stale else new.gone[0]
            count = len(new.stale) + len(new.gone)
            what = f"does not know the corpus as it is: {path}" + (f" and {count - 1:,} more" if count > 1 else "")
            raise IndexFault(
                what, path=wanted.path, hint=f"bring it up to date: dedup index update --index {wanted.path}"
            )
        yield index


@contextmanager
def cached(
    wanted: Wanted, files: Sequence[File], leave: Collection[str], *, progress: Progress | None = None
) -> Iterator[Index]:
    """An index in the cache, to be read. It is made or brought up to date first, but for files at paths to `leave`."""
    try:
        with opened(wanted.path) as index:
            check_make(index, wanted.make)
            new = difference(index, files, leave)
            current = not (new.stale or new.touched or new.gone)
    except IndexBusy:
        raise
    except IndexFault:
        build(wanted, [file for file in files if file.path not in leave], progress=progress)
        current = True
    if not current:
        with opened(wanted.path, write=True) as index:
            refresh(index, files, wanted.reading, leave=leave, progress=progress)
    with opened(wanted.path) as index:
        yield index
