"""The last arrays that were made, by what decided them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound="NDArray[Any] | Iterable[NDArray[Any] | None]")


class Remembered(Generic[T]):
    """Arrays, or values that consist of some, of `most_bytes` together. Threads may share it."""

    def __init__(self, most_bytes: int) -> None:
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._most, self._bytes, self._lock = most_bytes, 0, Lock()

    def of(self, key: Hashable | None, made: Callable[[], T]) -> T:
        """The one of that key, made where it is not remembered. key: None for one that is not to be remembered."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = made()
        with self._lock:
            if key is not None and key not in self._kept:
                self._kept[key] = value
                self._bytes += _bytes_of(value)
            while self._bytes > self._most:
                self._bytes -= _bytes_of(self._kept.popitem(last=False)[1])
        return value


def _bytes_of(value: "NDArray[Any] | Iterable[NDArray[Any] | None]") -> int:
    parts = (value,) if isinstance(value, np.ndarray) else value
    return sum(part.nbytes for part in parts if part is not None)
