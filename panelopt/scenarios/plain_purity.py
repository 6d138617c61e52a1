"""Purity by the plain probabilities in many scenarios; see :class:`panelopt.scoring.ViewScore` for a single one."""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import FloatArray, Instance, View
from panelopt.scenarios.gate_sets import NO_GATE, GateQuestions, GateTerms
from panelopt.scenarios.scenario_light import ScenarioLight
from panelopt.scoring.claims import SIDES, WINDOW, plain_rejection, threshold_levels
from panelopt.scoring.quantiles import quantile
from panelopt.scoring.tails import cdf, sf

_BELOW = SIDES.index("below")


def plain_purity(
    instance: Instance, view: View, questions: GateQuestions, terms: GateTerms, light: ScenarioLight, number: int
) -> FloatArray:
    """Return (n,) purity of one target's tube; 0 where there are no gates.

    Args:
        instance: The question.
        view: Target and contaminants.
        questions: Its choice of gates.
        terms: Its gates.
        light: Levels and noise.
        number: Number of the view.
    """
    found = np.asarray(np.isfinite(terms.single).all(axis=1))
    gain, gain_below = np.zeros((2, *questions.single.shape))
    for side in range(len(SIDES)):
        world, slot = np.nonzero((terms.side == side) & found[:, None])
        if world.size:
            rejected = _rejection(instance, view, light, number, world, slot, side)
            np.add.at(gain, world, rejected)
            if side == _BELOW:
                np.add.at(gain_below, world, rejected)
    count = (terms.side < NO_GATE).sum(axis=1)
    single = questions.single + questions.step * count[:, None] + np.minimum(gain, questions.most)
    doublet = questions.doublet + np.minimum(gain_below, questions.most)
    return np.where(found, 1 / (1 + (10.0**-single + 10.0**-doublet).sum(axis=1)), 0.0)


def _rejection(
    instance: Instance, view: View, light: ScenarioLight, number: int, world: np.ndarray, slot: np.ndarray, side: int
) -> FloatArray:
    """Return (N, C) what the gates of one side on N slots of scenarios reject (log10)."""
    levels = light.levels
    others = np.array(view.contaminants)
    one = (world, view.target, slot)
    own = levels.abc[one], levels.cv[one], light.sd[world, number, view.target, slot]
    ends, probability = WINDOW[SIDES[side]], threshold_levels(instance.eps)
    low, high = (None if end is None else quantile(probability[end], *own) for end in ends)
    all_ = (world[:, None], others, slot[:, None])
    cells = levels.abc[all_], levels.cv[all_], light.sd[world[:, None], number, others, slot[:, None]]
    passing = np.zeros(cells[0].shape)
    if low is not None:
        passing = passing + sf(low[:, None], *cells)
    if high is not None:
        passing = passing + cdf(high[:, None], *cells)
    if low is not None and high is not None:
        passing = np.maximum(passing - 1, 0.0)
    known = levels.known[one][:, None] & levels.known[all_]
    return np.where(known, plain_rejection(passing, instance.leak), 0.0)
