"""The contract of OUT: which files there are, what stands in them, in which order, and that all of it is true."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from texts import SEEDS, Heap, Run, heaps, lay, lay_out, lf, merge_texts, noise, pipeline, prose, run, scratch, tree

from dedup.config import Settings
from dedup.errors import OutputError
from dedup.fold import fold_text
from dedup.jsonl import line
from dedup.merge import Merged, merge
from dedup.write import fill, replacing

KEYS = {
    "corpus.jsonl": ["id", "path", "start", "end", "text", "cluster", "witnesses", "source"],
    "clusters.jsonl": [
        "id", "relation", "text", "home", "confidence", "needs_review", "witnesses", "decision", "unseen",
    ],
    "variant": [
        "kind", "id", "cluster", "class", "tags", "at", "text", "readings", "context", "vote", "needs_review",
        "decision", "rule", "applied", "reason", "confidence",
    ],
    "removal": ["kind", "cluster", "path", "start", "end", "text"],
    "layout": ["kind", "cluster", "path", "start", "end", "text", "canonical"],
    "span": ["path", "start", "end"],
    "witness": ["path", "start", "end", "line", "similarity", "status", "tiers", "key"],
    "reading": ["path", "start", "end", "text", "witness", "class"],
    "manifest.json": [
        "schema", "program", "settings", "inputs", "containers", "skipped", "counts", "decisions",
    ],
}  # fmt: skip

ONE, TWO, THREE = (lay_out(prose("han", number, 2, 4), "lines", "han") for number in (1, 2, 3))


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(SEEDS, tmp_path_factory.mktemp("seeds") / "out")


def assert_true(merged: Run) -> None:
    """Every position in OUT gives the text that it is said to."""
    _assert_corpus(merged)
    _assert_clusters(merged)
    _assert_log(merged)
    _assert_manifest(merged)
    _assert_sorted(merged)


def _corpus_texts(merged: Run) -> dict[str, str]:
    """Path -> text of the corpus; of a container its records by `container#id`."""
    texts: dict[str, str] = {}
    for path, data in tree(merged.out / "corpus").items():
        if not path.endswith(".jsonl"):
            texts[path] = data.decode("utf-8")
            continue
        for row in data.decode("utf-8").split("\n"):
            if row.strip():
                record = json.loads(row)
                texts[f"{path}#{record['id']}"] = lf(record["text"])
    return texts


def _assert_corpus(merged: Run) -> None:
    texts = _corpus_texts(merged)
    clusters = {row["id"] for row in merged.rows("clusters.jsonl")}
    done: dict[str, int] = {}
    for row in merged.rows("corpus.jsonl"):
        assert list(row) == KEYS["corpus.jsonl"]
        assert list(row["source"]) == KEYS["span"]
        assert texts[row["path"]][row["start"] : row["end"]] == row["text"]
        assert row["text"].strip()
        assert done.get(row["path"], 0) <= row["start"] < row["end"]
        done[row["path"]] = row["end"]
        assert row["cluster"] is None or row["cluster"] in clusters
        assert row["witnesses"] >= (1 if row["cluster"] is None else 2)
        assert row["source"]["path"] == row["path"]
        assert merged.raw(row["path"])[row["source"]["start"] : row["source"]["end"]].strip()
    for path, text in texts.items():  # the paragraphs are all of the corpus but for space
        rows = [row for row in merged.rows("corpus.jsonl") if row["path"] == path]
        covered = "\n".join(row["text"] for row in rows)
        assert fold_text(covered) == fold_text(text)


def _assert_clusters(merged: Run) -> None:
    for row in merged.rows("clusters.jsonl"):
        assert list(row) == KEYS["clusters.jsonl"]
        assert list(row["home"]) == KEYS["span"]
        assert 0 <= row["confidence"] <= 1
        witnesses = row["witnesses"]
        assert len(witnesses) > 1
        places = [(w["path"], w["start"], w["end"]) for w in witnesses]
        assert places == sorted(places)
        assert (row["home"]["path"], row["home"]["start"], row["home"]["end"]) in places
        for witness in witnesses:
            assert list(witness) == KEYS["witness"]
            raw = merged.raw(witness["path"])
            text = raw[witness["start"] : witness["end"]]
            assert text.strip() == text != ""
            assert witness["line"] == lf(raw[: witness["start"]]).count("\n") + 1
            assert 0 <= witness["similarity"] <= 1
            assert witness["status"] in ("home", "removed", "kept")
            assert set(witness["tiers"]) <= {"lsh", "anchor", "words"}
    ids = [row["id"] for row in merged.rows("clusters.jsonl")]
    assert len(set(ids)) == len(ids)


def _assert_log(merged: Run) -> None:
    clusters = {row["id"]: row for row in merged.rows("clusters.jsonl")}
    edits: dict[str, list[tuple[int, int]]] = {}
    ids = []
    for row in merged.rows("diff.jsonl"):
        assert list(row) == KEYS[row["kind"]]
        if row["kind"] == "variant":
            ids.append(row["id"])
            cluster = clusters[row["cluster"]]
            assert cluster["text"][slice(*row["at"])] == row["text"]
            assert row["readings"]
            for reading in row["readings"]:
                assert list(reading) == KEYS["reading"]
                assert merged.raw(reading["path"])[reading["start"] : reading["end"]] == reading["text"]
                witness = cluster["witnesses"][reading["witness"]]
                assert reading["path"] == witness["path"]
                assert witness["start"] <= reading["start"] <= reading["end"] <= witness["end"]
            left, right = row["context"]
            assert cluster["text"][: row["at"][0]].endswith(left)
            assert cluster["text"][row["at"][1] :].startswith(right)
            if row["applied"]:
                home = cluster["home"]
                (own,) = [
                    r
                    for r in row["readings"]
                    if r["path"] == home["path"] and home["start"] <= r["start"] and r["end"] <= home["end"]
                ]
                assert own["text"] != row["text"]
                edits.setdefault(own["path"], []).append((own["start"], own["end"]))
        else:
            assert row["start"] < row["end"] or row["kind"] == "layout"
            assert row["cluster"] is None or row["cluster"] in clusters
            raw = merged.raw(row["path"])
            assert row["end"] <= len(raw)
            if row["text"] is not None:
                assert raw[row["start"] : row["end"]] == row["text"]
            else:
                assert row["kind"] == "removal"
            edits.setdefault(row["path"], []).append((row["start"], row["end"]))
    assert len(set(ids)) == len(ids)
    for of_path in edits.values():
        of_path.sort()
        for (_, end), (start, _) in pairwise(of_path):
            assert end <= start


def _assert_manifest(merged: Run) -> None:
    manifest = json.loads((merged.out / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest) == KEYS["manifest.json"]
    assert [row["path"] for row in manifest["inputs"]] == sorted(source.path for source in merged.inputs.sources)
    for row in manifest["inputs"]:
        assert row["characters"] == len(merged.raw(row["path"]))
    removed = [row for row in merged.rows("diff.jsonl") if row["kind"] == "removal"]
    assert manifest["counts"]["removed_characters"] == sum(row["end"] - row["start"] for row in removed)
    assert manifest["counts"]["paragraphs"] == len(merged.rows("corpus.jsonl"))
    assert manifest["counts"]["corpus_characters"] == sum(map(len, _corpus_texts(merged).values()))
    assert "jobs" not in manifest["settings"]


def _assert_sorted(merged: Run) -> None:
    clusters = {row["id"]: row for row in merged.rows("clusters.jsonl")}
    corpus = [(row["path"], row["start"]) for row in merged.rows("corpus.jsonl")]
    assert corpus == sorted(corpus)
    firsts = [(row["witnesses"][0]["path"], row["witnesses"][0]["start"]) for row in clusters.values()]
    assert firsts == sorted(firsts)

    def place(row: dict[str, Any]) -> tuple[str, int]:
        if row["kind"] != "variant":
            return row["path"], row["start"]
        home = clusters[row["cluster"]]["home"]
        own = [
            r["start"]
            for r in row["readings"]
            if r["path"] == home["path"] and home["start"] <= r["start"] and r["end"] <= home["end"]
        ]
        return home["path"], own[0] if own else -1

    places = [place(row) for row in merged.rows("diff.jsonl")]
    paths = [path for path, _ in places]
    assert paths == sorted(paths)
    known = [p for p in places if p[1] >= 0]
    assert known == sorted(known)


BROKEN = {
    "0.txt": "ك①İgre쾖챥échasea①企社污\ue000شضيذ".encode(),
    "1.txt": "天地① İgre �\n쾖챥é chasea① 企社污 \ue000شضيذ宇宙".encode(),
}


@pipeline
@given(heaps())
@example(BROKEN)
def test_all_that_is_written_is_true(heap: Heap) -> None:
    with scratch() as tmp:
        assert_true(run(lay(tmp / "in", heap), tmp / "out"))


def test_all_that_is_written_of_the_seeds_is_true(seeds: Run) -> None:
    assert_true(seeds)


def test_a_heap_with_every_newline_is_told_in_outer_positions(tmp_path: Path) -> None:
    texts = {
        "a.txt": (TWO + ONE).replace("\n", "\r\n"),
        "b.txt": (noise(ONE, 0.03, 1) + THREE).replace("\n", "\r"),
        "c.txt": "\ufeff" + noise(ONE, 0.03, 2),
    }
    merged = merge_texts(texts, tmp_path)
    assert_true(merged)
    assert {row["kind"] for row in merged.rows("diff.jsonl")} >= {"variant", "removal"}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


def test_out_tells_nothing_of_the_machine(tmp_path: Path) -> None:
    merged = merge_texts({"a.txt": ONE + TWO, "b.txt": ONE + THREE}, tmp_path)
    for data in tree(merged.out).values():
        assert str(tmp_path).encode() not in data
    manifest = json.loads((merged.out / "manifest.json").read_text(encoding="utf-8"))
    assert not [text for text in _strings(manifest) if text.startswith("/")]
    for row, content in zip(manifest["inputs"], (ONE + TWO, ONE + THREE), strict=True):
        assert row["sha256"] == hashlib.sha256(content.encode()).hexdigest()


def test_the_same_inputs_in_another_folder_give_the_same_bytes(tmp_path: Path) -> None:
    texts = {"x/a.txt": ONE + TWO, "x/b.txt": noise(ONE, 0.02, 1) + THREE}
    assert tree(merge_texts(texts, tmp_path / "one").out) == tree(merge_texts(texts, tmp_path / "two").out)


def test_corpus_files_keep_their_relative_paths(tmp_path: Path) -> None:
    merged = merge_texts({"x/y/a.txt": ONE, "b.txt": TWO, "b.txt.d/c": THREE}, tmp_path)
    assert sorted(tree(merged.out / "corpus")) == ["b.txt", "b.txt.d/c", "x/y/a.txt"]


def test_an_empty_source_keeps_its_file(tmp_path: Path) -> None:
    merged = merge_texts({"a.txt": "", "b.txt": ONE, "c.txt": "\n"}, tmp_path)
    assert set(tree(merged.out / "corpus")) >= {"a.txt", "b.txt"}


def test_what_a_merge_wrote_is_replaced_whole(tmp_path: Path) -> None:
    merge_texts({"a.txt": ONE, "old.txt": TWO}, tmp_path)
    (tmp_path / "in/old.txt").unlink()
    merged = run(tmp_path / "in", tmp_path / "out")
    assert sorted(tree(merged.out / "corpus")) == ["a.txt"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    merge_texts({"a.txt": ONE}, tmp_path)
    assert (tmp_path / "out/manifest.json").exists()


def test_somebody_s_folder_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.txt").write_text("years of work")
    with pytest.raises(OutputError):
        merge_texts({"a.txt": ONE}, tmp_path)
    assert tree(tmp_path / "out") == {"thesis.txt": b"years of work"}


def test_somebody_s_file_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("years of work")
    with pytest.raises(OutputError):
        merge_texts({"a.txt": ONE}, tmp_path)
    assert (tmp_path / "out").read_text() == "years of work"


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real", target_is_directory=True)
    merge_texts({"a.txt": ONE}, tmp_path)
    assert (tmp_path / "out/manifest.json").exists()
    assert (tmp_path / "out").is_symlink()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError), replacing(tmp_path / "file" / "out"):
        pass


def test_an_error_inside_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail() -> None:
        with replacing(tmp_path / "out") as folder:
            (folder / "half").write_text("x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_remains_of_other_folders_are_left_alone(tmp_path: Path) -> None:
    """`out` and `out.b` are neighbours: one's run must not sweep the other's half-written folder away."""
    with replacing(tmp_path / "out.b") as folder:
        (folder / "half").write_text("x")
        merge_texts({"a.txt": ONE}, tmp_path)
        assert (folder / "half").exists()


@pytest.mark.parametrize("text", ["a\ud800b", "天\ud83d", "\x00\x1f\u2028\x85", '“”\\"/'])
def test_a_line_is_one_line_of_utf_8(text: str) -> None:
    written = line({"text": text})
    assert written.encode("utf-8").decode("utf-8") == written
    assert "\n" not in written
    assert json.loads(written) == {"text": text}


def test_several_processes_write_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passages = [" ".join(prose("latin", number, 1, 6)[0]) for number in range(6)]
    texts = {f"{number}.txt": f"{passage}\n" for number, passage in enumerate(passages)}
    texts |= {f"x/{number}.txt": f"{passage.replace('e', 'é', 1)}\n" for number, passage in enumerate(passages)}
    one = merge_texts(texts, tmp_path / "one", Settings(jobs=1))
    monkeypatch.setattr("dedup.pool._PAYS", 0)
    two = merge_texts(texts, tmp_path / "two", Settings(jobs=2))
    assert len({row["cluster"] for row in one.rows("diff.jsonl") if row["kind"] == "variant"}) == 6
    assert tree(one.out) == tree(two.out)


def test_a_folder_that_is_filled_again_has_nothing_of_the_first_time(tmp_path: Path) -> None:
    one = merge_texts({"a.txt": ONE, "b.txt": TWO, "c/d.txt": THREE}, tmp_path / "one")
    two = merge_texts({"a.txt": TWO, "c.txt": THREE}, tmp_path / "two")
    (tmp_path / "folder").mkdir()
    for of in (one, two):
        fill(tmp_path / "folder", of.merged, of.inputs, of.found.corpus, Settings())
    assert tree(tmp_path / "folder") == tree(two.out)


def test_a_merge_tells_each_result_and_returns_the_last(tmp_path: Path) -> None:
    found = run(SEEDS, tmp_path / "out").found
    told: list[Merged] = []
    assert merge(found.corpus, found.matches, Settings(), tell=told.append) is told[-1]
