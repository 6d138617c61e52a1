"""Demands of a call that no problem file can hold."""

from __future__ import annotations

from datetime import date

from panelopt.domain.problem_record import Locked
from panelopt.frozen import dataclass
from panelopt.instance.product import Key


@dataclass(frozen=True, slots=True)
class Switches:
    """Demands of a call that no problem file can hold.

    Attributes:
        allow_unknown_price: Admit products without a price despite a budget.
        require_goal: Make the purity goal a demand.
        optional: Markers of a marker list that need not be stained.
        today: Lots in stock that expired before this day are left out; None = keep all.
        allow_unverified: Admit products that no source shows.
        only_inventory: Use only what is in stock.
        given: Marker and fluorochrome of named reagents: their products are admitted although no source shows them, and
            their dyes are kept although no product has them.
        call_locks: How many of the last locked reagents came with the call.
        former_locks: Dropped locks: no longer binding, but their reagents may stay where they were.
    """

    allow_unknown_price: bool = False
    require_goal: bool = False
    optional: frozenset[str] = frozenset()
    today: date | None = None
    allow_unverified: bool = False
    only_inventory: bool = False
    given: frozenset[Key] = frozenset()
    call_locks: int = 0
    former_locks: tuple[Locked, ...] = ()
