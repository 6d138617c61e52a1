"""Catalogs by column: the same rows and remarks as row by row, and nothing is read that the other reader refuses."""

from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt.catalogs import columns as catalog_columns
from panelopt.catalogs import words as catalog_words
from panelopt.catalogs.columns import parse_columns
from panelopt.catalogs.manifest import Manifest
from panelopt.catalogs.parquet import StoredConjugates, parquet_bytes
from panelopt.catalogs.rows import COLUMNS, parse_rows
from panelopt.catalogs.sorted_columns import TEXT_COLUMNS
from panelopt.domain.name_table import NameTable
from panelopt.domain.reagents import Conjugate
from panelopt.errors import Finding, InputError
from panelopt.io.csv_layout import UnusualError

DYES = NameTable({"BV421": ("Brilliant Violet 421",), "PE": (), "APC": ()})
MARKERS = NameTable({"CD271": ("LNGFR",), "CD45": ()})
MANIFESTS = (Manifest(name="plain"), Manifest(name="full", vendor="House", currency="EUR"))

PUT = (b'"', b",", b"\n", b"\r", b"\x00", b"\x1b", b"\xff", b"\xc2\x85", b" ", b"", b"'", b"-", b"\xef\xbb\xbf")
"""What is put into valid files at random places."""

BLOCKS = st.sampled_from((1, 7, 40, 200, catalog_columns.BLOCK_BYTES))
"""Bytes that are read at a time."""

Read = tuple[set[Conjugate], tuple[Finding, ...]]


def by_column(content: bytes, manifest: Manifest, block: int = catalog_columns.BLOCK_BYTES, words: int = 9) -> Read:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog_columns, "BLOCK_BYTES", block)
        patch.setattr(catalog_words, "MAX_WORDS", words)
        columns = parse_columns(io.BytesIO(content), manifest, marker_names=MARKERS, fluorochrome_names=DYES)
        compiled = parquet_bytes(columns)
    assert columns.sha256 == hashlib.sha256(content).hexdigest()
    stored = StoredConjugates(compiled)
    rows = list(stored)
    assert len(rows) == len(stored) == stored.total_rows
    return set(rows), stored.remarks


def by_row(content: bytes, manifest: Manifest) -> Read:
    rows, remarks = parse_rows(content, "", manifest, marker_names=MARKERS, fluorochrome_names=DYES)
    return set(rows), remarks


words = {
    "marker": ["CD45", "LNGFR", "lngfr ", "XYZ9", "CD\u03b1"],
    "fluorochrome": ["PE", "Brilliant Violet 421", " pe", "BV412", "BV412 ", "Nobody"],
    "vendor": ["", "A", "a ", "\u00c4rzte"],
    "clone": ["", "x", "'=1", "\u3000y"],
    "price": ["", "10", " 1e2 ", "0.1", "\u0663", "1_0"],
    "currency": ["", "USD", " EUR"],
    "in_stock": ["", "yes", "No", "1", "off"],
    "note": ["", "red, bright", 'sold as "x"', "two\nlines", "two\r\nlines", "'-1", "-1"],
    "availability": ["", "sourced", "unverified"],
}


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Content of valid files with columns in any order, and names spelled in several ways."""
    others = draw(st.lists(st.sampled_from([c for c in words if c not in ("marker", "fluorochrome")]), unique=True))
    header = draw(st.permutations(["marker", "fluorochrome", "catalog_number", *others]))
    rows = []
    for number in range(draw(st.integers(1, 12))):
        row = {column: draw(st.sampled_from(words[column])) for column in words}
        row["catalog_number"] = draw(st.sampled_from([f"N{number}", f"N{number}", "shared"]))
        if row["catalog_number"] == "shared":
            row["marker"], row["clone"] = f"S{number}", ""
        rows.append([row[column] for column in header])
        rows += draw(st.sampled_from([[], [], [], [[""] * len(header)], [[" "] * len(header)]]))
    out = io.StringIO(newline="")
    quoting: Any = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    csv.writer(out, lineterminator=draw(st.sampled_from(["\n", "\r\n"])), quoting=quoting).writerows([header, *rows])
    text = out.getvalue()
    return (
        draw(st.sampled_from(["", "\ufeff"])).encode()
        + draw(st.sampled_from([text, text.rstrip(), text + "\n"])).encode()
    )


@settings(deadline=None)
@given(tables(), st.sampled_from(MANIFESTS), BLOCKS, st.sampled_from((1, 3, 6, catalog_words.MAX_WORDS)))
def test_valid_files_are_read_alike(content: bytes, manifest: Manifest, block: int, few: int) -> None:
    try:
        expected = by_row(content, manifest)
    except InputError:
        with pytest.raises(UnusualError):
            by_column(content, manifest, block, few)
    else:
        assert by_column(content, manifest, block, few) == expected


@settings(max_examples=300, deadline=None)
@given(tables(), st.sampled_from(MANIFESTS), st.data())
def test_nothing_is_read_that_the_other_reader_refuses(content: bytes, manifest: Manifest, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 2))
        put = data.draw(st.sampled_from(PUT))
        content = content[:place] + put + content[place + length :]
    try:
        found = by_column(content, manifest, data.draw(BLOCKS))
    except UnusualError:
        return
    assert found == by_row(content, manifest)


@pytest.mark.parametrize(
    "text",
    [
        "marker,fluorochrome\nCD45,\n",
        "marker,fluorochrome\n,PE\n",
        "marker,fluorochrome\n",
        "marker,fluorochrome\n,\n",
        "marker,fluorochrome,price\nCD45,PE,cheap\n",
        "marker,fluorochrome,price\nCD45,PE,-1\n",
        "marker,fluorochrome,price\nCD45,PE,inf\n",
        "marker,fluorochrome,currency\nCD45,PE,dollar\n",
        "marker,fluorochrome,in_stock\nCD45,PE,perhaps\n",
        "marker,fluorochrome,availability\nCD45,PE,maybe\n",
        "marker,fluorochrome\nCD45,PE,x\n",
        "marker,fluorochrome\nCD45,PE\nCD45, PE\n",
        "marker,fluorochrome,lot\nCD45,PE,1\n",
        "marker,marker,fluorochrome\nCD45,CD45,PE\n",
        "marker,clone\nCD45,x\n",
        'marker,fluorochrome,note\nCD45,PE,5" tube\n',
        'marker,fluorochrome,note\nCD45,PE,"x" y\n',
        'marker,fluorochrome,note\nCD45,PE,"x\n',
        "marker,fluorochrome\rCD45,PE\n",
        "marker,fluorochrome\n\ufeffCD45,PE\n",
        f"marker,fluorochrome\n{'x' * 201},PE\n",
        f"marker,fluorochrome,note\nCD45,PE,{'x' * 2001}\n",
        "",
    ],
)
def test_what_is_wrong_or_unusual_is_declined(text: str) -> None:
    with pytest.raises(UnusualError):
        by_column(text.encode(), MANIFESTS[0])


def test_columns_are_texts_but_for_those_that_are_checked() -> None:
    """Other columns are only as long as a text may be: then nothing about them can be wrong."""
    for column in set(TEXT_COLUMNS) - {"marker", "fluorochrome", "in_stock", "availability"}:
        field = Conjugate.model_fields[column]
        assert (field.annotation, field.default) == (str, "")
        assert [constraint.max_length for constraint in field.metadata] == [2000]
    assert set(TEXT_COLUMNS) | {"price"} == set(COLUMNS)


def test_the_text_of_a_file_is_never_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_columns, "BLOCK_BYTES", 1 << 16)
    notes = [str(number) * 600 for number in range(10)]
    rows = [f"M{row % 100},D{row // 100},{notes[row % 10]}\n" for row in range(8000)]
    content = ("marker,fluorochrome,note\n" + "".join(rows)).encode()
    small = len(content) // 20
    peaks = []
    for length in (content[:small].rfind(b"\n") + 1, len(content)):
        file = io.BytesIO(content[:length])
        tracemalloc.start()
        try:
            found = parse_columns(file, MANIFESTS[0], marker_names=None, fluorochrome_names=None)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert len(found.price) == 8000
    assert peaks[1] - peaks[0] < len(content) / 4
