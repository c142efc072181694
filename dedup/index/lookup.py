"""New texts + the index of a corpus -> the matches that the new texts have in it and among themselves.

They are those of `match.stages` over everything, found without reading the corpus: seeds and bands of
the new texts are looked up, the letters around those that are found come out of the index, and both tiers that compare
letters run over these alone. Only the files in which a match stands are read, to tell where.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key

import numpy as np
from numpy.typing import NDArray

from dedup.config import Settings
from dedup.corpus import Corpus, build
from dedup.index import wording
from dedup.index.columns import band_keys, opening, text_key
from dedup.index.held import Held, HeldCorpus
from dedup.index.letters import Seen, distinct, matches_of
from dedup.index.standing import Standing
from dedup.index.store import Index
from dedup.index.texts import Texts
from dedup.matches import Matches
from dedup.model import Source
from dedup.seed import seeds
from dedup.segment import Paragraphs
from dedup.sketch import EMPTY, signatures


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
    standing = Standing(index)
    corpus = build(own, forms=index.forms())
    heap = [_Text(s.path, text_key(s.text), opening(s.text), number) for number, s in enumerate(corpus.sources)]
    keys = [text.key for text in heap]
    own_bands = _bands(index, corpus)
    in_bands = _search(index, own_bands)
    own_seeds = _seeds(corpus)
    stored = _stored(index, texts, heap)
    seeds_there = distinct(own_seeds.key)
    number, content, at = standing.find(seeds_there)
    seen_seeds = _everywhere(own_seeds, Seen(seeds_there[number], content, at), corpus, stored)
    seen_bands = _everywhere(own_bands, in_bands(), corpus, stored)
    common = np.flatnonzero(np.bincount(np.concatenate((seen_seeds.text, seen_bands.text)))).tolist()
    contents = _contents(index, [text - len(own) for text in common if text >= len(own)], len(own))
    heap += [replace(text, opening=contents[text.id].opening) for text in stored if text.id in contents]
    heap += [text for text in stored if text.id < len(own)]
    heap = _sorted(heap, corpus, texts)
    combined = _combined(index, heap, corpus, contents)
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
    matches = matches_of(standing, combined, only, seen_seeds, seen_bands, living, settings)
    held = wording.held_together(index, combined, matches, _change(index, corpus, keys, living))
    matches = matches[np.flatnonzero(held)].told(combined)
    matches = matches[np.flatnonzero(is_new[matches.source_a] | is_new[matches.source_b])]
    return Found(_completed(combined, heap, len(own), matches, texts), matches, is_own, is_new)


@dataclass(frozen=True, slots=True)
class _Text:
    """A source on its way into the combined corpus. `id`: the number of an own source, or that of a content of the
    index behind all of these."""

    path: str
    key: str
    opening: bytes
    id: int


@dataclass(frozen=True, slots=True, eq=False)
class _Content:
    """What the index has of one text. `letters`: how many. `paragraphs`: as in `columns.Content`."""

    opening: bytes
    letters: int
    paragraphs: NDArray[np.int32]


def _stored(index: Index, texts: Texts, own: Sequence[_Text]) -> list[_Text]:
    """The sources of the index whose rows hold; what an own source says too has that source's id."""
    of_key = {text.key: text.id for text in reversed(own)}
    rows = index.rows("select s.path, s.file, s.content, c.key from sources s join contents c on c.id = s.content")
    return [
        _Text(path, key, own[of_key[key]].opening if key in of_key else b"", of_key.get(key, len(own) + content))
        for path, file, content, key in rows
        if texts.holds(file)
    ]


def _seeds(corpus: Corpus) -> Seen:
    """The seeds of the own sources."""
    starts = corpus.folded.starts
    keys = seeds(corpus.folded.letters, starts)
    keys[np.repeat(_copies(corpus), np.diff(starts))] = 0
    at = np.flatnonzero(keys)
    source = np.searchsorted(starts, at, side="right") - 1
    return Seen(keys[at], source, at - starts[source])


def _bands(index: Index, corpus: Corpus) -> Seen:
    """The bands of the own sources."""
    paragraphs = corpus.paragraphs
    last = np.where(_copies(corpus)[paragraphs.source], paragraphs.first, paragraphs.last)
    sketches = signatures(corpus.folded.letters, paragraphs.first, last, known=index.permutations())
    filled = np.flatnonzero(sketches.min(axis=1, initial=EMPTY) != EMPTY)
    keys = band_keys(sketches[filled], *index.bands())
    source = paragraphs.source[filled].astype(np.int64)
    number = filled - np.searchsorted(paragraphs.source, source)
    return Seen(keys.ravel(), np.repeat(source, keys.shape[1]), np.repeat(number, keys.shape[1]))


def _change(index: Index, corpus: Corpus, keys: Sequence[str], living: Collection[int]) -> wording.Counts:
    """The words of the own sources, whose keys are given, less those of texts of the index that do not count."""
    gone = {key: text for text, key in index.rows("select id, key from contents") if text not in living}
    own = wording.counted(corpus.folded, _copies(corpus) | np.array([key in gone for key in keys], np.bool_))
    less = wording.of_contents(index, [text for key, text in gone.items() if key not in keys])
    return wording.summed([own, (less[0], -less[1])])


def _copies(corpus: Corpus) -> NDArray[np.bool_]:
    copies: NDArray[np.bool_] = corpus.original != np.arange(len(corpus.original))
    return copies


def _search(index: Index, own: Seen) -> Callable[[], Seen]:
    """Begin to look up the bands of the own sources; their texts are those of the index."""
    sql = "select s.key, s.content, s.paragraph from bands s join own on s.key = own.key"
    found = index.begin(sql, own={"key": distinct(own.key)})

    def seen() -> Seen:
        key, content, paragraph = found().values()
        return Seen(key, content.astype(np.int64), paragraph.astype(np.int64))

    return seen


def _everywhere(own: Seen, there: Seen, corpus: Corpus, stored: Sequence[_Text]) -> Seen:
    """Where keys of the own sources stand, in the corpus too. `there`: in all texts of the index."""
    text = there.text + len(corpus.sources)
    holds = np.zeros(max([int(text.max(initial=0)), *(one.id for one in stored)]) + 1, np.bool_)
    holds[[one.id for one in stored if one.id >= len(corpus.sources)]] = True
    rows = holds[text]
    return Seen(
        np.concatenate((own.key, there.key[rows])),
        np.concatenate((own.text, text[rows])),
        np.concatenate((own.at, there.at[rows])),
    )


def _contents(index: Index, contents: Sequence[int], shift: int) -> dict[int, _Content]:
    """What the index has of some contents, by id."""
    found = index.query(
        "select c.id, c.opening, c.count, c.paragraphs from contents c join wanted on c.id = wanted.id",
        wanted={"id": np.array(contents, np.uint32)},
    )
    return {
        int(content) + shift: _Content(bytes(head), int(count), np.frombuffer(paragraphs, np.int32).reshape(4, -1))
        for content, head, count, paragraphs in zip(*found.values(), strict=True)
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


def _combined(index: Index, heap: Sequence[_Text], corpus: Corpus, contents: Mapping[int, _Content]) -> HeldCorpus:
    """The texts of a heap as a corpus: all paragraphs, but letters, offsets and texts only of the own sources."""
    own, starts = len(corpus.sources), corpus.folded.starts
    sizes = np.array(
        [starts[t.id + 1] - starts[t.id] if t.id < own else contents[t.id].letters for t in heap], np.int64
    )
    held = Held(index, corpus.folded, np.array([text.id for text in heap], np.int64), sizes)
    heads = np.searchsorted(corpus.paragraphs.source, np.arange(own + 1))
    all_paragraphs = np.stack(
        (corpus.paragraphs.first, corpus.paragraphs.last, corpus.paragraphs.start, corpus.paragraphs.end)
    )
    columns = [np.zeros((4, 0), np.int64)]
    for text, shift in zip(heap, held.folded.starts.tolist(), strict=False):
        if text.id < own:
            paragraphs = all_paragraphs[:, heads[text.id] : heads[text.id + 1]].copy()
            paragraphs[:2] += shift - starts[text.id]
        else:
            paragraphs = contents[text.id].paragraphs.astype(np.int64)
            paragraphs[:2] += shift
        columns.append(paragraphs)
    first, last, start, end = np.ascontiguousarray(np.concatenate(columns, axis=1))
    source = np.repeat(np.arange(len(heap), dtype=np.int32), [column.shape[1] for column in columns[1:]])
    none = np.zeros(0, np.int64)
    known: dict[str, int] = {}
    original = [known.setdefault(text.key, n) if sizes[n] else n for n, text in enumerate(heap)]
    return HeldCorpus(
        tuple(
            replace(corpus.sources[text.id], path=text.path) if text.id < own else Source(text.path, "")
            for text in heap
        ),
        held.folded,
        Paragraphs(source, start, end, first, last, none.astype(np.int32), none, none, none.astype(np.bool_)),
        np.array(original, np.int32),
        held,
    )


def _completed(combined: HeldCorpus, heap: Sequence[_Text], own: int, matches: Matches, texts: Texts) -> Corpus:
    """The corpus with the texts of the sources in which matches stand, and with the letters and the offsets there."""
    combined.held.take(
        *(np.concatenate(sides) for sides in ((matches.a_start, matches.b_start), (matches.a_end, matches.b_end)))
    )
    combined.held.take_offsets(np.concatenate((matches.a_start, matches.a_end - 1, matches.b_start, matches.b_end - 1)))
    sources = list(combined.sources)
    for number in np.union1d(matches.source_a, matches.source_b).tolist():
        if heap[number].id >= own:
            sources[number] = texts.read(heap[number].path)
    return replace(combined, sources=tuple(sources))
