"""Decisions are carried out: what was kept stays, what was split off is no witness, what was read stands there."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import Heap, Run, heaps, lay, merge_texts, pipeline, prose, run, scratch, tree

import dedup
from dedup.cli import main
from dedup.config import load
from dedup.decisions import Decision, write_decisions
from dedup.restore import restore

SENTENCES = prose("han", 50, 1, 8)[0]
ONE = "".join(SENTENCES)
OWN = ["".join(prose("han", seed, 1, 3)[0]) for seed in (51, 52, 53)]
TWO = ONE.replace(ONE[40:42], "某某", 1).replace(ONE[90:92], "丁丁", 1)
TEXTS = {
    "a.txt": f"{OWN[0]}\n{ONE}\n",
    "b.txt": f"{OWN[1]}\r\n{TWO}\r\n",
    "c.txt": f"{OWN[2]}\n{ONE[:60]}\n{ONE[60:]}\n",
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return merge_texts(TEXTS, tmp_path_factory.mktemp("plain"))


def cluster(merged: Run) -> dict:  # type: ignore[type-arg]
    (row,) = (row for row in merged.rows("clusters.jsonl") if len(row["text"]) > 200)
    return row


def variants(merged: Run) -> list[dict]:  # type: ignore[type-arg]
    return [row for row in merged.rows("diff.jsonl") if row["kind"] == "variant"]


def letters(merged: Run) -> dict[str, str]:
    return {path: dedup.fold_text(data.decode()) for path, data in tree(merged.out / "corpus").items()}


def test_what_is_kept_stays_with_every_letter_it_has(plain: Run, tmp_path: Path) -> None:
    kept = merge_texts(TEXTS, tmp_path, decisions=[Decision(cluster=cluster(plain)["id"], verdict="keep")])
    assert letters(kept) == {path: dedup.fold_text(text) for path, text in TEXTS.items()}
    row = cluster(kept)
    assert (row["decision"], row["needs_review"]) == ("keep", False)
    assert "removed" not in {witness["status"] for witness in row["witnesses"]}
    assert kept.merged.stale == ()


def test_a_witness_that_is_split_off_stays_and_the_others_are_merged(plain: Run, tmp_path: Path) -> None:
    row = cluster(plain)
    (key,) = {witness["key"] for witness in row["witnesses"] if witness["path"] == "b.txt"}
    split = merge_texts(TEXTS, tmp_path, decisions=[Decision(cluster=row["id"], verdict="split", exclude=(key,))])
    assert [witness["path"] for witness in cluster(split)["witnesses"]] == ["a.txt", "c.txt"]
    assert letters(split)["b.txt"] == dedup.fold_text(TEXTS["b.txt"])
    assert sum(dedup.fold_text(ONE) in text for text in letters(split).values()) == 1


@pytest.mark.parametrize("text", ["某某", "", "全新的\n字", "𠀀"])
def test_a_decided_reading_stands_in_the_corpus_and_the_inputs_come_back(plain: Run, tmp_path: Path, text: str) -> None:
    variant = next(row for row in variants(plain) if "某某" in [reading["text"] for reading in row["readings"]])
    word = Decision(cluster=variant["cluster"], variant=variant["id"], verdict="reading", text=text)
    decided = merge_texts(TEXTS, tmp_path, decisions=[word])
    (row,) = (row for row in variants(decided) if row["id"] == variant["id"])
    assert (row["text"], row["decision"], row["vote"], row["needs_review"]) == (text, "reading", "decided", False)
    assert ("emendation" in row["tags"]) == (text != "某某")
    corpus = "".join(data.decode() for data in tree(decided.out / "corpus").values())
    assert variant["context"][0] + text + variant["context"][1] in corpus
    assert cluster(decided)["text"][slice(*row["at"])] == text
    assert dict(restore(decided.out)) == {path: content.encode() for path, content in TEXTS.items()}


def test_a_decided_reading_renames_no_variant(plain: Run, tmp_path: Path) -> None:
    words = [
        Decision(cluster=row["cluster"], variant=row["id"], verdict="reading", text="另外一句")
        for row in variants(plain)
    ]
    for given_ in (words, words[:1]):
        decided = merge_texts(TEXTS, tmp_path / str(len(given_)), decisions=given_)
        assert [row["id"] for row in variants(decided)] == [row["id"] for row in variants(plain)]


def test_the_order_of_decisions_does_not_matter(plain: Run, tmp_path: Path) -> None:
    words = [Decision(cluster=cluster(plain)["id"], verdict="merge", note="x")] + [
        Decision(cluster=row["cluster"], variant=row["id"], verdict="reading", text=row["readings"][-1]["text"])
        for row in variants(plain)
    ]
    one = merge_texts(TEXTS, tmp_path / "one", decisions=words)
    two = merge_texts(TEXTS, tmp_path / "two", decisions=[*reversed(words), *words])
    assert tree(one.out) == tree(two.out)


NUMBERS = {"a.txt": f"{ONE}他走了13里。\n{OWN[0]}\n", "b.txt": f"{ONE}他走了15里。\n{OWN[1]}\n"}


@pytest.mark.parametrize("on", ["passage", "variant"])
@pytest.mark.parametrize("verdict", ["merge", "skip"])
def test_what_was_reviewed_needs_no_review_and_what_was_skipped_does(tmp_path: Path, verdict: str, on: str) -> None:
    before = merge_texts(NUMBERS, tmp_path / "before")
    (variant,) = variants(before)
    assert variant["needs_review"]
    word = Decision(
        cluster=variant["cluster"],
        variant=variant["id"] if on == "variant" else None,
        verdict=verdict,  # type: ignore[arg-type]
    )
    after = merge_texts(NUMBERS, tmp_path / "after", decisions=[word])
    assert variants(after)[0]["needs_review"] == cluster(after)["needs_review"] == (verdict == "skip")
    assert tree(after.out / "corpus") == tree(before.out / "corpus")


def test_a_witness_that_came_after_the_decision_is_flagged_and_the_decision_stands(tmp_path: Path) -> None:
    before = merge_texts(NUMBERS, tmp_path / "before")
    row, (variant,) = cluster(before), variants(before)
    seen = tuple(witness["key"] for witness in row["witnesses"])
    words = [
        Decision(cluster=row["id"], verdict="merge", seen=seen),
        Decision(cluster=row["id"], variant=variant["id"], verdict="reading", text="15", seen=seen),
    ]
    assert not cluster(merge_texts(NUMBERS, tmp_path / "same", decisions=words))["needs_review"]
    grown = merge_texts(NUMBERS | {"c.txt": f"{OWN[2]}\n{ONE}他走了19里。\n"}, tmp_path / "grown", decisions=words)
    (new,) = (witness["key"] for witness in cluster(grown)["witnesses"] if witness["path"] == "c.txt")
    assert (cluster(grown)["needs_review"], cluster(grown)["unseen"]) == (True, [new])
    (variant,) = variants(grown)
    assert (variant["text"], variant["decision"], variant["needs_review"]) == ("15", "reading", True)
    assert "grown" in variant["tags"]
    known = NUMBERS | {"c.txt": f"{OWN[2]}\n{ONE}他走了13里。\n"}
    assert not variants(merge_texts(known, tmp_path / "known", decisions=words))[0]["needs_review"]


def test_a_decision_finds_its_passage_when_another_witness_is_the_medoid(plain: Run, tmp_path: Path) -> None:
    row = cluster(plain)
    other = next(witness["key"] for witness in row["witnesses"] if witness["key"] != row["id"])
    kept = merge_texts(TEXTS, tmp_path, decisions=[Decision(cluster=other, verdict="keep")])
    assert cluster(kept)["decision"] == "keep"


GONE = "f" * 12


def test_what_cannot_be_carried_out_is_told_with_the_reason(plain: Run, tmp_path: Path) -> None:
    row = cluster(plain)
    words = [
        Decision(cluster=GONE, verdict="keep"),
        Decision(cluster=GONE, variant=f"{GONE}.01234567", verdict="merge"),
        Decision(cluster=row["id"], variant=f"{row['id']}.01234567", verdict="merge"),
        Decision(cluster=row["id"], verdict="split", exclude=(GONE,)),
    ]
    decided = merge_texts(TEXTS, tmp_path, decisions=words)
    told = {(of.decision.key, of.reason) for of in decided.merged.stale}
    assert told == {
        ((GONE, ""), "no passage has its letters"),
        ((GONE, f"{GONE}.01234567"), "no passage has its letters"),
        ((row["id"], f"{row['id']}.01234567"), "the passage has no such variant"),
        ((row["id"], ""), f"the passage has no witness {GONE}"),
    }


def test_a_reading_in_a_kept_passage_is_told_and_not_put_into_the_corpus(plain: Run, tmp_path: Path) -> None:
    row, variant = cluster(plain), variants(plain)[0]
    words = [
        Decision(cluster=row["id"], verdict="keep"),
        Decision(cluster=row["id"], variant=variant["id"], verdict="reading", text="新的"),
    ]
    decided = merge_texts(TEXTS, tmp_path, decisions=words)
    assert [of.decision for of in decided.merged.stale] == [words[1]]
    assert "新的" in cluster(decided)["text"]
    assert letters(decided) == {path: dedup.fold_text(text) for path, text in TEXTS.items()}


# ------------------------------------------------------------------------------ the promises, with any decisions


def any_decisions(merged: Run, rng: random.Random) -> list[Decision]:
    """Decisions on about half of all passages and variants; half of them say what the reviewer saw."""
    decisions: list[Decision] = []
    for of in merged.merged.clusters:
        keys = tuple(witness.key for witness in of.witnesses)
        seen = keys if rng.random() < 0.5 else ()
        verdict = rng.choice(["keep", "split", "merge", "skip", None, None])
        if verdict is not None:
            exclude = (rng.choice(keys),) if verdict == "split" else ()
            decisions.append(Decision(cluster=of.id, verdict=verdict, exclude=exclude, seen=seen))  # type: ignore[arg-type]
        for variant in of.variants:
            texts = [reading.text for reading in variant.readings]
            text = rng.choice([*texts, *texts, *texts, "某某", "", texts[0] + "甲", of.text[:8]])
            if rng.random() < 0.4 and text.encode("utf-8", "replace").decode() == text:
                word = Decision(cluster=of.id, variant=variant.id, verdict="reading", text=text, seen=seen)
                decisions.append(word)
    return decisions


@settings(pipeline, max_examples=25)
@given(heaps(), st.randoms(use_true_random=False))
def test_the_promises_hold_whatever_was_decided(heap: Heap, rng: random.Random) -> None:
    with scratch() as tmp:
        folder = lay(tmp / "in", heap)
        decisions = any_decisions(run(folder, tmp / "plain"), rng)
        decided = run(folder, tmp / "one", decisions=decisions)
        assert dict(restore(decided.out)) == heap
        rng.shuffle(decisions)
        assert tree(run(folder, tmp / "two", decisions=decisions).out) == tree(decided.out)
        kept = [of for of in decided.merged.clusters if of.decision == "keep"]
        for removal in decided.merged.removals:
            for witness in (witness for of in kept for witness in of.witnesses if witness.span.path == removal.path):
                assert removal.end <= witness.span.start or witness.span.end <= removal.start
        if tree(decided.out / "corpus"):
            again = run(decided.out / "corpus", tmp / "again", decisions=decisions)
            assert again.merged.removals == ()


def test_two_kept_passages_stay_when_what_stood_between_them_leaves(tmp_path: Path) -> None:
    first, second, between = ("".join(prose("han", seed, 1, 6)[0]) for seed in (61, 62, 63))
    heap = {
        "a.txt": f"{first}\n{between * 3}\n{second}\n",
        "b.txt": f"{OWN[1]}\n{first}\n{second}\n{OWN[2]}\n",
        "c.txt": f"{OWN[0]}\n{between * 3}\n{OWN[0][::-1]}\n",
    }
    plain = merge_texts(heap, tmp_path / "plain")
    texts = {row["text"]: row["id"] for row in plain.rows("clusters.jsonl")}
    words = [Decision(cluster=name, verdict="keep") for text, name in texts.items() if between not in text]
    assert len(words) == 2
    decided = merge_texts(heap, tmp_path / "decided", decisions=words)
    corpus = letters(decided)
    assert corpus["a.txt"] == dedup.fold_text(first + second)
    again = run(decided.out / "corpus", tmp_path / "again", decisions=words)
    assert letters(again) == corpus
    assert again.merged.stale == ()


# ----------------------------------------------------------------------------------------- from the command line


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    lay(tmp_path / "in", TEXTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_merge_replays_a_file_that_an_option_or_the_project_names(plain: Run, project: Path) -> None:
    write_decisions(project / "d.jsonl", [Decision(cluster=cluster(plain)["id"], verdict="keep")])
    (project / "below").mkdir()
    for options in (["--decisions", "d.jsonl"], []):
        done = CliRunner().invoke(main, ["merge", "in", "-o", "out", *options])
        assert (done.exit_code, done.stderr) == (0, ""), done.output
        merged = [json.loads(row) for row in (project / "out" / "clusters.jsonl").read_text().splitlines()]
        assert {row["decision"] for row in merged} == {"keep"}
        assert json.loads((project / "out" / "manifest.json").read_text())["decisions"] == {
            "given": 1,
            "carried": [cluster(plain)["id"]],
            "stale": [],
        }
        (project / "pyproject.toml").write_text('[tool.dedup]\ndecisions = "d.jsonl"\n')
    assert load(folder=project / "below", environ={}).files.decisions == "../d.jsonl"


def test_merge_says_which_decisions_are_stale(project: Path) -> None:
    write_decisions("d.jsonl", [Decision(cluster=GONE, verdict="keep")])
    done = CliRunner().invoke(main, ["merge", "in", "-o", "out", "--decisions", "d.jsonl", "--quiet"])
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"warning: d.jsonl: {GONE} keep: no passage has its letters\n"
    told = json.loads((project / "out" / "manifest.json").read_text())["decisions"]
    assert told["given"] == 1
    assert told["stale"] == [
        {"cluster": GONE, "variant": None, "verdict": "keep", "reason": "no passage has its letters"}
    ]


def test_a_decisions_file_that_is_not_there_is_an_error_and_nothing_is_written(project: Path) -> None:
    done = CliRunner().invoke(main, ["merge", "in", "-o", "out", "--decisions", "none.jsonl"])
    assert (done.exit_code, done.stderr.splitlines()[0]) == (2, "error: none.jsonl: no such file")
    assert not (project / "out").exists()


def test_the_python_api_takes_decisions(plain: Run, project: Path) -> None:
    found = dedup.find_passages(dedup.read_sources(["in"]))
    words = [Decision(cluster=cluster(plain)["id"], verdict="keep"), Decision(cluster=GONE, verdict="keep")]
    merged = dedup.merge_passages(found, decisions=words)
    assert {path: dedup.fold_text(text) for path, text in merged.texts.items()} == {
        path: dedup.fold_text(text) for path, text in TEXTS.items()
    }
    assert [of.decision.cluster for of in merged.stale] == [GONE]
