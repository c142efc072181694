"""`dedup diff`: two versions of a text, letter by letter, however each cuts its lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import click

from dedup.cli import options
from dedup.cli.terminal import Paint, columns
from dedup.errors import UsageError
from dedup.model import Variant


@click.command("diff", short_help="Show the differences of two or more texts, letter by letter.")
@click.argument("texts", nargs=-1, metavar="A B [C...]")
@click.option("--all", "every", is_flag=True, help="Differences of layout, space, width and markup, too.")
@click.option("-y", "--side-by-side", "beside", is_flag=True, help="Two texts in two columns.")
@options.style("text", "unified", "tei", "table", "jsonl", default="text")
@options.output
@options.some_settings(*options.MATCHING, *options.READING)
@options.quiet
def command(
    texts: tuple[str, ...], every: bool, beside: bool, style: str, out: str, quiet: bool, **given: str | None
) -> None:
    """Show where texts differ, letter by letter; where each breaks its lines does not matter.

    Of two texts, [-so-] reads what only A has, {+so+} what only B has. Three and more are shown as a table: what A
    has, and in a column for each other text what it has instead. The unified format compares sentence by sentence;
    tei is a TEI P5 apparatus, table an alignment table in CSV: both hold every letter of what the texts share; jsonl
    gives the differences as `dedup merge` logs them.

    \b
    Examples:
      dedup diff first.txt second.txt
      dedup diff first.txt second.txt --side-by-side --all
      dedup diff first.txt second.txt third.txt
      dedup diff first.txt second.txt third.txt --format tei -o apparatus.xml
      dedup diff first.txt second.txt --format unified -o changes.diff
      dedup diff 'records.jsonl#7' print.txt
    """
    from itertools import chain

    from dedup.cli.differences import Look, many, pair
    from dedup.cli.inputs import file_of, read_inputs, source_named
    from dedup.cli.output import check, results
    from dedup.cli.progress import bars
    from dedup.compare import collate_texts, compare
    from dedup.config import load
    from dedup.corpus import build
    from dedup.match import match
    from dedup.report.unified import unified_sources
    from dedup.write import rendered

    if len(texts) < 2:
        raise UsageError(f"missing argument {'AB'[len(texts)]!r}", hint="name the texts to compare, two or more")
    if beside and (len(texts) > 2 or style != "text"):
        raise UsageError("--side-by-side is for two texts on a terminal", hint="more are shown as a table without it")
    check(out)
    configuration = load(given)
    paths = [file_of(name) for name in texts]
    with bars(quiet=quiet) as progress:
        read = read_inputs(paths, configuration.reading, progress=progress)
        names = [source_named(name, paths, read.sources) for name in texts]
        if twice := [name for at, name in enumerate(texts) if names[at] in names[:at]]:
            raise UsageError("a text is not compared with itself", path=twice[0], hint="name different texts")
        corpus = build([read.sources[number] for number in names], progress=progress)
        order = [corpus.sources.index(read.sources[number]) for number in names]
        paint = Paint(sys.stdout if out == "-" else None)
        width = columns(sys.stdout if out == "-" else None)
        lines: Iterator[str]
        if style == "unified":
            lines = chain.from_iterable(unified_sources(corpus, order[0], other) for other in order[1:])
        else:
            matches = match(corpus, configuration.settings, progress=progress)
            if len(order) == 2 and style == "text":
                found = compare(corpus, matches, order[0], order[1], configuration.settings)
                lines = pair(corpus, found, order[0], order[1], Look(paint, width, every), beside=beside)
            else:
                clusters = collate_texts(corpus, matches, order, configuration.settings)
                if style == "jsonl":
                    lines = _rows((variant for of in clusters for variant in of.variants), every)
                elif style == "text":
                    lines = many(corpus, clusters, order, Look(paint, width, every))
                else:
                    lines = rendered(style, clusters, corpus.sources)
    with results(out) as stream:
        stream.writelines(lines)


def _rows(variants: Iterable[Variant], every: bool) -> Iterator[str]:
    from dedup.cli.differences import matters
    from dedup.encode import variant_line
    from dedup.jsonl import sayable

    return (sayable(variant_line(variant)) + "\n" for variant in variants if matters(variant, every))
