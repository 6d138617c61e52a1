"""The floor of objective 2 follows a better value of objective 1, whenever that is found."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from panelopt.solver.outcome import SearchSettings
from panelopt.solver.search import Search
from tests.oracle.instances import random_instance

TOLERANCE = 0.05


@pytest.mark.parametrize(("seed", "conventional"), [(1, False), (2, True), (4, True)])
def test_the_order_in_which_panels_are_found_does_not_matter(seed: int, conventional: bool) -> None:
    search = Search(
        random_instance(seed, conventional=conventional, markers=3, dyes=4), SearchSettings(60.0, TOLERANCE)
    )
    search._prepare()
    scorer = search.finders.scorer
    for panel in combinations(range(len(search.options.slots)), 2):
        scorer.evaluate(panel)
    scored = [one for one in scorer.known.values() if one.score is not None]
    worst = np.array([one.score.worst for one in scored if one.score is not None])
    total = np.array([one.score.total for one in scored if one.score is not None])
    highest = float(worst.max())
    best = float(total[worst >= highest - TOLERANCE - 1e-9].max())
    low = int(np.argmin(worst))
    assert worst[low] < highest - TOLERANCE

    state, outcome = search.state, search.state.outcome
    state.best, outcome.best_worst, outcome.best_total = scored[low], float(worst[low]), None
    outcome.floor = float(worst[low]) - TOLERANCE
    for place in np.random.default_rng(seed).permutation(len(scored)):
        search._explorer.consider(scored[place].key)

    assert outcome.best_worst == pytest.approx(highest)
    assert outcome.floor == pytest.approx(highest - TOLERANCE)
    assert outcome.best_total == pytest.approx(best)
