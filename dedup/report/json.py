"""Findings -> one JSON object, for programs: a line for each finding."""

from __future__ import annotations

import json
from typing import Any

from dedup.check.finding import Checked, Finding, Place
from dedup.report.wording import all_of, severity

FORMAT = 1


def render(checked: Checked) -> str:
    """{"format", "counts", "findings"}: `dedup/schema/check.schema.json` says what is in it."""
    counts = {
        "files": checked.files,
        "new": len(checked.new),
        "edited-known": len(checked.edited),
        "known": checked.known,
        "kept": checked.kept,
    }
    findings = ",\n".join(json.dumps(_row(finding), ensure_ascii=False) for finding in all_of(checked))
    return f'{{"format": {FORMAT}, "counts": {json.dumps(counts)}, "findings": [\n{findings}\n]}}\n'


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "status": str(finding.status),
        "relation": str(finding.relation),
        "severity": severity(finding),
        "letters": finding.letters,
        "fingerprint": finding.fingerprint,
        **_place(finding.place),
        "text": finding.place.text,
        "copies": [
            {"relation": str(copy.relation), "similarity": copy.similarity, **_place(copy.place)}
            for copy in finding.copies
        ],
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "start": place.start,
        "end": place.end,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }
