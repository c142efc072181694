"""What merging a result again would take out is told in letters of the sources; and what would make more of it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from pathlib import Path
from random import Random
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import lay_out, merge_texts, prose

from dedup import match
from dedup.corpus import Corpus, build
from dedup.edits import Edits, Shift, Stretches
from dedup.model import Source
from dedup.settle import _origin, _trace

quick = settings(max_examples=100, deadline=None, derandomize=True, database=None)


@quick
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.text("xy", max_size=3)), max_size=6),
    st.integers(0, 4),
    st.randoms(use_true_random=False),
)
def test_a_letter_of_the_result_comes_from_where_a_walk_over_the_edits_finds_it(
    steps: list[tuple[int, int, str]], behind: int, random: Random
) -> None:
    came: list[int] = []  # for each character of the result
    edits, done = Stretches(), 0
    for keep, out, put in steps:
        came += range(done, done + keep)
        edits.add((done + keep,), (done + keep + out,), (put,))
        came += [done + keep] * len(put)
        done += keep + out
    came += range(done, done + behind)
    offsets = [at for at in range(done + behind) if random.random() < 0.7]
    at = [place for place in range(len(came)) if random.random() < 0.7]
    shift, found = Shift.behind([edits], np.zeros(1, np.int64)), np.zeros(len(at), np.int64)
    start, put_there = np.ascontiguousarray(shift.start), np.ascontiguousarray(shift.put)
    _trace(np.array(at, np.int32), np.array(offsets, np.int32), start, put_there, shift.moved, found)
    assert found.tolist() == [min(bisect_left(offsets, came[place]), len(offsets) - 1) for place in at]


@quick
@given(st.lists(st.text("天地玄黄\n", max_size=30), min_size=1, max_size=4), st.data())
def test_what_stayed_is_told_in_the_letters_that_it_was(written: list[str], data: st.DataObject) -> None:
    corpus = build([Source(f"{number}.txt", text) for number, text in enumerate(written)])
    edits = Edits(corpus)
    for number, source in enumerate(corpus.sources):
        cuts = sorted(data.draw(st.sets(st.integers(0, len(source.text)), max_size=6)))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False):
            edits.add(number, start, end, data.draw(st.sampled_from(("", "\n"))))
    texts = edits.texts()
    result = build([replace(source, text=texts[source.path]) for source in corpus.sources if source.path in texts])
    left = [letter for source in result.sources for letter in _staying(corpus, edits, source.path)]
    assert result.folded.letters.tolist() == corpus.folded.letters[left].tolist()
    ranges = st.tuples(st.integers(0, len(left)), st.integers(0, len(left))).map(sorted)
    source_of = np.searchsorted(result.folded.starts, np.arange(len(left)), side="right").tolist()
    asked = [
        (first, last)
        for first, last in data.draw(st.lists(ranges, max_size=6))
        if first < last and source_of[first] == source_of[last - 1]
    ]
    found = _origin(corpus, result, edits, np.array(asked, np.int64).reshape(-1, 2))
    assert found.tolist() == [[left[first], left[last - 1] + 1] for first, last in asked]


def _staying(corpus: Corpus, edits: Edits, path: str) -> list[int]:
    source = next(number for number, source in enumerate(corpus.sources) if source.path == path)
    own = range(*corpus.folded.starts[source : source + 2].tolist())
    return [n for n in own if not any(a <= corpus.folded.offsets[n] < b for a, b, _ in edits.of[source])]


def test_a_break_that_layout_put_into_a_paragraph_does_not_stand_because_others_mean_one(tmp_path: Path) -> None:
    """It would part the paragraph, and a part of it may be what another text has."""
    lines = [
        "補史記莊王即位三年不出號令日夜為樂令國中",
        "曰有敢諫者死無赦伍舉入諫莊王左抱鄭姬右抱",
        "越女坐鐘鼔之間伍舉曰願有進隱曰有鳥在於阜",
        "三年不蜚不鳴是何鳥也莊王曰三年不蜚蜚將冲",
        "天三年不鳴鳴將驚人舉退矣吾知之矣居數月淫",
    ]
    parted = f"{lines[0][1:]}\n\n{''.join(lines[1:4])}\n\n另有他事無關於此者也\n"
    result = merge_texts({"wrapped.txt": "\n".join([*lines, ""]), "parted.txt": parted}, tmp_path).merged
    assert result.texts == {"wrapped.txt": "".join([*lines, "\n"]), "parted.txt": "另有他事無關於此者也\n"}


def test_only_the_last_look_asks_for_what_has_no_anchor(tmp_path: Path) -> None:
    text = lay_out(prose("han", 1), "lines", "han")
    with (
        patch.object(match, "anchors", wraps=match.anchors) as anchors,
        patch.object(match, "similar", wraps=match.similar) as similar,
    ):
        merge_texts({"a.txt": text, "b.txt": f"{text}{text[:40]}\n"}, tmp_path)
    assert anchors.call_count == 3  # of the scan, the first look and the last
    assert similar.call_count == 2
