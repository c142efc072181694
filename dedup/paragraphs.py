"""The texts of a corpus -> its paragraphs, each with the passage that stands in it and the place it came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from dedup.corpus import Corpus
from dedup.draft import Draft, by_size
from dedup.edits import Crossing, Edits, Shift
from dedup.model import Span


class Paragraph(NamedTuple):
    """A paragraph of the corpus: `span` in the corpus file, `source` where it came from."""

    id: str
    span: Span
    text: str
    cluster: str | None
    witnesses: int
    source: Span


def paragraphs_of(
    corpus: Corpus, edits: Edits, texts: Mapping[str, str], drafts: Sequence[Draft]
) -> tuple[Paragraph, ...]:
    """The paragraphs of the corpus by path and in reading order. `drafts`: those whose homes are in it.

    Of several with one text the second's id ends in -2, in the order of the sources.
    """
    of_source = list(_paragraphs(corpus, edits, texts, drafts))
    order = np.argsort(corpus.by_path).tolist()
    return tuple(paragraph for number in order for paragraph in of_source[number])


def _paragraphs(
    corpus: Corpus, edits: Edits, texts: Mapping[str, str], drafts: Sequence[Draft]
) -> Iterator[list[Paragraph]]:
    """The paragraphs of each source's corpus file in reading order."""
    at_home: dict[int, list[tuple[int, int, Draft]]] = defaultdict(list)
    for draft in by_size(drafts):
        at_home[draft.passage.places[draft.home].source].append((*draft.spans[draft.home], draft))
    columns = corpus.paragraphs
    bounds = np.searchsorted(columns.source, np.arange(len(corpus.sources) + 1))
    taken: dict[str, int] = {}
    for number, source in enumerate(corpus.sources):
        if source.path not in texts:
            yield []
            continue
        path, text = source.path, texts[source.path]
        own = slice(bounds[number], bounds[number + 1])
        starts, ends = columns.start[own], columns.end[own]
        shift, homes, lines = Shift(edits.of[number]), Crossing(at_home[number]), corpus.lines[number]
        places = (starts, ends, lines.outer(starts), lines.outer(ends), shift(starts), shift(ends, after=True))
        told = []
        done = 0
        for start, end, outer_start, outer_end, first, last in zip(*(of.tolist() for of in places), strict=True):
            piece = text[first:last]
            a = max(done, first + len(piece) - len(piece.lstrip()))
            b = done = max(done, last - len(piece) + len(piece.rstrip()))
            if a >= b:
                continue
            most = (draft for x, y, draft in homes(start, end) if 2 * (min(y, end) - max(x, start)) > end - start)
            here = next(most, None)  # the longest
            said = text[a:b]
            key = sha256(said.encode("utf-8", "surrogatepass")).digest()[:6].hex()
            count = taken[key] = taken.get(key, 0) + 1
            told.append(
                Paragraph(
                    id=key if count == 1 else f"{key}-{count}",
                    span=Span(path, a, b),
                    text=said,
                    cluster=here.id if here else None,
                    witnesses=len(here.passage.places) if here else 1,
                    source=Span(path, outer_start, outer_end),
                )
            )
        yield told
