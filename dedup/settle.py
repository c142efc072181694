"""A merged corpus -> what merging it again would take out, told in letters of the sources it was made from.

When something has left, what it parted stands side by side, and together may stand elsewhere too. So the merge
asks itself what it would do with its own result, until that is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dedup.cluster import Place, places_of
from dedup.config import Settings
from dedup.corpus import Corpus, build
from dedup.decisions import Decision
from dedup.draft import passages_of, planned
from dedup.edits import Edits, Shift
from dedup.kernel import kernel
from dedup.match import stages
from dedup.plan import Plan
from dedup.replay import Proposal, propose


def settle(
    corpus: Corpus,
    edits: Edits,
    texts: Mapping[str, str],
    settings: Settings,
    decisions: Sequence[Decision] = (),
) -> tuple[NDArray[np.bool_], list[Proposal]]:
    """Which letters of `corpus` would leave `texts`, its merged form, and the passages for whose sake: they have
    places of the sources. With them those of which it was decided that nothing leaves."""
    result = build([replace(source, text=texts[source.path]) for source in corpus.sources if source.path in texts])
    matches = stages(result, settings).matches  # what is reworked stays, so it need not be found
    proposals = propose(result, passages_of(result, matches, settings), decisions)
    decided, passages = planned(result, matches, proposals, settings)
    gone = np.zeros(len(corpus.folded.letters), np.bool_)
    moving = _moving(passages, decided)
    if not decided.gone.any() and not moving:
        return gone, []
    origin = _origin(corpus, result, edits)
    number_of = {source.path: number for number, source in enumerate(corpus.sources)}
    numbers = [number_of[source.path] for source in result.sources]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], decided.gone.astype(np.int8), [0]))))
    for first, last in edges.reshape(-1, 2):
        gone[origin[first] : origin[last - 1] + 1] = True
    found = []
    for of in moving:
        places = tuple(
            Place(numbers[p.source], int(origin[p.first]), int(origin[p.last - 1]) + 1) for p in of.passage.places
        )
        if all(2 * (x.last - x.first) >= p.last - p.first for x, p in zip(places, of.passage.places, strict=True)):
            found.append(replace(of, passage=replace(of.passage, places=places, rows=((),) * len(places))))
    return gone, found


def _moving(passages: Sequence[Proposal], decided: Plan) -> list[Proposal]:
    """The passages with a home of which something leaves, or that were decided to stay as they are."""
    homed = [of for of in passages if of.home is not None]
    bounds, _, first, last = places_of([of.passage for of in homed])
    leaves = np.concatenate((np.zeros(1, np.int64), np.cumsum(decided.left(first, last))))[bounds]
    return [of for of, leave in zip(homed, np.diff(leaves).tolist(), strict=True) if of.kept or leave]


def _origin(corpus: Corpus, result: Corpus, edits: Edits) -> NDArray[np.int64]:
    """For each letter of the result the letter of the corpus that stands in its place: int64[letters of result]."""
    origin = np.empty(len(result.folded.letters), np.int64)
    known = {source.path: number for number, source in enumerate(result.sources)}
    for number, source in enumerate(corpus.sources):
        if source.path not in known:
            continue
        own = slice(*result.folded.starts[known[source.path] : known[source.path] + 2])
        base, stop = corpus.folded.starts[number : number + 2].tolist()
        shift = Shift(edits.of[number])
        start, put = np.ascontiguousarray(shift.start), np.ascontiguousarray(shift.put)
        _trace(result.folded.offsets[own], corpus.folded.offsets[base:stop], start, put, shift.moved, origin[own])
        origin[own] += base
    return origin


@kernel("i4[:], i4[:], i8[:], i8[:], i8[:], i8[:]")
def _trace(at, offsets, start, put, moved, origin):  # type: ignore[no-untyped-def]
    """Fill `origin` with the letters of a source that stand where letters of its corpus file come from.

    `at`, `offsets`: where the letters of the file and of the source stand. `start`, `put`, `moved`: see `Shift`. What
    an edit put there comes from the place where it was put.
    """
    edit = -1  # the last one that is not behind the letter
    letter = 0
    for n in range(len(at)):
        while edit + 1 < len(start) and start[edit + 1] + moved[edit + 1] <= at[n]:
            edit += 1
        came = at[n] - moved[edit + 1]
        if edit >= 0 and at[n] < start[edit] + moved[edit] + put[edit]:
            came = start[edit]
        while letter < len(offsets) and offsets[letter] < came:
            letter += 1
        origin[n] = min(letter, len(offsets) - 1)
