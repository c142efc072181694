"""Decisions as several pages and programs make them at the same time -> one decisions file that loses none."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock

from dedup.decisions import Decision, read_decisions, write_decisions

try:
    import fcntl
except ImportError:  # where there is none, another program may come between
    fcntl = None  # type: ignore[assignment]

Key = tuple[str, str]
"""What a decision is about: a cluster, and a variant of it or "" (`Decision.key`)."""

Change = tuple[Key, Decision | None]
"""What is decided about a key now; None: nothing any more."""


class Ledger:
    """A decisions file, and the order in which it changed since it was opened.

    A page sends what it changed and never all that it knows, so that no page undoes what another did. The file is
    read again whenever another program wrote it. Raises what `read_decisions` and `write_decisions` raise.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self._path = Path(path)
        self._lock = Lock()
        self._known: dict[Key, Decision] = {}
        self._log: list[Change] = []
        self._written: tuple[int, ...] | None = None
        self._read()
        self._log.clear()

    def decisions(self) -> tuple[Decision, ...]:
        """What is decided now."""
        self.take((), 0)
        with self._lock:
            return tuple(self._known.values())

    def take(self, changes: Sequence[Change], since: int) -> tuple[int, list[Change]]:
        """Write `changes`; the number of changes so far, and those after the first `since`."""
        with self._lock, self._alone():
            self._read()
            if changes:
                after = dict(self._known)
                for key, decision in changes:
                    if decision is None:
                        after.pop(key, None)
                    else:
                        after[key] = decision
                if after != self._known:
                    write_decisions(self._path, after.values())
                    self._written = self._state()
                    self._known = after
                self._log += changes
            return len(self._log), self._log[since if 0 <= since <= len(self._log) else 0 :]

    def _read(self) -> None:
        """Take in what another program wrote."""
        state = self._state()
        if state == self._written:
            return
        found = {decision.key: decision for decision in read_decisions(self._path)}
        self._log += ((key, None) for key in self._known if key not in found)
        self._log += ((key, decision) for key, decision in found.items() if self._known.get(key) != decision)
        self._known, self._written = found, state

    def _state(self) -> tuple[int, ...] | None:
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other servers from the file: its folder is locked, so that nothing is left beside it."""
        if fcntl is None:
            yield
            return
        handle = os.open(self._path.resolve().parent, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
