"""A corpus -> matches: both tiers of matching, one after the other."""

from __future__ import annotations

import numpy as np

from dedup.align import Matches, align
from dedup.anchor import anchors
from dedup.chain import chains
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.fold import Progress
from dedup.lsh import bands, candidates
from dedup.sketch import signatures


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
