"""Simulated cells at the gates of each target, for the pictures of a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from panelopt.answers.missed_goals import target_name
from panelopt.domain.panel_records import PanelSlot
from panelopt.domain.result import Result
from panelopt.domain.sort_plan_record import SortPlan
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.report.content import Cloud, GateAxis, GatePlot, TargetPlots
from panelopt.scoring import PanelScore
from panelopt.simulation.event_model import event_model
from panelopt.simulation.simulated_cells import IntArray
from panelopt.simulation.simulated_events import draw_events
from panelopt.simulation.unmixer import ordinary_estimator

SEED = 1
"""Seed of the pictures: equal results give identical reports."""

CELLS_PER_POPULATION = 250
"""Cells drawn per population for a plot, before its gates."""

MAX_PLOTS = 3
"""Maximum plots per target, for the gates that remove most."""

NAMED = 4
"""Contaminants shown in their own colour."""


@dataclass(frozen=True, slots=True)
class _Gate:
    """A gate of the plan, or of the result without a plan."""

    slot: int
    low: float | None
    high: float | None

    def inside(self, values: FloatArray) -> BoolArray:
        """Return (n,) whether cells with values (n, S) are inside the gate."""
        chosen = values[:, self.slot]
        low, high = -np.inf if self.low is None else self.low, np.inf if self.high is None else self.high
        return np.asarray((chosen >= low) & (chosen < high))


def target_plots(
    instance: Instance, score: PanelScore, result: Result, plan: SortPlan | None
) -> tuple[TargetPlots, ...]:
    """Return simulated cells at the gates of each target.

    Equal numbers of single cells per population are drawn from the model of ``simulate``; signals are compensated, or
    unmixed by unweighted least squares, as on an instrument. A plot shows only cells that passed the gates of the
    previous plots.

    Args:
        instance: The question.
        score: The panel.
        result: The panel as it was designed, with its gates.
        plan: Its sort plan, whose ordered gates take precedence over those of the result; None = unknown.
    """
    estimator = ordinary_estimator(instance, score.slots, score.light)
    model = event_model(instance, score.slots, detectors=estimator.detectors)
    count = len(model.population)
    even = replace(model, share=np.full(count, 1.0 / count), doublets=0.0, hidden=0.0)
    (events,) = draw_events(even, CELLS_PER_POPULATION * count, SEED, chunk=CELLS_PER_POPULATION * count)
    order = slot_order(instance, score, result.panel)
    found = []
    for view in score.views:
        target = view.view.target
        values = estimator.antibodies(events.detectors, float(instance.autofluorescence_factor[target]))[:, order]
        noise = score.light.sd[0, target, order]
        name, population = target_name(instance, view), instance.population[target]
        gates = _gates(name, result, plan)
        plots = _plots(instance.population, gates, events.population, values, noise, result.panel)
        found.append(TargetPlots(name, population, plots, _worst(name, result)))
    return tuple(found)


def slot_order(instance: Instance, score: PanelScore, panel: Sequence[PanelSlot]) -> list[int]:
    """Return the index in the score of each slot of a panel."""
    dyes = [instance.dye[slot.dye] for slot in score.slots]
    return [dyes.index(slot.fluorochrome) for slot in panel]


def _gates(target: str, result: Result, plan: SortPlan | None) -> list[_Gate]:
    if plan is None:
        return [_Gate(g.slot, g.low, g.high) for t in result.targets if t.name == target for g in t.gates]
    dyes = [slot.fluorochrome for slot in result.panel]
    steps = [step for tree in plan.targets if tree.name == target for step in tree.tree if step.slot is not None]
    return [_Gate(dyes.index(step.fluorochrome), step.low, step.high) for step in steps]


def _worst(target: str, result: Result) -> tuple[str, ...]:
    pairs = sorted((p for p in result.pairs if p.target == target), key=lambda p: (p.log_ratio, p.contaminant))
    return tuple(pair.contaminant for pair in pairs[:NAMED])


def _plots(
    names: Sequence[str],
    gates: Sequence[_Gate],
    population: IntArray,
    values: FloatArray,
    noise: FloatArray,
    panel: Sequence[PanelSlot],
) -> tuple[GatePlot, ...]:
    if len(panel) < 2:
        return ()
    left = np.ones(population.size, dtype=bool)
    plots = []
    for start in range(0, min(len(gates), 2 * MAX_PLOTS), 2):
        pair = list(gates[start : start + 2])
        inside = np.logical_and.reduce([gate.inside(values) for gate in pair])
        x = pair[0]
        y = pair[1] if len(pair) > 1 else _Gate(_other(x.slot, gates, len(panel)), None, None)
        shown = values[:, [x.slot, y.slot]]
        plots.append(
            GatePlot(
                x=_axis(panel[x.slot], x, float(noise[x.slot]), gated=True),
                y=_axis(panel[y.slot], y, float(noise[y.slot]), gated=len(pair) > 1),
                clouds=tuple(_cloud(name, population == p, left, inside, shown) for p, name in enumerate(names)),
            )
        )
        left = left & inside
    return tuple(plots)


def _other(slot: int, gates: Sequence[_Gate], slots: int) -> int:
    """Return the slot of the ungated axis: that of the first gate on another slot, else the next slot of the panel."""
    return next((gate.slot for gate in gates if gate.slot != slot), (slot + 1) % slots)


def _axis(slot: PanelSlot, gate: _Gate, noise: float, *, gated: bool) -> GateAxis:
    # linear within about three standard deviations of the target's noise, rounded to 1 or 5 times a power of ten
    unit = 10 ** (round(2 * np.log10(max(3 * noise, 10.0))) / 2)
    label = f"{'+'.join(slot.markers)} {slot.fluorochrome}"
    return GateAxis(label, float(unit), gate.low, gate.high, gated)


def _cloud(name: str, own: BoolArray, left: BoolArray, inside: BoolArray, values: FloatArray) -> Cloud:
    kept = own & left
    return Cloud(name, int(own.sum()), values[kept, 0], values[kept, 1], int((kept & inside).sum()))
