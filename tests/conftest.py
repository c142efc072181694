"""Kernels are compiled before the tests begin: once, not by every worker, and what a test hears is not about that."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

SEEDS = Path(__file__).parents[1] / "seeds"


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    one, two, *_ = sorted(map(str, SEEDS.iterdir()))
    with tempfile.TemporaryDirectory() as folder:
        for command in (["merge", str(SEEDS), "-o", f"{folder}/out"], ["diff", one, two]):
            subprocess.run([sys.executable, "-m", "dedup", *command], capture_output=True, check=False)
