"""Brings foreign lists of antibodies in as catalogs: what columns and cells mean, by the tables of names."""

from panelopt.catalogs.importing.guess import Guess, guess_mapping
from panelopt.catalogs.importing.run import Imported, import_into, import_table, read_foreign, with_decimal
from panelopt.catalogs.importing.tables import tables

__all__ = [
    "Guess",
    "Imported",
    "guess_mapping",
    "import_into",
    "import_table",
    "read_foreign",
    "tables",
    "with_decimal",
]
