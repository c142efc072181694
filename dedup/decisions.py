"""The decisions file: a reviewer's word on passages and on points where their witnesses differ, one a line.

A decision is keyed by content, not by place: `cluster` and `variant` are the ids of clusters.jsonl and diff.jsonl,
which come from letters. So the file stays true when files are renamed, re-wrapped or joined by others; it is sorted
and has one line a key, so that it can be kept in a repository and merged there.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from dedup.errors import FormatError, InputError, OutputError, UsageError
from dedup.jsonl import line
from dedup.whole import replacing

Verdict = Literal["merge", "keep", "split", "reading", "skip"]

ON_CLUSTERS: tuple[Verdict, ...] = ("merge", "keep", "split", "skip")
ON_VARIANTS: tuple[Verdict, ...] = ("merge", "reading", "skip")

_KEY = re.compile(r"[0-9a-f]{12}")
_CLUSTER = re.compile(r"[0-9a-f]{12}(-[0-9]+)?")
_MARK = re.compile(r"[0-9a-f]{8}(-[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a reviewer decided about a passage (`cluster`) or about one point of it (`variant`, its whole id).

    On a passage `merge`: reviewed, do as proposed; `keep`: nothing of it leaves the corpus and none of its letters
    is changed; `split`: the witnesses whose keys are in `exclude` are none of it, they stay in the corpus as they
    are; `skip`: seen and left open. On a variant `merge`: the canonical reading stands; `reading`: `text` is the
    canonical reading; `skip` as above.

    `seen`: the keys of the witnesses that the reviewer saw; one that came later is flagged. Empty: all were seen.
    Newlines in `text` are "\\n". Raises `UsageError` for what makes no sense.
    """

    cluster: str
    variant: str | None = None
    verdict: Verdict
    text: str | None = None
    exclude: tuple[str, ...] = ()
    by: str | None = None
    note: str | None = None
    seen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("exclude", "seen"):
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))
        if self.text is not None:
            object.__setattr__(self, "text", self.text.replace("\r\n", "\n").replace("\r", "\n"))
        if (fault := _fault(self)) is not None:
            raise UsageError(fault, hint=f"a decision is like {_EXAMPLE}")

    @property
    def key(self) -> tuple[str, str]:
        """What the decision is about: there is one decision a key."""
        return self.cluster, self.variant or ""

    @property
    def mark(self) -> str:
        """The part of the variant's id that names it inside its cluster."""
        return (self.variant or "").partition(".")[2]


def _fault(decision: Decision) -> str | None:
    """What makes no sense about a decision."""
    verdicts = ON_CLUSTERS if decision.variant is None else ON_VARIANTS
    what = "passage" if decision.variant is None else "variant"
    if not _CLUSTER.fullmatch(decision.cluster):
        return f"{decision.cluster!r} is no cluster's id"
    if decision.variant is not None:
        cluster, dot, mark = decision.variant.partition(".")
        if cluster != decision.cluster or not dot or not _MARK.fullmatch(mark):
            return f"{decision.variant!r} is no variant's id in {decision.cluster}"
    if decision.verdict not in verdicts:
        return f"the verdict on a {what} is {', '.join(verdicts[:-1])} or {verdicts[-1]}, not {decision.verdict!r}"
    if (decision.verdict == "reading") != (decision.text is not None):
        return "a reading has a text" if decision.text is None else f"a text is for a reading, not for {what}s"
    if (decision.verdict == "split") != bool(decision.exclude):
        return "a split names the witnesses to exclude" if not decision.exclude else "only a split excludes witnesses"
    if decision.text is not None and any("\ud800" <= character <= "\udfff" for character in decision.text):
        return "the text has half a character (a lone surrogate)"
    for key in (*decision.exclude, *decision.seen):
        if not _KEY.fullmatch(key):
            return f"{key!r} is no witness's key"
    return None


def merge_decisions(old: Iterable[Decision], new: Iterable[Decision]) -> tuple[Decision, ...]:
    """Both sets as one, sorted; of two decisions on one thing the newer remains."""
    of_key = {decision.key: decision for decisions in (old, new) for decision in decisions}
    return tuple(of_key[key] for key in sorted(of_key))


def decision_row(decision: Decision) -> dict[str, Any]:
    """A line of the decisions file."""
    return {
        "cluster": decision.cluster,
        **({} if decision.variant is None else {"variant": decision.variant}),
        "verdict": decision.verdict,
        **({} if decision.text is None else {"text": decision.text}),
        **({"exclude": list(decision.exclude)} if decision.exclude else {}),
        **({} if decision.by is None else {"by": decision.by}),
        **({} if decision.note is None else {"note": decision.note}),
        **({"seen": list(decision.seen)} if decision.seen else {}),
    }


def decision_of(row: object) -> Decision:
    """The decision that a row of JSON says. Raises `UsageError` for what is none."""
    if not isinstance(row, dict):
        raise UsageError("no JSON object")
    strings = {"cluster", "variant", "verdict", "text", "by", "note"}
    lists = {"exclude", "seen"}
    for name, value in row.items():
        if name not in strings | lists:
            raise UsageError(f"a decision has no {name!r}")
        if name in strings and not isinstance(value, str):
            raise UsageError(f"{name!r} is no text")
        if name in lists and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            raise UsageError(f"{name!r} is no list of texts")
    for name in ("cluster", "verdict"):
        if name not in row:
            raise UsageError(f"a decision needs a {name!r}")
    fields: dict[str, Any] = {name: tuple(value) if name in lists else value for name, value in row.items()}
    return Decision(**fields)


def read_decisions(path: str | os.PathLike[str]) -> tuple[Decision, ...]:
    """The decisions in a file, sorted; a file that is not there has none.

    Raises `FormatError` with the line for what is no decision or decides a thing a second time in other words,
    `InputError` for a file that cannot be read.
    """
    shown = os.fspath(path)
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"cannot be read: {reason}", path=shown, hint="name a file that can be read") from None
    except UnicodeDecodeError:
        raise FormatError("is no UTF-8", path=shown, hint="a decisions file is JSON lines in UTF-8") from None
    found: dict[tuple[str, str], tuple[int, Decision]] = {}
    for number, row in enumerate(text.split("\n"), 1):
        if not row.strip():
            continue
        try:
            decision = decision_of(json.loads(row))
        except (ValueError, RecursionError):
            hint = "one JSON object a line"
            if row.startswith(("<<<<<<<", "=======", ">>>>>>>")):
                hint = "a merge conflict: keep one of the two sides"
            raise FormatError("no JSON", path=shown, line=number, hint=hint) from None
        except UsageError as error:
            hint = f"a decision is like {_EXAMPLE}"
            raise FormatError(error.what, path=shown, line=number, hint=hint) from None
        first, other = found.setdefault(decision.key, (number, decision))
        if other != decision:
            what = f"{decision.variant or decision.cluster} was decided in line {first} already"
            raise FormatError(what, path=shown, line=number, hint="keep one of the two lines")
    return tuple(found[key][1] for key in sorted(found))


_EXAMPLE = '{"cluster": "0123456789ab", "verdict": "keep"}'


def write_decisions(path: str | os.PathLike[str], decisions: Iterable[Decision]) -> None:
    """Write a decisions file, sorted, whole or not at all. Raises `OutputError`."""
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):  # a folder, a pipe, /dev/null: none is to be replaced
        raise OutputError("is no regular file", path=os.fspath(path), hint="decisions are kept in a file: name one")
    try:
        with replacing(target) as file:
            file.writelines(line(decision_row(decision)) + "\n" for decision in merge_decisions((), decisions))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        hint = "name a file in a folder that is there and can be written to"
        raise OutputError(f"cannot be written: {reason}", path=os.fspath(path), hint=hint) from None


assert {*ON_CLUSTERS, *ON_VARIANTS} == set(get_args(Verdict))
