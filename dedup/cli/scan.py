"""`dedup scan`: what stands in more than one place, as a merge would see it; nothing is written."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from dedup.cli import options
from dedup.cli.progress import Style, bars
from dedup.cli.terminal import Paint, shortened, table
from dedup.errors import UsageError

if TYPE_CHECKING:
    from dedup.config import Settings
    from dedup.corpus import Corpus
    from dedup.engine.local import Scan
    from dedup.model import Cluster

_TEXT = 60  # characters of a passage that the text format shows


@click.command("scan", short_help="Print what stands in more than one place.")
@options.inputs
@click.option("--pairs", is_flag=True, help="Every two places that match, instead of clusters.")
@click.option("--evidence", is_flag=True, help="With --pairs: why each was matched.")
@click.option("--formulas", is_flag=True, help="With --pairs: boilerplate too, which says too little to be a match.")
@click.option("--text", is_flag=True, help="The text of each cluster as well.")
@options.style("text", "parquet", "jsonl")
@options.output
@options.settings
@options.progress
@options.quiet
def command(
    inputs: tuple[str, ...],
    pairs: bool,
    evidence: bool,
    formulas: bool,
    text: bool,
    style: str | None,
    out: str,
    shown: Style,
    quiet: bool,
    **given: str | None,
) -> None:
    """Print the passages that stand in more than one place, and what a merge would do with each place.

    A cluster is one passage with all its places; --pairs prints the matches they were made of. Positions are
    characters of the decoded file, half-open.

    \b
    Examples:
      dedup scan texts
      dedup scan texts --format jsonl --text -o clusters.jsonl
      dedup scan a.txt b.txt --pairs --evidence
      dedup scan texts --pairs | jq 'select(.relation == "reworked")'
    """
    if evidence and not pairs:
        raise UsageError("--evidence is about matches, not clusters", hint="add --pairs")
    if formulas and not pairs:
        raise UsageError("--formulas is about matches, not clusters", hint="add --pairs; clusters list them anyhow")
    if text and pairs:
        raise UsageError("--text is about clusters, not matches", hint="leave out --text or --pairs")
    from dedup.cli.inputs import read_inputs
    from dedup.cli.output import check, results
    from dedup.config import load
    from dedup.engine.local import scan, scanning
    from dedup.model import Relation

    check(out)
    if style == "parquet" and out == "-" and sys.stdout.isatty():
        raise UsageError("a Parquet file cannot be shown", hint="name a file for it with -o")
    configuration = load(given)
    paint = Paint(sys.stdout if out == "-" else None)
    style = style or ("text" if out == "-" and sys.stdout.isatty() else "jsonl")
    with bars(quiet=quiet, style=shown, module="dedup.match" if pairs else "dedup.merge") as progress:
        read = read_inputs(inputs, configuration.reading, progress=progress)
        if pairs:
            found = scan(read.sources, configuration.settings, progress=progress)
            if not formulas:
                found = replace(found, matches=found.matches.without(Relation.FORMULA))
            lines = (
                _pair_rows(found, configuration.settings if evidence else None)
                if style != "text"
                else _pair_texts(found, paint)
            )
        else:
            from dedup.merge import merge

            settings = configuration.settings
            with scanning(read.sources, settings, progress=progress) as (found, reworked):
                merged = merge(found.corpus, found.matches, settings, reworked=reworked, progress=progress)
            clusters = merged.clusters
            lines = _cluster_rows(clusters, text) if style != "text" else _cluster_texts(clusters, found.corpus, paint)
        if style == "parquet":
            table = _table(lines, "pairs" if pairs else "clusters")
    with results(out) as stream:
        if style == "parquet":
            stream.buffer.write(table)
        else:
            stream.writelines(lines)


def _table(lines: Iterator[str], name: str) -> bytes:
    """Rows as a Parquet file."""
    from dedup.parquet import write
    from dedup.scratch import folder

    with folder() as scratch:
        rows, table = scratch / "rows.jsonl", scratch / "rows.parquet"
        with open(rows, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(lines)
        write(rows, table, name)
        return table.read_bytes()


def _cluster_rows(clusters: tuple[Cluster, ...], text: bool) -> Iterator[str]:
    from dedup.encode import cluster_line
    from dedup.jsonl import sayable

    return (sayable(cluster_line(cluster, text=text)) + "\n" for cluster in clusters)


def _cluster_texts(clusters: tuple[Cluster, ...], corpus: Corpus, paint: Paint) -> Iterator[str]:
    lines_of = {source.path: lines for source, lines in zip(corpus.sources, corpus.lines, strict=True)}
    for cluster in clusters:
        yield f"{paint.bold(str(cluster.relation))}  {shortened(cluster.text, _TEXT)}\n"
        rows = []
        for witness in cluster.witnesses:
            lines, span = lines_of[witness.span.path], witness.span
            last = lines.line(lines.inner(span.end) - 1)
            tiers = "+".join(witness.tiers)
            place = f"{span.path}:{_lines(witness.line, last)}"
            rows.append((str(witness.status), place, f"{witness.similarity:.4f}", tiers))
        yield table(rows) + "\n"


def _pair_rows(found: Scan, explaining: Settings | None) -> Iterator[str]:
    """Each match as JSON. A corpus can have millions, so a row is put together from columns, its paths quoted once."""
    from dataclasses import asdict

    from dedup.evidence import evidence, places
    from dedup.matches import RELATIONS
    from dedup.spans import of_matches

    matches = found.matches.told(found.corpus)
    a, b = of_matches(found.corpus, matches)
    paths = [json.dumps(source.path, ensure_ascii=False) for source in found.corpus.sources]
    relations = [json.dumps(str(relation)) for relation in RELATIONS]
    columns: tuple[list[Any], ...] = (
        *(column.tolist() for side in (a, b) for column in (side.source, side.start, side.end)),
        matches.relation.tolist(),
        matches.similarity.round(4).tolist(),
        (matches.lsh + 2 * (matches.anchors > 0) + 4 * (matches.words > 0)).tolist(),
    )
    why: Iterator[str] | None = None
    if explaining:
        rows = evidence(found.corpus, matches, places(found.corpus), explaining)
        why = (f', "evidence": {json.dumps(asdict(row))}' for row in rows)
    for pa, sa, ea, pb, sb, eb, relation, similarity, tiers in zip(*columns, strict=True):
        yield (
            f'{{"a": {{"path": {paths[pa]}, "start": {sa}, "end": {ea}}}, '
            f'"b": {{"path": {paths[pb]}, "start": {sb}, "end": {eb}}}, '
            f'"relation": {relations[relation]}, "similarity": {similarity}, '
            f'"tiers": {_TIERS[tiers]}{next(why) if why else ""}}}\n'
        )


_TIERS = tuple(
    json.dumps([tier for bit, tier in enumerate(("lsh", "anchor", "words")) if found & 1 << bit]) for found in range(8)
)
"""By the sum of 1, 2 and 4 for the tiers that found a match, their names."""


def _pair_texts(found: Scan, paint: Paint) -> Iterator[str]:
    from dedup.matches import RELATIONS
    from dedup.spans import of_matches

    matches, sources = found.matches.told(found.corpus), found.corpus.sources
    similarity = matches.similarity.round(4).tolist()
    a, b = of_matches(found.corpus, matches)
    for row in range(len(matches)):
        places = [f"{sources[side.source[row]].path}:{_lines(side.line[row], side.last_line[row])}" for side in (a, b)]
        (_, first, last), _ = matches.sides(row)
        start, end = found.corpus.characters(first, last)
        text = shortened(sources[a.source[row]].text[start:end], _TEXT)
        relation = paint.bold(f"{RELATIONS[matches.relation[row]]!s:<9}")
        yield f"{relation}  {similarity[row]:.4f}  {'  '.join(places)}  {paint.dim(text)}\n"


def _lines(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
