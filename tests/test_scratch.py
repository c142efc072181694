"""A bounded run gives the same as one that takes all the memory it wants, and leaves nothing behind."""

from __future__ import annotations

import errno
import os
import re
import tempfile
import time
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from dedup import anchor, scratch, seed, words
from dedup.cli.failures import guarded
from dedup.cli.output import results
from dedup.config import Settings
from dedup.engine.local import Scan, scan
from dedup.errors import MemoryExceeded, UsageError
from dedup.merge import Merged, merge
from dedup.model import Source
from tests.texts import prose


def heap() -> list[Source]:
    """Texts that share passages, with some letters that fold to several or come of several."""
    passages = ["".join(sentence for p in prose("han", 7_000 + n) for sentence in p) + "ﷺe\u0301①" for n in range(40)]
    return [Source(f"{n}.txt", "\n".join(passages[n % 7 :: 3] + passages[n : n + 3])) for n in range(12)]


def columns(found: Scan) -> dict[str, np.ndarray]:
    """All that was found, by name."""
    every = {field.name: getattr(found.matches, field.name) for field in fields(found.matches)}
    return every | {"letters": found.corpus.folded.letters, "offsets": found.corpus.folded.offsets}


def test_a_bounded_run_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    free = columns(scan(heap(), Settings()))
    monkeypatch.setattr(scratch, "PROGRAM", 1 << 40)  # nothing fits
    monkeypatch.setattr(anchor, "_PART", 64)
    monkeypatch.setattr(seed, "_PART", 64)
    monkeypatch.setattr(seed, "_STRIDE", 500)
    monkeypatch.setattr(words, "_STRIDE", 300)
    monkeypatch.setattr(words, "_PART", 1000)
    bounded = columns(scan(heap(), Settings(memory="1GB")))
    assert len(free["score"]) > 20
    assert free.keys() == bounded.keys()
    for name, column in free.items():
        np.testing.assert_array_equal(column, bounded[name], err_msg=name)


def test_a_bounded_merge_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    free = merged(Settings(jobs=1))
    monkeypatch.setattr(scratch, "PROGRAM", 1 << 40)  # nothing fits
    bounded = merged(Settings(jobs=1, memory="1GB"))
    assert len(free.clusters) > 20
    assert (free.texts, free.clusters) == (bounded.texts, bounded.clusters)


def merged(settings: Settings) -> Merged:
    found = scan(heap(), settings)
    return merge(found.corpus, found.matches, settings)


def test_columns_leave_the_memory_only_where_they_must(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "PROGRAM", 0)
    with scratch.bounded(900_000_000):
        assert scratch.column(1_000, np.int32).base is None
        column = scratch.column(10_000_000, np.int32)
        column[::1000] = 7
        scratch.give_back()
        assert (column[::1000] == 7).all()
        assert column.sum() == 70_000
        assert not list(tmp_path.iterdir())  # the file has no name, so a run that is killed leaves none
    assert scratch.column(1_000_000, np.int32).base is None


@pytest.mark.skipif(scratch.resident() is None, reason="the system does not tell what a process takes")
def test_pages_are_given_back_when_the_process_takes_nearly_what_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "PROGRAM", 1 << 40)  # nothing fits
    free = resident()
    with scratch.bounded(2 * free + (256 << 20)):
        column = scratch.column(16 << 20, np.int32)
        column[:] = 1
        assert resident() - free > 48 << 20  # there is room, so they stay
    with pytest.warns(MemoryExceeded):
        wait_until_given_back(free)
    assert column.sum() == 16 << 20


def wait_until_given_back(free: int) -> None:
    with scratch.bounded(free):
        deadline = time.monotonic() + 10
        while resident() - free > 8 << 20:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def resident() -> int:
    taken = scratch.resident()
    assert taken is not None
    return taken


def test_a_full_disk_is_told_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    monkeypatch.setattr(scratch, "PROGRAM", 1 << 40)
    with pytest.raises(OSError, match="No space left") as raised:
        scan(heap(), Settings(memory="1GB"))
    assert raised.value.filename == tempfile.gettempdir()


def test_a_bound_that_is_too_small_for_the_texts_is_an_error_that_names_one_that_is_not() -> None:
    with scratch.bounded(500_000_000):
        scratch.require(10_000_000)
        with pytest.raises(UsageError, match="500 MB of memory are too little for 20,000,000 letters") as raised:
            scratch.require(20_000_000)
    assert raised.value.hint is not None
    enough = re.search(r"--memory (\d+MB)", raised.value.hint)
    assert enough is not None
    with scratch.bounded(Settings(memory=enough[1]).memory_bytes):
        scratch.require(20_000_000)
    scratch.require(1 << 40)  # without a bound


@pytest.mark.skipif(scratch.resident() is None, reason="the system does not tell what a process takes")
def test_a_command_that_took_more_memory_than_it_was_given_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "resident", lambda: 700_000_000)
    assert guarded(lambda: columns_of(Settings(memory="600MB"))) == 0
    assert capsys.readouterr().err.splitlines() == [
        "warning: 700 MB of memory were taken where 600 MB were allowed",
        "hint: give --memory more, or fewer texts",
    ]


def columns_of(settings: Settings) -> None:
    columns(scan(heap(), settings))


@pytest.mark.parametrize(
    ("size", "bytes_"),
    [("2GB", 2_000_000_000), ("2 GiB", 2 << 30), ("1.5g", 1_500_000_000), ("500000000", 500_000_000)],
)
def test_a_size_is_read_as_people_write_it(size: str, bytes_: int) -> None:
    assert Settings(memory=size).memory_bytes == bytes_


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left, other = tmp_path / "dedup-4194305-x", tmp_path / f"dedup-{os.getpid()}-x"  # no process has the first number
    for folder in (left, other):
        folder.mkdir()
    with scratch.folder() as folder:
        assert folder.is_dir()
        assert not left.exists()
    assert list(tmp_path.iterdir()) == [other]
    out = tmp_path / "pairs.jsonl"
    (tmp_path / ".pairs.jsonl.abc.partial").touch()
    with results(str(out)) as stream:
        stream.write("{}")
    assert sorted(tmp_path.iterdir()) == [other, out]
