"""The search for reporters: one level of the objective after the other, each proven before the next.

Every choice that the model proposes is scored exactly. Where the model claimed more, because integers are coarse, it is
corrected exactly and solved again.
"""

from __future__ import annotations

import contextlib
import functools
import math
import time
from collections.abc import Mapping

from ortools.sat.python import cp_model

from panelopt.instance.arrays import BoolArray
from panelopt.reporters.cuts import Relaxation, Strengthened
from panelopt.reporters.local_search import ReporterLocalSearch
from panelopt.reporters.reporter_model import ReporterModel, log_steps
from panelopt.reporters.reporter_outcome import ReporterOutcome
from panelopt.reporters.reporter_question import ReporterInstance
from panelopt.reporters.reporter_state import ReporterState
from panelopt.reporters.reporter_steps import BEST, ReporterSteps
from panelopt.reporters.useful_pairs import useful_pairs
from panelopt.reporters.worth import (
    TIE,
    Pair,
    ReporterScore,
    least_log_signal,
    most_bleed,
)
from panelopt.solver.listener import SilentSolveListener, SolveListener
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.stopping import OutOfTime

LOG_STEP = TIE
"""Step of the logarithm of a signal in the model."""

BLEED_STEPS = 10**9
"""Steps into which the best known sum of bleed-throughs is divided in the model."""

ROUNDS, MANY_ROUNDS, MANY_PAIRS = 96, 512, 1000
"""Rounds of local search at the start, and the number of dye-detector pairs from which there are more."""

SHARES = (0.6, 0.9, 1.0)
"""Shares of the time limit at which levels 1 and 2, level 3, and the rest must end."""

_CHUNK = 30  # dyes whose order fits into one integer


class ReporterSearch:
    """One search.

    Args:
        instance: The question; there must be enough dyes and detectors.
        settings: Time, threads, seed, memory.
        listener: Hears of the phases.
    """

    def __init__(
        self, instance: ReporterInstance, settings: SearchSettings | None = None, listener: SolveListener | None = None
    ) -> None:
        self.instance = instance
        self.settings = settings or SearchSettings()
        self.listener: SolveListener = listener or SilentSolveListener()
        self.outcome = ReporterOutcome()
        self._began = time.perf_counter()
        self._local = ReporterLocalSearch(instance, self.settings.seed)
        self._started: ReporterSteps | None = None

    def run(self) -> ReporterOutcome:
        """Search, and return what was found and proven, however the search ends."""
        try:
            self._start()
            with contextlib.suppress(OutOfTime):
                self._end_at(SHARES[0])
                self._least_dark()
                with contextlib.suppress(OutOfTime):
                    self._most_clean()
                self._end_at(SHARES[1])
                self._brightest()
        except KeyboardInterrupt:
            self.outcome.interrupted = True
        return self._finish()

    @property
    def _steps(self) -> ReporterSteps:
        if self._started is None:
            raise RuntimeError("the search has no choice to start from")
        return self._started

    @property
    def _state(self) -> ReporterState:
        return self._steps.state

    @property
    def _best(self) -> ReporterScore:
        return self._steps.state.best

    def _end_at(self, share: float) -> None:
        cap = self.settings.time_limit_s
        self._steps.deadline = None if cap is None else self._began + share * cap

    # ---- the levels

    def _start(self) -> None:
        self.listener.phase("start")
        pairs = self.instance.signal.size
        state = ReporterState(self._local.run(MANY_ROUNDS if pairs > MANY_PAIRS else ROUNDS))
        self._started = ReporterSteps(self.instance, self.settings, self.outcome, state)
        self.outcome.no_signal = 0
        self.outcome.below_limit = self.instance.colours

    def _least_dark(self) -> None:
        """Level 1: fewest channels without signal."""
        outcome = self.outcome
        if self._best.no_signal == 0:
            return
        model = ReporterModel(self.instance, dark=True)
        model.model.minimize(model.dark_count())

        def note(bound: float) -> bool:
            outcome.no_signal = max(outcome.no_signal or 0, math.ceil(bound - 1e-6))
            return outcome.no_signal >= self._best.no_signal

        self._steps.solve(model, note)

    def _most_clean(self) -> None:
        """Level 2: most channels with little bleed-through; channels without signal do not count."""
        outcome = self.outcome
        outcome.below_limit = self.instance.colours - self._best.no_signal
        if self._best.below_limit == outcome.below_limit:
            return
        self.listener.phase("bleed-through")
        while (known := self._best.below_limit) < outcome.below_limit:
            asked = (known + outcome.below_limit + 1) // 2
            model = self._model(asked, useful_pairs(self.instance, asked))
            if self._steps.any_choice(model) is None:
                outcome.below_limit = asked - 1

    def _brightest(self) -> None:
        """Level 3: largest mean signal among the choices with as many clean channels; then the later levels."""
        if self._best.no_signal:  # the mean is zero regardless of the others
            self.outcome.log_signal = -math.inf
            self._end_at(SHARES[2])
            self._least_bleed(self._model(self._best.below_limit))
            return
        self.listener.phase("signal")
        self._state.consider(self._local.run(ROUNDS, self._best))
        useful = useful_pairs(self.instance, self._best.below_limit)
        strengthened = Relaxation(self.instance, self._best, useful).strengthen()
        steps = log_steps(self.instance.signal, LOG_STEP)
        alone = self._largest_signal(self._bright_model(strengthened), steps)
        self._state.floor = least_log_signal(self._best.log_signal, self.instance.colours)
        self._end_at(SHARES[2])
        equal = functools.partial(self._equal_model, strengthened, steps)
        if alone or self._is_alone(equal()):
            self.outcome.mean_bleed, self.outcome.unique = self._best.mean_bleed, True
        else:
            self._least_bleed(equal())

    def _largest_signal(self, model: ReporterModel, steps: Mapping[Pair, int]) -> bool:
        """Close level 3; return whether the best choice was known before and no other one is as bright.

        All choices but the known one get a bonus that is larger than ties and rounding, so that one search also tells
        whether there is another one as bright.
        """
        outcome, colours, known = self.outcome, self.instance.colours, self._best
        other, bonus = model.model.new_bool_var(""), 2 * colours + 2
        model.forbid(known.pairs, only_if=other)
        model.model.maximize(cp_model.LinearExpr.sum([bonus * other, model.signal_sum(steps)]))
        others = math.inf

        def note(bound: float) -> bool:
            nonlocal others
            others = min(others, (bound - bonus) * LOG_STEP)
            outcome.log_signal = max(others, self._best.log_signal)
            return outcome.log_signal - self._best.log_signal <= 2 * colours * TIE

        self._steps.solve(model, note)
        return self._best is known and others < least_log_signal(known.log_signal, colours)

    def _is_alone(self, model: ReporterModel) -> bool:
        """Whether no other choice is as bright, which closes all later levels."""
        self.listener.phase("equal choices")
        model.forbid(self._best.pairs)
        return self._steps.any_choice(model, BEST) is None

    def _least_bleed(self, model: ReporterModel) -> None:
        """Level 4: smallest mean bleed-through among the equally bright choices."""
        self.listener.phase("mean bleed-through")
        outcome, colours = self.outcome, self.instance.colours
        total = self._best.mean_bleed * colours
        step = total / BLEED_STEPS
        outcome.mean_bleed = 0.0
        if total > 0:
            bleed = model.bleed_sum(step, BLEED_STEPS + 1)
            model.model.minimize(bleed)

            def note(bound: float) -> bool:
                outcome.mean_bleed = max(outcome.mean_bleed or 0.0, bound * step / colours)
                return self._best.mean_bleed - outcome.mean_bleed <= 2 * TIE * self._best.mean_bleed

            self._steps.solve(model, note)
            self._state.ceiling = most_bleed(self._best.mean_bleed)
            model.model.add(bleed <= math.ceil(self._state.ceiling * colours / step) + 1)
        else:
            self._state.ceiling = 0.0
            model.model.add(model.bleed_sum(float(self.instance.signal.max()) / BLEED_STEPS or 1.0, BLEED_STEPS) <= 0)
        self._first(model)

    def _first(self, model: ReporterModel) -> None:
        """Level 5: the dyes, then the detectors, that come first in the lists."""
        self.listener.phase("equal choices")
        known, other = self._best.pairs, model.model.new_bool_var("")
        model.forbid(known, only_if=other)
        model.model.maximize(other)
        if self._steps.equal_choice(model).pairs != known:
            self._first_dyes(model)
            self._first_detectors(model)
        self.outcome.unique = True

    def _first_dyes(self, model: ReporterModel) -> None:
        count = len(self.instance.dye)
        for begin in range(0, count, _CHUNK):
            chunk = range(begin, min(begin + _CHUNK, count))
            model.model.maximize(sum(2 ** (chunk[-1] - f) * model.used[f] for f in chunk))
            chosen = {f for f, _ in self._steps.equal_choice(model).pairs}
            for f in chunk:
                model.model.add(model.used[f] == int(f in chosen))

    def _first_detectors(self, model: ReporterModel) -> None:
        for f in [f for f, _ in self._best.pairs]:
            place = model.signal_sum({pair: pair[1] for pair in model.chosen() if pair[0] == f})
            model.model.minimize(place)
            model.model.add(place == dict(self._steps.equal_choice(model).pairs)[f])

    # ---- steps

    def _model(self, clean: int, useful: BoolArray | None = None, others: BoolArray | None = None) -> ReporterModel:
        """Return a model of the choices with so many clean channels that equal the best one in level 1."""
        dark = self._best.no_signal
        clean_only = clean == self.instance.colours
        model = ReporterModel(self.instance, clean_only=clean_only, dark=dark > 0, useful=useful, others=others)
        model.model.add(model.dark_count() == dark)
        model.model.add(model.clean_count() >= clean)
        return model

    def _bright_model(self, strengthened: Strengthened) -> ReporterModel:
        """Return a model of the choices that equal the best one in levels 1 and 2 and may be as bright."""
        model = self._model(self._best.below_limit, strengthened.clean, strengthened.other)
        model.exclude(strengthened.rows)
        return model

    def _equal_model(self, strengthened: Strengthened, steps: Mapping[Pair, int]) -> ReporterModel:
        """Return a model of the choices that equal the best one in levels 1 to 3."""
        model = self._bright_model(strengthened)
        model.model.add(model.signal_sum(steps) >= math.floor((self._state.floor or 0.0) / LOG_STEP))
        return model

    def _finish(self) -> ReporterOutcome:
        outcome = self.outcome
        best = outcome.score = self._started.state.best if self._started is not None else None
        if best is not None:
            outcome.status = "optimal" if outcome.is_closed(best, self.instance.colours) else "feasible"
        outcome.wall_s = time.perf_counter() - self._began
        return outcome
