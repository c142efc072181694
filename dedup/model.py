"""The nouns of `dedup`: what the stages hand to each other. Frozen dataclasses, and where there are many, named tuples.

All positions are characters (Unicode code points) of a source's decoded text, half-open `[start, end)`,
unless a name says letters (positions of the folded stream) or bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

Tier = Literal["lsh", "anchor", "words"]
Newline = Literal["\n", "\r\n", "\r", ""]
"""The newline a source uses throughout; "" where it mixes them (its text then keeps them as they are)."""


class Relation(StrEnum):
    """How two places that share a passage are related, strongest first."""

    EXACT = "exact"  # equal folded text
    NEAR = "near"
    CONTAINED = "contained"  # an excerpt of something larger
    REWORKED = "reworked"  # clearly the same text, too far edited to stand for it: logged, never removed
    FORMULA = "formula"  # frequent boilerplate: logged, never removed


class Status(StrEnum):
    """What became of a witness."""

    HOME = "home"
    REMOVED = "removed"
    KEPT = "kept"


class VariantClass(StrEnum):
    """What kind of difference a variant is; in this order the first that fits is its class."""

    SEGMENTATION = "segmentation"
    WHITESPACE = "whitespace"
    WIDTH = "width"
    CASE = "case"
    MARKUP = "markup"
    PUNCTUATION = "punctuation"
    SCRIPT = "script"
    NUMBER_FORM = "number-form"
    NUMBER_VALUE = "number-value"
    OCR = "ocr"
    TRANSPOSITION = "transposition"
    REPETITION = "repetition"
    LACUNA = "lacuna"
    ADDITION = "addition"
    SUBSTANTIVE = "substantive"


@dataclass(frozen=True, slots=True)
class Record:
    """Where in a container file (JSON lines) a source stands.

    `container` is the container's path, `index` the 0-based number of the record in it.
    """

    container: str
    index: int
    id: str


@dataclass(frozen=True, slots=True)
class Source:
    """One input text.

    `path` is relative to the common input root, POSIX style (for a record: `container#id`).
    `text` is the decoded text without BOM; where one kind of newline is used throughout it stands in `text`
    as "\\n" and `newline` says what it was, so that no stage below has to know about newlines.
    Positions inside the program count characters of `text`; `outer` turns one into the position that outputs
    give, which counts newlines as they stand in the file.
    """

    path: str
    text: str = field(repr=False)
    encoding: str = "utf-8"
    newline: Newline = "\n"
    bom: bool = False
    sha256: str = ""  # of the file's bytes (for a record: of the record's line)
    size: int = 0  # bytes
    record: Record | None = None


class Span(NamedTuple):
    """A stretch of one source: characters `[start, end)` of its text."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why two spans were matched. Counts are letters unless the name says otherwise."""

    anchors: int  # maximal exact runs that seeded the match
    anchored_letters: int  # letters inside those runs
    bands: int  # LSH bands in which both sides agree
    equal_letters: int  # letters that stand equal in the alignment; of a match made of its words, letters of `words`
    words: int  # words that both sides have in whatever order, of a match made of its words
    jaccard: float  # of the shingle sets of both spans
    containment_a: float  # share of a's shingles that b has
    containment_b: float
    information: float  # bits (accept.py; of a match made of its words fit.py)


@dataclass(frozen=True, slots=True)
class Match:
    """Two aligned spans of the same passage, verified. `similarity` is in [0, 1], over letters."""

    a: Span
    b: Span
    relation: Relation
    similarity: float
    tiers: tuple[Tier, ...]
    evidence: Evidence | None = None  # only where it was asked for


class Reading(NamedTuple):
    """What one witness has at a variant: characters `[start, end)` of `path`, and the text there.

    `witness`: its number among the cluster's witnesses. `kind`: how it differs from the canonical reading, if it does.
    """

    path: str
    start: int
    end: int
    text: str
    witness: int = 0
    kind: VariantClass | None = None


class Variant(NamedTuple):
    """One point where the witnesses of a cluster differ.

    `at` is a half-open range of characters of the cluster's canonical text, `text` the canonical reading there.
    `start`: where the home's own reading begins, a character of its file.
    """

    id: str
    cluster: str
    kind: VariantClass
    tags: tuple[str, ...]
    at: tuple[int, int]
    text: str
    readings: tuple[Reading, ...]
    context: tuple[str, str]
    vote: str  # witnesses for the canonical reading : against it, and what settled a vote without a majority
    needs_review: bool
    rule: str  # the rule that named its class (variant.py)
    applied: bool = False  # whether the canonical reading replaced the home's own in the corpus
    decision: str | None = None
    reason: str = ""  # why it needs review
    confidence: float = 1.0  # the share of the votes that the canonical reading has
    start: int = 0


class Witness(NamedTuple):
    """One place where a passage stands. `similarity` is to the canonical text, over letters.

    `key`: from its letters (fold.letters_key), the same wherever and however laid out they stand.
    """

    span: Span
    line: int
    similarity: float
    status: Status
    tiers: tuple[Tier, ...]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A passage with its witnesses (sorted by path and start) and its variants (sorted by place).

    Those of a merge are made whenever they are gone through (account.py). `decision`: the verdict on it as a whole,
    `unseen`: the keys of witnesses that came after it.
    """

    id: str
    relation: Relation
    text: str
    home: Span
    confidence: float
    needs_review: bool
    witnesses: tuple[Witness, ...]
    variants: Sequence[Variant] = ()
    decision: str | None = None
    unseen: tuple[str, ...] = ()
