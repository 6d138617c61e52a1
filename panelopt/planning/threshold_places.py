"""Positions of thresholds in the controls, for setting them on the instrument.

Among the positive cells of the single stain, with the light of that reagent alone; among the cells that reach the gate
in its FMO tube, with all other dyes; and among all single cells without any dye. All three are unmixed like the whole
panel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panelopt.instance.arrays import FloatArray, Instance
from panelopt.planning.apart import reaching
from panelopt.planning.lit import dark_quantile, dark_share, lit_variance, single_stain
from panelopt.planning.positives import brightest_marker, positive_cells
from panelopt.planning.tube import Tube
from panelopt.scoring import PanelScore
from panelopt.scoring.tails import sf

MARK = 0.99
"""Share of the cells below the mark that thresholds are compared with."""


@dataclass(frozen=True, slots=True)
class ThresholdPlace:
    """Position of one threshold.

    Attributes:
        positive_kept: Share of the positive cells of the single stain above it; None where no cells are known to carry
            the marker.
        fmo: Share of the cells that reach the gate below it, in the FMO tube.
        unstained: Share of all single cells below it, unstained.
    """

    positive_kept: float | None
    fmo: float
    unstained: float


@dataclass(frozen=True, slots=True)
class GatePlaces:
    """Positions of the thresholds of a gate.

    Attributes:
        low, high: The thresholds; None on the open side.
        fmo_p99: Signal below which 99 % of the cells that reach the gate lie in the FMO tube, antibodies.
        unstained_p99: The same of all single cells, unstained.
    """

    low: ThresholdPlace | None
    high: ThresholdPlace | None
    fmo_p99: float
    unstained_p99: float


def gate_places(
    instance: Instance, score: PanelScore, number: int, tube: Tube, place: int, phi: FloatArray
) -> GatePlaces:
    """Return the positions of a gate's thresholds in its controls.

    Args:
        instance: The question.
        score: The scored panel.
        number: Which target: index of its view.
        tube: Target with its gates in the order of the gating tree.
        place: Which gate: index into ``tube.gates``.
        phi: (P,) share of each population among all events.
    """
    gate = tube.gates[place]
    cells = [tube.target, *tube.contaminants]
    others = [slot for slot in range(len(score.slots)) if slot != gate.slot]
    fmo = reaching(tube, phi, place), np.sqrt(lit_variance(instance, score, number, others)[cells, gate.slot])
    unstained = phi, np.sqrt(lit_variance(instance, score, number, [])[:, gate.slot])

    def threshold(x: float | None) -> ThresholdPlace | None:
        if x is None:
            return None
        kept = _positive_kept(instance, score, number, gate.slot, phi, x)
        return ThresholdPlace(kept, dark_share(x, *fmo), dark_share(x, *unstained))

    return GatePlaces(
        threshold(gate.low), threshold(gate.high), dark_quantile(MARK, *fmo), dark_quantile(MARK, *unstained)
    )


def _positive_kept(
    instance: Instance, score: PanelScore, number: int, slot: int, phi: FloatArray, threshold: float
) -> float | None:
    """Return the share of a single stain's positive cells above a threshold; None without any."""
    marker = brightest_marker(instance, score.slots[slot])
    found = positive_cells(instance, marker)
    if found is None or not phi[found].sum() > 0:
        return None
    levels, variance = single_stain(instance, score, number, slot, marker)
    above = sf(threshold, levels.abc[found, 0], levels.cv[found, 0], np.sqrt(variance[found]))
    return float(phi[found] @ above / phi[found].sum())
