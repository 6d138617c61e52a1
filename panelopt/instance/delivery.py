"""Who sells what at what price, what deliveries cost, and the cheapest way to buy the reagents of a panel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from panelopt.frozen import dataclass

FloatArray = npt.NDArray[np.float64]

_SAME = 1e-9  # prices closer than this are equal


@dataclass(frozen=True, slots=True)
class Purchase:
    """Where each reagent is bought.

    Attributes:
        price: Sum of the packs; unknown prices count as 0.
        shipping: Sum of the deliveries.
        source: Index of the source of each reagent, in their order.
    """

    price: float
    shipping: float
    source: tuple[int, ...]

    @property
    def total(self) -> float:
        """Packs and deliveries."""
        return self.price + self.shipping


@dataclass(frozen=True, eq=False)
class Delivery:
    """Sources of products, and the cost of one delivery from each.

    Source 0 is everything without a delivery to pay: your stock, and vendors that ship for free.

    Attributes:
        vendor: Names of the sources, the preferred vendors first; source 0 has none.
        shipping: (S,) cost of one delivery; 0 for source 0, above 0 for the others.
        price: (S, M, F) cheapest pack of each source; inf = not sold there, an unknown price counts as 0.
    """

    vendor: tuple[str, ...]
    shipping: FloatArray
    price: FloatArray

    def __post_init__(self) -> None:
        self.shipping.setflags(write=False)
        self.price.setflags(write=False)

    @cached_property
    def worth(self) -> FloatArray:
        """(S, M, F) prices; inf also where a source is never needed for a product.

        A source is never needed if source 0 sells the product for no more, or if another one sells it for less even
        with a delivery paid for this product alone: switching to it never costs more.
        """
        dear = self.price >= self.price[0] - _SAME
        dear[0] = False
        alone = self.price + self.shipping[:, None, None]
        least = alone.min(axis=0)
        dear[1:] |= self.price[1:] > least + _SAME
        return np.where(dear, np.inf, self.price)

    @cached_property
    def least(self) -> FloatArray:
        """(M, F) least total price of each product bought alone, pack and delivery."""
        return np.asarray((self.price + self.shipping[:, None, None]).min(axis=0))

    def cheapest(self, reagents: Sequence[tuple[int, int]]) -> Purchase:
        """Return the cheapest way to buy reagents (marker, dye).

        Ties go to the fewest deliveries, then to the preferred vendors.
        """
        markers, dyes = [m for m, _ in reagents], [f for _, f in reagents]
        price = self.worth[:, markers, dyes]
        chosen = _Chooser(price, self.shipping).best()
        among = price[[0, *chosen]]
        places = among.argmin(axis=0)
        return Purchase(
            float(among.min(axis=0).sum()),
            float(self.shipping[list(chosen)].sum()),
            tuple(int((0, *chosen)[place]) for place in places),
        )


class _Chooser:
    """Chooses deliveries by branch and bound over the sources."""

    def __init__(self, price: FloatArray, shipping: FloatArray) -> None:
        self.price = price
        self.shipping = shipping
        sold = np.isfinite(price)
        self._sources = [int(s) for s in np.flatnonzero(sold.any(axis=1)) if s > 0]
        # a delivery for k of n reagents accounts for at least k / n of its price
        share = price + (shipping / np.maximum(sold.sum(axis=1), 1))[:, None]
        rest = np.full((len(self._sources) + 1, price.shape[1]), np.inf)
        for i in reversed(range(len(self._sources))):
            rest[i] = np.minimum(rest[i + 1], share[self._sources[i]])
        self._rest = rest
        self._best: tuple[float, int, tuple[int, ...]] = (np.inf, 0, ())

    def best(self) -> tuple[int, ...]:
        """Return the sources to buy from besides source 0."""
        self._visit(0, (), self.price[0], 0.0)
        return self._best[2]

    def _visit(self, place: int, chosen: tuple[int, ...], price: FloatArray, spent: float) -> None:
        bound = spent + float(np.minimum(price, self._rest[place]).sum())
        if not np.isfinite(bound) or bound > self._best[0] + 1e-6:
            return
        if place == len(self._sources):
            self._best = min(self._best, (round(bound, 6), len(chosen), chosen))
            return
        source = self._sources[place]
        if (self.price[source] < price).any():
            cheaper = np.minimum(price, self.price[source])
            self._visit(place + 1, (*chosen, source), cheaper, spent + float(self.shipping[source]))
        self._visit(place + 1, chosen, price, spent)
