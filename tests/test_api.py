"""The public API: what the package docstring and the README promise of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from datasketch import LeanMinHash, MinHash

import dedup

ROOT = Path(__file__).parent.parent


def test_all_that_is_listed_is_there_and_nothing_else() -> None:
    assert dedup.__all__ == sorted(dedup.__all__)
    assert set(dedup.__all__) == {*dedup._HOME, "__version__"}
    for name in dedup.__all__:
        assert getattr(dedup, name) is not None
        assert name == "__version__" or f"`{name}`" in (dedup.__doc__ or "")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        dedup.nonsense  # noqa: B018


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import dedup, sys; print([m for m in ('numba', 'numpy', 'duckdb', 'datasketch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_job_in_five_lines(tmp_path: Path) -> None:
    passage = "太行山上的老乡们听说部队要过黄河，连夜赶做了三百双布鞋，天不亮就送到了渡口。"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(f"第一份材料自己的话，说的是春耕。\n{passage}\n", encoding="utf-8")
    (tmp_path / "in" / "b.txt").write_text(f"{passage}\n第二份材料另有下文，说的是秋收。\n", encoding="utf-8")
    sources = dedup.read_sources([tmp_path / "in"])
    found = dedup.find_passages(sources)
    merged = dedup.merge_passages(found)
    dedup.write_corpus(merged, tmp_path / "out")
    assert dedup.restore_sources(tmp_path / "out", tmp_path / "back") == ["a.txt", "b.txt"]
    (match,) = found
    assert (match.a.path, match.b.path, match.relation, match.similarity) == ("a.txt", "b.txt", "exact", 1.0)
    assert len(found) == 1
    (cluster,) = merged.clusters
    assert sorted(witness.status for witness in cluster.witnesses) == ["home", "removed"]
    assert sum(text.count(passage) for text in merged.texts.values()) == 1


def test_signatures_go_to_datasketch_and_back() -> None:
    one, other = dedup.sign(["春天的故事讲了很久很久", "春天的故事讲了很久很久了"])
    minhash = dedup.to_minhash(one)
    assert isinstance(minhash, MinHash)
    assert np.array_equal(dedup.from_minhash(minhash), one)
    assert np.array_equal(dedup.from_minhash(LeanMinHash(minhash)), one)
    assert minhash.jaccard(dedup.to_minhash(other)) > 0.5
