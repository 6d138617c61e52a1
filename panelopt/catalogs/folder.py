"""Catalog folders: ``catalog.toml`` beside ``conjugates.csv``, read and written."""

from __future__ import annotations

import hashlib
from pathlib import Path

from panelopt.catalogs.conjugates_csv import conjugate_cells
from panelopt.catalogs.manifest import (
    DATA_FILE,
    MANIFEST_FILE,
    MAX_CSV_BYTES,
    Manifest,
    hash_remarks,
    manifest_text,
    read_whole,
)
from panelopt.catalogs.remarks import KnownNames
from panelopt.catalogs.rows import COLUMNS, INVENTORY_COLUMNS, parse_rows
from panelopt.domain.reagents import Catalog
from panelopt.errors import Finding, input_error
from panelopt.io.atomic import write_text_atomic
from panelopt.io.csv_table import write_table
from panelopt.io.documents import read_bytes

PACK_COLUMNS: tuple[str, ...] = ("tests", "price_per_test")
"""Columns that are written only where some product fills them: most lists do not say how many tests a pack makes."""


def read_catalog(
    folder: Path,
    *,
    marker_names: KnownNames | None = None,
    fluorochrome_names: KnownNames | None = None,
    inventory: bool = False,
) -> tuple[Catalog, tuple[Finding, ...]]:
    """Read a catalog folder, or a plain CSV file with the columns of ``conjugates.csv``.

    Args:
        folder: The folder, or the CSV file; the catalog of a plain file is named after it.
        marker_names: Where given, marker spellings become canonical; unknown markers stay as they are.
        fluorochrome_names: Where given, dye spellings become canonical; unknown dyes are reported as
            ``unknown-fluorochrome`` and stay, because a vendor may sell dyes whose optics are not known.
        inventory: Whether the catalog lists your stock.

    Returns:
        The catalog, and remarks that do not keep it from being used.

    Raises:
        InputError: with every fault of the files (file, line, column, value).
    """

    def read(manifest: Manifest, data: Path) -> tuple[Catalog, tuple[Finding, ...]]:
        content = read_bytes(data, MAX_CSV_BYTES)
        conjugates, remarks = parse_rows(
            content,
            str(data),
            manifest,
            marker_names=marker_names,
            fluorochrome_names=fluorochrome_names,
            inventory=inventory,
        )
        sha256 = hashlib.sha256(content).hexdigest()
        catalog = Catalog(
            **manifest.head(),
            sha256=sha256,
            origin=str(folder),
            inventory=inventory,
            conjugates=conjugates,
        )
        return catalog, (*hash_remarks(manifest, sha256, data), *remarks)

    return read_whole(folder, read)


def write_catalog(catalog: Catalog, folder: Path) -> None:
    """Write a catalog as a folder that :func:`read_catalog` reads back; each file appears whole or not at all.

    Cells that a spreadsheet would run as a formula get an apostrophe in front, which the reader removes.

    Raises:
        PaneloptError: if the catalog is empty or the folder cannot be written.
    """
    data, manifest = catalog_texts(catalog)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or "cannot be made"
        raise input_error("unwritable", reason, where=str(folder), hint="Choose another folder.") from None
    write_text_atomic(folder / DATA_FILE, data)
    write_text_atomic(folder / MANIFEST_FILE, manifest)


def catalog_texts(catalog: Catalog) -> tuple[str, str]:
    """Return the content of ``conjugates.csv`` and of ``catalog.toml``, with the hash of the first in the second.

    Raises:
        InputError: if the catalog is empty.
    """
    if not catalog.conjugates:
        raise input_error("empty-catalog", "the catalog has no conjugates", where=catalog.name)
    packs = any(getattr(conjugate, name) for conjugate in catalog.conjugates for name in PACK_COLUMNS)
    columns = data_columns(inventory=catalog.inventory, packs=packs)
    data = write_table(columns, (conjugate_cells(conjugate, columns) for conjugate in catalog.conjugates))
    return data, manifest_text(catalog, hashlib.sha256(data.encode()).hexdigest())


def data_columns(*, inventory: bool, packs: bool) -> tuple[str, ...]:
    """Return the columns of ``conjugates.csv``; ``packs``: whether some product has a cell in ``PACK_COLUMNS``."""
    columns = (*COLUMNS, *INVENTORY_COLUMNS) if inventory else COLUMNS
    return columns if packs else tuple(name for name in columns if name not in PACK_COLUMNS)
