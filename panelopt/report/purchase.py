"""What is to be bought for a panel: lines by vendor with totals, and what is in stock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from panelopt.domain.name_table import bare
from panelopt.domain.panel_records import Reagent, SlotRole
from panelopt.domain.reagent_order import Order, OrderLine
from panelopt.domain.result import Result

_AVAILABILITY = {
    "sourced": "confirmed by a source",
    "unverified": "unverified: ask the vendor",
    "synthetic": "invented: cannot be bought",
    "": "as listed",
}


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """A product.

    Attributes:
        vendor: Name; empty if unknown.
        product: Marker, dye, clone and pack size.
        catalog_number: As the vendor writes it; empty if unknown.
        packs: Packs to buy; 0 where the stock suffices.
        assumed: Whether the number of packs is unknown, and one pack is assumed.
        price: Price of a pack; None if unknown.
        currency: Currency of the price, as the catalog writes it.
        availability: What is known about the product or the stock.
    """

    vendor: str
    product: str
    catalog_number: str
    packs: int
    assumed: bool
    price: float | None
    currency: str
    availability: str


@dataclass(frozen=True, slots=True)
class VendorPurchase:
    """What is bought from one vendor.

    Attributes:
        vendor: Name; empty if unknown.
        lines: Products.
        delivery: Cost of the delivery; None if unknown.
        currency: Currency of the delivery.
    """

    vendor: str
    lines: tuple[PurchaseLine, ...]
    delivery: float | None
    currency: str

    @property
    def totals(self) -> dict[str, float]:
        """Known prices and the delivery, by currency."""
        found: dict[str, float] = {}
        for line in self.lines:
            if line.price is not None:
                found[line.currency] = found.get(line.currency, 0.0) + line.packs * line.price
        if self.delivery is not None:
            found[self.currency] = found.get(self.currency, 0.0) + self.delivery
        return found

    @property
    def packs(self) -> int:
        """Packs of all products."""
        return sum(line.packs for line in self.lines)

    @property
    def unpriced(self) -> int:
        """Products whose price is unknown."""
        return sum(line.price is None for line in self.lines)


@dataclass(frozen=True, slots=True)
class Purchase:
    """Everything to be bought, vendor by vendor, and what is in stock."""

    vendors: tuple[VendorPurchase, ...]
    stock: tuple[PurchaseLine, ...]


def purchase(result: Result, order: Order | None) -> Purchase:
    """Return what to buy: the packs of an order list, or one pack of each product without one."""
    if order is not None and order.lines:
        lines = [_ordered(line, result.panel[line.slot].role) for line in order.lines]
        delivery = {bare(vendor.vendor): vendor.shipping for vendor in order.vendors}
        return _grouped(lines, delivery, order.currency)
    return _grouped([_single(reagent, slot.role) for slot in result.panel for reagent in slot.all_reagents], {}, "")


def _grouped(lines: Sequence[PurchaseLine], delivery: dict[str, float | None], currency: str) -> Purchase:
    by_vendor: dict[str, list[PurchaseLine]] = {}
    for line in lines:
        if line.packs:
            by_vendor.setdefault(bare(line.vendor), []).append(line)
    vendors = tuple(
        VendorPurchase(found[0].vendor, tuple(found), delivery.get(name), currency)
        for name, found in sorted(by_vendor.items(), key=lambda item: (not item[0], item[0]))
    )
    return Purchase(vendors, tuple(line for line in lines if not line.packs))


def _ordered(line: OrderLine, role: SlotRole) -> PurchaseLine:
    packs = line.packs if line.packs is not None else int(not line.owned)
    known = [_AVAILABILITY.get(line.availability, "unknown")] if packs else []
    if line.owned:
        known = ["in stock", "" if line.tests_on_shelf is None else f"{line.tests_on_shelf} tests left"]
        known += [f"lot {lot.lot}" for lot in line.lots if lot.lot]
    return PurchaseLine(
        line.vendor, _product(line, role), line.catalog_number, packs, bool(packs) and line.packs is None,
        line.price, line.currency, _joined(known),
    )  # fmt: skip


def _single(reagent: Reagent, role: SlotRole) -> PurchaseLine:
    packs = int(not reagent.owned)
    stock = ("in stock", f"lot {reagent.lot}" if reagent.lot else "")
    known = _joined(stock) if reagent.owned else _AVAILABILITY.get(reagent.availability, "unknown")
    return PurchaseLine(
        reagent.vendor, _product(reagent, role), reagent.catalog_number, packs, bool(packs), reagent.price,
        reagent.currency, known,
    )  # fmt: skip


def _product(one: OrderLine | Reagent, role: SlotRole) -> str:
    pack = f"{one.size} {one.unit}".strip()
    name = f"{one.fluorochrome} (viability dye)" if role == "viability" else f"{one.marker} {one.fluorochrome}"
    return _joined((name, f"clone {one.clone}" if one.clone else "", pack))


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(filter(None, parts))
