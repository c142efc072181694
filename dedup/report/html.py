"""A merge's result, its manifest and its sources -> the review page: one HTML file that needs nothing beside it.

The page is a template with a style sheet, a script and the data in it. The script sets all text as text nodes, and
the page's policy lets no other style and script run, nor anything be fetched: what stands in a source stays text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from importlib import resources
from itertools import pairwise
from typing import Any

from dedup.fold import fold
from dedup.merge import Merged
from dedup.model import Cluster, Newline, Source, Variant, VariantClass, Witness
from dedup.read.decode import restore_newlines
from dedup.report.language import language

CONTEXT = 32  # characters of a source shown on either side of a witness
_ENDS = 10  # characters of a long witness shown at its beginning and its end
_SAMPLE = 400  # characters of a text that its language is guessed from

_POLICY = (
    "default-src 'none'; img-src data:; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_UNSAFE = re.compile("[<>&\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""What ends a script element or a line of one, turns the text of the page's source around, or is no UTF-8."""


def html(merged: Merged, manifest: dict[str, Any], sources: Iterable[Source] = ()) -> str:
    """The review page. Where `sources` are given, each witness is shown with what stands around it.

    The same bytes for the same result. The text is ready for UTF-8 with newlines as they are.
    """
    style, script = _part("report.css"), _part("report.js")
    parts = {
        "policy": _POLICY.format(style=_digest(style), script=_digest(script)),
        "style": style,
        "script": script,
        "data": _data(merged, manifest, {source.path: source for source in sources}),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _part("report.html.in"))


def _part(name: str) -> str:
    return resources.files("dedup.report").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _data(merged: Merged, manifest: dict[str, Any], sources: dict[str, Source]) -> str:
    """The page's data as JSON, a cluster a line. Rows are lists; report.js names their fields."""
    paths = sorted({witness.span.path for cluster in merged.clusters for witness in cluster.witnesses})
    number = {path: n for n, path in enumerate(paths)}
    newlines: dict[str, Newline] = {row["path"]: row["newline"] for row in manifest["inputs"]}
    texts = {path: restore_newlines(source.text, source.newline) for path, source in sources.items() if path in number}
    starts = fold([cluster.text for cluster in merged.clusters]).starts.tolist()
    rows = (
        _cluster(cluster, end - start, number, newlines, texts)
        for cluster, (start, end) in zip(merged.clusters, pairwise(starts), strict=True)
    )
    removed: Counter[str] = Counter()
    for removal in merged.removals:
        removed[removal.path] += removal.end - removal.start
    head = {
        "manifest": manifest,
        "classes": [str(kind) for kind in VariantClass],
        "removed": dict(sorted(removed.items())),
        "paths": paths,
    }
    return _json(head)[:-1] + ',"clusters":[\n' + ",\n".join(map(_json, rows)) + "\n]}"


def _cluster(
    cluster: Cluster,
    letters: int,
    number: dict[str, int],
    newlines: dict[str, Newline],
    texts: dict[str, str],
) -> list[Any]:
    lang = language(cluster.text[:_SAMPLE])
    return [
        cluster.id,
        str(cluster.relation),
        lang,
        letters,
        cluster.confidence,
        int(cluster.needs_review),
        cluster.text,
        [_witness(witness, number, texts.get(witness.span.path), lang) for witness in cluster.witnesses],
        [_variant(variant, cluster, newlines) for variant in cluster.variants],
    ]


def _witness(witness: Witness, number: dict[str, int], text: str | None, lang: str) -> list[Any]:
    span = witness.span
    around = ["", "", "", ""]
    if text is not None:
        head, tail = span.end, span.end
        if span.end - span.start > 2 * _ENDS + 4:
            head, tail = span.start + _ENDS, span.end - _ENDS
        bounds = (max(0, span.start - CONTEXT), span.start, head, tail, span.end, span.end + CONTEXT)
        left, first, _, last, right = (text[a:b] for a, b in pairwise(bounds))
        around = [left, first, last, right]
        lang = language(text[span.start : min(span.end, span.start + _SAMPLE)])
    return [
        number[span.path],
        span.start,
        span.end,
        witness.line,
        witness.similarity,
        str(witness.status),
        list(witness.tiers),
        lang,
        around,
    ]


def _variant(variant: Variant, cluster: Cluster, newlines: dict[str, Newline]) -> list[Any]:
    readings = [[reading.witness, _plain(reading.text, newlines[reading.path])] for reading in variant.readings]
    return [
        variant.id,
        str(variant.kind),
        list(variant.tags),
        *variant.at,
        variant.text,
        readings,
        variant.vote,
        int(variant.needs_review),
        variant.rule,
        int(variant.applied),
        variant.decision,
    ]


def _plain(text: str, newline: Newline) -> str:
    """A reading with the newlines that the canonical text has."""
    return text.replace(newline, "\n") if newline in ("\r\n", "\r") else text
