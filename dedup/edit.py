"""Two strings of letters -> the blocks of letters that stand equal in both, in order.

RapidFuzz aligns what is short. Long strings are first pinned together by anchors, so that RapidFuzz sees only the
gaps between them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from dedup.anchor import anchors
from dedup.chain import chains
from dedup.script import cumulate, weigh

_SMALL = 4_000_000  # product of the lengths up to which RapidFuzz aligns the whole

Blocks = list[tuple[int, int, int]]
"""`(x, y, n)`: letters `x .. x + n` of the one string stand equal to `y .. y + n` of the other."""


def equal_blocks(x: NDArray[np.uint32], y: NDArray[np.uint32]) -> Blocks:
    """Align two strings of letters (uint32[n], uint32[m]): maximal equal blocks, ascending in both."""
    blocks: Blocks = []
    _align(x, y, 0, 0, blocks)
    merged: Blocks = []
    for start_x, start_y, n in blocks:
        if merged:
            last_x, last_y, length = merged[-1]
            if last_x + length == start_x and last_y + length == start_y:
                merged[-1] = (last_x, last_y, length + n)
                continue
        merged.append((start_x, start_y, n))
    return merged


def _align(x: NDArray[np.uint32], y: NDArray[np.uint32], at_x: int, at_y: int, blocks: Blocks) -> None:
    if len(x) * len(y) <= _SMALL:
        _aligned(x, y, at_x, at_y, blocks)
        return
    head = _common(x, y)
    if head:
        blocks.append((at_x, at_y, head))
        x, y, at_x, at_y = x[head:], y[head:], at_x + head, at_y + head
    tail = _common(x[::-1], y[::-1])
    _middle(x[: len(x) - tail], y[: len(y) - tail], at_x, at_y, blocks)
    if tail:
        blocks.append((at_x + len(x) - tail, at_y + len(y) - tail, tail))


def _common(x: NDArray[np.uint32], y: NDArray[np.uint32]) -> int:
    n = min(len(x), len(y))
    differ = np.flatnonzero(x[:n] != y[:n])
    return int(differ[0]) if len(differ) else n


def _aligned(x: NDArray[np.uint32], y: NDArray[np.uint32], at_x: int, at_y: int, blocks: Blocks) -> None:
    for op in Levenshtein.opcodes(string(x), string(y)):
        if op.tag == "equal":
            blocks.append((at_x + op.src_start, at_y + op.dest_start, op.src_end - op.src_start))


def _middle(x: NDArray[np.uint32], y: NDArray[np.uint32], at_x: int, at_y: int, blocks: Blocks) -> None:
    if len(x) * len(y) <= _SMALL:
        _aligned(x, y, at_x, at_y, blocks)
        return
    done_x = done_y = 0
    for start_x, start_y, n in _pins(x, y):
        _align(x[done_x:start_x], y[done_y:start_y], at_x + done_x, at_y + done_y, blocks)
        blocks.append((at_x + start_x, at_y + start_y, n))
        done_x, done_y = start_x + n, start_y + n
    if done_x or done_y:
        _align(x[done_x:], y[done_y:], at_x + done_x, at_y + done_y, blocks)


def _pins(x: NDArray[np.uint32], y: NDArray[np.uint32]) -> Blocks:
    """Anchors of the best chains that follow each other in both strings."""
    letters = np.concatenate((x, y))
    found = anchors(letters, np.array([0, len(x), len(letters)], np.int64))
    across = found[(found.source_a == 0) & (found.source_b == 1)]
    chained = chains(across, cumulate(weigh(letters)))
    pins: Blocks = []
    taken: list[tuple[int, int, int, int]] = []
    for c in np.argsort(-chained.score, kind="stable"):
        members = chained.members[chained.bounds[c] : chained.bounds[c + 1]]
        a, b, n = across.a[members], across.b[members] - len(x), across.length[members]
        box = int(a[0]), int(a[-1] + n[-1]), int(b[0]), int(b[-1] + n[-1])
        if any(not (box[1] <= t[0] and box[3] <= t[2]) and not (t[1] <= box[0] and t[3] <= box[2]) for t in taken):
            continue
        taken.append(box)
        pins.extend(zip(a.tolist(), b.tolist(), n.tolist(), strict=True))
    pins.sort()
    ordered: Blocks = []
    end_x = end_y = 0
    for start_x, start_y, length in pins:
        overlap = max(0, end_x - start_x, end_y - start_y)
        if overlap < length:
            ordered.append((start_x + overlap, start_y + overlap, length - overlap))
            end_x, end_y = start_x + length, start_y + length
    return ordered


def string(letters: NDArray[np.uint32]) -> str:
    """Letters as a string of as many characters."""
    return letters.tobytes().decode("utf-32-le", "surrogatepass")
