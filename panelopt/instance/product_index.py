"""Products by marker and fluorochrome, for catalogs of any length: products are built on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from panelopt.domain.conjugate_table import ConjugateTable, RowIndex
from panelopt.domain.reagents import Conjugate
from panelopt.instance.product import Key, Product

_NOTHING: Mapping[Key, tuple[Product, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CatalogRows:
    """Rows of one catalog.

    Attributes:
        table: Its conjugates.
        rows: Rows by marker and fluorochrome, in the order of :attr:`panelopt.instance.products.Product.rank`.
        product: Makes a product of a conjugate.
    """

    table: ConjugateTable
    rows: Mapping[Key, RowIndex]
    product: Callable[[Conjugate], Product]

    def products(self, rows: RowIndex) -> list[Product]:
        """Return the products of some rows."""
        return [self.product(conjugate) for conjugate in self.table.take(rows)]


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

    def best(self) -> dict[Key, Product]:
        """Return the best product of each marker and fluorochrome."""
        return {key: found[0] for key, found in self._some(lambda _, rows: rows[:1]).items()}

    def best_of_vendors(self) -> dict[Key, tuple[Product, ...]]:
        """Return the best product of each vendor, best first, by marker and fluorochrome."""

        def first_of_each(table: ConjugateTable, rows: RowIndex) -> RowIndex:
            _, first = np.unique(table.column("vendor").code[rows], return_index=True)
            return rows[np.sort(first)]

        return self._some(first_of_each)

    def _some(self, chosen: Callable[[ConjugateTable, RowIndex], RowIndex]) -> dict[Key, tuple[Product, ...]]:
        """Return some of the products, best first; those of one catalog are built at once."""
        found: dict[Key, list[Product]] = {key: [] for key in self._keys}
        for catalog in self._catalogs:
            left = {key: chosen(catalog.table, rows) for key, rows in catalog.rows.items() if key not in self._instead}
            keys = [key for key, rows in left.items() for _ in rows]
            made = catalog.products(np.concatenate([*left.values(), np.empty(0, dtype=np.int64)]))
            for key, product in zip(keys, made, strict=True):
                found[key].append(product)
        for products in found.values():
            if len(products) > 1:
                products.sort(key=lambda product: product.rank)
        ranked = {key: tuple(products) for key, products in found.items()}
        return {**ranked, **self._instead}
