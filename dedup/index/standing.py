"""Seeds -> where they stand in the texts of an index, read from its file as they lie there: sorted, each eight bytes.

A join reads a table as a whole; who looks up the seeds of one text in a mapped file reads the pages in which these lie.
DuckDB says where it laid the columns of a table (pragma_storage_info), and lays those that it must not compress as they
are, but for a stretch of nothing but one value. What is not so, or not where it must be, is joined after all.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dedup.index.store import Index
from dedup.kernel import kernel

_HEADERS = 3 * 4096  # bytes of a file before its first block
_CHECKSUM = 8  # bytes of a block before what lies in it

_LAID = (
    "select column_id, row_group_id, start, count, block_id, block_offset, persistent and not has_updates "
    "and compression = 'Uncompressed' as plain from pragma_storage_info('seeds') where column_id < 2 "
    "and segment_type <> 'VALIDITY' order by column_id, row_group_id, start"
)
_JOIN = "select o.number, s.place from {} s join own o on s.key = o.key"

_Places = tuple[NDArray[np.int64], NDArray[np.uint32]]  # numbers of keys, and where these stand


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """A column in a file. `rows`: int64[s + 1], the first row of each stretch; `at`: int64[s], where in the file it
    lies, in numbers of its width."""

    file: NDArray[np.uint64] | NDArray[np.uint32]
    rows: NDArray[np.int64]
    at: NDArray[np.int64]


class Standing:
    """The seeds of an index. How they lie is found out beside other work."""

    def __init__(self, index: Index):
        self._index = index
        self._laid = index.begin(_LAID)
        self._ids, self._first, count = (
            column.astype(np.int64)
            for column in index.query("select id, first, count from contents where count > 0 order by first").values()
        )
        self._last = self._first + count

    def find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Where keys stand, uint64[k], ascending and each once: the number of the key, the id of the content, and the
        letter counted from its beginning, int64[n] each, in no order."""
        number, place = self._places(keys)
        place = place.astype(np.int64)
        text = np.searchsorted(self._first, place, side="right") - 1
        there = (text >= 0) & (place < np.append(self._last, 0)[text])
        number, place, text = number[there], place[there], text[there]
        return number, self._ids[text], place - self._first[text]

    def count(self, keys: NDArray[np.uint64], contents: Iterable[int]) -> NDArray[np.int64]:
        """In how many places of some contents each key stands."""
        number, content, _ = self.find(keys)
        return np.bincount(number[np.isin(content, list(contents))], minlength=len(keys))

    def _places(self, keys: NDArray[np.uint64]) -> _Places:
        later = self._joined("later", keys)
        found = _searched(*self._columns, keys) if self._columns else self._joined("seeds", keys)
        return np.concatenate((later[0], found[0])), np.concatenate((later[1], found[1]))

    def _joined(self, table: str, keys: NDArray[np.uint64]) -> _Places:
        own = {"key": keys, "number": np.arange(len(keys))}
        number, place = self._index.query(_JOIN.format(table), own=own).values()
        return number, place

    @cached_property
    def _columns(self) -> tuple[_Column, _Column] | None:
        return _columns(self._index, self._laid())


def _columns(index: Index, laid: dict[str, NDArray[np.int64]]) -> tuple[_Column, _Column] | None:
    """Keys and places as they lie in the file of an index; None where they cannot be read there."""
    if not laid["plain"].all():
        return None
    ((size,),) = index.rows("select block_size from pragma_database_size()")
    try:
        with open(index.path, "rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    columns = []
    for number, kind in enumerate((np.uint64, np.uint32)):
        of = laid["column_id"] == number
        byte = _HEADERS + laid["block_id"][of] * size + _CHECKSUM + laid["block_offset"][of]
        rows = np.concatenate((np.zeros(1, np.int64), np.cumsum(laid["count"][of].astype(np.int64))))
        width = np.dtype(kind).itemsize
        if (byte % width).any() or (byte + np.diff(rows) * width > len(mapped)).any():
            return None
        file_of = np.frombuffer(mapped, kind, len(mapped) // width)
        columns.append(_Column(file_of, rows, byte // width))
    keys, places = columns
    count = int(keys.rows[-1])
    if count == 0 or count != places.rows[-1]:
        return None
    ends = [(row, int(_at(keys, row)), int(_at(places, row))) for row in sorted({0, count - 1})]
    told = index.rows(f"select rowid, key, place from seeds where rowid in (0, {count - 1}) order by rowid")
    return (keys, places) if ends == told else None


def _at(column: _Column, row: int) -> np.unsignedinteger:
    stretch = int(np.searchsorted(column.rows, row, side="right")) - 1
    value: np.unsignedinteger = column.file[column.at[stretch] + row - column.rows[stretch]]
    return value


def _searched(keys: _Column, places: _Column, wanted: NDArray[np.uint64]) -> _Places:
    low, high = np.empty(len(wanted), np.int64), np.empty(len(wanted), np.int64)
    _search(keys.file, keys.rows, keys.at, wanted, low, high)
    number = np.repeat(np.arange(len(wanted)), high - low)
    place = np.empty(len(number), np.uint32)
    _gather(places.file, places.rows, places.at, low, high, place)
    return number, place


@kernel("u8[:], i8[:], i8[:], u8[:], i8[:], i8[:]")
def _search(file, rows, at, wanted, low, high):  # type: ignore[no-untyped-def]
    """The rows [low, high) in which each of some keys stands, ascending like these."""
    s = 0
    row = np.int64(0)
    for k in range(len(wanted)):
        key = wanted[k]
        while s < len(at) and file[at[s] + rows[s + 1] - rows[s] - 1] < key:
            s += 1
            row = rows[s]
        if s < len(at) and file[at[s] + row - rows[s]] < key:
            shift = at[s] - rows[s]
            step = np.int64(1)  # the key stands behind `row`, mostly not far from it
            while row + step < rows[s + 1] and file[shift + row + step] < key:
                row += step
                step *= 2
            stop = min(row + step, rows[s + 1] - 1)
            while stop - row > 1:
                middle = (row + stop) // 2
                if file[shift + middle] < key:
                    row = middle
                else:
                    stop = middle
            row = stop
        low[k] = row
        while s < len(at) and file[at[s] + row - rows[s]] == key:
            row += 1
            if row == rows[s + 1]:
                s += 1
        high[k] = row


@kernel("u4[:], i8[:], i8[:], i8[:], i8[:], u4[:]")
def _gather(file, rows, at, low, high, place):  # type: ignore[no-untyped-def]
    """What a column has in stretches of its rows."""
    s = 0
    n = 0
    for k in range(len(low)):
        for row in range(low[k], high[k]):
            while rows[s + 1] <= row:
                s += 1
            place[n] = file[at[s] + row - rows[s]]
            n += 1
