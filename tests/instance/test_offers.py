"""What products say in arrays: which ones something shows, and who sells them."""

from __future__ import annotations

import numpy as np

from panelopt.domain.panel_constraints import PanelConstraints
from panelopt.domain.reagents import Catalog
from panelopt.instance.compile import compile_instance
from panelopt.instance.offers import bought, offers_of
from panelopt.instance.products import eligible_products
from panelopt.instance.switches import Switches
from tests import builders

DYES = {dye.name: dye for dye in builders.fluorochromes()}
SHOP = Catalog(
    name="shop",
    conjugates=(
        builders.conjugate("CD45", "PE", vendor="Dear", price=90.0),
        builders.conjugate("CD45", "PE", vendor="Rumour", price=1.0, availability="unverified"),
        builders.conjugate("CD45", "FITC", vendor="Rumour", price=1.0, availability="unverified"),
    ),
)
SHELF = Catalog(
    name="shelf", inventory=True, conjugates=(builders.conjugate("CD31", "PE", availability="unverified", lot="1"),)
)


def test_sourced_says_it_of_the_product_that_stands_for_its_pair() -> None:
    shelf, _ = eligible_products(builders.problem(), [SHOP, SHELF], DYES, Switches(allow_unverified=True))
    offers = offers_of(shelf, builders.MARKERS, list(DYES), PanelConstraints())
    place = {key: (builders.MARKERS.index(key[0]), list(DYES).index(key[1])) for key in shelf}
    assert {key: bool(offers.sourced[cell]) for key, cell in place.items()} == {
        ("CD31", "PE"): True,
        ("CD45", "FITC"): False,
        ("CD45", "PE"): True,
    }
    assert offers.sourced[~offers.available].all()
    assert offers.price[place["CD45", "PE"]] == 90.0


def test_a_cheap_delivery_is_no_reason_to_buy_what_nothing_shows() -> None:
    shelf, _ = eligible_products(builders.problem(), [SHOP], DYES, Switches(allow_unverified=True))
    limits = PanelConstraints(shipping={"Dear": 50.0, "Rumour": 0.5})
    offers = offers_of(shelf, builders.MARKERS, list(DYES), limits)
    places = {key: (builders.MARKERS.index(key[0]), list(DYES).index(key[1])) for key in shelf}
    found = bought(offers, limits, {("CD45", "PE"): places["CD45", "PE"]})
    assert found["CD45", "PE"].conjugate.vendor == "Dear"


def test_instances_carry_it_and_locks_admit_their_product() -> None:
    problem = builders.problem(locked=[{"marker": "CD45", "fluorochrome": "FITC"}])
    found = compile_instance(
        problem, builders.cytometer(), [SHOP], builders.fluorochromes(), builders.autofluorescence()
    )
    marker, dyes = found.instance.marker.index("CD45"), found.instance.dye
    assert bool(found.instance.available[marker, dyes.index("FITC")])
    assert not found.instance.sourced[marker, dyes.index("FITC")]
    assert found.instance.sourced[marker, dyes.index("PE")]
    assert np.count_nonzero(~found.instance.sourced) == 1
    assert [remark.code for remark in found.remarks if remark.code == "unsourced-reagent"] == ["unsourced-reagent"]
