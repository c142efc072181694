"""The compiler of kernels, made ready: numba without what no kernel here needs, and a word when it has to compile."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numba import njit
from numba.core import event

__all__ = ["announced", "njit"]

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
