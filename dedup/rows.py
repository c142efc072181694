"""The files of rows in a merged folder -> the rows, each with the fields it must have, or an error with its line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dedup import parquet
from dedup.errors import RestoreError

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
