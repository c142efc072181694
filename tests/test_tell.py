"""What is said of many points at once, in one go for the log and the page, is what each of them says by itself."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
from hypothesis import example, given, settings
from texts import Heap, Run, heaps, lay, merge_texts, pipeline, prose, run, scratch

from dedup.account import Variants
from dedup.apparatus import bounds, marks
from dedup.copies import copies_of
from dedup.entries import Entries, entries
from dedup.report.html import scope_of
from dedup.tell import telling
from dedup.write import outer_texts

ONE = "".join(prose("han", 50, 1, 8)[0])
OTHER = ONE.replace("，", ",\r\n").replace(ONE[20:22], '"\\', 1)
TWICE: Heap = {"a.txt": f"{ONE}{ONE[:-5]}\n{OTHER}".encode(), "b.txt": OTHER.encode(), "c.txt": ONE[3:].encode()}


def assert_told_as_its_variants(merged: Run) -> None:
    manifest = json.loads((merged.out / "manifest.json").read_text("utf-8"))
    scope = scope_of(merged.merged.clusters, manifest, outer_texts(merged.inputs))
    made = tuple(replace(cluster, variants=tuple(cluster.variants)) for cluster in merged.merged.clusters)
    assert all(list(of.readings) == sorted(of.readings) for cluster in made for of in cluster.variants)
    ready = replace(merged.merged, clusters=made)
    told, told_ready = ([], [])
    for of, into in ((merged.merged, told), (ready, told_ready)):
        with telling(of, scope, merged.out, 1) as parts:
            into += [(b"".join(lines), rows) for lines, rows in parts]
    assert told == told_ready
    assert b"".join(lines for lines, _ in told) == (merged.out / "diff.jsonl").read_bytes()


def assert_named_as_alone(merged: Run) -> None:
    corpus = merged.found.corpus
    drafts = [of.variants._draft for of in merged.merged.clusters if isinstance(of.variants, Variants)]
    together, first = entries(corpus, drafts), 0
    for draft in drafts:
        alone, last = entries(corpus, [draft]), first + len(draft.collation.points)
        low, high = together.bounds[first], together.bounds[last]
        for field in fields(Entries):
            own = slice(first, last) if field.name in ("points", "marks", "starts") else slice(low, high)
            if field.name != "bounds":
                assert getattr(together, field.name)[own] == getattr(alone, field.name)
        assert [low + bound for bound in alone.bounds] == together.bounds[first : last + 1]
        first = last
        medoid = draft.passage.medoid
        copy = copies_of(corpus, draft.passage.places, draft.spans)[medoid]
        names = marks(copy.text, copy.letters, copy.offsets, bounds(draft.collation)[:, medoid])
        assert alone.marks == names


@settings(pipeline, max_examples=25)
@given(heaps())
@example(TWICE)
def test_points_are_told_and_named_together_as_they_are_alone(heap: Heap) -> None:
    with scratch() as tmp:
        merged = run(lay(tmp / "in", heap), tmp / "out")
        assert_told_as_its_variants(merged)
        if any(isinstance(cluster.variants, Variants) for cluster in merged.merged.clusters):
            assert_named_as_alone(merged)


def test_readings_are_told_by_place_where_the_earlier_witness_has_the_later_one(tmp_path: Path) -> None:
    merged = merge_texts({"a.txt": f"{ONE}\n{ONE.replace(ONE[20:22], '某某', 1)}"}, tmp_path)
    (variants,) = (cluster.variants for cluster in merged.merged.clusters)
    assert isinstance(variants, Variants)
    draft = variants._draft
    (point,) = draft.collation.points
    later = replace(point, bounds=point.bounds + np.array([[len(ONE) + 9], [0]]))
    turned = replace(draft, collation=replace(draft.collation, points=(later,)))
    before, after = (entries(merged.found.corpus, [of]) for of in (draft, turned))
    assert before.witness == [0, 1]
    assert after.witness == [1, 0]
