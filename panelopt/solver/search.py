"""The search: relax, judge, lower the limits, repeat; one objective after the other.

Each round solves the constraint model, which overestimates panels, and judges its panel exactly. Where the model
promised more than the panel keeps, limits are added that hold for every panel with the same slots in it, so that the
model's optimum falls until it meets the best panel found. A local search supplies good panels early.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

import numpy as np

from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.clauses import Cut, Lowered
from panelopt.bounds.reduction import reduce
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.scoring import PanelScore
from panelopt.solver.listener import SilentSolveListener, SolveListener
from panelopt.solver.local import LocalSearch
from panelopt.solver.master import Master
from panelopt.solver.model_run import Answer, run_model, suggest
from panelopt.solver.outcome import Outcome, SearchSettings
from panelopt.solver.panel_scorer import PanelKey, PanelScorer, Verdict
from panelopt.solver.practical_search import PracticalProof, PracticalSearch
from panelopt.solver.search_cache import SearchCache
from panelopt.solver.separator import RelaxedSolution, Separator
from panelopt.solver.stopping import (
    EXPLORE_SHARE,
    FIRST_ROUNDS,
    GAP_SHARE,
    MORE_ROUNDS,
    PRACTICAL_WORK,
    ROUNDS,
    TOTAL_SHARE,
    WANTED_SHARE,
    WORST_SHARE,
    EnoughFound,
    OutOfTime,
)

SAME = 1e-9
"""Values that differ by less are equal: the last digits depend on the processor (log10)."""


class Search:
    """One search for the best panel of an instance.

    Args:
        instance: The question.
        limits: When to stop.
        listener: Hears of progress.
        start: Panels (as slots) to begin with, e.g. a given one.
        first_only: End with the first allowed panel.
        standard: The panel with which others are as good or not; None = the best one that is found. Where none is as
            good, the best one is chosen.
        cache: What searches for related questions have found; takes in what this one finds.

    Attributes:
        has_options: Whether the search got so far as to list the slots that it may use.
        has_model: Whether there were slots to choose from and time to build the model.
    """

    def __init__(
        self,
        instance: Instance,
        limits: SearchSettings | None = None,
        listener: SolveListener | None = None,
        start: Sequence[Sequence[SlotIndex]] = (),
        *,
        first_only: bool = False,
        standard: PanelScore | None = None,
        cache: SearchCache | None = None,
    ) -> None:
        self.instance = instance
        self.limits = limits or SearchSettings()
        self.listener: SolveListener = listener or SilentSolveListener()
        self.outcome = Outcome()
        self._began = time.perf_counter()
        self._start = start
        self._first_only = first_only
        self._standard = standard
        self._cache = cache or SearchCache()
        self._best: Verdict | None = None
        self._chosen: Verdict | None = None
        self._deadline: float | None = None
        self.has_options = False
        self.has_model = False

    def run(self) -> Outcome:
        """Search, and return what was found and proven when it ends, for whatever reason."""
        try:
            self._prepare()
            for phase, share in (
                (self._phase_worst, WORST_SHARE),
                (self._phase_first_panel, 1.0),
                (self._phase_total, TOTAL_SHARE),
                (self._phase_practical, 1.0),
            ):
                self._end_phase_at(share)
                with contextlib.suppress(OutOfTime):
                    phase()
        except EnoughFound:
            pass
        except KeyboardInterrupt:
            self.outcome.interrupted = True
        return self._finish()

    def _end_phase_at(self, share: float) -> None:
        limit = self.limits.time_limit_s
        self._deadline = None if limit is None else self._began + share * limit

    # ---- phases

    def _prepare(self) -> None:
        self.listener.phase("start")
        self.options = reduce(self.instance, list_options(self.instance))
        self.has_options = True
        if not self.options.slots:
            self.outcome.status = "infeasible"
            raise EnoughFound
        self.judge = PanelScorer(self.instance, self.options, self.limits.tolerance)
        tools = self.tools = self._cache.tools(self.instance, self.options)
        self.local = LocalSearch(self.instance, self.options, tools.estimator, self.limits.seed)
        self.master = Master(self.instance, self.options, tools.own_bounds)
        self.separator = Separator(self.instance, self.options, tools.finder, tools.compensation, self.master)
        self.has_model = True
        self._cache.teach(self.instance, self.options, self.separator, self.judge)
        self.outcome.pairs = len(self.master.rho)
        self.outcome.build_s = time.perf_counter() - self._began

    def _phase_worst(self) -> None:
        self.listener.phase("worst")
        for slots in [*self._start, *self._cache.starts(self.instance, self.options)]:
            self._consider([self.options.by_slot[slot] for slot in slots])
        self.outcome.bound_worst = self.instance.rho_cap
        self.master.demand_ratios()
        self.master.maximise_worst()
        self._close()

    def _close(self) -> None:
        """Search and solve in turns until the present objective meets its bound."""
        self._explore(FIRST_ROUNDS)
        if not self._step():
            self._explore(ROUNDS)
            while not (self._is_closed() or self._step()):
                self._explore(MORE_ROUNDS)

    def _phase_first_panel(self) -> None:
        """Go on with objective 1 as long as there is no panel, and none is ruled out: then no other phase has work."""
        while self.outcome.best_worst is None and self.outcome.status != "infeasible" and not self._step():
            self._explore(MORE_ROUNDS)

    def _phase_total(self) -> None:
        outcome = self.outcome
        if outcome.best_worst is None:
            return
        floor = outcome.floor = outcome.best_worst - self.limits.tolerance
        outcome.bound_total = self.instance.rho_cap * len(self.master.rho)
        self.listener.phase("sum")
        self._consider_all()
        self.master.require_worst(floor - self.limits.tolerance)
        self.master.maximise_total()
        self._close()

    def _phase_practical(self) -> None:
        """Choose among the panels that are as good as the best one."""
        outcome = self.outcome
        if outcome.best_total is None or self._best is None or self._best.score is None:
            return
        self.listener.phase("practical")
        best = self._standard or self._best.score
        search = PracticalSearch(
            self.instance, self.options, self.judge, self.local, best, self.instance.slack, self._out_of_time
        )
        start = search.first(list(self.judge.known.values()))
        chosen = start if start is None else search.improve(start)
        self._chosen = chosen or self._best
        if self.outcome.total_is_closed(self.limits) and outcome.worst_is_closed(self.limits):
            master, separator = self._second_model()
            proof = PracticalProof(search, master, separator, self._solve_practical, self.limits.tolerance)
            found, outcome.practical_proven = proof.run(chosen)
            self._chosen = found or self._chosen

    def _second_model(self) -> tuple[Master, Separator]:
        """Return a model that holds every limit on claims, and no goal of the first two objectives."""
        master = Master(self.instance, self.options, self.tools.own_bounds)
        master.demand_ratios()
        separator = Separator(self.instance, self.options, self.tools.finder, self.tools.compensation, master)
        separator.reuse(
            [clause for clause in self.master.clauses if isinstance(clause, Cut)],
            [clause for clause in self.master.clauses if isinstance(clause, Lowered)],
        )
        return master, separator

    def _solve_practical(self, master: Master, best: Verdict | None) -> Answer:
        return self._run(master, best, 0.0, PRACTICAL_WORK)

    # ---- steps

    def _step(self) -> bool:
        """Solve the model once for the present objective; return whether the phase is over."""
        outcome = self.outcome
        first = outcome.floor is None
        answer = self._solve(GAP_SHARE * (self.limits.tolerance if first else self.limits.sum_tolerance))
        if answer.infeasible:  # the model has given up only panels that were judged
            if first and outcome.best_worst is None:
                outcome.status = "infeasible"
            outcome.bound_worst = outcome.best_worst if first else outcome.bound_worst
            outcome.bound_total = outcome.bound_total if first else outcome.best_total
            return True
        if answer.bound is None or answer.relaxed is None:
            raise OutOfTime
        (outcome.tighten_worst if first else outcome.tighten_total)(answer.bound)
        self.listener.bound(outcome.bound_worst, outcome.bound_total)
        verdict = self._consider(answer.relaxed.panel)
        self._polish(answer.relaxed.panel)
        if not self._is_closed():
            self._refine(verdict, answer.relaxed, only_worst=first)
        return self._is_closed()

    def _is_closed(self) -> bool:
        """Whether the present objective has met its bound."""
        outcome = self.outcome
        return outcome.worst_is_closed(self.limits) if outcome.floor is None else outcome.total_is_closed(self.limits)

    def _polish(self, panel: PanelKey) -> None:
        """Climb from a panel of the model, and judge where that leads."""
        if not self._is_closed():
            self._consider(self.local.climb(panel, self._merit, self._out_of_time)[0])

    def _merit(self, worst: FloatArray, total: FloatArray) -> FloatArray:
        """Return what the local search maximises in the present phase."""
        if self.outcome.floor is None:
            return 1e3 * worst + total
        return total - 1e3 * np.maximum(self.outcome.floor - worst, 0.0)

    def _explore(self, rounds: int) -> None:
        """Judge local optima near the best known panel, or near one made from scratch, until the gap is closed."""
        left = self._time_left()
        until = np.inf if left is None else time.perf_counter() + EXPLORE_SHARE * left
        start = self._best.key if self._best is not None else self.local.start()
        if start is None:
            return

        def over() -> bool:
            late = time.perf_counter() > until
            self.outcome.hurried |= late
            return late

        for panel in self.local.explore(start, self._merit, rounds, over):
            self._consider(panel)
            if self._is_closed():
                break

    def _consider(self, panel: Sequence[int]) -> Verdict:
        """Judge a panel and keep it if it is better."""
        verdict = self.judge.verdict(panel)
        score, outcome = verdict.score, self.outcome
        if score is None:
            return verdict
        if outcome.floor is None:
            if outcome.best_worst is None or score.worst > outcome.best_worst + SAME:
                outcome.best_worst, self._best = score.worst, verdict
                self.listener.improved(score.worst, None)
                if self._first_only:
                    raise EnoughFound
        elif not self._is_below_floor(score) and (
            outcome.best_total is None or score.total > outcome.best_total + SAME
        ):
            outcome.best_total, self._best = score.total, verdict
            self.listener.improved(score.worst, score.total)
        return verdict

    def _consider_all(self) -> None:
        """Consider every panel judged so far for the present objective."""
        for verdict in list(self.judge.known.values()):
            self._consider(verdict.key)

    def _is_below_floor(self, score: PanelScore) -> bool:
        """Whether a panel does not count for objective 2, because too much of objective 1 is given up."""
        return self.outcome.floor is not None and score.worst < self.outcome.floor - SAME

    def _refine(self, verdict: Verdict, relaxed: RelaxedSolution, *, only_worst: bool, lasting: bool = True) -> None:
        """Add limits that the solution violates, and fix the value of its panel."""
        promised = relaxed.worst if only_worst else sum(relaxed.rho.values())
        surplus = self.outcome.surplus(promised, self.limits, WANTED_SHARE)
        self.separator.refine(relaxed, only_worst=only_worst, surplus=surplus, stop=self._out_of_time, lasting=lasting)
        if verdict.score is None or self._is_below_floor(verdict.score):
            self.master.forbid_exactly(verdict.key)
        else:
            self.master.cap_exactly(verdict.key, verdict.score.worst, verdict.score.total)

    def _solve(self, gap: float = 0.0) -> Answer:
        """Run the model once, starting from the best panel."""
        return self._run(self.master, self._best, gap)

    def _run(self, master: Master, start: Verdict | None, gap: float, work: float | None = None) -> Answer:
        if self._out_of_time():
            raise OutOfTime
        if start is not None:
            suggest(master, self.options, start)
        answer = run_model(master, self.limits, self._time_left(), gap, work)
        self.outcome.deterministic_time += answer.deterministic_time
        self.outcome.out_of_memory |= answer.out_of_memory
        self.outcome.iterations += 1
        self._out_of_time()  # notes a run that the clock has ended, whatever it proved
        return answer

    def _out_of_time(self) -> bool:
        left = self._time_left()
        over = left is not None and left <= 0
        self.outcome.hurried |= over
        return over

    def _time_left(self) -> float | None:
        return None if self._deadline is None else self._deadline - time.perf_counter()

    def _finish(self) -> Outcome:
        outcome = self.outcome
        chosen = self._chosen or self._best
        outcome.best = self._best.score if self._best is not None else None
        outcome.score = chosen.score if chosen is not None else None
        outcome.practical_proven &= not (outcome.hurried or outcome.interrupted or outcome.out_of_memory)
        if outcome.status != "infeasible":
            closed = outcome.worst_is_closed(self.limits) and outcome.total_is_closed(self.limits)
            outcome.status = "optimal" if closed else ("feasible" if outcome.score is not None else "unknown")
        if self.has_model:
            self._cache.learn(self.instance, self.tools, self.separator, self.judge)
            outcome.rows = self.master.rows
            outcome.variables = len(self.master.model.proto.variables)
            outcome.constraints = len(self.master.model.proto.constraints)
        outcome.wall_s = time.perf_counter() - self._began
        outcome.check()
        return outcome
