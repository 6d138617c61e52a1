"""Which products may be used, and which one stands for its marker and dye."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from panelopt.domain.problem import Locked, Problem
from panelopt.domain.reagents import VIABILITY_MARKER, Catalog, Conjugate, Fluorochrome
from panelopt.errors import Finding, input_error


@dataclass(frozen=True, slots=True)
class Product:
    """A conjugate with what the search needs to know of its catalog."""

    conjugate: Conjugate
    owned: bool = False

    @property
    def cost(self) -> float | None:
        """Price of one pack; 0 on the own shelf, None where unknown."""
        return 0.0 if self.owned else self.conjugate.price

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorting key: own shelf, known and low price, in stock, sourced, smallest product id."""
        cost = self.cost
        return (
            not self.owned,
            cost is None,
            cost or 0.0,
            self.conjugate.in_stock is False,
            self.conjugate.availability == "unverified",
            self.conjugate.product_id,
        )


Shelf = Mapping[tuple[str, str], tuple[Product, ...]]
"""Products by (marker, fluorochrome), best first."""


def eligible_products(
    problem: Problem,
    catalogs: Sequence[Catalog],
    dyes: Mapping[str, Fluorochrome],
    *,
    budget: float | None,
    allow_unknown_price: bool,
) -> tuple[Shelf, tuple[Finding, ...]]:
    """Return the products that the limits of the problem leave, by marker and dye.

    Returns:
        The shelf, and remarks on what was left out.

    Raises:
        InputError: if a budget meets prices in more than one currency.
    """
    markers = {marker.name for marker in problem.marker if marker.role != "forbidden"}
    shelf: dict[tuple[str, str], list[Product]] = {}
    currencies: set[str] = set()
    unpriced = 0
    for catalog in catalogs:
        for conjugate in catalog.conjugates:
            if conjugate.marker not in markers or not _fits(problem, conjugate, dyes):
                continue
            product = Product(conjugate, catalog.inventory)
            if budget is not None and product.cost is None and not allow_unknown_price:
                unpriced += 1
                continue
            if conjugate.price is not None and not product.owned:
                currencies.add(conjugate.currency or catalog.currency)
            shelf.setdefault((conjugate.marker, conjugate.fluorochrome), []).append(product)
    if budget is not None:
        _check_currencies(problem, currencies)
    remarks = []
    if unpriced:
        remarks.append(
            Finding(
                "unknown-price",
                f"{unpriced} products without a price are left out because a budget is set",
                hint="Use --allow-unknown-price to admit them.",
            )
        )
    return {key: tuple(sorted(found, key=lambda p: p.rank)) for key, found in sorted(shelf.items())}, tuple(remarks)


def _fits(problem: Problem, conjugate: Conjugate, dyes: Mapping[str, Fluorochrome]) -> bool:
    dye = dyes.get(conjugate.fluorochrome)
    limits = problem.limits
    if dye is None or dye.use == "autofluorescence" or dye.name in limits.exclude_fluorochromes:
        return False
    if limits.exclude_tandems and dye.is_tandem:
        return False
    if limits.vendors and conjugate.vendor.casefold() not in {vendor.casefold() for vendor in limits.vendors}:
        return False
    if conjugate.marker == VIABILITY_MARKER:
        return dye.use == "fixable_viability" or (dye.use == "live_viability" and problem.sample.state == "live")
    return dye.use == "antibody"


def _check_currencies(problem: Problem, currencies: Iterable[str]) -> None:
    wanted = {problem.limits.currency} if problem.limits.currency else set()
    found = sorted({currency or "unnamed" for currency in currencies} | wanted)
    if len(found) > 1:
        raise input_error(
            "mixed-currencies",
            f"a budget cannot be compared with prices in several currencies: {', '.join(found)}",
            where=f"{problem.id}: limits.budget",
            hint="Use catalogs with one currency, or leave the budget out.",
        )


def locked_product(lock: Locked, shelf: Shelf) -> Product | None:
    """Return the product that a lock names, the best one of those that fit, or None."""
    for product in shelf.get((lock.marker, lock.fluorochrome), ()):
        conjugate = product.conjugate
        wanted = (
            (lock.clone, conjugate.clone),
            (lock.catalog_number, conjugate.catalog_number),
            (lock.vendor, conjugate.vendor),
        )
        if all(not want or want.casefold() == have.casefold() for want, have in wanted):
            return product
    return None
