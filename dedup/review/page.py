"""A merged folder and the decisions on it -> its review page."""

from __future__ import annotations

import os
from collections.abc import Iterable

from dedup.decisions import Decision, decision_row
from dedup.report.html import html
from dedup.restore import read_manifest, restored_inputs
from dedup.rows import read_passages
from dedup.write import outer_texts


def page(folder: str | os.PathLike[str], decisions: Iterable[Decision] = (), *, served: bool = False) -> str:
    """The page of the folder that a merge wrote, the same as the merge's own. Raises `RestoreError`."""
    manifest = read_manifest(folder)
    clusters, removals = read_passages(folder)
    return html(
        clusters,
        removals,
        manifest,
        outer_texts(restored_inputs(folder)),
        map(decision_row, decisions),
        served=served,
    )
