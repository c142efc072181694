"""A Parquet file -> its rows, and the same table with fewer rows and other texts. DuckDB reads and writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.errors import FormatError, NoTextField
from dedup.read.container import RecordShell, Row
from dedup.scratch import folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NUMBER = "file_row_number"  # DuckDB's name for the place of a row in its file
_INTEGERS = tuple(sign + kind for sign in ("", "U") for kind in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"))


def rows(data: bytes, path: str, text_field: str, id_field: str) -> list[Row]:
    """The rows of a table. Raises `FormatError` when it is broken, `NoTextField` without a text column."""
    import duckdb  # noqa: PLC0415  (only where there is such a file)

    try:
        with _table(data) as (connection, file):
            described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [file]).fetchall()
            columns = _columns({name: kind for name, kind, *_ in described}, path, text_field, id_field)
            found = connection.execute(f"SELECT {columns} FROM read_parquet(?)", [file]).fetchall()
    except duckdb.Error:
        raise FormatError("no Parquet file, or a damaged one", path=path, hint="get the file again") from None
    missing = next((number for number, (text, _) in enumerate(found, 1) if text is None), None)
    if missing is not None:
        hint = "give every row a text, or take those without out of the file"
        raise FormatError(f"the field {text_field!r} is null", path=path, line=missing, hint=hint)
    return [
        Row.of(text, number, text.encode("utf-8"), RecordShell(id_ or str(number), "", ""))
        for number, (text, id_) in enumerate(found, 1)
    ]


def subset(data: bytes, texts: Mapping[int, str], text_field: str) -> bytes:
    """The table with only those rows that have a text, with that text; all other columns as they are."""
    import numpy as np  # noqa: PLC0415

    order = sorted(texts)
    column = {"row": np.array(order, np.int64), "text": np.array([texts[row] for row in order], object)}
    with _table(data) as (connection, file):
        connection.register("texts", column)
        out = str(Path(file).with_name("subset.parquet"))
        connection.execute(
            f"COPY (SELECT p.* EXCLUDE ({_NUMBER}) REPLACE (texts.text AS {_name(text_field)}) "
            f"FROM read_parquet('{file}', {_NUMBER} = true) p JOIN texts ON p.{_NUMBER} = texts.row "
            f"ORDER BY texts.row) TO '{out}' (FORMAT parquet, COMPRESSION zstd)"
        )
        return Path(out).read_bytes()


def _columns(types: dict[str, str], path: str, text_field: str, id_field: str) -> str:
    """What to select for the texts and the ids."""
    if types.get(text_field) != "VARCHAR":
        what = f"the field {text_field!r} is not text" if text_field in types else f"no field {text_field!r}"
        texts = ", ".join(repr(name) for name, kind in types.items() if kind == "VARCHAR")
        hint = f"name the field that has the text with --text-field (texts here: {texts or 'none'})"
        raise NoTextField(what, path=path, hint=hint)
    kind = types.get(id_field)
    if kind not in (None, "VARCHAR", *_INTEGERS):
        hint = "choose a field of strings or whole numbers with --id-field"
        raise FormatError(f"the id {id_field!r} is no string or number", path=path, hint=hint)
    return f"{_name(text_field)}, {f'{_name(id_field)}::VARCHAR' if kind else 'NULL'}"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


@contextmanager
def _table(data: bytes) -> Iterator[tuple[DuckDBPyConnection, str]]:
    """A connection, and a file with `data` for it to read: DuckDB opens files only by their names."""
    import duckdb  # noqa: PLC0415

    with folder() as scratch, duckdb.connect() as connection:
        file = scratch / "table.parquet"
        file.write_bytes(data)
        connection.execute("SET threads = 1")  # one writer: the same bytes on every machine
        connection.execute(f"SET temp_directory = '{scratch}'")
        yield connection, str(file)
