"""Panels as CSV: reading for scoring, the order list, and that one reads the other."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from panelopt.domain.panel_records import PanelSlot, Reagent
from panelopt.domain.result import Result, SolveStatus
from panelopt.errors import InputError
from panelopt.io.panel_csv import PanelRow, panel_csv, read_panel_rows


def reagent(marker: str, **more: object) -> Reagent:
    values = {"clone": "c1", "fluorochrome": "PE", "vendor": "V", "catalog_number": "1"}
    return Reagent.model_validate({"marker": marker, **values, **more})


def result(*slots: PanelSlot) -> Result:
    return Result(panelopt_version="0", problem="p", cytometer="c", status=SolveStatus.OPTIMAL, panel=slots)


def slot(fluorochrome: str, reagents: tuple[Reagent, ...], **more: object) -> PanelSlot:
    values = {"detector": "B525", "laser_nm": 488, "role": "marker", "clones": [r.clone for r in reagents]}
    markers = [r.marker for r in reagents]
    return PanelSlot.model_validate(
        {"fluorochrome": fluorochrome, "markers": markers, "reagents": reagents, **values, **more}
    )


def write(path: Path, text: str) -> Path:
    file = path / "panel.csv"
    file.write_text(text)
    return file


def test_two_columns_are_enough(tmp_path: Path) -> None:
    file = write(tmp_path, "fluorochrome,marker\nPE,CD271\nFITC,CD45\n")
    first, second = read_panel_rows(file)
    assert first == PanelRow(marker="CD271", fluorochrome="PE", where=f"{file}:2")
    assert (second.marker, second.detector) == ("CD45", "")


def test_every_fault_is_named(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "marker,fluorochrome,detector\nCD271,PE,Y1\n,PE,Y1\nCD45,,\ncd271,APC,\nCD31,PE,Y2\nCD34\n",
    )
    with pytest.raises(InputError) as caught:
        read_panel_rows(file)
    found = [(f.code, f.where.removeprefix(f"{file}:")) for f in caught.value.findings]
    assert found == [
        ("row-length", "7"),
        ("missing-value", "3, column marker"),
        ("missing-value", "4, column fluorochrome"),
        ("duplicate-marker", "5"),
        ("two-detectors", "6"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("marker,fluorochrome\n", "empty-panel"),
        ("marker,fluorophore\nCD45,PE\n", "unknown-column"),
        ("marker\nCD45\n", "missing-column"),
        ("", "empty-file"),
    ],
)
def test_files_that_are_no_panel(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_panel_rows(write(tmp_path, text))
    assert caught.value.findings[0].code == code


def test_the_order_list_has_one_row_a_reagent_and_is_read_back(tmp_path: Path) -> None:
    dump = (
        reagent("CD45", price=250, currency="USD", size="100", unit="tests", availability="sourced", source="s, t"),
        reagent("CD31", catalog_number="2", price=99.5, currency="USD"),
    )
    text = panel_csv(
        result(slot("PE", dump, role="dump"), slot("APC", (reagent("CD271", fluorochrome="APC"),), detector="R660"))
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == [
        "marker", "clone", "fluorochrome", "detector", "vendor", "catalog_number", "price", "currency", "size", "unit",
        "availability", "source", "owned", "lot", "expires",
    ]  # fmt: skip
    assert [(row["marker"], row["detector"], row["price"]) for row in rows] == [
        ("CD45", "B525", "250"),
        ("CD31", "B525", "99.5"),
        ("CD271", "R660", ""),
    ]
    assert rows[0]["source"] == "s, t"
    back = read_panel_rows(write(tmp_path, text))
    assert [(row.marker, row.fluorochrome, row.catalog_number) for row in back] == [
        ("CD45", "PE", "1"),
        ("CD31", "PE", "2"),
        ("CD271", "APC", "1"),
    ]


def test_formula_cells_are_dead_in_the_file_and_whole_when_read_back(tmp_path: Path) -> None:
    text = panel_csv(result(slot("PE", (reagent("CD45", clone='=cmd|"/c calc"!A1', vendor="-V", source="@x"),))))
    (row,) = csv.DictReader(io.StringIO(text))
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    (back,) = read_panel_rows(write(tmp_path, text))
    assert (back.clone, back.vendor) == ('=cmd|"/c calc"!A1', "-V")


def test_a_slot_without_reagents_falls_back_to_its_own_words() -> None:
    bare = PanelSlot(
        markers=("CD45",),
        clones=("HI30",),
        fluorochrome="PE",
        detector="Y1",
        laser_nm=561,
        vendor="V",
        price=10,
        role="marker",
    )
    (row,) = csv.DictReader(io.StringIO(panel_csv(result(bare))))
    assert (row["marker"], row["clone"], row["vendor"], row["price"]) == ("CD45", "HI30", "V", "10")


def test_no_marker_of_a_dump_is_lost_where_its_clones_are_not_stated() -> None:
    dump = slot("PE", (), markers=("CD3", "CD19"), clones=("UCHT1",), role="dump", price=20)
    rows = list(csv.DictReader(io.StringIO(panel_csv(result(dump)))))
    assert [(row["marker"], row["clone"], row["price"]) for row in rows] == [("CD3", "UCHT1", ""), ("CD19", "", "")]


def test_a_result_without_panel_is_a_header_only() -> None:
    assert panel_csv(result()).count("\n") == 1
