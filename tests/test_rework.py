"""Reworked text: its words shuffled and a part of them replaced, it is found, told and kept; other texts are not."""

from __future__ import annotations

import random
from collections import defaultdict
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import texts
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.boxes import POINTS, REACH, SPAN, _heads, boxes
from dedup.config import Settings
from dedup.corpus import Corpus, build
from dedup.draft import passages_of
from dedup.explain import explain, line_of
from dedup.glue import HELD, glue, glue_at, stretches_of
from dedup.match import match, stages
from dedup.matches import RELATIONS
from dedup.model import Relation, Source
from dedup.words import Words, rare, words
from dedup.words import vocabulary as counted

SCRIPTS = ("latin", "cyrillic", "arabic", "han", "japanese", "korean", "thai", "mixed")
REWORKED = RELATIONS.index(Relation.REWORKED)


@cache
def vocabulary(script: str) -> list[str]:
    rng = random.Random(script)
    every = sorted({texts.SCRIPTS[script].word(rng) for _ in range(4000)})
    if script == "mixed":
        rng.shuffle(every)  # else all its frequent words would be Latin
    return every


def speech(script: str, seed: int, count: int) -> list[str]:
    """Words as languages have them: the n-th most frequent comes about 1 / n as often as the first (Zipf's law)."""
    every = vocabulary(script)
    return random.Random(f"{script} {seed}").choices(every, [1 / (n + 3) for n in range(len(every))], k=count)


def shuffled(script: str, said: list[str], seed: int, moved: float = 0.2) -> list[str]:
    """The same in other words: a fifth of them replaced, a share of them moved by a few words."""
    rng = random.Random(seed)
    every = vocabulary(script)
    kept = [rng.choice(every) if rng.random() < 0.2 else word for word in said]
    places = [at + (rng.random() < moved) * rng.uniform(-8, 8) for at in range(len(kept))]
    return [kept[at] for at in sorted(range(len(kept)), key=places.__getitem__)]


def written(script: str, *parts: list[str]) -> str:
    return texts.SCRIPTS[script].space.join(word for part in parts for word in part)


def heap(script: str, one: str, other: str) -> Corpus:
    """Two texts among forty others, so that it can be seen which words are rare."""
    others = [Source(f"{n:02}.txt", written(script, speech(script, n, 400))) for n in range(40)]
    return build([*others, Source("a.txt", one), Source("b.txt", other)])


def between(corpus: Corpus) -> list[tuple[str, tuple[int, int], tuple[int, int], float]]:
    """Relation, characters of a.txt, of b.txt, and similarity of the matches between the two."""
    found = match(corpus, Settings()).told(corpus)
    named = [source.path for source in corpus.sources]
    return [
        (str(RELATIONS[found.relation[row]]), corpus.characters(a0, a1), corpus.characters(b0, b1), float(alike))
        for row, alike in enumerate(found.similarity)
        for (a, a0, a1), (b, b0, b1) in [found.sides(row)]
        if (named[a], named[b]) == ("a.txt", "b.txt")
    ]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_reworked_passage_is_found_where_it_stands(script: str) -> None:
    said = speech(script, 100, 120)
    again = shuffled(script, said, 1)
    around = [speech(script, seed, 150) for seed in range(101, 105)]
    one, other = written(script, around[0], said, around[1]), written(script, around[2], again, around[3])
    corpus = heap(script, one, other)
    truth = [
        (len(written(script, head)), len(written(script, head, body)))
        for head, body in ((around[0], said), (around[2], again))
    ]
    found = between(corpus)
    assert found
    for side, (start, end) in enumerate(truth):
        covered = {at for row in found for at in range(*row[1 + side])}
        assert len(covered & set(range(start, end))) > 0.7 * (end - start)
        assert len(covered - set(range(start, end))) < 0.25 * (end - start)


@pytest.mark.parametrize("script", SCRIPTS)
def test_texts_of_one_vocabulary_are_not_reworked(script: str) -> None:
    assert not match(heap(script, written(script, speech(script, 200, 400)), ""), Settings()).words.any()


def test_the_same_names_between_other_words_are_no_passage() -> None:
    names = [word for word in vocabulary("latin")[:2000:40] if len(word) > 5]
    spoken = [speech("latin", seed, 200) for seed in (300, 301)]
    one, other = (
        written("latin", [word for k, name in enumerate(names) for word in [name, *said[4 * k : 4 * k + 3]]])
        for said in spoken
    )
    corpus = heap("latin", one, other)
    assert between(corpus) == []
    held = stages(corpus, Settings())
    rows = np.array([[*_range(corpus, held.words, "a.txt"), *_range(corpus, held.words, "b.txt")]], np.int64)
    assert glue(held.words, rows)[0] < HELD
    assert glue(held.words, rows[:, (0, 1, 0, 1)])[0] == 1


@pytest.mark.parametrize("seed", range(20))
def test_what_is_only_counted_is_glue_as_words_are(seed: int) -> None:
    rng = random.Random(seed)
    written = ["".join(rng.choices("天地玄黄宇宙ab ", k=rng.randrange(200))) for _ in range(4)]
    corpus = build([Source(f"{number}.txt", text) for number, text in enumerate([*written, written[0]])])
    size = len(corpus.folded.letters)
    spans = [[end for _ in range(2) for end in sorted(rng.choices(range(size + 1), k=2))] for _ in range(6)]
    letters = np.array(spans, np.int64)
    its_words, vocabulary = words(corpus), counted(corpus)
    assert np.sort(its_words.places).tolist() == np.sort(vocabulary.places).tolist()
    assert glue_at(vocabulary, letters).tolist() == glue(its_words, stretches_of(its_words, letters)).tolist()


def _range(corpus: Corpus, its_words: Words, path: str) -> tuple[int, int]:
    number = next(n for n, source in enumerate(corpus.sources) if source.path == path)
    return int(its_words.starts[number]), int(its_words.starts[number + 1])


def test_what_is_reworked_is_one_match_and_its_pieces_are_part_of_it() -> None:
    said = speech("latin", 400, 160)
    again = [*shuffled("latin", said[:60], 2), *said[60:90], *shuffled("latin", said[90:], 3)]
    corpus = heap("latin", written("latin", said), written("latin", again))
    ((relation, _, _, similarity),) = between(corpus)
    assert relation == "reworked"
    assert 0.4 < similarity < 1
    found = match(corpus, Settings())
    assert found.part.any()
    assert not (found.part & (found.words > 0)).any()


def test_passages_of_letters_are_the_same_beside_reworked_ones() -> None:
    said = [speech("latin", seed, 160) for seed in (412, 432)]
    one = written("latin", said[0], *(speech("latin", n, 60) for n in (1, 2)), said[1])
    corpus = heap("latin", one, written("latin", shuffled("latin", said[0], 2), speech("latin", 3, 200), said[1]))
    every, letters = match(corpus, Settings()), stages(corpus, Settings()).matches
    known = passages_of(corpus, letters, Settings())
    passages = passages_of(corpus, every, Settings())
    assert len(known) < len(passages)
    assert passages_of(corpus, every, Settings(), known=known) == passages


def test_a_whole_paragraph_is_told_though_it_stands_in_a_reworked_passage() -> None:
    said = speech("latin", 500, 160)
    parts = said[:60], said[60:90], said[90:]
    one = [written("latin", part) for part in parts]
    other = [written("latin", part if n == 1 else shuffled("latin", part, n, 1)) for n, part in enumerate(parts)]
    # no letter beyond the paragraph is the same by chance
    one, other = (f"{x}{mark}\n\n{y}\n\n{mark}{z}" for (x, y, z), mark in ((one, "q"), (other, "x")))
    relations = sorted(row[0] for row in between(heap("latin", one, other)))
    assert relations[-1] == "reworked"
    assert len(relations) == 2


def test_no_text_is_reworked_from_itself() -> None:
    said = speech("latin", 600, 120)
    text = written("latin", said, speech("latin", 601, 200), shuffled("latin", said, 6))
    corpus = heap("latin", text, "")
    found = match(corpus, Settings())
    assert (found.source_a[found.words > 0] != found.source_b[found.words > 0]).all()


def test_an_explanation_names_the_tier_and_its_figures() -> None:
    said = speech("latin", 700, 120)
    corpus = heap("latin", written("latin", said), written("latin", shuffled("latin", said, 7)))
    lines = [
        line_of(corpus, next(n for n, source in enumerate(corpus.sources) if source.path == path), 1)
        for path in ("a.txt", "b.txt")
    ]
    by_words = [row for row in explain(corpus, Settings(), *lines).found if row.evidence.words]
    assert by_words
    assert by_words[0].evidence.information > 40
    strict = explain(corpus, Settings(min_length=200), *lines)
    closed = next(gate for gate in strict.gates if gate.tier == "words" and not gate.open)
    assert (closed.needed, closed.unit) == (800, "letters")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.sampled_from("天地玄黄宇宙ab c d"), max_size=60).map("".join), min_size=1, max_size=4))
def test_rare_words_stand_in_no_more_pairs_than_there_are_words(heap_of: list[str]) -> None:
    corpus = build([Source(f"{n}.txt", text) for n, text in enumerate(heap_of)])
    its_words = words(corpus)
    few = its_words.places[its_words.places <= rare(its_words.places)].astype(int)
    assert (few * (few - 1) // 2).sum() <= len(its_words)
    for number in range(len(its_words.places)):
        at = its_words.at[its_words.bounds[number] : its_words.bounds[number + 1]]
        assert (its_words.number[at] == number).all()
        assert (np.diff(at) > 0).all()


def test_boxes_are_no_more_than_words() -> None:
    said = speech("latin", 800, 60)
    bodies = [(speech("latin", 1000 + n, 40), shuffled("latin", said, n)) for n in range(150)]
    corpus = build([Source(f"{n}.txt", written("latin", *body)) for n, body in enumerate(bodies)])
    found = stages(corpus, Settings())
    assert len(boxes(corpus, found.words, found.anchors)) <= len(found.words)


def points_of(its_words: Words, heads: tuple[np.ndarray, ...]) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """The points of each two sources, in order."""
    source, found = its_words.source, defaultdict(list)
    of_heads = list(zip(*(side.tolist() for side in heads), strict=True))
    for i, number in enumerate(its_words.number.tolist()):
        later = [b for a, b in of_heads if a == i]
        if its_words.places[number] <= rare(its_words.places):
            later += its_words.at[its_words.bounds[number] : its_words.bounds[number + 1]][::-1].tolist()
        for j in later:
            if source[j] > source[i]:
                found[source[i], source[j]].append((i, j))
    return found


def grown(its_words: Words, points: list[tuple[int, int]]) -> list[tuple[int, ...]]:
    """The boxes of the points of a run."""
    position, open_boxes, closed = its_words.position.tolist(), [], []
    for x, y in points:
        k = 0
        while k < len(open_boxes):
            if position[x] - position[open_boxes[k][1]] > REACH:
                closed.append(open_boxes[k])
                open_boxes[k] = open_boxes[-1]
                open_boxes.pop()
            else:
                k += 1
        ranked = []
        for k, (a0, _, b0, b1, _) in enumerate(open_boxes):
            away = max(0, position[b0] - position[y], position[y] - position[b1])
            longest = max(position[x] - position[a0], position[max(b1, y)] - position[min(b0, y)])
            ranked += [(away, k)] if away <= REACH and longest <= SPAN else []
        if not ranked:
            open_boxes.append([x, x, y, y, float(its_words.share[x])])
            continue
        box = open_boxes[min(ranked)[1]]
        box[4] += its_words.share[x] if box[1] != x else 0
        box[1:4] = x, min(box[2], y), max(box[3], y)
    return [(a0, a1 + 1, b0, b1 + 1) for a0, a1, b0, b1, count in closed + open_boxes if count >= POINTS]


@settings(deadline=None, max_examples=25, derandomize=True, database=None)
@given(
    st.lists(st.tuples(st.sampled_from(("latin", "han")), st.integers(0, 3)), min_size=2, max_size=5), st.integers(1, 9)
)
def test_boxes_are_what_points_with_neighbours_grow_into(heap_of: list[tuple[str, int]], seed: int) -> None:
    bodies = [(script, speech(script, kind, 120), n) for n, (script, kind) in enumerate(heap_of)]
    said = [
        written(script, shuffled(script, body, 10 * seed + n), speech(script, 50 + n, 60)) for script, body, n in bodies
    ]
    corpus = build([Source(f"{n}.txt", text) for n, text in enumerate(said)])
    found = stages(corpus, Settings())
    position, expected = found.words.position.tolist(), []
    for points in points_of(found.words, _heads(found.words, found.anchors)).values():
        cuts = [n for n, ((i, _), (j, _)) in enumerate(pairwise(points), 1) if position[j] - position[i] > REACH]
        for low, high in pairwise([0, *cuts, len(points)]):
            cells = [position[y] // REACH for _, y in points[low:high]]
            near = [sum(abs(cell - other) <= 1 for other in cells) > 1 for cell in cells]
            expected += grown(found.words, [point for point, kept in zip(points[low:high], near, strict=True) if kept])
    assert sorted(map(tuple, boxes(corpus, found.words, found.anchors).tolist())) == sorted(expected)


def test_line_breaks_change_no_word() -> None:
    said = written("latin", speech("latin", 900, 80))
    one, other = (words(build([Source("a.txt", text)])) for text in (said, "\n".join(texts.wrap(said, 40))))
    assert np.array_equal(one.number, other.number)
