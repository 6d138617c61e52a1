"""Collects what a search has used, so that others can check it without the search."""

from __future__ import annotations

from panelopt import __version__
from panelopt.bounds.cut_form import CutForm
from panelopt.bounds.exclusions import Exclusions
from panelopt.bounds.proof_arrays import ClauseNumbers, clause_numbers, own_numbers
from panelopt.domain.certificate import AskedQuestion, Certificate, OptionNumbers, OwnBounds, ScoredPanel
from panelopt.domain.result import Bound, SolveStatus
from panelopt.instance.numbers import instance_sha256, numbers_of
from panelopt.scoring import PanelScore
from panelopt.solver.search import Search


def certificate_of(search: Search, question: AskedQuestion) -> Certificate:
    """Return the certificate of a search that has run.

    Args:
        search: The search.
        question: Names and hashes of what was asked.
    """
    outcome, instance = search.outcome, numbers_of(search.instance)
    score = outcome.score
    clauses = _clauses(search)
    return Certificate(
        panelopt_version=__version__,
        question=question,
        instance_sha256=instance_sha256(instance),
        instance=instance,
        tolerance=search.settings.tolerance,
        status=SolveStatus(outcome.status),
        options=tuple(
            OptionNumbers(markers=slot.markers, dye=slot.dye, detector=slot.detector) for slot in search.options.slots
        ),
        reported=None if score is None else _scored(search, score),
        gates=() if score is None else _gates(search, score),
        best_worst=_best_worst(search),
        best_total=None if outcome.best_total is None or outcome.best is None else _scored(search, outcome.best),
        floor=outcome.floor,
        bound=Bound(worst_log_ratio=outcome.bound_worst, sum_log_ratio=outcome.bound_total),
        own_limits=_own_bounds(search),
        lowered=clauses.lowered,
        rows=clauses.rows,
        capped=clauses.capped,
        forbidden=clauses.forbidden,
    )


def _clauses(search: Search) -> ClauseNumbers:
    """Return the clauses that lowered the model's optimum; none without a model."""
    if not search.has_model:
        return ClauseNumbers()
    instance, options = search.instance, search.options
    return clause_numbers(search.parts.master.clauses, CutForm(instance, options, Exclusions(instance, options)))


def _own_bounds(search: Search) -> tuple[OwnBounds, ...]:
    """Return what slots can claim, by view; empty without slots."""
    if not search.has_model:
        return (OwnBounds(options=(), values=()),) * len(search.instance.views)
    return tuple(own_numbers(bounds) for bounds in search.parts.tools.own_bounds)


def _scored(search: Search, score: PanelScore) -> ScoredPanel:
    panel = tuple(sorted(search.options.by_slot[slot] for slot in score.slots))
    return ScoredPanel(panel=panel, worst=score.worst, total=score.total)


def _gates(search: Search, score: PanelScore) -> tuple[tuple[tuple[int, int], ...], ...]:
    place = [search.options.by_slot[slot] for slot in score.slots]
    return tuple(tuple((place[slot], side) for slot, side in view.gates) for view in score.views)


def _best_worst(search: Search) -> ScoredPanel | None:
    """Return the first scored panel that reaches the best value of objective 1."""
    best = search.outcome.best_worst
    if best is None:
        return None
    scores = (evaluation.score for evaluation in search.parts.scorer.known.values())
    return next((_scored(search, score) for score in scores if score is not None and score.worst == best), None)
