"""Which gates need a tube with all reagents but their own (fluorescence minus one, FMO).

A gate needs one if the positive and negative cells that reach it are not clearly apart
(:mod:`panelopt.planning.apart`): the stained sample then does not show where the negative cells end under the spread of
the other dyes, and the FMO tube does (Roederer 2001, doi:10.1002/1097-0320(20011101)45:3<194::AID-CYTO1163>3.0.CO;2-C).
The marker that splits two tubes always gets one. A live gate is set on heat-killed cells instead.

The spread itself is reported for every gate: a threshold is a quantile of the target under the noise of the panel.
Without the light of the other dyes the gate moves; what it would then pass in the stained sample is compared with the
planned gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from panelopt.domain.control_tubes import FmoDecision
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.optics.rounding import settled
from panelopt.planning.apart import Distance, distance, reaching
from panelopt.planning.lit import dark_share, lit_variance
from panelopt.planning.overlap import interval, shared
from panelopt.planning.tube import Tube, TubeGate, amounts, moved
from panelopt.scoring import PanelScore
from panelopt.scoring.claims import SIDES, WINDOW, thresholds

CLEARLY_APART = 0.01
"""Least misplaced share up to which cells are clearly apart (model value)."""

MUCH_SPREAD = 0.01
"""Relative change of purity or yield from which the spread of other dyes alone calls for a tube (model value)."""

NAMED = 3
"""Dyes named as the cause of a spread."""

_NOTHING = 1e-9  # share of a variance that counts as none


@dataclass(frozen=True, slots=True)
class FmoParent:
    """Cells on which the threshold of a gate can be set in its FMO tube.

    Attributes:
        gates: How many gates of the tree are before them; 0 = all singlets.
        name: The last of those gates.
        share: Events left, per event of the sample.
        percentile: Share of their single cells below the planned threshold in the FMO tube; of a window the lower one.
    """

    gates: int
    name: str
    share: float
    percentile: float


@dataclass(frozen=True, slots=True)
class FmoGate:
    """One gate with its decision.

    Attributes:
        decision: Whether it needs an FMO tube, and why.
        parents: Cells on which it can be set: those that reach it first, all singlets last.
    """

    decision: FmoDecision
    parents: tuple[FmoParent, ...]


def fmo_gates(instance: Instance, score: PanelScore, tubes: Sequence[Tube], phi: FloatArray) -> tuple[FmoGate, ...]:
    """Return for every gate of every target whether it needs an FMO tube, and where that is read.

    Args:
        instance: The question.
        score: The scored panel.
        tubes: Targets with their gates in the order of the gating tree, in the order of the score's views.
        phi: (P,) share of each population among all events.
    """
    return tuple(
        FmoGate(
            _decision(instance, score, number, tubes, place, phi, shifts),
            tuple(_parents(instance, score, number, tube, place, phi)),
        )
        for number, tube in enumerate(tubes)
        for place, shifts in enumerate(_shifts(instance, score, number, tube))
    )


def split_from(tubes: Sequence[Tube], tube: Tube, slot: int) -> tuple[str, ...]:
    """Return the other tubes from which a slot splits this one: neither gate lies within the other."""
    found = []
    for other in tubes:
        meeting = shared(tube, other).get(slot) if other is not tube else None
        gates = [interval(gate) for one in (tube, other) for gate in one.gates if gate.slot == slot]
        if meeting is not None and meeting not in gates:
            found.append(other.name)
    return tuple(found)


def gate_name(instance: Instance, score: PanelScore, slot: int) -> str:
    """Return markers and fluorochrome of a slot."""
    found = score.slots[slot]
    return f"{'+'.join(instance.marker[m] for m in found.markers)} {instance.dye[found.dye]}"


def _parents(
    instance: Instance, score: PanelScore, number: int, tube: Tube, place: int, phi: FloatArray
) -> list[FmoParent]:
    gate = tube.gates[place]
    threshold = next(end for end in (gate.low, gate.high) if end is not None)
    cells = [tube.target, *tube.contaminants]
    others = [other for other in range(len(score.slots)) if other != gate.slot]
    sd = np.sqrt(lit_variance(instance, score, number, others)[cells, gate.slot])
    return [
        FmoParent(
            gates=count,
            name=gate_name(instance, score, tube.gates[count - 1].slot) if count else "",
            share=amounts(tube, phi, count).total,
            percentile=dark_share(threshold, reaching(tube, phi, count), sd),
        )
        for count in range(place, -1, -1)
    ]


def _decision(
    instance: Instance,
    score: PanelScore,
    number: int,
    tubes: Sequence[Tube],
    place: int,
    phi: FloatArray,
    shifts: tuple[float, float],
) -> FmoDecision:
    tube = tubes[number]
    gate = tube.gates[place]
    low, high = (None if x is None else x + shift for x, shift in zip((gate.low, gate.high), shifts, strict=True))
    other = moved(instance, score, number, gate, low, high)
    without = replace(tube, gates=(*tube.gates[:place], other, *tube.gates[place + 1 :]))
    planned, left = amounts(tube, phi).purity, amounts(without, phi).purity
    changes = left / planned - 1, without.gate_yield / tube.gate_yield - 1
    apart = distance(score, number, tube, place, phi)
    splits = split_from(tubes, tube, gate.slot) if gate.kind == "marker" else ()
    slot = score.slots[gate.slot]
    return FmoDecision(
        target=tube.name,
        slot=gate.slot,
        markers=tuple(instance.marker[m] for m in slot.markers),
        fluorochrome=instance.dye[slot.dye],
        side=SIDES[gate.side],
        needed=bool(splits) or (gate.kind != "viability" and not _is_clear(apart)),
        misplaced=apart.misplaced if apart else None,
        other_side=apart.times if apart else None,
        splits_from=splits,
        low=gate.low,
        high=gate.high,
        shift=max(map(abs, shifts)),
        yield_without=without.gate_yield,
        purity_without=left,
        yield_change=changes[1],
        purity_change=changes[0],
        spread_from=_spread_from(instance, score, number, tube, gate),
        reason="; ".join([_why(gate, apart, splits), *_spread_too(*changes)]),
    )


def _is_clear(apart: Distance | None) -> bool:
    return apart is None or apart.misplaced <= CLEARLY_APART


def _why(gate: TubeGate, apart: Distance | None, splits: Sequence[str]) -> str:
    if apart is None:
        found = "no cells on the other side reach it"
    else:
        many = f" ({_short(apart.times)} on the other side for each target cell)" if apart.times > 1 else ""
        clear = "clearly apart" if _is_clear(apart) else "not clearly apart"
        least = "<0.01" if apart.misplaced < 1e-4 else f"{100 * apart.misplaced:.2g}"
        found = f"{clear}: at best {least} % misplaced{many}"
    if gate.kind == "viability":
        return f"set on the heat-killed cells; {found}"
    if splits:
        return f"splits the tube from {', '.join(splits)}; {found}"
    return f"{found}; set on unstained cells" if gate.kind == "dump" and _is_clear(apart) else found


def _short(number: float) -> str:
    """Return a number to two digits, with thousands separators."""
    return f"{float(f'{number:.2g}'):,g}"


def _spread_too(purity: float, gate_yield: float) -> list[str]:
    much = [f"{name} changes by {100 * x:+.2g} %" for name, x in (("purity", purity), ("yield", gate_yield))
            if abs(x) > MUCH_SPREAD]  # fmt: skip
    return [f"set without the spread of the other dyes, {' and '.join(much)}"] if much else []


def _shifts(instance: Instance, score: PanelScore, number: int, tube: Tube) -> list[tuple[float, float]]:
    """Return how far the lower and the upper threshold of each gate would move without the spread of other dyes."""
    levels, slots, t = score.light.levels, [gate.slot for gate in tube.gates], tube.target
    alone = np.sqrt([lit_variance(instance, score, number, [slot])[t, slot] for slot in slots])
    moved_to = thresholds(instance.eps, levels.abc[t, slots], levels.cv[t, slots], alone)
    found = moved_to - score.views[number].thresholds[:, slots]
    ends = [WINDOW[SIDES[gate.side]] for gate in tube.gates]
    return [
        (0.0 if low is None else float(found[low, n]), 0.0 if high is None else float(found[high, n]))
        for n, (low, high) in enumerate(ends)
    ]


def _spread_from(instance: Instance, score: PanelScore, number: int, tube: Tube, gate: TubeGate) -> tuple[str, ...]:
    """Return the dyes whose light on the target widens a slot most, largest first."""
    s, t = gate.slot, tube.target
    alone = lit_variance(instance, score, number, [s])[t, s]
    added = {
        other: float(lit_variance(instance, score, number, [s, other])[t, s] - alone)
        for other in range(len(score.slots))
        if other != s
    }
    most = sorted((o for o in added if added[o] > _NOTHING * alone), key=lambda o: (-settled(added[o]), o))[:NAMED]
    return tuple(instance.dye[score.slots[other].dye] for other in most)
