"""Positions of the text and of the file are two counts of the same characters."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.position import Lines
from dedup.read.decode import decode

TEXTS = st.text("ab汉\r\n", max_size=60)


@given(TEXTS)
def test_outer_positions_count_the_file_as_it_stands(raw: str) -> None:
    source = decode(raw.encode(), "a")
    lines = Lines(source)
    inner = np.arange(len(source.text) + 1)
    outer = lines.outer(inner)
    assert [lines.outer(int(i)) for i in inner] == outer.tolist()
    assert outer[-1] == len(raw)
    for i, o in zip(inner, outer, strict=True):
        rest = source.text[i:] if source.newline == "" else source.text[i:].replace("\n", source.newline)
        assert raw[o:] == rest
    assert lines.inner(outer).tolist() == inner.tolist()
    assert [lines.inner(int(o)) for o in outer] == inner.tolist()


@given(TEXTS)
def test_lines_are_those_of_an_editor(raw: str) -> None:
    source = decode(raw.encode(), "a")
    lines = Lines(source)
    expected = source.text.splitlines(keepends=True)
    if not expected or expected[-1][-1] in "\r\n":
        expected.append("")
    assert len(lines) == len(expected)
    at = 0
    for number, line in enumerate(expected, 1):
        assert lines.span(number) == (at, at + len(line))
        for column in range(1, len(line) + 1):
            assert lines.line_and_column(at + column - 1) == (number, column)
        at += len(line)


def test_a_position_inside_crlf_goes_to_the_newline() -> None:
    lines = Lines(decode(b"ab\r\ncd\r\n", "a"))
    assert [lines.inner(outer) for outer in range(9)] == [0, 1, 2, 2, 3, 4, 5, 5, 6]


def test_there_is_no_line_beyond_the_last() -> None:
    lines = Lines(decode(b"a\nb", "a"))
    for line in (0, 3):
        with pytest.raises(IndexError):
            lines.span(line)


def test_lines_reach_processes_that_do_not_fork() -> None:
    lines = Lines(decode(b"a\r\nbc\r\n", "a"))
    assert pickle.loads(pickle.dumps(lines)).line_and_column(4) == lines.line_and_column(4) == (2, 3)
