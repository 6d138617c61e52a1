"""What an inventory says of a lot beside the product: its number, its last day of use, the tests that are left."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime

_WITH_DAY = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d.%m.%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y")
_WITH_DAY_IN_WORDS = ("%d %B %Y", "%b %d %Y", "%B %d %Y", "%d%b%Y")
_MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%m.%Y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y")

_CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$")
_LEADING = re.compile(r"^(exp(iry|ires|iration)?\.?( date)?|use by|best before)\s*[:.]?\s*", re.IGNORECASE)
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})")
_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})?|\d{1,6})(?:\.0+|,0{1,2})?\s*(?:tests?|t|rxns?)?", re.IGNORECASE)


def last_day(text: str) -> date | None:
    """Return the last day of use that a cell states; None where it is not plain.

    A month stands for its last day. Two numbers and a year between slashes count only where one of them cannot be a
    month, or both are equal: 03/04/2026 is April in one country and March in another.
    """
    plain = " ".join(_CLOCK.sub("", _LEADING.sub("", text.strip())).replace(",", " ").split())
    if slashes := _SLASHES.fullmatch(plain):
        return _between_slashes(*map(int, slashes.groups()))
    for form in (*_WITH_DAY, *_WITH_DAY_IN_WORDS):
        if (found := _parsed(plain, form)) is not None:
            return found
    for form in _MONTHS:
        if (found := _parsed(plain, form)) is not None:
            return _end_of_month(found.year, found.month)
    return None


def count_left(text: str) -> int | None:
    """Return a number of tests; None where the cell is no plain number of them."""
    found = _COUNT.fullmatch(text.strip())
    return int(found[1].replace(",", "")) if found else None


def _parsed(text: str, form: str) -> date | None:
    if form == "%Y%m%d" and len(text) != 8:  # strptime takes 202612 for 2 January
        return None
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return None


def _between_slashes(one: int, other: int, year: int) -> date | None:
    year = year + 2000 if year < 100 else year
    if one > 12 or one == other:
        day, month = one, other
    elif other > 12:
        day, month = other, one
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
