"""The command `dedup`: one file a command, loaded when it is asked for.

Whatever goes wrong in a command ends in `failures.guarded`, which says it in two lines and gives the exit code.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Never

import click

from dedup import __version__
from dedup.cli.failures import guarded
from dedup.config import nearest
from dedup.errors import UsageError

COMMANDS = ("merge", "review", "decide", "scan", "diff", "restore", "explain", "check", "index", "config")


class _Commands(click.Group):
    """Loads a command's file when it is wanted, and answers for all of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"dedup.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name in COMMANDS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        near = nearest(name, COMMANDS)
        hint = f"did you mean {near!r}?" if near else f"the commands are {', '.join(COMMANDS)}"
        raise UsageError(f"there is no command {name!r}", hint=hint)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> Never:
        """Run a command and exit with its code."""
        if "_DEDUP_COMPLETE" in os.environ:
            super().main(args, "dedup")  # a shell asks for completions

        def run() -> None:
            with self.make_context("dedup", list(sys.argv[1:] if args is None else args), **extra) as ctx:
                self.invoke(ctx)

        gc.set_threshold(10_000_000, 50, 100)  # a run makes millions of small things and hardly a cycle
        sys.exit(guarded(run))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="dedup", message="%(prog)s %(version)s")
def main() -> None:
    """Find every passage that stands in more than one place, line the versions up letter by letter, and merge
    them: one clean corpus, and a log from which each input comes back byte for byte.

    \b
    Examples:
      dedup merge texts -o merged        merge a folder of texts
      dedup decide merged                what is left to you, and your word on it
      dedup scan texts                   only look: print what stands twice
      dedup diff one.txt two.txt         the differences of two versions, letter by letter
      dedup restore merged -o back       the inputs again
      dedup review merged --serve        look at it in a browser, and decide
      dedup explain a.txt:12 b.txt:7     why two lines are a match, or why not

    Settings can stand in [tool.dedup] of pyproject.toml and in DEDUP_* variables: see `dedup config`.
    """
