"""Stretches + what is accepted -> a status for each: in the baseline, edited since, kept by a decision, or new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from dedup.baseline import Baseline, Entry
from dedup.baseline.sketch import ALIKE, agreement, sketches
from dedup.check.finding import Status
from dedup.check.stretches import Pair, Side, Stretch, members
from dedup.corpus import Corpus
from dedup.decisions import Decision
from dedup.fold import letters_key
from dedup.index.columns import paragraph_hashes
from dedup.index.lookup import Found
from dedup.index.texts import Texts

_WORST = (Status.NEW, Status.EDITED, Status.KNOWN)


class Verdicts:
    """What is to be said of the paragraphs in which new sources share a passage.

    A paragraph is known as long as it stands in no more places than the baseline says. Of the places beyond that the
    latest are new: those in added files, then those with the latest paths. One that is new is edited-known if it
    looks like a paragraph of the baseline that has a place to spare.
    """

    def __init__(self, found: Found, texts: Texts, matches: Sequence[Pair], added: frozenset[str], baseline: Baseline):
        self._corpus, self._added, self._baseline = found.corpus, added, baseline
        sides = list({side for match in matches for side in match[:2] if found.new[side.source]})
        self._members = dict(zip(sides, members(found.corpus, sides), strict=True))
        own = sorted({row for rows in self._members.values() for row in rows})
        self._name = _names(found.corpus, own)
        self._count = _counts(found, texts, {*self._name.values(), *baseline.paragraphs})
        self._status = dict.fromkeys(own, Status.KNOWN)
        fresh = self._fresh(own)
        self._status.update(dict.fromkeys(fresh, Status.NEW))
        self._status.update(dict.fromkeys(self._edited(fresh), Status.EDITED))

    def of(self, side: Side) -> Status:
        """That of a passage of a new source is the worst of its paragraphs'."""
        found = {self._status[row] for row in self._members[side]}
        return next(status for status in _WORST if status in found)

    def lateness(self, side: Side) -> tuple[int, bool, str, int]:
        """Of the two sides of a match in new sources the one where this is more is where it is told."""
        path = self._corpus.sources[side.source].path
        return -_WORST.index(self.of(side)), path in self._added, path, side.first

    def new_part(self, side: Side) -> Side:
        """A passage from its first new paragraph to its last."""
        new = [row for row in self._members[side] if self._status[row] == Status.NEW]
        first = max(side.first, int(self._corpus.paragraphs.first[new[0]]))
        last = min(side.last, int(self._corpus.paragraphs.last[new[-1]]))
        return Side(side.source, first, last)

    def _fresh(self, rows: Sequence[int]) -> list[int]:
        of_name: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            of_name[self._name[row]].append(row)
        fresh = []
        for name, places in of_name.items():
            accepted = self._baseline.paragraphs.get(name, Entry(0)).count
            places.sort(key=self._late)
            fresh += places[max(0, len(places) - max(0, self._count[name] - accepted)) :]
        return sorted(fresh, key=self._late)

    def _late(self, row: int) -> tuple[bool, str, int]:
        path = self._corpus.sources[self._corpus.paragraphs.source[row]].path
        return path in self._added, path, row

    def _edited(self, fresh: Sequence[int]) -> list[int]:
        spare = {
            name: entry.count - self._count[name]
            for name, entry in self._baseline.paragraphs.items()
            if entry.count > self._count[name] and entry.sketch
        }
        if not spare or not fresh:
            return []
        edited = []
        for row, sketch in zip(fresh, sketched(self._corpus, fresh), strict=True):
            alike = {name: agreement(sketch, self._baseline.paragraphs[name].sketch) for name in spare}
            name = max(alike, key=lambda name: (alike[name], name), default="")
            if alike.get(name, 0) >= ALIKE:
                edited.append(row)
                spare[name] -= 1
                if not spare[name]:
                    del spare[name]
        return edited

    def updated(self, *, accept_new: bool) -> Baseline:
        """The baseline after a check of a whole corpus, in which every file is new: without what stands twice no more,
        with what was edited, and with what is new if that is accepted."""
        edited: dict[str, int] = defaultdict(int)
        for row, status in self._status.items():
            edited[self._name[row]] += status == Status.EDITED
        example = {name: row for row, name in reversed(self._name.items())}
        counts = {}
        for name in example:
            accepted = self._baseline.paragraphs.get(name, Entry(0)).count + edited[name]
            counts[name] = self._count[name] if accept_new else min(accepted, self._count[name])
        kept = sorted(name for name, count in counts.items() if count)
        drawn = sketched(self._corpus, [example[name] for name in kept])
        return Baseline({name: Entry(counts[name], sketch) for name, sketch in zip(kept, drawn, strict=True)})


def _names(corpus: Corpus, rows: Sequence[int]) -> dict[int, str]:
    """The names of paragraphs in a baseline, by row."""
    at = np.array(rows, np.int64)
    hashes = paragraph_hashes(corpus.folded.letters, corpus.paragraphs.first[at], corpus.paragraphs.last[at])
    return {row: f"{value:016x}" for row, value in zip(rows, hashes.tolist(), strict=True)}


def sketched(corpus: Corpus, rows: Sequence[int]) -> list[str]:
    """The sketches of paragraphs."""
    at = np.array(rows, np.int64)
    return sketches(corpus.folded.letters, corpus.paragraphs.first[at], corpus.paragraphs.last[at])


def _counts(found: Found, texts: Texts, names: Iterable[str]) -> Mapping[str, int]:
    """In how many places paragraphs stand, in the corpus and in the sources that were handed in."""
    counts = dict.fromkeys(names, 0)
    for value, count in texts.paragraphs([int(name, 16) for name in counts]).items():
        counts[f"{value:016x}"] += count
    own = np.flatnonzero(found.own[found.corpus.paragraphs.source]).tolist()
    for name in _names(found.corpus, own).values():
        if name in counts:
            counts[name] += 1
    return counts


class Kept:
    """Passages that a reviewer decided to leave where they stand."""

    def __init__(self, decisions: Iterable[Decision]):
        self._keys: set[str] = set()
        for decision in decisions:
            if decision.verdict == "keep":
                self._keys |= {decision.cluster.partition("-")[0], *decision.seen}
            elif decision.verdict == "split":
                self._keys |= set(decision.exclude)

    def keep(self, corpus: Corpus, stretch: Stretch) -> bool:
        """Whether a decision speaks of a stretch, or of one of its copies."""
        return bool(self._keys) and any(
            letters_key(corpus.folded.letters[side.first : side.last]) in self._keys
            for side in (stretch.side, *stretch.copies)
        )
