"""Demands that come with the call and not with the problem."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from panelopt.domain.problem_record import Locked
from panelopt.instance.product_index import Key


@dataclass(frozen=True, slots=True)
class Switches:
    """Demands that come with the call and that no problem file can hold.

    Attributes:
        allow_unknown_price: Admit products without a price although there is a budget.
        require_goal: Make the purity goal a demand.
        optional: Markers that need not be stained although a marker list asks for all.
        today: Lots on the own shelf that expired before this day are left out; None = none are.
        allow_unverified: Admit products that no source shows.
        only_inventory: Use what is on the own shelf, and nothing else.
        given: Marker and fluorochrome of reagents that somebody named: their products are admitted although no source
            shows them, and their dyes are carried although no product has them.
        call_locks: How many of the last locked reagents came with the call.
        former_locks: Locks that were given up: nobody must keep them, but their reagents may stand where they were.
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
