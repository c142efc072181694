"""Findings -> SARIF 2.1.0 (OASIS standard, 2020), as code scanning services read it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any
from urllib.parse import quote

from dedup import __version__
from dedup.check.finding import Checked, Finding, Place
from dedup.report.wording import RULES, all_of, message, severity, worst_first

MOST_RESULTS = 5000
"""Results of a run that GitHub shows; it refuses more than 25,000."""

MOST_COPIES = 20
"""Copies that are told of one finding."""

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_RULES = tuple(RULES)


def render(checked: Checked) -> str:
    """One run. Of too many findings the longest are told, and a notification says so."""
    findings = worst_first(all_of(checked))
    seen: Counter[str] = Counter()
    told = sorted(findings[:MOST_RESULTS], key=lambda finding: finding.place)
    run = {
        "tool": {
            "driver": {
                "name": "dedup",
                "version": __version__,
                "rules": [_rule(name) for name in _RULES],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(len(findings) - len(told), told)],
        "results": [_result(finding, seen) for finding in told],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


def _rule(name: str) -> dict[str, Any]:
    title, help_text = RULES[name]
    return {
        "id": name,
        "name": f"{name.capitalize()}Duplicate",
        "shortDescription": {"text": title},
        "fullDescription": {"text": f"{title}."},
        "help": {"text": help_text, "markdown": help_text},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["duplicate"]},
    }


def _invocation(left_out: int, told: list[Finding]) -> dict[str, Any]:
    notices = []
    if left_out:
        notices.append(f"{left_out:,} shorter findings are left out: a run has at most {MOST_RESULTS:,}")
    if any(len(finding.copies) > MOST_COPIES for finding in told):
        notices.append(f"of findings with many copies the {MOST_COPIES} most similar are told")
    notifications = [{"level": "warning", "message": {"text": text}} for text in notices]
    return {"executionSuccessful": True, "toolExecutionNotifications": notifications}


def _result(finding: Finding, seen: Counter[str]) -> dict[str, Any]:
    line = hashlib.sha256(finding.place.first_line.strip().encode("utf-8", "surrogatepass")).hexdigest()[:16]
    seen[line] += 1
    copies = finding.copies[:MOST_COPIES]
    links = ", ".join(f"[{str(copy.place).replace('[', '(').replace(']', ')')}]({n})" for n, copy in enumerate(copies))
    return {
        "ruleId": str(finding.relation),
        "ruleIndex": _RULES.index(finding.relation),
        "level": severity(finding),
        "message": {"text": f"{message(finding)}: {links}"},
        "locations": [{"physicalLocation": _physical(finding.place)}],
        "relatedLocations": [
            {
                "id": number,
                "physicalLocation": _physical(copy.place),
                "message": {"text": f"the other copy ({copy.relation}, {100 * copy.similarity:.1f} % alike)"},
            }
            for number, copy in enumerate(copies)
        ],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{line}:{seen[line]}",
            "dedupPassage/v1": finding.fingerprint,
        },
        "properties": {"letters": finding.letters, "similarity": finding.similarity, "status": str(finding.status)},
    }


def _physical(place: Place) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(place.file), "uriBaseId": "%SRCROOT%"}}
    if not place.in_record:
        location["region"] = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
    return location
