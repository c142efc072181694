"""`dedup restore`: the inputs of a merge again, byte for byte."""

from __future__ import annotations

import click

from dedup.cli import options
from dedup.cli.failures import Interrupted


@click.command("restore", short_help="Rebuild the inputs of a merge, byte for byte.")
@click.argument("merged", metavar="OUT")
@click.option("-o", "--output", "folder", metavar="DIR", required=True, help="The folder to write the inputs to.")
@click.option("--force", is_flag=True, help="Replace files that are there already and differ.")
@options.quiet
def command(merged: str, folder: str, force: bool, quiet: bool) -> None:
    """Rebuild every input of a merge below DIR, byte for byte, from the folder OUT that `dedup merge` wrote.

    Each file is checked against its hash before any is written. A file that is there already and differs is
    left alone, and nothing is written, unless --force is given.

    \b
    Examples:
      dedup restore merged -o back
      dedup restore merged -o back --force
    """
    from dedup.restore import restore_to

    try:
        paths, there = restore_to(merged, folder, force=force)
    except KeyboardInterrupt:
        raise Interrupted(f"{folder} may lack some files") from None
    if not quiet:
        same = f", {len(there):,} of them there already" if there else ""
        click.echo(f"{len(paths):,} file{'' if len(paths) == 1 else 's'} restored in {folder}{same}")
