"""`dedup diff`: two versions of a text, letter by letter, however each cuts its lines."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from dedup.cli import options
from dedup.cli.terminal import Paint, marked, shortened, table
from dedup.errors import UsageError
from dedup.model import Variant, VariantClass

if TYPE_CHECKING:
    from dedup.compare import Alone, Comparison
    from dedup.corpus import Corpus
    from dedup.model import Span
    from dedup.position import Lines

_LAYOUT = frozenset({VariantClass.SEGMENTATION, VariantClass.WHITESPACE, VariantClass.WIDTH, VariantClass.MARKUP})
_TEXT = 40  # characters of a stretch that only one text has
_MOST = 20  # such stretches that are listed


@click.command("diff", short_help="Show the differences of two texts, letter by letter.")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--all", "every", is_flag=True, help="Differences of layout, space, width and markup, too.")
@options.style("text", "unified", "jsonl", default="text")
@options.output
@options.settings
@options.quiet
def command(a: str, b: str, every: bool, style: str, out: str, quiet: bool, **given: str | None) -> None:
    """Show where two texts differ, letter by letter; where each breaks its lines does not matter.

    [-so-] reads what only A has, {+so+} what only B has. The unified format compares sentence by sentence;
    jsonl gives the differences as `dedup merge` logs them.

    \b
    Examples:
      dedup diff first.txt second.txt
      dedup diff first.txt second.txt --all
      dedup diff first.txt second.txt --format unified -o changes.diff
      dedup diff 'records.jsonl#7' print.txt
    """
    from dedup.cli.inputs import file_of, read_inputs, source_named
    from dedup.cli.output import check, results
    from dedup.cli.progress import bars
    from dedup.compare import compare
    from dedup.config import load
    from dedup.corpus import build
    from dedup.match import match

    check(out)
    configuration = load(given)
    paths = (file_of(a), file_of(b))
    with bars(quiet=quiet) as progress:
        read = read_inputs(paths, configuration.reading, progress=progress)
        names = [source_named(name, paths, read.sources) for name in (a, b)]
        if names[0] == names[1]:
            raise UsageError("a text is not compared with itself", path=b, hint="name two texts")
        corpus = build([read.sources[number] for number in names], progress=progress)
        first, second = (corpus.sources.index(read.sources[number]) for number in names)
        lines: Iterator[str]
        if style == "unified":
            lines = _unified(corpus, first, second)
        else:
            matches = match(corpus, configuration.settings, progress=progress)
            found = compare(corpus, matches, first, second, configuration.settings)
            paint = Paint(sys.stdout if out == "-" else None)
            lines = _rows(found, every) if style == "jsonl" else _text(corpus, found, first, second, every, paint)
    with results(out) as stream:
        stream.writelines(lines)


def _matters(variant: Variant, every: bool) -> bool:
    return every or variant.needs_review or variant.kind not in _LAYOUT


def _rows(found: Comparison, every: bool) -> Iterator[str]:
    from dedup.jsonl import line
    from dedup.write import variant_row

    for parallel in found.parallels:
        for variant in parallel.variants:
            if _matters(variant, every):
                yield line(variant_row(variant)) + "\n"


def _text(corpus: Corpus, found: Comparison, a: int, b: int, every: bool, paint: Paint) -> Iterator[str]:
    yield paint.red(f"--- {corpus.sources[a].path}") + "\n"
    yield paint.green(f"+++ {corpus.sources[b].path}") + "\n\n"
    lines_a, lines_b = corpus.lines[a], corpus.lines[b]
    for parallel in found.parallels:
        shown = [variant for variant in parallel.variants if _matters(variant, every)]
        if not shown:
            continue
        places = f"lines {_range(lines_a, parallel.a)} = {_range(lines_b, parallel.b)}"
        size = f"{parallel.letters:,} letters"
        yield paint.bold(f"{parallel.relation} {parallel.similarity:.4f}") + f"  {places}  {size}\n"
        yield table(
            [
                (
                    f"{lines_a.line(lines_a.inner(variant.readings[0].start))}",
                    f"{lines_b.line(lines_b.inner(variant.readings[1].start))}",
                    str(variant.kind) + ("*" if variant.needs_review else ""),
                    marked(variant.context, variant.readings[0].text, variant.readings[1].text, paint),
                )
                for variant in shown
            ],
            {0, 1},
        )
        yield "\n"
    yield from _counts(found, every, paint)
    yield from _only(corpus, a, found.only_a, paint.red("Only in A"), paint)
    yield from _only(corpus, b, found.only_b, paint.green("Only in B"), paint)


def _counts(found: Comparison, every: bool, paint: Paint) -> Iterator[str]:
    variants = [variant for parallel in found.parallels for variant in parallel.variants]
    if not variants:
        yield "The passages that both have do not differ.\n" if found.parallels else "No passage stands in both.\n"
        return
    classes = Counter(variant.kind for variant in variants)
    hidden = Counter(variant.kind for variant in variants if not _matters(variant, every))
    review = sum(variant.needs_review for variant in variants)
    places = f"{len(found.parallels):,} passage{'s' if len(found.parallels) > 1 else ''}"
    yield paint.bold(f"{len(variants):,} difference{'s' if len(variants) > 1 else ''}") + f" in {places}"
    yield f", {review:,} to review (*):\n" if review else ":\n"
    yield table(
        [
            (str(kind), f"{classes[kind]:,}", f"{hidden[kind]:,} not shown, see --all" if hidden[kind] else "")
            for kind in reversed(VariantClass)
            if classes[kind]
        ],
        {1},
    )


def _only(corpus: Corpus, source: int, alone: tuple[Alone, ...], heading: str, paint: Paint) -> Iterator[str]:
    if not alone:
        return
    lines, text = corpus.lines[source], corpus.sources[source].text
    yield f"\n{heading}: {sum(stretch.letters for stretch in alone):,} letters\n"
    rows = []
    for stretch in sorted(sorted(alone, key=lambda s: -s.letters)[:_MOST], key=lambda s: s.span):
        start, end = lines.inner(stretch.span.start), lines.inner(stretch.span.end)
        where = _range(lines, stretch.span)
        rows.append((f"line {where}", f"{stretch.letters:,} letters", paint.dim(shortened(text[start:end], _TEXT))))
    yield table(rows, {1})
    if len(alone) > _MOST:
        yield f"  … and {len(alone) - _MOST:,} shorter stretches\n"


def _unified(corpus: Corpus, a: int, b: int) -> Iterator[str]:
    """A unified diff of the sentences of both, breaks inside them closed. A hunk also says where it begins in the
    files."""
    from difflib import unified_diff

    (texts_a, at_a), (texts_b, at_b) = _sentences(corpus, a), _sentences(corpus, b)
    paths = corpus.sources[a].path, corpus.sources[b].path
    for row in unified_diff(texts_a, texts_b, *paths):
        if row.startswith("@@ "):
            first, second = (abs(int(part.split(",")[0])) for part in row.split(" ")[1:3])
            where = f"{paths[0]}:{_nth(at_a, first)} {paths[1]}:{_nth(at_b, second)}"
            yield f"{row.rstrip()} {where}\n"
        else:
            yield row


def _nth(lines: list[int], number: int) -> int:
    return lines[min(max(number, 1), len(lines)) - 1] if lines else 1


def _sentences(corpus: Corpus, source: int) -> tuple[list[str], list[int]]:
    """The sentences of a source, each on a line of its own, and the lines where they begin."""
    import numpy as np

    from dedup.segment import sentences_of

    text, paragraphs = corpus.sources[source].text, corpus.paragraphs
    sentences, lines = [], []
    for u in np.flatnonzero(paragraphs.source == source).tolist():
        for start, end in sentences_of(text, int(paragraphs.start[u]), int(paragraphs.end[u])):
            sentences.append(_closed(corpus, source, start, end) + "\n")
            lines.append(corpus.lines[source].line(start))
    return sentences, lines


def _closed(corpus: Corpus, source: int, start: int, end: int) -> str:
    """A stretch of text on one line: the breaks that a reader reads over closed, other space brought to one."""
    text, paragraphs = corpus.sources[source].text, corpus.paragraphs
    low, high = paragraphs.break_source.searchsorted((source, source + 1))
    first, last = low + paragraphs.break_start[low:high].searchsorted((start, end))
    parts: list[str] = []
    done = start
    for at in range(first, last):
        parts += text[done : paragraphs.break_start[at]], " " if paragraphs.break_space[at] else ""
        done = max(done, min(end, int(paragraphs.break_end[at])))
    return " ".join("".join([*parts, text[done:end]]).split())


def _range(lines: Lines, span: Span) -> str:
    first = lines.line(lines.inner(span.start))
    last = lines.line(max(lines.inner(span.start), lines.inner(span.end) - 1))
    return f"{first}" if first == last else f"{first}-{last}"
