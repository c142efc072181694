"""What must be found in the four documents that ship with the project, and what must become of them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dedup.api import Found, Result, find_passages, merge_passages, read_sources
from dedup.cli.scan import _pair_rows
from dedup.fold import fold_text
from dedup.model import Cluster, Relation, Status, VariantClass

SEEDS = Path(__file__).parent.parent / "seeds"
REPORT, REPRINT, SPEECH, PRINT = (path.name for path in sorted(SEEDS.iterdir()))
TITLE = "团结合作是国际社会战胜疫情最有力武器"


@pytest.fixture(scope="module")
def found() -> Found:
    return find_passages(read_sources([SEEDS]))


@pytest.fixture(scope="module")
def merged(found: Found) -> Result:
    return merge_passages(found)


@pytest.fixture(scope="module")
def pairs(found: Found) -> list[dict[str, Any]]:
    return [row for row in map(json.loads, _pair_rows(found.scan, False)) if row["relation"] != Relation.FORMULA]


@pytest.fixture(scope="module")
def compilation(merged: Result) -> Cluster:
    return max(merged.clusters, key=lambda cluster: len(cluster.text))


def text_of(name: str) -> str:
    return (SEEDS / name).read_text(encoding="utf-8")


def matched(pairs: list[dict[str, Any]], one: str, other: str) -> tuple[str, str]:
    """The characters of both texts that stand in matches of the two, in order."""
    covered: dict[str, set[int]] = {one: set(), other: set()}
    for row in pairs:
        if {row["a"]["path"], row["b"]["path"]} == {one, other}:
            for side in (row["a"], row["b"]):
                covered[side["path"]] |= set(range(side["start"], side["end"]))
    texts = {name: "".join(text_of(name)[at] for at in sorted(places)) for name, places in covered.items()}
    return texts[one], texts[other]


def test_the_compilation_is_one_passage(compilation: Cluster) -> None:
    assert [witness.span.path for witness in compilation.witnesses] == [REPRINT, PRINT]
    sizes = [len(fold_text(text_of(w.span.path)[w.span.start : w.span.end])) for w in compilation.witnesses]
    assert sizes == [10_280, 10_278]
    assert min(witness.similarity for witness in compilation.witnesses) >= 0.999
    assert compilation.witnesses[0].tiers == ("lsh", "anchor")


def test_the_letters_of_the_compilation_differ_in_four_places(compilation: Cluster) -> None:
    letters = [v for v in compilation.variants if len({fold_text(r.text) for r in v.readings}) > 1]
    assert [(v.kind, [r.text for r in v.readings]) for v in letters] == [
        (VariantClass.OCR, [" and ", "和"]),
        (VariantClass.OCR, ["\n\n新", ""]),
        (VariantClass.SUBSTANTIVE, ["在", ""]),
        (VariantClass.SUBSTANTIVE, ["", "工作"]),
    ]
    kinds = Counter(variant.kind for variant in compilation.variants)
    assert kinds[VariantClass.WIDTH] >= 10
    assert kinds[VariantClass.WHITESPACE] == 3
    assert kinds[VariantClass.MARKUP] >= 10
    assert kinds[VariantClass.SEGMENTATION] >= 100
    assert {tuple(r.text for r in v.readings) for v in compilation.variants if v.kind is VariantClass.WHITESPACE} == {
        (" ", "")
    }


def test_every_line_of_the_compilation_stands_once_in_the_corpus(merged: Result, compilation: Cluster) -> None:
    span = compilation.home
    assert span.path == PRINT
    lines = [line for line in text_of(PRINT)[span.start : span.end].split("\n") if line.strip()]
    assert len(lines) == 131
    corpus = "\n".join(fold_text(text) for text in merged.texts.values())
    here = fold_text("\n".join(lines))
    more = [line for line in lines if corpus.count(fold_text(line)) != here.count(fold_text(line))]
    # the title stands in a table of contents as well, and the author's name is in every text
    assert more == [TITLE, "习近平"]


def test_the_canonical_text_has_no_debris(merged: Result, compilation: Cluster) -> None:
    assert " and " not in compilation.text
    assert "新\n\n新" not in compilation.text
    assert not any("新新冠" in text or " and " in text for text in merged.texts.values())


def test_the_speech_is_found_in_the_report(pairs: list[dict[str, Any]]) -> None:
    report, speech = (fold_text(text) for text in matched(pairs, REPORT, SPEECH))
    assert len(report) >= 2_800
    assert len(speech) >= 2_250


@pytest.mark.parametrize("compiled", [REPRINT, PRINT])
def test_the_speech_is_found_in_the_compilation(pairs: list[dict[str, Any]], compiled: str) -> None:
    _, text = matched(pairs, SPEECH, compiled)
    assert "公共卫生安全是人类面临的共同挑战，需要各国携手应对。" in text
    assert "为世界防疫树立了典范。" in text


def test_the_summaries_are_found_in_the_body(pairs: list[dict[str, Any]]) -> None:
    text = text_of(REPRINT)
    covered: set[int] = set()
    for row in pairs:
        if row["a"]["path"] == row["b"]["path"] == REPRINT:
            covered |= {at for side in ("a", "b") for at in range(row[side]["start"], row[side]["end"])}
    summaries = [line for line in text.split("\n") if line.startswith("■")]
    assert len(summaries) == 12
    for line in summaries:
        start = text.index(line)
        letters = [at for at in range(start, start + len(line)) if fold_text(text[at])]
        assert len(covered & set(letters)) >= 0.9 * len(letters)


def test_the_lead_of_the_report_is_found_in_its_body_and_leaves(merged: Result) -> None:
    lead = "对我们来说，这是一次危机，也是一次大考。"
    assert text_of(REPORT).count(lead) == 2
    assert sum(text.count(lead) for text in merged.texts.values()) == 1


def test_page_breaks_inside_sentences_are_healed_in_the_corpus(merged: Result) -> None:
    corpus = merged.texts[REPRINT]
    for healed in ("各项决策部署", "中央政治局常务委员会4月8日召开会议", "老百姓遇到问题", "增强“四个意识”"):
        assert healed in corpus


def test_the_log_holds_differences_not_copies(merged: Result) -> None:
    gone = sum(removal.end - removal.start for removal in merged.merged.removals)
    readings = sum(len(r.text) for c in merged.clusters for v in c.variants for r in v.readings)
    literal = sum(len(removal.text or "") for removal in merged.merged.removals)
    assert readings + literal < 0.15 * gone


def test_what_needs_review_is_little_and_real(merged: Result) -> None:
    review = [v for cluster in merged.clusters for v in cluster.variants if v.needs_review]
    letters = [v for v in review if v.kind is not VariantClass.NUMBER_VALUE]
    assert len(letters) <= 20
    assert all(len({fold_text(r.text) for r in v.readings}) > 1 for v in letters)


def test_a_formula_is_never_removed(merged: Result) -> None:
    formulas = [cluster for cluster in merged.clusters if cluster.relation is Relation.FORMULA]
    assert formulas
    assert all(witness.status is Status.KEPT for cluster in formulas for witness in cluster.witnesses)
