"""Rows of a catalog by column, sorted by product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panelopt.catalogs.remarks import price_without_currency, shared_number
from panelopt.catalogs.rows import COLUMNS
from panelopt.catalogs.words import Words
from panelopt.errors import Finding
from panelopt.io.csv_layout import UnusualError

TEXT_COLUMNS = tuple(name for name in COLUMNS if name != "price")
PRODUCT_COLUMNS = ("marker", "fluorochrome", "vendor", "catalog_number", "clone")
"""What tells products apart, in the order in which they are kept."""

_MAX_KEY = 1 << 62

Places = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class CatalogColumns:
    """Rows of a catalog by column.

    Attributes:
        text: Columns of :data:`TEXT_COLUMNS`.
        price: Prices, NaN where unknown.
        order: Rows sorted by :data:`PRODUCT_COLUMNS`.
        remarks: Remarks of the reader, with only what follows the name of the file in ``where``.
        sha256: Hash of the content that was read.
    """

    text: dict[str, Words]
    price: npt.NDArray[np.float64]
    order: npt.NDArray[np.int64]
    remarks: tuple[Finding, ...]
    sha256: str = ""


def _shared_numbers(text: dict[str, Words], places: dict[str, Places]) -> list[Finding]:
    number = places["catalog_number"]
    often = np.bincount(number)[number] > 1
    rows = np.flatnonzero(often & ~text["catalog_number"].is_empty())
    columns = [places[name][rows] for name in ("vendor", "catalog_number", "marker", "fluorochrome")]
    products, first = np.unique(np.stack(columns, axis=1), axis=0, return_index=True)
    counts = Counter((vendor, place) for vendor, place, *_ in products.tolist())
    row_of = dict(zip(map(tuple, products[:, :2].tolist()), rows[first].tolist(), strict=True))
    vendor, numbers = text["vendor"], text["catalog_number"]
    several = [(row_of[key], count) for key, count in counts.items() if count > 1]
    shared = [(vendor.text_of(row), numbers.text_of(row), count) for row, count in several]
    return [shared_number(vendor, text_, count, "") for vendor, text_, count in sorted(shared)]


def sorted_columns(
    text: dict[str, Words], price: npt.NDArray[np.float64], remarks: Iterable[Finding]
) -> CatalogColumns:
    """Sort rows by product, and add the remarks that belong to no line.

    Args:
        text: Columns of :data:`TEXT_COLUMNS`.
        price: Prices, NaN where unknown.
        remarks: Remarks on rows.

    Raises:
        UnusualError: if a product is listed twice.
    """
    places = {column: _places(text[column]) for column in PRODUCT_COLUMNS}
    keys = _packed(list(places.values()))
    order = np.lexsort(keys[::-1])
    if len(order) > 1 and np.logical_and.reduce([np.diff(key[order]) == 0 for key in keys]).any():
        raise UnusualError("a product is listed twice")
    unpriced = (text["currency"].is_empty() & ~np.isnan(price)).any()
    more = (*([price_without_currency("")] if unpriced else []), *_shared_numbers(text, places))
    return CatalogColumns(text, price, order, (*remarks, *more))


def _places(words: Words) -> Places:
    """Return the place of each row's word among the sorted words, the same for equal ones, shape (rows,)."""
    import pyarrow.compute

    order = pyarrow.compute.array_sort_indices(words.word)
    ordered = words.word.take(order)
    differs = np.asarray(pyarrow.compute.not_equal(ordered[1:], ordered[:-1]))
    place = np.zeros(len(order), dtype=np.int32)
    place[np.asarray(order)[1:]] = np.cumsum(differs, dtype=np.int32)
    return place[words.code]


def _packed(keys: Sequence[Places]) -> list[npt.NDArray[np.int64]]:
    """Return fewer sorting keys that give the same order: as many in one number as its bits hold."""
    packed, size = [keys[0].astype(np.int64)], int(keys[0].max()) + 1
    for key in keys[1:]:
        count = int(key.max()) + 1
        if size * count < _MAX_KEY:
            packed[-1] *= count
            packed[-1] += key
            size *= count
        else:
            packed.append(key.astype(np.int64))
            size = count
    return packed
