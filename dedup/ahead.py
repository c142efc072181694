"""The name of a module -> its kernels in the cache, compiled by processes beside this one while this one goes on.

They begin with what is needed last. What they have done is found in the cache when it is needed; what they have not is
compiled here. So nothing waits for them, and nothing is lost with them.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Thread

from dedup.kernel import announced, kernels
from dedup.pool import processors

_MOST = 4  # processes that compile: each must load the compiler first


@contextmanager
def compiling(module: str, say: Callable[[], None]) -> Iterator[None]:
    """When the first kernel has to be compiled in this block, call `say` and let others compile those of a module too.

    They end with the block, or with this process, whatever they are at.
    """
    others: list[subprocess.Popen[bytes]] = []

    def begin() -> None:
        say()
        count = min(processors(), _MOST) - 1
        for number in range(count if sys.executable else 0):
            command = [sys.executable, "-P", "-m", "dedup.ahead", module, str(number), str(count)]
            silent = subprocess.DEVNULL
            with suppress(OSError):
                others.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=silent, stderr=silent))

    try:
        with announced(begin):
            yield
    finally:
        for other in others:
            other.kill()
        for other in others:
            other.communicate()


def _compile(module: str, number: int, count: int) -> None:
    """Compile every `count`-th kernel of a module and of those it imports, the last first."""
    Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()  # what compiling leaves behind goes with this process
    import_module(module)
    for kernel in kernels[::-1][number::count]:
        kernel.ready()


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(0)


if __name__ == "__main__":
    _compile(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
