"""Catalog folders: what is read, what is refused and how it is said, and the round trip."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.catalogs.folder import read_catalog, write_catalog
from panelopt.domain.name_table import NameTable
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.errors import Finding, InputError, PaneloptError
from panelopt.io.csv_table import plain_cell, safe_cell

MANIFEST = 'schema_version = 1\nname = "lab"\nretrieved = 2024-05-01\n'
DYES = NameTable({"BV421": ("Brilliant Violet 421",), "PE": (), "APC": ()})
MARKERS = NameTable({"CD271": ("LNGFR",), "CD45": ()})


def folder(path: Path, data: str | bytes, manifest: str = MANIFEST) -> Path:
    (path / "catalog.toml").write_text(manifest)
    (path / "conjugates.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def faults(path: Path) -> list[Finding]:
    with pytest.raises(InputError) as caught:
        read_catalog(path)
    return list(caught.value.findings)


def test_reads_all_columns_and_inherits_from_the_manifest(tmp_path: Path) -> None:
    text = (
        "marker,fluorochrome,clone,vendor,catalog_number,price,in_stock,size,unit,availability,source\n"
        "CD271,PE,ME20.4,,123,249.50,yes,100,tests,sourced,a paper\n"
        "CD45,APC,,Other,,,,,,,\n"
    )
    manifest = MANIFEST + 'vendor = "House"\ncurrency = "EUR"\nversion = "7"\n'
    catalog, remarks = read_catalog(folder(tmp_path, text, manifest), inventory=True)
    first, second = catalog.conjugates
    assert (first.vendor, first.price, first.currency, first.in_stock) == ("House", 249.5, "EUR", True)
    assert (second.vendor, second.price, second.currency, second.in_stock) == ("Other", None, "", None)
    assert (catalog.name, catalog.version, catalog.retrieved, catalog.inventory) == ("lab", "7", "2024-05-01", True)
    assert first.availability == "sourced"
    assert len(catalog.sha256) == 64
    assert remarks == ()


def test_byte_order_mark_blank_lines_and_quoted_commas(tmp_path: Path) -> None:
    text = '\ufeffmarker,fluorochrome,note\r\n\r\nCD45,PE,"red, bright"\r\n,,\r\n'
    catalog, _ = read_catalog(folder(tmp_path, text))
    assert [(c.marker, c.note) for c in catalog.conjugates] == [("CD45", "red, bright")]


def test_a_plain_csv_is_a_catalog_named_after_the_file(tmp_path: Path) -> None:
    path = tmp_path / "fridge.csv"
    path.write_text("marker,fluorochrome\nCD45,PE\n")
    catalog, _ = read_catalog(path)
    assert (catalog.name, catalog.rows) == ("fridge", 1)


def test_every_fault_is_named_with_its_line_and_column(tmp_path: Path) -> None:
    text = (
        "marker,fluorochrome,vendor,catalog_number,price,availability,in_stock,currency\n"
        ",PE,V,1,,,,\n"
        "CD45,,V,2,,,,\n"
        "CD45,PE,V,3,-5,,,\n"
        'CD45,PE,V,4,"1,200",,,\n'
        "CD45,PE,V,5,nan,,,\n"
        "CD45,PE,V,6,,maybe,perhaps,\n"
        "CD45,PE,V,7,9,,,dollar\n"
        "CD45,PE,V,3,,,,\n"
        "CD45,PE,V\n"
        "CD45,P\x1b[2JE,V,8,,,,\n"
    )
    found = [(f.code, f.where.split(":", 1)[1]) for f in faults(folder(tmp_path, text))]
    assert found == [
        ("missing-value", "2, column marker"),
        ("missing-value", "3, column fluorochrome"),
        ("bad-price", "4, column price"),
        ("bad-price", "5, column price"),
        ("bad-price", "6, column price"),
        ("bad-value", "7, column in_stock"),
        ("bad-value", "7, column availability"),
        ("bad-currency", "8, column currency"),
        ("duplicate-product", "9"),
        ("row-length", "10"),
        ("control-character", "11"),
    ]


def test_messages_name_the_value_and_the_way_out(tmp_path: Path) -> None:
    text = "marker,fluorochrome,price\nCD45,PE,cheap\nCD45,PE,\n"
    price, twice = faults(folder(tmp_path, text))
    assert "'cheap'" in price.message
    assert price.hint
    assert "line 2" in twice.message
    assert twice.hint


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("marker,fluorochrome,clon\nCD45,PE,x\n", "unknown-column", "Did you mean clone?"),
        ("marker,fluorochrome,marker\nCD45,PE,x\n", "duplicate-column", "Keep one"),
        ("marker,clone\nCD45,x\n", "missing-column", "header"),
        ("marker;fluorochrome\nCD45;PE\n", "separator", "catalog import"),
        ("", "empty-file", "first line"),
        ("marker,fluorochrome\n", "empty-catalog", "row"),
        ("marker,fluorochrome\nCD45,PE,extra\n", "row-length", "Quote"),
        ('marker,fluorochrome\n"CD45,PE\n', "csv-syntax", ""),
        (b"marker,fluorochrome\nT\xdcK4,PE\n", "encoding", "UTF-8"),
    ],
)
def test_broken_files(tmp_path: Path, text: str | bytes, code: str, part: str) -> None:
    fault = faults(folder(tmp_path, text))[0]
    assert fault.code == code
    assert part in fault.hint
    assert "conjugates.csv" in fault.where


def test_missing_manifest_and_missing_data(tmp_path: Path) -> None:
    assert faults(tmp_path)[0].where.endswith("catalog.toml")
    (tmp_path / "catalog.toml").write_text(MANIFEST)
    assert faults(tmp_path)[0].where.endswith("conjugates.csv")


def test_manifest_faults_name_the_key(tmp_path: Path) -> None:
    manifest = 'schema_version = 1\nname = ""\ncurency = "USD"\ncurrency = "dollar"\n'
    found = faults(folder(tmp_path, "marker,fluorochrome\nCD45,PE\n", manifest))
    assert {f.where.rsplit(" ", 1)[1] for f in found} == {"name", "curency", "currency"}


def test_names_become_canonical_and_unknown_dyes_are_remarks(tmp_path: Path) -> None:
    text = "marker,fluorochrome\nLNGFR,Brilliant Violet 421\nCD45,BV412\nXYZ9,BV412\n"
    catalog, remarks = read_catalog(folder(tmp_path, text), marker_names=MARKERS, fluorochrome_names=DYES)
    names = [(c.marker, c.fluorochrome) for c in catalog.conjugates]
    assert names == [("CD271", "BV421"), ("CD45", "BV412"), ("XYZ9", "BV412")]
    (remark,) = remarks
    assert remark.code == "unknown-fluorochrome"
    assert ":3, column fluorochrome" in remark.where
    assert "2 conjugates" in remark.message
    assert remark.hint == "Did you mean BV421?"


def test_two_spellings_of_one_product_are_a_duplicate(tmp_path: Path) -> None:
    path = folder(tmp_path, "marker,fluorochrome\nCD45,BV421\nCD45,Brilliant Violet 421\n")
    assert read_catalog(path)[0].rows == 2
    with pytest.raises(InputError, match="already on line 2"):
        read_catalog(path, fluorochrome_names=DYES)


def test_wrong_hash_is_a_remark_that_names_both(tmp_path: Path) -> None:
    manifest = MANIFEST + f'[sha256]\n"conjugates.csv" = "{"0" * 64}"\n'
    catalog, (remark,) = read_catalog(folder(tmp_path, "marker,fluorochrome\nCD45,PE\n", manifest))
    assert remark.code == "hash-mismatch"
    assert "0" * 64 in remark.message
    assert catalog.sha256 in remark.message


def test_suspicious_rows_are_remarks(tmp_path: Path) -> None:
    text = "marker,fluorochrome,vendor,catalog_number,price\nCD45,PE,V,1,10\nCD45,APC,V,1,\n"
    _, remarks = read_catalog(folder(tmp_path, text))
    assert {remark.code for remark in remarks} == {"price-without-currency", "shared-catalog-number"}


def test_formulas_stay_text_and_are_written_dead(tmp_path: Path) -> None:
    text = 'marker,fluorochrome,clone,note\nCD45,PE,-,"=HYPERLINK(""x"")"\nCD45,APC,@1,+1\n'
    catalog, _ = read_catalog(folder(tmp_path, text))
    assert [c.note for c in catalog.conjugates] == ['=HYPERLINK("x")', "+1"]
    write_catalog(catalog, tmp_path / "out")
    cells = (tmp_path / "out" / "conjugates.csv").read_text().replace("\n", ",").replace('"', "").split(",")
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@")]
    assert read_catalog(tmp_path / "out")[0].conjugates == catalog.conjugates


@given(st.text() | st.text("'=+-@\t\r\n x"))
def test_escaping_is_undone_exactly(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text.strip()
    assert not safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_round_trip_keeps_everything(tmp_path: Path) -> None:
    catalog = Catalog(
        name="shelf",
        title='A "quoted" title \\ with umlauts: TÜK4',
        vendor="House",
        version="2",
        currency="CHF",
        conjugates=(
            Conjugate(
                marker="CD14", fluorochrome="PE", clone="TÜK4", vendor="A", price=0.1, currency="CHF", in_stock=False
            ),
            Conjugate(marker="CD14", fluorochrome="APC", vendor="'=B", note='line one\nline "two", end', in_stock=True),
        ),
    )
    write_catalog(catalog, tmp_path / "a" / "b")
    back, remarks = read_catalog(tmp_path / "a" / "b")
    assert remarks == ()
    assert back == catalog.model_copy(update={"sha256": back.sha256, "origin": back.origin})
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == ["catalog.toml", "conjugates.csv"]


def test_writing_nothing_or_nowhere_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no conjugates"):
        write_catalog(Catalog(name="none"), tmp_path / "x")
    (tmp_path / "file").write_text("")
    full = Catalog(name="one", conjugates=(Conjugate(marker="CD45", fluorochrome="PE"),))
    with pytest.raises(PaneloptError, match="exists"):
        write_catalog(full, tmp_path / "file")


def test_many_faults_are_counted_not_listed(tmp_path: Path) -> None:
    found = faults(folder(tmp_path, "marker,fluorochrome\n" + ",PE\n" * 900))
    assert len(found) == 501
    assert "more faults" in found[-1].message


def test_twenty_thousand_rows_are_read_quickly(tmp_path: Path) -> None:
    rows = [f"CD{i % 300},c{i % 7},Brilliant Violet 421,Vendor,{i},{i % 400}.5,100,tests" for i in range(20_000)]
    text = "marker,clone,fluorochrome,vendor,catalog_number,price,size,unit\n" + "\n".join(rows) + "\n"
    path = folder(tmp_path, text, MANIFEST + 'currency = "USD"\n')
    start = time.perf_counter()
    catalog, _ = read_catalog(path, marker_names=MARKERS, fluorochrome_names=DYES)
    # about 0.3 s on one slow core; the limit leaves room for a busy machine
    assert time.perf_counter() - start < 3.0
    assert catalog.rows == 20_000
    assert catalog.conjugates[0].fluorochrome == "BV421"
