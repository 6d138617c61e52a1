"""The choice of reporters as a constraint model.

Every dye ``g`` is used or not (``y``), on a detector ``d`` with little bleed-through (``z``) or with any (``w``). A
clean channel needs two kinds of constraints, both exact or too weak by rounding, never too strong:

- pairs: ``z[f,d]`` excludes every dye whose light in ``d`` alone reaches the threshold. What one dye excludes this way
  are all signals up to some height, so one literal for each height joins the two;
- sums: the light of all dyes in ``d`` stays below the threshold.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from ortools.sat.python import cp_model

from panelopt.instance.arrays import BoolArray, FloatArray
from panelopt.reporters.reporter_question import ReporterInstance
from panelopt.reporters.worth import BLEED_LIMIT, Pair

SUM_STEPS = 10**6
"""Steps into which the strongest light of a detector is divided in constraints on sums."""

_BELOW = 1 - 1e-9  # keeps rounded-down divisions below the true value


class ReporterModel:
    """The model of one question.

    Args:
        instance: The question.
        clean_only: Whether every channel has little bleed-through.
        dark: Whether channels without signal are allowed.
        useful: (F, D) pairs that may have little bleed-through; None = all with a signal.
        others: (F, D) pairs that may be other channels; None = all.
    """

    def __init__(
        self,
        instance: ReporterInstance,
        *,
        clean_only: bool = False,
        dark: bool = False,
        useful: BoolArray | None = None,
        others: BoolArray | None = None,
    ) -> None:
        self.instance = instance
        self.model = cp_model.CpModel()
        lit = instance.signal > 0
        self.used = [self.model.new_bool_var("") for _ in instance.dye]
        self.clean = self._variables(lit if useful is None else lit & useful)
        others = np.ones_like(lit) if others is None else others
        self.other = {} if clean_only else self._variables(others if dark else lit & others)
        self.occupied = [self.model.new_bool_var("") for _ in instance.detector]
        self.quiet = [self.model.new_bool_var("") for _ in instance.detector]
        self._assign()
        for detector in range(len(instance.detector)):
            self._bound_pairs(detector)
            self._bound_sum(detector)

    def _variables(self, where: BoolArray) -> dict[Pair, cp_model.IntVar]:
        return {(int(f), int(d)): self.model.new_bool_var("") for f, d in zip(*np.nonzero(where), strict=True)}

    def _assign(self) -> None:
        clean_at: list[list[cp_model.IntVar]] = [[] for _ in self.quiet]
        by_dye: list[list[cp_model.IntVar]] = [[] for _ in self.used]
        by_detector: list[list[cp_model.IntVar]] = [[] for _ in self.occupied]
        for (f, d), variable in [*self.clean.items(), *self.other.items()]:
            by_dye[f].append(variable)
            by_detector[d].append(variable)
        for (_, d), variable in self.clean.items():
            clean_at[d].append(variable)
        parts, wholes = (*by_dye, *by_detector, *clean_at), (*self.used, *self.occupied, *self.quiet)
        for variables, whole in zip(parts, wholes, strict=True):
            self.model.add(sum(variables) == whole)
        # the second sum follows from the first one, but by it alone the search sees what a lost detector costs
        self.model.add(sum(self.used) == self.instance.colours)
        self.model.add(sum(self.occupied) == self.instance.colours)
        for f in self.instance.required:
            self.model.add(self.used[f] == 1)

    def _bound_pairs(self, detector: int) -> None:
        """Exclude from clean channels every dye that alone is too bright.

        The signals that a clean channel may have are the rungs of a ladder. A dye in use elsewhere takes away those
        that its light makes unclean, each with all below it; what the solver learns holds for all dyes as bright.
        """
        light = self.instance.signal[:, detector]
        here = {f: variable for (f, d), variable in self.clean.items() if d == detector}
        rungs = np.unique(light[list(here)])
        gone = [self.model.new_bool_var("") for _ in rungs]
        for lower, higher in itertools.pairwise(gone):
            self.model.add_implication(higher, lower)
        for f, variable in here.items():
            self.model.add_implication(variable, gone[int(np.searchsorted(rungs, light[f]))].negated())
        lost = np.searchsorted(BLEED_LIMIT * rungs, light, side="right")
        for g in map(int, np.flatnonzero((light > 0) & (lost > 0))):
            own = [here[g]] if g in here else []
            self.model.add_bool_or([self.used[g].negated(), gone[lost[g] - 1], *own])

    def _bound_sum(self, detector: int) -> None:
        """Bound the light of all dyes by that of the clean channel, if there is one."""
        light = self.instance.signal[:, detector]
        here = {f: variable for (f, d), variable in self.clean.items() if d == detector}
        if not here:
            return
        step = float(light[list(here)].max()) / SUM_STEPS
        most = math.ceil((1 + BLEED_LIMIT) * SUM_STEPS) + 2
        lights = {f: min(int(light[f] / step * _BELOW), most) for f in range(len(light))}
        caps = {f: math.ceil((1 + BLEED_LIMIT) * light[f] / step) + 1 for f in here}
        total = sum(lights[f] * self.used[f] for f in lights if lights[f])
        free = sum(sorted(lights.values())[-self.instance.colours :])  # no clean channel here: never reached
        self.model.add(total <= free + sum((caps[f] - free) * variable for f, variable in here.items()))

    # ---- constraints added during the search

    def chosen(self) -> Mapping[Pair, Sequence[cp_model.IntVar]]:
        """Return the variables of each pair; at most one is true."""
        pairs: dict[Pair, list[cp_model.IntVar]] = {}
        for pair, variable in [*self.clean.items(), *self.other.items()]:
            pairs.setdefault(pair, []).append(variable)
        return pairs

    def exclude(self, rows: Iterable[tuple[Sequence[Pair], Sequence[Pair]]]) -> None:
        """Allow at most one of the clean channels and channels of any kind that each cut names."""
        chosen = self.chosen()
        for clean, any_kind in rows:
            members = [self.clean[pair] for pair in clean if pair in self.clean]
            self.model.add_at_most_one([*members, *(v for pair in any_kind for v in chosen.get(pair, ()))])

    def forbid_clean(self, pair: Pair, dyes: Iterable[int]) -> None:
        """State that a channel is not clean together with some other dyes."""
        self.model.add_bool_or([self.clean[pair].negated(), *(self.used[g].negated() for g in dyes)])

    def forbid(self, pairs: Sequence[Pair], only_if: cp_model.IntVar | None = None) -> None:
        """Exclude one choice that was scored; with a literal, where that is true."""
        chosen = self.chosen()
        row = self.model.add(sum(v for pair in pairs for v in chosen[pair]) <= len(pairs) - 1)
        if only_if is not None:
            row.only_enforce_if(only_if)

    def dark_count(self) -> cp_model.LinearExprT:
        """Return the number of channels without signal."""
        light = self.instance.signal
        return sum(variable for (f, d), variable in self.other.items() if light[f, d] <= 0)

    def clean_count(self) -> cp_model.LinearExprT:
        """Return the number of channels with little bleed-through."""
        return sum(self.quiet)

    def signal_sum(self, steps: Mapping[Pair, int]) -> cp_model.LinearExprT:
        """Return the sum of integers over the chosen pairs."""
        chosen = self.chosen()
        return sum(value * v for pair, value in steps.items() if value for v in chosen.get(pair, ()))

    def bleed_sum(self, step: float, most: int) -> cp_model.LinearExprT:
        """Return the sum of bleed-throughs in steps, rounded down and each at most ``most``; to be minimised."""
        terms = []
        chosen = self.chosen()
        for d in range(len(self.instance.detector)):
            light = {f: min(int(value / step * _BELOW), most) for f, value in enumerate(self.instance.signal[:, d])}
            bleed = self.model.new_int_var(0, most * self.instance.colours, "")
            others = sum(light[f] * self.used[f] for f in light if light[f])
            own = sum(light[f] * v for f in light if light[f] for v in chosen.get((f, d), ()))
            free = sum(sorted(light.values())[-self.instance.colours :])  # an unused detector has no bleed-through
            self.model.add(bleed >= others - own - free * (1 - self.occupied[d]))
            terms.append(bleed)
        return sum(terms)

    def suggest(self, pairs: Sequence[Pair], clean: Iterable[Pair]) -> None:
        """Hint a choice for the next run."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        dyes, wanted = {f for f, _ in pairs}, set(clean)
        for f, variable in enumerate(self.used):
            self.model.add_hint(variable, f in dyes)
        for pair, variable in self.clean.items():
            self.model.add_hint(variable, pair in wanted)
        for pair, variable in self.other.items():
            self.model.add_hint(variable, pair in pairs and pair not in wanted)


def log_steps(signal: FloatArray, step: float) -> dict[Pair, int]:
    """Return the logarithm of each signal in steps, rounded up; pairs without signal are left out."""
    lit = ((int(f), int(d)) for f, d in zip(*np.nonzero(signal > 0), strict=True))
    return {pair: math.ceil(math.log(signal[pair]) / step) for pair in lit}
