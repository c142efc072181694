"""A merge -> what a person wants to know of it, on one screen."""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dedup.account import outlines
from dedup.cli.terminal import Paint, table
from dedup.corpus import Corpus
from dedup.edits import Removal
from dedup.merge import Merged
from dedup.model import Relation, VariantClass
from dedup.read import Inputs

_MOST = 12  # lines of a list that is longer
_RELATIONS = {
    Relation.EXACT: "",
    Relation.NEAR: "",
    Relation.CONTAINED: "an excerpt of something larger",
    Relation.REWORKED: "too far edited: logged, never removed",
    Relation.FORMULA: "boilerplate: logged, never removed",
}
_FILES = {
    "report.html": "the passages with their versions side by side",
    "corpus": "the merged texts",
    "corpus.jsonl": "the same, a paragraph a line",
    "clusters.jsonl": "the passages, and where each stands",
    "diff.jsonl": "every difference, and all that left",
}


def summary(merged: Merged, inputs: Inputs, corpus: Corpus, out: str) -> str:
    """What was read, found, taken out and left to decide, and where to look next."""
    paint = Paint(sys.stdout)
    parts = [*_read(inputs, corpus, paint), *_found(merged, paint), *_left(merged, corpus, paint)]
    parts += [*_differences(merged, paint), paint.bold("Look at") + "\n"]
    files = [(os.path.join(out, name), words) for name, words in _FILES.items()]
    parts.append(table((path, words) for path, words in files if os.path.exists(path)))
    return "".join(parts)


def _read(inputs: Inputs, corpus: Corpus, paint: Paint) -> Iterator[str]:
    size = sum(len(source.text) for source in corpus.sources)
    yield paint.bold(f"Read {_count(len(corpus.sources), 'text')}") + f", {_count(size, 'character')}\n"
    yield from _list([(f"skipped {skipped.path}", skipped.reason) for skipped in inputs.skipped], "skipped")
    yield "\n"


def _found(merged: Merged, paint: Paint) -> Iterator[str]:
    relations = Counter(cluster.relation for cluster in merged.clusters)
    found = _count(len(merged.clusters), "passage")
    yield paint.bold(f"Found {found}") + f" in more than one place{':' if relations else '.'}\n"
    yield table(((str(r), f"{relations[r]:,}", words) for r, words in _RELATIONS.items() if relations[r]), {1})
    yield "\n"


def _left(merged: Merged, corpus: Corpus, paint: Paint) -> Iterator[str]:
    removals: dict[str, list[Removal]] = defaultdict(list)
    for removal in merged.removals:
        removals[removal.path].append(removal)
    rows = []
    left = whole = 0
    for number, source in enumerate(corpus.sources):
        if source.path in removals:
            size = sum(removal.end - removal.start for removal in removals[source.path])
            gone = _paragraphs_gone(corpus, number, removals[source.path])
            length = corpus.lines[number].outer(len(source.text))
            rows.append((size, source.path, length, gone))
            left, whole = left + size, whole + gone
    if not rows:
        yield paint.bold("Nothing left the corpus.") + "\n\n"
        return
    all_characters = sum(of.outer(len(s.text)) for of, s in zip(corpus.lines, corpus.sources, strict=True))
    words = f" the corpus ({_share(left, all_characters)} of all), {_count(whole, 'whole paragraph')}"
    yield paint.bold(f"{_count(left, 'character')} left") + words + ":\n"
    rows.sort(key=lambda row: (-row[0], row[1]))
    yield from _list(
        [(path, f"{size:,}", _share(size, length), _count(gone, "paragraph")) for size, path, length, gone in rows],
        "sources",
        right={1, 2, 3},
    )
    yield "\n"


def _paragraphs_gone(corpus: Corpus, source: int, removals: list[Removal]) -> int:
    """How many paragraphs of a source left whole."""
    paragraphs, lines = corpus.paragraphs, corpus.lines[source]
    own = (paragraphs.source == source) & (paragraphs.first < paragraphs.last)
    gone = np.zeros(lines.outer(len(corpus.sources[source].text)) + 1, np.int64)
    for removal in removals:
        gone[removal.start + 1 : removal.end + 1] = 1
    before: NDArray[np.int64] = np.cumsum(gone)
    start, end = lines.outer(paragraphs.start[own]), lines.outer(paragraphs.end[own])
    return int(np.count_nonzero(before[end] - before[start] == end - start))


def _differences(merged: Merged, paint: Paint) -> Iterator[str]:
    classes, review = outlines(merged.clusters)
    passages = sum(cluster.needs_review for cluster in merged.clusters)
    yield paint.bold(_count(classes.total(), "difference")) + " between the versions"
    if not classes:
        yield ".\n\n"
        return
    needs = "none needs review" if not passages else f"{review.total():,} to review"
    yield f", {needs}" + (f" in {_count(passages, 'passage')}" if passages else "") + ":\n"
    yield table(
        (
            (str(kind), f"{classes[kind]:,}", f"{review[kind]:,} to review" if review[kind] else "")
            for kind in reversed(VariantClass)
            if classes[kind]
        ),
        {1, 2},
    )
    yield "\n"


def _list(rows: list[tuple[str, ...]], what: str, right: set[int] | None = None) -> Iterator[str]:
    yield table(rows[:_MOST], right or set())
    if len(rows) > _MOST:
        yield f"  … and {len(rows) - _MOST:,} more {what}, see manifest.json\n"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.1f} %"
