"""`dedup merge`: one clean corpus, and a log of every difference."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from dedup.cli import options
from dedup.cli.progress import Style, bars


@click.command("merge", short_help="Merge texts into one corpus in which every passage stands once.")
@options.inputs
@click.option("-o", "--output", "out", metavar="OUT", required=True, help="The folder to write.")
@options.decisions
@click.option(
    "--output-format",
    type=click.Choice(["jsonl", "parquet"]),
    default="jsonl",
    show_default=True,
    help="Parquet: corpus, clusters and diff as tables too.",
)
@click.option(
    "--also",
    type=click.Choice(["tei", "unified", "table", "jsonl"]),
    multiple=True,
    help="The passages with all their readings in this format, too; repeat it for more.",
)
@options.settings
@options.progress
@options.quiet
def command(
    inputs: tuple[str, ...],
    out: str,
    output_format: Literal["jsonl", "parquet"],
    also: tuple[str, ...],
    shown: Style,
    quiet: bool,
    **given: str | None,
) -> None:
    """Merge files and folders (- is standard input) into one corpus in which every passage stands once.

    OUT gets the corpus, the clusters of passages, and a log of every difference, from which `dedup restore`
    rebuilds each input byte for byte. An OUT that an earlier merge wrote is replaced when the new one is whole;
    it is not read as an input, wherever it lies. What a reviewer decided (see `dedup decide`) is carried out; what
    of it can no longer be is said on standard error and in the manifest.

    \b
    Examples:
      dedup merge texts -o merged
      dedup merge a.txt b.txt notes/ -o merged --unit sentence
      dedup merge texts -o merged --decisions decisions.jsonl
      dedup merge texts -o merged --also tei --also table
      dedup merge records.jsonl --text-field body -o merged
      dedup merge shard-1.parquet shard-2.parquet -o merged --output-format parquet
      cat speech.txt | dedup merge - reports/ -o merged
    """
    from dedup.cli.inputs import decided, read_inputs
    from dedup.cli.summary import summary
    from dedup.config import load
    from dedup.engine.local import scanning
    from dedup.merge import Merged, merge
    from dedup.write import check_target, fill, replacing, writing

    configuration = load(given)
    settings = configuration.settings
    check_target(out)
    decisions = decided(configuration.files)
    with bars(quiet=quiet, style=shown, module="dedup.merge") as progress:
        read = read_inputs(inputs, configuration.reading, progress=progress)
        with scanning(read.sources, settings, progress=progress) as (found, reworked), replacing(Path(out)) as folder:

            def tell(merged: Merged) -> None:
                with writing(out):
                    fill(folder, merged, read, found.corpus, settings, output_format=output_format, also=also)

            merged = merge(
                found.corpus, found.matches, settings, decisions, reworked=reworked, tell=tell, progress=progress
            )
    for of in merged.stale:
        told = of.decision.variant or of.decision.cluster
        click.echo(f"warning: {configuration.files.decisions}: {told} {of.decision.verdict}: {of.reason}", err=True)
    if not quiet:
        click.echo(summary(merged, read, found.corpus, out), nl=False, color=True)
