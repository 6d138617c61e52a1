"""What a certificate claims, and whether its claims agree with each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from panelopt.domain.certificate import Certificate

SAME = 1e-6
"""Values that differ by less are equal (log10): what rounding may differ by between machines."""


def claims_of(c: Certificate) -> Iterator[str]:
    """Yield what a certificate claims, in words."""
    yield f"{c.status.value}, tolerance {c.tolerance:g}"
    values = (
        ("worst log ratio", c.best_worst and c.best_worst.worst, c.bound.worst_log_ratio),
        ("sum of log ratios", c.best_total and c.best_total.total, c.bound.sum_log_ratio),
    )
    for name, best, limit in values:
        if best is not None:
            yield f"{name} {best:.6f}; " + ("no limit" if limit is None else f"no panel has more than {limit:.6f}")


def contradictions(c: Certificate) -> Iterator[str]:
    """Yield where values, floor, limits and status of a certificate do not agree with each other."""
    worst, total = c.best_worst, c.best_total
    if c.status == "infeasible":
        if c.reported is not None or worst is not None:
            yield "there is a panel, but the status is infeasible"
        return
    if worst is not None and c.bound.worst_log_ratio is not None and worst.worst > c.bound.worst_log_ratio + _steps(c):
        yield "objective 1 exceeds its limit"
    if total is not None and c.bound.sum_log_ratio is not None and total.total > c.bound.sum_log_ratio + _steps(c):
        yield "objective 2 exceeds its limit"
    if c.floor is not None and (worst is None or abs(c.floor - (worst.worst - c.tolerance)) > SAME):
        yield "the floor is not the best value of objective 1 less the tolerance"
    if c.bound.sum_log_ratio is not None and c.floor is None:
        yield "a limit of objective 2 needs a floor"
    for name, one in (("reported", c.reported), ("best_total", total)):
        if one is not None and c.floor is not None and one.worst < c.floor - SAME:
            yield f"{name}: the panel lies below the floor"
    if (c.reported is None) != (worst is None):
        yield "there is no panel, or none that is the best"
    if c.status == "unknown" and c.reported is not None:
        yield "there is a panel, but the status is unknown"
    if c.status == "optimal" and not _is_closed(c):
        yield "a gap is larger than the tolerance, but the status is optimal"


def _is_closed(c: Certificate) -> bool:
    values = (c.best_worst, c.best_total, c.bound.worst_log_ratio, c.bound.sum_log_ratio)
    if c.best_worst is None or c.best_total is None or None in values:
        return False
    gaps = np.array([(values[2] or 0.0) - c.best_worst.worst, (values[3] or 0.0) - c.best_total.total])
    return bool((gaps <= np.array([1.0, 2.5]) * c.tolerance + _steps(c)).all())


def _steps(c: Certificate) -> float:
    """Return what integer rounding may add to a limit."""
    pairs = sum(role == "target" for role in c.instance.role) * len(c.instance.role)
    return 3e-6 * max(pairs, len(c.instance.marker), 1)
