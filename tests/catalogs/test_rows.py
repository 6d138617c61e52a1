"""Rows read in batches: the same conjugates, remarks and faults as all at once, and large files with little memory."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt.catalogs import rows as catalog_rows
from panelopt.catalogs.compiling import columns_of, read_columns
from panelopt.catalogs.manifest import Manifest
from panelopt.catalogs.parquet import StoredConjugates, parquet_bytes
from panelopt.catalogs.rows import RowReader, parse_rows
from panelopt.domain.name_table import NameTable
from panelopt.domain.reagents import Conjugate
from panelopt.errors import Finding, InputError
from panelopt.io.csv_table import MAX_FINDINGS
from panelopt.io.documents import check_utf8, decoded

DYES = NameTable({"BV421": ("Brilliant Violet 421",), "PE": (), "APC": ()})
MARKERS = NameTable({"CD271": ("LNGFR",), "CD45": ()})
MANIFESTS = (Manifest(name="plain"), Manifest(name="full", vendor="House", currency="EUR"))

CELLS = {
    "marker": ["CD45", "LNGFR", "XYZ9", "CD31", "", "x" * 201],
    "fluorochrome": ["PE", "Brilliant Violet 421", "BV412", "Nobody", ""],
    "catalog_number": ["1", "2", "3", "4", ""],
    "price": ["", "10", "0.1", "cheap", "-1", "inf"],
    "currency": ["", "USD", "euro"],
    "in_stock": ["", "yes", "perhaps"],
    "note": ["", 'x"', "two\nlines", "a\x01b", "1,2"],
    "availability": ["", "sourced", "maybe"],
}
"""Cells with faults; those before the first fault of a column are more than half."""

Outcome = tuple[tuple[Conjugate, ...], tuple[Finding, ...]] | tuple[Finding, ...]


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Content of files in which some rows are wrong, some are listed twice, and some are blank or of wrong length."""
    right = {column: [cell for cell in cells if cell not in _WRONG] for column, cells in CELLS.items()}
    rows = []
    for number in range(draw(st.integers(0, 20))):
        kind = draw(st.sampled_from(["right"] * 4 + ["any", "blank", "short"]))
        row = [draw(st.sampled_from((CELLS if kind == "any" else right)[column])) for column in CELLS]
        if kind == "right" and draw(st.booleans()):
            row[2] = f"N{number}"
        rows.append({"blank": [""] * len(row), "short": row[:-1]}.get(kind, row))
    out = io.StringIO(newline="")
    csv.writer(out).writerows([list(CELLS), *rows])
    end = draw(st.sampled_from(["", "", "", 'CD45,"PE\n', 'CD45,PE,5" tube,,,,,\n']))
    return (out.getvalue() + end).encode()


_WRONG = ("", "x" * 201, "cheap", "-1", "inf", "euro", "perhaps", "a\x01b", "maybe")


def whole(content: bytes, manifest: Manifest) -> Outcome:
    try:
        return parse_rows(content, "x", manifest, marker_names=MARKERS, fluorochrome_names=DYES)
    except InputError as error:
        return error.findings


def streamed(content: bytes, manifest: Manifest, size: int) -> Outcome:
    reader = RowReader(content, "x", manifest, marker_names=MARKERS, fluorochrome_names=DYES)
    try:
        rows = tuple(row for batch in reader.batches(size) for row in batch)
    except InputError as error:
        return error.findings
    remarks = columns_of(RowReader(content, "x", manifest, marker_names=MARKERS, fluorochrome_names=DYES), "x").remarks
    return rows, tuple(Finding(r.code, r.message, f"x{r.where}", r.hint) for r in remarks)


@settings(max_examples=300, deadline=None)
@given(tables(), st.sampled_from(MANIFESTS), st.integers(1, 4))
def test_batches_give_what_all_rows_at_once_give(content: bytes, manifest: Manifest, size: int) -> None:
    assert streamed(content, manifest, size) == whole(content, manifest)


@settings(deadline=None)
@given(tables(), st.integers(1, 4))
def test_columns_of_batches_are_the_rows(content: bytes, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog_rows.RowReader.batches, "__defaults__", (size,))
        reader = RowReader(content, "", MANIFESTS[1], marker_names=MARKERS, fluorochrome_names=DYES)
        try:
            rows, remarks = parse_rows(content, "", MANIFESTS[1], marker_names=MARKERS, fluorochrome_names=DYES)
        except InputError:
            with pytest.raises(InputError):
                columns_of(reader, "")
            return
        stored = StoredConjugates(parquet_bytes(columns_of(reader, "")))
    assert (set(stored), stored.remarks) == (set(rows), remarks)
    assert len(stored) == len(rows)


def test_equal_hashes_are_no_duplicates(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"marker,fluorochrome\nCD45,PE\nCD45,APC\nCD31,PE\n"
    monkeypatch.setattr(catalog_rows, "hash", lambda _key: 7, raising=False)
    rows, _ = parse_rows(text, "x", MANIFESTS[0], marker_names=None, fluorochrome_names=None)
    assert len(rows) == 3
    with pytest.raises(InputError) as caught:
        parse_rows(text + b"CD45,APC\n", "x", MANIFESTS[0], marker_names=None, fluorochrome_names=None)
    assert [(f.code, f.where, f.message.split()[-1]) for f in caught.value.findings] == [
        ("duplicate-product", "x:5", "3")
    ]


def test_the_first_faults_are_listed_in_order_and_all_are_counted() -> None:
    rows = [f"CD45,PE,{number % 5000},{'cheap' if number % 10 == 0 else ''}" for number in range(6000)]
    content = "\n".join(["marker,fluorochrome,catalog_number,price", *rows, "short"]).encode()
    with pytest.raises(InputError) as caught:
        parse_rows(content, "x", MANIFESTS[0], marker_names=None, fluorochrome_names=None)
    *listed, more = caught.value.findings
    assert [f.where for f in listed] == [f"x:{2 + 10 * number}, column price" for number in range(MAX_FINDINGS)]
    assert more.message.startswith(f"{600 + 1000 + 1 - MAX_FINDINGS} more faults")


def test_limits_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"marker,fluorochrome\n" + b"".join(b"CD45,D%d\n" % number for number in range(30))
    names = {"marker_names": None, "fluorochrome_names": None}
    monkeypatch.setattr(catalog_rows, "MAX_ROWS", 20)
    with pytest.raises(InputError) as caught:
        parse_rows(content, "x", MANIFESTS[0], **names)
    assert [finding.code for finding in caught.value.findings] == ["too-many-rows"]
    with pytest.raises(InputError) as caught:  # faults come first
        parse_rows(content + b",PE\n", "x", MANIFESTS[0], **names)
    assert [(f.code, f.where) for f in caught.value.findings] == [("missing-value", "x:32, column marker")]
    quoted = content + b'CD45,5" PE\n'
    assert len(read_columns(io.BytesIO(quoted), "x", MANIFESTS[0], **names).price) == 31
    monkeypatch.setattr(catalog_rows, "MAX_STREAMED_ROWS", 25)
    with pytest.raises(InputError) as caught:
        read_columns(io.BytesIO(quoted), "x", MANIFESTS[0], **names)
    assert [(f.code, f.where) for f in caught.value.findings] == [("too-many-rows", "x:27")]


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("place", [0, 3, 70_000, (1 << 20) - 1, 1 << 20, (1 << 20) + 5])
def test_the_place_that_is_no_utf8_is_that_of_the_whole_text(start: bytes, place: int) -> None:
    text = b"\xce\xb1" * (place // 2) + b"a" * (place % 2)
    content = start + text + b"\xce\xffb"
    with pytest.raises(InputError) as expected:
        decoded(content, "x")
    with pytest.raises(InputError) as found:
        check_utf8(content, "x")
    assert found.value.findings == expected.value.findings
    check_utf8(start + text, "x")
