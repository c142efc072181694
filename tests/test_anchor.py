"""Anchors: every maximal exact run that two places share, and never more of them than the text is long."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import SCRIPTS, prose

from dedup.anchor import MANY, Anchors, anchors
from dedup.fold import fold
from dedup.script import weigh
from dedup.seed import SEED_WEIGHT, equal_seeds, grouped, seeds

quick = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def find(*texts: str, many: int = MANY) -> Anchors:
    folded = fold(texts)
    return anchors(folded.letters, folded.starts, many=many)


def pieces(found: Anchors, texts: Sequence[str]) -> list[str]:
    letters = fold(texts).letters
    return [
        letters[a : a + n].tobytes().decode("utf-32-le")
        for a, n in zip(found.a.tolist(), found.length.tolist(), strict=True)
    ]


def passage(script: str, number: int) -> str:
    return SCRIPTS[script].gap.join(s for paragraph in prose(script, number, 2, 3) for s in paragraph)


@pytest.mark.parametrize("script", [name for name in SCRIPTS if name != "thai"])
def test_a_shared_passage_is_one_anchor(script: str) -> None:
    shared = passage(script, 1)
    texts = [passage(script, 2) + shared + passage(script, 3), passage(script, 4) + shared + passage(script, 5)]
    whole = fold([shared]).letters.tobytes().decode("utf-32-le")
    longest = max(pieces(find(*texts), texts), key=len)
    assert whole in longest


def test_a_run_is_as_long_as_it_is_equal() -> None:
    texts = ["甲天地玄黄宇宙洪荒乙", "丙天地玄黄宇宙洪荒丁"]
    assert pieces(find(*texts), texts) == ["天地玄黄宇宙洪荒"]


def test_a_run_ends_with_its_source() -> None:
    texts = ["天地玄黄宇宙", "天地玄黄宇宙", "天地玄黄宇宙"]
    found = find(*texts)
    assert found.length.tolist() == [6, 6, 6]
    assert list(zip(found.source_a.tolist(), found.source_b.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]


def test_a_passage_said_twice_in_one_source_is_an_anchor() -> None:
    texts = ["天地玄黄宇宙洪荒，甲乙丙丁，天地玄黄宇宙洪荒。"]
    found = find(*texts)
    assert pieces(found, texts) == ["天地玄黄宇宙洪荒"]
    assert (found.a.tolist(), found.b.tolist()) == ([0], [12])


def test_six_sinographs_are_a_seed_and_five_are_none() -> None:
    assert len(find("甲天地玄黄宇乙", "丙天地玄黄宇丁").a) == 0
    assert len(find("甲天地玄黄宇宙乙", "丙天地玄黄宇宙丁").a) == 1


def test_fifteen_latin_letters_are_a_seed_and_fourteen_are_none() -> None:
    assert len(find("xabcdefghijklmny", "zabcdefghijklmnw").a) == 0
    assert len(find("xabcdefghijklmnoy", "zabcdefghijklmnow").a) == 1


def _oracle(letters: np.ndarray, starts: np.ndarray) -> set[tuple[int, int, int]]:  # type: ignore[type-arg]
    """Every maximal exact run between two places that do not overlap, by looking at all of them."""
    source = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    runs = set()
    n = len(letters)
    for a in range(n):
        for b in range(a + 1, n):
            if a > starts[source[a]] and b > starts[source[b]] and letters[a - 1] == letters[b - 1]:
                continue
            length = 0
            while (
                a + length < starts[source[a] + 1]
                and b + length < starts[source[b] + 1]
                and letters[a + length] == letters[b + length]
            ):
                length += 1
            if int(weigh(letters[a : a + length]).sum()) >= SEED_WEIGHT:
                runs.add((a, b, length))
    return runs


@quick
@given(st.lists(st.lists(st.sampled_from("天地玄黄宇"), max_size=30).map("".join), min_size=1, max_size=3))
def test_every_maximal_run_is_found(texts: list[str]) -> None:
    folded = fold(texts)
    found = anchors(folded.letters, folded.starts, many=10_000)
    rows = list(zip(found.a.tolist(), found.b.tolist(), found.length.tolist(), strict=True))
    for a, b, n in rows:
        assert np.array_equal(folded.letters[a : a + n], folded.letters[b : b + n])
        assert folded.source_of(a) != folded.source_of(b) or a + n <= b
    assert len(set(rows)) == len(rows)
    for a, b, n in _oracle(folded.letters, folded.starts):
        piece = folded.letters[a : a + n]
        periodic = any(np.array_equal(piece[:-p], piece[p:]) for p in range(1, 7))
        if folded.source_of(a) == folded.source_of(b) and a + n > b:
            continue  # overlaps itself: no passage said twice
        if not periodic:
            assert (a, b, n) in rows


@quick
@given(st.lists(st.text("天地玄黄宇abcdefgh", max_size=60), max_size=4), st.sampled_from([2, 16]))
def test_anchors_are_sorted_and_lie_inside_their_sources(texts: list[str], many: int) -> None:
    folded = fold(texts)
    found = anchors(folded.letters, folded.starts, many=many)
    rows = list(zip(found.source_a, found.source_b, found.a, found.b, strict=True))
    assert rows == sorted(rows)
    for s, t, a, b, n in zip(found.source_a, found.source_b, found.a, found.b, found.length, strict=True):
        assert a < b
        assert folded.starts[s] <= a < a + n <= folded.starts[s + 1]
        assert folded.starts[t] <= b < b + n <= folded.starts[t + 1]


def test_a_passage_in_many_sources_costs_linear_anchors() -> None:
    shared = passage("han", 1)
    counts = []
    for size in (100, 300):
        texts = [passage("han", 100 + n) + shared for n in range(size)]
        counts.append(len(find(*texts).a))
        assert counts[-1] >= size - 1
    assert counts[0] <= 4 * 100
    assert counts[1] <= 4 * 300


@pytest.mark.parametrize("count", [17, 300])
def test_every_copy_of_a_frequent_passage_is_linked(count: int) -> None:
    found = find(*[passage("han", 1)] * count)
    linked = {0}
    for a, b in sorted(zip(found.source_a.tolist(), found.source_b.tolist(), strict=True)):
        if a in linked:
            linked.add(b)
    assert linked == set(range(count))


@pytest.mark.parametrize(
    "text",
    [
        "abc" * 70_000,
        "一" * 200_000,
        "天地" * 50_000,
        "本报讯记者报道天地玄黄\n" * 2_000,
        "\n".join(["The same old line."] * 2_000),
        "abcdefghij" * 20_000,
    ],
    ids=["abcabc", "one letter", "two letters", "a Chinese line", "an English line", "period ten"],
)
def test_periodic_text_has_no_more_anchors_than_letters(text: str) -> None:
    found = find(text)
    assert len(found.a) <= len(text)
    assert len(find(text, text).a) <= 3 * len(text)


def test_nothing_has_no_anchors() -> None:
    for texts in ([], [""], ["", "天"]):
        assert len(find(*texts).a) == 0


@quick
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=60))
def test_equal_seeds_come_together_where_half_a_hash_stands_for_several(halves: list[tuple[int, int]]) -> None:
    keys = np.array([high << 32 | low for high, low in halves], np.uint64)
    order, places = grouped(keys)
    groups: dict[int, list[int]] = {}
    for place, key in enumerate(keys.tolist()):
        if key:
            groups.setdefault(key, []).append(place)
    found: dict[int, list[int]] = {}
    for place in order.tolist():
        found.setdefault(int(keys[place]), []).append(place)
    assert found == {key: group for key, group in groups.items() if len(group) > 1}
    assert len(list(itertools.groupby(keys[order].tolist()))) == len(found)
    assert places.tolist() == [len(groups.get(key, ())) for key in keys.tolist()]


@quick
@given(st.lists(st.text("天地玄黄ab", max_size=60), max_size=4), st.integers(0, 15))
def test_the_equal_seeds_of_a_stream_are_all_that_come_again(written: list[str], skipped: int) -> None:
    folded = fold(written)
    skip = np.array([skipped >> n & 1 for n in range(len(written))], np.bool_)
    keys = seeds(folded.letters, folded.starts)
    for source in np.flatnonzero(skip):
        keys[folded.starts[source] : folded.starts[source + 1]] = 0
    groups: dict[int, list[int]] = {}
    for place in np.flatnonzero(keys).tolist():
        groups.setdefault(int(keys[place]), []).append(place)
    order, places = equal_seeds(folded.letters, folded.starts, skip)
    side_by_side = [list(group) for _, group in itertools.groupby(order.tolist(), key=lambda place: keys[place])]
    assert sorted(side_by_side) == sorted(group for group in groups.values() if len(group) > 1)
    assert places.tolist() == [len(groups.get(key, ())) for key in keys.tolist()]
