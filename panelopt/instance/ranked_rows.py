"""Rows of a catalog by marker and fluorochrome, ranked when they are asked for: most are never looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from panelopt.domain.conjugate_table import ConjugateTable, RowIndex
from panelopt.instance.product import SOURCED, Key, Vendors

RankKey = Callable[[RowIndex], npt.NDArray[Any]]
"""Returns a number for each of some rows; lower numbers rank first."""


class RankedRows(Mapping[Key, RowIndex]):
    """Rows of a table by marker and fluorochrome, each in the order of :attr:`panelopt.instance.product.Product.rank`.

    Args:
        table: The conjugates.
        fits: Which rows count, shape (rows,).
        keys: What ranks rows of one marker and fluorochrome, most important first; of equals, the order of the table.
    """

    def __init__(self, table: ConjugateTable, fits: npt.NDArray[np.bool_], keys: Sequence[RankKey]) -> None:
        self._rows, pair = _grouped(table.in_order(np.flatnonzero(fits)), pair_codes(table))
        self._keys = keys
        self._starts = np.flatnonzero(np.diff(pair, prepend=-1))
        ends = [*self._starts[1:].tolist(), len(pair)][: len(self._starts)]
        first = self._rows[self._starts]
        names = zip(table.cells("marker", first), table.cells("fluorochrome", first), strict=True)
        self._places = dict(zip(names, zip(self._starts.tolist(), ends, strict=True), strict=True))

    def __getitem__(self, key: Key) -> RowIndex:
        rows = self._rows[slice(*self._places[key])]
        return rows[np.lexsort([ranks(rows) for ranks in reversed(self._keys)])]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def best(self) -> RowIndex:
        """Return the first row of each marker and fluorochrome, in the order of the keys."""
        rows, starts = self._rows, self._starts
        for ranks in self._keys:
            if len(rows) == len(starts):
                break
            number = ranks(rows)
            counts = np.diff(starts, append=len(rows))
            stays = number == np.repeat(np.minimum.reduceat(number, starts), counts)
            left = np.add.reduceat(stays, starts, dtype=np.int64)
            rows, starts = rows[stays], np.cumsum(left) - left
        return rows[starts]


def rank_keys(table: ConjugateTable, vendors: Vendors, *, owned: bool) -> list[RankKey]:
    """Return what ranks the products of one catalog, as :attr:`panelopt.instance.product.Product.rank` does.

    Args:
        table: The conjugates.
        vendors: Which vendors go first.
        owned: Whether the products are in stock: then neither sources nor prices count.
    """
    column, price, is_empty = cache(table.column), cache(table.price), cache(table.is_empty)  # lists are read anew
    bought: list[RankKey] = [
        lambda rows: column("availability").at(rows).where(lambda word: word not in SOURCED),
        lambda rows: np.nan_to_num(price()[rows], nan=np.inf),
    ]
    return [
        *([] if owned else bought),
        lambda rows: column("in_stock").at(rows).where(lambda stocked: stocked is False),
        lambda rows: column("vendor").at(rows).numbers(vendors.preference),
        lambda rows: column("expires").at(rows).numbers(lambda day: (day or date.max).toordinal()),
        lambda rows: is_empty("catalog_number")[rows],
    ]


def pair_codes(table: ConjugateTable) -> npt.NDArray[np.int64]:
    """Return a number for each row that identifies its marker and fluorochrome, shape (rows,)."""
    marker, dye = table.column("marker"), table.column("fluorochrome")
    return marker.code.astype(np.int64) * len(dye.values) + dye.code


def _grouped(rows: RowIndex, pair: npt.NDArray[np.int64]) -> tuple[RowIndex, npt.NDArray[np.int64]]:
    """Return rows with those of one pair side by side, else in their order, and the pair of each."""
    found = pair[rows]
    starts = found[np.flatnonzero(np.diff(found, prepend=-1))].tolist()
    if len(set(starts)) == len(starts):  # compiled catalogs are sorted by marker and fluorochrome
        return rows, found
    order = np.argsort(found, kind="stable")
    return rows[order], found[order]
