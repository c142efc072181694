"""Texts -> unified diffs of their sentences, breaks inside them closed, as other tools read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff

import numpy as np

from dedup.corpus import Corpus
from dedup.model import Cluster, Newline
from dedup.report.stretches import collated, stretches
from dedup.sentence import sentences_of


def unified(clusters: Sequence[Cluster], newlines: Mapping[str, Newline]) -> Iterator[str]:
    """For each witness that differs from its passage's canonical text a diff of the two, line by line."""
    for cluster in collated(clusters):
        canonical = _sentences(cluster.text)
        parts = list(stretches(cluster, newlines))
        for number, witness in enumerate(cluster.witnesses):
            own = _sentences("".join(stretch.readings[number] for stretch in parts))
            span = witness.span
            yield from unified_diff(canonical, own, cluster.id, f"{span.path}:{span.start}-{span.end}")


def unified_sources(corpus: Corpus, a: int, b: int) -> Iterator[str]:
    """A diff of two whole sources. A hunk also says where it begins in the files."""
    (texts_a, at_a), (texts_b, at_b) = _sentences_of(corpus, a), _sentences_of(corpus, b)
    paths = corpus.sources[a].path, corpus.sources[b].path
    for row in unified_diff(texts_a, texts_b, *paths):
        if row.startswith("@@ "):
            first, second = (abs(int(part.split(",")[0])) for part in row.split(" ")[1:3])
            where = f"{paths[0]}:{_nth(at_a, first)} {paths[1]}:{_nth(at_b, second)}"
            yield f"{row.rstrip()} {where}\n"
        else:
            yield row


def _sentences(text: str) -> list[str]:
    """The sentences of a text, each on a line of its own."""
    found = (" ".join(text[start:end].split()) for start, end in sentences_of(text, 0, len(text)))
    return [f"{sentence}\n" for sentence in found if sentence]


def _nth(lines: list[int], number: int) -> int:
    return lines[min(max(number, 1), len(lines)) - 1] if lines else 1


def _sentences_of(corpus: Corpus, source: int) -> tuple[list[str], list[int]]:
    """The sentences of a source, each on a line of its own, and the lines where they begin."""
    text, paragraphs = corpus.sources[source].text, corpus.paragraphs
    sentences, lines = [], []
    for u in np.flatnonzero(paragraphs.source == source).tolist():
        for start, end in sentences_of(text, int(paragraphs.start[u]), int(paragraphs.end[u])):
            sentences.append(_closed(corpus, source, start, end) + "\n")
            lines.append(corpus.lines[source].line(start))
    return sentences, lines


def _closed(corpus: Corpus, source: int, start: int, end: int) -> str:
    """A stretch of text on one line: the breaks that a reader reads over closed, other space brought to one."""
    text, paragraphs = corpus.sources[source].text, corpus.paragraphs
    low, high = paragraphs.break_source.searchsorted((source, source + 1))
    first, last = low + paragraphs.break_start[low:high].searchsorted((start, end))
    parts: list[str] = []
    done = start
    for at in range(first, last):
        parts += text[done : paragraphs.break_start[at]], " " if paragraphs.break_space[at] else ""
        done = max(done, min(end, int(paragraphs.break_end[at])))
    return " ".join("".join([*parts, text[done:end]]).split())
