"""The order list of a sort plan as text."""

from __future__ import annotations

from panelopt.domain.reagent_order import Order, OrderLine, Spare, VendorOrder
from panelopt.report.text_tables import blocks, count, number, section, table, wrapped


def order_text(order: Order, width: int) -> str:
    """Return the order list, stock, vendors and spares as text; empty without lines."""
    if not order.lines:
        return ""
    return blocks(
        [
            section("Order list", _lines(order, width)),
            section("In your stock", _stock(order, width)),
            section("By vendor", _vendors(order, width)),
            section("Spares and their effect on the score (log10)", _spares(order, width)),
        ]
    )


def _lines(order: Order, width: int) -> str:
    rows = [
        (
            f"{line.marker} {line.fluorochrome}",
            line.clone or "-",
            line.vendor or "-",
            line.catalog_number or "-",
            _price(line),
            _tests(line),
            count(line.tests_per_pack) if line.tests_per_pack else "?",
            "?" if line.packs is None else str(line.packs),
        )
        for line in order.lines
    ]
    headers = ("Reagent", "Clone", "Vendor", "Number", "Price", "Tests", "A pack", "Packs")
    notes = [
        "Tests: for sample and controls, without titration"
        + (f"; one stains {count(order.cells_per_test)} cells (--cells-per-test)." if order.cells_per_test else "."),
        "Packs: to buy, after using your stock; ?: unknown.",
    ]
    unverified = [f"{line.marker} {line.fluorochrome}" for line in order.lines if line.availability == "unverified"]
    if unverified:
        notes.append(f"Unverified; ask the vendor first: {', '.join(unverified)}.")
    return table(headers, rows, "lllLRRRR", width) + "".join("\n" + wrapped(note, width=width) for note in notes)


def _price(line: OrderLine) -> str:
    if line.owned:
        return "your stock"
    return "-" if line.price is None else f"{number(line.price)} {line.currency}".strip()


def _tests(line: OrderLine) -> str:
    sample = "?" if line.tests_sample is None else count(line.tests_sample)
    return f"{sample} + {count(line.tests_controls)}"


def _stock(order: Order, width: int) -> str:
    rows = [
        (
            f"{line.marker} {line.fluorochrome}",
            lot.vendor or "-",
            lot.clone or "-",
            lot.lot or "-",
            lot.expires.isoformat() if lot.expires else "-",
            "?" if lot.tests_left is None else str(lot.tests_left),
        )
        for line in order.lines
        for lot in line.lots
    ]
    headers = ("Reagent", "Vendor", "Clone", "Lot", "Expires", "Tests left")
    return table(headers, rows, "llllLR", width) if rows else ""


def _vendors(order: Order, width: int) -> str:
    rows = [
        (vendor.vendor or "-", str(vendor.lines), str(vendor.packs), _sum(vendor), number(vendor.shipping))
        for vendor in order.vendors
    ]
    headers = ("Vendor", "Reagents", "Packs", f"Price {order.currency}".strip(), "Shipping")
    note = "An unknown number of packs counts as one. Shipping: as stated in the problem; -: unknown."
    return table(headers, rows, "lRRRR", width) + "\n" + wrapped(note, width=width) if rows else ""


def _sum(vendor: VendorOrder) -> str:
    if vendor.unknown_prices == vendor.lines:
        return "-"
    unknown = f" + {vendor.unknown_prices} unknown" if vendor.unknown_prices else ""
    return number(vendor.price) + unknown


def _spares(order: Order, width: int) -> str:
    rows = [
        (
            f"{line.marker} {line.fluorochrome}" if place == 0 else "",
            f"{spare.fluorochrome} on {spare.detector}",
            " ".join(filter(None, (spare.vendor, spare.clone))) or "-",
            "your stock" if spare.owned else number(spare.price),
            *_changes(line, spare),
        )
        for line in order.lines
        for place, spare in enumerate(line.spares)
    ]
    headers = ("Reagent", "Spare", "Vendor, clone", "Price", "Worst", "Sum")
    note = "A spare with the same dye does not change the score. A new dye for a dump marker applies to the whole dump."
    return table(headers, rows, "lllRRR", width) + "\n" + wrapped(note, width=width) if rows else ""


def _changes(line: OrderLine, spare: Spare) -> tuple[str, str]:
    if spare.fluorochrome == line.fluorochrome:
        return "0", "0"
    worst, total = (number(change) for change in (spare.worst_change, spare.sum_change))
    return worst, total
