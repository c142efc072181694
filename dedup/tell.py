"""A merge -> the lines of its diff log and the rows of its review page, made by several processes.

Both are made from the variants, which take much of the work and are made once for both. What stands in one file needs
nothing of what stands in another, and the log is sorted by path: so a file's part of it is a piece of work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain, compress, islice, pairwise, repeat
from typing import TypeVar

import numpy as np

from dedup import encode
from dedup.account import Variants, entries_of
from dedup.draft import REMOVABLE
from dedup.edits import Columns, Removal
from dedup.encode import layout_lines, removal_line, variant_line
from dedup.entries import Entries
from dedup.jsonl import string
from dedup.merge import Merged
from dedup.model import Cluster
from dedup.narrow import narrow, pieces, said
from dedup.pool import spread
from dedup.report import html
from dedup.report.html import Scope, page_rows, page_texts, reading_row
from dedup.variant import Verdict
from dedup.vote import CONTEXT

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Part:
    """What is told at one path: the clusters at home there, and what was done to its text."""

    clusters: list[Cluster] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    layouts: Columns = ([], [], [], [])


@contextmanager
def telling(merged: Merged, scope: Scope, jobs: int) -> Iterator[Iterator[tuple[list[bytes], dict[str, bytes]]]]:
    """For each path in order, the lines of diff.jsonl that stand there, in pieces, and the page's rows of the clusters
    at home there, by id. The same whatever `jobs` there are; others are at it from the beginning of the block."""
    parts: dict[str, _Part] = defaultdict(_Part)
    for cluster in merged.clusters:
        parts[cluster.home.path].clusters.append(cluster)
    for removal in merged.removals:
        parts[removal.path].removals.append(removal)
    for path, layouts in merged.layouts.of.items():
        parts[path] = replace(parts[path], layouts=layouts)
    work = sum(len(cluster.text) * len(cluster.witnesses) for cluster in merged.clusters)
    with spread(_told, (parts, scope), sorted(parts), work, jobs) as told:
        yield told


def _told(shared: tuple[Mapping[str, _Part], Scope], path: str) -> tuple[list[bytes], dict[str, bytes]]:
    parts, scope = shared
    part = parts[path]
    log = _Log(sorted(of.id for of in part.clusters))
    lazy = [of for of in part.clusters if isinstance(of.variants, Variants)]
    rows = _tell(lazy, log) if lazy else {}
    for cluster in part.clusters:
        if cluster.id not in rows:
            for of in cluster.variants:
                log.add(cluster.id, [of.start], [narrow(variant_line(of))])
    log.add("removal", [of.start for of in part.removals], map(narrow, map(removal_line, part.removals)))
    log.add("layout", part.layouts[0], layout_lines(path, *part.layouts))
    page = page_rows(part.clusters, scope, rows)
    return list(pieces(log.in_order())), {name: row.encode("latin-1") for name, row in page.items()}


class _Log:
    """Lines of the log at one path: at one place those of clusters stand first, by id, and then what else is told."""

    def __init__(self, ids: Iterable[str]):
        self.rank = {name: rank for rank, name in enumerate([*ids, "removal", "layout"])}
        self.ranks: list[int] = []
        self.starts: list[int] = []
        self.lines: list[str] = []

    def add(self, what: str, starts: Sequence[int], lines: Iterable[str]) -> None:
        """Add lines about one cluster, or the removals or layouts, in order."""
        self.starts += starts
        self.lines += lines
        self.ranks += repeat(self.rank[what], len(starts))

    def in_order(self) -> Iterator[str]:
        """The lines by place."""
        return map(self.lines.__getitem__, np.lexsort((self.ranks, self.starts)).tolist())


def _tell(clusters: Sequence[Cluster], log: _Log) -> dict[str, list[str]]:
    """Add the lines of clusters' variants, and give their rows: those that `variant_line` and `page_rows` make of them,
    without making these first and without saying anything twice."""
    variants = [of.variants for of in clusters if isinstance(of.variants, Variants)]
    told = entries_of(variants)
    counts = list(map(len, variants))
    texts = _each([of.text for of in clusters], counts)
    around: list[str] = []
    for text, ((first, last), *_) in zip(texts, told.points, strict=True):
        around += text[first - CONTEXT if first > CONTEXT else 0 : first], text[last : last + CONTEXT]
    contexts = said(around)
    canonical = [text for _, text, *_ in told.points]
    shown, page = page_texts(canonical), page_texts(told.inner)
    paths, kinds, alike = _Paths(), _Kinds(), _Alike()
    readings = [
        f'{paths[path]}{start}, "end": {end}, "text": "{text}", "witness": {witness}{kinds[verdict]}'
        for path, start, end, text, witness, verdict in zip(
            told.path, told.start, told.end, said(told.text), told.witness, told.verdict, strict=True
        )
    ]
    others = _others(told, page)
    ids = said([of.id for of in clusters])
    openings = _each([f'{{"kind": "variant", "id": "{name}.' for name in ids], counts)
    named = _each([f'", "cluster": "{name}", ' for name in ids], counts)
    page_ids = _each([f'["{name}.' for name in page_texts([of.id for of in clusters])], counts)
    applied = [n in of.applied for of, count in zip(variants, counts, strict=True) for n in range(count)]
    removable = _each([of.relation in REMOVABLE for of in clusters], counts)
    same = [
        alike[verdict, vote, share, reason if removed else "", put]
        for (_, _, _, _, verdict, vote, share, reason), removed, put in zip(
            told.points, removable, applied, strict=True
        )
    ]
    columns = zip(
        told.points, told.marks, said(canonical), told.bounds, told.bounds[1:], contexts[::2], contexts[1::2], same,
        openings, named, strict=False,
    )  # fmt: skip
    lines = [
        f'{opening}{mark}{name}{kind}{first}, {last}], "text": "{text}", "readings": '
        f'[{", ".join(readings[low:high])}], "context": ["{left}", "{right}"{settled}'
        for ((first, last), *_), mark, text, low, high, left, right, (kind, settled, _, _), opening, name in columns
    ]
    page_columns = zip(told.points, told.marks, shown, others, same, page_ids, strict=True)
    rows = [
        f'{page_id}{mark}",{kind}{first},{last},"{text}",[{other}]{settled}'
        for ((first, last), *_), mark, text, other, (_, _, kind, settled), page_id in page_columns
    ]
    ends = list(accumulate(counts, initial=0))
    of_clusters = {cluster.id: slice(*of) for cluster, of in zip(clusters, pairwise(ends), strict=True)}
    for name, own in of_clusters.items():
        log.add(name, told.starts[own], lines[own])
    return {name: rows[own] for name, own in of_clusters.items()}


def _each(values: Iterable[T], counts: Iterable[int]) -> Iterator[T]:
    """Each value so many times."""
    return chain.from_iterable(map(repeat, values, counts))


def _others(told: Entries, page: Sequence[str]) -> list[str]:
    """For each point the other readings than the canonical one, each with its witnesses."""
    others = []
    readings = compress(zip(told.inner, page, told.witness, strict=True), told.verdict)
    for _, canonical, differs, *_ in told.points:
        if len(differs) == 1:
            text, shown, witness = next(readings)
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


class _Paths(dict[str, str]):
    """What readings in files begin with."""

    def __missing__(self, path: str) -> str:
        told = self[path] = narrow(f'{{"path": {string(path)}, "start": ')
        return told


class _Kinds(dict[Verdict | None, str]):
    """What readings that differ in many ways end with."""

    def __missing__(self, verdict: Verdict | None) -> str:
        kind = narrow(string(verdict.kind)) if verdict else "null"
        told = self[verdict] = f', "class": {kind}}}'
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
