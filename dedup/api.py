"""The job as a library does it: paths in, objects that can be looked at, a folder out. See the package docstring."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.config import Settings
from dedup.decisions import Decision, merge_decisions
from dedup.engine.local import Scan, scan
from dedup.fold import Progress, fold
from dedup.matches import RELATIONS
from dedup.merge import Merged, merge
from dedup.model import Cluster, Match, Span
from dedup.read import Inputs, read
from dedup.restore import restore_to
from dedup.sketch import signatures
from dedup.stale import Stale
from dedup.write import OutputFormat, write


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in the sources. Iterating gives every `Match`, by path and place; `len()` counts them."""

    inputs: Inputs
    scan: Scan
    settings: Settings

    def __len__(self) -> int:
        return len(self.scan.matches)

    def __iter__(self) -> Iterator[Match]:
        corpus = self.scan.corpus
        matches = self.scan.matches.told(corpus)
        similarity = matches.similarity
        for row in range(len(matches)):
            spans = []
            for source, first, last in matches.sides(row):
                lines = corpus.lines[source]
                start, end = (lines.outer(at) for at in corpus.characters(first, last))
                spans.append(Span(corpus.sources[source].path, start, end))
            relation = RELATIONS[matches.relation[row]]
            yield Match(spans[0], spans[1], relation, round(float(similarity[row]), 4), matches.tiers([row]))


@dataclass(frozen=True, slots=True)
class Result:
    """The canonical corpus, its clusters and everything that was taken out, ready to be written."""

    found: Found
    merged: Merged

    @property
    def texts(self) -> dict[str, str]:
        """The canonical corpus: path -> text."""
        return self.merged.texts

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """The passages with their witnesses and variants, by place."""
        return self.merged.clusters

    @property
    def stale(self) -> tuple[Stale, ...]:
        """The decisions that could not be carried out, each with the reason."""
        return self.merged.stale


def read_sources(
    paths: Sequence[str | os.PathLike[str]],
    *,
    encoding: str | None = None,
    text_field: str = "text",
    id_field: str = "id",
    progress: Progress | None = None,
) -> Inputs:
    """Read files and folders (see `dedup.read`). Raises `InputError` and its kin."""
    return read(paths, encoding=encoding, text_field=text_field, id_field=id_field, progress=progress)


def find_passages(inputs: Inputs, settings: Settings | None = None, *, progress: Progress | None = None) -> Found:
    """Find every passage that two places of the sources share."""
    settings = settings or Settings()
    return Found(inputs, scan(inputs.sources, settings, progress=progress), settings)


def merge_passages(found: Found, *, decisions: Iterable[Decision] = (), progress: Progress | None = None) -> Result:
    """Choose a home and a canonical text for every passage, and take its copies out, as a reviewer decided."""
    heard = merge_decisions((), decisions)
    return Result(found, merge(found.scan.corpus, found.scan.matches, found.settings, heard, progress=progress))


def write_corpus(result: Result, out: str | os.PathLike[str], *, output_format: OutputFormat = "jsonl") -> None:
    """Write the folder `out` (see `dedup.write`), all of it or nothing. Raises `OutputError`."""
    found = result.found
    write(result.merged, found.inputs, found.scan.corpus, found.settings, out, output_format=output_format)


def restore_sources(folder: str | os.PathLike[str], out: str | os.PathLike[str]) -> list[str]:
    """Write the sources of a merged folder below `out`, byte for byte; returns their paths. Raises `RestoreError`."""
    return restore_to(folder, out)[0]


def sign(texts: Sequence[str], *, num_perm: int = 128, seed: int = 1) -> NDArray[np.uint32]:
    """MinHash signatures of texts: uint32[n, num_perm], those of datasketch's `affine32` (see `dedup.sketch`)."""
    folded = fold(texts)
    return signatures(folded.letters, folded.starts[:-1], folded.starts[1:], num_perm=num_perm, seed=seed)
