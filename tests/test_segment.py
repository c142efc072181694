"""Sources become the paragraphs that a reader sees, whatever layout did to them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from texts import LAYOUTS, SCRIPTS, lay_out, prose

from dedup.corpus import build
from dedup.edits import Edits
from dedup.fold import fold_text
from dedup.model import Source
from dedup.segment import _again, _quantile
from dedup.sentence import prose as is_prose
from dedup.sentence import sentences_of
from dedup.spacing import tidy

quick = settings(max_examples=100, deadline=None, derandomize=True, database=None)

LINES = (
    "",
    " ",
    "　　",
    "天地玄黄，宇宙洪荒。",
    "天地玄黄",
    "一、天地",
    "（一）",
    "## 标题",
    "■ 日月盈昃，辰宿列张，寒来暑往，秋收冬藏，闰余成岁，律吕调阳，云腾致雨，露结为霜",
    "日月盈昃，辰宿列张，寒来暑往，秋收冬藏，闰余成岁，律吕调阳，云腾致雨，露结为霜，金生丽水，玉出昆冈，",
    "The quick brown fox jumps over the lazy dog and runs",
    "and then it sleeps in the warm sun.",
    "1. One",
    "目录 ..... 12",
    "---",
    "\x0c",
    "2020年4月",
    "日",
)
ragged = st.lists(st.sampled_from(LINES), max_size=8).map("\n".join)
anything = st.one_of(ragged, st.text("ab。，天地.\n \u3000\r\x0b\u2028()（）-1", max_size=60))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, each with its breaks closed."""
    corpus = build([Source("a", text)])
    found = corpus.paragraphs
    joined = []
    for start, end in zip(found.start.tolist(), found.end.tolist(), strict=True):
        parts, done = [], start
        for a, b, space in zip(found.break_start, found.break_end, found.break_space, strict=True):
            if start <= a < end:
                parts += text[done : int(a)], " " if space else ""
                done = int(b)
        joined.append("".join([*parts, text[done:end]]))
    return joined


def corpus_text(text: str) -> str:
    """What the corpus makes of a text that nothing is a copy of."""
    corpus = build([Source("a", text)])
    edits = Edits(corpus)
    tidy(corpus, edits)
    return edits.texts().get("a", "")


def test_a_page_break_inside_a_sentence_is_healed() -> None:
    head = "会议强调，要全面贯彻党中央各项决策部署，坚持稳中求进工作总基调，坚持新发展理念，奋力实现今年经济"
    tail = "社会发展目标任务，确保全面建成小康社会。"
    other = "第二天上午，大家来到码头，察看集装箱装卸情况，了解复工复产的进展，并同工人们亲切交谈，询问生活。"
    for pages in ("\n\n", "\n\n\n\n", "\n \n\t\n"):
        assert paragraphs(f"{other}\n{head}{pages}{tail}\n{other}\n") == [other, head + tail, other]


def test_a_hard_wrap_is_healed() -> None:
    text = "\n\n".join(" ".join(paragraph) for paragraph in prose("latin", 2, 3, 4))
    assert paragraphs(lay_out(prose("latin", 2, 3, 4), "wrapped at 72", "latin")) == text.split("\n\n")
    han = ["".join(paragraph) for paragraph in prose("han", 2, 3, 4)]
    assert paragraphs(lay_out(prose("han", 2, 3, 4), "wrapped at 40", "han")) == han


def test_a_heading_a_name_and_a_date_are_paragraphs_of_their_own() -> None:
    lines = [
        "在座谈会上的讲话",
        "（2020年2月23日）",
        "张三",
        "同志们，今天我们召开会议，分析形势，研究部署下一步的各项工作，动员大家继续奋斗，夺取全面的胜利。",
        "一、关于前一段工作",
        "这次疫情来势凶猛，传播速度快，感染范围广，防控难度大，对我们是一次危机，也是一次大考，经受住了。",
    ]
    assert paragraphs("\n".join(lines)) == lines
    assert paragraphs("\n\n".join(lines)) == lines


def test_lines_of_a_table_of_contents_are_not_joined() -> None:
    lines = [
        f"{title} .....\t{page}"
        for title, page in (
            ("在浙江考察时强调统筹推进疫情防控和经济社会发展工作奋力实现今年目标任务", 1),
            ("主持召开常务委员会会议分析国内外新冠肺炎疫情防控和经济运行形势研究部署举措", 10),
            ("回信勉励东湖新城社区全体社区工作者抓细抓实疫情防控各项工作用心用情为群众服务", 14),
            ("团结合作是国际社会战胜疫情最有力武器我们要加强合作共同应对维护公共卫生安全", 16),
        )
    ]
    assert paragraphs("\n".join(lines) + "\n") == lines


def test_items_of_a_list_are_not_joined() -> None:
    lines = ["- 天地玄黄宇宙洪荒日月盈昃", "- 辰宿列张寒来暑往秋收冬藏", "1. one", "2. two", "（三）云腾致雨"]
    assert paragraphs("\n".join(lines)) == lines


@pytest.mark.parametrize("script", [name for name in SCRIPTS if name not in ("odd", "thai")])
@pytest.mark.parametrize("layout", ["lines", "blank lines", "indented"])
def test_paragraphs_set_apart_are_found(script: str, layout: str) -> None:
    text = prose(script, 5, 3, 4)
    gap = SCRIPTS[script].gap
    assert paragraphs(lay_out(text, layout, script)) == [gap.join(paragraph) for paragraph in text]


@quick
@given(anything)
@example("\r\n\r\n a \r b")
def test_paragraphs_hold_every_letter_once_and_in_order(text: str) -> None:
    corpus = build([Source("a", text)])
    found = corpus.paragraphs
    ends = found.end.tolist()
    for number, (start, end) in enumerate(zip(found.start.tolist(), ends, strict=True)):
        assert start < end
        assert number == 0 or ends[number - 1] < start
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
    letters = np.concatenate([np.arange(a, b) for a, b in zip(found.first, found.last, strict=True)] or [[]])
    assert letters.tolist() == list(range(len(corpus.folded.letters)))


@quick
@given(anything)
def test_breaks_inside_paragraphs_are_space(text: str) -> None:
    found = build([Source("a", text)]).paragraphs
    done = 0
    for start, end in zip(found.break_start.tolist(), found.break_end.tolist(), strict=True):
        assert done <= start < end
        assert text[start:end].isspace()
        assert any(a < start and end < b for a, b in zip(found.start, found.end, strict=True))
        done = end


@quick
@given(anything)
@example("stea star coutsus, taten tema peashea chel hand.\nStoulland turtoun wutshut reatvend\nbea ces\nhat")
@example("凉衣责精统电控雷律豆告文革地败风工谊\n山源负速理规夏能力工今福兽规大化梁上目\n\n雷律豆告。")
@example("天地玄黄\x0b\n宇宙洪荒")
def test_the_corpus_is_segmented_as_it_was_written(text: str) -> None:
    once = corpus_text(text)
    assert corpus_text(once) == once


@settings(quick, max_examples=60)
@given(st.sampled_from(sorted(SCRIPTS)), st.sampled_from(sorted(LAYOUTS)), st.integers(0, 40), st.integers(1, 4))
def test_the_corpus_of_prose_is_segmented_as_it_was_written(script: str, layout: str, number: int, size: int) -> None:
    once = corpus_text(lay_out(prose(script, number, size), layout, script))
    assert corpus_text(once) == once


@quick
@given(anything)
def test_the_corpus_keeps_every_letter(text: str) -> None:
    assert fold_text(corpus_text(text)) == fold_text(text)


@quick
@given(anything, st.integers(0, 20), st.integers(0, 20))
def test_sentences_are_a_partition(text: str, one: int, two: int) -> None:
    start, end = sorted((min(one, len(text)), min(two, len(text))))
    sentences = sentences_of(text, start, end)
    assert "".join(text[a:b] for a, b in sentences) == text[start:end]
    assert all(a < b for a, b in sentences)


def test_sentences_end_at_full_stops() -> None:
    def sentences(text: str) -> list[str]:
        return [text[a:b] for a, b in sentences_of(text, 0, len(text))]

    assert sentences("天。地！“人？”和；") == ["天。", "地！", "“人？”", "和；"]
    assert sentences("It costs 3.50 now. Well! Yes") == ["It costs 3.50 now. ", "Well! ", "Yes"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("天地玄黄。", True),
        ("在座谈会上的讲话", False),
        ("2020年2月23日", False),
        ("Chapter 3.5", False),
        ("He came. She went", True),
        ("http://example.org/a.b", False),
        ("一、总则", False),
        ("天地玄黄，" * 12, True),
    ],
)
def test_prose_has_a_full_stop_or_is_long(text: str, expected: bool) -> None:
    assert is_prose(text, np.array([0]), np.array([len(text)])).tolist() == [expected]


def test_no_text_has_no_paragraphs() -> None:
    for text in ("", "\n", " \n\t\u3000"):
        assert len(build([Source("a", text)]).paragraphs.start) == 0
    assert len(build([]).paragraphs.start) == 0


@quick
@given(st.lists(st.text("天地玄黄", max_size=200), min_size=1, max_size=3), st.integers(1, 3))
def test_a_place_is_known_where_its_letters_stand_together_elsewhere(texts: list[str], half: int) -> None:
    known: list[bool] = []
    places: list[int] = []
    starts, bounds = [0], [0]
    for text in texts:
        often = Counter(text[at : at + 2 * half] for at in range(len(text) - 2 * half + 1))
        own = range(half, len(text) - half + 1)
        known += [often[text[at - half : at + half]] > 1 for at in own]
        places += [starts[-1] + at for at in own]
        starts.append(starts[-1] + len(text))
        bounds.append(len(places))
    stream = np.array(list(map(ord, "".join(texts))), np.uint32)
    columns = (np.array(values, np.int64) for values in (starts, places, bounds))
    assert _again(stream, *columns, half).tolist() == known


@quick
@given(st.lists(st.lists(st.integers(0, 200), max_size=30), max_size=4), st.sampled_from((0.0, 0.25, 0.5, 0.9, 1.0)))
def test_quantiles_of_several_are_those_of_numpy(several: list[list[int]], share: float) -> None:
    values = np.array([value for own in several for value in own], np.int64)
    of = np.repeat(np.arange(len(several)), [len(own) for own in several])
    expected = [np.quantile(np.array(own), share) if own else 0 for own in several]
    assert _quantile(values, of, len(several), share).tolist() == expected


@quick
@given(st.lists(st.lists(st.sampled_from(LINES), max_size=8).map("\n".join), max_size=6, unique=True))
@example(["天地，玄\n\n黄宇宙。", "\n\n", "洪荒\n日月"])
def test_texts_are_cut_together_as_each_is_alone(texts: list[str]) -> None:
    def rows(sources: list[Source]) -> list[tuple[list[int], ...]]:
        corpus = build(sources)
        of = corpus.paragraphs
        letters = corpus.folded.starts[of.source]
        columns = of.start, of.end, of.first - letters, of.last - letters
        breaks = of.break_start, of.break_end, of.break_space
        return [
            tuple(
                column[source == number].tolist()
                for some, source in ((columns, of.source), (breaks, of.break_source))
                for column in some
            )
            for number in range(len(sources))
        ]

    assert rows([Source("a", text) for text in sorted(texts)]) == [
        row for text in sorted(texts) for row in rows([Source("a", text)])
    ]
