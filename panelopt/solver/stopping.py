"""How a search divides its time, and why it may stop early."""

from __future__ import annotations

FIRST_ROUNDS, ROUNDS, MORE_ROUNDS = 1, 40, 1
"""Rounds of local search in each phase: before the first bound, after it, and at each further step."""

PRACTICAL_WORK = 4.0
"""Deterministic time (about seconds) for one run of the model on objective 3."""

GAP_SHARE = 0.25
"""Share of the tolerance that one run of the model may leave open."""

WANTED_SHARE = 0.5
"""Share of the tolerance within which an excess need not be corrected."""

EXPLORE_SHARE = 0.3
"""Share of a phase's time for its local search."""

WORST_SHARE, TOTAL_SHARE = 0.55, 0.9
"""Shares of the time limit at which the phases of objectives 1 and 2 end, proven or not."""


class OutOfTime(Exception):
    """The time of a phase is up."""


class EnoughFound(Exception):
    """The search can stop."""
