"""Heads of catalog folders: ``catalog.toml``, and the hashes it states of the data beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, field_validator

from panelopt.domain.base import Name, Record, Text
from panelopt.domain.reagents import Catalog
from panelopt.errors import Finding, InputError, input_error
from panelopt.io.documents import MAX_TOML_BYTES, parse_toml, read_bytes, validate
from panelopt.io.toml_text import toml_lines

MANIFEST_FILE = "catalog.toml"
DATA_FILE = "conjugates.csv"
MAX_CSV_BYTES = 256_000_000
"""Larger data files are refused; a list of a million products with all columns has about 150 MB."""

MAX_READS = 5
"""Times that a catalog is read which is replaced meanwhile."""

_CURRENCY = re.compile(r"[A-Z]{3}")

Found = TypeVar("Found")


class Manifest(Record):
    """Content of ``catalog.toml``."""

    schema_version: Literal[1] = 1
    name: Name
    title: Text = ""
    vendor: Text = ""
    version: Text = ""
    source: Text = ""
    retrieved: Text = ""
    licence: Text = ""
    currency: Text = ""
    sha256: dict[str, Text] = Field(default_factory=dict, description="hash of each data file, by file name")

    @field_validator("retrieved", mode="before")
    @classmethod
    def _date_as_text(cls, value: object) -> object:
        return value.isoformat() if isinstance(value, date) else value

    @field_validator("currency")
    @classmethod
    def _is_a_code(cls, value: str) -> str:
        if value and not is_currency(value):
            raise ValueError(f"{value!r} is not a currency code of ISO 4217 such as USD")
        return value

    def head(self) -> dict[str, Any]:
        """Return what a :class:`panelopt.domain.reagents.Catalog` takes over."""
        return self.model_dump(exclude={"schema_version", "sha256"})


def read_manifest(folder: Path) -> tuple[Manifest, Path]:
    """Return the head of a catalog and the path of its data; a plain CSV file has a name and nothing else.

    Raises:
        InputError: with every fault of ``catalog.toml``.
    """
    if not folder.is_dir():
        return Manifest(name=folder.stem or "catalog"), folder
    path = folder / MANIFEST_FILE
    if not path.exists():
        message = "no such file, so the folder is no catalog"
        hint = "Give a catalog folder, or a table (CSV) with the columns marker and fluorochrome."
        raise input_error("missing-file", message, where=str(path), hint=hint)
    return _parsed(read_bytes(path, MAX_TOML_BYTES), str(path)), folder / DATA_FILE


@lru_cache(maxsize=64)
def _parsed(content: bytes, where: str) -> Manifest:
    return validate(Manifest, parse_toml(content, where), where)


def is_currency(text: str) -> bool:
    """Whether a text is written as a currency code of ISO 4217."""
    return _CURRENCY.fullmatch(text) is not None


def read_whole(folder: Path, read: Callable[[Manifest, Path], Found]) -> Found:
    """Read a catalog whose head and data belong together, also while an import replaces its folder.

    Args:
        folder: The folder, or the CSV file.
        read: Reads the data, given the head and the path of the data; called again if the head has changed meanwhile.

    Raises:
        InputError: as :func:`read_manifest`, and what ``read`` raises.
    """
    for _ in range(MAX_READS):
        manifest, data = read_manifest(folder)
        try:
            found = read(manifest, data)
        except InputError:
            if read_manifest(folder)[0] == manifest:
                raise
        else:
            if read_manifest(folder)[0] == manifest:
                return found
    hint = "Wait until nothing writes there."
    raise input_error("busy-catalog", "the catalog is replaced again and again", where=str(folder), hint=hint)


def hash_remarks(manifest: Manifest, found: str, data: Path) -> list[Finding]:
    """Return a remark if the hash of the data differs from that in the head."""
    expected = manifest.sha256.get(data.name, "")
    if not expected or expected.lower() == found:
        return []
    message = f"the content does not match catalog.toml: SHA-256 {expected} expected, {found} found"
    return [Finding("hash-mismatch", message, str(data), f"Get the file again, or update sha256 in {MANIFEST_FILE}.")]


def manifest_text(catalog: Catalog, sha256: str) -> str:
    """Return the content of ``catalog.toml`` with the hash of the data."""
    keys = ("name", "title", "vendor", "version", "source", "retrieved", "licence", "currency")
    head = {"schema_version": 1, **{key: getattr(catalog, key) for key in keys if getattr(catalog, key)}}
    return "\n".join([*toml_lines(head), "", "[sha256]", *toml_lines({DATA_FILE: sha256}), ""])
