"""What no merge writes in a file of rows is an error that names the line, for whoever reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dedup.api import find_passages, merge_passages, read_sources, restore_sources, write_corpus
from dedup.docket import read_docket
from dedup.errors import RestoreError
from dedup.rows import read_rows

TEXT = "團結就是力量，我們要把所有的人都團結起來，一起去做這件大事情。\n"


@pytest.fixture
def merged(tmp_path: Path) -> Path:
    for name, text in (("a", TEXT), ("b", TEXT.replace("大事情", "小事情")), ("c", TEXT.replace("力量", "力，量"))):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    found = find_passages(read_sources([tmp_path / f"{name}.txt" for name in "abc"]))
    write_corpus(merge_passages(found), tmp_path / "out")
    return tmp_path / "out"


def damage(file: Path, change: Callable[[Any], Any]) -> None:
    """Change the last row of a file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[-1] = json.dumps(change(json.loads(lines[-1])))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("read", [restore_sources, read_docket], ids=["restore", "decide"])
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("clusters.jsonl", lambda row: {**row, "witnesses": [{**row["witnesses"][0], "start": "1"}]}),
        ("clusters.jsonl", lambda row: {**row, "witnesses": [7]}),
        ("clusters.jsonl", lambda row: {name: value for name, value in row.items() if name != "text"}),
        ("clusters.jsonl", lambda row: [row]),
        ("diff.jsonl", lambda row: {**row, "kind": "other"}),
        ("diff.jsonl", lambda row: {**row, "kind": ["variant"]}),
        ("diff.jsonl", lambda row: {**row, "start": None, "readings": [{"path": 1}]}),
        ("diff.jsonl", lambda _: "variant"),
    ],
)
def test_a_row_that_no_merge_writes_is_named(
    merged: Path, tmp_path: Path, read: Callable[..., Any], name: str, change: Callable[[Any], Any]
) -> None:
    damage(merged / name, change)
    last = len((merged / name).read_text(encoding="utf-8").splitlines())
    with pytest.raises(RestoreError) as caught:
        read(merged, *([tmp_path / "back"] if read is restore_sources else []))
    assert str(caught.value) == f"{merged / name}:{last}: is no row that a merge writes"
    assert caught.value.hint
    assert not (tmp_path / "back").exists()


def test_every_row_that_a_merge_writes_is_one(merged: Path) -> None:
    assert {row["kind"] for row in read_rows(merged, "diff.jsonl")} >= {"variant", "removal"}
    assert list(read_rows(merged, "clusters.jsonl"))
    assert list(read_rows(Path(__file__).parents[1] / "output", "diff.jsonl"))
