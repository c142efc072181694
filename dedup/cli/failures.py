"""What a command raises -> one line that says what is wrong, one that says what to do, and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import click

from dedup.cli.terminal import Paint
from dedup.errors import EXIT_BROKEN_PIPE, EXIT_CLEAN, EXIT_ERROR, EXIT_INTERRUPTED, DedupError, MemoryExceeded

DEBUG = "DEDUP_DEBUG"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C at a moment when something had been written already; the message says what."""


def guarded(run: Callable[[], None]) -> int:
    """Run a command and say on stderr what went wrong; returns the exit code."""
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        # results are UTF-8 wherever they go, and a lone surrogate must not end the program
        utf8 = None if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=utf8, errors="backslashreplace")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", MemoryExceeded)
            warnings.showwarning = _warned  # type: ignore[assignment]
            code = _answered(run)
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:  # what was still in the buffer has nowhere to go
        return _operating_system(error)
    return code


def _answered(run: Callable[[], None]) -> int:
    try:
        run()
    except click.exceptions.Exit as done:
        return done.exit_code
    except DedupError as error:
        return _say(str(error), error.hint)
    except click.ClickException as error:
        return _click(error)
    except (KeyboardInterrupt, click.Abort) as interruption:
        words = str(interruption) if isinstance(interruption, Interrupted) else "nothing was written"
        _stderr("\n" if sys.stderr is not None and sys.stderr.isatty() else "", f"interrupted; {words}\n")
        return EXIT_INTERRUPTED
    except OSError as error:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        return _operating_system(error)
    except MemoryError:
        return _say("there is not enough memory", "merge fewer texts at a time")
    except Exception as error:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        hint = f"please report it with what {DEBUG}=1 prints: set it and run the command again"
        return _say(f"internal error: {type(error).__name__}: {error}", hint)
    return EXIT_CLEAN


def _warned(warning: Warning | str, *where: Any) -> None:
    """Say a warning as an error is said; what is not about the user's own doing, as Python does."""
    if not isinstance(warning, MemoryExceeded):
        _stderr(warnings.formatwarning(warning, *where[:3]))
        return
    paint = Paint(sys.stderr)
    _stderr(f"{paint.red('warning:')} {warning}\n", f"{paint.dim('hint:')} give --memory more, or fewer texts\n")


def _click(error: click.ClickException) -> int:
    """An error of the command line that click found."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        _stderr(error.format_message(), "\n")
        return EXIT_ERROR
    hint = f"see {context.command_path} --help" if context else None
    if isinstance(error, click.NoSuchOption):
        if error.possibilities:
            hint = f"did you mean {error.possibilities[0]}?"
        return _say(f"there is no option {error.option_name}", hint)
    message = error.format_message().rstrip(".")
    return _say(message[:1].lower() + message[1:], hint)


def _operating_system(error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        _let_go_of_stdout()
        return EXIT_BROKEN_PIPE
    where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    hint = "free some space, or write elsewhere" if error.errno in (errno.ENOSPC, errno.EDQUOT) else None
    _let_go_of_stdout()
    return _say(where + (error.strerror or str(error)).lower(), hint)


def _let_go_of_stdout() -> None:
    """Let what stdout cannot take vanish: the interpreter would complain of it again when it ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        return


def _say(message: str, hint: str | None) -> int:
    paint = Paint(sys.stderr)
    lines = [f"{paint.red('error:')} {_one_line(message)}\n"]
    if hint:
        lines.append(f"{paint.dim('hint:')} {_one_line(hint)}\n")
    _stderr(*lines)
    return EXIT_ERROR


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _stderr(*parts: str) -> None:
    try:
        sys.stderr.write("".join(parts))
        sys.stderr.flush()
    except (OSError, AttributeError):  # nobody listens
        return
