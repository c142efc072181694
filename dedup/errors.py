"""Everything that can go wrong, as one tree of exceptions.

::

    DedupError                  exit code 2
    ├── UsageError              the command line or a setting makes no sense
    ├── InputError              a source cannot be read as text
    │   ├── EncodingError       its encoding cannot be told, or its bytes do not fit it
    │   ├── NotText             it is a binary file
    │   ├── FormatError         a container (JSON lines, a table, a packed file) is broken
    │   │   └── NoTextField     none of its records can have a text
    │   └── NothingToRead       no source at all was found
    ├── IndexFault              the index of a corpus is missing, broken, stale, in use or of another make
    │   └── IndexBusy           another process holds it
    ├── GitFault                git is missing, or cannot say what has changed
    ├── OutputError             the output cannot be written
    ├── RestoreError            a merged folder does not give its sources back
    └── WorkerLost              a process that did a part of the work was killed

    MemoryExceeded              no error but a warning: a run took more memory than it was given

Each error carries the path and line it is about and a hint of what to do.
"""

from __future__ import annotations

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141


class DedupError(Exception):
    """Base of all errors that `dedup` raises on purpose.

    `path` and `line` (1-based) say where, `hint` says what to do; all three may be missing.
    `str()` gives the one-line message `PATH:LINE: what`.
    """

    def __init__(self, what: str, *, path: str | None = None, line: int | None = None, hint: str | None = None):
        self.what = what
        self.path = path
        self.line = line
        self.hint = hint
        super().__init__(what)

    def __str__(self) -> str:
        if self.path is None:
            return self.what
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.what}"


class UsageError(DedupError):
    """The command line or a setting makes no sense."""


class InputError(DedupError):
    """A source cannot be read as text."""


class EncodingError(InputError):
    """The encoding of a source cannot be told, or its bytes do not fit it."""


class NotText(InputError):  # noqa: N818  (reads as what it is: this file is not text)
    """A source is a binary file."""


class FormatError(InputError):
    """A container (JSON lines, a table, a packed file) is broken."""


class NoTextField(FormatError):  # noqa: N818
    """A table has no column of texts by the name that was given."""


class NothingToRead(InputError):  # noqa: N818
    """No source was found under the given paths."""


class IndexFault(DedupError):  # noqa: N818  (IndexError is Python's own)
    """The index of a corpus is missing, broken, stale, in use or of another make."""


class IndexBusy(IndexFault):
    """Another process holds the index."""


class GitFault(DedupError):  # noqa: N818
    """Git is missing, or cannot say what has changed."""


class OutputError(DedupError):
    """The output cannot be written where it should go."""


class RestoreError(DedupError):
    """A merged folder does not give its sources back: a file is missing or was changed."""


class WorkerLost(DedupError):  # noqa: N818
    """A process that did a part of the work was killed from outside, as systems do that run out of memory."""


class MemoryExceeded(UserWarning):
    """A run took more memory than `Settings.memory` lets it, in bytes."""

    def __init__(self, memory: int, taken: int):
        self.memory, self.taken = memory, taken
        super().__init__(f"{taken / 1e6:,.0f} MB of memory were taken where {memory / 1e6:,.0f} MB were allowed")
