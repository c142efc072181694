"""`dedup check`: which passages of what is new stand in the corpus already."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import click

from dedup.cli import options
from dedup.errors import EXIT_FINDINGS, UsageError

if TYPE_CHECKING:
    from dedup.baseline import Baseline
    from dedup.check import Checked, News
    from dedup.config import ReadSettings, Settings
    from dedup.fold import Progress
    from dedup.index.store import Index
    from dedup.read import File
    from dedup.terms import Terms

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit", "markdown")


@click.command("check", short_help="Say which passages of what is new stand in the corpus already.")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--since", metavar="REF", help="New is what git has since REF. [default: since the default branch]")
@click.option("--staged", is_flag=True, help="New is what is staged in git, as it is staged.")
@click.option("--corpus", multiple=True, metavar="PATH", help="What to compare with. [default: the whole repository]")
@click.option("--index", metavar="FILE", help="An index of the corpus (dedup index). [default: one in the cache]")
@click.option("--baseline", metavar="FILE", help="What is accepted. [default: dedup-baseline.json, if it is there]")
@click.option("--decisions", metavar="FILE", help="Decisions of reviewers. [default: decisions.jsonl, if it is there]")
@click.option("--update-baseline", is_flag=True, help="Take out of the baseline what stands twice no more.")
@click.option("--accept-new", is_flag=True, help="With --update-baseline: accept what is new, too.")
@click.option("--max-new", type=click.IntRange(0), metavar="N", help="Put up with N new duplicates. [default: 0]")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--report", "reports", multiple=True, metavar="FORMAT=FILE", help=f"Repeatable: {', '.join(FORMATS)}.")
@options.some_settings(*options.MATCHING, *options.READING)
@options.quiet
def command(
    paths: tuple[str, ...],
    since: str | None,
    staged: bool,
    corpus: tuple[str, ...],
    index: str | None,
    baseline: str | None,
    decisions: str | None,
    update_baseline: bool,
    accept_new: bool,
    max_new: int | None,
    exit_zero: bool,
    reports: tuple[str, ...],
    quiet: bool,
    **given: str | None,
) -> None:
    """Find the passages of new texts that stand in the corpus already, or twice in what is new.

    New is what git says has changed since the default branch (or --since REF, or --staged), or PATHS. It is compared
    with the whole corpus, through an index that is kept in the cache and brought up to date by itself. What the
    baseline has is accepted. Exit 1 if a duplicate is new. Settings can stand in [tool.dedup.check] of
    pyproject.toml: corpus, baseline, decisions, index, since, max-new.

    \b
    Examples:
      dedup check
      dedup check --since origin/main --report sarif=dedup.sarif --report markdown=comment.md
      dedup check --staged
      dedup check new.txt --corpus texts
      dedup check --update-baseline --accept-new
    """
    from dedup.cli.output import check as writable
    from dedup.cli.output import results
    from dedup.cli.progress import bars
    from dedup.config import load
    from dedup.terms import load_terms

    if since is not None and staged:
        raise UsageError("--since and --staged are two kinds of new", hint="leave one of them out")
    if since == "":
        raise UsageError("--since names no commit", hint="leave it out to compare with the default branch")
    if accept_new and not update_baseline:
        raise UsageError("--accept-new is about the baseline", hint="add --update-baseline")
    told = [_report(report) for report in reports] or [("text", "-")]
    for at, (_, file) in enumerate(told):
        if file in [other for _, other in told[:at]]:
            raise UsageError("two reports go to one file", path=file, hint="give each report a file of its own")
        writable(file)
    configuration, terms = load(given), load_terms()
    with bars(quiet=quiet, module="dedup.check") as progress, ExitStack() as used:
        run = _Run(terms, corpus, index, baseline, configuration.settings, configuration.reading, progress, used)
        news = run.everything() if update_baseline else run.news(paths, since or terms.since, staged)
        found, accepted = run.check(news, decisions, update=update_baseline, accept_new=accept_new)
    if accepted is not None:
        run.write_baseline(accepted, quiet=quiet)
        return
    for style, file in told:
        with results(file) as stream:
            stream.write(_rendered(style, found))
    if any(style == "github" for style, _ in told):
        _summarise(found)
    limit = terms.max_new if max_new is None else max_new
    if len(found.new) > limit and not exit_zero:
        raise click.exceptions.Exit(EXIT_FINDINGS)


def _report(report: str) -> tuple[str, str]:
    style, equals, file = report.partition("=")
    if style not in FORMATS:
        from dedup.config import nearest

        near = nearest(style, FORMATS)
        hint = f"did you mean {near}?" if near else f"the formats are {', '.join(FORMATS)}"
        raise UsageError(f"there is no report {style!r}", hint=hint)
    if not equals or not file:
        raise UsageError(f"--report {report} names no file", hint=f"write {style}=FILE; {style}=- is standard output")
    return style, file


def _rendered(style: str, found: Checked) -> str:
    text: str = import_module(f"dedup.report.{style}").render(found)
    return text.encode("utf-8", "backslashreplace").decode()  # a lone surrogate is no UTF-8


def _summarise(found: Checked) -> None:
    """The whole table into the summary of the workflow's step."""
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(summary, "a", encoding="utf-8") as stream:
            stream.write(_rendered("markdown", found))


class _Run:
    """One check: where the corpus lies, and what is accepted. All paths are told relative to `base`."""

    def __init__(
        self,
        terms: Terms,
        corpus: Sequence[str],
        index: str | None,
        baseline: str | None,
        settings: Settings,
        reading: ReadSettings,
        progress: Progress | None,
        used: ExitStack,
    ):
        from dedup.changes import repository

        self.terms, self.settings, self.reading, self.progress, self.used = terms, settings, reading, progress, used
        self.root = repository()
        self.base = self.root or os.getcwd()
        self.index = index or terms.index
        self.corpus = tuple(corpus) or terms.corpus or self._indexed() or ((self.root,) if self.root else ())
        named = baseline or terms.baseline
        self.baseline = named or self._beside("dedup-baseline.json")
        self.baseline_is_named = baseline is not None

    def _indexed(self) -> tuple[str, ...]:
        """The corpus that a named index was made of. The index stays open: to open it again costs nothing then."""
        if self.index is None:
            return ()
        from dedup.index.store import opened

        index = self.used.enter_context(opened(self.index))
        return tuple(os.path.join(self.base, path) for path in index.inputs())

    def _beside(self, name: str) -> str:
        """A file beside the project file, or at the root."""
        return os.path.relpath(os.path.join(self.terms.folder if self.terms.folder != "." else self.base, name))

    def files(self) -> tuple[File, ...]:
        from dedup.index.files import corpus_files

        if not self.corpus:
            raise UsageError("there is no corpus to compare with", hint="name it with --corpus")
        return corpus_files(self.corpus, self.base)

    def everything(self) -> News:
        from dedup.check.news import named

        return named(self.files(), self.reading)

    def news(self, paths: Sequence[str], since: str | None, staged: bool) -> News:
        from dedup import changes
        from dedup.check.news import changed, named
        from dedup.index.files import corpus_files, relative

        if paths and not staged and since is None:
            if not self.corpus:
                self.corpus = tuple(paths)
            return named(corpus_files(paths, self.base), self.reading)
        if self.root is None:
            hint = "name the files to check, or run it inside the repository"
            raise UsageError("this is no git repository, so nothing tells what is new", hint=hint)
        what = changes.staged(self.root) if staged else changes.since(self.root, since)
        roots = [relative(path, self.base) for path in self.corpus]
        if roots and all(root.startswith("../") for root in roots):
            fault = "the corpus lies outside the repository, whose changes are no part of it"
            raise UsageError(fault, path=self.corpus[0], hint="name the files to check")
        within = [relative(path, self.base) for path in paths] or None
        return changed(what, self.files(), roots, within, self.reading)

    def check(
        self, news: News, decisions: str | None, *, update: bool, accept_new: bool
    ) -> tuple[Checked, Baseline | None]:
        from dedup.check import Checked, check
        from dedup.decisions import read_decisions

        accepted = self._accepted(update)
        path = decisions or self.terms.decisions
        if path is not None and not os.path.exists(path):
            raise UsageError("there is no such file", path=path, hint="the decisions of reviewers; leave it out")
        kept = read_decisions(path or self._beside("decisions.jsonl"))
        if not news.sources and not update:
            return Checked(news.files, (), (), 0, 0), None
        files = [file for file in self.files() if file.path not in news.replaced]
        with self._opened(files, news) as index:
            found, verdicts = check(index, files, news, self.settings, self.reading, baseline=accepted, decisions=kept)
            return found, verdicts.updated(accept_new=accept_new) if update else None

    def _accepted(self, update: bool) -> Baseline:
        from dedup.baseline import Baseline, read_baseline

        if os.path.exists(self.baseline):
            return read_baseline(self.baseline)
        if self.baseline_is_named and not update:
            raise UsageError("there is no such baseline", path=self.baseline, hint="make it with --update-baseline")
        return Baseline()

    @contextmanager
    def _opened(self, files: Sequence[File], news: News) -> Iterator[Index]:
        from dedup.index.current import Wanted, cached, kept
        from dedup.index.files import cached_index, relative

        inputs = tuple(relative(path, self.base) for path in self.corpus)
        path = self.index or cached_index(self.corpus, self.base)
        wanted = Wanted(path, inputs, self.settings, self.reading)
        with (
            kept(wanted, files, news.replaced)
            if self.index
            else cached(wanted, files, news.replaced, progress=self.progress)
        ) as index:
            yield index

    def write_baseline(self, accepted: Baseline, *, quiet: bool) -> None:
        from dedup.baseline import write_baseline

        before = self._accepted(update=True)
        names = before.paragraphs.keys() | accepted.paragraphs.keys()
        change = [
            (accepted.paragraphs[name].count if name in accepted.paragraphs else 0)
            - (before.paragraphs[name].count if name in before.paragraphs else 0)
            for name in names
        ]
        write_baseline(self.baseline, accepted)
        if not quiet:
            added, removed = sum(n for n in change if n > 0), -sum(n for n in change if n < 0)
            click.echo(f"{self.baseline}: +{added:,} \N{MINUS SIGN}{removed:,}", file=sys.stdout)
