"""A merge -> the lines of its diff log and the rows of its review page, made by several processes.

Both are made from the variants, which take much of the work and are made once for both. What stands in one file needs
nothing of what stands in another, and the log is sorted by path: so a file's part of it is a piece of work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from dedup.account import Variants, entries_of
from dedup.draft import REMOVABLE
from dedup.edits import Layout, Removal
from dedup.encode import Placed, diff_lines, placed, reading_text, variant_line, variant_text
from dedup.entries import Entry
from dedup.jsonl import pieces, string
from dedup.merge import Merged
from dedup.model import Cluster
from dedup.pool import spread
from dedup.read.decode import restore_newlines
from dedup.report.html import Scope, page_rows, reading_row, variant_row
from dedup.vote import CONTEXT


@dataclass(frozen=True, slots=True)
class _Part:
    """What is told at one path: the clusters at home there, and what was done to its text."""

    clusters: list[Cluster] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    layouts: list[Layout] = field(default_factory=list)


@contextmanager
def telling(merged: Merged, scope: Scope, jobs: int) -> Iterator[Iterator[tuple[list[bytes], dict[str, bytes]]]]:
    """For each path in order, the lines of diff.jsonl that stand there, in pieces, and the page's rows of the clusters
    at home there, by id. The same whatever `jobs` there are; others are at it from the beginning of the block."""
    parts: dict[str, _Part] = defaultdict(_Part)
    for cluster in merged.clusters:
        parts[cluster.home.path].clusters.append(cluster)
    for removal in merged.removals:
        parts[removal.path].removals.append(removal)
    for layout in merged.layouts:
        parts[layout.path].layouts.append(layout)
    work = sum(len(cluster.text) * len(cluster.witnesses) for cluster in merged.clusters)
    with spread(_told, (parts, scope), sorted(parts), work, jobs) as told:
        yield told


def _told(shared: tuple[Mapping[str, _Part], Scope], path: str) -> tuple[list[bytes], dict[str, bytes]]:
    parts, scope = shared
    part = parts[path]
    lines: list[Placed] = []
    rows: dict[str, list[str]] = {}
    made = entries_of([of.variants for of in part.clusters if isinstance(of.variants, Variants)])
    said = _Said()
    for cluster in part.clusters:
        if isinstance(cluster.variants, Variants):
            of_cluster, rows[cluster.id] = _both(cluster, cluster.variants.applied, next(made), scope, said)
            lines += of_cluster
        else:
            lines += [placed(of.start, cluster.id, of.at, variant_line(of)) for of in cluster.variants]
    page = {name: row.encode("utf-8") for name, row in page_rows(part.clusters, scope, rows).items()}
    return list(pieces(diff_lines(lines, part.removals, part.layouts))), page


class _Said(dict[str, str]):
    """Texts that come again and again, as JSON says them."""

    def __missing__(self, text: str) -> str:
        told = self[text] = string(text)
        return told


def _both(
    cluster: Cluster, applied: frozenset[int], entries: Iterable[Entry], scope: Scope, said: _Said
) -> tuple[list[Placed], list[str]]:
    """A cluster's entries as lines of the log and as rows of the page: those that `variant_line` and `page_rows` make
    of its variants, without making these first and without saying anything twice."""
    lines: list[Placed] = []
    rows: list[str] = []
    text, cluster_id = cluster.text, said[cluster.id]
    paths = [said[witness.span.path] for witness in cluster.witnesses]
    newlines = [scope.newlines[witness.span.path] for witness in cluster.witnesses]
    longer = not {"\n", ""}.issuperset(newlines)
    removable = cluster.relation in REMOVABLE
    for number, (mark, point, has, begin) in enumerate(entries):
        canonical, at, (kind, tags, _, rule) = point.text, point.at, point.verdict
        canonical_said = string(canonical)
        readings = []
        other: dict[str, tuple[str, list[int]]] = {}
        for witness, start, end, own, verdict in has:
            if own == canonical:
                own_said = canonical_said
            elif own in other:
                own_said, witnesses = other[own]
                witnesses.append(witness)
            else:
                own_said = string(own)
                other[own] = own_said, [witness]
            if longer:
                own_said = string(restore_newlines(own, newlines[witness]))
            differs = said[verdict[0]] if verdict else "null"
            readings.append(reading_text(paths[witness], start, end, own_said, witness, differs))
        first, last = at
        left, right = text[first - CONTEXT if first > CONTEXT else 0 : first], text[last : last + CONTEXT]
        name, kind_said, rule_said, vote = f'{cluster_id[:-1]}.{mark}"', said[kind], said[rule], said[point.vote]
        tags_said = [said[tag] for tag in tags] if tags else ()
        reason, put = point.reason if removable else "", number in applied
        line = variant_text(
            name, cluster_id, kind_said, ", ".join(tags_said), at, canonical_said, ", ".join(readings),
            f"{string(left)}, {string(right)}", vote, bool(reason), "null", rule_said, put, said[reason], point.share,
        )  # fmt: skip
        lines.append(placed(begin, cluster.id, at, line))
        others = [reading_row(own, own_said, witnesses, canonical) for own, (own_said, witnesses) in other.items()]
        row = variant_row(
            name, kind_said, ",".join(tags_said), at, canonical_said, others, vote, bool(reason), rule_said, put,
            "null",
        )  # fmt: skip
        rows.append(row)
    return lines, rows
