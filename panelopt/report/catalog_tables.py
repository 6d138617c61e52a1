"""Catalogs as text and JSON: what was found, what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from panelopt.domain.catalog_faults import CheckedCatalog, Fault
from panelopt.domain.reagents import Catalog
from panelopt.report.plain import plain
from panelopt.report.tables import DEFAULT_WIDTH, table, wrapped


def catalogs_text(catalogs: Iterable[tuple[Catalog, str]], width: int = DEFAULT_WIDTH) -> str:
    """Return one line for each catalog and the kind of place it comes from."""
    rows = [(c.name, f"{c.rows:,}", c.vendor, c.version or c.retrieved, kind, c.origin) for c, kind in catalogs]
    return table(("Catalog", "Products", "Vendor", "Version", "Kind", "From"), rows, "LRllLl", width) + "\n"


def catalog_json(catalog: Catalog, kind: str, folder: Path, *, synthetic: bool) -> dict[str, Any]:
    """Return what is known of a catalog, without its products, as a JSON object."""
    return {
        **catalog.model_dump(mode="json", exclude={"conjugates"}),
        "description": catalog.title or catalog.source,
        "rows": catalog.rows,
        "kind": kind,
        "folder": str(folder),
        "synthetic": synthetic,
    }


def check_text(checked: CheckedCatalog, width: int = DEFAULT_WIDTH) -> str:
    """Return a verdict, and under it every fault and every remark."""
    lines = [plain(f"{checked.name}: {_verdict(checked)}")]
    for kind, faults in (("fault", checked.faults), ("remark", checked.remarks)):
        for fault in faults:
            place = fault.where.removeprefix(f"{checked.name.rstrip('/')}/")
            lines += _fault_lines(f"{kind}: {place}", fault, width)
    return "\n".join(lines) + "\n"


def check_json(checked: CheckedCatalog) -> dict[str, Any]:
    """Return a verdict as a JSON object."""
    return {
        "name": checked.name,
        "rows": checked.rows,
        "faults": [_fault_json(fault) for fault in checked.faults],
        "remarks": [_fault_json(fault) for fault in checked.remarks],
    }


def _verdict(checked: CheckedCatalog) -> str:
    rows = "" if checked.rows is None else f"{_count(checked.rows, 'product')}, "
    remarks = f", {_count(len(checked.remarks), 'remark')}" if checked.remarks else ""
    return f"{rows}{_count(len(checked.faults), 'fault')}{remarks}"


def _count(number: int, noun: str) -> str:
    return f"{f'{number:,}' if number else 'no'} {noun}{'' if number == 1 else 's'}"


def _fault_lines(first: str, fault: Fault, width: int) -> Iterator[str]:
    value = f" (found: {_short(fault.value)})" if fault.value and fault.value not in fault.message else ""
    yield wrapped(f"{first}: {fault.message}{value}", "      ", width, first="  ")
    if fault.hint:
        yield wrapped(f"Hint: {fault.hint}", "      ", width, first="    ")


def _fault_json(fault: Fault) -> dict[str, Any]:
    return {
        "code": fault.code,
        "message": fault.message,
        "where": fault.where,
        "hint": fault.hint,
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "value": fault.value,
    }


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
