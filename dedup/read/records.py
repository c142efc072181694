"""A file of records -> a `Source` for each record, and the way back to the same bytes, whatever its format."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from dedup.errors import FormatError, RestoreError
from dedup.model import Record, Source
from dedup.read import delimited, jsonl, parquet
from dedup.read.container import FORMATS, TEXTS, Container, Kind, RecordShell, Row
from dedup.read.decode import bom_encoding, codec_name, decode, decode_as, encode, restore_newlines, unify_newlines
from dedup.read.packed import pack_gzip, pack_zstd, packing_of, unpack_gzip, unpack_zstd


def read_container(
    data: bytes, path: str, *, encoding: str | None = None, text_field: str = "text", id_field: str = "id"
) -> tuple[Container, tuple[Source, ...]]:
    """The records of one file. `encoding` is UTF-8 unless given or said by a BOM.

    Raises `FormatError` for a record without a text at `text_field`, for an id said twice and for a broken file, its
    `line` that of the record, in Parquet the number of its row; `NoTextField` where no record can have a text;
    `EncodingError` for bytes that do not fit the encoding.
    """
    kind = _kind(path)
    name, bom, head, tail, delimiter = "utf-8", False, "", "", ""
    packing = None if kind == "parquet" else packing_of(data)
    gzip, body = unpack_gzip(data, path) if packing == "gzip" else (None, data)
    if kind == "parquet":
        rows = parquet.rows(data, path, text_field, id_field)
    elif kind == "text":
        body = unpack_zstd(data, path) if packing == "zstd" else body
        whole = decode(body, path, encoding)
        name, bom = whole.encoding, whole.bom
        rows = [Row.of(restore_newlines(whole.text, whole.newline), 1, body, RecordShell("", "", ""))]
    else:
        body = unpack_zstd(data, path) if packing == "zstd" else body
        codec = bom_encoding(body) or "utf-8" if encoding is None else codec_name(encoding)
        name, bom, text = decode_as(body, path, codec)
        if kind == "csv":
            rows, head, tail, delimiter = delimited.rows(text, path, name, text_field, id_field)
        else:
            rows, tail = jsonl.rows(text, path, name, text_field, id_field)
    shells, sources = [], []
    for index, row in enumerate(rows):
        newline, value = unify_newlines(row.value)
        shells.append(replace(row.shell, newline=newline))
        sources.append(
            Source(
                path=path if kind == "text" else f"{path}#{row.shell.id}",
                text=value,
                encoding=name,
                newline=newline,
                sha256=row.sha256,
                size=row.size,
                record=Record(path, index, row.shell.id),
            )
        )
    _reject_same_ids(rows, path, "row" if kind == "parquet" else "line")
    repeatable = kind != "parquet" and packing != "zstd" and (gzip is None or gzip.reproducible)
    container = Container(
        path,
        name,
        bom,
        hashlib.sha256(data).hexdigest(),
        len(data),
        tuple(shells),
        tail,
        gzip,
        text_field,
        id_field,
        kind,
        packing,
        head,
        delimiter,
        None if repeatable else data,
    )
    return container, tuple(sources)


def write_container(container: Container, texts: Mapping[int, str]) -> bytes:
    """The file as it was, from the text of every record by its index (in the form of `Source.text`).

    With unchanged texts the bytes are the same. Of a file that is kept whole they are those that were kept.
    Raises `RestoreError` when a record's text is missing.
    """
    if container.kept is not None:
        return container.kept
    missing = next((index for index in range(len(container.shells)) if index not in texts), None)
    if missing is not None:
        what = f"the text of record {container.shells[missing].id!r} is missing"
        raise RestoreError(what, path=container.path, hint="merge again: the folder is not complete")
    return _write(container, texts, whole=True)


def write_container_subset(container: Container, texts: Mapping[int, str]) -> bytes:
    """A file with only the records that have a text in `texts`, with that text, all else kept."""
    if container.kind == "parquet":
        assert container.kept is not None
        shells = container.shells
        raw = {index: restore_newlines(text, shells[index].newline) for index, text in texts.items()}
        return parquet.subset(container.kept, raw, container.text_field)
    return _write(container, texts, whole=False)


def subset_encoding(container: Container) -> tuple[str, bool]:
    """The encoding of what `write_container_subset` gives, and whether there is a BOM. A text is UTF-8 then, as all
    texts of a corpus are: it may have letters of another source, which its own encoding lacks."""
    return ("utf-8", False) if container.kind == "text" else (container.encoding, container.bom)


def _kind(path: str) -> Kind:
    name = path.lower().removesuffix(".gz").removesuffix(".zst")
    if name.endswith(TEXTS):
        return "text"
    return next((kind for ending, kind in FORMATS.items() if name.endswith(ending)), "jsonl")


def _reject_same_ids(rows: list[Row], path: str, unit: str) -> None:
    lines: dict[str, int] = {}
    for row in rows:
        if (first := lines.setdefault(row.shell.id, row.line)) != row.line:
            what = f"the id {row.shell.id!r} was used in {unit} {first} already"
            hint = "make the ids unique, or choose another --id-field"
            raise FormatError(what, path=path, line=row.line, hint=hint)


def _write(container: Container, texts: Mapping[int, str], *, whole: bool) -> bytes:
    parts = [container.head]
    for index, shell in enumerate(container.shells):
        if index in texts:
            value = restore_newlines(texts[index], shell.newline)
            parts += [shell.lead, shell.before, _said(value, shell, container), shell.after]
    encoding, bom = (container.encoding, container.bom) if whole else subset_encoding(container)
    body = encode("".join([*parts, container.tail]), encoding=encoding, bom=bom)
    if container.gzip is not None:
        return pack_gzip(body, container.gzip, whole=whole)
    return pack_zstd(body) if container.packing == "zstd" else body


def _said(value: str, shell: RecordShell, container: Container) -> str:
    """The text of a record as its file has it."""
    if container.kind == "text":
        return value
    return delimited.field(value, shell, container.delimiter) if container.kind == "csv" else jsonl.token(value, shell)
