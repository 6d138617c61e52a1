"""Tests cuts against the exact claims of random panels, knowing nothing of their derivation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.clauses import Cut
from panelopt.bounds.exclusions import Exclusions
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring.panel_score import panel_claims

ROUNDING = 1e-8
"""How far (log10) a claim may exceed a bound: errors of the integrals."""


class CutTrials:
    """Draws panels that contain what cuts name, and compares.

    Args:
        instance: The question.
        options: All slots a panel may hold.
        exclusions: Which options cannot meet.
        rows: The cuts.
        seed: Seed of the panels.
    """

    def __init__(
        self, instance: Instance, options: CandidateSlots, exclusions: Exclusions, rows: Sequence[Cut], seed: int = 0
    ) -> None:
        self.instance = instance
        self.options = options
        self.exclusions = exclusions
        self.rows = rows
        self.checks = 0
        """Claims compared with a bound."""
        self._random = np.random.default_rng(seed)
        self._by_option: dict[int, list[int]] = {}
        for number, row in enumerate(rows):
            self._by_option.setdefault(row.fixed[0][0], []).append(number)

    def broken(self, panels: int) -> dict[int, float]:
        """Return the cuts that an exact claim exceeds, and by how much.

        Args:
            panels: Panels to draw, each around a random cut.
        """
        found: dict[int, float] = {}
        for _ in range(panels if self.rows else 0):
            row = self.rows[int(self._random.integers(len(self.rows)))]
            panel = self._around(row)
            if panel is not None:
                for number, excess in self._exceeded(panel):
                    found[number] = max(excess, found.get(number, 0.0))
        return found

    def _around(self, row: Cut) -> list[int] | None:
        """Return a random panel that holds what a cut names, or None if these options conflict."""
        panel = [int(self._random.choice(group)) for group in row.fixed]
        if self.exclusions.rows(panel, panel).sum() > len(panel):  # an option conflicts with itself
            return None
        room = len(self.instance.detector) - int(self.instance.has_autofluorescence_column)
        size = int(self._random.integers(len(panel), max(room, len(panel)) + 1))
        free = ~self.exclusions.any_of(panel) & ~np.isin(self.options.detector, row.dark)
        while len(panel) < size and free.any():
            joiner = int(self._random.choice(np.flatnonzero(free)))
            panel.append(joiner)
            free &= ~self.exclusions.any_of([joiner])
        return panel

    def _exceeded(self, panel: list[int]) -> Iterable[tuple[int, float]]:
        scored = panel_claims(self.instance, [self.options.slots[o] for o in panel])
        if scored is None:
            return
        inside = set(panel)
        busy = {int(self.options.detector[o]) for o in panel}
        claims: list[FloatArray] = [view.question.claims for view in scored[1]]
        for place, option in enumerate(panel):
            for number in self._by_option.get(option, ()):
                row = self.rows[number]
                if not all(inside & set(group) for group in row.fixed) or busy & set(row.dark):
                    continue
                self.checks += 1
                excess = float(claims[row.gate[0]][place, row.gate[2], row.contaminant]) - _bound(row, inside, busy)
                if excess > ROUNDING:
                    yield number, excess


def _bound(row: Cut, inside: set[int], busy: set[int]) -> float:
    """Return the bound that a cut places on a claim in a panel."""
    value = row.base - sum(less for o, less in row.reduction if o in inside)
    if row.unused is not None and row.unused[0] not in busy:
        value -= row.unused[1]
    return max(value, 0.0)
