"""The places of a passage -> its witnesses as the collator sees them, and the characters they stand for.

Marks behind the last letter and before the first belong to a passage only as far as all its witnesses have them: the
comma behind a quoted sentence is the quoting text's, and the bullet before a summary is the summary's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dedup.cluster import Place
from dedup.corpus import Corpus
from dedup.variant.difference import common_start
from dedup.vote import Copy

Characters = tuple[int, int]
"""Characters `[start, end)` of a source's text."""


def spans_of(corpus: Corpus, places: Sequence[Place]) -> tuple[Characters, ...]:
    """The characters of its source that each place of a passage stands for."""
    spans = [corpus.characters(place.first, place.last) for place in places]
    letters = [_letters(corpus, place) for place in places]
    head = _common(
        [
            corpus.sources[place.source].text[start:first][::-1]
            for place, (start, _), (first, _) in zip(places, spans, letters, strict=True)
        ]
    )
    tail = _common(
        [
            corpus.sources[place.source].text[last:end]
            for place, (_, end), (_, last) in zip(places, spans, letters, strict=True)
        ]
    )
    return tuple([(first - head, last + tail) for first, last in letters])


def copies_of(corpus: Corpus, places: Sequence[Place], spans: Sequence[Characters]) -> tuple[Copy, ...]:
    """The witnesses of a passage. `spans`: their characters (`spans_of`)."""
    return tuple(_copy(corpus, *of) for of in zip(places, spans, strict=True))


def _common(texts: Sequence[str]) -> int:
    """How many characters all texts have in common at their beginning (as the first and the last have), space off."""
    if "" in texts:
        return 0
    return len(min(texts)[: common_start(min(texts), max(texts))].rstrip())


def _letters(corpus: Corpus, place: Place) -> Characters:
    offsets = corpus.folded.offsets
    return int(offsets[place.first]), int(offsets[place.last - 1]) + 1


def _copy(corpus: Corpus, place: Place, span: Characters) -> Copy:
    start, end = span
    return Copy(
        corpus.sources[place.source].text[start:end],
        corpus.folded.letters[place.first : place.last],
        np.subtract(corpus.folded.offsets[place.first : place.last], start, dtype=np.int64),
        _breaks(corpus, place.source, start, end),
        place.source,
    )


def _breaks(corpus: Corpus, source: int, start: int, end: int) -> tuple[Characters, ...]:
    """The breaks that begin in a stretch of a source's text, as seen from its start."""
    of_source = slice(corpus.breaks[source], corpus.breaks[source + 1])
    starts = corpus.paragraphs.break_start[of_source]
    first, last = starts.searchsorted(start), starts.searchsorted(end)
    if first == last:
        return ()
    ends = corpus.paragraphs.break_end[of_source]
    return tuple(zip((starts[first:last] - start).tolist(), (ends[first:last] - start).tolist(), strict=True))
