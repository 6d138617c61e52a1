"""Control tubes of a panel: on cells or on beads, how many cells, and the rules that ask for them.

A tube on cells needs ``events / (share KEPT)`` cells: ``share`` of them count, and ``KEPT`` of what is stained gets
recorded. In an FMO tube the quantile eps of the target must be found: with n target cells its standard error in
probability is ``sqrt(eps (1 - eps) / n)``, and half of eps is asked for, so that ``n = 4 (1 - eps) / eps``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.domain.controls import Carrier, Controls, ControlTube, FmoDecision
from panelopt.domain.reagents import VIABILITY_MARKER, Conjugate, Fluorochrome
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.instance.populations import is_dead
from panelopt.planning import control_rules as rule
from panelopt.planning.titration import PackSize, titration

_UNLIKE_ON_BEADS = frozenset({"protein", "polymer", "tandem"})
_SAME = 1e-9  # levels that differ by less are equal


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What is known of a panel at the bench.

    Attributes:
        instance: The question.
        slots: The panel.
        conjugate: The product of each reagent, by marker and fluorochrome.
        pack: What one pack holds, by marker and fluorochrome.
        dye: Dyes by name.
        phi: (P,) share of each population among the events on the sorter.
        cells: Cells that reach the sorter; None = unknown.
        cells_per_test: Cells that one test stains.
        tissue: Name of the tissue; empty = unknown.
    """

    instance: Instance
    slots: tuple[SlotIndex, ...]
    conjugate: Mapping[tuple[str, str], Conjugate]
    pack: Mapping[tuple[str, str], PackSize]
    dye: Mapping[str, Fluorochrome]
    phi: FloatArray
    cells: float | None
    cells_per_test: float
    tissue: str = ""

    def reagents(self, slot: SlotIndex) -> list[tuple[str, str]]:
        """Return marker and fluorochrome of the reagents of a slot."""
        return [(self.instance.marker[m], self.instance.dye[slot.dye]) for m in slot.markers]

    def is_viability(self, slot: SlotIndex) -> bool:
        """Whether a slot is the viability dye."""
        return [marker for marker, _ in self.reagents(slot)] == [VIABILITY_MARKER]


def plan_controls(bench: Bench, decisions: Sequence[FmoDecision]) -> Controls:
    """Return the controls of a panel.

    Args:
        bench: The panel at the bench.
        decisions: Which gates need an FMO tube.
    """
    stains = [tube for index in range(len(bench.slots)) for tube in _single_stains(bench, index)]
    on_beads = any(tube.carrier == "beads" for tube in stains)
    tubes = (_unstained(bench), *([_BARE_BEADS] if on_beads else []), *stains, *_fmo_tubes(bench, decisions))
    cells = math.fsum(tube.cells for tube in tubes if tube.cells is not None)
    used = {name for tube in tubes for name in tube.rules} | {"titration"}
    keys = [key for slot in bench.slots for key in bench.reagents(slot)]
    return Controls(
        tubes=tubes,
        fmo=tuple(decisions),
        titrations=tuple(titration(bench.conjugate[key], bench.pack[key]) for key in keys),
        rules=tuple(known for known in rule.RULES if known.name in used),
        cells=cells,
        share_of_sample=cells / bench.cells if bench.cells else None,
        model_values={**rule.MODEL_VALUES, "cells_per_test": bench.cells_per_test},
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


def _unstained(bench: Bench) -> ControlTube:
    name = f"unstained cells, {bench.tissue}" if bench.tissue else "unstained cells"
    rules = ("unstained",) if bench.instance.conventional else ("unstained", "cells-for-unmixing")
    return _on_cells(bench, rule.UNSTAINED_EVENTS, 1.0, name=name, kind="unstained", rules=rules)


def _on_cells(bench: Bench, events: float, share: float, **fields: object) -> ControlTube:
    cells = events / (share * rule.KEPT)
    tests = max(1.0, cells / bench.cells_per_test)
    stained = bool(fields.get("stained"))
    return ControlTube.model_validate(
        {
            "carrier": "cells",
            "events": events,
            "share": share,
            "cells": cells,
            "volume_ul": rule.VOLUME_UL * tests,
            "tests": tests if stained else 0.0,
            **fields,
        }
    )


# ---- single stains


def _single_stains(bench: Bench, index: int) -> Iterator[ControlTube]:
    """Yield the tubes of one dye: of every reagent of a tandem, else of the one whose antigen is brightest."""
    slot = bench.slots[index]
    if bench.is_viability(slot):
        yield _viability(bench, index)
        return
    tandem = bench.dye[bench.instance.dye[slot.dye]].is_tandem
    chosen = slot.markers if tandem else (max(slot.markers, key=lambda m: (_brightest(bench, m), -m)),)
    for marker in chosen:
        yield _single_stain(bench, index, marker, ("every-dye", "brightness", *(("same-lot",) if tandem else ())))


def _viability(bench: Bench, index: int) -> ControlTube:
    dye = bench.instance.dye[bench.slots[index].dye]
    return _on_cells(
        bench,
        rule.POSITIVE_EVENTS,
        rule.HEAT_KILLED,
        name=f"viability {dye} alone",
        kind="viability",
        slot=index,
        markers=(VIABILITY_MARKER,),
        fluorochrome=dye,
        stained=(index,),
        rules=("every-dye", "viability"),
        note=f"{100 * rule.HEAT_KILLED:.0f} % of the cells heat-killed, mixed with the others before staining",
    )


def _single_stain(bench: Bench, index: int, marker: int, rules: tuple[str, ...]) -> ControlTube:
    key = (bench.instance.marker[marker], bench.instance.dye[bench.slots[index].dye])
    share = positive_share(bench, marker)
    carrier, why = _carrier(bench, key, share)
    fields: dict[str, object] = {
        "name": f"{key[0]} {key[1]} alone",
        "kind": "single-stain",
        "slot": index,
        "markers": key[:1],
        "fluorochrome": key[1],
        "stained": (index,),
    }
    if carrier == "cells":
        return _on_cells(bench, rule.POSITIVE_EVENTS, share or 1.0, rules=(*rules, why, "same-background"), **fields)
    notes = [_capture(bench.conjugate[key])]
    if why == "beads-where-rare" and _wants_cells(bench, key):
        notes.append("cells would be better; other cells that carry the marker would do")
    return ControlTube.model_validate(
        {
            **fields,
            "carrier": "beads",
            "events": rule.BEAD_EVENTS,
            "share": share,
            "volume_ul": rule.VOLUME_UL,
            "tests": 1.0,
            "rules": (*rules, why, "beads-capture", "same-background"),
            "note": "; ".join(notes),
        }
    )


def _carrier(bench: Bench, key: tuple[str, str], share: float | None) -> tuple[Carrier, str]:
    """Return on what a reagent is controlled, and the rule that says so."""
    most = min(rule.MAX_CELLS, math.inf if bench.cells is None else rule.MAX_SHARE * bench.cells)
    enough = share is not None and share > 0 and rule.POSITIVE_EVENTS / (share * rule.KEPT) <= most
    if not enough:
        return "beads", "beads-where-rare"
    return ("cells", _wants_cells(bench, key)) if _wants_cells(bench, key) else ("beads", "beads-suffice")


def _wants_cells(bench: Bench, key: tuple[str, str]) -> str:
    """Return the rule that asks for cells; empty if there is none."""
    if not bench.instance.conventional:
        return "cells-for-unmixing"
    if bench.dye[key[1]].kind in _UNLIKE_ON_BEADS:
        return "unlike-on-beads"
    return "beads-capture" if _is_lambda(bench.conjugate[key]) else ""


def positive_share(bench: Bench, marker: int) -> float | None:
    """Return the share of the cells that carry most of a marker; 0 where none carries it, None if nothing is known.

    Dead cells do not count: what they bind is not the antigen.
    """
    levels = bench.instance.abc[:, marker]
    counted = ~np.isnan(levels) & ~is_dead(bench.instance)
    if not counted.any():
        return None
    most = levels[counted].max()
    if most < rule.EXPRESSED_FROM_ABC:
        return 0.0
    return float(bench.phi[counted & (levels >= most * (1 - _SAME))].sum())


def _brightest(bench: Bench, marker: int) -> float:
    levels = bench.instance.abc[:, marker]
    return float(np.nan_to_num(levels, nan=0.0).max())


def _is_lambda(conjugate: Conjugate) -> bool:
    text = conjugate.isotype.casefold()
    return "lambda" in text or "\u03bb" in text


def _capture(conjugate: Conjugate) -> str:
    known = " ".join(dict.fromkeys(filter(None, (conjugate.host, conjugate.isotype))))
    return f"beads that hold {known}" if known else "host and isotype are unknown: ask whether the beads hold it"


# ---- fluorescence minus one


def fmo_events(eps: float) -> float:
    """Return how many target cells an FMO tube needs: the quantile eps with a standard error of half of eps."""
    return math.ceil(4 * (1 - eps) / eps)


def _fmo_tubes(bench: Bench, decisions: Sequence[FmoDecision]) -> Iterator[ControlTube]:
    needed: dict[int, list[FmoDecision]] = {}
    for decision in decisions:
        if decision.needed:
            needed.setdefault(decision.slot, []).append(decision)
    for index, found in sorted(needed.items()):
        shares = {d.target: float(bench.phi[bench.instance.population.index(d.target)]) for d in found}
        name = f"all but {'+'.join(found[0].markers)} {found[0].fluorochrome}"
        yield _on_cells(
            bench,
            fmo_events(bench.instance.eps),
            min(shares.values()),
            name=name,
            kind="fmo",
            slot=index,
            markers=found[0].markers,
            fluorochrome=found[0].fluorochrome,
            stained=tuple(other for other in range(len(bench.slots)) if other != index),
            rules=("fmo",),
            note=f"for the gates of {', '.join(shares)}",
        )


def used_by_controls(controls: Controls, slot: int, marker: str) -> float:
    """Return how many tests of one reagent the control tubes take."""
    return math.fsum(
        tube.tests for tube in controls.tubes if slot in tube.stained and (tube.kind == "fmo" or marker in tube.markers)
    )
