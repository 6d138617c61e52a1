"""The cheapest way to buy some reagents, against trying every set of vendors."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt.instance.delivery import Delivery
from tests.oracle.enumeration import purchase_cost

prices = st.sampled_from([np.inf, np.inf, 0.0, 10.0, 20.0, 20.0, 55.5, 130.25])
costs = st.sampled_from([0.01, 5.0, 10.0, 30.0, 100.0])


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    """One to five vendors and three markers on two dyes, all of which are sold somewhere."""
    vendors = draw(st.integers(1, 5))
    rows = st.lists(prices, min_size=6, max_size=6)
    price = np.array([draw(rows) for _ in range(vendors + 1)]).reshape(vendors + 1, 3, 2)
    price[draw(st.integers(0, vendors)), np.isinf(price).all(axis=0)] = 40.0
    shipping = np.array([0.0, *(draw(costs) for _ in range(vendors))])
    return Delivery(("", *(f"v{v}" for v in range(vendors))), shipping, price)


reagents = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), max_size=6, unique=True)


def plain(delivery: Delivery) -> dict[str, np.ndarray]:
    price = np.where(np.isfinite(delivery.price), delivery.price, np.nan)
    return {"vendor": np.array(delivery.vendor), "shipping": delivery.shipping, "vendor_price": price}


@given(deliveries(), reagents)
@settings(max_examples=300)
def test_no_set_of_vendors_is_cheaper(delivery: Delivery, wanted: list[tuple[int, int]]) -> None:
    purchase = delivery.cheapest(wanted)
    assert abs(purchase.total - purchase_cost(plain(delivery), wanted)) < 1e-6
    sold = [delivery.price[s, m, f] for s, (m, f) in zip(purchase.source, wanted, strict=True)]
    assert abs(sum(sold) - purchase.price) < 1e-9
    assert abs(sum(delivery.shipping[s] for s in set(purchase.source)) - purchase.shipping) < 1e-9


@given(deliveries(), reagents)
def test_more_reagents_never_cost_less(delivery: Delivery, wanted: list[tuple[int, int]]) -> None:
    total = [delivery.cheapest(wanted[:n]).total for n in range(len(wanted) + 1)]
    assert all(a <= b + 1e-9 for a, b in pairwise(total))
    assert all(delivery.cheapest([r]).total == delivery.least[r] for r in wanted)


def test_of_equal_totals_the_fewest_deliveries_then_the_preferred_vendor() -> None:
    price = np.full((3, 2, 1), np.inf)
    price[1:, 0, 0], price[1, 1, 0], price[2, 1, 0] = (20.0, 20.0), 30.0, 30.0
    both = Delivery(("", "first", "second"), np.array([0.0, 10.0, 10.0]), price)
    assert both.cheapest([(0, 0), (1, 0)]).source == (1, 1)
    cheap = price.copy()
    cheap[2, 1, 0] = 20.0  # a second delivery saves exactly what it costs
    one = Delivery(("", "first", "second"), np.array([0.0, 10.0, 10.0]), cheap)
    assert one.cheapest([(0, 0), (1, 0)]).source == (2, 2)


def test_a_dearer_product_of_a_vendor_that_delivers_anyway() -> None:
    price = np.full((3, 2, 1), np.inf)
    price[1, 0, 0], price[1, 1, 0], price[2, 1, 0] = 100.0, 60.0, 50.0
    found = Delivery(("", "A", "B"), np.array([0.0, 30.0, 30.0]), price).cheapest([(0, 0), (1, 0)])
    assert (found.source, found.price, found.shipping) == ((1, 1), 160.0, 30.0)


def test_nothing_is_bought_for_nothing() -> None:
    delivery = Delivery(("", "A"), np.array([0.0, 5.0]), np.array([[[0.0]], [[7.0]]]))
    assert delivery.cheapest([]).total == 0.0
    assert delivery.cheapest([(0, 0)]).source == (0,)
