"""Score `dedup scan --pairs` on labelled data: a table, one row a kind, against targets that can be given.

    python tests/bench/quality.py FOLDER [FOLDER …] [--targets FILE]

A folder holds three files of JSON lines: `docs.jsonl` {"id", "text"}; `pairs.jsonl` {"a", "b", "kind"}, the pairs of
documents that are scored; `spans.jsonl` {"a", "a_start", "a_end", "b", "b_start", "b_end"}, the passages they share,
in characters. All documents of a folder are scanned at once with the default settings. A targets file is JSON:
{"kind": {"measure": value}}; a measure is one of those that are printed.

plagdet: macro-averaged precision, recall and granularity, F1 / log2(1 + granularity) (Potthast, Stein,
Barrón-Cedeño, Rosso, "An evaluation framework for plagiarism detection", COLING 2010). letters: precision, recall and
F1 over the characters of both documents, micro-averaged.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import dedup
from dedup.model import Relation, Source

Range = tuple[int, int]
Case = tuple[Range, Range]


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def union(ranges: Iterable[Range]) -> list[Range]:
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def size(ranges: Iterable[Range]) -> int:
    return sum(end - start for start, end in ranges if end > start)


def common(one: Range, other: Range) -> Range:
    return max(one[0], other[0]), min(one[1], other[1])


def touches(one: Case, other: Case) -> bool:
    return all(common(a, b)[0] < common(a, b)[1] for a, b in zip(one, other, strict=True))


def share(one: Case, others: list[Case]) -> float:
    """The share of a case that those of `others` cover which touch it on both sides."""
    hits = [other for other in others if touches(one, other)]
    return sum(size(union(common(one[i], hit[i]) for hit in hits)) for i in (0, 1)) / size(one)


def score(cases: dict[tuple[str, str], list[Case]], found: dict[tuple[str, str], list[Case]]) -> dict[str, float]:
    recalls, precisions, grains = [], [], []
    true = got = both = 0
    for pair in cases.keys() | found.keys():
        wanted, given = cases.get(pair, []), found.get(pair, [])
        recalls += [share(case, given) for case in wanted]
        precisions += [share(match, wanted) for match in given]
        grains += [hits for case in wanted if (hits := sum(touches(case, match) for match in given))]
        for i in (0, 1):
            x, y = union(case[i] for case in wanted), union(match[i] for match in given)
            both += size(x) + size(y) - size(union([*x, *y]))
            true, got = true + size(x), got + size(y)
    recall, precision = (sum(v) / len(v) if v else 0.0 for v in (recalls, precisions))
    granularity = sum(grains) / len(grains) if grains else 1.0
    f1 = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
    return {
        "plagdet": f1 / math.log2(1 + granularity),
        "recall": recall,
        "precision": precision,
        "granularity": granularity,
        "letters_f1": 2 * both / (true + got) if true + got else 0.0,
    }


def measure(folder: Path) -> tuple[float, dict[str, dict[str, float]]]:
    """Seconds of the scan, and the measures of each kind."""
    documents, pairs, spans = (read(folder / f"{name}.jsonl") for name in ("docs", "pairs", "spans"))
    kinds = {(str(p["a"]), str(p["b"])): str(p["kind"]) for p in pairs}
    cases: dict[str, dict[tuple[str, str], list[Case]]] = defaultdict(lambda: defaultdict(list))
    for s in spans:
        key = str(s["a"]), str(s["b"])
        cases[kinds[key]][key].append(((s["a_start"], s["a_end"]), (s["b_start"], s["b_end"])))  # type: ignore[arg-type]
    sources = tuple(Source(path=str(d["id"]), text=str(d["text"])) for d in documents)
    started = time.perf_counter()
    matches = dedup.find_passages(dedup.Inputs(sources, (), ()))
    found: dict[str, dict[tuple[str, str], list[Case]]] = defaultdict(lambda: defaultdict(list))
    for match in matches:
        a, b = (match.a.start, match.a.end), (match.b.start, match.b.end)
        for key, case in (((match.a.path, match.b.path), (a, b)), ((match.b.path, match.a.path), (b, a))):
            if key in kinds and match.relation is not Relation.FORMULA:
                found[kinds[key]][key].append(case)
    seconds = time.perf_counter() - started
    results = {}
    for kind in sorted(set(kinds.values())):
        if cases[kind]:
            results[kind] = score(cases[kind], found[kind])
        else:
            results[kind] = {"matches": sum(map(len, found[kind].values())), "pairs with one": len(found[kind])}
    return seconds, results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--targets", type=Path, help="JSON: kind -> measure -> value")
    options = parser.parse_args()
    targets = json.loads(options.targets.read_text(encoding="utf-8")) if options.targets else {}
    for folder in options.folders:
        seconds, results = measure(folder)
        print(f"{folder.name}: {seconds:.1f} s\n")
        print(table(results, targets), end="\n\n")


def table(results: dict[str, dict[str, float]], targets: dict[str, dict[str, float]]) -> str:
    """A Markdown table, one row a kind; a target stands behind what was measured, marked where it is missed."""
    names = list(dict.fromkeys(name for measures in results.values() for name in measures))
    rows = [["kind", *names], ["---"] * (len(names) + 1)]
    for kind, measures in results.items():
        goals = targets.get(kind, {})
        rows.append([kind, *(cell(measures.get(name), goals.get(name), name) for name in names)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def cell(value: float | None, goal: float | None, name: str) -> str:
    if value is None:
        return ""
    shown = f"{value:.4f}" if isinstance(value, float) else f"{value:,}"
    if goal is None:
        return shown
    less_is_better = name in ("granularity", "matches", "pairs with one")
    missed = value > goal if less_is_better else value < goal
    return f"{shown} ({'misses' if missed else 'meets'} {goal})"


if __name__ == "__main__":
    main()
