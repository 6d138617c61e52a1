"""One row of a foreign list becomes a conjugate, or is rejected with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pydantic import ValidationError

from panelopt.catalogs.importing import cells
from panelopt.catalogs.importing.files.map_file import ImportMap
from panelopt.catalogs.importing.files.raw import Fault, RawRow
from panelopt.catalogs.importing.lots import count_left, last_day
from panelopt.catalogs.importing.marker_names import clean_marker
from panelopt.catalogs.importing.packs import pack_and_price
from panelopt.catalogs.importing.patterns import (
    BRACKET,
    ISOTYPE_CONTROL,
    NOT_ONE_ANTIBODY,
    SECONDARY,
    without_noise,
)
from panelopt.catalogs.importing.dye_mentions import dyes_in
from panelopt.catalogs.importing.product_names import NameParts, take_apart
from panelopt.catalogs.importing.tables import Tables
from panelopt.domain.reagents import VIABILITY_MARKER, Conjugate

SHELF_FIELDS = ("lot", "expires", "tests_left")
"""Fields that only an inventory has."""

_METAL = re.compile(
    r"\d{2,3}-?[A-Z][a-z]|[A-Z][a-z]-?\d{2,3}(?:Di)?|\d{2,3}-?(?:Pr|Nd|Sm|Eu|Gd|Tb|Dy|Ho|Er|Tm|Yb|Lu|Y|In|Pt|Cd|Bi)"
)
_COMPANY = re.compile(r"[\s,]+(?:inc|gmbh|ltd|limited|llc|ag|corp|co|s\.?a|plc|bv|ab)\b\.?.*$", re.IGNORECASE)
_LONGEST = 2_000
"""Characters of a cell that the mapping uses, at most; a catalog holds no longer ones."""

_FILLED_AT_LEAST = 3
"""In a list of so many columns, a row with a single filled cell is a heading or a footer."""


@dataclass(frozen=True, slots=True)
class Names:
    """Spellings of a row and what became of them, for the counts; empty where there is none.

    Attributes:
        dye_written: Label as the list writes it, if it stands for a dye.
        dye: Canonical dye.
        marker_written: Antigen as the list writes it.
        marker: Canonical marker; empty if the table does not have it.
        reactivity: Species.
    """

    dye_written: str = ""
    dye: str = ""
    marker_written: str = ""
    marker: str = ""
    reactivity: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a row: a conjugate, or a fault; and its names either way."""

    row: RawRow
    conjugate: Conjugate | None
    fault: Fault | None
    names: Names


@dataclass(slots=True)
class _Draft:
    """A row while it is read: cells by field, and remarks that go into the note."""

    given: dict[str, str]
    parts: NameParts
    notes: list[str] = field(default_factory=list)


class RowReader:
    """Reads the rows of one list.

    Args:
        columns: Column names of the list.
        mapping: What the columns mean.
        tables: Known spellings.
        inventory: Whether the list is what stands on the own shelf, lot by lot.
    """

    def __init__(
        self, columns: tuple[str, ...], mapping: ImportMap, tables: Tables, *, inventory: bool = False
    ) -> None:
        self._columns = columns
        self._position = {name: i for i, name in enumerate(columns)}
        self._map = mapping
        self._tables = tables
        self._inventory = inventory

    def read(self, row: RawRow) -> Judged:
        """Return what becomes of a row."""
        if row.fault is not None:
            return Judged(row, None, row.fault, Names())
        for name, column in self._map.columns.items():
            if len(cell := row.cells[self._position[column]]) > _LONGEST:
                reason = f"{name}: {len(cell):,} characters, more than {_LONGEST:,}"
                return Judged(row, None, Fault("value not allowed", reason), Names())
        draft = self._draft(row)
        names, fault = self._names(draft, row)
        if fault is None:
            try:
                return Judged(row, self._conjugate(draft, names), None, names)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                column = ".".join(map(str, first["loc"]))
                fault = Fault("value not allowed", f"{column}: {first['msg']}")
        return Judged(row, None, fault, names)

    def _draft(self, row: RawRow) -> _Draft:
        given: dict[str, str] = {
            name: row.cells[self._position[column]].strip() for name, column in self._map.columns.items()
        }
        for split in self._map.split:
            parts = row.cells[self._position[split.column]].split(split.separator, len(split.into) - 1)
            given.update({name: part.strip() for name, part in zip(split.into, parts, strict=False) if part.strip()})
        for name, table in self._map.values.items():
            given[name] = table.get(given.get(name, ""), given.get(name, ""))
        for constant, value in self._map.constants.items():
            given[constant] = given.get(constant) or value
        product = given.get("product", "")
        clone = given.get("clone", "")
        parts_ = take_apart(product, self._tables, clone) if product else NameParts()
        draft = _Draft({name: text for name, text in given.items() if text}, parts_)
        draft.notes += [f"{column}: {text}" for column in self._map.notes if (text := self._cell(row, column))]
        return draft

    def _cell(self, row: RawRow, column: str) -> str:
        return " ".join(row.cells[self._position[column]].split())

    def _names(self, draft: _Draft, row: RawRow) -> tuple[Names, Fault | None]:
        """Return the names of a row, and why it cannot be taken, if so."""
        product, antigen = draft.given.get("product", ""), draft.given.get("marker", "")
        label = draft.given.get("fluorochrome", "")
        filled = sum(bool(cell.strip()) for cell in row.cells)
        dye, reason = self._dye(label, draft)
        marker, written = self._marker(antigen, dye, draft)
        names = Names(
            "" if reason and reason.code == "not a fluorochrome" else label or dye,
            dye,
            written,
            marker,
            self._reactivity(draft),
        )
        if filled == 1 and len(self._columns) >= _FILLED_AT_LEAST and not (dye and written):
            text = next(cell.strip() for cell in row.cells if cell.strip())
            return Names(), Fault("heading or footer", f"only one cell is filled: {text[:80]}")
        viable = dye in self._tables.viability
        for text in (antigen, product):
            if ISOTYPE_CONTROL.search(text):
                return Names(dye_written=names.dye_written, dye=dye), Fault(
                    "isotype control", f"isotype control: {text[:80]}"
                )
            if SECONDARY.search(text):
                return Names(dye_written=names.dye_written, dye=dye), Fault(
                    "secondary antibody", f"secondary antibody: {text[:80]}"
                )
        if not viable and NOT_ONE_ANTIBODY.search(product or antigen):
            return Names(), Fault("kit or accessory", f"no single antibody: {(product or antigen)[:80]}")
        if not (label or dye or written or product):
            return names, Fault("no marker, no fluorochrome", "neither marker nor fluorochrome is given")
        if reason is not None:
            return names, reason
        if draft.parts.other_dyes and not label:
            others = " and ".join((dye, *draft.parts.other_dyes))
            return names, Fault("two fluorochromes", f"the name mentions {others}: {product[:80]}")
        if not written:
            return names, Fault("no marker", f"no marker is given{f' in {product[:80]!r}' if product else ''}")
        return names, None

    def _dye(self, label: str, draft: _Draft) -> tuple[str, Fault | None]:
        if not label:
            if draft.parts.fluorochrome:
                return draft.parts.fluorochrome, None
            product = draft.given.get("product", "")
            if draft.parts.label:
                return "", Fault("not a fluorochrome", f"no fluorochrome: {draft.parts.label} ({product[:80]})")
            return "", Fault(
                "no fluorochrome", "no fluorochrome is given" + (f" in {product[:80]!r}" if product else "")
            )
        if found := self._known_dye(label, draft):
            return found, None
        plain = without_noise(label)
        if reason := self._tables.labels.resolve(label) or self._tables.labels.resolve(plain):
            return "", Fault("not a fluorochrome", f"no fluorochrome: {reason} ({label[:80]})")
        if _METAL.fullmatch(label.strip()):
            return "", Fault("not a fluorochrome", f"no fluorochrome: metal ({label[:80]})")
        first = next((name for word in re.split(r"[,;/ ]+", plain) if (name := self._tables.labels.resolve(word))), "")
        if first and not dyes_in(label, self._tables):
            return "", Fault("not a fluorochrome", f"no fluorochrome: {first} ({label[:80]})")
        if cells.nothing(label):
            return "", Fault("no fluorochrome", f"no fluorochrome is given ({label[:80]})")
        hint = self._tables.dyes.table.suggest(label[:80])
        text = f"the optics of {label[:80]!r} are not known" + (f" ({hint})" if hint else "")
        return "", Fault("unknown fluorochrome", text)

    def _known_dye(self, label: str, draft: _Draft) -> str:
        """Return the dye of a label; words in brackets that say more than its name go into the note."""
        name = self._tables.dyes.resolve(label)
        if name is None:
            plain = without_noise(label)
            found = self._tables.dyes.resolve(plain) or self._tables.dyes.resolve(BRACKET.sub(" ", plain).strip())
            if found is None:
                named = {dye for _, _, dye in dyes_in(label, self._tables)}
                rest = without_noise(label)
                for start, end, _ in reversed(dyes_in(rest, self._tables)):
                    rest = rest[:start] + rest[end:]
                found = named.pop() if len(named) == 1 and not re.search(r"\w", rest) else None
            name = found
        bracket = BRACKET.search(label)
        if name and bracket and self._tables.dyes.resolve(bracket[1]) != name:
            draft.notes.append(f"fluorochrome written {label}")
        return name or ""

    def _marker(self, antigen: str, dye: str, draft: _Draft) -> tuple[str, str]:
        """Return the canonical marker (empty if unknown) and the antigen as it is written (empty if none is)."""
        if dye in self._tables.viability:
            known = clean_marker(antigen, self._tables) if antigen else VIABILITY_MARKER
            if known == VIABILITY_MARKER or not antigen or cells.nothing(antigen):
                return VIABILITY_MARKER, antigen or VIABILITY_MARKER
        if not antigen or (cells.nothing(antigen) and not self._tables.markers.resolve(antigen)):
            found = draft.parts.marker
            return (found if self._tables.markers.resolve(found) else ""), found
        marker = clean_marker(antigen, self._tables)
        if marker and self._tables.markers.resolve(antigen) is None:
            draft.notes.append(f"marker written {antigen}")
        return marker, antigen

    def _reactivity(self, draft: _Draft) -> str:
        text = draft.given.get("reactivity", "") or draft.parts.reactivity
        return cells.species_list(text, self._tables) if text and not cells.nothing(text) else ""

    def _conjugate(self, draft: _Draft, names: Names) -> Conjugate:
        given = draft.given
        values: dict[str, object] = {"marker": names.marker or names.marker_written, "fluorochrome": names.dye}
        values["reactivity"] = names.reactivity
        values["clone"] = self._clone(draft)
        values["vendor"] = self._vendor(draft)
        isotype, host = cells.isotype_and_host(given.get("isotype", ""), self._tables)
        stated = given.get("host", "") or draft.parts.host
        values["isotype"] = "" if cells.nothing(isotype) else isotype
        values["host"] = (
            "" if cells.nothing(stated) and not host else (cells.species_list(stated, self._tables) or host)
        )
        for name in ("catalog_number", "applications"):
            text = given.get(name, "")
            values[name] = "" if cells.nothing(text) else text
        for name in ("availability", "source"):
            values[name] = given.get(name, "")
        values.update(pack_and_price(draft.given, self._map.price, draft.notes))
        if self._inventory:
            values.update(self._shelf(draft))
        if text := given.get("in_stock", ""):
            values["in_stock"] = cells.stock(text)
            if values["in_stock"] is None:
                draft.notes.append(f"{self._map.columns.get('in_stock', 'stock')}: {text}")
        values["note"] = "; ".join(filter(None, (given.get("note", ""), *draft.notes)))
        return Conjugate.model_validate(values)

    def _shelf(self, draft: _Draft) -> dict[str, object]:
        """Return lot, last day of use and tests left; what is not plain goes into the note."""
        given = {name: text for name in SHELF_FIELDS if not cells.nothing(text := draft.given.get(name, ""))}
        values: dict[str, object] = {
            "lot": given.get("lot", ""),
            "expires": last_day(given.get("expires", "")),
            "tests_left": count_left(given.get("tests_left", "")),
        }
        draft.notes += [f"{name} written {text}" for name, text in given.items() if values[name] in ("", None)]
        return values

    def _clone(self, draft: _Draft) -> str:
        text = re.sub(r"^clones?\s*[:#]?\s+", "", draft.given.get("clone", ""), flags=re.IGNORECASE)
        if not text or cells.nothing(text):
            return draft.parts.clone
        if kind := cells.mangled_clone(text):
            draft.notes.append(f"clone written {text}: a spreadsheet took it for a {kind}")
            return ""
        return text

    def _vendor(self, draft: _Draft) -> str:
        text = draft.given.get("vendor", "")
        if not text or cells.nothing(text):
            return ""
        for spelling in (text, _COMPANY.sub("", text)):
            if name := self._tables.vendors.resolve(spelling):
                return name
        # a distributor beside the maker: bioconcept/Cell Signaling
        known = {found for part in re.split(r"[/(),;]", text) if (found := self._tables.vendors.resolve(part))}
        if len(known) != 1:
            return text
        draft.notes.append(f"vendor written {text}")
        return known.pop()
