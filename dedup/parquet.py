"""JSON lines -> the same rows as a Parquet file, and a Parquet file -> its rows.

The columns are those of the rows' JSON schema, whatever rows there are, and the same rows give the same bytes.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.errors import OutputError, RestoreError
from dedup.schema import load

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TYPES = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}
_BATCH = 10_000  # rows


def write(lines: Path, out: Path, name: str) -> None:
    """Write the rows of a file of JSON lines, which are of the schema of that name, as Parquet.

    Raises `OutputError` when it cannot be written.
    """
    import duckdb  # noqa: PLC0415  (a tenth of a second, for whoever has no Parquet file)

    schema = load(name)
    kinds = [_resolved(kind, schema) for kind in schema.get("oneOf", [schema])]
    fields = {key: value for kind in kinds for key, value in kind["properties"].items() if value != {"type": "null"}}
    columns = ", ".join(f"{_quoted(key)}: '{_type(value, schema)}'" for key, value in fields.items())
    try:
        _copy(duckdb.connect(), lines, out, columns)
    except duckdb.Error as error:
        what = f"cannot be written: {str(error).splitlines()[0]}"
        raise OutputError(what, path=str(out), hint="free some space, or write elsewhere") from None


def rows(file: Path) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file. A row of several kinds has the fields of all, None where they are not its own.

    Raises `RestoreError` when it is damaged.
    """
    import duckdb  # noqa: PLC0415

    try:
        with duckdb.connect() as connection:
            found = connection.execute("FROM read_parquet(?)", [glob.escape(str(file))])
            names = [column[0] for column in found.description or ()]
            while batch := found.fetchmany(_BATCH):
                yield from (dict(zip(names, row, strict=True)) for row in batch)
    except duckdb.Error:
        raise RestoreError("no Parquet file, or a damaged one", path=str(file), hint="merge again") from None


def _copy(connection: DuckDBPyConnection, lines: Path, out: Path, columns: str) -> None:
    with connection:
        connection.execute("SET threads = 1")  # one writer: the same bytes on every machine
        connection.execute(f"SET temp_directory = {_quoted(str(out.parent))}")
        read = f"{_quoted(glob.escape(str(lines)))}, format = 'newline_delimited', maximum_object_size = 1 << 30"
        connection.execute(
            f"COPY (FROM read_json({read}, columns = {{{columns}}})) "
            f"TO {_quoted(str(out))} (FORMAT parquet, COMPRESSION zstd)"
        )


def _type(value: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """The SQL type of what a JSON schema describes."""
    value = _resolved(value, schema)
    if "anyOf" in value:
        return next(_type(one, schema) for one in value["anyOf"] if one != {"type": "null"})
    if "enum" in value or "const" in value:
        return "VARCHAR"
    kinds = value["type"] if isinstance(value["type"], list) else [value["type"]]
    kind = next(kind for kind in kinds if kind != "null")
    if kind == "array":
        return _type(value["items"] or value["prefixItems"][0], schema) + "[]"
    if kind == "object":
        fields = ", ".join(f'"{key}" {_type(field, schema)}' for key, field in value["properties"].items())
        return f"STRUCT({fields})"
    return _TYPES[kind]


def _resolved(value: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    named: Mapping[str, Any] = schema["$defs"][value["$ref"].removeprefix("#/$defs/")] if "$ref" in value else value
    return named


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
