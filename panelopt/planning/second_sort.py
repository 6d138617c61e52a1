"""A second sort of a tube: the same cells and antibodies, measured again.

A cell keeps its antibodies and its autofluorescence; photons, electronics and proportional noise are drawn anew. With
U = level + autofluorescence not accounted for, and independent noise N1 and N2 of the same width, a cell passes the
gate of the first sort and that of the second with the probability

    E_U[ P(low1 < U + N1 < high1 | U) P(low2 < U + N2 < high2 | U) ],

between the product of both shares (noise alone) and the smaller of them (antibodies alone). See "A second sort" in
``docs/sort-plan.md``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.optics.normal import ndtr
from panelopt.optics.unmixing import compensation_variance
from panelopt.planning.tube import Amounts, Tube, TubeGate, amounts
from panelopt.scoring import PanelScore
from panelopt.scoring.claims import SIDES
from panelopt.scoring.light import light_variance, noise_of
from panelopt.scoring.tails import cdf, log_sd

AGAIN = 0.1
"""Model value: share of the cells passing against expectation (`leak`, `leak_total`) that would pass again, being
odd in themselves, such as sticky cells; the others passed by coincidence or in doublets."""

_REACH = 8.0  # standard deviations; the mass beyond is 1e-15
_LEVEL_STEP, _BESIDE_STEP, _NOISE_STEP = 0.05, 0.4, 0.2  # standard deviations between nodes
_COARSE = 0.8  # widest step, in standard deviations of the noise, over which a sum of the cells is exact
_APART = 8.0  # thresholds further apart than this (s.d. of the noise) never matter both


def _rule(step: float) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights over a standard normal density."""
    count = round(_REACH / step)
    nodes = np.asarray(np.arange(-count, count + 1) * step, dtype=float)
    return nodes, np.asarray(np.exp(-0.5 * nodes**2) * step / math.sqrt(2 * math.pi))


Window = tuple[float | None, float | None]
"""Lower and upper threshold, antibodies; None on an open side."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Signals of (C,) populations in one slot, in antibodies.

    Attributes:
        abc, cv: Median and coefficient of variation of the level.
        kept: Standard deviation of what a cell keeps beside its level.
        drawn: Standard deviation of the noise that is drawn anew, above 0.
    """

    abc: FloatArray
    cv: FloatArray
    kept: FloatArray
    drawn: FloatArray

    def keep(self, chosen: np.ndarray) -> Signals:
        """Return some of the populations."""
        return Signals(self.abc[chosen], self.cv[chosen], self.kept[chosen], self.drawn[chosen])


def second_pass(instance: Instance, score: PanelScore, number: int, first: Tube, second: Tube | None = None) -> Tube:
    """Return the tube whose gates pass what passes those of two sorts.

    Args:
        instance: The question.
        score: The scored panel.
        number: Which target: index of its view.
        first: Gates of the first sort.
        second: Gates of the second sort, on the same slots; None = the same gates.

    Returns:
        The second tube; ``kept`` and ``passing`` of its gates, and ``leak_total``, are shares that pass both sorts.
    """
    second = first if second is None else second
    before: dict[int, Window] = {gate.slot: (gate.low, gate.high) for gate in first.gates}
    view, levels = instance.views[number], score.light.levels
    populations = [view.target, *view.contaminants]
    sd, drawn = score.light.sd[number], drawn_sd(instance, score)
    floor = _twice(instance.leak)
    gates = []
    for gate in second.gates:
        cells = np.ix_(populations, [gate.slot])
        noise = drawn[cells][:, 0]
        kept = np.sqrt(np.maximum(sd[cells][:, 0] ** 2 - noise**2, 0.0))
        signals = Signals(levels.abc[cells][:, 0], levels.cv[cells][:, 0], kept, noise)
        share = pass_both(signals, before.get(gate.slot, (None, None)), (gate.low, gate.high))
        known = levels.known[view.target, gate.slot] & levels.known[populations[1:], gate.slot]
        passing = np.where(known, np.clip(share[1:], floor, 1.0), 1.0)
        gates.append(replace(gate, kept=float(share[0]), passing=passing))
    return replace(second, gates=tuple(gates), leak_total=_twice(second.leak_total))


def after_two_sorts(first: Tube, second: Tube, both: Tube, phi: FloatArray) -> Amounts:
    """Return what is left after two sorts, per event of the sample, without losses between them.

    Pairs of the first sort are broken when the tube is taken up again: the second cell is measured by itself, by
    every gate that does not throw out pairs for the first time. New pairs form as in the sample, and pass.

    Args:
        first: Gates of the first sort.
        second: Gates of the second sort.
        both: What :func:`second_pass` makes of them.
        phi: (P,) share of each population among all events of the first sort.
    """
    once, twice = amounts(first, phi), amounts(both, phi)
    others = phi[list(first.contaminants)]
    clung = _passing([gate for gate in first.gates if _is_below(gate)], others.size)
    alone = _passing([gate for gate in second.gates if not _is_below(gate)], others.size)
    below = _passing([gate for gate in both.gates if _is_below(gate)], others.size)
    freed = np.maximum(below * alone, np.maximum(clung, first.leak_total) * second.leak_total)
    released = 2 * first.delta * once.target * others * freed
    company = 2 * second.delta * (once.single + once.doublet) / once.total
    return Amounts(twice.target, twice.single + released, twice.target * company)


def purity_sorted_twice(instance: Instance, score: PanelScore, number: int, tube: Tube, phi: FloatArray) -> float:
    """Return the expected purity after a second sort through the same gates.

    Args:
        instance: The question.
        score: The scored panel.
        number: Which target: index of its view.
        tube: Its gates.
        phi: (P,) share of each population among all events of the first sort.
    """
    return after_two_sorts(tube, tube, second_pass(instance, score, number, tube), phi).purity


def drawn_sd(instance: Instance, score: PanelScore) -> FloatArray:
    """Return (P, S) noise that a second measurement draws anew, antibodies: all but autofluorescence.

    Where signals are unmixed the column of the autofluorescence takes up how cells differ in it.
    """
    if not instance.conventional:
        return np.asarray(score.light.sd[0])
    rows, dyes = [slot.detector for slot in score.slots], [slot.dye for slot in score.slots]
    levels, own = score.light.levels, instance.autofluorescence[rows]
    signal = instance.signal[np.ix_(rows, dyes)]
    variance = light_variance(instance, signal, levels.mean, levels.variance, noise_of(instance, rows), own)
    none = np.zeros((1, len(instance.population)))
    return np.asarray(np.sqrt(compensation_variance(score.light.mixing, variance, none, own)[0]))


def pass_both(signals: Signals, first: Window, second: Window) -> FloatArray:
    """Return (C,) share of each population that passes a window in two measurements; the error is below 1e-6.

    Args:
        signals: The populations.
        first: Window of the first measurement.
        second: Window of the second.
    """
    (low1, high1), (low2, high2) = first, second
    result = _both_below(signals, high1, high2)
    if low1 is not None:
        result = result - _both_below(signals, low1, high2)
    if low2 is not None:
        result = result - _both_below(signals, high1, low2)
    if low1 is not None and low2 is not None:
        result = result + _both_below(signals, low1, low2)
    return np.clip(result, 0.0, 1.0)


def _both_below(signals: Signals, one: float | None, other: float | None) -> FloatArray:
    """Return (C,) P(U + N1 < one, U + N2 < other); None is open."""
    ends = [end for end in (one, other) if end is not None]
    if not ends:
        return np.ones(signals.abc.shape)
    low, high = min(ends), max(ends)
    result = np.empty(signals.abc.shape)
    single = high - low > _APART * signals.drawn if len(ends) > 1 else np.ones(result.shape, dtype=bool)
    step = np.maximum(_LEVEL_STEP * log_sd(signals.cv) * max(high, 0.0), _BESIDE_STEP * signals.kept)
    by_cells = ~single & (step <= _COARSE * signals.drawn)
    for chosen, method in ((single, _lower), (by_cells, _over_cells), (~single & ~by_cells, _over_noise)):
        if chosen.any():
            result[chosen] = method(signals.keep(np.flatnonzero(chosen)), low, high)
    return result


def _lower(signals: Signals, low: float, _: float) -> FloatArray:
    return cdf(low, signals.abc, signals.cv, np.hypot(signals.kept, signals.drawn))


def _over_cells(signals: Signals, low: float, high: float) -> FloatArray:
    """Sum the product of both probabilities over the cells: good where the noise is wide."""
    nodes, weights = _rule(_LEVEL_STEP)
    beside, share = _rule(_BESIDE_STEP) if (signals.kept > 0).any() else (np.zeros(1), np.ones(1))
    level = signals.abc[:, None] * np.exp(log_sd(signals.cv)[:, None] * nodes)
    cell = level[:, :, None] + signals.kept[:, None, None] * beside
    drawn = signals.drawn[:, None, None]
    return np.asarray(ndtr((low - cell) / drawn) * ndtr((high - cell) / drawn) @ share @ weights)


def _over_noise(signals: Signals, low: float, high: float) -> FloatArray:
    """Sum the distribution of U over the smaller of ``low - N1`` and ``high - N2``: good where the noise is narrow."""
    nodes, weights = _rule(_NOISE_STEP)
    gap = ((high - low) / signals.drawn)[:, None]
    result = np.zeros(signals.abc.shape)
    for end, apart in ((low, gap), (high, -gap)):
        at = end + signals.drawn[:, None] * nodes
        below = cdf(at, signals.abc[:, None], signals.cv[:, None], signals.kept[:, None])
        result = result + (below * ndtr(apart - nodes)) @ weights
    return result


def _twice(leak: float) -> float:
    return leak * max(AGAIN, leak)


def _is_below(gate: TubeGate) -> bool:
    return SIDES[gate.side] == "below"


def _passing(gates: Sequence[TubeGate], contaminants: int) -> FloatArray:
    return np.asarray(np.prod([gate.passing for gate in gates], axis=0)) if gates else np.ones(contaminants)
