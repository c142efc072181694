"""The compiler of kernels, made ready: numba without what no kernel here needs, and a word when it has to compile."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numba import njit
from numba.core import event

__all__ = ["announced", "inner", "kernel"]

_KERNEL: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_INNER: dict[str, Any] = _KERNEL | {"cache": False, "no_cpython_wrapper": True, "_nrt": False}
_LINEAR_ALGEBRA = "scipy.linalg.cython_blas"


def _load() -> None:
    """Load numba's array functions. They look for scipy's linear algebra, which takes longer to load than all else;
    where it is not loaded already they are told that it is not there."""
    absent = _LINEAR_ALGEBRA not in sys.modules
    if absent:
        sys.modules[_LINEAR_ALGEBRA] = None  # type: ignore[assignment]
    try:
        import numba.np.arraymath  # noqa: F401, PLC0415
    finally:
        if absent:
            del sys.modules[_LINEAR_ALGEBRA]


_load()


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function over columns when it is first called, and keep it in the cache.

    Division by zero gives an infinity or nan, as in numpy.
    """
    return njit(**_KERNEL)(function)


def inner(function: Callable[..., Any]) -> Any:
    """Compile a part of kernels: it is called by kernels alone, kept with them, and makes no arrays.

    Without the ways in from Python and C and the counting of references it takes half as long to compile.
    """
    return njit(**_INNER)(function)


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
