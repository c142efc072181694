"""`dedup explain`: why two lines are a match, or why not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from dedup.cli import options
from dedup.cli.terminal import Paint, shortened, table
from dedup.errors import UsageError

if TYPE_CHECKING:
    from dedup.corpus import Corpus
    from dedup.explain import Explanation, Found, Likeness, Line
    from dedup.model import Evidence

_TEXT = 60  # characters of a line that are shown
_TIERS = {
    "anchor": "letter by letter",
    "lsh": "paragraph by paragraph (MinHash LSH)",
    "words": "word by word, in whatever order (reworked text)",
}


@click.command("explain", short_help="Say why two lines are a match, or why not.")
@click.argument("one", metavar="A:LINE")
@click.argument("other", metavar="B:LINE")
@click.argument("inputs", nargs=-1, metavar="[INPUTS]...")
@options.some_settings(*options.MATCHING, *options.READING)
@options.quiet
def command(one: str, other: str, inputs: tuple[str, ...], quiet: bool, **given: str | None) -> None:
    """Say why line LINE of text A and line LINE of text B are a match, or which condition they fail and by how much.

    The texts are read alone unless INPUTS are given: what stands in many places is a formula, and that can
    only be seen among all of them.

    \b
    Examples:
      dedup explain a.txt:12 b.txt:7
      dedup explain a.txt:12 b.txt:7 texts
      dedup explain 'records.jsonl#42:1' b.txt:7
    """
    from dedup.cli.inputs import file_of, line_named, read_inputs, source_named
    from dedup.cli.progress import bars
    from dedup.config import load
    from dedup.corpus import build
    from dedup.explain import explain, line_of

    configuration = load(given)
    named = line_named(one), line_named(other)
    paths = inputs or tuple(file_of(name) for name, _ in named)
    with bars(quiet=quiet) as progress:
        read = read_inputs(paths, configuration.reading, progress=progress)
        corpus = build(read.sources, progress=progress)
    lines = []
    for name, number in named:
        source = source_named(name, paths, corpus.sources)
        try:
            lines.append(line_of(corpus, source, number))
        except IndexError:
            have = len(corpus.lines[source])
            what = f"there is no line {number:,}, the text has {have:,}"
            raise UsageError(what, path=name, hint=f"name a line from 1 to {have:,}") from None
    if lines[0] == lines[1]:
        raise UsageError("a line is not compared with itself", path=one, hint="name two lines")
    empty = [line for line in lines if line.first == line.last]
    paint = Paint(sys.stdout)
    out = _heading(corpus, lines, paint)
    if empty:
        out += f"{paint.bold('Not matched')}: {_place(corpus, empty[0])} has no letters.\n"
    else:
        out += "".join(_words(corpus, explain(corpus, configuration.settings, *lines), paint))
    click.echo(out, nl=False, color=True)


def _heading(corpus: Corpus, lines: list[Line], paint: Paint) -> str:
    rows = []
    for line in lines:
        start, end = corpus.lines[line.source].span(line.number)
        text = shortened(corpus.sources[line.source].text[start:end], _TEXT)
        original = corpus.sources[corpus.original[line.source]].path
        copy = "" if original == corpus.sources[line.source].path else f"in a copy of {original}"
        rows.append((_place(corpus, line), f"{line.last - line.first:,} letters", paint.dim(text), copy))
    return table(rows, {1}, indent="") + "\n"


def _words(corpus: Corpus, found: Explanation, paint: Paint) -> Iterator[str]:
    if found.a == found.b:
        path = corpus.sources[found.a.source].path
        yield f"{paint.bold('Matched: exact')}\n  both texts are copies of {path}, and this is one line of it\n"
        return
    for match in found.found:
        yield from _matched(corpus, found, match, paint)
    if not found.found:
        yield from _not_matched(corpus, found, paint)
    if found.paragraphs is not None:
        yield paint.bold("The paragraphs of both lines") + "\n"
        yield table(_alike(found.paragraphs), {1}) + "\n"


def _matched(corpus: Corpus, explained: Explanation, found: Found, paint: Paint) -> Iterator[str]:
    from dedup.matches import RELATIONS

    matches, row, a, b, why = explained.matches, found.row, explained.a, explained.b, found.evidence
    relation = RELATIONS[matches.relation[row]]
    yield paint.bold(f"Matched: {relation}") + f", similarity {matches.similarity[row]:.4f}\n"
    yield f"  {_spans(corpus, explained, row)}\n"
    facing = f"{found.facing:,} of {min(a.last - a.first, b.last - b.first):,}"
    rows = [
        ("tiers", "+".join(matches.tiers([row]))),
        ("letters of the one line that face the other", facing),
        *(_by_words(why) if why.words else _by_letters(why)),
    ]
    yield table([*rows, *_alike(found.likeness)], {1})
    if not found.facing:
        yield f"  {paint.bold('The lines do not face each other')}{_faced(corpus, explained, found)}.\n"
    yield "\n"


def _by_letters(why: Evidence) -> list[tuple[str, str]]:
    return [
        ("letters that stand equal", f"{why.equal_letters:,}"),
        ("anchors", f"{why.anchors:,}"),
        ("letters in anchors", f"{why.anchored_letters:,}"),
        ("what it says, in weight", f"{why.information:,.1f}"),
    ]


def _by_words(why: Evidence) -> list[tuple[str, str]]:
    return [
        ("words that both sides have", f"{why.words:,}"),
        ("letters of those words", f"{why.equal_letters:,}"),
        ("what they say, in bits", f"{why.information:,.1f}"),
    ]


def _faced(corpus: Corpus, explained: Explanation, found: Found) -> str:
    first, last = found.faced
    if first == last:
        return ""
    lines, (start, end) = corpus.lines[explained.b.source], corpus.characters(first, last)
    path = corpus.sources[explained.b.source].path
    return f": {_place(corpus, explained.a)} faces {path}:{_range(lines.line(start), lines.line(end - 1))}"


def _not_matched(corpus: Corpus, found: Explanation, paint: Paint) -> Iterator[str]:
    yield paint.bold("Not matched") + "\n"
    for tier, words in _TIERS.items():
        gates = [gate for gate in found.gates if gate.tier == tier]
        if not gates:
            continue
        yield f"  {words}\n"
        rows = []
        for gate in gates:
            needed = f"{'at most' if gate.unit == 'places' else 'needs'} {_number(gate.needed)} {gate.unit}".rstrip()
            by = f"short by {_number(gate.needed - gate.measured)}" if gate.measured < gate.needed else "too many"
            verdict = "passes" if gate.open else paint.red("closed") + f", {by}"
            rows.append((gate.what, _number(gate.measured), needed, verdict))
        yield table(rows, {1}, indent="    ")
    if all(gate.open for gate in found.gates if gate.tier == "anchor") and found.beside:
        yield "  every condition is met, but a better match covers these lines\n"
    if any(gate.unit == "weight" for gate in found.gates):
        yield paint.dim("  (a letter weighs 5 in a dense script such as Han, 2 in another)") + "\n"
    if found.beside:
        yield "  other matches of the two texts on these lines\n"
        similarity = found.matches.similarity
        yield table([(f"{similarity[row]:.4f}", _spans(corpus, found, row)) for row in found.beside], indent="    ")
    yield "\n"


def _alike(alike: Likeness) -> list[tuple[str, str]]:
    return [
        ("Jaccard similarity of the shingles", f"{alike.jaccard:.4f}"),
        ("the same as MinHash estimates it", f"{alike.estimate:.4f}"),
        ("of the first's shingles in the second", f"{alike.containment_a:.4f}"),
        ("of the second's shingles in the first", f"{alike.containment_b:.4f}"),
        ("LSH bands that agree", f"{alike.bands} of {alike.all_bands}"),
    ]


def _spans(corpus: Corpus, found: Explanation, row: int) -> str:
    from dedup.spans import of_matches

    both = of_matches(corpus, found.matches[[row]])  # type: ignore[index]
    return " = ".join(
        f"{corpus.sources[side.source[0]].path}:{_range(side.line[0], side.last_line[0])}"
        f" (characters {side.start[0]}-{side.end[0]})"
        for side in both
    )


def _place(corpus: Corpus, line: Line) -> str:
    return f"{corpus.sources[line.source].path}:{line.number}"


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
