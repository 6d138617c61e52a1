"""The mapping file: which column of a foreign list means what, and how its cells are to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from panelopt.catalogs.importing.files.limits import MAX_STREAMED_ROWS
from panelopt.domain.base import Name, Record, Text
from panelopt.io.documents import read_toml, validate
from panelopt.io.toml_text import toml_key, toml_lines, toml_value

FieldName = Literal[
    "marker", "clone", "fluorochrome", "vendor", "catalog_number", "price", "currency", "size", "unit", "tests",
    "host", "isotype", "reactivity", "applications", "in_stock", "note", "product", "lot", "expires", "tests_left",
]  # fmt: skip
"""What a column can mean: the columns of ``conjugates.csv``, and ``product`` for a name that holds several facts.

The last three are kept for inventories only.
"""

ConstantName = Literal[
    "vendor", "currency", "size", "unit", "host", "isotype", "reactivity", "applications", "note", "availability",
    "source",
]  # fmt: skip


class FileFacts(Record):
    """How the file is read; what is left out is found out."""

    encoding: Text = ""
    separator: str = Field(default="", max_length=1)
    sheet: Text = ""
    header_line: int = Field(default=0, ge=0, le=MAX_STREAMED_ROWS)

    @field_validator("separator")
    @classmethod
    def _separates(cls, value: str) -> str:
        if value and (value.isalnum() or value in '"\r\n\0'):
            raise ValueError(f"{value!r} cannot separate cells")
        return value


class PriceFacts(Record):
    """How the price column is read."""

    currency: str = Field(default="", pattern=r"^([A-Z]{3})?$", description="of prices that state none, ISO 4217")
    decimal: Literal["", ".", ","] = Field(default="", description="decimal mark; empty: as the prices show")
    per: Literal["pack", "test", "unknown"] = Field(default="pack", description="what one price buys")


class Split(Record):
    """A column whose cells hold several fields in a fixed order, e.g. ``CD146_PE_P1H12``."""

    column: Name
    separator: str = Field(min_length=1, max_length=10)
    into: tuple[FieldName, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _each_once(self) -> Split:
        if len(set(self.into)) < len(self.into):
            raise ValueError("a field stands twice in 'into'")
        return self


class ImportMap(Record):
    """Content of a mapping file."""

    schema_version: Literal[1] = 1
    file: FileFacts = FileFacts()
    columns: dict[FieldName, Name] = Field(default_factory=dict, description="column of the list by field")
    notes: tuple[Name, ...] = Field(default=(), description="further columns whose cells go into the note")
    constants: dict[ConstantName, Text] = Field(default_factory=dict, description="value of empty cells, by field")
    price: PriceFacts = PriceFacts()
    split: tuple[Split, ...] = ()
    values: dict[FieldName, dict[str, Text]] = Field(
        default_factory=dict, description="what a spelling in this list stands for, by field"
    )

    def used_columns(self) -> tuple[str, ...]:
        """Return the columns of the list that the map names."""
        return (*self.columns.values(), *self.notes, *(split.column for split in self.split))


def read_map(path: Path) -> ImportMap:
    """Read a mapping file.

    Raises:
        InputError: if it is missing, no TOML or wrong; all faults at once.
    """
    return validate(ImportMap, read_toml(path), str(path))


def map_toml(mapping: ImportMap, remarks: tuple[str, ...] = ()) -> str:
    """Return a mapping as TOML text that :func:`read_map` reads back, with remarks as comments above it."""
    data = mapping.model_dump(exclude_defaults=True)
    split: list[dict[str, Any]] = data.pop("split", [])
    values: dict[str, dict[str, str]] = data.pop("values", {})
    lines = [f"# {' '.join(remark.split())}" for remark in remarks]
    lines += toml_lines({"schema_version": 1, **({"notes": data.pop("notes")} if mapping.notes else {})})
    for name in ("file", "columns", "constants", "price"):
        if data.get(name):
            lines += ["", f"[{name}]", *toml_lines(data[name])]
    for entry in split:
        lines += ["", "[[split]]", *toml_lines(entry)]
    for field, table in values.items():
        lines += ["", f"[values.{field}]", *(f"{toml_key(key)} = {toml_value(text)}" for key, text in table.items())]
    return "\n".join([*lines, ""])
