"""The options that several commands share. Values come as they were typed; `config.load` reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from dedup.config import ReadSettings, Settings

F = TypeVar("F", bound=Callable[..., Any])

_SETTINGS = Settings()
_READING = ReadSettings()

_OPTIONS = (
    ("--min-length", "LETTERS", "Nothing shorter is a match; a Latin letter is 0.4 of a Han one", _SETTINGS.min_length),
    ("--similarity", "SHARE", "What is less similar is logged but never removed", _SETTINGS.similarity),
    ("--cover", "SHARE", "How much of a unit must stand elsewhere for it to leave the corpus", _SETTINGS.cover),
    ("--unit", "UNIT", "What leaves as one piece: paragraph, sentence or passage", _SETTINGS.unit),
    ("--encoding", "NAME", "Of all files, where it cannot be told from them", None),
    ("--text-field", "NAME", "The field of a JSON record that has its text", _READING.text_field),
    ("--id-field", "NAME", "The field of a JSON record that has its id", _READING.id_field),
    ("--jobs", "N", "Processes; 0 takes one for each processor", _SETTINGS.jobs),
    ("--memory", "SIZE", "Of finding passages, for example 2GB; columns that do not fit go to files in TMPDIR", None),
)  # fmt: skip


READING = ("--encoding", "--text-field", "--id-field")
MATCHING = ("--min-length", "--similarity", "--cover")


def settings(command: F) -> F:
    """The settings as options; without `[tool.dedup]` and DEDUP_* in their place, their defaults hold."""
    return some_settings(*(name for name, *_ in _OPTIONS))(command)


def some_settings(*names: str) -> Callable[[F], F]:
    """Those settings that a command heeds."""

    def offered(command: F) -> F:
        for name, metavar, words, default in reversed(_OPTIONS):
            if name in names:
                shown = "." if default is None else f". [default: {default}]"
                command = click.option(name, metavar=metavar, default=None, help=words + shown)(command)
        return command

    return offered


def decisions(command: F) -> F:
    """What a reviewer decided."""
    words = "What a reviewer decided, to be carried out."
    return click.option("--decisions", metavar="FILE", default=None, help=words)(command)


def inputs(command: F) -> F:
    """The texts to read."""
    return click.argument("inputs", nargs=-1, metavar="INPUTS...")(command)


def quiet(command: F) -> F:
    """No messages."""
    return click.option("-q", "--quiet", is_flag=True, help="No bars and no messages but errors.")(command)


def progress(command: F) -> F:
    """How far the run is."""
    words = "How to tell on stderr how far it is. auto: bars on a terminal; json: an object a line, for programs."
    styles = click.Choice(["auto", "bar", "json", "none"])
    return click.option("--progress", "shown", type=styles, default="auto", show_default=True, help=words)(command)


def output(command: F) -> F:
    """A file for the results."""
    words = "The file to write; - is standard output."
    return click.option("-o", "--output", "out", metavar="FILE", default="-", show_default=True, help=words)(command)


def style(*names: str, default: str | None = None) -> Callable[[F], F]:
    """The format of the results. Without a default it is the first for a person at a terminal, else the last."""
    words = f"[default: {default or f'{names[0]} on a terminal, {names[-1]} elsewhere'}]"
    return click.option("--format", "style", type=click.Choice(names), default=default, help=words)
