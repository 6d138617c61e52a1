"""Rows of a ``conjugates.csv``, read in batches: every fault with its line, and conjugates where there is none."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

from pydantic import TypeAdapter, ValidationError

from panelopt.catalogs.manifest import Manifest, is_currency
from panelopt.catalogs.remarks import KnownNames, row_remarks, unknown_fluorochrome
from panelopt.domain.reagents import Conjugate
from panelopt.errors import Finding, input_error
from panelopt.io.csv_table import MAX_ROWS, Row, table_rows
from panelopt.io.documents import check_utf8
from panelopt.io.first_faults import FirstFaults

COLUMNS: tuple[str, ...] = (
    "marker", "clone", "fluorochrome", "vendor", "catalog_number", "price", "currency", "size", "unit", "host",
    "isotype", "reactivity", "applications", "in_stock", "note", "availability", "source", "tests", "price_per_test",
)  # fmt: skip
"""Columns of ``conjugates.csv`` in the order in which they are written."""

INVENTORY_COLUMNS: tuple[str, ...] = ("lot", "expires", "tests_left")
"""Further columns of an inventory; other catalogs may not have them."""

REQUIRED = ("marker", "fluorochrome")
"""Columns that must be there and be filled."""

MAX_STREAMED_ROWS = 2_000_000
"""Most rows of a data file that is read row by row; of each, what is looked for twice takes 8 bytes."""

BATCH_ROWS = 20_000
"""Rows that are texts and conjugates at a time."""

_KEY = ("vendor", "catalog_number", *REQUIRED, "clone", "lot")
_ROWS = TypeAdapter(tuple[Conjugate, ...])
_OF_VALUES, _OF_PRODUCTS, _OF_CELLS = 1, 2, 3
"""Ranks of the faults of one line."""

_Fault = tuple[str, str, str, str]


class RowReader:
    """Reads the rows of a ``conjugates.csv`` once, and once more where products seem to be listed twice.

    Args:
        content: Content of the file.
        where: Its name, for messages.
        manifest: Head of the catalog.
        marker_names: Where given, marker spellings become canonical.
        fluorochrome_names: Where given, dye spellings become canonical, and unknown ones are remarked.
        inventory: Whether the catalog lists your stock.

    Attributes:
        rows: Rows that were read, those with faults included.
        remarks: Remarks on dyes whose optics are not known, when all rows have been read.
    """

    def __init__(
        self,
        content: bytes,
        where: str,
        manifest: Manifest,
        *,
        marker_names: KnownNames | None,
        fluorochrome_names: KnownNames | None,
        inventory: bool = False,
    ) -> None:
        self.rows = 0
        self.remarks: tuple[Finding, ...] = ()
        self._content = content
        self._where = where
        self._manifest = manifest
        self._columns = (*COLUMNS, *INVENTORY_COLUMNS) if inventory else COLUMNS
        self._dyes = fluorochrome_names
        self._names = [
            (column, names, dict[str, str | None]())
            for column, names in (("marker", marker_names), ("fluorochrome", fluorochrome_names))
            if names is not None
        ]
        self._unknown: dict[str, list[int]] = {}
        self._faults = FirstFaults(where)
        self._hashes = array("q")

    def batches(self, size: int = BATCH_ROWS) -> Iterator[tuple[Conjugate, ...]]:
        """Yield the conjugates, some at a time; nothing more is yielded after a row that is wrong.

        Raises:
            InputError: at the end, with every fault of the rows.
        """
        check_utf8(self._content, self._where)
        rows = self._table(self._faults)
        while batch := list(islice(rows, size)):
            self.rows += len(batch)
            conjugates = self._conjugates(batch)
            if not self._faults.count:
                yield conjugates
        if not self.rows and not self._faults.count:
            hint = "Add at least one row."
            raise input_error("empty-catalog", "the catalog has no conjugates", where=self._where, hint=hint)
        if self._dyes is not None and not self._faults.count:
            self.remarks = tuple(
                unknown_fluorochrome(name, count, f"{self._where}:{line}", self._dyes)
                for name, (line, count) in self._unknown.items()
            )
        self._find_duplicates()
        self._faults.raise_if_any()

    def _table(self, faults: FirstFaults) -> Iterator[Row]:
        """Yield the rows with canonical names."""
        for row in table_rows(self._content, self._where, self._columns, REQUIRED, faults.add, MAX_STREAMED_ROWS):
            for column, names, canonical in self._names:
                spelling = row.cells[column]
                if spelling not in canonical:
                    canonical[spelling] = names.resolve(spelling) if spelling else None
                name = canonical[spelling]
                if name is not None:
                    row.cells[column] = name
                elif spelling and column == "fluorochrome":
                    self._unknown.setdefault(spelling, [row.line, 0])[1] += 1
            yield row

    def _conjugates(self, rows: Sequence[Row]) -> tuple[Conjugate, ...]:
        """Return the conjugates of rows; nothing if one of them is wrong."""
        cells = []
        for row in rows:
            values, faults = _values(row, self._manifest)
            for code, text, column, hint in faults:
                self._faults.add(Finding(code, text, f"{self._where}:{row.line}, column {column}", hint), _OF_VALUES)
            self._hashes.append(hash(_key(values)))
            cells.append(values)
        try:
            return _ROWS.validate_python(cells)
        except ValidationError as error:
            for fault in _cell_faults(error, rows, self._where):
                self._faults.add(fault, _OF_CELLS)
            return ()

    def _find_duplicates(self) -> None:
        """Compare the products themselves where hashes are equal; only these rows are kept."""
        repeated = frozenset(one for one, other in pairwise(sorted(self._hashes)) if one == other)
        if not repeated:
            return
        first: dict[tuple[str, ...], int] = {}
        for row, hash_ in zip(self._table(FirstFaults(self._where)), self._hashes, strict=True):
            if hash_ not in repeated:
                continue
            key = _key(_values(row, self._manifest)[0])
            if first.setdefault(key, row.line) != row.line:
                product = " / ".join(part for part in key if part)
                text = f"product {product} is already on line {first[key]}"
                place, hint = f"{self._where}:{row.line}", "Delete one of the two rows."
                self._faults.add(Finding("duplicate-product", text, place, hint), _OF_PRODUCTS)


def parse_rows(
    content: bytes,
    where: str,
    manifest: Manifest,
    *,
    marker_names: KnownNames | None,
    fluorochrome_names: KnownNames | None,
    inventory: bool = False,
) -> tuple[tuple[Conjugate, ...], tuple[Finding, ...]]:
    """Read the content of a ``conjugates.csv`` row by row.

    Args:
        content: Content of the file.
        where: Its name, for messages.
        manifest: Head of the catalog.
        marker_names: As for :class:`RowReader`.
        fluorochrome_names: As for :class:`RowReader`.
        inventory: As for :class:`RowReader`.

    Returns:
        The conjugates, and remarks.

    Raises:
        InputError: with every fault of the rows; if there is none, for more than
            :data:`panelopt.io.csv_table.MAX_ROWS` rows.
    """
    reader = RowReader(
        content,
        where,
        manifest,
        marker_names=marker_names,
        fluorochrome_names=fluorochrome_names,
        inventory=inventory,
    )
    conjugates: list[Conjugate] = []
    for batch in reader.batches():
        if reader.rows <= MAX_ROWS:
            conjugates += batch
        else:
            conjugates.clear()  # faults may follow
    if reader.rows > MAX_ROWS:
        message = f"more than {MAX_ROWS:,} rows are not kept as they are"
        raise input_error("too-many-rows", message, where=where, hint="Split the file.")
    return tuple(conjugates), (*reader.remarks, *row_remarks(conjugates, where))


def _key(values: dict[str, Any]) -> tuple[str, ...]:
    """Return what tells products apart."""
    return tuple(values.get(name, "") for name in _KEY)


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
