"""New files + a corpus + what is accepted -> findings: which passages of the new files stand somewhere already."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from dedup.baseline import Baseline
from dedup.check.finding import Checked, Copy, Finding, News, Place, Status
from dedup.check.stretches import Side, Stretch, pairs, stretches
from dedup.check.verdict import Kept, Verdicts
from dedup.config import ReadSettings, Settings
from dedup.corpus import Corpus
from dedup.decisions import Decision
from dedup.index.lookup import Found, look_up
from dedup.index.store import Index
from dedup.index.texts import Texts
from dedup.matches import RELATIONS
from dedup.read import File
from dedup.spans import spans

__all__ = ["Checked", "Copy", "Finding", "News", "Place", "Status", "check"]


def check(
    index: Index,
    files: Sequence[File],
    news: News,
    settings: Settings,
    reading: ReadSettings,
    *,
    baseline: Baseline | None = None,
    decisions: Iterable[Decision] = (),
) -> tuple[Checked, Verdicts]:
    """Find the passages of new sources that stand in a corpus, or twice among themselves.

    `files`: those of the corpus; the index must be up to date with all that `news` does not replace. Beside the
    findings come the verdicts, from which a new baseline can be made.
    """
    texts = Texts(index, files, news.replaced, reading)
    found = look_up(index, news.sources, news.new, texts, settings)
    matches = pairs(found)
    verdicts = Verdicts(found, texts, matches, news.added, baseline or Baseline())
    kept = Kept(decisions)
    told: list[tuple[Status, Stretch]] = []
    for stretch in stretches(found, matches, verdicts.lateness):
        status = verdicts.of(stretch.side)
        if status != Status.KNOWN and kept.keep(found.corpus, stretch):
            status = Status.KEPT
        part = verdicts.new_part(stretch.side) if status == Status.NEW else stretch.side
        told.append((status, replace(stretch, side=part)))
    findings = _findings(found, [one for one in told if one[0] in (Status.NEW, Status.EDITED)])
    count = Counter(status for status, _ in told)
    checked = Checked(
        files=news.files,
        new=tuple(finding for finding in findings if finding.status == Status.NEW),
        edited=tuple(finding for finding in findings if finding.status == Status.EDITED),
        known=count[Status.KNOWN],
        kept=count[Status.KEPT],
    )
    return checked, verdicts


def _findings(found: Found, judged: Sequence[tuple[Status, Stretch]]) -> list[Finding]:
    corpus, similarity = found.corpus, found.matches.similarity
    places = iter(_places(corpus, [side for _, stretch in judged for side in (stretch.side, *stretch.copies)]))
    findings = []
    for status, stretch in judged:
        place = next(places)
        copies = [
            (-int(found.matches.equal[row]), next(places), RELATIONS[found.matches.relation[row]], similarity[row])
            for row in stretch.rows
        ]
        told = tuple(Copy(where, relation, round(float(alike), 4)) for _, where, relation, alike in sorted(copies))
        letters = corpus.letters(stretch.side.first, stretch.side.last)
        findings.append(Finding(place, status, len(letters), letters, told))
    return _fingerprinted(sorted(findings, key=lambda finding: finding.place))


def _fingerprinted(findings: Iterable[Finding]) -> list[Finding]:
    """Findings with fingerprints in place of their letters."""
    seen: Counter[str] = Counter()
    told = []
    for finding in findings:
        letters = finding.fingerprint
        name = hashlib.sha256(f"{letters}\n{seen[letters]}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[letters] += 1
        told.append(replace(finding, fingerprint=name))
    return told


def _places(corpus: Corpus, sides: Sequence[Side]) -> list[Place]:
    """Where letters stand in their files."""
    source = np.array([side.source for side in sides], np.int32)
    first = np.array([side.first for side in sides], np.int64)
    last = np.array([side.last for side in sides], np.int64)
    found = spans(corpus, source, first, last)
    places = []
    for number, start, end in zip(source.tolist(), found.start.tolist(), found.end.tolist(), strict=True):
        lines, text = corpus.lines[number], corpus.sources[number].text
        record = corpus.sources[number].record
        inner, inner_end = lines.inner(start), lines.inner(end)
        line, column = lines.line_and_column(inner)
        end_line, before_end = lines.line_and_column(inner_end - 1)
        begin, stop = lines.span(line)
        places.append(
            Place(
                path=corpus.sources[number].path,
                file=record.container if record else corpus.sources[number].path,
                start=start,
                end=end,
                line=line,
                column=column,
                end_line=end_line,
                end_column=before_end + 1,
                text=text[inner:inner_end],
                first_line=text[begin:stop].rstrip("\r\n"),
            )
        )
    return places
