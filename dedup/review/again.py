"""A merged folder and decisions -> the same folder, merged again as was decided."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dedup.config import Settings
from dedup.decisions import Decision
from dedup.engine.local import scan
from dedup.errors import RestoreError
from dedup.merge import Merged, merge
from dedup.restore import read_manifest, restored_inputs
from dedup.write import write


def merge_again(folder: str | os.PathLike[str], decisions: Sequence[Decision] = (), *, jobs: int = 1) -> Merged:
    """Merge the sources that `folder` was made from, with its settings, and write it anew, whole or not at all.

    Raises `RestoreError` when the folder was changed since, `OutputError` when it cannot be written.
    """
    inputs, settings = restored_inputs(folder), _settings(folder, jobs)
    found = scan(inputs.sources, settings)
    merged = merge(found.corpus, found.matches, settings, decisions)
    tables = (Path(folder) / "clusters.parquet").exists()
    write(merged, inputs, found.corpus, settings, folder, output_format="parquet" if tables else "jsonl")
    return merged


def _settings(folder: str | os.PathLike[str], jobs: int) -> Settings:
    try:
        return Settings(**read_manifest(folder)["settings"], jobs=jobs)
    except TypeError:
        what = "was merged with settings that this program does not have"
        raise RestoreError(what, path=os.fspath(folder), hint="merge the sources again") from None
