"""What slots of parts of panels may claim for one pair, against the exact claims of panels that hold the parts."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import list_options
from panelopt.scoring.panel_score import panel_claims
from panelopt.solver.panel_ratios import BELOW, Gains
from panelopt.solver.part_bound import PartBound
from panelopt.solver.tools import Tools
from tests.oracle.answers import scores_of
from tests.oracle.instances import random_instance


@pytest.mark.parametrize("seed", range(4))
def test_no_slot_of_a_panel_claims_more_than_its_part_may(seed: int) -> None:
    instance = random_instance(seed, conventional=True, markers=3, dyes=4)
    tools = Tools(instance, list_options(instance))
    each = Gains.of_claims(tools.own_bounds)
    sharper = 0
    for panel in [panel for panel in scores_of(instance, 0.02) if len(panel) > 1]:
        claims = panel_claims(instance, panel)
        assert claims is not None
        members = np.array([tools.options.by_slot[slot] for slot in panel])
        place = 0
        for view, of_view in enumerate(claims[1]):
            for against in range(len(instance.views[view].contaminants)):
                bound = PartBound(instance, tools, view, against, each)
                exact = of_view.question.claims[:, :, against]
                for size in range(1, len(panel) + 1):
                    part = members[:size][None]
                    gains = Gains.sum([each.take(part[:, slot]) for slot in range(size)])
                    free = np.isin(np.arange(len(instance.detector)), tools.options.detector[members[size:]])[None]
                    for readable in (free, np.ones_like(free)):
                        lowered = bound.lowered(gains, part, readable)
                        assert lowered.all[0, place] >= exact[:size].max(axis=1).sum() - 1e-9
                        assert lowered.below[0, place] >= exact[:size, BELOW].sum() - 1e-9
                        sharper += lowered.all[0, place] < gains.all[0, place] - 0.01
                    assert (np.delete(lowered.all, place, 1) == np.delete(gains.all, place, 1)).all()
                place += 1
    assert sharper > 50
