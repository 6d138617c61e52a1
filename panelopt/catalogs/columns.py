"""Catalog files of a vendor's size read by column: every distinct value is looked at once.

The content is the same as that of :class:`panelopt.catalogs.rows.RowReader`, which also says what is wrong with a
file; here a file that is not plainly right is declined. What reads and compares texts is loaded when a file is
compiled: an opening does without.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from panelopt.catalogs.manifest import Manifest, is_currency
from panelopt.catalogs.remarks import KnownNames, price_without_currency, shared_number, unknown_fluorochrome
from panelopt.catalogs.rows import COLUMNS, REQUIRED
from panelopt.domain.reagents import Conjugate
from panelopt.errors import Finding
from panelopt.io.csv_layout import CsvLayout, UnusualError, csv_layout
from panelopt.io.csv_table import plain_cell

TEXT_COLUMNS = tuple(name for name in COLUMNS if name != "price")
PRODUCT_COLUMNS = ("marker", "fluorochrome", "vendor", "catalog_number", "clone")
"""What tells products apart, in the order in which they are kept."""

MAX_CELL_BYTES = 2000
"""Longer cells are left to the other reader; a text may have 2,000 characters."""

_BLOCK_BYTES = 1 << 22
_MAX_KEY = 1 << 62
_ROWS = TypeAdapter(tuple[Conjugate, ...])
_CHECKED = ("marker", "fluorochrome", "in_stock", "availability")
STOCK_WORDS = {True: "yes", False: "no", None: ""}
"""How ``in_stock`` is written."""


Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A column of texts: distinct words, and the index of the word of each row."""

    word: pa.StringArray
    code: Codes

    def mapped(self, function: Callable[[str], str]) -> Words:
        """Return the column with another text in the place of each word."""
        return _encoded([function(word) for word in self.word.to_pylist()], self.code)

    def is_empty(self) -> npt.NDArray[np.bool_]:
        """Return where the text is empty, shape (rows,)."""
        import pyarrow.compute

        return np.asarray(pyarrow.compute.equal(self.word, ""))[self.code]


@dataclass(frozen=True, slots=True, eq=False)
class CatalogColumns:
    """Rows of a catalog by column, sorted by :data:`PRODUCT_COLUMNS`.

    Attributes:
        text: Columns of :data:`TEXT_COLUMNS`.
        price: Prices, NaN where unknown.
        remarks: Remarks of the reader, with only what follows the name of the file in ``where``.
    """

    text: dict[str, Words]
    price: npt.NDArray[np.float64]
    remarks: tuple[Finding, ...]


def parse_columns(
    data: bytes, manifest: Manifest, *, marker_names: KnownNames | None, fluorochrome_names: KnownNames | None
) -> CatalogColumns:
    """Read the content of a ``conjugates.csv``.

    Args:
        data: Content of the file.
        manifest: Head of the catalog.
        marker_names: Where given, marker spellings become canonical.
        fluorochrome_names: Where given, dye spellings become canonical, and unknown ones are remarked.

    Raises:
        UnusualError: if a row is wrong, or the file is written in a way that is not read here.
    """
    layout = csv_layout(data)
    text, line = _cells(data, layout)
    _check_words(text)
    text["vendor"] = text["vendor"].mapped(lambda word: word or manifest.vendor)
    price = _prices(text.pop("price"))
    text["currency"] = _currencies(text["currency"], manifest.currency, ~np.isnan(price))
    text["in_stock"] = text["in_stock"].mapped(_stock_word)
    remarks = _unknown_dyes(text["fluorochrome"], fluorochrome_names, line)
    for column, names in (("marker", marker_names), ("fluorochrome", fluorochrome_names)):
        if names is not None:
            text[column] = text[column].mapped(_canonical(names))
    return sorted_columns(text, price, remarks)


def _canonical(names: KnownNames) -> Callable[[str], str]:
    return lambda word: names.resolve(word) or word


def _encoded(texts: Sequence[str], code: Codes) -> Words:
    """Return a column of the texts that ``code`` points to; equal texts become one word."""
    found = pa.array(texts, pa.string()).dictionary_encode()
    return Words(found.dictionary, found.indices.to_numpy()[code])


def _cells(data: bytes, layout: CsvLayout) -> tuple[dict[str, Words], npt.NDArray[np.int64]]:
    """Return the cells by column, stripped and without escapes, and the line of each row; blank rows are left out."""
    import pyarrow.csv

    names, width = layout.header, len(set(layout.header))
    if width < len(names) or not set(REQUIRED) <= set(names) <= set(COLUMNS):
        raise UnusualError("columns")
    kind = pa.dictionary(pa.int32(), pa.string())
    try:
        table = pyarrow.csv.read_csv(
            pa.py_buffer(data).slice(layout.body),
            pyarrow.csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
            pyarrow.csv.ParseOptions(newlines_in_values=layout.multiline),
            pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, kind)),
        )
    except pa.ArrowInvalid:
        raise UnusualError("rows") from None
    if not table.num_rows or table.num_rows != len(layout.line):
        raise UnusualError("rows")
    table = table.unify_dictionaries().combine_chunks()
    text = {name: _plain(table[name].chunk(0)) for name in names}
    empty = {name: text[name].is_empty() for name in REQUIRED}
    line = layout.line
    if any(missing.any() for missing in empty.values()):
        blank = np.logical_and.reduce([words.is_empty() for words in text.values()])
        if any((missing & ~blank).any() for missing in empty.values()) or blank.all():
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
    return _encoded(texts, code)


def _check_words(text: dict[str, Words]) -> None:
    """Refuse words that a :class:`Conjugate` refuses; other texts are short enough already."""
    for column in _CHECKED:
        words = [word for word in text[column].word.to_pylist() if word]
        try:
            _ROWS.validate_python([{"marker": "?", "fluorochrome": "?", column: word} for word in words])
        except ValidationError:
            raise UnusualError(column) from None
    if not all(is_currency(word) for word in text["currency"].word.to_pylist() if word):
        raise UnusualError("currency")


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
    return _encoded(texts, np.where(priced, named.code, len(texts) - 1))


def _stock_word(word: str) -> str:
    (row,) = _ROWS.validate_python([{"marker": "?", "fluorochrome": "?", **({"in_stock": word} if word else {})}])
    return STOCK_WORDS[row.in_stock]


def _unknown_dyes(words: Words, names: KnownNames | None, line: npt.NDArray[np.int64]) -> list[Finding]:
    if names is None:
        return []
    first = np.full(len(words.word), len(line), dtype=np.int64)
    np.minimum.at(first, words.code, np.arange(len(line)))
    count = np.bincount(words.code, minlength=len(words.word))
    texts = words.word.to_pylist()
    unknown = [
        place
        for place in np.argsort(first, kind="stable").tolist()
        if count[place] and names.resolve(texts[place]) is None
    ]
    return [unknown_fluorochrome(texts[p], int(count[p]), f":{line[first[p]]}", names) for p in unknown]


def _shared_numbers(text: dict[str, Words]) -> list[Finding]:
    number = text["catalog_number"]
    often = np.bincount(number.code, minlength=len(number.word))[number.code] > 1
    rows = np.flatnonzero(often & ~number.is_empty())
    columns = [text[name] for name in ("vendor", "catalog_number", "marker", "fluorochrome")]
    products = np.unique(np.stack([column.code[rows] for column in columns], axis=1), axis=0)
    counts = Counter((vendor, place) for vendor, place, *_ in products.tolist())
    vendors, numbers = text["vendor"].word, number.word
    shared = [(vendors[v].as_py(), numbers[n].as_py(), count) for (v, n), count in counts.items() if count > 1]
    return [shared_number(vendor, text_, count, "") for vendor, text_, count in sorted(shared)]


def sorted_columns(
    text: dict[str, Words], price: npt.NDArray[np.float64], remarks: Iterable[Finding]
) -> CatalogColumns:
    """Sort rows by product, and add the remarks that belong to no line.

    Args:
        text: Columns of :data:`TEXT_COLUMNS`.
        price: Prices, NaN where unknown.
        remarks: Remarks on rows.

    Raises:
        UnusualError: if a product is listed twice.
    """
    keys = _packed([_places(text[column]) for column in PRODUCT_COLUMNS])
    order = np.lexsort(keys[::-1])
    if len(order) > 1 and np.logical_and.reduce([np.diff(key[order]) == 0 for key in keys]).any():
        raise UnusualError("a product is listed twice")
    rows = {column: Words(words.word, words.code[order]) for column, words in text.items()}
    unpriced = (text["currency"].is_empty() & ~np.isnan(price)).any()
    more = (*([price_without_currency("")] if unpriced else []), *_shared_numbers(text))
    return CatalogColumns(rows, price[order], (*remarks, *more))


def _places(words: Words) -> npt.NDArray[np.int64]:
    """Return the place of each row's word among the sorted words, shape (rows,)."""
    import pyarrow.compute

    order = np.asarray(pyarrow.compute.array_sort_indices(words.word))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[words.code]


def _packed(keys: Sequence[npt.NDArray[np.int64]]) -> list[npt.NDArray[np.int64]]:
    """Return fewer sorting keys that give the same order: as many in one number as its bits hold."""
    packed, size = [keys[0]], int(keys[0].max()) + 1
    for key in keys[1:]:
        count = int(key.max()) + 1
        if size * count < _MAX_KEY:
            packed[-1], size = packed[-1] * count + key, size * count
        else:
            packed.append(key)
            size = count
    return packed
