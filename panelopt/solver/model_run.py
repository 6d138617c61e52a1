"""One run of the constraint model, from a hint to a relaxed solution."""

from __future__ import annotations

from ortools.sat.python import cp_model

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.frozen import dataclass
from panelopt.solver import engine
from panelopt.solver.integer_steps import SCALE
from panelopt.solver.master import Master
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.panel_scorer import Evaluation
from panelopt.solver.separator import RelaxedSolution


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of a run.

    Attributes:
        infeasible: Whether the model has no solution.
        bound: Proven bound on the objective, log10; None where the run ended without a solution.
        relaxed: The solution; None where there is none.
        deterministic_time: Work done.
        out_of_memory: Whether the memory limit ended the run.
    """

    infeasible: bool
    bound: float | None
    relaxed: RelaxedSolution | None
    deterministic_time: float
    out_of_memory: bool = False


def run_model(
    master: Master, settings: SearchSettings, seconds: float | None, gap: float, work: float | None = None
) -> Answer:
    """Solve the model.

    Args:
        master: The model, with its objective.
        settings: Threads, seed and memory.
        seconds: Wall-clock limit; None = none.
        gap: Gap at which to stop, log10.
        work: Deterministic time at which to stop; None = none.
    """
    solver = cp_model.CpSolver()
    run = engine.run(
        solver,
        master.model,
        seconds=seconds,
        workers=settings.workers,
        seed=settings.seed,
        gap=gap * SCALE,
        memory_limit_mb=settings.memory_limit_mb,
        work=work,
    )
    if not run.solved or run.bound is None:
        return Answer(run.infeasible, None, None, run.deterministic_time, run.out_of_memory)
    relaxed = relaxed_solution(solver, master)
    return Answer(False, run.bound / SCALE, relaxed, run.deterministic_time, run.out_of_memory)


def relaxed_solution(solver: cp_model.CpSolver, master: Master) -> RelaxedSolution:
    """Return the relaxed solution that a solver holds."""
    return RelaxedSolution(
        panel=tuple(o for o, x in enumerate(master.panel.used) if solver.boolean_value(x)),
        gates=frozenset(gate for gate, x in master.gate.items() if solver.boolean_value(x)),
        worst=solver.value(master.worst) / SCALE,
        claims={key: solver.value(x) / SCALE for key, x in master.claim.items()},
        rho={key: solver.value(x) / SCALE for key, x in master.rho.items()},
        terms=master.terms.values(solver.value),
    )


def suggest(master: Master, options: CandidateSlots, best: Evaluation) -> None:
    """Hint a scored panel and its gates for the next run."""
    if best.score is None:
        return
    slots = best.score.slots
    gates = [
        (number, options.key(options.by_slot[slots[slot]]), side)
        for number, view in enumerate(best.score.views)
        for slot, side in view.gates
    ]
    master.hint(best.key, gates)
