"""Other searches: against the enumeration of all panels of small instances."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from benchmarks.peers import all_peers
from benchmarks.peers.clock import CLOCK
from benchmarks.peers.greedy import Greedy
from benchmarks.peers.moves import Moves
from benchmarks.peers.ours import Panelopt
from benchmarks.peers.trace import Jury, Point, Trace
from panelopt.instance.arrays import Instance
from panelopt.scoring import DEFAULT_TOLERANCE, check_panel, score_panel
from tests.oracle.instances import random_instance

SECONDS = 0.6


def _small(*, conventional: bool, seed: int = 3) -> Instance:
    return random_instance(seed, conventional=conventional, markers=3, dyes=3, dump=np.zeros(3, dtype=bool))


def _optimum(instance: Instance) -> tuple[float, float]:
    """Return the best values of objectives 1 and 2 over all allowed panels."""
    options = Moves(instance, np.random.default_rng(0)).options.slots
    sizes = range(1, len(instance.marker) + 1)
    panels = [panel for n in sizes for panel in itertools.combinations(options, n) if not check_panel(instance, panel)]
    scores = [score for panel in panels if (score := score_panel(instance, panel)) is not None]
    worst = max(score.worst for score in scores)
    return worst, max(score.total for score in scores if score.worst >= worst - DEFAULT_TOLERANCE)


@pytest.mark.parametrize("conventional", [True, False])
@pytest.mark.parametrize("name", [*all_peers(), Panelopt.name])
def test_nothing_beats_the_enumeration_and_no_limit_lies_below_it(
    name: str, conventional: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CLOCK, "is_cpu", True)  # a busy machine must not matter
    instance = _small(conventional=conventional)
    worst, total = _optimum(instance)
    runner = {**all_peers(), Panelopt.name: Panelopt()}[name]
    trace = runner.run(instance, SECONDS, 0)
    best = trace.best_at(np.inf, worst - DEFAULT_TOLERANCE)
    assert (trace.worst_at(np.inf) or -np.inf) <= worst + 1e-9
    if name != Greedy.name:
        assert best is not None
        assert best.total == pytest.approx(total, abs=2.5 * DEFAULT_TOLERANCE + 1e-5)
    if trace.bound_worst is not None:
        assert trace.bound_worst >= worst - 1e-5
    if trace.bound_total is not None:
        assert trace.bound_total >= total - 2.5 * DEFAULT_TOLERANCE - 1e-4


@pytest.mark.parametrize("name", ["direct cp-sat", "direct milp"])
def test_solvers_of_the_relaxation_prove_small_questions(name: str) -> None:
    peers = all_peers()
    if name not in peers:
        pytest.skip("highspy is not installed")
    trace = peers[name].run(_small(conventional=False), 10.0, 0)
    assert trace.proven_s is not None
    assert trace.seconds < 10.0


@pytest.mark.parametrize("conventional", [True, False])
def test_random_changes_keep_the_hard_rules(conventional: bool) -> None:
    instance = random_instance(5, conventional=conventional, markers=5, dyes=8, required=np.arange(5) < 2)
    moves = Moves(instance, np.random.default_rng(1))
    panel = moves.random_panel()
    assert panel is not None
    for _ in range(200):
        new = moves.random_change(panel)
        if new is not None:
            assert not check_panel(instance, moves.slots(new))
            panel = new
    assert panel not in moves.neighbours(panel)
    assert not any(check_panel(instance, moves.slots(near)) for near in moves.neighbours(panel))


@pytest.mark.parametrize("conventional", [True, False])
def test_mixed_panels_keep_the_hard_rules_and_come_from_both(conventional: bool) -> None:
    instance = random_instance(5, conventional=conventional, markers=5, dyes=8, required=np.arange(5) < 2)
    moves = Moves(instance, np.random.default_rng(2))
    made = 0
    for _ in range(50):
        one, other = moves.random_panel(), moves.random_panel()
        assert one is not None
        assert other is not None
        child = moves.mixed(one, other)
        if child is not None:
            made += 1
            assert set(child) <= {*one, *other}
            assert not check_panel(instance, moves.slots(child))
    assert made


def test_a_jury_keeps_no_panel_that_breaks_a_rule_or_comes_late() -> None:
    instance = _small(conventional=False)
    slot = Moves(instance, np.random.default_rng(0)).options.slots[0]
    jury = Jury("test", instance, 10.0)
    assert jury.judge([slot, slot]) is None
    assert not jury.trace.points
    assert jury.judge([slot]) is not None
    assert len(jury.trace.points) == 1
    late = Jury("test", instance, 0.0)
    late.judge([slot])
    assert not late.trace.points


def test_a_trace_keeps_what_is_not_worse_and_answers_for_any_time() -> None:
    trace = Trace("test")
    assert trace.best_at(5.0) is None
    assert trace.add(Point(1.0, 1.00, 10.0, ()))
    assert not trace.add(Point(2.0, 0.90, 9.0, ()))
    assert trace.add(Point(3.0, 0.99, 12.0, ()))
    assert trace.add(Point(4.0, 1.50, 8.0, ()))
    assert trace.worst_at(3.5) == 1.0
    assert [trace.best_at(s).total for s in (1.0, 3.0, 4.0)] == [10.0, 12.0, 8.0]  # type: ignore[union-attr]
    assert trace.best_at(9.0, floor=0.95).total == 12.0  # type: ignore[union-attr]
    assert trace.best_at(9.0, floor=2.0) is None
