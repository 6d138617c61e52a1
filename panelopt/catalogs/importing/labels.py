"""The label of a row: its fluorochrome, or why it has none that a sorter sees."""

from __future__ import annotations

import re

from panelopt.catalogs.importing.dye_mentions import DONORS, dyes_in
from panelopt.catalogs.importing.dye_spellings import spelt_out
from panelopt.catalogs.importing.files.raw import Fault
from panelopt.catalogs.importing.headers import LONGEST_NAME
from panelopt.catalogs.importing.name_tables import Tables
from panelopt.catalogs.importing.patterns import BRACKET, nothing, without_noise
from panelopt.catalogs.importing.product_names import NameParts

_ELEMENT = r"(?:Y|Rh|Pd|Ag|Cd|In|I|Xe|Cs|Ba|La|Ce|Pr|Nd|Sm|Eu|Gd|Tb|Dy|Ho|Er|Tm|Yb|Lu|Ir|Pt|Au|Bi)"
_METAL = re.compile(
    rf"(?:{_ELEMENT}[\s_-]?(?:89|1\d\d|20\d)|(?:89|1\d\d|20\d)[\s_-]?{_ELEMENT})(?:Di)?(?:[\s_-].*)?", re.IGNORECASE
)
_BARCODE = re.compile(r"[ACGTN]{8,}|(?:AX|BX|RX)\d{3}", re.IGNORECASE)


def is_metal(text: str) -> bool:
    """Whether a label is an isotope of mass cytometry, such as ``141Pr``, ``113 In`` or ``Nd142Di``."""
    return _METAL.fullmatch(text.strip()) is not None


def is_barcode(text: str) -> bool:
    """Whether a label is a DNA sequence, or the number of one, such as ``BX045``."""
    return _BARCODE.fullmatch(text.strip()) is not None


def no_dye(label: str, tables: Tables) -> str:
    """Return what a label is that is no fluorochrome, e.g. ``biotin``; empty text for others."""
    plain = without_noise(label[:LONGEST_NAME])
    if reason := tables.labels.resolve(label) or tables.labels.resolve(plain):
        return reason
    if is_metal(label):
        return "metal"
    if is_barcode(label):
        return "oligonucleotide"
    words = re.split(r"[,;/ ]+", plain)
    return (
        ""
        if dyes_in(spelt_out(label[:LONGEST_NAME]), tables)
        else next(filter(None, map(tables.labels.resolve, words)), "") or ""
    )


Label = tuple[str, str, Fault | None, tuple[str, ...]]
"""Fluorochrome of a row, the spelling it has there, why it has none, and notes: what the name of the dye leaves out."""


def label_of(label: str, tables: Tables) -> Label:
    """Return what the cell of the fluorochrome says, which is not empty."""
    notes: list[str] = []
    if found := known_dye(label, tables, notes):
        return found, label, None, tuple(notes)
    if reason := no_dye(label, tables):
        return "", "", Fault("not a fluorochrome", f"no fluorochrome: {reason} ({label[:80]})"), ()
    if nothing(label):
        return "", label, Fault("no fluorochrome", f"no fluorochrome is given ({label[:80]})"), ()
    named = {dye for _, _, dye in dyes_in(spelt_out(label[:LONGEST_NAME]), tables) if dye}
    if len(named) > 1:
        return "", "", Fault("two fluorochromes", f"the cell names {' and '.join(sorted(named))}: {label[:80]}"), ()
    return "", label, _unknown(label, tables), ()


def label_in_name(product: str, parts: NameParts, tables: Tables) -> Label:
    """Return what a product name, which may be empty, says of the fluorochrome; ``parts``: the name taken apart."""
    if parts.fluorochrome and not parts.label:
        return parts.fluorochrome, parts.fluorochrome, None, ()
    if parts.label:
        return "", "", Fault("not a fluorochrome", f"no fluorochrome: {parts.label} ({product[:80]})"), ()
    if parts.unknown_dye:
        return "", parts.unknown_dye, _unknown(parts.unknown_dye, tables), ()
    where = f" in {product[:80]!r}" if product else ""
    return "", "", Fault("no fluorochrome", f"no fluorochrome is given{where}"), ()


def _unknown(label: str, tables: Tables) -> Fault:
    hint = tables.dyes.suggest(spelt_out(label[:LONGEST_NAME])[:80])
    return Fault("unknown fluorochrome", f"unknown fluorochrome: {label[:80]}" + (f" ({hint})" if hint else ""))


def known_dye(label: str, tables: Tables, notes: list[str]) -> str:
    """Return the dye of a label; words in brackets that say more than its name go into the notes."""
    if len(label) > LONGEST_NAME:
        return ""
    bracket = BRACKET.search(label)
    if bracket and (tandem := _tandem_in_bracket(label[: bracket.start()], bracket[1], tables)) is not None:
        return tandem
    plain = without_noise(label)
    name = tables.dyes.resolve(label) or tables.dyes.resolve(plain)
    if name is None and not (bracket and re.fullmatch(r"\s*\d{1,3}\s*", bracket[1])):
        name = tables.dyes.resolve(BRACKET.sub(" ", plain).strip()) or _only_dye(plain, tables)
    if name and bracket and tables.dyes.resolve(bracket[1]) != name:
        notes.append(f"fluorochrome written {label}")
    return name or ""


def _tandem_in_bracket(before: str, inside: str, tables: Tables) -> str | None:
    """Return the tandem of ``PE (Dazzle 594)``, empty if it is not known; None where the bracket makes no tandem."""
    if tables.dyes.resolve(before) not in DONORS:
        return None
    joined = spelt_out(f"{before.strip()}-{inside.strip()}")
    whole = [dye for start, end, dye in dyes_in(joined, tables) if (start, end) == (0, len(joined))]
    return whole[0] if whole else None


def _only_dye(text: str, tables: Tables) -> str | None:
    """Return the dye of a text that names one and holds no other word."""
    text = spelt_out(text)
    found = dyes_in(text, tables)
    rest = text
    for start, end, _ in reversed(found):
        rest = rest[:start] + rest[end:]
    names = {dye for _, _, dye in found}
    return names.pop() if len(names) == 1 and not re.search(r"\w", rest) else None
