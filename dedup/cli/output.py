"""Where results go: stdout, or a file that is there whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from dedup.cli.failures import Interrupted
from dedup.errors import OutputError
from dedup.whole import replacing

STDOUT = "-"


def check(out: str) -> None:
    """Raise what can be known beforehand to keep `results` from writing, so that nobody waits for it in vain."""
    if out == STDOUT:
        return
    path = os.path.realpath(out)
    if os.path.isdir(path):
        raise OutputError("is a folder", path=out, hint="name a file with -o")
    if not os.path.isdir(os.path.dirname(path)):
        raise OutputError("its folder does not exist", path=out, hint="make the folder, or name another file with -o")


@contextmanager
def results(out: str) -> Iterator[TextIO]:
    """A stream for results. A regular file is written beside itself and moved into place when all went well."""
    if out == STDOUT:
        if sys.stdout is None:
            raise OutputError("there is no standard output", hint="name a file with -o")
        try:
            yield sys.stdout
        except KeyboardInterrupt:
            raise Interrupted("the output ends early") from None
        return
    try:
        if os.path.exists(out) and not os.path.isfile(out):  # a pipe, /dev/null
            with open(out, "w", encoding="utf-8", newline="\n") as stream:
                yield stream
            return
        with replacing(os.path.realpath(out)) as stream:
            yield stream
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"cannot be written: {reason}", path=out, hint="name another file with -o") from None
