"""Rows of an alignment, kept by place, so that those at a letter are found without looking through all.

They stand in a binary tree over the letters of one side, each at the lowest node that spans it, in a list. The nodes
above a letter are as many as its tree is deep, and have few rows that do not span it. Source: the binning scheme of the
UCSC genome browser, Kent et al., Genome Research 12 (2002).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.kernel import inner

_LEAF_BITS = 6  # letters under a leaf (a power of 2)


def nodes(letters: int) -> NDArray[np.int64]:
    """The tree of so many letters, with nothing in it, for `keep`: of each node the row kept there last, those of the
    children of node i at 2i and 2i + 1, and the leaves in the second half."""
    return np.full(2 << (letters >> _LEAF_BITS).bit_length(), -1, np.int64)


@inner
def keep(rows, r, low, last, before):  # type: ignore[no-untyped-def]
    """Keep row `r`. `rows`: int64[n, 4 or more], a_start, a_end, b_start, b_end; `low`: the first letter of a in the
    tree, `last`: its `nodes`; `before`: int64[n], of each row the one kept before it at the same node."""
    node = _leaf(last, rows[r, 0] - low)
    end = _leaf(last, rows[r, 1] - 1 - low)
    while node != end:
        node >>= 1
        end >>= 1
    before[r] = last[node]
    last[node] = r


@inner
def is_inside(rows, first, low, last, before, x, y, band):  # type: ignore[no-untyped-def]
    """Whether the pair of letters (x, y) lies on a row that was kept, give or take a `band`. Rows before the `first`
    count no more, and nor do those that were kept before them: so a tree serves for one pair of sources after another.
    """
    node = _leaf(last, x - low)
    while node:
        r = last[node]
        while r >= first:
            if rows[r, 0] <= x < rows[r, 1] and rows[r, 2] <= y < rows[r, 3]:
                begin = rows[r, 2] - rows[r, 0]
                end = rows[r, 3] - rows[r, 1]
                if min(begin, end) - band <= y - x <= max(begin, end) + band:
                    return True
            r = before[r]
        node >>= 1
    return False


@inner
def _leaf(last, letter):  # type: ignore[no-untyped-def]
    return (len(last) >> 1) + (letter >> _LEAF_BITS)
