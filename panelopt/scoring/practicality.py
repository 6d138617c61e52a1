"""Objective 3: what decides between panels that the model cannot tell apart.

A panel is *as good* as the best one where its worst log ratio gives up at most the slack, and no tube holds more than
``10^slack`` times the contaminants. Among those, the bench decides: products that can be bought, few colours, little
spillover, sturdy dyes, low prices. Panels of the same products differ in detectors alone: then the brightest reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.scoring.panel_score import PanelScore
from panelopt.scoring.rule_checks import panel_complexity

STEP = 0.05
"""Spillover burden and complexity index are compared in whole steps of this size (model value)."""

ROUNDING = 1e-9
"""What two log ratios may differ by and count as equal."""

DIM_DIGITS = 6
"""Digits of a share of light that decide, so that the processor does not."""

Word = Literal["sourced", "to_buy", "colours", "spillover", "fragile", "price"]
ORDER: tuple[Word, ...] = ("sourced", "to_buy", "colours", "spillover", "fragile", "price")
"""What is counted, in the default order; gates, product ids and the brightest reading follow."""

_MOST_STEPS = 10**9


@dataclass(frozen=True, slots=True)
class Practical:
    """What a panel asks of the bench.

    Attributes:
        unsourced: Products that no source shows.
        to_buy: Products that are not in stock; 0 where no inventory is given.
        colours: Slots.
        spillover: Conventional: spillover burden; spectral: complexity index.
        fragile: Dyes that light or fixation breaks.
        unknown_prices: Products whose price is unknown.
        price: What the others cost, with deliveries.
        gates: Gates of all targets.
        products: Ranks of the products, ascending.
        dim: Light that is given away where dyes are not read in their best detectors, summed shares.
    """

    unsourced: int
    to_buy: int
    colours: int
    spillover: float
    fragile: int
    unknown_prices: int
    price: float
    gates: int
    products: tuple[int, ...]
    dim: float

    def key(self, prefer: Sequence[str] = ()) -> tuple[object, ...]:
        """Return what is compared, smaller is better: the preferred words first, the others in the default order."""
        values: dict[str, tuple[object, ...]] = {
            "sourced": (self.unsourced,),
            "to_buy": (self.to_buy,),
            "colours": (self.colours,),
            "spillover": (whole_steps(self.spillover),),
            "fragile": (self.fragile,),
            "price": (self.unknown_prices, self.price),
        }
        return (
            *(number for word in word_order(prefer) for number in values[word]),
            self.gates,
            self.products,
            self.dim,
        )


def word_order(prefer: Sequence[str]) -> tuple[str, ...]:
    """Return all words of objective 3: the preferred ones first, then the others in the default order."""
    return tuple(dict.fromkeys((*prefer, *ORDER)))


def whole_steps(value: float) -> int:
    """Return how many whole steps a spillover burden or complexity index has."""
    return int(min(np.floor(value / STEP + ROUNDING), _MOST_STEPS))


def practical(instance: Instance, slots: Sequence[SlotIndex], gates: int) -> Practical:
    """Return what a panel asks of the bench.

    Args:
        instance: The question.
        slots: The panel.
        gates: Gates of all targets.
    """
    reagents = [(m, slot.dye) for slot in slots for m in slot.markers]
    return Practical(
        unsourced=sum(not instance.sourced[reagent] for reagent in reagents),
        to_buy=0 if instance.owned is None else sum(not instance.owned[reagent] for reagent in reagents),
        colours=len(slots),
        spillover=spillover_burden(instance, slots) if instance.conventional else panel_complexity(instance, slots),
        fragile=sum(bool(instance.fragile[slot.dye]) for slot in slots),
        unknown_prices=sum(bool(np.isnan(instance.price[reagent])) for reagent in reagents),
        price=round(instance.cost(reagents), 6),
        gates=gates,
        products=tuple(sorted(int(instance.product_rank[reagent]) for reagent in reagents)),
        dim=dim_light(instance, [slot.detector for slot in slots], [slot.dye for slot in slots]),
    )


def practical_key(instance: Instance, score: PanelScore) -> tuple[object, ...]:
    """Return what objective 3 compares of a judged panel, smaller is better."""
    return practical(instance, score.slots, score.gate_count).key(instance.prefer)


def spillover_burden(instance: Instance, slots: Sequence[SlotIndex]) -> float:
    """Return the sum over ordered pairs of slots of the light of one dye in the detector of the other.

    Each is a share of what the dye gives in its own detector.
    """
    detectors, dyes = [slot.detector for slot in slots], [slot.dye for slot in slots]
    light = instance.signal[np.ix_(detectors, dyes)]
    return float((light / np.diagonal(light)).sum() - len(slots))


def dim_light(instance: Instance, detectors: Sequence[int], dyes: Sequence[int]) -> float:
    """Return how much of their best light dyes give away, summed over slots.

    Args:
        instance: The question.
        detectors: Where the dyes are read.
        dyes: The dyes.
    """
    light = instance.signal[list(detectors), list(dyes)] / instance.signal[:, list(dyes)].max(axis=0)
    return round(float((1.0 - light).sum()), DIM_DIGITS)


def as_good(best: PanelScore, other: PanelScore, slack: float) -> bool:
    """Whether a panel is as good as the best one: in the worst pair, and in the odds of every tube by the claims.

    Without slack nothing is given away, the sum over pairs included.

    Args:
        best: The panel to compare with.
        other: The panel in question.
        slack: How much may be given up, log10.
    """
    if slack == 0 and other.total < best.total - ROUNDING:
        return False
    return other.worst >= best.worst - slack - ROUNDING and all(
        mine.odds_at_least >= its.odds_at_least - slack - ROUNDING
        for mine, its in zip(other.views, best.views, strict=True)
    )
