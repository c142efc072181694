"""The inputs a user names -> what is read: not, however, what an earlier merge wrote among them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from dedup.config import ReadSettings, nearest
from dedup.errors import UsageError

if TYPE_CHECKING:
    from dedup.discover import File, Skipped
    from dedup.fold import Progress
    from dedup.model import Source
    from dedup.read import Inputs

_MANIFEST = "manifest.json"


def read_inputs(paths: Sequence[str], reading: ReadSettings, *, progress: Progress | None = None) -> Inputs:
    """Read what a user named, without the results of earlier merges that lie in the folders named.

    A result that is named itself, or a folder in it, is read. Raises `InputError`, `UsageError`.
    """
    from dedup.read import read

    with _without_results():
        return read(
            paths,
            encoding=reading.encoding,
            text_field=reading.text_field,
            id_field=reading.id_field,
            progress=progress,
        )


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
    from dedup.discover import discover

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


@contextmanager
def _without_results() -> Iterator[None]:
    """While this holds, `read` finds no files below a folder that a merge wrote.

    They are not even listed as passed over: merging a folder twice into a folder inside it gives the same bytes.
    """
    from dedup import read as room
    from dedup.discover import discover

    def without(paths: Sequence[str | os.PathLike[str]]) -> tuple[tuple[File, ...], tuple[Skipped, ...]]:
        files, skipped = discover(paths)
        tops = {os.path.abspath(path) for path in map(os.fsdecode, paths)}
        is_result = cache(_is_result)
        return tuple(file for file in files if file.named or not _in_result(file.name, tops, is_result)), skipped

    room.discover = without  # type: ignore[attr-defined]
    try:
        yield
    finally:
        room.discover = discover  # type: ignore[attr-defined]


def _in_result(name: str, tops: set[str], is_result: Callable[[str], bool]) -> bool:
    """Whether a file lies in the result of a merge, below the folder that was named."""
    folder = os.path.dirname(name)
    while folder not in tops and os.path.dirname(folder) != folder:
        if is_result(folder):
            return True
        folder = os.path.dirname(folder)
    return False


def _is_result(folder: str) -> bool:
    try:
        with open(os.path.join(folder, _MANIFEST), encoding="utf-8") as file:
            manifest = json.load(file)
        return bool(manifest["program"]["name"] == "dedup")
    except (OSError, ValueError, LookupError, TypeError):
        return False
