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
    texts = [corpus.sources[place.source].text for place in places]
    heads = [text[start:first][::-1] for text, (start, _), (first, _) in zip(texts, spans, letters, strict=True)]
    tails = [text[last:end] for text, (_, end), (_, last) in zip(texts, spans, letters, strict=True)]
    head, tail = _common(heads), _common(tails)
    return tuple((first - head, last + tail) for first, last in letters)


def copies_of(corpus: Corpus, places: Sequence[Place], spans: Sequence[Characters]) -> tuple[Copy, ...]:
    """The witnesses of a passage. `spans`: their characters (`spans_of`)."""
    return tuple(_copy(corpus, *of) for of in zip(places, spans, strict=True))


def _common(texts: Sequence[str]) -> int:
    """How many characters all texts have in common at their beginning (as the first and the last have), space off."""
    return len(min(texts)[: common_start(min(texts), max(texts))].rstrip())


def _letters(corpus: Corpus, place: Place) -> Characters:
    offsets = corpus.folded.offsets
    return int(offsets[place.first]), int(offsets[place.last - 1]) + 1


def _copy(corpus: Corpus, place: Place, span: Characters) -> Copy:
    start, end = span
    offsets = corpus.folded.offsets[place.first : place.last].astype(np.int64) - start
    breaks, of_source = corpus.paragraphs, slice(corpus.breaks[place.source], corpus.breaks[place.source + 1])
    own = slice(*np.searchsorted(breaks.break_start[of_source], span).tolist())
    starts, ends = (column[of_source][own] - start for column in (breaks.break_start, breaks.break_end))
    return Copy(
        text=corpus.sources[place.source].text[start:end],
        letters=corpus.folded.letters[place.first : place.last],
        offsets=offsets,
        breaks=tuple(zip(starts.tolist(), ends.tolist(), strict=True)),
        source=place.source,
    )
