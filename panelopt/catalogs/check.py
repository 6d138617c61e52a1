"""Checks of catalogs: every fault and every oddity of a folder at once, with line, column and value."""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

from panelopt.catalogs.cell_checks import (
    NotableCell,
    Place,
    currency_fault,
    currency_faults,
    formula_remarks,
    notable_cells,
    unknown_names,
    unprintable_faults,
    zero_prices,
)
from panelopt.catalogs.manifest import DATA_FILE, MANIFEST_FILE, MAX_CSV_BYTES, Manifest, read_manifest
from panelopt.catalogs.rows import INVENTORY_COLUMNS
from panelopt.catalogs.sources import NOT_A_FILE, CatalogSource, catalog_sources, located_source
from panelopt.catalogs.store import check_rows
from panelopt.domain.catalog_faults import CatalogFault, CheckedCatalog
from panelopt.domain.reagents import SYNTHETIC
from panelopt.errors import Finding, InputError
from panelopt.io.csv_table import MAX_FINDINGS
from panelopt.io.documents import check_utf8, read_bytes
from panelopt.registry.dye_sources import fluorochrome_names
from panelopt.registry.marker_aliases import marker_names

_PLACE = re.compile(r"(?P<file>.*?)(:(?P<line>\d+)(, column (?P<column>\w+))?|: (?P<key>[\w.\[\]]+))?")
_PLACE_IN_TOML = re.compile(r"at line (\d+), column \d+")
_UNLISTED = re.compile(r"(\d+) more faults are not listed")
_ODD = ("duplicate-catalog", "many-catalogs")
_FOUND_HERE = ("hash-mismatch", "unknown-fluorochrome")


def check_catalogs(names: Sequence[str] = (), *, inventory: bool = False) -> tuple[CheckedCatalog, ...]:
    """Check catalogs by name or folder; without names all that are found, and what is wrong with plug-ins.

    Args:
        names: Catalog names, folders or CSV files.
        inventory: Whether they are inventories, which may have lots.

    Raises:
        InputError: if a name is unknown or stands for several catalogs.
    """
    if names:
        return tuple(_checked(name, located_source(name), inventory) for name in names)
    sources, findings = catalog_sources(broken=True)
    odd = [_fault(finding) for finding in findings if finding.code in _ODD]
    wrong = [_fault(finding) for finding in findings if finding.code not in _ODD]
    places = [CheckedCatalog("places of catalogs", None, tuple(wrong), tuple(odd))] if findings else []
    return (*places, *(_checked(source.name, source, inventory) for source in sources))


def _checked(name: str, source: CatalogSource, inventory: bool) -> CheckedCatalog:
    if source.fault is not None and source.fault.findings[0].code == NOT_A_FILE:
        return CheckedCatalog(name, None, tuple(_fault(finding) for finding in source.fault.findings))
    findings: list[Finding] = []
    folder = source.folder
    data = folder / DATA_FILE if folder.is_dir() else folder
    manifest = _manifest(folder, findings)
    rows: int | None = None
    remarks: tuple[Finding, ...] = ()
    try:
        # without a head that can be read, the rows are looked at all the same
        rows, remarks = check_rows(data if manifest is None else folder, inventory=inventory)
        rows = None if findings else rows
    except InputError as error:
        findings += error.findings if inventory else map(_as_inventory, error.findings)
    unlisted = sum(int(number[1]) for f in findings if (number := _UNLISTED.fullmatch(f.message)))
    found = [_fault(finding) for finding in findings if not _UNLISTED.fullmatch(finding.message)]
    told = {(fault.line or 0, fault.column) for fault in found}
    cells = _cells(data, told)
    file = str(data)
    faults: Iterable[CatalogFault] = chain(currency_faults(cells, file), unprintable_faults(cells, file, in_names=True))
    faults = chain(_with_values(found, cells), (f for f in faults if (f.line or 0, f.column) not in told))
    oddities: Iterable[CatalogFault] = chain(
        (_fault(remark) for remark in remarks if remark.code not in _FOUND_HERE),
        unprintable_faults(cells, file, in_names=False),
        _cell_remarks(cells, file),
    )
    if manifest is not None and folder.is_dir():
        faults = chain(faults, _head_faults(manifest, folder, data))
        oddities = chain(oddities, _head_remarks(manifest, folder, data, cells))
    return CheckedCatalog(name, rows, _sorted(faults, unlisted), _sorted(oddities))


def _as_inventory(finding: Finding) -> Finding:
    """Return a finding about a column of inventories with the hint that there are such."""
    if finding.code == "unknown-column" and any(repr(column) in finding.message for column in INVENTORY_COLUMNS):
        return replace(finding, hint="Only inventories have it; check them with --inventory.")
    return finding


def _manifest(folder: Path, findings: list[Finding]) -> Manifest | None:
    """Return the head of a catalog; None, and what is wrong with it, if it cannot be read or there is none."""
    if not folder.is_dir():
        return None
    try:
        return read_manifest(folder)[0]
    except InputError as error:
        findings += error.findings
        return None


def _cells(data: Path, places: Collection[Place]) -> tuple[NotableCell, ...]:
    try:
        content = read_bytes(data, MAX_CSV_BYTES)
        check_utf8(content, str(data))
    except InputError:
        return ()  # the reader reports it
    return notable_cells(content, places)


def _cell_remarks(cells: Sequence[NotableCell], file: str) -> Iterable[CatalogFault]:
    return chain(
        unknown_names(cells, "marker", marker_names(), file),
        unknown_names(cells, "fluorochrome", fluorochrome_names(), file),
        formula_remarks(cells, file),
        zero_prices(cells, file),
    )


def _head_faults(manifest: Manifest, folder: Path, data: Path) -> list[CatalogFault]:
    file = str(folder / MANIFEST_FILE)
    faults = [fault] if (fault := currency_fault(manifest.currency, file)) else []
    for name, expected in manifest.sha256.items():
        path = folder / name
        if path.name != name or not path.is_file():
            message = f"there is no file {name!r} beside it, but a hash of one"
            faults.append(CatalogFault("hash-of-no-file", message, "Delete the line.", file, None, "sha256", name))
        elif path == data and expected.lower() != (found := _sha256(data)):
            message = f"the content does not match catalog.toml: SHA-256 {expected} expected, {found} found"
            hint = f"Get the file again, or update sha256 in {MANIFEST_FILE}."
            faults.append(CatalogFault("hash-mismatch", message, hint, str(data), None, "sha256"))
    return faults


def _head_remarks(manifest: Manifest, folder: Path, data: Path, cells: Sequence[NotableCell]) -> list[CatalogFault]:
    file = str(folder / MANIFEST_FILE)
    remarks: list[CatalogFault] = []
    if DATA_FILE not in manifest.sha256 and cells:
        hint = f'Write under [sha256]: "{DATA_FILE}" = "{_sha256(data)}"'
        remarks.append(
            CatalogFault("no-hash", f"no hash of {DATA_FILE}: a change would go unseen", hint, file, None, "sha256")
        )
    invented = sum(len(c.lines) for c in cells if c.column == "availability" and c.text.strip() == SYNTHETIC)
    if invented and SYNTHETIC not in manifest.name:
        message = f"synthetic products ({invented:,}) without the word in the name: only --allow-unverified admits them"
        hint = "Write synthetic into the name; the catalog is then used only where it is named."
        remarks.append(CatalogFault("unmarked-synthetic", message, hint, file, None, "name", manifest.name))
    return remarks


def _sha256(data: Path) -> str:
    return hashlib.sha256(data.read_bytes()).hexdigest()


def _fault(finding: Finding) -> CatalogFault:
    """Return a finding with file, line and column apart."""
    place = _PLACE.fullmatch(finding.where)
    fault = CatalogFault(finding.code, finding.message, finding.hint, finding.where)
    if place is None:
        return fault
    line = place["line"]
    if line is None and (in_toml := _PLACE_IN_TOML.search(finding.message)):
        line = in_toml[1]
    column = place["column"] or place["key"] or ""
    return replace(fault, file=place["file"], line=None if line is None else int(line), column=column)


def _with_values(faults: Iterable[CatalogFault], cells: Sequence[NotableCell]) -> list[CatalogFault]:
    """Return faults with the content of the cell that they are about."""
    faults = tuple(faults)
    places = {(fault.line, fault.column) for fault in faults if fault.line is not None}
    columns = {column for _, column in places}
    values = {
        (line, cell.column): cell.text.strip()
        for cell in cells
        if cell.column in columns
        for line in cell.lines
        if (line, cell.column) in places
    }
    return [replace(fault, value=values.get((fault.line or 0, fault.column), "")) for fault in faults]


def _sorted(faults: Iterable[CatalogFault], unlisted: int = 0) -> tuple[CatalogFault, ...]:
    """Return faults in the order of the file; of very many, the first :data:`MAX_FINDINGS` and a count.

    Args:
        faults: The faults; they are not held all at once.
        unlisted: How many there are besides.
    """
    number = count()
    each = (fault for fault, _ in zip(faults, number, strict=False))
    ordered = heapq.nsmallest(
        MAX_FINDINGS, each, key=lambda fault: (fault.code == "more-faults", fault.line or 0, fault.file)
    )
    if rest := unlisted + next(number) - len(ordered):
        ordered.append(CatalogFault("more-faults", f"{rest:,} more are not listed"))
    return tuple(ordered)
