"""Findings -> workflow commands of GitHub Actions, which annotate the lines of a pull request."""

from __future__ import annotations

from dedup.check.finding import Checked, Finding
from dedup.report.wording import RULES, all_of, message, plural, severity, summary, worst_first

MOST = 10
"""Annotations of a kind that GitHub shows of a step."""

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(checked: Checked) -> str:
    """The worst first, ten of a kind; the table of all is for the step's summary (markdown.py)."""
    lines = []
    findings = worst_first(all_of(checked))
    for level, command in _COMMANDS.items():
        own = [finding for finding in findings if severity(finding) == level]
        shown = own if len(own) <= MOST else own[: MOST - 1]
        lines += [_command(command, finding) for finding in shown]
        if len(own) > len(shown):
            lines.append(f"::{command} title=dedup::{plural(len(own) - len(shown), 'more finding')} of this kind")
    return "".join(f"{line}\n" for line in (*lines, summary(checked)))


def _command(command: str, finding: Finding) -> str:
    place = finding.place
    where = {"file": place.file}
    if not place.in_record:
        where |= {"line": str(place.line), "endLine": str(place.end_line)}
        if place.line == place.end_line:
            where |= {"col": str(place.column), "endColumn": str(place.end_column)}
    where["title"] = RULES[finding.relation][0]
    told = ",".join(f"{name}={_property(value)}" for name, value in where.items())
    return f"::{command} {told}::{_data(message(finding))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
