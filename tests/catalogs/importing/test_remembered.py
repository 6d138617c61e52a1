"""Answers about cells: short ones are remembered, and no list of long ones fills the memory."""

from __future__ import annotations

import tracemalloc

from panelopt.catalogs.importing.files.map_file import ImportMap
from panelopt.catalogs.importing.files.raw import RawRow
from panelopt.catalogs.importing.list_rows import ListRowReader
from panelopt.catalogs.importing.name_tables import tables
from panelopt.catalogs.importing.remembered import LONGEST, remembered

COLUMNS = {"marker": "Antigen", "fluorochrome": "Dye", "vendor": "Vendor", "isotype": "Isotype"}


def test_only_short_texts_are_remembered() -> None:
    asked: list[str] = []

    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    known = remembered(length)
    short, long = "x" * LONGEST, "x" * (LONGEST + 1)
    assert [known(text) for text in (short, long, short, long)] == [LONGEST, LONGEST + 1] * 2
    assert asked == [short, long, long]


def test_rows_of_long_cells_leave_nothing_behind() -> None:
    reader = ListRowReader(tuple(COLUMNS.values()), ImportMap(columns=COLUMNS), tables())
    rows, length = 60, 2000

    def read(first: int) -> None:
        for line in range(first, first + rows):
            reader.read(RawRow(line, ("CD3", *(f"{line} ".ljust(length, "x") for _ in range(3)))))

    read(0)  # fills the tables of names
    tracemalloc.start()
    try:
        read(rows)
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < rows * length
