"""Findings -> a Code Quality report of GitLab."""

from __future__ import annotations

import json

from dedup.check.finding import Checked
from dedup.report.wording import all_of, message, severity

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def render(checked: Checked) -> str:
    """A JSON array; each fingerprint is there once."""
    rows = [
        {
            "description": message(finding),
            "check_name": f"dedup/{finding.relation}",
            "fingerprint": finding.fingerprint,
            "severity": _SEVERITIES[severity(finding)],
            "location": {
                "path": finding.place.file,
                "lines": {"begin": finding.place.line, "end": finding.place.end_line},
            },
        }
        for finding in all_of(checked)
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
