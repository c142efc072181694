"""Functions over columns -> kernels, which are compiled when they are first called on a machine, and kept there."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from dedup import machine

Function = Callable[..., Any]

_waiting: list[Callable[[], None]] = []


class Part:
    """A function that kernels call, compiled with them."""

    signature = ""

    def __init__(self, function: Function):
        self.py_func = function

    @cached_property
    def _known(self) -> Any:
        return _compiler().part(self.py_func)

    @property
    def _numba_type_(self) -> Any:
        """What the compiler asks for when it meets this in a kernel."""
        return self._known._numba_type_

    @cached_property
    def stamp(self) -> str:
        """What tells whether a function was changed: its file, and what it takes from others."""
        own = self.py_func.__globals__
        taken = [own[name] for name in self.py_func.__code__.co_names if name in own]
        constants = [one for one in taken if isinstance(one, (int, float, np.number))]
        parts = [one.stamp for one in taken if isinstance(one, Part) and one is not self]
        told = (_source(self.py_func.__code__.co_filename), self.signature, constants, parts)
        return hashlib.sha256(repr(told).encode()).hexdigest()


@lru_cache(64)
def _source(file: str) -> bytes:
    try:
        return hashlib.sha256(Path(file).read_bytes()).digest()
    except OSError:
        return os.urandom(32)  # nothing tells whether it was changed


class Kernel(Part):
    """A function over columns: see `kernel`."""

    def __init__(self, function: Function, signature: str):
        super().__init__(function)
        self.signature = signature
        kinds = re.findall(r"\w+(?:\(.*?\)|\[.*?\])?", signature)
        self._arrays = tuple(
            (at, np.dtype("u4" if kind == "text" else kind.partition("[")[0]), max(1, kind.count(":")))
            for at, kind in enumerate(kinds)
            if kind.endswith("]") or kind == "text"
        )
        self._run: Function | None = None

    def __call__(self, *given: Any) -> Any:
        """Call it."""
        run = self._run or self.ready()
        for at, dtype, dimensions in self._arrays:  # of which the way in sees only how wide the numbers are
            array = given[at]
            if array.dtype != dtype or array.ndim != dimensions or not array.flags.c_contiguous:
                return self._for_any(*given)
        try:
            return run(*given)
        except TypeError:
            return self._for_any(*given)

    @cached_property
    def _for_any(self) -> Any:
        """The function compiled for what it is called with, which is not kept."""
        return _compiler().for_any(self.py_func)

    @property
    def is_ready(self) -> bool:
        """Whether it was called, or made ready for that."""
        return self._run is not None

    @property
    def is_astray(self) -> bool:
        """Whether it was called with other types than those that it declares."""
        return "_for_any" in vars(self)

    def ready(self) -> Function:
        """Have it at hand: from where it is kept, or compile it."""
        try:
            self._run = self._linked()
        except Exception:  # a numba that is made otherwise: it is asked the way it offers to all
            self._run = self._for_any
        return self._run

    def _linked(self) -> Function:
        name = f"{self.py_func.__module__}.{self.py_func.__qualname__}"
        file = self.py_func.__code__.co_filename
        code = machine.kept(file, name, self.stamp)
        if code is None:
            code = _compiler().compiled(self.py_func, self.signature)
            machine.keep(file, name, self.stamp, code)
        try:
            return machine.linked(code, name)
        except LookupError:  # of a library that the compiler found: it brings that along
            import_module("dedup.compiler")
            return machine.linked(code, name)


def _compiler() -> Any:
    """The compiler, loaded when it is needed, which is told to those who wait for that."""
    while _waiting:
        _waiting.pop()()
    return import_module("dedup.compiler")


kernels: list[Kernel] = []
"""Every kernel of the modules loaded so far, in their order."""


def kernel(signature: str) -> Callable[[Function], Kernel]:
    """Compile a function over columns when it is first called, and keep it.

    `signature`: its arguments in numba's short names, `u4[:], i8`; all arrays are contiguous; `text` is the code points
    of a string. What is called with other types is compiled a second time, in each process that does so, and a test
    says so. Division by zero gives an infinity or nan, as in numpy.
    """

    def kept(function: Function) -> Kernel:
        kernels.append(Kernel(function, signature))
        return kernels[-1]

    return kept


def inner(function: Function) -> Any:
    """Compile a part of kernels: it is called by kernels alone, kept with them, and makes no arrays.

    Without the ways in from Python and C and the counting of references it takes half as long to compile.
    """
    return Part(function)


def load(*modules: str) -> None:
    """Have the kernels of modules at hand, from where they are kept if they are there."""
    for one in kernels:
        if one.py_func.__module__ in modules and not one.is_ready:
            one.ready()


@contextmanager
def announced(say: Callable[[], None]) -> Iterator[None]:
    """Call `say` once if a kernel has to be compiled meanwhile, because none was kept."""
    _waiting.append(say)
    try:
        yield
    finally:
        if say in _waiting:
            _waiting.remove(say)
