"""Containers of records come back byte for byte."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import lay, prose, run, tree

from dedup.errors import EncodingError, FormatError, NotText, RestoreError
from dedup.model import Source
from dedup.read.container import Container, from_json, to_json
from dedup.read.decode import decode
from dedup.read.records import (
    read_container,
    write_container,
    write_container_subset,
)
from dedup.restore import restore


def texts(sources: tuple[Source, ...]) -> dict[int, str]:
    return {source.record.index: source.text for source in sources if source.record}


def back(data: bytes, **options: Any) -> bytes:
    container, sources = read_container(data, "a.jsonl", **options)
    stored = from_json(json.loads(json.dumps(to_json(container))))
    assert stored == container
    return write_container(stored, texts(sources))


CHARACTERS = st.characters(exclude_categories=["Cs"]) | st.sampled_from('\\/"\r\n\t<>&\u2028\x7f😀汉')
STRINGS = st.text(CHARACTERS, max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | STRINGS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3),
    max_leaves=6,
)
SPACE = st.text(" \t\r", max_size=2)


@st.composite
def tokens(draw: st.DrawFn, value: str) -> str:
    """One of the many ways to write a string in JSON."""
    parts = []
    for char in value:
        ways = [json.dumps(char)[1:-1], json.dumps(char, ensure_ascii=False)[1:-1]]
        if char == "/":
            ways.append("\\/")
        if char < "\u0800":
            ways.append(f"\\u{ord(char):04X}")
        parts.append(draw(st.sampled_from(ways)))
    return '"' + "".join(parts) + '"'


@st.composite
def records(draw: st.DrawFn) -> str:
    """A line with a text, among other members in any order, with space wherever JSON allows it."""
    members = [(key, json.dumps(value)) for key, value in draw(st.dictionaries(STRINGS, VALUES, max_size=4)).items()]
    members = [member for member in members if member[0] not in ("text", "id")]
    members.insert(draw(st.integers(0, len(members))), ("text", draw(STRINGS.flatmap(tokens))))
    spaces = iter(draw(st.lists(SPACE, min_size=24, max_size=24)))
    parts = [
        next(spaces) + json.dumps(key) + next(spaces) + ":" + next(spaces) + value + next(spaces)
        for key, value in members
    ]
    return next(spaces) + "{" + ",".join(parts) + "}" + next(spaces)


FILES = st.tuples(
    st.lists(records() | st.sampled_from(["", " ", "\r"]), max_size=5),
    st.sampled_from(["", "\n"]),
    st.booleans(),
).map(lambda file: (("\ufeff" if file[2] else "") + "\n".join(file[0]) + file[1]).encode())


@settings(deadline=None)
@given(FILES)
def test_any_file_of_records_comes_back(data: bytes) -> None:
    assert back(data) == data


@settings(deadline=None)
@given(FILES)
def test_the_texts_are_those_that_json_reads(data: bytes) -> None:
    _, sources = read_container(data, "a.jsonl")
    lines = [line for line in data.decode("utf-8-sig").split("\n") if line.strip(" \t\r")]
    raw = [source.text if source.newline == "" else source.text.replace("\n", source.newline) for source in sources]
    assert raw == [json.loads(line)["text"] for line in lines]


@settings(deadline=None)
@given(FILES, st.data())
def test_changed_texts_are_what_json_reads_then(data: bytes, draw: st.DataObject) -> None:
    container, sources = read_container(data, "a.jsonl")
    new = {index: draw.draw(st.text('ab/汉\n😀\\"', max_size=5)) for index in range(len(sources))}
    written = write_container(container, new).decode("utf-8-sig")
    said = [json.loads(line)["text"] for line in written.split("\n") if line.strip(" \t\r")]
    newlines = [source.newline or "\n" for source in sources]
    assert said == [text.replace("\n", newline) for text, newline in zip(new.values(), newlines, strict=True)]


@settings(deadline=None)
@given(st.text('{}[]:," \\ntrue1a', max_size=30))
def test_what_json_refuses_is_refused(line: str) -> None:
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return
    if line.strip(" \t\r\n") and "\n" not in line:
        with pytest.raises(FormatError):
            read_container(line.encode(), "a.jsonl")


@pytest.mark.parametrize(
    "token", ['"汉/<"', '"\\u6c49/<"', '"\\u6c49\\/<"', '"汉/\\u003c"', '"\\u6C49/<"', '"\\u0061bc汉"']
)
def test_the_way_a_string_was_escaped_is_kept(token: str) -> None:
    data = b'{"text": %s}\n' % token.encode()
    assert back(data) == data


def test_odd_escapes_are_kept_as_differences_not_as_copies() -> None:
    data = b'{"text": "%s\\u0041"}' % (b"long " * 1000)
    container, _ = read_container(data, "a.jsonl")
    assert len(json.dumps(to_json(container))) < 500


def test_odd_escapes_go_where_the_text_was_changed() -> None:
    container, _ = read_container(b'{"text": "\\u0041b"}', "a.jsonl")
    assert write_container(container, {0: "xb"}) == b'{"text": "xb"}'
    assert write_container(container, {0: ""}) == b'{"text": ""}'


def test_of_a_key_said_twice_the_last_counts() -> None:
    data = b'{"text": "a", "text": "b", "in": {"text": "c"}}'
    container, sources = read_container(data, "a.jsonl")
    assert sources[0].text == "b"
    assert write_container(container, {0: "x"}) == b'{"text": "a", "text": "x", "in": {"text": "c"}}'


def test_a_record_is_named_by_its_id_or_its_line() -> None:
    data = b'\n{"text": "a", "id": "x"}\n{"text": "b", "id": 7}\n\n{"text": "c"}\n{"text": "d", "id": null}'
    _, sources = read_container(data, "d/a.jsonl")
    assert [source.path for source in sources] == ["d/a.jsonl#x", "d/a.jsonl#7", "d/a.jsonl#5", "d/a.jsonl#6"]
    assert [source.record.index for source in sources if source.record] == [0, 1, 2, 3]


def test_the_fields_can_be_named() -> None:
    _, (source,) = read_container(b'{"body": "a", "key": 1}', "a.jsonl", text_field="body", id_field="key")
    assert (source.text, source.path) == ("a", "a.jsonl#1")


def test_the_newlines_of_a_record_are_those_of_a_file() -> None:
    data = b'{"text": "a\\r\\nb"}\r\n{"text": "a\\r\\nb\\n"}\r\n'
    _, sources = read_container(data, "a.jsonl")
    assert [(source.newline, source.text) for source in sources] == [("\r\n", "a\nb"), ("", "a\r\nb\n")]
    assert back(data) == data


def test_a_line_separator_inside_a_string_ends_no_line() -> None:
    data = '{"text": "a\u2028b\x85"}\n'.encode()
    assert read_container(data, "a.jsonl")[1][0].text == "a\u2028b\x85"
    assert back(data) == data


def test_a_subset_has_the_records_with_a_text_and_their_other_fields() -> None:
    data = b'{"id": 1, "text": "a"}\n\n{"id": 2, "text": "b"}\n{"text": "c", "id": 3}\n'
    container, _ = read_container(data, "a.jsonl")
    assert write_container_subset(container, {0: "a", 2: "x\ny"}) == (
        b'{"id": 1, "text": "a"}\n{"text": "x\\ny", "id": 3}\n'
    )
    assert write_container_subset(container, {}) == b""


def test_a_missing_text_cannot_be_restored() -> None:
    container, _ = read_container(b'{"id": "x", "text": "a"}', "a.jsonl")
    with pytest.raises(RestoreError, match="'x'"):
        write_container(container, {})


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ('{"body": "x", "n": 1}', "no field 'text'", "--text-field (strings here: 'body')"),
        ('{"text": 1}', "the field 'text' is not a string", "--text-field"),
        ("[1]", "not a JSON object: Expecting '{' at column 1", "one JSON object"),
        ('{"text": "a",}', "property name", "one JSON object"),
        ('{"text": "a"} x', "Extra data at column 15", "one JSON object"),
        ('{"text": "a', "Unterminated string", "one JSON object"),
        ('{"text": "\\ud800"}', "surrogate", "no character"),
        ('{"text": "a", "id": [1]}', "'id'", "--id-field"),
        ('{"text": "a", "id": "one"}', "the id 'one' was used in line 1 already", "--id-field"),
        ('{"text": "a", "n": %s}' % ("9" * 5000), "too long", "one JSON object"),
        ('{"text": "a", "n": %s}' % ("[" * 100_000), "nested", "one JSON object"),
    ],
    ids=range(11),
)
def test_a_broken_line_is_named(line: str, message: str, hint: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_container(b'{"text": "a", "id": "one"}\n' + line.encode(), "d/a.jsonl")
    assert str(caught.value).startswith("d/a.jsonl:2: ")
    assert message in str(caught.value)
    assert hint in (caught.value.hint or "")
    assert "\n" not in str(caught.value)


def test_bytes_that_are_not_utf8_are_named_by_line() -> None:
    with pytest.raises(EncodingError, match=r"a\.jsonl:2: not valid utf-8"):
        read_container(b'{"text": "a"}\n{"text": "\xff"}', "a.jsonl")


@pytest.mark.parametrize("name", ["utf-16-le", "gb18030"])
def test_another_encoding_can_be_named(name: str) -> None:
    data = '{"text": "汉字"}\n'.encode(name)
    assert back(data, encoding=name) == data


LINES = b"".join(b'{"id": %d, "text": "%s"}\n' % (n, b"word %d " % (n * n) * 9) for n in range(300))


def test_a_gzip_file_of_any_level_comes_back() -> None:
    for level in range(1, 10):
        data = gzip.compress(LINES, level, mtime=1234)
        assert back(data) == data


def test_the_gzip_header_is_kept() -> None:
    file = io.BytesIO()
    with gzip.GzipFile("名.jsonl", "wb", 6, file, 99) as packed:
        packed.write(LINES)
    extra = b"\x1f\x8b\x08\x14" + bytes(4) + b"\x02\x03" + b"\x03\x00abc" + b"comment\0"
    data = extra + gzip.compress(LINES)[10:]
    assert gzip.decompress(data) == LINES
    for file_data in (file.getvalue(), data):
        assert back(file_data) == file_data


def test_members_one_after_the_other_come_back() -> None:
    half = LINES.index(b"\n", len(LINES) // 2) - 5
    data = gzip.compress(LINES[:half], 9, mtime=1) + gzip.compress(LINES[half:], 2, mtime=2) + bytes(3)
    assert back(data) == data


def test_a_gzip_file_zlib_cannot_repeat_says_so_and_keeps_its_content() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31, 8, zlib.Z_HUFFMAN_ONLY)
    data = packer.compress(LINES) + packer.flush()
    container, sources = read_container(data, "a.jsonl.gz")
    assert container.gzip is not None
    assert not container.gzip.reproducible
    assert gzip.decompress(write_container(container, texts(sources))) == LINES


def test_a_subset_of_a_gzip_file_is_a_gzip_file() -> None:
    container, sources = read_container(gzip.compress(LINES), "a.jsonl.gz")
    data = write_container_subset(container, {1: sources[1].text})
    assert gzip.decompress(data) == LINES.splitlines(keepends=True)[1]


@pytest.mark.parametrize("cut", [2, 9, 12, 200, -1, -8])
def test_a_gzip_file_cut_off_is_named(cut: int) -> None:
    with pytest.raises(FormatError, match="gzip"):
        read_container(gzip.compress(LINES)[:cut], "a.jsonl.gz")


def test_a_damaged_gzip_file_is_named() -> None:
    data = gzip.compress(LINES)
    for at in (2, 3, 12, len(data) // 2, -1, -5):
        damaged = bytearray(data)
        damaged[at] ^= 0xE1
        with pytest.raises(FormatError, match="gzip"):
            read_container(bytes(damaged), "a.jsonl.gz")
    with pytest.raises(FormatError, match="follows"):
        read_container(data + b"x", "a.jsonl.gz")


@pytest.mark.parametrize(
    "change",
    [
        {"shells": 1},
        {"new": 1},
        {"shells": [{"id": "1"}]},
        {"gzip": {"members": [{"header": "x", "size": 1}]}},
    ],
)
def test_a_broken_description_is_a_restore_error(change: dict[str, Any]) -> None:
    container: Container = read_container(b'{"text": "a"}', "a.jsonl")[0]
    with pytest.raises(RestoreError):
        from_json({**to_json(container), **change})


@pytest.mark.parametrize("table", [b"id,text,text\n1,a,b\n", b"id;text;id\n1;a;2\n"])
def test_two_columns_of_one_name_are_an_error_and_not_a_choice(table: bytes) -> None:
    with pytest.raises(FormatError, match="2 columns are called") as raised:
        read_container(table, "a.csv")
    assert raised.value.line == 1
    assert "--text-field" in str(raised.value.hint)


SAID = "".join(sentence for paragraph in prose("han", 5, 2, 6) for sentence in paragraph)
OTHER = SAID[:40] + "𠀀" + SAID[40:]  # a character that GBK lacks
PACKED = {
    "a.txt.gz": gzip.compress(f"甲\r\n{SAID}\r\n乙\r\n".encode("gbk"), 6, mtime=1),
    "b.md.zst": zstandard.ZstdCompressor().compress(f"{OTHER}\n丙".encode()),
    "c.txt": f"丁\n{OTHER}\n戊\n".encode(),
    "d.txt.gz": gzip.compress(b""),
}


def test_packed_texts_are_read_as_texts_and_come_back(tmp_path: Path) -> None:
    merged = run(lay(tmp_path / "in", PACKED), tmp_path / "out")
    assert [source.path for source in merged.inputs.sources] == sorted(PACKED)
    assert merged.inputs.sources[0].encoding == "gb18030"
    assert {row["path"] for row in merged.rows("clusters.jsonl")[0]["witnesses"]} == {"a.txt.gz", "b.md.zst", "c.txt"}
    assert dict(restore(merged.out)) == PACKED
    (home,) = {row["home"]["path"] for row in merged.rows("clusters.jsonl")}
    written = tree(merged.out / "corpus")
    assert all(len(written[name]) < len(PACKED[name]) for name in ("a.txt.gz", "b.md.zst", "c.txt") if name != home)
    again = run(merged.out / "corpus", tmp_path / "again")
    assert not again.rows("clusters.jsonl")
    assert dict(restore(again.out)) == tree(merged.out / "corpus")


def test_a_file_packed_otherwise_says_what_to_do() -> None:
    with pytest.raises(NotText, match="a packed file") as raised:
        decode(bz2.compress(SAID.encode()), "a.txt")
    assert "unpack it" in str(raised.value.hint)
