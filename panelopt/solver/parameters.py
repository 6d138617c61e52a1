"""Parameters of CP-SAT. Nothing else sets any."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

BATCH = 3
"""Tasks that the strategies of the portfolio do between two exchanges of findings.

Results depend on it, so it does not depend on the machine; threads beyond it would have nothing to do.
"""

LEFT_OUT = ("no_lp", "quick_restart_no_lp", "core")
"""Strategies without linear relaxation: they climb in single steps of the objective while the others wait.
Neighbourhood searches do the same and are switched off too."""

LEAST_THREADS = 2
"""With a single thread the solver interleaves differently and gives other results."""


class Strategy(Enum):
    """How one run searches."""

    SINGLE = "one deterministic search"
    PORTFOLIO = "interleaved strategies, deterministic for any number of threads"
    TEAM = "named strategies, interleaved like the portfolio"
    PLAIN = "the solver's own choice"


def set_parameters(
    parameters: Any,
    strategy: Strategy,
    *,
    workers: int,
    seed: int,
    gap: float = 0.0,
    work: float | None = None,
    team: Sequence[str] = (),
) -> None:
    """Set the parameters of one run.

    Args:
        parameters: Those of the solver.
        strategy: How to search.
        workers: Threads; the portfolio uses at least two, and at most as many as there is work for.
        seed: Seed of the search.
        gap: Absolute gap at which to stop.
        work: Deterministic time (about seconds) at which to stop; None = no limit.
        team: Names of the strategies of a team, as the solver spells them.
    """
    parameters.random_seed = seed
    # without conditional constraints in the linear relaxation the solver climbs in single steps of the objective
    parameters.linearization_level = 2
    # soundness: without probing, this part of presolve gave wrong optima and false infeasibility (OR-tools 9.15, models
    # of the choice of reporters; right without it, with probing, and without presolve); panel models cost the same
    parameters.presolve_inclusion_work_limit = 0
    if strategy is Strategy.PLAIN:
        parameters.num_workers = workers
        return
    parameters.catch_sigint_signal = False
    parameters.absolute_gap_limit = gap
    parameters.max_deterministic_time = float("inf") if work is None else work
    if strategy is Strategy.TEAM:
        parameters.subsolvers.extend(team)
        _interleave(parameters, workers, len(team))
        return
    # measured: the models are small and solved often; presolve pays, probing and symmetry do not
    parameters.cp_model_probing_level = 0
    parameters.symmetry_level = 0
    if strategy is Strategy.SINGLE:
        parameters.num_workers = 1
        return
    parameters.ignore_subsolvers.extend(LEFT_OUT)
    _interleave(parameters, workers, BATCH)


def _interleave(parameters: Any, workers: int, batch: int) -> None:
    parameters.num_workers = max(LEAST_THREADS, min(workers, batch))
    parameters.interleave_search = True
    parameters.interleave_batch_size = batch
    parameters.use_lns = False
