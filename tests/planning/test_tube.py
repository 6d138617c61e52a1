"""What is left after the gates, against direct sums and integrals, and against the score."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from panelopt.planning.gate_order import gate_order, removed_shares
from panelopt.planning.tube import Tube, amounts, in_order, loosened, moved, tubes_of
from panelopt.scoring.claims import SIDES
from tests import builders
from tests.planning.helpers import gate, judged, shares, tube

probabilities = st.floats(1e-3, 1.0)


@st.composite
def tubes(draw: st.DrawFn) -> Tube:
    count = draw(st.integers(0, 5))
    gates = [
        gate(
            slot,
            [draw(probabilities) for _ in range(3)],
            draw(st.sampled_from(SIDES)),
            draw(st.sampled_from(["marker", "viability", "dump"])),
            kept=draw(st.floats(0.9, 1.0)),
        )
        for slot in range(count)
    ]
    return tube(*gates, contaminants=3, delta=draw(st.floats(0, 0.1)), leak_total=draw(st.floats(0, 1e-2)))


frequencies = st.lists(st.floats(1e-6, 1.0), min_size=4, max_size=4).map(lambda v: np.array(v) / sum(v))


def integral(low: float | None, high: float | None, abc: float, cv: float, sd: float) -> float:
    """Share between two thresholds of a log-normal signal with normal noise, by adaptive quadrature."""
    sigma = float(np.sqrt(np.log1p(cv**2)))

    def density(z: float) -> float:
        signal = abc * np.exp(sigma * z)
        upper = 1.0 if high is None else norm.cdf((high - signal) / sd)
        lower = 0.0 if low is None else norm.cdf((low - signal) / sd)
        return float(norm.pdf(z) * (upper - lower))

    return float(quad(density, -9, 9, limit=400, epsabs=1e-12)[0])


def test_all_gates_give_the_purity_and_yield_of_the_score() -> None:
    instance, score = judged()
    for found, view in zip(tubes_of(instance, score), score.views, strict=True):
        assert found.gates
        left = amounts(found, instance.phi)
        assert left.purity == pytest.approx(view.purity, abs=1e-12)
        assert found.gate_yield == pytest.approx(view.gate_yield, abs=1e-12)


def test_pass_probabilities_are_integrals_over_the_population() -> None:
    instance, score = judged()
    for number, found in enumerate(tubes_of(instance, score)):
        levels = score.light.levels
        for g in found.gates:
            sd = score.light.sd[number, :, g.slot]

            abc, cv = levels.abc[:, g.slot], levels.cv[:, g.slot]
            share = [integral(g.low, g.high, abc[p], cv[p], sd[p]) for p in range(len(instance.population))]
            assert share[found.target] == pytest.approx(g.kept, abs=1e-7)
            for c, passing in zip(found.contaminants, g.passing, strict=True):
                assert passing == pytest.approx(max(share[c], instance.leak), abs=1e-7)


def test_unknown_levels_pass() -> None:
    populations = [p.model_dump() for p in builders.problem().population]
    for population in populations:
        if population["name"] == "leukocyte":
            del population["levels"]["CD271"]
    instance, score = judged(builders.problem(population=populations))
    unknown = instance.population.index("leukocyte")
    slot = next(s for s, panel in enumerate(score.slots) if instance.marker[panel.markers[0]] == "CD271")
    for found, view in zip(tubes_of(instance, score), score.views, strict=True):
        for g in found.gates:
            if g.slot == slot:
                assert g.passing[found.contaminants.index(unknown)] == 1.0
        assert amounts(found, instance.phi).purity == pytest.approx(view.purity, abs=1e-12)


def test_amounts_by_hand() -> None:
    found = tube(gate(0, [0.1, 0.5]), gate(1, [0.2, 0.01], "below"))
    left = amounts(found, shares(0.1, 0.6, 0.3))
    assert left.target == pytest.approx(0.1 * 0.98**2)
    assert left.single == pytest.approx([0.6 * 0.1 * 0.2, 0.3 * 0.5 * 0.01])
    assert left.doublet == pytest.approx([2 * 0.1 * 0.98**2 * 0.005 * f for f in (0.6 * 0.2, 0.3 * 0.01)])
    assert left.purity == pytest.approx(left.target / (left.target + sum(left.single) + sum(left.doublet)))


def test_all_gates_together_let_the_total_leak_pass() -> None:
    found = tube(gate(0, [0.1, 0.5], "below"), gate(1, [0.2, 0.01]), leak_total=0.15)
    left = amounts(found, shares(0.1, 0.6, 0.3))
    assert left.single == pytest.approx([0.6 * 0.15, 0.3 * 0.15])
    assert left.doublet == pytest.approx([2 * 0.1 * 0.98**2 * 0.005 * f for f in (0.6 * 0.15, 0.3 * 0.5)])
    assert amounts(found, shares(0.1, 0.6, 0.3), 0).single == pytest.approx([0.6, 0.3])


@given(tubes(), frequencies)
def test_shares_sum_to_one(found: Tube, phi: np.ndarray) -> None:
    for count in range(len(found.gates) + 1):
        left = amounts(found, phi, count)
        others = (left.single.sum() + left.doublet.sum()) / left.total
        assert left.purity + others == pytest.approx(1.0)


@given(tubes(), frequencies, st.randoms(use_true_random=False))
def test_order_of_gates_does_not_change_the_end(found: Tube, phi: np.ndarray, random: object) -> None:
    order = list(range(len(found.gates)))
    random.shuffle(order)  # type: ignore[attr-defined]
    one, other = amounts(found, phi), amounts(in_order(found, order), phi)
    assert one.target == pytest.approx(other.target)
    assert one.single == pytest.approx(other.single)
    assert one.doublet == pytest.approx(other.doublet)


@given(tubes(), frequencies)
def test_order_is_greedy_with_viability_and_dump_first(found: Tube, phi: np.ndarray) -> None:
    order = gate_order(found, phi)
    assert sorted(order) == list(range(len(found.gates)))
    kinds = [found.gates[index].kind for index in order]
    rank = {"viability": 0, "dump": 1, "marker": 2}
    assert all(rank[one] <= rank[other] for one, other in pairwise(kinds))
    for place, index in enumerate(order):
        if found.gates[index].kind != "marker":
            continue
        before = list(order[:place])
        after = {i: amounts(in_order(found, [*before, i]), phi).unwanted for i in order[place:]}
        left = amounts(in_order(found, before), phi).unwanted
        assert after[index] <= min(after.values()) + 1e-11 * left


@given(tubes(), frequencies)
def test_order_does_not_depend_on_how_gates_are_listed(found: Tube, phi: np.ndarray) -> None:
    turned = in_order(found, range(len(found.gates))[::-1])
    slots = [found.gates[index].slot for index in gate_order(found, phi)]
    assert slots == [turned.gates[index].slot for index in gate_order(turned, phi)]


def test_removed_shares_weigh_by_frequency() -> None:
    phi = shares(0.1, 0.8, 0.1)
    found = tube(gate(0, [1.0, 0.001]), gate(1, [0.1, 1.0]), delta=0.0)
    assert gate_order(found, phi) == (1, 0)  # the second gate takes the frequent kind
    removed = removed_shares(in_order(found, (1, 0)), phi)
    assert removed == pytest.approx([0.8 * 0.9 / 0.9, 0.1 * 0.999 / (0.08 + 0.1)])


def test_loose_gates_hold_the_tight_ones() -> None:
    instance, score = judged()
    for tight, loose in zip(tubes_of(instance, score), loosened(instance, score, 0.25), strict=True):
        assert loose.gate_yield > tight.gate_yield
        for one, other in zip(tight.gates, loose.gates, strict=True):
            assert (one.low is None) == (other.low is None)
            assert one.low is None or other.low < one.low  # type: ignore[operator]
            assert one.high is None or other.high > one.high  # type: ignore[operator]
            assert (other.passing >= one.passing).all()


def test_moved_threshold_changes_what_passes() -> None:
    instance, score = judged()
    found = tubes_of(instance, score)[0]
    g = next(g for g in found.gates if g.low is not None)
    wider = moved(instance, score, 0, g, g.low / 2, g.high)  # type: ignore[operator]
    assert wider.kept > g.kept
    assert (wider.passing >= g.passing).all()
    same = moved(instance, score, 0, g, g.low, g.high)
    assert same.kept == pytest.approx(g.kept, abs=1e-9)
    assert same.passing == pytest.approx(g.passing, abs=1e-12)
