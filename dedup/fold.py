"""Texts -> one folded stream: the letters, marks and digits of all sources in comparison form, as columns.

The comparison form of a character is its NFKC form, case-folded, with traditional and variant Chinese characters
brought to one form by OpenCC's character tables; whatever is then no letter, mark or digit is dropped. Each
letter of the stream remembers the character it came from, so every finding leads back into the text.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dedup.kernel import kernel
from dedup.scratch import column
from dedup.sinograph import unify

Progress = Callable[[str, int, int], None]
"""`progress(stage, done, total)`: how every stage tells how far it is. "letters" is no stage: it says how many there
are, so that the speed of those that follow can be told."""

VERSION = 1
"""Changes whenever the same text would fold to other letters; everything stored on folded letters is keyed by it."""

_HANGUL_TAIL = range(0x1161, 0x11C3)  # vowels and finals: they join the jamo before them
_CODE_POINTS = 0x110000


@dataclass(frozen=True, slots=True)
class Folded:
    """The folded streams of `len(starts) - 1` sources, one after another.

    `letters`: uint32[n], code points in comparison form. `offsets`: int32[n], for each letter the position in its
    source's text of the character it came from; it never falls inside a source. `starts`: int64[m + 1], the first
    letter of each source, and n.
    """

    letters: NDArray[np.uint32]
    offsets: NDArray[np.int32]
    starts: NDArray[np.int64]

    def source_of(self, letter: int) -> int:
        """The number of the source in which a letter of the stream stands."""
        return int(self.starts.searchsorted(letter, side="right")) - 1


def letters_key(letters: NDArray[np.uint32]) -> str:
    """What a run of letters is called: 12 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(np.ascontiguousarray(letters, "<u4").data).hexdigest()[:12]


def fold(texts: Sequence[str], *, forms: Mapping[int, str] | None = None, progress: Progress | None = None) -> Folded:
    """Fold texts into one stream. Linear in their characters.

    `forms`: what `fold_character` says of code points, as far as it is known. A new character costs a look into
    OpenCC's tables, which take a moment to load.
    """
    points = _Points(texts)
    table = _Table.of(points.distinct, forms or {})
    starts = np.zeros(len(texts) + 1, np.int64)
    for number in range(len(texts)):
        starts[number + 1] = starts[number] + _count(points[number], table.to, table.more_starts)
    letters, offsets = column(int(starts[-1]), np.uint32), column(int(starts[-1]), np.int32)
    for number in range(len(texts)):
        own = slice(*starts[number : number + 2])
        _apply(points[number], table.to, table.more, table.more_starts, letters[own], offsets[own])
        if number in points.composed:
            offsets[own] = points.composed[number][1][offsets[own]]
        if progress:
            progress("fold", number + 1, len(texts))
    return Folded(letters, offsets, starts)


def fold_text(text: str) -> str:
    """The folded stream of one text, as a string."""
    return fold([text]).letters.tobytes().decode("utf-32-le")


def code_points(text: str) -> NDArray[np.uint32]:
    """The characters of a text: uint32[len(text)]. Lone surrogates stand for themselves."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def fold_character(character: str) -> str:
    """The comparison form of one character: no, one or several letters.

    Source: Unicode Standard Annex 15 (NFKC), section 3.13 (default case folding), OpenCC's character tables.
    """
    return _fold_characters([character])[0]


def _fold_characters(characters: Sequence[str]) -> list[str]:
    new = [character for character in characters if character not in _known]
    kept = [_letters(character) for character in new]
    one_form = unify({letter for letters in kept if not letters.isascii() for letter in letters})
    _known.update(
        (character, "".join(one_form.get(letter, letter) for letter in letters))
        for character, letters in zip(new, kept, strict=True)
    )
    return [_known[character] for character in characters]


_known: dict[str, str] = {}  # what was asked for already: a merge folds its own texts again


def _letters(character: str) -> str:
    form = unicodedata.normalize("NFKC", character).casefold()
    if form[:1] == " ":  # a spacing accent is a sign, though what it is made of is a mark
        return ""
    return "".join(c for c in unicodedata.normalize("NFKC", form) if unicodedata.category(c)[0] in "LMN")


@dataclass(frozen=True, slots=True)
class _Table:
    """`to[c]`: the letter that code point c folds to, 0 for none, or -1 - e for several: the e-th run in `more`."""

    to: NDArray[np.int32]
    more: NDArray[np.uint32]
    more_starts: NDArray[np.int64]

    @classmethod
    def of(cls, points: Sequence[int], forms: Mapping[int, str]) -> _Table:
        """The table for the characters that texts have."""
        unknown = [chr(point) for point in points if point not in forms]
        forms = {**forms, **dict(zip(map(ord, unknown), _fold_characters(unknown), strict=True))}
        to = np.zeros(_CODE_POINTS, np.int32)
        more: list[int] = []
        more_starts = [0]
        for point in points:
            form = forms[point]
            if len(form) == 1:
                to[point] = ord(form)
            elif form:
                to[point] = -len(more_starts)
                more.extend(map(ord, form))
                more_starts.append(len(more))
        return cls(to, np.array(more, np.uint32), np.array(more_starts, np.int64))


class _Points:
    """The code points of texts, composable sequences composed: made when they are asked for, which is more than once.

    Characters fold one by one, so a base and its combining marks must become one character before that. `composed`:
    for texts with such sequences their code points, and where each of these stood. `distinct`: the characters that the
    texts have.
    """

    def __init__(self, texts: Sequence[str]):
        self.texts = texts
        self.composed: dict[int, tuple[NDArray[np.uint32], NDArray[np.int32]]] = {}
        self.distinct = self._distinct()
        joining = "".join(c for c in map(chr, self.distinct) if _joins(c))
        if joining:
            clusters = re.compile(rf"[^{re.escape(joining)}\s][{re.escape(joining)}]+")
            pieces = ((number, _compose(text, clusters)) for number, text in enumerate(texts))
            self.composed = {number: piece for number, piece in pieces if piece}
            self.distinct = self._distinct()

    def __getitem__(self, number: int) -> NDArray[np.uint32]:
        return self.composed[number][0] if number in self.composed else code_points(self.texts[number])

    def _distinct(self) -> list[int]:
        seen = np.zeros(_CODE_POINTS, np.bool_)
        for number in range(len(self.texts)):
            _see(self[number], seen)
        return np.flatnonzero(seen).tolist()


def _compose(text: str, clusters: re.Pattern[str]) -> tuple[NDArray[np.uint32], NDArray[np.int32]] | None:
    composed = {c: n for c in set(clusters.findall(text)) if (n := unicodedata.normalize("NFKC", c)) != c}
    if not composed:
        return None
    parts: list[str] = []
    positions: list[NDArray[np.int32]] = []
    done = 0
    for found in clusters.finditer(text):
        form = composed.get(found.group())
        if form is None:
            continue
        parts += text[done : found.start()], form
        positions.append(np.arange(done, found.start(), dtype=np.int32))
        positions.append(np.full(len(form), found.start(), np.int32))
        done = found.end()
    parts.append(text[done:])
    positions.append(np.arange(done, len(text), dtype=np.int32))
    return code_points("".join(parts)), np.concatenate(positions)


@cache
def _joins(character: str) -> bool:
    first = unicodedata.normalize("NFKC", character)[0]
    return unicodedata.category(first)[0] == "M" or ord(character) in _HANGUL_TAIL


@kernel("text, b1[:]")
def _see(points, seen):  # type: ignore[no-untyped-def]
    for point in points:
        seen[point] = True


@kernel("text, i4[:], i8[:]")
def _count(points, to, more_starts):  # type: ignore[no-untyped-def]
    total = 0
    for point in points:
        form = to[point]
        if form > 0:
            total += 1
        elif form < 0:
            total += more_starts[-form] - more_starts[-form - 1]
    return total


@kernel("text, i4[:], u4[:], i8[:], u4[:], i4[:]")
def _apply(points, to, more, more_starts, letters, offsets):  # type: ignore[no-untyped-def]
    n = 0
    for at in range(len(points)):
        form = to[points[at]]
        if form > 0:
            letters[n] = form
            offsets[n] = at
            n += 1
        elif form < 0:
            for e in range(more_starts[-form - 1], more_starts[-form]):
                letters[n] = more[e]
                offsets[n] = at
                n += 1
