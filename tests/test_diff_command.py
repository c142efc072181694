"""Two versions of a text side by side: every difference where it stands in both, layout out of the way."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
import texts
from click.testing import CliRunner, Result
from terminal import run_on_terminal

from dedup.cli import main
from dedup.cli.progress import COMPILING
from dedup.model import VariantClass

SENTENCES = texts.prose("han", 50, 1, 8)[0]
ONE = "".join(SENTENCES)
OWN_A, OWN_B = ("".join(texts.prose("han", seed, 1, 3)[0]) for seed in (51, 52))
SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same text a sentence a line and in one line, with a word changed, and own text around it."""
    monkeypatch.chdir(tmp_path)
    changed = ONE.replace(ONE[40:42], "某某", 1)
    (tmp_path / "a.txt").write_text(f"{OWN_A}\n\n" + "\n".join(SENTENCES) + "\n", encoding="utf-8")
    (tmp_path / "b.txt").write_bytes(f"{changed}\r\n\r\n{OWN_B}\r\n".encode())
    return tmp_path


def diff(*args: str) -> Result:
    result = CliRunner().invoke(main, ["diff", *args])
    assert result.exit_code == 0, result.output
    assert result.stderr.replace(f"{COMPILING}\n", "") == ""
    return result


def test_a_changed_word_is_shown_in_its_context_with_the_lines_of_both(versions: Path) -> None:
    shown = diff("a.txt", "b.txt").stdout
    line = 3 + "".join(ONE[:41]).count("。")
    assert re.search(rf"^  {line}  1  substantive\*?  .*\[-{ONE[40:42]}-\]\{{\+某某\+\}}", shown, re.M), shown


def test_layout_is_counted_but_shown_only_when_asked_for(versions: Path) -> None:
    assert re.search(r"segmentation +\d+ +\d+ not shown, see --all", diff("a.txt", "b.txt").stdout)
    every = diff("a.txt", "b.txt", "--all").stdout
    assert "not shown" not in every
    assert "segmentation  …" not in every
    assert "[-↵-]" in every


def test_what_only_one_has_is_given_by_its_lines(versions: Path) -> None:
    shown = diff("a.txt", "b.txt").stdout
    assert re.search(r"Only in A: \d+ letters\n  line 1 +\d+ letters", shown)
    assert re.search(r"Only in B: \d+ letters\n  line 3 +\d+ letters", shown)


def test_the_other_way_round_the_marks_change_sides(versions: Path) -> None:
    shown = diff("b.txt", "a.txt").stdout
    assert shown.startswith("--- b.txt\n+++ a.txt\n")
    assert f"[-某某-]{{+{ONE[40:42]}+}}" in shown


def test_a_gap_is_a_lacuna_one_way_and_an_addition_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text(ONE, encoding="utf-8")
    (tmp_path / "b.txt").write_text(ONE[:60] + ONE[72:], encoding="utf-8")
    classes = [
        [json.loads(row)["class"] for row in diff(*pair, "--format", "jsonl").stdout.splitlines()]
        for pair in (("a.txt", "b.txt"), ("b.txt", "a.txt"))
    ]
    assert classes == [["lacuna"], ["addition"]]


def test_equal_texts_do_not_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(ONE, encoding="utf-8")
    assert diff("a.txt", "b.txt").stdout == "--- a.txt\n+++ b.txt\n\nThe passages that both have do not differ.\n"
    assert diff("a.txt", "b.txt", "--format", "unified").stdout == ""


def test_texts_that_share_nothing_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text(OWN_A, encoding="utf-8")
    (tmp_path / "b.txt").write_text(OWN_B, encoding="utf-8")
    assert "No passage stands in both." in diff("a.txt", "b.txt").stdout


def test_json_rows_are_those_of_the_diff_log_and_their_readings_stand_where_they_say(versions: Path) -> None:
    rows = [json.loads(row) for row in diff("a.txt", "b.txt", "--all", "--format", "jsonl").stdout.splitlines()]
    assert rows
    CliRunner().invoke(main, ["merge", "a.txt", "b.txt", "-o", "out"])
    logged = [json.loads(row) for row in (versions / "out" / "diff.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {tuple(row) for row in rows} == {tuple(row) for row in logged if row["kind"] == "variant"}
    raw = {name: (versions / name).read_bytes().decode() for name in ("a.txt", "b.txt")}
    for row in rows:
        assert [reading["path"] for reading in row["readings"]] == ["a.txt", "b.txt"]
        for reading in row["readings"]:
            assert raw[reading["path"]][reading["start"] : reading["end"]] == reading["text"]
        assert row["class"] in set(VariantClass)


def test_a_unified_diff_lists_the_sentences_of_both_and_where_they_stand(versions: Path) -> None:
    rows = diff("a.txt", "b.txt", "--format", "unified").stdout.splitlines()
    assert rows[:2] == ["--- a.txt", "+++ b.txt"]
    assert re.fullmatch(r"@@ -1(,\d+)? \+1(,\d+)? @@ a\.txt:1 b\.txt:1", rows[2])
    old = [row[1:] for row in rows[3:] if row[0] in " -"]
    new = [row[1:] for row in rows[3:] if row[0] in " +"]
    assert "".join(old) == OWN_A + ONE
    assert "".join(new) == ONE.replace(ONE[40:42], "某某", 1) + OWN_B
    assert sum(row[0] == " " for row in rows[3:]) == len(SENTENCES) - 1


def test_hard_wrapped_sentences_are_whole_in_a_unified_diff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    wrapped = "\n".join(ONE[at : at + 40] for at in range(0, len(ONE), 40))
    (tmp_path / "a.txt").write_text(f"{wrapped}\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text(f"{ONE}\n", encoding="utf-8")
    assert diff("a.txt", "b.txt", "--format", "unified").stdout == ""


def test_a_record_can_be_compared(versions: Path) -> None:
    (versions / "r.jsonl").write_text(
        json.dumps({"id": "x", "text": ONE}) + "\n" + json.dumps({"id": "y", "text": OWN_A})
    )
    assert diff("r.jsonl#x", "b.txt").stdout.startswith("--- r.jsonl#x\n+++ b.txt\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.txt", "a.txt"), "a.txt: a text is not compared with itself"),
        (("a.txt", "nowhere"), "nowhere: no such file or folder"),
        (("a.txt", "."), r"\.: is a folder"),
        (("a.txt",), "missing argument 'B'"),
    ],
)
def test_what_cannot_be_compared_is_an_error(versions: Path, arguments: tuple[str, ...], message: str) -> None:
    result = CliRunner().invoke(main, ["diff", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(f"error: {message}", result.stderr.splitlines()[0])


def test_marks_stay_where_colours_may_not_be(versions: Path) -> None:
    _, coloured = run_on_terminal("diff", versions / "a.txt", versions / "b.txt")
    _, plain = run_on_terminal("diff", versions / "a.txt", versions / "b.txt", NO_COLOR="1")
    assert "\x1b[31m[-" in coloured
    assert "\x1b[32m{+某某+}" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain
    assert "{+某某+}" in plain


def test_the_two_prints_of_the_compilation_differ_in_the_known_places() -> None:
    shown = diff(str(SEEDS / "002_ac1a03fa4c315665.txt"), str(SEEDS / "004_e0dd2c9ca314afe4.txt")).stdout
    for mark in ("[- and -]{+和+}", "新[-↵↵新-]冠", "纷纷[-在-]向", "经济社会发展{+工作+}"):
        assert mark in shown


# ------------------------------------------------------------------------------------------ on a terminal


def on_terminal(columns: int, *args: str | Path) -> list[str]:
    code, shown = run_on_terminal("diff", *args, "-q", COLUMNS=str(columns), NO_COLOR="1")
    assert code == 0, shown
    return shown.splitlines()


def wide(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


@pytest.mark.parametrize("options", [[], ["--all"], ["-y"], ["-y", "--all"]], ids=" ".join)
@pytest.mark.parametrize("columns", [60, 100, 180])
def test_no_line_of_differences_is_wider_than_the_terminal(versions: Path, columns: int, options: list[str]) -> None:
    lines = on_terminal(columns, versions / "a.txt", versions / "b.txt", *options)
    assert max(map(wide, lines)) <= columns
    assert "{+某某+}" in re.sub(r"\s+", "", "".join(lines).replace("│", ""))


def test_side_by_side_the_bar_stands_in_one_column_and_each_side_has_its_own_reading(versions: Path) -> None:
    lines = on_terminal(100, versions / "a.txt", versions / "b.txt", "-y", "--all")
    pairs = [line.split("│") for line in lines if "│" in line]
    assert len({wide(left) for left, _ in pairs}) == 1
    assert any(f"[-{ONE[40:42]}-]" in left and "{+某某+}" in right for left, right in pairs)
    assert not any("{+" in left or "[-" in right for left, right in pairs)


def test_side_by_side_shows_where_a_text_has_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text(ONE, encoding="utf-8")
    (tmp_path / "b.txt").write_text(ONE[:60] + ONE[72:], encoding="utf-8")
    (line,) = (line for line in diff("a.txt", "b.txt", "-y").stdout.splitlines() if "│" in line and "‸" in line)
    left, right = line.split("│")
    assert f"[-{ONE[60:66]}" in left
    assert f"{ONE[56:60]}‸{ONE[72:76]}" in right


@pytest.mark.parametrize("width", range(60, 72))
def test_side_by_side_no_line_ends_inside_a_mark(versions: Path, width: int) -> None:
    lines = on_terminal(width, versions / "a.txt", versions / "b.txt", "-y", "--all")
    cells = [cell.strip() for line in lines if "│" in line for cell in line.split("│")]
    assert not any(cell.endswith(("{", "[")) or cell.startswith(("}", "]")) for cell in cells)


def test_through_a_pipe_no_line_is_cut(versions: Path) -> None:
    shown = diff("a.txt", "b.txt").stdout
    assert sum("{+某某+}" in line for line in shown.splitlines()) == 1
    assert f"[-{ONE[40:42]}-]{{+某某+}}{ONE[42:54]}\n" in shown


@pytest.fixture
def four(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    changed = [ONE, ONE.replace(ONE[40:42], "某某", 1), ONE.replace(ONE[40:42], "丁丁", 1), ONE.replace("，", ",")]
    for name, text in zip("abcd", changed, strict=True):
        (tmp_path / f"{name}.txt").write_text(text + "\n", encoding="utf-8")
    return [f"{name}.txt" for name in "abcd"]


def test_more_than_two_texts_are_a_table_with_a_column_each(four: list[str]) -> None:
    shown = diff(*four).stdout
    assert "A  a.txt\nB  b.txt\nC  c.txt\nD  d.txt\n" in shown
    assert re.search(r"line  class +A +B +C +D\n", shown)
    assert re.search(rf"1  substantive\*? .*\[{ONE[40:42]}\].*  某某  丁丁  ·\n", shown)
    assert re.search(r"width +\d+ +\d+ not shown, see --all", shown)
    assert re.search(r"1  width .*\[，\].*  ·     ·     ,\n", diff(*four, "--all").stdout)


def test_the_first_text_is_the_one_that_others_are_compared_with(four: list[str]) -> None:
    assert re.search(rf"\[丁丁\].*  {ONE[40:42]}  某某\n", diff("c.txt", "a.txt", "b.txt").stdout)


def test_on_a_narrow_terminal_other_readings_stand_together_with_those_who_have_them(four: list[str]) -> None:
    lines = on_terminal(64, *four)
    assert max(map(wide, lines)) <= 64
    assert any("{某某} B  {丁丁} C" in line for line in lines)


def test_side_by_side_is_for_two_texts(four: list[str]) -> None:
    result = CliRunner().invoke(main, ["diff", *four, "-y"])
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        2,
        "error: --side-by-side is for two texts on a terminal",
    )
