"""Runs the stages in this process and, where it pays, in child processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dedup.config import Settings
from dedup.corpus import Corpus, build
from dedup.fold import Progress
from dedup.match import match
from dedup.matches import Matches
from dedup.model import Source
from dedup.scratch import bounded, freeing, require


@dataclass(frozen=True, slots=True)
class Scan:
    """A corpus and the matches found in it."""

    corpus: Corpus
    matches: Matches


def scan(sources: Sequence[Source], settings: Settings, *, progress: Progress | None = None) -> Scan:
    """Find every passage that two places of the sources share. Raises `UsageError` where memory is bounded to less
    than that takes."""
    with bounded(settings.memory_bytes):
        progress = freeing(progress)
        corpus = build(sources, progress=progress)
        require(len(corpus.folded.letters))
        return Scan(corpus, match(corpus, settings, progress=progress))
