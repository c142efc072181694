"""Runs the stages in this process and, where it pays, in child processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dedup.align import Matches, align
from dedup.anchor import anchors
from dedup.chain import chains
from dedup.config import Settings
from dedup.corpus import Corpus, build
from dedup.fold import Progress
from dedup.lsh import bands, candidates
from dedup.model import Source
from dedup.sketch import signatures


@dataclass(frozen=True, slots=True)
class Scan:
    """A corpus and the matches found in it."""

    corpus: Corpus
    matches: Matches


def scan(sources: Sequence[Source], settings: Settings, *, progress: Progress | None = None) -> Scan:
    """Find every passage that two places of the sources share."""
    corpus = build(sources, progress=progress)
    return Scan(corpus, match(corpus, settings, progress=progress))


def match(corpus: Corpus, settings: Settings, *, progress: Progress | None = None) -> Matches:
    """Both tiers of matching over a corpus."""
    paragraphs = corpus.paragraphs
    copies = corpus.original != np.arange(len(corpus.sources))
    sketches = signatures(
        corpus.folded.letters,
        paragraphs.first,
        np.where(copies[paragraphs.source], paragraphs.first, paragraphs.last),
        num_perm=settings.num_perm,
        seed=settings.seed,
        progress=progress,
    )
    b, r = bands(settings.lsh_threshold, settings.num_perm)
    likely = candidates(sketches, b=b, r=r, progress=progress)
    found = anchors(corpus.folded.letters, corpus.folded.starts, skip=copies)
    chained = chains(found, corpus.cumulated)
    return align(corpus, found, chained, likely, settings)
