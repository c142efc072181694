"""The inputs a user names -> what is read, and the one text or line among them that a name means."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dedup.config import FileSettings, ReadSettings, nearest
from dedup.errors import InputError, UsageError

if TYPE_CHECKING:
    from dedup.decisions import Decision
    from dedup.fold import Progress
    from dedup.model import Source
    from dedup.read import Inputs


def read_inputs(paths: Sequence[str], reading: ReadSettings, *, progress: Progress | None = None) -> Inputs:
    """Read what a user named. Raises `InputError`, `UsageError`."""
    from dedup.read import read

    return read(
        paths,
        encoding=reading.encoding,
        text_field=reading.text_field,
        id_field=reading.id_field,
        progress=progress,
    )


def decided(files: FileSettings) -> tuple[Decision, ...]:
    """What a reviewer decided. Raises `InputError` where the file is not there."""
    from dedup.decisions import read_decisions

    if files.decisions is None:
        return ()
    if not os.path.exists(files.decisions):
        hint = "name the file with --decisions; `dedup decide` writes one"
        raise InputError("no such file", path=files.decisions, hint=hint)
    return read_decisions(files.decisions)


def line_named(place: str) -> tuple[str, int]:
    """The path and the 1-based line of `PATH:LINE`; the path may have colons of its own."""
    path, _, line = place.rpartition(":")
    if not path or not line.isdecimal() or int(line) < 1:
        raise UsageError(f"{place!r} names no line", hint="write PATH:LINE, for example texts/a.txt:12")
    return path, int(line)


def file_of(name: str) -> str:
    """The file in which a source stands that a user named: of `records.jsonl#id`, `records.jsonl`."""
    if name == "-" or os.path.exists(name):
        return name
    heads = (name[:at] for at in range(len(name) - 1, 0, -1) if name[at] == "#")
    return next((head for head in heads if os.path.exists(head)), name)


def source_named(name: str, inputs: Sequence[str], sources: Sequence[Source]) -> int:
    """Which of the sources read from `inputs` a user named: by its file, its file and record, or as outputs do."""
    from dedup.read.discover import discover

    number = {source.path: at for at, source in enumerate(sources)}
    paths = {os.path.realpath(file.name): file.path for file in discover(inputs)[0]}
    file = file_of(name)
    path = "-" if file == "-" else paths.get(os.path.realpath(file), "")
    for candidate in (path + name[len(file) :], name):
        if candidate in number:
            return number[candidate]
    records = [source.path for source in sources if source.record and source.record.container == path]
    if len(records) == 1 and file == name:
        return number[records[0]]
    if records and file == name:
        example = records[0].removeprefix(path)
        raise UsageError(f"holds {len(records):,} records", path=name, hint=f"name one of them: {name}{example}")
    if os.path.isdir(name):
        raise UsageError("is a folder", path=name, hint="name one text in it")
    near = nearest(name, number)
    hint = f"did you mean {near}?" if near else "name it, or a folder it is in, among the inputs"
    raise UsageError("is none of the texts that were read", path=name, hint=hint)
