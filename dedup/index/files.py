"""The inputs of a corpus -> its files, with paths that are the same wherever the command is run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace

from dedup.read import File, discover

DECISIONS = "decisions.jsonl"

_VARIABLE = "DEDUP_CACHE"


def corpus_files(inputs: Sequence[str | os.PathLike[str]], base: str | os.PathLike[str]) -> tuple[File, ...]:
    """The files below some inputs, sorted by their paths relative to `base`. Raises `InputError`.

    Files of decisions are no texts, though they lie among them.
    """
    found = (file for file in discover(inputs)[0] if file.named or os.path.basename(file.name) != DECISIONS)
    return tuple(sorted((replace(file, path=relative(file.name, base)) for file in found), key=lambda file: file.path))


def relative(name: str | os.PathLike[str], base: str | os.PathLike[str]) -> str:
    """A path relative to `base`, POSIX style."""
    return os.path.relpath(os.path.realpath(name), os.path.realpath(base)).replace(os.sep, "/")


def cached_index(inputs: Sequence[str | os.PathLike[str]], base: str | os.PathLike[str]) -> str:
    """Where the index of a corpus lies when no file is named for it: in DEDUP_CACHE or the user's cache folder."""
    folder = os.environ.get(_VARIABLE)
    if not folder:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        folder = os.path.join(home, "dedup")
    named = "\n".join([os.path.realpath(base), *sorted(relative(path, base) for path in inputs)])
    return os.path.join(folder, f"{hashlib.sha256(os.fsencode(named)).hexdigest()[:16]}.duckdb")
