"""Two texts -> where their letters differ, each difference in its context."""

from __future__ import annotations

from collections.abc import Iterator

_CONTEXT = 8  # characters on each side
_LONGEST = 20_000  # characters of a text that is compared: beyond it a check would wait for what nobody reads
_READING = 60  # characters of a reading that are shown


def differences(old: str, new: str) -> Iterator[str]:
    """[-what only the old text has-] and {+what only the new one has+}; space and marks do not count."""
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415  (only where texts differ)

    old, new = ("".join(text.split()) for text in (old, new))
    if max(len(old), len(new)) > _LONGEST:
        return
    for step in Levenshtein.opcodes(old, new) if old != new else ():
        if step.tag == "equal":
            continue
        gone, come = old[step.src_start : step.src_end], new[step.dest_start : step.dest_end]
        if not any(map(str.isalnum, gone + come)):
            continue
        before, after = new[max(0, step.dest_start - _CONTEXT) : step.dest_start], new[step.dest_end :][:_CONTEXT]
        removed = f"[-{_cut(gone)}-]" if gone else ""
        added = f"{{+{_cut(come)}+}}" if come else ""
        yield f"{before}{removed}{added}{after}"


def _cut(reading: str) -> str:
    return reading if len(reading) <= _READING else f"{reading[: _READING // 2]}…{reading[-_READING // 2 :]}"
