"""The words of the texts of an index -> in how many places each stands, and whether matches are held together by them.

What glue.py asks of a whole corpus: a list of names is no match. Rows of `words` add up: a text that comes adds its
words, one that goes takes them away. `spread` says how many words stand in so many places.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from dedup.fold import Folded
from dedup.glue import HELD, shares
from dedup.index.columns import Piece, unfolded
from dedup.index.held import HeldCorpus
from dedup.index.letters import distinct, heads_of
from dedup.index.store import Index
from dedup.matches import Matches
from dedup.script import DENSE_WEIGHT
from dedup.words import cut, rare_among

_WORD = 4  # letters of the longest word of a dense script
_HASH = np.uint64(32)
_ROWS = 2  # rows of a word, on average, before they are added up

Counts = tuple[NDArray[np.uint32], NDArray[np.int64]]
"""Words, ascending, each once, and how often they stand there."""


def counted(folded: Folded, skip: NDArray[np.bool_]) -> Counts:
    """The words of a stream, but of texts to `skip`."""
    return summed([((cut(folded, skip)[0] >> _HASH).astype(np.uint32), None)])


def summed(parts: Iterable[tuple[NDArray[np.uint32], NDArray[np.int64] | None]]) -> Counts:
    """Words with numbers, or each counted once, added up; without those that come to 0."""
    parts = list(parts)
    key = np.concatenate([np.zeros(0, np.uint32), *(part[0] for part in parts)])
    number = np.concatenate([np.zeros(0, np.int64), *(np.ones(len(k), np.int64) if n is None else n for k, n in parts)])
    order = np.argsort(key, kind="stable")
    key, number = key[order], number[order]
    heads = heads_of(key)
    sums = np.add.reduceat(number, heads) if len(heads) else number
    some = sums != 0
    return key[heads][some], sums[some]


def add(index: Index, counts: Counts, sign: int = 1) -> None:
    """Add words to those of an index, or with -1 take them away."""
    key, number = counts
    index.run("insert into words from given", given={"key": key, "places": (sign * number).astype(np.int32)})


def of_contents(index: Index, contents: Collection[int]) -> Counts:
    """The words of some texts of an index."""
    if not contents:
        return counted(unfolded([], []), np.zeros(0, np.bool_))
    some = ", ".join(map(str, contents))
    counts = dict(index.rows(f"select id, count from contents where id in ({some})"))
    of_text: dict[int, list[Piece]] = defaultdict(list)
    columns = "content, letters, weight, start, offsets, further"
    for content, *piece in index.rows(
        f"select {columns} from pieces where content in ({some}) order by content, number"
    ):
        of_text[content].append(Piece(*piece))
    folded = unfolded([of_text[content] for content in counts], list(counts.values()))
    return counted(folded, np.zeros(len(counts), np.bool_))


def spread(index: Index) -> None:
    """Count anew how many words stand in so many places; and add up the rows of words where most are of the past."""
    sums = "select key, sum(places)::integer as places from words group by key having sum(places) <> 0"
    index.run("delete from spread")
    index.run(f"insert into spread select places, count(*) from ({sums}) group by places")
    ((rows, words),) = index.rows("select (select count(*) from words), (select sum(words) from spread)")
    if rows > _ROWS * (words or 0):
        index.run(f"create table summed as {sums}")
        index.run("drop table words")
        index.run("alter table summed rename to words")


def held_together(index: Index, combined: HeldCorpus, matches: Matches, change: Counts) -> NDArray[np.bool_]:
    """Which matches are no mere list of names: bool[n], as `match.stages` says with the words of the whole corpus.

    `change`: the words that the corpus has beyond those of all texts of the index, and those, below 0, that it has not.
    """
    copies = combined.original[matches.source_b] != matches.source_b
    rows = np.flatnonzero(~copies)
    folded, stretches = _stretches(combined, matches.spans[rows])
    keys, first, _, _ = cut(folded, np.zeros(len(folded.starts) - 1, np.bool_))
    own, number = np.unique((keys >> _HASH).astype(np.uint32), return_inverse=True)
    asked = distinct(np.concatenate((own, change[0])))
    sql = "select w.key, sum(w.places) as places from words w join asked a on w.key = a.key group by w.key"
    key, known = index.query(sql, asked={"key": asked}).values()
    before, after = np.zeros(len(asked), np.int64), np.zeros(len(asked), np.int64)
    before[np.searchsorted(asked, key)] = known
    after[np.searchsorted(asked, change[0])] = change[1]
    after += before
    places, count = index.query("select places, words from spread").values()
    sizes = np.zeros(max(int(places.max(initial=0)), int(after.max(initial=0))) + 1, np.int64)
    sizes[places] = count
    np.subtract.at(sizes, before, 1)
    np.add.at(sizes, after, 1)
    sizes[0] = 0
    frequent = after[np.searchsorted(asked, own)] > rare_among(sizes)
    words = np.searchsorted(first, stretches.ravel().astype(np.int32)).reshape(-1, 4).astype(np.int64)
    held = np.ones(len(matches), np.bool_)
    held[rows] = shares(words, number.astype(np.int32), frequent) >= HELD
    return held


def _stretches(combined: HeldCorpus, spans: NDArray[np.int64]) -> tuple[Folded, NDArray[np.int64]]:
    """Both sides of matches in a stream of their own, each a source, with whole words at its ends; and where the
    matches stand there: int64[n, 4], letters as in `Matches.spans`."""
    first, last = spans[:, ::2].ravel(), spans[:, 1::2].ravel()
    combined.held.take(first, last)
    letters, weights, starts = combined.folded.letters, combined.weights, combined.folded.starts
    text = np.searchsorted(starts, first, side="right") - 1
    paragraphs = combined.paragraphs
    head = np.searchsorted(paragraphs.last, first, side="right")
    tail = np.searchsorted(paragraphs.first, last, side="left") - 1
    begin = np.where(weights[first] == DENSE_WEIGHT, first, np.minimum(first, paragraphs.first[head]))
    end = np.where(weights[last - 1] == DENSE_WEIGHT, last + _WORD, np.maximum(last, paragraphs.last[tail]))
    end = np.minimum(end, starts[text + 1])
    combined.held.take(begin, end)
    sizes = end - begin
    base = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    at = np.repeat(begin - base[:-1], sizes) + np.arange(base[-1])
    combined.held.take_offsets(at)
    folded = Folded(letters[at], combined.folded.offsets[at], base)
    shift = base[:-1] - begin
    return folded, np.stack((first + shift, last + shift), axis=1).reshape(-1, 4)
