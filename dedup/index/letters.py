"""Where seeds and bands of new texts stand + a corpus of pieces -> the matches of these texts: both tiers of letters.

It is what `match.by_letters` does, but for what has no part in a match of the new texts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.accept import accept, enough
from dedup.align import NOT_THERE, align
from dedup.anchor import MANY, link
from dedup.chain import chains
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.index.held import HeldCorpus, untouched
from dedup.index.standing import Standing
from dedup.lsh import MAX_BUCKET, Buckets, Candidates
from dedup.matches import Matches
from dedup.seed import seeds

_Key = TypeVar("_Key", np.uint32, np.uint64)

_SEED_LETTERS = 15  # letters of the longest seed: those of an alphabet
_REACH = 128  # letters around a seed that its extension will hardly leave; where it does, there will be more


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Where keys of the own sources stand, there and in the corpus: uint64[n], int64[n], int64[n].

    `text`: ids. `at`: letters or paragraphs, counted from the beginning of their text.
    """

    key: NDArray[np.uint64]
    text: NDArray[np.int64]
    at: NDArray[np.int64]


def matches_of(
    standing: Standing,
    combined: HeldCorpus,
    only: NDArray[np.bool_],
    seen_seeds: Seen,
    seen_bands: Seen,
    living: Iterable[int],
    settings: Settings,
) -> Matches:
    """The matches of the sources `only`: bool[sources], and others among them that a look-up has no use for.

    `seen_seeds`, `seen_bands`: where keys of the own sources stand, letters and paragraphs counted from the beginning
    of `combined`. `living`: the contents of the index that count.
    """
    at, heads = _grouped(seen_seeds)
    sizes = np.diff(np.append(heads, len(at)))
    places = untouched(len(combined.folded.letters), np.int32)
    places[at] = np.repeat(sizes, sizes)
    candidates = _candidates(combined, only, seen_bands)
    likely = _paragraphs(combined, candidates)
    linked = at[_linked(at, np.repeat(heads, sizes), places, _of(combined, only, at))]
    _take(
        combined, np.concatenate((linked, *likely[:, ::2].T)), np.concatenate((linked + 1, *likely[:, 1::2].T)), _REACH
    )
    rows = _rows(combined, at, places, only)
    telling = np.concatenate((rows[enough(combined, rows, settings), :4], likely))
    _count(standing, combined, telling, places, living)
    return accept(combined, rows, places, candidates, settings)


def _grouped(seen: Seen) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where seeds stand, equal ones side by side, each in order of place; and where each of these groups begins."""
    order = np.argsort(seen.key)
    heads = heads_of(seen.key[order])
    group = np.repeat(np.arange(len(heads)), np.diff(np.append(heads, len(order))))
    packed = (group << 32) | seen.at[order]
    packed.sort()  # five times as fast as to sort by two columns
    return packed & 0xFFFFFFFF, heads


def _of(combined: Corpus, only: NDArray[np.bool_], letters: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which letters stand in wanted sources."""
    return only[np.searchsorted(combined.folded.starts, letters, side="right") - 1]


def _linked(
    at: NDArray[np.int64], head: NDArray[np.int64], places: NDArray[np.int32], wanted: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which seeds `anchor.link` may pair with wanted ones: all where there are few of a key, else the neighbours of a
    wanted one and the first, or all if that is wanted. `head`: the first of the same key, for each."""
    linked: NDArray[np.bool_] = (places[at] <= MANY) | wanted | wanted[head]
    linked[:-1] |= wanted[1:]
    linked[1:] |= wanted[:-1]
    linked[head[wanted]] = True
    return linked


def _take(combined: HeldCorpus, first: NDArray[np.int64], last: NDArray[np.int64], reach: int) -> bool:
    """Have the letters of ranges, and as many before and behind; whether any was missing."""
    starts = combined.folded.starts
    source = np.searchsorted(starts, first, side="right") - 1
    return combined.held.take(np.maximum(first - reach, starts[source]), np.minimum(last + reach, starts[source + 1]))


def _paragraphs(combined: Corpus, candidates: Candidates) -> NDArray[np.int64]:
    """The letters of both sides of candidates: int64[n, 4], as in rows."""
    first, last = combined.paragraphs.first, combined.paragraphs.last
    a, b = candidates.a, candidates.b
    return np.stack((first[a], last[a], first[b], last[b]), axis=1)


def _rows(
    combined: HeldCorpus, at: NDArray[np.int64], places: NDArray[np.int32], only: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The aligned rows of seeds that wanted sources have. What runs or extensions come upon that is not at hand is
    fetched, until they come upon nothing of the kind: the rows are those of the whole corpus then."""
    folded = combined.folded
    reach = _REACH
    while True:
        found = link(folded.letters, folded.starts, at, places, only=only)
        rows = align(combined, found, chains(found, combined.cumulated))
        lost = rows[rows[:, 5] < NOT_THERE // 2]
        first = np.concatenate((found.a, found.b, rows[:, 0], rows[:, 2]))
        last = np.concatenate((found.a + found.length, found.b + found.length, rows[:, 1], rows[:, 3]))
        more = _take(combined, first, last, _SEED_LETTERS)
        more |= _take(combined, lost[:, :4:2].ravel(), lost[:, 1:4:2].ravel(), reach)
        if not more and len(lost) == 0:
            return rows
        reach *= 2


def _count(
    standing: Standing, combined: HeldCorpus, rows: NDArray[np.int64], places: NDArray[np.int32], living: Iterable[int]
) -> None:
    """Fill in, for the first sides of rows, in how many places seeds stand that no own source has."""
    folded = combined.folded
    first, last = _united(rows[:, :2], folded.starts)
    source = np.searchsorted(folded.starts, first, side="right") - 1
    stop = np.minimum(last + _SEED_LETTERS, folded.starts[source + 1])
    combined.held.take(first, stop)
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(stop - first)))
    at = np.repeat(first - starts[:-1], stop - first) + np.arange(starts[-1])
    keys = seeds(folded.letters[at], starts)
    unknown = (keys != 0) & (places[at] == 0) & (at < np.repeat(last, stop - first))
    at, keys = at[unknown], keys[unknown]
    if len(at) == 0:
        return
    asked = distinct(keys)
    places[at] = standing.count(asked, living)[np.searchsorted(asked, keys)]


def _united(ranges: NDArray[np.int64], starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ranges of letters without what they overlap, each inside one source: first and last letters."""
    ranges = ranges[np.argsort(ranges[:, 0], kind="stable")]
    source = np.searchsorted(starts, ranges[:, 0], side="right")
    reach = np.maximum.accumulate(ranges[:, 1])
    apart = np.append(True, (ranges[1:, 0] > reach[:-1]) | (source[1:] != source[:-1]))[: len(ranges)]
    heads = np.flatnonzero(apart)
    return ranges[heads, 0], reach[np.append(heads[1:], len(ranges))[: len(heads)] - 1]


def _candidates(combined: Corpus, only: NDArray[np.bool_], seen: Seen) -> Candidates:
    """The candidate pairs of paragraphs of which one is wanted, as `lsh.candidates` links the members of a bucket."""
    order = np.lexsort((seen.at, seen.key))
    key, at = seen.key[order], seen.at[order]
    bounds = np.append(heads_of(key), len(key))
    shared = np.flatnonzero(np.diff(bounds) > 1)
    wanted = only[combined.paragraphs.source].tobytes()
    pairs: dict[tuple[int, int], int] = defaultdict(int)
    for start, end in zip(bounds[shared].tolist(), bounds[shared + 1].tolist(), strict=True):
        members = at[start:end].tolist()
        for i, one in enumerate(members[:-1]):
            for other in members[i + 1 :] if len(members) <= MAX_BUCKET else members[i + 1 : i + 2]:
                if wanted[one] or wanted[other]:
                    pairs[one, other] += 1
    rows = np.array([(a, b, n) for (a, b), n in sorted(pairs.items())], np.int64).reshape(-1, 3)
    none = np.zeros(0, np.int64)
    return Candidates(rows[:, 0], rows[:, 1], rows[:, 2].astype(np.int32), Buckets(none.astype(np.int32), none, none))


def heads_of(keys: NDArray[_Key]) -> NDArray[np.int64]:
    """Where each run of equal keys begins."""
    return np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])


def distinct(keys: NDArray[_Key]) -> NDArray[_Key]:
    """Keys in order, each once: `numpy.unique` hashes them, which takes ten times as long."""
    keys = np.sort(keys)
    return keys[heads_of(keys)]
