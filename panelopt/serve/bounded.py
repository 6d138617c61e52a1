"""A store that holds only what was used last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")


class Bounded(Generic[Key, Thing]):
    """The things used last, at most a given number; safe for several threads.

    Args:
        most: How many are kept.
        dropped: Called with each thing that has to go.
    """

    def __init__(self, most: int, dropped: Callable[[Thing], None] | None = None) -> None:
        self.most, self._dropped = most, dropped
        self._things: OrderedDict[Key, Thing] = OrderedDict()
        self._lock = RLock()

    def __len__(self) -> int:
        return len(self._things)

    def get(self, key: Key) -> Thing | None:
        """Return a thing, which counts as its use; None if it is not here."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
            return self._things.get(key)

    def put(self, key: Key, thing: Thing) -> Thing:
        """Store a thing; the one used longest ago may have to go."""
        with self._lock:
            self._things[key] = thing
            self._things.move_to_end(key)
            gone = [self._things.popitem(last=False)[1] for _ in range(len(self._things) - self.most)]
        for other in gone:
            if self._dropped is not None:
                self._dropped(other)
        return thing

    def made(self, key: Key, make: Callable[[], Thing]) -> Thing:
        """Return a thing, made if it is not here; others wait meanwhile, so that it is made once."""
        with self._lock:
            found = self.get(key)
            return self.put(key, make()) if found is None else found

    def all(self) -> list[Thing]:
        """Return all things."""
        with self._lock:
            return list(self._things.values())
