"""Code points -> kinds of characters, as those see them who look for the ends of lines, sentences and paragraphs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.kernel import kernel
from dedup.script import DENSE_RANGES

OTHER, NEWLINE, SPACE, STOP, PAUSE, OPEN, CLOSE, MARK, DENSE, LOWER, WORD, DIGIT = range(12)

_KINDS = (
    (NEWLINE, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"),
    (SPACE, " \t\xa0\u1680\u3000\u202f\u205f\ufeff" + "".join(map(chr, range(0x2000, 0x200C)))),
    (STOP, "。．.！!？?…；;：:｡؟۔।॥。‥︒"),
    (PAUSE, "，,、，､،-–—‐～~"),
    (OPEN, "（《〈「『【〔〖(［[｛{"),
    (CLOSE, "）》〉」』】〕〗)］]｝}”’\"'»"),
    (MARK, "*#>|■□●○◆◇▲△※•·‣▪◦_`=+"),
    (DIGIT, "0123456789０１２３４５６７８９"),
)


def _table() -> NDArray[np.uint8]:
    table = np.zeros(0x10000, np.uint8)
    for low, high in DENSE_RANGES:
        table[low:high] = DENSE
    for point in np.flatnonzero(table != DENSE).tolist():
        character = chr(point)
        if character.isalpha():
            table[point] = LOWER if character.islower() else WORD
    for kind, characters in _KINDS:
        for character in characters:
            table[ord(character)] = kind
    return table


_TABLE: list[NDArray[np.uint8]] = []


def kinds_of(points: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """The kind of each code point: uint8[n]. `points`: uint32[n]."""
    if not _TABLE:
        _TABLE.append(_table())
    found: NDArray[np.uint8] = _looked_up(points, _TABLE[0])
    return found


@kernel("text, u1[:]")
def _looked_up(points, table):  # type: ignore[no-untyped-def]
    kinds = np.empty(len(points), np.uint8)
    for at in range(len(points)):
        point = points[at]
        kinds[at] = table[point] if point < 0x10000 else DENSE if point >= 0x20000 else OTHER
    return kinds
