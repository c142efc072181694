"""The README says what is there: its commands exist, its example runs, its figures are those of the seeds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from dedup.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def run(*arguments: str) -> str:
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_two_commands_set_up_and_run() -> None:
    merge, tests = blocks("sh")
    assert merge.count("\n") == tests.count("\n") == 1
    assert merge.strip().endswith(".venv/bin/dedup merge seeds -o output")
    assert tests.strip().endswith(".venv/bin/python -m pytest")


@pytest.mark.parametrize(
    "command", ["merge", "review", "decide", "scan", "diff", "restore", "explain", "check", "index", "config"]
)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"dedup {command}" in README


def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    monkeypatch.chdir(tmp_path)
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})
    restored = {path.name: path.read_bytes() for path in (tmp_path / "seeds-again").iterdir()}
    assert restored == {path.name: path.read_bytes() for path in (ROOT / "seeds").iterdir()}


def test_the_summary_is_the_one_a_merge_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    monkeypatch.chdir(tmp_path)
    shown = next(block for block in blocks("text") if block.startswith("$ dedup merge"))
    assert run("merge", "seeds", "-o", "output").strip() == shown.partition("\n")[2].strip()


def test_the_diff_is_the_one_that_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    shown = next(block for block in blocks("text") if block.startswith("$ dedup diff")).splitlines()
    printed = run(*shown[0].split()[2:]).splitlines()
    assert [line for line in shown[1:] if line not in ("", "…")] == [line for line in printed if line and line in shown]
