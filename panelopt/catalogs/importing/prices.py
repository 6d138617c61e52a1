"""Prices as lists write them: every usual way to group digits, VAT remarks, per pack or per test."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

_SIGNS: dict[str, str] = {
    "us$": "USD", "usd$": "USD", "ca$": "CAD", "c$": "CAD", "cad$": "CAD", "a$": "AUD", "au$": "AUD", "aud$": "AUD",
    "nz$": "NZD", "s$": "SGD", "sg$": "SGD", "hk$": "HKD", "nt$": "TWD", "r$": "BRL", "mx$": "MXN", "z\u0142": "PLN",
    "k\u010d": "CZK", "ft": "HUF", "fr.": "CHF", "sfr": "CHF", "sfr.": "CHF", "rmb": "CNY", "\u20ac": "EUR",
    "\u00a3": "GBP",
    "\u00a5": "JPY", "\uffe5": "JPY", "$": "USD", "\u20b9": "INR", "\u20a9": "KRW", "\u20aa": "ILS",
    "\u20ba": "TRY", "\u5143": "CNY", "\u5186": "JPY",
    "rs": "INR", "rs.": "INR", "stg": "GBP",
}  # fmt: skip
_CODES = (
    "EUR", "USD", "CHF", "GBP", "JPY", "CNY", "SEK", "NOK", "DKK", "CAD", "AUD", "NZD", "SGD", "HKD", "KRW", "INR",
    "BRL", "MXN", "PLN", "CZK", "HUF", "ILS", "TRY", "ZAR", "TWD", "RON", "BGN", "ISK", "THB",
)  # fmt: skip
_WORDS = {"euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD", "pound": "GBP", "pounds": "GBP",
          "franken": "CHF", "francs": "CHF", "yen": "JPY"}  # fmt: skip
_COMMA_GROUPS = frozenset({
    "USD", "GBP", "JPY", "CNY", "AUD", "NZD", "HKD", "SGD", "INR", "KRW", "TWD", "THB", "MXN", "ILS",
})  # fmt: skip
"""Currencies of countries that group digits by commas and by nothing else."""

_LONGEST = 100
"""Characters of a price, at most."""

_LETTERS = re.compile(r"[A-Za-z$\u20ac\u00a3\u00a5\u010d\u0142][A-Za-z$.\u010d\u0142\u20ac\u00a3]*")
_NUMBER = re.compile(r"[-+\u2212]?\d[\d.,'\u2019\u00a0\u202f\u2009 ]*(?:[,.:]?(?:-{1,2}|[\u2013\u2014]))?")
_NO_CENTS = re.compile(r"(?P<mark>[,.])?:?(?:-{1,2}|[\u2013\u2014])$")
_BLANK_GROUPS = re.compile(r"\d{1,3}(?:['\u2019\u00a0\u202f\u2009 ]\d{3})+(?P<rest>[.,]\d+)?")
_GROUPS = re.compile(r"\d{1,3}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*(?P<rest>[.,]\d+)?")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}(?P<rest>\.\d+)?")
_DECIMAL = re.compile(r"\d+(?:[.,]\d+)?")
_TAX = re.compile(
    r"[(\[]?\s*(?:\+|plus|zzgl\.?|exkl?\.?|excl?\.?|excluding|exclusive(?: of)?|w/o|without|before|incl?\.?|"
    r"inkl?\.?|including|with|"
    r"ohne|mit|hors|sans|sin|con|m[aá]s|plus tard|ekskl\.?|esclusa|inclusa)?\s*(?:\d{1,2}(?:[.,]\d+)?\s*%\s*)?"
    r"(?<![A-Za-z])(?:VAT|MwSt|USt|TVA|IVA|GST|BTW|moms|mva|HT|TTC|tax(?:es)?|DPH|netto|brutto|net|"
    r"gross)(?![A-Za-z])\.?"
    r"(?:\s*(?:of\s*)?\d{1,2}(?:[.,]\d+)?\s*%)?(?:\s*(?:excl?|incl?|exkl|inkl)(?:uded|usive|\.)?)?\s*[)\]]?",
    re.IGNORECASE,
)
_EACH = re.compile(
    r"\s*(?:/|\bper\b|\bpro\b|\bpar\b|\bpor\b|\bje\b|\bfor\b|\b\u00e0\b)\s*(?P<count>\d+\s*)?"
    r"(?P<unit>tests?|tsts?|rxns?|reactions?|vials?|packs?|packung|units?|ea(?:ch)?|kits?|St(?:\u00fc?ck|k)?|tubes?|"
    r"(?:\u00b5|\u03bc|u|m)?[lg])(?![A-Za-z])\.?|\s+(?:each|ea|apiece)\b\.?",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\d\s?k(?![A-Za-z])|^\s*(?:from|starting|ab|ca\.?|approx\w*\.?|about|\u00e0 partir|d\u00e8s|desde|da|fra|"
    r"vanaf|[~<>\u2248])(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Money:
    """A price with the currency that the cell states.

    Attributes:
        amount: None where there is no number, or two ways to read it.
        currency: ISO 4217 code; empty where the cell states none.
        readings: Both amounts, digits grouped first, where it could be either.
        per_test: Whether the cell says that one test costs so much.
        mark: Decimal mark that the cell shows; empty where it shows none.
        taxed: Whether the cell says something of taxes.
    """

    amount: float | None
    currency: str = ""
    readings: tuple[float, ...] = ()
    per_test: bool = False
    mark: str = field(default="", compare=False)
    taxed: bool = field(default=False, compare=False)


@lru_cache(maxsize=4096)
def currency_in(text: str) -> str:
    """Return the ISO 4217 code that a header or cell names, or empty text."""
    if re.match(r"\s*\\\d", text):
        return "JPY"  # Japanese code pages write the yen sign where others have the backslash
    words: list[str] = _LETTERS.findall(text.replace("_", " "))
    for word in words:
        if word.upper().strip(".") in _CODES:
            return word.upper().strip(".")
        if (code := _SIGNS.get(word.casefold()) or _WORDS.get(word.casefold())) is not None:
            return code
    return next((code for sign, code in _SIGNS.items() if len(sign) == 1 and sign in text), "")


def decimal_mark(cells: Iterable[str]) -> str:
    """Return the decimal mark of a column of prices; empty where its cells show none, or both."""
    marks = {money(cell, "").mark for cell in cells} - {""}
    return marks.pop() if len(marks) == 1 else ""


@lru_cache(maxsize=65_536)
def money(text: str, decimal: str, currency: str = "") -> Money:
    """Return the price in a cell, e.g. ``EUR 1.234,50`` or ``1'234.50 CHF``; a second number makes it unclear.

    Args:
        text: The cell.
        decimal: Decimal mark of the column, for cells such as ``1,234``; empty if not known.
        currency: Of cells that state none.
    """
    text = " ".join(text.split())
    if len(text) > _LONGEST:
        return Money(None)
    stated = currency_in(text)
    plain = _TAX.sub(" ", text)
    units = {(match["unit"] or "").casefold()[:4].rstrip("s"): match["count"] for match in _EACH.finditer(plain)}
    numbers = _NUMBER.findall(_EACH.sub(" ", plain))
    if len(numbers) != 1 or _ABOUT.search(text):
        return Money(None, stated)
    per_test = any(unit in ("test", "tst", "rxn", "reac") and not count for unit, count in units.items())
    grouped, pointed, mark = _readings(numbers[0].strip())
    taxed = plain != text
    if grouped is None or pointed is None or grouped == pointed:
        amount = pointed if grouped is None else grouped
        return Money(amount, stated, (), per_test, mark, taxed)
    comma = "," in numbers[0]
    if decimal:
        return Money(pointed if (decimal == ",") == comma else grouped, stated, (), per_test, taxed=taxed)
    if comma and (stated or currency) in _COMMA_GROUPS:
        return Money(grouped, stated, (), per_test, ".", taxed)
    return Money(None, stated, (grouped, pointed), per_test, taxed=taxed)


def _readings(digits: str) -> tuple[float | None, float | None, str]:
    """Return a number as one with groups of digits, as one with decimals, and the decimal mark that is plain."""
    mark = ""
    if match := _NO_CENTS.search(digits):
        digits, mark = digits[: match.start()], match["mark"] or ""
    digits = digits.strip(" .,'")
    if match := _BLANK_GROUPS.fullmatch(digits):
        rest = match["rest"] or ""
        value = _value(re.sub(r"[^\d.,]", "", digits), rest)
        return value, None, rest[:1] or mark
    if match := _INDIAN.fullmatch(digits):
        return _value(digits, match["rest"] or ""), None, "."
    if match := _GROUPS.fullmatch(digits):
        rest, group = match["rest"] or "", match["mark"]
        if rest[:1] == group:
            return None, None, ""
        value = _value(digits, rest)
        plain = bool(rest) or bool(mark) or digits.count(group) > 1
        if not plain and not digits.startswith("0"):
            return value, float(digits.replace(group, ".")), ""
        if digits.startswith("0") and not rest:
            return None, float(digits.replace(group, ".")), group
        return value, None, "," if group == "." else "."
    if _DECIMAL.fullmatch(digits) and len(digits) <= 15:
        found = re.search(r"[.,]", digits)
        return None, float(digits.replace(",", ".")), found.group() if found else mark
    return None, None, ""


def _value(digits: str, rest: str) -> float | None:
    whole = re.sub(r"\D", "", digits[: len(digits) - len(rest)])
    return float(f"{whole}.{rest[1:] or 0}") if len(whole) <= 12 else None
