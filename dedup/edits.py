"""A plan -> what is done to each source's text to make its corpus file: stretches taken out and replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.batch import heads_of
from dedup.cluster import Place
from dedup.collate import differing
from dedup.corpus import Corpus
from dedup.draft import Draft
from dedup.plan import Plan
from dedup.plan.election import counted, tallied
from dedup.read.decode import restore_newlines

T = TypeVar("T")


class Removal(NamedTuple):
    """Characters of a source that left the corpus: those of a cluster's witness, or `text` itself."""

    path: str
    start: int
    end: int
    cluster: str | None
    text: str | None


class Stretches:
    """Stretches of a text and what is there instead, as columns: characters `[start, end)`, and the `text`."""

    __slots__ = ("end", "start", "text")

    def __init__(self, start: Iterable[int] = (), end: Iterable[int] = (), text: Iterable[str] = ()):
        self.start, self.end, self.text = list(start), list(end), list(text)

    def __iter__(self) -> Iterator[tuple[int, int, str]]:
        return zip(self.start, self.end, self.text, strict=True)

    def add(self, start: Iterable[int], end: Iterable[int], text: Iterable[str]) -> None:
        """Add some."""
        self.start += start
        self.end += end
        self.text += text

    def sort(self) -> None:
        """Bring them in order: at one place, in the order in which they were made."""
        order = np.lexsort((self.end, self.start)).tolist()
        self.start, self.end, self.text = ([of[n] for n in order] for of in (self.start, self.end, self.text))


class Edits:
    """What is done to each source's text to make its corpus file: stretches replaced, none overlapping another.

    `of`: for each source the stretches and what is there instead. `out`: those that were taken out, `spaced`: those of
    space, with what they had, both in order.
    """

    def __init__(self, corpus: Corpus):
        self.corpus = corpus
        self.of = [Stretches() for _ in corpus.sources]
        self.out: list[list[tuple[int, int]]] = [[] for _ in corpus.sources]
        self.spaced: list[tuple[Stretches, list[str]]] = [(Stretches(), []) for _ in corpus.sources]
        self.taken = [np.zeros(len(source.text) + 1, np.bool_) for source in corpus.sources]

    def free(self, source: int, start: int, end: int) -> bool:
        """Whether nothing was done to these characters yet, nor to the places on both sides of them."""
        return not self.taken[source][max(0, start - 1) : end + 1].any()

    def add(self, source: int, start: int, end: int, text: str) -> None:
        """Replace characters `[start, end)` of a source by `text`."""
        self.of[source].add((start,), (end,), (text,))
        self.taken[source][start : max(end, start + 1)] = True

    def texts(self) -> dict[str, str]:
        """The corpus: path -> text, for each source that still has some."""
        texts = {}
        for of, source in zip(self.of, self.corpus.sources, strict=True):
            of.sort()
            whole = source.text
            kept = [whole[start:end] for start, end in zip([0, *of.end], [*of.start, len(whole)], strict=True)]
            text = "".join(chain.from_iterable(zip(kept, [*of.text, ""], strict=True)))
            if text or not whole:
                texts[source.path] = text
        return texts


def take_out(corpus: Corpus, decided: Plan, edits: Edits) -> None:
    """Take out what leaves, with the space that parted it from what stays."""
    for number, ranges in enumerate(_ranges(corpus, decided)):
        for start, end in ranges:
            edits.add(number, start, end, "")
            edits.out[number].append((start, end))


def removals_of(corpus: Corpus, edits: Edits, drafts: Sequence[Draft]) -> tuple[Removal, ...]:
    """Of each stretch that was taken out, which witness it was, of the first of the `drafts` that has it, or what stood
    there."""
    witnesses: list[list[tuple[int, int, str]]] = [[] for _ in corpus.sources]
    for draft in drafts:
        for number, (place, (start, end)) in enumerate(zip(draft.passage.places, draft.spans, strict=True)):
            if number != draft.home:
                witnesses[place.source].append((start, end, draft.id))
    removals = []
    for number, ranges in enumerate(edits.out):
        source, lines, crossing = corpus.sources[number], corpus.lines[number], Crossing(witnesses[number])
        for start, end in ranges:
            for a, b, cluster_id in _tiled(start, end, crossing(start, end)):
                text = None if cluster_id else restore_newlines(source.text[a:b], source.newline)
                removals.append(Removal(source.path, lines.outer(a), lines.outer(b), cluster_id, text))
    return tuple(removals)


def _ranges(corpus: Corpus, decided: Plan) -> Iterator[list[tuple[int, int]]]:
    """For each source the stretches of characters that leave, with the space that parted them from what stays."""
    units, gone = decided.units, decided.gone
    leaving = counted(gone, tallied(gone), units.first, units.last)
    bounds = heads_of(units.source, len(corpus.sources)).tolist()
    for number, source in enumerate(corpus.sources):
        text = source.text
        of_source = np.arange(bounds[number], bounds[number + 1])
        whole = _with_unlettered(decided, of_source, leaving)
        some = (leaving[of_source] > 0).tolist()
        ranges: list[tuple[int, int]] = []
        u = 0
        while u < len(of_source):
            if not whole[u] and not some[u]:
                u += 1
                continue
            unit = of_source[u]
            if not whole[u]:
                first, last = int(units.first[unit]), int(units.last[unit])
                for low, high in _runs(gone[first:last]):
                    start, end = corpus.characters(first + low, first + high)
                    ranges.append((max(start, int(units.start[unit])), min(end, int(units.end[unit]))))
                u += 1
                continue
            head = u
            while u < len(of_source) and whole[u]:
                u += 1
            start, end = int(units.start[of_source[head]]), int(units.end[of_source[u - 1]])
            following = int(units.start[of_source[u]]) if u < len(of_source) else len(text)
            before = int(units.end[of_source[head - 1]]) if head else 0
            if u < len(of_source) and (not head or text.count("\n", before, start) >= text.count("\n", end, following)):
                start, end = start if head else 0, _line_start(text, following)
            elif u < len(of_source):
                start = before
            else:
                start, end = start if head else 0, len(text)
            ranges.append((start, end))
        yield _joined(ranges)


def _with_unlettered(decided: Plan, of_source: NDArray[np.int64], leaving: NDArray[np.int64]) -> list[bool]:
    """Which units leave whole: those that leave, and those without letters (rules, ornaments) between two such."""
    letters = decided.units.last[of_source] - decided.units.first[of_source]
    whole = (decided.leaves[of_source] & (leaving[of_source] == letters)).tolist()
    lettered = np.flatnonzero(letters > 0).tolist()
    for before, after in pairwise(lettered):
        if whole[before] and whole[after]:
            whole[before:after] = [True] * (after - before)
    if lettered and all(whole[u] for u in lettered):
        return [True] * len(whole)
    return whole  # type: ignore[no-any-return]


def _runs(gone: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The runs of letters that leave from a unit that does not leave whole: first and last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], gone.astype(np.int8), [0]))))
    return [(int(low), int(high)) for low, high in edges.reshape(-1, 2)]


def _line_start(text: str, at: int) -> int:
    while at > 0 and text[at - 1] in " \t\u3000":
        at -= 1
    return at


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


class Crossing(Generic[T]):
    """Stretches of one text, to be asked in reading order which of them cross a range; they keep their order.

    `stretches`: start, end, and what it is.
    """

    def __init__(self, stretches: Sequence[tuple[int, int, T]]):
        ranked = ((start, end, rank, what) for rank, (start, end, what) in enumerate(stretches))
        self.waiting = sorted(ranked, key=lambda stretch: stretch[:3], reverse=True)
        self.open: list[tuple[int, int, int, T]] = []

    def __call__(self, start: int, end: int) -> list[tuple[int, int, T]]:
        """Those that cross `[start, end)`, which is no earlier than what was asked about before."""
        if self.open:
            self.open = [stretch for stretch in self.open if stretch[1] > start]
        if self.waiting and self.waiting[-1][0] < end:
            while self.waiting and self.waiting[-1][0] < end:
                self.open.append(self.waiting.pop())
            self.open = sorted((of for of in self.open if of[1] > start), key=lambda stretch: stretch[2])
        return [(a, b, what) for a, b, _, what in self.open]


def _tiled(start: int, end: int, witnesses: list[tuple[int, int, str]]) -> list[tuple[int, int, str | None]]:
    """Cut `[start, end)` into stretches of witnesses, those named first before others, and of what none covers."""
    tiles: list[tuple[int, int, str | None]] = []
    holes = [(start, end)]
    for a, b, cluster_id in witnesses:
        left = []
        for low, high in holes:
            x, y = max(low, a), min(high, b)
            if x >= y:
                left.append((low, high))
                continue
            tiles.append((x, y, cluster_id))
            left += [hole for hole in ((low, x), (y, high)) if hole[0] < hole[1]]
        holes = left
    return sorted([*tiles, *((a, b, None) for a, b in holes)], key=lambda tile: tile[:2])


def freeze(corpus: Corpus, places: Sequence[Place], edits: Edits) -> None:
    """Let the text of places be as it is."""
    for place in places:
        start, end = corpus.characters(place.first, place.last)
        edits.taken[place.source][start:end] = True


def apply(corpus: Corpus, drafts: Sequence[Draft], edits: Edits) -> dict[str, frozenset[int]]:
    """Put the decided readings in the homes' places, and then the canonical ones, passage by passage: which points of
    each this was done for, by its id. `drafts`: the passages with homes in the corpus, those first that come first."""
    decided = {draft.id: _emended(corpus, draft, edits) for draft in drafts if draft.decided}
    copied = (corpus.original != np.arange(len(corpus.sources))).tolist()
    applied = {draft.id: _applied(corpus, draft, edits, copied) for draft in drafts}
    return applied | {name: points | applied[name] for name, points in decided.items()}


def _emended(corpus: Corpus, draft: Draft, edits: Edits) -> frozenset[int]:
    """Put the decided readings in the home's place; which points this was done for."""
    source = draft.passage.places[draft.home].source
    start, _ = draft.spans[draft.home]
    done = []
    for number, order in draft.decided.items():
        a, b = (start + at for at in draft.collation.points[number].span(draft.home))
        if order.text is not None and order.text != corpus.sources[source].text[a:b] and edits.free(source, a, b):
            edits.add(source, a, b, order.text)
            done.append(number)
    return frozenset(done)


_NONE: frozenset[int] = frozenset()


def _applied(corpus: Corpus, draft: Draft, edits: Edits, copied: Sequence[bool]) -> frozenset[int]:
    """Put the canonical readings in the home's place; which points this was done for. `copied`: of each source, whether
    it is a copy of another one.

    Where the home of a longer passage stands already, its readings stay. A break is closed but not made, nor one kept
    that stands inside a paragraph: that would part a paragraph of which the passage may be a piece only.
    """
    source = draft.passage.places[draft.home].source
    start, end = draft.spans[draft.home]
    done = []
    for number in differing(draft.collation.points, draft.home):
        if number in draft.decided:
            continue
        point = draft.collation.points[number]
        a, b = (start + at for at in point.span(draft.home))
        own = corpus.sources[source].text[a:b]
        breaks_in = not own.strip() and not point.text.strip() and "\n" in point.text
        if breaks_in and "\n" in own:
            breaks = corpus.paragraphs.break_start[corpus.breaks[source] : corpus.breaks[source + 1]]
            closed = int(np.searchsorted(breaks, a))
            breaks_in = closed < len(breaks) and int(breaks[closed]) < b
        if not breaks_in and edits.free(source, a, b):
            done.append((number, a, b, point.text))
    for _, a, b, text in done:
        edits.add(source, a, b, text)
    of_copies = any(copied[place.source] for place in draft.passage.places)
    if not of_copies:  # a copy of the whole source has no say in its readings
        edits.taken[source][start:end] = True
    return frozenset([number for number, *_ in done]) if done else _NONE


class Shift:
    """Positions of a source -> positions of its corpus file, int64[n] both.

    `start`: where each edit is made, `put`: how many characters it puts there; `moved`: by how much all before each
    move the text, and by how much all of them do.
    """

    def __init__(self, start: NDArray[np.int64], end: NDArray[np.int64], put: NDArray[np.int64]):
        self.start, self.end, self.put = start, end, put
        self.moved = np.concatenate((np.zeros(1, np.int64), np.cumsum(self.put - (self.end - self.start))))

    @classmethod
    def behind(cls, several: Sequence[Stretches], heads: NDArray[np.int64]) -> Shift:
        """That of texts of which one stands behind another. `heads`: int64[texts], where each begins."""
        base = np.repeat(heads, [len(of.start) for of in several])
        start, end = (
            np.array([*chain.from_iterable(of)], np.int64) + base
            for of in zip(*((x.start, x.end) for x in several), strict=True)
        )
        return cls(start, end, np.array([len(text) for of in several for text in of.text], np.int64))

    def __call__(self, at: NDArray[np.int64], *, after: bool = False) -> NDArray[np.int64]:
        """Where positions went; one inside an edit goes to its beginning, or `after` it to its end."""
        if not len(self.start):
            return at
        edit = np.searchsorted(self.start, at, side="right" if after else "left") - 1
        inside = (edit >= 0) & (at < self.end[edit])
        into = self.start[edit] + self.moved[edit] + (self.put[edit] if after else 0)
        found: NDArray[np.int64] = np.where(inside, into, at + self.moved[edit + 1])
        return found
