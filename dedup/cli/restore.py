"""`dedup restore`: the inputs of a merge again, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from dedup.cli import options
from dedup.cli.failures import Interrupted
from dedup.errors import OutputError


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
    from dedup.restore import restore, restore_to

    there = _there(restore(merged), Path(folder)) if not force and Path(folder).exists() else {}
    different = [path for path, same in there.items() if not same]
    if different:
        others = f", and so would {len(different) - 1:,} more" if len(different) > 1 else ""
        what = f"is there already and would be replaced by another{others}"
        hint = "name another folder with -o, or say --force to replace them"
        raise OutputError(what, path=str(Path(folder, different[0])), hint=hint)
    try:
        paths = restore_to(merged, folder)
    except KeyboardInterrupt:
        raise Interrupted(f"{folder} may lack some files") from None
    if not quiet:
        same = f", {len(there):,} of them there already" if there else ""
        click.echo(f"{len(paths):,} file{'' if len(paths) == 1 else 's'} restored in {folder}{same}")


def _there(files: Iterable[tuple[str, bytes]], folder: Path) -> dict[str, bool]:
    """Of the files that are in the folder already, whether they are the same."""
    there = {}
    for path, data in files:
        file = folder / ("stdin" if path == "-" else path)
        if file.exists():
            there[path] = file.is_file() and file.read_bytes() == data
    return there
