"""A given panel, from an order list or a result."""

from __future__ import annotations

from pathlib import Path

from panelopt.domain.result import Result
from panelopt.errors import Finding, input_error
from panelopt.io.csv_table import raise_if_any
from panelopt.io.panel_csv import MAX_CELL, PanelRow, read_panel_rows
from panelopt.io.result_json import read_result


def read_panel(path: Path) -> tuple[PanelRow, ...]:
    """Read a panel from a CSV file, or from the result JSON of ``design``, by suffix.

    Raises:
        InputError: with every fault of the file, or if the result has no panel.
    """
    return panel_rows(read_result(path), str(path)) if path.suffix.lower() == ".json" else read_panel_rows(path)


def panel_rows(result: Result, where: str) -> tuple[PanelRow, ...]:
    """Return the rows of a result's panel.

    Args:
        result: The result.
        where: File name for messages.

    Raises:
        InputError: if the result has no panel or is inconsistent.
    """
    if not result.panel:
        raise input_error("empty-panel", f"the result has no panel; it is {result.status.value}", where=where)
    raise_if_any(
        [
            Finding(
                "bad-value",
                f"the slot has {len(slot.markers)} markers and {len(slot.reagents)} reagents",
                f"{where}: panel[{number}]",
            )
            for number, slot in enumerate(result.panel)
            if slot.reagents and len(slot.reagents) != len(slot.markers)
        ]
    )
    rows = tuple(
        PanelRow(
            marker=marker,
            fluorochrome=slot.fluorochrome,
            clone=reagent.clone if reagent else "",
            detector=slot.detector,
            vendor=reagent.vendor if reagent else "",
            catalog_number=reagent.catalog_number if reagent else "",
            where=f"{where}: panel[{number}]",
            made_for=result.cytometer,
        )
        for number, slot in enumerate(result.panel)
        for marker, reagent in zip(slot.markers, slot.reagents or (None,) * len(slot.markers), strict=True)
    )
    raise_if_any(
        [
            Finding("bad-value", f"the {name} has {len(text)} characters, more than {MAX_CELL}", row.where)
            for row in rows
            for name in ("marker", "fluorochrome", "clone", "vendor", "catalog_number")
            if len(text := getattr(row, name)) > MAX_CELL
        ]
    )
    return rows
