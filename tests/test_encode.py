"""A line that is put together from its keys is the line that the JSON of its row would be, whatever stands in it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dedup.edits import Removal
from dedup.encode import cluster_line, layout_line, paragraph_line, removal_line, variant_line
from dedup.jsonl import encoded, sayable
from dedup.model import Cluster, Reading, Relation, Span, Status, Variant, VariantClass, Witness
from dedup.paragraphs import Paragraph
from dedup.rows import _cluster, _variant
from dedup.spacing import Layout

ODD = '"\\/\0\x1f\x7f\x80\u00a0\u2028\u3000\ud800\udc00\ufeff\uffff\U0001f600\n\r\t\b\f{}%'
TEXTS = st.text(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=())), max_size=8)
COUNTS, SHARES = st.integers(0, 1 << 40), st.floats(0, 1).map(lambda share: round(share, 4))
MAYBE = st.none() | TEXTS
KINDS = st.sampled_from(VariantClass)
PLACES = st.builds(Span, TEXTS, COUNTS, COUNTS)
READINGS = st.builds(Reading, TEXTS, COUNTS, COUNTS, TEXTS, COUNTS, st.none() | KINDS)
TIERS = st.sampled_from([(), ("lsh",), ("lsh", "anchor")])
WITNESSES = st.builds(Witness, PLACES, COUNTS, SHARES, st.sampled_from(Status), TIERS, TEXTS)


def several(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(of, max_size=3).map(tuple)


VARIANTS = st.builds(
    Variant,
    id=TEXTS,
    cluster=TEXTS,
    kind=KINDS,
    tags=several(TEXTS),
    at=st.tuples(COUNTS, COUNTS),
    text=TEXTS,
    readings=several(READINGS),
    context=st.tuples(TEXTS, TEXTS),
    vote=TEXTS,
    needs_review=st.booleans(),
    rule=TEXTS,
    applied=st.booleans(),
    decision=MAYBE,
    reason=TEXTS,
    confidence=SHARES,
    start=st.just(0),  # no row says it
)
CLUSTERS = st.builds(
    Cluster,
    id=TEXTS,
    relation=st.sampled_from(Relation),
    text=TEXTS,
    home=PLACES,
    confidence=SHARES,
    needs_review=st.booleans(),
    witnesses=several(WITNESSES),
    variants=several(VARIANTS).map(lambda of: tuple(sorted(of, key=lambda variant: variant.at))),
    decision=MAYBE,
    unseen=several(TEXTS),
)


def assert_is_its_row(line: str, keys: dict[str, Any]) -> dict[str, Any]:
    """The line is that of the row it tells, and the row has what is expected of it."""
    row: dict[str, Any] = json.loads(line)
    assert line == json.dumps(row, ensure_ascii=False)
    assert {key: row[key] for key in keys} == keys
    return row


@given(TEXTS, PLACES, TEXTS, MAYBE, COUNTS)
def test_a_paragraph_s_line_is_that_of_its_row(name: str, at: Span, text: str, cluster: str | None, n: int) -> None:
    line = paragraph_line(Paragraph(name, at, text, cluster, n, at._replace(start=0)))
    place = {"path": at.path, "start": at.start, "end": at.end}
    keys = {"id": name, **place, "text": text, "cluster": cluster, "witnesses": n, "source": {**place, "start": 0}}
    assert list(assert_is_its_row(line, keys)) == list(keys)


@given(CLUSTERS)
def test_a_cluster_and_its_variants_are_read_again_from_their_lines(cluster: Cluster) -> None:
    row = assert_is_its_row(cluster_line(cluster, variants=True), {"id": cluster.id})
    for variant, of in zip(cluster.variants, row["variants"], strict=True):
        assert assert_is_its_row(variant_line(variant), {"kind": "variant"}) == of
    assert _cluster(row, list(map(_variant, row["variants"]))) == cluster
    assert "text" not in json.loads(cluster_line(cluster, text=False))


@given(TEXTS, COUNTS, COUNTS, MAYBE, TEXTS)
def test_what_left_and_what_space_became_are_told_by_lines_of_their_rows(
    path: str, start: int, end: int, text: str | None, other: str
) -> None:
    place = {"path": path, "start": start, "end": end}
    gone = {"kind": "removal", "cluster": other, **place, "text": text}
    assert list(assert_is_its_row(removal_line(Removal(path, start, end, other, text)), gone)) == list(gone)
    space = {"kind": "layout", "cluster": None, **place, "text": other, "canonical": text or ""}
    assert list(assert_is_its_row(layout_line(Layout(path, start, end, other, text or "")), space)) == list(space)


@given(VARIANTS)
def test_a_line_that_utf_8_cannot_say_is_ascii(variant: Variant) -> None:
    line = variant_line(variant)
    try:
        told = line.encode("utf-8")
    except UnicodeEncodeError:
        told = json.dumps(json.loads(line)).encode("ascii")
    assert sayable(line).encode("utf-8") == told
    assert encoded(["{}", line, "1"]) == b"{}\n" + told + b"\n1\n"
