"""The page of sweeps describes every key, option, column and file."""

from __future__ import annotations

from pathlib import Path

from panelopt.domain.sweep_record import CellRow, SweepOptions, SweepSpec
from panelopt.io.sweep_folder import LOCK_FILE, OWNER_FILE, TABLES
from panelopt.io.sweep_spec import read_sweep
from panelopt.sweeps.cell import CLOCK_SHARE
from tests.docs import pages

PAGE = pages.ROOT / "docs" / "sweep.md"


def test_every_key_and_option_is_described() -> None:
    described = pages.table_names(PAGE, "The specification")
    assert described == (set(SweepSpec.model_fields) - {"options"}) | set(SweepOptions.model_fields)


def test_every_column_is_described() -> None:
    assert pages.table_names(PAGE, "The table") == set(CellRow.model_fields)


def test_every_file_is_described() -> None:
    listed = pages.table_names(PAGE, "What lies in the folder")
    assert listed == {*TABLES, LOCK_FILE, OWNER_FILE, "cells/KEY.json", "results/KEY.json"}


def test_the_example_is_a_grid(tmp_path: Path) -> None:
    path = tmp_path / "sweep.toml"
    path.write_text(pages.named_files(PAGE)["sweep.toml"], encoding="utf-8")
    assert read_sweep(path).size == 2 * 3 * 2 * 2


def test_the_share_of_the_clock_is_that_of_the_search() -> None:
    assert f"{100 * CLOCK_SHARE:.1f}%" in PAGE.read_text(encoding="utf-8")
