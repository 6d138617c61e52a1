"""Which products the limits leave: vendors, species, applications, lots; and which one comes first."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.errors import Finding, InputError
from panelopt.instance.product_index import ProductIndex
from panelopt.instance.products import eligible_products
from panelopt.instance.switches import Switches
from tests import builders

DYES = {dye.name: dye for dye in builders.fluorochromes()}
TODAY = date(2026, 11, 25)


def product(number: str, **changes: Any) -> Conjugate:
    return builders.conjugate("CD45", "FITC", **({"catalog_number": number, "clone": "x"} | changes))


def eligible(
    *conjugates: Conjugate,
    limits: dict[str, Any] | None = None,
    owned: tuple[Conjugate, ...] = (),
    budget: float | None = None,
    **switches: Any,
) -> tuple[ProductIndex, tuple[Finding, ...]]:
    catalogs = [Catalog(name="shop", conjugates=conjugates)]
    if owned:
        catalogs.append(Catalog(name="shelf", inventory=True, conjugates=owned))
    problem = builders.problem(limits=(limits or {}) | ({} if budget is None else {"budget": budget}))
    return eligible_products(problem, catalogs, DYES, Switches(today=TODAY, **switches))


def numbers(shelf: ProductIndex) -> list[str]:
    return [p.conjugate.catalog_number for p in shelf.get(("CD45", "FITC"), ())]


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        ({}, ["1", "2", "3"]),
        ({"vendors": ["beta", "GAMMA"]}, ["2", "3"]),
        ({"exclude_vendors": ["ALPHA"]}, ["2", "3"]),
        ({"vendors": ["Alpha", "Beta"], "exclude_vendors": ["Beta"]}, ["1"]),
        ({"prefer_vendors": ["Gamma", "Beta"]}, ["3", "2", "1"]),
        ({"prefer_vendors": ["beta"]}, ["2", "1", "3"]),
    ],
)
def test_vendors(limits: dict[str, Any], left: list[str]) -> None:
    shelf, remarks = eligible(
        product("1", vendor="Alpha"), product("2", vendor="Beta"), product("3", vendor="Gamma"), limits=limits
    )
    assert numbers(shelf) == left
    assert remarks == ()


def test_price_and_stock_come_before_the_preferred_vendor() -> None:
    offers = (
        product("1", vendor="Alpha", price=99.0),
        product("2", vendor="Beta", price=100.0),
        product("3", vendor="Beta", in_stock=False, price=99.0),
    )
    shelf, _ = eligible(*offers, limits={"prefer_vendors": ["Beta"]})
    assert numbers(shelf) == ["1", "3", "2"]


def test_what_is_owned_is_not_bought_and_so_not_limited_by_vendors() -> None:
    mine = product("9", vendor="", lot="a")
    shelf, _ = eligible(product("1", vendor="Alpha"), limits={"vendors": ["Alpha"]}, owned=(mine,))
    assert numbers(shelf) == ["9", "1"]


def test_unknown_vendors_are_named_with_a_hint() -> None:
    limits = {"vendors": ["Alfa"], "exclude_vendors": ["x"], "prefer_vendors": ["Alpha"], "shipping": {"Alhpa": 3}}
    _, remarks = eligible(product("1", vendor="Alpha"), limits=limits)
    assert [(r.code, r.where.split(": ")[1], r.hint) for r in remarks] == [
        ("unknown-vendor", "limits.vendors", "Did you mean Alpha?"),
        ("unknown-vendor", "limits.exclude_vendors", ""),
        ("unknown-vendor", "limits.shipping", "Did you mean Alpha?"),
    ]


def test_other_species_and_applications_are_left_out_and_counted() -> None:
    offers = (
        product("1", reactivity="Mouse"),
        product("2", reactivity="Ms, Rt", applications="FC"),
        product("3", reactivity="Hu", applications="IHC"),
        product("4", reactivity="", applications=""),
        product("5", reactivity="Human, Cynomolgus", applications="FC, IHC"),
    )
    shelf, remarks = eligible(*offers)
    assert numbers(shelf) == ["4", "5"]
    assert [(r.code, r.message.split()[0]) for r in remarks] == [("other-species", "2"), ("other-application", "1")]
    assert numbers(eligible(*offers, limits={"reactivity": "", "any_application": True})[0]) == [
        "1",
        "2",
        "3",
        "4",
        "5",
    ]
    assert numbers(eligible(*offers, limits={"reactivity": "mouse"})[0]) == ["1", "2", "4"]


def test_expired_lots_are_named_and_the_product_can_still_be_bought() -> None:
    lots = (
        product("1", lot="old", expires=date(2026, 11, 24)),
        product("2", lot="last day", expires=TODAY),
        product("3", lot="empty", tests_left=0),
    )
    shelf, remarks = eligible(product("1", price=80.0), owned=lots)
    found = shelf["CD45", "FITC"]
    assert [(p.conjugate.catalog_number, p.owned, p.cost) for p in found] == [("2", True, 0.0), ("1", False, 80.0)]
    assert [r.code for r in remarks] == ["used-up", "expired-lot"]
    assert "CD45 FITC lot old (2026-11-24)" in remarks[1].message
    assert "last day" not in remarks[1].message


def test_the_lot_that_expires_first_is_used_first() -> None:
    lots = (
        product("1", lot="b"),
        product("2", lot="c", expires=date(2027, 5, 1)),
        product("3", lot="d", expires=TODAY),
    )
    shelf, _ = eligible(owned=lots)
    assert numbers(shelf) == ["3", "2", "1"]


def test_several_lots_of_one_product_may_be_on_the_shelf() -> None:
    shelf, _ = eligible(owned=(product("1", lot="a"), product("1", lot="b")))
    assert [p.conjugate.lot for p in shelf["CD45", "FITC"]] == ["a", "b"]
    with pytest.raises(ValueError, match="listed twice"):
        Catalog(name="shelf", inventory=True, conjugates=(product("1", lot="a"), product("1", lot="a")))


@pytest.mark.parametrize(
    ("limits", "key"), [({"budget": 900}, "limits.budget"), ({"shipping": {"T": 5}}, "limits.shipping")]
)
def test_several_currencies_cannot_be_summed(limits: dict[str, Any], key: str) -> None:
    offers = product("1", currency="EUR"), product("2", currency="USD")
    with pytest.raises(InputError) as error:
        eligible(*offers, limits=limits, budget=limits.get("budget"))
    assert error.value.findings[0].where.endswith(key)
    eligible(*offers)  # without either nobody compares them


def test_shipping_names_each_vendor_once() -> None:
    with pytest.raises(ValueError, match="listed twice"):
        builders.problem(limits={"shipping": {"Alpha": 3, "alpha": 4}})
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        builders.problem(limits={"shipping": {"Alpha": -3}})


PRODUCTS = (
    product("1", availability="unverified", price=1.0),
    product("2", availability="sourced", price=9.0),
    product("3", availability="", price=8.0),
    product("4", availability="synthetic", price=2.0),
)


def test_what_no_source_shows_is_left_out_and_counted() -> None:
    shelf, remarks = eligible(*PRODUCTS)
    assert numbers(shelf) == ["3", "2"]  # a catalog that leaves the column empty shows what it lists
    assert [r.code for r in remarks] == ["unverified"]
    assert remarks[0].message == "2 products are left out because no source shows them"
    assert "--allow-unverified" in remarks[0].hint


def test_what_is_admitted_comes_after_what_a_source_shows() -> None:
    shelf, remarks = eligible(*PRODUCTS, allow_unverified=True)
    assert numbers(shelf) == ["3", "2", "1", "4"]
    assert [p.sourced for p in shelf["CD45", "FITC"]] == [True, True, False, False]
    assert remarks == ()


def test_the_own_shelf_needs_no_source() -> None:
    mine = product("9", availability="unverified")
    shelf, remarks = eligible(*PRODUCTS, owned=(mine,))
    assert numbers(shelf) == ["9", "3", "2"]
    assert shelf["CD45", "FITC"][0].sourced
    assert [r.message.split()[0] for r in remarks] == ["2"]


def test_markers_that_lose_every_product_are_named() -> None:
    offers = [builders.conjugate(marker, "PE", availability="unverified") for marker in builders.MARKERS]
    shelf, remarks = eligible(*offers, product("2"))
    assert list(shelf) == [("CD45", "FITC")]
    assert "so nothing stains CD146, CD271 and CD31" in remarks[0].message


def test_markers_without_a_price_are_not_said_to_lack_a_source() -> None:
    offers = (
        builders.conjugate("CD146", "PE", availability="unverified"),
        builders.conjugate("CD146", "FITC", availability="sourced", price=None),
        builders.conjugate("CD31", "PE", availability="unverified"),
        product("1", price=9.0),
    )
    _, remarks = eligible(*offers, budget=100)
    assert [r.message for r in remarks] == [
        "2 products are left out because no source shows them, so nothing stains CD31",
        "1 product without a price is left out because a budget is set, so nothing stains CD146",
    ]


@pytest.mark.parametrize(("name", "left"), [("my-synthetic", ["4"]), ("shop", [])])
def test_made_up_products_are_used_from_catalogs_that_say_so(name: str, left: list[str]) -> None:
    catalog = Catalog(name=name, conjugates=(PRODUCTS[3], PRODUCTS[0]))
    shelf, _ = eligible_products(builders.problem(), [catalog], DYES)
    assert numbers(shelf) == left
    assert not any(p.sourced for p in shelf.get(("CD45", "FITC"), ()))


def test_what_somebody_names_is_admitted_with_a_remark() -> None:
    other = builders.conjugate("CD31", "PE", availability="unverified")
    shelf, remarks = eligible(PRODUCTS[0], other, given=frozenset({("CD45", "FITC"), ("CD999", "PE")}))
    assert list(shelf) == [("CD45", "FITC")]
    assert [r.code for r in remarks] == ["unverified", "unsourced-reagent"]
    assert "CD45 FITC" in remarks[1].message
    _, quiet = eligible(*PRODUCTS, given=frozenset({("CD45", "FITC")}))  # a source shows another product of it
    assert quiet == ()


def test_the_own_shelf_alone() -> None:
    mine = product("9")
    shelf, remarks = eligible(*PRODUCTS, owned=(mine,), only_inventory=True)
    assert numbers(shelf) == ["9"]
    assert remarks == ()


@pytest.mark.parametrize("vendor", ["R & D Systems", "r&d-systems", "RD SYSTEMS"])
def test_vendors_are_known_however_they_are_written(vendor: str) -> None:
    offers = product("1", vendor="R&D Systems"), product("2", vendor="Other")
    for limits in ({"vendors": [vendor]}, {"exclude_vendors": ["OTHER"]}):
        shelf, remarks = eligible(*offers, limits=limits)
        assert numbers(shelf) == ["1"]
        assert remarks == ()
