"""The live gate, the sides on which a slot may be gated, and the terms of the log ratios, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from panelopt.domain.problem_record import Problem
from panelopt.instance import Instance, SlotIndex
from panelopt.instance.compile import compile_instance
from panelopt.scoring import score_panel
from panelopt.scoring.claims import SIDES, monotone_sides
from panelopt.scoring.light import slot_levels
from panelopt.scoring.panel_score import panel_claims
from panelopt.scoring.view_claims import base_doublet, forced_gates, usable_sides
from tests import builders

ABOVE, BELOW, BETWEEN = range(3)
MARKERS = (*builders.MARKERS, "viability")
SLOTS = (SlotIndex((0,), 3, 3), SlotIndex((2,), 2, 2), SlotIndex((4,), 0, 0))
"""CD271 on PE, CD45 on FITC, the viability dye on BV421."""


def problem(**changes: Any) -> Problem:
    marker = [*({"name": n} for n in builders.MARKERS), {"name": "viability", "role": "viability"}]
    return builders.problem(**({"marker": marker, "sample": {"dead_fraction": 0.1}} | changes))


def compiled(question: Problem | None = None, **changes: Any) -> Instance:
    parts = builders.cytometer(), [builders.catalog(MARKERS)], builders.fluorochromes(), builders.autofluorescence()
    return replace(compile_instance(question or problem(), *parts).instance, **changes)


def test_the_slots_are_what_their_comment_says() -> None:
    instance = compiled()
    assert [(instance.marker[s.markers[0]], instance.dye[s.dye], instance.detector[s.detector]) for s in SLOTS] == [
        ("CD271", "PE", "B575"),
        ("CD45", "FITC", "B530"),
        ("viability", "BV421", "V450"),
    ]
    assert instance.viability.tolist() == [False] * 4 + [True]


def test_every_target_is_gated_on_live_cells() -> None:
    instance = compiled()
    assert [forced_gates(instance, view, SLOTS) for view in instance.views] == [((2, BELOW),)] * 2
    score = score_panel(instance, SLOTS)
    assert score is not None
    assert all((2, BELOW) in view.gates for view in score.views)


def test_the_live_gate_stands_without_dead_cells_and_costs_its_cells() -> None:
    """Nothing has to be kept out by it, so that choice alone would leave it away."""
    instance = compiled(problem(sample={}))
    assert not any(name.startswith("dead") for name in instance.population)
    gated = score_panel(instance, SLOTS)
    free = score_panel(replace(instance, viability=np.zeros(5, dtype=bool)), SLOTS)
    assert gated is not None
    assert free is not None
    for with_gate, without in zip(gated.views, free.views, strict=True):
        assert with_gate.gates == (*without.gates, (2, BELOW))
        assert with_gate.gate_yield == pytest.approx(0.98 * without.gate_yield)


def test_without_the_dye_in_the_panel_there_is_no_live_gate() -> None:
    instance = compiled()
    assert forced_gates(instance, instance.views[0], SLOTS[:2]) == ()
    assert score_panel(instance, SLOTS[:2]) is not None


def test_a_yield_that_leaves_no_room_for_the_live_gate_allows_no_panel_with_the_dye() -> None:
    instance = compiled(yield_min=0.99)
    assert instance.gate_cap == 0
    assert score_panel(instance, SLOTS) is None
    assert score_panel(instance, SLOTS[:2]) is not None


def test_marker_lists_have_no_live_gate() -> None:
    listed = {"id": "list", "marker": [{"name": n, "level": "mid"} for n in builders.MARKERS]}
    listed["marker"].append({"name": "viability", "role": "viability", "level": "mid"})  # type: ignore[attr-defined]
    instance = compiled(Problem.model_validate(listed))
    assert all(forced_gates(instance, view, SLOTS) == () for view in instance.views)
    score = score_panel(instance, SLOTS)
    assert score is not None
    assert {view.gates for view in score.views} <= {(), ((0, ABOVE),), ((1, ABOVE),), ((2, ABOVE),)}


def sides_of(instance: Instance, slots: tuple[SlotIndex, ...] = SLOTS, view: int = 0) -> list[list[bool]]:
    levels = slot_levels(instance, [slot.markers for slot in slots])
    return usable_sides(instance, instance.views[view], slots, levels).tolist()


ALL, LOW = [True] * 3, [False, True, False]


def test_sides_of_markers_dumps_and_viability_dyes() -> None:
    assert sides_of(compiled()) == [ALL, ALL, LOW]
    cut = compiled(no_above=np.array([True, False, False, False, False]))
    assert sides_of(cut) == [LOW, ALL, LOW]
    dump = (SLOTS[0], SlotIndex((2, 3), 2, 2), SLOTS[2])
    assert sides_of(compiled(), dump) == [ALL, LOW, LOW]


@pytest.mark.parametrize("eps", [0.001, 0.02, 0.0999])
def test_sides_whose_claims_could_improve_with_noise_are_closed(eps: float) -> None:
    """Above needs eps <= Phi(-sigma) of the target's level, between half of that; below always holds."""
    cv = np.array([0.0, 0.5, 0.8, 1.5, 2.0, 3.0, 5.0])
    room = ndtr(-np.sqrt(np.log(1 + cv**2)))
    assert monotone_sides(eps, cv).tolist() == [[eps <= r, True, eps / 2 <= r] for r in room]
    for spread, sides in zip(cv, monotone_sides(eps, cv).tolist(), strict=True):
        instance = compiled(eps=eps)
        own = instance.cv.copy()
        own[0, 0] = spread  # the first target in the first slot
        instance = replace(instance, cv=own)
        assert sides_of(instance)[0] == sides
        assert sides_of(instance, view=1)[0] == ALL


def test_wide_levels_close_first_above_and_then_between() -> None:
    assert monotone_sides(0.0999, np.array([1.5, 3.0, 5.0])).tolist() == [ALL, [False, True, True], LOW]


def test_a_target_without_the_antigen_has_noise_alone_and_every_side() -> None:
    instance = compiled(eps=0.14)
    abc, cv = instance.abc.copy(), instance.cv.copy()
    abc[0, 0], cv[0, 0] = 0.0, 5.0
    assert sides_of(replace(instance, abc=abc, cv=cv))[0] == ALL


def test_target_and_contaminant_pair_in_two_orders() -> None:
    instance = compiled(delta=0.004)
    view = instance.views[0]
    phi = instance.phi[list(view.contaminants)]
    assert base_doublet(instance, view) == pytest.approx(-np.log10(0.008 * phi))
    assert np.isinf(base_doublet(replace(instance, delta=0.0), view)).all()
    assert np.isinf(base_doublet(replace(instance, marker_list=True), view)).all()


@pytest.mark.parametrize(("leak_total", "most"), [(1e-5, 5.0), (1e-2, 2.0), (0.0, np.inf)])
def test_no_tube_claims_to_reject_more_than_the_total_leak(leak_total: float, most: float) -> None:
    instance = compiled(leak_total=leak_total)
    assert instance.most_rejection == pytest.approx(most)
    claims = panel_claims(instance, SLOTS)
    score = score_panel(instance, SLOTS)
    assert claims is not None
    assert score is not None
    for view, (question, judged) in enumerate(zip([c.question for c in claims[1]], score.views, strict=True)):
        alone = sum(question.claims[gate] for gate in judged.gates)
        assert judged.rejection == pytest.approx(np.minimum(alone, most))
        if most == 2.0:
            assert (alone > most).any(), view


def test_predicted_purity_keeps_to_the_total_leak() -> None:
    """The floor holds for the prediction as for the claims."""
    loose, strict = (score_panel(compiled(leak_total=leak), SLOTS) for leak in (0.0, 1e-2))
    assert loose is not None
    assert strict is not None
    for one, other in zip(loose.views, strict.views, strict=True):
        assert other.purity < one.purity
        assert other.purity_at_least <= other.purity + 1e-12


def test_odds_are_those_of_the_purity() -> None:
    score = score_panel(compiled(), SLOTS)
    assert score is not None
    for view in score.views:
        share = view.purity_at_least
        assert view.odds_at_least == pytest.approx(np.log10(share / (1 - share)), abs=1e-9)


def test_a_dead_target_passes_every_gate_but_the_live_gate() -> None:
    instance = compiled()
    claims = panel_claims(instance, SLOTS)
    assert claims is not None
    for view, found in zip(instance.views, claims[1], strict=True):
        name = f"dead {instance.population[view.target]}"
        place = [instance.population[c] for c in view.contaminants].index(name)
        assert found.question.claims[2, BELOW, place] == pytest.approx(3.0)
        assert found.question.claims[0, ABOVE, place] == 0.0
    assert SIDES == ("above", "below", "between")
