"""A scratch git repository and `dedup` run inside it, in this process, as a user runs it there."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dedup.cli import main

IDENTITY = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "protocol.file.allow=always")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed and its exit code."""

    code: int
    out: str
    err: str


class Repository:
    """A work tree on disk, with a cache of its own beside it."""

    def __init__(self, root: Path):
        self.root = root

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *IDENTITY, *arguments], cwd=self.root, capture_output=True, check=True, env=_environment()
        )
        return done.stdout.decode()

    def write(self, path: str, content: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, message: str = "more") -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", message)

    def dedup(self, *arguments: str) -> Ran:
        out, err = _Stream(), _Stream()
        with self._inside(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main(list(arguments))
            except SystemExit as done:
                return Ran(int(done.code or 0), out.text(), err.text())
        raise AssertionError("a command ends with an exit code")

    def check(self, *arguments: str, code: int) -> list[tuple[str, int, int, str, str, list[str]]]:
        """Run a check that ends with `code`; the findings in short: path, lines, status, relation, copies."""
        ran = self.dedup("check", *arguments, "--report", "json=-")
        assert ran.code == code, (ran.code, ran.out, ran.err)
        rows: list[dict[str, Any]] = json.loads(ran.out)["findings"]
        return [
            (
                row["path"],
                row["line"],
                row["end_line"],
                row["status"],
                row["relation"],
                [f"{copy['path']}:{copy['line']}" for copy in row["copies"]],
            )
            for row in rows
        ]

    @contextmanager
    def _inside(self) -> Iterator[None]:
        before, cache = os.getcwd(), os.environ.get("DEDUP_CACHE")
        os.chdir(self.root)
        os.environ["DEDUP_CACHE"] = str(self.root.parent / f"{self.root.name}.cache")
        try:
            yield
        finally:
            os.chdir(before)
            del os.environ["DEDUP_CACHE"]
            if cache is not None:
                os.environ["DEDUP_CACHE"] = cache


class _Stream(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def text(self) -> str:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
