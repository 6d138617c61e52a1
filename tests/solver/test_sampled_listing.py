"""What a sample foresees of a listing, against the listing."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.exclusions import most_slots
from panelopt.solver import panel_growth
from panelopt.solver.panel_growth import PanelGrowth, Work
from panelopt.solver.panel_ratios import LeastRatios
from panelopt.solver.tools import Tools
from tests.oracle.instances import random_instance


def never() -> bool:
    return False


Growths = list[tuple[PanelGrowth, int]]


@pytest.fixture(scope="module")
def growths() -> Growths:
    found = []
    for seed in range(6):
        instance = random_instance(seed, conventional=True, markers=4, dyes=5)
        tools = Tools(instance, list_options(instance))
        growth = PanelGrowth(instance, tools, tools.own_bounds, LeastRatios(instance, -np.inf))
        found.append((growth, most_slots(instance)))
    return found


def listed(growth: PanelGrowth, most: int, work: Work) -> dict[int, int]:
    """Panels by size."""
    counts = dict.fromkeys(range(1, most + 1), 0)
    for panels in growth.panels(1, most, (), work, never):
        assert panels is not None
        counts[panels.shape[1]] += len(panels)
    return counts


def foreseen(growth: PanelGrowth, most: int, work: Work) -> dict[int, float]:
    """Panels by size, as a sample shows them."""
    counts = dict.fromkeys(range(1, most + 1), 0.0)
    for panels, weight in growth.sampled(most, work):
        counts[panels.shape[1]] += weight * len(panels)
    return counts


def test_where_parts_are_few_it_is_exact(growths: Growths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_growth, "_SAMPLE", 10**6)
    panels = 0.0
    for growth, most in growths:
        spent, ahead = Work.unlimited(), Work.unlimited()
        counts = foreseen(growth, most, ahead)
        assert counts == listed(growth, most, spent)
        assert ahead.spent == spent.spent
        panels += sum(counts.values())
    assert panels > 500


def test_where_they_are_many_it_is_near(growths: Growths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_growth, "_SAMPLE", 20)
    ratios = []
    for growth, most in growths:
        spent, ahead = Work.unlimited(), Work.unlimited()
        exact, found = (sum(counts.values()) for counts in (listed(growth, most, spent), foreseen(growth, most, ahead)))
        ratios += [found / exact, ahead.spent / spent.spent]
    assert min(ratios) > 0.5
    assert max(ratios) < 2.0
    assert max(ratios) > min(ratios)  # it was a sample


def test_it_ends_where_the_work_does(growths: Growths, monkeypatch: pytest.MonkeyPatch) -> None:
    growth, most = growths[0]
    assert len([*growth.sampled(most, Work(1))]) < len([*growth.sampled(most, Work.unlimited())])
    monkeypatch.setattr(panel_growth, "MOST_OPTIONS", 1)
    assert not [*growth.sampled(most, Work.unlimited())]
