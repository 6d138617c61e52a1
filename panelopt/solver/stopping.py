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

LIST_ROUNDS, MOST_LIST_ROUNDS = 6, 30
"""Rounds for a marker list for each of the last steps that brought nothing, and most of them."""

HIGHER, DECENT, SHORT_WEIGHT = 0.1, 1.0, 20.0
"""How far above the best worst ratio (log10) local search for a marker list aims, where that is high enough to begin
with, and how much more than their sum it then counts what markers fall short."""

POLISHED = 8
"""First steps whose panels local search improves."""

PRACTICAL_WORK = 4.0
"""Deterministic time (about seconds) for one run of the model on objective 3."""

LISTED_AFTER = {1: 100_000_000, 2: 200_000_000, 5: 500_000_000, 10: 1_000_000_000, 20: 2_000_000_000, 40: 5_000_000_000}
"""Steps of the model after which a phase lists the panels above the best one, if half of this work seems enough."""

GAP_SHARE = 0.25
"""Share of the tolerance that one run of the model may leave open."""

WANTED_SHARE = 0.5
"""Share of the tolerance within which an excess need not be corrected."""

EXPLORE_SHARE, LIST_SHARE = 0.15, 0.4
"""Share of the time left of a phase for one exploration by local search, and for one of a marker list."""

WORST_SHARE, TOTAL_SHARE = 0.55, 0.9
"""Shares of the time limit at which the phases of objectives 1 and 2 end, proven or not."""


def rounds_after(step: int) -> int:
    """Return the rounds of local search after a step of the model, counted from 1; fewer and fewer."""
    return NEXT_ROUNDS.get(step, MORE_ROUNDS if _is_power_of_two(step) else 0)


def rounds_for_lists(step: int, idle: int) -> int:
    """Return the rounds of local search for a marker list in a step of the model.

    Where all markers compete for the bright dyes, cuts may lower no bound for long: local search then takes its share.

    Args:
        step: Counted from 1.
        idle: How many steps in a row have lowered no bound and found no panel; 1 before the first.
    """
    return min(LIST_ROUNDS * idle, MOST_LIST_ROUNDS) if idle else rounds_after(step)


def is_polished(step: int) -> bool:
    """Whether local search improves the panel of a step of the model, counted from 1."""
    return step <= POLISHED or _is_power_of_two(step)


def _is_power_of_two(number: int) -> bool:
    return number & (number - 1) == 0


class OutOfTime(Exception):
    """The time of a phase is up."""


class EnoughFound(Exception):
    """The search can stop."""
