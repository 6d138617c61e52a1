"""FMO tubes: one per slot with a gate that needs it, read on sufficiently frequent cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from panelopt.domain.control_tubes import ControlTube
from panelopt.planning import control_rules as rule
from panelopt.planning.as_written import cells_down, written_percentile
from panelopt.planning.bench import Bench
from panelopt.planning.cell_tubes import cells_needed, tube_on_cells
from panelopt.planning.fmo import FmoGate, FmoParent


def fmo_tubes(bench: Bench, gates: Sequence[FmoGate], most: float) -> Iterator[ControlTube]:
    """Yield the FMO tubes of a panel, in its order.

    Each gate is set on the cells that reach it, if the tube can hold 10,000 events of them; else the tube holds as many
    cells as it may, and the gate is set on those after the last gate that leaves 10,000.

    Args:
        bench: The panel at the bench.
        gates: The gates with the decision whether they need an FMO tube.
        most: Cells that one tube may take.
    """
    needed: dict[int, list[FmoGate]] = {}
    for gate in gates:
        if gate.decision.needed:
            needed.setdefault(gate.decision.slot, []).append(gate)
    for index, found in sorted(needed.items()):
        yield _tube(bench, index, found, most)


def _tube(bench: Bench, index: int, gates: Sequence[FmoGate], most: float) -> ControlTube:
    parents = [_parent(gate.parents, most) for gate in gates]
    # the rarest cells determine how many are stained, up to what is allowed
    parent, decision = min(zip(parents, (g.decision for g in gates), strict=True), key=lambda pair: pair[0].share)
    moved = any(chosen is not gate.parents[0] for chosen, gate in zip(parents, gates, strict=True))
    tube = tube_on_cells(
        bench,
        rule.FMO_EVENTS,
        parent.share,
        most,
        fill=moved,
        name=f"all but {'+'.join(decision.markers)} {decision.fluorochrome}",
        kind="fmo",
        slot=index,
        markers=decision.markers,
        fluorochrome=decision.fluorochrome,
        stained=tuple(other for other in range(len(bench.slots)) if other != index),
        parent=parent.name,
        rules=("fmo", *(("share-of-sample",) if moved else ())),
        note=_read_on(gates, parents),
    )
    rarest = min(gate.parents[0].share for gate in gates)
    own = min(tube.events, cells_down(rarest * (tube.cells or 0.0) * rule.KEPT))
    if own >= rule.FMO_EVENTS:
        return tube.model_copy(update={"own_events": own})
    few = f"only {own:,.0f} events reach the gate itself; for more, {_instead(bench)}"
    return tube.model_copy(update={"own_events": own, "note": f"{tube.note}; {few}"})


def _parent(parents: Sequence[FmoParent], most: float) -> FmoParent:
    """Return the cells nearest to the gate of which the tube can hold enough, else all singlets."""
    fitting = (parent for parent in parents if cells_needed(rule.FMO_EVENTS, parent.share) <= most)
    return next(fitting, parents[-1])


def _read_on(gates: Sequence[FmoGate], parents: Sequence[FmoParent]) -> str:
    """Return for which gates the tube is, on which cells each is set, and where its threshold lies among them."""
    places: dict[str, list[str]] = {}
    for gate, parent in zip(gates, parents, strict=True):
        where = f"the cells after {parent.name}" if parent.name else "all single cells"
        place = f"on {where}, threshold at percentile {written_percentile(parent.percentile)}"
        places.setdefault(place, []).append(gate.decision.target)
    return "; ".join(f"for {', '.join(targets)} {place}" for place, targets in places.items())


def _instead(bench: Bench) -> str:
    """Return what else can be stained where the sample has too few cells for an FMO tube."""
    dump = next((slot for slot in bench.slots if slot.is_dump), None)
    if bench.bead_marker:
        rich = f"the cells that the {bench.bead_marker} beads let through, or some that they hold"
    elif dump is not None:
        rich = f"cells depleted of {', '.join(marker for marker, _ in bench.reagents(dump))}"
    else:
        rich = "an enriched or depleted fraction"
    return f"stain {rich}, a spiked sample, or frozen cells of the same donor"
