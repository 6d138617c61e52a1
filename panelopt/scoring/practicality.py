"""Objective 3: what decides between panels that the model cannot tell apart.

A panel is *as good* as the best one if its worst log ratio gives up at most the slack and no tube holds more than
``10^slack`` times the contaminants. Among those, practical counts decide: products that can be bought, few colours,
little spillover, stable dyes, low prices. Panels of the same products differ only in detectors: the brightest wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.scoring.panel_score import PanelScore
from panelopt.scoring.rule_checks import panel_complexity

STEP = 0.05
"""Spillover burden and complexity index are compared in whole steps of this size (model value)."""

ROUNDING = 1e-9
"""Log ratios closer than this are equal."""

DIM_DIGITS = 6
"""Digits of a share of light that count, so that the processor does not decide."""

Word = Literal["sourced", "to_buy", "colours", "spillover", "fragile", "price"]
ORDER: tuple[Word, ...] = ("sourced", "to_buy", "colours", "spillover", "fragile", "price")
"""Counts in the default order; gates, product ids and the brightest reading follow."""

_MOST_STEPS = 10**9


@dataclass(frozen=True, slots=True)
class Practical:
    """What a panel asks of the bench.

    Attributes:
        unsourced: Products that no source shows.
        to_buy: Products that are not in stock; 0 where no inventory is given.
        colours: Slots.
        spillover: Conventional: spillover burden; spectral: complexity index.
        fragile: Dyes damaged by light or fixation.
        unknown_prices: Products whose price is unknown.
        price: Price of the others, with deliveries.
        gates: Gates of all targets.
        products: Ranks of the products, ascending.
        dim: Light lost by reading dyes outside their best detectors, summed shares.
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
        """Return the sort key, smaller is better: preferred words first, the others in default order."""
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
    """Return all words of objective 3: preferred ones first, the others in default order."""
    return tuple(dict.fromkeys((*prefer, *ORDER)))


def whole_steps(value: float) -> int:
    """Return the whole steps in a spillover burden or complexity index."""
    return int(min(np.floor(value / STEP + ROUNDING), _MOST_STEPS))


def burden(instance: Instance, slots: Sequence[SlotIndex]) -> float:
    """Return the spillover burden on a conventional instrument, and the complexity index on a spectral one."""
    return spillover_burden(instance, slots) if instance.conventional else panel_complexity(instance, slots)


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
        spillover=burden(instance, slots),
        fragile=sum(bool(instance.fragile[slot.dye]) for slot in slots),
        unknown_prices=sum(bool(np.isnan(instance.price[reagent])) for reagent in reagents),
        price=round(instance.cost(reagents), 6),
        gates=gates,
        products=tuple(sorted(int(instance.product_rank[reagent]) for reagent in reagents)),
        dim=dim_light(instance, [slot.detector for slot in slots], [slot.dye for slot in slots]),
    )


def practical_key(instance: Instance, score: PanelScore) -> tuple[object, ...]:
    """Return the key of objective 3 of a scored panel, smaller is better."""
    return practical(instance, score.slots, score.gate_count).key(instance.prefer)


def spillover_burden(instance: Instance, slots: Sequence[SlotIndex]) -> float:
    """Return the light of dyes in the detectors of other dyes, summed over ordered pairs of slots.

    Each term is a share of the dye's light in its own detector.
    """
    detectors, dyes = [slot.detector for slot in slots], [slot.dye for slot in slots]
    light = instance.signal[np.ix_(detectors, dyes)]
    return float((light / np.diagonal(light)).sum() - len(slots))


def dim_light(instance: Instance, detectors: Sequence[int], dyes: Sequence[int]) -> float:
    """Return the share of their best light that dyes lose, summed over slots.

    Args:
        instance: The question.
        detectors: Where the dyes are read.
        dyes: The dyes.
    """
    light = instance.signal[list(detectors), list(dyes)] / instance.signal[:, list(dyes)].max(axis=0)
    return round(float((1.0 - light).sum()), DIM_DIGITS)


def as_good(best: PanelScore, other: PanelScore, slack: float) -> bool:
    """Whether a panel is as good as the best one: in the worst pair, and in the odds of every tube by the claims.

    Without slack nothing may be lost, including the sum over pairs.

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
