"""A merged corpus -> a folder of files, all of it or nothing.

The folder is written beside the one it replaces and then moved into its place, so that an interrupted run leaves
the old one whole.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dedup import __version__, parquet
from dedup.account import outlines
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.decisions import decision_row
from dedup.encode import cluster_line, paragraph_lines
from dedup.errors import OutputError
from dedup.jsonl import sayable
from dedup.merge import Merged
from dedup.model import Cluster, Source
from dedup.narrow import narrow, pieces
from dedup.read import Inputs
from dedup.read.container import to_json
from dedup.read.decode import restore_newlines
from dedup.read.discover import MANIFEST, is_result
from dedup.read.records import write_container_subset
from dedup.report.html import BETWEEN, frame, scope_of
from dedup.report.table import table
from dedup.report.tei import tei
from dedup.report.unified import unified
from dedup.tell import telling

SCHEMA = 1
"""Version of the output contract; it grows when a reader of the old one could no longer read the new."""

ORIGINALS = "originals"
"""The folder in OUT of files of records that are kept whole."""


TABLES = ("corpus", "clusters", "diff")
"""The files of rows in OUT, without their ending."""

APPARATUS = {"tei": "apparatus.xml", "unified": "apparatus.diff", "table": "apparatus.csv", "jsonl": "apparatus.jsonl"}
"""The formats in which the passages with all their readings can be had, and the files in OUT that have them."""

OutputFormat = Literal["jsonl", "parquet"]


def write(
    merged: Merged,
    inputs: Inputs,
    corpus: Corpus,
    settings: Settings,
    out: str | os.PathLike[str],
    *,
    output_format: OutputFormat = "jsonl",
    also: Iterable[str] = (),
) -> None:
    """Write `out/`: corpus/, corpus.jsonl, clusters.jsonl, diff.jsonl, report.html, manifest.json.

    `also`: formats of APPARATUS to write the passages in.

    The three files of rows are there as Parquet too if that is the format to write. Files of records whose bytes
    cannot be made again, but only their content (Parquet, zstd), go to originals/ whole.

    Raises `OutputError` when `out` is something else than the result of an earlier merge, or cannot be written.
    """
    with replacing(Path(out)) as folder, writing(out):
        fill(folder, merged, inputs, corpus, settings, output_format=output_format, also=also)


def fill(
    folder: Path,
    merged: Merged,
    inputs: Inputs,
    corpus: Corpus,
    settings: Settings,
    *,
    output_format: OutputFormat = "jsonl",
    also: Iterable[str] = (),
) -> None:
    """What `write` does, in a folder that has nothing but what an earlier `fill` wrote there, which goes."""
    for stale in folder.iterdir():
        shutil.rmtree(stale) if stale.is_dir() else stale.unlink()
    _write_corpus(folder / "corpus", merged, inputs)
    for container in inputs.containers:
        if container.kept is not None:
            _write_bytes(folder / ORIGINALS, container.path, container.kept)
    manifest = manifest_of(merged, inputs, corpus, settings)
    scope = scope_of(merged.clusters, manifest, outer_texts(inputs))
    rows: dict[str, bytes] = {}
    with telling(merged, scope, folder, settings.processes) as told:
        write_lines(folder / "corpus.jsonl", paragraph_lines(merged.paragraphs))
        write_lines(folder / "clusters.jsonl", map(narrow, map(cluster_line, merged.clusters)))
        with open(folder / "diff.jsonl", "wb") as file:
            for lines, of_path in told:
                file.writelines(lines)
                rows |= of_path
    words = map(decision_row, merged.decisions)
    before, after = frame(len(merged.clusters), merged.removals, manifest, scope, words)
    with open(folder / "report.html", "wb") as file:
        file.write(before.encode("utf-8"))
        file.write(BETWEEN.encode("utf-8").join([rows[of.id] for of in merged.clusters if of.id in rows]))
        file.write(after.encode("utf-8"))
    if output_format == "parquet":
        for name in TABLES:
            parquet.write(folder / f"{name}.jsonl", folder / f"{name}.parquet", name)
    for style in also:
        with open(
            folder / APPARATUS[style], "w", encoding="utf-8", newline="\n", errors="backslashreplace"
        ) as of_style:
            of_style.writelines(rendered(style, merged.clusters, inputs.sources))
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")


def rendered(style: str, clusters: Sequence[Cluster], sources: Iterable[Source]) -> Iterator[str]:
    """The passages in a format of APPARATUS, in pieces."""
    newlines = {source.path: source.newline for source in sources}
    if style == "tei":
        return tei(clusters, newlines)
    if style == "table":
        return table(clusters, newlines)
    if style == "unified":
        return unified(clusters, newlines)
    return (sayable(cluster_line(of, variants=True)) + "\n" for of in clusters)


def outer_texts(inputs: Inputs) -> dict[str, str]:
    """Path -> text of every source with newlines as they stand in its file, which positions in outputs count."""
    return {source.path: restore_newlines(source.text, source.newline) for source in inputs.sources}


def check_target(out: str | os.PathLike[str]) -> Path:
    """Where `out` really is. Raises `OutputError` when it is there and no merge wrote it.

    Puts back what a run left beside it that was stopped between its last two steps.
    """
    out = Path(os.path.realpath(out))
    old = out.with_name(f".{out.name}.old")
    try:
        if old.exists() and not out.exists():
            old.rename(out)
        if out.exists() and not out.is_dir():
            raise OutputError("is a file", path=str(out), hint="name a folder with -o")
        if out.exists() and not is_result(out) and any(out.iterdir()):
            hint = "name an empty or new folder with -o; only what a merge wrote is replaced"
            raise OutputError("holds files that no merge wrote", path=str(out), hint=hint)
    except OSError as error:
        raise _unwritable(out, error) from None
    return out


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """A new folder to write into, which takes the place of `out` when the block ends well and is gone when not."""
    out = check_target(out)
    old = out.with_name(f".{out.name}.old")
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        remains = re.compile(rf"\.{re.escape(out.name)}\.[^.]+\.partial")
        for stale in out.parent.iterdir():
            if remains.fullmatch(stale.name):
                shutil.rmtree(stale, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=out.parent))
    try:
        yield folder
        with writing(out):
            folder.chmod(0o777 & ~_umask())
            if out.exists():
                shutil.rmtree(old, ignore_errors=True)
                out.rename(old)
            folder.rename(out)
            shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def writing(out: str | os.PathLike[str]) -> Iterator[None]:
    """What the system refuses within this is an `OutputError` about `out`."""
    try:
        yield
    except OSError as error:
        raise _unwritable(Path(os.path.realpath(out)), error) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(out: Path, error: OSError) -> OutputError:
    reason = (error.strerror or str(error)).lower()
    return OutputError(f"cannot be written: {reason}", path=str(out), hint="name another folder with -o")


def write_lines(path: Path, lines: Iterator[str]) -> None:
    """Write narrow JSON lines."""
    with open(path, "wb") as file:
        file.writelines(pieces(lines))


def _write_corpus(folder: Path, merged: Merged, inputs: Inputs) -> None:
    folder.mkdir()
    of_container: dict[str, dict[int, str]] = {}
    for source in inputs.sources:
        if source.path not in merged.texts:
            continue
        text = merged.texts[source.path]
        if source.record is not None:
            of_container.setdefault(source.record.container, {})[source.record.index] = text
        else:
            _write_bytes(folder, source.path, text.encode("utf-8"))
    for container in inputs.containers:
        if container.path in of_container:
            data = write_container_subset(container, of_container[container.path])
            _write_bytes(folder, container.path, data)


def _write_bytes(folder: Path, path: str, data: bytes) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def settings_row(settings: Settings) -> dict[str, Any]:
    """The settings that decide the result; how many processes made it is none of them."""
    return {name: value for name, value in asdict(settings).items() if name not in ("jobs", "memory")}


def manifest_of(merged: Merged, inputs: Inputs, corpus: Corpus, settings: Settings) -> dict[str, Any]:
    """What went in, how, and what came of it."""
    statuses = Counter(witness.status for cluster in merged.clusters for witness in cluster.witnesses)
    variants, review = outlines(merged.clusters)
    relations = Counter(cluster.relation for cluster in merged.clusters)
    letters = np.diff(corpus.folded.starts).tolist()
    number_of = {source.path: number for number, source in enumerate(corpus.sources)}
    return {
        "schema": SCHEMA,
        "program": {"name": "dedup", "version": __version__},
        "settings": settings_row(settings),
        "inputs": [
            {
                "path": source.path,
                "sha256": source.sha256,
                "bytes": source.size,
                "encoding": source.encoding,
                "bom": source.bom,
                "newline": source.newline,
                "characters": corpus.lines[number_of[source.path]].outer(len(source.text)),
                "letters": letters[number_of[source.path]],
                "container": source.record.container if source.record else None,
            }
            for source in inputs.sources
        ],
        "containers": [to_json(container) for container in inputs.containers],
        "skipped": [{"path": skipped.path, "reason": skipped.reason} for skipped in inputs.skipped],
        "counts": {
            "sources": len(corpus.sources),
            "characters": sum(len(source.text) for source in corpus.sources),
            "letters": sum(letters),
            "paragraphs": len(merged.paragraphs),
            "clusters": {str(relation): count for relation, count in sorted(relations.items())},
            "witnesses": {str(status): count for status, count in sorted(statuses.items())},
            "variants": {str(kind): count for kind, count in sorted(variants.items())},
            "needs_review": review.total(),
            "removed_characters": sum(removal.end - removal.start for removal in merged.removals),
            "corpus_characters": sum(map(len, merged.texts.values())),
        },
        "decisions": {
            "given": len(merged.decisions),
            "carried": sorted(
                {decision.variant or decision.cluster for decision in merged.decisions}
                - {of.decision.variant or of.decision.cluster for of in merged.stale}
            ),
            "stale": [
                {
                    "cluster": of.decision.cluster,
                    "variant": of.decision.variant,
                    "verdict": of.decision.verdict,
                    "reason": of.reason,
                }
                for of in merged.stale
            ],
        },
    }
