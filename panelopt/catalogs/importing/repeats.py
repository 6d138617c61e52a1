"""Rows that repeat a product: one stays, the one in stock if any, with the species of all."""

from __future__ import annotations

from array import array

from panelopt.catalogs.importing.files.raw import Fault, RawRow
from panelopt.domain.reagents import Conjugate
from panelopt.domain.suitability import reacts_with


class Repeats:
    """Sees the conjugates of a list in their order, and tells which of them repeat another.

    Rows for several species are one product only where a catalog number, or vendor and clone, say so. Otherwise each
    keeps its own species, and of two that look the same the one for human cells stays. Of a million rows only
    numbers are held.

    Attributes:
        replaced: Faults of conjugates that a later row of the same product replaced, by their numbers.
    """

    def __init__(self) -> None:
        self.replaced: dict[int, Fault] = {}
        self._lines = array("q")
        self._stocked = bytearray()
        self._not_human = bytearray()
        self._by_cells: dict[int, int] = {}
        self._by_product: dict[int, int] = {}
        self._species: dict[int, str] = {}
        self._words: dict[str, str] = {}
        self._several: dict[int, dict[str, None]] = {}

    def see(self, row: RawRow, conjugate: Conjugate) -> Fault | None:
        """Return why a row is rejected, if it is; a row that stays gets the next number, from 0."""
        identified = bool(conjugate.catalog_number or (conjugate.vendor and conjugate.clone))
        not_human = reacts_with(conjugate.reactivity, "human") is False
        if identified:
            self._add_species(conjugate)
        cells = hash(row.cells)
        if (first := self._by_cells.get(cells)) is not None:
            return Fault("duplicate", f"duplicate of line {first}")
        self._by_cells[cells] = row.line
        number = len(self._lines)
        product = hash((*conjugate.product_id, conjugate.lot))
        kept = self._by_product.setdefault(product, number)
        if kept != number:
            turns_human = not identified and self._not_human[kept] and not not_human
            comes_in_stock = conjugate.in_stock and not self._stocked[kept]
            loses_human = not identified and not_human and not self._not_human[kept]
            if not turns_human and (loses_human or not comes_in_stock):
                return _same(self._lines[kept])
            self.replaced[kept] = _same(row.line)
            self._by_product[product] = number
        self._lines.append(row.line)
        self._stocked.append(conjugate.in_stock is True)
        self._not_human.append(not_human)
        return None

    def with_all_species(self, conjugate: Conjugate) -> Conjugate:
        """Return a product with every species that one of its rows names: a list may have one row for each."""
        named = self._several.get(hash(conjugate.product_id))
        if named is None:
            return conjugate
        words = ", ".join(dict.fromkeys(word for text in named for word in text.split(", ")))
        note = "; ".join(filter(None, (conjugate.note, "reactivity of several rows of the list")))
        return conjugate.model_copy(update={"reactivity": words, "note": note})

    def _add_species(self, conjugate: Conjugate) -> None:
        if not conjugate.reactivity:
            return
        text = self._words.setdefault(conjugate.reactivity, conjugate.reactivity)
        product = hash(conjugate.product_id)
        first = self._species.setdefault(product, text)
        if first != text:
            self._several.setdefault(product, {first: None})[text] = None


def _same(line: int) -> Fault:
    return Fault("same product", f"same product as line {line}; other cells differ")
