"""Builds panels of marker lists marker by marker."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.exclusions import Exclusions
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.scoring.rule_checks import panel_complexity
from panelopt.solver.marker_lists.list_estimate import ListEstimator
from panelopt.solver.marker_lists.list_screen import ListScreen

Panel = tuple[int, ...]
Merit = Callable[[FloatArray], FloatArray]
"""Combines the log ratios (B, n) of panels into one number each to maximise."""

_BLINK = 0.1  # share of candidates skipped at random, for variety
_PATIENCE = 40  # building steps per marker before giving up
_OUT = 3  # slots removed if budget or complexity leave no dye for a marker


class ListBuilder:
    """Adds the missing markers to partial panels.

    Args:
        options: All slots.
        estimator: Estimates panels.
        exclusions: Which options cannot meet.
        allowed: Whether a panel whose options do not conflict keeps all other hard rules.
        random: Source of random choices.
    """

    def __init__(
        self,
        options: CandidateSlots,
        estimator: ListEstimator,
        exclusions: Exclusions,
        allowed: Callable[[Panel], bool],
        random: np.random.Generator,
    ) -> None:
        self.options = options
        self.estimator = estimator
        self.random = random
        self.allowed = allowed
        self.exclusions = exclusions
        usable = np.flatnonzero(_keeps_locks(estimator.instance, options))
        self.option = np.full(estimator.instance.available.shape, -1)
        """(M, F) option of a marker with a dye, or -1."""
        self.option[estimator.marker[usable], options.dye[usable]] = usable
        self.of_marker = [row[row >= 0] for row in self.option]
        """Options of each marker."""
        self._cheapest = np.array([options.cost[row].min() if row.size else 0.0 for row in self.of_marker])

    def build(self, panel: Panel, merit: Merit) -> Panel | None:
        """Add the missing markers, those with the fewest free dyes first; return None on failure.

        A marker without a free dye takes one from the markers least often in the way, which then need another.
        """
        members = list(panel)
        stained = set(self.estimator.marker[members].tolist())
        missing = [m for m, offers in enumerate(self.of_marker) if offers.size and m not in stained]
        pushed = np.zeros(len(self.options.slots))
        for _ in range(_PATIENCE * (len(members) + len(missing))):
            if not missing:
                complete = as_key(members)
                return complete if self.allowed(complete) else None
            free = [self._free(members, m) for m in missing]
            scarce = np.array([dyes.size for dyes in free]) * (1 + 0.5 * self.random.random(len(free)))
            place = int(np.argmin(scarce))
            marker = missing.pop(place)
            if free[place].size:
                joiner = self._best_joiner(members, marker, free[place], merit)
                if joiner is not None:
                    members.append(joiner)
                    continue
                out = self.random.permutation(members)[:_OUT].tolist()
                members = [o for o in members if o not in out]
                missing += [marker, *self.estimator.marker[out].tolist()]
                continue
            offers = self.of_marker[marker]
            in_the_way = self.exclusions.rows(offers, members)
            burden = in_the_way @ (1.0 + pushed[members]) + pushed[offers] + 0.5 * self.random.random(offers.size)
            choice = int(np.argmin(burden))
            out = [o for o, blocks in zip(members, in_the_way[choice], strict=True) if blocks]
            pushed[offers[choice]] += 1.0
            members = [o for o in members if o not in out] + [int(offers[choice])]
            missing += self.estimator.marker[out].tolist()
        return None

    def _best_joiner(self, members: Sequence[int], marker: int, free: np.ndarray, merit: Merit) -> int | None:
        """Return the best option to join that keeps the panel possible, or None."""
        if members:
            near = ListScreen(self.estimator, members).joined(marker, self.options.dye[free])
            merits = merit(near.rho)
            seen = self.random.random(free.size) >= _BLINK
            merits = np.where(seen, merits, -np.inf) if seen.any() else merits
        else:
            merits = self.estimator.rho(free[:, None])[:, 0]
        ranked = (int(free[i]) for i in np.argsort(-merits, kind="stable"))
        return next((o for o in ranked if self._possible((*members, o))), None)

    def _possible(self, members: Panel) -> bool:
        """Whether budget and complexity, which only rise, still allow a panel with these members."""
        instance = self.estimator.instance
        if instance.budget is not None:
            stained = self.estimator.marker[list(members)]
            rest = self._cheapest.sum() - self._cheapest[stained].sum()
            if self.options.cost[list(members)].sum() + rest > instance.budget + 1e-9:
                return False
        slots = [self.options.slots[o] for o in members]
        return instance.max_complexity is None or panel_complexity(instance, slots) <= instance.max_complexity

    def _free(self, members: Sequence[int] | np.ndarray, marker: int) -> np.ndarray:
        """Return the options of a marker that conflict with none of the members."""
        offers: np.ndarray = self.of_marker[marker]
        if len(members) == 0:
            return offers
        blocked = self.exclusions.rows(offers, members).any(axis=1)
        return np.asarray(offers[~blocked])


def on_ratios(merit: Callable[[FloatArray, FloatArray], FloatArray], level: float = -np.inf) -> Merit:
    """Return a merit of `worst` and `total` as one of log ratios.

    Of the smallest ratio alone a search learns nothing while another marker stays as low. Below a level, `worst` is
    therefore the level less what all markers together fall short of it.
    """

    def on(rho: FloatArray) -> FloatArray:
        short = np.maximum(level - rho, 0.0).sum(axis=1)
        return merit(np.where(short > 0, level - short, rho.min(axis=1)), rho.sum(axis=1))

    return on


def as_key(panel: Sequence[int] | np.ndarray) -> Panel:
    """Return options in ascending order."""
    return tuple(sorted(int(o) for o in panel))


def _keeps_locks(instance: Instance, options: CandidateSlots) -> BoolArray:
    """Return (O,) False for options that stain a locked marker against its lock."""
    kept = np.ones(len(options.slots), dtype=bool)
    for lock in instance.locks:
        kept &= np.array([lock.marker not in slot.markers or lock.dye == slot.dye for slot in options.slots])
    return kept
