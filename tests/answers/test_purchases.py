"""Vendors, deliveries and your stock from catalogs to the result, against trying every purchase."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from panelopt import api
from panelopt.answers.conflicts import ConstrainedQuestion, demands
from panelopt.domain.panel_records import Reagent
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.domain.result import Result
from panelopt.io.panel_csv import PanelRow
from panelopt.questions.question import compiled
from panelopt.solver.feasible import is_feasible
from tests import builders
from tests.answers.test_alternatives import values
from tests.answers.test_smallest_conflict import QUICK, question, required

pytestmark = pytest.mark.usefixtures("few_samples")

VENDORS = ("Alpha", "Beta", "Gamma")
SHIPPING = {"ALPHA": 60.0, "beta": 35.5}


def shop(seed: int) -> list[Catalog]:
    """One catalog for each vendor, and a small shelf."""
    rng = np.random.default_rng([seed, 4])
    pairs = list(itertools.product(builders.MARKERS, builders.DYES))

    def some(vendor: str, share: float, **more: Any) -> tuple[Conjugate, ...]:
        return tuple(
            builders.conjugate(marker, dye, vendor=vendor, price=round(float(rng.uniform(50, 250)), 2), **more)
            for marker, dye in pairs
            if rng.random() < share
        )

    catalogs = [Catalog(name=vendor, conjugates=some(vendor, 0.5)) for vendor in VENDORS]
    shelf = some("Alpha", 0.2, lot="L", expires=date(2027, 1, 1))
    return [Catalog(name="shelf", inventory=True, conjugates=shelf), *catalogs]


def reagents(result: Result) -> list[Reagent]:
    return [reagent for slot in result.panel for reagent in slot.reagents]


def least_total(catalogs: Sequence[Catalog], result: Result) -> float:
    """The cheapest of all purchases of a panel, product by product."""
    names = {vendor.casefold(): cost for vendor, cost in SHIPPING.items()}
    offers = []
    for reagent in reagents(result):
        key = (reagent.marker, reagent.fluorochrome)
        found = [(c, cat.inventory) for cat in catalogs for c in cat.conjugates if (c.marker, c.fluorochrome) == key]
        offers.append([("", 0.0) if owned else (c.vendor.casefold(), c.price or 0.0) for c, owned in found])
    return min(
        sum(price for _, price in choice) + sum(names.get(v, 0.0) for v in {vendor for vendor, _ in choice})
        for choice in itertools.product(*offers)
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_purchase_is_the_cheapest_and_adds_up(seed: int) -> None:
    catalogs = shop(seed)
    asked = question(catalogs=catalogs, marker=required("CD45"), limits={"shipping": SHIPPING, "budget": 420})
    result = api.design(asked, QUICK)
    objective = result.objective
    assert objective is not None
    assert objective.price is not None
    assert objective.total_price is not None
    assert objective.total_price == pytest.approx(least_total(catalogs, result), abs=1e-6)
    assert objective.total_price <= 420
    bought = [reagent for reagent in reagents(result) if not reagent.owned]
    assert objective.to_buy == len(bought) == sum(delivery.products for delivery in result.deliveries)
    assert objective.price == pytest.approx(sum(r.price or 0 for r in reagents(result)))
    assert objective.shipping == pytest.approx(sum(d.shipping or 0 for d in result.deliveries))
    assert {d.vendor for d in result.deliveries} == {r.vendor for r in bought}
    assert all(r.lot == "L" and r.expires == date(2027, 1, 1) and r.price == 0 for r in reagents(result) if r.owned)
    unknown = [w for w in result.warnings if w.code == "unknown-shipping"]
    assert bool(unknown) == any(r.vendor == "Gamma" for r in bought)


def test_a_panel_may_be_too_dear_by_its_delivery_alone() -> None:
    catalogs = [builders.catalog()]
    for shipping, budget, status in ((0, 200, "optimal"), (1, 200, "infeasible"), (1, 201, "optimal")):
        limits = {"shipping": {"Testa": shipping}, "budget": budget}
        asked = question(catalogs=catalogs, marker=required("CD271", "CD45"), limits=limits)
        result = api.design(asked, QUICK)
        assert result.status == status
        if status == "infeasible":
            assert {c.demand for c in result.conflicts} == {"limits.budget", "marker.CD271", "marker.CD45"}
            assert "deliveries" in result.conflicts[0].message


def test_every_demand_of_a_clash_with_shipping_is_needed() -> None:
    limits = {"shipping": {"Testa": 80.0, "Other": 50.0}, "budget": 190.0, "exclude_vendors": ["Other"]}
    other = Catalog(name="other", conjugates=(builders.conjugate("CD271", "PE", vendor="Other", price=130.0),))
    marker = [*required("CD271")[:2], {"name": "CD45", "required": True}, {"name": "CD31"}]
    asked = question(catalogs=[builders.catalog(), other], marker=marker, limits=limits)
    clash = {conflict.demand for conflict in api.design(asked, QUICK).conflicts}
    assert clash == {"limits.budget", "marker.CD271", "marker.CD45"}
    for demand in demands(ConstrainedQuestion(asked, QUICK)):
        if demand.name in clash:
            without = demand.drop(ConstrainedQuestion(asked, QUICK))
            assert is_feasible(compiled(without.question, without.options, (), without.optional).instance) is True


@pytest.mark.parametrize(
    ("changes", "demand"),
    [
        ({"exclude_vendors": ["Testa"]}, "limits.exclude_vendors"),
        ({"reactivity": "mouse"}, "limits.reactivity"),
        ({}, "limits.any_application"),
    ],
)
def test_what_leaves_all_products_out_is_named(changes: dict[str, Any], demand: str) -> None:
    applications = "IHC" if demand == "limits.any_application" else ""
    products = tuple(
        builders.conjugate(m, d, reactivity="Human", applications=applications)
        for m, d in itertools.product(builders.MARKERS, builders.DYES)
    )
    asked = question(catalogs=[builders.catalog(conjugates=products)], limits=changes)
    assert [conflict.demand for conflict in api.design(asked, QUICK).conflicts] == [demand]


def test_frontier_by_price_counts_deliveries() -> None:
    catalogs = shop(3)[1:]
    asked = question(catalogs=catalogs, marker=required("CD45"), limits={"shipping": SHIPPING, "max_colours": 3})
    found = api.frontier(asked, "price", QUICK)
    assert found.complete
    totals = [p.result.objective.total_price for p in found.points if p.result.objective]
    assert len(totals) > 2
    assert totals == sorted(totals, reverse=True)
    for point in found.points:
        alone = api.design(asked, replace(QUICK, budget=point.limit))
        assert values(alone) == values(point.result)
    last = found.points[-1].result
    assert last.objective is not None
    assert last.objective.total_price is not None
    too_little = replace(QUICK, budget=last.objective.total_price - 0.01)
    assert api.design(asked, too_little).status == "infeasible"


def test_given_products_are_charged_as_given() -> None:
    rows = [PanelRow("CD271", "PE", vendor="Alpha"), PanelRow("CD45", "FITC")]
    products = (
        builders.conjugate("CD271", "PE", vendor="Alpha", price=100.0),
        builders.conjugate("CD271", "PE", vendor="Beta", price=50.0),
        builders.conjugate("CD45", "FITC", vendor="Alpha", price=80.0),
        builders.conjugate("CD45", "FITC", vendor="Beta", price=60.0),
    )
    asked = question(catalogs=[Catalog(name="shop", conjugates=products)], limits={"shipping": SHIPPING})
    for result in (api.score(asked, rows, QUICK), api.improve(asked, rows, 0, QUICK)):
        assert result.objective is not None
        assert (
            result.objective.total_price == 100.0 + 80.0 + 60.0
        )  # the delivery from Beta would cost more than it saves
        assert [reagent.vendor for reagent in reagents(result)] == ["Alpha", "Alpha"]
    dear = api.score(asked, rows, replace(QUICK, budget=239.0))
    assert [conflict.demand for conflict in dear.conflicts] == ["budget"]
    assert api.score(asked, rows, replace(QUICK, budget=240.0)).status == "feasible"


def test_the_more_slack_the_less_is_bought() -> None:
    dim = tuple(builders.fluorochrome(name, *builders.DYES[name], 0.1) for name in ("BV605", "PE-Cy7"))
    dyes = (*builders.fluorochromes(["BV421", "FITC", "PE"]), *dim)
    shelf = tuple(builders.conjugate(m, d) for m, d in itertools.product(("CD45", "CD31"), ("BV605", "PE-Cy7")))
    catalogs = [Catalog(name="shelf", inventory=True, conjugates=shelf), builders.catalog()]
    asked = replace(question(catalogs=catalogs, marker=required(*builders.MARKERS)), fluorochromes=dyes)
    results = [api.design(asked, replace(QUICK, slack=slack)) for slack in (0.0, 1e-4, 3.0)]
    assert [result.demands.slack for result in results] == [0.0, 1e-4, 3.0]
    assert [result.given_up.slack for result in results if result.given_up] == [0.0, 1e-4, 3.0]
    to_buy = [result.objective.to_buy for result in results if result.objective]
    assert to_buy == sorted(to_buy, reverse=True)
    assert to_buy[0] > to_buy[-1] == 2


def test_without_a_table_of_shipping_nothing_is_said_of_it() -> None:
    result = api.design(question(limits={"budget": 400}), QUICK)
    assert result.objective is not None
    assert result.objective.shipping is None
    assert result.objective.total_price == result.objective.price
    assert result.deliveries == ()


def test_expired_lots_are_bought_anew() -> None:
    lot = builders.conjugate("CD45", "FITC", lot="L1", expires=date(2026, 5, 1))
    sold = builders.conjugate("CD45", "FITC", price=80.0)
    catalogs = [Catalog(name="shelf", inventory=True, conjugates=(lot,)), Catalog(name="shop", conjugates=(sold,))]
    asked = question(catalogs=catalogs)
    for today, owned in ((date(2026, 5, 1), True), (date(2026, 5, 2), False)):
        result = api.design(asked, replace(QUICK, today=today))
        assert [(r.owned, r.lot, r.price) for r in reagents(result)] == [
            (owned, "L1" if owned else "", 0 if owned else 80)
        ]
        named = [w.message for w in result.warnings if w.code == "expired-lot"]
        assert bool(named) is not owned
        assert owned or "CD45 FITC lot L1 (2026-05-01)" in named[0]
