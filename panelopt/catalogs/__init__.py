"""Catalogs of products: found, plugged in, read, cached, checked, written."""

from panelopt.catalogs.check import check_catalogs
from panelopt.catalogs.find import find_catalogs, readable_catalogs
from panelopt.catalogs.sources import CATALOG_FOLDERS_VARIABLE, CatalogSource, catalog_sources

__all__ = [
    "CATALOG_FOLDERS_VARIABLE",
    "CatalogSource",
    "catalog_sources",
    "check_catalogs",
    "find_catalogs",
    "readable_catalogs",
]
