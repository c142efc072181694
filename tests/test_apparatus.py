"""Variants are named by what one witness says, so that a decision on one is found again."""

from __future__ import annotations

from pathlib import Path

from texts import Run, merge_texts, prose

ONE = "".join(prose("han", 50, 1, 8)[0])


def named(merged: Run) -> dict[str, str]:
    """The text of each variant by the part of its id that names it inside its cluster."""
    return {row["id"]: row["text"] for row in merged.rows("diff.jsonl") if row["kind"] == "variant"}


def test_a_witness_that_joins_with_a_reading_of_its_own_renames_no_variant(tmp_path: Path) -> None:
    texts = {"a.txt": ONE, "b.txt": ONE.replace(ONE[40:42], "某某", 1), "c.txt": ONE.replace(ONE[9:11], "何人", 1)}
    before = named(merge_texts(texts, tmp_path / "one"))
    grown = texts | {"d.txt": ONE.replace(ONE[40:42], "丁丁", 1).replace(ONE[80:82], "戊戊", 1)}
    after = named(merge_texts(grown, tmp_path / "two"))
    assert len(before) == 2
    assert len(after) == 3
    assert before.keys() < after.keys()


def test_a_line_break_near_a_variant_does_not_rename_it(tmp_path: Path) -> None:
    other = ONE.replace(ONE[40:42], "某某", 1)
    before = named(merge_texts({"a.txt": ONE, "b.txt": other}, tmp_path / "one"))
    after = named(merge_texts({"a.txt": f"{ONE[:38]}\n\n{ONE[38:]}", "b.txt": other}, tmp_path / "two"))
    assert len(before) == 1
    assert before.keys() < after.keys()


def test_a_witness_s_key_comes_from_its_letters_wherever_they_stand(tmp_path: Path) -> None:
    broken = ONE.replace("，", ",\r\n")
    (row,) = merge_texts({"a.txt": ONE, "x/b.txt": broken}, tmp_path).rows("clusters.jsonl")
    keys = {witness["key"] for witness in row["witnesses"]}
    assert keys == {row["id"]}
