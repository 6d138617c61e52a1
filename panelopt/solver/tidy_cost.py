"""What objective 3 counts before gates and product ids: of any panel, and as weights for the constraint model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from panelopt.bounds.options import Options
from panelopt.instance.arrays import Instance
from panelopt.solver.purchases import CENTS, option_cents, surcharges

TidyCostKey = tuple[int, int, float, int]
"""Colours, or products to be bought; unknown prices; price; colours."""


class TidyCost:
    """Colours, unknown prices and price, in this order; or first of all the products that must be bought.

    Args:
        instance: The question.
        options: All slots.
        prefer_inventory: Whether products to be bought count first, and colours after the price.
    """

    def __init__(self, instance: Instance, options: Options, *, prefer_inventory: bool = False) -> None:
        self.instance = instance
        self.options = options
        self.prefer_inventory = prefer_inventory
        self._surcharge = surcharges(instance)

    def key(self, panel: Sequence[int]) -> TidyCostKey:
        """Return what is counted of a panel of options, smaller is better."""
        chosen = list(panel)
        reagents = [(m, self.options.slots[o].dye) for o in chosen for m in self.options.slots[o].markers]
        first = int(self._to_buy[chosen].sum()) if self.prefer_inventory else len(chosen)
        unknown = int(self.options.unknown_prices[chosen].sum())
        return first, unknown, round(self.instance.cost(reagents), 6), len(chosen)

    @cached_property
    def _to_buy(self) -> np.ndarray:
        """(O,) reagents of each option that are not on the own shelf."""
        owned = self.instance.owned
        return np.array(
            [
                len(slot.markers) - (0 if owned is None else int(owned[list(slot.markers), slot.dye].sum()))
                for slot in self.options.slots
            ],
            dtype=int,
        )

    # ---- for the model

    @cached_property
    def weights(self) -> list[int]:
        """Share of every option as one number whose order is lexicographic; surcharges weigh :attr:`per_cent` each."""
        cents, unknown = option_cents(self.options), self.options.unknown_prices.astype(int)
        if self.prefer_inventory:
            per_unknown = self.per_cent * (self._most_cents + 1)
            per_product = per_unknown * (len(self.instance.marker) + 1)
            return [
                int(per_product * n + per_unknown * u + self.per_cent * c + 1)
                for n, u, c in zip(self._to_buy, unknown, cents, strict=True)
            ]
        per_unknown = sum(cents) + self._most_surcharge + 1
        per_colour = per_unknown * (int(unknown.sum()) + 1)
        return [int(per_colour + per_unknown * u + c) for u, c in zip(unknown, cents, strict=True)]

    @property
    def per_cent(self) -> int:
        """Weight of a hundredth: more than all colours, where these come after the price."""
        return len(self.instance.dye) + 1 if self.prefer_inventory else 1

    def value(self, panel: Sequence[int]) -> int:
        """Return what the model minimises, of one panel."""
        more = 0.0
        if self._surcharge is not None:
            reagents = [(m, self.options.slots[o].dye) for o in panel for m in self.options.slots[o].markers]
            more = self._surcharge.cheapest(reagents).total
        return sum(self.weights[o] for o in panel) + self.per_cent * round(more)

    @cached_property
    def _most_cents(self) -> int:
        """Hundredths that no panel exceeds, as a marker is stained once at most."""
        dearest = np.nan_to_num(self.instance.price).max(axis=1, initial=0.0)
        return int(np.ceil(dearest * CENTS).sum()) + self._most_surcharge

    @cached_property
    def _most_surcharge(self) -> int:
        """Hundredths that the surcharges of no panel exceed."""
        if self._surcharge is None:
            return 0
        more = np.where(np.isfinite(self._surcharge.price), self._surcharge.price, 0.0)
        return int(more.max(axis=(0, 2), initial=0.0).sum() + self._surcharge.shipping.sum())
