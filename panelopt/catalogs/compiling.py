"""Data files of any kind into columns: at once where they are plain, in batches of rows where they are not."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from panelopt.catalogs.columns import STOCK_WORDS, parse_columns
from panelopt.catalogs.manifest import MAX_CSV_BYTES, Manifest
from panelopt.catalogs.remarks import KnownNames
from panelopt.catalogs.rows import RowReader
from panelopt.catalogs.sorted_columns import TEXT_COLUMNS, CatalogColumns, sorted_columns
from panelopt.catalogs.words import JoinedWords, Words
from panelopt.domain.reagents import Conjugate
from panelopt.io.csv_layout import UnusualError
from panelopt.io.documents import content_of


def read_columns(
    file: BinaryIO,
    where: str,
    manifest: Manifest,
    *,
    marker_names: KnownNames | None,
    fluorochrome_names: KnownNames | None,
) -> CatalogColumns:
    """Read a ``conjugates.csv``, whatever way it is written in.

    Args:
        file: The file, open.
        where: Its name, for messages.
        manifest: Head of the catalog.
        marker_names: Where given, marker spellings become canonical.
        fluorochrome_names: Where given, dye spellings become canonical, and unknown ones are remarked.

    Raises:
        InputError: with every fault of the rows, or if the file is too large.
    """
    # not in an except clause: it would hold what the first reader has made, while the second one works
    with contextlib.suppress(UnusualError):
        return parse_columns(file, manifest, marker_names=marker_names, fluorochrome_names=fluorochrome_names)
    file.seek(0)
    content = content_of(file, MAX_CSV_BYTES, where)
    reader = RowReader(content, where, manifest, marker_names=marker_names, fluorochrome_names=fluorochrome_names)
    return replace(columns_of(reader, where), sha256=hashlib.sha256(content).hexdigest())


def columns_of(reader: RowReader, where: str) -> CatalogColumns:
    """Return the rows of a reader; of these only one batch is held as conjugates.

    Raises:
        InputError: with every fault of the rows.
    """
    text = {column: JoinedWords() for column in TEXT_COLUMNS}
    prices = []
    for batch in reader.batches():
        for column, joined in text.items():
            found = pa.array(_texts(batch, column), pa.string()).dictionary_encode()
            joined.add(Words(found.dictionary, found.indices.to_numpy()))
        prices.append(np.array([row.price for row in batch], dtype=np.float64))
    remarks = [replace(remark, where=remark.where.removeprefix(where)) for remark in reader.remarks]
    return sorted_columns({column: joined.words() for column, joined in text.items()}, np.concatenate(prices), remarks)


def _texts(rows: Iterable[Conjugate], column: str) -> list[str]:
    values = [getattr(row, column) for row in rows]
    return [STOCK_WORDS[value] for value in values] if column == "in_stock" else values
