"""Which products are left and which one stands for its pair: by column the same as row by row."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from panelopt.domain.conjugate_table import ListedConjugates, table_of
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.instance.product import Product
from panelopt.instance.products import eligible_products
from panelopt.instance.switches import Switches
from tests import builders

DYES = {dye.name: dye for dye in builders.fluorochromes()}
TODAY = date(2026, 3, 1)
LIMITS = {"vendors": ["a", "B"], "prefer_vendors": ["B"]}


def listings(**more: SearchStrategy[object]) -> SearchStrategy[tuple[Conjugate, ...]]:
    conjugates = st.builds(
        Conjugate,
        marker=st.sampled_from([*builders.MARKERS[:2], "CD999", "viability"]),
        fluorochrome=st.sampled_from(["PE", "FITC", "Nobody 1"]),
        clone=st.sampled_from(["", "a", "B"]),
        vendor=st.sampled_from(["A", "b", ""]),
        catalog_number=st.sampled_from(["1", "2", "10", ""]),
        price=st.none() | st.sampled_from([0.0, 10.0, 20.0]),
        in_stock=st.sampled_from([None, True, False]),
        availability=st.sampled_from(["", "sourced", "unverified"]),
        reactivity=st.sampled_from(["", "Human", "Mouse"]),
        applications=st.sampled_from(["", "FC", "WB"]),
        **more,
    )
    return st.lists(conjugates, max_size=30, unique_by=lambda c: (c.product_id, c.lot)).map(tuple)


lots = listings(
    lot=st.sampled_from(["", "L1", "L2"]),
    expires=st.sampled_from([None, date(2026, 2, 1), date(2026, 3, 1), date(2027, 1, 1)]),
    tests_left=st.sampled_from([None, 0, 5]),
)


def fate(product: Product, budget: float | None, *, allow_unverified: bool) -> str:
    """What becomes of a product of a listed marker and a known dye."""
    conjugate = product.conjugate
    if not product.owned and conjugate.vendor.casefold() not in ("a", "b"):
        return "other-vendor"
    if conjugate.reactivity == "Mouse":
        return "other-species"
    if conjugate.applications == "WB":
        return "other-application"
    if conjugate.tests_left == 0:
        return "used-up"
    if conjugate.expires is not None and conjugate.expires < TODAY:
        return "expired-lot"
    if not product.owned and conjugate.availability == "unverified" and not allow_unverified:
        return "unverified"
    return "unknown-price" if budget is not None and product.cost is None else "kept"


@given(lots, listings(), st.sampled_from([None, 50.0]), st.booleans())
def test_shelf_is_what_a_loop_over_all_rows_gives(
    mine: tuple[Conjugate, ...], others: tuple[Conjugate, ...], budget: float | None, allow_unverified: bool
) -> None:
    catalogs = [Catalog(name="mine", inventory=True, conjugates=mine), Catalog(name="others", conjugates=others)]
    expected: dict[tuple[str, str], list[Product]] = {}
    fates: Counter[str] = Counter()
    for catalog in catalogs:
        for conjugate in catalog.conjugates:
            product = Product(conjugate, catalog.inventory, 0 if conjugate.vendor == "b" else 1)
            if conjugate.marker in builders.MARKERS and conjugate.fluorochrome in DYES:
                fates[found := fate(product, budget, allow_unverified=allow_unverified)] += 1
                if found == "kept":
                    expected.setdefault((conjugate.marker, conjugate.fluorochrome), []).append(product)
    problem = builders.problem(limits=LIMITS if budget is None else {**LIMITS, "budget": budget})
    switches = Switches(today=TODAY, allow_unverified=allow_unverified)
    shelf, remarks = eligible_products(problem, catalogs, DYES, switches)
    ranked = {key: tuple(sorted(found, key=lambda p: p.rank)) for key, found in expected.items()}
    assert dict(shelf) == ranked
    assert list(shelf) == sorted(expected)
    assert shelf.best() == {key: found[0].offer for key, found in ranked.items()}
    for key, found in shelf.best_of_vendors().items():
        first = {(p.owned, p.conjugate.vendor): p for p in reversed(ranked[key])}
        assert found == tuple(sorted((p.offer for p in first.values()), key=lambda offer: offer.rank))
    told = {remark.code: remark.message for remark in remarks if remark.code != "unknown-vendor"}
    assert set(told) == set(fates) - {"kept", "other-vendor"}
    assert all(text.startswith(f"{fates[code]} ") for code, text in told.items() if code != "expired-lot")


def test_products_that_are_named_take_the_place_of_others() -> None:
    shelf, _ = eligible_products(builders.problem(), [builders.catalog()], DYES)
    key, other = ("CD45", "PE"), Product(builders.conjugate("CD45", "PE", clone="mine"))
    changed = shelf.with_products({key: (other,)})
    assert changed[key] == (other,)
    assert changed.best_of_vendors()[key] == (other.offer,)
    assert changed.best() == {**shelf.best(), key: other.offer}
    assert len(changed) == len(shelf)
    assert ("CD45", "nothing") not in changed
    assert changed.get(("CD45", "nothing")) is None


@given(listings())
def test_columns_hold_what_the_conjugates_say(found: tuple[Conjugate, ...]) -> None:
    table = table_of(found)
    for field in ("marker", "vendor", "in_stock"):
        column = table.column(field)
        assert [column.values[code] for code in column.code] == [getattr(c, field) for c in found]
        assert table.cells(field, np.arange(len(found))) == [getattr(c, field) for c in found]
    assert [found[row].product_id for row in table.in_order(np.arange(len(found)))] == sorted(
        c.product_id for c in found
    )
    assert table_of(table) is table
    assert isinstance(table, ListedConjugates)
