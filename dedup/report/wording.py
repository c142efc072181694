"""Findings -> the words and the weights that all reports give them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from dedup.check.finding import Checked, Finding

Severity = Literal["error", "warning", "note"]

LARGE, MIDDLING = 200, 50
"""Letters from which a finding is an error, and a warning; shorter ones are notes, and so is what was edited."""

RULES = {
    "exact": (
        "A passage that stands elsewhere letter for letter",
        "Leave one of the two out, or refer from one to the other. Line breaks, spaces, punctuation, character width "
        "and traditional or simplified characters make no difference.",
    ),
    "near": (
        "A passage that stands elsewhere with small differences",
        "Two versions of one text: keep the better one. `dedup diff` shows where they differ, letter by letter.",
    ),
    "contained": (
        "An excerpt of a passage that stands elsewhere",
        "One paragraph quotes a part of another one. Shorten it, or accept it as a quotation.",
    ),
}
"""What each relation is called, and what to do about it."""

HOW_TO_ACCEPT = "dedup check --update-baseline --accept-new"


def severity(finding: Finding) -> Severity:
    """By size."""
    if finding.status != "new" or finding.letters < MIDDLING:
        return "note"
    return "error" if finding.letters >= LARGE else "warning"


def message(finding: Finding, *, copies: int = 3) -> str:
    """What is wrong, on one line."""
    places = [str(copy.place) for copy in finding.copies]
    told = ", ".join(places[:copies]) + (f" and {len(places) - copies:,} more" if len(places) > copies else "")
    likeness = "" if finding.relation == "exact" else f", {100 * finding.similarity:.1f} % alike"
    known = " (accepted before it was edited)" if finding.status != "new" else ""
    return f"{finding.letters:,} letters stand in {told} too ({finding.relation}{likeness}){known}"


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The longest first."""
    return sorted(findings, key=lambda finding: (-finding.letters, finding.place))


def summary(checked: Checked) -> str:
    """The counts, on one line."""
    parts = [plural(len(checked.new), "new duplicate")]
    parts += [f"{len(checked.edited):,} edited"] if checked.edited else []
    parts += [f"{checked.known:,} known"] if checked.known else []
    parts += [f"{checked.kept:,} kept by decision"] if checked.kept else []
    return f"{', '.join(parts)} in {plural(checked.files, 'file')}"


def plural(count: int, noun: str) -> str:
    """A number and its noun."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def all_of(checked: Checked) -> Sequence[Finding]:
    """What reports tell: new findings, then notes."""
    return (*checked.new, *checked.edited)
