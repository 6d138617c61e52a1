"""How a search divides its time, and why it may end early."""

from __future__ import annotations

FIRST_ROUNDS, ROUNDS, MORE_ROUNDS = 1, 40, 1
"""Rounds of the local search in each phase: before the first bound is known, after it, and at each further step."""

TIDY_ROUNDS = 4
"""Times the model is asked for a smaller panel that is as good."""

SHELF_ROUNDS = 60
"""The same for a panel with fewer products to buy, where more of the sum may be given up for it."""

GAP_SHARE = 0.25
"""Share of the tolerance that one run of the model may leave open."""

WANTED_SHARE = 0.5
"""Share of the tolerance within which a promise need not be corrected."""

EXPLORE_SHARE = 0.3
"""Share of a phase's time that its local search may take."""

WORST_SHARE, TOTAL_SHARE = 0.55, 0.9
"""Shares of the time limit after which the phases of objective 1 and 2 end, proven or not."""


class OutOfTime(Exception):
    """The time of a phase is over."""


class EnoughFound(Exception):
    """The search need not go on."""
