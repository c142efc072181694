"""The command line keeps its word: results on stdout, messages on stderr, one exit code for each way to end."""

from __future__ import annotations

import filecmp
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import texts
from click.testing import CliRunner, Result
from terminal import COMMAND, environment, run, run_on_terminal

from dedup.api import find_passages, read_sources
from dedup.cli import COMMANDS, main
from dedup.cli import progress as progress_room
from dedup.cli.progress import COMPILING

SEEDS = Path(__file__).parent.parent / "seeds"
HEAVY = ("numba", "numpy", "duckdb", "datasketch", "rapidfuzz", "opencc", "tqdm")


def invoke(*args: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], input=stdin)


@pytest.fixture
def heap(tmp_path: Path) -> Path:
    """Two files that share a paragraph; each has text of its own."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_bytes(f"{paragraph(2)}\n\n{paragraph(1)}\n".encode())
    (folder / "b.txt").write_bytes(f"{paragraph(1)}\r\n\r\n{paragraph(3)}\r\n".encode())
    return folder


def paragraph(number: int) -> str:
    return "".join(texts.prose("han", number, paragraphs=1, sentences=4)[0])


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# ------------------------------------------------------------------------------------------------ help, version


def test_help_and_the_package_load_nothing_heavy() -> None:
    script = f"""
import sys
import dedup
from dedup.cli import main
for arguments in ([], *([name] for name in {COMMANDS!r})):
    try:
        main([*arguments, "--help"])
    except SystemExit as end:
        assert end.code == 0, end.code
print("loaded", sorted(set({HEAVY!r}) & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment(), check=True)
    assert done.stdout.splitlines()[-1] == "loaded []"


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_answers_in_less_than_three_tenths_of_a_second(arguments: list[str]) -> None:
    def seconds() -> float:
        """Of the processor: how busy the machine is with other things is no fault of ours."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert run(*arguments).returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(3)) < 0.3


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_has_examples(name: str) -> None:
    result = invoke(name, "-h")
    assert result.exit_code == 0
    assert re.search(rf"Examples:\n +\S*.*dedup {name}", result.stdout)
    assert f"  {name} " in invoke("--help").stdout


def test_the_version_is_the_packages() -> None:
    import dedup

    assert invoke("--version").stdout == f"dedup {dedup.__version__}\n"


# ------------------------------------------------------------------------------------------------ what goes wrong


def failed(result: Result, message: str, hint: str | None = None) -> None:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert re.fullmatch(f"error: {message}", lines[0]), lines[0]
    assert len(lines) <= 2
    if hint is not None:
        assert re.fullmatch(f"hint: {hint}", lines[1]), lines[1]


def test_a_mistyped_command_or_option_suggests_the_nearest() -> None:
    failed(invoke("merg"), "there is no command 'merg'", "did you mean 'merge'.")
    failed(invoke("zzz"), "there is no command 'zzz'", "the commands are merge, .*")
    failed(invoke("scan", "--pars", "x"), "there is no option --pars", "did you mean --pairs.")


def test_an_error_of_the_command_line_is_one_line_and_a_hint() -> None:
    failed(invoke("merge", "x"), "missing option .*--output.*", "see dedup merge --help")
    failed(invoke("scan", "x", "--format", "xml"), "invalid value for '--format'.*", "see dedup scan --help")
    failed(invoke("scan"), "no input was given", ".+")
    failed(invoke("scan", "nowhere.txt"), "nowhere.txt: no such file or folder", ".+")
    failed(invoke("scan", "x", "--evidence"), "--evidence is about matches, not clusters", "add --pairs")


def test_without_a_command_the_help_is_shown_as_an_error() -> None:
    result = invoke()
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: dedup")


def test_a_path_with_a_newline_stays_on_one_line() -> None:
    failed(invoke("scan", "no\nwhere"), r"no\\nwhere: no such file or folder")


def test_a_bug_shows_no_traceback_unless_it_is_asked_for(heap: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dedup.engine.local

    def broken(*args: object, **more: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(dedup.engine.local, "scanning", broken)
    failed(invoke("scan", heap), "internal error: KeyError: 'x'", ".*DEDUP_DEBUG=1.*")
    monkeypatch.setenv("DEDUP_DEBUG", "1")
    result = invoke("scan", heap)
    assert result.exit_code == 2
    assert "Traceback" in result.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
def test_a_full_disk_is_an_error_and_not_a_broken_result(heap: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "scan", str(heap)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "error: no space left on device"
    failed(invoke("scan", heap, "-o", "/dev/full"), "/dev/full: cannot be written: no space left on device")


def test_a_reader_that_goes_away_ends_the_command_quietly() -> None:
    process = subprocess.Popen(
        [*COMMAND, "scan", str(SEEDS), "--pairs"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141


@contextmanager
def reading_a_pipe(tmp_path: Path, *args: str) -> Iterator[subprocess.Popen[str]]:
    """A command in the middle of reading its input, a named pipe that stays open."""
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [*COMMAND, args[0], str(pipe), *args[1:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        # a shell's background jobs ignore SIGINT, and so would what they start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    with open(pipe, "w"):  # waits for the reader
        time.sleep(0.1)
        yield process


def test_an_interrupted_merge_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with reading_a_pipe(tmp_path, "merge", "-o", str(tmp_path / "out")) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "interrupted; nothing was written\n")
    assert [path.name for path in tmp_path.iterdir()] == ["pipe.txt"]


# ------------------------------------------------------------------------------------------------ merge, restore


def test_what_merge_writes_restore_gives_back(heap: Path, tmp_path: Path) -> None:
    merged = invoke("merge", heap, "-o", tmp_path / "out")
    assert merged.exit_code == 0, merged.output
    assert merged.stderr.replace(f"{COMPILING}\n", "") == ""
    for words in ("Read 2 texts", "Found 1 passage", "left the corpus", "1 whole paragraph", "clusters.jsonl"):
        assert words in merged.stdout
    restored = invoke("restore", tmp_path / "out", "-o", tmp_path / "back")
    assert restored.stdout == f"2 files restored in {tmp_path / 'back'}\n"
    assert files(tmp_path / "back") == files(heap)


def test_quiet_says_nothing(heap: Path, tmp_path: Path) -> None:
    merged = invoke("merge", heap, "-o", tmp_path / "out", "-q")
    restored = invoke("restore", tmp_path / "out", "-o", tmp_path / "back", "--quiet")
    assert [(r.exit_code, r.output) for r in (merged, restored)] == [(0, ""), (0, "")]


def test_what_was_passed_over_is_said(heap: Path, tmp_path: Path) -> None:
    (heap / "c.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    assert re.search(r"skipped c\.txt +binary\n", invoke("merge", heap, "-o", tmp_path / "out").stdout)


def test_texts_that_share_nothing_merge_to_themselves(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一句话。\n")
    result = invoke("merge", tmp_path / "a.txt", "-o", tmp_path / "out")
    assert result.exit_code == 0
    assert "Found 0 passages in more than one place." in result.stdout
    assert "Nothing left the corpus." in result.stdout


def test_a_result_inside_an_input_folder_is_not_read_again(
    heap: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(heap)
    assert invoke("merge", ".", "-o", "deep/out").exit_code == 0
    first = files(heap / "deep" / "out")
    again = invoke("merge", ".", "-o", "deep/out")
    assert again.exit_code == 0, again.output
    assert "Read 2 texts" in again.stdout
    assert "skipped" not in again.stdout
    assert files(heap / "deep" / "out") == first


def test_a_result_that_is_named_is_read(heap: Path, tmp_path: Path) -> None:
    invoke("merge", heap, "-o", tmp_path / "out")
    again = invoke("merge", tmp_path / "out" / "corpus", "-o", tmp_path / "again")
    assert "Nothing left the corpus." in again.stdout
    assert files(tmp_path / "again" / "corpus") == files(tmp_path / "out" / "corpus")


def test_a_folder_that_no_merge_wrote_is_not_touched(heap: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "diary.txt").write_text("dear")
    failed(invoke("merge", heap, "-o", precious), f"{precious}: holds files that no merge wrote", ".+")
    assert files(precious) == {"diary.txt": b"dear"}


def test_restore_replaces_no_other_file_unless_forced(heap: Path, tmp_path: Path) -> None:
    invoke("merge", heap, "-o", tmp_path / "out")
    back = tmp_path / "back"
    back.mkdir()
    (back / "b.txt").write_text("mine")
    failed(
        invoke("restore", tmp_path / "out", "-o", back),
        f"{back / 'b.txt'}: is there already and would be replaced by another",
        ".*--force.*",
    )
    assert files(back) == {"b.txt": b"mine"}
    assert invoke("restore", tmp_path / "out", "-o", back, "--force").exit_code == 0
    assert files(back) == files(heap)


def test_restore_does_not_mind_files_that_are_there_already(heap: Path, tmp_path: Path) -> None:
    invoke("merge", heap, "-o", tmp_path / "out")
    result = invoke("restore", tmp_path / "out", "-o", heap)
    assert result.stdout == f"2 files restored in {heap}, 2 of them there already\n"


def test_restore_of_another_folder_is_an_error(heap: Path, tmp_path: Path) -> None:
    failed(invoke("restore", heap, "-o", tmp_path / "back"), f"{heap}: has no manifest.json", ".+")
    assert not (tmp_path / "back").exists()


def test_standard_input_is_a_source(heap: Path, tmp_path: Path) -> None:
    done = run("merge", "-", heap / "b.txt", "-o", tmp_path / "out", stdin=(heap / "a.txt").read_bytes())
    assert done.returncode == 0, done.stderr
    assert b"Read 2 texts" in done.stdout
    assert done.stderr.decode().replace(f"{COMPILING}\n", "") == ""


# ------------------------------------------------------------------------------------------------ scan


def rows(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_scan_prints_the_clusters_that_merge_would_write(tmp_path: Path) -> None:
    invoke("merge", SEEDS, "-o", tmp_path / "out")
    scanned = invoke("scan", SEEDS, "--text")
    assert scanned.stdout == (tmp_path / "out" / "clusters.jsonl").read_text(encoding="utf-8")
    assert all("text" not in row for row in rows(invoke("scan", SEEDS)))


def test_pairs_are_the_matches_of_the_api_by_path_and_place() -> None:
    printed = rows(invoke("scan", SEEDS, "--pairs", "--formulas"))
    expected = [
        {
            "a": {"path": m.a.path, "start": m.a.start, "end": m.a.end},
            "b": {"path": m.b.path, "start": m.b.start, "end": m.b.end},
            "relation": str(m.relation),
            "similarity": m.similarity,
            "tiers": list(m.tiers),
        }
        for m in find_passages(read_sources([SEEDS]))
    ]
    assert printed == expected
    assert [list(row) for row in printed[:1]] == [["a", "b", "relation", "similarity", "tiers"]]
    places = [(row["a"]["path"], row["a"]["start"]) for row in printed]  # type: ignore[index]
    assert places == sorted(places)


def test_boilerplate_is_no_pair_unless_asked_for() -> None:
    printed = rows(invoke("scan", SEEDS, "--pairs"))
    everything = rows(invoke("scan", SEEDS, "--pairs", "--formulas"))
    assert printed == [row for row in everything if row["relation"] != "formula"]
    assert 0 < len(printed) < len(everything)


def test_positions_are_those_of_the_decoded_file(heap: Path) -> None:
    (row,) = rows(invoke("scan", heap, "--pairs"))
    sides = []
    for side in ("a", "b"):
        span = row[side]
        raw = (heap / span["path"]).read_bytes().decode()  # type: ignore[index]
        sides.append("".join(raw[span["start"] : span["end"]].split()))  # type: ignore[index]
    assert sides[0] == sides[1] == paragraph(1)


def test_evidence_comes_with_the_pairs_that_ask_for_it(heap: Path) -> None:
    (row,) = rows(invoke("scan", heap, "--pairs", "--evidence"))
    evidence = row["evidence"]
    assert isinstance(evidence, dict)
    assert evidence["jaccard"] == evidence["containment_a"] == 1.0
    assert evidence["equal_letters"] == evidence["anchored_letters"] > 16
    assert evidence["anchors"] == 1
    assert evidence["bands"] > 1
    assert evidence["words"] == 0
    assert evidence["information"] > 0


def test_no_duplicate_is_an_empty_result(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一句话。\n")
    for more in ([], ["--pairs"], ["--format", "text"], ["--pairs", "--format", "text"]):
        result = invoke("scan", tmp_path, *more)
        assert (result.exit_code, result.stdout) == (0, "")


def test_a_result_file_is_there_whole_or_not_at_all(
    heap: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dedup.cli import scan

    file = tmp_path / "pairs.jsonl"
    assert invoke("scan", heap, "--pairs", "-o", file).stdout == ""
    whole = file.read_bytes()
    assert json.loads(whole)

    def broken(*args: object) -> Iterator[str]:
        yield "half"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scan, "_pair_rows", broken)
    failed(invoke("scan", heap, "--pairs", "-o", file), f"{file}: cannot be written: no space left on device", ".+")
    assert file.read_bytes() == whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs.jsonl", "texts"]


def test_a_result_file_that_cannot_be_is_refused_before_the_work(heap: Path, tmp_path: Path) -> None:
    failed(invoke("scan", "nowhere", "-o", heap), f"{heap}: is a folder", ".+")
    failed(invoke("scan", "nowhere", "-o", tmp_path / "no" / "x"), ".*/no/x: its folder does not exist", ".+")


def test_order_of_inputs_and_processes_change_nothing(heap: Path) -> None:
    a, b = heap / "a.txt", heap / "b.txt"
    assert len({invoke("scan", *inputs).stdout for inputs in ([a, b], [b, a], [heap, "--jobs", "2"])}) == 1


def test_results_are_utf8_wherever_they_go(heap: Path) -> None:
    done = run("scan", heap, "--text", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["text"] == paragraph(1)
    assert done.stdout.decode("utf-8").isascii() is False


# ------------------------------------------------------------------------------------------------ terminals


def test_on_a_terminal_a_person_reads_words_and_colours(heap: Path) -> None:
    code, shown = run_on_terminal("scan", heap)
    assert code == 0
    assert "\x1b[1mexact\x1b[0m" in shown
    assert re.search(r"home +[ab]\.txt:\d", shown)


def test_no_color_is_respected(heap: Path, tmp_path: Path) -> None:
    for arguments in (["scan", heap], ["merge", heap, "-o", tmp_path / "out"], ["scan", "nowhere"]):
        _, shown = run_on_terminal(*arguments, NO_COLOR="1")
        assert "\x1b[" not in shown
        assert shown


def test_an_error_is_red_on_a_terminal_only() -> None:
    code, shown = run_on_terminal("scan", "nowhere")
    assert code == 2
    assert shown.startswith("\x1b[31merror:\x1b[0m nowhere: ")
    assert run("scan", "nowhere").stderr.startswith(b"error: nowhere: ")


def bars_of(heap: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool, *more: str) -> str:
    monkeypatch.setattr(progress_room, "_MOMENT", 0)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda stream: terminal, raising=False)
    return invoke("scan", heap, "--format", "jsonl", *more).stderr


def test_progress_for_machines_is_an_object_a_line_on_stderr(heap: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_room, "_PAUSE", 0)
    rows = [json.loads(row) for row in bars_of(heap, monkeypatch, False, "--progress", "json").splitlines()]
    assert {row["stage"] for row in rows} >= {"read", "fold", "segment", "sketch", "lsh", "match"}
    for row in rows:
        assert 0 <= row["done"] <= row["total"]
        assert set(row) - {"letters_per_second"} == {"stage", "done", "total"}
    last = {row["stage"]: row for row in rows}
    assert all(row["done"] == row["total"] for row in last.values())
    assert last["sketch"]["letters_per_second"] > 0
    assert bars_of(heap, monkeypatch, True, "--progress", "none") == ""
    assert bars_of(heap, monkeypatch, True, "--progress", "json", "--quiet") == ""
    assert "reading" in bars_of(heap, monkeypatch, False, "--progress", "bar")


def test_bars_are_on_stderr_of_a_terminal_only(heap: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "reading" in bars_of(heap, monkeypatch, True)
    assert bars_of(heap, monkeypatch, True, "--quiet") == ""
    assert bars_of(heap, monkeypatch, False) == ""


def test_the_module_is_the_command(tmp_path: Path) -> None:
    done = run("--version")
    assert (done.returncode, done.stdout[:6]) == (0, b"dedup ")


def test_the_same_files_restored_compare_equal_on_the_seeds(tmp_path: Path) -> None:
    assert run("merge", SEEDS, "-o", tmp_path / "out", "-q").returncode == 0
    assert run("restore", tmp_path / "out", "-o", tmp_path / "back", "-q").returncode == 0
    names = sorted(path.name for path in SEEDS.iterdir())
    assert filecmp.cmpfiles(SEEDS, tmp_path / "back", names, shallow=False) == (names, [], [])
