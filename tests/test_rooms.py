"""Data goes one way: a module imports only from rooms above its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import dedup

ROOT = Path(dedup.__file__).parent

ROOMS = (
    # what the program is made of
    "errors",
    "model",
    "lazy",
    "jsonl",
    "narrow",
    "whole",
    "batch",
    "decisions",
    "config",
    "pool",
    "scratch",
    "machine",
    "passes",
    "compiler",
    "kernel",
    "ahead",
    # files -> sources
    "read",
    "position",
    # sources -> columns
    "script",
    "sinograph",
    "fold",
    "kinds",
    "lines",
    "segment",
    "sentence",
    "corpus",
    # columns -> matches
    "sketch",
    "lsh",
    "seed",
    "anchor",
    "chain",
    "kept",
    "align",
    "matches",
    "accept",
    "words",
    "glue",
    "boxes",
    "fit",
    "rework",
    "match",
    "spans",
    "index",
    # what is new in a corpus
    "terms",
    "changes",
    "baseline",
    "check",
    # why a match is one
    "evidence",
    "edit",
    "explain",
    # matches -> passages, and their readings
    "places",
    "cluster",
    "variant",
    "quality",
    "vote",
    "collate",
    "apparatus",
    "copies",
    # passages -> corpus, log, and the way back
    "plan",
    "replay",
    "draft",
    "entries",
    "edits",
    "spacing",
    "settle",
    "account",
    "stale",
    "paragraphs",
    "merge",
    "encode",
    "compare",
    "report",
    "tell",
    "schema",
    "parquet",
    "write",
    "rows",
    "restore",
    "docket",
    # who runs the stages, and who is at the door
    "engine",
    "api",
    "review",
    "cli",
)
"""The rooms from top to bottom; a folder is one room."""

OUTSIDE = {"__init__", "__main__"}  # the doors: they open onto every room


def room_of(file: Path) -> str:
    first = file.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def modules() -> list[Path]:
    return sorted(file for file in ROOT.rglob("*.py") if room_of(file) not in OUTSIDE)


def imported(file: Path) -> Iterator[tuple[int, str]]:
    """Line and room of every import from `dedup`, those inside functions too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}:{node.lineno}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "dedup" and len(parts) > 1 and _is_room(parts[1]):
                yield node.lineno, parts[1]


def _is_room(name: str) -> bool:
    return (ROOT / f"{name}.py").exists() or (ROOT / name / "__init__.py").exists()


def test_every_module_has_its_place_in_the_order_of_rooms() -> None:
    assert len(set(ROOMS)) == len(ROOMS)
    assert {room_of(file) for file in modules()} <= set(ROOMS)


@pytest.mark.parametrize("file", modules(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_import_goes_up(file: Path) -> None:
    own = ROOMS.index(room_of(file))
    up = [f"{file.relative_to(ROOT)}:{line}: {room}" for line, room in imported(file) if ROOMS.index(room) > own]
    assert not up
