"""Why two lines match or not: the figures are those of the match, the closed gate is the one that closed."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import texts
from click.testing import CliRunner, Result

from dedup.accept import INFORMATION
from dedup.chain import MIN_SCORE
from dedup.cli import main
from dedup.cli.inputs import line_named
from dedup.config import Settings
from dedup.corpus import Corpus, build
from dedup.errors import UsageError
from dedup.evidence import shared_shingles
from dedup.explain import Explanation, Gate, explain, line_of
from dedup.fold import fold, fold_text
from dedup.match import match
from dedup.matches import Matches
from dedup.model import Source
from dedup.read import read
from dedup.seed import SEED_WEIGHT

SEEDS = Path(__file__).parent.parent / "seeds"
ONE, TWO, THREE, FOUR = (
    "".join(paragraph[0]) for paragraph in (texts.prose("han", seed, 1, 4) for seed in range(40, 44))
)


def corpus_of(a: str, b: str) -> Corpus:
    return build([Source("a.txt", a), Source("b.txt", b)])


def explained(a: str, b: str, line_a: int = 1, line_b: int = 1, settings: Settings | None = None) -> Explanation:
    corpus = corpus_of(a, b)
    a, b = (line_of(corpus, number(corpus, path), line) for path, line in (("a.txt", line_a), ("b.txt", line_b)))
    return explain(corpus, settings or Settings(), a, b)


def number(corpus: Corpus, path: str) -> int:
    return next(at for at, source in enumerate(corpus.sources) if source.path == path)


def closed(found: Explanation, tier: str) -> Gate:
    gates = [gate for gate in found.gates if gate.tier == tier]
    assert all(gate.open for gate in gates[:-1])
    assert not gates[-1].open
    return gates[-1]


def test_a_match_is_explained_by_its_own_figures() -> None:
    changed = ONE[:30] + "某" + ONE[31:]
    found = explained(f"{TWO}\n{ONE}", f"{changed}\n{THREE}", 2, 1)
    (match,) = found.found
    matches = found.matches
    assert match.likeness.jaccard < 1
    assert match.likeness.containment_a == pytest.approx(match.likeness.containment_b)
    assert abs(match.likeness.estimate - match.likeness.jaccard) < 0.2
    assert match.facing == matches.equal[match.row] == found.a.last - found.a.first - 1
    assert found.paragraphs is not None
    assert found.gates == ()


def test_unrelated_lines_have_no_seed_and_no_band() -> None:
    found = explained(ONE, TWO)
    gate = closed(found, "anchor")
    assert gate.needed == SEED_WEIGHT
    assert gate.measured < SEED_WEIGHT
    assert (closed(found, "lsh").measured, closed(found, "lsh").needed) == (0, 1)


def test_a_seed_alone_is_too_light_a_chain() -> None:
    found = explained(ONE[:20] + "甲乙丙丁戊己庚" + ONE[20:], TWO[:20] + "甲乙丙丁戊己庚" + TWO[20:])
    gate = closed(found, "anchor")
    assert (gate.measured, gate.needed) == (35, MIN_SCORE)


def test_what_is_too_short_says_by_how_many_letters() -> None:
    shared = "春江潮水连海平海上明月共潮生"
    pair = f"{ONE}\n{shared}\n{TWO}", f"{THREE}\n{shared}\n{FOUR}"
    found = explained(*pair, 2, 2, Settings(min_length=16))
    gate = closed(found, "anchor")
    assert (gate.measured, gate.needed, gate.unit) == (14, 16, "letters")
    assert len(explained(*pair, 2, 2, Settings(min_length=14)).found) == 1


def test_what_says_too_little_says_how_much_it_says() -> None:
    shared = "春江潮水连海平海上明"
    found = explained(ONE[:30] + shared + ONE[30:], TWO[:30] + shared + TWO[30:], settings=Settings(min_length=5))
    gate = closed(found, "anchor")
    assert (gate.measured, gate.needed) == (5 * len(shared), INFORMATION)


def test_paragraphs_too_unlike_for_their_tier_say_by_how_much() -> None:
    a = "".join(f"{ONE[i : i + 5]}{TWO[i]}" for i in range(0, 60, 5))
    b = "".join(f"{ONE[i : i + 5]}{THREE[i]}" for i in range(0, 60, 5))
    found = explained(a, b, settings=Settings(lsh_threshold=0.1, similarity=0.99))
    assert found.found == ()
    gate = closed(found, "lsh")
    assert gate.measured < gate.needed


def test_the_stages_see_what_a_scan_sees() -> None:
    sources = read([SEEDS]).sources
    corpus = build([*sources, replace(sources[2], path="copy.txt")])
    lines = sorted((line_of(corpus, source, 1) for source in (0, 2)), key=lambda line: line.first)
    seen = explain(corpus, Settings(), *lines).matches
    scanned = match(corpus, Settings())
    assert scanned.words.any()
    for column in fields(Matches):
        assert np.array_equal(getattr(seen, column.name), getattr(scanned, column.name))


def test_a_copy_of_a_whole_text_is_explained_by_its_original() -> None:
    corpus = build([Source("a.txt", ONE), Source("b.txt", ONE), Source("c.txt", ONE), Source("d.txt", ONE + TWO)])
    lines = [line_of(corpus, number(corpus, path), 1) for path in ("a.txt", "b.txt", "c.txt", "d.txt")]
    assert (
        explain(corpus, Settings(), lines[1], lines[3]).found == explain(corpus, Settings(), lines[0], lines[3]).found
    )
    same = explain(corpus, Settings(), lines[1], lines[2])
    assert same.a == same.b == lines[0]


def test_lines_of_one_match_that_do_not_face_each_other_are_told_apart() -> None:
    text = f"{ONE}\n{TWO}\n{THREE}\n"
    found = explained(text, text + FOUR, 1, 3)
    assert found.found
    assert all(match.facing == 0 for match in found.found)
    corpus = corpus_of(text, text + FOUR)
    first = line_of(corpus, number(corpus, "b.txt"), 1)
    assert found.found[0].faced == (first.first, first.last)


def test_the_other_way_round_everything_is_turned() -> None:
    corpus = corpus_of(f"{ONE}\n{TWO}", f"{TWO[:60]}{THREE}")
    a, b = line_of(corpus, number(corpus, "a.txt"), 2), line_of(corpus, number(corpus, "b.txt"), 1)
    (one,), (other,) = (explain(corpus, Settings(), *pair).found for pair in ((a, b), (b, a)))
    assert one.row == other.row
    assert one.facing == other.facing > 0
    assert (one.likeness.containment_a, one.likeness.containment_b) == (
        other.likeness.containment_b,
        other.likeness.containment_a,
    )
    assert a.first <= other.faced[0] < other.faced[1] <= a.last


def test_shingles_are_counted_as_sets() -> None:
    def shared(a: str, b: str) -> tuple[float, float, float]:
        a, b = fold_text(a), fold_text(b)
        one, two = fold([a]).letters, fold([b]).letters
        sets = [{text[i : i + 3] for i in range(len(text) - 2)} for text in (a, b)]
        both, either = len(sets[0] & sets[1]), len(sets[0] | sets[1])
        assert shared_shingles(one, two, 3) == pytest.approx((both / either, both / len(sets[0]), both / len(sets[1])))
        return shared_shingles(one, two, 3)

    assert shared("abcabcabd", "abcab") == pytest.approx((3 / 4, 3 / 4, 1.0))
    shared(ONE, ONE[5:] + "甲乙丙")
    assert shared_shingles(np.zeros(0, np.uint32), np.zeros(0, np.uint32), 0) == (0, 0, 0)


@pytest.mark.parametrize(
    ("place", "path", "line"), [("a.txt:12", "a.txt", 12), ("C:\\a:b.txt:3", "C:\\a:b.txt", 3), ("-:1", "-", 1)]
)
def test_a_path_may_have_colons(place: str, path: str, line: int) -> None:
    assert line_named(place) == (path, line)


@pytest.mark.parametrize("place", ["a.txt", "a.txt:", "a.txt:x", "a.txt:0", ":3", "a.txt:-1"])
def test_a_place_without_a_line_is_an_error(place: str) -> None:
    with pytest.raises(UsageError, match="names no line"):
        line_named(place)


# ------------------------------------------------------------------------------------------------ the command


@pytest.fixture
def heap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a:1.txt").write_text(f"{ONE}\n\n{TWO}\n", encoding="utf-8")
    (tmp_path / "sub" / "b.txt").write_text(f"{THREE}\n{ONE}\n", encoding="utf-8")
    (tmp_path / "r.jsonl").write_text(f'{{"id": "x", "text": "{ONE}"}}\n{{"id": "y", "text": "{FOUR}"}}\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*args: str) -> Result:
    return CliRunner().invoke(main, ["explain", *args])


def test_the_command_explains_a_match(heap: Path) -> None:
    result = invoke("a:1.txt:1", "sub/b.txt:2")
    assert result.exit_code == 0, result.output
    assert "Matched: exact, similarity 1.0000" in result.stdout
    assert "a:1.txt:1 (characters 0-" in result.stdout
    assert re.search(r"LSH bands that agree +25 of 25", result.stdout)


def test_the_command_says_which_gate_is_closed(heap: Path) -> None:
    result = invoke("a:1.txt:3", "sub/b.txt:1")
    assert result.exit_code == 0, result.output
    assert "Not matched\n" in result.stdout
    assert re.search(r"the longest run of letters in both lines +\d+ +needs 30 weight +closed, short by", result.stdout)


def test_a_record_and_inputs_can_be_named(heap: Path) -> None:
    for arguments in (
        ("r.jsonl#x:1", "sub/b.txt:2"),
        ("r.jsonl#x:1", "sub/b.txt:2", "."),
        ("b.txt:2", "r.jsonl#x:1", "sub", "r.jsonl"),
    ):
        result = invoke(*arguments)
        if arguments[0] == "b.txt:2":
            assert result.exit_code == 2
            assert "hint: did you mean sub/b.txt?" in result.stderr
        else:
            assert "Matched: " in result.stdout, result.output


def test_a_line_without_letters_is_no_match(heap: Path) -> None:
    assert "Not matched: a:1.txt:2 has no letters." in invoke("a:1.txt:2", "sub/b.txt:1").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a:1.txt:9", "sub/b.txt:1"), "a:1.txt: there is no line 9, the text has 4"),
        (("a:1.txt:1", "a:1.txt:1"), "a:1.txt:1: a line is not compared with itself"),
        (("a:1.txt:1", "r.jsonl:1"), "r.jsonl: holds 2 records"),
        (("a:1.txt:1", "nowhere.txt:1"), "nowhere.txt: no such file or folder"),
        (("a:1.txt:1", "r.jsonl#x:1", "sub"), "a:1.txt: is none of the texts that were read"),
    ],
)
def test_lines_that_cannot_be_compared_are_an_error(heap: Path, arguments: tuple[str, ...], message: str) -> None:
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0] == f"error: {message}"
