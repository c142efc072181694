"""The places of a passage -> its witnesses as the collator sees them, and the characters they stand for.

Marks behind the last letter and before the first belong to a passage only as far as all its witnesses have them: the
comma behind a quoted sentence is the quoting text's, and the bullet before a summary is the summary's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain, pairwise

import numpy as np
from numpy.typing import NDArray

from dedup.cluster import Place
from dedup.corpus import Corpus
from dedup.spans import characters
from dedup.variant.difference import common_start
from dedup.vote import Copy

Characters = tuple[int, int]
"""Characters `[start, end)` of a source's text."""


def spans_of(corpus: Corpus, places: Sequence[Place]) -> tuple[Characters, ...]:
    """The characters of its source that each place of a passage stands for."""
    return spans_of_each(corpus, [places])[0]


def spans_of_each(corpus: Corpus, passages: Sequence[Sequence[Place]]) -> list[tuple[Characters, ...]]:
    """`spans_of` the places of many passages."""
    if not passages:
        return []
    bounds = [0, *accumulate(map(len, passages))]
    rows = np.fromiter(chain.from_iterable(chain.from_iterable(passages)), np.int64, 3 * bounds[-1]).reshape(-1, 3)
    source, first, last = rows.T
    whole_start, whole_end = characters(corpus, source.astype(np.int32), first, last)
    start, end = corpus.folded.offsets[first].astype(np.int64), corpus.folded.offsets[last - 1].astype(np.int64) + 1
    texts = [corpus.sources[number].text for number in source.tolist()]
    for number in _all_have(start - whole_start, bounds):
        of = range(bounds[number], bounds[number + 1])
        start[of] -= _common([texts[n][whole_start[n] : start[n]][::-1] for n in of])
    for number in _all_have(whole_end - end, bounds):
        of = range(bounds[number], bounds[number + 1])
        end[of] += _common([texts[n][end[n] : whole_end[n]] for n in of])
    spans = list(zip(start.tolist(), end.tolist(), strict=True))
    return [tuple(spans[head:tail]) for head, tail in pairwise(bounds)]


def _all_have(some: NDArray[np.int64], bounds: Sequence[int]) -> list[int]:
    """The passages of which every place has some."""
    numbers: list[int] = np.flatnonzero(np.minimum.reduceat(some, bounds[:-1]) > 0).tolist()
    return numbers


def copies_of(
    corpus: Corpus, places: Sequence[Place], spans: Sequence[Characters], *, voting: bool = True
) -> tuple[Copy, ...]:
    """The witnesses of a passage. `spans`: their characters (`spans_of`), `voting`: whether there are votes between
    them, without which nobody asks for their breaks."""
    return tuple([_copy(corpus, place, span, voting) for place, span in zip(places, spans, strict=True)])


def _common(texts: Sequence[str]) -> int:
    """How many characters all texts have in common at their beginning (as the first and the last have), space off."""
    return len(min(texts)[: common_start(min(texts), max(texts))].rstrip())


def _copy(corpus: Corpus, place: Place, span: Characters, voting: bool) -> Copy:
    start, end = span
    text = corpus.sources[place.source].text[start:end]
    return Copy(
        text,
        corpus.folded.letters[place.first : place.last],
        np.subtract(corpus.folded.offsets[place.first : place.last], start, dtype=np.int64),
        _breaks(corpus, place.source, start, end) if voting and ("\n" in text or "\r" in text) else (),
        place.source,
    )


def _breaks(corpus: Corpus, source: int, start: int, end: int) -> tuple[Characters, ...]:
    """The breaks that begin in a stretch of a source's text, as seen from its start."""
    of_source = slice(corpus.breaks[source], corpus.breaks[source + 1])
    first, last = corpus.paragraphs.break_start[of_source].searchsorted((start, end)).tolist()
    if first == last:
        return ()
    here = slice(of_source.start + first, of_source.start + last)
    starts, ends = corpus.paragraphs.break_start[here] - start, corpus.paragraphs.break_end[here] - start
    return tuple(zip(starts.tolist(), ends.tolist(), strict=True))
