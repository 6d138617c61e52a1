"""Whether panels are as good as the best one: by the worst pair, and by the odds of every tube."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panelopt.scoring import PanelScore, score_panel
from panelopt.scoring.practicality import as_good
from tests.oracle.answers import panels_of
from tests.oracle.instances import random_instance

STEP = 1e-6


def scores(seed: int) -> list[PanelScore]:
    instance = random_instance(seed, conventional=bool(seed % 2))
    judged = (score_panel(instance, panel) for panel in panels_of(instance))
    return [score for score in judged if score is not None]


def shifted(score: PanelScore, by: float, view: int = 0) -> PanelScore:
    """The same score, with the purity of one tube moved by so many decades of its odds."""
    one = score.views[view]
    moved = replace(one, odds_at_least=one.odds_at_least + by)
    return replace(score, views=(*score.views[:view], moved, *score.views[view + 1 :]))


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_odds_are_those_of_the_purity(seed: int) -> None:
    views = [view for score in scores(seed) for view in score.views]
    assert views
    for view in views:
        purity = view.purity_at_least
        if purity < 1 - 1e-9:
            assert view.odds_at_least == pytest.approx(np.log10(purity / (1 - purity)), abs=1e-5)


@pytest.mark.parametrize("slack", [0.0, 0.1, 1.0])
def test_each_part_may_give_up_the_slack_and_no_more(slack: float) -> None:
    best = scores(2)[0]
    assert as_good(best, best, slack)
    assert as_good(best, replace(best, worst=best.worst - slack), slack)
    assert not as_good(best, replace(best, worst=best.worst - slack - STEP), slack)
    for view in range(len(best.views)):
        assert as_good(best, shifted(best, -slack, view), slack)
        assert not as_good(best, shifted(best, -slack - STEP, view), slack)
    assert as_good(best, shifted(replace(best, worst=best.worst + 1), 1.0), slack)


def test_without_slack_the_sum_is_kept_too() -> None:
    best = scores(2)[0]
    less = replace(best, total=best.total - STEP)
    assert as_good(best, less, 0.1)
    assert not as_good(best, less, 0.0)


def test_one_poor_tube_is_not_made_good_by_another() -> None:
    best = next(score for score in scores(6) if len(score.views) == 2)
    assert not as_good(best, shifted(shifted(best, -0.2, 0), 5.0, 1), 0.1)
    assert as_good(best, shifted(best, 5.0, 1), 0.1)
