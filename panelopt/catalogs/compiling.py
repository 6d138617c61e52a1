"""Data files of any kind into columns: at once where they are plain, in batches of rows where they are not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from panelopt.catalogs.columns import (
    STOCK_WORDS,
    TEXT_COLUMNS,
    CatalogColumns,
    Words,
    parse_columns,
    sorted_columns,
)
from panelopt.catalogs.manifest import Manifest
from panelopt.catalogs.remarks import KnownNames
from panelopt.catalogs.rows import RowReader
from panelopt.domain.reagents import Conjugate
from panelopt.io.csv_layout import UnusualError


def read_columns(
    content: bytes,
    where: str,
    manifest: Manifest,
    *,
    marker_names: KnownNames | None,
    fluorochrome_names: KnownNames | None,
) -> CatalogColumns:
    """Read the content of a ``conjugates.csv``, whatever way it is written in.

    Args:
        content: Content of the file.
        where: Its name, for messages.
        manifest: Head of the catalog.
        marker_names: Where given, marker spellings become canonical.
        fluorochrome_names: Where given, dye spellings become canonical, and unknown ones are remarked.

    Raises:
        InputError: with every fault of the rows.
    """
    # not in an except clause: it would hold what the first reader has made, while the second one works
    with contextlib.suppress(UnusualError):
        return parse_columns(content, manifest, marker_names=marker_names, fluorochrome_names=fluorochrome_names)
    reader = RowReader(content, where, manifest, marker_names=marker_names, fluorochrome_names=fluorochrome_names)
    return columns_of(reader, where)


def columns_of(reader: RowReader, where: str) -> CatalogColumns:
    """Return the rows of a reader; of these only one batch is held as conjugates.

    Raises:
        InputError: with every fault of the rows.
    """
    text: dict[str, list[pa.DictionaryArray]] = {column: [] for column in TEXT_COLUMNS}
    prices = []
    for batch in reader.batches():
        for column, parts in text.items():
            parts.append(pa.array(_texts(batch, column), pa.string()).dictionary_encode())
        prices.append(np.array([row.price for row in batch], dtype=np.float64))
    remarks = [replace(remark, where=remark.where.removeprefix(where)) for remark in reader.remarks]
    return sorted_columns({column: _joined(parts) for column, parts in text.items()}, np.concatenate(prices), remarks)


def _texts(rows: Iterable[Conjugate], column: str) -> list[str]:
    values = [getattr(row, column) for row in rows]
    return [STOCK_WORDS[value] for value in values] if column == "in_stock" else values


def _joined(parts: Sequence[pa.DictionaryArray]) -> Words:
    whole = pa.chunked_array(parts).unify_dictionaries().combine_chunks()
    return Words(whole.dictionary, whole.indices.to_numpy())
