"""A merge -> the lines of its diff log and the rows of its review page, made by several processes.

Both are made from the variants, which take much of the work and are made once for both. What stands in one file needs
nothing of what stands in another, and the log is sorted by path and place: so a file's part of it is a piece of work,
and so is a stretch of a long one at whose ends no passage goes on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain, compress, islice, pairwise, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np

from dedup import encode
from dedup.account import Variants, entries_of
from dedup.batch import batches
from dedup.draft import REMOVABLE
from dedup.edits import Removal
from dedup.encode import layout_lines, removal_line, variant_line
from dedup.entries import Entries
from dedup.jsonl import string
from dedup.merge import Merged
from dedup.model import Cluster, VariantClass
from dedup.narrow import narrow, pieces, said
from dedup.pool import spread
from dedup.report import html
from dedup.report.html import Scope, is_safe, page_rows, page_texts, reading_row
from dedup.spacing import NO_LAYOUTS, Columns
from dedup.variant import Verdict
from dedup.vote import CONTEXT

T = TypeVar("T")

_REMOVALS, _LAYOUTS = " removals", " layouts"  # no cluster is called so
_PIECE = 1 << 18  # bytes that are read at once
_TOGETHER = 1 << 12  # lines of paths that are told together


@dataclass(frozen=True, slots=True)
class _Part:
    """What is told at a path, or at a stretch of it: the clusters at home there, and what was done to its text."""

    path: str
    clusters: list[Cluster] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    layouts: Columns = NO_LAYOUTS

    @property
    def size(self) -> int:
        """How many lines there may be, about."""
        return sum(map(_size, self.clusters)) + len(self.removals) + len(self.layouts[0])


def _size(cluster: Cluster) -> int:
    return len(cluster.variants) + len(cluster.witnesses)


@contextmanager
def telling(
    merged: Merged, scope: Scope, folder: Path, jobs: int
) -> Iterator[Iterator[tuple[Iterator[bytes], dict[str, bytes]]]]:
    """For some of the text at a time, in order, the lines of diff.jsonl that stand there, in pieces to be taken before
    others are asked for, and the page's rows of the clusters at home there, by id. The same whatever `jobs` there are;
    others are at it from the beginning of the block, and leave what they made in `folder` until it is taken.
    """
    parts = [piece for part in _parts(merged) for piece in _cut(part)]
    work = sum(len(cluster.text) * len(cluster.witnesses) for cluster in merged.clusters)
    with TemporaryDirectory(dir=folder) as made:
        together = enumerate(batches([part.size for part in parts], _TOGETHER))
        files = [(some, Path(made, str(number))) for number, some in together]
        # What is told is looked at meanwhile, and for that all wait in the end.
        with spread(_told, (parts, scope), files, work, jobs, patient=True) as told:
            yield (_taken(file, *sizes) for (_, file), sizes in zip(files, told, strict=True))


def _parts(merged: Merged) -> list[_Part]:
    """What is told at each path, by path."""
    parts: dict[str, _Part] = {}
    for cluster in merged.clusters:
        path = cluster.home.path
        parts.setdefault(path, _Part(path)).clusters.append(cluster)
    for removal in merged.removals:
        parts.setdefault(removal.path, _Part(removal.path)).removals.append(removal)
    for path, layouts in merged.layouts.of.items():
        parts[path] = replace(parts.get(path, _Part(path)), layouts=layouts)
    return [parts[path] for path in sorted(parts)]


def _cut(part: _Part) -> list[_Part]:
    """A part with many lines in pieces, cut where no cluster's home is: so no line of one belongs between two of
    another."""
    cuts: list[int] = []
    size, reach = 0, -1
    for cluster in sorted(part.clusters, key=lambda of: of.home.start):
        if size >= _TOGETHER and cluster.home.start > reach:
            cuts.append(cluster.home.start)
            size = 0
        size += _size(cluster)
        reach = max(reach, cluster.home.end)
    start, end, had, new = part.layouts
    bounds = pairwise([0, *start.searchsorted(cuts).tolist(), len(start)])
    pieces = [_Part(part.path, layouts=(start[a:b], end[a:b], had[a:b], new[a:b])) for a, b in bounds]
    for cluster in part.clusters:
        pieces[bisect_right(cuts, cluster.home.start)].clusters.append(cluster)
    for removal in part.removals:
        pieces[bisect_right(cuts, removal.start)].removals.append(removal)
    return pieces


def _told(shared: tuple[Sequence[_Part], Scope], where: tuple[slice, Path]) -> tuple[int, dict[str, int]]:
    """Write the lines of some parts into a file, and the rows: the size of the lines, and those of the rows by id."""
    (every, scope), (some, file) = shared, where
    parts = every[some]
    clusters = [cluster for part in parts for cluster in part.clusters]
    log = _Log(sorted({part.path for part in parts}), sorted(of.id for of in clusters))
    lazy = [of for of in clusters if isinstance(of.variants, Variants)]
    rows = _tell(lazy, log) if lazy else {}
    for cluster in clusters:
        if cluster.id not in rows:
            for of in cluster.variants:
                log.add([cluster.home.path], [cluster.id], [of.start], [narrow(variant_line(of))])
    for part in parts:
        for of_removal in part.removals:
            log.add([part.path], [_REMOVALS], [of_removal.start], [narrow(removal_line(of_removal))])
        start, end = (column.tolist() for column in part.layouts[:2])
        lines = layout_lines(part.path, start, end, *part.layouts[2:])
        log.add(repeat(part.path, len(start)), repeat(_LAYOUTS, len(start)), start, lines)
    page = page_rows(clusters, scope, rows)
    with open(file, "wb") as made:
        made.writelines(pieces(log.in_order()))
        size = made.tell()
        made.writelines(row.encode("latin-1") for row in page.values())
    return size, {name: len(row) for name, row in page.items()}


def _taken(file: Path, size: int, rows: Mapping[str, int]) -> tuple[Iterator[bytes], dict[str, bytes]]:
    """What was written into a file, which is gone then."""
    with open(file, "rb") as made:
        made.seek(size)
        of_page = {name: made.read(length) for name, length in rows.items()}
    return _lines(file, size), of_page


def _lines(file: Path, size: int) -> Iterator[bytes]:
    with open(file, "rb") as made:
        while piece := made.read(min(size, _PIECE)):
            size -= len(piece)
            yield piece
    file.unlink()


class _Log:
    """Lines of the log at paths in order: at one place those of clusters stand first, by id, and then what else is
    told."""

    def __init__(self, paths: Iterable[str], ids: Iterable[str]):
        self.path_rank = {path: rank for rank, path in enumerate(paths)}
        self.rank = {name: rank for rank, name in enumerate([*ids, _REMOVALS, _LAYOUTS])}
        self.paths: list[int] = []
        self.ranks: list[int] = []
        self.starts: list[int] = []
        self.lines: list[str] = []

    def add(self, paths: Iterable[str], what: Iterable[str], starts: Sequence[int], lines: Iterable[str]) -> None:
        """Add lines, each at a path about a cluster, the removals or the layouts, in order."""
        self.paths += map(self.path_rank.__getitem__, paths)
        self.ranks += map(self.rank.__getitem__, what)
        self.starts += starts
        self.lines += lines

    def in_order(self) -> Iterator[str]:
        """The lines by place."""
        return map(self.lines.__getitem__, np.lexsort((self.ranks, self.starts, self.paths)).tolist())


def _tell(clusters: Sequence[Cluster], log: _Log) -> dict[str, list[str]]:
    """Add the lines of clusters' variants, and give their rows: those that `variant_line` and `page_rows` make of them,
    without making these first and without saying anything twice."""
    variants = [of.variants for of in clusters if isinstance(of.variants, Variants)]
    told = entries_of(variants)
    counts = list(map(len, variants))
    ats, canonical = [row[0] for row in told.points], [row[1] for row in told.points]
    around: list[str] = []
    for text, (first, last) in zip(_each([of.text for of in clusters], counts), ats, strict=True):
        around += text[first - CONTEXT if first > CONTEXT else 0 : first], text[last : last + CONTEXT]
    contexts = said(around)
    other = list(compress(told.inner, told.verdict))
    texts, others = said(canonical), said(other)
    on_page = texts if is_safe(canonical) else page_texts(canonical)
    others_on_page = _others(told, other, others if is_safe(other) else page_texts(other))
    ids = said([of.id for of in clusters])
    openings = _each([f'{{"kind": "variant", "id": "{name}.' for name in ids], counts)
    named = _each([f'", "cluster": "{name}", ' for name in ids], counts)
    page_ids = _each([f'["{name}.' for name in page_texts([of.id for of in clusters])], counts)
    applied = [n in of.applied for of, count in zip(variants, counts, strict=True) for n in range(count)]
    removable = _each([of.relation in REMOVABLE for of in clusters], counts)
    alike = _Alike()
    same = [
        alike[verdict, vote, share, reason if removed else "", put]
        for (*_, (verdict, vote, share, reason)), removed, put in zip(told.points, removable, applied, strict=True)
    ]
    columns = zip(
        ats, told.marks, texts, _readings(told, _own(told, texts, others)), contexts[::2], contexts[1::2], same,
        openings, named, strict=True,
    )  # fmt: skip
    lines = [
        f'{opening}{mark}{name}{kind}{first}, {last}], "text": "{text}", "readings": [{readings}], '
        f'"context": ["{left}", "{right}"{settled}'
        for (first, last), mark, text, readings, left, right, (kind, settled, _, _), opening, name in columns
    ]
    page_columns = zip(ats, told.marks, on_page, others_on_page, same, page_ids, strict=True)
    rows = [
        f'{page_id}{mark}",{kind}{first},{last},"{text}",[{other}]{settled}'
        for (first, last), mark, text, other, (_, _, kind, settled), page_id in page_columns
    ]
    paths, ids_of = (_each(of, counts) for of in zip(*((of.home.path, of.id) for of in clusters), strict=True))
    log.add(paths, ids_of, told.starts, lines)
    ends = pairwise(accumulate(counts, initial=0))
    return {cluster.id: rows[first:last] for cluster, (first, last) in zip(clusters, ends, strict=True)}


def _each(values: Iterable[T], counts: Iterable[int]) -> Iterator[T]:
    """Each value so many times."""
    return chain.from_iterable(map(repeat, values, counts))


def _readings(told: Entries, own: Iterable[str]) -> list[str]:
    """For each point the readings that are told of it in the log. `own`: what they say."""
    heads, ends, readings = _Heads(), _Ends(), []
    every = zip(told.path, told.start, told.end, own, told.witness, told.verdict, strict=True)
    for first, last in pairwise(told.bounds):
        if last - first == 2:  # as nearly all are, and so they take half the time
            p, a, b, x, n, v = next(every)
            q, c, d, y, m, w = next(every)
            readings.append(
                f'{heads[p]}{a}, "end": {b}, "text": "{x}", "witness": {n}{ends[v and v.kind]}, '
                f'{heads[q]}{c}, "end": {d}, "text": "{y}", "witness": {m}{ends[w and w.kind]}'
            )
            continue
        several = [
            f'{heads[p]}{a}, "end": {b}, "text": "{x}", "witness": {n}{ends[v and v.kind]}'
            for p, a, b, x, n, v in islice(every, last - first)
        ]
        readings.append(", ".join(several))
    return readings


def _own(told: Entries, texts: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    """What readings say in the log: the canonical texts, or the others that differ."""
    if told.text is not told.inner:  # the newlines of files are others
        return iter(said(told.text))
    differ = np.array([verdict is not None for verdict in told.verdict])
    point = np.repeat(np.arange(len(texts)), np.diff(told.bounds))
    number = np.where(differ, len(texts) - 1 + np.cumsum(differ), point)
    return map([*texts, *others].__getitem__, number.tolist())


def _others(told: Entries, other: Sequence[str], page: Sequence[str]) -> list[str]:
    """For each point the other readings than the canonical one, each with its witnesses. `page`: as a page has them."""
    others = []
    readings = zip(other, page, compress(told.witness, told.verdict), strict=True)
    for _, canonical, differs, *_ in told.points:
        if len(differs) == 1:
            text, shown, witness = next(readings)
            if len(text) < 2 or len(canonical) < 2:  # there is no part in which they differ
                others.append(f'["{shown}",[{witness}]]')
            else:
                others.append(reading_row(text, shown, witness, canonical))
            continue
        found: dict[str, tuple[str, list[str]]] = {}
        for text, shown, witness in islice(readings, len(differs)):
            found.setdefault(text, (shown, []))[1].append(str(witness))
        others.append(
            ",".join(
                [reading_row(text, shown, ",".join(witnesses), canonical) for text, (shown, witnesses) in found.items()]
            )
        )
    return others


class _Heads(dict[str, str]):
    """What readings in files begin with."""

    def __missing__(self, path: str) -> str:
        told = self[path] = narrow(f'{{"path": {string(path)}, "start": ')
        return told


class _Ends(dict[VariantClass | None, str]):
    """What readings that differ in many ways end with."""

    def __missing__(self, kind: VariantClass | None) -> str:
        told = self[kind] = f', "class": {narrow(string(kind)) if kind else "null"}}}'
        return told


Alike = tuple[Verdict, str, float, str, bool]


class _Alike(dict[Alike, tuple[str, str, str, str]]):
    """What variants with the same verdict, vote, share and reason, and which were applied or not, have alike: in their
    lines before their places and behind their contexts, in their rows before their places and behind their readings."""

    def __missing__(self, key: Alike) -> tuple[str, str, str, str]:
        verdict, vote, share, reason, put = key
        kind, rule, tags, voted = (
            string(verdict.kind),
            string(verdict.rule),
            list(map(string, verdict.tags)),
            string(vote),
        )
        before, behind = encode.variant_parts(
            kind, ", ".join(tags), voted, bool(reason), "null", rule, put, string(reason), share
        )
        page_before, page_behind = html.variant_parts(kind, ",".join(tags), voted, bool(reason), rule, put, "null")
        told = self[key] = narrow(before), narrow(behind), narrow(page_before), narrow(page_behind)
        return told
