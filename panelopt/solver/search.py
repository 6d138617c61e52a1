"""The search: relax, score, cut, repeat; one objective after the other.

Each round solves the constraint model, which overestimates panels, and scores its panel exactly. Where the model
claimed more than the panel keeps, cuts are added that hold for every panel with the same slots, so that the model's
optimum falls until it meets the best panel found. A local search supplies good panels early, the first before the model
is built and the solver loaded.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from panelopt.bounds.candidate_slots import CandidateSlots, list_options
from panelopt.bounds.reduction import reduce
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.scoring import PanelScore
from panelopt.solver.explorer import Explorer
from panelopt.solver.listener import SilentSolveListener, SolveListener
from panelopt.solver.outcome import Outcome, SearchSettings
from panelopt.solver.panel_scorer import Evaluation
from panelopt.solver.search_cache import SearchCache
from panelopt.solver.search_state import PanelFinders, SearchParts, SearchState
from panelopt.solver.stopping import (
    GAP_SHARE,
    LIST_SHARE,
    MORE_ROUNDS,
    PRACTICAL_WORK,
    TOTAL_SHARE,
    WANTED_SHARE,
    WORST_SHARE,
    EnoughFound,
    OutOfTime,
    is_polished,
    rounds_after,
    rounds_for_lists,
)

if TYPE_CHECKING:
    from panelopt.solver.master import Master
    from panelopt.solver.model_run import Answer
    from panelopt.solver.separator import RelaxedSolution

Thing = TypeVar("Thing")


class Search:
    """One search for the best panel of an instance.

    Args:
        instance: The question.
        settings: When to stop, and the seed.
        listener: Notified of progress.
        start: Panels (as slots) to start from, e.g. a given one.
        first_only: Stop at the first allowed panel.
        standard: Panel that defines "as good" for objective 3; None = the best one found. If no panel is as good, the
            best one is chosen.
        cache: Findings of related searches; takes in those of this one.
        began: When the time limit started, on the clock of `time.perf_counter`; None = now.

    Attributes:
        state: What has been built and found so far.
    """

    def __init__(
        self,
        instance: Instance,
        settings: SearchSettings | None = None,
        listener: SolveListener | None = None,
        start: Sequence[Sequence[SlotIndex]] = (),
        *,
        first_only: bool = False,
        standard: PanelScore | None = None,
        cache: SearchCache | None = None,
        began: float | None = None,
    ) -> None:
        self.instance = instance
        self.settings = settings or SearchSettings()
        self.listener: SolveListener = listener or SilentSolveListener()
        self.state = SearchState(self.settings, began=time.perf_counter() if began is None else began)
        self._start = start
        self._first_only = first_only
        self._standard = standard
        self._cache = cache or SearchCache()

    @property
    def outcome(self) -> Outcome:
        """Values and bounds found so far."""
        return self.state.outcome

    @property
    def options(self) -> CandidateSlots:
        """Candidate slots; a RuntimeError before they are listed."""
        return _known(self.state.options)

    @property
    def finders(self) -> PanelFinders:
        """What finds panels; a RuntimeError before the slots are listed."""
        return _known(self.state.finders)

    @property
    def _explorer(self) -> Explorer:
        return Explorer(self.state, self.finders, self.listener, first_only=self._first_only)

    @property
    def has_model(self) -> bool:
        """Whether the model was built: there were slots to choose from, and time."""
        return self.state.parts is not None

    @property
    def parts(self) -> SearchParts:
        """Model and tools; a RuntimeError before they are built."""
        return _known(self.state.parts)

    def run(self) -> Outcome:
        """Search, and return what was found and proven, however the search ends."""
        try:
            self._prepare()
            for phase, share in (
                (self._phase_worst, WORST_SHARE),
                (self._phase_first_panel, 1.0),
                (self._phase_total, TOTAL_SHARE),
                (self._phase_practical, 1.0),
            ):
                self.state.end_phase_at(share)
                with contextlib.suppress(OutOfTime):
                    phase()
        except EnoughFound:
            pass
        except KeyboardInterrupt:
            self.outcome.interrupted = True
        if self.has_model:
            self._cache.record(self.instance, self.parts.tools, self.parts.separator, self.finders.scorer)
        return self.state.finish()

    # ---- phases

    def _prepare(self) -> None:
        self.listener.phase("start")
        options = self.state.options = reduce(self.instance, list_options(self.instance))
        if not options.slots:
            self.outcome.status = "infeasible"
            raise EnoughFound
        tools = self._cache.tools(self.instance, options)
        finders = self.state.finders = PanelFinders.build(self.instance, tools, self.settings)
        self._cache.remember(self.instance, finders.scorer)
        self.outcome.build_s = self.state.elapsed_s()

    def _build_model(self) -> None:
        """Build the model for objective 1, unless there is one."""
        if self.has_model:
            return
        began, stop = self.state.elapsed_s(), self.state.out_of_time
        if stop() or not self.finders.tools.bound_claims(stop):
            raise OutOfTime
        parts = self.state.parts = SearchParts.build(self.instance, self.finders)
        self._cache.apply(self.instance, self.options, parts.separator, parts.scorer)
        self.outcome.pairs = len(parts.master.rho)
        self.outcome.build_s += self.state.elapsed_s() - began
        parts.master.demand_ratios()
        parts.master.maximise_worst()

    def _phase_worst(self) -> None:
        self.listener.phase("worst")
        for slots in [*self._start, *self._cache.starts(self.instance, self.options)]:
            self._explorer.consider([self.options.by_slot[slot] for slot in slots])
        self.outcome.bound_worst = self.instance.rho_cap
        self._explorer.sketch()
        self._explorer.scout()
        self._build_model()
        self._close()

    def _close(self) -> None:
        """Alternate local search and model until the present objective meets its bound."""
        step, idle = 1, 1
        while not self.state.is_closed():
            reached = self.outcome.reached
            rounds = rounds_for_lists(step, idle) if self._explorer.is_list else 0
            if self._step(polish=is_polished(step), rounds=rounds) or self._explorer.list_above(step):
                break
            self._explorer.explore(0 if self._explorer.is_list else rounds_after(step))
            step, idle = step + 1, idle + 1 if self.outcome.reached == reached else 0

    def _phase_first_panel(self) -> None:
        """Continue with objective 1 until there is a panel or none exists: no other phase has work before."""
        while not self._is_decided():
            self._build_model()
            if self._step():
                return
            self._explorer.explore(MORE_ROUNDS)

    def _is_decided(self) -> bool:
        """Whether there is a panel, or known to be none."""
        return self.outcome.best_worst is not None or self.outcome.status == "infeasible"

    def _phase_total(self) -> None:
        outcome = self.outcome
        if outcome.best_worst is None:
            return
        self._build_model()
        master = self.parts.master
        floor = outcome.floor = outcome.best_worst - self.settings.tolerance
        outcome.bound_total = self.instance.rho_cap * len(master.rho)
        self.listener.phase("sum")
        for evaluation in list(self.finders.scorer.known.values()):
            self._explorer.consider(evaluation.key)
        master.require_worst(floor - self.settings.tolerance)
        master.maximise_total()
        self._explorer.sketch()
        self._close()

    def _phase_practical(self) -> None:
        """Choose among the panels that are as good as the best one."""
        outcome, state = self.outcome, self.state
        if outcome.best_total is None or state.best is None or state.best.score is None:
            return
        from panelopt.solver.practical_proof import PracticalProof
        from panelopt.solver.practical_search import PracticalSearch

        parts = self.parts
        self.listener.phase("practical")
        best, slack = self._standard or state.best.score, self.instance.slack
        search = PracticalSearch(self.instance, parts.tools, parts.scorer, parts.local, best, slack, state.out_of_time)
        start = search.first(list(parts.scorer.known.values()))
        chosen = start if start is None else search.complete(search.improve(start))
        state.chosen = completed = chosen or state.best
        if outcome.total_is_closed(self.settings) and outcome.worst_is_closed(self.settings):
            proof = PracticalProof(search, parts, self._solve_practical, self.settings.tolerance)
            chosen, outcome.practical_proven = proof.run(chosen)
        if chosen is not None:
            state.chosen = chosen if chosen is completed else search.complete(chosen)

    def _solve_practical(self, master: Master, best: Evaluation | None) -> Answer:
        return self._run(master, best, 0.0, PRACTICAL_WORK)

    # ---- steps

    def _step(self, *, polish: bool = True, rounds: int = 0) -> bool:
        """Solve the model once for the present objective; return whether the phase is over.

        Args:
            polish: Whether local search improves the panel of the model.
            rounds: Rounds of local search before cuts are sought.
        """
        outcome, settings = self.outcome, self.settings
        first = outcome.floor is None
        gap = GAP_SHARE * (settings.tolerance if first else settings.sum_tolerance)
        answer = self._run(self.parts.master, self.state.best, gap)
        if answer.infeasible:  # the model has excluded only panels that were scored
            if first and outcome.best_worst is None:
                outcome.status = "infeasible"
            outcome.bound_worst = outcome.best_worst if first else outcome.bound_worst
            outcome.bound_total = outcome.bound_total if first else outcome.best_total
            return True
        if answer.bound is None or answer.relaxed is None:
            raise OutOfTime
        (outcome.tighten_worst if first else outcome.tighten_total)(answer.bound)
        self.listener.bound(outcome.bound_worst, outcome.bound_total)
        evaluation = self._explorer.consider(answer.relaxed.panel)
        if polish:
            self._explorer.polish(answer.relaxed.panel)
        if not self.state.is_closed():
            self._explorer.explore(rounds, LIST_SHARE)
        if not self.state.is_closed():
            self._refine(evaluation, answer.relaxed, only_worst=first)
        return self.state.is_closed()

    def _refine(self, evaluation: Evaluation, relaxed: RelaxedSolution, *, only_worst: bool) -> None:
        """Add cuts that the solution violates, and fix the value of its panel."""
        claimed = relaxed.worst if only_worst else sum(relaxed.rho.values())
        surplus = self.outcome.surplus(claimed, self.settings, WANTED_SHARE)
        parts, state = self.parts, self.state
        parts.separator.refine(relaxed, only_worst=only_worst, surplus=surplus, stop=state.out_of_time)
        if evaluation.score is None or state.is_below_floor(evaluation.score):
            parts.master.forbid_exactly(evaluation.key)
        else:
            parts.master.cap_exactly(evaluation.key, evaluation.score.worst, evaluation.score.total)

    def _run(self, master: Master, start: Evaluation | None, gap: float, work: float | None = None) -> Answer:
        """Run a model once, starting from a panel."""
        if self.state.out_of_time():
            raise OutOfTime
        from panelopt.solver.model_run import run_model, suggest

        if start is not None:
            suggest(master, self.options, start)
        answer = run_model(master, self.settings, self.state.time_left(), gap, work)
        self.outcome.deterministic_time += answer.deterministic_time
        self.outcome.out_of_memory |= answer.out_of_memory
        self.outcome.iterations += 1
        self.state.out_of_time()  # records a run that the clock ended, whatever it proved
        return answer


def _known(thing: Thing | None) -> Thing:
    if thing is None:
        raise RuntimeError("the search has not come that far")
    return thing
