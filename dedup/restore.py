"""A merged folder -> the sources it was made from, byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dedup.errors import OutputError, RestoreError
from dedup.model import Source
from dedup.read import Inputs
from dedup.read.container import Container, from_json
from dedup.read.decode import decode, encode, restore_newlines
from dedup.read.discover import MANIFEST, Skipped
from dedup.read.records import read_container, subset_encoding, write_container
from dedup.rows import AGAIN, read_rows
from dedup.write import ORIGINALS, SCHEMA


@dataclass(frozen=True, slots=True)
class _Edit:
    """Characters `[start, end)` of a source, which read `text`, stand as `canonical` in the corpus."""

    start: int
    end: int
    text: str
    canonical: str


def restore(folder: str | os.PathLike[str]) -> Iterator[tuple[str, bytes]]:
    """The path and the bytes of every input of a merge, in order of paths; each is checked against its hash.

    Reads `corpus/`, `clusters.jsonl`, `diff.jsonl` (or both as Parquet) and `manifest.json`, and `originals/` for
    files that are kept whole. Raises `RestoreError` when a file is missing or was changed.
    """
    try:
        yield from _restored(Path(folder))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        what = f"does not say what a merge writes ({type(error).__name__}: {error})"
        raise RestoreError(what, path=os.fspath(folder), hint=AGAIN) from error


def _restored(root: Path) -> Iterator[tuple[str, bytes]]:
    """`restore`, for a folder that says what a merge writes."""
    manifest = read_manifest(root)
    for row in [*manifest["inputs"], *manifest["containers"]]:
        if row.get("container") is None:
            _refuse_outside(row["path"])
    edits = _edits(root, manifest)
    containers = {c.path: c for c in map(from_json, manifest["containers"])}
    records = {path: _records(root, container) for path, container in containers.items() if container.kept is None}
    texts: dict[str, dict[int, str]] = defaultdict(dict)
    for row in manifest["inputs"]:
        path, newline = row["path"], row["newline"]
        if row["container"] is None:
            raw = _raw(edits[path], restore_newlines(_corpus_text(root, path), newline), newline, path)
            data = _encoded(raw, row)
            _check(data, row, path)
            yield path, data
        elif (container := containers[row["container"]]).kept is None:
            number = len(texts[container.path])
            there = next(records[container.path], "") if _stays(row["characters"], edits[path], newline) else ""
            raw = _raw(edits[path], there, newline, path)
            texts[container.path][number] = _inner(raw, newline)
    for path, container in sorted(containers.items()):
        data = write_container(container, texts[path]) if container.kept is None else _original(root, path)
        _check(data, {"sha256": container.sha256}, path)
        yield path, data


def restored_inputs(folder: str | os.PathLike[str]) -> Inputs:
    """The inputs of a merge as it read them. Raises `RestoreError`."""
    manifest = read_manifest(folder)
    containers = {row["path"]: row for row in manifest["containers"]}
    encodings = {row["path"]: row["encoding"] for row in manifest["inputs"]}
    sources: dict[str, Source] = {}
    read: list[Container] = []
    for path, data in restore(folder):
        if path in containers:
            of = from_json(containers[path])
            container, records = read_container(
                data, path, encoding=of.encoding, text_field=of.text_field, id_field=of.id_field
            )
            read.append(container)
            sources |= {source.path: source for source in records}
        else:
            sources[path] = decode(data, path, encodings[path])
    skipped = tuple(Skipped(row["path"], row["reason"]) for row in manifest["skipped"])
    return Inputs(tuple(sources[row["path"]] for row in manifest["inputs"]), tuple(read), skipped)


def restore_to(
    folder: str | os.PathLike[str], out: str | os.PathLike[str], *, force: bool = False
) -> tuple[list[str], list[str]]:
    """Write every input of a merge below `out`: the paths, and those of them that were there already, the same.

    Raises `OutputError` for a file that is there and is another, unless by `force` it may be replaced;
    `RestoreError` when the merged folder was changed. Nothing is written before everything was checked.
    """
    root = Path(out)
    files = [("stdin" if path == "-" else path, data) for path, data in restore(folder)]
    there = {path: _same(root / path, data) for path, data in files if (root / path).exists()}
    other = [path for path, same in there.items() if not same]
    if other and not force:
        others = f", and so would {len(other) - 1:,} more" if len(other) > 1 else ""
        what = f"is there already and would be replaced by another{others}"
        hint = "name another folder with -o, or say --force to replace them"
        raise OutputError(what, path=str(root / other[0]), hint=hint)
    for path, data in files:
        if there.get(path):
            continue
        try:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise OutputError(
                f"cannot be written: {reason}", path=str(root / path), hint="name another folder"
            ) from None
    return [path for path, _ in files], [path for path, same in there.items() if same]


def _same(file: Path, data: bytes) -> bool:
    try:
        return file.read_bytes() == data
    except OSError:
        return False


def _refuse_outside(path: str) -> None:
    """Raise `RestoreError` for a path that no merge wrote, because it leads out of the folder."""
    if path.startswith("/") or ".." in path.split("/") or "\\" in path or ":" in path.split("/", maxsplit=1)[0][1:2]:
        raise RestoreError("leads out of the folder", path=path, hint=AGAIN)


def read_manifest(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """The manifest of a merged folder. Raises `RestoreError` when there is none that this program reads."""
    root = Path(folder)
    try:
        manifest: dict[str, Any] = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RestoreError(
            f"has no {MANIFEST}", path=str(root), hint="name a folder that `dedup merge` wrote"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise RestoreError(f"{MANIFEST} cannot be read: {error}", path=str(root), hint=AGAIN) from None
    if not isinstance(manifest, dict):
        raise RestoreError(f"{MANIFEST} is none that a merge writes", path=str(root), hint=AGAIN)
    if manifest.get("schema") != SCHEMA:
        what = f"was written in format {manifest.get('schema')}, this program reads {SCHEMA}"
        raise RestoreError(what, path=str(root), hint="use the version of dedup that wrote it")
    return manifest


def _edits(root: Path, manifest: Mapping[str, Any]) -> dict[str, list[_Edit]]:
    """For each source what the merge did to it, in order."""
    newlines = {row["path"]: row["newline"] for row in manifest["inputs"]}
    clusters = {row["id"]: row for row in read_rows(root, "clusters.jsonl")}
    points: dict[str, list[dict[str, Any]]] = defaultdict(list)
    removals = []
    edits: dict[str, list[_Edit]] = {path: [] for path in newlines}
    for row in read_rows(root, "diff.jsonl"):
        if row["kind"] == "variant":
            points[row["cluster"]].append(row)
            if row["applied"]:
                witnesses = clusters[row["cluster"]]["witnesses"]
                home = next((n for n, witness in enumerate(witnesses) if witness["status"] == "home"), -1)
                reading = _reading(row, home)
                if reading is None:
                    raise RestoreError(f"variant {row['id']} has no reading of its home", hint=AGAIN)
                edits[reading["path"]].append(_Edit(reading["start"], reading["end"], reading["text"], row["text"]))
        elif row["kind"] == "layout":
            edits[row["path"]].append(_Edit(row["start"], row["end"], row["text"], row["canonical"]))
        else:
            removals.append(row)
    for row in removals:
        text = row["text"]
        if text is None:
            text = _removed(row, clusters.get(row["cluster"]), points[row["cluster"]], newlines[row["path"]])
        edits[row["path"]].append(_Edit(row["start"], row["end"], text, ""))
    for of_source in edits.values():
        of_source.sort(key=lambda edit: (edit.start, edit.end))
    return edits


def _reading(row: Mapping[str, Any], witness: int) -> dict[str, Any] | None:
    """The reading of a cluster's witness, by its number; None where it has the canonical one."""
    return next((reading for reading in row["readings"] if reading["witness"] == witness), None)


def _removed(
    row: Mapping[str, Any], cluster: Mapping[str, Any] | None, points: list[dict[str, Any]], newline: str
) -> str:
    """What a stretch of a witness read: the cluster's text with that witness's readings."""
    number, witness = next(
        (
            (n, w)
            for n, w in enumerate(cluster["witnesses"] if cluster else ())
            if w["path"] == row["path"] and w["start"] <= row["start"] and row["end"] <= w["end"]
        ),
        (-1, None),
    )
    if cluster is None or witness is None:
        raise RestoreError(f"cluster {row['cluster']} has no witness in {row['path']}", hint=AGAIN)
    parts: list[str] = []
    done = 0
    for point in sorted(points, key=lambda point: point["at"]):
        reading = _reading(point, number)
        if reading is not None:
            parts += restore_newlines(cluster["text"][done : point["at"][0]], newline), reading["text"]  # type: ignore[arg-type]
            done = point["at"][1]
    whole = "".join([*parts, restore_newlines(cluster["text"][done:], newline)])  # type: ignore[arg-type]
    return whole[row["start"] - witness["start"] : row["end"] - witness["start"]]


def _raw(edits: list[_Edit], corpus: str, newline: Any, path: str) -> str:
    """A source's text as it was decoded, from its corpus text (both with the source's own newlines)."""
    parts: list[str] = []
    at = done = 0  # in the corpus text, in the source
    for edit in edits:
        kept = edit.start - done
        if kept < 0 or at + kept > len(corpus):
            raise RestoreError("the corpus file does not fit the diff log", path=path, hint=AGAIN)
        parts += corpus[at : at + kept], edit.text
        at += kept + len(restore_newlines(edit.canonical, newline))
        done = edit.end
    return "".join([*parts, corpus[at:]])


def _corpus_text(root: Path, path: str) -> str:
    try:
        return (root / "corpus" / path).read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise RestoreError(f"cannot be read: {error}", path=str(root / "corpus" / path), hint=AGAIN) from None


def _original(root: Path, path: str) -> bytes:
    try:
        return (root / ORIGINALS / path).read_bytes()
    except OSError as error:
        raise RestoreError(f"cannot be read: {error}", path=str(root / ORIGINALS / path), hint=AGAIN) from None


def _stays(characters: int, edits: list[_Edit], newline: Any) -> bool:
    """Whether a record still has text in the corpus. Its id does not say: without one it is called by its line."""
    left = characters - sum(edit.end - edit.start for edit in edits)
    return characters == 0 or left + sum(len(restore_newlines(edit.canonical, newline)) for edit in edits) > 0


def _records(root: Path, container: Container) -> Iterator[str]:
    """The texts that a container still has in the corpus, in order, as they stand in the file."""
    path = root / "corpus" / container.path
    if not path.exists():
        return
    _, sources = read_container(
        path.read_bytes(),
        container.path,
        encoding=subset_encoding(container)[0],
        text_field=container.text_field,
        id_field=container.id_field,
    )
    yield from (restore_newlines(source.text, source.newline) for source in sources)


def _inner(raw: str, newline: str) -> str:
    return raw if newline in ("", "\n") else raw.replace(newline, "\n")


def _encoded(raw: str, row: Mapping[str, Any]) -> bytes:
    return encode(raw, encoding=row["encoding"], newline="", bom=row["bom"])


def _check(data: bytes, row: Mapping[str, Any], path: str) -> None:
    if hashlib.sha256(data).hexdigest() != row["sha256"]:
        raise RestoreError("does not come back as it was: the folder was changed", path=path, hint=AGAIN)
