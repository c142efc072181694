"""Code points -> which kind of script they belong to, and how much a letter of it weighs.

A dense script says a syllable or a word with one letter (Han, Kana, Hangul), or runs its words together
(Thai, Lao, Khmer, Burmese); five of its letters say about what a dozen or more of an alphabet say.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.kernel import inner, kernel
from dedup.scratch import column

DENSE_RANGES = (
    (0x0E00, 0x0F00),  # Thai, Lao
    (0x1000, 0x10A0),  # Myanmar
    (0x1780, 0x1800),  # Khmer
    (0x2E80, 0x2FE0),  # Han radicals
    (0x3005, 0x3008),  # iteration mark, closing mark, zero
    (0x3021, 0x302A),  # Hangzhou numerals
    (0x3041, 0x3100),  # Hiragana, Katakana
    (0x3105, 0x3130),  # Bopomofo
    (0x31A0, 0x3200),  # Bopomofo, strokes, Katakana extensions
    (0x3400, 0x4DC0),  # Han extension A
    (0x4E00, 0xA000),  # Han
    (0xA000, 0xA4D0),  # Yi
    (0xAC00, 0xD7A4),  # Hangul syllables
    (0xF900, 0xFB00),  # Han compatibility
    (0x1B000, 0x1B170),  # Kana supplements
    (0x20000, 0x33480),  # Han extensions B to J
)
"""Half-open ranges of code points of dense scripts (Unicode 16, Blocks.txt), ascending."""

DENSE_WEIGHT = 5
LIGHT_WEIGHT = 2

_LOW = np.array([low for low, _ in DENSE_RANGES], np.int64)
_HIGH = np.array([high for _, high in DENSE_RANGES], np.int64)


@inner
def dense(code_point):  # type: ignore[no-untyped-def]
    """Whether a code point belongs to a dense script."""
    if code_point < 0x0E00:
        return False
    if 0x4E00 <= code_point < 0xA000:  # the usual case: it halves the time for Chinese text
        return True
    for r in range(len(_LOW)):
        if code_point < _HIGH[r]:
            return code_point >= _LOW[r]
    return False


def weigh(letters: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """The weight of each letter: uint32[n] -> uint8[n], `DENSE_WEIGHT` or `LIGHT_WEIGHT`."""
    weights = column(len(letters), np.uint8)
    _weigh(letters, weights)
    return weights


def cumulate(weights: NDArray[np.uint8]) -> NDArray[np.signedinteger]:
    """The weight of all letters before each: uint8[n] -> int32[n + 1], int64 where it needs more."""
    size = len(weights)
    total = column(size + 1, np.int32 if size * DENSE_WEIGHT < 1 << 31 else np.int64, letters=size)
    np.cumsum(weights, dtype=total.dtype, out=total[1:])
    return total


@kernel("u4[:], u1[:]")
def _weigh(letters, weights):  # type: ignore[no-untyped-def]
    for i in range(len(letters)):
        weights[i] = DENSE_WEIGHT if dense(letters[i]) else LIGHT_WEIGHT
