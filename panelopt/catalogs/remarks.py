"""Remarks on catalogs: what does not keep a list from being used, but should be known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from panelopt.catalogs.manifest import MANIFEST_FILE
from panelopt.domain.reagents import Conjugate
from panelopt.errors import Finding


class KnownNames(Protocol):
    """Canonical names behind spellings, as :class:`panelopt.domain.name_table.NameTable` offers them."""

    def resolve(self, name: str) -> str | None:
        """Return the canonical name, or ``None`` if the spelling is unknown."""

    def suggest(self, name: str) -> str:
        """Return a hint such as ``Did you mean BV421?``, or an empty text."""


def unknown_fluorochrome(name: str, count: int, line: str, fluorochromes: KnownNames) -> Finding:
    """Return the remark on a dye whose optics are not known; ``line`` is where it stands first."""
    return Finding(
        "unknown-fluorochrome",
        f"fluorochrome {name} is not known; {_count(count, 'conjugate')} cannot be used",
        f"{line}, column fluorochrome",
        fluorochromes.suggest(name) or "Add its optics with `panelopt dye import`.",
    )


def price_without_currency(where: str) -> Finding:
    """Return the remark on prices without a currency."""
    hint = f"Set currency in {MANIFEST_FILE} or in the column currency."
    return Finding("price-without-currency", "some prices have no currency", where, hint)


def shared_number(vendor: str, number: str, count: int, where: str) -> Finding:
    """Return the remark on a catalog number of several conjugates."""
    message = f"catalog number {number} of {vendor or 'no vendor'} stands for {count} different conjugates"
    return Finding("shared-catalog-number", message, where, "Check the rows against the vendor's list.")


def row_remarks(conjugates: Sequence[Conjugate], where: str) -> list[Finding]:
    """Return the remarks on conjugates that belong to no line."""
    remarks = []
    if any(conjugate.price is not None and not conjugate.currency for conjugate in conjugates):
        remarks.append(price_without_currency(where))
    products = {(c.vendor, c.catalog_number, c.marker, c.fluorochrome) for c in conjugates if c.catalog_number}
    shared = Counter(key[:2] for key in sorted(products))
    return remarks + [shared_number(*key, count, where) for key, count in shared.items() if count > 1]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
