"""Alias tables: TOML files with the canonical names of markers, vendors, species, ... and their aliases."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from panelopt.domain.base import Name, Record, Text
from panelopt.domain.name_table import NameTable
from panelopt.errors import Finding, InputError
from panelopt.io.documents import read_toml, validate


class AliasFile(Record):
    """Content of an alias table."""

    schema_version: Literal[1]
    title: Text = ""
    source: Text = ""
    names: dict[Name, tuple[Name, ...]] = Field(min_length=1, description="aliases by canonical name")


def read_name_table(path: Path) -> NameTable:
    """Read an alias table.

    Args:
        path: TOML file with a table ``names``: canonical name = list of aliases.

    Raises:
        InputError: if the file is missing or invalid, or two markers share a spelling; all faults at once.
    """
    where = str(path)
    content = validate(AliasFile, read_toml(path), where)
    try:
        return NameTable(content.names)
    except InputError as error:
        found = (Finding(f.code, f.message, f"{where}: names.{f.where}", f.hint) for f in error.findings)
        raise InputError(found) from None
