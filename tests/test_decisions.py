"""The decisions file: what it may say, that it is read as it was written, and that no line is lost or doubled."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dedup.decisions import Decision, decision_row, merge_decisions, read_decisions, write_decisions
from dedup.errors import FormatError, InputError, OutputError, UsageError
from dedup.schema import load

K1, K2 = "0123456789ab", "ba9876543210"

words = st.text(max_size=8)
ids = st.sampled_from([K1, K2, f"{K1}-2", "0" * 12])
keys = st.lists(st.sampled_from([K1, K2, "f" * 12]), max_size=3).map(tuple)


@st.composite
def decided(draw: st.DrawFn) -> Decision:
    cluster = draw(ids)
    by, note, seen = draw(st.none() | words), draw(st.none() | words), draw(keys)
    verdict = draw(st.sampled_from(["merge", "keep", "split", "skip", "reading"]))
    on_variant = verdict == "reading" or (verdict in ("merge", "skip") and draw(st.booleans()))
    return Decision(
        cluster=cluster,
        variant=f"{cluster}.{draw(st.sampled_from(['01234567', '89abcdef-2']))}" if on_variant else None,
        verdict=verdict,
        text=draw(words | st.just("\u2028\0")) if verdict == "reading" else None,
        exclude=(draw(keys) or (K1,)) if verdict == "split" else (),
        by=by,
        note=note,
        seen=seen,
    )


quick = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@quick
@given(st.lists(decided(), max_size=8), st.randoms(use_true_random=False))
def test_decisions_are_read_as_they_were_written_in_one_order_and_as_the_schema_says(
    decisions: list[Decision], rng: random.Random
) -> None:
    from texts import scratch

    decisions = list({decision.key: decision for decision in decisions}.values())
    with scratch() as tmp:
        write_decisions(tmp / "one.jsonl", decisions)
        rng.shuffle(decisions)
        write_decisions(tmp / "two.jsonl", decisions)
        assert (tmp / "one.jsonl").read_bytes() == (tmp / "two.jsonl").read_bytes()
        assert read_decisions(tmp / "one.jsonl") == tuple(sorted(decisions, key=lambda d: d.key))
        validator = Draft202012Validator(load("decisions"))
        for row in (tmp / "one.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
            validator.validate(json.loads(row))
        assert sorted(os.listdir(tmp)) == ["one.jsonl", "two.jsonl"]


@quick
@given(st.lists(decided(), max_size=5), st.lists(decided(), max_size=5))
def test_the_newer_decision_remains_and_deciding_twice_is_deciding_once(
    old: list[Decision], new: list[Decision]
) -> None:
    both = merge_decisions(old, new)
    assert merge_decisions(both, new) == both
    assert len({decision.key for decision in both}) == len(both)
    last = {decision.key: decision for decision in new}
    assert all(last.get(decision.key, decision) == decision for decision in both)


def test_keys_stand_in_the_order_of_the_contract() -> None:
    split = Decision(cluster=K1, verdict="split", exclude=(K2, K1, K2), by="a", note="n", seen=(K1,))
    assert list(decision_row(split)) == ["cluster", "verdict", "exclude", "by", "note", "seen"]
    assert split.exclude == (K1, K2)
    reading = Decision(cluster=K1, variant=f"{K1}.01234567", verdict="reading", text="")
    assert list(decision_row(reading)) == ["cluster", "variant", "verdict", "text"]
    assert reading.mark == "01234567"
    assert Decision(cluster=K1, variant=f"{K1}.01234567", verdict="reading", text="a\r\n\rb").text == "a\n\nb"


@pytest.mark.parametrize(
    "fields",
    [
        {"cluster": "x", "verdict": "merge"},
        {"cluster": K1, "verdict": "reading", "text": "a"},
        {"cluster": K1, "verdict": "merge", "text": "a"},
        {"cluster": K1, "verdict": "split"},
        {"cluster": K1, "verdict": "keep", "exclude": (K2,)},
        {"cluster": K1, "verdict": "split", "exclude": ("a.txt",)},
        {"cluster": K1, "verdict": "delete"},
        {"cluster": K1, "variant": f"{K2}.01234567", "verdict": "merge"},
        {"cluster": K1, "variant": f"{K1}.01234567", "verdict": "keep"},
        {"cluster": K1, "variant": f"{K1}.01234567", "verdict": "reading"},
        {"cluster": K1, "variant": f"{K1}.01234567", "verdict": "reading", "text": "\ud800"},
    ],
)
def test_what_makes_no_sense_is_no_decision(fields: dict) -> None:  # type: ignore[type-arg]
    with pytest.raises(UsageError):
        Decision(**fields)


GOOD = f'{{"cluster": "{K1}", "verdict": "keep"}}\n'


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (f"{GOOD}nonsense\n", 2, "no JSON"),
        (f"\n{GOOD}<<<<<<< ours\n", 3, "no JSON"),
        ("[]\n", 1, "no JSON object"),
        (f'{GOOD}{{"cluster": "{K2}"}}\n', 2, "needs a 'verdict'"),
        (f'{{"cluster": "{K2}", "verdict": "keep", "why": ""}}\n', 1, "has no 'why'"),
        (f'{{"cluster": "{K2}", "verdict": 1}}\n', 1, "'verdict' is no text"),
        (f'{{"cluster": "{K2}", "verdict": "split", "exclude": "{K1}"}}\n', 1, "no list"),
        (GOOD + GOOD.replace("keep", "merge"), 2, "was decided in line 1 already"),
    ],
)
def test_a_broken_line_is_named_with_what_to_do(tmp_path: Path, text: str, line: int, what: str) -> None:
    (tmp_path / "d.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=what) as caught:
        read_decisions(tmp_path / "d.jsonl")
    assert (caught.value.line, caught.value.path) == (line, str(tmp_path / "d.jsonl"))
    assert caught.value.hint


def test_the_same_line_twice_is_one_decision_as_a_merge_of_two_branches_leaves_it(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text(GOOD + GOOD, encoding="utf-8")
    assert read_decisions(tmp_path / "d.jsonl") == (Decision(cluster=K1, verdict="keep"),)


def test_a_file_that_is_not_there_has_no_decisions_and_a_folder_is_an_error(tmp_path: Path) -> None:
    assert read_decisions(tmp_path / "none.jsonl") == ()
    with pytest.raises(InputError):
        read_decisions(tmp_path)


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "d.jsonl"
    write_decisions(path, [Decision(cluster=K1, verdict="keep")])
    old = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OutputError, match="no space left"):
        write_decisions(path, [])
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["d.jsonl"]


def test_decisions_take_the_place_of_no_pipe_or_device(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError, match="is no regular file"):
        write_decisions(tmp_path / "pipe", [])
    assert (tmp_path / "pipe").is_fifo()


def test_a_line_nested_too_deep_is_an_error_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "decisions.jsonl").write_text("\n" + "[" * 100_000)
    with pytest.raises(FormatError, match=r"decisions.jsonl:2: no JSON"):
        read_decisions(tmp_path / "decisions.jsonl")
