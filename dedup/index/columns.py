"""A corpus -> what an index keeps of each of its texts: letters, offsets, paragraphs, seeds and bands, packed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.corpus import Corpus
from dedup.fold import Folded
from dedup.kernel import kernel
from dedup.script import weigh

OPENING = 1024
"""Bytes of a text (UTF-8) that are kept to put it in its place among others; texts that agree so far are read."""

PIECE = 1024
"""Letters of a text that are kept together, so that what a look-up does not touch is not unpacked."""


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """One text in columns; letters, characters and paragraphs count from its own beginning.

    `key`: the SHA-256 of the text in UTF-8. `letters`: uint32[n], `offsets`: int32[n] as in `Folded`.
    `paragraphs`: int32[4, p], first and last letter, start and end character. `hashes`: uint64[p], see
    `paragraph_hashes`.
    """

    key: str
    opening: bytes
    characters: int
    letters: NDArray[np.uint32]
    offsets: NDArray[np.int32]
    paragraphs: NDArray[np.int32]
    hashes: NDArray[np.uint64]


def contents(corpus: Corpus) -> Iterator[tuple[int, Content]]:
    """The distinct texts of a corpus, each with the number of its first source."""
    folded, paragraphs = corpus.folded, corpus.paragraphs
    bounds = np.searchsorted(paragraphs.source, np.arange(len(corpus.sources) + 1))
    for number, source in enumerate(corpus.sources):
        if corpus.original[number] != number:
            continue
        base, stop = folded.starts[number : number + 2]
        own = slice(bounds[number], bounds[number + 1])
        first, last = paragraphs.first[own] - base, paragraphs.last[own] - base
        letters = folded.letters[base:stop]
        yield (
            number,
            Content(
                key=text_key(source.text),
                opening=opening(source.text),
                characters=len(source.text),
                letters=letters,
                offsets=folded.offsets[base:stop],
                paragraphs=np.stack((first, last, paragraphs.start[own], paragraphs.end[own])).astype(np.int32),
                hashes=paragraph_hashes(letters, first, last),
            ),
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """`PIECE` letters of a text, or what is left at its end, packed.

    `letters`: see `pack_letters`. `weight`: of these letters (script.weigh). `start`: the character that the first of
    them comes from. `offsets`, `further`: see `pack_offsets`, counted from there.
    """

    letters: bytes
    weight: int
    start: int
    offsets: bytes
    further: bytes


def pieces(content: Content) -> list[Piece]:
    """The letters of a text in pieces."""
    packed = []
    for first in range(0, len(content.letters), PIECE):
        letters, offsets = content.letters[first : first + PIECE], content.offsets[first : first + PIECE]
        weight, start = int(weigh(letters).sum()), int(offsets[0])
        packed.append(Piece(pack_letters(letters), weight, start, *pack_offsets(offsets - start)))
    return packed


def text_key(text: str) -> str:
    """The name of a text that comes from what it says."""
    return sha256(text.encode("utf-8", "surrogatepass"))


def sha256(data: bytes) -> str:
    """What tells the bytes of two files apart."""
    return hashlib.sha256(data).hexdigest()


def checksum(paragraphs: bytes, pieces: Sequence[Piece]) -> int:
    """64 bits of hash of what is kept of a text."""
    whole = hashlib.blake2b(digest_size=8)
    for piece in pieces:
        whole.update(b"%d %d " % (piece.weight, piece.start))
        for part in (piece.letters, piece.offsets, piece.further):
            whole.update(len(part).to_bytes(8, "big") + part)
    whole.update(paragraphs)
    return int.from_bytes(whole.digest(), "big")


def opening(text: str) -> bytes:
    """The first bytes of a text, which sort as the text does."""
    return text[:OPENING].encode("utf-8", "surrogatepass")[:OPENING]


def paragraph_hashes(
    letters: NDArray[np.uint32], first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """The first eight bytes of the SHA-256 of each paragraph's letters in UTF-32-LE: uint64[p], 0 without letters."""
    hashes = np.zeros(len(first), np.uint64)
    for at, (start, end) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        if start < end:
            digest = hashlib.sha256(letters[start:end].astype("<u4").tobytes()).digest()
            hashes[at] = int.from_bytes(digest[:8], "big")
    return hashes


def pack_letters(letters: NDArray[np.uint32]) -> bytes:
    """The low halves of letters, then place and high half of each that has one: uint16, of 65,536 letters at most."""
    high = np.flatnonzero(letters >> 16)
    rare = np.stack((high, letters[high] >> 16), axis=1)
    return letters.astype(np.uint16).tobytes() + rare.astype(np.uint16).tobytes()


def unpack_letters(packed: bytes, count: int) -> NDArray[np.uint32]:
    """The way back."""
    halves = np.frombuffer(packed, np.uint16)
    letters = halves[:count].astype(np.uint32)
    if len(halves) > count:
        at, high = halves[count:].reshape(-1, 2).T
        letters[at] |= high.astype(np.uint32) << 16
    return letters


def unpack_pieces(packed: Sequence[bytes], count: int) -> NDArray[np.uint32]:
    """The letters of a text, so many, out of those of its pieces."""
    parts = [unpack_letters(piece, min(PIECE, count - at * PIECE)) for at, piece in enumerate(packed)]
    return np.concatenate([np.zeros(0, np.uint32), *parts])


def unfolded(texts: Sequence[Sequence[Piece]], counts: Sequence[int]) -> Folded:
    """The letters and offsets of texts that have so many letters, out of their pieces."""
    letters = [unpack_pieces([piece.letters for piece in text], n) for text, n in zip(texts, counts, strict=True)]
    offsets = [unpack_offsets(piece.offsets, piece.further) + piece.start for text in texts for piece in text]
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.array(counts, np.int64))))
    none = np.zeros(0, np.int32)
    return Folded(
        np.concatenate([none.astype(np.uint32), *letters]), np.concatenate([none, *offsets]).astype(np.int32), starts
    )


def pack_offsets(offsets: NDArray[np.int32]) -> tuple[bytes, bytes]:
    """One bit a character, whether a letter comes from it; and the characters of further letters, int32."""
    counts = np.bincount(offsets)
    several = np.flatnonzero(counts > 1)
    return np.packbits(counts > 0).tobytes(), np.repeat(several, counts[several] - 1).astype(np.int32).tobytes()


def unpack_offsets(bits: bytes, further: bytes) -> NDArray[np.int32]:
    """The way back."""
    once = np.flatnonzero(np.unpackbits(np.frombuffer(bits, np.uint8))).astype(np.int32)
    more = np.frombuffer(further, np.int32)
    return np.sort(np.concatenate((once, more)), kind="stable") if len(more) else once


def band_keys(signatures: NDArray[np.uint32], b: int, r: int) -> NDArray[np.uint64]:
    """64 bits of hash of each band of each signature: uint64[p, b]. Equal keys of a band: equal values in it."""
    keys = np.empty((len(signatures), b), np.uint64)
    _hash_bands(np.ascontiguousarray(signatures), b, r, keys)
    return keys


@kernel("u4[:,:], i8, i8, u8[:,:]")
def _hash_bands(signatures, b, r, keys):  # type: ignore[no-untyped-def]
    for p in range(len(signatures)):
        for band in range(b):
            h = np.uint64(band + 1)
            for j in range(band * r, band * r + r):
                h = (h ^ np.uint64(signatures[p, j])) * np.uint64(0x9E3779B97F4A7C15)
                h ^= h >> np.uint64(29)
            h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
            keys[p, band] = h ^ (h >> np.uint64(32))
