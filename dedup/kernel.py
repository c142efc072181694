"""The compiler of kernels, made ready: numba without what no kernel here needs, and a word when it has to compile."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


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
from numba.core import event  # noqa: E402
from numba.core.caching import IndexDataCacheFile  # noqa: E402

__all__ = ["announced", "inner", "kernel", "kernels", "load"]

Function = Callable[..., Any]

_KERNEL: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_INNER: dict[str, Any] = _KERNEL | {"cache": False, "no_cpython_wrapper": True, "_nrt": False}
_NAMES = vars(types) | {"text": types.Array(types.uint32, 1, "C", readonly=True)}


kernels: list[tuple[Any, tuple[Any, ...]]] = []
"""Every kernel of the modules loaded so far, in their order, and the types of the arguments that it is called with."""


def kernel(signature: str) -> Callable[[Function], Any]:
    """Compile a function over columns when it is first called, and keep it in the cache.

    `signature`: its arguments in numba's short names, `u4[:], i8`; all arrays are contiguous; `text` is the code points
    of a string. What is called with other types is compiled a second time, and a test says so. Division by zero gives
    an infinity or nan, as in numpy.
    """

    def compiled(function: Function) -> Any:
        dispatcher = njit(**_KERNEL)(function)
        file = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
        if type(file) is IndexDataCacheFile:
            file.__class__ = CacheFile
        arguments = eval(f"({signature},)".replace(":]", "::1]"), {}, _NAMES)
        kernels.append((dispatcher, arguments))
        return dispatcher

    return compiled


class CacheFile(IndexDataCacheFile):
    """The cache of a kernel, in which no index names data that are not there yet.

    numba writes the index first: who is killed then, or reads it, takes what an older version of the kernel left under
    that name.
    """

    def save(self: Any, key: Any, data: Any) -> None:
        """Save the compiled kernel, then the index that names it."""
        names = self._load_index()
        number = len(names) + 1
        name = names.setdefault(key, self._data_name(number))
        self._save_data(name, data)
        self._save_index(names)


def inner(function: Function) -> Any:
    """Compile a part of kernels: it is called by kernels alone, kept with them, and makes no arrays.

    Without the ways in from Python and C and the counting of references it takes half as long to compile.
    """
    return njit(**_INNER)(function)


def load(*modules: str) -> None:
    """Have the kernels of modules at hand, from the cache if they are there."""
    for dispatcher, arguments in kernels:
        if dispatcher.py_func.__module__ in modules:
            dispatcher.compile(arguments)


@contextmanager
def announced(say: Callable[[], None]) -> Iterator[None]:
    """Call `say` once if a kernel has to be compiled meanwhile, because none was found in the cache."""

    with event.install_listener("numba:compile", _First(say)):
        yield


class _First(event.Listener):
    """Calls a function when the first of its events begins."""

    def __init__(self, call: Callable[[], None]):
        self.waiting = [call]

    def on_start(self, event: Any) -> None:
        if self.waiting:
            self.waiting.pop()()

    def on_end(self, event: Any) -> None:
        pass
