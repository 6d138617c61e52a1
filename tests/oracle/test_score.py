"""The oracle's score on cases that can be worked out by hand."""

from __future__ import annotations

from math import inf, log10, nan

import numpy as np
import pytest

from tests.oracle.plain import plain
from tests.oracle.score import ABOVE, BELOW, BETWEEN, noise_sd, score, sides

BOTH = (((0,), 0, 0), ((1,), 1, 1))
FIRST = BOTH[:1]
LEVELS = np.array([[10_000.0, 10_000.0], [0.0, 0.0]])


def test_one_gate() -> None:
    found = score(plain(), FIRST)
    assert found is not None
    target = found.targets[0]
    assert target.gates == ((0, ABOVE),)
    assert target.single.tolist() == pytest.approx([log10(0.98) + 3])
    assert target.doublet.tolist() == pytest.approx([-log10(2 * 0.005 * 0.5)])  # passes a positive gate
    assert found.worst == found.total == pytest.approx(log10(200))
    assert target.odds == pytest.approx(-log10(1 / 980 + 1 / 200))
    assert target.purity == target.purity_at_least == pytest.approx(1 / (1 + 1 / 980 + 1 / 200))


@pytest.mark.parametrize(("leak_total", "most"), [(0.0, 6.0), (1e-5, 5.0), (1e-3, 3.0)])
def test_all_gates_of_a_tube_claim_no_more_than_the_total_leak(leak_total: float, most: float) -> None:
    asked = {"leak_total": leak_total, "purity_goal": 1 - 1e-6}
    above = score(plain(delta=0.0, **asked), BOTH)
    below = score(plain(abc=LEVELS[::-1], **asked), BOTH)
    assert above is not None
    assert below is not None
    gates = 1 if most == 3 else 2  # a second one brings nothing
    assert above.total == pytest.approx(gates * log10(0.98) + most)
    assert below.targets[0].gates == tuple((s, BELOW) for s in range(gates))
    assert below.targets[0].doublet.tolist() == pytest.approx([log10(200) + most])
    assert below.targets[0].purity == below.targets[0].purity_at_least


def test_beyond_the_goal_a_hundredfold_is_enough() -> None:
    found = score(plain(delta=0.0), BOTH)
    assert found is not None
    assert found.worst == pytest.approx(log10(19) + 2)


def viability(**changes: object) -> dict[str, object]:
    return plain(abc=np.array([[10_000.0, 0.0], [0.0, 0.0]]), viability=np.array([0, 1]), delta=0.0, **changes)


def test_live_gate_is_a_demand() -> None:
    found = score(viability(), BOTH)
    assert found is not None
    assert found.targets[0].gates == ((0, ABOVE), (1, BELOW))
    assert found.worst == pytest.approx(2 * log10(0.98) + 3)
    alone = score(viability(), FIRST)
    assert alone is not None
    assert alone.worst == pytest.approx(log10(0.98) + 3)


@pytest.mark.parametrize("limit", [{"max_gates": 1.0}, {"yield_min": 0.97}])
def test_live_gate_counts_as_a_gate_and_in_the_yield(limit: dict[str, float]) -> None:
    found = score(viability(**limit), BOTH)
    assert found is not None
    assert found.targets[0].gates == ((1, BELOW),)
    assert found.worst == pytest.approx(log10(0.98))


def test_a_live_gate_that_does_not_fit_rules_the_panel_out() -> None:
    assert score(viability(yield_min=0.99), BOTH) is None
    assert score(viability(yield_min=0.99), FIRST) is not None


@pytest.mark.parametrize(
    ("cv", "eps", "admitted"),
    [
        (0.8, 0.12, [None, BELOW, ABOVE, BETWEEN]),
        (3.0, 0.12, [None, BELOW, BETWEEN]),  # Phi(-sigma) = 0.065
        (5.0, 0.12, [None, BELOW]),  # 0.036
        (5.0, 0.05, [None, BELOW, BETWEEN]),
        (5.0, 0.02, [None, BELOW, ABOVE, BETWEEN]),
    ],
)
def test_wide_levels_admit_no_gate_that_noise_may_improve(cv: float, eps: float, admitted: list[int | None]) -> None:
    a = plain(eps=eps, cv=np.full((2, 2), cv))
    assert sides(a, BOTH[0], 0, None) == admitted
    assert sides(a, BOTH[0], 0, 0) == ([None, ABOVE] if ABOVE in admitted else [None])
    a["abc"][0] = 0.0  # no antigen, no sigma
    assert sides(a, BOTH[0], 0, None) == [None, BELOW, ABOVE, BETWEEN]


def test_cut_markers_and_dumps() -> None:
    assert sides(plain(no_above=np.array([1, 0])), BOTH[0], 0, None) == [None, BELOW]
    assert sides(plain(no_above=np.array([1, 0])), BOTH[0], 0, 0) == [None]
    assert sides(plain(dump=np.array([1, 1])), ((0, 1), 0, 0), 0, None) == [None, BELOW]


def test_between_keeps_out_both_neighbours() -> None:
    a = plain(populations=3, markers=1, abc=np.array([[5000.0], [0.0], [10_000.0]]), delta=0.0, cv=np.zeros((3, 1)))
    found = score(a, FIRST)
    assert found is not None
    assert found.targets[0].gates == ((0, BETWEEN),)
    assert found.targets[0].rho.tolist() == pytest.approx([log10(0.98) + 3] * 2)


def test_unknown_levels_claim_nothing() -> None:
    found = score(plain(abc=np.array([[10_000.0, nan], [nan, 0.0]]), cv=np.array([[0.0, nan], [nan, 0.0]])), BOTH)
    assert found is not None
    assert found.targets[0].gates == ()
    assert found.targets[0].single.tolist() == [0.0]


def test_shares_and_goals_are_demands() -> None:
    share = (1 / 980 + 1 / 200) / (1 + 1 / 980 + 1 / 200)
    kept, broken = (plain(max_share=np.array([nan, share * f])) for f in (1.001, 0.999))
    assert score(kept, FIRST) is not None
    assert score(broken, FIRST) is None
    assert score(plain(), FIRST, goal=1 - share * 1.001) is not None
    assert score(plain(), FIRST, goal=1 - share * 0.999) is None


def test_gates_may_give_up_the_tolerance_for_the_sum() -> None:
    """The second gate costs the worst pair 0.0088 of yield, and brings the other one three decades."""
    a = plain(populations=3, abc=np.array([[1e4, 1e4], [0.0, 1e4], [0.0, 0.0]]), delta=0.0, purity_goal=1 - 1e-6)
    kept, given = score(a, BOTH, tolerance=0.0), score(a, BOTH, tolerance=0.02)
    assert kept is not None
    assert given is not None
    assert kept.worst == given.worst == pytest.approx(log10(0.98) + 3)
    assert kept.targets[0].gates == ((0, ABOVE),)
    assert given.targets[0].gates == ((0, ABOVE), (1, ABOVE))
    assert given.total == pytest.approx(4 * log10(0.98) + 3 + 5)


def test_equal_sums_take_the_fewest_gates_and_the_first_slots() -> None:
    found = score(plain(leak_total=1e-3, delta=0.0), BOTH, tolerance=0.5)
    assert found is not None
    assert found.targets[0].gates == ((0, ABOVE),)


def test_marker_lists_gate_the_slot_in_question_and_no_other() -> None:
    a = plain(
        populations=3,
        population=np.array(["full", "full without m0", "full without m1"]),
        abc=np.array([[1e4, 1e4], [0.0, 1e4], [1e4, 0.0]]),
        phi=np.full(3, 0.5),
        viability=np.array([0, 1]),
        marker_list=np.array(1),
        yield_min=1.0,
    )
    found = score(a, BOTH)
    assert found is not None
    assert [target.gates for target in found.targets] == [((0, ABOVE),), ((1, ABOVE),)]
    assert found.worst == pytest.approx(log10(0.98) + 3)
    assert found.total == pytest.approx(2 * found.worst)
    assert found.targets[0].doublet.tolist() == [inf]


def test_noise_of_compensation_and_of_unmixing() -> None:
    """Two dyes that spill into each other, 100 pe of noise each: by Cramer's rule."""
    light = np.array([[1.0, 0.5], [0.2, 1.0], [0.0, 0.0]])
    a = plain(detectors=3, M=light)
    determinant = 1 - 0.2 * 0.5
    wanted = 100 / determinant * np.array([np.hypot(1, 0.5), np.hypot(1, 0.2)])
    assert noise_sd(a, BOTH, 1, 0) == pytest.approx(wanted)
    a["conventional"] = np.array(0)  # a dark detector tells nothing
    assert noise_sd(a, BOTH, 1, 0) == pytest.approx(wanted)


def test_autofluorescence_spreads_on_one_detector_and_is_absorbed_by_many() -> None:
    a = plain(M=np.eye(2, 1), dyes=1, AF=np.array([300.0, 400.0]), g=np.array([1.0, 2.0]))
    assert noise_sd(a, FIRST, 1, 0) == pytest.approx([np.sqrt(100**2 + (1 + 1) * 300**2)])
    a["conventional"] = np.array(0)  # the second detector shows the autofluorescence, at 3/4 of its light in the first
    assert noise_sd(a, FIRST, 1, 0) == pytest.approx([100 * np.hypot(1, 0.75)])


def test_shot_noise_and_proportional_noise_count_the_light_of_all() -> None:
    abc, cv = np.array([[0.0], [1000.0]]), np.array([[0.0], [1.0]])
    a = plain(markers=1, abc=abc, cv=cv, F=np.full(2, 2.0), k=np.full(2, 0.1), B=np.full(2, 50.0))
    mean = 1000 * np.sqrt(2)
    light = 50 + mean
    assert noise_sd(a, FIRST, 1, 0) == pytest.approx([np.sqrt(2 * light + 100**2 + 0.01 * (light**2 + mean**2))])


def test_what_cannot_be_unmixed_has_no_score() -> None:
    assert score(plain(M=np.array([[1.0, 1.0], [1.0, 1.0]])), BOTH) is None
