"""The seven promises of the design, on generated heaps of files and on the seeds."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import texts
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from texts import LAYOUTS, ODDITIES, SCRIPTS, SEEDS, Edition, Heap, Run, heaps, lay, lf, pipeline, run, scratch, tree

from dedup.config import Settings
from dedup.engine.local import scan
from dedup.errors import OutputError
from dedup.fold import fold_text
from dedup.merge import merge
from dedup.model import Source
from dedup.read import read
from dedup.restore import restore
from dedup.write import write


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(SEEDS, tmp_path_factory.mktemp("seeds") / "out")


# --------------------------------------------------------------------------- 1: nothing is lost


@pipeline
@given(heaps())
@example(dict(ODDITIES) | {"a.txt": "天地玄黄，宇宙洪荒。".encode()})
@example({"a.txt": b"\r\n", "b.txt": b"\n\r", "c.txt": b"a\r\nb\nc\rd", "d.txt": b"\xff\xfe\n\x00"})
def test_restore_gives_every_file_byte_for_byte(heap: Heap) -> None:
    with scratch() as tmp:
        merged = run(lay(tmp / "in", heap), tmp / "out")
        assert dict(restore(merged.out)) == heap


@pytest.mark.parametrize("unit", ["paragraph", "sentence", "passage"])
def test_restore_gives_the_seeds_byte_for_byte(tmp_path: Path, unit: str) -> None:
    merged = run(SEEDS, tmp_path / "out", Settings(unit=unit))  # type: ignore[arg-type]
    assert dict(restore(merged.out)) == tree(SEEDS)


@settings(pipeline, max_examples=20)
@given(heaps(), st.sampled_from(["sentence", "passage"]), st.sampled_from([0.5, 0.8, 1.0]))
def test_restore_gives_every_file_back_whatever_the_settings(heap: Heap, unit: str, cover: float) -> None:
    with scratch() as tmp:
        merged = run(lay(tmp / "in", heap), tmp / "out", Settings(unit=unit, cover=cover))  # type: ignore[arg-type]
        assert dict(restore(merged.out)) == heap


def test_the_diff_log_of_the_seeds_holds_differences_and_no_copies(seeds: Run) -> None:
    rows = seeds.rows("diff.jsonl")
    readings = sum(len(r["text"]) for row in rows if row["kind"] == "variant" for r in row["readings"])
    removals = [row for row in rows if row["kind"] == "removal"]
    literal = sum(len(row["text"]) for row in removals if row["text"] is not None)
    removed = sum(row["end"] - row["start"] for row in removals)
    assert removed > 10_000
    assert readings + literal < 0.15 * removed


# --------------------------------------------------------------------------- 2: layout does not matter


def matched(sources: list[Source]) -> set[tuple[str, int]]:
    """The letters that stand in a match, as (path, number of the letter in its source)."""
    found = scan(sources, Settings())
    starts, matches = found.corpus.folded.starts, found.matches
    letters: set[tuple[str, int]] = set()
    for row in range(len(matches)):
        for source, first, last in matches.sides(row):
            path = found.corpus.sources[source].path
            letters.update((path, int(n - starts[source])) for n in range(first, last))
    return letters


def alike(before: set[tuple[str, int]], after: set[tuple[str, int]]) -> float:
    return len(before & after) / len(before | after) if before | after else 1.0


LAID = [name for name in LAYOUTS if name != "lines"]


@settings(pipeline, max_examples=60)
@given(
    script=st.sampled_from([name for name in SCRIPTS if name != "odd"]),
    layout=st.sampled_from(LAID),
    number=st.integers(0, 50),
    change=st.sampled_from(("as it was", "noise", "excerpt", "reordered")),
)
def test_layout_does_not_matter(script: str, layout: str, number: int, change: str) -> None:
    whole = Edition(script, number, 3, "lines", "as it was", 0)
    other = Edition(script, number, 3, "lines", change, 1).text()
    around = [Edition(script, 1000 + number + n, 1, "lines", "as it was", 0) for n in range(2)]
    partner = Source("b.txt", around[0].text() + other + around[1].text())
    before = matched([Source("a.txt", whole.text()), partner])
    after = matched([Source("a.txt", replace(whole, layout=layout).text()), partner])
    assert before
    assert alike(before, after) >= 0.99


@settings(pipeline, max_examples=30)
@given(
    script=st.sampled_from(["han", "hant", "mixed", "japanese", "latin"]),
    how=st.sampled_from(["half", "full", "bare"]),
    number=st.integers(0, 50),
    change=st.sampled_from(("as it was", "noise", "excerpt")),
)
def test_punctuation_does_not_matter(script: str, how: str, number: int, change: str) -> None:
    whole = Edition(script, number, 3, "lines", "as it was", 0)
    partner = Source("b.txt", Edition(script, number, 3, "lines", change, 1).text())
    before = matched([Source("a.txt", whole.text()), partner])
    after = matched([Source("a.txt", texts.repunctuate(whole.text(), how)), partner])
    assert before
    assert alike(before, after) >= 0.99


def _relaid(text: str) -> dict[str, str]:
    """A seed in other layouts; the letters stay."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    long = [line for line in lines if len(line) > 120]
    return {
        "one line": "".join(lines),
        "blank lines": "\n\n".join(lines),
        "indented": "".join(f"　　{line}\n" for line in lines),
        "wrapped at 40": "\n\n".join("\n".join(texts.wrap(line, 40)) for line in lines),
        "wrapped at 76": "\n".join("　　" + "\n".join(texts.wrap(line, 76)) for line in lines),
        "sentence lines": "\n".join(lines).replace("。", "。\n"),
        "page broken": "\n".join(f"{x[:100]}\n\n\n{x[100:]}" if x in long else x for x in lines),
        "half width": "\n".join(lines).translate(texts._HALF),
        "no marks": texts.repunctuate("\n".join(lines), "bare"),
    }


@pytest.mark.parametrize("layout", list(_relaid("")))
def test_layout_does_not_matter_on_the_seeds(seeds: Run, layout: str) -> None:
    sources = list(seeds.inputs.sources)
    before = matched(sources)
    for number in (0, 2):
        relaid = [*sources]
        relaid[number] = replace(sources[number], text=_relaid(sources[number].text)[layout])
        assert alike(before, matched(relaid)) >= 0.99, sources[number].path


# --------------------------------------------------------------------------- 3: order does not matter


@settings(pipeline, max_examples=15)
@given(heaps(), st.randoms(use_true_random=False), st.sampled_from([1, 2]))
def test_order_of_inputs_and_number_of_processes_do_not_matter(heap: Heap, rng: random.Random, jobs: int) -> None:
    with scratch() as tmp:
        folder = lay(tmp / "in", heap)
        first = run(folder, tmp / "one")
        files = [folder / name for name in heap]
        rng.shuffle(files)
        assume(len({name.split("/")[0] for name in heap}) > 1)  # else the common root is another
        second = run(files, tmp / "two", Settings(jobs=jobs))
        assert tree(first.out) == tree(second.out)


@pytest.mark.parametrize("jobs", [1, 2])
def test_order_of_the_seeds_does_not_matter(seeds: Run, tmp_path: Path, jobs: int) -> None:
    files = sorted(SEEDS.iterdir(), reverse=True)
    again = run([files[1], files[3], files[0], files[2]], tmp_path / "out", Settings(jobs=jobs))
    assert tree(again.out) == tree(seeds.out)


def test_order_of_sources_given_to_the_stages_does_not_matter(seeds: Run, tmp_path: Path) -> None:
    found = scan(tuple(reversed(seeds.inputs.sources)), Settings())
    write(merge(found.corpus, found.matches, Settings()), seeds.inputs, found.corpus, Settings(), tmp_path / "out")
    assert tree(tmp_path / "out") == tree(seeds.out)


# --------------------------------------------------------------------------- 4: done is done


def _again(first: Run, out: Path, options: Settings | None = None) -> tuple[list[str], Heap, Heap]:
    """The texts that a second merge removes, and the corpus files of the first and of the second."""
    corpus = tree(first.out / "corpus")
    if not corpus:
        return [], {}, {}
    again = run(first.out / "corpus", out, options)
    rows = [row for row in again.rows("diff.jsonl") if row["kind"] == "removal"]
    return [again.raw(row["path"])[row["start"] : row["end"]] for row in rows], corpus, tree(again.out / "corpus")


@pipeline
@given(heaps())
def test_merging_the_corpus_again_removes_nothing(heap: Heap) -> None:
    with scratch() as tmp:
        removed, _, _ = _again(run(lay(tmp / "in", heap), tmp / "out"), tmp / "again")
        assert removed == []


@pipeline
@given(heaps())
def test_merging_the_corpus_again_changes_no_letter(heap: Heap) -> None:
    """A break may close where what parted two stretches has left; the letters stay."""
    with scratch() as tmp:
        removed, first, second = _again(run(lay(tmp / "in", heap), tmp / "out"), tmp / "again")
        assume(not removed)  # another claim's failure
        assert sorted(first) == sorted(second)
        changed = [path for path in first if _letters(first[path]) != _letters(second[path])]
        assert changed == []


def _letters(data: bytes) -> str:
    return fold_text(data.decode("utf-8"))


@pytest.mark.parametrize("unit", ["paragraph", "sentence", "passage"])
def test_merging_the_corpus_of_the_seeds_again_removes_nothing(tmp_path: Path, unit: str) -> None:
    options = Settings(unit=unit)  # type: ignore[arg-type]
    removed, _, _ = _again(run(SEEDS, tmp_path / "out", options), tmp_path / "again", options)
    assert removed == []


def test_merging_the_corpus_of_the_seeds_again_changes_no_byte(seeds: Run, tmp_path: Path) -> None:
    _, first, second = _again(seeds, tmp_path / "again")
    assert first == second


# --------------------------------------------------------------------------- 5: copies do not vote

Place = tuple[str, int, int]


def _readings(merged: Run, copy: str, path: str) -> dict[frozenset[Place], str]:
    """The text of each cluster by its witnesses; a witness in the copy stands for the one in its original."""
    return {
        frozenset((path if w["path"] == copy else w["path"], w["start"], w["end"]) for w in row["witnesses"]): row[
            "text"
        ]
        for row in merged.rows("clusters.jsonl")
    }


def _assert_no_vote(folder: Path, tmp: Path, path: str, copy: str) -> None:
    before = run(folder, tmp / "before")
    shutil.copy(folder / path, folder / copy)
    after = run(folder, tmp / "after")
    readings = _readings(after, copy, path)
    for places, text in _readings(before, copy, path).items():
        assert lf(readings.get(places, "no such cluster any more")) == lf(text)
    stands = [sorted(lf(row["text"]) for row in merged.rows("corpus.jsonl")) for merged in (before, after)]
    assert stands[0] == stands[1]


WRAPPED = (
    "횹쿉윊섹흄쫲 엱\n폰 쓝좇쮄 쐲퍭퓽슾 쁒푂틚뗻끆 꽀횖쏉\r몮, 쌜뉈쌑 긊뒇럘픚 긩칚쥪 퉻 쓀.\r\n\r"
    "녠떴쌿 튬쮄 쐲퍭퓽슾 쁒푂틚. 뗻끆 꽀횖쏉 몮, 쌜뉈쌑 긊"
)


@settings(pipeline, max_examples=30)
@given(heaps(changes=("as it was", "noise", "noise", "half")), st.integers(0, 3), st.sampled_from(["0.txt", "zz.txt"]))
@example({"a.txt": WRAPPED.encode()}, 0, "0.txt")
def test_an_exact_copy_does_not_vote(heap: Heap, number: int, copy: str) -> None:
    files = [name for name in heap if name.endswith(".txt") and len(heap[name]) > 200]  # what is short is kept
    assume(files)
    path = files[number % len(files)]
    with scratch() as tmp:
        folder = lay(tmp / "in", heap | {"keep/root.txt": b"."})
        _assert_no_vote(folder, tmp, path, copy)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("copy", ["000.txt", "zzz.txt"])
def test_an_exact_copy_of_a_seed_does_not_vote(tmp_path: Path, number: int, copy: str) -> None:
    folder = lay(tmp_path / "in", tree(SEEDS))
    _assert_no_vote(folder, tmp_path, sorted(tree(SEEDS))[number], copy)


# --------------------------------------------------------------------------- 6: no invented reading


def assert_no_invention(merged: Run) -> None:
    variants: dict[str, list[dict]] = {}  # type: ignore[type-arg]
    for row in merged.rows("diff.jsonl"):
        if row["kind"] != "variant":
            continue
        variants.setdefault(row["cluster"], []).append(row)
        assert lf(row["text"]) in [lf(reading["text"]) for reading in row["readings"]]
        for reading in row["readings"]:
            assert merged.raw(reading["path"])[reading["start"] : reading["end"]] == reading["text"]
    for cluster in merged.rows("clusters.jsonl"):
        if cluster["relation"] == "formula":
            continue
        own = sorted(variants.get(cluster["id"], []), key=lambda row: row["at"])
        raws = [merged.raw(w["path"])[w["start"] : w["end"]] for w in cluster["witnesses"]]
        if any("words" in witness["tiers"] for witness in cluster["witnesses"]):  # its letters do not line up
            assert not own
            assert lf(cluster["text"]) in map(lf, raws)
            continue
        for row in own:
            assert cluster["text"][slice(*row["at"])] == row["text"]
        for number, raw in enumerate(raws):
            assert lf(_with_readings(cluster["text"], own, number)) == lf(raw)


def _with_readings(text: str, variants: list[dict], witness: int) -> str:  # type: ignore[type-arg]
    parts, done = [], 0
    for row in variants:
        start, end = row["at"]
        assert start >= done
        own = [reading["text"] for reading in row["readings"] if reading["witness"] == witness]
        assert len(own) <= 1
        parts += text[done:start], own[0] if own else text[start:end]
        done = end
    return "".join([*parts, text[done:]])


@pipeline
@given(heaps())
@example({"a.txt": "快夏育船路务夏践康流败假快夏育船路务夏践康流败假！".encode()})
def test_every_canonical_reading_is_some_witness_s(heap: Heap) -> None:
    with scratch() as tmp:
        assert_no_invention(run(lay(tmp / "in", heap), tmp / "out"))


def test_every_canonical_reading_of_the_seeds_is_some_witness_s(seeds: Run) -> None:
    assert_no_invention(seeds)


# --------------------------------------------------------------------------- 7: crash-safe


def _in_child(work: Callable[[], None]) -> int:
    """Fork, work, and leave without cleaning up; the child's process id."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def _whole(old: Heap, new: Heap, out: Path) -> None:
    """OUT is the old one or the new one; where it was caught between two renames the old one stands beside it."""
    there = tree(out) if out.exists() else tree(out.with_name(f".{out.name}.old"))
    assert there in (old, new)


@pytest.fixture
def two_results(tmp_path: Path) -> tuple[Callable[[], None], Heap, Heap, Path]:
    """An OUT that one merge wrote, and the call that would put another in its place."""
    shared = texts.lay_out(texts.prose("han", 1), "lines", "han")
    out = tmp_path / "out"
    run(lay(tmp_path / "old", {"a.txt": shared}), out)
    old = tree(out)
    inputs = read([lay(tmp_path / "new", {f"{n}.txt": shared + "\n" * n for n in range(30)})])
    found = scan(inputs.sources, Settings())
    merged = merge(found.corpus, found.matches, Settings())
    write(merged, inputs, found.corpus, Settings(), tmp_path / "expected")
    new = tree(tmp_path / "expected")
    shutil.rmtree(tmp_path / "expected")

    def again() -> None:
        write(merged, inputs, found.corpus, Settings(), out)

    return again, old, new, out


def test_a_run_killed_at_any_moment_leaves_out_whole(
    two_results: tuple[Callable[[], None], Heap, Heap, Path],
) -> None:
    again, old, new, out = two_results
    rng = random.Random(7)
    for _ in range(25):
        child = _in_child(again)
        time.sleep(rng.random() * 0.02)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        _whole(old, new, out)
    again()
    assert tree(out) == new
    assert [p.name for p in out.parent.iterdir() if p.name.startswith(".")] == []


def _counted(name: str, holder: object, stop: Callable[[], None], left: list[int]) -> None:
    true = getattr(holder, name)

    def counted(*args: object, **options: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            stop()
        return true(*args, **options)

    setattr(holder, name, counted)


_STEPS = (
    (Path, "write_bytes"),
    (Path, "write_text"),
    (Path, "rename"),
    (Path, "mkdir"),
    (Path, "chmod"),
    (shutil, "rmtree"),
)


@pytest.mark.parametrize("point", range(12))
def test_a_run_that_dies_at_a_write_leaves_out_whole(
    two_results: tuple[Callable[[], None], Heap, Heap, Path], point: int
) -> None:
    again, old, new, out = two_results

    def dying() -> None:
        left = [point]
        for holder, name in _STEPS:
            _counted(name, holder, lambda: os._exit(9), left)
        again()

    os.waitpid(_in_child(dying), 0)
    _whole(old, new, out)
    again()
    assert tree(out) == new
    assert [p.name for p in out.parent.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("point", range(12))
def test_a_run_that_fails_at_a_write_leaves_out_whole(
    two_results: tuple[Callable[[], None], Heap, Heap, Path],
    monkeypatch: pytest.MonkeyPatch,
    point: int,
    error: BaseException,
) -> None:
    again, old, new, out = two_results
    left = [point]

    def stop() -> None:
        if left[0] == -1:
            raise error

    fallible = [step for step in _STEPS if step != (shutil, "rmtree") or not isinstance(error, OSError)]
    with monkeypatch.context() as patched:
        for holder, name in fallible:  # rmtree is told to ignore what it cannot do
            patched.setattr(holder, name, getattr(holder, name))
            _counted(name, holder, stop, left)
        with suppress(OutputError, KeyboardInterrupt):  # no other error comes out
            again()
    _whole(old, new, out)
    again()
    assert tree(out) == new
    assert [p.name for p in out.parent.iterdir() if p.name.startswith(".")] == []
