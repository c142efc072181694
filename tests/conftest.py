"""What all tests share: kernels are compiled before they begin, and neither chance nor a busy machine is a failure.

A test over generated texts takes the same ones each time it is run, so that a red suite is about what was changed.
`pytest --hypothesis-profile=search` takes other ones each time, and finds more.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

SEEDS = Path(__file__).parents[1] / "seeds"

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile("same")


def pytest_configure(config: pytest.Config) -> None:
    """Compile once, not in every worker; and what a test hears on stderr is not about that."""
    if hasattr(config, "workerinput"):
        return
    one, two, *_ = sorted(map(str, SEEDS.iterdir()))
    with tempfile.TemporaryDirectory() as folder:
        for command in (["merge", str(SEEDS), "-o", f"{folder}/out"], ["diff", one, two]):
            subprocess.run([sys.executable, "-m", "dedup", *command], capture_output=True, check=False)
