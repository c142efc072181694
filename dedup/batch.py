"""Many things, some of them small and some large -> some at a time, as if they were one.

Each by itself would take its time, and all at once their room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray


def batches(sizes: Sequence[int], limit: int) -> list[slice]:
    """Slices of things in order, of which none has more than about `limit` in all, unless one thing has."""
    if not sizes:
        return []
    ends = np.flatnonzero(np.diff(np.cumsum(sizes) // limit, append=-1)) + 1
    return [slice(first, last) for first, last in pairwise([0, *ends.tolist()])]


def starts_of(sizes: Iterable[int]) -> NDArray[np.int64]:
    """Where each of things of these sizes begins if one stands behind another, and the end: int64[things + 1]."""
    return np.array([0, *accumulate(sizes)], np.int64)


def heads_of(source: NDArray[np.signedinteger], count: int) -> NDArray[np.int64]:
    """Where the rows of each of so many sources begin, which are in their order, and how many rows there are."""
    return source.searchsorted(np.arange(count + 1, dtype=source.dtype)).astype(np.int64)
