"""What a search works with and does not change: noise, limits and estimates of the options of an instance."""

from __future__ import annotations

from dataclasses import dataclass

from panelopt.bounds.claims import own_limits
from panelopt.bounds.compensation_rows import CompensationFinder
from panelopt.bounds.noise import SubsetNoise
from panelopt.bounds.options import CandidateSlots
from panelopt.bounds.rows import RowFinder
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.solver.estimate import Estimator


@dataclass(frozen=True, slots=True)
class Tools:
    """Tables and finders of limits; they depend on cells, cytometer and options, and on no demand.

    Attributes:
        options: All slots that a panel may hold.
        estimator: Fast estimates of the score.
        own_limits: For each view (O, 3, C) what every option could claim at its own noise alone.
        finder: Finds limits by subsets.
        compensation: Finds limits by compensation; None on a spectral cytometer.
    """

    options: CandidateSlots
    estimator: Estimator
    own_limits: list[FloatArray]
    finder: RowFinder
    compensation: CompensationFinder | None


def make_tools(instance: Instance, options: CandidateSlots) -> Tools:
    """Return the tools for some options."""
    noise = SubsetNoise(instance, options)
    return Tools(
        options=options,
        estimator=Estimator(instance, options, noise),
        own_limits=own_limits(instance, noise),
        finder=RowFinder(instance, options, noise),
        compensation=CompensationFinder(instance, options, noise) if instance.conventional else None,
    )
