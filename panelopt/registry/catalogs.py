"""Catalogs, read from where :mod:`panelopt.registry.catalog_sources` finds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from panelopt.domain.reagents import Catalog
from panelopt.errors import Finding, InputError, input_error
from panelopt.io.catalog_folder import read_catalog
from panelopt.registry.catalog_sources import CatalogSource, catalog_sources, named_source, skipped
from panelopt.registry.shipped import fluorochrome_names, marker_names


def find_catalogs(
    names: Sequence[str] = (), inventory: str | None = None
) -> tuple[tuple[Catalog, ...], tuple[Finding, ...]]:
    """Read catalogs by name or folder; without names all that are found and not synthetic.

    Args:
        names: Catalog names or folders.
        inventory: Name or folder of a list of what is on the own shelf; it is read as well.

    Returns:
        The catalogs, the inventory first, and remarks on them.

    Raises:
        InputError: if a named catalog is unknown, ambiguous or broken, or if there is none at all.
    """
    catalogs: list[Catalog] = []
    findings: list[Finding] = []
    if inventory is not None:
        catalog, remarks = _read(named_source(inventory), inventory=True)
        catalogs.append(catalog)
        findings += remarks
    if names:
        chosen = {source.folder.resolve(): source for source in map(named_source, names)}
        for source in chosen.values():
            catalog, remarks = _read(source)
            catalogs.append(catalog)
            findings += remarks
    else:
        sources, warnings = catalog_sources()
        findings += warnings
        found, remarks = readable_catalogs(source for source in sources if not source.synthetic)
        catalogs += found
        findings += remarks
    if not catalogs:
        raise input_error("no-catalog", "there is no catalog to choose from", hint="Name one with --catalog.")
    return tuple(catalogs), tuple(findings)


def readable_catalogs(sources: Iterable[CatalogSource]) -> tuple[tuple[Catalog, ...], tuple[Finding, ...]]:
    """Read catalogs; a broken one is left out and gives a finding. Returns the others, and remarks."""
    catalogs: list[Catalog] = []
    findings: list[Finding] = []
    for source in sources:
        try:
            catalog, remarks = _read(source)
        except InputError as error:
            findings += skipped(source, error)
            continue
        catalogs.append(catalog)
        findings += remarks
    return tuple(catalogs), tuple(findings)


def _read(source: CatalogSource, *, inventory: bool = False) -> tuple[Catalog, tuple[Finding, ...]]:
    catalog, remarks = read_catalog(
        source.folder, marker_names=marker_names(), fluorochrome_names=fluorochrome_names(), inventory=inventory
    )
    return catalog.model_copy(update={"origin": source.origin}), remarks
