"""Tables that a search uses and never changes: noise, bounds and estimates of the options of an instance."""

from __future__ import annotations

from dataclasses import dataclass

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.claim_bounds import own_bounds
from panelopt.bounds.compensation_cuts import CompensationCutFinder
from panelopt.bounds.subset_cuts import SubsetCutFinder
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.solver.panel_estimate import PanelEstimator


@dataclass(frozen=True, slots=True)
class Tools:
    """Tables and cut finders; they depend on cells, cytometer and options, not on demands.

    Attributes:
        options: All slots that a panel may hold.
        estimator: Fast estimates of the score.
        own_bounds: For each view (O, 3, C) bounds on the claims of each option at its own noise.
        finder: Finds bounds by subsets.
        compensation: Finds bounds by compensation; None on a spectral cytometer.
    """

    options: CandidateSlots
    estimator: PanelEstimator
    own_bounds: list[FloatArray]
    finder: SubsetCutFinder
    compensation: CompensationCutFinder | None


def make_tools(instance: Instance, options: CandidateSlots) -> Tools:
    """Return the tools for a set of options."""
    noise = SubsetNoise(instance, options)
    return Tools(
        options=options,
        estimator=PanelEstimator(instance, options, noise),
        own_bounds=own_bounds(instance, noise),
        finder=SubsetCutFinder(instance, options, noise),
        compensation=CompensationCutFinder(instance, options, noise) if instance.conventional else None,
    )
