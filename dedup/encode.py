"""The nouns of a result -> the lines of its files of rows.

A line is a template of the contract's keys with the values put in: the same text as that of a dict of them, which would
be most of the work of writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

from dedup.batch import batches
from dedup.edits import Removal
from dedup.jsonl import string
from dedup.model import Cluster, Span, Variant, Witness
from dedup.narrow import narrow, said
from dedup.paragraphs import Paragraph, Paragraphs
from dedup.spacing import Layout

_TOGETHER = 1 << 12  # paragraphs whose texts are said together, unless a file has more
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


def paragraph_lines(paragraphs: Sequence[Paragraph]) -> Iterator[str]:
    """The `paragraph_line` of each, narrow."""
    if not isinstance(paragraphs, Paragraphs):
        yield from map(narrow, map(paragraph_line, paragraphs))
        return
    homes = [
        f'", "cluster": {narrow(_optional(cluster))}, "witnesses": {witnesses}, "source": '
        for cluster, witnesses in paragraphs.homes
    ]
    for some in batches([len(of.ids) for of in paragraphs.files], _TOGETHER):
        files = paragraphs.files[some]
        names = iter(said([*chain.from_iterable(of.ids for of in files)]))
        texts = iter(said([*chain.from_iterable(of.texts() for of in files)]))
        for of in files:
            path = narrow(string(of.path))
            opening, origin = f'", "path": {path}, "start": ', f'{{"path": {path}, "start": '
            for (_, start, end, first, last, draft), name, text in zip(of.rows(), names, texts, strict=False):
                yield (
                    f'{{"id": "{name}{opening}{start}, "end": {end}, "text": "{text}{homes[draft]}{origin}{first}, '
                    f'"end": {last}}}}}'
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
        f'{{"path": {string(path)}, "start": {start}, "end": {end}, "text": {string(text)}, "witness": {witness}, '
        f'"class": {_optional(kind)}}}'
        for path, start, end, text, witness, kind in variant.readings
    ]
    left, right = variant.context
    kind, settled = variant_parts(
        string(variant.kind),
        _listed(map(string, variant.tags)),
        string(variant.vote),
        variant.needs_review,
        _optional(variant.decision),
        string(variant.rule),
        variant.applied,
        string(variant.reason),
        variant.confidence,
    )
    return (
        f'{{"kind": "variant", "id": {string(variant.id)}, "cluster": {string(variant.cluster)}, {kind}'
        f'{variant.at[0]}, {variant.at[1]}], "text": {string(variant.text)}, "readings": [{_listed(readings)}], '
        f'"context": [{string(left)}, {string(right)}{settled}'
    )


def variant_parts(
    kind: str,
    tags: str,
    vote: str,
    needs_review: bool,
    decision: str,
    rule: str,
    applied: bool,
    reason: str,
    confidence: float,
) -> tuple[str, str]:
    """What many variants have alike in their lines: before their places and behind their contexts. Of the values the
    texts are in JSON already."""
    return f'"class": {kind}, "tags": [{tags}], "at": [', (
        f'], "vote": {vote}, "needs_review": {_TRUTH[needs_review]}, "decision": {decision}, "rule": {rule}, '
        f'"applied": {_TRUTH[applied]}, "reason": {reason}, "confidence": {confidence}}}'
    )


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
        f'{{"kind": "layout", "cluster": null, "path": {string(path)}, "start": {start}, "end": {end}, '
        f'"text": {string(text)}, "canonical": {string(canonical)}}}'
    )


def layout_lines(path: str, start: list[int], end: list[int], text: list[str], canonical: list[str]) -> list[str]:
    """The `layout_line` of each of several at one path, narrow."""
    opening = narrow(f'{{"kind": "layout", "cluster": null, "path": {string(path)}, "start": ')
    columns = zip(start, end, map(_said_often, text), map(_said_often, canonical), strict=True)
    return [f'{opening}{a}, "end": {b}, "text": "{had}", "canonical": "{new}"}}' for a, b, had, new in columns]


@lru_cache(maxsize=4096)
def _said_often(text: str) -> str:
    """A text that comes again and again in JSON, narrow, without the quotes around it."""
    return narrow(string(text)[1:-1])


def _place(span: Span) -> str:
    path, start, end = span
    return f'"path": {string(path)}, "start": {start}, "end": {end}'


def _witness(witness: Witness) -> str:
    (path, start, end), line, similarity, status, tiers, key = witness
    return (
        f'{{"path": {_often(path)}, "start": {start}, "end": {end}, "line": {line}, "similarity": {similarity}, '
        f'{_found(status, tiers)}, "key": {string(key)}}}'
    )


@lru_cache(maxsize=64)
def _found(status: str, tiers: tuple[str, ...]) -> str:
    return f'"status": {string(status)}, "tiers": [{_listed(map(string, tiers))}]'


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values)


def _optional(text: str | None) -> str:
    return "null" if text is None else string(text)
