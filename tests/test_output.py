"""The committed result: `output/` is what `dedup merge seeds -o output` writes, to the byte."""

from __future__ import annotations

from pathlib import Path

from dedup.api import find_passages, merge_passages, read_sources, restore_sources, write_corpus

ROOT = Path(__file__).parent.parent


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_output_is_what_a_merge_of_the_seeds_writes(tmp_path: Path) -> None:
    write_corpus(merge_passages(find_passages(read_sources([ROOT / "seeds"]))), tmp_path / "output")
    fresh, committed = files(tmp_path / "output"), files(ROOT / "output")
    assert sorted(fresh) == sorted(committed)
    different = [name for name, data in fresh.items() if data != committed[name]]
    assert not different, "look at the difference, then run: dedup merge seeds -o output"


def test_output_gives_the_seeds_back(tmp_path: Path) -> None:
    restore_sources(ROOT / "output", tmp_path)
    assert files(tmp_path) == files(ROOT / "seeds")


def test_merging_the_committed_corpus_removes_nothing() -> None:
    again = merge_passages(find_passages(read_sources([ROOT / "output" / "corpus"])))
    assert again.merged.removals == ()
    assert again.texts == {
        path.name: path.read_text(encoding="utf-8") for path in (ROOT / "output" / "corpus").iterdir()
    }
