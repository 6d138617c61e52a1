"""Files of every kind, whole and broken: rows with their places, or a message, never a crash."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from panelopt.catalogs.importing.files.layout import CellKinds
from panelopt.catalogs.importing.files.raw import RawTable
from panelopt.catalogs.importing.files.reader import ReadOptions, read_list
from panelopt.errors import InputError, UsageError

KINDS = CellKinds(
    lambda cell: cell.casefold() in {"marker", "dye", "clone"}, lambda cell: cell in {"PE", "FITC", "CD3", "CD4"}
)


def read(path: Path, content: bytes | str = b"", options: ReadOptions | None = None) -> RawTable:
    if content:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_list(path, KINDS, options)


def book(rows: Sequence[Sequence[object]], merged: Sequence[str] = (), **sheets: Sequence[Sequence[object]]) -> bytes:
    workbook = openpyxl.Workbook()
    for name, content in {"Sheet": rows, **sheets}.items():
        sheet = workbook["Sheet"] if name == "Sheet" else workbook.create_sheet(name)
        for row in content:
            sheet.append(list(row))
    for area in merged:
        workbook["Sheet"].merge_cells(area)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def edited(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change the part of the first sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part.filename, change(content) if part.filename.endswith("sheet1.xml") else content)
    return out.getvalue()


def test_titles_repeated_headers_and_empty_rows(tmp_path: Path) -> None:
    text = "Our list,,\n2025,,\n\nMarker,Dye,Clone\nCD3,PE,SK7\n,,\nmarker,dye,clone\nCD4,FITC\nCD8,PE,x,y\n"
    table = read(tmp_path / "x.csv", text)
    assert table.columns == ("Marker", "Dye", "Clone")
    assert (table.facts.header_line, table.facts.title_lines, table.facts.empty_lines) == (4, 2, 1)
    assert [(row.line, row.fault.code if row.fault else "") for row in table.rows] == [
        (5, ""), (6, "empty row"), (7, "repeated header"), (8, ""), (9, "row length"),
    ]  # fmt: skip
    assert table.rows[3].cells == ("CD4", "FITC", "")


def test_a_list_without_header_loses_no_row(tmp_path: Path) -> None:
    table = read(tmp_path / "x.csv", "CD3,PE\nCD4,FITC\n")
    assert table.columns == ("column 1", "column 2")
    assert [row.cells for row in table.rows] == [("CD3", "PE"), ("CD4", "FITC")]
    assert table.facts.remarks


def test_the_header_line_can_be_stated(tmp_path: Path) -> None:
    text = "Marker,Dye\nA,B\nCD3,PE\n"
    assert read(tmp_path / "x.csv", text, ReadOptions(header_line=2)).columns == ("A", "B")
    with pytest.raises(InputError, match="line 9"):
        read(tmp_path / "x.csv", text, ReadOptions(header_line=9))


def test_merged_cells_formulas_and_sheets(tmp_path: Path) -> None:
    rows = [["My list"], [], ["Marker", "Dye", "Price"], ["CD90", "PE", "=1+1"], [None, "FITC", 300.0], [5, True, 2.5]]
    data = book(rows, ["A4:A5", "A1:C1"], Other=[["Marker", "Dye"], ["CD3", "PE"]])
    table = read(tmp_path / "x.xlsx", data)
    assert [row.cells for row in table.rows] == [
        ("CD90", "PE", "=1+1"), ("CD90", "FITC", "300"), ("5", "TRUE", "2.5"),
    ]  # fmt: skip
    assert (table.facts.sheet, table.facts.header_line, len(table.facts.remarks)) == ("Sheet", 3, 2)
    other = read(tmp_path / "x.xlsx", options=ReadOptions(sheet="Other"))
    assert [row.cells for row in other.rows] == [("CD3", "PE")]
    with pytest.raises(InputError, match="no sheet called"):
        read(tmp_path / "x.xlsx", options=ReadOptions(sheet="None"))
    with pytest.raises(UsageError):
        read(tmp_path / "x.csv", "Marker,Dye\nCD3,PE\n", ReadOptions(sheet="x"))


def test_a_stored_value_goes_before_the_formula(tmp_path: Path) -> None:
    data = book([["Marker", "Dye"], ["CD3", "=A1"]])
    stored = edited(data, lambda xml: xml.replace(b"<v />", b"<v>PE</v>").replace(b"<v></v>", b"<v>PE</v>"))
    shown = edited(stored, lambda xml: xml.replace(b'<c r="B2"><f>', b'<c r="B2" t="str"><f>'))
    assert read(tmp_path / "x.xlsx", shown).rows[0].cells == ("CD3", "PE")


PLAIN = book([["Marker", "Dye"], ["CD3", "PE"], ["CD3", "FITC"]], ["A2:A3"])
HOSTILE = {
    "bomb": edited(PLAIN, lambda xml: xml.replace(b"</worksheet>", b" " * 30_000_000 + b"</worksheet>")),
    "entities": edited(PLAIN, lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml),
    "entities in UTF-16": edited(PLAIN, lambda xml: ('<!DOCTYPE x [<!ENTITY a "b">]>' + xml.decode()).encode("utf-16")),
    "cut XML": edited(PLAIN, lambda xml: xml[: len(xml) // 2]),
    "cut archive": PLAIN[: len(PLAIN) // 2],
    "merged": edited(PLAIN, lambda xml: xml.replace(b"A2:A3", b"A2:A1048576")),
    "merged nonsense": edited(PLAIN, lambda xml: xml.replace(b"A2:A3", b"nonsense")),
    "no spreadsheet": b"PK\x03\x04" + b"0" * 500,
    "old Excel": b"\xd0\xcf\x11\xe0" + b"0" * 500,
    "web page": b"<html><table><tr><td>CD3</td></tr></table></html>",
    "gzip": b"\x1f\x8b" + b"0" * 50,
    "PDF": b"%PDF-1.7",
    "empty": b"  \n",
    "only a header": b"Marker,Dye\n",
    "10,000 columns": b",".join(b"c%d" % i for i in range(10_000)) + b"\n" + b"," * 9_999,
    "parquet footer": b"PAR1" + b"\xff" * 50 + b"\xff\xff\xff\x7fPAR1",
    "feather": b"ARROW1\0\0" + b"\xff" * 100,
    "deep JSON": b"[" * 100_000 + b"]" * 100_000,
    "deep value": b'[{"Marker":' + b"[" * 5_000 + b"]" * 5_000 + b"}]",
    "cut JSON": b'[{"Marker": "CD3", ',
    "JSON without records": b'{"a": 1, "b": [1, 2]}',
    "one broken JSON line": b'{"Marker": "CD3"}\n{"Marker": }\n',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_broken_files_get_a_message_with_a_place(tmp_path: Path, name: str) -> None:
    path = tmp_path / "list.dat"
    with pytest.raises(InputError) as caught:
        read(path, HOSTILE[name])
    assert caught.value.where.startswith(str(path))
    assert caught.value.message


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json", "parquet", "feather"])
def test_missing_files_and_folders(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / f"x.{suffix}")
    (tmp_path / f"x.{suffix}").mkdir()
    with pytest.raises(InputError, match="folder"):
        read(tmp_path / f"x.{suffix}")


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        file.truncate(1 << 30)  # a hole: takes no room on the disk

    def opened(*arguments: object, **options: object) -> None:
        raise AssertionError("the file was opened")

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(InputError, match="1,073,741,824 bytes"):
        read(path)


def test_devices_are_refused() -> None:
    with pytest.raises(InputError, match="device"):
        read(Path("/dev/zero"))


@pytest.mark.parametrize("wrapped", [False, True])
def test_json_keeps_digits_and_repeated_keys(tmp_path: Path, wrapped: bool) -> None:
    text = '[{"Marker": "CD3", "Cat": 0.10, "Cat": [1, {"a": null}], "x": NaN}, {"Dye": ["PE", "PE"], "y": null}]'
    table = read(tmp_path / "x.json", f'{{"hits": {text}, "total": 2}}' if wrapped else text)
    assert table.columns == ("Marker", "Cat", "Cat (2)", "x", "Dye", "y")
    assert table.rows[0].cells == ("CD3", "0.10", '["1", {"a": null}]', "NaN", "", "")
    assert table.rows[1].cells == ("", "", "", "", "PE; PE", "")


def test_json_lines(tmp_path: Path) -> None:
    records = [{"Marker": "CD3", "Dye": "PE"}, {"Marker": "CD4"}]
    table = read(tmp_path / "x.jsonl", "\n".join(map(json.dumps, records)))
    assert [row.cells for row in table.rows] == [("CD3", "PE"), ("CD4", "")]


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_columnar_files(tmp_path: Path, kind: str) -> None:
    pa = pytest.importorskip("pyarrow")
    path = tmp_path / f"x.{kind}"

    def write(columns: dict[str, object]) -> None:
        table = pa.table(columns)
        if kind == "parquet":
            pytest.importorskip("pyarrow.parquet").write_table(table, path)
        else:
            pytest.importorskip("pyarrow.feather").write_feather(table, path)

    write({"Marker": ["CD3", None], "Price": [300.0, float("nan")], "n": [7, None]})
    table = read(path)
    assert [row.cells for row in table.rows] == [("CD3", "300", "7"), ("", "", "")]
    assert [row.fault.code if row.fault else "" for row in table.rows] == ["", "empty row"]
    write({"Marker": pa.nulls(600_000, pa.string())})
    with pytest.raises(InputError, match="rows"):
        read(path)
    write({f"c{i}": [1] for i in range(600)})
    with pytest.raises(InputError, match="columns"):
        read(path)
    once = pa.array(["x" * 2_000_000])
    write({"Marker": pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), once)})
    with pytest.raises(InputError, match="characters"):
        read(path)
    whole = path.read_bytes()
    for size in (len(whole) // 2, len(whole) - 10):
        with pytest.raises(InputError):
            read(path, whole[:size])
