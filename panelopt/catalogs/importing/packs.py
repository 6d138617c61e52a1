"""Pack and price of a row, as far as its cells say them plainly."""

from __future__ import annotations

import re

from panelopt.catalogs.importing import cells
from panelopt.catalogs.importing.files.map_file import PriceFacts
from panelopt.io.csv_table import number_text


def pack_and_price(given: dict[str, str], facts: PriceFacts, notes: list[str]) -> dict[str, object]:
    """Return size, unit, tests and prices of a conjugate.

    Args:
        given: Cells of the row by field.
        facts: How the list writes prices.
        notes: Takes what the fields cannot hold.
    """
    size = given.get("size", "")
    pack = cells.pack(size, given.get("unit", ""), given.get("tests", ""))
    values: dict[str, object] = {"size": pack.size, "unit": pack.unit, "tests": number_text(pack.tests)}
    if _plain(f"{pack.size}{pack.unit}") != _plain(size + given.get("unit", "")):
        notes.append(f"pack written {size}")
    text = given.get("price", "")
    if not text or cells.nothing(text):
        return values
    money = cells.money(text, facts.decimal)
    currency = money.currency or cells.currency_in(given.get("currency", "")) or facts.currency
    if money.amount is None:
        notes.append(f"price written {text}")
        return values
    shown = f"price {number_text(money.amount)} {currency}".strip()
    if facts.per == "unknown":
        notes.append(f"{shown} for an amount that is not stated")
    elif facts.per == "pack":
        per_test = money.amount / pack.tests if pack.tests else None
        values |= {"price": money.amount, "currency": currency, "price_per_test": _rounded(per_test)}
    else:
        values["price_per_test"] = _rounded(money.amount)
        if pack.tests:
            values |= {"price": round(money.amount * pack.tests, 4), "currency": currency}
        else:
            notes.append(f"{shown} per test")
    return values


def _rounded(amount: float | None) -> str:
    return number_text(None if amount is None else round(amount, 4))


def _plain(text: str) -> str:
    return re.sub(r"[\s.]+", "", text.casefold().replace("\u00b5", "u").replace("\u03bc", "u"))
