"""The compiler is loaded without what no kernel needs, works once for each kernel, and says when it has to."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import njit

import dedup
from dedup import ahead, script
from dedup.kernel import CacheFile, announced

ROOT = Path(dedup.__file__).parent
SEEDS = ROOT.parent / "seeds"


def test_a_plain_scan_loads_neither_scipy_nor_datasketch(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("天地玄黄，宇宙洪荒。", "utf-8")
    code = (
        "import sys; sys.argv = ['dedup', 'scan', 'a.txt', '-q']\n"
        "from dedup.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('scipy', 'datasketch', 'yaml')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip().split("\n")[-1] == "[]"


def test_scipy_can_be_loaded_afterwards() -> None:
    code = "import dedup.fold, scipy.linalg.cython_blas; from scipy.linalg import solve; solve([[1.0]], [1.0])"
    subprocess.run([sys.executable, "-c", code], check=True)


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


def test_a_merge_of_the_seeds_compiles_every_kernel_for_the_types_it_declares_and_no_others(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['dedup', 'merge', sys.argv[1], '-o', sys.argv[2], '-q']\n"
        "from dedup.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "from dedup.kernel import kernels\n"
        "for kernel, types in kernels:\n"
        "    assert kernel.signatures in ([], [types]), (kernel, kernel.signatures)\n"
        "print(sum(len(kernel.signatures) for kernel, _ in kernels))"
    )
    command = [sys.executable, "-c", code, str(SEEDS), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 30


def test_a_text_that_repeats_nothing_loads_no_kernel_of_matches(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。", "utf-8")
    code = (
        "import sys; sys.argv = ['dedup', 'scan', sys.argv[1], '--pairs', '-q']\n"
        "from dedup.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "from dedup.kernel import kernels\n"
        "print(*{kernel.py_func.__module__ for kernel, _ in kernels if kernel.signatures})"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "dedup.fold" in loaded
    assert not loaded & {f"dedup.{room}" for room in ("chain", "align", "accept", "glue", "boxes", "fit", "rework")}


def test_a_run_that_is_killed_leaves_no_index_over_what_an_older_version_compiled(tmp_path: Path) -> None:
    class Killed(CacheFile):
        def _save_index(self, overloads: object) -> None:
            raise KeyboardInterrupt

    older, newer = "1", "2"
    CacheFile(tmp_path, "kernel", older).save("key", "older")
    with pytest.raises(KeyboardInterrupt):
        Killed(tmp_path, "kernel", newer).save("key", "newer")
    assert CacheFile(tmp_path, "kernel", newer).load("key") is None
    CacheFile(tmp_path, "kernel", newer).save("key", "newer")
    assert CacheFile(tmp_path, "kernel", newer).load("key") == "newer"
    assert type(script._weigh._cache._cache_file) is CacheFile


def test_no_kernel_is_compiled_but_as_a_kernel_or_a_part_of_one() -> None:
    for file in ROOT.rglob("*.py"):
        if file.name == "kernel.py":
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            assert not (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("numba")), file
            assert not (isinstance(node, ast.Import) and any(name.name == "numba" for name in node.names)), file


def test_what_another_process_compiled_is_not_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    command = [sys.executable, "-P", "-m", "dedup.ahead", "dedup.script", "0", "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as other:
        assert other.wait(120) == 0
    code = (
        "import numpy as np; from dedup.kernel import announced; from dedup.script import weigh\n"
        "with announced(lambda: print('compiles')): print(weigh(np.array([0x4E00, 0x61], np.uint32)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[5 2]\n"


def test_a_process_that_compiles_ends_with_the_one_that_started_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    command = [sys.executable, "-P", "-m", "dedup.ahead", "dedup.match", "0", "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as other:
        assert other.stdin
        other.stdin.close()
        assert other.wait(120) == 0
    assert len(list(tmp_path.rglob("*.nbi"))) < 5


@pytest.mark.parametrize(("processors", "expected"), [(1, 0), (2, 1), (64, 3)])
def test_other_processors_compile_too_and_none_is_left_behind(
    processors: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Popen(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args, **options):  # type: ignore[no-untyped-def]
            super().__init__(*args, **options)
            started.append(self)

    monkeypatch.setattr(ahead, "processors", lambda: processors)
    monkeypatch.setattr(subprocess, "Popen", Popen)
    said: list[int] = []
    with ahead.compiling("dedup.script", lambda: said.append(1)):
        assert not started
        njit(lambda x: x + 1)(1)
        assert len(started) == expected
    assert said == [1]
    assert all(other.returncode is not None for other in started)


def test_parts_of_kernels_are_called_by_kernels_alone() -> None:
    """They have no way in from Python: called from there, they would bring the process down."""
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in sorted(ROOT.rglob("*.py"))}
    parts = {
        (file.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."), node.name)
        for file, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and "inner" in _decorators(node)
    }
    assert parts
    for file, tree in trees.items():
        own = file.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        names = {name for module, name in parts if module == own}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                module = node.module.removeprefix("dedup.")
                names |= {of.asname or of.name for of in node.names if (module, of.name) in parts}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and _decorators(node) & {"kernel", "inner"}:
                continue
            called = {of.func.id for of in ast.walk(node) if isinstance(of, ast.Call) and isinstance(of.func, ast.Name)}
            assert not called & names, f"{file.name}:{node.lineno}"


def _decorators(node: ast.FunctionDef) -> set[str]:
    found = (of.func if isinstance(of, ast.Call) else of for of in node.decorator_list)
    return {of.id for of in found if isinstance(of, ast.Name)}
