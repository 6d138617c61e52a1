"""Catalogs, read from where :mod:`panelopt.catalogs.sources` finds them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from panelopt.catalogs.cache import CatalogCache
from panelopt.catalogs.sources import CatalogSource, catalog_sources, named_source, skipped
from panelopt.catalogs.store import open_catalog
from panelopt.domain.reagents import Catalog
from panelopt.errors import Finding, InputError, input_error
from panelopt.io.kept_files import KeptFiles
from panelopt.registry.cache_places import cache_folder
from panelopt.registry.data_places import HERE
from panelopt.registry.dye_sources import fluorochrome_names
from panelopt.registry.marker_aliases import marker_names


def catalog_cache() -> CatalogCache:
    """Return where compiled catalogs are kept."""
    return CatalogCache(cache_folder("catalogs"))


def find_catalogs(
    names: Sequence[str] = (),
    inventory: str | None = None,
    markers: Collection[str] | None = None,
    beside: Path | None = HERE,
) -> tuple[tuple[Catalog, ...], tuple[Finding, ...]]:
    """Read catalogs by name or folder; without names all that are found and not synthetic.

    Args:
        names: Catalog names or folders.
        inventory: Name or folder of your stock; read in addition.
        markers: Only products of these markers are read from the catalogs; None = all.
        beside: Folder that paths are relative to, and whose catalogs go before others of their name; None = only
            names of catalogs count, and an inventory is looked for here.

    Returns:
        The catalogs, the inventory first, and remarks on them.

    Raises:
        InputError: if a named catalog is unknown, ambiguous or broken, or if there is none at all.
    """
    catalogs: list[Catalog] = []
    findings: list[Finding] = []
    if inventory is not None:
        catalog, remarks = _read(named_source(inventory, beside or HERE), inventory=True)
        catalogs.append(catalog)
        findings += remarks
    if names:
        found_sources = (named_source(name, beside) for name in names)
        chosen = {source.folder.resolve(): source for source in found_sources}
        for source in chosen.values():
            catalog, remarks = _read(source, markers)
            catalogs.append(catalog)
            findings += remarks
    else:
        sources, warnings = catalog_sources()
        findings += warnings
        found, remarks = readable_catalogs((source for source in sources if not source.synthetic), markers)
        catalogs += found
        findings += remarks
    if not catalogs:
        raise input_error("no-catalog", "there is no catalog to choose from", hint="Name one with --catalog.")
    return tuple(catalogs), tuple(findings)


def readable_catalogs(
    sources: Iterable[CatalogSource], markers: Collection[str] | None = None
) -> tuple[tuple[Catalog, ...], tuple[Finding, ...]]:
    """Read catalogs, or only the products of some markers; a broken one is left out and gives a finding.

    Returns the others, and remarks.
    """
    catalogs: list[Catalog] = []
    findings: list[Finding] = []
    for source in sources:
        try:
            catalog, remarks = _read(source, markers)
        except InputError as error:
            findings += skipped(source, error)
            continue
        catalogs.append(catalog)
        findings += remarks
    return tuple(catalogs), tuple(findings)


def _read(
    source: CatalogSource, markers: Collection[str] | None = None, *, inventory: bool = False
) -> tuple[Catalog, tuple[Finding, ...]]:
    known, dyes = marker_names(), fluorochrome_names()
    if inventory:
        from panelopt.catalogs.folder import read_catalog

        catalog, remarks = read_catalog(source.folder, marker_names=known, fluorochrome_names=dyes, inventory=True)
    else:
        catalog, remarks = open_catalog(
            source.folder,
            catalog_cache(),
            marker_names=known,
            fluorochrome_names=dyes,
            markers=markers,
            kept=KeptFiles(cache_folder("parsed"), ".json"),
        )
    return catalog.model_copy(update={"origin": source.origin}), remarks
