"""Packs and prices of a row, as far as its cells say them plainly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from panelopt.catalogs.importing.files.map_file import PriceFacts
from panelopt.catalogs.importing.patterns import nothing
from panelopt.catalogs.importing.prices import currency_in, money
from panelopt.io.csv_table import number_text

_AMOUNT = re.compile(
    r"(?<!\d)(?P<number>\d{1,9}(?:[.,]\d{1,9})?)\s*(?P<unit>tests?\b|Bestimmungen\b|essais\b|pruebas\b|tsts?\b|T\b|reactions?\b|rxns?\b|assays?\b|"
    r"(?:\u00b5|\u03bc|u|m|n)?[Ll]\b|(?:\u00b5|\u03bc|u|m|n)?g\b|mc[gl]\b|microlit(?:er|re)s?\b|microgram(?:me)?s?\b|ml\b|vials?\b)"
    r"(?P<per>\s*(?:/|per)\s*(?:mL|ml|L|test|tst|\u00b5L|uL|\u03bcL)\b)?",
    re.IGNORECASE,
)
_TESTS_IN_WORDS = re.compile(r"(?:tests?|rxns?|reactions?)\s*[:=]?\s*(\d+)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack: amount with its unit as one pair, and how many tests it makes where the cell says so."""

    size: str = ""
    unit: str = ""
    tests: float | None = None


def pack_and_price(
    given: dict[str, str], facts: PriceFacts, notes: list[str], unclear: list[tuple[str, tuple[float, ...]]]
) -> dict[str, object]:
    """Return size, unit, tests and prices of a conjugate.

    Args:
        given: Cells of the row by field.
        facts: How the list writes prices.
        notes: Takes what the fields cannot hold.
        unclear: Takes a price that can be read two ways, with both amounts.
    """
    size = given.get("size", "")
    held = pack(size, given.get("unit", ""), given.get("tests", ""))
    values: dict[str, object] = {"size": held.size, "unit": held.unit, "tests": number_text(held.tests)}
    if not _is_said(held, size + given.get("unit", "")):
        notes.append(f"pack written {size}")
    text = given.get("price", "")
    if not text or (nothing(text) and text.casefold() != "tbd"):
        return values
    stated = currency_in(given.get("currency", "")) or facts.currency
    price = money(text, facts.decimal, stated)
    currency = price.currency or stated
    if price.readings:
        unclear.append((text, price.readings))
    if price.amount is None or price.taxed:
        notes.append(f"price written {text}")
    if price.amount is None:
        return values
    shown = f"price {number_text(price.amount)} {currency}".strip()
    if price.per_test or facts.per == "test":
        values["price_per_test"] = _rounded(price.amount)
        if held.tests:
            values |= {"price": round(price.amount * held.tests, 4), "currency": currency}
        else:
            notes.append(f"{shown} per test")
    elif facts.per == "unknown":
        notes.append(f"{shown} for an amount that is not stated")
    else:
        per_test = price.amount / held.tests if held.tests else None
        values |= {"price": price.amount, "currency": currency, "price_per_test": _rounded(per_test)}
    return values


def _rounded(amount: float | None) -> str:
    return number_text(None if amount is None else round(amount, 4))


@lru_cache(maxsize=4096)
def _is_said(held: Pack, text: str) -> bool:
    """Whether a pack says all that stands in its cells."""
    return _plain(f"{held.size}{held.unit}") == _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"[\s.]+", "", text.casefold().replace("\u00b5", "u").replace("\u03bc", "u"))


@lru_cache(maxsize=4096)
def pack(size: str, unit: str = "", tests: str = "") -> Pack:
    """Return what a pack holds.

    ``250 uL; 5 uL/test; 100 ug/mL`` is 250 uL and makes 50 tests; ``100 tests/0.5 mL`` makes 100. A bare number with
    a unit column is that pair. The number of tests stays unknown where nothing says it.
    """
    if re.fullmatch(r"\s*\d+(?:[.,]\d+)?\s*", size) and unit.strip():
        found = _amounts(f"{size.strip()} {unit.strip()}")
        count = _count(found) if found else None
        return Pack(size.strip(), found[0][1] if found else unit.strip(), _number(tests) or count)
    found = _amounts(size)
    plain = [(number, name) for number, name, per in found if not per]
    count = _number(tests) or _count(found)
    if not plain:
        words = _TESTS_IN_WORDS.search(size)
        return Pack(size.strip(), unit.strip(), count or (_number(words[1]) if words else None))
    number, name = plain[0]
    return Pack(f"{number:g}", name, count)


def _amounts(text: str) -> list[tuple[float, str, str]]:
    return [
        (
            _number_of(match["number"], _unit(match["unit"])),
            _unit(match["unit"]),
            (match["per"] or "").strip(" /").casefold(),
        )
        for match in _AMOUNT.finditer(text)
    ]


def _number_of(text: str, unit: str) -> float:
    """Return an amount; no pack holds a thousandth of a test or of a microlitre, so 1,000 is a thousand there."""
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text) and (unit == "tests" or (unit in ("uL", "ug") and "," in text)):
        return float(re.sub(r"[.,]", "", text))
    return float(text.replace(",", "."))


def _count(amounts: list[tuple[float, str, str]]) -> float | None:
    """Return the number of tests: stated, or volume of the pack over volume of a test."""
    stated = [number for number, unit, per in amounts if unit == "tests" and not per]
    if stated:
        return stated[0] if len(set(stated)) == 1 and stated[0] > 0 else None
    scale = {"uL": 1.0, "mL": 1000.0}
    volumes = [number * scale[unit] for number, unit, per in amounts if not per and unit in scale]
    doses = [number * scale[unit] for number, unit, per in amounts if per.endswith(("test", "tst")) and unit in scale]
    if len(volumes) == 1 and len(doses) == 1 and doses[0] > 0:
        return volumes[0] / doses[0] or None
    return None


def _unit(text: str) -> str:
    word = text.casefold().replace("\u00b5", "u").replace("\u03bc", "u")
    if (word[:1] in "tra" or word.startswith(("bestimm", "essai", "prueba"))) and word not in ("l", "g"):
        return "tests"
    if word.startswith(("microl", "mcl")):
        return "uL"
    if word.startswith(("microg", "mcg")):
        return "ug"
    return word.replace("l", "L") if word in ("ul", "ml", "nl", "l") else ("vial" if word.startswith("vial") else word)


def _number(text: str) -> float | None:
    match = re.fullmatch(r"\s*(\d{1,6}(?:[.,]\d+)?)\s*(?:tests?|tsts?|t)?\s*", text, re.IGNORECASE)
    value = _number_of(match[1], "tests") if match else 0.0
    return value if value > 0 else None
