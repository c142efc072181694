"""The compiler works once for each kernel and says when it has to; who finds all kernels compiled does not load it."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dedup
from dedup import ahead, machine
from dedup.kernel import Kernel, Part, announced
from dedup.machine import Code

ROOT = Path(dedup.__file__).parent
SEEDS = ROOT.parent / "seeds"


def run(code: str, *arguments: str) -> str:
    """What Python prints."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


SCAN = (
    "import sys; sys.argv = ['dedup', 'scan', sys.argv[1], '--pairs', '-q']\n"
    "from dedup.cli import main\n"
    "try: main()\n"
    "except SystemExit as end: assert not end.code\n"
)


def test_a_run_that_finds_its_kernels_compiled_loads_no_compiler() -> None:
    run(SCAN, str(SEEDS))
    printed = run(
        SCAN + "print([name for name in ('numba', 'scipy', 'datasketch', 'yaml') if name in sys.modules])", str(SEEDS)
    )
    assert printed.rpartition("\n[")[2] == "]\n"


def test_the_compiler_does_without_scipy_and_scipy_can_be_loaded_afterwards() -> None:
    assert run("import dedup.compiler, sys; print({'scipy', 'yaml'} & set(sys.modules))") == "set()\n"
    run("import dedup.compiler, scipy.linalg.cython_blas; from scipy.linalg import solve; solve([[1.0]], [1.0])")


def test_a_numba_without_the_steps_that_are_left_out_goes_through_its_own(tmp_path: Path) -> None:
    code = (
        "import os, sys; os.environ['NUMBA_CACHE_DIR'] = sys.argv[1]\n"
        "if sys.argv[2] == 'own': sys.modules['dedup.passes'] = None\n"
        "import numpy as np; from dedup.script import weigh; from dedup.seed import seeds\n"
        "letters = np.arange(0x4E00, 0x4E40, dtype=np.uint32)\n"
        "print(len(seeds(letters, np.array([0, 64]))), weigh(letters).sum())\n"
        "import dedup.compiler; print('pipeline_class' in dedup.compiler._PART)"
    )
    printed = {steps: run(code, str(tmp_path / steps), steps).split() for steps in ("own", "fewer")}
    assert printed["own"][:2] == printed["fewer"][:2]
    assert (printed["own"][-1], printed["fewer"][-1]) == ("False", "True")


@pytest.mark.parametrize("raised", ["AttributeError", "KeyError", "NotImplementedError", "TypeError"])
def test_where_a_step_fails_in_another_numba_its_own_are_gone_through(tmp_path: Path, raised: str) -> None:
    code = (
        "import os, sys; os.environ['NUMBA_CACHE_DIR'] = sys.argv[1]\n"
        "import numpy as np; from dedup import passes; from dedup.kernel import Part\n"
        "def step(*_): raise eval(sys.argv[2])\n"
        "passes._PartLowering.run_pass = step\n"
        "from dedup.seed import seeds\n"
        "assert any(type(of) is Part for of in vars(sys.modules['dedup.seed']).values())\n"
        "letters = np.arange(0x4E00, 0x4E40, dtype=np.uint32)\n"
        "print(len(seeds(letters, np.array([0, 64]))))"
    )
    assert run(code, str(tmp_path), raised) == "64\n"


def test_numba_can_be_loaded_after_kernels_that_did_not_need_it() -> None:
    code = (
        "import numpy as np, sys; from dedup.script import weigh; from dedup.seed import seeds\n"
        "letters, starts = np.arange(0x4E00, 0x4E40, dtype=np.uint32), np.array([0, 64])\n"
        "before = seeds(letters, starts)\n"
        "from numba import njit; from dedup import seed\n"
        "again = njit(seed._seeds.py_func)(letters, weigh(letters), starts, 30)\n"
        "assert njit(lambda x: np.zeros(x))(3).sum() == 0 and len(before) == 64 and (before == again).all()"
    )
    run(code)


def test_llvm_goes_over_a_kernel_once_and_over_nothing_else(tmp_path: Path) -> None:
    code = (
        "import os, sys; os.environ['NUMBA_CACHE_DIR'] = sys.argv[1]\n"
        "from llvmlite.binding import ExecutionEngine; from llvmlite.binding.newpassmanagers import NewPassManager\n"
        "from dedup import machine; from dedup.kernel import inner, kernel\n"
        "runs = []\n"
        "for owner, name in (ExecutionEngine, 'finalize_object'), (NewPassManager, 'run'):\n"
        "    def counted(*given, own=getattr(owner, name), name=name): runs.append(name); return own(*given)\n"
        "    setattr(owner, name, counted)\n"
        "@inner\n"
        "def part(x): return max(x, 2) + min(x, 7)\n"
        "@kernel('i8')\n"
        "def called(x): return part(x) + max(x, 3)\n"
        "import dedup.compiler; machine._engine(); dedup.compiler.for_any(lambda: 1)(); runs.clear()\n"
        "print(called(5), *runs)\n"
    )
    assert run(code, str(tmp_path)) == "15 run finalize_object\n"


def test_what_numba_compiles_for_kernels_and_for_others_is_not_mixed_up(tmp_path: Path) -> None:
    code = (
        "import os, sys; os.environ['NUMBA_CACHE_DIR'] = sys.argv[1]\n"
        "import numpy as np; from numba import njit; from dedup.kernel import kernel\n"
        "def made(n): return np.full(max(n, 2), min(n, 7)).sum() + np.zeros(n, np.int64).sum() + np.empty(n).size\n"
        "def others(n): return njit(made)(n)\n"
        "wide, narrow = kernel('i8')(made), kernel('i4')(made)\n"
        "print(others(5), wide(5), others(6), narrow(6), others(7), wide.is_astray or narrow.is_astray)\n"
    )
    assert run(code, str(tmp_path)) == "30 30 42 42 56 False\n"


@pytest.fixture
def kernels_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return tmp_path


FACTOR = 3


@Part
def _times(x):  # type: ignore[no-untyped-def]
    return x * FACTOR


def _scaled(values, offset):  # type: ignore[no-untyped-def]
    made = np.empty(len(values), np.int64)
    for i in range(len(values)):
        made[i] = _times(values[i]) + offset
    return made, len(values)


def test_compiling_is_announced_once_and_a_compiled_kernel_is_not(kernels_in: Path) -> None:
    for expected in ([1], []):
        said: list[int] = []
        with announced(lambda said=said: said.append(1)):  # type: ignore[misc]
            made, count = Kernel(_scaled, "i8[:], i8")(np.arange(4), 1)
        assert (made.tolist(), made.dtype, count) == ([1, 4, 7, 10], np.int64, 4)
        assert said == expected


def test_a_kernel_is_compiled_again_when_its_source_or_a_constant_has_changed(
    kernels_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Kernel(_scaled, "i8[:], i8")(np.arange(2), 0)[0].tolist() == [0, 3]
    stamp = Kernel(_scaled, "i8[:], i8").stamp
    monkeypatch.setitem(globals(), "FACTOR", 5)
    monkeypatch.setitem(globals(), "_times", Part(_times.py_func))
    assert Kernel(_scaled, "i8[:], i8").stamp != stamp
    assert Kernel(_scaled, "i8[:], i8")(np.arange(2), 0)[0].tolist() == [0, 5]
    assert len(list(kernels_in.iterdir())) == 1


def test_other_types_than_those_declared_give_the_same(kernels_in: Path) -> None:
    kernel = Kernel(_scaled, "i8[:], i8")
    assert kernel(np.arange(4), 1)[0].tolist() == [1, 4, 7, 10]
    assert not kernel.is_astray
    assert kernel(np.arange(8)[::2], 1)[0].tolist() == [1, 7, 13, 19]
    assert kernel(np.arange(4, dtype=np.int32), 1)[0].tolist() == [1, 4, 7, 10]
    assert kernel(np.arange(4, dtype=np.float64), 1)[0].tolist() == [1, 4, 7, 10]  # as wide as declared
    assert kernel.is_astray


def _rows(values):  # type: ignore[no-untyped-def]
    return len(values)


def test_columns_of_other_dimensions_than_those_declared_give_the_same(kernels_in: Path) -> None:
    for signature, kind, dimensions in (("i8[:]", np.int64, 1), ("i8[:,:]", np.int64, 2), ("text", np.uint32, 1)):
        for shape in ((3,), (3, 2), (3, 2, 2)):
            kernel = Kernel(_rows, signature)
            assert kernel(np.zeros(shape, kind)) == 3
            assert kernel.is_astray == (len(shape) != dimensions)


@pytest.mark.parametrize("error", [ImportError, AttributeError])
def test_a_numba_that_is_made_otherwise_is_asked_for_the_function_itself(
    kernels_in: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def linked(code: Code, name: str) -> None:
        raise error(name)

    monkeypatch.setattr(machine, "linked", linked)
    assert Kernel(_scaled, "i8[:], i8")(np.arange(4), 1)[0].tolist() == [1, 4, 7, 10]


def test_a_merge_of_the_seeds_calls_every_kernel_with_the_types_it_declares_and_no_others(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['dedup', 'merge', sys.argv[1], '-o', sys.argv[2], '-q']\n"
        "from dedup.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "from dedup.kernel import kernels\n"
        "assert not [kernel.py_func for kernel in kernels if kernel.is_astray]\n"
        "print(sum(kernel.is_ready for kernel in kernels))"
    )
    assert int(run(code, str(SEEDS), str(tmp_path / "out"))) > 30


def test_a_text_that_repeats_nothing_loads_no_kernel_of_matches(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。", "utf-8")
    told = (
        "from dedup.kernel import kernels\nprint(*{kernel.py_func.__module__ for kernel in kernels if kernel.is_ready})"
    )
    loaded = set(run(SCAN + told, str(tmp_path)).split())
    assert "dedup.fold" in loaded
    assert not loaded & {f"dedup.{room}" for room in ("chain", "align", "accept", "glue", "boxes", "fit", "rework")}


CODE = Code("entry", "environment", ("<i8",), ("NRT_Free",), b"machine\ncode")


def test_what_is_kept_is_found_by_its_stamp_and_whole_or_not_at_all(
    kernels_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.keep("a.py", "kernel", "stamp", CODE)
    assert machine.kept("a.py", "kernel", "stamp") == CODE
    assert machine.kept("a.py", "kernel", "other") is None
    (file,) = kernels_in.iterdir()
    whole = file.read_bytes()
    for size in range(0, len(whole), 7):
        file.write_bytes(whole[:size])
        assert machine.kept("a.py", "kernel", "stamp") is None
    file.write_bytes(whole)
    monkeypatch.setenv("NUMBA_OPT", "1")
    machine._machine.cache_clear()
    assert machine.kept("a.py", "kernel", "stamp") is None
    machine._machine.cache_clear()


def test_a_kernel_is_kept_for_its_user_where_its_folder_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "__pycache__").write_text("no folder", "utf-8")
    machine.keep(str(tmp_path / "a.py"), "kernel", "stamp", CODE)
    assert machine.kept(str(tmp_path / "a.py"), "kernel", "stamp") == CODE
    assert [path.suffix for path in (tmp_path / "cache" / "dedup" / "kernels").iterdir()] == [".kernel"]


def test_what_needs_a_symbol_that_is_not_there_is_not_linked() -> None:
    with pytest.raises(LookupError):
        machine.linked(Code("entry", "environment", (), ("no_such_symbol",), b""), "kernel")


def test_no_kernel_is_compiled_but_as_a_kernel_or_a_part_of_one() -> None:
    for file in ROOT.rglob("*.py"):
        if file.name in ("compiler.py", "passes.py"):
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
    assert len(list(tmp_path.rglob("*.kernel"))) < 5


@pytest.mark.parametrize(("processors", "expected"), [(1, 0), (2, 1), (64, 3)])
def test_other_processors_compile_too_and_none_is_left_behind(
    processors: int, expected: int, monkeypatch: pytest.MonkeyPatch, kernels_in: Path
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
        Kernel(_scaled, "i8[:], i8")(np.arange(4), 1)
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


INTERRUPTED = """
import _thread, threading
import numpy as np
from dedup.seed import seeds
letters, starts = np.arange(1 << 22, dtype=np.uint32), np.array([0, 1 << 22], np.int64)
seeds(letters[:10], np.array([0, 10], np.int64))
for delay in (0.002, 0.005, 0.01, 0.02, 0.03):
    threading.Timer(delay, _thread.interrupt_main).start()
    try:
        while True:
            seeds(letters, starts)
    except KeyboardInterrupt:
        print("interrupted")
"""


def test_an_interrupt_while_a_kernel_makes_an_array_is_raised_when_it_is_done() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "interrupted\n" * 5, "")
