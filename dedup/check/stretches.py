"""Matches of new sources -> stretches: the passages of new files that stand elsewhere, each with its copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.corpus import Corpus
from dedup.index.lookup import Found
from dedup.matches import RELATIONS
from dedup.model import Relation

INSIDE = 0.8
"""A match that lies to this share inside a longer one adds a copy to its stretch; it makes none of its own."""

_FOUND = frozenset(RELATIONS.index(relation) for relation in (Relation.EXACT, Relation.NEAR, Relation.CONTAINED))


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a match: letters `[first, last)` of the corpus."""

    source: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A passage of a new source. `rows`: the matches that lie there, the longest first; `copies`: their other sides."""

    side: Side
    rows: tuple[int, ...]
    copies: tuple[Side, ...]


Pair = tuple[Side, Side, int]
"""Both sides of a match, and its row."""


def pairs(found: Found) -> list[Pair]:
    """The matches that are findings: those that say that one text stands twice."""
    relation = found.matches.relation.tolist()
    return [
        (Side(*a), Side(*b), row)
        for row in range(len(found.matches))
        if relation[row] in _FOUND
        for a, b in [found.matches.sides(row)]
    ]


def stretches(found: Found, matches: Sequence[Pair], lateness: Callable[[Side], Any]) -> list[Stretch]:
    """The stretches by path and place. A match of two new sources is told of its later side."""
    of_source: dict[int, list[Pair]] = {}
    for one, other, row in matches:
        turned = found.new[one.source] and (not found.new[other.source] or lateness(one) > lateness(other))
        side, copy = (one, other) if turned else (other, one)
        of_source.setdefault(side.source, []).append((side, copy, row))
    grouped = [stretch for own in of_source.values() for stretch in _grouped(own)]
    return sorted(grouped, key=lambda s: (found.corpus.sources[s.side.source].path, s.side.first, s.side.last))


def _grouped(matches: list[Pair]) -> list[Stretch]:
    """The matches of one new source, whose side comes first."""
    matches.sort(key=lambda match: (match[0].first - match[0].last, match[0].first, match[2]))
    first, last = np.empty(len(matches), np.int64), np.empty(len(matches), np.int64)
    groups: list[list[Pair]] = []
    for match in matches:
        side, n = match[0], len(groups)
        shared = np.minimum(last[:n], side.last) - np.maximum(first[:n], side.first)
        home = int(np.argmax(shared)) if n else 0
        if n and shared[home] >= INSIDE * (side.last - side.first):
            groups[home].append(match)
        else:
            first[n], last[n] = side.first, side.last
            groups.append([match])
    return [
        Stretch(group[0][0], tuple(row for _, _, row in group), tuple(copy for _, copy, _ in group)) for group in groups
    ]


def members(corpus: Corpus, sides: Sequence[Side]) -> list[list[int]]:
    """The paragraphs that passages stand in: those of which one is half or more, or that have half of it or more."""
    first, last = corpus.paragraphs.first, corpus.paragraphs.last
    begin, end = np.array([side.first for side in sides]), np.array([side.last for side in sides])
    heads = np.searchsorted(last, begin, side="right").tolist()
    tails = np.searchsorted(first, end, side="left").tolist()
    return [
        [head] if tail == head + 1 else _inside(first[head:tail], last[head:tail], side, head)
        for side, head, tail in zip(sides, heads, tails, strict=True)
    ]


def _inside(first: NDArray[np.int64], last: NDArray[np.int64], side: Side, head: int) -> list[int]:
    """Of paragraphs from number `head` on, all of which a passage touches, those that it stands in."""
    shared = np.minimum(last, side.last) - np.maximum(first, side.first)
    inside = np.flatnonzero(2 * shared >= np.minimum(last - first, side.last - side.first))
    if len(inside) == 0:
        inside = np.argmax(shared, keepdims=True)
    return [head + int(at) for at in inside]
