"""The compiler is loaded without what no kernel needs, and says when it has to work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from numba import njit

from dedup.kernel import announced


def test_a_plain_scan_loads_neither_scipys_algebra_nor_datasketch(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("天地玄黄，宇宙洪荒。", "utf-8")
    script = (
        "import sys; sys.argv = ['dedup', 'scan', 'a.txt', '-q']\n"
        "from dedup.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "print([name for name in sys.modules if name.startswith(('scipy.', 'datasketch')) and name.count('.') < 2])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.strip().split("\n")[-1]
    assert "scipy.linalg" not in loaded
    assert "datasketch" not in loaded


def test_scipy_can_be_loaded_afterwards() -> None:
    script = "import dedup.fold, scipy.linalg.cython_blas; from scipy.linalg import solve; solve([[1.0]], [1.0])"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_compiling_is_announced_once_and_a_compiled_kernel_is_not() -> None:
    @njit
    def twice(x):  # type: ignore[no-untyped-def]
        return x + x

    said: list[int] = []
    with announced(lambda: said.append(1)):
        twice(1)
        twice(1.5)
    assert said == [1]
    with announced(lambda: said.append(2)):
        twice(np.int64(2))
    assert said == [1]
