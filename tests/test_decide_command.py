"""`dedup decide`: what is open is listed, the worst first, and a word on it is kept in one file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import texts
from click.testing import CliRunner, Result
from terminal import run_on_terminal

from dedup.cli import main
from dedup.decisions import Decision, read_decisions, write_decisions

ONE = "".join(texts.prose("han", 50, 1, 8)[0])
OWN = ["".join(texts.prose("han", seed, 1, 3)[0]) for seed in (51, 52)]
TEXTS = {
    "a.txt": f"{OWN[0]}\n{ONE}他走了13里，没有停。\n",
    "b.txt": f"{OWN[1]}\n{ONE.replace(ONE[40:42], '某某', 1)}他走了15里，没有停。\n",
}


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    texts.lay(tmp_path / "in", TEXTS)
    decide_free(["merge", "in", "-o", "out", "-q"])
    return tmp_path / "out"


def decide_free(args: list[str]) -> Result:
    return CliRunner().invoke(main, args)


def decide(*args: str) -> Result:
    result = decide_free(["decide", "out", *args])
    assert result.exit_code == 0, result.output
    return result


def rows(out: Path, name: str) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(row) for row in (out / name).read_text(encoding="utf-8").splitlines()]


def ids(out: Path) -> tuple[str, str, str]:
    """The passage, its number and its word."""
    found = [row for row in rows(out, "diff.jsonl") if row["kind"] == "variant"]
    (number,) = (row for row in found if row["class"] == "number-value")
    (word,) = (row for row in found if "某某" in [reading["text"] for reading in row["readings"]])
    return number["cluster"], number["id"], word["id"]


def test_what_is_open_is_listed_the_worst_first_with_its_readings_numbered(out: Path) -> None:
    _, number, word = ids(out)
    shown = decide("--format", "text").stdout
    assert re.match(r"2 open in 1 passage, 0 decisions\n", shown)
    assert shown.index(number) < shown.index(word)
    assert "  1  " in shown
    assert re.search(r"他走了\[1[35]\]里", shown)
    assert [json.loads(row)["id"] for row in decide("--format", "jsonl").stdout.splitlines()] == [number, word]


def test_what_is_decided_is_open_no_more_and_what_is_skipped_comes_last(out: Path) -> None:
    cluster, number, word = ids(out)
    decide(number, "--skip")
    assert "(skipped)" in decide("--format", "text").stdout.partition(number)[2]
    assert decide("--format", "jsonl").stdout.splitlines()[-1].count(number)
    decide(word, "--merge")
    assert decide("--format", "text").stdout.startswith("1 open in 1 passage, 2 decisions\n")
    decide(cluster, "--keep")
    assert decide("--format", "text").stdout.startswith("Nothing is open, 3 decisions\n")


def test_a_decision_says_who_and_why_and_what_was_seen(out: Path) -> None:
    cluster, number, _ = ids(out)
    told = decide(number, "--reading", "14", "--by", "Lin", "--note", "as in the print").stdout
    assert told == f"decisions.jsonl: {number} reading “14” by Lin, 1 decision\n"
    (row,) = rows(out.parent, "decisions.jsonl")
    keys = [witness["key"] for witness in rows(out, "clusters.jsonl")[0]["witnesses"]]
    assert row == {
        "cluster": cluster, "variant": number, "verdict": "reading", "text": "14", "by": "Lin",
        "note": "as in the print", "seen": sorted(keys),
    }  # fmt: skip


def test_a_reading_is_taken_by_its_number(out: Path) -> None:
    _, number, _ = ids(out)
    second = re.search(r"^  2  .*\[(1[35])\]", decide(number, "--format", "text").stdout, re.M)
    assert second
    decide(number, "--take", "2")
    assert read_decisions("decisions.jsonl")[0].text == second[1]


@pytest.mark.parametrize("how", ["path", "line", "key"])
def test_a_witness_is_split_off_by_path_line_or_key(out: Path, how: str) -> None:
    cluster, _, _ = ids(out)
    (witness,) = (w for w in rows(out, "clusters.jsonl")[0]["witnesses"] if w["path"] == "b.txt")
    name = {"path": "b.txt", "line": f"b.txt:{witness['line']}", "key": witness["key"][:6]}[how]
    decide(cluster, "--split", name)
    assert read_decisions("decisions.jsonl")[0].exclude == (witness["key"],)


def test_the_beginning_of_an_id_will_do(out: Path) -> None:
    cluster, number, _ = ids(out)
    decide(cluster[:5], "--keep")
    decide(number[:17], "--merge")
    assert {decision.key for decision in read_decisions("decisions.jsonl")} == {(cluster, ""), (cluster, number)}


def test_the_same_words_in_any_order_and_twice_are_the_same_bytes(out: Path) -> None:
    cluster, number, word = ids(out)
    words = [(cluster, "--merge"), (number, "--reading", "15"), (word, "--take", "1")]
    for args in words:
        decide(*args)
    first = Path("decisions.jsonl").read_bytes()
    for args in (*reversed(words), *words):
        decide(*args, "-o", "other.jsonl")
    assert Path("other.jsonl").read_bytes() == first


def test_a_word_is_taken_back(out: Path) -> None:
    cluster, number, _ = ids(out)
    decide(number, "--merge")
    decide(cluster, "--keep")
    assert decide(cluster, "--undo").stdout == f"decisions.jsonl: {cluster} is open again, 1 decision\n"
    assert [decision.key for decision in read_decisions("decisions.jsonl")] == [(cluster, number)]


def test_a_passage_is_shown_with_its_witnesses_and_what_was_decided(out: Path) -> None:
    cluster, number, word = ids(out)
    decide(number, "--reading", "14", "--by", "Lin")
    shown = decide(cluster, "--format", "text").stdout
    assert re.search(r"home +1\.0000  [ab]\.txt:2", shown)
    assert "reading “14” by Lin" in shown
    assert word in shown
    listed = [json.loads(row)["id"] for row in decide(cluster, "--format", "jsonl").stdout.splitlines()]
    assert listed[0] == cluster
    assert {number, word} < set(listed)


def test_check_lists_what_is_about_nothing_any_more_with_the_reason(out: Path) -> None:
    cluster, number, _ = ids(out)
    write_decisions(
        "decisions.jsonl",
        [
            Decision(cluster=cluster, variant=number, verdict="merge"),
            Decision(cluster=cluster, variant=f"{cluster}.01234567", verdict="merge"),
            Decision(cluster="f" * 12, verdict="keep"),
        ],
    )
    shown = decide("--check", "--format", "text").stdout
    assert shown.splitlines()[0] == "decisions.jsonl: 3 decisions, 2 stale"
    assert re.search(rf"{cluster}\.01234567 +merge +the passage has no such variant", shown)
    assert re.search(r"f{12} +keep +no passage has its letters", shown)
    told = [json.loads(row) for row in decide("--check", "--format", "jsonl").stdout.splitlines()]
    assert [row["reason"] for row in told] == ["the passage has no such variant", "no passage has its letters"]


def test_what_a_merge_carried_out_is_not_stale_though_the_passage_is_gone(out: Path) -> None:
    cluster, _, _ = ids(out)
    decide(cluster, "--split", "b.txt")
    decide_free(["merge", "in", "-o", "out", "-q", "--decisions", "decisions.jsonl"])
    assert cluster not in (out / "clusters.jsonl").read_text(encoding="utf-8")
    assert decide("--check", "--format", "text").stdout == "decisions.jsonl: 1 decision, 0 stale\n"


def test_a_witness_that_came_later_is_open(out: Path) -> None:
    cluster, _, _ = ids(out)
    decide(cluster, "--merge")
    (out.parent / "in" / "c.txt").write_text(f"{ONE}他走了19里，没有停。\n", encoding="utf-8")
    decide_free(["merge", "in", "-o", "out", "-q", "--decisions", "decisions.jsonl"])
    shown = decide("--format", "text").stdout
    assert "1 new since it was decided: merge" in shown
    assert re.search(r"c\.txt:1 +new", shown)
    assert "number-value*, number, grown" in shown


@pytest.mark.parametrize(
    ("args", "message", "hint"),
    [
        (["{cluster}", "--take", "1"], "--take is for a variant", "name CLUSTER.VARIANT"),
        (["{number}", "--keep"], "--keep is for a passage", "say {cluster}"),
        (["{number}", "--take", "3"], "there is no reading 3", "there are 2"),
        (["{cluster}", "--keep", "--merge"], "--keep and --merge do not go together|--merge and --keep", "one thing"),
        (["--keep"], "--keep needs the ID", "--help"),
        (["--by", "Lin"], "--by is about a decision", "say what is decided"),
        (["--keep", "--check"], "--keep and --check", "leave one"),
        (["{number}", "--reading", "\udcff"], "half a character", "a decision is like"),
        (["-o", "-"], "-: decisions are kept in a file", "-o"),
        (["-o", "out"], "out: cannot be read", "name a file"),
        (["{cluster}x", "--keep"], "no passage or variant has the id", "did you mean {cluster}"),
        (["{cluster}", "--split", "c.txt"], "has no witness 'c.txt'", "did you mean|its witnesses are"),
        (["{cluster}", "--undo"], "nothing was decided on", "nothing to undo"),
        (["{cluster}", "--keep", "-o", "none/d.jsonl"], "cannot be written", "folder"),
    ],
)
def test_what_makes_no_sense_is_an_error_that_says_what_would(
    out: Path, args: list[str], message: str, hint: str
) -> None:
    names = dict(zip(("cluster", "number", "word"), ids(out), strict=True))
    result = decide_free(["decide", "out", *(arg.format(**names) for arg in args)])
    assert (result.exit_code, result.stdout) == (2, "")
    error, advice = result.stderr.splitlines()
    assert re.search(message, error)
    assert re.search(hint.format(**names), advice)
    assert not Path("decisions.jsonl").exists()


def test_a_folder_that_no_merge_wrote_is_an_error(out: Path) -> None:
    result = decide_free(["decide", "in"])
    assert (result.exit_code, result.stderr.splitlines()[0]) == (2, "error: in: no merge wrote it")


def test_a_folder_of_an_earlier_version_is_an_error(out: Path) -> None:
    clusters = rows(out, "clusters.jsonl")
    for cluster in clusters:
        for witness in cluster["witnesses"]:
            del witness["key"]
    (out / "clusters.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in clusters), encoding="utf-8")
    result = decide_free(["decide", "out"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[1].startswith("hint: merge the sources again")


def test_brackets_stay_where_colours_may_not_be(out: Path) -> None:
    _, coloured = run_on_terminal("decide", out)
    _, plain = run_on_terminal("decide", out, NO_COLOR="1")
    assert "\x1b[32m[" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


@pytest.mark.parametrize(
    "row", ["[]", "{}", '{"kind": "variant"}', "[" * 100_000], ids=["list", "empty", "bare", "deep"]
)
@pytest.mark.parametrize("name", ["clusters.jsonl", "diff.jsonl"])
def test_a_damaged_folder_is_an_error_that_says_where(out: Path, name: str, row: str) -> None:
    (out / name).write_text(row + "\n", encoding="utf-8")
    result = decide_free(["decide", "out"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(rf"error: out/{name}:1: .+\nhint: merge the sources again, .+\n", result.stderr)


def test_a_passage_that_is_missing_is_an_error(out: Path) -> None:
    (out / "clusters.jsonl").write_bytes(b"")
    result = decide_free(["decide", "out"])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: out/clusters.jsonl: has no cluster ")


@pytest.mark.parametrize("manifest", ["[]", "5", "[" * 100_000], ids=["list", "number", "deep"])
def test_a_manifest_that_is_none_is_an_error_of_every_command(out: Path, manifest: str) -> None:
    (out / "manifest.json").write_text(manifest, encoding="utf-8")
    for command in (["decide", "out"], ["review", "out", "-o", "page.html"], ["restore", "out", "-o", "back"]):
        result = decide_free(command)
        assert (result.exit_code, result.stdout) == (2, "")
        assert re.fullmatch(r"error: out: .+\nhint: .+\n", result.stderr)
