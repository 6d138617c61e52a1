"""A product as the search sees it, and the vendors it may be bought from."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from panelopt.domain.name_table import bare
from panelopt.domain.panel_constraints import PanelConstraints
from panelopt.domain.reagents import Conjugate
from panelopt.frozen import dataclass

Key = tuple[str, str]
"""Marker and fluorochrome."""

SOURCED = ("sourced", "")
"""Values of ``availability`` of products that a source shows; an empty cell means the catalog itself shows it."""


class Offer(NamedTuple):
    """What decides between products, without what describes them.

    Attributes:
        owned: Whether the product is in stock.
        sourced: Whether something shows that it exists.
        cost: Price of one pack; 0 if in stock, None if unknown.
        stocked: Whether its vendor has it in stock; None if unknown.
        preference: Rank of its vendor among the preferred ones.
        expires: Last day of use.
        product_id: Its vendor, and what else identifies it (see :class:`panelopt.domain.reagents.Conjugate`).
        lot: Lot in stock.
    """

    owned: bool
    sourced: bool
    cost: float | None
    stocked: bool | None
    preference: int
    expires: date | None
    product_id: tuple[str, str, str, str, str]
    lot: str

    @property
    def vendor(self) -> str:
        """Name of the vendor."""
        return self.product_id[0]

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorting key.

        Owned, sourced, price, in stock at the vendor, preferred vendor, first to expire, catalog number, product id.
        """
        return (
            not self.owned,
            not self.sourced,
            self.cost is None,
            self.cost or 0.0,
            self.stocked is False,
            self.preference,
            date.max if self.expires is None else self.expires,
            not self.product_id[1],
            self.product_id,
            self.lot,
        )


@dataclass(frozen=True, slots=True)
class Product:
    """A conjugate with what the search needs to know about its catalog.

    Attributes:
        conjugate: The product.
        owned: Whether it is in stock.
        preference: Rank of its vendor among the preferred ones.
    """

    conjugate: Conjugate
    owned: bool = False
    preference: int = 0

    @property
    def sourced(self) -> bool:
        """Whether something shows that the product exists.

        It is in stock, its row names a source, or its vendor lists it and leaves the column empty.
        """
        return self.owned or self.conjugate.availability in SOURCED

    @property
    def cost(self) -> float | None:
        """Price of one pack; 0 if in stock, None if unknown."""
        return 0.0 if self.owned else self.conjugate.price

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorting key, as :attr:`Offer.rank`."""
        return self.offer.rank

    @property
    def offer(self) -> Offer:
        """What decides between this product and others."""
        found = self.conjugate
        return Offer(
            self.owned,
            self.sourced,
            self.cost,
            found.in_stock,
            self.preference,
            found.expires,
            found.product_id,
            found.lot,
        )


class Vendors:
    """Vendor constraints of a problem; case, blanks and punctuation of names do not count.

    Args:
        constraints: Those of the problem.
    """

    def __init__(self, constraints: PanelConstraints) -> None:
        self.shipping = {bare(vendor): cost for vendor, cost in constraints.shipping.items()}
        self._only = {bare(vendor) for vendor in constraints.vendors}
        self._never = {bare(vendor) for vendor in constraints.exclude_vendors}
        self._preferred = [bare(vendor) for vendor in constraints.prefer_vendors]
        self._preference: dict[str, int] = {}

    def allows(self, vendor: str) -> bool:
        """Whether the vendor may be bought from."""
        name = bare(vendor)
        return (not self._only or name in self._only) and name not in self._never

    def preference(self, vendor: str) -> int:
        """Return the rank of a vendor among the preferred ones; the others come last."""
        if vendor not in self._preference:
            name, last = bare(vendor), len(self._preferred)
            self._preference[vendor] = self._preferred.index(name) if name in self._preferred else last
        return self._preference[vendor]

    def shipping_of(self, offer: Offer) -> float:
        """Return the cost of a delivery of the product; 0 if unknown."""
        return 0.0 if offer.owned else self.shipping.get(bare(offer.vendor), 0.0)
