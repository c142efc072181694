"""An index -> proof that it is sound: everything in it that follows from something else in it is derived again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.errors import IndexFault
from dedup.index import wording
from dedup.index.columns import PIECE, Piece, band_keys, checksum, paragraph_hashes, unpack_pieces
from dedup.index.store import Index, build_command
from dedup.seed import seeds
from dedup.sketch import EMPTY, signatures

_BATCH = 1 << 23  # letters that are looked at together


def verify(index: Index) -> None:
    """Raises `IndexFault` for the first thing that is not as it must be."""
    for what, sql in (
        (
            "a source names a text that is not there",
            "from sources where content not in (select id from contents)",
        ),
        ("a text belongs to no source", "from contents where id not in (select content from sources)"),
        ("a source names a file that is not there", "from sources where file not in (select path from files)"),
        ("a text stands twice", "select 1 from contents group by key having count(*) > 1"),
        ("a file stands twice", "select 1 from files group by path having count(*) > 1"),
        ("a source stands twice", "select 1 from sources group by path having count(*) > 1"),
    ):
        _demand(index, not index.rows(sql), what)
    _verify_places(index)
    total = np.zeros(3, np.int64)
    words = [wording.of_contents(index, ())]
    for batch in _batches(index):
        total += _verify(index, batch)
        words = [wording.summed([*words, wording.of_contents(index, batch)])]
    _verify_words(index, words[0])
    for table, count in zip(("pieces", "bands", "paragraphs"), total.tolist(), strict=True):
        _demand(index, index.rows(f"select count(*) from {table}") == [(count,)], f"there are {table} of no text")


def _demand(index: Index, holds: bool, what: str) -> None:
    if not holds:
        raise IndexFault(f"broken: {what}", path=index.path, hint=f"make it anew: {build_command(index.path)}")


def _batches(index: Index) -> Iterator[list[int]]:
    batch: list[int] = []
    size = 0
    for content, count in index.rows("select id, count from contents order by id"):
        batch.append(content)
        size += count
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _verify(index: Index, ids: list[int]) -> NDArray[np.int64]:
    """Check some texts; how many pieces, bands and paragraphs they have."""
    some = f"between {ids[0]} and {ids[-1]}"
    of_text: dict[int, list[Piece]] = defaultdict(list)
    for content, *piece in index.rows(
        "select content, letters, weight, start, offsets, further from pieces "
        f"where content {some} order by content, number"
    ):
        of_text[content].append(Piece(*piece))
    rows = index.rows(f"select id, count, first, paragraphs, checksum from contents where id {some} order by id")
    parts: list[NDArray[np.uint32]] = []
    paragraphs: list[NDArray[np.int32]] = []
    for content, count, _, bounds, known in rows:
        pieces = of_text[content]
        whole = len(pieces) == -(-count // PIECE) and checksum(bounds, pieces) == known
        _demand(index, whole, "what is kept of a text was changed")
        parts.append(unpack_pieces([piece.letters for piece in pieces], count))
        paragraphs.append(np.frombuffer(bounds, np.int32).reshape(4, -1))
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum([len(part) for part in parts])))
    stream = np.concatenate(parts)
    owner = np.array(ids, np.int64)

    keys = seeds(stream, starts)
    at = np.flatnonzero(keys)
    source = np.searchsorted(starts, at, side="right") - 1
    place = np.array([first for _, _, first, *_ in rows])[source] + at - starts[source]
    between = f"between {rows[0][2]} and {rows[-1][2] + rows[-1][1] - 1}"
    _same(index, "seeds", f"select key, place from standing where place {between}", keys[at], place)

    first = np.concatenate([part[0] + shift for part, shift in zip(paragraphs, starts, strict=False)])
    last = np.concatenate([part[1] + shift for part, shift in zip(paragraphs, starts, strict=False)])
    of = np.repeat(np.arange(len(ids)), [part.shape[1] for part in paragraphs])
    sketches = signatures(stream, first, last, known=index.permutations())
    filled = np.flatnonzero(sketches.min(axis=1, initial=EMPTY) != EMPTY)
    number = filled - np.searchsorted(of, of[filled])
    bands = band_keys(sketches[filled], *index.bands())
    b = bands.shape[1]
    sql = f"select key, content, paragraph from bands where content {some}"
    _same(index, "bands", sql, bands.ravel(), np.repeat(owner[of[filled]], b), np.repeat(number, b))

    hashes = paragraph_hashes(stream, first, last)
    filled = np.flatnonzero(hashes)
    sql = f"select hash, content from paragraphs where content {some}"
    _same(index, "paragraphs", sql, hashes[filled], owner[of[filled]])
    return np.array([sum(map(len, of_text.values())), bands.size, len(filled)])


def _verify_places(index: Index) -> None:
    """Seeds of texts that have left may be there still, so no place may belong to two texts, now or later."""
    first, count = (column.astype(np.int64) for column in index.query("select first, count from contents").values())
    order = np.lexsort((count, first))
    ((end,),) = index.rows("select coalesce(max(letters), 0) from extent")
    apart = first[order] + count[order] <= np.append(first[order][1:], end)
    _demand(index, bool(apart.all()), "two texts are in one place")
    keys = index.query("select key from seeds")["key"]
    _demand(index, bool((keys[1:] >= keys[:-1]).all()), "its seeds are in no order")


def _verify_words(index: Index, made: wording.Counts) -> None:
    sql = "select key, sum(places)::bigint from words group by key having sum(places) <> 0 order by key"
    _demand(index, index.rows(sql) == list(zip(*(column.tolist() for column in made), strict=True)), "words are wrong")
    spread = sorted(Counter(made[1].tolist()).items())
    _demand(index, index.rows("from spread order by places") == spread, "words are counted wrong")


def _same(index: Index, what: str, sql: str, *columns: NDArray[Any]) -> None:
    """Demand that the rows of a statement are those of some columns, in whatever order."""
    kept, made = _ordered(list(index.query(sql).values())), _ordered(columns)
    same = all(len(one) == len(other) and (one == other).all() for one, other in zip(kept, made, strict=True))
    _demand(index, same, f"its {what} are not those of its texts")


def _ordered(columns: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    order = np.lexsort(columns)
    return [np.asarray(column)[order] for column in columns]
