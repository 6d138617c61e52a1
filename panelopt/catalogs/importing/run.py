"""A foreign list becomes a catalog folder: conjugates, rejects, and counts that add up."""

from __future__ import annotations

import hashlib
import heapq
import io
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from panelopt.catalogs.conjugates_csv import conjugate_cells
from panelopt.catalogs.folder import data_columns
from panelopt.catalogs.importing.asks import check_mapping, not_understood, nothing_taken, unclear_prices
from panelopt.catalogs.importing.dye_mentions import dyes_in
from panelopt.catalogs.importing.dye_spellings import spelt_out
from panelopt.catalogs.importing.files.layout import CellKinds
from panelopt.catalogs.importing.files.map_file import ImportMap
from panelopt.catalogs.importing.files.raw import Fault, RawRow, RawTable, unique_names, visible
from panelopt.catalogs.importing.files.reader import ReadOptions, read_list
from panelopt.catalogs.importing.grids import names_grid, unfolded
from panelopt.catalogs.importing.headers import LONGEST_NAME, field_of_header
from panelopt.catalogs.importing.import_tally import CD, ImportTally
from panelopt.catalogs.importing.list_kinds import kind_of_list
from panelopt.catalogs.importing.list_rows import LOT_FIELDS, ListRowReader
from panelopt.catalogs.importing.name_tables import tables
from panelopt.catalogs.importing.recognised_names import ReadRow
from panelopt.catalogs.importing.repeats import Repeats
from panelopt.catalogs.importing.spool import Spool
from panelopt.catalogs.manifest import DATA_FILE, MANIFEST_FILE, manifest_text
from panelopt.catalogs.writer import REJECTS_FILE, new_folder, open_text
from panelopt.domain.import_summary import ImportSummary
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.io.csv_table import write_rows


@dataclass(frozen=True, slots=True)
class Imported:
    """A list that was brought in.

    Attributes:
        catalog: The conjugates.
        files: Content of the catalog folder by file name.
        summary: Counts.
    """

    catalog: Catalog
    files: dict[str, str]
    summary: ImportSummary


def read_foreign(path: Path, options: ReadOptions) -> RawTable:
    """Read a list as a table of text; a grid of markers and dyes as one row for each of its filled cells.

    Raises:
        InputError, UsageError: as :func:`panelopt.catalogs.importing.files.reader.read_list`.
    """
    known = tables()

    def is_product(cell: str) -> bool:
        return len(cell) <= LONGEST_NAME and bool(known.dyes.resolve(cell) or CD.match(cell))

    kinds = CellKinds(
        lambda cell: field_of_header(cell, known) is not None, is_product, lambda cells: names_grid(cells, known)
    )
    return unfolded(read_list(path, kinds, options), known)


def import_table(table: RawTable, mapping: ImportMap, head: Catalog, *, guessed: bool = False) -> Imported:
    """Turn the rows of a list into a catalog.

    Args:
        table: The list.
        mapping: What its columns mean.
        head: Name, source and date of the catalog, without conjugates; whether it is an inventory.
        guessed: Whether nobody has looked at the mapping: then half of the rows must make sense under it.

    Raises:
        InputError: if the mapping names columns that are not there, gives no marker or no dye, too few rows make
            sense, a price can be read two ways, or no row can be taken.
    """
    kept: list[Conjugate] = []
    data, rejects = io.StringIO(newline=""), io.StringIO(newline="")
    with closing(_Import(table, mapping, head, guessed=guessed)) as run:
        run.check_sense()
        if not run.taken:
            raise nothing_taken(run.tally.faults, run.kind)
        run.write_conjugates(data, kept)
        run.write_rejects(rejects)
    content = data.getvalue()
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    catalog = run.catalog(kept)
    files = {DATA_FILE: content, REJECTS_FILE: rejects.getvalue(), MANIFEST_FILE: manifest_text(catalog, sha256)}
    return Imported(catalog, files, run.summary(sha256))


def import_into(
    folder: Path, table: RawTable, mapping: ImportMap, head: Catalog, *, guessed: bool = False, force: bool = False
) -> ImportSummary:
    """Write the catalog that :func:`import_table` returns into a folder, without ever holding it as a whole.

    Where no row can be taken, the folder holds the rejects alone.

    Raises:
        InputError: as :func:`import_table`.
        PaneloptError: as :func:`panelopt.catalogs.writer.new_folder`.
    """
    with closing(_Import(table, mapping, head, guessed=guessed)) as run:
        run.check_sense()
        with new_folder(folder, force=force) as new:
            sha256 = run.write_catalog(new) if run.taken else ""
            with open_text(new / REJECTS_FILE) as file:
                run.write_rejects(file)
    if not run.taken:
        raise nothing_taken(run.tally.faults, run.kind, written=str(folder / REJECTS_FILE))
    return run.summary(sha256)


class _Import:
    """An import: the first pass reads all rows, the second writes them.

    Attributes:
        tally: Counts.
        kind: Sentence on a list that is not for flow cytometry; may be empty.
    """

    def __init__(self, table: RawTable, mapping: ImportMap, head: Catalog, *, guessed: bool) -> None:
        check_mapping(table, mapping)
        self._table, self._map, self._head, self._guessed = table, mapping, head, guessed
        self._known = tables()
        self.tally = ImportTally()
        self.kind, self._none = kind_of_list(table, mapping, self._known)
        self._taken, self._rejected = Spool(), Spool()
        self._repeats = Repeats()
        self._replaced: list[tuple[RawRow, Fault]] = []
        self._unclear: list[tuple[int, str, tuple[float, ...]]] = []
        reader = ListRowReader(table.columns, mapping, self._known, inventory=head.inventory)
        for row in table.rows:
            self._sort_in(reader.read(row))
        self.tally.faults.update(fault.code for fault in self._repeats.replaced.values())

    @property
    def taken(self) -> int:
        """Conjugates that stay."""
        return len(self._taken) - len(self._repeats.replaced)

    def _sort_in(self, entry: ReadRow) -> None:
        fault = entry.fault
        self._unclear += [(entry.row.line, *price) for price in entry.unclear]
        if entry.conjugate is not None and self._none:
            entry = replace(entry, conjugate=None, fault=Fault("not for flow cytometry", self.kind))
            fault = entry.fault
        elif entry.conjugate is not None:
            fault = self._repeats.see(entry.row, entry.conjugate)
        if fault is None:
            self._taken.add(entry.row, entry.conjugate, None)
        else:
            self.tally.faults[fault.code] += 1
            self._rejected.add(entry.row, None, fault)
        written = entry.names.dye_written
        unknown = entry.fault is not None and entry.fault.code == "unknown fluorochrome"
        looks = unknown and bool(dyes_in(spelt_out(written[:LONGEST_NAME]), self._known))
        self.tally.see(entry, senseful=looks)

    def close(self) -> None:
        """Delete temporary files."""
        self._taken.close()
        self._rejected.close()

    def check_sense(self) -> None:
        """Raise if too few rows make sense, or a price can be read two ways."""
        senseless = self.tally.not_understood
        if self._guessed and 2 * senseless > self.tally.products:
            raise not_understood(senseless, self.tally.products, self._map, self.tally.faults, self.kind)
        if self._unclear:
            raise unclear_prices(self._unclear)

    def _conjugates(self) -> Iterator[Conjugate]:
        for number, (row, conjugate, _) in enumerate(self._taken):
            if (fault := self._repeats.replaced.get(number)) is not None:
                self._replaced.append((row, fault))
            elif conjugate is not None:
                kept = self._repeats.with_all_species(conjugate)
                self.tally.keep(kept, self._known.without_optics)
                yield kept

    def write_conjugates(self, out: TextIO, kept: list[Conjugate] | None = None) -> None:
        """Write ``conjugates.csv``; ``kept`` takes its conjugates."""
        columns = data_columns(inventory=self._head.inventory, packs=self.tally.packs)

        def rows() -> Iterator[dict[str, str]]:
            for conjugate in self._conjugates():
                if kept is not None:
                    kept.append(conjugate)
                yield conjugate_cells(conjugate, columns)

        write_rows(out, columns, rows())

    def write_catalog(self, folder: Path) -> str:
        """Write ``conjugates.csv`` and ``catalog.toml``, and return the hash of the first."""
        with open_text(folder / DATA_FILE) as file:
            self.write_conjugates(file)
        with (folder / DATA_FILE).open("rb") as data:
            sha256 = hashlib.file_digest(data, "sha256").hexdigest()
        with open_text(folder / MANIFEST_FILE) as file:
            file.write(manifest_text(self.catalog(()), sha256))
        return sha256

    def write_rejects(self, out: TextIO) -> None:
        """Write ``rejects.csv``, once the conjugates are written."""
        names = self._table.columns
        columns = list(unique_names(["line", "reason", *names]))
        columns += [f"cell {i + 1}" for i in range(len(names), self.tally.widest)]
        rejected = ((row, fault) for row, _, fault in self._rejected if fault is not None)
        entries = heapq.merge(rejected, self._replaced, key=lambda entry: entry[0].line)
        rows = (
            dict(zip(columns, (str(row.line), visible(fault.reason), *map(visible, row.cells)), strict=False))
            for row, fault in entries
        )
        write_rows(out, columns, rows)

    def catalog(self, kept: Iterable[Conjugate]) -> Catalog:
        """Return the catalog, with its vendor and currency where all conjugates share one."""
        vendors, currencies = self.tally.vendors, self.tally.currencies
        data = self._head.model_dump(exclude={"conjugates", "vendor", "currency", "rows"})
        return Catalog(
            **data,
            vendor=next(iter(vendors)) if len(vendors) == 1 else "",
            currency=next(iter(currencies)) if len(currencies) == 1 else "",
            conjugates=tuple(kept),
        )

    def summary(self, sha256: str) -> ImportSummary:
        """Return the counts, once the conjugates are written."""
        used = self._map.used_columns()
        if not self._head.inventory:  # another catalog has no place for them
            kept = {column for name, column in self._map.columns.items() if name not in LOT_FIELDS}
            used = tuple(name for name in used if name in kept or name not in self._map.columns.values())
        unused = tuple(name for name in self._table.columns if name not in used)
        remarks = (self.kind,) if self.kind else ()
        return self.tally.summary(self._table, self._head, sha256, unused, remarks)


def with_decimal(mapping: ImportMap, mark: str) -> ImportMap:
    """Return a mapping whose prices have a decimal mark that the user states."""
    return mapping.model_copy(update={"price": mapping.price.model_copy(update={"decimal": mark})})
