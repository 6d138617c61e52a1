"""One row of a foreign list becomes a conjugate, or is rejected with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial

from pydantic import ValidationError

from panelopt.catalogs.importing.files.map_file import ImportMap
from panelopt.catalogs.importing.files.raw import Fault, RawRow
from panelopt.catalogs.importing.labels import known_dye, label_in_name, label_of
from panelopt.catalogs.importing.lots import count_left, last_day
from panelopt.catalogs.importing.marker_names import clean_marker
from panelopt.catalogs.importing.name_tables import Tables, may_begin_viability
from panelopt.catalogs.importing.no_antibodies import no_antibody, no_antigen, not_single
from panelopt.catalogs.importing.packs import pack_and_price
from panelopt.catalogs.importing.patterns import nothing
from panelopt.catalogs.importing.product_names import NameParts, is_file, take_apart
from panelopt.catalogs.importing.recognised_names import ReadRow, RecognisedNames
from panelopt.catalogs.importing.remembered import remembered
from panelopt.catalogs.importing.species import isotype_and_host, marker_and_species, species_list
from panelopt.catalogs.importing.stock_words import mangled_clone, says_gone, stock, without_gone
from panelopt.catalogs.importing.vendor_names import vendor_of
from panelopt.domain.reagents import VIABILITY_MARKER, Conjugate

LOT_FIELDS = ("lot", "expires", "tests_left")
"""Fields that only an inventory has."""

_KIND = re.compile(
    r"(?:(?:antibody|reagent|product|item|conjugate)[\s_]*)?(?:type|category|class|kind|group)|typ|art|kategorie",
    re.IGNORECASE,
)
_REMEMBERED = 50_000
_OF_NAME = ("marker", "fluorochrome", "clone", "host", "reactivity")
"""Fields that a product name may give."""

_LONGEST = 2_000
"""Characters of a cell that the mapping uses, at most; a catalog holds no longer ones."""

_FILLED_AT_LEAST = 3
"""In a list of so many columns, a row with a single filled cell is a heading or a footer."""


@dataclass(slots=True)
class _Draft:
    """A row while it is read.

    Attributes:
        given: Cells by field; the antigen without its species, and names without remarks on the stock.
        parts: What the product name says.
        antigen: The antigen as the list writes it.
        species: What the cell of the antigen says of species.
        gone: Remark in a name that the tube is not there any more.
        notes: What goes into the note.
        unclear: As in :class:`ReadRow`.
        doubtful: As in :class:`ReadRow`.
    """

    given: dict[str, str]
    parts: NameParts
    antigen: str = ""
    species: str = ""
    gone: str = ""
    notes: list[str] = field(default_factory=list)
    unclear: list[tuple[str, tuple[float, ...]]] = field(default_factory=list)
    doubtful: str = ""


class ListRowReader:
    """Reads the rows of one list.

    Args:
        columns: Column names of the list.
        mapping: What the columns mean.
        tables: Known spellings.
        inventory: Whether the list is your stock, lot by lot.
    """

    def __init__(
        self, columns: tuple[str, ...], mapping: ImportMap, tables: Tables, *, inventory: bool = False
    ) -> None:
        self._columns = columns
        self._position = {name: i for i, name in enumerate(columns)}
        self._places = [(name, self._position[column]) for name, column in mapping.columns.items()]
        self._map = mapping
        self._kind = next((i for i, name in enumerate(columns) if _KIND.fullmatch(name.strip())), None)
        self._tables = tables
        self._inventory = inventory
        # lists repeat the same few cells
        self._marker_of = remembered(partial(clean_marker, tables=tables), _REMEMBERED)
        self._without_species = remembered(partial(marker_and_species, tables=tables), _REMEMBERED)
        self._species_of = remembered(partial(species_list, tables=tables), _REMEMBERED)
        self._isotype_of = remembered(partial(isotype_and_host, tables=tables), _REMEMBERED)
        self._vendor_of = remembered(partial(vendor_of, tables=tables), _REMEMBERED)
        self._label_of = remembered(partial(label_of, tables=tables), _REMEMBERED)
        self._no_antigen = remembered(partial(no_antigen, tables=tables), _REMEMBERED)
        self._begins_viability = may_begin_viability(tables)

    def read(self, row: RawRow) -> ReadRow:
        """Return what becomes of a row."""
        if row.fault is not None:
            return ReadRow(row, None, row.fault, RecognisedNames())
        if max(map(len, row.cells), default=0) > _LONGEST:
            for name, place in self._places:
                if len(cell := row.cells[place]) > _LONGEST:
                    reason = f"{name}: {len(cell):,} characters, more than {_LONGEST:,}"
                    return ReadRow(row, None, Fault("value not allowed", reason), RecognisedNames())
        draft = self._draft(row)
        names, fault = self._names(draft, row)
        if fault is None:
            try:
                conjugate = self._conjugate(draft, names)
                return ReadRow(row, conjugate, None, names, tuple(draft.unclear), draft.doubtful)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                column = ".".join(map(str, first["loc"]))
                fault = Fault("value not allowed", f"{column}: {first['msg']}")
        return ReadRow(row, None, fault, names)

    def _draft(self, row: RawRow) -> _Draft:
        given: dict[str, str] = {name: row.cells[place].strip() for name, place in self._places}
        for split in self._map.split:
            parts = row.cells[self._position[split.column]].split(split.separator, len(split.into) - 1)
            given.update({name: part.strip() for name, part in zip(split.into, parts, strict=False) if part.strip()})
        for name, table in self._map.values.items():
            given[name] = table.get(given.get(name, ""), given.get(name, ""))
        for constant, value in self._map.constants.items():
            given[constant] = given.get(constant) or value
        gone = ""
        for name in ("marker", "product"):
            given[name], remark = without_gone(given.get(name, ""))
            gone = gone or remark
        antigen = given["marker"]
        given["marker"], species = self._without_species(antigen) if antigen else ("", "")
        product, clone = given["product"], given.get("clone", "")
        complete = all(given.get(name) for name in _OF_NAME)
        parts_ = take_apart(product, self._tables, clone) if product and not complete else NameParts()
        draft = _Draft({name: text for name, text in given.items() if text}, parts_, antigen, species, gone)
        draft.notes += [f"{column}: {text}" for column in self._map.notes if (text := self._cell(row, column))]
        draft.notes += [f"marked {gone}"] if gone else []
        return draft

    def _cell(self, row: RawRow, column: str) -> str:
        return " ".join(row.cells[self._position[column]].split())

    def _names(self, draft: _Draft, row: RawRow) -> tuple[RecognisedNames, Fault | None]:
        """Return the names of a row, and why it cannot be taken, if so."""
        product, antigen = draft.given.get("product", ""), draft.given.get("marker", "")
        label = draft.given.get("fluorochrome", "")
        dye, spelling, reason, notes = (
            self._label_of(label) if label else label_in_name(product, draft.parts, self._tables)
        )
        draft.notes += notes
        if stain := self._viability(antigen, label, dye):
            draft.notes += [f"fluorochrome written {label}"] if label and dye != stain else []
            dye, reason = stain, None
        marker, written = self._marker(antigen, dye, draft)
        reactivity = self._reactivity(draft)
        names = RecognisedNames(spelling, dye, written, marker, reactivity)
        if (
            not (dye and written)
            and len(self._columns) >= _FILLED_AT_LEAST
            and len(filled := [text for cell in row.cells if (text := cell.strip())]) == 1
        ):
            return RecognisedNames(), Fault("heading or footer", f"only one cell is filled: {filled[0][:80]}")
        fault = no_antibody(
            draft.antigen,
            product,
            row.cells[self._kind] if self._kind is not None else "",
            clone=draft.given.get("clone", ""),
            host=self._species(draft.given.get("host", "")),
            reactivity=reactivity,
        )
        if fault is not None:
            return RecognisedNames(dye_written=spelling, dye=dye), fault
        if dye not in self._tables.viability and (fault := not_single(product or antigen)) is not None:
            return RecognisedNames(), fault
        if not (label or dye or written or product):
            return names, Fault("no marker, no fluorochrome", "neither marker nor fluorochrome is given")
        if reason is None and antigen and (fault := self._no_antigen(antigen)) is not None:
            return RecognisedNames(dye_written=spelling, dye=dye), fault
        if reason is not None:
            return names, reason
        if draft.parts.other_dyes and not label:
            others = " and ".join((dye, *draft.parts.other_dyes))
            return names, Fault("two fluorochromes", f"the name mentions {others}: {product[:80]}")
        if not written:
            return names, Fault("no marker", f"no marker is given{f' in {product[:80]!r}' if product else ''}")
        return names, None

    def _viability(self, antigen: str, label: str, dye: str) -> str:
        """Return the viability dye that the antigen's cell names, alone or with the label: Live/Dead, Aqua."""
        if not antigen or dye in self._tables.viability:
            return ""
        found = self._tables.dyes.resolve(antigen)
        if found is None and label and self._begins_viability(antigen):
            found = self._tables.dyes.resolve(f"{antigen} {label}")
        return found if found in self._tables.viability else ""

    def _marker(self, antigen: str, dye: str, draft: _Draft) -> tuple[str, str]:
        """Return the canonical marker (empty if unknown) and the antigen as it is written (empty if none is)."""
        tables = self._tables
        if dye in tables.viability:
            known = self._marker_of(antigen) if antigen else VIABILITY_MARKER
            if known == VIABILITY_MARKER or nothing(antigen) or known_dye(antigen, tables, []) in tables.viability:
                return VIABILITY_MARKER, antigen or VIABILITY_MARKER
        if not antigen or (nothing(antigen) and not tables.markers.resolve(antigen)):
            found = draft.parts.marker
            return (found if tables.markers.resolve(found) else ""), found
        marker = self._marker_of(antigen)
        if " ".join(draft.antigen.split()) != antigen or (marker and tables.markers.resolve(antigen) != marker):
            draft.notes.append(f"marker written {draft.antigen}")
        return marker, antigen

    def _reactivity(self, draft: _Draft) -> str:
        """Return the species that are bound: those of the antigen's cell go before the column and the product name."""
        stated = self._species(draft.given.get("reactivity", ""))
        named = draft.species or self._species(draft.parts.reactivity)
        if stated and draft.species and not set(draft.species.split(", ")) <= set(stated.split(", ")):
            draft.notes.append(f"reactivity written {stated}")
            return draft.species
        return stated or named

    def _species(self, text: str) -> str:
        return self._species_of(text) if text and not nothing(text) else ""

    def _conjugate(self, draft: _Draft, names: RecognisedNames) -> Conjugate:
        given = draft.given
        values: dict[str, object] = {"marker": names.marker or names.marker_written, "fluorochrome": names.dye}
        values["reactivity"] = names.reactivity
        values["clone"] = self._clone(draft)
        values["vendor"], note = self._vendor_of(given.get("vendor", ""))
        draft.notes += [note] if note else []
        isotype, host = self._isotype_of(given.get("isotype", ""))
        stated = given.get("host", "") or draft.parts.host
        values["isotype"] = "" if nothing(isotype) else isotype
        values["host"] = "" if nothing(stated) and not host else (self._species_of(stated) or host)
        for name in ("catalog_number", "applications"):
            text = given.get(name, "")
            values[name] = "" if nothing(text) else text
        for name in ("availability", "source"):
            values[name] = given.get(name, "")
        values.update(pack_and_price(draft.given, self._map.price, draft.notes, draft.unclear))
        values["in_stock"] = self._in_stock(draft)
        if self._inventory:
            values.update(self._lot_cells(draft))
            if values["in_stock"] is False:
                values["tests_left"] = 0
        values["note"] = "; ".join(filter(None, (given.get("note", ""), *draft.notes)))
        return Conjugate.model_validate(values)

    def _in_stock(self, draft: _Draft) -> bool | None:
        """Return whether the product is there; what is not understood goes into the note."""
        text = draft.given.get("in_stock", "")
        found = stock(text) if text else None
        if text and found is None:
            draft.notes.append(f"{self._map.columns.get('in_stock', 'stock')}: {text}")
        return False if draft.gone or says_gone(draft.given.get("note", "")) else found

    def _lot_cells(self, draft: _Draft) -> dict[str, object]:
        """Return lot, last day of use and tests left; what is not plain goes into the note."""
        given = {name: text for name in LOT_FIELDS if not nothing(text := draft.given.get(name, ""))}
        values: dict[str, object] = {
            "lot": given.get("lot", ""),
            "expires": last_day(given.get("expires", "")),
            "tests_left": count_left(given.get("tests_left", "")),
        }
        draft.notes += [f"{name} written {text}" for name, text in given.items() if values[name] in ("", None)]
        return values

    def _clone(self, draft: _Draft) -> str:
        text = draft.given.get("clone", "")
        if text[:1] in "cC":
            text = re.sub(r"^clones?\s*[:#]?\s+", "", text, flags=re.IGNORECASE)
        if is_file(text):
            draft.notes.append(f"clone written {text}")
        if not text or nothing(text) or is_file(text):
            return "" if is_file(draft.parts.clone) else draft.parts.clone
        if kind := mangled_clone(text):
            draft.notes.append(f"clone written {text}: a spreadsheet took it for a {kind}")
            draft.doubtful = text
            return ""
        return text
