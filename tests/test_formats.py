"""Tables and packed files of records: their texts are read, and the files come back byte for byte."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.config import Settings
from dedup.engine.local import scan
from dedup.errors import FormatError, RestoreError
from dedup.merge import merge
from dedup.parquet import rows
from dedup.read import read
from dedup.read.container import from_json, to_json
from dedup.read.records import read_container, write_container, write_container_subset
from dedup.restore import restore
from dedup.write import write
from tests.texts import prose

CELLS = st.text(st.sampled_from('ab汉,;\t"\r\n 😀'), max_size=6)


def texts(sources: tuple[Any, ...]) -> dict[int, str]:
    return {source.record.index: source.text for source in sources}


def back(data: bytes, path: str, **options: Any) -> bytes:
    container, sources = read_container(data, path, **options)
    stored = from_json(json.loads(json.dumps(to_json(container))))
    assert stored == container
    return write_container(stored, texts(sources))


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    """A delimiter, a table with a text column, and the texts in it."""
    delimiter = draw(st.sampled_from(",;\t"))
    columns = draw(st.integers(1, 3))
    at = draw(st.integers(0, columns - 1))
    names = ["text" if n == at else f"x{n}" for n in range(columns)]
    rows, values = [delimiter.join(names)], []
    for cells in draw(st.lists(st.lists(CELLS, min_size=columns, max_size=columns), max_size=5)):
        fields = []
        for n, cell in enumerate(cells):
            quoted = '"' + cell.replace('"', '""') + '"'
            apart = (delimiter if columns > 1 else ",;\t") + "\r\n"
            must = cell.startswith('"') or any(c in cell for c in apart) or (columns == 1 and not cell)
            fields.append(quoted if must or draw(st.booleans()) else cell)
            if n == at:
                values.append(cell)
        rows.append(delimiter.join(fields))
    newline = draw(st.sampled_from(("\n", "\r\n")))
    blank = draw(st.sampled_from(("", newline)))
    return delimiter, (newline + blank).join(rows) + draw(st.sampled_from(("", newline))), values


@settings(deadline=None)
@given(tables())
def test_any_table_comes_back(table: tuple[str, str, list[str]]) -> None:
    delimiter, text, _ = table
    name = "a.tsv" if delimiter == "\t" else "a.csv"
    assert back(text.encode(), name) == text.encode()


@settings(deadline=None)
@given(tables())
def test_the_texts_of_a_table_are_those_that_csv_reads(table: tuple[str, str, list[str]]) -> None:
    delimiter, text, values = table
    _, sources = read_container(text.encode(), "a.csv")
    raw = [source.text if source.newline == "" else source.text.replace("\n", source.newline) for source in sources]
    assert raw == values
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    assert [row[rows[0].index("text")] for row in rows[1:]] == values


@settings(deadline=None)
@given(tables(), st.text('a,;"\t\n', max_size=4))
def test_a_changed_text_is_what_csv_reads_then(table: tuple[str, str, list[str]], new: str) -> None:
    delimiter, text, values = table
    container, sources = read_container(text.encode(), "a.csv")
    written = write_container(container, dict.fromkeys(range(len(values)), new)).decode()
    head, *rows = csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)
    said = [row[head.index("text")] for row in rows if row]
    wanted = [new.replace("\n", source.newline or "\n") for source in sources]
    assert [value for value in said if value] == [value for value in wanted if value]


def test_rows_are_called_by_their_id_or_their_line() -> None:
    data = b'id,text\n7,"one\ntwo"\n,b\n'
    assert [source.path for source in read_container(data, "t.csv")[1]] == ["t.csv#7", "t.csv#4"]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("id,text\n1,a\n2\n", 3, "has 1 fields, and the first row 2"),
        ('id,text\n1,a\n2,"b\n', 3, "a quote is not closed"),
        ('id,text\n1,"a"b\n', 2, "something follows the quote"),
        ("id,text\n1,a\n1,b\n", 3, "the id '1' was used in line 2 already"),
    ],
)
def test_a_broken_row_is_named(text: str, line: int, what: str) -> None:
    with pytest.raises(FormatError, match=what) as caught:
        read_container(text.encode(), "t.csv")
    assert (caught.value.path, caught.value.line) == ("t.csv", line)
    assert caught.value.hint


def parquet(folder: Path, query: str) -> bytes:
    file = folder / "table.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
    data = file.read_bytes()
    file.unlink()
    return data


def test_a_parquet_file_is_kept_whole_and_its_subset_has_the_other_columns(tmp_path: Path) -> None:
    data = parquet(tmp_path, "SELECT i::INT AS n, 'text ' || i AS text, [i, 2] AS list FROM range(4) t(i)")
    container, sources = read_container(data, "t.parquet", id_field="n")
    assert [source.path for source in sources] == [f"t.parquet#{n}" for n in range(4)]
    assert write_container(container, {}) == data
    subset = write_container_subset(container, {2: "two", 0: "nought"})
    assert subset == write_container_subset(container, {0: "nought", 2: "two"})
    file = tmp_path / "subset.parquet"
    file.write_bytes(subset)
    assert duckdb.sql(f"FROM read_parquet('{file}')").fetchall() == [(0, "nought", [0, 2]), (2, "two", [2, 2])]


@pytest.mark.parametrize(
    ("query", "line", "what"),
    [
        ("SELECT 1 AS text", None, "the field 'text' is not text"),
        ("SELECT 'a' AS body", None, "no field 'text'"),
        ("SELECT unnest(['a', NULL]) AS text", 2, "the field 'text' is null"),
        ("SELECT 1.5 AS id, 'a' AS text", None, "the id 'id' is no string or number"),
        ("SELECT 1 AS id, unnest(['a', 'b']) AS text", 2, "the id '1' was used in row 1 already"),
    ],
)
def test_a_parquet_file_without_texts_is_named(tmp_path: Path, query: str, line: int | None, what: str) -> None:
    with pytest.raises(FormatError, match=what) as caught:
        read_container(parquet(tmp_path, query), "t.parquet")
    assert (caught.value.path, caught.value.line) == ("t.parquet", line)


@pytest.mark.parametrize("name", ["a.jsonl.zst", "a.parquet"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str) -> None:
    whole = zstandard.compress(b'{"text": "a"}\n' * 99) if "zst" in name else parquet(tmp_path, "SELECT 'a' AS text")
    for data in (whole[:-6], whole[:4] + bytes(8) + whole[12:], whole[:4]):
        with pytest.raises(FormatError):
            read_container(data, name)


PARAGRAPHS = ["".join(paragraph) for seed in range(5) for paragraph in prose("han", 4_000 + seed, 1, 4)]
TWICE = [*PARAGRAPHS[:4], *PARAGRAPHS[1:3], PARAGRAPHS[4], PARAGRAPHS[0] + PARAGRAPHS[3]]


def heap(folder: Path) -> None:
    """The same texts as records of every format, some without ids."""
    lines = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in TWICE)
    rows = "".join(f'{n},"{text}"\r\n' for n, text in enumerate(TWICE))
    frames = zstandard.compress(lines[:900].encode()) + zstandard.compress(lines[900:].encode(), 19)
    (folder / "lines.jsonl").write_text(lines, encoding="utf-8")
    (folder / "packed.jsonl.zst").write_bytes(zstandard.compress(lines.encode()[:0]) + frames)
    (folder / "rows.csv.gz").write_bytes(gzip.compress(f"id,text\r\n{rows}".encode(), mtime=1))
    (folder / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    values = ", ".join(f"({n}, '{text}')" for n, text in enumerate(TWICE))
    (folder / "table.parquet").write_bytes(parquet(folder, f"SELECT * FROM (VALUES {values}) t(n, text)"))


def test_every_format_is_merged_and_comes_back(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    heap(folder)
    for turn in (folder, out / "corpus"):
        inputs = read([turn])
        found = scan(inputs.sources, Settings())
        merged = merge(found.corpus, found.matches, Settings())
        if turn is folder:
            assert [(item.path, item.reason) for item in inputs.skipped] == [("other.csv", "no field 'text'")]
            write(merged, inputs, found.corpus, Settings(), out)
        else:
            assert not merged.removals
    originals = {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "other.csv"}
    assert dict(restore(out)) == originals
    assert sorted(file.name for file in (out / "originals").iterdir()) == ["packed.jsonl.zst", "table.parquet"]
    (out / "originals" / "table.parquet").unlink()
    with pytest.raises(RestoreError, match=r"table\.parquet"):
        list(restore(out))


def test_the_tables_of_a_merge_are_its_rows_and_restore_takes_either(tmp_path: Path) -> None:
    folder, outs = tmp_path / "in", [tmp_path / "one", tmp_path / "two"]
    folder.mkdir()
    (folder / "a.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in TWICE), encoding="utf-8")
    (folder / "b's [1].txt").write_text("\n".join([*TWICE[2:4], TWICE[5].replace("。", "！\n")]), encoding="utf-8")
    inputs = read([folder])
    found = scan(inputs.sources, Settings())
    merged = merge(found.corpus, found.matches, Settings())
    for out in outs:
        write(merged, inputs, found.corpus, Settings(), out, output_format="parquet")
    for name in ("corpus", "clusters", "diff"):
        one, two = (out / f"{name}.parquet" for out in outs)
        assert one.read_bytes() == two.read_bytes()
        lines = [json.loads(line) for line in (outs[0] / f"{name}.jsonl").read_text("utf-8").splitlines()]
        assert [{key: row[key] for key in line} for row, line in zip(rows(one), lines, strict=True)] == lines
        (outs[1] / f"{name}.jsonl").unlink()
    originals = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert dict(restore(outs[0])) == dict(restore(outs[1])) == originals
    (outs[1] / "diff.parquet").write_bytes(b"PAR1")
    with pytest.raises(RestoreError, match=r"diff\.parquet"):
        list(restore(outs[1]))
