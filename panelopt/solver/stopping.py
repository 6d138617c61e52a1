"""How a search divides its time, and why it may stop early."""

from __future__ import annotations

FIRST_ROUNDS = 1
"""Rounds of local search before the first step of the model in each phase."""

SCOUT_ROUNDS = 4
"""Rounds that look for a large sum before the first step of the model."""

NEXT_ROUNDS = {1: 3, 2: 9, 8: 27}
"""Rounds after some of its first steps: most questions are closed before the long ones."""

MORE_ROUNDS = 1
"""Rounds where later steps still search locally."""

POLISHED = 8
"""First steps whose panels local search improves."""

PRACTICAL_WORK = 4.0
"""Deterministic time (about seconds) for one run of the model on objective 3."""

LISTED_AFTER = {2: 200_000_000, 5: 500_000_000, 10: 1_000_000_000, 20: 2_000_000_000, 40: 5_000_000_000}
"""Steps of the model after which a phase lists the panels above the best one, if half of this work seems enough."""

GAP_SHARE = 0.25
"""Share of the tolerance that one run of the model may leave open."""

WANTED_SHARE = 0.5
"""Share of the tolerance within which an excess need not be corrected."""

EXPLORE_SHARE = 0.15
"""Share of the time left of a phase for one exploration by local search."""

WORST_SHARE, TOTAL_SHARE = 0.55, 0.9
"""Shares of the time limit at which the phases of objectives 1 and 2 end, proven or not."""


def rounds_after(step: int) -> int:
    """Return the rounds of local search after a step of the model, counted from 1; fewer and fewer."""
    return NEXT_ROUNDS.get(step, MORE_ROUNDS if _is_power_of_two(step) else 0)


def is_polished(step: int) -> bool:
    """Whether local search improves the panel of a step of the model, counted from 1."""
    return step <= POLISHED or _is_power_of_two(step)


def _is_power_of_two(number: int) -> bool:
    return number & (number - 1) == 0


class OutOfTime(Exception):
    """The time of a phase is up."""


class EnoughFound(Exception):
    """The search can stop."""
