"""Paths -> sources: files are found (`discover`), read, decoded (`decode`) or taken apart (`records`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from dedup.config import ReadSettings
from dedup.errors import InputError, NoTextField, NothingToRead, NotText
from dedup.model import Source
from dedup.read.container import ENDINGS, Container
from dedup.read.decode import codec_name, decode, encode
from dedup.read.discover import STDIN, File, Skipped, discover, give_up
from dedup.read.records import read_container

__all__ = ["Container", "File", "Inputs", "Skipped", "decode", "discover", "encode", "parse", "parse_file", "read"]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that was read: sources by path, the records of a container in its place and in their own order."""

    sources: tuple[Source, ...]
    containers: tuple[Container, ...]
    skipped: tuple[Skipped, ...]


def read(
    paths: Sequence[str | os.PathLike[str]],
    *,
    encoding: str | None = None,
    text_field: str = "text",
    id_field: str = "id",
    stdin: BinaryIO | None = None,
    progress: Progress | None = None,
) -> Inputs:
    """Read files, folders and standard input (`-`).

    `encoding` is used strictly for every file when given. `stdin` stands in for standard input.
    `progress("read", done, total)` is called after each file. Raises `InputError` and its kin; files that a
    walk through a folder meets and that are no text, or are gone again, are listed in `skipped` instead.
    """
    codec = None if encoding is None else codec_name(encoding)
    files, passed = discover(paths)
    sources: list[Source] = []
    containers: list[Container] = []
    skipped = list(passed)
    for done, file in enumerate(files, 1):
        data = _bytes(file, stdin)
        try:
            if data is None:
                skipped.append(Skipped(file.path, "vanished"))
            else:
                found, container = parse(data, file.path, encoding=codec, text_field=text_field, id_field=id_field)
                sources += found
                containers += [container] if container else []
        except InputError as error:
            if file.named or not _may_be_passed(error, file.path):
                error.path = file.shown
                raise
            skipped.append(Skipped(file.path, error.what if isinstance(error, NoTextField) else "binary"))
        if progress is not None:
            progress("read", done, len(files))
    if not sources:
        raise _nothing(skipped)
    _reject_same_paths(sources)
    return Inputs(tuple(sources), tuple(containers), tuple(sorted(skipped, key=lambda item: item.path)))


def parse(
    data: bytes, path: str, *, encoding: str | None = None, text_field: str = "text", id_field: str = "id"
) -> tuple[list[Source], Container | None]:
    """The sources in one file's bytes: itself, or the records of a container. Raises `InputError` and its kin."""
    if not path.lower().endswith(ENDINGS):
        return [decode(data, path, encoding)], None
    container, records = read_container(data, path, encoding=encoding, text_field=text_field, id_field=id_field)
    return list(records), container


def _may_be_passed(error: InputError, path: str) -> bool:
    """Whether a file that nobody named may be one that holds no texts: a binary one, a table of something else."""
    return isinstance(error, NoTextField) or (isinstance(error, NotText) and not path.lower().endswith(ENDINGS))


def parse_file(file: File, reading: ReadSettings, data: bytes) -> list[Source]:
    """The sources in one file's bytes, none where it holds no text and nobody named it. Raises as `parse` does."""
    encoding = None if reading.encoding is None else codec_name(reading.encoding)
    fields = {"text_field": reading.text_field, "id_field": reading.id_field}
    try:
        return parse(data, file.path, encoding=encoding, **fields)[0]
    except InputError as error:
        if file.named or not _may_be_passed(error, file.path):
            error.path = file.shown
            raise
        return []


def _bytes(file: File, stdin: BinaryIO | None) -> bytes | None:
    """The bytes of a file; None when it is gone since its folder was listed."""
    try:
        if file.name == STDIN:
            stream = stdin if stdin is not None else sys.stdin.buffer if sys.stdin is not None else None
            if stream is None:
                raise InputError("there is no standard input", path=STDIN, hint="name a file instead")
            return stream.read()
        with open(file.name, "rb") as opened:
            return opened.read()
    except (FileNotFoundError, NotADirectoryError) as error:
        if not file.named:
            return None
        give_up(error, file.shown)
    except OSError as error:
        give_up(error, file.shown)


def _nothing(skipped: list[Skipped]) -> NothingToRead:
    hint = "in folders only .txt, .md, .jsonl, .csv, .tsv, .parquet, their like and files without ending are read"
    what = "no source was found"
    if skipped:
        what += f" ({len(skipped)} passed over; {skipped[0].path}: {skipped[0].reason})"
    return NothingToRead(what, hint=f"{hint}; name a file itself to have it read")


def _reject_same_paths(sources: list[Source]) -> None:
    """A record's path can be that of a file: the record `b` of `a` and the file `a#b`."""
    seen: set[str] = set()
    for source in sources:
        if source.path in seen:
            raise InputError("two sources have this path", path=source.path, hint="rename the file or the record")
        seen.add(source.path)
