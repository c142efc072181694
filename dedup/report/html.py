"""A merge's result, its manifest and its sources -> the review page: one HTML file that needs nothing else.

The page is a template with a style sheet, a script and the data in it. The script, put together from the files in
`page/`, sets all text as text nodes, and the page's policy lets no other style and script run, nor anything be
fetched but from the server that served it: what stands in a source stays text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from importlib import resources
from itertools import pairwise
from typing import Any

from rapidfuzz.distance import Levenshtein

from dedup.edits import Removal
from dedup.fold import fold
from dedup.jsonl import string
from dedup.model import Cluster, Newline, Variant, VariantClass, Witness
from dedup.report.language import language
from dedup.report.stretches import inner

Row = Mapping[str, Any]
"""A manifest, or a line of decisions.jsonl."""

SHOWN = 50_000  # passages on a page; of more, those that need review and then the longest
CONTEXT = 60  # characters of a source shown on either side of a witness
_SAMPLE = 400  # characters of a text that its language is guessed from
_ALIGNED = 1_000_000  # product of the lengths up to which two readings are compared letter by letter
_ALIKE = 0.4  # readings that share less are shown as wholly different

_SCRIPTS = (
    "data", "words", "elements", "state", "decisions", "filter", "list", "text", "witnesses", "apparatus", "table",
    "passage", "overview", "map", "dotplot", "keys", "serve", "begin",
)  # fmt: skip
_STYLES = ("look", "list", "passage", "overview", "screen")

_POLICY = (
    "default-src 'none'; img-src data:; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
    "connect-src {connect}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
_UNSAFE = re.compile("[<>&\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""What ends a script element or a line of one, turns the text of the page's source around, or is no UTF-8."""


def html(
    clusters: Iterable[Cluster],
    removals: Iterable[Removal],
    manifest: Row,
    texts: Mapping[str, str] | None = None,
    decisions: Iterable[Row] = (),
    *,
    served: bool = False,
) -> str:
    """The review page of what a merge found and took out, with the decisions that were made.

    `texts`: path -> text of a source with its own newlines; where they are given, each witness is shown with what
    stands around it. A `served` page sends its decisions to where it came from. The same bytes for the same result;
    the text is ready for UTF-8 with newlines as they are.
    """
    style = "".join(_part(f"{name}.css") for name in _STYLES)
    script = '"use strict";\n{\n' + "\n".join(_part(f"{name}.js") for name in _SCRIPTS) + "}\n"
    connect = "'self'" if served else "'none'"
    parts = {
        "policy": _POLICY.format(style=_digest(style), script=_digest(script), connect=connect),
        "style": style,
        "script": script,
        "data": _data(clusters, removals, manifest, texts or {}, decisions, served),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _part("page.html.in"))


def _part(name: str) -> str:
    return resources.files("dedup.report").joinpath("page", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(value: Any) -> str:
    return _safe(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _data(
    clusters: Iterable[Cluster],
    removals: Iterable[Removal],
    manifest: Row,
    texts: Mapping[str, str],
    decisions: Iterable[Row],
    served: bool,
) -> str:
    """The page's data as JSON, a cluster a line. Rows are lists; page/data.js names their fields."""
    every = list(clusters)
    shown = _foremost(every)
    removed: Counter[str] = Counter()
    for removal in removals:
        removed[removal.path] += removal.end - removal.start
    inputs = manifest["inputs"]
    newlines: dict[str, Newline] = {row["path"]: row["newline"] for row in inputs}
    paths = sorted({witness.span.path for cluster in shown for witness in cluster.witnesses})
    number = {path: n for n, path in enumerate(paths)}
    starts = fold([cluster.text for cluster in shown]).starts.tolist()
    rows = (
        _safe(_cluster(cluster, end - start, number, newlines, texts))
        for cluster, (start, end) in zip(shown, pairwise(starts), strict=True)
    )
    head = {
        "manifest": {**manifest, "containers": []},
        "classes": [str(kind) for kind in VariantClass],
        "removed": dict(sorted(removed.items())),
        "paths": paths,
        "id": hashlib.sha256("".join(row["sha256"] for row in inputs).encode()).hexdigest()[:12],
        "served": served,
        "decisions": list(decisions),
        "omitted": len(every) - len(shown),
    }
    return _json(head)[:-1] + ',"clusters":[\n' + ",\n".join(rows) + "\n]}"


def _foremost(clusters: list[Cluster]) -> list[Cluster]:
    """As many clusters as a page shows, in their order."""
    if len(clusters) <= SHOWN:
        return clusters
    order = sorted(range(len(clusters)), key=lambda n: (not clusters[n].needs_review, -len(clusters[n].text), n))
    return [clusters[n] for n in sorted(order[:SHOWN])]


def _cluster(
    cluster: Cluster,
    letters: int,
    number: Mapping[str, int],
    newlines: Mapping[str, Newline],
    texts: Mapping[str, str],
) -> str:
    lang = language(cluster.text[:_SAMPLE])
    witnesses = [_witness(of, number[of.span.path], texts.get(of.span.path), lang) for of in cluster.witnesses]
    variants = [_variant(of, newlines) for of in cluster.variants]
    return (
        f'[{string(cluster.id)},"{cluster.relation}","{lang}",{letters},{cluster.confidence},'
        f"{cluster.needs_review:d},{string(cluster.text)},[{_listed(witnesses)}],[{_listed(variants)}]]"
    )


def _witness(witness: Witness, number: int, text: str | None, lang: str) -> str:
    start, end = witness.span.start, witness.span.end
    left = right = ""
    if text is not None:
        left, right = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
        lang = language(text[start : min(end, start + _SAMPLE)])
    return (
        f'[{number},{start},{end},{witness.line},{witness.similarity},"{witness.status}",'
        f'[{_listed(map(string, witness.tiers))}],"{lang}",[{string(left)},{string(right)}],{string(witness.key)}]'
    )


def _variant(variant: Variant, newlines: Mapping[str, Newline]) -> str:
    """A variant with each other reading once: its text, the numbers of its witnesses, and where it differs."""
    canonical = variant.text
    other: dict[str, list[int]] = defaultdict(list)
    for reading in variant.readings:
        text = inner(reading.text, newlines[reading.path])
        if text != canonical:
            other[text].append(reading.witness)
    readings = [
        f"[{string(text)},[{_listed(map(str, numbers))}]{_blocks(canonical, text)}]" for text, numbers in other.items()
    ]
    start, end = variant.at
    decision = "null" if variant.decision is None else string(variant.decision)
    return (
        f'[{string(variant.id)},"{variant.kind}",[{_listed(map(string, variant.tags))}],{start},{end},'
        f"{string(canonical)},[{_listed(readings)}],{string(variant.vote)},{variant.needs_review:d},"
        f"{string(variant.rule)},{variant.applied:d},{decision}]"
    )


def _blocks(canonical: str, reading: str) -> str:
    """The blocks `[from, to, from, to]` where a reading differs as one more value, or none where all of it does."""
    if min(len(canonical), len(reading)) < 2 or len(canonical) * len(reading) > _ALIGNED:
        return ""
    ops = Levenshtein.opcodes(canonical, reading)
    equal = sum(op.src_end - op.src_start for op in ops if op.tag == "equal")
    if equal < _ALIKE * max(len(canonical), len(reading)):
        return ""
    blocks = (f"[{op.src_start},{op.src_end},{op.dest_start},{op.dest_end}]" for op in ops if op.tag != "equal")
    return f",[{_listed(blocks)}]"


def _listed(values: Iterable[str]) -> str:
    return ",".join(values)
