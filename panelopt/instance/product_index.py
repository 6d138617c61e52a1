"""Products by marker and fluorochrome, for catalogs of any length: products are built on demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from panelopt.domain.conjugate_table import ConjugateTable, RowIndex
from panelopt.domain.reagents import PRODUCT_ID
from panelopt.frozen import dataclass
from panelopt.instance.product import SOURCED, Key, Offer, Product, Vendors
from panelopt.instance.ranked_rows import RankedRows

_NOTHING: Mapping[Key, tuple[Product, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CatalogRows:
    """Rows of one catalog.

    Attributes:
        table: Its conjugates.
        rows: Rows by marker and fluorochrome.
        vendors: Vendor constraints of the problem.
        owned: Whether the products are in stock.
    """

    table: ConjugateTable
    rows: RankedRows
    vendors: Vendors
    owned: bool

    def products(self, rows: RowIndex) -> list[Product]:
        """Return the products of some rows."""
        preference = self.vendors.preference
        return [Product(found, self.owned, preference(found.vendor)) for found in self.table.take(rows)]

    def offers(self, rows: RowIndex) -> list[Offer]:
        """Return what decides between the products of some rows, as :attr:`Product.offer`."""
        ids = zip(*(self.table.cells(field, rows) for field in PRODUCT_ID), strict=True)
        others = (self.table.cells(field, rows) for field in ("availability", "price", "in_stock", "expires", "lot"))
        owned, preference = self.owned, self.vendors.preference
        return [
            Offer(
                owned=owned,
                sourced=owned or availability in SOURCED,
                cost=0.0 if owned else price,
                stocked=stocked,
                preference=preference(product_id[0]),
                expires=expires,
                product_id=product_id,
                lot=lot,
            )
            for product_id, availability, price, stocked, expires, lot in zip(ids, *others, strict=True)
        ]


class ProductIndex(Mapping[Key, tuple[Product, ...]]):
    """Products of all catalogs by (marker, fluorochrome), best first.

    Args:
        catalogs: Rows of each catalog.
        instead: Products that replace those of the catalogs; no list is empty.
    """

    def __init__(self, catalogs: Sequence[CatalogRows], instead: Mapping[Key, tuple[Product, ...]] = _NOTHING) -> None:
        self._catalogs = tuple(catalogs)
        self._instead = dict(instead)
        self._keys = dict.fromkeys(sorted({*self._instead, *(key for c in self._catalogs for key in c.rows)}))

    def __getitem__(self, key: Key) -> tuple[Product, ...]:
        if key in self._instead:
            return self._instead[key]
        if key not in self._keys:
            raise KeyError(key)
        found = [product for c in self._catalogs if key in c.rows for product in c.products(c.rows[key])]
        return tuple(sorted(found, key=lambda product: product.rank))

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def with_products(self, products: Mapping[Key, tuple[Product, ...]]) -> ProductIndex:
        """Return an index with other products for some markers and fluorochromes."""
        return ProductIndex(self._catalogs, {**self._instead, **products})

    def best(self) -> dict[Key, Offer]:
        """Return the best product of each marker and fluorochrome."""
        found = self._offers((list(c.rows), c.rows.best()) for c in self._catalogs)
        return {key: offers[0] for key, offers in found.items()}

    def best_of_vendors(self) -> dict[Key, tuple[Offer, ...]]:
        """Return the best product of each vendor, best first, by marker and fluorochrome."""

        def firsts(catalog: CatalogRows) -> tuple[list[Key], RowIndex]:
            vendor = catalog.table.column("vendor").code
            rows = {key: found[_first_of_each(vendor[found])] for key, found in catalog.rows.items()}
            keys = [key for key, some in rows.items() for _ in some]
            return keys, np.concatenate([*rows.values(), np.empty(0, dtype=np.int64)])

        return self._offers(firsts(catalog) for catalog in self._catalogs)

    def _offers(self, chosen: Iterable[tuple[Sequence[Key], RowIndex]]) -> dict[Key, tuple[Offer, ...]]:
        """Return what rows of each catalog offer, best first; their keys are given with them."""
        found: dict[Key, list[Offer]] = {key: [] for key in self._keys}
        for catalog, (keys, rows) in zip(self._catalogs, chosen, strict=True):
            for key, offer in zip(keys, catalog.offers(rows), strict=True):
                found[key].append(offer)
        for offers in found.values():
            if len(offers) > 1:
                offers.sort(key=lambda offer: offer.rank)
        instead = {key: tuple(product.offer for product in products) for key, products in self._instead.items()}
        return {**{key: tuple(offers) for key, offers in found.items()}, **instead}


def _first_of_each(codes: npt.NDArray[np.integer[Any]]) -> RowIndex:
    """Return the places where a number occurs for the first time, in order."""
    return np.sort(np.unique(codes, return_index=True)[1])
