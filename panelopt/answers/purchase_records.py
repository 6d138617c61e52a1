"""Products to buy for a panel, deliveries, and missing data on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from panelopt.domain.name_table import bare
from panelopt.domain.panel_records import PanelSlot, Reagent, VendorDelivery
from panelopt.domain.reagents import Conjugate
from panelopt.errors import Finding
from panelopt.instance.arrays import Instance
from panelopt.instance.compile import Compiled
from panelopt.instance.product import Product, Vendors

Bought = Mapping[tuple[str, str], Product]
"""The product of each (marker, fluorochrome) of the panel."""


def reagent(instance: Instance, marker: int, dye: int, bought: Bought) -> Reagent:
    """Return the product for a marker and dye; unknown fields are empty."""
    key = (instance.marker[marker], instance.dye[dye])
    product = bought.get(key, Product(Conjugate(marker=key[0], fluorochrome=key[1], availability="unverified")))
    c = product.conjugate
    return Reagent(
        marker=c.marker,
        clone=c.clone,
        fluorochrome=c.fluorochrome,
        vendor=c.vendor,
        catalog_number=c.catalog_number,
        price=product.cost,
        currency=c.currency,
        size=c.size,
        unit=c.unit,
        availability=c.availability,
        source=c.source,
        owned=product.owned,
        lot=c.lot,
        expires=c.expires,
    )


def vendor_deliveries(compiled: Compiled, slots: Sequence[PanelSlot]) -> tuple[VendorDelivery, ...]:
    """Return the purchases from each vendor; empty unless the problem states shipping costs."""
    shipping = Vendors(compiled.constraints).shipping
    if not shipping:
        return ()
    by_vendor: dict[str, list[Reagent]] = {}
    for bought in (r for slot in slots for r in slot.reagents if not r.owned):
        by_vendor.setdefault(bare(bought.vendor), []).append(bought)
    return tuple(
        VendorDelivery(
            vendor=reagents[0].vendor,
            products=len(reagents),
            price=float(sum(r.price for r in reagents if r.price is not None)),
            shipping=shipping.get(name),
        )
        for name, reagents in sorted(by_vendor.items())
    )


def unknown_shipping(problem: str, deliveries: Iterable[VendorDelivery]) -> Iterable[Finding]:
    """Yield a remark on vendors whose shipping cost is unknown.

    Args:
        problem: Id of the problem.
        deliveries: Purchases from each vendor.
    """
    unknown = [delivery.vendor or "an unnamed vendor" for delivery in deliveries if delivery.shipping is None]
    if unknown:
        yield Finding(
            "unknown-shipping",
            f"shipping from {', '.join(unknown)} is unknown and counted as zero",
            f"{problem}: limits.shipping",
            "Add the vendor to the table.",
        )
