"""Matches become passages: what is verified to be one text, and nothing that only hangs on by a chain."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Indel
from texts import SCRIPTS, Edition, noise, prose

from dedup.cluster import Passage
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.draft import passages_of
from dedup.engine.local import Scan, scan
from dedup.model import Relation, Source

quick = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def find(*texts: str) -> tuple[Scan, list[tuple[Passage, Relation]]]:
    found = scan([Source(f"{n:04}", text) for n, text in enumerate(texts)], Settings())
    return found, passages_of(found.corpus, found.matches, Settings())


def witnesses(corpus: Corpus, passage: Passage) -> list[str]:
    return [corpus.letters(place.first, place.last) for place in passage.places]


def number(corpus: Corpus, source: int) -> int:
    """Which of the texts a source is: a corpus keeps them in an order of its own."""
    return int(corpus.sources[source].path)


def sources(corpus: Corpus, passage: Passage) -> set[int]:
    return {number(corpus, place.source) for place in passage.places}


def text(number: int, sentences: int = 6, script: str = "han") -> str:
    return SCRIPTS[script].gap.join(prose(script, number, 1, sentences)[0]) + "\n"


def test_copies_are_one_passage() -> None:
    found, passages = find(*(text(100 + n, 2) + text(1) for n in range(6)))
    assert len(passages) == 1
    assert sources(found.corpus, passages[0][0]) == set(range(6))
    assert len(set(witnesses(found.corpus, passages[0][0]))) == 1


def test_a_passage_in_three_hundred_sources_is_one_passage() -> None:
    _, passages = find(*(text(1000 + n, 2) + text(1) for n in range(300)))
    assert [len(passage.places) for passage, _ in passages] == [300]


def test_versions_that_drift_do_not_glue_the_first_to_the_last() -> None:
    """A~B~C~...: each is a near copy of the one before, the last is another text."""
    rng = random.Random(5)
    letters = list("".join(prose("han", 1, 1, 6)[0]))
    other = "".join(prose("han", 2, 1, 12)[0])
    order = [n for n, c in enumerate(letters) if c.isalpha()]
    rng.shuffle(order)
    versions = ["".join(letters)]
    step = max(1, len(order) // 8)
    for head in range(0, len(order), step):
        for at in order[head : head + step]:
            letters[at] = other[at % len(other)]
        versions.append("".join(letters))
    found, passages = find(*versions)
    for passage, _ in passages:
        assert {0, len(versions) - 1} - sources(found.corpus, passage)
        medoid = witnesses(found.corpus, passage)[passage.medoid]
        for own in witnesses(found.corpus, passage):
            assert (
                Indel.normalized_similarity(own, medoid) >= 0.6
            )  # matches are at 0.75; places of matches that differ at their edges are one


def test_an_excerpt_is_a_passage_of_its_own_inside_the_larger() -> None:
    whole = text(1, 6)
    part = prose("han", 1, 1, 6)[0][2] + "\n"
    _, passages = find(text(50, 2) + whole, text(51, 2) + whole, text(52, 2) + part + text(53, 2))
    sizes = sorted((passage.letters, len(passage.places)) for passage, _ in passages)
    assert len(sizes) == 2
    assert sizes[0][1] == 3
    assert sizes[1][1] == 2


def test_two_passages_that_changed_places_are_two() -> None:
    one, two = text(1), text(2)
    _, passages = find(one + two, two + one)
    assert sorted(len(passage.places) for passage, _ in passages) == [2, 2]


def test_formulas_are_never_in_a_passage_with_others() -> None:
    footer = "版权所有，未经许可不得转载，违者必究，本站保留一切权利。\n"
    _, passages = find(*(text(3000 + n, 2) + footer for n in range(60)))
    assert {relation for _, relation in passages} == {Relation.FORMULA}


@pytest.mark.parametrize("seed", range(4))
def test_noisy_copies_are_one_passage(seed: int) -> None:
    whole = text(seed, 6)
    _, passages = find(*(text(100 + n, 2) + noise(whole, 0.03, n) for n in range(8)))
    largest = max(passages, key=lambda item: len(item[0].places))
    assert len(largest[0].places) == 8


@quick
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.integers(0, 2), st.sampled_from(["as it was", "noise", "excerpt", "reordered"]), st.integers(0, 3)
            ),
            min_size=1,
            max_size=3,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_places_of_a_passage_are_apart_and_every_match_is_in_one(heap: list[list[tuple[int, str, int]]]) -> None:
    found, passages = find(
        *(
            "\n".join(Edition("han", number, 2, "lines", change, seed).text() for number, change, seed in editions)
            for editions in heap
        )
    )
    rows: set[int] = set()
    starts = found.corpus.folded.starts
    for passage, _ in passages:
        places = passage.places
        assert len(places) > 1
        assert list(places) == sorted(places)
        assert 0 <= passage.medoid < len(places)
        assert len(passage.rows) == len(places)
        for one, two in pairwise(places):
            assert one.source != two.source or one.last <= two.first
        for place in places:
            assert starts[place.source] <= place.first < place.last <= starts[place.source + 1]
        rows.update(row for of_place in passage.rows for row in of_place)
    assert rows <= set(range(len(found.matches)))
    assert [passage.places for passage, _ in passages] == sorted(passage.places for passage, _ in passages)


@quick
@given(st.permutations(range(4)))
def test_the_order_of_sources_does_not_regroup(order: list[int]) -> None:
    texts = [text(1), noise(text(1), 0.03, 1), text(1, 6) + text(2, 2), prose("han", 1, 1, 6)[0][3] + text(3, 2)]

    def grouped(numbers: list[int]) -> set[frozenset[tuple[int, str]]]:
        found, passages = find(*(texts[n] for n in numbers))
        return {
            frozenset(
                (numbers[number(found.corpus, place.source)], found.corpus.letters(place.first, place.last))
                for place in passage.places
            )
            for passage, _ in passages
        }

    assert grouped(list(order)) == grouped([0, 1, 2, 3])
