"""Catalogs of products: found, plugged in, read, cached, checked, written."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.catalogs.check import check_catalogs as check_catalogs
    from panelopt.catalogs.find import find_catalogs as find_catalogs
    from panelopt.catalogs.find import readable_catalogs as readable_catalogs
    from panelopt.catalogs.sources import CATALOG_FOLDERS_VARIABLE as CATALOG_FOLDERS_VARIABLE
    from panelopt.catalogs.sources import CatalogSource as CatalogSource
    from panelopt.catalogs.sources import catalog_sources as catalog_sources

__getattr__, __all__ = lazily(__name__)
