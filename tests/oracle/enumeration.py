"""Every panel that the hard rules allow, by plain recursion over markers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from tests.oracle.light import complexity, outshone, places
from tests.oracle.score import Arrays, Slot, views

DUMPED = 1000.0
MAX_COSINE = 0.98


def all_panels(
    a: Arrays,
    *,
    changes: tuple[frozenset[tuple[int, int]], int] | None = None,
    allow_unknown_price: bool = False,
) -> Iterator[tuple[Slot, ...]]:
    """Yield every allowed panel, slots ascending.

    Args:
        a: Numeric instance.
        changes: Reagents of a given panel and how many may be changed.
        allow_unknown_price: Whether a budget admits reagents without a price.
    """
    markers = range(len(a["marker"]))
    dyes = range(len(a["dye"]))
    for choice in itertools.product(*([None, *(f for f in dyes if a["available"][m, f])] for m in markers)):
        by_dye: dict[int, list[int]] = {}
        for m, f in enumerate(choice):
            if f is not None:
                by_dye.setdefault(f, []).append(m)
        if not by_dye or not _reagents_allowed(a, by_dye, changes, allow_unknown_price):
            continue
        for detectors in itertools.product(*(places(a, ms, f) for f, ms in by_dye.items())):
            if int(a["conventional"]) and len(set(detectors)) < len(detectors):
                continue
            panel = tuple(sorted((tuple(ms), f, d) for (f, ms), d in zip(by_dye.items(), detectors, strict=True)))
            if _places_allowed(a, panel):
                yield panel


def purchase_cost(a: Arrays, reagents: Iterable[tuple[int, int]]) -> float:
    """What reagents cost, unknown prices as nothing: the best over all sets of vendors that deliver."""
    chosen = sorted(reagents)
    if "vendor" not in a:
        return sum(float(a["price"][r]) for r in chosen if not math.isnan(a["price"][r]))
    paid = range(1, len(a["vendor"]))
    sets = itertools.chain.from_iterable(itertools.combinations(paid, n) for n in range(len(paid) + 1))
    best = math.inf
    for vendors in sets:
        total = sum(float(a["shipping"][v]) for v in vendors)
        for m, f in chosen:
            offers = [float(a["vendor_price"][v, m, f]) for v in (0, *vendors)]
            total += min((p for p in offers if not math.isnan(p)), default=math.inf)
        best = min(best, total)
    return best


def _reagents_allowed(
    a: Arrays,
    by_dye: dict[int, list[int]],
    changes: tuple[frozenset[tuple[int, int]], int] | None,
    allow_unknown_price: bool,
) -> bool:
    reagents = {(m, f) for f, ms in by_dye.items() for m in ms}
    stained = {m for m, _ in reagents}
    dumps = [ms for ms in by_dye.values() if len(ms) > 1]
    if len(dumps) > 1 or any(not _may_be_dumped(a, m) for ms in dumps for m in ms):
        return False
    if any(m not in stained for m in np.flatnonzero(a["required"])):
        return False
    if len(by_dye) > _limit(a, "max_colours"):
        return False
    budget = _limit(a, "budget")
    if math.isfinite(budget):
        prices = [float(a["price"][r]) for r in reagents]
        if any(map(math.isnan, prices)) and not allow_unknown_price:
            return False
        if purchase_cost(a, reagents) > budget + 1e-9:
            return False
    if (1 if int(a["marker_list"]) else len(views(a))) > _limit(a, "sort_ways"):
        return False
    if changes is not None:
        reference, most = changes
        dropped = {m for m, _ in reference} - stained
        if len(reagents - reference) + len(dropped) > most:
            return False
    return True


def _places_allowed(a: Arrays, panel: Sequence[Slot]) -> bool:
    spectral = not int(a["conventional"])
    column = spectral and bool(np.any(a["AF"] > 0))
    if len(panel) + column > len(a["B"]):
        return False
    for m, f, d in np.asarray(a["locked"], dtype=int):
        if not any(m in slot[0] and slot[1] == f and d in (-1, slot[2]) for slot in panel):
            return False
    for one, two in itertools.combinations(panel, 2):
        u, v = a["M"][:, one[1]], a["M"][:, two[1]]
        cosine = float(u @ v / np.linalg.norm(u) / np.linalg.norm(v))
        if (spectral and cosine >= MAX_COSINE) or cosine > _limit(a, "max_similarity"):
            return False
    most = _limit(a, "max_complexity")
    return not outshone(a, panel) and (math.isinf(most) or complexity(a, panel) <= most)


def _may_be_dumped(a: Arrays, m: int) -> bool:
    targets = [t for t, _, _ in views(a)]
    return bool(a["dump"][m]) and all(a["abc"][t, m] < DUMPED for t in targets)  # unknown compares as false


def _limit(a: Arrays, name: str) -> float:
    value = float(a[name])
    return math.inf if math.isnan(value) else value
