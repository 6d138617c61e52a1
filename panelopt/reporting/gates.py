"""Simulated cells at the gates of each target, for the pictures of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.answers.missed_goals import target_name
from panelopt.domain.panel_records import PanelSlot
from panelopt.domain.result import GateSide, Result
from panelopt.domain.sort_plan_record import GateStep, SortPlan, TargetPlan
from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.report.content import Cloud, GateAxis, GatePlot, Passage, TargetPlots
from panelopt.reporting.cell_pool import CellPool
from panelopt.scoring import PanelScore

SAMPLE = 600
"""Cells of a plot in the proportions of the sample, at most."""

NAMED = 4
"""Contaminants shown in their own colour."""

_SIGNS: dict[GateSide, str] = {"above": "+", "below": "\u2212", "between": " int"}


@dataclass(frozen=True, slots=True)
class _Gate:
    """A gate of the plan, or of the result without a plan."""

    slot: int
    side: GateSide
    low: float | None
    high: float | None

    def inside(self, values: FloatArray) -> BoolArray:
        """Return (n,) whether cells with values (n, S) are inside the gate."""
        chosen = values[:, self.slot]
        low, high = -np.inf if self.low is None else self.low, np.inf if self.high is None else self.high
        return np.asarray((chosen >= low) & (chosen < high))

    def name(self, panel: Sequence[PanelSlot]) -> str:
        """Return the short name that cytometrists use."""
        slot = panel[self.slot]
        if slot.role == "viability" and self.side == "below":
            return "live"
        if slot.role == "dump" and self.side == "below":
            return "dump" + _SIGNS[self.side]
        return "/".join(slot.markers) + _SIGNS[self.side]


@dataclass(frozen=True, slots=True, eq=False)
class _Tube:
    """A target with its gates in order.

    Attributes:
        name, population: Names of tube and target population.
        factor: Autofluorescence of the target, relative to a lymphocyte.
        noise: (S,) noise of the target, antibodies.
        gates: Gates.
        tree: Its part of the plan; None without a plan.
        order: Slots of the score in the order of the panel.
    """

    name: str
    population: str
    factor: float
    noise: FloatArray
    gates: tuple[_Gate, ...]
    tree: TargetPlan | None
    order: list[int]

    def step(self, gate: int) -> GateStep | None:
        """Return the step before a gate of the plan, with what reaches the gate; None if unknown."""
        if self.tree is None:
            return None
        places = [place for place, step in enumerate(self.tree.tree) if _is_gate(step)]
        place = places[gate] - 1 if gate < len(places) else places[-1]
        return self.tree.tree[place] if place >= 0 else None


def target_plots(
    instance: Instance, score: PanelScore, result: Result, plan: SortPlan | None, pool: CellPool
) -> tuple[TargetPlots, ...]:
    """Return simulated cells at the gates of each target.

    Single cells are drawn from the model of ``simulate``, equally many of each population; signals are compensated, or
    unmixed by unweighted least squares, as on an instrument. A plot shows only cells that passed the gates of the
    previous plots. With a plan, it also has cells in the proportions in which they reach it.

    Args:
        instance: The question.
        score: The panel.
        result: The panel as it was designed, with its gates.
        plan: Its sort plan, whose ordered gates take precedence over those of the result; None = unknown.
        pool: The simulated cells.
    """
    order = slot_order(instance, score, result.panel)
    trees = {tree.name: tree for tree in plan.targets} if plan is not None else {}
    found = []
    for view in score.views:
        target = view.view.target
        name = target_name(instance, view)
        tube = _Tube(
            name=name,
            population=instance.population[target],
            factor=float(instance.autofluorescence_factor[target]),
            noise=score.light.sd[0, target, order],
            gates=_gates(name, result, trees.get(name), plan is not None),
            tree=trees.get(name),
            order=order,
        )
        plots = _plots(tube, instance.population, result.panel, pool)
        found.append(TargetPlots(name, tube.population, plots, _worst(name, result)))
    return tuple(found)


def slot_order(instance: Instance, score: PanelScore, panel: Sequence[PanelSlot]) -> list[int]:
    """Return the index in the score of each slot of a panel."""
    dyes = [instance.dye[slot.dye] for slot in score.slots]
    return [dyes.index(slot.fluorochrome) for slot in panel]


def _gates(target: str, result: Result, tree: TargetPlan | None, planned: bool) -> tuple[_Gate, ...]:
    if not planned:
        return tuple(_Gate(g.slot, g.side, g.low, g.high) for t in result.targets if t.name == target for g in t.gates)
    dyes = [slot.fluorochrome for slot in result.panel]
    return tuple(
        _Gate(dyes.index(step.fluorochrome), step.side, step.low, step.high)
        for step in (tree.tree if tree else ())
        if step.side is not None and _is_gate(step)
    )


def _is_gate(step: GateStep) -> bool:
    return step.slot is not None and step.side is not None


def _worst(target: str, result: Result) -> tuple[str, ...]:
    pairs = sorted((p for p in result.pairs if p.target == target), key=lambda p: (p.log_ratio, p.contaminant))
    return tuple(pair.contaminant for pair in pairs[:NAMED])


def _plots(tube: _Tube, names: Sequence[str], panel: Sequence[PanelSlot], pool: CellPool) -> tuple[GatePlot, ...]:
    if len(panel) < 2:
        return ()
    values = [pool.even(p, tube.factor)[:, tube.order] for p in range(len(names))]
    drawn = [len(cells) for cells in values]
    passed: list[_Gate] = []
    plots = []
    for start in range(0, len(tube.gates), 2):
        pair = tube.gates[start : start + 2]
        x = pair[0]
        y = pair[1] if len(pair) > 1 else _Gate(_other(x.slot, tube.gates, panel), "above", None, None)
        before = tube.step(start)
        mixed = _in_proportion(tube, names, values, passed, pool, before) if before else {}
        plots.append(
            GatePlot(
                name=" ".join(gate.name(panel) for gate in pair),
                x=_axis(panel[x.slot], x, float(tube.noise[x.slot]), gated=True),
                y=_axis(panel[y.slot], y, float(tube.noise[y.slot]), gated=len(pair) > 1),
                clouds=tuple(
                    _cloud(name, count, cells, x, y) for name, count, cells in zip(names, drawn, values, strict=True)
                ),
                sample=tuple(_cloud(name, len(cells), cells, x, y) for name, cells in mixed.items()),
                passage=_passage(before, tube.step(start + len(pair))),
            )
        )
        passed += pair
        values = [_passing(cells, pair) for cells in values]
    return tuple(plots)


def _passing(cells: FloatArray, gates: Sequence[_Gate]) -> FloatArray:
    for gate in gates:
        cells = cells[gate.inside(cells)]
    return cells


def _in_proportion(
    tube: _Tube,
    names: Sequence[str],
    values: Sequence[FloatArray],
    passed: Sequence[_Gate],
    pool: CellPool,
    before: GateStep,
) -> Mapping[str, FloatArray]:
    """Return single cells that reach a plot, in the proportions that the plan predicts.

    If too few cells of a population were drawn, fewer of all are shown.
    """
    shares = {share.population: share.share - share.doublets for share in before.shares}
    shares[tube.population] = before.purity_so_far
    wanted = {p: SAMPLE * min(max(shares.get(name, 0.0), 0.0), 1.0) for p, name in enumerate(names)}
    cells = {p: values[p] for p, count in wanted.items() if count >= 0.5}
    for p in cells:
        if len(cells[p]) < wanted[p]:
            more = pool.more(p, tube.factor)[:, tube.order]
            cells[p] = np.concatenate([cells[p], _passing(more, passed)])
    part = min((len(found) / wanted[p] for p, found in cells.items() if len(found)), default=1.0)
    return {names[p]: found[: round(wanted[p] * min(part, 1.0))] for p, found in cells.items()}


def _passage(before: GateStep | None, after: GateStep | None) -> Passage | None:
    """Return what the gates between two steps do to the sample."""
    if before is None or after is None or not (before.yield_so_far > 0 and after.purity_so_far > 0):
        return None
    kept = after.yield_so_far / before.yield_so_far
    return Passage(kept * before.purity_so_far / after.purity_so_far, kept, after.purity_so_far)


def _other(slot: int, gates: Sequence[_Gate], panel: Sequence[PanelSlot]) -> int:
    """Return the slot of the ungated axis: a marker without a gate, else with one, else any other slot."""
    gated = {gate.slot for gate in gates}
    others = [other for other in range(len(panel)) if other != slot]
    return min(others, key=lambda other: (panel[other].role != "marker", other in gated, other))


def _axis(slot: PanelSlot, gate: _Gate, noise: float, *, gated: bool) -> GateAxis:
    # linear within about three standard deviations of the target's noise, rounded to 1 or 5 times a power of ten
    unit = 10 ** (round(2 * np.log10(max(3 * noise, 10.0))) / 2)
    label = f"{'+'.join(slot.markers)} {slot.fluorochrome}"
    return GateAxis(label, float(unit), gate.low, gate.high, gated)


def _cloud(name: str, drawn: int, cells: FloatArray, x: _Gate, y: _Gate) -> Cloud:
    inside = x.inside(cells) & y.inside(cells)
    return Cloud(name, drawn, cells[:, x.slot], cells[:, y.slot], int(inside.sum()))
