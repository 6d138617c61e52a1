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


def _shared_numbers(text: dict[str, Words]) -> list[Finding]:
    number = text["catalog_number"]
    often = np.bincount(number.code, minlength=len(number.word))[number.code] > 1
    rows = np.flatnonzero(often & ~number.is_empty())
    columns = [text[name] for name in ("vendor", "catalog_number", "marker", "fluorochrome")]
    products = np.unique(np.stack([column.code[rows] for column in columns], axis=1), axis=0)
    counts = Counter((vendor, place) for vendor, place, *_ in products.tolist())
    vendors, numbers = text["vendor"].word, number.word
    shared = [(vendors[v].as_py(), numbers[n].as_py(), count) for (v, n), count in counts.items() if count > 1]
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
    keys = _packed([_places(text[column]) for column in PRODUCT_COLUMNS])
    order = np.lexsort(keys[::-1])
    if len(order) > 1 and np.logical_and.reduce([np.diff(key[order]) == 0 for key in keys]).any():
        raise UnusualError("a product is listed twice")
    unpriced = (text["currency"].is_empty() & ~np.isnan(price)).any()
    more = (*([price_without_currency("")] if unpriced else []), *_shared_numbers(text))
    return CatalogColumns(text, price, order, (*remarks, *more))


def _places(words: Words) -> npt.NDArray[np.int64]:
    """Return the place of each row's word among the sorted words, shape (rows,)."""
    import pyarrow.compute

    order = np.asarray(pyarrow.compute.array_sort_indices(words.word))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[words.code]


def _packed(keys: Sequence[npt.NDArray[np.int64]]) -> list[npt.NDArray[np.int64]]:
    """Return fewer sorting keys that give the same order: as many in one number as its bits hold."""
    packed, size = [keys[0]], int(keys[0].max()) + 1
    for key in keys[1:]:
        count = int(key.max()) + 1
        if size * count < _MAX_KEY:
            packed[-1], size = packed[-1] * count + key, size * count
        else:
            packed.append(key)
            size = count
    return packed
