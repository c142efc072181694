"""`dedup index`: the corpus on disk, in which `dedup check` looks up what is new."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from dedup.cli import options
from dedup.cli.options import F
from dedup.cli.terminal import table
from dedup.errors import UsageError

if TYPE_CHECKING:
    from dedup.index.current import Wanted


def _named(command: F) -> F:
    words = "The index. [default: the one of this corpus in the cache]"
    return click.option("--index", "file", metavar="FILE", help=words)(command)


@click.group("index", short_help="Keep an index of a corpus, for quick checks.")
def command() -> None:
    """Keep an index of a corpus, so that a check need not read all of it.

    `dedup check` keeps one in the cache by itself. One that is named with --index is the user's to keep: a check
    reads it, and says so when it is out of date.

    \b
    Examples:
      dedup index build texts --index texts.duckdb
      dedup index update --index texts.duckdb
      dedup index info
    """


@command.command("build", short_help="Make an index.")
@click.argument("inputs", nargs=-1, metavar="[INPUTS]...")
@_named
@options.some_settings(*options.READING)
@options.quiet
def build(inputs: tuple[str, ...], file: str | None, quiet: bool, **given: str | None) -> None:
    """Make the index of a corpus, in place of one that is there; another file is left alone.

    \b
    Examples:
      dedup index build texts --index texts.duckdb
      dedup index build
    """
    from dedup.cli.progress import bars
    from dedup.index.current import build as make
    from dedup.index.files import corpus_files
    from dedup.index.store import check_replaceable

    wanted, corpus, base = _wanted(inputs, file, given)
    check_replaceable(wanted.path)
    with bars(quiet=quiet) as progress:
        make(wanted, corpus_files(corpus, base), progress=progress)
    if not quiet:
        _tell(wanted.path)


@command.command("update", short_help="Bring an index up to date.")
@_named
@options.some_settings(*options.READING)
@options.quiet
def update(file: str | None, quiet: bool, **given: str | None) -> None:
    """Bring an index up to date with the files of its corpus: what is new, what is gone, what has moved.

    It happens as a whole or not at all, whenever the process ends.

    \b
    Example:
      dedup index update --index texts.duckdb
    """
    from dedup.cli.progress import bars
    from dedup.index.files import corpus_files
    from dedup.index.refresh import refresh
    from dedup.index.store import check_make, opened

    wanted, _, base = _wanted((), file, given)
    with bars(quiet=quiet) as progress, opened(wanted.path, write=True) as index:
        check_make(index, wanted.make)
        files = corpus_files([os.path.join(base, path) for path in index.inputs()], base)
        done = refresh(index, files, wanted.reading, progress=progress)
    if not quiet:
        click.echo(f"{wanted.path}: {done.added:,} added, {done.changed:,} changed, {done.removed:,} removed")


@command.command("info", short_help="Say what is in an index.")
@_named
def info(file: str | None) -> None:
    """Say what is in an index, and what it was made with."""
    _tell(_wanted((), file, {})[0].path)


@command.command("verify", short_help="Prove an index sound.")
@_named
@options.quiet
def verify(file: str | None, quiet: bool) -> None:
    """Derive everything in an index again, and compare. An index that is broken is an error, exit 2."""
    from dedup.index.store import opened
    from dedup.index.verify import verify as prove

    path = _wanted((), file, {})[0].path
    with opened(path) as index:
        prove(index)
    if not quiet:
        click.echo(f"{path}: sound")


@command.command("drop", short_help="Delete an index.")
@_named
@options.quiet
def drop(file: str | None, quiet: bool) -> None:
    """Delete an index. A file that is none is left alone."""
    from dedup.index.store import opened

    path = _wanted((), file, {})[0].path
    with opened(path, write=True):
        pass
    for name in (path, f"{path}.wal"):
        if os.path.exists(name):
            os.unlink(name)
    if not quiet:
        click.echo(f"{path}: deleted")


def _wanted(inputs: tuple[str, ...], file: str | None, given: dict[str, Any]) -> tuple[Wanted, tuple[str, ...], str]:
    """The index that is meant, its corpus, and the base of all paths."""
    from dedup.changes import repository
    from dedup.config import load
    from dedup.index.current import Wanted
    from dedup.index.files import cached_index, relative
    from dedup.terms import load_terms

    configuration, terms, root = load(given), load_terms(), repository()
    base = root or os.getcwd()
    corpus = inputs or terms.corpus or ((root,) if root else ())
    path = file or terms.index
    if path is None:
        if not corpus:
            raise UsageError("there is no corpus", hint="name its files and folders, or an index with --index")
        path = cached_index(corpus, base)
    relatives = tuple(relative(name, base) for name in corpus)
    return Wanted(path, relatives, configuration.settings, configuration.reading), corpus, base


def _tell(path: str) -> None:
    from dedup.index.store import opened

    with opened(path) as index:
        make = index.make()
        ((files,),) = index.rows("select count(*) from files")
        ((sources,),) = index.rows("select count(*) from sources")
        ((texts, letters),) = index.rows("select count(*), coalesce(sum(count), 0)::bigint from contents")
        tables = (("paragraphs", "paragraphs"), ("seeds", "standing"), ("bands", "bands"))
        counted = {name: index.rows(f"select count(*) from {table}")[0][0] for name, table in tables}
        inputs = ", ".join(index.inputs())
    size = os.path.getsize(path)
    rows = [
        ("index", path),
        ("corpus", inputs),
        ("files", f"{files:,}"),
        ("texts", f"{sources:,}, {texts:,} of them different"),
        ("letters", f"{letters:,}"),
        *((name, f"{count:,}") for name, count in counted.items()),
        ("size", f"{size:,} bytes, {size / max(1, letters):.1f} a letter"),
        ("made with", ", ".join(f"{name.replace('_', '-')} {value}" for name, value in make.items())),
    ]
    click.echo(table(rows, indent=""), nl=False)
