"""Brings foreign lists of antibodies in as catalogs: what columns and cells mean, by the tables of names."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.catalogs.importing.guess import Guess as Guess
    from panelopt.catalogs.importing.guess import guess_mapping as guess_mapping
    from panelopt.catalogs.importing.name_tables import tables as tables
    from panelopt.catalogs.importing.run import Imported as Imported
    from panelopt.catalogs.importing.run import import_into as import_into
    from panelopt.catalogs.importing.run import import_table as import_table
    from panelopt.catalogs.importing.run import read_foreign as read_foreign
    from panelopt.catalogs.importing.run import with_decimal as with_decimal

__getattr__, __all__ = lazily(__name__)
