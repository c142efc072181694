"""Matches of new sources -> stretches: the passages of new files that stand elsewhere, each with its copies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dedup.accept import RELATIONS
from dedup.corpus import Corpus
from dedup.index.lookup import Found
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


def stretches(found: Found, added: frozenset[str]) -> list[Stretch]:
    """The stretches by path and place. A match of two new sources is told of the one that came later: one that was
    `added`, else the one with the later path."""
    sources = found.corpus.sources
    late = [(source.path in added, source.path) for source in sources]
    of_source: dict[int, list[tuple[Side, Side, int]]] = {}
    for row in range(len(found.matches)):
        if int(found.matches.relation[row]) not in _FOUND:
            continue
        one, other = (Side(*side) for side in found.matches.sides(row))
        if found.new[one.source] and (
            not found.new[other.source] or (late[one.source], one.first) > (late[other.source], other.first)
        ):
            one, other = other, one
        of_source.setdefault(other.source, []).append((other, one, row))
    grouped = [stretch for matches in of_source.values() for stretch in _grouped(matches)]
    return sorted(grouped, key=lambda s: (sources[s.side.source].path, s.side.first, s.side.last))


def _grouped(matches: list[tuple[Side, Side, int]]) -> list[Stretch]:
    """The matches of one new source, each as the side there, the other one, and its row."""
    matches.sort(key=lambda match: (match[0].first - match[0].last, match[0].first, match[2]))
    first, last = np.empty(len(matches), np.int64), np.empty(len(matches), np.int64)
    groups: list[list[tuple[Side, Side, int]]] = []
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


def members(corpus: Corpus, side: Side) -> list[int]:
    """The paragraphs that a passage stands in: those of which it is half or more, or that have half of it or more."""
    first, last = corpus.paragraphs.first, corpus.paragraphs.last
    head = int(np.searchsorted(last, side.first, side="right"))
    tail = int(np.searchsorted(first, side.last, side="left"))
    shared = np.minimum(last[head:tail], side.last) - np.maximum(first[head:tail], side.first)
    half = np.minimum(last[head:tail] - first[head:tail], side.last - side.first)
    inside = np.flatnonzero(2 * shared >= half)
    if len(inside) == 0:
        inside = np.argmax(shared, keepdims=True)
    return [head + int(at) for at in inside]
