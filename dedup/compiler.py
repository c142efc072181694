"""A function over columns -> its machine code: numba without what no kernel here needs.

Only who has to compile a kernel loads this.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, cast

from dedup.machine import Code


def _load() -> None:
    """Load numba and its array functions. They look for scipy and its linear algebra, which take longer to load than
    all else, and for what reads their settings from a file: where these are not loaded already, or there is such a
    file, they are told that they are not there."""
    needless = ["scipy", "scipy.linalg.cython_blas"] + ["yaml"] * (not os.path.exists(".numba_config.yaml"))
    absent = [name for name in needless if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import numba.np.arraymath  # noqa: F401, PLC0415
    finally:
        for name in absent:
            del sys.modules[name]


_load()

from numba import njit, types  # noqa: E402
from numba.core.compiler import Compiler  # noqa: E402

Function = Callable[..., Any]

_KERNEL: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_OWN = _KERNEL.copy()
_PART: dict[str, Any] = _KERNEL | {"no_cpython_wrapper": True, "_nrt": False}
with suppress(ImportError):  # a numba that is made otherwise: it goes through all of its steps
    passes = import_module("dedup.passes")
    _KERNEL["pipeline_class"], _PART["pipeline_class"] = passes.KernelCompiler, passes.PartCompiler
_parts: list[Any] = []
_NAMES = vars(types) | {"text": types.Array(types.uint32, 1, "C", readonly=True)}


def compiled(function: Function, signature: str) -> Code:
    """Compile a function for arguments of some types (kernel.py says how they are named)."""
    arguments = eval(f"({signature},)".replace(":]", "::1]"), {}, _NAMES)
    dispatcher = njit(**_KERNEL)(function)
    with _uncollected():
        dispatcher.compile(arguments)
    (result,) = dispatcher.overloads.values()
    module = result.library._final_module
    return Code(
        entry=result.fndesc.llvm_cpython_wrapper_name,
        environment=result.fndesc.env_name,
        dtypes=tuple(kind.str for kind in result.environment.consts),
        needs=tuple(f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm.")),
        binary=result.library._get_compiled_object(),
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """A compiler makes much and leaves little: to look for what it left takes a fifteenth of its time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
            gc.collect(0)  # a run is in no hurry to do that


def part(function: Function) -> Any:
    """A function that is called by kernels alone and makes no arrays, as numba knows it."""
    dispatcher = njit(**_PART)(function)
    _parts.append(dispatcher)
    template, any_of = dispatcher.get_call_template, cast(Any, types.unliteral)
    # Else it would be compiled for the number 0 too, where that is what a variable is at first.
    dispatcher.get_call_template = lambda args, kws: template([any_of(of) for of in args], kws)
    return dispatcher


def for_any(function: Function) -> Any:
    """A function compiled for whatever it is called with, by numba's own steps, as its parts are from now on."""
    for known in _parts:
        known._compiler.pipeline_class = Compiler
    return njit(**_OWN)(function)
