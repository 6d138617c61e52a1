"""Control tubes of a panel: on cells or beads, how many cells, and the rules behind them.

The cells that all controls together take never exceed a share of the sample (:mod:`panelopt.planning.allowance`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from panelopt.domain.control_tubes import Carrier, Controls, ControlTube
from panelopt.domain.reagents import VIABILITY_MARKER, Conjugate
from panelopt.instance.arrays import SlotIndex
from panelopt.planning import control_rules as rule
from panelopt.planning.allowance import allowance
from panelopt.planning.bench import Bench
from panelopt.planning.cell_tubes import cells_needed, cells_of, tube_on_cells
from panelopt.planning.fmo import FmoGate
from panelopt.planning.fmo_tubes import fmo_tubes
from panelopt.planning.positives import brightest_marker, positive_share
from panelopt.planning.titration import titration

_UNLIKE_ON_BEADS = frozenset({"protein", "polymer", "tandem"})
_SAME = 1e-9  # levels closer than this are equal


def plan_controls(bench: Bench, gates: Sequence[FmoGate]) -> Controls:
    """Return the controls of a panel.

    Args:
        bench: The panel at the bench.
        gates: The gates with the decision whether they need an FMO tube.
    """
    live = [index for index, slot in enumerate(bench.slots) if bench.is_viability(slot)]
    most = allowance(bench, 1 + len(live), len({gate.decision.slot for gate in gates if gate.decision.needed}))
    plain = [_unstained(bench, most.plain), *(_viability(bench, index, most.plain) for index in live)]
    minus_one = tuple(fmo_tubes(bench, gates, most.fmo))
    stains = _single_stains(bench, most.total - cells_of((*plain, *minus_one)))
    on_beads = any(tube.carrier == "beads" for tube in stains)
    tubes = (plain[0], *([_BARE_BEADS] if on_beads else []), *plain[1:], *stains, *minus_one)
    cells = cells_of(tubes)
    used = {name for tube in tubes for name in tube.rules} | {"titration"}
    keys = [key for slot in bench.slots for key in bench.reagents(slot)]
    return Controls(
        tubes=tubes,
        fmo=tuple(gate.decision for gate in gates),
        titrations=tuple(titration(bench.conjugate[key], bench.pack[key]) for key in keys),
        rules=tuple(known for known in rule.RULES if known.name in used),
        cells=cells,
        share_of_sample=cells / bench.cells if bench.cells else None,
        model_values={
            **rule.MODEL_VALUES,
            "cells_per_test": bench.cells_per_test,
            "max_share_of_controls": bench.control_share,
        },
    )


_BARE_BEADS = ControlTube(
    name="beads without antibody",
    kind="unstained",
    carrier="beads",
    events=rule.BEAD_EVENTS,
    volume_ul=rule.VOLUME_UL,
    tests=0.0,
    rules=("same-background",),
)


def _unstained(bench: Bench, most: float) -> ControlTube:
    name = f"unstained cells, {bench.tissue}" if bench.tissue else "unstained cells"
    rules = ("unstained",) if bench.instance.conventional else ("unstained", "cells-for-unmixing")
    return tube_on_cells(bench, rule.UNSTAINED_EVENTS, 1.0, most, name=name, kind="unstained", rules=rules)


def _viability(bench: Bench, index: int, most: float) -> ControlTube:
    dye = bench.instance.dye[bench.slots[index].dye]
    return tube_on_cells(
        bench,
        rule.POSITIVE_EVENTS,
        rule.HEAT_KILLED,
        most,
        name=f"viability {dye} alone",
        kind="viability",
        slot=index,
        markers=(VIABILITY_MARKER,),
        fluorochrome=dye,
        stained=(index,),
        rules=("every-dye", "viability"),
        note=f"{100 * rule.HEAT_KILLED:.0f} % of the cells heat-killed, mixed with the others before staining",
    )


# ---- single stains


def _single_stains(bench: Bench, left: float) -> list[ControlTube]:
    """Return the tubes of every dye: of each reagent of a tandem, else of the reagent with the brightest antigen.

    Args:
        bench: The panel at the bench.
        left: Cells that they may take together; those that need fewest get them first.
    """
    wanted = [(index, marker) for index, slot in enumerate(bench.slots) for marker in _controlled(bench, slot)]
    needs = {reagent: _cells_needed(bench, reagent[1]) for reagent in wanted}
    carriers = {}
    for index, marker in sorted(wanted, key=lambda reagent: (needs[reagent], reagent)):
        key = (bench.instance.marker[marker], bench.instance.dye[bench.slots[index].dye])
        carriers[index, marker] = _carrier(bench, key, needs[index, marker], left)
        if carriers[index, marker][0] == "cells":
            left -= needs[index, marker]
    return [_single_stain(bench, *reagent, *carriers[reagent]) for reagent in wanted]


def _controlled(bench: Bench, slot: SlotIndex) -> tuple[int, ...]:
    """Return the markers of a slot whose reagents are stained alone."""
    if bench.is_viability(slot):
        return ()
    if bench.dye[bench.instance.dye[slot.dye]].is_tandem:
        return slot.markers
    return (brightest_marker(bench.instance, slot),)


def _cells_needed(bench: Bench, marker: int) -> float:
    """Return the cells for the single stain of a marker; infinite if none is known to carry it."""
    share = positive_share(bench.instance, bench.phi, marker)
    return cells_needed(rule.POSITIVE_EVENTS, share) if share else math.inf


def _single_stain(bench: Bench, index: int, marker: int, carrier: Carrier, why: str) -> ControlTube:
    key = (bench.instance.marker[marker], bench.instance.dye[bench.slots[index].dye])
    share = positive_share(bench.instance, bench.phi, marker)
    rules = ("every-dye", "brightness", *(("same-lot",) if bench.dye[key[1]].is_tandem else ()), why, "same-background")
    fields: dict[str, Any] = {
        "name": f"{key[0]} {key[1]} alone",
        "kind": "single-stain",
        "slot": index,
        "markers": key[:1],
        "fluorochrome": key[1],
        "stained": (index,),
    }
    if carrier == "cells" and share:
        return tube_on_cells(bench, rule.POSITIVE_EVENTS, share, math.inf, rules=rules, **fields)
    notes = [_capture(bench.conjugate[key])]
    if why == "beads-where-rare" and _wants_cells(bench, key):
        notes.append("cells would be better, including other cells that carry the marker")
    return ControlTube(
        **fields,
        carrier="beads",
        events=rule.BEAD_EVENTS,
        share=share,
        volume_ul=rule.VOLUME_UL,
        tests=1.0,
        rules=(*rules[:-1], "beads-capture", rules[-1]),
        note="; ".join(notes),
    )


def _carrier(bench: Bench, key: tuple[str, str], needed: float, left: float) -> tuple[Carrier, str]:
    """Return the carrier of a reagent's control, and the rule behind it."""
    if needed > min(rule.MAX_CELLS, left, math.inf if bench.cells is None else rule.MAX_SHARE * bench.cells):
        return "beads", "beads-where-rare"
    return ("cells", _wants_cells(bench, key)) if _wants_cells(bench, key) else ("beads", "beads-suffice")


def _wants_cells(bench: Bench, key: tuple[str, str]) -> str:
    """Return the rule that calls for cells; empty if there is none."""
    if not bench.instance.conventional:
        return "cells-for-unmixing"
    if bench.dye[key[1]].kind in _UNLIKE_ON_BEADS:
        return "unlike-on-beads"
    return "beads-capture" if _is_lambda(bench.conjugate[key]) else ""


def _is_lambda(conjugate: Conjugate) -> bool:
    text = conjugate.isotype.casefold()
    return "lambda" in text or "\u03bb" in text


def _capture(conjugate: Conjugate) -> str:
    known = " ".join(dict.fromkeys(filter(None, (conjugate.host, conjugate.isotype))))
    return f"beads that hold {known}" if known else "host and isotype are unknown: ask whether the beads hold it"


def used_by_controls(controls: Controls, slot: int, marker: str) -> float:
    """Return the tests of one reagent used by the control tubes."""
    return math.fsum(
        tube.tests for tube in controls.tubes if slot in tube.stained and (tube.kind == "fmo" or marker in tube.markers)
    )
