"""Catalogs are compiled once, those of a vendor's size to columns; afterwards only what a question needs is read.

What was compiled is found again by the SHA-256 of the data file, which is worked out at every opening: size and time
of a file do not show that its content is the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import panelopt
from panelopt.catalogs.cache import CatalogCache
from panelopt.catalogs.kept_rows import KeptRows
from panelopt.catalogs.manifest import MAX_CSV_BYTES, Manifest, hash_remarks, read_manifest, read_whole
from panelopt.domain.name_table import NameTable
from panelopt.domain.reagents import Catalog
from panelopt.errors import Finding
from panelopt.frozen import dataclass
from panelopt.io.documents import opened, read_bytes
from panelopt.io.kept_files import KeptFiles

if TYPE_CHECKING:
    from panelopt.catalogs.parquet import StoredConjugates

STORE_VERSION = 1
"""Changes whenever the same data file would be compiled to something else."""

SMALL_BYTES = 1_000_000
"""Smaller data files, of some 5,000 products, are read row by row, or found as they were read earlier."""

_KEY_DIGITS = 32


def open_catalog(
    folder: Path,
    cache: CatalogCache,
    *,
    marker_names: NameTable,
    fluorochrome_names: NameTable,
    markers: Collection[str] | None = None,
    kept: KeptFiles | None = None,
) -> tuple[Catalog, tuple[Finding, ...]]:
    """Read a catalog as :func:`panelopt.catalogs.folder.read_catalog` does, from its compiled form where it is large.

    Args:
        folder: The folder, or a CSV file.
        cache: Where compiled catalogs are kept.
        marker_names: Marker spellings become canonical.
        fluorochrome_names: Dye spellings become canonical; unknown dyes are reported.
        markers: Only conjugates of these markers; None = all. ``Catalog.rows`` counts all in any case.
        kept: Where the rows of small catalogs are kept for questions about some markers; None = nowhere.

    Returns:
        The catalog, with its conjugates in any order, and remarks; one of them may be that nothing can be kept.

    Raises:
        InputError: with every fault of the files.
    """
    if not _is_large(folder):
        if markers is not None and kept is not None:
            small = _SmallCatalog(folder, kept, marker_names, fluorochrome_names)
            return read_whole(folder, partial(small.read, markers))
        from panelopt.catalogs.folder import read_catalog

        catalog, remarks = read_catalog(folder, marker_names=marker_names, fluorochrome_names=fluorochrome_names)
        return catalog if markers is None else _only(catalog, markers), remarks

    def read(manifest: Manifest, data: Path) -> tuple[Catalog, tuple[Finding, ...]]:
        compiler = _Compiler(manifest, data, cache, marker_names, fluorochrome_names)
        stored, sha256, warnings = compiler.opened(markers)
        catalog = Catalog.model_construct(
            **manifest.head(), sha256=sha256, origin=str(folder), rows=stored.total_rows, conjugates=stored
        )
        return catalog, (*hash_remarks(manifest, sha256, data), *_placed(stored.remarks, data), *warnings)

    return read_whole(folder, read)


@dataclass(frozen=True, slots=True)
class _SmallCatalog:
    """A catalog whose rows are kept as they are."""

    folder: Path
    kept: KeptFiles
    marker_names: NameTable
    fluorochrome_names: NameTable

    def read(self, markers: Collection[str], manifest: Manifest, data: Path) -> tuple[Catalog, tuple[Finding, ...]]:
        content = read_bytes(data, MAX_CSV_BYTES)
        sha256 = hashlib.sha256(content).hexdigest()
        key = _key(sha256, manifest, self.marker_names, self.fluorochrome_names)
        if (found := KeptRows.find(self.kept, key)) is None:
            found = self._parsed(content, manifest, str(data))
            found.keep(self.kept, key)
        catalog = Catalog.model_construct(
            **manifest.head(),
            sha256=sha256,
            origin=str(self.folder),
            inventory=False,
            rows=len(found.rows),
            conjugates=found.conjugates(markers),
        )
        return catalog, (*hash_remarks(manifest, sha256, data), *found.findings(str(data)))

    def _parsed(self, content: bytes, manifest: Manifest, where: str) -> KeptRows:
        from panelopt.catalogs.rows import parse_rows

        markers, dyes = self.marker_names, self.fluorochrome_names
        rows, remarks = parse_rows(content, where, manifest, marker_names=markers, fluorochrome_names=dyes)
        return KeptRows.of(rows, remarks, where)


class _Compiler:
    """Compiles one catalog, or finds that it was compiled before."""

    def __init__(
        self, manifest: Manifest, data: Path, cache: CatalogCache, markers: NameTable, dyes: NameTable
    ) -> None:
        self._manifest = manifest
        self._data = data
        self._cache = cache
        self._markers = markers
        self._dyes = dyes

    def opened(self, markers: Collection[str] | None) -> tuple[StoredConjugates, str, tuple[Finding, ...]]:
        """Return the conjugates, the hash of the data file, and warnings of the cache."""
        from panelopt.catalogs.parquet import StoredConjugates

        sha256 = self._hash()
        if (found := self._cache.find(self._key(sha256))) is not None:
            try:
                return StoredConjugates(found, markers), sha256, ()
            except ValueError:
                pass  # written by something else: it is replaced
        compiled, sha256 = self._compiled()
        remark = self._cache.keep(self._key(sha256), compiled)
        return StoredConjugates(compiled, markers), sha256, () if remark is None else (remark,)

    def _hash(self) -> str:
        """Return the hash of the data file; nothing if it cannot be read, which is reported where it must be."""
        try:
            with self._data.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return ""

    def _key(self, sha256: str) -> str:
        return _key(sha256, self._manifest, self._markers, self._dyes)

    def _compiled(self) -> tuple[bytes, str]:
        """Return the compiled form, and the hash of what was read: the file may have changed meanwhile."""
        from panelopt.catalogs.compiling import read_columns
        from panelopt.catalogs.parquet import parquet_bytes

        markers, dyes, where = self._markers, self._dyes, str(self._data)
        with opened(self._data) as file:
            columns = read_columns(file, where, self._manifest, marker_names=markers, fluorochrome_names=dyes)
        return parquet_bytes(columns), columns.sha256


def _key(sha256: str, manifest: Manifest, *tables: NameTable) -> str:
    """Return a hash of everything that the compiled form of a data file depends on."""
    names = [[[name, *aliases] for name, aliases in table.aliases.items()] for table in tables]
    parts = [STORE_VERSION, panelopt.__version__, sha256, manifest.vendor, manifest.currency, names]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:_KEY_DIGITS]


def check_rows(folder: Path, *, inventory: bool = False) -> tuple[int, tuple[Finding, ...]]:
    """Read all rows of a catalog, spellings as they are, and keep none.

    Args:
        folder: The folder, or a CSV file.
        inventory: Whether the catalog lists your stock.

    Returns:
        The number of rows, and remarks as :func:`panelopt.catalogs.folder.read_catalog` gives them.

    Raises:
        InputError: with every fault of the files.
    """
    if inventory or not _is_large(folder):
        from panelopt.catalogs.folder import read_catalog

        catalog, remarks = read_catalog(folder, inventory=inventory)
        return catalog.rows, remarks

    def read(manifest: Manifest, data: Path) -> tuple[int, tuple[Finding, ...]]:
        from panelopt.catalogs.compiling import read_columns

        with opened(data) as file:
            columns = read_columns(file, str(data), manifest, marker_names=None, fluorochrome_names=None)
        hashed = hash_remarks(manifest, columns.sha256, data)
        return len(columns.price), (*hashed, *_placed(columns.remarks, data))

    return read_whole(folder, read)


def _is_large(folder: Path) -> bool:
    _, data = read_manifest(folder)
    return data.is_file() and SMALL_BYTES <= data.stat().st_size <= MAX_CSV_BYTES


def _placed(remarks: Iterable[Finding], data: Path) -> tuple[Finding, ...]:
    """Return remarks on compiled rows with the name of the file before the line."""
    return tuple(replace(remark, where=f"{data}{remark.where}") for remark in remarks)


def _only(catalog: Catalog, markers: Collection[str]) -> Catalog:
    wanted = frozenset(markers)
    conjugates = tuple(conjugate for conjugate in catalog.conjugates if conjugate.marker in wanted)
    return catalog.model_copy(update={"conjugates": conjugates})
