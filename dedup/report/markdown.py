"""Findings -> Markdown: a table for a comment on a pull request, or a step's summary."""

from __future__ import annotations

from dedup.check.finding import Checked, Finding
from dedup.report.wording import HOW_TO_ACCEPT, all_of, severity, summary, worst_first

MOST = 200
"""Rows of the table: a comment has 65,536 characters at most."""

_COPIES = 3
_SHOWN = 60  # characters of a passage
_SIGNS = {"error": "🔴", "warning": "🟠", "note": "🔵"}


def render(checked: Checked) -> str:
    """A heading, the table, the worst first, and what to do."""
    lines = [f"### dedup: {summary(checked)}", ""]
    findings = worst_first(all_of(checked))
    if findings:
        lines += ["| | new passage | stands in | relation | letters | text |", "|---|---|---|---|---:|---|"]
        lines += [_row(finding) for finding in findings[:MOST]]
        if len(findings) > MOST:
            lines += ["", f"… and {len(findings) - MOST:,} more, all shorter."]
    if checked.new:
        lines += ["", f"Leave the copies out, or accept what is there: `{HOW_TO_ACCEPT}`"]
    return "\n".join(lines) + "\n"


def _row(finding: Finding) -> str:
    copies = [_code(str(copy.place)) for copy in finding.copies[:_COPIES]]
    if len(finding.copies) > _COPIES:
        copies.append(f"{len(finding.copies) - _COPIES:,} more")
    likeness = "" if finding.relation == "exact" else f" {100 * finding.similarity:.1f} %"
    cells = (
        _SIGNS[severity(finding)],
        _code(str(finding.place)),
        "<br>".join(copies),
        f"{finding.relation}{likeness}" + ("" if finding.status == "new" else " (edited)"),
        f"{finding.letters:,}",
        _plain(finding.place.text),
    )
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(0x2CB)).replace('|', chr(92) + '|')}`"


def _plain(text: str) -> str:
    text = " ".join(text.split())
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    for character in "\\`*_[]<>|#~@":
        text = text.replace(character, f"\\{character}")
    return text
