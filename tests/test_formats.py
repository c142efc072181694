"""The apparatus in other formats: every witness can be read again from it, by a reader that knows the format only."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
import texts
from click.testing import CliRunner
from hypothesis import example, given, settings
from texts import SEEDS, Heap, Run, heaps, lay, lf, pipeline, prose, run, scratch

from dedup.cli import main
from dedup.decisions import Decision
from dedup.write import APPARATUS, rendered

TEI = "{http://www.tei-c.org/ns/1.0}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"

Place = tuple[str, int, int]

CONTENT = {
    "TEI": "teiHeader text",
    "teiHeader": "fileDesc encodingDesc",
    "fileDesc": "titleStmt publicationStmt sourceDesc",
    "titleStmt": "title",
    "publicationStmt": "p",
    "sourceDesc": "listWit p",
    "listWit": "witness",
    "encodingDesc": "variantEncoding charDecl",
    "charDecl": "char",
    "char": "mapping",
    "text": "body",
    "body": "div p",
    "div": "listWit ab",
    "ab": "app g",
    "app": "lem rdg",
    "lem": "g",
    "rdg": "g",
    "witness": "g",
}
"""What an element may hold here: a part of what TEI P5 lets it hold."""


def read_tei(text: str) -> dict[Place, str]:
    """The text of every witness of every passage, from a TEI file alone."""
    root = ET.fromstring(text.encode())
    for element in root.iter():
        allowed = CONTENT.get(element.tag.removeprefix(TEI), "").split()
        assert {child.tag.removeprefix(TEI) for child in element} <= set(allowed), element.tag
    characters = {
        f"#{e.get(XML_ID)}": chr(int((e.findtext(f"{TEI}mapping") or "")[2:], 16)) for e in root.iter(f"{TEI}char")
    }

    def said(element: ET.Element) -> str:
        return (element.text or "") + "".join(characters[g.get("ref", "")] + (g.tail or "") for g in element)

    names = [element.get(XML_ID) for element in root.iter() if element.get(XML_ID)]
    assert len(names) == len(set(names))
    header = root.find(f"{TEI}teiHeader")
    assert header is not None
    paths = {f"#{element.get(XML_ID)}": said(element) for element in header.iter(f"{TEI}witness")}
    newlines = {
        f"#{e.get(XML_ID)}": {"CRLF": "\r\n", "CR": "\r"}.get(e.get("n", ""), "\n")
        for e in header.iter(f"{TEI}witness")
    }
    found: dict[Place, str] = {}
    for passage in root.iter(f"{TEI}div"):
        witnesses = {f"#{element.get(XML_ID)}": element for element in passage.iter(f"{TEI}witness")}
        own = dict.fromkeys(witnesses, "")
        (block,) = passage.iter(f"{TEI}ab")

        def shared(text: str | None) -> None:
            for name in own:  # noqa: B023
                own[name] += text or ""  # noqa: B023

        shared(block.text)
        for child in block:
            if child.tag == f"{TEI}g":
                shared(characters[child.get("ref", "")])
            else:
                who = [name for reading in child for name in reading.get("wit", "").split()]
                assert sorted(who) == sorted(own)
                assert child[0].tag == f"{TEI}lem"
                for reading in child:
                    for name in reading.get("wit", "").split():
                        own[name] += said(reading)
            shared(child.tail)
        for name, element in witnesses.items():
            start, end = map(int, element.get("n", "").split("-"))
            source = element.get("corresp", "")
            found[paths[source], start, end] = own[name].replace("\n", newlines[source])
    return found


def read_table(text: str) -> dict[Place, str]:
    """The same from an alignment table, newlines as "\\n"."""
    found: dict[Place, str] = {}
    columns: list[tuple[int, list[str], Place]] = []
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len({len(row) for row in rows}) == 1
    for passage, _, what, _, _, *cells in rows[1:]:
        if what == "witnesses":
            found |= {place: "".join(parts) for _, parts, place in columns}
            columns = []
            for number, cell in enumerate(cells):
                if cell:
                    path, _, span = cell.rpartition(":")
                    start, end = map(int, span.split("-"))
                    columns.append((number, [], (path, start, end)))
        else:
            assert passage
            for number, parts, _ in columns:
                parts.append(cells[number])
    return found | {place: "".join(parts) for _, parts, place in columns}


def places(merged: Run) -> Iterator[Place]:
    for cluster in merged.merged.clusters:
        if cluster.relation != "formula" and (cluster.variants or cluster.relation != "reworked"):
            for witness in cluster.witnesses:
                yield witness.span.path, witness.span.start, witness.span.end


def as_format(merged: Run, style: str) -> str:
    return "".join(rendered(style, merged.merged.clusters, merged.inputs.sources))


ODD = "".join(prose("han", 60, 1, 6)[0])
HOSTILE: Heap = {
    "a.txt": f'{ODD[:50]}\x0b<&>"{ODD[50:]}]]>\r\n'.encode(),
    "b.txt": f"{ODD[:50]}\x01{ODD[50:120]}\r\n{ODD[120:]}\x0c\r\n".encode(),
    "c.jsonl": (json.dumps({"id": "x\x02", "text": f"{ODD[:30]}\ufffe{ODD[30:]}\uffff"}) + "\n").encode(),
    "mixed.txt": f"{ODD[:80]}\r{ODD[80:90]}\n{ODD[90:]}\r\n".encode(),
}


@settings(pipeline, max_examples=15)
@given(heaps())
@example(HOSTILE)
def test_every_witness_can_be_read_again_from_tei_and_from_the_table(heap: Heap) -> None:
    with scratch() as tmp:
        merged = run(lay(tmp / "in", heap), tmp / "out")
        raw = {place: merged.raw(place[0])[place[1] : place[2]] for place in places(merged)}
        mixed = {source.path for source in merged.inputs.sources if source.newline == ""}
        read = read_tei(as_format(merged, "tei"))
        assert read.keys() == raw.keys()
        for place, text in read.items():
            assert text == raw[place] or (place[0] in mixed and lf(text) == lf(raw[place]))
        if not any("\0" in text for text in raw.values()):
            table = read_table(as_format(merged, "table"))
            assert {place: lf(text) for place, text in table.items()} == {
                place: lf(text) for place, text in raw.items()
            }


def test_the_seeds_can_be_read_again_from_tei(tmp_path: Path) -> None:
    merged = run(SEEDS, tmp_path / "out")
    assert read_tei(as_format(merged, "tei")) == {
        place: merged.raw(place[0])[place[1] : place[2]] for place in places(merged)
    }


def test_a_lemma_that_no_witness_has_is_the_editor_s(tmp_path: Path) -> None:
    heap = {"a.txt": ODD, "b.txt": ODD.replace(ODD[40:42], "某某", 1)}
    plain = texts.merge_texts(heap, tmp_path / "plain")
    (variant,) = plain.merged.clusters[0].variants
    word = Decision(cluster=variant.cluster, variant=variant.id, verdict="reading", text="全新")
    decided = texts.merge_texts(heap, tmp_path / "decided", decisions=[word])
    tei = as_format(decided, "tei")
    assert "<lem>全新</lem>" in tei
    assert set(read_tei(tei).values()) == set(heap.values())


def test_no_text_in_two_places_is_a_whole_document_too(tmp_path: Path) -> None:
    merged = texts.merge_texts({"a.txt": ODD}, tmp_path)
    assert read_tei(as_format(merged, "tei")) == {}
    assert as_format(merged, "table") == "passage,variant,class,review,text\n"
    assert as_format(merged, "unified") == as_format(merged, "jsonl") == ""


def test_a_unified_diff_turns_the_canonical_sentences_into_the_witness_s(tmp_path: Path) -> None:
    changed = ODD.replace(ODD[40:42], "某某", 1)
    merged = texts.merge_texts({"a.txt": ODD, "b.txt": ODD, "c.txt": changed}, tmp_path)
    rows = as_format(merged, "unified").splitlines()
    assert rows[0].startswith("--- ")
    assert rows[1] == f"+++ c.txt:0-{len(ODD)}"
    assert "".join(row[1:] for row in rows[3:] if row[0] in " +") in changed
    assert "".join(row[1:] for row in rows[3:] if row[0] in " -") in ODD
    assert [row[0] for row in rows[3:] if row[0] != " "] == ["-", "+"]


def test_json_lines_hold_each_passage_with_its_variants(tmp_path: Path) -> None:
    merged = run(SEEDS, tmp_path / "out")
    rows = [json.loads(row) for row in as_format(merged, "jsonl").splitlines()]
    assert [{**row, "variants": 0} for row in rows] == [{**row, "variants": 0} for row in merged.rows("clusters.jsonl")]
    variants = {row["id"]: row for row in merged.rows("diff.jsonl") if row["kind"] == "variant"}
    assert {variant["id"]: variant for row in rows for variant in row["variants"]} == variants


# ----------------------------------------------------------------------------------------------- from the command line


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Four versions of a text, each with something of its own."""
    monkeypatch.chdir(tmp_path)
    four = {
        "a.txt": ODD,
        "b.txt": ODD.replace(ODD[40:42], "某某", 1),
        "c.txt": ODD.replace(ODD[40:42], "丁丁", 1) + "\n" + "".join(prose("han", 70, 1, 3)[0]),
        "d.txt": ODD.replace("，", ","),
    }
    lay(tmp_path, four)
    return four


def dedup(*args: str) -> str:
    done = CliRunner().invoke(main, args)
    assert (done.exit_code, done.stderr) == (0, ""), done.output
    return done.stdout


def test_merge_writes_the_formats_that_are_asked_for(versions: dict[str, str]) -> None:
    dedup("merge", *versions, "-o", "out", "-q", *(part for style in APPARATUS for part in ("--also", style)))
    assert {path.name for path in Path("out").glob("apparatus.*")} == set(APPARATUS.values())
    read = read_tei(Path("out/apparatus.xml").read_text(encoding="utf-8"))
    for (path, start, end), text in read.items():
        assert text == versions[path][start:end]
    assert len(read) == 4
    dedup("restore", "out", "-o", "back")
    assert {path.name: path.read_text() for path in Path("back").iterdir()} == versions


def test_diff_gives_one_apparatus_of_all_texts_after_the_first(versions: dict[str, str]) -> None:
    tei = dedup("diff", "d.txt", "b.txt", "a.txt", "c.txt", "--format", "tei")
    assert {path: text for (path, _, _), text in read_tei(tei).items()} == versions | {
        "c.txt": versions["c.txt"][: len(ODD)]
    }
    assert re.search(r'<lem wit="#p1\.\d #p1\.\d">' + ODD[40:42] + "</lem>", tei)
    assert "<lem" in tei.partition("某某")[0]
    table = read_table(dedup("diff", "d.txt", "b.txt", "a.txt", "--format", "table"))
    assert {path: text for (path, _, _), text in table.items()} == {p: versions[p] for p in ("a.txt", "b.txt", "d.txt")}
    rows = [json.loads(row) for row in dedup("diff", "a.txt", "b.txt", "c.txt", "--format", "jsonl").splitlines()]
    assert [[reading["text"] for reading in row["readings"]] for row in rows] == [[ODD[40:42], "某某", "丁丁"]]
    assert dedup("diff", "a.txt", "b.txt", "c.txt", "--format", "unified").count("--- a.txt") == 2
