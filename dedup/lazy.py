"""What a sequence is made of -> the sequence: its items are made anew whenever it is gone through, and not kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar, overload

T_co = TypeVar("T_co", covariant=True)


class Lazy(Sequence[T_co]):
    """A tuple to whoever asks. Of those that are one, `__len__` and `__iter__` say all."""

    __slots__ = ()

    @overload
    def __getitem__(self, number: int) -> T_co: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[T_co]: ...
    def __getitem__(self, number: int | slice) -> T_co | Sequence[T_co]:
        return tuple(self)[number]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Lazy, tuple)) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __reduce__(self) -> tuple[type[tuple[T_co, ...]], tuple[tuple[T_co, ...]]]:
        return tuple, (tuple(self),)
