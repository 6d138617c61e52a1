"""Sweeps as pages and texts: the purest cell of each problem first, every cell below."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from panelopt.domain.sweep_record import CellRow
from panelopt.errors import InputError
from panelopt.io.sweep_folder import SweepFolder
from panelopt.report.html import sweep_html
from panelopt.report.sweep_sheets import sweep_sheet, sweep_verdict
from panelopt.report.sweep_text import sweep_table_text
from tests.report.test_html import is_inert
from tests.reporting.examples import Page


def cell(key: str, **changes: Any) -> CellRow:
    data: dict[str, Any] = {
        "cell": key, "problem": "marrow", "cytometer": "tiny-sorter", "catalogs": "all", "inventory": None,
        "max_colours": 4, "budget": None, "allow_unknown_price": False, "require_goal": False, "time_limit_s": 60.0,
        "tolerance": 0.02, "seed": 0, "memory_limit_mb": None, "exclude_tandems": False, "only_inventory": False,
        "allow_unverified": False, "slack": None, "max_spillover": None, "today": None, "panelopt_version": "0",
        "problem_sha256": "", "cytometer_sha256": "", "catalogs_sha256": "", "dyes_sha256": "", "status": "optimal",
        "worst_log_ratio": 1.0, "bound_worst_log_ratio": 1.0, "colours": 4, "panel": "CD271 PE",
    }  # fmt: skip
    return CellRow.model_validate(data | changes)


NOTHING = {"worst_log_ratio": None, "bound_worst_log_ratio": None, "colours": None, "panel": None}
ROWS = (
    cell("a1"),
    cell("a2", worst_log_ratio=1.5, max_colours=6, panel="CD271 BV421"),
    cell("b1", problem="fat <b>", worst_log_ratio=-1.0),
    cell("c1", problem="cord", status="failed", error="no such file", **NOTHING),
)


def test_verdict_names_the_purest_cell() -> None:
    assert sweep_verdict(ROWS) == (
        "4 cells: 3 optimal, 1 failed. Purest: marrow on tiny-sorter, 1 wrong cell in 32 at worst."
    )
    assert sweep_verdict(ROWS[3:]) == "1 cell: 1 failed; none has a panel."
    assert sweep_verdict(()) == "No cell of the sweep has finished."


def test_table_shows_the_options_that_differ_and_the_purest_first() -> None:
    table = sweep_sheet(ROWS)
    titles = [column.title for column in table.columns]
    assert "max colours" in titles
    assert "seed" not in titles
    assert [row[titles.index("Worst log ratio")] for row in table.rows if row[0] == "marrow"] == [1.5, 1.0]
    assert [row[-1] for row in table.rows if row[0] == "cord"] == ["no such file"]


def test_page_answers_first_and_names_the_failures() -> None:
    text = sweep_html(ROWS, "swept")
    is_inert(text)
    page = Page(text)
    assert sweep_verdict(ROWS) in page.text
    assert "fat <b>" in page.text
    assert "Run the same sweep again" in page.text
    assert "cord on tiny-sorter: no such file" in page.text


def test_text_ends_with_the_verdict() -> None:
    lines = sweep_table_text(ROWS).splitlines()
    assert any(line.split()[:3] == ["marrow", "tiny-sorter", "32.6"] for line in lines)
    assert " ".join(sweep_table_text(ROWS).split("\n\n")[-1].split()) == sweep_verdict(ROWS)


def test_folder_lists_the_cells_of_its_table(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "swept")
    with folder.open_for_run():
        for row in ROWS:
            folder.land(row, "")
        assert folder.listed() == ROWS  # no table yet: all
        folder.write_tables(ROWS[:2])
    assert folder.listed() == ROWS[:2]
    (tmp_path / "swept" / "cells" / "a1.json").write_text("{", encoding="utf-8")
    assert folder.listed() == ROWS[1:2]
    with pytest.raises(InputError, match="no sweep"):
        SweepFolder(tmp_path).listed()
