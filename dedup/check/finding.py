"""The nouns of a check: what is checked, and what is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from dedup.model import Relation, Source


class Status(StrEnum):
    """What is to be said of a passage that stands twice."""

    NEW = "new"
    EDITED = "edited-known"  # one side of an accepted duplicate was edited: a note
    KNOWN = "known"  # in the baseline
    KEPT = "kept"  # by a reviewer's decision


@dataclass(frozen=True, slots=True)
class News:
    """What is checked, beside the files of the corpus to which the index is up to date.

    `sources`: the texts of new files, and of others that stand in the corpus otherwise than in the work tree. `new`,
    `added`: the paths of those whose passages are wanted, and of those among them that were not there before.
    `replaced`: paths of files of which the index says nothing that holds. `files`: how many are checked.
    """

    sources: tuple[Source, ...]
    new: frozenset[str]
    added: frozenset[str]
    replaced: frozenset[str]
    files: int


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of a file: characters `[start, end)` of its decoded text. Lines and columns (in characters) count
    from 1; the last column is the one behind the last character."""

    path: str  # of the source
    file: str = field(compare=False)  # in which it stands: another path where the source is a record
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int
    text: str = field(repr=False, compare=False)
    first_line: str = field(repr=False, compare=False)  # the whole line in which it begins

    @property
    def in_record(self) -> bool:
        """Whether lines and columns are those of a record, not of its file."""
        return self.file != self.path

    def __str__(self) -> str:
        lines = str(self.line) if self.line == self.end_line else f"{self.line}-{self.end_line}"
        return f"{self.path}:{lines}"


@dataclass(frozen=True, slots=True)
class Copy:
    """Where the passage of a finding stands too."""

    place: Place
    relation: Relation
    similarity: float


@dataclass(frozen=True, slots=True)
class Finding:
    """A passage of a new file that stands elsewhere.

    `copies`: first those that have most of it. `fingerprint`: 32 hexadecimal digits that come from the letters of the
    passage, and from how many findings of the same letters stand before it.
    """

    place: Place
    status: Status
    letters: int
    fingerprint: str
    copies: tuple[Copy, ...]

    @property
    def relation(self) -> Relation:
        """That of the first copy: exact, near or contained."""
        return self.copies[0].relation

    @property
    def similarity(self) -> float:
        """That of the first copy."""
        return self.copies[0].similarity


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found. `new` and `edited` are sorted by place; of what is accepted only the number is told."""

    files: int
    new: tuple[Finding, ...]
    edited: tuple[Finding, ...]
    known: int
    kept: int
