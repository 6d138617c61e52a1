"""Finds a minimal conflict among numbered items."""

from __future__ import annotations

from collections.abc import Callable, Collection

IsConflict = Callable[[frozenset[int]], bool | None]
"""Whether a subset of items conflicts; None if undecided."""


def minimal_conflict(
    count: int, is_conflict: IsConflict, costly: Collection[int]
) -> tuple[frozenset[int], frozenset[int]]:
    """Return the numbers of a conflicting set, and those among them that may not be needed.

    Items are dropped one at a time, for good if the rest still conflicts. Undecided items are tried again after others
    were dropped, when the check is easier. Items without which the rest is feasible are never tried again.

    Args:
        count: Number of items; all of them together conflict.
        is_conflict: Must depend only on its argument, and stay true when items are added.
        costly: Items that make the check expensive. They are tried first, so that the rest is cheap to check.
    """
    everything = kept = frozenset(range(count))
    for group in (everything & frozenset(costly), everything - frozenset(costly)):
        if group and kept - group and is_conflict(kept - group):
            kept -= group
    needed: set[int] = set()
    asked: dict[int, frozenset[int]] = {}
    while todo := sorted(one for one in kept - needed if asked.get(one) != kept):
        for one in todo:
            verdict = is_conflict(kept - {one})
            if verdict:
                kept -= {one}
            elif verdict is None:
                asked[one] = kept
            else:
                needed.add(one)
    return kept, kept - needed
