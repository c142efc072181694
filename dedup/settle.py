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
from dedup.draft import REMOVABLE, passages_of, planned
from dedup.edits import Edits, Shift
from dedup.kernel import kernel
from dedup.match import held_by_letters
from dedup.matches import RELATIONS
from dedup.plan import Plan
from dedup.replay import Proposal, propose


def settle(
    corpus: Corpus,
    edits: Edits,
    texts: Mapping[str, str],
    settings: Settings,
    decisions: Sequence[Decision] = (),
    *,
    anchored: bool = False,
) -> tuple[NDArray[np.bool_], list[Proposal]]:
    """Which letters of `corpus` would leave `texts`, its merged form, and the passages for whose sake: they have
    places of the sources. With them those of which it was decided that nothing leaves.

    `anchored`: what has no anchor is left to a later look (`match.held_by_letters`)."""
    result = build([replace(source, text=texts[source.path]) for source in corpus.sources if source.path in texts])
    matches = held_by_letters(result, settings, anchored=anchored)  # what is reworked stays, so it need not be found
    if not decisions:  # which find passages by names that all have a part in
        matches = matches[np.flatnonzero(np.isin(matches.relation, [RELATIONS.index(of) for of in REMOVABLE]))]
    proposals = propose(result, passages_of(result, matches, settings), decisions)
    decided, passages = planned(result, matches, proposals, settings)
    gone = np.zeros(len(corpus.folded.letters), np.bool_)
    moving = _moving(passages, decided)
    if not decided.gone.any() and not moving:
        return gone, []
    leaving = _runs(decided.gone)
    _, _, first, last = places_of([of.passage for of in moving])
    ends = np.concatenate((leaving.ravel(), np.stack((first, last), axis=1).ravel())).reshape(-1, 2)
    ends = _origin(corpus, result, edits, ends)
    for begin, end in ends[: len(leaving)].tolist():
        gone[begin:end] = True
    number_of = {source.path: number for number, source in enumerate(corpus.sources)}
    numbers = [number_of[source.path] for source in result.sources]
    came = iter(ends[len(leaving) :].tolist())
    found = []
    for of in moving:
        places = tuple(Place(numbers[place.source], *next(came)) for place in of.passage.places)
        if all(2 * (x.last - x.first) >= p.last - p.first for x, p in zip(places, of.passage.places, strict=True)):
            found.append(replace(of, passage=replace(of.passage, places=places, rows=((),) * len(places))))
    return gone, found


def _runs(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The runs of what is marked, half-open: int64[n, 2]."""
    edges = np.flatnonzero(marked[1:] != marked[:-1]) + 1
    ends = [0] * bool(marked[:1].any()), [len(marked)] * bool(marked[-1:].any())
    return np.concatenate((ends[0], edges, ends[1])).astype(np.int64).reshape(-1, 2)


def _moving(passages: Sequence[Proposal], decided: Plan) -> list[Proposal]:
    """The passages with a home of which something leaves, or that were decided to stay as they are."""
    homed = [of for of in passages if of.home is not None]
    bounds, _, first, last = places_of([of.passage for of in homed])
    leaves = np.concatenate((np.zeros(1, np.int64), np.cumsum(decided.left(first, last))))[bounds]
    return [of for of, leave in zip(homed, np.diff(leaves).tolist(), strict=True) if of.kept or leave]


def _origin(corpus: Corpus, result: Corpus, edits: Edits, ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ranges of letters of the result -> the letters of the corpus that they come from: int64[n, 2], half-open."""
    behind = np.array((0, 1))
    asked, number = np.unique(ends - behind, return_inverse=True)
    origin = np.empty(len(asked), np.int64)
    known = {source.path: number for number, source in enumerate(corpus.sources)}
    of_source = np.searchsorted(asked, result.folded.starts)
    for source, first, last in zip(result.sources, of_source[:-1], of_source[1:], strict=True):
        if first == last:
            continue
        base, stop = corpus.folded.starts[known[source.path] :][:2].tolist()
        shift = Shift.behind([edits.of[known[source.path]]], np.zeros(1, np.int64))
        at, start, put = result.folded.offsets[asked[first:last]], *map(np.ascontiguousarray, (shift.start, shift.put))
        _trace(at, corpus.folded.offsets[base:stop], start, put, shift.moved, origin[first:last])
        origin[first:last] += base
    there: NDArray[np.int64] = origin[number].reshape(-1, 2) + behind
    return there


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
