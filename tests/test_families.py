"""Families: one passage in very many documents, and boilerplate in more. Work is counted, not timed."""

from __future__ import annotations

import texts

from dedup.config import Settings
from dedup.corpus import build
from dedup.draft import REMOVABLE, passages_of
from dedup.match import stages
from dedup.matches import RELATIONS
from dedup.model import Relation, Source

SETTINGS = Settings()


def unique(seed: int) -> str:
    return texts.prose("han", 10_000 + seed, 1, 1)[0][0]


def test_a_passage_in_a_thousand_documents_is_one_passage_for_linear_work() -> None:
    shared = "".join(texts.prose("han", 1, 1, 4)[0])
    corpus = build([Source(f"{n:04}.txt", f"{unique(n)}\n\n{shared}\n") for n in range(1000)])
    found = stages(corpus, SETTINGS)
    assert len(found.anchors.a) <= 4 * 1000
    assert len(found.candidates.a) <= 4 * 1000
    assert len(found.matches) <= 4 * 1000
    ((passage, relation),) = passages_of(corpus, found.matches, SETTINGS)
    assert len(passage.places) == 1000
    assert relation in REMOVABLE


def test_a_footer_in_ten_thousand_documents_is_a_formula_and_glues_nothing() -> None:
    footer = "本网站所有内容未经书面授权不得转载使用违者必究联系电话"
    twice = "".join(texts.prose("han", 2, 1, 3)[0])
    bodies = [unique(n) + (twice if n < 2 else "") for n in range(10_000)]
    corpus = build([Source(f"{n:05}.txt", f"{body}\n{footer}\n") for n, body in enumerate(bodies)])
    found = stages(corpus, SETTINGS)
    assert len(found.anchors.a) <= 4 * 10_000
    assert len(found.matches) <= 4 * 10_000
    formula = found.matches.relation == RELATIONS.index(Relation.FORMULA)
    assert int(formula.sum()) >= len(corpus.sources) - 2
    (kept,) = (~formula).nonzero()[0].tolist()
    (_, first, last), _ = found.matches.sides(kept)
    assert corpus.letters(first, last).startswith(texts.repunctuate(twice, "bare")[:20])
