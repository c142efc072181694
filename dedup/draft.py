"""Matches -> drafts: the passages of a corpus, each collated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.accept import least_similarity
from dedup.batch import batches
from dedup.cluster import Passage, Place, cluster, places_of
from dedup.collate import Asked, Collation, bases_of, beside, collate_each
from dedup.config import Settings
from dedup.copies import Characters, copies_of, spans_of_each
from dedup.corpus import Corpus
from dedup.decisions import Decision
from dedup.edit import equal_blocks
from dedup.fold import Progress
from dedup.kernel import kernel, load
from dedup.matches import RELATIONS, Matches
from dedup.model import Relation, Status
from dedup.plan import Plan, plan
from dedup.pool import spread
from dedup.replay import Proposal, Proposals, orders_at, reworded

REMOVABLE = frozenset({Relation.EXACT, Relation.NEAR, Relation.CONTAINED})
"""Relations of passages whose copies may leave the corpus."""

_REWORKED = frozenset({Relation.REWORKED})
_BATCH = 1 << 14  # letters of passages that are collated together


Key = tuple[tuple[Place, ...], bool, int, tuple[int, ...]]
"""The places of a passage, whether it has no home, its medoid or else its home, and its voters."""

Collated = dict[Key, tuple[Collation, tuple[Characters, ...]]]
"""What was collated already, with the characters of each witness, inner."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A passage with its collation, on the way to a cluster.

    `home`: which witness is at home. `status[i]`: what becomes of witness i, `spans[i]`: its characters, inner.
    `orders`: the decisions on it and its points, `decided`: those on its points by their numbers.
    """

    id: str
    passage: Passage
    relation: Relation
    home: int
    status: tuple[Status, ...]
    collation: Collation
    spans: tuple[Characters, ...]
    orders: tuple[Decision, ...] = ()
    decided: Mapping[int, Decision] = field(default_factory=dict)


def passages_of(
    corpus: Corpus, matches: Matches, settings: Settings, *, known: Sequence[tuple[Passage, Relation]] | None = None
) -> list[tuple[Passage, Relation]]:
    """The passages that matches make, and how their witnesses are related, in order of their first places.

    `known`: the passages of the same matches without those that were made of words, which have none in common with
    the others.
    """

    def agree(x: Place, y: Place) -> bool:
        a, b = corpus.folded.letters[x.first : x.last], corpus.folded.letters[y.first : y.last]
        weight = corpus.cumulated[x.last] - corpus.cumulated[x.first]
        need = max(settings.similarity, float(least_similarity(weight))) * (len(a) + len(b))
        return 2 * min(len(a), len(b)) >= need and 2 * sum(n for _, _, n in equal_blocks(a, b)) >= need

    between = corpus.original[matches.source_b] == matches.source_b
    of_letters = matches.words == 0

    def clustered(relations: frozenset[Relation], *, aligned: bool) -> Iterator[tuple[Passage, Relation]]:
        of_relations = np.isin(matches.relation, [RELATIONS.index(r) for r in relations])
        rows = np.flatnonzero(between & of_relations & (of_letters == aligned))
        passages = cluster(matches, rows, agree, aligned=aligned)
        weakest = _most(matches.relation, [tuple(chain.from_iterable(of.rows)) for of in passages])
        return zip(passages, (RELATIONS[relation] for relation in weakest.tolist()), strict=True)

    if known is None:
        found = _families(corpus, matches)
        for relations in (REMOVABLE, _REWORKED, frozenset({Relation.FORMULA})):
            found += clustered(relations, aligned=True)
    else:
        rows = np.flatnonzero(of_letters).tolist()
        found = [(of.renumbered(rows), relation) for of, relation in known]
    found += clustered(_REWORKED, aligned=False)
    return sorted(found, key=lambda item: (item[0].places, item[0].medoid))


def _families(corpus: Corpus, matches: Matches) -> list[tuple[Passage, Relation]]:
    """Sources with the same text, each family a passage of its own that is as long as its sources."""
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(corpus.original[matches.source_b] != matches.source_b).tolist():
        rows_of[int(matches.source_a[row])].append(row)
    families = []
    for rows in rows_of.values():
        sides = sorted({side for row in rows for side in matches.sides(row)})
        places = tuple(Place(*side) for side in sides)
        of_copy = {int(matches.source_b[row]): (row,) for row in rows}
        by_place = tuple(of_copy.get(place.source, tuple(rows)) for place in places)
        families.append((Passage(places, 0, by_place), Relation.EXACT))
    return families


def planned(corpus: Corpus, matches: Matches, proposals: Proposals, settings: Settings) -> tuple[Plan, list[Proposal]]:
    """What leaves the corpus, and the passages each with its home."""
    whole = corpus.original != np.arange(len(corpus.sources))
    passages = proposals.passages
    family = [bool(whole[of.passage.places[-1].source]) for of in passages]
    removable = [n for n, of in enumerate(passages) if of.relation in REMOVABLE and not family[n]]
    of_these = [passages[number].passage for number in removable]
    alike = _most(matches.similarity, [rows for passage in of_these for rows in passage.rows], none=1.0)
    decided = plan(corpus, of_these, alike, settings, frozen=proposals.letters(corpus))
    homes: list[int | None] = [0 if of_family else None for of_family in family]
    for number, home in zip(removable, decided.home, strict=True):
        homes[number] = home
    return decided, [of.at_home(home) for of, home in zip(passages, homes, strict=True)]


def _most(values: NDArray[Any], rows: Sequence[tuple[int, ...]], none: Any = 0) -> NDArray[Any]:
    """The largest of the values that each of some has in its rows, `none` where it has no rows."""
    counts = np.fromiter(map(len, rows), np.int64, len(rows))
    ends = np.cumsum(counts)
    most = np.full(len(rows), none, values.dtype)
    if counts.any():
        of_rows = values[np.fromiter(chain.from_iterable(rows), np.int64, ends[-1])]
        most[counts > 0] = np.maximum.reduceat(of_rows, (ends - counts)[counts > 0])
    return most


@contextmanager
def collating(
    corpus: Corpus,
    passages: Sequence[Proposal],
    keys: Sequence[Key],
    known: Collated,
    jobs: int = 1,
    *,
    progress: Progress | None = None,
) -> Iterator[None]:
    """Collate every passage that is not `known` yet, in other processes while the block runs; at its end all are.

    The home's text is the base, and only what leaves for its sake has a vote against it.
    """
    fresh = [number for number, key in enumerate(keys) if key not in known]
    spans = spans_of_each(corpus, [passages[number].passage.places for number in fresh])
    tasks = [
        (passages[number].passage, passages[number].home, keys[number][-1], of)
        for number, of in zip(fresh, spans, strict=True)
    ]
    work = sum(place.last - place.first for passage, *_ in tasks for place in passage.places)
    if fresh:
        load("dedup.collate.gaps", "dedup.collate.changes")  # once, and not in every process
    with spread(_collated, corpus, _batches(tasks), work, jobs) as collations:
        yield
        of_each = zip(fresh, chain.from_iterable(collations), spans, strict=True)
        for done, (number, collation, of) in enumerate(of_each, len(keys) - len(fresh) + 1):
            known[keys[number]] = collation, of
            if progress:
                progress("collate", done, len(keys))


def drafts_of(
    corpus: Corpus, passages: Sequence[Proposal], decided: Plan, keys: Sequence[Key], known: Collated
) -> list[Draft]:
    """The passages with their collations, which are all `known`."""
    bounds, _, first, last = places_of([of.passage for of in passages])
    status = [Status.REMOVED if leaves else Status.KEPT for leaves in decided.left(first, last).tolist()]
    own = (status[head:tail] for head, tail in pairwise(bounds.tolist()))
    return [_draft(corpus, of, *known[key], of_places) for of, key, of_places in zip(passages, keys, own, strict=True)]


def keys_of(passages: Sequence[Proposal], decided: Plan) -> list[Key]:
    """What the collation of each passage depends on."""
    keys = []
    for of, voters in zip(passages, _voters(passages, decided), strict=True):
        center = of.passage.medoid if of.home is None else of.home
        keys.append((of.passage.places, of.home is None, center, voters))
    return keys


def _draft(
    corpus: Corpus, of: Proposal, collation: Collation, spans: tuple[Characters, ...], status: list[Status]
) -> Draft:
    places = of.passage.places
    if of.home is None:
        status = [Status.KEPT] * len(places)
    else:
        status[of.home] = Status.HOME
    home = collation.base if of.home is None else of.home
    on_points: dict[int, Decision] = {}
    if any(order.variant for order in of.orders):
        copies = copies_of(corpus, places, spans)
        on_points = orders_at(of.name, copies, of.passage.medoid, collation, of.orders)
        collation = reworded(collation, {n: order.text for n, order in on_points.items() if order.text is not None})
    return Draft(of.name, of.passage, of.relation, home, tuple(status), collation, spans, of.orders, on_points)


_Task = tuple[Passage, int | None, Sequence[int], tuple[Characters, ...]]
"""A passage, its home, its voters, and the characters of its places."""


def _batches(tasks: Sequence[_Task]) -> list[Sequence[_Task]]:
    """Tasks in order, in batches of which none has many letters, unless one task has."""
    letters = [sum([last - first for _, first, last in passage.places]) for passage, *_ in tasks]
    return [tasks[some] for some in batches(letters, _BATCH)]


def _collated(corpus: Corpus, tasks: Sequence[_Task]) -> list[Collation]:
    every = [
        copies_of(corpus, passage.places, spans, voting=home is None or bool(voters))
        for passage, home, voters, spans in tasks
    ]
    homeless = [(copies, task[0].medoid) for copies, task in zip(every, tasks, strict=True) if task[1] is None]
    bases = iter(bases_of(homeless))
    asked = []
    for copies, (_, home, voters, _) in zip(every, tasks, strict=True):
        if home is not None:
            asked.append(Asked(copies, home, [home, *voters]))
        else:
            base, found = next(bases)
            asked.append(Asked(copies, base, range(len(copies)), found))
    aligned = iter(collate_each([of for of, (passage, *_) in zip(asked, tasks, strict=True) if passage.aligned]))
    return [
        next(aligned) if passage.aligned else beside(of.copies, of.base)
        for of, (passage, *_) in zip(asked, tasks, strict=True)
    ]


def _voters(passages: Sequence[Proposal], decided: Plan) -> list[tuple[int, ...]]:
    """For each passage the places that leave for its sake: a place inside a longer copy leaves for that one's."""
    bounds, _, first, last = places_of([of.passage for of in passages])
    home = np.array([-1 if of.home is None else of.home for of in passages], np.int64)
    moving = [number for number, of in enumerate(passages) if of.home is not None]
    moving.sort(key=lambda n: (-passages[n].passage.letters, passages[n].passage.places))
    claimed = np.zeros(len(decided.gone), np.bool_)
    votes = _votes(np.array(moving, np.int64), bounds, first, last, home, decided.left(first, last), claimed)
    voting = np.flatnonzero(votes)
    witness = (voting - np.repeat(bounds[:-1], np.diff(bounds))[voting]).tolist()
    return [tuple(witness[head:tail]) for head, tail in pairwise(np.searchsorted(voting, bounds).tolist())]


@kernel("i8[:], i8[:], i8[:], i8[:], i8[:], b1[:], b1[:]")
def _votes(order, bounds, first, last, home, leaves, claimed):  # type: ignore[no-untyped-def]
    """Which places leave for the sake of their passages, which are asked in `order`: bool[places].

    `claimed`: bool[letters], to write to.
    """
    votes = np.zeros(len(first), np.bool_)
    for p in order:
        for n in range(bounds[p], bounds[p + 1]):
            if n == bounds[p] + home[p] or not leaves[n]:
                continue
            taken = 0
            for is_claimed in claimed[first[n] : last[n]]:
                taken += is_claimed
            votes[n] = 2 * taken < last[n] - first[n]
            claimed[first[n] : last[n]] = True
    return votes


def by_size(drafts: Sequence[Draft]) -> list[Draft]:
    """Drafts, those of the longest texts first."""
    return sorted(drafts, key=lambda draft: (-len(draft.collation.text), draft.passage.places))
