"""The three objectives over a list of panels: the best ones, those that are as good, and which of them comes first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.oracle.enumeration import purchase_cost
from tests.oracle.light import burden, complexity, steps
from tests.oracle.score import EQUAL, Arrays, Slot

WORDS = ("sourced", "to_buy", "colours", "spillover", "fragile", "price")
"""What is counted, in the default order."""


@dataclass(frozen=True)
class Judged:
    """A panel with what the objectives need of its score."""

    panel: tuple[Slot, ...]
    worst: float
    total: float
    odds: tuple[float, ...]
    gates: int


def counts(a: Arrays, panel: Sequence[Slot]) -> dict[str, tuple[float, ...]]:
    """What objective 3 counts, by word; the fewer, the better."""
    reagents = [(m, slot[1]) for slot in panel for m in slot[0]]
    spread = burden(a, panel) if int(a["conventional"]) else complexity(a, panel)
    return {
        "sourced": (sum(not a["sourced"][r] for r in reagents),),
        "to_buy": (sum(not a["owned"][r] for r in reagents) if "owned" in a else 0,),
        "colours": (len(panel),),
        "spillover": (steps(spread),),
        "fragile": (sum(bool(a["fragile"][slot[1]]) for slot in panel),),
        "price": (sum(bool(np.isnan(a["price"][r])) for r in reagents), round(purchase_cost(a, reagents), 6)),
    }


def order(a: Arrays) -> tuple[str, ...]:
    """The words as a problem orders them: those that it prefers, then the others as usual."""
    prefer = [str(word) for word in a["prefer"]]
    return (*prefer, *(word for word in WORDS if word not in prefer))


def place(a: Arrays, judged: Judged) -> tuple[Any, ...]:
    """The place of a panel in objective 3: the smaller, the earlier."""
    found = counts(a, judged.panel)
    ranks = tuple(sorted(int(a["product_rank"][m, slot[1]]) for slot in judged.panel for m in slot[0]))
    return (*(found[word] for word in order(a)), judged.gates, ranks)


def best_of(panels: Iterable[Judged], tolerance: float, floor: float | None = None) -> list[Judged]:
    """The best panel of step 2, and others whose sum is the same; several leave the answer open.

    ``floor`` is the least worst ratio; without, the best one minus the tolerance.
    """
    everything = list(panels)
    if floor is None:
        floor = max((one.worst for one in everything), default=0.0) - tolerance
    good = [one for one in everything if one.worst >= floor - EQUAL]
    best = max((one.total for one in good), default=0.0)
    return [one for one in good if one.total >= best - EQUAL]


def as_good(panels: Iterable[Judged], best: Judged, slack: float) -> list[Judged]:
    """Panels that the model cannot tell from the best one: in the worst ratio, and in the odds of every tube."""
    return [
        one
        for one in panels
        if one.worst >= best.worst - slack - EQUAL
        and all(mine >= odds - slack - EQUAL for mine, odds in zip(one.odds, best.odds, strict=True))
    ]


def first_of(a: Arrays, panels: Iterable[Judged]) -> list[Judged]:
    """The panel that comes first in objective 3, and others that differ from it in nothing that is counted."""
    ranked = [(place(a, one), one) for one in panels]
    least = min(where for where, _ in ranked)
    return [one for where, one in ranked if where == least]


def chosen(a: Arrays, panels: Sequence[Judged], best: Judged) -> list[Judged]:
    """The panel to run, where ``best`` is the best of step 2; without slack, this one."""
    slack = float(a["slack"])
    return first_of(a, as_good(panels, best, slack)) if slack > 0 else [best]
