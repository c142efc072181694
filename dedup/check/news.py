"""What a user calls new -> the texts to check: files by name, files that git says have changed, staged blobs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dedup.changes import Changes
from dedup.check.finding import News
from dedup.config import ReadSettings
from dedup.model import Source
from dedup.read import File, parse_file
from dedup.read.discover import give_up, is_source


def named(files: Sequence[File], reading: ReadSettings) -> News:
    """Files that were named are new, all of them."""
    sources = {file.path: parse_file(file, reading, _bytes(file)) for file in files}
    return _news(sources, frozenset(sources), frozenset(), frozenset())


def changed(
    changes: Changes, corpus: Sequence[File], roots: Sequence[str], within: Sequence[str] | None, reading: ReadSettings
) -> News:
    """Files of a corpus that git says have changed; those below `within` if that is given.

    `roots`: where the corpus lies; `within` as `roots` relative to the base of all paths.
    """
    on_disk = {file.path: file for file in corpus}

    def belongs(path: str) -> bool:
        name = os.path.basename(path)
        return path in on_disk or (_below(path, roots) and is_source(name) and not name.startswith("."))

    new = {path for path in changes.added | changes.modified if within is None or _below(path, within)}
    sources: dict[str, list[Source]] = {}
    for path in sorted(new | changes.blobs.keys()):
        if not belongs(path):
            continue
        data = changes.blobs[path] if path in changes.blobs else _bytes(on_disk[path]) if path in on_disk else None
        if data is not None:
            file = on_disk.get(path, File(path, path, path, False))
            sources[path] = parse_file(file, reading, data)
    return _news(sources, frozenset(new & sources.keys()), changes.added, frozenset(changes.blobs))


def _news(
    sources: dict[str, list[Source]], new: frozenset[str], added: frozenset[str], replaced: frozenset[str]
) -> News:
    return News(
        sources=tuple(source for of_file in sources.values() for source in of_file),
        new=frozenset(source.path for path in new for source in sources[path]),
        added=frozenset(source.path for path in new & added for source in sources[path]),
        replaced=frozenset(sources) | replaced,
        files=len(new),
    )


def _below(path: str, roots: Sequence[str]) -> bool:
    return any(root == "." or path == root or path.startswith(f"{root}/") for root in roots)


def _bytes(file: File) -> bytes:
    try:
        return Path(file.name).read_bytes()
    except OSError as error:
        give_up(error, file.shown)
