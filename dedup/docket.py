"""A merged folder + a reviewer's decisions -> what is still open, the worst first, and what has no object any more."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dedup.decisions import Decision
from dedup.errors import InputError, UsageError
from dedup.model import VariantClass
from dedup.read.discover import MANIFEST, is_result
from dedup.rows import AGAIN, Row, read_rows

_AT_STAKE = ("number-value", "negation", "name")  # classes and tags: what is said differs
_CLASSES = [str(kind) for kind in VariantClass]
_PREFIX = 4  # characters of an id that may stand for the whole


@dataclass(frozen=True, slots=True)
class Docket:
    """What a merge wrote that can be decided: `clusters` and `variants` by id, `variants` in order of place."""

    clusters: Mapping[str, Row]
    variants: Mapping[str, Row]
    carried: frozenset[str]  # ids of the decisions that the merge carried out
    stale: tuple[Row, ...]  # those that it could not

    def variants_of(self, cluster: str) -> list[Row]:
        """The variants of a cluster, in order."""
        return [row for row in self.variants.values() if row["cluster"] == cluster]


@dataclass(frozen=True, slots=True)
class Case:
    """Something to decide: a variant, or (None) a passage that got witnesses after the decision on it."""

    cluster: Row
    variant: Row | None
    skipped: bool  # whether a reviewer saw it and left it open


def read_docket(folder: str | os.PathLike[str]) -> Docket:
    """Read what a merge wrote. Raises `InputError` for a folder that no merge wrote, or that was changed."""
    root = Path(folder)
    if not is_result(root):
        raise InputError("no merge wrote it", path=os.fspath(folder), hint="name the OUT of a `dedup merge`")
    manifest = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    decisions = manifest.get("decisions", {})
    clusters = {row["id"]: row for row in read_rows(root, "clusters.jsonl")}
    if not all(isinstance(of.get("key"), str) for row in clusters.values() for of in row["witnesses"]):
        raise InputError("has witnesses without a key", path=str(root / "clusters.jsonl"), hint=AGAIN)
    variants = {row["id"]: row for row in read_rows(root, "diff.jsonl") if row["kind"] == "variant"}
    for row in variants.values():
        if row["cluster"] not in clusters:
            what = f"has no cluster {row['cluster']}, which diff.jsonl tells of"
            raise InputError(what, path=str(root / "clusters.jsonl"), hint=AGAIN)
    carried = frozenset(decisions.get("carried", ()))
    return Docket(clusters, variants, carried, tuple(decisions.get("stale", ())))


def open_cases(docket: Docket, decisions: Sequence[Decision]) -> list[Case]:
    """What needs review and was not decided since, the worst first: where what is said differs, then by class, then
    what more witnesses have; what was skipped last."""
    verdicts = {decision.key: decision.verdict for decision in decisions}
    cases = []
    for row in docket.variants.values():
        own, whole = verdicts.get((row["cluster"], row["id"])), verdicts.get((row["cluster"], ""))
        told = own not in (None, "skip") or whole in ("merge", "keep")
        if row["needs_review"] and (not told or "grown" in row["tags"]):
            cases.append(Case(docket.clusters[row["cluster"]], row, "skip" in (own, whole)))
    for row in docket.clusters.values():
        if row.get("unseen"):
            cases.append(Case(row, None, skipped=False))
    return sorted(cases, key=_rank)


def _rank(case: Case) -> tuple[Any, ...]:
    if case.variant is None:
        return case.skipped, 0, 0, -len(case.cluster["witnesses"]), case.cluster["id"]
    said = {case.variant["class"], *case.variant["tags"]}
    stakes = next((rank for rank, what in enumerate(_AT_STAKE) if what in said), len(_AT_STAKE))
    witnesses = len(case.cluster["witnesses"])
    return case.skipped, stakes, -_CLASSES.index(case.variant["class"]), -witnesses, case.variant["id"]


def readings_of(variant: Row, cluster: Row) -> list[tuple[str, list[int]]]:
    """The readings at a variant, the canonical one first, each with the numbers of the witnesses that have it."""
    others: dict[str, list[int]] = defaultdict(list)
    for reading in variant["readings"]:
        others[reading["text"].replace("\r\n", "\n").replace("\r", "\n")].append(reading["witness"])
    rest = set(range(len(cluster["witnesses"]))).difference(*others.values())
    canonical = sorted({*others.pop(variant["text"], []), *rest})
    return [(variant["text"], canonical), *others.items()]


def named(docket: Docket, name: str) -> tuple[Row, Row | None]:
    """The cluster, and the variant if it is one, that an id or the beginning of one names. Raises `UsageError`."""
    for known in (docket.clusters, docket.variants):
        if name in known:
            return _case(docket, known[name])
    known = docket.variants if "." in name else docket.clusters
    begun = [of for of in known if len(name) >= _PREFIX and of.startswith(name)]
    if len(begun) == 1:
        return _case(docket, known[begun[0]])
    what = f"no passage or variant has the id {name!r}"
    if begun:
        what = f"{len(begun)} ids begin with {name!r}"
    near = begun[:3] or get_close_matches(name, [*docket.clusters, *docket.variants], 3, 0.5)
    if not near and name.partition(".")[0] in docket.clusters:
        near = [row["id"] for row in docket.variants_of(name.partition(".")[0])][:3]
    hint = f"did you mean {' or '.join(near)}?" if near else "`dedup decide OUT` lists the ids of what is open"
    raise UsageError(what, hint=hint)


def _case(docket: Docket, row: Row) -> tuple[Row, Row | None]:
    return (docket.clusters[row["cluster"]], row) if "cluster" in row else (row, None)


def witness_keys(cluster: Row, names: Iterable[str]) -> tuple[str, ...]:
    """The keys of the witnesses that are named: by key, by the beginning of one, by path or by PATH:LINE.

    Raises `UsageError` for a name that no witness has.
    """
    keys = []
    for name in names:
        own = [
            witness["key"]
            for witness in cluster["witnesses"]
            if name in (witness["path"], f"{witness['path']}:{witness['line']}")
            or (len(name) >= _PREFIX and witness["key"].startswith(name))
        ]
        if not own:
            every = sorted({f"{witness['path']}:{witness['line']}" for witness in cluster["witnesses"]})
            near = get_close_matches(name, every, 1, 0.4)
            hint = f"did you mean {near[0]}?" if near else f"its witnesses are {', '.join(every[:6])}"
            raise UsageError(f"{cluster['id']} has no witness {name!r}", hint=hint)
        keys += own
    return tuple(keys)


def without_object(docket: Docket, decisions: Iterable[Decision]) -> list[tuple[Decision, str]]:
    """The decisions that are about nothing that is there, or that the merge could not carry out, and why."""
    by_key: dict[str, set[str]] = defaultdict(set)
    for row in docket.clusters.values():
        for witness in row["witnesses"]:
            by_key[witness["key"]].add(row["id"])
    told = {(row["cluster"], row["variant"], row["verdict"]): row["reason"] for row in docket.stale}
    found = []
    for decision in decisions:
        reason = told.get((decision.cluster, decision.variant, decision.verdict)) or _missing(docket, decision, by_key)
        if reason is not None:
            found.append((decision, reason))
    return found


def _missing(docket: Docket, decision: Decision, by_key: Mapping[str, set[str]]) -> str | None:
    if (decision.variant or decision.cluster) in docket.carried:
        return None
    clusters = {decision.cluster} & docket.clusters.keys() or by_key.get(decision.cluster.partition("-")[0], set())
    if not clusters:
        return "no passage has its letters"
    if decision.variant is not None and not any(
        f"{cluster}.{decision.mark}" in docket.variants for cluster in clusters
    ):
        return "the passage has no such variant"
    keys = {witness["key"] for cluster in clusters for witness in docket.clusters[cluster]["witnesses"]}
    missing = [key for key in decision.exclude if key not in keys]
    return f"the passage has no witness {', '.join(missing)}" if missing else None
