"""Catalog folders: ``catalog.toml`` beside ``conjugates.csv``, read and written."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from pydantic import Field, TypeAdapter, ValidationError, field_validator

from panelopt.domain.base import Name, Record, Text
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.errors import Finding, InputError, input_error
from panelopt.io.atomic import write_text_atomic
from panelopt.io.csv_table import Row, number_text, parse_table, raise_if_any, write_table
from panelopt.io.documents import decoded, read_bytes, read_toml, validate
from panelopt.io.toml_text import toml_lines

MANIFEST_FILE = "catalog.toml"
DATA_FILE = "conjugates.csv"
MAX_CSV_BYTES = 256_000_000
"""Larger data files are refused; a list of a million products with all columns has about 150 MB."""

MAX_READS = 5
"""Times that a catalog is read which is replaced meanwhile."""

COLUMNS: tuple[str, ...] = (
    "marker", "clone", "fluorochrome", "vendor", "catalog_number", "price", "currency", "size", "unit", "host",
    "isotype", "reactivity", "applications", "in_stock", "note", "availability", "source", "tests", "price_per_test",
)  # fmt: skip
"""Columns of ``conjugates.csv`` in the order in which they are written."""

PACK_COLUMNS: tuple[str, ...] = ("tests", "price_per_test")
"""Columns that are written only where some product fills them: most lists do not say how many tests a pack makes."""

INVENTORY_COLUMNS: tuple[str, ...] = ("lot", "expires", "tests_left")
"""Further columns of an inventory; other catalogs may not have them."""

REQUIRED = ("marker", "fluorochrome")
"""Columns that must be there and be filled."""

_CURRENCY = re.compile(r"[A-Z]{3}")
_ROWS = TypeAdapter(tuple[Conjugate, ...])

Found = TypeVar("Found")


class Names(Protocol):
    """Canonical names behind spellings, as :class:`panelopt.domain.names.NameTable` offers them."""

    def resolve(self, name: str) -> str | None:
        """Return the canonical name, or ``None`` if the spelling is unknown."""

    def suggest(self, name: str) -> str:
        """Return a hint such as ``Did you mean BV421?``, or an empty text."""


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


def read_catalog(
    folder: Path,
    *,
    marker_names: Names | None = None,
    fluorochrome_names: Names | None = None,
    inventory: bool = False,
) -> tuple[Catalog, tuple[Finding, ...]]:
    """Read a catalog folder, or a plain CSV file with the columns of ``conjugates.csv``.

    Args:
        folder: The folder, or the CSV file; the catalog of a plain file is named after it.
        marker_names: Where given, marker spellings become canonical; unknown markers stay as they are.
        fluorochrome_names: Where given, dye spellings become canonical; unknown dyes are reported as
            ``unknown-fluorochrome`` and stay, because a vendor may sell dyes whose optics are not known.
        inventory: Whether the catalog lists what is on the own shelf.

    Returns:
        The catalog, and remarks that do not keep it from being used.

    Raises:
        InputError: with every fault of the files (file, line, column, value).
    """

    def read(manifest: Manifest, data: Path) -> tuple[Catalog, tuple[Finding, ...]]:
        content = read_bytes(data, MAX_CSV_BYTES)
        conjugates, remarks = parse_rows(
            content,
            str(data),
            manifest,
            marker_names=marker_names,
            fluorochrome_names=fluorochrome_names,
            inventory=inventory,
        )
        sha256 = hashlib.sha256(content).hexdigest()
        catalog = Catalog(
            **manifest.head(),
            sha256=sha256,
            origin=str(folder),
            inventory=inventory,
            conjugates=conjugates,
        )
        return catalog, (*hash_remarks(manifest, sha256, data), *remarks)

    return read_whole(folder, read)


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


def parse_rows(
    content: bytes,
    where: str,
    manifest: Manifest,
    *,
    marker_names: Names | None,
    fluorochrome_names: Names | None,
    inventory: bool = False,
) -> tuple[tuple[Conjugate, ...], tuple[Finding, ...]]:
    """Read the content of a ``conjugates.csv`` row by row.

    Args:
        content: Content of the file.
        where: Its name, for messages.
        manifest: Head of the catalog.
        marker_names: As for :func:`read_catalog`.
        fluorochrome_names: As for :func:`read_catalog`.
        inventory: As for :func:`read_catalog`.

    Raises:
        InputError: with every fault of the rows.
    """
    faults: list[Finding] = []
    columns = (*COLUMNS, *INVENTORY_COLUMNS) if inventory else COLUMNS
    rows = parse_table(decoded(content, where), where, columns, REQUIRED, faults)
    if not rows and not faults:
        raise input_error("empty-catalog", "the catalog has no conjugates", where=where, hint="Add at least one row.")
    remarks = _canonical_names(rows, where, marker_names, fluorochrome_names)
    conjugates = _conjugates(rows, where, manifest, faults)
    return conjugates, (*remarks, *_row_remarks(conjugates, where))


def read_manifest(folder: Path) -> tuple[Manifest, Path]:
    """Return the head of a catalog and the path of its data; a plain CSV file has a name and nothing else.

    Raises:
        InputError: with every fault of ``catalog.toml``.
    """
    if not folder.is_dir():
        return Manifest(name=folder.stem or "catalog"), folder
    path = folder / MANIFEST_FILE
    return validate(Manifest, read_toml(path), str(path)), folder / DATA_FILE


def is_currency(text: str) -> bool:
    """Whether a text is written as a currency code of ISO 4217."""
    return _CURRENCY.fullmatch(text) is not None


def write_catalog(catalog: Catalog, folder: Path) -> None:
    """Write a catalog as a folder that :func:`read_catalog` reads back; each file appears whole or not at all.

    Cells that a spreadsheet would run as a formula get an apostrophe in front, which the reader removes.

    Raises:
        PaneloptError: if the catalog is empty or the folder cannot be written.
    """
    data, manifest = catalog_texts(catalog)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or "cannot be made"
        raise input_error("unwritable", reason, where=str(folder), hint="Choose another folder.") from None
    write_text_atomic(folder / DATA_FILE, data)
    write_text_atomic(folder / MANIFEST_FILE, manifest)


def catalog_texts(catalog: Catalog) -> tuple[str, str]:
    """Return the content of ``conjugates.csv`` and of ``catalog.toml``, with the hash of the first in the second.

    Raises:
        InputError: if the catalog is empty.
    """
    if not catalog.conjugates:
        raise input_error("empty-catalog", "the catalog has no conjugates", where=catalog.name)
    columns = (*COLUMNS, *INVENTORY_COLUMNS) if catalog.inventory else COLUMNS
    if not any(getattr(conjugate, name) for conjugate in catalog.conjugates for name in PACK_COLUMNS):
        columns = tuple(name for name in columns if name not in PACK_COLUMNS)
    data = write_table(columns, map(_cells, catalog.conjugates))
    return data, _manifest_text(catalog, hashlib.sha256(data.encode()).hexdigest())


def hash_remarks(manifest: Manifest, found: str, data: Path) -> list[Finding]:
    """Return a remark if the hash of the data is not the one that the head promises."""
    expected = manifest.sha256.get(data.name, "")
    if not expected or expected.lower() == found:
        return []
    message = f"the content is not what the catalog promises: SHA-256 {expected} expected, {found} found"
    return [Finding("hash-mismatch", message, str(data), f"Get the file again, or update sha256 in {MANIFEST_FILE}.")]


def _canonical_names(
    rows: Sequence[Row], where: str, markers: Names | None, fluorochromes: Names | None
) -> list[Finding]:
    unknown: dict[str, list[int]] = {}
    for column, names in (("marker", markers), ("fluorochrome", fluorochromes)):
        if names is None:
            continue
        canonical: dict[str, str | None] = {}
        for row in rows:
            spelling = row.cells[column]
            if spelling not in canonical:
                canonical[spelling] = names.resolve(spelling) if spelling else None
            name = canonical[spelling]
            if name is not None:
                row.cells[column] = name
            elif spelling and column == "fluorochrome":
                unknown.setdefault(spelling, []).append(row.line)
    if fluorochromes is None:
        return []
    return [
        unknown_fluorochrome(name, len(lines), f"{where}:{lines[0]}", fluorochromes) for name, lines in unknown.items()
    ]


def unknown_fluorochrome(name: str, count: int, line: str, fluorochromes: Names) -> Finding:
    """Return the remark on a dye whose optics are not known; ``line`` is where it stands first."""
    return Finding(
        "unknown-fluorochrome",
        f"fluorochrome {name} is not known; {_count(count, 'conjugate')} cannot be used",
        f"{line}, column fluorochrome",
        fluorochromes.suggest(name) or "Add its optics with `panelopt dye import`.",
    )


def price_without_currency(where: str) -> Finding:
    """Return the remark on prices without a currency."""
    hint = f"Set currency in {MANIFEST_FILE} or in the column currency."
    return Finding("price-without-currency", "some prices have no currency", where, hint)


def shared_number(vendor: str, number: str, count: int, where: str) -> Finding:
    """Return the remark on a catalog number of several conjugates."""
    message = f"catalog number {number} of {vendor or 'no vendor'} stands for {count} different conjugates"
    return Finding("shared-catalog-number", message, where, "Check the rows against the vendor's list.")


def _conjugates(
    rows: Sequence[Row], where: str, manifest: Manifest, earlier: Sequence[Finding]
) -> tuple[Conjugate, ...]:
    findings = list(earlier)
    cells: list[dict[str, Any]] = []
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        values, faults = _values(row, manifest)
        findings += [
            Finding(code, text, f"{where}:{row.line}, column {column}", hint) for code, text, column, hint in faults
        ]
        key = tuple(values.get(name, "") for name in ("vendor", "catalog_number", *REQUIRED, "clone", "lot"))
        if first.setdefault(key, row.line) != row.line:
            product = " / ".join(part for part in key if part)
            text = f"product {product} is already on line {first[key]}"
            findings.append(Finding("duplicate-product", text, f"{where}:{row.line}", "Delete one of the two rows."))
        cells.append(values)
    try:
        conjugates = _ROWS.validate_python(cells)
    except ValidationError as error:
        findings += _cell_faults(error, rows, where)
    findings.sort(key=lambda finding: int(re.sub(r"\D.*", "", finding.where.removeprefix(f"{where}:"))))
    raise_if_any(findings)
    return conjugates


_Fault = tuple[str, str, str, str]


def _values(row: Row, manifest: Manifest) -> tuple[dict[str, Any], list[_Fault]]:
    """Return the filled cells of a row with what it inherits from the catalog, and its faults."""
    values: dict[str, Any] = {column: cell for column, cell in row.cells.items() if cell}
    faults: list[_Fault] = []
    for column in REQUIRED:
        if column not in values:
            faults.append(
                ("missing-value", f"the {column} is missing", column, f"Fill in the {column}, or delete the row.")
            )
            values[column] = "?"
    if manifest.vendor:
        values.setdefault("vendor", manifest.vendor)
    price = values.pop("price", None)
    currency = values.pop("currency", manifest.currency)
    if price is not None:
        try:
            values["price"] = float(price)
        except ValueError:
            faults.append(
                ("bad-price", f"price {price!r} is not a number", "price", "Write 249.00; leave it empty if unknown.")
            )
        else:
            values["currency"] = currency
            if not 0 <= values["price"] < float("inf"):
                del values["price"]
                faults.append(
                    ("bad-price", f"price {price} is not zero or more", "price", "Leave it empty if unknown.")
                )
    if currency and not is_currency(currency):
        hint = "Use a code of ISO 4217 such as USD."
        faults.append(("bad-currency", f"{currency!r} is not a currency", "currency", hint))
    return values, faults


def _cell_faults(error: ValidationError, rows: Sequence[Row], where: str) -> Iterable[Finding]:
    for item in error.errors(include_url=False):
        row, column = rows[int(item["loc"][0])], str(item["loc"][1])
        value = row.cells.get(column, "")
        message = f"{column} {value[:60]!r}: {item['msg'].removeprefix('Value error, ')}"
        yield Finding("bad-value", message, f"{where}:{row.line}, column {column}")


def _row_remarks(conjugates: Sequence[Conjugate], where: str) -> list[Finding]:
    remarks = []
    if any(conjugate.price is not None and not conjugate.currency for conjugate in conjugates):
        remarks.append(price_without_currency(where))
    products = {(c.vendor, c.catalog_number, c.marker, c.fluorochrome) for c in conjugates if c.catalog_number}
    shared = Counter(key[:2] for key in sorted(products))
    return remarks + [shared_number(*key, count, where) for key, count in shared.items() if count > 1]


def _cells(conjugate: Conjugate) -> dict[str, str]:
    cells = {column: getattr(conjugate, column) for column in COLUMNS}
    cells["price"] = number_text(conjugate.price)
    cells["in_stock"] = "" if conjugate.in_stock is None else ("yes" if conjugate.in_stock else "no")
    cells["lot"] = conjugate.lot
    cells["expires"] = conjugate.expires.isoformat() if conjugate.expires else ""
    cells["tests_left"] = "" if conjugate.tests_left is None else str(conjugate.tests_left)
    return cells


def _manifest_text(catalog: Catalog, sha256: str) -> str:
    keys = ("name", "title", "vendor", "version", "source", "retrieved", "licence", "currency")
    head = {"schema_version": 1, **{key: getattr(catalog, key) for key in keys if getattr(catalog, key)}}
    return "\n".join([*toml_lines(head), "", "[sha256]", *toml_lines({DATA_FILE: sha256}), ""])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
