"""The files of rows in a merged folder -> the rows, each with the fields it must have, or an error with its line.

And the way back from encode.py: rows -> the nouns they tell of.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dedup import parquet
from dedup.edits import Removal
from dedup.errors import RestoreError
from dedup.model import Cluster, Reading, Relation, Span, Status, Variant, VariantClass, Witness

Row = dict[str, Any]
"""A line of clusters.jsonl or diff.jsonl."""

AGAIN = "merge the sources again, or take the folder as the merge wrote it"
"""What helps with a folder that was changed."""

_SPAN = {"path": str, "start": int, "end": int}
_WITNESS = {**_SPAN, "line": int, "similarity": (int, float), "status": str, "tiers": list}
_CLUSTER = {"id": str, "relation": str, "text": str, "home": dict, "needs_review": bool, "witnesses": list}
_READING = {**_SPAN, "text": str, "witness": int}
_VARIANT = {
    "id": str,
    "cluster": str,
    "class": str,
    "tags": list,
    "at": list,
    "text": str,
    "readings": list,
    "context": list,
    "needs_review": bool,
    "applied": bool,
}
_REMOVAL = {**_SPAN, "cluster": (str, type(None)), "text": (str, type(None))}
_LAYOUT = {**_SPAN, "text": str, "canonical": str}
_DIFF: dict[str, dict[str, Any]] = {"variant": _VARIANT, "removal": _REMOVAL, "layout": _LAYOUT}


def read_rows(folder: str | os.PathLike[str], name: str) -> Iterator[Row]:
    """The rows of `clusters.jsonl` or `diff.jsonl` in a merged folder, from its table where there is that instead.

    Raises `RestoreError` for what no merge writes.
    """
    path = Path(folder) / name
    table = path.with_suffix(".parquet")
    if table.exists() and not path.exists():
        yield from parquet.rows(table)
        return
    try:
        with open(path, encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(file, 1):
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError):
                    raise RestoreError("no JSON", path=str(path), line=number, hint=AGAIN) from None
                if not (_is_difference(row) if name == "diff.jsonl" else _is_cluster(row)):
                    raise RestoreError("is no row that a merge writes", path=str(path), line=number, hint=AGAIN)
                yield row
    except (OSError, UnicodeDecodeError) as error:
        raise RestoreError(f"cannot be read: {error}", path=str(path), hint=AGAIN) from None


def _is_cluster(row: Any) -> bool:
    return _has(row, _CLUSTER) and all(_has(witness, _WITNESS) for witness in row["witnesses"])


def _is_difference(row: Any) -> bool:
    if not _has(row, {"kind": str}) or row["kind"] not in _DIFF:
        return False
    readings = row.get("readings", ()) if row["kind"] == "variant" else ()
    return _has(row, _DIFF[row["kind"]]) and all(_has(of, _READING) for of in readings)


def _has(row: Any, fields: Mapping[str, Any]) -> bool:
    return isinstance(row, dict) and all(name in row and isinstance(row[name], kind) for name, kind in fields.items())


def read_passages(folder: str | os.PathLike[str]) -> tuple[list[Cluster], list[Removal]]:
    """The clusters of a merged folder, each with its variants, and what left for their sake.

    Raises `RestoreError` for what no merge writes.
    """
    variants: dict[str, list[Variant]] = defaultdict(list)
    removals = []
    try:
        for row in read_rows(folder, "diff.jsonl"):
            if row["kind"] == "variant":
                variants[row["cluster"]].append(_variant(row))
            elif row["kind"] == "removal":
                removals.append(Removal(row["path"], row["start"], row["end"], row["cluster"], row["text"]))
        clusters = [_cluster(row, variants[row["id"]]) for row in read_rows(folder, "clusters.jsonl")]
    except (KeyError, TypeError, ValueError) as error:
        raise RestoreError(f"has a row that no merge writes: {error}", path=os.fspath(folder), hint=AGAIN) from None
    return clusters, removals


def _cluster(row: Row, variants: list[Variant]) -> Cluster:
    return Cluster(
        id=row["id"],
        relation=Relation(row["relation"]),
        text=row["text"],
        home=_span(row["home"]),
        confidence=row["confidence"],
        needs_review=row["needs_review"],
        witnesses=tuple(
            Witness(
                span=_span(of),
                line=of["line"],
                similarity=of["similarity"],
                status=Status(of["status"]),
                tiers=tuple(of["tiers"]),
                key=of.get("key", ""),
            )
            for of in row["witnesses"]
        ),
        variants=tuple(sorted(variants, key=lambda variant: variant.at)),
        decision=row["decision"],
        unseen=tuple(row["unseen"]),
    )


def _variant(row: Row) -> Variant:
    start, end = row["at"]
    left, right = row["context"]
    return Variant(
        id=row["id"],
        cluster=row["cluster"],
        kind=VariantClass(row["class"]),
        tags=tuple(row["tags"]),
        at=(start, end),
        text=row["text"],
        readings=tuple(
            Reading(
                path=of["path"],
                start=of["start"],
                end=of["end"],
                text=of["text"],
                witness=of["witness"],
                kind=VariantClass(of["class"]) if of["class"] else None,
            )
            for of in row["readings"]
        ),
        context=(left, right),
        vote=row["vote"],
        needs_review=row["needs_review"],
        rule=row["rule"],
        applied=row["applied"],
        decision=row["decision"],
        reason=row["reason"],
        confidence=row["confidence"],
    )


def _span(row: Mapping[str, Any]) -> Span:
    return Span(row["path"], row["start"], row["end"])
