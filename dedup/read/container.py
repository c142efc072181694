"""A file whose records are sources: what it takes to write it back, as nouns and as JSON.

What is not text of a record (braces, keys, other fields, white space) is kept as it stands in *shells*: the file is
the shells with the records' texts between them. A file whose bytes hang on the program that packed them is kept
whole instead.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from dedup.errors import RestoreError
from dedup.model import Newline

Kind = Literal["jsonl", "csv", "parquet", "text"]
Packing = Literal["gzip", "zstd"]

FORMATS: dict[str, Kind] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}
"""The endings of files whose records are sources."""

TEXTS = (".txt", ".text", ".md", ".markdown")
"""The endings of files that are sources themselves. Packed, such a file is one of a single record."""

_PACKED = tuple(ending + packed for ending in (*FORMATS, *TEXTS) if ending != ".parquet" for packed in (".gz", ".zst"))
ENDINGS = (*FORMATS, *_PACKED)
"""The endings of files that are taken apart to have the sources in them."""

Escaping = Literal["unicode", "ascii", "slash", "html", "quoted", "bare"]
"""How a text is written. In JSON: as it is; `\\uXXXX` for all but ASCII; that and `\\/` for slashes (PHP);
`\\u003c` for `<`, `>`, `&` and both Unicode line ends (Go). In CSV: in quotes, or without where that can be."""


@dataclass(frozen=True, slots=True)
class RecordShell:
    """What stands around the text of one record.

    `lead` is blank lines above it, `before` and `after` the rest of its line (its newline included). `odd`
    lists the characters that `escaping` would write otherwise than the file: index in the string, and token.
    """

    id: str
    before: str
    after: str
    lead: str = ""
    newline: Newline = "\n"
    escaping: Escaping = "unicode"
    odd: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class GzipMember:
    """One member of a gzip file: its header in hexadecimal, size unpacked, and zlib's settings."""

    header: str
    size: int
    level: int = 9
    memory: int = 8


@dataclass(frozen=True, slots=True)
class GzipShell:
    """How a gzip file was packed; `reproducible` when that gives its bytes again. `padding` counts NULs."""

    members: tuple[GzipMember, ...]
    padding: int = 0
    reproducible: bool = True


@dataclass(frozen=True, slots=True)
class Container:
    """All of such a file but its texts. `sha256` and `size` are the file's.

    `head` stands before the first record, `tail` after the last; `delimiter` parts the fields of a table. `kept`: the
    bytes of the file, where nothing less gives them again.
    """

    path: str
    encoding: str
    bom: bool
    sha256: str
    size: int
    shells: tuple[RecordShell, ...]
    tail: str = ""
    gzip: GzipShell | None = None
    text_field: str = "text"
    id_field: str = "id"
    kind: Kind = "jsonl"
    packing: Packing | None = None
    head: str = ""
    delimiter: str = ""
    kept: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Row:
    """A record as its format has it: the raw text, its line (in Parquet its row), and its shell.

    `sha256` and `size` are of what says the record in its file.
    """

    value: str
    line: int
    sha256: str
    size: int
    shell: RecordShell

    @classmethod
    def of(cls, value: str, line: int, content: bytes, shell: RecordShell) -> Row:
        """The row that `content` says."""
        return cls(value, line, hashlib.sha256(content).hexdigest(), len(content), shell)


def to_json(container: Container) -> dict[str, Any]:
    """`container` as JSON types; what has its default value is left out, and so are the shells of a kept file."""
    shells = () if container.kept is not None else container.shells
    fields: dict[str, Any] = _plain(dataclasses.replace(container, shells=shells, kept=None))
    if container.kept is not None:
        fields["kept"] = True
    return fields


def from_json(value: Mapping[str, Any]) -> Container:
    """The way back from `to_json`, but for the bytes of a kept file, which stand elsewhere (`kept` is empty).

    Raises `RestoreError` when `value` is not what `to_json` gives.
    """
    try:
        fields = dict(value)
        fields["shells"] = tuple(_shell(shell) for shell in fields["shells"])
        if (gzip := fields.get("gzip")) is not None:
            members = tuple(_member(member) for member in gzip["members"])
            fields["gzip"] = GzipShell(**{**gzip, "members": members})
        if fields.get("kept"):
            fields["kept"] = b""
        container = Container(**fields)
        if container.kind not in get_args(Kind) or container.packing not in (*get_args(Packing), None):
            raise ValueError(container)
        return container
    except (KeyError, TypeError, ValueError, AttributeError):
        what = "the description of a file of records is broken"
        raise RestoreError(what, hint="use the manifest as `dedup merge` wrote it") from None


def _shell(fields: Mapping[str, Any]) -> RecordShell:
    shell = RecordShell(**{**fields, "odd": tuple((int(at), str(unit)) for at, unit in fields.get("odd", ()))})
    if shell.escaping not in get_args(Escaping) or shell.newline not in get_args(Newline):
        raise ValueError(shell)
    if any(len(json.loads(f'"{unit}"')) != 1 for _, unit in shell.odd):
        raise ValueError(shell)
    return shell


def _member(fields: Mapping[str, Any]) -> GzipMember:
    member = GzipMember(**fields)
    bytes.fromhex(member.header)
    if member.level not in range(1, 10) or member.memory not in range(1, 10):
        raise ValueError(member)
    return member


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return value
    return {
        field.name: _plain(getattr(value, field.name))
        for field in dataclasses.fields(value)
        if getattr(value, field.name) != field.default
    }
