"""Parquet and Feather files as rows of text, in small pieces; Parquet after its declared sizes were checked."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

from panelopt.catalogs.importing.files.limits import MAX_ROWS, MAX_UNPACKED_BYTES
from panelopt.catalogs.importing.files.raw import RawRow, check_width, checked, too_many_rows, unique_names
from panelopt.errors import InputError, input_error

_BATCH = 256
"""Rows that are unpacked at a time: a few bytes can stand for the same long text in many rows."""


def read_parquet(data: bytes, where: str) -> tuple[tuple[str, ...], list[RawRow]]:
    """Return column names and rows of a Parquet file; records count from 1.

    Raises:
        InputError: if the file is damaged or declares more than the limits.
    """
    return _guarded(lambda: _parquet(data, where), where)


def read_feather(data: bytes, where: str) -> tuple[tuple[str, ...], list[RawRow]]:
    """Return column names and rows of a Feather file (Arrow IPC); as :func:`read_parquet`."""
    return _guarded(lambda: _feather(data, where), where)


_Table = tuple[tuple[str, ...], list[RawRow]]


def _guarded(read: Callable[[], _Table], where: str) -> _Table:
    try:
        return read()
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - pyarrow fails in many ways, also for want of declared memory
        text = " ".join(str(error).split())[:200]
        message = f"the file cannot be read: {text or type(error).__name__}"
        raise input_error("bad-columnar-file", message, where=where, hint="Write it again, or as CSV.") from None


def _parquet(data: bytes, where: str) -> _Table:
    from pyarrow import parquet

    file = parquet.ParquetFile(io.BytesIO(data))
    about = file.metadata
    if about.num_rows > MAX_ROWS:
        raise too_many_rows(where)
    check_width(about.num_columns, where)
    # the sizes of single columns cannot be asked for: where statistics are damaged, that ends the process
    size = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    if size > MAX_UNPACKED_BYTES or size < 0:
        message = f"the columns unpack to {size:,} bytes, more than {MAX_UNPACKED_BYTES:,}"
        raise input_error("file-too-large", message, where=where, hint="Split the file.")
    return _rows(file.schema_arrow.names, file.iter_batches(batch_size=_BATCH, use_threads=False), where)


def _feather(data: bytes, where: str) -> _Table:
    from pyarrow import ipc

    file = ipc.open_file(io.BytesIO(data), options=ipc.IpcReadOptions(use_threads=False))
    check_width(len(file.schema.names), where)
    return _rows(file.schema.names, _slices(file, where), where)


def _slices(file: Any, where: str) -> Iterator[Any]:
    for number in range(file.num_record_batches):
        batch = file.get_batch(number)
        if batch.nbytes > MAX_UNPACKED_BYTES:
            message = f"a batch unpacks to {batch.nbytes:,} bytes, more than {MAX_UNPACKED_BYTES:,}"
            raise input_error("file-too-large", message, where=where, hint="Split the file.")
        for start in range(0, min(batch.num_rows, MAX_ROWS + 1), _BATCH):
            yield batch.slice(start, _BATCH)


def _rows(names: list[str], batches: Iterator[Any], where: str) -> _Table:
    rows: list[RawRow] = []
    characters = 0
    for batch in batches:
        columns = [list(map(_text, column.to_pylist())) for column in batch.columns]
        characters += sum(len(cell) for column in columns for cell in column)
        if len(rows) + batch.num_rows > MAX_ROWS:
            raise too_many_rows(where)
        if characters > MAX_UNPACKED_BYTES:
            message = f"the cells hold more than {MAX_UNPACKED_BYTES:,} characters"
            raise input_error("file-too-large", message, where=f"{where}, record {len(rows) + 1}")
        rows += [checked(RawRow(len(rows) + i, cells)) for i, cells in enumerate(zip(*columns, strict=True), 1)]
    return unique_names(names), rows


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if value != value else (str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="surrogateescape")
    return str(value)
