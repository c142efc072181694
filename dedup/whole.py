"""A file that is there whole or not at all: it is written beside itself and moved into place."""

from __future__ import annotations

import glob
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


@contextmanager
def replacing(path: str) -> Iterator[TextIO]:
    """A stream of UTF-8 that takes the place of a file when the block ends well, and is gone when not.

    The file keeps its permissions. What a killed run left beside it is taken away. Raises `OSError`.
    """
    folder, name = os.path.split(path)
    for left in glob.glob(f".{glob.escape(name)}.*.partial", root_dir=folder or None, include_hidden=True):
        os.unlink(os.path.join(folder, left))
    handle, partial = tempfile.mkstemp(prefix=f".{name}.", suffix=".partial", dir=folder or None)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as stream:
            yield stream
        os.chmod(partial, _mode(path))
        os.replace(partial, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(partial)
        raise


def _mode(path: str) -> int:
    """The permissions of the file that is replaced, or those that a new one gets."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
