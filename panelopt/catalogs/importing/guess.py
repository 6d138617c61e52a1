"""Guesses what the columns of a list mean, by their headers and by what is in them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import get_args

from panelopt.catalogs.importing.dye_mentions import dyes_in
from panelopt.catalogs.importing.dye_spellings import spelt_out
from panelopt.catalogs.importing.files.map_file import FieldName, FileFacts, ImportMap, PriceFacts
from panelopt.catalogs.importing.files.raw import RawTable
from panelopt.catalogs.importing.marker_names import clean_marker
from panelopt.catalogs.importing.packs import pack
from panelopt.catalogs.importing.patterns import without_noise
from panelopt.catalogs.importing.prices import currency_in, decimal_mark, money
from panelopt.catalogs.importing.shelf_words import stock
from panelopt.catalogs.importing.species import species_list
from panelopt.catalogs.importing.tables import Tables
from panelopt.domain.names import fold

_LOOK = 2_000
"""Rows whose cells are looked at."""

_LONGEST = 2_000
"""Longer cells say nothing about a column."""

LOWEST_PACK_PRICE = 20.0
"""A column of prices with a lower median cannot be prices of packs: antibodies cost ten times more. Model value."""

_UNITS = re.compile(r"[(\[].*?[)\]]|[_\s/](?:usd|eur|chf|gbp|jpy)\b|[$\u20ac\u00a3#]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping that was guessed, and why: one line for each decision that is not plain."""

    mapping: ImportMap
    remarks: tuple[str, ...]


LONGEST_NAME = 200
"""Longer headers, markers and labels are no names."""


def field_of_header(header: str, tables: Tables) -> str | None:
    """Return the field that a header names; None for other headers."""
    if len(header) > LONGEST_NAME:
        return None
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    for text in (header, spaced, _UNITS.sub(" ", spaced)):
        if text.strip() and (found := tables.headers.resolve(text)) is not None:
            return found
    return None


def _misspelt(header: str, tables: Tables) -> str | None:
    """Return the field of a long header with a spelling mistake, such as ``Flurochrom``."""
    key = fold(_UNITS.sub(" ", header))
    if not 6 <= len(key) <= LONGEST_NAME:
        return None
    known = {fold(word): name for name, words in tables.headers.table.aliases.items() for word in (name, *words)}
    close = difflib.get_close_matches(key, [word for word in known if len(word) >= 6], n=1, cutoff=0.88)
    return known[close[0]] if close else None


def guess_mapping(table: RawTable, tables: Tables) -> Guess:
    """Return what the columns most likely mean."""
    guess = _Guesser(table, tables)
    columns = guess.columns()
    remarks = list(guess.remarks)
    price = _price(columns.get("price"), guess, remarks)
    facts = table.facts
    file = FileFacts(
        encoding=facts.encoding,
        separator=facts.separator,
        sheet=facts.sheet,
        header_line=facts.header_line,
    )
    mapping = ImportMap.model_validate({"file": file, "columns": columns, "price": price})
    return Guess(mapping, tuple(remarks))


def _price(column: str | None, guess: _Guesser, remarks: list[str]) -> PriceFacts:
    if column is None:
        return PriceFacts()
    values = guess.values[column]
    decimal = decimal_mark(values)
    if decimal == ",":
        remarks.append(f"prices of {column!r} have a decimal comma")
    amounts = [amount for text in values if (amount := money(text, decimal).amount)]
    per = "pack"
    if re.search(r"per[\s_]*test|/\s*test", column, re.IGNORECASE):
        per = "test"
    elif amounts and median(amounts) < LOWEST_PACK_PRICE:
        per = "unknown"
        remarks.append(
            f"half of the prices in {column!r} are below {LOWEST_PACK_PRICE:g}: too little for a pack, so they go into "
            'the note; state per = "pack" or "test" under [price] if you know better'
        )
    return PriceFacts.model_validate({"decimal": decimal, "currency": currency_in(column), "per": per})


class _Guesser:
    """Looks at headers and cells of one list."""

    def __init__(self, table: RawTable, tables: Tables) -> None:
        rows = [row.cells for row in table.rows if row.fault is None][:_LOOK]
        self.values: dict[str, list[str]] = {
            name: [text for row in rows if (text := row[i].strip()) and len(text) <= _LONGEST]
            for i, name in enumerate(table.columns)
        }
        self.remarks: list[str] = []
        self._tables = tables
        self._order = {name: i for i, name in enumerate(table.columns)}
        self._by_header = {name: field_of_header(name, tables) or _misspelt(name, tables) for name in table.columns}
        self._checks: dict[str, Callable[[str], bool]] = {
            "fluorochrome": self._is_dye,
            "marker": lambda text: bool(clean_marker(text, tables)),
            "vendor": lambda text: tables.vendors.resolve(text) is not None,
            "reactivity": self._is_species,
            "host": self._is_species,
            "price": lambda text: (
                money(text, ",").amount is not None
            ),
            "size": lambda text: pack(text).tests is not None or bool(re.match(r"\s*\d", text)),
            "isotype": lambda text: bool(re.search(r"\bIg[GMAED]|IgG", text, re.IGNORECASE)),
            "in_stock": lambda text: stock(text) is not None,
            "tests": lambda text: bool(re.match(r"\s*\d+", text)),
        }

    def columns(self) -> dict[str, str]:
        """Return the column of each field that was found."""
        found: dict[str, str] = {}
        # of two columns the one whose content fits better; then the one that stands first
        least = {"fluorochrome": 0.3, "marker": 0.03, "vendor": 0.0, "in_stock": 0.9}
        for name in dict.fromkeys(self._by_header.values()):
            named = [column for column, meant in self._by_header.items() if meant == name and self.values[column]]
            if name is None or not named:
                continue
            best = max(named, key=lambda column: (round(self._share(column, name), 1), -self._rank(column, name)))
            if self._share(best, name) >= least.get(name, 0.5):
                found[name] = best
                if len(named) > 1:
                    others = ", ".join(repr(column) for column in named if column != best)
                    self.remarks.append(f"{best!r} was taken for {name}, not {others}")
        self._by_content(found)
        self._products(found)
        return {n: found[n] for n in get_args(FieldName) if n in found and 0 < len(found[n].strip()) <= LONGEST_NAME}

    def _by_content(self, found: dict[str, str]) -> None:
        for name, least in (("fluorochrome", 0.6), ("marker", 0.5), ("vendor", 0.7), ("isotype", 0.6)):
            if name in found:
                continue
            free = [c for c in self.values if c not in found.values() and len(set(self.values[c])) >= 2]
            shares = {column: self._share(column, name) for column in free}
            best = max(shares, key=lambda column: (shares[column], -self._order[column]), default=None)
            if best is not None and shares[best] >= least:
                found[name] = best
                self.remarks.append(f"{best!r} was taken for {name} by its content")

    def _products(self, found: dict[str, str]) -> None:
        """Find a column of product names; needed where marker or dye have no column of their own."""
        if {"marker", "fluorochrome"} <= set(found):
            return
        free = [
            c for c in self.values if c not in found.values() or c == found.get("product") or c == found.get("marker")
        ]
        shares = {column: self._dye_share(column) for column in free}
        best = max(shares, key=lambda column: (shares[column], -self._order[column]), default=None)
        current = found.get("product")
        if best is not None and shares[best] >= 0.3 and (current is None or shares[best] > shares[current] + 0.2):
            found["product"] = best
            self.remarks.append(f"the cells of {best!r} are taken apart: they name antigen and fluorochrome together")
            if found.get("marker") == best:
                del found["marker"]

    def _share(self, column: str, name: str) -> float:
        check = self._checks.get(name)
        if check is None:
            return 1.0
        values = set(self.values[column]) if name in ("marker", "fluorochrome", "vendor") else self.values[column]
        return _share(values, check)

    def _rank(self, column: str, name: str) -> int:
        words = [fold(word) for word in (name, *self._tables.headers.table.aliases[name])]
        key = fold(column)
        return words.index(key) if key in words else len(words) + self._order[column]

    def _dye_share(self, column: str) -> float:
        return _share(set(self.values[column]), lambda text: len(text) > 4 and bool(dyes_in(spelt_out(text), self._tables)))

    def _is_dye(self, text: str) -> bool:
        known = self._tables.dyes.resolve(text) or self._tables.labels.resolve(text)
        return bool(known or self._tables.dyes.resolve(without_noise(text)))

    def _is_species(self, text: str) -> bool:
        names = set(self._tables.species.table.canonical)
        return bool(names & set(re.split(r",\s*", species_list(text.split("(")[0], self._tables))))


def _share(values: Iterable[str], check: Callable[[str], bool]) -> float:
    listed: Sequence[str] = list(values)
    return sum(map(check, listed)) / len(listed) if listed else 0.0
