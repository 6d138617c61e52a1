"""Calibration files: TOML, or a table with one row per detector or fluorochrome."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from panelopt.domain.calibration import Calibration
from panelopt.errors import Finding, input_error
from panelopt.io.csv_table import parse_table, raise_if_any
from panelopt.io.documents import read_text, read_toml, validate

CALIBRATION_COLUMNS = ("detector", "fluorochrome", "scale", "slope", "offset", "unit", "source")
"""Columns of a calibration table."""

MAX_CALIBRATION_BYTES = 1_000_000
"""Maximum file size; an instrument has a few dozen detectors."""

_REQUIRED = ("slope", "offset", "unit")


def read_calibration(path: Path) -> Calibration:
    """Read a calibration from TOML or CSV.

    Raises:
        InputError: with every fault: keys, numbers, channels named twice or not at all.
    """
    where = str(path)
    suffix = path.suffix.lower()
    if suffix == ".toml":
        return validate(Calibration, read_toml(path), where)
    if suffix == ".csv":
        return validate(Calibration, _table(path), where)
    hint = "Use the suffix .toml or .csv according to the content."
    raise input_error("calibration-format", "a calibration is a TOML or a CSV file", where=where, hint=hint)


def _table(path: Path) -> dict[str, Any]:
    where = str(path)
    findings: list[Finding] = []
    rows = parse_table(read_text(path, MAX_CALIBRATION_BYTES), where, CALIBRATION_COLUMNS, _REQUIRED, findings)
    channels = []
    for row in rows:
        cells: dict[str, Any] = {column: cell for column, cell in row.cells.items() if cell}
        for column in ("slope", "offset"):
            try:
                cells[column] = float(row.cells[column])
            except ValueError:
                message = f"the {column} is not a number: {row.cells[column]!r}"
                findings.append(Finding("bad-number", message, f"{where}:{row.line}, column {column}"))
        if bool(row.cells.get("detector")) == bool(row.cells.get("fluorochrome")):
            message = "the row must name either a detector or a fluorochrome"
            findings.append(Finding("calibration-channel", message, f"{where}:{row.line}"))
        channels.append(cells)
    raise_if_any(findings)
    return {"channel": channels}
