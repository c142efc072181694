"""A merge -> the lines of its diff log and the rows of its review page, made by several processes.

Both are made from the variants, which take much of the work and are made once for both. What stands in one file needs
nothing of what stands in another, and the log is sorted by path: so a file's part of it is a piece of work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from dedup.edits import Layout, Removal
from dedup.encode import diff_lines
from dedup.jsonl import encoded
from dedup.merge import Merged
from dedup.model import Cluster
from dedup.pool import spread
from dedup.report.html import Scope, page_rows


@dataclass(frozen=True, slots=True)
class _Part:
    """What is told at one path: the clusters at home there, and what was done to its text."""

    clusters: list[Cluster] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    layouts: list[Layout] = field(default_factory=list)


def tell(merged: Merged, scope: Scope, jobs: int) -> Iterator[tuple[bytes, dict[str, str]]]:
    """For each path in order, the lines of diff.jsonl that stand there, and the page's rows of the clusters at home
    there, by id. The same whatever `jobs` there are."""
    parts: dict[str, _Part] = defaultdict(_Part)
    for cluster in merged.clusters:
        parts[cluster.home.path].clusters.append(cluster)
    for removal in merged.removals:
        parts[removal.path].removals.append(removal)
    for layout in merged.layouts:
        parts[layout.path].layouts.append(layout)
    work = sum(len(cluster.text) * len(cluster.witnesses) for cluster in merged.clusters)
    with spread(_told, (parts, scope), sorted(parts), work, jobs) as told:
        yield from told


def _told(shared: tuple[Mapping[str, _Part], Scope], path: str) -> tuple[bytes, dict[str, str]]:
    parts, scope = shared
    part = parts[path]
    clusters = [replace(cluster, variants=tuple(cluster.variants)) for cluster in part.clusters]
    return encoded(diff_lines(clusters, part.removals, part.layouts)), page_rows(clusters, scope)
