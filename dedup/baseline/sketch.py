"""Paragraphs -> sketches by which they are known again when they were edited."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.sketch import signatures

VALUES = 16
"""MinHash values of a sketch; of each only the low byte is kept (Li and König, "b-Bit Minwise Hashing", WWW 2010)."""

ALIKE = 8
"""Values in which a paragraph's sketch agrees at least with the one that it had before an edit; strangers agree in 1 of
256."""


def sketches(letters: NDArray[np.uint32], first: NDArray[np.int64], last: NDArray[np.int64]) -> list[str]:
    """The sketch of each paragraph, in hexadecimal digits."""
    values = signatures(letters, first, last, num_perm=VALUES, seed=1).astype(np.uint8)
    return [row.tobytes().hex() for row in values]


def agreement(one: str, other: str) -> int:
    """In how many values two sketches agree; 0 for one that is not known."""
    return sum(x == y for x, y in zip(bytes.fromhex(one), bytes.fromhex(other), strict=False))
