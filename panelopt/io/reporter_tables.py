"""Tables for the choice of reporters: dye brightness in, chosen channels out."""

from __future__ import annotations

import math
from pathlib import Path

from panelopt.domain.reporters_result import ReporterResult
from panelopt.errors import Finding, input_error
from panelopt.io.csv_table import number_text, plain_cell, raise_if_any, write_table
from panelopt.io.documents import read_text
from panelopt.io.table_text import csv_rows

MAX_BRIGHTNESS_BYTES = 1_000_000
"""Maximum file size."""

CHANNEL_COLUMNS = ("fluorochrome", "detector", "laser_nm", "signal", "bleed_through", "share", "below_limit")
"""Columns of the chosen channels, followed by one column per dye with its light in the channel's detector."""


def read_brightness(path: Path) -> dict[str, float]:
    """Read dye brightness: one row per dye with name and positive number, after an optional header.

    Raises:
        InputError: with file, line and value of every fault.
    """
    where = str(path)
    findings: list[Finding] = []
    found: dict[str, float] = {}
    first: dict[str, int] = {}
    for line, row in enumerate(csv_rows(read_text(path, MAX_BRIGHTNESS_BYTES), where), start=1):
        cells, place = [plain_cell(cell) for cell in row], f"{where}:{line}"
        if not any(cells):
            continue
        if len(cells) != 2:
            message = f"the row has {len(cells)} cells instead of name and brightness"
            findings.append(Finding("row-length", message, place, "Write: name,brightness."))
            continue
        name, value = cells[0], _number(cells[1])
        if value is None and line == 1:
            continue  # the header
        if value is None or not name:
            message = "the name is missing" if not name else f"{cells[1]!r} is not a positive number"
            findings.append(Finding("brightness", message, place, "Leave dyes of unknown brightness out."))
        elif first.setdefault(name.casefold(), line) != line:
            message = f"{name} is already on line {first[name.casefold()]}"
            findings.append(Finding("duplicate-dye", message, place, "Keep one of the rows."))
        else:
            found[name] = value
    raise_if_any(findings)
    if not found:
        raise input_error(
            "no-brightness", "the file has no brightness rows", where=where, hint="Write: name,brightness."
        )
    return found


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def reporters_csv(result: ReporterResult) -> str:
    """Return the chosen channels as CSV, with the light of every chosen dye in each detector."""
    names = [f"light of {channel.fluorochrome}" for channel in result.channels]
    rows = []
    for place, channel in enumerate(result.channels):
        cells = {
            "fluorochrome": channel.fluorochrome,
            "detector": channel.detector,
            "laser_nm": number_text(channel.laser_nm),
            "signal": number_text(channel.signal),
            "bleed_through": number_text(channel.bleed_through),
            "share": number_text(channel.share),
            "below_limit": "yes" if channel.below_limit else "no",
        }
        light = {name: number_text(row[place]) for name, row in zip(names, result.signals, strict=True)}
        rows.append({**cells, **light})
    return write_table((*CHANNEL_COLUMNS, *names), rows)
