"""The order list: packs by plain arithmetic, lots, spares of the same dye, deliveries."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.problem_record import Locked
from panelopt.domain.reagent_order import Order, OrderLine
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.instance.product import Product, Vendors
from panelopt.instance.products import eligible_products
from panelopt.planning.control_plan import plan_controls, used_by_controls
from panelopt.planning.order_list import Supply, packs_needed, plan_order
from panelopt.planning.spares import DyeSpare
from panelopt.planning.titration import PackSize
from panelopt.sorting.bench_lists import pack_size
from tests import builders
from tests.planning.helpers import STAINS
from tests.planning.test_controls import bench

KEYS = tuple(STAINS.items())
TEN = PackSize(10.0, None, "tests")


def supply(*catalogs: Catalog, limits: dict[str, Any] | None = None, **changes: Any) -> Supply:
    problem = builders.problem(limits=limits or {})
    dyes = {dye.name: dye for dye in builders.fluorochromes()}
    shelf, _ = eligible_products(problem, catalogs, dyes)
    made = Supply(
        chosen={key: shelf[key][0] for key in KEYS}, products=shelf, locks=(), spares=3,
        shipping=Vendors(problem.limits).shipping, detectors=tuple(builders.DETECTORS),
    )  # fmt: skip
    return replace(made, **changes)


def shelf_of(*lots: Conjugate) -> Catalog:
    return Catalog(name="shelf", inventory=True, conjugates=lots)


def lot(name: str, tests: int | None, **changes: Any) -> Conjugate:
    return builders.conjugate("CD271", "PE", price=None, currency="", lot=name, tests_left=tests, **changes)


def ordered(*catalogs: Catalog, pack: PackSize = TEN, limits: dict[str, Any] | None = None, **changes: Any) -> Order:
    made = bench(pack=pack, **{"cells": 25e6, **changes})
    bought = supply(*(catalogs or (builders.catalog(),)), limits=limits)
    return plan_order(made, plan_controls(made, []), bought, {})


def line(order: Order, marker: str = "CD271") -> OrderLine:
    (found,) = (line for line in order.lines if line.marker == marker)
    return found


whole = st.integers(0, 10_000)


@given(st.floats(0, 1e6), whole, st.integers(1, 1000))
def test_packs_are_just_enough(wanted: float, on_shelf: int, tests: int) -> None:
    packs = packs_needed(wanted, on_shelf, float(tests))
    assert packs is not None
    assert packs >= 0
    assert on_shelf + packs * tests >= wanted - 1e-3
    assert packs == 0 or on_shelf + (packs - 1) * tests < wanted


def test_unknown_numbers_make_unknown_packs() -> None:
    assert packs_needed(None, 0, 10.0) is None
    assert packs_needed(5.0, None, 10.0) is None
    assert packs_needed(5.0, 0, None) is None
    assert packs_needed(5.0, 5, None) == 0  # the shelf suffices, whatever a pack holds


def test_tests_of_sample_and_controls_make_the_packs() -> None:
    order = ordered()
    made = bench(cells=25e6, pack=TEN)
    controls = plan_controls(made, [])
    for index, found in enumerate(order.lines):
        assert (found.marker, found.fluorochrome, found.slot) == (*KEYS[index], index)
        assert found.tests_sample == 25
        assert found.tests_controls == used_by_controls(controls, index, found.marker) == 1
        assert found.tests_titration == 4 + 2 + 1 + 0.5 + 0.25 + 0.125
        assert found.packs == math.ceil((25 + 1) / 10)
    assert {line.packs for line in ordered(cells=None).lines} == {None}
    assert {line.packs for line in ordered(pack=PackSize()).lines} == {None}


def test_the_shelf_counts_for_its_product_and_shows_every_lot() -> None:
    lots = (
        lot("L-1", 7, expires=date(2031, 1, 2)), lot("L-2", 9),
        lot("L-3", 4, clone="another", catalog_number="other"),
    )  # fmt: skip
    found = line(ordered(shelf_of(*lots), builders.catalog()))
    assert found.owned
    assert found.tests_on_shelf == 16
    assert found.packs == 1
    assert {(one.lot, one.tests_left) for one in found.lots} == {("L-1", 7), ("L-2", 9), ("L-3", 4)}
    assert {one.expires for one in found.lots} == {date(2031, 1, 2), None}
    unknown = line(ordered(shelf_of(lot("L-1", 7), lot("L-2", None)), builders.catalog()))
    assert (unknown.tests_on_shelf, unknown.packs) == (None, None)
    enough = ordered(shelf_of(lot("L-1", 700)), builders.catalog())
    assert line(enough).packs == 0
    assert sum(vendor.lines for vendor in enough.vendors) == 3


def rivals() -> Catalog:
    changes: tuple[dict[str, Any], ...] = (
        {"vendor": "Cheap", "price": 10.0}, {"vendor": "Mid", "price": 150.0}, {"vendor": "Dear", "price": 900.0},
        {"vendor": "Testa", "clone": "second", "price": 120.0, "catalog_number": "n-2"},
        {"vendor": "Testa", "price": 110.0, "catalog_number": "large pack"},
    )  # fmt: skip
    return Catalog(name="rivals", conjugates=tuple(builders.conjugate("CD271", "PE", **c) for c in changes))


def test_spares_of_the_same_dye_are_of_other_vendors_or_clones_cheapest_first() -> None:
    found = line(ordered(rivals(), builders.catalog()))
    assert found.vendor == "Cheap"
    spares = [(spare.vendor, spare.clone, spare.price) for spare in found.spares]
    assert spares == [("Testa", "clone-CD271", 100.0), ("Testa", "second", 120.0), ("Mid", "clone-CD271", 150.0)]
    assert {(spare.worst_change, spare.sum_change, spare.product_count) for spare in found.spares} == {(0.0, 0.0, 4)}
    assert line(ordered(rivals(), builders.catalog()), "CD45").spares == ()


def test_locks_limit_the_spares_of_their_dye() -> None:
    made = bench()
    lock = Locked(marker="CD271", fluorochrome="PE", clone="clone-CD271")
    bought = supply(rivals(), builders.catalog(), locks=(lock,))
    spares = line(plan_order(made, plan_controls(made, []), bought, {})).spares
    assert {spare.clone for spare in spares} == {"clone-CD271"}


def test_other_dyes_follow_with_their_cost() -> None:
    made = bench()
    dye = made.instance.dye.index("BV605")
    other = DyeSpare(dye, 1, -0.25, -0.5)
    order = plan_order(made, plan_controls(made, []), supply(rivals(), builders.catalog()), {0: [other]})
    last = line(order).spares[-1]
    assert (last.fluorochrome, last.detector, last.worst_change, last.sum_change) == ("BV605", "V610", -0.25, -0.5)
    assert (last.vendor, last.catalog_number, last.product_count) == ("Testa", "CD271-BV605", 1)


def test_vendors_are_sums_of_their_lines() -> None:
    order = ordered(rivals(), builders.catalog(), limits={"shipping": {"testa": 30, "Nobody": 9}})
    assert [(v.vendor, v.lines, v.packs, v.price, v.shipping) for v in order.vendors] == [
        ("Cheap", 1, 3, 30.0, None),
        ("Testa", 3, 9, 900.0, 30.0),
    ]
    assert order.currency == "EUR"
    unpriced = Catalog(name="u", conjugates=tuple(builders.conjugate(*k, price=None, currency="") for k in KEYS))
    (vendor,) = ordered(unpriced, pack=PackSize()).vendors
    assert (vendor.lines, vendor.packs, vendor.price, vendor.unknown_prices) == (4, 4, 0.0, 4)


def test_a_product_that_no_catalog_has_is_listed_as_it_is() -> None:
    made = bench()
    bought = supply(builders.catalog())
    unheard = Product(Conjugate(marker="CD271", fluorochrome="PE", vendor="Unheard"))
    order = plan_order(made, plan_controls(made, []), replace(bought, chosen={**bought.chosen, KEYS[0]: unheard}), {})
    found = line(order)
    assert (found.vendor, found.price, found.packs, found.owned) == ("Unheard", None, None, False)
    assert [spare.vendor for spare in found.spares] == ["Testa"]


@pytest.mark.parametrize(
    ("size", "unit", "tests", "expected"),
    [
        ("100", "tests", "", PackSize(100.0, 100.0, "tests")),
        ("100 tests", "", "", PackSize(100.0, 100.0, "tests")),
        ("250 uL; 5 uL/test", "", "", PackSize(50.0, 250.0, "uL")),
        ("500", "uL", "100", PackSize(100.0, 500.0, "uL")),
        ("25", "ug", "", PackSize(None, 25.0, "ug")),
        ("", "", "", PackSize()),
        ("inf", "uL", "50", PackSize(50.0, None, "uL")),
        ("nan", "", "0.0000001", PackSize()),
        ("1e999", "ug", "1", PackSize(1.0, None, "ug")),
    ],
)
def test_packs_are_read_from_size_unit_and_tests(size: str, unit: str, tests: str, expected: PackSize) -> None:
    assert pack_size(builders.conjugate("CD45", "PE", size=size, unit=unit, tests=tests)) == expected


@given(st.text(max_size=20), st.text(max_size=8), st.text(max_size=12))
def test_any_text_of_a_pack_is_read(size: str, unit: str, tests: str) -> None:
    found = pack_size(Conjugate(marker="CD45", fluorochrome="PE", size=size, unit=unit, tests=tests))
    assert found.tests is None or found.tests >= 1
    assert found.amount is None or math.isfinite(found.amount)
