"""A foreign list becomes a catalog folder: conjugates, rejects, and counts that add up."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from panelopt.catalogs.folder import catalog_texts
from panelopt.catalogs.importing.files.layout import CellKinds
from panelopt.catalogs.importing.files.map_file import ImportMap
from panelopt.catalogs.importing.files.raw import Fault, RawTable, unique_names, visible
from panelopt.catalogs.importing.files.reader import ReadOptions, read_list
from panelopt.catalogs.importing.headers import LONGEST_NAME, field_of_header
from panelopt.catalogs.importing.rows import SHELF_FIELDS, Judged, RowReader
from panelopt.catalogs.importing.tables import tables
from panelopt.catalogs.manifest import DATA_FILE, MANIFEST_FILE
from panelopt.catalogs.writer import REJECTS_FILE
from panelopt.domain.import_summary import ImportSummary, SpellingShare
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.errors import Finding, InputError, did_you_mean, input_error
from panelopt.io.csv_table import write_table

_CD = re.compile(r"\s*(?:anti[-\s]*)?CD\d", re.IGNORECASE)


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
    """Read a list as a table of text.

    Raises:
        InputError, UsageError: as :func:`panelopt.catalogs.importing.files.reader.read_list`.
    """
    known = tables()

    def is_product(cell: str) -> bool:
        return len(cell) <= LONGEST_NAME and bool(known.dyes.resolve(cell) or _CD.match(cell))

    kinds = CellKinds(lambda cell: field_of_header(cell, known) is not None, is_product)
    return read_list(path, kinds, options)


def import_table(table: RawTable, mapping: ImportMap, head: Catalog) -> Imported:
    """Turn the rows of a list into a catalog.

    Args:
        table: The list.
        mapping: What its columns mean.
        head: Name, source and date of the catalog, without conjugates; whether it is an inventory.

    Raises:
        InputError: if the mapping names columns that are not there, gives no marker or no dye, or no row can be
            taken.
    """
    _check_mapping(table, mapping)
    known = tables()
    reader = RowReader(table.columns, mapping, known, inventory=head.inventory)
    judged = _without_repeats([reader.read(row) for row in table.rows])
    taken = [entry for entry in judged if entry.conjugate is not None]
    rejects = tuple(entry for entry in judged if entry.conjugate is None)
    if not taken:
        counts = Counter(entry.fault.code for entry in rejects if entry.fault)
        why = ", ".join(f"{code} {count:,}" for code, count in counts.most_common(5)) or "the list has no rows"
        raise input_error("nothing-imported", f"no row can be taken: {why}", hint="Check the mapping (--write-map).")
    catalog = _catalog(head, [entry.conjugate for entry in taken if entry.conjugate is not None])
    data, manifest = catalog_texts(catalog)
    files = {DATA_FILE: data, REJECTS_FILE: _rejects_csv(table.columns, rejects), MANIFEST_FILE: manifest}
    summary = _summary(table, catalog, judged, hashlib.sha256(data.encode()).hexdigest(), known.without_optics)
    used = mapping.used_columns()
    if not head.inventory:  # another catalog has no place for them
        kept = {column for name, column in mapping.columns.items() if name not in SHELF_FIELDS}
        used = tuple(name for name in used if name in kept or name not in mapping.columns.values())
    unused = tuple(name for name in table.columns if name not in used)
    return Imported(catalog, files, summary.model_copy(update={"unused_columns": unused}))


def _summary(
    table: RawTable, catalog: Catalog, judged: Sequence[Judged], sha256: str, no_optics: frozenset[str]
) -> ImportSummary:
    facts, conjugates = table.facts, catalog.conjugates
    faults = Counter(entry.fault.code for entry in judged if entry.fault is not None)
    return ImportSummary(
        catalog=catalog.name,
        source=catalog.source,
        retrieved=catalog.retrieved,
        sha256=sha256,
        form=facts.form,
        encoding=facts.encoding,
        separator=facts.separator,
        sheet=facts.sheet,
        header_line=facts.header_line,
        title_lines=facts.title_lines,
        empty_lines=facts.empty_lines,
        rows=len(table.rows),
        conjugates=len(conjugates),
        rejects=sum(entry.conjugate is None for entry in judged),
        rejected=dict(sorted(faults.items(), key=lambda item: (-item[1], item[0]))),
        fluorochromes=_share((entry.names.dye_written, entry.names.dye) for entry in judged),
        human_cd_markers=_share(
            (entry.names.marker_written, entry.names.marker)
            for entry in judged
            if _CD.match(entry.names.marker_written) and _maybe_human(entry.names.reactivity)
        ),
        markers_as_written=sum(not entry.names.marker for entry in judged if entry.conjugate is not None),
        without_optics=sum(conjugate.fluorochrome in no_optics for conjugate in conjugates),
        not_human=sum(not _maybe_human(conjugate.reactivity) for conjugate in conjugates),
        priced=sum(conjugate.price is not None for conjugate in conjugates),
        price_per_test=sum(conjugate.price_per_test != "" for conjugate in conjugates),
        remarks=facts.remarks,
    )


def _check_mapping(table: RawTable, mapping: ImportMap) -> None:
    findings = []
    listed = f"Columns: {', '.join(table.columns)[:500]}."
    for name in mapping.used_columns():
        if name not in table.columns:
            hint = did_you_mean(name, table.columns) or listed
            findings.append(Finding("unknown-column", f"the list has no column {name!r}", "mapping", hint))
    given = {*mapping.columns, *(name for split in mapping.split for name in split.into)}
    for name in ("marker", "fluorochrome"):
        if name not in given and "product" not in given:
            hint = f'Name it: [columns] {name} = "..."; or product = "..." for names that hold both. {listed}'
            findings.append(Finding("no-column", f"no column gives the {name}", "mapping", hint))
    if findings:
        raise InputError(findings)


def _without_repeats(judged: Sequence[Judged]) -> list[Judged]:
    """Reject rows that repeat another one in all cells, or in what makes a product; of two tubes one in stock stays."""
    by_cells: dict[tuple[str, ...], int] = {}
    by_product: dict[tuple[str, ...], int] = {}
    result = list(judged)
    for i, entry in enumerate(judged):
        if entry.conjugate is None:
            continue
        first = by_cells.setdefault(entry.row.cells, entry.row.line)
        product = (*entry.conjugate.product_id, entry.conjugate.lot)
        kept = by_product.setdefault(product, i)
        if first != entry.row.line:
            result[i] = _rejected(entry, Fault("duplicate", f"duplicate of line {first}"))
        elif kept != i:
            other = judged[kept]
            if entry.conjugate.in_stock and other.conjugate is not None and not other.conjugate.in_stock:
                by_product[product] = i
                i, kept = kept, i
            reason = f"same product as line {judged[kept].row.line}; other cells differ"
            result[i] = _rejected(judged[i], Fault("same product", reason))
    return _with_all_species(result, judged)


def _with_all_species(result: list[Judged], judged: Sequence[Judged]) -> list[Judged]:
    """Give a product every species that one of its rows names: a list may have one row for each."""
    species: dict[tuple[str, ...], list[str]] = {}
    for entry in judged:
        if entry.conjugate is not None and entry.conjugate.reactivity:
            species.setdefault(entry.conjugate.product_id, []).append(entry.conjugate.reactivity)
    for i, entry in enumerate(result):
        named = list(dict.fromkeys(species.get(entry.conjugate.product_id, []))) if entry.conjugate is not None else []
        if entry.conjugate is None or len(named) < 2:
            continue
        words = ", ".join(dict.fromkeys(word for text in named for word in text.split(", ")))
        note = "; ".join(filter(None, (entry.conjugate.note, "reactivity of several rows of the list")))
        result[i] = replace(entry, conjugate=entry.conjugate.model_copy(update={"reactivity": words, "note": note}))
    return result


def _rejected(entry: Judged, fault: Fault) -> Judged:
    return Judged(entry.row, None, fault, entry.names)


def _catalog(head: Catalog, conjugates: list[Conjugate]) -> Catalog:
    vendors = {conjugate.vendor for conjugate in conjugates}
    currencies = {conjugate.currency for conjugate in conjugates if conjugate.price is not None}
    return Catalog(
        **head.model_dump(exclude={"conjugates", "vendor", "currency", "rows"}),
        vendor=vendors.pop() if len(vendors) == 1 else "",
        currency=currencies.pop() if len(currencies) == 1 else "",
        conjugates=tuple(conjugates),
    )


def _share(pairs: Iterable[tuple[str, str]]) -> SpellingShare:
    known: dict[str, bool] = {}
    for written, canonical in pairs:
        if written:
            known[written] = known.get(written, False) or bool(canonical)
    unknown = tuple(sorted(written for written, found in known.items() if not found))
    count = len(known) - len(unknown)
    return SpellingShare(
        spellings=len(known), known=count, share=count / len(known) if known else None, unknown=unknown
    )


def _maybe_human(reactivity: str) -> bool:
    return not reactivity or "human" in reactivity.casefold()


def _rejects_csv(names: Sequence[str], rejects: Sequence[Judged]) -> str:
    columns = list(unique_names(["line", "reason", *names]))
    widest = max((len(entry.row.cells) for entry in rejects), default=0)
    columns += [f"cell {i + 1}" for i in range(len(names), widest)]
    rows = []
    for entry in rejects:
        reason = entry.fault.reason if entry.fault is not None else ""
        cells = (str(entry.row.line), visible(reason), *map(visible, entry.row.cells))
        rows.append(dict(zip(columns, cells, strict=False)))
    return write_table(columns, rows)
