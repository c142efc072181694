"""`dedup config`: the settings in force, and where each comes from."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from dedup.cli import options
from dedup.cli.terminal import table
from dedup.config import load


@click.command("config", short_help="Print every setting, its value and where it comes from.")
@options.settings
@options.decisions
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How.")
def command(style: str, **given: str | None) -> None:
    """Print every setting, its value and where it comes from.

    A setting can stand in four places; the later one has the last word: the default, [tool.dedup] in the nearest
    pyproject.toml, a variable DEDUP_*, an option of the command.

    \b
    Examples:
      dedup config
      DEDUP_MIN_LENGTH=20 dedup config --unit sentence
      dedup config --format json
    """
    found = load(given).origins
    if style == "json":
        click.echo(json.dumps([asdict(setting) for setting in found], ensure_ascii=False, indent=1))
        return
    rows = [(setting.name, "" if setting.value is None else str(setting.value), setting.origin) for setting in found]
    click.echo(table([("setting", "value", "from"), *rows], indent=""), nl=False)
