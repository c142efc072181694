"""Runs the stages in this process and, where it pays, in child processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from dedup.config import Settings
from dedup.corpus import Corpus, build
from dedup.fold import Progress
from dedup.match import match, matching
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
        corpus = _built(sources, progress)
        return Scan(corpus, match(corpus, settings, progress=progress))


@contextmanager
def scanning(
    sources: Sequence[Source], settings: Settings, *, progress: Progress | None = None
) -> Iterator[tuple[Scan, Callable[[], Matches]]]:
    """A scan that compares letters only, and what gives the matches of the whole one, when it is asked for them (once).

    While the block runs another process looks for what was reworked, where that pays. Raises what `scan` raises.
    """
    with bounded(settings.memory_bytes):
        progress = freeing(progress)
        corpus = _built(sources, progress)
        with matching(corpus, settings, progress=progress) as (matches, asked):
            yield Scan(corpus, matches), asked


def _built(sources: Sequence[Source], progress: Progress | None) -> Corpus:
    corpus = build(sources, progress=progress)
    require(len(corpus.folded.letters))
    return corpus
