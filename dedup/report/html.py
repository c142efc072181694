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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import islice
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from dedup.edits import Removal
from dedup.fold import fold
from dedup.jsonl import string
from dedup.model import Cluster, Newline, Status, Tier, Variant, VariantClass, Witness
from dedup.narrow import narrow, said, wide
from dedup.report.language import languages
from dedup.report.stretches import inner

Row = Mapping[str, Any]
"""A manifest, or a line of decisions.jsonl."""

SHOWN = 50_000  # passages on a page; of more, those that need review and then the longest
CONTEXT = 60  # characters of a source shown on either side of a witness
_SAMPLE = 400  # characters of a text that its language is guessed from
BETWEEN = ",\n"
"""What stands between the rows of two clusters: a cluster a line."""

_ROWS = "\0"  # stands where the rows come
_ALIGNED = 1_000_000  # product of the lengths up to which two readings are compared letter by letter
_BIT = {False: "0", True: "1"}
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


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page's rows are made of beside their clusters. `letters`: of the text of each that is shown, by id.
    `paths`: the number of each path on the page. `newlines`, `texts`: of sources, the texts with their own newlines."""

    letters: Mapping[str, int]
    paths: Mapping[str, int]
    newlines: Mapping[str, Newline]
    texts: Mapping[str, str]


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
    clusters = list(clusters)
    scope = scope_of(clusters, manifest, texts or {})
    before, after = frame(len(clusters), removals, manifest, scope, decisions, served=served)
    return before + wide(BETWEEN.join(page_rows(clusters, scope).values())) + after


def scope_of(clusters: Sequence[Cluster], manifest: Row, texts: Mapping[str, str]) -> Scope:
    """What the rows of a page with these clusters are made of beside them."""
    shown = _foremost(clusters)
    paths = sorted({witness.span.path for cluster in shown for witness in cluster.witnesses})
    return Scope(
        letters=dict(
            zip([cluster.id for cluster in shown], letters_of([cluster.text for cluster in shown]), strict=True)
        ),
        paths={path: number for number, path in enumerate(paths)},
        newlines={row["path"]: row["newline"] for row in manifest["inputs"]},
        texts=texts,
    )


def letters_of(texts: Sequence[str]) -> list[int]:
    """How many letters each text has: counted in one text of them all, for most are short."""
    ends = np.cumsum([len(text) + 1 for text in texts], dtype=np.int32)
    letters = fold(["\n".join(texts)]).offsets.searchsorted(ends)  # nothing joins over the end of a line
    counts: list[int] = np.diff(letters, prepend=0).tolist()
    return counts


def page_rows(
    clusters: Iterable[Cluster], scope: Scope, variants: Mapping[str, Sequence[str]] | None = None
) -> dict[str, str]:
    """The rows of the clusters that are shown, by their ids, narrow. Rows are lists; page/data.js names their fields.

    `variants`: those of clusters whose variants were made into rows already, by their ids.
    """
    shown = [cluster for cluster in clusters if cluster.id in scope.letters]
    samples = [[_sample(witness, cluster, scope) for witness in cluster.witnesses] for cluster in shown]
    distinct = list({cluster.text[:_SAMPLE]: None for cluster in shown} | {text: None for of in samples for text in of})
    tags = dict(zip(distinct, languages(distinct), strict=True))
    names = page_texts([cluster.id for cluster in shown])
    texts = page_texts([cluster.text for cluster in shown])
    witnesses = _witnesses(shown, scope, [tags[text] for of in samples for text in of])
    rows = {}
    for cluster, name, text in zip(shown, names, texts, strict=True):
        told = variants.get(cluster.id) if variants else None
        if told is None:
            told = [_variant(variant, scope.newlines) for variant in cluster.variants]
        of_witnesses = _listed(islice(witnesses, len(cluster.witnesses)))
        rows[cluster.id] = (
            f'["{name}","{cluster.relation}","{tags[cluster.text[:_SAMPLE]]}",{scope.letters[cluster.id]},'
            f'{cluster.confidence},{cluster.needs_review:d},"{text}",[{of_witnesses}],[{_listed(told)}]]'
        )
    return rows


def is_safe(texts: Sequence[str]) -> bool:
    """Whether a page says texts as every file does."""
    return not _UNSAFE.search("\n".join(texts))


def page_texts(texts: Sequence[str]) -> list[str]:
    """Texts as a page says them, narrow, without the quotes around them (`narrow.said`)."""
    return said(texts, _safe)


def frame(
    clusters: int,
    removals: Iterable[Removal],
    manifest: Row,
    scope: Scope,
    decisions: Iterable[Row] = (),
    *,
    served: bool = False,
) -> tuple[str, str]:
    """What stands before and behind the rows of the clusters in a page as `html` has it, of so many clusters."""
    removed: Counter[str] = Counter()
    for removal in removals:
        removed[removal.path] += removal.end - removal.start
    head = {
        "manifest": {**manifest, "containers": []},
        "classes": [str(kind) for kind in VariantClass],
        "removed": dict(sorted(removed.items())),
        "paths": list(scope.paths),
        "id": hashlib.sha256("".join(row["sha256"] for row in manifest["inputs"]).encode()).hexdigest()[:12],
        "served": served,
        "decisions": list(decisions),
        "omitted": clusters - len(scope.letters),
    }
    style = "".join(_part(f"{name}.css") for name in _STYLES)
    script = '"use strict";\n{\n' + "\n".join(_part(f"{name}.js") for name in _SCRIPTS) + "}\n"
    connect = "'self'" if served else "'none'"
    parts = {
        "policy": _POLICY.format(style=_digest(style), script=_digest(script), connect=connect),
        "style": style,
        "script": script,
        "data": f'{_json(head)[:-1]},"clusters":[\n{_ROWS}\n]}}',
    }
    page = re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _part("page.html.in"))
    before, _, after = page.partition(_ROWS)
    return before, after


def _part(name: str) -> str:
    return resources.files("dedup.report").joinpath("page", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(value: Any) -> str:
    return _safe(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _foremost(clusters: Sequence[Cluster]) -> Sequence[Cluster]:
    """As many clusters as a page shows, in their order."""
    if len(clusters) <= SHOWN:
        return clusters
    order = sorted(range(len(clusters)), key=lambda n: (not clusters[n].needs_review, -len(clusters[n].text), n))
    return [clusters[n] for n in sorted(order[:SHOWN])]


def _sample(witness: Witness, cluster: Cluster, scope: Scope) -> str:
    """Of what a witness has so much as its language is guessed from."""
    path, start, end = witness.span
    text = scope.texts.get(path)
    return cluster.text[:_SAMPLE] if text is None else text[start : min(end, start + _SAMPLE)]


def _witnesses(clusters: Sequence[Cluster], scope: Scope, langs: Sequence[str]) -> Iterator[str]:
    """The witnesses of clusters, whose languages are `langs`, each with what stands around it."""
    witnesses = [witness for cluster in clusters for witness in cluster.witnesses]
    around: list[str] = []
    for (path, start, end), *_ in witnesses:
        text = scope.texts.get(path, "")
        around += text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    told, keys = page_texts(around), page_texts([witness.key for witness in witnesses])
    for of, lang, left, right, key in zip(witnesses, langs, told[::2], told[1::2], keys, strict=True):
        (path, start, end), line, similarity, status, tiers, _ = of
        yield (
            f"[{scope.paths[path]},{start},{end},{line},{similarity},{_found(status, tiers)},"
            f'"{lang}",["{left}","{right}"],"{key}"]'
        )


@lru_cache(maxsize=1024)
def _found(status: Status, tiers: tuple[Tier, ...]) -> str:
    """What became of a witness, and what found it."""
    return narrow(_safe(f'"{status}",[{_listed(map(string, tiers))}]'))


def _variant(variant: Variant, newlines: Mapping[str, Newline]) -> str:
    """A variant's row, with each other reading once: its text, the numbers of its witnesses, and where it differs."""
    canonical = variant.text
    other: dict[str, list[int]] = defaultdict(list)
    for reading in variant.readings:
        text = inner(reading.text, newlines[reading.path])
        if text != canonical:
            other[text].append(reading.witness)
    kind, settled = variant_parts(
        string(variant.kind),
        _listed(map(string, variant.tags)),
        string(variant.vote),
        variant.needs_review,
        string(variant.rule),
        variant.applied,
        "null" if variant.decision is None else string(variant.decision),
    )
    readings = [
        reading_row(text, string(text)[1:-1], _listed(map(str, numbers)), canonical) for text, numbers in other.items()
    ]
    first, last = variant.at
    row = f"[{string(variant.id)},{kind}{first},{last},{string(canonical)},[{_listed(readings)}]{settled}"
    return narrow(_safe(row))


def variant_parts(
    kind: str, tags: str, vote: str, needs_review: bool, rule: str, applied: bool, decision: str
) -> tuple[str, str]:
    """What many variants have alike in their rows: before their places and behind their readings. Of the values the
    texts are in JSON already."""
    return f"{kind},[{tags}],", f",{vote},{_BIT[needs_review]},{rule},{_BIT[applied]},{decision}]"


def reading_row(text: str, told: str, witnesses: str | int, canonical: str) -> str:
    """Another reading than the canonical one, and the witnesses that have it; `told`: its text in JSON, no quotes."""
    blocks = _blocks(canonical, text) if len(canonical) > 1 and len(text) > 1 else ""
    return f'["{told}",[{witnesses}]{blocks}]'


def _blocks(canonical: str, reading: str) -> str:
    """The blocks `[from, to, from, to]` where a reading differs as one more value, or none where all of it does."""
    if len(canonical) * len(reading) > _ALIGNED:
        return ""
    ops = Levenshtein.opcodes(canonical, reading)
    equal = sum(op.src_end - op.src_start for op in ops if op.tag == "equal")
    if equal < _ALIKE * max(len(canonical), len(reading)):
        return ""
    blocks = (f"[{op.src_start},{op.src_end},{op.dest_start},{op.dest_end}]" for op in ops if op.tag != "equal")
    return f",[{_listed(blocks)}]"


def _listed(values: Iterable[str]) -> str:
    return ",".join(values)
