"""What the header of a column says of its meaning."""

from __future__ import annotations

import difflib
import re

from panelopt.catalogs.importing.name_tables import Tables
from panelopt.domain.name_table import fold

LONGEST_NAME = 200
"""Longer headers, markers and labels are no names."""

_UNITS = re.compile(r"[(\[].*?[)\]]|[_\s/](?:usd|eur|chf|gbp|jpy)\b|[$\u20ac\u00a3#]", re.IGNORECASE)
_ABOUT_NAMES = frozenset({
    "type", "class", "gene", "genes", "location", "uniprot", "id", "alias", "aliases", "alternative", "synonym",
    "synonyms", "norm", "group", "abundance", "density", "level", "description", "category", "family", "note", "notes",
    "expression", "function", "panel", "designation", "url", "link", "image", "images",
})  # fmt: skip
"""Words of headers of columns that describe antigens and dyes instead of naming them."""

_WORDS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = tuple(
    (field, frozenset(words.split()), frozenset(others.split()))
    for field, words, others in (
        ("host", "host raised immunized wirt", ""),
        ("reactivity", "species organism reactivity spezies esp\u00e8ce especie", "host source isotype"),
        ("expires", "expiry expiration expires exp ablaufdatum verfallsdatum", ""),
        ("lot", "lot batch charge", "price"),
        ("currency", "currency curr w\u00e4hrung devise moneda", ""),
        ("price", "price cost preis prix precio prezzo", ""),
        ("catalog_number", "catalog catalogue cat sku bestellnummer artikelnummer", "price"),
        ("vendor", "vendor company supplier manufacturer hersteller lieferant fournisseur proveedor", "url country"),
        ("clone", "clone klon clon", ""),
        ("isotype", "isotype isotyp", "control"),
        ("fluorochrome", "fluorochrome fluorophore fluorochrom fluorophor conjugate dye fluor farbstoff", ""),
        ("marker", "antigen marker biomarker target specificity", ""),
    )
)
"""Words of long headers that tell the field, and words that say it is another one."""


def field_of_header(header: str, tables: Tables) -> str | None:
    """Return the field that a header names; None for other headers."""
    if len(header) > LONGEST_NAME:
        return None
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    for text in (header, spaced, _UNITS.sub(" ", spaced)):
        if text.strip() and (found := tables.headers.resolve(text)) is not None:
            return found
    return None


def misspelt_header(header: str, tables: Tables) -> str | None:
    """Return the field of a long header with a spelling mistake, such as ``Flurochrom``."""
    key = fold(_UNITS.sub(" ", header))
    if not 6 <= len(key) <= LONGEST_NAME:
        return None
    known = {fold(word): name for name, words in tables.headers.table.aliases.items() for word in (name, *words)}
    close = difflib.get_close_matches(key, [word for word in known if len(word) >= 6], n=1, cutoff=0.88)
    return known[close[0]] if close else None


def field_of_parts(header: str, tables: Tables) -> str | None:
    """Return the field of a header of several names or words: ``Target Name / Protein Biomarker``."""
    if len(header) > LONGEST_NAME:
        return None
    for part in re.split(r"[/|,;()\[\]\n]|\bor\b|\boder\b|\bou\b", header):
        if part.strip() and (found := tables.headers.resolve(part)) is not None:
            return found
    words = set(re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header).casefold()))
    for field, telling, others in _WORDS:
        if words & telling and not words & (others | _ABOUT_NAMES) and len(words) <= 7:
            return field
    return None
