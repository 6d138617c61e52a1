"""The shipped names of markers."""

from __future__ import annotations

from functools import cache

from panelopt.domain.name_table import NameTable
from panelopt.registry.data_places import CATALOG_DATA, data_folder
from panelopt.registry.kept_lists import kept_names


@cache
def marker_names() -> NameTable:
    """Return the shipped alias table of markers."""
    path = data_folder(CATALOG_DATA, "aliases") / "markers.toml"

    def read() -> NameTable:
        from panelopt.io.name_tables import read_name_table

        return read_name_table(path)

    return kept_names("markers", [path], read)
