"""Findings in the words of the page."""

from __future__ import annotations

import pytest

from panelopt.serve.words import spoken


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            'grid: marker[4]: without populations CD8 has no level (Add level = "mid", or populations.)',
            "without populations CD8 has no level (Fill in a level such as mid, or add a population.)",
        ),
        ("grid: population: no population has the role target", "no population has the role target"),
        ("grid: population[1].frequency: must be above 0", "population[1].frequency: must be above 0"),
    ],
)
def test_faults_of_the_grid_are_those_of_a_form(said: str, shown: str) -> None:
    assert spoken(said) == shown
