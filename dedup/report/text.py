"""Findings -> text for a person: the new passage, where the other copy is, and the letters in which they differ."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.check.finding import Checked, Finding
from dedup.report.letters import differences
from dedup.report.wording import HOW_TO_ACCEPT, all_of, summary

_SHOWN = 120  # characters of a passage
_COPIES = 5
_DIFFERENCES = 8


def render(checked: Checked) -> str:
    """The findings by place, and a last line with the counts."""
    lines = [line for finding in all_of(checked) for line in (*_finding(finding), "")]
    lines.append(summary(checked))
    if checked.new:
        lines.append(f"to accept what is there: {HOW_TO_ACCEPT}")
    return "\n".join(lines) + "\n"


def _finding(finding: Finding) -> Iterator[str]:
    likeness = "" if finding.relation == "exact" else f" {finding.similarity:.4f}"
    note = "" if finding.status == "new" else ", accepted before it was edited"
    yield f"{finding.place}  {finding.relation}{likeness}  {finding.letters:,} letters{note}"
    yield f"  {_shortened(finding.place.text)}"
    for copy in finding.copies[:_COPIES]:
        yield f"  = {copy.place}  {copy.relation} {copy.similarity:.4f}"
    if len(finding.copies) > _COPIES:
        yield f"    and {len(finding.copies) - _COPIES:,} more"
    if finding.relation != "exact":
        found = differences(finding.copies[0].place.text, finding.place.text)
        for number, difference in enumerate(found):
            if number == _DIFFERENCES:
                yield "    and more"
                break
            yield f"    {difference}"


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]}…{text[-_SHOWN // 2 :]}"
