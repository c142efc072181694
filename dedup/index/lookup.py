"""New texts + the index of a corpus -> the matches that the new texts have in it and among themselves.

They are those of `match.by_letters` over everything, found without reading the corpus: seeds and bands of
the new texts are looked up, the letters of the texts that have any of them come out of the index, and both tiers of
matching run over those alone. Only the files in which a match stands are read, to tell where.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.accept import accept, enough
from dedup.align import align
from dedup.anchor import link, seeds
from dedup.chain import chains
from dedup.config import Settings
from dedup.corpus import Corpus, build
from dedup.fold import Folded
from dedup.index.columns import band_keys, opening, text_key, unpack_letters, unpack_offsets
from dedup.index.store import Index
from dedup.index.texts import Texts
from dedup.lsh import MAX_BUCKET, Buckets, Candidates
from dedup.matches import Matches
from dedup.model import Source
from dedup.segment import Paragraphs
from dedup.sketch import EMPTY, signatures

_SEED_LETTERS = 15  # letters of the longest seed: those of an alphabet


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The matches of new texts, as they are told, in a corpus of these and of what has anything in common with them.

    `own`, `new`: bool[sources], those that were handed in, and those whose matches were wanted. Other sources that
    stand in no match have no text.
    """

    corpus: Corpus
    matches: Matches
    own: NDArray[np.bool_]
    new: NDArray[np.bool_]


def look_up(index: Index, own: Sequence[Source], new: Iterable[str], texts: Texts, settings: Settings) -> Found:
    """Find what some sources share with the corpus of an index and with each other.

    `own`: sources that stand beside the corpus or in place of files of it; `new`: the paths of those whose matches
    are wanted. `texts`: the files of the corpus whose rows hold.
    """
    corpus = build(own, forms=index.forms())
    heap = [_Text(s.path, text_key(s.text), opening(s.text), number) for number, s in enumerate(corpus.sources)]
    stored = _stored(index, texts, heap)
    seen_seeds = _seeds(index, corpus, stored)
    seen_bands = _bands(index, corpus, stored)
    common = np.union1d(seen_seeds.text, seen_bands.text).tolist()
    unpacked = _unpacked(index, [text - len(own) for text in common if text >= len(own)], len(own))
    heap += [replace(text, opening=unpacked[text.id].opening) for text in stored if text.id in unpacked]
    heap += [text for text in stored if text.id < len(own)]
    heap = _sorted(heap, corpus, texts)
    combined = _combined(heap, corpus, unpacked)
    wanted, handed = set(new), {source.path for source in own}
    is_own = np.array([text.path in handed for text in heap], np.bool_)
    is_new = np.array([text.path in wanted for text in heap], np.bool_)
    first = np.zeros(max(text.id for text in heap) + 1, np.int64)
    first[[text.id for text in heap]] = combined.original
    heads = np.searchsorted(combined.paragraphs.source, np.arange(len(heap)))
    seen_seeds = replace(seen_seeds, at=combined.folded.starts[first[seen_seeds.text]] + seen_seeds.at)
    seen_bands = replace(seen_bands, at=heads[first[seen_bands.text]] + seen_bands.at)
    only = np.zeros(len(heap), np.bool_)
    only[combined.original[is_new]] = True
    living = {text.id - len(own) for text in stored if text.id >= len(own)}
    matches = _matches(index, combined, only, seen_seeds, seen_bands, living, settings).told(combined)
    matches = matches[np.flatnonzero(is_new[matches.source_a] | is_new[matches.source_b])]
    return Found(_completed(index, combined, heap, len(own), matches, texts), matches, is_own, is_new)


@dataclass(frozen=True, slots=True)
class _Text:
    """A source on its way into the combined corpus. `id`: the number of an own source, or that of a content of the
    index behind all of these."""

    path: str
    key: str
    opening: bytes
    id: int


@dataclass(frozen=True, slots=True, eq=False)
class _Unpacked:
    """What the index has of one text."""

    opening: bytes
    letters: NDArray[Any]
    paragraphs: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """Where keys of the own sources stand, there and in the corpus: uint64[n], int64[n], int64[n].

    `text`: ids. `at`: letters or paragraphs, counted from the beginning of their text.
    """

    key: NDArray[np.uint64]
    text: NDArray[np.int64]
    at: NDArray[np.int64]


def _stored(index: Index, texts: Texts, own: Sequence[_Text]) -> list[_Text]:
    """The sources of the index whose rows hold; what an own source says too has that source's id."""
    of_key = {text.key: text.id for text in reversed(own)}
    rows = index.rows("select s.path, s.file, s.content, c.key from sources s join contents c on c.id = s.content")
    return [
        _Text(path, key, own[of_key[key]].opening if key in of_key else b"", of_key.get(key, len(own) + content))
        for path, file, content, key in rows
        if texts.holds(file)
    ]


def _seeds(index: Index, corpus: Corpus, stored: Sequence[_Text]) -> _Seen:
    starts = corpus.folded.starts
    keys = seeds(corpus.folded.letters, starts)
    keys[np.repeat(_copies(corpus), np.diff(starts))] = 0
    at = np.flatnonzero(keys)
    source = np.searchsorted(starts, at, side="right") - 1
    own = _Seen(keys[at], source, at - starts[source])
    return _everywhere(index, "seeds", "letter", own, corpus, stored)


def _bands(index: Index, corpus: Corpus, stored: Sequence[_Text]) -> _Seen:
    paragraphs = corpus.paragraphs
    last = np.where(_copies(corpus)[paragraphs.source], paragraphs.first, paragraphs.last)
    sketches = signatures(corpus.folded.letters, paragraphs.first, last, known=index.permutations())
    filled = np.flatnonzero(sketches.min(axis=1, initial=EMPTY) != EMPTY)
    keys = band_keys(sketches[filled], *index.bands())
    source = paragraphs.source[filled].astype(np.int64)
    number = filled - np.searchsorted(paragraphs.source, source)
    own = _Seen(keys.ravel(), np.repeat(source, keys.shape[1]), np.repeat(number, keys.shape[1]))
    return _everywhere(index, "bands", "paragraph", own, corpus, stored)


def _copies(corpus: Corpus) -> NDArray[np.bool_]:
    copies: NDArray[np.bool_] = corpus.original != np.arange(len(corpus.original))
    return copies


def _everywhere(index: Index, table: str, at: str, own: _Seen, corpus: Corpus, stored: Sequence[_Text]) -> _Seen:
    """Where keys of the own sources stand, in the corpus too."""
    sql = f"select s.key, s.content, s.{at} from {table} s join own on s.key = own.key"
    key, content, place = index.query(sql, own={"key": _distinct(own.key)}).values()
    text = content.astype(np.int64) + len(corpus.sources)
    holds = np.zeros(max([int(text.max(initial=0)), *(one.id for one in stored)]) + 1, np.bool_)
    holds[[one.id for one in stored if one.id >= len(corpus.sources)]] = True
    rows = holds[text]
    return _Seen(
        np.concatenate((own.key, key[rows])),
        np.concatenate((own.text, text[rows])),
        np.concatenate((own.at, place[rows].astype(np.int64))),
    )


def _distinct(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Keys in order, each once: `numpy.unique` hashes them, which takes ten times as long."""
    keys = np.sort(keys)
    return keys[_heads(keys)]


def _heads(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where each run of equal keys begins."""
    return np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])


def _unpacked(index: Index, contents: Sequence[int], shift: int) -> dict[int, _Unpacked]:
    """What the index has of some contents, by id."""
    found = index.query(
        "select c.id, c.opening, c.count, c.letters, c.paragraphs from contents c join wanted on c.id = wanted.id",
        wanted={"id": np.array(contents, np.uint32)},
    )
    return {
        int(content) + shift: _Unpacked(
            bytes(head), unpack_letters(letters, int(count)), np.frombuffer(paragraphs, np.int32).reshape(4, -1)
        )
        for content, head, count, letters, paragraphs in zip(*found.values(), strict=True)
    }


def _sorted(heap: list[_Text], corpus: Corpus, texts: Texts) -> list[_Text]:
    """In the order of what they say, then of their paths; where openings do not tell, the texts are looked at."""

    def text(one: _Text) -> str:
        return corpus.sources[one.id].text if one.id < len(corpus.sources) else texts.read(one.path).text

    def compare(one: _Text, other: _Text) -> int:
        if one.opening != other.opening:
            return -1 if one.opening < other.opening else 1
        if one.key != other.key:
            return -1 if text(one) < text(other) else 1
        return (one.path > other.path) - (one.path < other.path)

    return sorted(heap, key=cmp_to_key(compare))


def _combined(heap: Sequence[_Text], corpus: Corpus, unpacked: Mapping[int, _Unpacked]) -> Corpus:
    """The texts of a heap as a corpus: letters and paragraphs, but texts and offsets only of the own sources."""
    own, starts = corpus.folded, np.zeros(len(heap) + 1, np.int64)
    sizes = np.diff(own.starts).tolist()
    for number, text in enumerate(heap):
        size = sizes[text.id] if text.id < len(sizes) else len(unpacked[text.id].letters)
        starts[number + 1] = starts[number] + size
    letters, offsets = np.empty(starts[-1], np.uint32), np.zeros(starts[-1], np.int32)
    heads = np.searchsorted(corpus.paragraphs.source, np.arange(len(sizes) + 1))
    all_paragraphs = np.stack(
        (corpus.paragraphs.first, corpus.paragraphs.last, corpus.paragraphs.start, corpus.paragraphs.end)
    )
    columns = [np.zeros((4, 0), np.int64)]
    for number, text in enumerate(heap):
        here = slice(starts[number], starts[number + 1])
        shift = starts[number]
        if text.id < len(sizes):
            there = slice(own.starts[text.id], own.starts[text.id + 1])
            letters[here], offsets[here] = own.letters[there], own.offsets[there]
            paragraphs = all_paragraphs[:, heads[text.id] : heads[text.id + 1]].copy()
            shift = shift - own.starts[text.id]
        else:
            letters[here] = unpacked[text.id].letters
            paragraphs = unpacked[text.id].paragraphs.astype(np.int64)
        paragraphs[:2] += shift
        columns.append(paragraphs)
    first, last, start, end = np.ascontiguousarray(np.concatenate(columns, axis=1))
    source = np.repeat(np.arange(len(heap), dtype=np.int32), [column.shape[1] for column in columns[1:]])
    none = np.zeros(0, np.int64)
    known: dict[str, int] = {}
    original = [known.setdefault(text.key, n) if starts[n] < starts[n + 1] else n for n, text in enumerate(heap)]
    return Corpus(
        tuple(
            replace(corpus.sources[text.id], path=text.path) if text.id < len(sizes) else Source(text.path, "")
            for text in heap
        ),
        Folded(letters, offsets, starts),
        Paragraphs(source, start, end, first, last, none.astype(np.int32), none, none, none.astype(np.bool_)),
        np.array(original, np.int32),
    )


def _matches(
    index: Index,
    combined: Corpus,
    only: NDArray[np.bool_],
    seen_seeds: _Seen,
    seen_bands: _Seen,
    living: Iterable[int],
    settings: Settings,
) -> Matches:
    folded = combined.folded
    order = np.lexsort((seen_seeds.at, seen_seeds.key))
    key, at = seen_seeds.key[order], seen_seeds.at[order]
    heads = _heads(key)
    sizes = np.diff(np.append(heads, len(key)))
    places = np.zeros(len(folded.letters), np.int32)
    places[at] = np.repeat(sizes, sizes)
    found = link(folded.letters, folded.starts, at, places, only=only)
    rows = align(combined, found, chains(found, combined.cumulated))
    _count(index, combined, rows[enough(combined, rows, settings)], places, living)
    return accept(combined, rows, places, _candidates(combined, only, seen_bands), settings)


def _count(
    index: Index, combined: Corpus, rows: NDArray[np.int64], places: NDArray[np.int32], living: Iterable[int]
) -> None:
    """Fill in, for the first sides of rows, in how many places seeds stand that no own source has."""
    folded = combined.folded
    first, last = _united(rows[:, :2], folded.starts)
    source = np.searchsorted(folded.starts, first, side="right") - 1
    stop = np.minimum(last + _SEED_LETTERS, folded.starts[source + 1])
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(stop - first)))
    at = np.repeat(first - starts[:-1], stop - first) + np.arange(starts[-1])
    keys = seeds(folded.letters[at], starts)
    unknown = (keys != 0) & (places[at] == 0) & (at < np.repeat(last, stop - first))
    at, keys = at[unknown], keys[unknown]
    if len(at) == 0:
        return
    distinct, inverse = np.unique(keys, return_inverse=True)
    sql = (
        "select s.key, count(*) as places from seeds s join own on s.key = own.key "
        "join living on s.content = living.content group by s.key order by s.key"
    )
    tables = {"own": {"key": distinct}, "living": {"content": np.array(sorted(living), np.uint32)}}
    counted = index.query(sql, **tables)["places"]
    places[at] = counted[inverse]


def _united(ranges: NDArray[np.int64], starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ranges of letters without what they overlap, each inside one source: first and last letters."""
    ranges = ranges[np.argsort(ranges[:, 0], kind="stable")]
    source = np.searchsorted(starts, ranges[:, 0], side="right")
    reach = np.maximum.accumulate(ranges[:, 1])
    apart = np.append(True, (ranges[1:, 0] > reach[:-1]) | (source[1:] != source[:-1]))[: len(ranges)]
    heads = np.flatnonzero(apart)
    return ranges[heads, 0], reach[np.append(heads[1:], len(ranges))[: len(heads)] - 1]


def _candidates(combined: Corpus, only: NDArray[np.bool_], seen: _Seen) -> Candidates:
    """The candidate pairs of paragraphs of which one is wanted, as `lsh.candidates` links the members of a bucket."""
    order = np.lexsort((seen.at, seen.key))
    key, at = seen.key[order], seen.at[order]
    bounds = np.append(_heads(key), len(key)).tolist()
    wanted = only[combined.paragraphs.source]
    pairs: dict[tuple[int, int], int] = defaultdict(int)
    for start, end in pairwise(bounds):
        if end - start < 2:
            continue
        members = at[start:end].tolist()
        for i, one in enumerate(members[:-1]):
            for other in members[i + 1 :] if len(members) <= MAX_BUCKET else members[i + 1 : i + 2]:
                if wanted[one] or wanted[other]:
                    pairs[one, other] += 1
    rows = np.array([(a, b, n) for (a, b), n in sorted(pairs.items())], np.int64).reshape(-1, 3)
    none = np.zeros(0, np.int64)
    return Candidates(rows[:, 0], rows[:, 1], rows[:, 2].astype(np.int32), Buckets(none.astype(np.int32), none, none))


def _completed(
    index: Index, combined: Corpus, heap: Sequence[_Text], own: int, matches: Matches, texts: Texts
) -> Corpus:
    """The corpus with the texts and offsets of the sources in which matches stand."""
    sources = list(combined.sources)
    numbers = [n for n in np.union1d(matches.source_a, matches.source_b).tolist() if heap[n].id >= own]
    wanted = {"id": np.array(sorted({heap[n].id - own for n in numbers}), np.uint32)}
    sql = "select c.id, c.offsets, c.further from contents c join wanted on c.id = wanted.id"
    found = index.query(sql, wanted=wanted)
    packed = {int(content): pair for content, *pair in zip(*found.values(), strict=True)}
    for number in numbers:
        here = slice(*combined.folded.starts[number : number + 2])
        combined.folded.offsets[here] = unpack_offsets(*packed[heap[number].id - own])
        sources[number] = texts.read(heap[number].path)
    return replace(combined, sources=tuple(sources))
