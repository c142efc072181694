"""Clusters -> an alignment table as CSV: a row a stretch of text, a column a witness."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from dedup.model import Cluster, Newline
from dedup.report.stretches import collated, stretches

HEAD = ("passage", "variant", "class", "review", "text")
"""The columns before the witnesses: `text` is canonical."""


def table(clusters: Sequence[Cluster], newlines: Mapping[str, Newline]) -> Iterator[str]:
    """The table, a row a piece. The first row of a passage, of the class `witnesses`, says which place each column
    is; below it, a column read downwards is that place's text. What has no alignment is left out."""
    clusters = collated(clusters)
    most = max((len(cluster.witnesses) for cluster in clusters), default=0)
    yield _row([*HEAD, *(f"witness {number}" for number in range(1, most + 1))])
    for cluster in clusters:
        blank = [""] * (most - len(cluster.witnesses))
        places = [f"{of.span.path}:{of.span.start}-{of.span.end}" for of in cluster.witnesses]
        yield _row([cluster.id, "", "witnesses", "", "", *places, *blank])
        for stretch in stretches(cluster, newlines):
            variant = stretch.variant
            what = (
                (variant.id, str(variant.kind), "review" if variant.needs_review else "") if variant else ("", "", "")
            )
            yield _row([cluster.id, *what, stretch.text, *stretch.readings, *blank])


def _row(cells: Sequence[str]) -> str:
    row = io.StringIO()
    csv.writer(row, lineterminator="\r\n").writerow(cells)  # which has it quote both
    return row.getvalue()[:-2] + "\n"
