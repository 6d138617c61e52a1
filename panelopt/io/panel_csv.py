"""Panels as CSV, read for scoring and written as order lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from panelopt.errors import Finding, input_error
from panelopt.frozen import dataclass
from panelopt.io.csv_table import Row, number_text, parse_table, raise_if_any, write_table
from panelopt.io.documents import read_text

if TYPE_CHECKING:
    from panelopt.domain.panel_records import PanelSlot, Reagent
    from panelopt.domain.result import Result

MAX_PANEL_BYTES = 1_000_000
"""Maximum file size; a panel has a few dozen rows."""

COLUMNS: tuple[str, ...] = (
    "marker", "clone", "fluorochrome", "detector", "vendor", "catalog_number", "price", "currency", "size", "unit",
    "availability", "source", "owned", "lot", "expires",
)  # fmt: skip
"""Columns of an order list; owned reagents need not be ordered.

A panel for scoring needs only ``marker`` and ``fluorochrome``.
"""

_REQUIRED = ("marker", "fluorochrome")
MAX_CELL = 2000
"""Maximum characters in a cell, or in the same text of a result."""


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One reagent of a given panel; empty strings for unstated fields.

    Rows that share a fluorochrome are one slot (a dump).

    Attributes:
        marker: Name of the marker as written.
        fluorochrome: Name of the dye as written.
        clone: Clone, or empty for any.
        detector: Detector, or empty to let the scorer choose.
        vendor: Vendor, or empty for any.
        catalog_number: Catalog number, or empty for any.
        where: File and line, for messages.
        made_for: Cytometer of the result that the row comes from; empty if unknown.
    """

    marker: str
    fluorochrome: str
    clone: str = ""
    detector: str = ""
    vendor: str = ""
    catalog_number: str = ""
    where: str = ""
    made_for: str = ""


def read_panel_rows(path: Path) -> tuple[PanelRow, ...]:
    """Read a panel from a CSV file with the columns ``marker`` and ``fluorochrome``.

    Optional columns are ``clone``, ``detector``, ``vendor`` and ``catalog_number``; the other columns of an order
    list (:func:`panel_csv`) are ignored.

    Raises:
        InputError: with every fault: missing values, duplicate markers, one dye on two detectors.
    """
    where = str(path)
    faults: list[Finding] = []
    rows = parse_table(read_text(path, MAX_PANEL_BYTES), where, COLUMNS, _REQUIRED, faults)
    if not rows and not faults:
        raise input_error("empty-panel", "the panel has no rows", where=where, hint="Add one row per reagent.")
    raise_if_any([*faults, *_faults(rows, where)])
    names = ("marker", "fluorochrome", "clone", "detector", "vendor", "catalog_number")
    return tuple(
        PanelRow(**{name: row.cells.get(name, "") for name in names}, where=f"{where}:{row.line}") for row in rows
    )


def panel_csv(result: Result) -> str:
    """Return the order list of a result as CSV: one row per reagent, in panel order.

    :func:`read_panel_rows` can read it. Cells that a spreadsheet would run as formulas get a leading apostrophe, which
    the reader removes. Unknown prices are empty.
    """
    return write_table(COLUMNS, (_cells(reagent, slot) for slot in result.panel for reagent in slot.all_reagents))


def _faults(rows: list[Row], where: str) -> list[Finding]:
    findings: list[Finding] = []
    first_marker: dict[str, int] = {}
    first_detector: dict[str, tuple[str, int]] = {}
    for row in rows:
        place = f"{where}:{row.line}"
        for column, cell in row.cells.items():
            if column in _REQUIRED and not cell:
                findings.append(Finding("missing-value", f"the {column} is missing", f"{place}, column {column}"))
            if len(cell) > MAX_CELL:
                message = f"the {column} has {len(cell)} characters, more than {MAX_CELL}"
                findings.append(Finding("bad-value", message, f"{place}, column {column}"))
        marker, dye, detector = row.cells["marker"], row.cells["fluorochrome"], row.cells.get("detector", "")
        if marker and first_marker.setdefault(marker.casefold(), row.line) != row.line:
            message = f"marker {marker} is already on line {first_marker[marker.casefold()]}"
            findings.append(Finding("duplicate-marker", message, place, "A panel stains each marker once."))
        if dye and detector:
            other, line = first_detector.setdefault(dye.casefold(), (detector, row.line))
            if other != detector:
                message = f"{dye} is read on {detector}, but on {other} on line {line}"
                findings.append(Finding("two-detectors", message, place, "Use one detector per dye."))
    return findings


def _cells(reagent: Reagent, slot: PanelSlot) -> dict[str, str]:
    cells = {name: getattr(reagent, name) for name in COLUMNS if name != "detector"}
    return {
        **cells,
        "price": number_text(reagent.price),
        "detector": slot.detector,
        "owned": "yes" if reagent.owned else "no",
        "expires": reagent.expires.isoformat() if reagent.expires else "",
    }
