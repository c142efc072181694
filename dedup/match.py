"""A corpus -> matches: the tiers of matching, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from dedup.accept import accept
from dedup.align import align
from dedup.anchor import Anchors, anchors
from dedup.chain import Chains, chains
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.fold import Progress
from dedup.glue import HELD, glue, glue_at, stretches_of
from dedup.lsh import Candidates, bands, candidates, no_candidates
from dedup.matches import Matches
from dedup.pool import aside, meanwhile
from dedup.rework import with_reworked
from dedup.sketch import signatures
from dedup.words import Words, vocabulary, words

_STEPS = 4  # after the sketches: anchors, chains, alignments, words


@dataclass(frozen=True, slots=True, eq=False)
class Stages:
    """All that is seen on the way to the matches."""

    candidates: Candidates
    anchors: Anchors
    chains: Chains
    words: Words
    matches: Matches


def match(corpus: Corpus, settings: Settings, *, progress: Progress | None = None) -> Matches:
    """Find every passage that two places of a corpus share."""
    found = stages(corpus, settings, progress=progress)
    matches = with_reworked(corpus, found.words, found.matches, found.anchors, settings)
    if progress:
        progress("match", _STEPS, _STEPS)
    return matches


@contextmanager
def matching(
    corpus: Corpus, settings: Settings, *, progress: Progress | None = None
) -> Iterator[tuple[Matches, Callable[[], Matches]]]:
    """The matches that compare letters, and what gives all that `match` finds, when it is asked for that (once).

    While the block runs another process looks for what was reworked, where that pays.
    """
    found = stages(corpus, settings, progress=progress)
    matches, size = found.matches, len(corpus.folded.letters)
    rest = corpus, found.words, matches, found.anchors, settings
    with aside(with_reworked, *rest, work=size, jobs=settings.processes) as asked:
        del found, rest  # which are large
        if progress:
            progress("match", _STEPS, _STEPS)
        yield matches, asked


def stages(corpus: Corpus, settings: Settings, *, progress: Progress | None = None) -> Stages:
    """Run the tiers that compare letters over a corpus. `progress` is called with the stages sketch, lsh and match."""
    with meanwhile(words, corpus, work=len(corpus.folded.letters), jobs=settings.processes) as asked:
        likely, found, chained, matches = by_letters(corpus, settings, progress=progress)
        its_words = asked()
    held = glue(its_words, stretches_of(its_words, matches.spans))
    return Stages(likely, found, chained, its_words, _held(corpus, matches, held))


def held_by_letters(corpus: Corpus, settings: Settings, *, anchored: bool = False) -> Matches:
    """The matches of `stages`, where nothing else is asked for, in less memory. `anchored`: only those with anchors,
    which nearly all have."""
    matches = by_letters(corpus, settings, anchored=anchored)[-1]  # all else need not stay
    return _held(corpus, matches, glue_at(vocabulary(corpus), matches.spans))


def _held(corpus: Corpus, matches: Matches, shares: NDArray[np.float64]) -> Matches:
    """The matches that more than rare words hold together (glue.py)."""
    held = shares >= HELD
    held |= corpus.original[matches.source_b] != matches.source_b  # which have no words of their own
    return matches[np.flatnonzero(held)]


def by_letters(
    corpus: Corpus, settings: Settings, *, anchored: bool = False, progress: Progress | None = None
) -> tuple[Candidates, Anchors, Chains, Matches]:
    """What letters alone say, before words have been asked: what an index is looked up for (index/lookup.py).

    `anchored`: without the sketches, by which paragraphs are found that are alike and have no anchor in common.
    """

    def done(step: int) -> None:
        if progress:
            progress("match", step, _STEPS)

    copies = corpus.original != np.arange(len(corpus.sources))
    size = len(corpus.folded.letters)
    beside = no_candidates if anchored else partial(similar, corpus, settings, progress)
    with meanwhile(beside, work=size, jobs=settings.processes) as asked:
        found = anchors(corpus.folded.letters, corpus.folded.starts, skip=copies)
        chained = chains(found, corpus.cumulated)
        aligned = align(corpus, found, chained)
        likely = asked()
    done(2)
    matches = accept(corpus, aligned, found.places, likely, settings)
    done(3)
    return likely, found, chained, matches


def similar(corpus: Corpus, settings: Settings, progress: Progress | None = None) -> Candidates:
    """The pairs of paragraphs with like signatures."""
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
    return candidates(sketches, b=b, r=r, progress=progress)
