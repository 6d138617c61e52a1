"""Compiled catalogs: columns as Parquet, sorted by product, and conjugates that are read from there when asked for."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet
from pydantic import TypeAdapter, ValidationError

from panelopt.catalogs.sorted_columns import TEXT_COLUMNS, CatalogColumns
from panelopt.catalogs.words import Words
from panelopt.domain.base import Record
from panelopt.domain.conjugate_table import ConjugateColumn, RowIndex, Tests
from panelopt.domain.reagents import Conjugate
from panelopt.errors import Finding, PaneloptError

_ROWS_A_GROUP = 1 << 15
_AT_A_TIME = 10_000
_HEAD = b"panelopt"
_DECIDING = (
    "marker", "fluorochrome", "vendor", "price", "currency", "in_stock", "availability", "reactivity", "applications"
)  # fmt: skip
_ALL = (*TEXT_COLUMNS, "price")
_ALWAYS = ("marker", "price")
_UNKNOWN = ("", None)
_MAX_UNPACKED_BYTES = 2_000_000_000
_STOCK = {"yes": True, "no": False, "": None}
_ROWS = TypeAdapter(list[Conjugate])


class _Head(Record):
    """What the head of the file says.

    Attributes:
        markers: First row of each marker, and the one behind its last.
        words: Words of the columns that are stored as numbers.
        remarks: Texts of the remarks.
    """

    markers: dict[str, tuple[int, int]]
    words: dict[str, list[str]]
    remarks: list[tuple[str, str, str, str]]


def parquet_bytes(columns: CatalogColumns) -> bytes:
    """Return the content of a Parquet file with the rows, the place of each marker, and the remarks.

    Texts are numbers in the rows, and words in the head of the file, unless nearly every row has a text of its own.
    """
    short = {name: words for name, words in columns.text.items() if words.is_short}
    head = {
        "markers": _ranges(columns.text["marker"], columns.order),
        "words": {name: words.word.to_pylist() for name, words in short.items()},
        "remarks": [[remark.code, remark.message, remark.where, remark.hint] for remark in columns.remarks],
    }
    types = {name: pa.uint16() if name in short else pa.string() for name in TEXT_COLUMNS} | {"price": pa.float64()}
    schema = pa.schema([(name, types[name]) for name in _ALL], {_HEAD: json.dumps(head).encode()})
    out = pa.BufferOutputStream()
    with pyarrow.parquet.ParquetWriter(
        out, schema, compression="zstd", write_statistics=False, use_dictionary=[*short, "price"]
    ) as writer:
        for start in range(0, len(columns.order), _ROWS_A_GROUP):
            writer.write_table(_group(columns, columns.order[start : start + _ROWS_A_GROUP], schema))
    return bytes(out.getvalue())


def _group(columns: CatalogColumns, rows: npt.NDArray[np.int64], schema: pa.Schema) -> pa.Table:
    arrays = {"price": pa.array(columns.price[rows])}
    for name, words in columns.text.items():
        arrays[name] = pa.array(words.code[rows].astype(np.uint16)) if words.is_short else words.texts(rows)
    return pa.table([arrays[name] for name in _ALL], schema=schema)


def _ranges(marker: Words, order: npt.NDArray[np.int64]) -> dict[str, tuple[int, int]]:
    """Return the first row of each marker and the one behind its last; the rows are sorted by marker."""
    code = marker.code[order].astype(np.int64)
    starts = np.flatnonzero(np.diff(code, prepend=-1)).tolist()
    names = [marker.word[code[start]].as_py() for start in starts]
    return dict(zip(names, zip(starts, [*starts[1:], len(code)], strict=True), strict=True))


class StoredConjugates(Sequence[Conjugate]):
    """Conjugates in the content of a Parquet file, a :class:`panelopt.domain.conjugate_table.ConjugateTable`.

    Only the columns and the parts of the file that are needed are unpacked, and conjugates are made when asked for.

    Args:
        content: What :func:`parquet_bytes` returned.
        markers: Only conjugates of these markers; None = all.

    Raises:
        ValueError: if the content is no compiled catalog.
        PaneloptError: later, if a part that is read then is damaged.
    """

    def __init__(self, content: bytes, markers: Collection[str] | None = None) -> None:
        self._made_of = (content, markers)
        try:
            self._file = pyarrow.parquet.ParquetFile(pa.BufferReader(content))
            self.total_rows = int(self._file.metadata.num_rows)
            head = _head(self._file)
        except (pa.ArrowException, OSError, KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"no compiled catalog: {error}") from None
        ranges, self._words = head.markers, head.words
        self.remarks = tuple(Finding(*texts) for texts in head.remarks)
        if markers is None:
            self._ranges = [(0, self.total_rows)]
        else:
            self._ranges = [ranges[name] for name in sorted(markers) if name in ranges]
        self._rows = sum(stop - start for start, stop in self._ranges)
        self._columns: dict[str, pa.Array] = {}

    def __reduce__(self) -> tuple[type[StoredConjugates], tuple[bytes, Collection[str] | None]]:
        """Travel to another process as what it was made of."""
        return StoredConjugates, self._made_of

    def __len__(self) -> int:
        return self._rows

    @overload
    def __getitem__(self, index: int) -> Conjugate: ...

    @overload
    def __getitem__(self, index: slice) -> list[Conjugate]: ...

    def __getitem__(self, index: int | slice) -> Conjugate | list[Conjugate]:
        if isinstance(index, slice):
            return self.take(np.arange(self._rows)[index])
        return self.take(np.array([range(self._rows)[index]]))[0]

    def __iter__(self) -> Iterator[Conjugate]:
        for start in range(0, self._rows, _AT_A_TIME):
            yield from self.take(np.arange(start, min(start + _AT_A_TIME, self._rows)))

    def column(self, field: str) -> ConjugateColumn:
        """Return a field; see :class:`panelopt.domain.conjugate_table.ConjugateTable`."""
        if field not in TEXT_COLUMNS:
            return ConjugateColumn((Conjugate.model_fields[field].default,), np.zeros(self._rows, dtype=np.int32))
        (array,) = self._read((field,))
        if field not in self._words:
            found = array.dictionary_encode()
            return ConjugateColumn(found.dictionary.to_pylist(), _numbers(found.indices))
        words = self._words[field]
        return ConjugateColumn([_STOCK[word] for word in words] if field == "in_stock" else words, _numbers(array))

    def is_empty(self, field: str) -> npt.NDArray[np.bool_]:
        """Return which have an empty text; see :class:`panelopt.domain.conjugate_table.ConjugateTable`."""
        if field not in TEXT_COLUMNS or field in self._words:
            return self.column(field).where(lambda text: not text)
        (array,) = self._read((field,))
        if not len(array):
            return np.zeros(0, dtype=bool)
        # of two neighbouring ends of texts, equal ones enclose nothing
        return np.asarray(np.diff(_text_ends(array)) == 0)

    def price(self) -> npt.NDArray[np.float64]:
        """Return the prices; see :class:`panelopt.domain.conjugate_table.ConjugateTable`."""
        return _numbers(self._read(("price",))[0])

    def in_order(self, rows: RowIndex) -> RowIndex:
        """Return the rows: they are in order; see :class:`panelopt.domain.conjugate_table.ConjugateTable`."""
        return rows

    def fitting(self, tests: Tests) -> RowIndex:
        """Return the rows that pass all tests; see :class:`panelopt.domain.conjugate_table.ConjugateTable`."""
        fits = np.ones(self._rows, dtype=bool)
        for field, accepts in tests:
            fits &= self.column(field).where(accepts)
        return np.flatnonzero(fits)

    def values_of(self, field: str, rows: Sequence[int] | RowIndex | None = None) -> set[Any]:
        """Return the values of some rows; see :class:`panelopt.domain.conjugate_table.ConjugateTable`."""
        column = self.column(field)
        codes = column.code if rows is None else column.code[np.asarray(rows, dtype=np.int64)]
        return {column.values[code] for code in np.flatnonzero(np.bincount(codes)).tolist()}

    def take(self, rows: Sequence[int] | RowIndex) -> list[Conjugate]:
        """Return some of the conjugates; see :class:`panelopt.domain.conjugate_table.ConjugateTable`."""
        rows = np.asarray(rows, dtype=np.int64)
        if not len(rows):
            return []  # without unpacking all columns
        self._read(_ALL)
        columns = {name: self.cells(name, rows) for name in _ALL}
        filled = {name: cells for name, cells in columns.items() if name in _ALWAYS or {*cells} - {*_UNKNOWN}}
        made = [_filled(zip(filled, row, strict=True)) for row in zip(*filled.values(), strict=True)]
        try:
            return _ROWS.validate_python(made)
        except ValidationError as error:
            raise _damaged(f"{error.error_count()} wrong values") from None

    def cells(self, field: str, rows: RowIndex) -> list[Any]:
        """Return a field of some conjugates; see :class:`panelopt.domain.conjugate_table.ConjugateTable`."""
        if field not in _ALL:
            return [Conjugate.model_fields[field].default] * len(rows)
        (column,) = self._read((field,))
        if field == "price":
            return [None if price != price else price for price in _numbers(column)[rows].tolist()]  # NaN: unknown
        if field in self._words:
            words = [_STOCK[word] for word in self._words[field]] if field == "in_stock" else self._words[field]
            return [words[code] for code in _numbers(column)[rows].tolist()]
        ends, content = _text_ends(column), memoryview(column.buffers()[2] or b"")
        return [
            str(content[start:stop], "utf-8")
            for start, stop in zip(ends[rows].tolist(), ends[rows + 1].tolist(), strict=True)
        ]

    def _read(self, names: tuple[str, ...]) -> list[pa.Array]:
        """Return columns, reading those that were not read before; what a choice depends on is read together."""
        missing = set(names) - set(self._columns)
        if missing & set(_DECIDING):
            missing |= set(_DECIDING) - set(self._columns)
        if missing:
            try:
                table = self._table(sorted(missing))
                found = {name: table[name].combine_chunks() for name in table.column_names}
                wrong = [name for name, column in found.items() if not self._is_whole(name, column)]
            except (pa.ArrowException, OSError) as error:
                raise _damaged(str(error)) from None
            if wrong:
                raise _damaged(f"numbers of {', '.join(wrong)}")
            self._columns |= found
        return [self._columns[name] for name in names]

    def _is_whole(self, name: str, column: pa.Array) -> bool:
        """Whether a column has a value for each row, and a word for each number."""
        if len(column) != self._rows or column.null_count:
            return False
        return name not in self._words or not len(column) or int(_numbers(column).max()) < len(self._words[name])

    def _table(self, names: Sequence[str]) -> pa.Table:
        groups = sorted({row // _ROWS_A_GROUP for start, stop in self._ranges for row in _ends(start, stop)})
        place = {group: number * _ROWS_A_GROUP for number, group in enumerate(groups)}
        table = self._file.read_row_groups(groups, columns=names)
        parts = []
        for start, stop in self._ranges:
            first = place[start // _ROWS_A_GROUP] + start % _ROWS_A_GROUP
            parts.append(table.slice(first, stop - start))
        return pa.concat_tables(parts) if parts else table


def _head(file: pyarrow.parquet.ParquetFile) -> _Head:
    """Return what the head of a file says of its rows.

    Raises:
        ValueError, KeyError, TypeError, pa.ArrowException: if it is not the head of a compiled catalog.
    """
    schema, rows, about = file.schema_arrow, file.metadata.num_rows, file.metadata
    head = _Head.model_validate_json(schema.metadata[_HEAD])
    # the sizes of single columns cannot be asked for: where statistics are damaged, that ends the process
    size = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    groups = [about.row_group(group).num_rows for group in range(about.num_row_groups)]
    full = [_ROWS_A_GROUP] * (rows // _ROWS_A_GROUP) + [rest for rest in (rows % _ROWS_A_GROUP,) if rest]
    types = {name: pa.uint16() if name in head.words else pa.string() for name in TEXT_COLUMNS}
    if (
        dict(zip(schema.names, schema.types, strict=True)) != {**types, "price": pa.float64()}
        or not 0 <= size <= _MAX_UNPACKED_BYTES
        or groups != full
        or not all(0 <= first < end <= rows for first, end in head.markers.values())
        or not set(head.words.get("in_stock", ())) <= set(_STOCK)
    ):
        raise ValueError("columns or rows are not those of a compiled catalog")
    return head


def _damaged(what: str) -> PaneloptError:
    hint = "Remove the folder of compiled catalogs: the one that PANELOPT_CACHE names, or panelopt's in your cache."
    return PaneloptError(f"a compiled catalog is damaged: {' '.join(what.split())[:200]}", hint=hint)


def _numbers(array: pa.Array) -> npt.NDArray[Any]:
    # Array.to_numpy would import pandas, which takes longer than all the rest
    return np.from_dlpack(array)


def _text_ends(array: pa.StringArray) -> npt.NDArray[np.int32]:
    """Return where each text begins in the content of an array, and where the last one ends.

    The methods of the array would load pyarrow.compute, which takes longer than all the rest.
    """
    if not len(array):
        return np.zeros(1, dtype=np.int32)
    return np.frombuffer(array.buffers()[1], dtype=np.int32)[array.offset : array.offset + len(array) + 1]


def _ends(start: int, stop: int) -> Iterable[int]:
    """Return a row of every group that a range touches."""
    return (*range(start, stop, _ROWS_A_GROUP), stop - 1)


def _filled(cells: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in cells if value not in _UNKNOWN}
