"""The JSON Schemas (draft 2020-12) of what the program writes: a file each, properties in the order of the keys."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from dedup.errors import UsageError

NAMES = ("corpus", "clusters", "diff", "manifest", "pairs", "decisions", "check")
"""All but `manifest` and `check` are of one line of a `.jsonl` file of that name; `pairs` of a line of
`dedup scan --pairs`, `check` of the JSON report."""


def load(name: str) -> dict[str, Any]:
    """The schema of that name, as JSON types. Raises `UsageError` for any other."""
    if name not in NAMES:
        raise UsageError(f"there is no schema {name!r}", hint=f"the schemas are {', '.join(NAMES)}")
    text = resources.files("dedup.schema").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
