"""Tables that a search uses and never changes: noise, bounds and estimates of the options of an instance."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.solver.panel_estimate import PanelEstimator

if TYPE_CHECKING:
    from panelopt.bounds.claim_bounds import OwnBounds
    from panelopt.bounds.compensation_cuts import CompensationCutFinder
    from panelopt.bounds.stepped_claims import SteppedClaims
    from panelopt.bounds.subset_cuts import SubsetCutFinder


class Tools:
    """Tables and cut finders; they depend on cells, cytometer and options, not on demands.

    What the model alone needs is worked out, and its modules are loaded, when it is first asked for: a panel is shown
    before.

    Args:
        instance: The question.
        options: All slots that a panel may hold.

    Attributes:
        options: The slots.
        noise: Their levels and noise.
        estimator: Fast estimates of the score.
    """

    def __init__(self, instance: Instance, options: CandidateSlots) -> None:
        self.options = options
        self._instance = instance
        self.noise = SubsetNoise(instance, options)
        self.estimator = PanelEstimator(instance, options, self.noise)

    @property
    def own_bounds(self) -> list[FloatArray]:
        """For each view (O, 3, C) bounds on the claims of each option at its own noise."""
        self.bound_claims(lambda: False)
        return self._own_bounds.values

    def bound_claims(self, stop: Callable[[], bool]) -> bool:
        """Work out the bounds on the options' own claims; return whether there was time for all of them."""
        return self._own_bounds.complete(stop)

    @cached_property
    def _own_bounds(self) -> OwnBounds:
        from panelopt.bounds.claim_bounds import OwnBounds

        return OwnBounds(self._instance, self.noise)

    @cached_property
    def stepped_claims(self) -> list[SteppedClaims]:
        """For each view, bounds on claims at noise in steps."""
        from panelopt.bounds.stepped_claims import SteppedClaims

        return [SteppedClaims(self._instance, self.noise, view) for view in range(len(self._instance.views))]

    @cached_property
    def finder(self) -> SubsetCutFinder:
        """Finds bounds by subsets."""
        from panelopt.bounds.subset_cuts import SubsetCutFinder

        return SubsetCutFinder(self._instance, self.options, self.noise)

    @cached_property
    def compensation(self) -> CompensationCutFinder | None:
        """Finds bounds by compensation; None on a spectral cytometer."""
        if not self._instance.conventional:
            return None
        from panelopt.bounds.compensation_cuts import CompensationCutFinder

        return CompensationCutFinder(self._instance, self.options, self.noise)

    def under_names_of(self, options: CandidateSlots) -> Tools:
        """Return these tools for another list of the same slots."""
        shared = copy.copy(self)
        shared.options = options
        return shared
