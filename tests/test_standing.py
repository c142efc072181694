"""Where seeds stand: read from the file as they lie there, it is what a join says, after whatever has been changed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import lay, prose, scratch

from dedup.config import ReadSettings, Settings
from dedup.index import standing
from dedup.index.current import Wanted, build
from dedup.index.files import corpus_files
from dedup.index.refresh import refresh
from dedup.index.standing import Standing
from dedup.index.store import Index, opened
from dedup.index.verify import verify

READING = ReadSettings()
TEXTS = ["".join(sentence for p in prose("han", at, 2, 3) for sentence in p) for at in range(6)]


def made(path: Path, corpus: Path) -> None:
    build(Wanted(str(path), (".",), Settings(), READING), corpus_files([corpus], corpus))


def updated(path: Path, corpus: Path) -> None:
    with opened(path, write=True) as index:
        refresh(index, corpus_files([corpus], corpus), READING)
        verify(index)


def joined(index: Index, keys: Sequence[int]) -> list[tuple[int, int, int]]:
    """Key, content and letter of each place, by SQL alone."""
    sql = (
        "select s.key, c.id, s.place - c.first from standing s join contents c "
        "on s.place >= c.first and s.place < c.first + c.count"
    )
    return sorted(row for row in index.rows(sql) if row[0] in set(keys))


def found(index: Index, keys: Sequence[int]) -> list[tuple[int, int, int]]:
    of = np.array(keys, np.uint64)
    number, content, letter = Standing(index).find(of)
    return sorted(zip(of[number].tolist(), content.tolist(), letter.tolist(), strict=True))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.sampled_from(TEXTS), min_size=1), min_size=1, max_size=4))
def test_seeds_stand_where_a_join_finds_them_after_any_updates(versions: list[dict[str, str]]) -> None:
    with scratch() as folder:
        for version in versions:
            corpus, index = folder / "corpus", folder / "index"
            for old in corpus.glob("*.txt"):
                old.unlink()
            lay(corpus, {f"{name}.txt": text for name, text in version.items()})
            (updated if index.exists() else made)(index, corpus)
            with opened(index) as open_index:
                known = [key for (key,) in open_index.rows("select distinct key from standing order by key")]
                asked = sorted({*known[::2], 1, 2**63, 2**64 - 1})
                assert found(open_index, asked) == joined(open_index, asked)


def test_what_cannot_be_read_where_it_lies_is_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, index = lay(tmp_path / "corpus", {"a.txt": TEXTS[0], "b.txt": TEXTS[1] + TEXTS[0]}), tmp_path / "index"
    made(index, corpus)
    with opened(index) as open_index:
        keys = [key for (key,) in open_index.rows("select distinct key from seeds order by key")]
        searched: list[int] = []
        real = standing._searched
        monkeypatch.setattr(standing, "_searched", lambda *given: searched.append(1) or real(*given))
        expected = found(open_index, keys)
        assert searched
        for name in ("_HEADERS", "_CHECKSUM"):  # as if the file were of another make
            with monkeypatch.context() as patch:
                patch.setattr(standing, name, 24)
                searched.clear()
                assert found(open_index, keys) == expected
                assert not searched


def test_a_key_is_found_in_all_stretches_of_a_file_that_it_fills(tmp_path: Path) -> None:
    index = tmp_path / "index"
    made(index, lay(tmp_path / "corpus", {"a.txt": "天"}))
    draw = random.Random(1)
    keys = np.sort(np.array([*(draw.randrange(2**64) for _ in range(60_000)), *[2**63] * 30_000], np.uint64))
    places = np.arange(len(keys), dtype=np.uint32)
    with opened(index, write=True) as open_index:
        open_index.run("insert into seeds from given", given={"key": keys, "place": places})
        open_index.run(f"update contents set count = {len(keys)}")
    with opened(index) as open_index:
        asked = np.unique(np.concatenate((keys[::5], keys[-1:], np.array([0, 2**63 - 1, 2**64 - 1], np.uint64))))
        laid = Standing(open_index)
        assert laid._columns
        number, _, letter = laid.find(asked)
        assert len(laid._columns[0].at) == 3
        assert sorted(letter.tolist()) == np.flatnonzero(np.isin(keys, asked)).tolist()
        assert (asked[number] == keys[letter]).all()


def test_seeds_that_came_later_are_sorted_in_and_those_of_texts_that_left_leave(tmp_path: Path) -> None:
    corpus, index = lay(tmp_path / "corpus", {"a.txt": TEXTS[0] + TEXTS[1] + TEXTS[2]}), tmp_path / "index"
    made(index, corpus)

    def counts() -> list[int]:
        with opened(index) as open_index:
            verify(open_index)
            return [open_index.rows(f"select count(*) from {name}")[0][0] for name in ("seeds", "later")]

    first, none = counts()
    assert none == 0
    lay(corpus, {"b.txt": TEXTS[3][:40]})
    updated(index, corpus)
    assert counts() == [first, 32]
    lay(corpus, {"c.txt": TEXTS[4]})
    updated(index, corpus)
    second, later = counts()
    assert (second > first + 32, later) == (True, 0)
    (corpus / "a.txt").unlink()
    updated(index, corpus)
    assert counts() == [second - first, 0]
