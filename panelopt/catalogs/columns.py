"""Catalog files of a vendor's size read by column: every distinct value is looked at once.

The content is the same as that of :class:`panelopt.catalogs.rows.RowReader`, which also says what is wrong with a
file; here a file that is not plainly right is declined. What reads and compares texts is loaded when a file is
compiled: an opening does without.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from panelopt.catalogs.manifest import MAX_CSV_BYTES, Manifest, is_currency
from panelopt.catalogs.remarks import KnownNames, unknown_fluorochrome
from panelopt.catalogs.rows import COLUMNS, REQUIRED
from panelopt.catalogs.sorted_columns import TEXT_COLUMNS, CatalogColumns, sorted_columns
from panelopt.catalogs.words import JoinedWords, Words
from panelopt.domain.reagents import Conjugate
from panelopt.io.csv_blocks import csv_blocks
from panelopt.io.csv_layout import CsvLayout, UnusualError, csv_layout
from panelopt.io.csv_table import plain_cell

MAX_CELL_BYTES = 2000
"""Longer cells are left to the other reader; a text may have 2,000 characters."""

BLOCK_BYTES = 1 << 22
"""Bytes of a file that are read at a time."""

_PARSED_BYTES = 1 << 22
_REMEMBERED = 1 << 17
"""Spellings of a column that are remembered."""

_ROWS = TypeAdapter(tuple[Conjugate, ...])
STOCK_WORDS = {True: "yes", False: "no", None: ""}
"""How ``in_stock`` is written."""


def parse_columns(
    file: BinaryIO, manifest: Manifest, *, marker_names: KnownNames | None, fluorochrome_names: KnownNames | None
) -> CatalogColumns:
    """Read a ``conjugates.csv`` block by block; a block is all that is held of its text.

    Args:
        file: The file, open.
        manifest: Head of the catalog.
        marker_names: Where given, marker spellings become canonical.
        fluorochrome_names: Where given, dye spellings become canonical, and unknown ones are remarked.

    Raises:
        UnusualError: if a row is wrong, or the file is written in a way that is not read here.
    """
    hashed = hashlib.sha256()
    rows = _Rows(manifest, marker_names, fluorochrome_names)
    for data, above in csv_blocks(_parts(file, hashed.update)):
        rows.add(data, above)
    return replace(rows.columns(), sha256=hashed.hexdigest())


def _parts(file: BinaryIO, see: Callable[[bytes], None]) -> Iterator[bytes]:
    size = 0
    while part := file.read(BLOCK_BYTES):
        see(part)
        if (size := size + len(part)) > MAX_CSV_BYTES:
            raise UnusualError("size")
        yield part


class _Rows:
    """Rows that have been read, and names that have been looked up."""

    def __init__(self, manifest: Manifest, markers: KnownNames | None, dyes: KnownNames | None) -> None:
        self._manifest = manifest
        self._names = {"marker": markers, "fluorochrome": dyes}
        self._canonical: dict[str, dict[str, str]] = {column: {} for column in self._names}
        self._strange: dict[str, list[int]] = {}
        self._text = {column: JoinedWords() for column in TEXT_COLUMNS}
        self._prices = bytearray()

    def add(self, data: bytes, above: int) -> None:
        """Read a block, its header included; ``above``: lines between this header and its first row."""
        layout = csv_layout(data)
        text, line = _cells(data, layout)
        if not len(line):
            return
        _check_words(text)
        text["vendor"] = text["vendor"].mapped(lambda word: word or self._manifest.vendor)
        price = _prices(text.pop("price"))
        text["currency"] = _currencies(text["currency"], self._manifest.currency, ~np.isnan(price))
        text["in_stock"] = text["in_stock"].mapped(_stock_word)
        dyes = text["fluorochrome"]
        for column in self._names:
            text[column] = self._named(column, text[column])
        self._see_strange(dyes, line + above)
        self._prices += price.data
        for column, words in text.items():
            self._text[column].add(words)

    def columns(self) -> CatalogColumns:
        """Return all rows."""
        if not self._prices:
            raise UnusualError("rows")
        dyes, strange = self._names["fluorochrome"], sorted(self._strange.items(), key=lambda item: item[1])
        remarks = [unknown_fluorochrome(t, count, f":{line}", dyes) for t, (line, count) in strange if dyes and count]
        text = {column: joined.words() for column, joined in self._text.items()}
        return sorted_columns(text, np.frombuffer(self._prices), remarks)

    def _named(self, column: str, words: Words) -> Words:
        """Return canonical names; each spelling is checked and looked up once."""
        texts, known, names = words.word.to_pylist(), self._canonical[column], self._names[column]
        if len(known) > _REMEMBERED:
            known.clear()
        new = [text for text in texts if text not in known]
        _check_texts(column, new)
        for text in new:
            name = text if names is None else names.resolve(text)
            known[text] = name or text
            if name is None and column == "fluorochrome":
                self._strange.setdefault(text, [0, 0])
        return Words.of(list(map(known.__getitem__, texts)), words.code)

    def _see_strange(self, dyes: Words, line: npt.NDArray[np.int64]) -> None:
        """Note the first line of each unknown dye, and count its rows."""
        count = np.bincount(dyes.code, minlength=len(dyes.word))
        first = np.full(len(dyes.word), len(line), dtype=np.int64)
        np.minimum.at(first, dyes.code, np.arange(len(line)))
        for place, text in enumerate(dyes.word.to_pylist()):
            if count[place] and (seen := self._strange.get(text)) is not None:
                seen[:] = [seen[0] or int(line[first[place]]), seen[1] + int(count[place])]


def _cells(data: bytes, layout: CsvLayout) -> tuple[dict[str, Words], npt.NDArray[np.int64]]:
    """Return the cells by column, stripped and without escapes, and the line of each row; blank rows are left out."""
    import pyarrow.csv

    names, width = layout.header, len(set(layout.header))
    if width < len(names) or not set(REQUIRED) <= set(names) <= set(COLUMNS):
        raise UnusualError("columns")
    if not len(layout.line):
        return {}, layout.line
    kind = pa.dictionary(pa.int32(), pa.string())
    try:
        table = pyarrow.csv.read_csv(
            pa.py_buffer(data).slice(layout.body),
            pyarrow.csv.ReadOptions(column_names=names, block_size=_PARSED_BYTES),
            pyarrow.csv.ParseOptions(newlines_in_values=layout.multiline),
            pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, kind)),
        )
    except pa.ArrowInvalid:
        raise UnusualError("rows") from None
    if table.num_rows != len(layout.line):
        raise UnusualError("rows")
    table = table.unify_dictionaries().combine_chunks()
    text = {name: _plain(table[name].chunk(0)) for name in names}
    empty = {name: text[name].is_empty() for name in REQUIRED}
    line = layout.line
    if any(missing.any() for missing in empty.values()):
        blank = np.logical_and.reduce([words.is_empty() for words in text.values()])
        if any((missing & ~blank).any() for missing in empty.values()):
            raise UnusualError("missing values")
        text = {name: Words(words.word, words.code[~blank]) for name, words in text.items()}
        line = line[~blank]
    nothing = Words(pa.array([""], pa.string()), np.zeros(len(line), dtype=np.int32))
    return {name: text.get(name, nothing) for name in COLUMNS}, line


def _plain(column: pa.DictionaryArray) -> Words:
    """Strip cells and undo escapes; most words need neither, which is seen by their first and last byte."""
    word, code = column.dictionary, column.indices.to_numpy()
    _, offsets, content = word.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[word.offset : word.offset + len(word) + 1].astype(np.int64)
    length = np.diff(ends)
    if length.max(initial=0) > MAX_CELL_BYTES:
        raise UnusualError("long cells")
    bytes_ = np.frombuffer(content or b"\0", dtype=np.uint8)
    odd = np.zeros(len(word), dtype=bool)
    for place in (ends[:-1], ends[1:] - 1):
        edge = bytes_[np.clip(place, 0, len(bytes_) - 1)]
        odd |= (edge <= 32) | (edge >= 128) | (edge == ord("'"))
    odd &= length > 0
    if not odd.any():
        return Words(word, code)
    texts = word.to_pylist()
    for number in np.flatnonzero(odd).tolist():
        texts[number] = plain_cell(texts[number])
    return Words.of(texts, code)


def _check_words(text: dict[str, Words]) -> None:
    """Refuse words that a :class:`Conjugate` refuses, but for names; other texts are short enough already."""
    for column in ("in_stock", "availability"):
        _check_texts(column, text[column].word.to_pylist())
    if not all(is_currency(word) for word in text["currency"].word.to_pylist() if word):
        raise UnusualError("currency")


def _check_texts(column: str, texts: Iterable[str]) -> None:
    try:
        _ROWS.validate_python([{"marker": "?", "fluorochrome": "?", column: text} for text in texts if text])
    except ValidationError:
        raise UnusualError(column) from None


def _prices(words: Words) -> npt.NDArray[np.float64]:
    price = np.full(len(words.word), np.nan)
    for place, word in enumerate(words.word.to_pylist()):
        if not word:
            continue
        try:
            price[place] = float(word)
        except ValueError:
            raise UnusualError("price") from None
        if not 0 <= price[place] < np.inf:
            raise UnusualError("price")
    return price[words.code]


def _currencies(words: Words, default: str, priced: npt.NDArray[np.bool_]) -> Words:
    """Return the currency of each price; rows without a price have none."""
    named = words.mapped(lambda word: word or default)
    texts = [*named.word.to_pylist(), ""]
    return Words.of(texts, np.where(priced, named.code, len(texts) - 1))


def _stock_word(word: str) -> str:
    (row,) = _ROWS.validate_python([{"marker": "?", "fluorochrome": "?", **({"in_stock": word} if word else {})}])
    return STOCK_WORDS[row.in_stock]
