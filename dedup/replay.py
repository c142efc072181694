"""Decisions + passages -> which decision is about which passage and point, and what no one may touch.

Decisions find their passages by letters: by the id of the cluster, else by the key of any witness, else by two of
the witnesses that the reviewer saw.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dedup.apparatus import bounds, marks, numbered
from dedup.cluster import Passage, Place
from dedup.collate import Collation
from dedup.corpus import Corpus
from dedup.decisions import Decision
from dedup.fold import letters_key
from dedup.model import Relation
from dedup.vote import Copy

_RUN = 32  # paragraphs and places of one stretch that is looked for


@dataclass(frozen=True, slots=True)
class Proposal:
    """A passage on its way into the corpus. `name`: its cluster's id, whatever was decided on it.

    `home`: which of its places is at home, None where nothing of it may leave. `orders`: the decisions on it and on
    its points.
    """

    name: str
    passage: Passage
    relation: Relation
    orders: tuple[Decision, ...] = ()
    home: int | None = None

    @property
    def kept(self) -> bool:
        """Whether it was decided that nothing of it leaves."""
        return any(order.verdict == "keep" for order in self.orders)

    def at_home(self, home: int | None) -> Proposal:
        """The same with its home."""
        return Proposal(self.name, self.passage, self.relation, self.orders, home)


@dataclass(slots=True)
class Proposals:
    """The passages as decided. `frozen`: places whose text stays as it is. `bound`: what `orders` say, and what
    they said of passages that they broke up. `missing`: the keys that a split names and no witness has."""

    passages: list[Proposal] = field(default_factory=list)
    frozen: list[Place] = field(default_factory=list)
    bound: set[Decision] = field(default_factory=set)
    found: set[tuple[Decision, str]] = field(default_factory=set)

    def keep(self, more: Iterable[Proposal]) -> bool:
        """Take in what a decision keeps that was no passage before; whether there is any."""
        fresh = [of for of in more if of.kept and not self.bound.issuperset(of.orders)]
        self._take(fresh)
        return bool(fresh)

    def add(self, more: Iterable[Proposal]) -> None:
        """Take in passages that were found later."""
        self._take([of for of in more if not of.kept])

    def _take(self, more: list[Proposal]) -> None:
        names = [of.name for of in self.passages]
        told = numbered([*(name.partition("-")[0] for name in names), *(of.name.partition("-")[0] for of in more)])
        for of, name in zip(more, told[len(names) :], strict=True):
            self.passages.append(replace(of, name=name))
            self.bound.update(of.orders)

    def letters(self, corpus: Corpus) -> NDArray[np.bool_]:
        """The letters that stay as they are: bool[letters]."""
        marked = np.zeros(len(corpus.folded.letters), np.bool_)
        for place in self.frozen:
            marked[place.first : place.last] = True
        return marked


def propose(
    corpus: Corpus, passages: Sequence[tuple[Passage, Relation]], decisions: Sequence[Decision] = ()
) -> Proposals:
    """Name the passages and hear the decisions on them: splits are carried out, kept places are frozen."""
    names = numbered(key_of(corpus, passage.places[passage.medoid]) for passage, _ in passages)
    if not decisions:
        return Proposals([Proposal(name, *of) for name, of in zip(names, passages, strict=True)])
    proposals = Proposals()
    as_they_are = {key for decision in decisions for key in _frozen(decision)}
    keys = [[key_of(corpus, place) for place in passage.places] for passage, _ in passages]
    for name, own, orders, (passage, relation) in zip(
        names, keys, _bind(decisions, names, keys), passages, strict=True
    ):
        proposals.bound.update(orders)
        out = set()
        for order in orders:
            proposals.found.update((order, key) for key in order.exclude if key in own)
            out |= {number for number, key in enumerate(own) if key in order.exclude}
        proposal = Proposal(name, passage, relation, orders)
        frozen = (place for place, key in zip(passage.places, own, strict=True) if key in as_they_are or proposal.kept)
        proposals.frozen += frozen
        if len(passage.places) - len(out) > 1:
            proposals.passages.append(replace(proposal, passage=_without(passage, out)))
    hidden = as_they_are.difference(*keys)
    if hidden:
        places = {place for passage, _ in passages for place in passage.places}
        for place, key in _inside(corpus, places, hidden):
            proposals.frozen.append(place)
            proposals.bound.update(decision for decision in decisions if key in _frozen(decision))
            proposals.found.update((decision, key) for decision in decisions if key in decision.exclude)
    return proposals


def _inside(corpus: Corpus, places: Iterable[Place], keys: set[str]) -> Iterator[tuple[Place, str]]:
    """The stretches that have one of the keys and begin and end where paragraphs or places do.

    What stood around a passage may have left, so that now it is a part of one, or the parts of it are passages.
    """
    paragraphs = corpus.paragraphs
    of_source: dict[int, set[int]] = defaultdict(set)
    for place in places:
        of_source[place.source].update((place.first, place.last))
    for source, found in sorted(of_source.items()):
        own = slice(corpus.heads[source], corpus.heads[source + 1])
        edges = sorted(found.union(paragraphs.first[own].tolist(), paragraphs.last[own].tolist()))
        for at, first in enumerate(edges[:-1]):
            hashed = hashlib.sha256()
            for begin, last in pairwise(edges[at : at + _RUN + 1]):
                hashed.update(corpus.folded.letters[begin:last].astype("<u4").tobytes())
                if (key := hashed.hexdigest()[:12]) in keys:
                    yield Place(source, first, last), key


def _frozen(decision: Decision) -> set[str]:
    """The keys of the witnesses whose text stays as it is, in whichever passage they stand."""
    if decision.verdict == "keep":
        return {decision.cluster.partition("-")[0], *decision.seen}
    return set(decision.exclude)


def key_of(corpus: Corpus, place: Place) -> str:
    """The key of a witness."""
    return letters_key(corpus.folded.letters[place.first : place.last])


def _bind(
    decisions: Sequence[Decision], names: Sequence[str], keys: Sequence[Sequence[str]]
) -> list[tuple[Decision, ...]]:
    """For each passage the decisions that are about it."""
    by_name = {name: number for number, name in enumerate(names)}
    by_key: dict[str, list[int]] = defaultdict(list)
    for number, own in enumerate(keys):
        for key in sorted(set(own)):
            by_key[key].append(number)
    orders: list[list[Decision]] = [[] for _ in names]
    for decision in decisions:
        for number in _passages_of(decision, by_name, by_key, keys):
            orders[number].append(decision)
    return [tuple(order) for order in orders]


def _passages_of(
    decision: Decision,
    by_name: Mapping[str, int],
    by_key: Mapping[str, list[int]],
    keys: Sequence[Sequence[str]],
) -> list[int]:
    if decision.cluster in by_name:
        return [by_name[decision.cluster]]
    by_letters = by_key.get(decision.cluster.partition("-")[0], [])
    if by_letters:
        return by_letters
    seen = sorted({number for key in decision.seen for number in by_key.get(key, ())})
    seen = [number for number in seen if sum(key in decision.seen for key in keys[number]) > 1]
    if seen:
        return seen
    return sorted({number for key in decision.exclude for number in by_key.get(key, ())})


def _without(passage: Passage, out: set[int]) -> Passage:
    """A passage without some of its places; a medoid that goes gives way to the longest that stays."""
    if not out:
        return passage
    rest = [number for number in range(len(passage.places)) if number not in out]
    places = tuple(passage.places[number] for number in rest)
    medoid = max(rest, key=lambda n: (n == passage.medoid, passage.places[n].last - passage.places[n].first, -n))
    rows = tuple(passage.rows[number] for number in rest)
    return replace(passage, places=places, medoid=rest.index(medoid), rows=rows)


def orders_at(
    name: str, copies: Sequence[Copy], medoid: int, collation: Collation, orders: Iterable[Decision]
) -> dict[int, Decision]:
    """The decisions on points of a collation, by the number of the point.

    A point is found by its id, or by what it would be called after any other witness.
    """
    on_points = [order for order in orders if order.variant is not None]
    if not on_points:
        return {}
    heard: dict[int, Decision] = {}
    witnesses = [medoid, *(number for number in range(len(copies)) if number != medoid)]
    called: dict[str, int] = {}
    spans = bounds(collation)
    for witness in witnesses:
        copy = copies[witness]
        for number, own in enumerate(marks(copy.text, copy.letters, copy.offsets, spans[:, witness])):
            called.setdefault(own, number)
    for order in sorted(on_points, key=lambda order: (order.cluster != name, order.key)):
        if order.mark in called:
            heard.setdefault(called[order.mark], order)
    return heard


def reworded(collation: Collation, readings: Mapping[int, str]) -> Collation:
    """A collation with the readings that were decided, by the number of their points."""
    if not readings:
        return collation
    parts: list[str] = []
    points = []
    size = done = 0
    for number, point in enumerate(collation.points):
        text = readings.get(number, point.text)
        between = collation.text[done : point.at[0]]
        size += len(between)
        moved = replace(point, at=(size, size + len(text)), text=text)
        points.append(replace(moved, vote="decided", reason="") if number in readings else moved)
        parts += between, text
        size += len(text)
        done = point.at[1]
    return replace(collation, text="".join([*parts, collation.text[done:]]), points=tuple(points))
