"""Other programs that find near-duplicates, each as a process of its own: units of text in, pairs of them out.

    python tests/bench/rivals.py NAME UNITS PAIRS

UNITS is JSON lines {"id", "text"}, ids from 0 on, the texts folded to their letters; PAIRS gets two ids a line. All
are told the same where they can be told: shingles of five letters, 25 bands of 5 rows, which is a
threshold of about a half. None of them verifies what it pairs unless it says so.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import combinations
from pathlib import Path

SHINGLE, BANDS, ROWS, THRESHOLD = 5, 25, 5, 0.5

Pairs = Iterable[tuple[int, int]]


def read(units: Path) -> list[str]:
    with open(units, encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file]


def shingles(text: str) -> set[str]:
    return {text[at : at + SHINGLE] for at in range(max(1, len(text) - SHINGLE + 1))}


def datasketch(units: Path) -> Pairs:
    """MinHash.bulk and MinHashLSH."""
    from datasketch import MinHash, MinHashLSH

    sets = ([shingle.encode() for shingle in shingles(text)] for text in read(units))
    signed = list(MinHash.generator(sets, num_perm=BANDS * ROWS))
    index = MinHashLSH(num_perm=BANDS * ROWS, params=(BANDS, ROWS))
    with index.insertion_session() as session:
        for number, signature in enumerate(signed):
            session.insert(number, signature, check_duplication=False)
    return ((number, other) for number, one in enumerate(signed) for other in index.query(one) if other > number)


def rensa(units: Path) -> Pairs:
    """RMinHash and RMinHashLSH."""
    from rensa import RMinHash, RMinHashLSH

    signed = RMinHash.from_token_sets([list(shingles(text)) for text in read(units)], BANDS * ROWS, 1)
    index = RMinHashLSH(THRESHOLD, BANDS * ROWS, BANDS)
    index.insert_many(signed)
    return ((n, other) for n, found in enumerate(index.query_all(signed)) for other in found if other > n)


def gaoya(units: Path) -> Pairs:
    """MinHashStringIndex; it compares the signatures of what it pairs."""
    from gaoya.minhash import MinHashStringIndex

    texts = read(units)
    index = MinHashStringIndex(32, THRESHOLD, BANDS, ROWS, None, "char", False, (SHINGLE, SHINGLE))
    index.par_bulk_insert_docs(list(range(len(texts))), texts)
    return ((n, other) for n, found in enumerate(index.par_bulk_query(texts)) for other in found if other > n)


def spaced(units: Path, folder: str) -> Path:
    """The units with a space after each letter, for programs whose n-grams are of words."""
    file = Path(folder, "in", "spaced.jsonl")
    file.parent.mkdir()
    with open(file, "w", encoding="utf-8") as stream:
        for number, text in enumerate(read(units)):
            stream.write(json.dumps({"id": str(number), "text": " ".join(text)}) + "\n")
    return file


def datatrove(units: Path) -> Pairs:
    """The minhash pipeline's signatures and buckets; a bucket's pairs are told along a line."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import JsonlReader

    config = MinhashConfig(n_grams=SHINGLE, num_buckets=BANDS, hashes_per_bucket=ROWS)
    with tempfile.TemporaryDirectory() as folder:
        texts = str(spaced(units, folder).parent)
        signatures, buckets = f"{folder}/signatures", f"{folder}/buckets"
        sign = MinhashDedupSignature(signatures, config=config, language="ace_Arab")  # one that loads no tokenizer
        sign.word_tokenizer.word_tokenize = str.split
        steps = (
            (1, [JsonlReader(texts), sign]),
            (BANDS, [MinhashDedupBuckets(signatures, buckets, config=config)]),
        )
        for tasks, step in steps:
            LocalPipelineExecutor(step, tasks=tasks, workers=1, logging_dir=f"{folder}/logs-{tasks}").run()
        rows = [row for file in Path(buckets).glob("*.dups") for row in struct.iter_unpack("<4I", file.read_bytes())]
    return [(min(one, other), max(one, other)) for _, one, _, other in rows]


def text_dedup(units: Path) -> Pairs:
    """Its minhash command; all pairs of a cluster."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HF_HOME"] = folder
        from text_dedup import minhash

        options = {
            "path": "json",
            "data_files": spaced(units, folder),
            "split": "train",
            "cache_dir": folder,
            "output": f"{folder}/out",
            "column": "text",
            "ngram": SHINGLE,
            "min_length": 1,
            "num_perm": BANDS * ROWS,
            "b": BANDS,
            "r": ROWS,
            "num_proc": 1,
        }
        words = [str(word) for key, value in options.items() for word in (f"--{key}", value)]
        minhash.main(words, standalone_mode=False)
    clusters = defaultdict(list)
    for one in sorted(minhash.uf.parent):
        clusters[minhash.uf.find(one)].append(one)
    return (pair for cluster in clusters.values() for pair in combinations(cluster, 2))


def semhash(units: Path) -> Pairs:
    """self_deduplicate, with the embeddings it comes with."""
    from semhash import SemHash

    texts = read(units)
    number = {text: at for at, text in enumerate(texts)}
    found = SemHash.from_records(texts).self_deduplicate(threshold=0.9)
    return ((number[one.record], number[other]) for one in found.filtered for other, _ in one.duplicates)


RIVALS: dict[str, Callable[[Path], Pairs]] = {
    "datasketch": datasketch,
    "rensa": rensa,
    "gaoya": gaoya,
    "datatrove": datatrove,
    "text-dedup": text_dedup,
    "semhash": semhash,
}


def main() -> None:
    name, units, pairs = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    found = RIVALS[name](units)
    with open(pairs, "w", encoding="utf-8") as file:
        file.writelines(f"{one} {other}\n" for one, other in found)


if __name__ == "__main__":
    main()
