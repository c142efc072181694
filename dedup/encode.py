"""The nouns of a result -> the lines of its files of rows.

A line is a template of the contract's keys with the values put in: the same text as that of a dict of them, which would
be most of the work of writing.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from operator import itemgetter
from typing import Any

from dedup.edits import Layout, Removal
from dedup.jsonl import string
from dedup.model import Cluster, Span, Variant, Witness
from dedup.paragraphs import Paragraph

_TRUTH = {False: "false", True: "true"}
_often = lru_cache(maxsize=1024)(string)  # of texts that come again and again


def paragraph_line(paragraph: Paragraph) -> str:
    """A line of corpus.jsonl."""
    name, (path, start, end), text, cluster, witnesses, (origin, first, last) = paragraph
    return (
        f'{{"id": {string(name)}, "path": {_often(path)}, "start": {start}, "end": {end}, "text": {string(text)}, '
        f'"cluster": {"null" if cluster is None else string(cluster)}, "witnesses": {witnesses}, '
        f'"source": {{"path": {_often(origin)}, "start": {first}, "end": {last}}}}}'
    )


def cluster_line(cluster: Cluster, *, text: bool = True, variants: bool = False) -> str:
    """A line of clusters.jsonl, without its text or with its variants if that is asked for."""
    return (
        f'{{"id": {string(cluster.id)}, "relation": {string(cluster.relation)}, '
        + (f'"text": {string(cluster.text)}, ' if text else "")
        + f'"home": {{{_place(cluster.home)}}}, "confidence": {cluster.confidence}, '
        f'"needs_review": {_TRUTH[cluster.needs_review]}, "witnesses": [{_listed(map(_witness, cluster.witnesses))}], '
        f'"decision": {_optional(cluster.decision)}, "unseen": [{_listed(map(string, cluster.unseen))}]'
        + (f', "variants": [{_listed(map(variant_line, cluster.variants))}]' if variants else "")
        + "}"
    )


def variant_line(variant: Variant) -> str:
    """A line of diff.jsonl that says where witnesses differ."""
    readings = [
        reading_text(string(path), start, end, string(text), witness, _optional(kind))
        for path, start, end, text, witness, kind in variant.readings
    ]
    left, right = variant.context
    return variant_text(
        string(variant.id),
        string(variant.cluster),
        string(variant.kind),
        _listed(map(string, variant.tags)),
        variant.at,
        string(variant.text),
        _listed(readings),
        f"{string(left)}, {string(right)}",
        string(variant.vote),
        variant.needs_review,
        _optional(variant.decision),
        string(variant.rule),
        variant.applied,
        string(variant.reason),
        variant.confidence,
    )


def variant_text(
    name: str,
    cluster: str,
    kind: str,
    tags: str,
    at: tuple[int, int],
    text: str,
    readings: str,
    context: str,
    vote: str,
    needs_review: bool,
    decision: str,
    rule: str,
    applied: bool,
    reason: str,
    confidence: float,
) -> str:
    """The line of a variant of whose values the texts are in JSON already."""
    return (
        f'{{"kind": "variant", "id": {name}, "cluster": {cluster}, "class": {kind}, "tags": [{tags}], '
        f'"at": [{at[0]}, {at[1]}], "text": {text}, "readings": [{readings}], "context": [{context}], "vote": {vote}, '
        f'"needs_review": {_TRUTH[needs_review]}, "decision": {decision}, "rule": {rule}, '
        f'"applied": {_TRUTH[applied]}, "reason": {reason}, "confidence": {confidence}}}'
    )


def reading_text(path: str, start: int, end: int, text: str, witness: int, kind: str) -> str:
    """A reading in the line of a variant, of whose values the texts are in JSON already."""
    return f'{{"path": {path}, "start": {start}, "end": {end}, "text": {text}, "witness": {witness}, "class": {kind}}}'


def removal_line(removal: Removal) -> str:
    """A line of diff.jsonl that says what left the corpus."""
    path, start, end, cluster, text = removal
    return (
        f'{{"kind": "removal", "cluster": {_optional(cluster)}, "path": {string(path)}, '
        f'"start": {start}, "end": {end}, "text": {_optional(text)}}}'
    )


def layout_line(layout: Layout) -> str:
    """A line of diff.jsonl that says where the corpus has other space than the source."""
    path, start, end, text, canonical = layout
    return (
        f'{{"kind": "layout", "cluster": null, "path": {_often(path)}, "start": {start}, "end": {end}, '
        f'"text": {_often(text)}, "canonical": {_often(canonical)}}}'
    )


Placed = tuple[tuple[Any, ...], str]
"""A line of diff.jsonl, behind what puts it in order among those of its path."""


def placed(variant_start: int, cluster: str, at: tuple[int, int], line: str) -> Placed:
    """A variant's line: it stands where the home of its cluster has it."""
    return (variant_start, 0, cluster, at), line


def diff_lines(variants: Iterable[Placed], removals: Iterable[Removal], layouts: Iterable[Layout]) -> list[str]:
    """The lines of diff.jsonl that stand at one path, by place."""
    told = list(variants)
    told += [((of.start, 1, of.end), removal_line(of)) for of in removals]
    told += [((of.start, 2, of.end), layout_line(of)) for of in layouts]
    return [line for _, line in sorted(told, key=itemgetter(0))]


def _place(span: Span) -> str:
    path, start, end = span
    return f'"path": {string(path)}, "start": {start}, "end": {end}'


def _witness(witness: Witness) -> str:
    span, line, similarity, status, tiers, key = witness
    return (
        f'{{{_place(span)}, "line": {line}, "similarity": {similarity}, "status": {string(status)}, '
        f'"tiers": [{_listed(map(string, tiers))}], "key": {string(key)}}}'
    )


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values)


def _optional(text: str | None) -> str:
    return "null" if text is None else string(text)
