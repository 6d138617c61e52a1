"""The order list: tests and packs of every reagent, stock, and substitutes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from panelopt.domain.control_tubes import Controls
from panelopt.domain.name_table import bare
from panelopt.domain.problem_record import Locked
from panelopt.domain.reagent_order import Order, OrderLine, Spare, StockLot, VendorOrder
from panelopt.instance.product import Key, Product
from panelopt.instance.product_index import ProductIndex
from panelopt.instance.products import locked_products
from panelopt.planning.bench import Bench
from panelopt.planning.control_plan import used_by_controls
from panelopt.planning.spares import DyeSpare
from panelopt.planning.titration import FOLDS

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Supply:
    """Products for sale.

    Attributes:
        chosen: The product of each reagent of the panel.
        products: All products that suit the question.
        locks: Reagents that the problem fixes.
        shipping: Cost of a delivery, by vendor in lower case.
        spares: How many of each kind are listed for a reagent.
        detectors: Names of the detectors.
    """

    chosen: Mapping[Key, Product]
    products: ProductIndex
    locks: Sequence[Locked]
    shipping: Mapping[str, float]
    spares: int
    detectors: Sequence[str]


def plan_order(bench: Bench, controls: Controls, supply: Supply, other_dyes: Mapping[int, Sequence[DyeSpare]]) -> Order:
    """Return the order list of a panel.

    Args:
        bench: The panel at the bench.
        controls: Its control tubes.
        supply: What can be bought.
        other_dyes: Spare dyes of each slot, best first.
    """
    lines = tuple(
        _line(bench, controls, supply, index, key, other_dyes.get(index, ()))
        for index, slot in enumerate(bench.slots)
        for key in bench.reagents(slot)
    )
    currencies = {line.currency for line in lines if line.price is not None and not line.owned}
    return Order(
        lines=lines,
        vendors=_vendors(lines, supply.shipping),
        currency=currencies.pop() if len(currencies) == 1 else "",
        cells_per_test=bench.cells_per_test,
    )


def packs_needed(wanted: float | None, on_shelf: int | None, tests_per_pack: float | None) -> int | None:
    """Return the packs to buy; None if a number that determines it is unknown."""
    if wanted is None or on_shelf is None:
        return None
    missing = wanted - on_shelf
    if missing <= _ROUNDING:
        return 0
    return None if not tests_per_pack else math.ceil(missing / tests_per_pack - _ROUNDING)


def _line(
    bench: Bench, controls: Controls, supply: Supply, index: int, key: Key, dyes: Sequence[DyeSpare]
) -> OrderLine:
    product, pack = supply.chosen[key], bench.pack[key]
    conjugate = product.conjugate
    sample = None if bench.cells is None else float(math.ceil(bench.cells / bench.cells_per_test - _ROUNDING))
    in_controls = used_by_controls(controls, index, key[0])
    lots = [p.conjugate for p in supply.products.get(key, ()) if p.owned]
    same = [lot.tests_left for lot in lots if (lot.vendor, lot.clone) == (conjugate.vendor, conjugate.clone)]
    left = None if any(tests is None for tests in same) else sum(tests or 0 for tests in same)
    wanted = None if sample is None else sample + in_controls
    return OrderLine(
        slot=index,
        marker=conjugate.marker,
        fluorochrome=conjugate.fluorochrome,
        clone=conjugate.clone,
        vendor=conjugate.vendor,
        catalog_number=conjugate.catalog_number,
        size=conjugate.size,
        unit=conjugate.unit,
        tests_per_pack=pack.tests,
        price=conjugate.price,
        currency=conjugate.currency,
        availability=conjugate.availability,
        tests_sample=sample,
        tests_controls=in_controls,
        tests_titration=math.fsum(FOLDS),
        owned=product.owned,
        tests_on_shelf=left,
        packs=packs_needed(wanted, left, pack.tests),
        lots=tuple(
            StockLot(
                vendor=lot.vendor,
                catalog_number=lot.catalog_number,
                clone=lot.clone,
                lot=lot.lot,
                expires=lot.expires,
                tests_left=lot.tests_left,
            )
            for lot in lots
        ),
        spares=(*_same_dye(bench, supply, index, key), *_other_dyes(bench, supply, key[0], dyes)),
    )


# ---- spares


def _same_dye(bench: Bench, supply: Supply, index: int, key: Key) -> Iterator[Spare]:
    """Yield products of the same dye from another vendor or of another clone."""
    conjugate = supply.chosen[key].conjugate
    products: Sequence[Product] = supply.products.get(key, ())
    for lock in supply.locks:
        if (lock.marker, lock.fluorochrome) == key:
            products = [product for product in locked_products(lock, supply.products) if product in products]
    different: dict[tuple[str, str], Product] = {}
    for product in products:
        different.setdefault((product.conjugate.vendor, product.conjugate.clone), product)
    different.pop((conjugate.vendor, conjugate.clone), None)
    detector = supply.detectors[bench.slots[index].detector]
    for product in list(different.values())[: supply.spares]:
        yield _spare(product, detector, len(different), 0.0, 0.0)


def _other_dyes(bench: Bench, supply: Supply, marker: str, dyes: Sequence[DyeSpare]) -> Iterator[Spare]:
    for dye in dyes:
        products = supply.products[(marker, bench.instance.dye[dye.dye])]
        different = {product.conjugate.product_id for product in products}
        detector = supply.detectors[dye.detector]
        yield _spare(products[0], detector, len(different), dye.worst_change, dye.sum_change)


def _spare(product: Product, detector: str, count: int, worst: float, total: float) -> Spare:
    conjugate = product.conjugate
    return Spare(
        fluorochrome=conjugate.fluorochrome,
        detector=detector,
        clone=conjugate.clone,
        vendor=conjugate.vendor,
        catalog_number=conjugate.catalog_number,
        price=product.cost,
        currency=conjugate.currency,
        owned=product.owned,
        availability=conjugate.availability,
        worst_change=worst,
        sum_change=total,
        product_count=count,
    )


# ---- vendors


def _vendors(lines: Sequence[OrderLine], shipping: Mapping[str, float]) -> tuple[VendorOrder, ...]:
    """Return the purchases from each vendor; a line with unknown packs counts as one, unless in stock."""
    by_vendor: dict[str, list[OrderLine]] = {}
    for line in lines:
        if _packs(line):
            by_vendor.setdefault(bare(line.vendor), []).append(line)
    return tuple(
        VendorOrder(
            vendor=found[0].vendor,
            lines=len(found),
            packs=sum(map(_packs, found)),
            price=math.fsum(_packs(line) * line.price for line in found if line.price is not None),
            unknown_prices=sum(line.price is None for line in found),
            shipping=shipping.get(name),
        )
        for name, found in sorted(by_vendor.items())
    )


def _packs(line: OrderLine) -> int:
    return line.packs if line.packs is not None else int(not line.owned)
