"""Tables of sweeps: both files say the same."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import get_args

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from panelopt.domain.sweep_record import CellRow
from panelopt.io.sweep_table import COLUMNS, sweep_csv, sweep_parquet
from tests.io.test_sweep_folder import row

ROWS = [
    row(today=date(2026, 1, 31), max_colours=4, conflicts="limits.budget"),
    row("def", problem="=cmd()", panel='CD45 "FITC"; CD3, CD4 PE', error="two\nlines", status="failed", budget=1e-7),
]


def test_csv_and_parquet_hold_the_same() -> None:
    shown = pd.read_csv(io.StringIO(sweep_csv(ROWS)))
    kept = pd.read_parquet(io.BytesIO(sweep_parquet(ROWS)))
    assert list(shown) == list(kept) == list(COLUMNS)
    assert list(kept["problem"]) == ["p", "=cmd()"]
    for name in ("worst_log_ratio", "seconds", "budget", "colours", "max_colours", "clock_free", "panel", "status"):
        same = (shown[name] == kept[name]) | (shown[name].isna() & kept[name].isna())
        assert same.all(), name


def test_spreadsheets_run_nothing_and_negative_numbers_stay_numbers() -> None:
    first, second = csv.DictReader(io.StringIO(sweep_csv(ROWS)))
    assert first["worst_log_ratio"] == "-0.25"
    assert first["today"] == "2026-01-31"
    assert first["price"] == ""
    assert second["problem"] == "'=cmd()"
    assert second["error"] == "two lines"


def test_columns_have_the_types_of_their_fields() -> None:
    kinds = {str: "string", float: "double", int: "int64", bool: "bool", date: "date32[day]"}
    schema = pa.parquet.read_schema(io.BytesIO(sweep_parquet([])))
    for name, field in CellRow.model_fields.items():
        options = [kind for kind in get_args(field.annotation) or (field.annotation,) if kind is not type(None)]
        kind = getattr(options[0], "__origin__", options[0])  # behind limits
        kind = kind if isinstance(kind, type) else str
        assert str(schema.field(name).type) == kinds[kind], name
