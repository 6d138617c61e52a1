"""Control tubes on cells: ``events / (share KEPT)`` of them, where ``share`` count and ``KEPT`` are recorded."""

from __future__ import annotations

import math
from collections.abc import Iterable

from panelopt.domain.control_tubes import ControlTube
from panelopt.planning import control_rules as rule
from panelopt.planning.as_written import cells_down, cells_up, written_tests, written_volume
from panelopt.planning.bench import Bench


def cells_needed(events: float, share: float) -> float:
    """Return the cells needed for a number of events of a share of them, rounded for the bench."""
    return cells_up(events / (share * rule.KEPT))


def tube_on_cells(
    bench: Bench,
    events: float,
    share: float,
    most: float,
    *,
    rules: tuple[str, ...],
    note: str = "",
    fill: bool = False,
    **fields: object,
) -> ControlTube:
    """Return a tube on cells.

    Args:
        bench: The panel at the bench.
        events: Events of ``share`` to be recorded at least.
        share: Cells that count, fraction.
        most: Cells that the tube may take; if it needs more it records fewer events.
        rules: Names of the rules that ask for it.
        note: What else to know.
        fill: Whether it takes as many cells as it may.
        fields: Other fields of the tube.
    """
    cells = cells_needed(events, share)
    if cells > most:
        rules = tuple(dict.fromkeys((*rules, "share-of-sample")))
        note = "; ".join(filter(None, (note, "as many events as the sample allows")))
    if cells > most or fill:
        cells = cells_down(most)
        events = cells_down(cells * share * rule.KEPT)
    tests = max(1.0, written_tests(cells / bench.cells_per_test))
    return ControlTube.model_validate(
        {
            **fields,
            "carrier": "cells",
            "events": events,
            "share": share,
            "cells": cells,
            "volume_ul": written_volume(rule.VOLUME_UL * tests),
            "tests": tests if fields.get("stained") else 0.0,
            "rules": rules,
            "note": note,
        }
    )


def cells_of(tubes: Iterable[ControlTube]) -> float:
    """Return the total cells of some tubes."""
    return math.fsum(tube.cells for tube in tubes if tube.cells is not None)
