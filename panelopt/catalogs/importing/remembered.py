"""Answers about cells, remembered: lists repeat the same few."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

LONGEST = 200
"""Characters of a text whose answer is remembered; tens of thousands of longer ones would fill the memory."""

Answer = TypeVar("Answer")


def remembered(function: Callable[[str], Answer], most: int = 16_384) -> Callable[[str], Answer]:
    """Return the function with a memory of its answers about the last ``most`` texts that are not long."""
    known = lru_cache(most)(function)

    @wraps(function, updated=())
    def answer(text: str) -> Answer:
        return known(text) if len(text) <= LONGEST else function(text)

    return answer
