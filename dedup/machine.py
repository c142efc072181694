"""The machine code of a kernel -> a function to call; and where it is kept, so that who finds it needs no compiler.

numba's own cache gives a function only to who has loaded numba, and to load it takes longer than most commands run.
What was compiled needs of it three small libraries alone (of arrays and of functions), and LLVM's linker.
"""

from __future__ import annotations

import builtins
import ctypes
import hashlib
import json
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numpy as np

_FORMAT = 1
_LIBRARIES = ("numba._helperlib", "numba._dynfunc", "numba.core.runtime._nrt_python")
_linking = RLock()


@dataclass(frozen=True, slots=True)
class Code:
    """A kernel as the compiler left it, for the processor of this machine.

    `entry`: the symbol of what Python calls. `environment`: that of the pointer to what it asks for while it runs, the
    types of the arrays that it makes, `dtypes`. `needs`: symbols that stand elsewhere. `binary`: an object file.
    """

    entry: str
    environment: str
    dtypes: tuple[str, ...]
    needs: tuple[str, ...]
    binary: bytes


def linked(code: Code, name: str) -> Callable[..., Any]:
    """The function of a kernel. Raises `LookupError` when something that it needs is not there."""
    with _linking:
        engine, libraries = _engine()
        for symbol in code.needs:
            if llvm.address_of_symbol(symbol) is None:
                raise LookupError(symbol)
        engine.add_object_file(llvm.ObjectFileRef.from_data(code.binary))
        environment = libraries["_dynfunc"].Environment({})
        environment.consts.extend(np.dtype(kind) for kind in code.dtypes)
        pointer = ctypes.c_void_p.from_address(engine.get_global_value_address(code.environment))
        pointer.value = id(environment)  # which the function keeps alive
        address = engine.get_function_address(code.entry)
        make: Callable[..., Callable[..., Any]] = libraries["_dynfunc"].make_function
        return make(sys.modules[__name__], name, "", address, environment, (engine,))


@lru_cache(1)
def _engine() -> tuple[Any, dict[str, ModuleType]]:
    """A linker that knows what kernels need, as numba sets it up, and the libraries that it finds this in."""
    with _part_of_numba():
        libraries = {name.rpartition(".")[2]: import_module(name) for name in _LIBRARIES}
    libraries["_nrt_python"].memsys_use_cpython_allocator()
    compare = ctypes.cdll.msvcrt.memcmp if sys.platform == "win32" else ctypes.pythonapi.memcmp
    own = {"memcmp": compare, "Py_IncRef": ctypes.pythonapi.Py_IncRef, "dedup_unpickle": _unpickle}
    symbols = {name: ctypes.cast(function, ctypes.c_void_p).value for name, function in own.items()}
    symbols["_Py_NoneStruct"] = id(None)
    for library, prefix in (("_nrt_python", "NRT_"), ("_helperlib", "numba_"), ("_dynfunc", "numba_")):
        for name, address in libraries[library].c_helpers.items():
            symbols.setdefault(name if name.startswith("_") else prefix + name, address)
    for kind in vars(builtins).values():
        if isinstance(kind, type) and issubclass(kind, BaseException):
            symbols[f"PyExc_{kind.__name__}"] = id(kind)
    for name, address in symbols.items():
        llvm.add_symbol(name, address)
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    known = {"size": len(_CLASS), "pickled": ctypes.addressof(_PICKLED), "known": id(np.ndarray)}
    module = llvm.parse_assembly(_CONSTANT.format(**known))
    module.triple = llvm.get_process_triple()
    engine = llvm.create_mcjit_compiler(module, target.create_target_machine(jit=True))
    engine.finalize_object()
    llvm.add_symbol("numba_unpickle", engine.get_function_address("dedup_constant"))
    return engine, libraries


@contextmanager
def _part_of_numba() -> Iterator[None]:
    """Within this, modules of numba are loaded without the packages around them, if it is not loaded anyhow."""
    if "numba" in sys.modules:
        yield
        return
    root = _numba()
    for name in ("numba", "numba.core", "numba.core.runtime"):
        package = sys.modules[name] = ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "numba"]:
            del sys.modules[name]


@lru_cache(1)
def _numba() -> Path:
    spec = find_spec("numba")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


@ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
def _unpickle(data: int, size: int, _: int) -> Any:
    """What stands pickled as a constant in a kernel."""
    return pickle.loads(ctypes.string_at(data, size))


# Nearly always that is the class of the arrays that a kernel makes, and it is asked for when the kernel has done its
# work. An interrupt that came meanwhile would be raised inside a function of Python that is called then, where nobody
# can see to it, and the kernel would go on without the class: so such a function is only called for anything else.
_CLASS = pickle.dumps(np.ndarray, 4)
_CONSTANT = """
declare i32 @memcmp(i64, i64, i64)
declare void @Py_IncRef(i64)
declare i64 @dedup_unpickle(i64, i32, i64)
define i64 @dedup_constant(i64 %pickled, i32 %size, i64 %hash) {{
  %as_long = icmp eq i32 %size, {size}
  br i1 %as_long, label %compared, label %other
compared:
  %difference = call i32 @memcmp(i64 %pickled, i64 {pickled}, i64 {size})
  %same = icmp eq i32 %difference, 0
  br i1 %same, label %known, label %other
known:
  call void @Py_IncRef(i64 {known})
  ret i64 {known}
other:
  %object = call i64 @dedup_unpickle(i64 %pickled, i32 %size, i64 %hash)
  ret i64 %object
}}
"""
_PICKLED = ctypes.create_string_buffer(_CLASS, len(_CLASS))


def kept(file: str, name: str, stamp: str) -> Code | None:
    """The machine code of a function of a file, if it is kept and was compiled from what bears this stamp."""
    for folder in _folders(file):
        with suppress(OSError, ValueError, TypeError):
            head, _, binary = (folder / _name(name)).read_bytes().partition(b"\n")
            told = json.loads(head)
            if (told.pop("stamp"), told.pop("sha256")) == (stamp, hashlib.sha256(binary).hexdigest()):
                return Code(told["entry"], told["environment"], tuple(told["dtypes"]), tuple(told["needs"]), binary)
    return None


def keep(file: str, name: str, stamp: str, code: Code) -> None:
    """Keep machine code, where a place for it can be found: as a whole or not at all."""
    told = {
        "stamp": stamp,
        "sha256": hashlib.sha256(code.binary).hexdigest(),
        "entry": code.entry,
        "environment": code.environment,
        "dtypes": code.dtypes,
        "needs": code.needs,
    }
    for folder in _folders(file):
        partial = folder / f"{_name(name)}.{os.getpid()}.partial"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(json.dumps(told).encode() + b"\n" + code.binary)
            partial.replace(folder / _name(name))
        except OSError:
            with suppress(OSError):
                partial.unlink()
            continue
        return


def _folders(file: str) -> list[Path]:
    """Where machine code of a source file may lie: beside it, or where the user keeps such things."""
    if named := os.environ.get("NUMBA_CACHE_DIR"):
        return [Path(named)]
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return [Path(file).parent / "__pycache__", Path(home) / "dedup" / "kernels"]


def _name(name: str) -> str:
    return f"{name}.{_machine()}.kernel"


@lru_cache(1)
def _machine() -> str:
    """What machine code depends on besides its source: interpreter, compiler and its settings, processor."""
    settings = sorted(one for one in os.environ.items() if one[0].startswith("NUMBA_") and one[0] != "NUMBA_CACHE_DIR")
    told = (
        _FORMAT,
        sys.implementation.cache_tag,
        llvm.get_process_triple(),
        (_numba() / "_version.py").read_bytes(),
        llvmlite.__version__,
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
        settings,
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()[:12]
