from __future__ import annotations

import json
import random
import time
from itertools import combinations
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dedup.model import VariantClass as V
from dedup.quality import Quality, damage, quality
from dedup.variant import MARKS, Verdict, classify, ladder, most_serious, plain, short, verdict
from dedup.variant.glyphs import variant_form

CASES = Path(__file__).parent / "cases" / "variants"
SEEDS = Path(__file__).parent.parent / "seeds"
SWAPPED = {V.LACUNA: V.ADDITION, V.ADDITION: V.LACUNA}

HAN = "国家经济发展社会人民合作疫情防控战胜病毒科学世界卫生组织共同努力信心决定重要指示精神要求部署工作"
HAN_SENTENCE = st.text(alphabet=HAN, min_size=12, max_size=30)
WORDS = ["house", "river", "garden", "people", "country", "science", "window", "market", "summer", "bridge"]
LATIN_SENTENCE = st.lists(st.sampled_from(WORDS), min_size=4, max_size=8).map(" ".join)


def _cases() -> list[dict[str, object]]:
    return [
        json.loads(line) | {"file": path.stem}
        for path in sorted(CASES.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def _name(case: dict[str, object]) -> str:
    return f"{case['file']}:{case['text']!r}~{case['other']!r}"


@pytest.mark.parametrize("case", _cases(), ids=_name)
def test_a_case_has_its_class_tags_review_and_rule(case: dict[str, str]) -> None:
    verdict = classify(case["text"], case["other"], case["left"], case["right"])
    assert verdict == Verdict(V(case["kind"]), tuple(case["tags"]), bool(case["review"]), case["rule"])


@pytest.mark.parametrize("case", _cases(), ids=_name)
def test_a_case_has_the_same_class_from_the_other_side(case: dict[str, str]) -> None:
    there = classify(case["text"], case["other"], case["left"], case["right"])
    back = classify(case["other"], case["text"], case["left"], case["right"])
    assert back.kind is SWAPPED.get(there.kind, there.kind)
    assert (back.tags, back.needs_review) == (there.tags, there.needs_review)


def test_there_are_cases_for_every_class() -> None:
    assert {path.stem for path in CASES.glob("*.jsonl")} == {kind.value for kind in V}
    assert all(case["file"] == case["kind"] for case in _cases())


def test_equal_readings_are_no_variant() -> None:
    for text in ("", "团结", "\n"):
        with pytest.raises(ValueError, match="equal"):
            classify(text, text)


# --- planted differences


def _han_pair(kind: V) -> st.SearchStrategy[tuple[str, str]]:
    """Two readings between which one difference of a class stands."""

    def plant(a: str, b: str) -> st.SearchStrategy[tuple[str, str]]:
        return st.builds(lambda x, y: (x + a + y, x + b + y), HAN_SENTENCE, HAN_SENTENCE)

    pieces = {
        V.SEGMENTATION: [("\n", ""), ("\n\n", "\n"), ("\n　　", ""), ("\r\n", "\n"), ("  \n", "")],
        V.WHITESPACE: [(" ", ""), ("　", ""), ("\u200b", ""), ("\u00a0", "")],
        V.WIDTH: [("（", "("), ("，", ","), ("１", "1"), ("％", "%"), ("：", ":")],
        V.CASE: [("GDP", "gdp"), ("App", "APP")],
        V.MARKUP: [("**", ""), ("\n## ", "\n"), ("\n■", "\n"), ("<b>", ""), ("&nbsp;", ""), ("\n- ", "\n")],
        V.PUNCTUATION: [("，", ""), ("“", ""), ("。", "，"), ("、", "，"), ("——", "")],
        V.SCRIPT: [("國", "国"), ("説", "說"), ("強", "强"), ("気", "气"), ("羣", "群"), ("並", "并")],
        V.NUMBER_FORM: [("三千", "3000"), ("2020年2月", "2020.2"), ("百分之五", "5%"), ("1.5万", "15000")],
        V.NUMBER_VALUE: [("三千", "3001"), ("12", "21"), ("5%", "6%"), ("1.5", "15")],
        V.OCR: [("\ufffd", "京"), ("己", "已"), (" and ", "和"), ("甲\n\n甲", "甲"), ("□", "省")],
        V.TRANSPOSITION: [("甲乙丙", "丙甲乙"), ("美丽中", "中美丽")],
        V.REPETITION: [("甲甲", "甲"), ("美丽美丽", "美丽")],
        V.LACUNA: [("甲乙丙丁戊美丽漂亮", "")],
        V.ADDITION: [("", "甲乙丙丁戊美丽漂亮")],
        V.SUBSTANTIVE: [("甲", ""), ("甲", "乙"), ("美丽", "漂亮")],
    }
    return st.sampled_from(pieces[kind]).flatmap(lambda pair: plant(*pair))


def _latin_pair(kind: V) -> st.SearchStrategy[tuple[str, str]]:
    pieces = {
        V.SEGMENTATION: [("\n", " "), ("\n\n", "\n"), (" \n    ", " ")],
        V.WHITESPACE: [(" to day ", " today "), ("  ", " "), ("\u00a0", " ")],
        V.WIDTH: [(" ﬁne ", " fine "), (" Ｌ ", " L ")],
        V.CASE: [(" The ", " the "), (" STRASSE ", " straße ")],
        V.MARKUP: [(" **so** ", " so "), (" <i>so</i> ", " so "), ("\n- ", "\n"), (" `so` ", " so ")],
        V.PUNCTUATION: [(", ", " "), (" “so” ", " so "), ("; ", ", ")],
        V.SCRIPT: [(" encyclopædia ", " encyclopaedia ")],
        V.NUMBER_FORM: [(" three thousand ", " 3,000 "), (" 5 per cent ", " 5% "), (" 3000 ", " 3,000 ")],
        V.NUMBER_VALUE: [(" 3,000 ", " 3,001 "), (" three ", " four "), (" 2019 ", " 2020 ")],
        V.OCR: [
            (" modem ", " modern "),
            (" the\nthe ", " the "),
            (" n\ufffdt ", " nut "),
            (" bаnk ", " bank "),
        ],
        V.TRANSPOSITION: [(" big red ", " red big ")],
        V.REPETITION: [(" over over ", " over "), (" out of out of ", " out of ")],
        V.LACUNA: [(" which they had quite certainly seen ", " ")],
        V.ADDITION: [(" ", " which they had quite certainly seen ")],
        V.SUBSTANTIVE: [(" cottage ", " villa "), (" quite ", " "), (" do ", " do not ")],
    }

    def plant(pair: tuple[str, str]) -> st.SearchStrategy[tuple[str, str]]:
        return st.builds(lambda x, y: (x + pair[0] + y, x + pair[1] + y), LATIN_SENTENCE, LATIN_SENTENCE)

    return st.sampled_from(pieces[kind]).flatmap(plant)


@pytest.mark.parametrize("pairs", [_han_pair, _latin_pair], ids=["han", "latin"])
@pytest.mark.parametrize("kind", list(V))
def test_a_planted_difference_is_found(kind: V, pairs: object) -> None:
    @given(pairs(kind))  # type: ignore[operator]
    def found(pair: tuple[str, str]) -> None:
        verdict = classify(*pair)
        assert verdict.kind is kind
        assert classify(*pair[::-1]).kind is SWAPPED.get(kind, kind)
        assert verdict.needs_review or kind is not V.NUMBER_VALUE

    found()


LAYERS = [V.SEGMENTATION, V.WHITESPACE, V.WIDTH, V.CASE, V.MARKUP, V.PUNCTUATION, V.SCRIPT, V.NUMBER_FORM]


@pytest.mark.parametrize(("earlier", "later"), list(combinations(LAYERS, 2)))
def test_an_earlier_difference_beside_a_later_one_changes_nothing_but_a_tag(earlier: V, later: V) -> None:
    @given(_han_pair(earlier), _han_pair(later))
    def holds(first: tuple[str, str], second: tuple[str, str]) -> None:
        alone = classify(*second)
        both = classify(first[0] + second[0], first[1] + second[1])
        assert both.kind is alone.kind is later
        subsumed = later is V.PUNCTUATION or (earlier, later) == (V.WIDTH, V.NUMBER_FORM)
        if not subsumed:  # the later removal takes the earlier difference with it: （ goes, ３ is read as 3
            assert earlier in both.tags

    holds()


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_any_two_readings_are_classified_and_the_same_from_both_sides(
    text: str, other: str, left: str, right: str
) -> None:
    assume(text != other)
    there, back = classify(text, other, left, right), classify(other, text, left, right)
    assert back.kind is SWAPPED.get(there.kind, there.kind)
    assert back.needs_review == there.needs_review
    assert there.kind not in there.tags
    order = [*V, *MARKS]
    assert list(there.tags) == sorted(set(there.tags), key=order.index)


NOISE = st.text(
    alphabet="中国新团 \n\t　。，（(*#->■[]<b>&;1２三千万.%,:/-aAéеОо0l不not\ufffd□\u0301\u200bカかー\u0640ا\u064e",
    max_size=12,
)


@given(NOISE, NOISE, NOISE, NOISE, NOISE, NOISE)
def test_readings_of_awkward_characters_are_classified(
    text: str, other: str, left: str, right: str, other_left: str, other_right: str
) -> None:
    assume(text != other)
    there = classify(text, other, left, right, other_left, other_right)
    back = classify(other, text, other_left, other_right, left, right)
    assert back.kind is SWAPPED.get(there.kind, there.kind)
    assert (back.tags, back.needs_review) == (there.tags, there.needs_review)


# --- context


_CHARACTERS = (
    *"abXé\u0301ёЖй国國说說己已三十カガか\u3099ｶﾞ한한03٣½①²％%-−—‐.,，。、「」(（）…·•■□*_#>&|~\\+=[]",
    *"\n\r \t\u3000\u00a0\u200b\u00ad\ufe0f\u2028\u0640اأלְﬁßſİıΣςﷺ豈⼀\ufdd2\ufdee\ufdefﾡ€№\ufffd\U0001f600\U00020000",
    *("not ", "the ", "没有", "总统", "three", "<b>", "&amp;", "](x)", "3,000", "a-\nb", "\n\n", "- ", "# "),
)
_READINGS = st.lists(st.sampled_from(_CHARACTERS) | st.characters(codec="utf-8"), max_size=5).map("".join)
_PLACES = st.builds(ladder.Place, _READINGS, _READINGS, _READINGS)


@settings(max_examples=300)
@given(_PLACES)
def test_a_character_thatstands_alone_is_the_same_in_any_company(place: ladder.Place) -> None:
    for rungs in range(1 << len(ladder.RUNGS)):
        alone = ladder._alone(place, rungs)
        assert alone is None or alone == ladder._taken_in_context(place, rungs)


@settings(max_examples=600)
@given(_PLACES, _PLACES, st.sampled_from(ladder.RUNGS))
def test_the_ladder_ends_on_the_same_rung_whether_characters_are_taken_alone_or_together(
    a: ladder.Place, b: ladder.Place, top: V
) -> None:
    rung, marked = ladder.climb(a, b, top), ladder.letters(a)
    with patch.object(ladder, "_alone", lambda *_: None):
        assert (rung, marked) == (ladder.climb(a, b, top), ladder.letters(a))


_PLAIN = (
    *"天地国國於于說说己已巳太大没沒有不未無看後后将將軍总統先生王李千〇三八か・·豈⼀",
    *"，、。（）()[]「/：;!…\n \u3000\t-*#<>&%3aA\u200b\u0301\ufffd",
    *("没有", "不过", "王先生", "总统", "看看", "](x)", "](天)", "[天](", "3 4", "\n\n", "\n\u3000", ")\n\u3000("),
)
_WEIGHTED = st.sampled_from(_PLAIN[:30]) | st.sampled_from(_PLAIN)
_CONTEXTS = st.lists(_WEIGHTED, max_size=9).map("".join)


@settings(max_examples=1500)
@given(st.lists(_WEIGHTED, max_size=5).map("".join), st.lists(_WEIGHTED, max_size=5).map("".join), *[_CONTEXTS] * 4)
def test_the_short_way_says_what_the_long_way_says(
    text: str, other: str, left: str, right: str, other_left: str, other_right: str
) -> None:
    assume(text != other)
    places = text, f"{left}{text}{right}", len(left), other, f"{other_left}{other}{other_right}", len(other_left)
    assert short.plainly(*places) in (None, verdict.at_length(*verdict.places_of(*places)))


_ALIKE = (
    *(
        ("己", "已", "巳", ""),
        ("太", "大", "天"),
        ("於", "于", "\n於"),
        ("國", "国"),
        ("\u8c48", "\uf900"),
        ("不", "没", "没有", ""),
    ),
    *(
        ("二", "三", "二十", "十二", ""),
        ("千", "干", "〇"),
        ("\n", "", "\u3000", "\n\u3000", "，", " "),
        ("将军", "軍将", ""),
    ),
)


def test_the_short_ways_say_so_of_readings_that_are_nearly_the_same_too() -> None:
    draw = random.Random(1)
    pieces = (*_PLAIN, "二十", "卷第", "月", "百分之", "总统")
    common = list(filter(plain.common, "".join(_PLAIN)))

    def context(*more: str) -> tuple[str, ...]:
        return (*draw.choices(pieces if draw.random() < 0.5 else pieces[:30], k=draw.randrange(8)), *more)

    for _ in range(15_000):
        parts = [draw.choices(draw.choice(_ALIKE), k=2) for _ in range(draw.randint(1, 2))]
        text, other = ("".join(of) for of in zip(*parts, strict=True))
        among = draw.random() < 0.5
        sides = [context(*[draw.choice(common)] * among) for _ in range(4)]
        if draw.random() < 0.7:
            sides[2:] = sides[:2]
        left, right, other_left, other_right = map("".join, (sides[0], sides[1][::-1], sides[2], sides[3][::-1]))
        if text != other:
            places = (
                text,
                f"{left}{text}{right}",
                len(left),
                other,
                f"{other_left}{other}{other_right}",
                len(other_left),
            )
            said = verdict.at_length(*verdict.places_of(*places))
            assert short.plainly(*places) in (None, said), places
            assert not among or short.commonly(*places) in (None, said), places


def test_most_readings_between_sinographs_go_the_short_way() -> None:
    before, after = "天地玄黄", "宇宙洪荒"
    assert all(map(plain.common, "天地玄宇宙洪荒"))
    assert not any(map(plain.common, "三没主，a"))
    for text, other in (("\n", ""), ("，", "。"), ("于", "於"), ("日", "月"), ("", "辰宿\n列张"), ("秋收（", "冬藏")):
        places = text, f"{before}{text}{after}", 4, other, f"{before}{other}{after}", 4
        assert short.plainly(*places)
        assert short.commonly(*places)
    assert short.commonly(" ", "3 4天 地", 4, "", "3 4天地", 4) is None  # where digits are near it takes longer


def test_the_same_gap_is_doubling_or_a_loss_depending_on_what_stands_beside_it() -> None:
    assert classify("新\n\n", "", "优良传统。", "新冠肺炎").rule == "doubled-letter-at-break"
    assert classify("新\n\n", "", "优良传统。", "冠状病毒").kind is V.SUBSTANTIVE


def test_a_break_stands_for_a_space_only_between_words_that_have_spaces() -> None:
    assert classify("\n", "", "团结", "合作").kind is V.SEGMENTATION
    assert classify("\n", "", "word", "word").kind is V.WHITESPACE
    assert classify("\n", " ", "word", "word").kind is V.SEGMENTATION
    assert classify("\n", " ", "团结", "合作").kind is V.WHITESPACE


def test_each_witness_is_read_in_its_own_context() -> None:
    # the other witness has the hash inside a line, where it is no heading
    assert classify("# ", "", "\n", "一、").kind is V.MARKUP
    assert classify("# ", "", "第", "一", other_left="第").kind is not V.MARKUP


def test_digits_in_the_context_belong_to_the_number() -> None:
    assert classify(",", "", "3", "000").kind is V.NUMBER_FORM
    assert classify(".", "", "3", "5").kind is V.NUMBER_VALUE
    assert classify(".", "", "3", "。").kind is V.PUNCTUATION


@pytest.mark.parametrize(
    ("text", "other", "left", "right", "negation"),
    [
        ("不", "", "我们", "会", True),
        ("不断", "断", "", "", False),
        ("没有", "有", "", "条件", True),
        ("非洲", "亚洲", "在", "", False),
        ("n't", "", "do", " go", True),
        ("nothing", "something", "", "", True),
        ("notion", "idea", "the ", "", False),
        ("не", "", "он ", " идёт", True),
        ("不能", "能不", "", "", True),
    ],
)
def test_negation_is_tagged_and_for_review(text: str, other: str, left: str, right: str, negation: bool) -> None:
    verdict = classify(text, other, left, right)
    assert ("negation" in verdict.tags) == negation
    assert verdict.needs_review


def test_variant_forms_are_stable() -> None:
    sinographs = [chr(point) for point in range(0x4E00, 0xA000)]
    forms = [variant_form(c) for c in sinographs]
    assert all(len(form) == 1 for form in forms)
    assert [variant_form(form) for form in forms] == forms


# --- most serious


def test_the_most_serious_verdict_carries_all_tags() -> None:
    width, value = classify("（", "("), classify("3000", "3600")
    both = most_serious([width, value])
    assert both == most_serious([value, width])
    assert (both.kind, both.tags, both.needs_review) == (V.NUMBER_VALUE, ("width", "number"), True)


def test_a_negation_is_more_serious_than_a_long_gap() -> None:
    gap, negation = classify("团结合作是国际社会战胜疫情", ""), classify("不", "", "我", "会")
    assert most_serious([gap, negation]).rule == negation.rule


def test_no_verdicts_have_no_most_serious() -> None:
    with pytest.raises(ValueError, match="no verdicts"):
        most_serious([])


# --- cost


def test_ten_thousand_small_readings_take_seconds_at_most() -> None:
    readings = [("\n\n", ""), ("（", "("), ("在", ""), (" and ", "和"), ("特朗普", "拜登"), ("三千", "3,000")]
    left, right = "习近平致意大利总统的慰问电中说我们的疫情防控", "救治方面的成熟做法同各国一道分享给世界"
    classify("热身", "暖身", left, right)
    start = time.process_time()
    for n in range(10_000):
        classify(*readings[n % len(readings)], left, right)
    assert time.process_time() - start < 8  # about 0.7 s on a quiet machine


LONG_READINGS = [
    "中",
    "中\n",
    "- \n",
    "* ",
    "<a",
    "[a",
    "1,",
    "1 ",
    "\ufffd",
    "&",
    "n't ",
    " ",
    "the the ",
    "。\n\n",
]


@pytest.mark.parametrize("piece", LONG_READINGS)
def test_a_reading_four_times_as_long_takes_no_sixteen_times_as_long(piece: str) -> None:
    def cost(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        classify(text, "合作 and 3,000 people。\n" * (size // 24), "左", "右")
        classify(text, "", "左", "右")
        return time.process_time() - start

    cost(1000)
    assert cost(60_000) < 8 * cost(15_000) + 1


# --- quality


def test_a_clean_text_has_no_penalty() -> None:
    assert quality("我们要团结合作。\n我们能战胜疫情（一定）！\n").penalty == 0
    assert quality("A clean text,\nwrapped by hand.\n\nAnd a second paragraph.\n").penalty == 0
    assert quality("") == Quality(0)


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("北\ufffd大学", "lost"),
        ("优良传统。新\n\n新冠肺炎", "doubled"),
        ("it was in the\nthe house", "doubled"),
        ("疫情防控 and 救治方面", "foreign"),
        ("в гоpоде", "foreign"),
        ("我们对全球生产和需求的影响进行了深入的研究分析\n\n造成全面冲击", "broken"),
        ("（一）工作的讲话(2020年", "mixed_width"),
        ("## 标题", "markup"),
        ("很<b>好", "markup"),
        ("抗\x07疫", "control"),
    ],
)
def test_each_kind_of_debris_is_counted(text: str, signal: str) -> None:
    assert getattr(quality(text), signal) >= 1
    assert quality(text).penalty > 0


def test_the_seed_with_debris_is_the_worst() -> None:
    penalties = {path.name[:3]: quality(path.read_text("utf-8")).penalty for path in SEEDS.glob("*.txt")}
    assert max(penalties, key=penalties.__getitem__) == "002"


@given(st.text())
def test_quality_reads_anything(text: str) -> None:
    assert quality(text) == quality(text)
    assert quality(text).penalty >= 0


def test_quality_of_a_million_characters_takes_under_a_second() -> None:
    text = "".join(path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt")))
    text = (text * (1_000_000 // len(text) + 1))[:1_000_000]
    start = time.process_time()
    quality(text)
    assert time.process_time() - start < 3  # about 0.3 s on a quiet machine


@given(
    st.text(
        st.sampled_from("中国字文，。；,;:?!() \n\tAbThe the 和бв\ufffd□\ue000锟ï*~`#><&■\x01\x7f\ufeff")
        | st.characters(codec="utf-8")
    )
)
def test_the_damage_of_a_text_is_the_same_whether_or_not_all_else_is_counted(text: str) -> None:
    assert damage(text) == quality(text).damage
