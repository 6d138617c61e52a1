"""Runs of the reporter model: each choice is scored exactly, and the model is corrected where it claimed too much."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ortools.sat.python import cp_model

from panelopt.reporters.reporter_model import ReporterModel
from panelopt.reporters.reporter_outcome import ReporterOutcome
from panelopt.reporters.reporter_question import ReporterInstance
from panelopt.reporters.reporter_state import ReporterState
from panelopt.reporters.worth import Pair, ReporterScore, is_clean, score_reporters
from panelopt.solver import engine
from panelopt.solver.outcome import ProofError, SearchSettings
from panelopt.solver.stopping import OutOfTime

BEST, ANY = ("default_lp", "max_lp"), ("no_lp", "quick_restart_no_lp")
"""Strategies of the solver, one for each of two cores, for a level's best choice and for any choice at all. Measured: a
linear relaxation with few or with many rows closes a level first, now this one, now that; where nothing is maximised,
learning without a relaxation finds a choice, or proves that there is none, in a tenth of the work."""


class ReporterSteps:
    """Runs models until a level of the objective is closed.

    Args:
        instance: The question.
        settings: Threads, seed and memory.
        outcome: Takes the work done.
        state: Takes better choices.

    Attributes:
        deadline: End of the present levels on the clock of `time.perf_counter`; None = none.
    """

    def __init__(
        self, instance: ReporterInstance, settings: SearchSettings, outcome: ReporterOutcome, state: ReporterState
    ) -> None:
        self.instance = instance
        self.settings = settings
        self.outcome = outcome
        self.state = state
        self.deadline: float | None = None

    def solve(self, model: ReporterModel, note: Callable[[float], bool]) -> None:
        """Solve until a level is closed; ``note`` takes a proven bound and returns whether it is."""
        while True:
            run, score, honest = self.run(model)
            if score is not None:
                self.state.consider(score)
            if run.bound is not None and note(run.bound):
                return
            if not run.done:
                raise OutOfTime
            if honest:
                raise ProofError("a level of the search neither closed nor could be corrected")

    def any_choice(self, model: ReporterModel, team: Sequence[str] = ANY) -> ReporterScore | None:
        """Return a choice that the model allows; None if there is none."""
        while True:
            run, score, honest = self.run(model, team)
            if score is not None:
                self.state.consider(score)
            if run.infeasible or (score is not None and honest):
                return score
            if not run.done:
                raise OutOfTime

    def equal_choice(self, model: ReporterModel) -> ReporterScore:
        """Return the model's best choice that equals the best one in all levels."""
        while True:
            run, score, honest = self.run(model)
            if not run.done:
                raise OutOfTime
            if score is None:
                raise ProofError("the model has lost the best choice")
            if honest:
                self.state.consider(score)
                return score

    def run(
        self, model: ReporterModel, team: Sequence[str] = BEST
    ) -> tuple[engine.EngineRun, ReporterScore | None, bool]:
        """Solve the model once; return its choice, and whether it is as good as the model claimed."""
        left = None if self.deadline is None else self.deadline - time.perf_counter()
        if left is not None and left <= 0:
            raise OutOfTime
        clean = [p for p, b in zip(self.state.best.pairs, self._is_clean(self.state.best), strict=True) if b]
        model.suggest(self.state.best.pairs, clean)
        solver, settings, outcome = cp_model.CpSolver(), self.settings, self.outcome
        run = engine.run(
            solver,
            model.model,
            seconds=left,
            workers=settings.workers,
            seed=settings.seed,
            memory_limit_mb=settings.memory_limit_mb,
            team=team,
        )
        outcome.runs += 1
        outcome.deterministic_time += run.deterministic_time
        outcome.out_of_memory |= run.out_of_memory
        if not run.solved:
            return run, None, False
        pairs = [p for p, variables in model.chosen().items() if any(map(solver.boolean_value, variables))]
        claimed = {p for p, variable in model.clean.items() if solver.boolean_value(variable)}
        score = score_reporters(self.instance, pairs)
        return run, score, self._take_back(model, score, claimed)

    def _take_back(self, model: ReporterModel, score: ReporterScore, claimed: set[Pair]) -> bool:
        """Correct the model where its choice falls short of the claims; return whether it keeps them all."""
        wrong = [p for p, clean in zip(score.pairs, self._is_clean(score), strict=True) if p in claimed and not clean]
        for pair in wrong:
            model.forbid_clean(pair, [f for f, _ in score.pairs if f != pair[0]])
        if not wrong and not self.state.is_equal(score):
            model.forbid(score.pairs)
            return False
        return not wrong

    @staticmethod
    def _is_clean(score: ReporterScore) -> list[bool]:
        return [is_clean(signal, bleed) for signal, bleed in zip(score.signal, score.bleed, strict=True)]
