"""Characters -> what of them tells how a difference beside them is to be seen, as columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.variant import numerals, plain

NUMBER = 1
"""It can stand in a number of several characters."""

COMMON = 2
"""It is a sinograph beside which nothing but the readings decides of most differences (`plain.common`)."""

_KNOWN = 4
_CHARACTERS = 0x110000

ANY = 1
"""Stands for a letter that without its case is several."""

_of = np.zeros(_CHARACTERS, np.uint8)  # what was asked for already
_caseless = np.zeros(_CHARACTERS, np.uint32)


def traits(points: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Of characters NUMBER and COMMON, as bits: uint8[n]."""
    _know(points)
    return _of[points]


def caseless(points: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Characters without their case, 0 for what is neither letter nor digit: uint32[n]."""
    _know(points)
    return _caseless[points]


def _know(points: NDArray[np.uint32]) -> None:
    for point in np.unique(points[_of[points] == 0]).tolist():
        character = chr(point)
        _of[point] = _KNOWN | (NUMBER if numerals.INSIDE[character] else 0) | (COMMON if plain.common(character) else 0)
        if character.isalnum():
            folded = character.casefold()
            _caseless[point] = ord(folded) if len(folded) == 1 else ANY
