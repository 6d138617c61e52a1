"""Catalogs as text and JSON: contents, search hits, faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from panelopt.domain.catalog_faults import CatalogFault, CheckedCatalog
from panelopt.domain.conjugate_search import Hit, Offer, natural
from panelopt.domain.reagents import Catalog
from panelopt.report.safe_text import plain
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, number, table, wrapped


def catalogs_text(catalogs: Iterable[tuple[Catalog, str]], width: int = DEFAULT_WIDTH) -> str:
    """Return one line per catalog, with the kind of place it comes from."""
    rows = [(c.name, f"{c.rows:,}", c.vendor, c.version or c.retrieved, kind, c.origin) for c, kind in catalogs]
    return table(("Catalog", "Products", "Vendor", "Version", "Kind", "From"), rows, "LRllLl", width) + "\n"


def catalog_json(catalog: Catalog, kind: str, folder: Path, *, synthetic: bool) -> dict[str, Any]:
    """Return the metadata of a catalog as a JSON object."""
    return {
        **catalog.model_dump(mode="json", exclude={"conjugates"}),
        "description": catalog.title or catalog.source,
        "rows": catalog.rows,
        "kind": kind,
        "folder": str(folder),
        "synthetic": synthetic,
    }


def check_text(checked: CheckedCatalog, width: int = DEFAULT_WIDTH) -> str:
    """Return a verdict, followed by every fault and remark."""
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


def hits_text(hits: Sequence[Hit], width: int = DEFAULT_WIDTH) -> str:
    """Return one line per product, without empty columns, and notes."""
    if not hits:
        return ""
    titles = ("Marker", "Clone", "Dye", "Vendor", "Number", "Price", "Pack", "Stock", "Availability", "Catalog")
    cells = [_hit_cells(hit) for hit in hits]
    known = [any(row[index] not in ("", "-") for row in cells) for index in range(len(titles))]
    known[-1] = len({row[-1] for row in cells}) > 1
    kept = [index for index, keep in enumerate(known) if keep]
    align = "".join("LlLlLRllll"[index] for index in kept)
    shown = table([titles[i] for i in kept], [[row[i] for i in kept] for row in cells], align, width)
    unknown = [title.lower() for title, keep in zip(titles[:-1], known, strict=False) if not keep]
    blind = sorted({hit.conjugate.fluorochrome for hit in hits if not hit.optics}, key=natural)
    notes = [
        f"Catalog: {cells[0][-1]}." if not known[-1] else "",
        f"Unknown for all: {', '.join(unknown)}." if unknown else "",
        f"Dyes without known optics, never used in panels: {', '.join(blind)}." if blind else "",
    ]
    return blocks([shown, "\n".join(wrapped(note, "  ", width, first="") for note in notes if note)])


def hits_json(hits: Iterable[Hit]) -> list[dict[str, Any]]:
    """Return products with their catalog as JSON objects."""
    return [
        {
            "catalog": hit.catalog,
            "inventory": hit.owned,
            "optics": hit.optics,
            **hit.conjugate.model_dump(mode="json"),
        }
        for hit in hits
    ]


def offers_text(found: Sequence[Offer], width: int = DEFAULT_WIDTH) -> str:
    """Return one line per marker: its dyes, with product counts above one."""
    if not found:
        return ""
    rows = [
        (offer.marker, str(len(offer.fluorochromes)), str(offer.products), ", ".join(map(_dye, offer.fluorochromes)))
        for offer in found
    ]
    shown = table(("Marker", "Dyes", "Products", "Which (products, if several)"), rows, "LRRl", width)
    missing = [offer.marker for offer in found if not offer.fluorochromes]
    note = f"No products: {', '.join(missing)}." if missing else ""
    return blocks([shown, wrapped(note, "  ", width, first="")])


def offers_json(found: Iterable[Offer]) -> list[dict[str, Any]]:
    """Return the dyes of each marker as JSON objects."""
    return [
        {
            "marker": offer.marker,
            "products": offer.products,
            "fluorochromes": [{"name": dye, "products": products} for dye, products in offer.fluorochromes],
        }
        for offer in found
    ]


def _hit_cells(hit: Hit) -> tuple[str, ...]:
    c = hit.conjugate
    price = "-" if c.price is None else f"{number(c.price)} {c.currency}".rstrip()
    stock = "yours" if hit.owned else {True: "yes", False: "no", None: "-"}[c.in_stock]
    names = (c.marker, c.clone or "-", c.fluorochrome, c.vendor or "-", c.catalog_number or "-")
    return (*names, price, f"{c.size} {c.unit}".strip() or "-", stock, c.availability or "-", hit.catalog)


def _dye(item: tuple[str, int]) -> str:
    dye, products = item
    return f"{dye} ({products})" if products > 1 else dye


def _verdict(checked: CheckedCatalog) -> str:
    rows = "" if checked.rows is None else f"{_count(checked.rows, 'product')}, "
    remarks = f", {_count(len(checked.remarks), 'remark')}" if checked.remarks else ""
    return f"{rows}{_count(len(checked.faults), 'fault')}{remarks}"


def _count(number: int, noun: str) -> str:
    return f"{f'{number:,}' if number else 'no'} {noun}{'' if number == 1 else 's'}"


def _fault_lines(first: str, fault: CatalogFault, width: int) -> Iterator[str]:
    value = f" (found: {_short(fault.value)})" if fault.value and fault.value not in fault.message else ""
    yield wrapped(f"{first}: {fault.message}{value}", "      ", width, first="  ")
    if fault.hint:
        yield wrapped(f"Hint: {fault.hint}", "      ", width, first="    ")


def _fault_json(fault: CatalogFault) -> dict[str, Any]:
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
