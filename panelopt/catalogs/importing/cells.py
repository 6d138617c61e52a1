"""Single cells: prices, packs, clones, species, isotypes, stock."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from panelopt.catalogs.importing.tables import Tables

_SIGNS: dict[str, str] = {
    "\u20ac": "EUR",
    "\u00a3": "GBP",
    "\u00a5": "JPY",
    "$": "USD",
    "us$": "USD",
    "fr.": "CHF",
    "sfr": "CHF",
    "sfr.": "CHF",
}
_CODES = (
    "EUR", "USD", "CHF", "GBP", "JPY", "CNY", "SEK", "NOK", "DKK", "CAD", "AUD", "NZD", "SGD", "HKD", "KRW", "INR",
    "BRL", "MXN", "PLN", "CZK", "HUF", "ILS", "TRY", "ZAR", "TWD", "RON", "BGN", "ISK", "THB",
)  # fmt: skip
_WORDS = {"euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD", "pound": "GBP", "pounds": "GBP"}
_LETTERS = re.compile(r"[A-Za-z$\u20ac\u00a3\u00a5][A-Za-z$.]*")
_NUMBER = re.compile(r"[-+]?\d[\d.,'\u2019\u00a0\u202f ]*(?:,?-{1,2}|,\u2013)?")
_AMOUNT = re.compile(
    r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>tests?\b|tsts?\b|T\b|reactions?\b|rxns?\b|assays?\b|"
    r"(?:\u00b5|\u03bc|u|m|n)?[Ll]\b|(?:\u00b5|\u03bc|u|m|n)?g\b|mc[gl]\b|microlit(?:er|re)s?\b|microgram(?:me)?s?\b|ml\b|vials?\b)"
    r"(?P<per>\s*(?:/|per)\s*(?:mL|ml|L|test|tst|\u00b5L|uL|\u03bcL)\b)?",
    re.IGNORECASE,
)
_TESTS_IN_WORDS = re.compile(r"(?:tests?|rxns?|reactions?)\s*[:=]?\s*(\d+)\b", re.IGNORECASE)
_YES = frozenset({"yes", "y", "true", "x", "in stock", "on stock", "stock", "stocked", "available", "in use", "backup",
                  "ok", "ja", "oui", "si"})  # fmt: skip
_NO = frozenset({"no", "n", "false", "out of stock", "none", "empty", "nein", "non", "discontinued", "used up",
                 "not available", "unavailable", "finished", "expired", "on request", "backorder",
                 "sold out"})  # fmt: skip
_MANGLED = re.compile(r"\d(?:[.,]\d+)?E[+-]?\d+", re.IGNORECASE)
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:-\d+)?", re.IGNORECASE
)
_ISOTYPE = re.compile(
    r"(?P<before>.*?)\b(?P<prefix>[mrh]?)(?P<ig>Ig[GMAED])\s*[- ]?(?P<sub>\d?[abc]?)[\s,/()\[\];-]*"
    r"(?P<light>\u03ba|\u03bb|kappa|lambda|k|l)?[\s,)\]]*(?P<after>.*)",
    re.IGNORECASE,
)
_BREEDING = re.compile(
    r"\b(?:monoclonal|polyclonal|recombinant|antibody|isotype|BALB/?c|C57BL/?6|SJL|RBF/DnJ|"
    r"Lewis|Wistar|Sprague[- ]Dawley|LOU/?M?)\b",
    re.IGNORECASE,
)
_NOTHING = frozenset(
    {"", "-", "--", "n/a", "na", "n.a.", "none", "unknown", "?", "nan", "null", "tbd", "not specified", "#n/a"}
)


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack: amount with its unit as one pair, and how many tests it makes where the cell says so."""

    size: str = ""
    unit: str = ""
    tests: float | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """A price with the currency that the cell states; ``amount`` None where there is no number."""

    amount: float | None
    currency: str = ""


def nothing(text: str) -> bool:
    """Whether a cell says that nothing is known."""
    return text.strip().casefold() in _NOTHING


@lru_cache(maxsize=4096)
def currency_in(text: str) -> str:
    """Return the ISO 4217 code that a header or cell names, or empty text."""
    words: list[str] = _LETTERS.findall(text.replace("_", " "))
    for word in words:
        if word.upper() in _CODES:
            return word.upper()
        if (code := _SIGNS.get(word.casefold()) or _WORDS.get(word.casefold())) is not None:
            return code
    return next((code for sign, code in _SIGNS.items() if len(sign) == 1 and sign in text), "")


def decimal_mark(cells: Iterable[str]) -> str:
    """Return the decimal mark of a column of prices: a comma only where some cell cannot be read otherwise."""
    comma = point = 0
    for cell in cells:
        match = _NUMBER.search(cell)
        text = match.group().strip() if match else ""
        comma += bool(re.fullmatch(r"[\d.'\u2019 ]*\d,(?:\d{1,2}|-{1,2}|\u2013)", text))
        point += bool(re.fullmatch(r"[\d,'\u2019 ]*\d\.\d{1,2}", text))
    return "," if comma > point else "."


@lru_cache(maxsize=4096)
def money(text: str, decimal: str) -> Money:
    """Return the price in a cell, e.g. ``EUR 1.234,50`` or ``1'234.50 CHF``; a second number makes it unclear."""
    numbers = _NUMBER.findall(text)
    if len(numbers) != 1:
        return Money(None, currency_in(text))
    digits = re.sub(r"(?:,|\.)?(?:-{1,2}|\u2013)$", "", numbers[0].strip())
    thousands = "," if decimal == "." else "."
    digits = re.sub(r"['\u2019\u00a0\u202f ]", "", digits)
    grouped = re.fullmatch(rf"\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{decimal}\d+)?", digits)
    plain = grouped.group().replace(thousands, "") if grouped else digits
    plain = plain.replace(decimal, ".") if thousands not in plain or grouped else plain
    clear = re.fullmatch(r"\d{1,12}(?:\.\d{1,6})?", plain)
    return Money(float(plain) if clear else None, currency_in(text))


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
        (float(match["number"].replace(",", ".")), _unit(match["unit"]), (match["per"] or "").strip(" /").casefold())
        for match in _AMOUNT.finditer(text)
    ]


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
    if word[:1] in "tra" and word not in ("l", "g"):
        return "tests"
    if word.startswith(("microl", "mcl")):
        return "uL"
    if word.startswith(("microg", "mcg")):
        return "ug"
    return word.replace("l", "L") if word in ("ul", "ml", "nl", "l") else ("vial" if word.startswith("vial") else word)


def _number(text: str) -> float | None:
    match = re.fullmatch(r"\s*(\d{1,6}(?:[.,]\d+)?)\s*(?:tests?|tsts?|t)?\s*", text, re.IGNORECASE)
    value = float(match[1].replace(",", ".")) if match else 0.0
    return value if value > 0 else None


def stock(text: str) -> bool | None:
    """Return whether a cell says that the product is there; None where it says nothing that is understood."""
    word = " ".join(text.casefold().split()).strip(" .!")
    if re.fullmatch(r"\d+", word):
        return int(word[:6]) > 0
    return True if word in _YES else (False if word in _NO else None)


def mangled_clone(text: str) -> str:
    """Return what a spreadsheet took a clone for, or empty text: ``5E8`` becomes ``5.00E+08``, ``1-Mar`` a date."""
    if _MANGLED.fullmatch(text) and ("+" in text or "." in text or "," in text):
        return "number"
    return "date" if _DATE.fullmatch(text) else ""


def species_list(text: str, tables: Tables) -> str:
    """Return species by their canonical names, comma-separated; a text with any unknown word stays as it is."""
    text = text.strip()
    if "?" in text or "maybe" in text.casefold():
        return text
    parts = [part.strip(" .") for part in re.split(r"[,;/&+|\n]|\band\b", text) if part.strip(" .")]
    if len(parts) == 1 and (found := tables.species.resolve(text)):
        return found
    names = [tables.species.resolve(re.sub(r"^anti[-\s]", "", part, flags=re.IGNORECASE)) for part in parts]
    if any(name is None for name in names):
        names = [tables.species.resolve(part) for part in text.replace(",", " ").replace("/", " ").split()]
    known = [name for name in names if name is not None]
    return ", ".join(dict.fromkeys(known)) if known and len(known) == len(names) else text


def isotype_and_host(text: str, tables: Tables) -> tuple[str, str]:
    """Return isotype (``IgG1 kappa``) and the species that the cell names; what is not understood stays as it is."""
    match = _ISOTYPE.fullmatch(_BREEDING.sub(" ", text).strip())
    if match is None:
        return text.strip(), ""
    rest = " ".join((match["before"], match["after"])).strip(" ,-()[]/;")
    host = (
        tables.species.resolve(rest) if rest else {"m": "mouse", "r": "rat", "h": "human"}.get(match["prefix"].lower())
    )
    if rest and host is None:
        return text.strip(), ""
    light = (match["light"] or "").casefold()
    chain = {"\u03ba": "kappa", "k": "kappa", "kappa": "kappa", "\u03bb": "lambda", "l": "lambda", "lambda": "lambda"}
    name = f"Ig{match['ig'][-1].upper()}{match['sub'].lower()}"
    return f"{name} {chain[light]}" if light else name, host or ""
