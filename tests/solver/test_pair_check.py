"""What panels claim for one pair of populations, against their exact scores."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import list_options
from panelopt.scoring.panel_score import panel_claims
from panelopt.solver.pair_check import PairCheck
from panelopt.solver.panel_ratios import BELOW
from panelopt.solver.tools import Tools
from tests.oracle.answers import scores_of
from tests.oracle.instances import random_instance


@pytest.mark.parametrize("seed", range(4))
def test_claims_are_at_least_those_of_the_score_and_little_more(seed: int) -> None:
    instance = random_instance(seed, conventional=True, markers=3, dyes=4)
    tools = Tools(instance, list_options(instance))
    refuted = 0
    for panel in scores_of(instance, 0.02):
        claims = panel_claims(instance, panel)
        assert claims is not None
        options = np.array([[tools.options.by_slot[slot] for slot in panel]])
        for view, of_view in enumerate(claims[1]):
            for against in range(len(instance.views[view].contaminants)):
                exact = of_view.question.claims[:, :, against]
                most, below = float(exact.max(axis=1).sum()), float(exact[:, BELOW].sum())
                check = PairCheck(instance, tools, view, against)
                assert check.reached(options, most - 1e-9, below - 1e-9).tolist() == [True]
                refuted += not check.reached(options, most + 0.5, -np.inf)[0]
                refuted += not check.reached(options, -np.inf, below + 0.5)[0]
    assert refuted > 50


def test_dyes_that_cannot_be_told_apart_count_as_if_they_might() -> None:
    instance = random_instance(0, conventional=True, markers=3, dyes=4)
    tools = Tools(instance, list_options(instance))
    check = PairCheck(instance, tools, 0, 0)
    gated = next(o for o in range(len(tools.options.slots)) if tools.own_bounds[0][o, :, 0].any())
    assert check.reached(np.array([[gated, gated]]), np.inf, np.inf).tolist() == [True]
