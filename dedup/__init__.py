"""Find every passage that stands in more than one place, align the versions, merge them, lose nothing.

The whole job in five lines::

    import dedup

    sources = dedup.read_sources(["seeds"])
    found = dedup.find_passages(sources)
    merged = dedup.merge_passages(found)
    dedup.write_corpus(merged, "output")
    dedup.restore_sources("output", "seeds-again")

and what can be looked at on the way::

    for match in found:                       # every two places that share a passage
        print(match.a, match.b, match.relation, match.similarity)
    for cluster in merged.clusters:           # every passage with all its witnesses
        for variant in cluster.variants:      # every point where they differ
            print(variant.kind, variant.text, [reading.text for reading in variant.readings])

Public names, by what they are about:

- the job: `read_sources`, `find_passages`, `merge_passages`, `write_corpus`, `restore_sources`, `Settings`
- what it gives: `Inputs`, `Found`, `Result`, and the nouns `Source`, `Span`, `Match`, `Evidence`, `Cluster`, `Witness`,
  `Variant`, `Reading`, `Relation`, `Status`, `VariantClass`
- what a reviewer says: `Decision`, `read_decisions`, `write_decisions`, `merge_decisions`
- one piece of it: `fold_text` (the letters that are compared), `classify` (the class of a difference),
  `sign` (MinHash signatures), `to_minhash` and `from_minhash` (datasketch objects out and in)
- what can go wrong: `DedupError`, `UsageError`, `InputError`, `EncodingError`, `NotText`, `FormatError`,
  `NothingToRead`, `OutputError`, `RestoreError`, `WorkerLost`, and the warning `MemoryExceeded`

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "dedup.api": (
        "Found",
        "Result",
        "find_passages",
        "merge_passages",
        "read_sources",
        "restore_sources",
        "sign",
        "write_corpus",
    ),
    "dedup.config": ("Settings",),
    "dedup.decisions": ("Decision", "merge_decisions", "read_decisions", "write_decisions"),
    "dedup.errors": (
        "DedupError",
        "EncodingError",
        "FormatError",
        "InputError",
        "MemoryExceeded",
        "NotText",
        "NothingToRead",
        "OutputError",
        "RestoreError",
        "UsageError",
        "WorkerLost",
    ),
    "dedup.fold": ("fold_text",),
    "dedup.model": (
        "Cluster",
        "Evidence",
        "Match",
        "Reading",
        "Relation",
        "Source",
        "Span",
        "Status",
        "Variant",
        "VariantClass",
        "Witness",
    ),
    "dedup.read": ("Inputs",),
    "dedup.sketch": ("from_minhash", "to_minhash"),
    "dedup.variant": ("classify",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Cluster",
    "Decision",
    "DedupError",
    "EncodingError",
    "Evidence",
    "FormatError",
    "Found",
    "InputError",
    "Inputs",
    "Match",
    "MemoryExceeded",
    "NotText",
    "NothingToRead",
    "OutputError",
    "Reading",
    "Relation",
    "RestoreError",
    "Result",
    "Settings",
    "Source",
    "Span",
    "Status",
    "UsageError",
    "Variant",
    "VariantClass",
    "Witness",
    "WorkerLost",
    "__version__",
    "classify",
    "find_passages",
    "fold_text",
    "from_minhash",
    "merge_decisions",
    "merge_passages",
    "read_decisions",
    "read_sources",
    "restore_sources",
    "sign",
    "to_minhash",
    "write_corpus",
    "write_decisions",
]

if TYPE_CHECKING:
    from dedup.api import (
        Found,
        Result,
        find_passages,
        merge_passages,
        read_sources,
        restore_sources,
        sign,
        write_corpus,
    )
    from dedup.config import Settings
    from dedup.decisions import Decision, merge_decisions, read_decisions, write_decisions
    from dedup.errors import (
        DedupError,
        EncodingError,
        FormatError,
        InputError,
        MemoryExceeded,
        NothingToRead,
        NotText,
        OutputError,
        RestoreError,
        UsageError,
        WorkerLost,
    )
    from dedup.fold import fold_text
    from dedup.model import (
        Cluster,
        Evidence,
        Match,
        Reading,
        Relation,
        Source,
        Span,
        Status,
        Variant,
        VariantClass,
        Witness,
    )
    from dedup.read import Inputs
    from dedup.sketch import from_minhash, to_minhash
    from dedup.variant import classify


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'dedup' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
