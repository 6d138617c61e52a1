"""Guesses what the columns of a list mean, by their headers and by what is in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import get_args

from panelopt.catalogs.importing.dye_mentions import dyes_in
from panelopt.catalogs.importing.dye_spellings import spelt_out
from panelopt.catalogs.importing.files.map_file import FieldName, FileFacts, ImportMap, PriceFacts
from panelopt.catalogs.importing.files.raw import RawTable
from panelopt.catalogs.importing.headers import LONGEST_NAME, field_of_header, field_of_parts, misspelt_header
from panelopt.catalogs.importing.labels import no_dye
from panelopt.catalogs.importing.marker_names import clean_marker
from panelopt.catalogs.importing.name_tables import Tables
from panelopt.catalogs.importing.packs import pack
from panelopt.catalogs.importing.patterns import without_noise
from panelopt.catalogs.importing.prices import currency_in, decimal_mark, money
from panelopt.catalogs.importing.product_names import is_file
from panelopt.catalogs.importing.species import marker_and_species, species_list
from panelopt.catalogs.importing.stock_words import stock
from panelopt.domain.name_table import fold

_LOOK = 2_000
"""Rows whose cells are looked at."""

_LONGEST = 2_000
"""Longer cells say nothing about a column."""

LOWEST_PACK_PRICE = 20.0
"""A column of prices with a lower median cannot be prices of packs: antibodies cost ten times more. Model value."""

_FEW_VIALS = 12
_SHORT_NAME = 25
"""Characters of half of the names of antigens, at most; names of products are longer."""

_LEAST = {"fluorochrome": 0.3, "marker": 0.03, "vendor": 0.0, "in_stock": 0.5, "price": 0.1, "reactivity": 0.1}
"""Share of the cells that must make sense; others: one half."""

_PRODUCT_WORDS = re.compile(r"antibod|\banti\b|conjugat|clonal|\bclone\b|antik\u00f6rper|anticorps", re.IGNORECASE)
_NO_FILES = ("marker", "fluorochrome", "clone", "product", "vendor")
"""Fields whose cells are no files: images and documents name antigens and are none."""

_QUANTITY = re.compile(
    r"quantity|qty\.?|amount|number|count|anzahl|menge|quantit\u00e9|cantidad|quantit\u00e0|st\u00fcck|no\.?",
    re.IGNORECASE,
)
_PER_TEST = re.compile(r"(?:per|pro|par|por)[\s_]*(?:test|rxn|reaction|prueba)|/\s*(?:test|rxn)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping that was guessed, and why: one line for each decision that is not plain."""

    mapping: ImportMap
    remarks: tuple[str, ...]


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
    if _PER_TEST.search(column):
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
        rows = [row.cells for row in islice(table.rows, _LOOK) if row.fault is None]
        self.values: dict[str, list[str]] = {
            name: [text for row in rows if (text := row[i].strip()) and len(text) <= _LONGEST]
            for i, name in enumerate(table.columns)
        }
        self.remarks: list[str] = []
        self._tables = tables
        self._order = {name: i for i, name in enumerate(table.columns)}
        self._checks: dict[str, Callable[[str], bool]] = {
            "fluorochrome": self._is_dye,
            "marker": self._is_marker,
            "vendor": lambda text: tables.vendors.resolve(text) is not None,
            "reactivity": self._is_species,
            "host": self._is_species,
            "price": lambda text: bool((price := money(text, "")).readings) or price.amount is not None,
            "size": lambda text: pack(text).tests is not None or bool(re.match(r"\s*\d", text)),
            "isotype": lambda text: bool(re.search(r"\bIg[GMAED]|IgG", text, re.IGNORECASE)),
            "in_stock": lambda text: stock(text) is not None,
            "tests": lambda text: bool(re.match(r"\s*\d+", text)),
        }
        self._files = {name for name, values in self.values.items() if _share(values, is_file) > 0.3}
        self._by_header = {name: self._meaning(name, field_of_header(name, tables)) for name in table.columns}

    def columns(self) -> dict[str, str]:
        """Return the column of each field that was found."""
        found: dict[str, str] = {}
        self._choose(found, self._by_header)
        for reading in (misspelt_header, field_of_parts):
            rest = {name: reading(name, self._tables) for name, meant in self._by_header.items() if meant is None}
            taken = (found.values(), found)
            self._choose(
                found, {c: self._meaning(c, f) for c, f in rest.items() if c not in taken[0] and f not in found}
            )
        self._count_of_vials(found)
        self._by_content(found)
        self._products(found)
        return {n: found[n] for n in get_args(FieldName) if n in found and 0 < len(found[n].strip()) <= LONGEST_NAME}

    def _choose(self, found: dict[str, str], meanings: dict[str, str | None]) -> None:
        """Add the columns of the fields that headers name; of two, the one whose content fits better."""
        for name in dict.fromkeys(meanings.values()):
            named = [column for column, meant in meanings.items() if meant == name and self.values[column]]
            if name is None or not named:
                continue
            best = max(named, key=lambda column: (round(self._share(column, name), 1), -self._rank(column, name)))
            if self._share(best, name) >= _LEAST.get(name, 0.5):
                found[name] = best
                if len(named) > 1:
                    others = ", ".join(repr(column) for column in named if column != best)
                    self.remarks.append(f"{best!r} was taken for {name}, not {others}")

    def _meaning(self, column: str, field: str | None) -> str | None:
        """Return what a column means: its header says, unless its cells say plainly that it is something else."""
        if field not in ("marker", "fluorochrome", "product", "host", "reactivity") or not self.values[column]:
            return field
        species, dyes, markers = (self._share(column, name) for name in ("reactivity", "fluorochrome", "marker"))
        if field in ("marker", "fluorochrome", "product") and species >= 0.7 > max(markers, dyes):
            field = "reactivity"
        elif field in ("marker", "product") and dyes >= 0.7 and markers < 0.2:
            field = "fluorochrome"
        elif field in ("fluorochrome", "reactivity") and markers >= 0.5 and max(dyes, species) < 0.2:
            field = "marker"
        else:
            return field
        self.remarks.append(f"{column!r} was taken for {field} by its cells")
        return field

    def _count_of_vials(self, found: dict[str, str]) -> None:
        """Take small whole numbers under ``Quantity`` for vials in stock: no pack is so small."""
        column = found.get("size", "")
        values = self.values.get(column, [])
        if "in_stock" in found or "unit" in found or not _QUANTITY.fullmatch(column.strip()):
            return
        if values and all(re.fullmatch(r"\d{1,3}", text) for text in values) and median(map(int, values)) <= _FEW_VIALS:
            found["in_stock"] = found.pop("size")
            self.remarks.append(f"{column!r} was taken for the number of vials in stock: its numbers are small")

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
            if (column := found.get("product")) and not self._names_products(column):
                del found["product"]
            return
        current = found.get("product")
        if current and "fluorochrome" in found and self._names_antigens(current):
            found["marker"] = found.pop("product")
            self.remarks.append(f"{current!r} was taken for marker: its cells name antigens alone")
            return
        free = [c for c in self.values if c not in found.values() or c in (current, found.get("marker"))]
        shares = {column: self._dye_share(column) for column in free}
        best = max(shares, key=lambda column: (shares[column], -self._order[column]), default=None)
        if best is not None and shares[best] >= 0.3 and (current is None or shares[best] > shares[current] + 0.2):
            found["product"] = best
            self.remarks.append(f"the cells of {best!r} are taken apart: they name antigen and fluorochrome together")
            if found.get("marker") == best:
                del found["marker"]

    def _names_products(self, column: str) -> bool:
        named = _share(self.values[column], lambda text: bool(_PRODUCT_WORDS.search(text)))
        return max(self._dye_share(column), named) >= 0.2

    def _names_antigens(self, column: str) -> bool:
        values = sorted(self.values[column], key=len)
        return bool(values) and len(values[len(values) // 2]) <= _SHORT_NAME and self._dye_share(column) < 0.2

    def _share(self, column: str, name: str) -> float:
        if column in self._files and name in _NO_FILES:
            return 0.0
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
        return (
            0.0
            if column in self._files
            else _share(
                set(self.values[column]),
                lambda text: len(text) > 4 and bool(dyes_in(spelt_out(text[:LONGEST_NAME]), self._tables)),
            )
        )

    def _is_dye(self, text: str) -> bool:
        return bool(self._tables.dyes.resolve(text) or no_dye(text, self._tables)) or bool(
            self._tables.dyes.resolve(without_noise(text))
        )

    def _is_marker(self, text: str) -> bool:
        return bool(clean_marker(marker_and_species(text, self._tables)[0], self._tables))

    def _is_species(self, text: str) -> bool:
        names = set(self._tables.species.table.canonical)
        return bool(names & set(re.split(r",\s*", species_list(text.split("(")[0], self._tables))))


def _share(values: Iterable[str], check: Callable[[str], bool]) -> float:
    listed: Sequence[str] = list(values)
    return sum(map(check, listed)) / len(listed) if listed else 0.0
