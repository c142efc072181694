"""What leaves the corpus: what stands elsewhere; and what must not: what only stands here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import Heap, Run, heaps, lay, merge_texts, pipeline, prose, run, scratch

from dedup.config import Settings
from dedup.draft import _votes
from dedup.fold import fold_text
from dedup.model import Relation, Status


def text(number: int, sentences: int = 4) -> str:
    return "".join(prose("han", number, 1, sentences)[0]) + "\n"


def corpus(merged: Run) -> dict[str, str]:
    return {file.relative_to(merged.out / "corpus").as_posix(): file.read_text() for file in
            sorted((merged.out / "corpus").rglob("*")) if file.is_file()}  # fmt: skip


def stands(merged: Run, piece: str) -> list[str]:
    """The corpus files in which a piece of text stands."""
    return [path for path, content in corpus(merged).items() if fold_text(piece) in fold_text(content)]


def test_a_passage_of_two_sources_stands_once(tmp_path: Path) -> None:
    shared = text(1)
    merged = merge_texts({"a.txt": text(2) + shared, "b.txt": shared + text(3)}, tmp_path)
    assert len(stands(merged, shared)) == 1
    assert stands(merged, text(2)) == ["a.txt"]
    assert stands(merged, text(3)) == ["b.txt"]


def test_of_three_hundred_copies_one_stands(tmp_path: Path) -> None:
    shared = text(1, 6)
    merged = merge_texts({f"{n:03}.txt": text(1000 + n) + shared for n in range(300)}, tmp_path)
    assert len(stands(merged, shared)) == 1
    assert len(corpus(merged)) == 300
    (row,) = merged.rows("clusters.jsonl")
    assert len(row["witnesses"]) == 300
    assert [w["status"] for w in row["witnesses"]].count("removed") == 299


def test_a_footer_in_hundreds_of_sources_stands_in_all_of_them(tmp_path: Path) -> None:
    footer = "版权所有，未经许可不得转载，违者必究，本站保留一切权利。\n"
    merged = merge_texts({f"{n:03}.txt": text(1000 + n) + footer for n in range(600)}, tmp_path)
    assert len(stands(merged, footer)) == 600
    (row,) = merged.rows("clusters.jsonl")
    assert row["relation"] == Relation.FORMULA
    assert {w["status"] for w in row["witnesses"]} == {Status.KEPT}


def test_a_file_that_is_a_copy_leaves_whole(tmp_path: Path) -> None:
    merged = merge_texts({"a.txt": text(1) + text(2), "b.txt": text(1) + text(2)}, tmp_path)
    assert list(corpus(merged)) == ["a.txt"]


def test_a_paragraph_of_which_little_stands_elsewhere_stays(tmp_path: Path) -> None:
    one = prose("han", 1, 1, 6)[0]
    mixed = "".join((*one[:2], *prose("han", 2, 1, 4)[0])) + "\n"
    merged = merge_texts({"a.txt": "".join(one) + "\n", "b.txt": mixed}, tmp_path)
    assert corpus(merged) == {"a.txt": "".join(one) + "\n", "b.txt": mixed}
    statuses = [w["status"] for row in merged.rows("clusters.jsonl") for w in row["witnesses"]]
    assert sorted(statuses) == ["home", "kept"]


def test_a_phrase_from_here_and_a_phrase_from_there_are_no_copy(tmp_path: Path) -> None:
    sentences = [prose("han", number, 1, 4)[0][1] for number in range(1, 6)]
    patchwork = "".join(sentences) + "\n"
    merged = merge_texts({f"{n}.txt": text(n) for n in range(1, 6)} | {"patchwork.txt": patchwork}, tmp_path)
    assert stands(merged, patchwork) == ["patchwork.txt"]


@pytest.mark.parametrize(
    "line",
    [
        "在统筹推进疫情防控工作会议上的重要讲话",
        "（2020年2月23日）",
        "来源：人民日报海外版第一版",
        "同志们：",
        "一、关于前一段工作的情况",
    ],
)
def test_a_heading_or_a_date_does_not_leave_alone(tmp_path: Path, line: str) -> None:
    merged = merge_texts({"a.txt": f"{line}\n{text(1)}", "b.txt": f"{line}\n{text(2)}"}, tmp_path)
    assert stands(merged, line) == ["a.txt", "b.txt"]
    assert merged.rows("diff.jsonl") == []


def test_a_heading_leaves_with_the_text_below_it(tmp_path: Path) -> None:
    article = f"在统筹推进疫情防控工作会议上的重要讲话\n{text(1, 8)}"
    merged = merge_texts({"a.txt": text(2) + article + text(3), "b.txt": text(4) + article + text(5)}, tmp_path)
    assert len(stands(merged, article)) == 1
    assert len(stands(merged, article.split("\n", maxsplit=1)[0])) == 1


def test_a_digest_yields_to_the_text_that_it_digests(tmp_path: Path) -> None:
    speech = [prose("han", number, 1, 5)[0] for number in range(1, 7)]
    digest = "".join("".join(paragraph[1:3]) + "\n" for paragraph in speech)
    whole = "".join("".join(paragraph) + "\n" for paragraph in speech)
    for one, other in (("a.txt", "b.txt"), ("b.txt", "a.txt")):
        merged = merge_texts({one: whole, other: digest}, tmp_path / one)
        assert corpus(merged) == {one: whole}


def test_a_digest_in_front_of_its_own_text_leaves_and_the_text_stays(tmp_path: Path) -> None:
    speech = [prose("han", number, 1, 5)[0] for number in range(1, 5)]
    whole = "".join("".join(paragraph) + "\n" for paragraph in speech)
    merged = merge_texts({"a.txt": "".join(speech[2][1:3]) + "\n" + whole}, tmp_path)
    assert fold_text(whole) in fold_text(corpus(merged)["a.txt"])


def test_the_cleaner_print_is_home(tmp_path: Path) -> None:
    clean = "".join(text(n) for n in range(1, 4))
    dirty = clean.replace("，", "\ufffd，")
    for one, other in (("a.txt", "b.txt"), ("b.txt", "a.txt")):
        merged = merge_texts({one: clean + text(8), other: dirty + text(9)}, tmp_path / one)
        assert stands(merged, text(2)) == [one]
        assert "\ufffd" not in corpus(merged)[one]


def test_what_is_reworked_stays(tmp_path: Path) -> None:
    sentences = prose("han", 1, 1, 8)[0]
    reworked = "".join(s if n % 3 else s[: len(s) // 2] + prose("han", 9, 1, 8)[0][n] for n, s in enumerate(sentences))
    merged = merge_texts({"a.txt": "".join(sentences) + "\n", "b.txt": reworked + "\n"}, tmp_path)
    for row in merged.rows("clusters.jsonl"):
        if row["relation"] in (Relation.REWORKED, Relation.FORMULA):
            assert {w["status"] for w in row["witnesses"]} == {Status.KEPT}


@pytest.mark.parametrize("unit", ["sentence", "passage"])
def test_a_finer_unit_cuts_the_copied_sentences_out_of_a_paragraph(tmp_path: Path, unit: str) -> None:
    one, two = prose("han", 1, 1, 6)[0], prose("han", 2, 1, 4)[0]
    mixed = two[0] + two[1] + one[2] + one[3] + two[2] + two[3] + "\n"
    texts = {"a.txt": "".join(one) + "\n", "b.txt": mixed}
    merged = merge_texts(texts, tmp_path, Settings(unit=unit))  # type: ignore[arg-type]
    assert [len(stands(merged, sentence)) for sentence in one + two] == [1] * (len(one) + len(two))
    whole = "".join(corpus(merged).values()).replace("\n", "")
    assert sorted(c for c in whole if not c.isalnum()) == sorted(c for c in "".join(one + two) if not c.isalnum())


@settings(pipeline, max_examples=30)
@given(heaps())
def test_what_leaves_stands_in_a_passage_whose_home_stays(heap: Heap) -> None:
    with scratch() as tmp:
        merged = run(lay(tmp / "in", heap), tmp / "out")
        removed: dict[str, list[tuple[int, int]]] = {}
        for row in merged.rows("diff.jsonl"):
            if row["kind"] == "removal":
                removed.setdefault(row["path"], []).append((row["start"], row["end"]))
        for row in merged.rows("clusters.jsonl"):
            statuses = [w["status"] for w in row["witnesses"]]
            assert statuses.count("home") == (0 if row["relation"] in ("reworked", "formula") else 1)
            if "removed" not in statuses:
                continue
            home = row["home"]
            raw = merged.raw(home["path"])
            lost = sum(
                len(fold_text(raw[max(a, home["start"]) : min(b, home["end"])]))
                for a, b in removed.get(home["path"], [])
                if a < home["end"] and b > home["start"]
            )
            chain = [w for w in row["witnesses"] if w["status"] == "removed"]
            assert lost < 0.5 * len(fold_text(raw[home["start"] : home["end"]])) or len(chain) < len(statuses)


@settings(pipeline, max_examples=30)
@given(heaps())
def test_every_seed_of_letters_still_stands_somewhere(heap: Heap) -> None:
    """Of every eight letters in a row of the inputs nearly all stand in the corpus: only variants are gone."""
    with scratch() as tmp:
        merged = run(lay(tmp / "in", heap), tmp / "out")
        kept = fold_text(" ".join(merged.merged.texts.values()))
        grams = {kept[n : n + 8] for n in range(len(kept) - 7)}
        readings = "".join(
            r["text"] for row in merged.rows("diff.jsonl") if row["kind"] == "variant" for r in row["readings"]
        )
        literal = "".join(row["text"] or "" for row in merged.rows("diff.jsonl") if row["kind"] == "removal")
        points = sum(row["kind"] == "variant" for row in merged.rows("diff.jsonl"))
        for source in merged.inputs.sources:
            own = fold_text(source.text)
            lost = sum(own[n : n + 8] not in grams for n in range(len(own) - 7))
            edges = 8 * len(merged.merged.removals) + 8 * points
            assert lost <= len(fold_text(readings)) + len(fold_text(literal)) + edges


SHARED = (
    "他们从东边的山上下来，走了三天三夜才慢慢看见河水，河边的村子里没有一个人，只有一条老狗在门口睡着。"
    "他们在井边坐下，把鞋里的沙子倒出来，等到天黑，也没有听见有人回来。"
)


def wrapped(text: str, width: int) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


@pytest.mark.parametrize("width", [24, 37, 38])
@pytest.mark.parametrize("broken", ["", "one.txt", "two.txt"])
def test_where_lines_break_decides_no_home(tmp_path: Path, broken: str, width: int) -> None:
    """Merging heals such breaks, even between two letters that are the same: if they decided, a second merge would
    choose otherwise."""
    heap = {
        "one.txt": "这一年的秋天来得很早，树叶早早都落了，" + SHARED + "后来的事情谁也说不清楚，只好由着它去了。",
        "two.txt": "我听祖父讲过一个很长的故事，开头是，" + SHARED + "讲到这里他总要停下来，喝一口已经凉了的茶。",
    }
    heap = {name: wrapped(text, width) + "\n" if name == broken else text + "\n" for name, text in heap.items()}
    (cluster,) = merge_texts(heap, tmp_path).rows("clusters.jsonl")
    assert cluster["home"]["path"] == "two.txt"


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12), st.booleans()), min_size=2), max_size=6))
def test_a_place_of_which_most_was_claimed_leaves_for_another_passage(heap: list[list[tuple[int, int, bool]]]) -> None:
    claimed: set[int] = set()
    votes = []
    for passage in heap:  # the first place is at home
        for number, (first, size, leaves) in enumerate(passage):
            letters = set(range(first, first + size))
            votes.append(number > 0 and leaves and 2 * len(letters - claimed) > size)
            claimed |= letters if number > 0 and leaves else set()
    rows = np.array([place for passage in heap for place in passage], np.int64).reshape(-1, 3)
    bounds, home = np.array([0, *np.cumsum(list(map(len, heap)))], np.int64), np.zeros(len(heap), np.int64)
    first, last, leaves = rows[:, 0].copy(), rows[:, 0] + rows[:, 1], rows[:, 2] > 0
    assert _votes(np.arange(len(heap)), bounds, first, last, home, leaves, np.zeros(50, np.bool_)).tolist() == votes
