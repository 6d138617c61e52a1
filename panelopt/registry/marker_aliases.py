"""The shipped names of markers."""

from __future__ import annotations

from functools import cache

from panelopt.domain.name_table import NameTable
from panelopt.io.name_tables import parse_name_table
from panelopt.registry.data_places import CATALOG_DATA, data_folder
from panelopt.registry.parsed_files import parsed_files


@cache
def marker_names() -> NameTable:
    """Return the shipped alias table of markers."""
    path = data_folder(CATALOG_DATA, "aliases") / "markers.toml"
    (data,) = parsed_files([path])
    return parse_name_table(data, str(path))
