"""Brings foreign lists of antibodies in as catalogs: what columns and cells mean, by the tables of names."""

from panelopt.registry.catalog_import.guess import Guess, guess_mapping
from panelopt.registry.catalog_import.run import Imported, import_table, read_foreign
from panelopt.registry.catalog_import.tables import tables

__all__ = [
    "Guess",
    "Imported",
    "guess_mapping",
    "import_table",
    "read_foreign",
    "tables",
]
