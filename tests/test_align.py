"""Matches: what two places share, from the first equal letter to the last, and no turn of phrase."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Indel, LCSseq
from texts import LAYOUTS, SCRIPTS, Edition, noise, prose

from dedup.align import _BAND, _WIDTH, DROP, END, EQUAL, GAP, OTHER, _extend
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.engine.local import scan
from dedup.kept import is_inside, keep, nodes
from dedup.kernel import Kernel
from dedup.matches import RELATIONS, Matches
from dedup.model import Relation, Source

quick = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def find(*texts: str, options: Settings | None = None) -> tuple[Corpus, Matches]:
    found = scan([Source(f"{n:04}", text) for n, text in enumerate(texts)], options or Settings())
    return found.corpus, found.matches


def sides(corpus: Corpus, matches: Matches) -> list[tuple[str, str]]:
    return [
        (corpus.letters(*matches.sides(row)[0][1:]), corpus.letters(*matches.sides(row)[1][1:]))
        for row in range(len(matches))
    ]


def relations(matches: Matches) -> list[Relation]:
    return [RELATIONS[relation] for relation in matches.relation]


def text(script: str, number: int, paragraphs: int = 2, sentences: int = 3) -> str:
    gap = SCRIPTS[script].gap
    return "\n".join(gap.join(paragraph) for paragraph in prose(script, number, paragraphs, sentences)) + "\n"


@pytest.mark.parametrize("script", [name for name in SCRIPTS if name != "odd"])
def test_a_shared_passage_is_matched_from_its_first_letter_to_its_last(script: str) -> None:
    shared = text(script, 1)
    corpus, matches = find(text(script, 2) + shared + text(script, 3), text(script, 4) + shared + text(script, 5))
    alone, _ = find(shared)
    whole = alone.letters(0, len(alone.folded.letters))
    (pair,) = [pair for pair in sides(corpus, matches) if whole in pair[0]]
    # chance may add a letter or two
    assert whole in pair[1]
    assert len(pair[0]) <= len(whole) + 4


@pytest.mark.parametrize("script", [name for name in SCRIPTS if name not in ("odd", "thai")])
def test_unrelated_texts_share_nothing(script: str) -> None:
    _, matches = find(*(text(script, n, 3, 4) for n in range(20, 26)))
    assert len(matches) == 0


def test_a_transposed_passage_is_found_on_both_sides() -> None:
    one, two, three = (text("han", n) for n in range(3))
    corpus, matches = find(one + two + three, three + one + two)
    assert len(matches) == 2
    covered = sum(len(x) for x, _ in sides(corpus, matches))
    assert covered == corpus.folded.starts[1]


def test_a_passage_said_twice_in_one_source_is_matched() -> None:
    said = text("han", 1)
    corpus, matches = find(said + text("han", 2) + said)
    assert sides(corpus, matches) == [(corpus.letters(0, len(sides(corpus, matches)[0][0])),) * 2]
    assert relations(matches) == [Relation.EXACT]


def test_what_is_shorter_than_the_least_length_is_no_match() -> None:
    letters = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
    for least in (Settings().min_length, 16, 20):
        for length in (least - 1, least):
            one, two = f"甲乙丙，{letters[:length]}。丁戊", f"己庚辛，{letters[:length]}。壬癸"
            _, matches = find(one, two, options=Settings(min_length=least))
            assert len(matches) == (length == least)


def test_relations_tell_exact_near_and_contained_apart() -> None:
    whole = text("han", 1, 1, 4)
    other = noise(whole, 0.03, 1)
    assert other != whole
    part = prose("han", 1, 1, 4)[0][1] + "\n"
    assert relations(find(whole, whole)[1]) == [Relation.EXACT]
    assert relations(find(whole, other)[1]) == [Relation.NEAR]
    assert relations(find(whole, part)[1]) == [Relation.CONTAINED]


def test_a_text_too_far_edited_is_reworked_or_no_match() -> None:
    whole = text("han", 1, 1, 8)
    for seed in range(5):
        _, matches = find(whole, noise(whole, 0.4, seed))
        assert not {Relation.EXACT, Relation.NEAR, Relation.CONTAINED} & {
            relation
            for relation, similarity in zip(relations(matches), matches.similarity, strict=True)
            if similarity < Settings().similarity
        }


def test_a_footer_in_hundreds_of_documents_is_a_formula() -> None:
    footer = "版权所有，未经许可不得转载，违者必究，本站保留一切权利。\n"
    corpus, matches = find(*(text("han", 5000 + n, 1, 3) + footer for n in range(600)))
    assert len(matches) >= 599
    assert set(relations(matches)) == {Relation.FORMULA}
    assert len(matches) <= 4 * len(corpus.sources)


def test_a_passage_in_hundreds_of_documents_is_a_passage_and_costs_linear_matches() -> None:
    shared = text("han", 1, 2, 6)
    for count in (100, 300):
        _, matches = find(*(text("han", 5000 + n, 1, 3) + shared for n in range(count)))
        assert count - 1 <= len(matches) <= 4 * count
        assert Relation.FORMULA not in relations(matches)


@quick
@given(
    st.sampled_from(["han", "latin", "arabic", "korean", "mixed"]),
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(sorted(LAYOUTS))), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["as it was", "noise", "excerpt"])), min_size=1, max_size=3),
)
def test_matches_are_verified(script: str, one: list[tuple[int, str]], two: list[tuple[int, str]]) -> None:
    corpus, matches = find(
        "\n".join(Edition(script, number, 2, layout, "as it was", 0).text() for number, layout in one),
        "\n".join(Edition(script, number, 2, "lines", change, 1).text() for number, change in two),
    )
    starts = corpus.folded.starts
    previous = (-1, -1)
    for row, (x, y) in enumerate(sides(corpus, matches)):
        (source_a, a, a_end), (source_b, b, b_end) = matches.sides(row)
        assert starts[source_a] <= a < a_end <= starts[source_a + 1]
        assert starts[source_b] <= b < b_end <= starts[source_b + 1]
        assert a < b
        assert source_a != source_b or a_end <= b
        assert (a, b) >= previous
        previous = (a, b)
        assert matches.equal[row] <= LCSseq.similarity(x, y)
        assert matches.similarity[row] <= Indel.normalized_similarity(x, y) + 1e-9
        assert (RELATIONS[matches.relation[row]] is not Relation.EXACT) or x == y
        assert x[0] == y[0]
        assert x[-1] == y[-1]


def test_periodic_text_is_done_soon_and_matched_at_most_once_a_place() -> None:
    line = "本报讯，记者张三报道，天地玄黄宇宙洪荒日月盈昃。\n"
    for said in (line * 2_000, "abc" * 20_000, "一" * 100_000):
        corpus, matches = find(said, "前言。\n" + said)
        covered = np.zeros(len(corpus.folded.letters), np.int64)
        for row in range(len(matches)):
            for _, first, last in matches.sides(row):
                covered[first:last] += 1
        assert len(matches) <= len(said) // 5


def test_a_line_of_a_million_letters_is_aligned() -> None:
    rng = random.Random(1)
    long = "".join(rng.choices("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳", k=300_000))
    changed = long[:100_000] + "甲" * 7 + long[100_003:200_000] + long[200_050:]
    corpus, matches = find(long, changed)
    best = int(np.argmax(matches.score))
    assert matches.equal[best] >= 299_900
    assert matches.sides(best) == ((0, 0, 300_000), (1, 300_000, 300_000 + corpus.folded.starts[2] - 300_000))


def _extended(letters, weights, x, y, step, stop_x, stop_y, to_end):  # type: ignore[no-untyped-def]
    cells, side = np.empty(_WIDTH, np.int64), np.empty((2, len(letters) + 1), np.int64)
    return _extend(letters, weights, x, y, step, stop_x, stop_y, to_end, cells, side)


def extended(x: list[tuple[int, int]], y: list[tuple[int, int]], *, to_end: bool) -> tuple[int, int, int, int]:
    """What `_extend` says of letters with their weights, cell by cell."""
    row = {0: (0, 0)}
    for j, (_, weight) in enumerate(y[:_BAND], 1):
        row[j] = (row[j - 1][0] + GAP * weight, 0)
    best, found = 0, (0, 0, 0, 0)
    for i, (letter, weight) in enumerate(x, 1):
        before, row = row, {}
        for j in range(max(0, i - _BAND), min(len(y), i + _BAND) + 1):
            ways = []  # the earlier before the later where they score the same
            if j and j - 1 in before:
                other, heavy = y[j - 1]
                pair = EQUAL * weight if letter == other else OTHER * max(weight, heavy)
                near_end = letter == other and to_end and (len(x) - i <= 1 or len(y) - j <= 1)
                ways.append((before[j - 1][0] + pair, before[j - 1][1] + (letter == other), END * near_end))
            if j in before:
                ways.append((before[j][0] + GAP * weight, before[j][1], 0))
            if j and j - 1 in row:
                ways.append((row[j - 1][0] + GAP * y[j - 1][1], row[j - 1][1], 0))
            score, same, bonus = max(ways, key=lambda way: way[0])
            row[j] = score, same
            if score + bonus > best:
                best, found = score + bonus, (i, j, score, same)
        if max((score for score, _ in row.values()), default=-DROP) < best - DROP:
            break
    return found


@pytest.fixture(scope="module")
def extend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NUMBA_CACHE_DIR", str(tmp_path_factory.mktemp("kernels")))
        yield Kernel(_extended, "u4[:], u1[:], i8, i8, i8, i8, i8, b1")


lettered = st.lists(st.tuples(st.integers(1, 3), st.sampled_from((2, 5))), max_size=70)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(lettered, lettered, lettered, st.booleans(), st.booleans())
def test_an_extension_is_the_best_of_all_ways(
    extend: Kernel,
    head: list[tuple[int, int]],
    x: list[tuple[int, int]],
    y: list[tuple[int, int]],
    backwards: bool,
    to_end: bool,
) -> None:
    x, y = head + x, head + y
    letters, weights = np.array([*x, *y], np.int64).reshape(-1, 2).T
    columns = letters.astype(np.uint32), weights.astype(np.uint8)
    if backwards:
        found = extend(*columns, len(x) - 1, len(x) + len(y) - 1, -1, -1, len(x) - 1, to_end)
        assert found == extended(x[::-1], y[::-1], to_end=to_end)
    else:
        assert extend(*columns, 0, len(x), 1, len(x), len(x) + len(y), to_end) == extended(x, y, to_end=to_end)


def test_of_two_ways_that_score_the_same_letters_that_are_paired_come_first(extend: Kernel) -> None:
    rng = random.Random(1)
    for _ in range(600):
        weight = [rng.randint(1, 3) for _ in range(4)]
        x = rng.choices(range(1, 4), k=rng.randint(0, 70))
        y = [rng.choice((letter, letter, letter, 1, 2, 3)) for letter in x if rng.random() > 0.1]
        to_end = rng.random() < 0.5
        letters = np.array(x + y, np.uint32)
        weights = np.array(weight, np.uint8)[letters]
        expected = extended([(of, weight[of]) for of in x], [(of, weight[of]) for of in y], to_end=to_end)
        assert extend(letters, weights, 0, len(x), 1, len(x), len(x + y), to_end) == expected


def _asked(rows, first, low, last, before, pairs, found):  # type: ignore[no-untyped-def]
    for r in range(len(rows)):
        keep(rows, r, low, last, before)
    for n in range(len(pairs)):
        found[n] = is_inside(rows, first, low, last, before, pairs[n, 0], pairs[n, 1], _BAND)


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NUMBA_CACHE_DIR", str(tmp_path_factory.mktemp("kernels")))
        yield Kernel(_asked, "i8[:,:], i8, i8, i8[:], i8[:], i8[:,:], b1[:]")


def _on_row(row: tuple[int, int, int, int], x: int, y: int) -> bool:
    a, a_end, b, b_end = row
    diagonals = b - a, b_end - a_end
    return a <= x < a_end and b <= y < b_end and min(diagonals) - _BAND <= y - x <= max(diagonals) + _BAND


long_letters = st.integers(0, 2_000)
rows_of_pairs = st.lists(
    st.tuples(long_letters, st.integers(1, 400) | st.integers(1, 2_000), long_letters, st.integers(-20, 20)),
    max_size=12,
)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(rows_of_pairs, st.integers(0, 3), st.integers(0, 500), st.data())
def test_a_row_that_was_kept_is_found_at_each_of_its_letters_and_no_other(
    ask: Kernel, some: list[tuple[int, int, int, int]], first: int, low: int, data: st.DataObject
) -> None:
    rows = [(low + a, low + a + size, b, b + max(1, size + more)) for a, size, b, more in some]
    near = [st.integers(max(low, a - 2), a_end + 2) for a, a_end, _, _ in rows] or [st.integers(low, low + 4_000)]
    asked = data.draw(st.lists(st.tuples(st.one_of(near), st.integers(-30, 30)), min_size=1, max_size=30))
    pairs = [(x, y) for x, away in asked for y in {x + b - a + away for a, _, b, _ in rows} or {0}]
    last, found = nodes(4_003), np.zeros(len(pairs), np.bool_)
    columns = np.array(rows, np.int64).reshape(-1, 4), np.array(pairs, np.int64).reshape(-1, 2)
    ask(columns[0], first, low, last, np.empty(len(rows), np.int64), columns[1], found)
    assert found.tolist() == [any(_on_row(row, x, y) for row in rows[first:]) for x, y in pairs]
