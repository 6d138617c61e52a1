"""Places of thresholds in a plan are those of its gates, end by end."""

from __future__ import annotations

from typing import Any

import pytest

from panelopt import api
from panelopt.api import Options
from panelopt.io.panel_csv import PanelRow
from panelopt.planning.gate_order import gate_order
from panelopt.planning.threshold_places import gate_places
from panelopt.planning.tube import in_order, tubes_of
from panelopt.questions.scored_panel import score_rows
from tests.answers.test_smallest_conflict import question
from tests.planning.helpers import STAINS, sample

ROWS = tuple(PanelRow(marker, dye) for marker, dye in STAINS.items())
NUMBERS = ("positive_kept", "fmo_percentile", "unstained_percentile")


@pytest.mark.parametrize(
    "changes", [{}, {"dead_fraction": 0.1}, {"enrichment": {"marker": "CD271", "fold": 20, "recovery": 0.5}}]
)
def test_steps_hold_the_places_of_their_gates(changes: dict[str, Any]) -> None:
    asked = question(sample=sample(**changes))
    plan, judged = api.sort_plan(asked, ROWS), score_rows(asked, ROWS, Options())
    instance, score = judged.arrays.instance, judged.score
    assert score is not None
    for number, (target, tube) in enumerate(zip(plan.targets, tubes_of(instance, score), strict=True)):
        ordered = in_order(tube, gate_order(tube, instance.phi))
        for step in target.tree[:2]:
            assert step.fmo_p99 is step.unstained_p99 is None
        for place, step in enumerate(target.tree[2:]):
            places = gate_places(instance, score, number, ordered, place, instance.phi)
            assert (step.fmo_p99, step.unstained_p99) == (places.fmo_p99, places.unstained_p99)
            for end, threshold, found in (("low", step.low, places.low), ("high", step.high, places.high)):
                values = [getattr(step, f"{end}_{name}") for name in NUMBERS]
                if threshold is None:
                    assert values == [None] * len(NUMBERS)
                    continue
                assert found is not None
                assert values == [found.positive_kept, 100 * found.fmo, 100 * found.unstained]
                assert all(0 <= value <= 100 for value in values[1:])
                # a threshold above the mark lies beyond the 99th percentile
                assert (values[1] > 99) == (threshold > places.fmo_p99)
                assert (values[2] > 99) == (threshold > places.unstained_p99)
