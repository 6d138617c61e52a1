"""Prices of the product that represents each marker and dye, and of every vendor where deliveries cost something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from panelopt.domain.name_table import bare
from panelopt.domain.panel_constraints import PanelConstraints
from panelopt.frozen import dataclass
from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.instance.delivery import Delivery
from panelopt.instance.product import Offer, Product, Vendors
from panelopt.instance.product_index import ProductIndex


@dataclass(frozen=True, slots=True)
class Offers:
    """Available products as arrays; names as in :class:`panelopt.instance.arrays.Instance`.

    Attributes:
        products: Products by (marker, fluorochrome), best first; the first represents the others.
        sourced: (M, F) whether a source shows the product; true where there is none.
    """

    products: ProductIndex
    available: BoolArray
    price: FloatArray
    product_rank: npt.NDArray[np.int64]
    owned: BoolArray | None
    delivery: Delivery | None
    sourced: BoolArray


def offers_of(
    products: ProductIndex, markers: Sequence[str], dyes: Sequence[str], constraints: PanelConstraints
) -> Offers:
    """Return the arrays of some products.

    Args:
        products: Products by (marker, fluorochrome), best first.
        markers: Names of the rows of the arrays.
        dyes: Names of the columns.
        constraints: Preferred vendors and the cost of their deliveries.
    """
    shape = (len(markers), len(dyes))
    available, owned, sourced = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool), np.ones(shape, dtype=bool)
    price = np.full(shape, np.nan)
    rank = np.zeros(shape, dtype=np.int64)
    row, column = ({name: place for place, name in enumerate(names)} for names in (markers, dyes))
    places = {(marker, dye): (row[marker], column[dye]) for marker, dye in products}
    first = products.best()
    for place, key in enumerate(sorted(first, key=lambda k: (first[k].preference, first[k].product_id))):
        offer, cell = first[key], places[key]
        available[cell], owned[cell], sourced[cell], rank[cell] = True, offer.owned, offer.sourced, place
        if offer.cost is not None:
            price[cell] = offer.cost
    delivery = _delivery(products, places, shape, Vendors(constraints))
    return Offers(products, available, price, rank, owned if owned.any() else None, delivery, sourced)


def bought(
    offers: Offers, constraints: PanelConstraints, reagents: Mapping[tuple[str, str], tuple[int, int]]
) -> dict[tuple[str, str], Product]:
    """Return the product of each reagent when all of them are bought as cheaply as possible.

    Args:
        offers: Available products.
        constraints: As for :func:`offers_of`.
        reagents: Indices of marker and dye, by their names; those that nobody sells are left out.
    """
    keys = [key for key in reagents if key in offers.products]
    if offers.delivery is None:
        return {key: offers.products[key][0] for key in keys}
    sources = offers.delivery.cheapest([reagents[key] for key in keys]).source
    row = _rows(offers.delivery.vendor)
    vendors = Vendors(constraints)
    return {
        key: next(p for p in offers.products[key] if _source(p.offer, vendors, row) == source)
        for key, source in zip(keys, sources, strict=True)
    }


def _delivery(
    products: ProductIndex, places: Mapping[tuple[str, str], tuple[int, int]], shape: tuple[int, int], vendors: Vendors
) -> Delivery | None:
    """Return who sells what, or None if no delivery costs anything."""
    if not any(vendors.shipping.values()):
        return None
    sold = {key: _as_good(found) for key, found in products.best_of_vendors().items()}
    paid = sorted({offer.vendor for found in sold.values() for offer in found if vendors.shipping_of(offer)})
    if not paid:
        return None
    names = sorted({bare(name): name for name in paid}.values(), key=lambda n: (vendors.preference(n), n))
    row = _rows(("", *names))
    price = np.full((len(names) + 1, *shape), np.inf)
    for key, found in sold.items():
        # an unknown price counts as 0, but only where no price is known
        for offer in [one for one in found if one.cost is not None] or found:
            cell = (_source(offer, vendors, row), *places[key])
            price[cell] = min(price[cell], offer.cost or 0.0)
    price[0, np.isinf(price).all(axis=0)] = 0.0  # sold by nobody: no price is known
    shipping = np.array([0.0, *(vendors.shipping[bare(name)] for name in names)])
    return Delivery(("", *names), shipping, price)


def _as_good(offers: Sequence[Offer]) -> Sequence[Offer]:
    """Return offers without those that nothing shows, if something shows the first."""
    return [offer for offer in offers if offer.sourced or not offers[0].sourced]


def _rows(vendors: Sequence[str]) -> dict[str, int]:
    return {bare(name): place for place, name in enumerate(vendors)}


def _source(offer: Offer, vendors: Vendors, row: Mapping[str, int]) -> int:
    """Return the source index of an offer, as in :class:`Delivery`."""
    return row[bare(offer.vendor)] if vendors.shipping_of(offer) else 0
