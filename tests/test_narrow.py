"""What is said narrow is what JSON says, a byte a character."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from dedup.encode import layout_line, layout_lines
from dedup.jsonl import encoded, string
from dedup.narrow import narrow, pieces, said, wide
from dedup.report.html import page_texts
from dedup.spacing import Layout

ODD = '"\\/\0\x1f\x7f\x80\u00a0\u2028\u3000\ud7ff\ud800\udc00\ufeff\uffff\U0001f600\n\r\t<>&新'
TEXTS = st.text(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=())), max_size=8)
SEVERAL = st.lists(TEXTS, max_size=6)
NO_NUL = st.lists(TEXTS.map(lambda text: text.replace("\0", "")), max_size=6)


@given(SEVERAL | NO_NUL)
@example([])
@example(["", ""])
@example(["a\0", "b"])
def test_texts_are_said_together_as_json_says_each(texts: list[str]) -> None:
    assert [wide(f'"{told}"') for told in said(texts)] == list(map(string, texts))


@given(SEVERAL | NO_NUL)
@example(["\\u003c<\\<"])
def test_a_page_reads_the_texts_again_and_has_nothing_in_it_that_ends_a_script(texts: list[str]) -> None:
    told = page_texts(texts)
    assert [json.loads(wide(f'"{text}"')) for text in told] == texts
    assert set("<>&\u2028\ud800").isdisjoint("".join(map(wide, told)))


@given(st.lists(TEXTS.map(string), max_size=4))
@example(['"\ud7ff"', '"新\ud800"', '"신"'])
def test_narrow_lines_are_written_as_the_wide_ones(lines: list[str]) -> None:
    assert b"".join(pieces(map(narrow, lines))) == (encoded(lines) if lines else b"")


@given(TEXTS, st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), TEXTS, TEXTS), max_size=5))
def test_what_space_became_is_told_together_as_it_is_alone(path: str, rows: list[tuple[int, int, str, str]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
    assert [*map(wide, layout_lines(path, *columns))] == [layout_line(Layout(path, *row)) for row in rows]
