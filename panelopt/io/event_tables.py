"""Labelled events from tables: CSV, Parquet, AnnData."""

from __future__ import annotations

import contextlib
import csv
import math
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from panelopt.errors import Finding, InputError, PaneloptError, input_error
from panelopt.io import labelled_events as limits
from panelopt.io.hdf5_trial import try_hdf5
from panelopt.io.labelled_events import EventChannel, EventTable, check_columns, check_size, coded
from panelopt.optics.spectra import Array

if TYPE_CHECKING:
    import pandas as pd

_CHUNK = 200_000
_SEPARATORS = ",\t;"
_QUOTE = "Quote cells that hold a separator."


class CsvEvents:
    """Events of a text table with a header; comma, tab or semicolon between the cells.

    Args:
        path: UTF-8 file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                line = file.readline(1_000_000)
        except UnicodeDecodeError as error:
            raise _not_utf8(error, path) from None
        self._separator = max(_SEPARATORS, key=line.count)
        try:
            header = next(csv.reader([line], delimiter=self._separator), [])
        except csv.Error as error:
            raise input_error("csv-syntax", f"the header cannot be read: {error}", where=f"{path}:1") from None
        self._names = tuple(name.strip() for name in header)
        if not any(self._names):
            hint = "The first line names the columns."
            raise input_error("empty-file", "the file has no header", where=str(path), hint=hint)

    @property
    def channels(self) -> tuple[EventChannel, ...]:
        """Columns of the header."""
        return tuple(map(EventChannel, self._names, self._names))

    def read(self, population: str, columns: Sequence[str]) -> EventTable:
        """Read columns; see :class:`panelopt.io.labelled_events.EventSource`."""
        import pandas as pd

        where = str(self._path)
        check_columns(self.channels, [population, *columns], where)
        wanted = [self._names.index(name) for name in (population, *columns)]
        parts: list[Array] = [np.empty((0, len(columns)))]
        labels: list[Any] = [np.empty(0, dtype=object)]
        read = 0
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pd.errors.ParserWarning)  # cells would be lost
                for chunk in self._chunks(wanted):
                    self._check_length(chunk, read)
                    read += len(chunk)
                    check_size(read, len(columns), where)
                    labels.append(chunk[wanted[0]].to_numpy(dtype=object))
                    parts.append(
                        np.column_stack([np.empty((len(chunk), 0)), *(_numbers(chunk[i]) for i in wanted[1:])])
                    )
        except UnicodeDecodeError as error:
            raise _not_utf8(error, self._path) from None
        except pd.errors.ParserWarning:
            message = "rows have more cells than the header"
            raise input_error("row-length", message, where=where, hint=_QUOTE) from None
        except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
            reason = str(error).strip().splitlines()[0][:200]
            raise input_error("csv-syntax", f"not a table of events: {reason}", where=where) from None
        names, codes = coded(np.concatenate(labels), where)
        return EventTable(np.concatenate(parts), names, codes)

    def _chunks(self, wanted: Sequence[int]) -> Iterator[pd.DataFrame]:
        import pandas as pd

        width = len(self._names)  # the column after the last shows rows that are too long
        # as texts: pandas 2.3 itself ends the process at 1e2147483648, and takes 1e4294967296 for 1
        with pd.read_csv(
            self._path, sep=self._separator, encoding="utf-8-sig", header=None, skiprows=1,
            names=list(range(width + 1)), index_col=False, dtype=str, na_filter=False, chunksize=_CHUNK,
        ) as chunks:  # fmt: skip
            for chunk in chunks:
                yield chunk[[*wanted, width]]

    def _check_length(self, chunk: pd.DataFrame, read: int) -> None:
        beyond = chunk[len(self._names)]
        wrong = np.flatnonzero(beyond.notna() & (beyond != ""))
        if len(wrong):
            message = f"{len(wrong)} rows have more cells than the header, the first is row {read + wrong[0] + 1}"
            raise input_error("row-length", message, where=str(self._path), hint=_QUOTE)


class ParquetEvents:
    """Events of a Parquet file.

    Args:
        path: The file; only its schema is read at first.
    """

    def __init__(self, path: Path) -> None:
        from pyarrow.parquet import ParquetFile

        self._path = path
        self._where = str(path)
        with _damage(self._where):
            self._file = ParquetFile(path)
            self._names = tuple(self._file.schema_arrow.names)

    @property
    def channels(self) -> tuple[EventChannel, ...]:
        """Columns of the schema."""
        return tuple(map(EventChannel, self._names, self._names))

    def read(self, population: str, columns: Sequence[str]) -> EventTable:
        """Read columns; see :class:`panelopt.io.labelled_events.EventSource`."""
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile

        check_columns(self.channels, [population, *columns], self._where)
        check_size(self._file.metadata.num_rows, len(columns), self._where)
        types = {name: self._file.schema_arrow.field(name).type for name in (population, *columns)}
        findings = [
            Finding("column-type", f"column {name} holds {kind}, no numbers", self._where)
            for name, kind in types.items()
            if name != population and not (pa.types.is_integer(kind) or pa.types.is_floating(kind))
        ]
        if pa.types.is_nested(types[population]):
            findings.append(Finding("column-type", f"column {population} holds {types[population]}", self._where))
        if findings:
            raise InputError(findings)
        with _damage(self._where):
            # as a dictionary, a long label that many events share is held once
            table = ParquetFile(self._path, read_dictionary=[population]).read(columns=[population, *columns])
            values = [table.column(n).to_numpy(zero_copy_only=False).astype(float) for n in columns]
            labels = table.column(population).to_pandas()
        names, codes = coded(labels, self._where)
        return EventTable(np.column_stack(values or [np.empty((len(codes), 0))]), names, codes)


class AnnDataEvents:
    """Cells of an AnnData file: labels from a column of ``obs``, signals from ``X``.

    Args:
        path: HDF5 file; ``X`` stays on the disk at first.
    """

    def __init__(self, path: Path) -> None:
        try:
            import anndata
        except ImportError:
            hint = 'Install it: pip install "panelopt[anndata]".'
            message = "reading AnnData files needs the package anndata"
            raise PaneloptError(message, where=str(path), hint=hint) from None
        self._where = str(path)
        try_hdf5(path, limits.MAX_EVENT_VALUES)
        with _damage(self._where), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about names that are not unique: checked here
            self._data = anndata.read_h5ad(path, backed="r")
        self._names = tuple(map(str, self._data.var_names))
        self._labels = tuple(map(str, self._data.obs.columns))

    @property
    def channels(self) -> tuple[EventChannel, ...]:
        """Names of the variables."""
        return tuple(map(EventChannel, self._names, self._names))

    def read(self, population: str, columns: Sequence[str]) -> EventTable:
        """Read variables, and labels from ``obs``; see :class:`panelopt.io.labelled_events.EventSource`."""
        check_columns([EventChannel(name) for name in self._labels], [population], f"{self._where}: obs")
        check_columns(self.channels, columns, self._where)
        check_size(self._data.n_obs, len(columns), self._where)
        place = [self._names.index(name) for name in columns]
        order = np.argsort(place, kind="stable")  # HDF5 wants rising indices
        with _damage(self._where), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            block = self._data[:, np.asarray(place, dtype=int)[order]].to_memory().X
            self._data.file.close()
            dense = np.asarray(block.toarray() if hasattr(block, "toarray") else block, dtype=float)
            values = np.empty_like(dense)
            values[:, order] = dense
        names, codes = coded(self._data.obs[population].astype(object), self._where)
        return EventTable(values, names, codes)


def _numbers(column: pd.Series[Any]) -> Array:
    """Return the numbers of a column of texts, NaN for what is none."""
    return np.fromiter(map(_number, column), dtype=float, count=len(column))


def _number(text: str) -> float:
    try:
        return float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan


@contextlib.contextmanager
def _damage(where: str) -> Iterator[None]:
    """Turn whatever a parser raises at a damaged file into an input error."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  a damaged file makes the parser fail in any way
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        message = f"the file is cut off or damaged ({reason})"
        raise input_error("damaged-file", message, where=where, hint="Export it again.") from None


def _not_utf8(error: UnicodeDecodeError, path: Path) -> InputError:
    message = f"byte {error.start} is not UTF-8"
    return input_error("encoding", message, where=str(path), hint="Save the file as UTF-8.")
