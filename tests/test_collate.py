"""A passage's witnesses become one text and every point at which one of them differs from it."""

from __future__ import annotations

import pickle
import re
from collections import Counter
from dataclasses import fields, replace
from itertools import pairwise
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from texts import SCRIPTS, lay_out, noise, prose, repunctuate

import dedup.collate as collating
from dedup.collate import (
    Asked,
    Collation,
    Copy,
    Point,
    base_of,
    bases_of,
    changes,
    collate,
    collate_each,
    differing,
    gaps,
    kinds_of,
    many,
    rebuild,
)
from dedup.collate.points import Points, Standing
from dedup.collate.stemma import cleaner, elect, letter_changes, weights
from dedup.collate.units import units
from dedup.edit import equal_blocks
from dedup.fold import fold
from dedup.model import VariantClass
from dedup.variant import plain

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
    made = tuple(collation.points)
    assert [*kinds_of(collation.points)] == [*kinds_of(made)]
    assert replace(collation, points=made).confidence == collation.confidence
    for number in range(len(texts)):
        assert differing(collation.points, number) == differing(made, number)
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


@st.composite
def witnesses(draw: st.DrawFn) -> tuple[list[Copy], int, list[int]]:
    """Witnesses, of whom few differ from the others, the base, and the voters, of whom it is one."""
    pieces = [
        *"天地玄黄於于太大不没总统王二三十百3,，。、.)\u3000 \n*□\ufffd",
        "\n\n",
        "。\n",
        "12",
        "aé",
        "he ",
        "not",
    ]
    text = st.lists(st.sampled_from(pieces), min_size=1, max_size=4).map("".join)
    here = draw(st.lists(text, min_size=1, max_size=8))
    first = draw(st.sampled_from(["", "宇", "so "]))
    texts = [here] * draw(st.integers(1, 3))
    for _ in range(draw(st.sampled_from([1, 1, 2]))):
        there = list(here)
        for at in draw(st.lists(st.integers(0, len(here) - 1), min_size=1, max_size=4)):
            there[at] = draw(st.one_of(text, st.just("")))
        texts.append(there)
    copies = []
    for of in draw(st.permutations([f"{first}{''.join(pieces)}宙" for pieces in texts])):
        read_over = [found.span() for found in re.finditer(r"\n+", of) if draw(st.booleans())]
        copies.append(replace(copy(of, *read_over), source=draw(st.sampled_from([None, 0, 1]))))
    everyone = st.integers(0, len(copies) - 1)
    base = draw(everyone)
    return copies, base, sorted({base, *draw(st.lists(everyone, max_size=3))})


@settings(quick, max_examples=300)
@given(witnesses())
@example(([copy(f"□天□地{more}玄黄宙") for more in ("", "", "日月盈昃辰宿列张寒来")], 0, [0, 1, 2]))
def test_where_one_differs_that_is_told_of_as_if_many_did(of: tuple[list[Copy], int, list[int]]) -> None:
    copies, base, voters = of
    found = [of.changes for of in collating._found([(copies, base)])[0]]
    changed = {voter: letter_changes(copies[base], copies[voter], found[voter]) for voter in voters}
    apart = units(copies, base, found)
    with patch.object(many.Collator, "_alike", lambda *_: ()):
        text, rows = many.Collator(copies, base, weights(copies, changed, voters), apart).collated()
    told = collate(copies, base, voters)
    assert told.text == text
    if rows:
        assert isinstance(told.points, Points)
        assert told.points.rows == rows
        assert [list(row[2]) for row in told.points.rows] == [list(row[2]) for row in rows]
        assert told.points.bounds.tolist() == apart.spans.tolist()
    else:
        assert len(told.points) == 0


@quick
@given(st.lists(witnesses(), min_size=1, max_size=5))
@example([([copy("天地1"), copy("天地2")], 0, [0]), ([copy("3玄黄"), copy("玄黄")], 1, [1])])
def test_many_passages_are_collated_as_each_is_alone(passages: list[tuple[list[Copy], int, list[int]]]) -> None:
    alone = [collate(*of) for of in passages]
    for one, of in zip(collate_each([Asked(*of) for of in passages]), alone, strict=True):
        assert replace(one, points=tuple(map(told, one.points))) == replace(of, points=tuple(map(told, of.points)))
    centers = [(copies, base) for copies, base, _ in passages]
    bases = bases_of(centers)
    assert [base for base, _ in bases] == [base_of(*of) for of in centers]
    for (copies, center), (base, found) in zip(centers, bases, strict=True):
        assert found is None or (base == center and found == collating._found([(copies, center)])[0])


def told(point: Point) -> tuple[object, ...]:
    return (*(getattr(point, of.name) for of in fields(Point) if of.name != "bounds"), point.spans)


varied = st.lists(
    st.sampled_from("天地玄黄宇宙三十廿参年月1256.,% 　\naAsSſßiIİnŉпП") | st.characters(codec="utf-8"),
    min_size=1,
    max_size=8,
).map("".join)


@settings(quick, max_examples=600)
@given(st.lists(st.tuples(*[varied] * 5), min_size=1, max_size=3))
@example([("天", "ß", "玄", "sa", "黄")])
@example([("天", "ß", "玄黄宇", "", "ss")])
@example([("天1", "2", "玄", "", "黄"), ("3天", "日", "玄", "", "黄4")])
def test_changes_that_are_not_looked_at_closer_would_stay_as_they_are(
    passages: list[tuple[str, str, str, str, str]],
) -> None:
    pairs = [(copy(f"{a}{b}{c}{d}{e}"), copy(f"{a}{d}{c}{b}{e}")) for a, b, c, d, e in passages]
    pairs += [(copy(f"{a}{b}{c}"), copy(f"{a}{d}{c}{e}")) for a, b, c, d, e in passages]
    found = changes.changed(pairs)
    with patch.object(changes, "_TOGETHER", 1):
        assert found == changes.changed(pairs)
    with (
        patch.object(changes, "_may_cut", lambda _, ends: np.ones(len(ends), np.bool_)),
        patch.object(changes, "_may_move", lambda _, ends, bounds: np.ones(len(bounds) - 1, np.bool_)),
    ):
        closer = changes.changed(pairs)
    assert [(of.changes, of.equal) for of in found] == [(of.changes, of.equal) for of in closer]
    for (one, two), of in zip(pairs, found, strict=True):
        for (x0, x1, y0, y1), common in zip(of.changes, of.common, strict=True):
            sides = one.text[x0 - 1 : x0], one.text[x1 : x1 + 1], two.text[y0 - 1 : y0], two.text[y1 : y1 + 1]
            assert not common or all(side and plain.common(side) for side in sides)


@quick
@given(witnesses())
@example(([copy("天地玄黄宙"), copy("天地宇黄宙")], 0, []))
def test_of_two_texts_the_cleaner_is_the_base(of: tuple[list[Copy], int, list[int]]) -> None:
    copies, center, _ = of
    found = [of.changes for of in collating._found([(copies, center)])[0]]
    changed = {number: letter_changes(copies[center], copies[number], of) for number, of in enumerate(found)}
    base = elect(copies, changed)
    assert base_of(copies, center) == base
    if len({copy.text for copy in copies}) == 2:
        assert cleaner(copies) == base


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


def test_a_collation_is_the_same_when_another_process_has_sent_it() -> None:
    for texts, base, voters in (
        (["一二三四五，六七八九十。"] * 2, 0, None),
        (["天地玄黄，宇宙洪荒。", "天地元黄。\n宇宙洪荒", "天地玄黄宇宙洪荒，日月"], 0, None),
        (["天地玄黄，宇宙洪荒。", "天地元黄。\n宇宙洪荒"], 0, [0]),
        (["天地玄黄，宇宙洪荒。", "天地元黄。\n宇宙洪荒", "天地元黄。\n宇宙洪荒"], 1, [1, 2]),
    ):
        sent = collated(*texts, base=base, voters=voters)
        assert_sound(sent, *texts)
        assert isinstance(sent.points, Standing) == (voters is not None)
        received = pickle.loads(pickle.dumps(sent))
        assert [points(of, *texts) for of in (sent, received)] == [points(sent, *texts)] * 2
        for one, other in zip(sent.points, received.points, strict=True):
            columns = [field.name for field in fields(one) if field.name != "bounds"]
            assert [getattr(one, name) for name in columns] == [getattr(other, name) for name in columns]
        assert replace(sent, points=()) == replace(received, points=())
        for witness in range(len(texts)):
            assert differing(sent.points, witness) == differing(received.points, witness)


def test_many_pairs_of_long_texts_are_not_looked_at_all_at_once() -> None:
    one, two = copy("天地玄黄宇宙洪荒日月盈昃" * 500), copy("天地玄黄宇宙洪荒，日月盈昃" * 500)
    with patch.object(changes, "gaps", wraps=gaps.gaps) as asked:
        found = changes.changed([(one, two), (two, one)] * 20)
    assert found == changes.changed([(one, two), (two, one)]) * 20
    assert max(sum(len(text.text) for pair in call.args[0] for text in pair) for call in asked.call_args_list) < 1 << 17
    assert changes.changed([]) == []


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


@pytest.mark.parametrize(
    "words", ["people method", "before destroys", "doctor common", "letter corner", "worker for", "cat and the dog"]
)
def test_words_that_changed_places_are_one_move_whatever_letters_they_share(words: str) -> None:
    first, *between, last = words.split()
    moved = " ".join([last, *between, first])
    told = collated(*(f"every river, {some}, under the bright moon" for some in (words, moved))).points
    assert [point.verdict.kind for point in told] == [VariantClass.TRANSPOSITION]


@pytest.mark.parametrize(
    ("text", "other", "kind"),
    [
        ("the form and the tale, then", "the torm and the fale, then", VariantClass.SUBSTANTIVE),
        ("with 15 pears and 16 plums, then", "with 16 pears and 15 plums, then", VariantClass.NUMBER_VALUE),
    ],
)
def test_letters_that_come_again_in_other_words_are_no_move(text: str, other: str, kind: VariantClass) -> None:
    assert [point.verdict.kind for point in collated(text, other).points] == [kind] * 2


def test_what_is_said_twice_is_a_repetition_however_long_it_is() -> None:
    clause = "the silent river under an ancient mountain carries every letter"
    texts = [f"Before, {said}, and so on." for said in (clause, f"{clause} {clause}")]
    assert [point.verdict.kind for point in collated(*texts).points] == [VariantClass.REPETITION]


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


@quick
@given(st.lists(raw, min_size=2, max_size=5).flatmap(lambda texts: st.tuples(st.just(texts), st.permutations(texts))))
def test_the_order_of_the_witnesses_does_not_matter(pair: tuple[list[str], list[str]]) -> None:
    def told(texts: list[str]) -> tuple[object, ...]:
        copies = [copy(text) for text in texts]
        base = base_of(copies, texts.index(min(texts)))
        collation = collate(copies, base, range(len(texts)))
        places = [(p.at, p.text, p.verdict, p.vote, p.share, p.reason) for p in collation.points]
        readings = [{text[slice(*span)] for text, span in zip(texts, p.spans, strict=True)} for p in collation.points]
        return texts[base], collation.text, places, readings

    assert told(pair[0]) == told(pair[1])


CLAUSES = "天地玄黄宇宙洪荒。日月盈昃辰宿列张，寒来暑往秋收冬藏。闰余成岁律吕调阳，云腾致雨露结为霜。金生丽水玉出昆冈。"


def test_changes_that_touch_are_two_points() -> None:
    texts = [CLAUSES, CLAUSES.replace("玄", "元"), CLAUSES.replace("黄", "皇")]
    assert points(collated(*texts), *texts) == [("玄", ("玄", "元", "玄")), ("黄", ("黄", "黄", "皇"))]


def test_a_long_gap_swallows_no_other_difference() -> None:
    lost = "日月盈昃辰宿列张，寒来暑往秋收冬藏。"
    texts = [CLAUSES, CLAUSES.replace(lost, ""), CLAUSES.replace("暑", "署").replace("盈", "赢")]
    collation = collated(*texts)
    assert_sound(collation, *texts)
    assert {point.differs[1].kind for point in collation.points} == {VariantClass.LACUNA}
    other = [(point.text, point.differs[2].kind) for point in collation.points if 2 in point.differs]
    assert other == [("盈", VariantClass.SUBSTANTIVE), ("暑", VariantClass.SUBSTANTIVE)]


def test_a_long_gap_that_ends_inside_another_difference_is_cut_where_that_begins() -> None:
    other = CLAUSES[:27] + "甲乙丙丁戊己" + CLAUSES[33:]
    texts = [CLAUSES, CLAUSES[:10] + CLAUSES[30:], other, CLAUSES[:38] + CLAUSES[50:]]
    told = [(point.spans[0], set(point.differs)) for point in collated(*texts).points]
    assert told == [((10, 27), {1}), ((27, 33), {1, 2}), ((38, 50), {3})]


def test_what_several_insert_is_aligned_among_them() -> None:
    more = "剑号巨阙珠称夜光，果珍李柰菜重芥姜。"
    here = CLAUSES.index("闰")
    texts = [
        CLAUSES,
        *(
            CLAUSES[:here] + text + CLAUSES[here:]
            for text in (more, more.replace("珠", "朱"), more.replace("姜", "江"))
        ),
    ]
    collation = collated(*texts)
    assert_sound(collation, *texts)
    assert collation.text == texts[1]
    assert {point.differs[0].kind for point in collation.points} == {VariantClass.LACUNA}
    assert [point.text for point in collation.points if 2 in point.differs] == ["珠"]
    assert [point.text for point in collation.points if 3 in point.differs] == ["姜"]


def test_of_three_readings_the_one_most_like_the_others_stands() -> None:
    texts = [CLAUSES.replace("宇宙", own) for own in ("雨昼", "宇昼", "宇宙")]
    assert collated(*texts).text == CLAUSES.replace("宇宙", "宇昼")


def test_near_copies_of_a_bad_print_vote_once() -> None:
    text = "".join(prose("han", 5, 2, 4)[0]) * 2
    places = range(10, len(text) - 10, 30)
    bad = "".join("错" if at in places else c for at, c in enumerate(text))
    prints = [bad[:at] + "误" + bad[at + 1 :] for at in (5, 25, 45)]  # each with a slip of its own
    good = [text.replace(text[3], "甲", 1), text.replace(text[7], "乙", 1)]
    assert collated(*prints, *good).text.count("错") == 0


def test_a_break_beside_letters_has_no_say_about_them() -> None:
    texts = ["天地玄黄，宇\n宙洪荒。", "天地玄黄，宇寅洪荒。", "天地元黄，宇寅\n洪荒。"]
    assert collated(*texts).text == texts[1]


def test_every_point_says_why_it_is_for_review() -> None:
    texts = [
        "共有3000人参加，他们不来，天玄。",
        "共有5000人参加，他们都来，天黄。",
        "共有3000人参加，他们不来，天玄。\n",
    ]
    assert [(p.reason, p.contested) for p in collated(*texts, voters=[0, 1]).points[:3]] == [
        ("number", True), ("negation", True), ("no majority", True)
    ]  # fmt: skip
    assert [p.reason for p in collated(*texts[:2], base=0, voters=[0]).points] == ["number", "negation", ""]


def test_work_grows_with_what_witnesses_have_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join("".join(paragraph) for paragraph in prose("han", 9, 6, 5))
    work: Counter[str] = Counter()

    def counted(room: ModuleType, name: str) -> None:
        inner = getattr(room, name)

        def outer(*of: Any, **also: Any) -> Any:
            work[name] += 1
            work["characters"] += sum(len(reading) for reading in of[::3] if isinstance(reading, str))
            return inner(*of, **also)

        monkeypatch.setattr(room, name, outer)

    counted(many, "classify_in")
    counted(changes, "equal_blocks")
    spent = []
    for count in (5, 20):
        work.clear()
        texts = [noise(text, 0.03, seed) for seed in range(count)]
        collated(*texts)
        spent.append({name: times / count for name, times in work.items()})
    assert all(spent[1][name] <= 1.6 * spent[0][name] for name in spent[0]), spent


@quick
@given(related)
@example(["a,天", "A.天"])
def test_between_gaps_raw_characters_are_the_same_and_there_are_some(texts: list[str]) -> None:
    one, two = copy(texts[0]), copy(texts[-1])
    found = gaps.gaps([(one, two)], [equal_blocks(one.letters, two.letters)]).spans.tolist()
    end = [len(one.text), 0, len(two.text), 0]
    for (_, x0, _, y0), (x1, _, y1, _) in pairwise([[0, 0, 0, 0], *found, end]):
        assert one.text[x0:x1] == two.text[y0:y1]
    assert all(x0 < x1 for (_, x0, _, _), (x1, _, _, _) in pairwise(found))


def test_space_is_what_python_takes_for_space() -> None:
    assert [n for n in range(0x110000) if gaps._space.py_func(n)] == [n for n in range(0x110000) if chr(n).isspace()]
