"""Bars on stderr, one a stage: on a terminal only, and only for what takes longer than a moment."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # fold.py loads numba
    from dedup.fold import Progress

_WORDS = {
    "read": "reading",
    "fold": "folding",
    "segment": "finding paragraphs",
    "sketch": "sketching",
    "lsh": "pairing",
    "collate": "collating",
}
_MOMENT = 0.5  # seconds


@contextmanager
def bars(*, quiet: bool) -> Iterator[Progress | None]:
    """The callback that stages tell how far they are; None where nobody looks."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    shown: dict[str, Any] = {}

    def progress(stage: str, done: int, total: int) -> None:
        if stage not in shown:
            close()
            shown[stage] = tqdm(total=total, desc=_WORDS.get(stage, stage), file=sys.stderr, leave=False, delay=_MOMENT)
        bar = shown[stage]
        bar.update(done - bar.n)

    def close() -> None:
        for bar in shown.values():
            bar.close()
        shown.clear()

    try:
        yield progress
    finally:
        close()
