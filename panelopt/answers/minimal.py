"""A minimal part of things that clash: all of it does, and without any one of them the rest does not."""

from __future__ import annotations

from collections.abc import Callable, Collection

Clashes = Callable[[frozenset[int]], bool | None]
"""Whether some of the things, by their numbers, clash; None where that stays open."""


def minimal_conflict(count: int, clashes: Clashes, costly: Collection[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Return the numbers of things that clash, and those among them that may not be needed for it.

    Things are dropped one at a time, each for good if the rest still clashes. Where that stays open, it is asked again
    after others have been dropped, because it is easier to judge then. Nothing clashes any more once something that is
    needed has gone, so that nobody asks about such a thing again.

    Args:
        count: Number of things; all of them clash.
        clashes: Must depend on its argument alone, and stay true when things are added.
        costly: Things that make it hard to say whether others clash. What is left without any of them, and without
            anything else, is tried first.
    """
    everything = kept = frozenset(range(count))
    for group in (everything & frozenset(costly), everything - frozenset(costly)):
        if group and kept - group and clashes(kept - group):
            kept -= group
    needed: set[int] = set()
    asked: dict[int, frozenset[int]] = {}
    while todo := sorted(one for one in kept - needed if asked.get(one) != kept):
        for one in todo:
            verdict = clashes(kept - {one})
            if verdict:
                kept -= {one}
            elif verdict is None:
                asked[one] = kept
            else:
                needed.add(one)
    return kept, kept - needed
