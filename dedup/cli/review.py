"""`dedup review`: the review page of a merged folder, as one file or served."""

from __future__ import annotations

from pathlib import Path

import click

from dedup.cli import options
from dedup.errors import OutputError, UsageError


@click.command("review", short_help="Look at a merged folder in a browser, and decide.")
@click.argument("merged", metavar="OUT")
@click.option("-o", "--output", "out", metavar="FILE", default=None, help="The page to write; - is standard output.")
@click.option("--serve", is_flag=True, help="Serve the page to this machine; decisions are written as they are made.")
@click.option(
    "--decisions", metavar="FILE", default=None, help="What is decided. [default of --serve: decisions.jsonl]"
)
@click.option("--port", metavar="N", type=click.IntRange(0, 65535), default=None, help="Of --serve. [default: 8765]")
@click.option(
    "--jobs",
    metavar="N",
    default=None,
    help="Processes to merge again with; 0 takes one for each processor. [default: 0]",
)
@click.option("--open", "show", is_flag=True, help="Open the page in a browser.")
@options.quiet
def command(
    merged: str, out: str | None, serve: bool, port: int | None, show: bool, quiet: bool, **given: str | None
) -> None:
    """Look at the folder OUT that `dedup merge` wrote, and decide: accept, keep both, choose a reading, split.

    With -o the page is one file that works offline; what is decided in it is kept by the browser and saved as
    decisions.jsonl, for `dedup merge --decisions`. With --serve each decision is written to the decisions file as it
    is made, and a button merges again as was decided. Only this machine is served, at an address that is printed.

    \b
    Examples:
      dedup review merged -o review.html
      dedup review merged -o review.html --decisions decisions.jsonl
      dedup review merged --serve --open
    """
    from dedup.cli.inputs import decided
    from dedup.cli.output import check, results
    from dedup.config import load
    from dedup.review.page import page

    if serve == (out is not None):
        what = "-o and --serve exclude each other" if serve else "nothing was asked for"
        raise UsageError(what, hint="say -o FILE to write the page, or --serve to decide in a browser")
    configuration = load(given)
    if out is None:
        file = Path(configuration.files.decisions or "decisions.jsonl")
        _serve(Path(merged), file, port, configuration.settings.jobs, show, quiet)
        return
    check(out)
    text = page(merged, decided(configuration.files))
    with results(out) as stream:
        stream.write(text)
    if show and out != "-":
        click.launch(Path(out).resolve().as_uri())


def _serve(merged: Path, decisions: Path, port: int | None, jobs: int, show: bool, quiet: bool) -> None:
    from dedup.restore import read_manifest
    from dedup.review.server import ReviewServer

    read_manifest(merged)
    if not decisions.absolute().parent.is_dir():
        raise OutputError("its folder does not exist", path=str(decisions), hint="name a file in a folder that exists")
    try:
        server = ReviewServer(merged, decisions, port=port, jobs=jobs)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"port {port} cannot be used: {reason}", hint="name another with --port") from None
    with server:
        click.echo(server.url)
        if not quiet:
            click.echo(f"decisions go to {decisions}; end with Ctrl-C", err=True)
        if show:
            click.launch(server.url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return
