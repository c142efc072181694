"""A passage's witnesses become one text and every point at which one of them differs from it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from texts import SCRIPTS, lay_out, noise, prose, repunctuate

from dedup.collate import Collation, Copy, base_of, collate, rebuild
from dedup.fold import fold
from dedup.model import VariantClass

quick = settings(max_examples=120, deadline=None, derandomize=True, database=None)


def copy(text: str, *breaks: tuple[int, int]) -> Copy:
    folded = fold([text])
    return Copy(text, folded.letters, folded.offsets.astype("int64"), breaks)


def collated(*texts: str, base: int = 0, voters: list[int] | None = None) -> Collation:
    return collate([copy(text) for text in texts], base, range(len(texts)) if voters is None else voters)


def points(collation: Collation, *texts: str) -> list[tuple[str, tuple[str, ...]]]:
    """The canonical reading and the readings of all witnesses at every point."""
    return [
        (point.text, tuple(text[a:b] for text, (a, b) in zip(texts, point.spans, strict=True)))
        for point in collation.points
    ]


def assert_sound(collation: Collation, *texts: str) -> None:
    done = 0
    for point in collation.points:
        start, end = point.at
        assert done <= start <= end <= len(collation.text)
        done = end
        assert collation.text[start:end] == point.text
        assert point.text in [text[a:b] for text, (a, b) in zip(texts, point.spans, strict=True)]
    for number, text in enumerate(texts):
        ends = 0
        for point in collation.points:
            a, b = point.spans[number]
            assert ends <= a <= b <= len(text)
            ends = b
        assert rebuild(collation, number, text) == text
    assert 0 <= collation.confidence <= 1
    assert all(0 <= similarity <= 1 for similarity in collation.similarity)


raw = st.text("天地玄黄繁體体a Aé\u0301ﬁi3３,，。.\n　 **", min_size=1, max_size=25).filter(
    lambda text: len(copy(text).letters) > 0
)
related = st.tuples(raw, st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), raw), max_size=3)).map(
    lambda pair: [pair[0], *(pair[0][:at] + put + pair[0][at + cut :] for at, cut, put in pair[1])]
)


@quick
@given(st.one_of(related, st.lists(raw, min_size=1, max_size=4)))
@example(["ﬁ", "fi", "f i", "f\n\ni"])
@example(["㎏天", "k g天", "kg\n天"])
@example(["e\u0301天", "é天", "e天"])
def test_every_witness_is_the_text_with_its_readings(texts: list[str]) -> None:
    for base in range(len(texts)):
        assert_sound(collated(*texts, base=base), *texts)
        assert_sound(collated(*texts, base=base, voters=[base]), *texts)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_edition_is_the_text_with_its_readings(script: str) -> None:
    text = prose(script, 1, 3, 3)
    one = lay_out(text, "lines", script)
    texts = [
        one,
        lay_out(text, "wrapped at 40", script),
        noise(one, 0.05, 1),
        noise(lay_out(text, "sentence lines", script), 0.05, 2),
        repunctuate(one, "half"),
        repunctuate(one, "bare"),
    ]
    for base in (0, 2):
        collation = collated(*texts, base=base)
        assert_sound(collation, *texts)
        assert collation.similarity[base] == 1


def test_equal_witnesses_have_no_points() -> None:
    collation = collated("天地玄黄。", "天地玄黄。")
    assert (collation.text, collation.points, collation.confidence) == ("天地玄黄。", (), 1.0)


def test_the_majority_is_right() -> None:
    texts = ["天地玄黄，宇宙红荒，日月。", "天地元黄，宇宙洪荒，日月。", "天地玄黄，宇宙洪荒，日夜。"]
    assert collated(*texts).text == "天地玄黄，宇宙洪荒，日月。"


def test_one_against_one_is_the_base_s() -> None:
    texts = ["天地玄黄。", "天地元黄。"]
    assert collated(*texts, base=0).text == texts[0]
    assert collated(*texts, base=1).text == texts[1]


def test_copies_of_one_print_vote_once() -> None:
    texts = ["天地玄黄，宇宙洪荒。", *["天地元黄，宇宙洪荒。"] * 5]
    assert collated(*texts).text == texts[0]
    assert collated(*texts, "天地元黄，宇宙洪荒，日月。").text == texts[1]


def test_who_has_no_vote_is_heard_all_the_same() -> None:
    texts = ["天地玄黄。", "天地元黄。", "天地元黄，宇。"]
    collation = collated(*texts, voters=[0])
    assert collation.text == texts[0]
    assert points(collation, *texts)[0] == ("玄", ("玄", "元", "元"))
    assert_sound(collation, *texts)


def test_readings_are_units_not_letters() -> None:
    texts = ["奋力实现今年目标", "能够完成今年目标"]
    assert points(collated(*texts), *texts) == [("奋力实现", ("奋力实现", "能够完成"))]


def test_debris_loses_against_a_clean_reading() -> None:
    texts = ["众志成城战胜疫\ufffd情的决心", "众志成城战胜疫情的决心"]
    assert collated(*texts).text == texts[1]


def test_a_wrapped_witness_loses_no_clause() -> None:
    """Layout beside a point has no say about letters."""
    wrapped = (
        "会议强调，要全面贯彻党中央各项决策部署，坚持稳中求进的工作总基调，坚持新发展理\n"
        "念，统筹推进各项工作，有序恢复生产生活秩序，努力实现今年\n经济社会发展目标任务。"
    )
    short = wrapped.replace("\n", "").replace("统筹推进各项工作，", "")
    collation = collated(wrapped, short)
    assert "统筹推进各项工作，" in collation.text
    assert_sound(collation, wrapped, short)


@pytest.mark.parametrize("mark", ["**", "## ", "\n\n", "\x07", ",", "<b>"])
def test_marks_beside_a_clause_do_not_cost_it(mark: str) -> None:
    full = f"天地玄黄，宇宙洪荒，{mark}日月盈昃，辰宿列张，{mark}寒来暑往，秋收冬藏。"
    short = "天地玄黄，宇宙洪荒，寒来暑往，秋收冬藏。"
    assert "日月盈昃，辰宿列张" in collated(full, short).text


def test_a_break_stands_where_half_of_the_witnesses_have_it() -> None:
    one, two = "天地玄黄宇宙洪荒。", "日月盈昃，辰宿列张。"
    broken, run_on = f"{one}\n{two}", one + two
    assert collated(run_on, broken).text == broken
    assert collated(broken, run_on).text == broken
    third = run_on.replace("盈", "圆")
    assert "\n" not in collated(run_on, broken, third).text


def test_a_page_break_inside_a_sentence_does_not_stand() -> None:
    head, tail = "会议强调，要全面贯彻党中央各项决策", "部署，坚持新发展理念。"
    broken = f"{head}\n\n\n{tail}"
    copies = [copy(broken, (len(head), len(head) + 3)), copy(head + tail)]
    for base in (0, 1):
        collation = collate(copies, base, range(2))
        assert collation.text == head + tail
        assert collation.points[0].verdict.kind is VariantClass.SEGMENTATION


def test_numbers_of_different_value_are_for_review() -> None:
    texts = ["共有3000人参加。", "共有5000人参加。"]
    (point,) = collated(*texts).points
    assert point.verdict.kind is VariantClass.NUMBER_VALUE
    assert point.verdict.needs_review
    assert point.contested
    assert collated(*texts).confidence < 1


def test_the_vote_is_told() -> None:
    (point,) = collated("天地玄黄。", "天地元黄。", "天地元黄。日月。").points[:1]
    assert point.vote.startswith("2:1")


def test_the_base_is_the_cleanest_of_those_near_the_medoid() -> None:
    clean = "众志成城，战胜疫情，这是我们的决心，也是信心，更是力量。"
    dirty = clean.replace("疫情", "疫\ufffd情")
    other = "完全另外的一段文字，和上面的没有关系，只是很干净而已。"
    assert base_of([copy(dirty), copy(clean), copy(other)], 0) == 1
    assert base_of([copy(clean), copy(dirty), copy(other)], 1) == 0


def test_script_and_width_are_readings_of_equal_letters() -> None:
    texts = ["团结合作，战胜疫情２０２０。", "團結合作,戰勝疫情2020。"]
    collation = collated(*texts)
    assert_sound(collation, *texts)
    assert {point.verdict.kind for point in collation.points} == {
        VariantClass.SCRIPT, VariantClass.WIDTH
    }  # fmt: skip
    assert collation.similarity == (1.0, 1.0)
