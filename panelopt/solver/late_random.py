"""Random numbers whose source is loaded when the first is drawn: the first panel of many questions needs none."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator


class _LateGenerator:
    """A ``numpy.random.Generator``."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    @cached_property
    def source(self) -> Generator:
        return np.random.default_rng(self.seed)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # asked by copy and pickle
            raise AttributeError(name)
        method = getattr(self.source, name)
        setattr(self, name, method)
        return method


def late_generator(seed: int) -> Generator:
    """Return a generator that draws the same numbers as ``numpy.random.default_rng(seed)``."""
    return _LateGenerator(seed)  # type: ignore[return-value]  # has all its methods
