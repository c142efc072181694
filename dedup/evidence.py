"""Matches -> why each was made: its anchors, bands and words, its equal letters, and the shingles of both sides."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dedup.accept import information
from dedup.align import EQUAL
from dedup.anchor import anchors
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.lsh import bands
from dedup.matches import Matches
from dedup.model import Evidence
from dedup.sketch import shingle_lengths, signatures


def evidence(corpus: Corpus, matches: Matches, seen: NDArray[np.int32], settings: Settings) -> Iterator[Evidence]:
    """The evidence of each match, in order. Linear in the letters of both sides, but for sorting.

    `seen`: int32[letters], in how many places the seed at each letter stands (`places`).
    """
    letters = corpus.folded.letters
    # the two sides are compared in shingles of one length, the shorter where their scripts ask for two
    lengths = np.minimum(
        shingle_lengths(letters, matches.a_start, matches.a_end),
        shingle_lengths(letters, matches.b_start, matches.b_end),
    )
    said = information(matches.a_start, matches.a_end, matches.score, seen, corpus.weights)
    said = np.where(matches.words > 0, matches.score / EQUAL, said)
    agreeing = _bands(letters, matches, settings)
    for row in range(len(matches)):
        (_, a_start, a_end), (_, b_start, b_end) = matches.sides(row)
        shared = shared_shingles(letters[a_start:a_end], letters[b_start:b_end], int(lengths[row]))
        jaccard, in_b, in_a = (round(share, 4) for share in shared)
        yield Evidence(
            anchors=int(matches.anchors[row]),
            anchored_letters=int(matches.anchored[row]),
            bands=int(agreeing[row]),
            equal_letters=int(matches.equal[row]),
            words=int(matches.words[row]),
            jaccard=jaccard,
            containment_a=in_b,
            containment_b=in_a,
            information=round(float(said[row]), 1),
        )


def _bands(letters: NDArray[np.uint32], matches: Matches, settings: Settings) -> NDArray[np.int64]:
    """In how many LSH bands the two sides of each match agree: int64[n]."""
    b, r = bands(settings.lsh_threshold, settings.num_perm)
    a, other = (
        signatures(letters, first, last, num_perm=settings.num_perm, seed=settings.seed)[:, : b * r].reshape(-1, b, r)
        for first, last in ((matches.a_start, matches.a_end), (matches.b_start, matches.b_end))
    )
    return np.asarray((a == other).all(axis=2).sum(axis=1), np.int64)


def places(corpus: Corpus) -> NDArray[np.int32]:
    """In how many places the seed at each letter stands: int32[letters]. Takes as long as finding the anchors."""
    copies = corpus.original != np.arange(len(corpus.sources))
    return anchors(corpus.folded.letters, corpus.folded.starts, skip=copies).places


def shared_shingles(a: NDArray[np.uint32], b: NDArray[np.uint32], length: int) -> tuple[float, float, float]:
    """Of the sets of shingles of two texts: their Jaccard similarity, the share of a's that b has, and of b's."""
    one, two = _shingles(a, length), _shingles(b, length)
    shared = len(np.intersect1d(one, two, assume_unique=True))
    united = len(one) + len(two) - shared
    return shared / max(1, united), shared / max(1, len(one)), shared / max(1, len(two))


def _shingles(letters: NDArray[np.uint32], length: int) -> NDArray[np.uint64]:
    """The distinct shingles of a text, each as a 64-bit hash (sketch.py has the polynomial)."""
    count = len(letters) - length + 1
    if count < 1 or length < 1:
        return np.zeros(0, np.uint64)
    hashes = np.zeros(count, np.uint64)
    for at in range(length):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + letters[at : at + count] + np.uint64(1)
    return np.unique(hashes)
