"""Simulated scatter: the two gates before all colours, which keep cells and drop doublets."""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.report.content import Cloud, GateAxis, GatePlot, Passage, TargetPlots
from panelopt.reporting.cell_pool import EVEN, SEED
from panelopt.simulation.event_model import EventModel
from panelopt.simulation.scatter import SCATTER, SINGLET_WIDTH_BELOW, scatter

EVENTS = 600
"""Events of a plot in the proportions of the sample."""

TARGETS, OTHERS, DEAD, DOUBLETS = "target cells", "other live cells", "dead cells", "doublets"

_KEPT = 0.99
"""Share of the live cells, targets and others, that the gate on scatter keeps along each axis (model value)."""

_AREA, _HEIGHT, _WIDTH, _SIDE = range(len(SCATTER))


def scatter_plots(instance: Instance, model: EventModel) -> TargetPlots:
    """Return the gates on scatter and on single cells.

    Args:
        instance: The question.
        model: The event model, with the doublets before any gate.
    """
    targets = np.array([role == "target" for role in instance.role])
    kinds = {
        TARGETS: (targets, 0.0),
        OTHERS: (~targets & ~model.is_dead, 0.0),
        DEAD: (~targets & model.is_dead, 0.0),
        DOUBLETS: (np.ones(targets.size, dtype=bool), 1.0),
    }
    visible = max(model.doublets - model.hidden, 0.0)
    shares = {
        name: visible if pairs else (1 - visible) * float(model.share[own].sum())
        for name, (own, pairs) in kinds.items()
    }
    shares = {name: share for name, share in shares.items() if share > 0}
    drawn = {
        name: _events(model, kinds[name][0], doublets=bool(kinds[name][1]), stream=place)
        for place, name in enumerate(shares)
    }
    # the plan takes scatter to remove no live cell, whatever its size
    live = [drawn[name][:, [_AREA, _SIDE]] for name in (TARGETS, OTHERS) if name in drawn]
    ends = np.array([np.quantile(found, [(1 - _KEPT) / 2, (1 + _KEPT) / 2], axis=0) for found in live])
    low, high = ends[:, 0].min(axis=0), ends[:, 1].max(axis=0)
    cells = (_axis("FSC-A", low[0], high[0]), _axis("SSC-A", low[1], high[1]))
    singlets = (GateAxis("FSC-A", None, None, None, False), _axis("FSC-W", None, SINGLET_WIDTH_BELOW))
    first = {name: _inside(found, _AREA, cells[0]) & _inside(found, _SIDE, cells[1]) for name, found in drawn.items()}
    second = {name: _inside(found, _WIDTH, singlets[1]) for name, found in drawn.items()}
    left = {name: found[first[name]] for name, found in drawn.items()}
    reaching = {name: shares[name] * float(first[name].mean()) for name in shares}
    return TargetPlots(
        "all tubes",
        TARGETS,
        (
            _plot("cells", cells, (_AREA, _SIDE), drawn, first, shares),
            _plot("singlets", singlets, (_AREA, _WIDTH), left, {n: second[n][first[n]] for n in drawn}, reaching),
        ),
        (DOUBLETS, DEAD),
    )


def _events(model: EventModel, own: BoolArray, *, doublets: bool, stream: int) -> FloatArray:
    """Return (EVENTS, 4) the scatter of cells of some populations, or of doublets."""
    random = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(stream,)))
    share = np.where(own, model.share, 0.0)
    first, other = random.choice(share.size, size=(2, EVENTS), p=share / share.sum())
    second = other if doublets else np.full(EVENTS, -1)
    return scatter(model, first, second, np.zeros(EVENTS, dtype=bool), random)


def _axis(label: str, low: float | None, high: float | None) -> GateAxis:
    first, last = (None if end is None else float(f"{end:.2g}") for end in (low, high))
    return GateAxis(label, None, first, last, gated=True)


def _inside(events: FloatArray, parameter: int, axis: GateAxis) -> BoolArray:
    low, high = -np.inf if axis.low is None else axis.low, np.inf if axis.high is None else axis.high
    return np.asarray((events[:, parameter] >= low) & (events[:, parameter] < high))


def _plot(
    name: str,
    axes: tuple[GateAxis, GateAxis],
    parameters: tuple[int, int],
    events: dict[str, FloatArray],
    inside: dict[str, BoolArray],
    shares: dict[str, float],
) -> GatePlot:
    """Return a plot: equally many events of each kind, and as many as in the sample."""
    x, y = parameters

    def clouds(counts: dict[str, int]) -> tuple[Cloud, ...]:
        return tuple(
            Cloud(kind, EVENTS, events[kind][:n, x], events[kind][:n, y], int(inside[kind][:n].sum()))
            for kind, n in counts.items()
        )

    total = sum(shares.values())
    passing = sum(share * float(inside[kind].mean()) for kind, share in shares.items() if inside[kind].size)
    return GatePlot(
        name,
        *axes,
        clouds(dict.fromkeys(shares, EVEN)),
        clouds({kind: round(EVENTS * share / total) for kind, share in shares.items()}),
        Passage(passing / total if total else 0.0),
    )
