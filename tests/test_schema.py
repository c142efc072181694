"""Every row that the program writes is what its schema says, with its keys in the order of the contract."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from texts import Heap, Run, lay, run

from dedup.cli.scan import command as scan_command
from dedup.config import Settings
from dedup.errors import UsageError
from dedup.schema import NAMES, load
from dedup.write import settings_row

SEEDS = Path(__file__).parent.parent / "seeds"

PASSAGE = "春天的河水从山上流下来，经过三千个村庄，把泥沙带到东边的海里去，一年又一年没有停过。"
OTHER = "集市在桥头的空地上，天不亮就有人挑着担子来占位置，卖的是菜、豆腐、草鞋和自家织的布。"
RECORDS = [{"id": f"r{n}", "text": f"{PASSAGE}\n{OTHER[n:]}", "year": 1900 + n} for n in range(3)]
LINES = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in RECORDS)

HEAPS: dict[str, Heap] = {
    "crlf": {
        "a.txt": f"{PASSAGE}\r\n\r\n{OTHER}\r\n".encode(),
        "b.txt": f"\ufeff{OTHER}\r\n\r\n\r\n{PASSAGE.replace('三千', '3000')}".encode(),
        "c/old.txt": f"{PASSAGE}\r{OTHER}\n".encode("gb18030"),
    },
    "jsonl": {
        "records.jsonl": LINES.encode(),
        "packed.jsonl.gz": gzip.compress(LINES.encode("ascii", "backslashreplace"), mtime=0),
        "a.txt": f"{OTHER}\n".encode(),
    },
    "empty": {"empty.txt": b"", "one.txt": PASSAGE.encode(), "picture.txt": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"},
    "hostile": {
        "</script>.txt": f"{PASSAGE}<img src=x onerror=alert(1)>\u2028\u202e{OTHER}\n".encode(),
        "b.txt": f"{PASSAGE.replace('，', ',')}\u0000 </script>{OTHER}\n".encode(),
    },
}

ORDER = {
    "corpus": ["id", "path", "start", "end", "text", "cluster", "witnesses", "source"],
    "clusters": ["id", "relation", "text", "home", "confidence", "needs_review", "witnesses"],
    "clusters witness": ["path", "start", "end", "line", "similarity", "status", "tiers", "key"],
    "diff variant": [
        *("kind", "id", "cluster", "class", "tags", "at", "text"),
        *("readings", "context", "vote", "needs_review", "decision"),
    ],
    "diff reading": ["path", "start", "end", "text"],
    "diff removal": ["kind", "cluster", "path", "start", "end"],
    "diff layout": ["kind", "cluster", "path", "start", "end"],
    "pairs": ["a", "b", "relation", "similarity", "tiers"],
    "decisions": ["cluster", "variant", "verdict", "text", "exclude", "by", "note"],
}
"""The keys of the contract; others may follow them."""


@pytest.fixture(scope="module", params=["seeds", *HEAPS])
def merged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run")
    source = SEEDS if request.param == "seeds" else lay(folder / "in", HEAPS[request.param])
    return run(source, folder / "out")


def faults(name: str, rows: list[Any]) -> list[str]:
    validator = Draft202012Validator(load(name))
    return [f"{error.json_path}: {error.message[:200]}" for row in rows for error in validator.iter_errors(row)]


def objects(schema: dict[str, Any], value: Any, root: dict[str, Any]) -> Iterator[tuple[list[str], list[str]]]:
    """The keys of every object in a value, and the names that the schema has for them, in its order."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    for choice in schema.get("anyOf", []) + schema.get("oneOf", []):
        if Draft202012Validator({**choice, "$defs": root.get("$defs", {})}).is_valid(value):
            yield from objects(choice, value, root)
    if isinstance(value, dict) and "properties" in schema:
        yield list(value), [name for name in schema["properties"] if name in value]
        for name, below in schema["properties"].items():
            if name in value:
                yield from objects(below, value[name], root)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for item in value:
            yield from objects(schema["items"], item, root)


def disordered(name: str, rows: list[Any]) -> list[list[str]]:
    schema = load(name)
    found = (keys for row in rows for keys in objects(schema, row, schema))
    return [keys for keys, names in found if sorted(keys) == sorted(names) and keys != names]


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(load(name))
    assert load(name)["$id"].endswith(f":{name}")


def test_an_unknown_schema_is_an_error_that_names_the_others() -> None:
    with pytest.raises(UsageError, match="manifests") as caught:
        load("manifests")
    assert "manifest" in str(caught.value.hint)


def test_the_schemas_have_the_keys_of_the_contract_in_its_order() -> None:
    for place, keys in ORDER.items():
        name, _, part = place.partition(" ")
        schema = load(name)
        properties = list((schema["$defs"][part] if part else schema)["properties"])
        assert properties[: len(keys)] == keys, place


def test_the_schema_of_the_manifest_knows_every_setting() -> None:
    assert list(load("manifest")["properties"]["settings"]["properties"]) == list(settings_row(Settings()))


@pytest.mark.parametrize("name", ["corpus", "clusters", "diff"])
def test_every_row_is_what_its_schema_says(merged: Run, name: str) -> None:
    rows = merged.rows(f"{name}.jsonl")
    assert not faults(name, rows)
    assert not disordered(name, rows)


def test_the_manifest_is_what_its_schema_says(merged: Run) -> None:
    manifest = json.loads((merged.out / "manifest.json").read_bytes())
    assert not faults("manifest", [manifest])
    assert not disordered("manifest", [manifest])


def test_a_written_cluster_has_its_text_and_its_witnesses_by_place(merged: Run) -> None:
    for row in merged.rows("clusters.jsonl"):
        assert row["text"]
        places = [(witness["path"], witness["start"]) for witness in row["witnesses"]]
        assert places == sorted(places)


def test_every_kind_of_row_of_the_diff_log_occurs_on_the_seeds(tmp_path: Path) -> None:
    rows = run(SEEDS, tmp_path / "out").rows("diff.jsonl")
    assert {row["kind"] for row in rows} == {"variant", "removal", "layout"}


@pytest.mark.parametrize("options", [[], ["--text"], ["--pairs"], ["--pairs", "--evidence"]])
def test_what_scan_prints_is_what_its_schema_says(tmp_path: Path, options: list[str]) -> None:
    name = "pairs" if "--pairs" in options else "clusters"
    for source in (SEEDS, lay(tmp_path, HEAPS["jsonl"])):
        result = CliRunner().invoke(scan_command, [str(source), "--quiet", "--format", "jsonl", *options])
        assert result.exit_code == 0, result.output
        rows = [json.loads(row) for row in result.stdout.split("\n") if row]
        assert rows
        assert not faults(name, rows)
        assert not disordered(name, rows)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("corpus", {"id": "ab", "path": "a", "start": 0, "end": 1}),
        ("clusters", {"id": "ab", "relation": "equal"}),
        ("diff", {"kind": "removal", "cluster": None, "path": "a", "start": 0, "end": 1, "text": None}),
        ("diff", {"kind": "removal", "cluster": "ab", "path": "a", "start": 0, "end": 1, "text": None, "more": 1}),
        ("pairs", {"a": {"path": "a", "start": -1, "end": 2}}),
        ("manifest", {"schema": 2}),
    ],
)
def test_what_is_wrong_does_not_pass(name: str, row: dict[str, Any]) -> None:
    assert faults(name, [row])
