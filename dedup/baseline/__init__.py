"""The baseline: duplicates that are put up with, as a sorted multiset of the paragraphs they stand in.

A paragraph is told by a hash of its letters, so line shifts, renames, re-wrapping and other punctuation change
nothing. Line numbers, times and versions are left out: they would change where no duplicate does, and conflict in
every merge. Beside its count each paragraph has a sketch, by which it is known again after it was edited.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dedup import fold
from dedup.baseline import format_1
from dedup.errors import FormatError, InputError, OutputError

FORMAT = 2
_UPGRADES = {1: format_1.upgrade}
_RENEW = "dedup check --update-baseline --accept-new writes it anew"
_NAME = "name a file that can be read with --baseline"


@dataclass(frozen=True, slots=True)
class Entry:
    """A paragraph that may stand in so many places. `sketch`: 32 hexadecimal digits, see `sketch.py`; "" unknown."""

    count: int
    sketch: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Entries by paragraph: 16 hexadecimal digits, the beginning of the SHA-256 of its folded letters in UTF-32."""

    paragraphs: Mapping[str, Entry] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(entry.count for entry in self.paragraphs.values())


def read_baseline(path: str | os.PathLike[str]) -> Baseline:
    """The baseline in a file; one of an older format is brought up to date on the way.

    Raises `FormatError` for what is none and for a newer format, `InputError` for a file that cannot be read.
    """
    shown = os.fspath(path)
    try:
        told = json.loads(Path(path).read_bytes().decode("utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {(error.strerror or str(error)).lower()}", path=shown, hint=_NAME) from None
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise FormatError("is no JSON", path=shown, line=line, hint=f"mend it (a merge?); {_RENEW}") from None
    version = told.get("format") if isinstance(told, dict) else None
    if type(version) is not int or version < 1:
        raise FormatError("is no baseline", path=shown, hint=_RENEW)
    if version > FORMAT:
        what = f"is of format {version}, this program knows formats up to {FORMAT}"
        raise FormatError(what, path=shown, hint="update dedup")
    try:
        for older in range(version, FORMAT):
            told = _UPGRADES[older](told)
        entries = {paragraph: _entry(paragraph, entry) for paragraph, entry in sorted(told["paragraphs"].items())}
        folding = told["folding"]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise FormatError("is no baseline, or a broken one", path=shown, hint=_RENEW) from None
    if folding != fold.VERSION:
        raise FormatError("was written by a version that compares other letters", path=shown, hint=_RENEW)
    return Baseline(entries)


def _entry(paragraph: str, told: Any) -> Entry:
    if len(paragraph) != 16 or int(paragraph, 16) < 0 or type(told["count"]) is not int or told["count"] < 1:
        raise ValueError(paragraph)
    return Entry(told["count"], bytes.fromhex(told["sketch"]).hex())


def write_baseline(path: str | os.PathLike[str], baseline: Baseline) -> None:
    """Write a baseline, a paragraph a line, whole or not at all. Raises `OutputError`."""
    rows = [
        f'  "{paragraph}": {{"count": {entry.count}, "sketch": "{entry.sketch}"}}'
        for paragraph, entry in sorted(baseline.paragraphs.items())
    ]
    inside = "\n" + ",\n".join(rows) + "\n " if rows else ""
    text = f'{{\n "format": {FORMAT},\n "folding": {fold.VERSION},\n "paragraphs": {{{inside}}}\n}}\n'
    partial = f"{os.fspath(path)}.{os.getpid()}.partial"
    try:
        Path(partial).write_text(text, encoding="utf-8", newline="\n")
        os.replace(partial, path)
    except OSError as error:
        Path(partial).unlink(missing_ok=True)
        reason = (error.strerror or str(error)).lower()
        hint = "name another file with --baseline"
        raise OutputError(f"cannot be written: {reason}", path=os.fspath(path), hint=hint) from None
