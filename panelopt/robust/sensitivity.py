"""Which unknown matters most: Sobol indices of a panel's objective 1, by groups of unknowns.

First-order and total indices by the estimators of Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018, for groups of
unknowns. A panel has over a hundred unknowns, most without effect: each is first redrawn in a few random scenarios, and
those with the least effect are grouped together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy.stats import norm, qmc, sobol_indices

from panelopt.domain.robust_result import Influence, Interval, Sensitivity
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.scenarios import Spread, scenarios_of, score_scenarios
from panelopt.scenarios.groups import PanelUnknowns, panel_unknowns

SINGLE = 20
"""Unknowns with indices of their own."""

SCREENS = 8
"""Random scenarios in which each unknown is redrawn to see whether it has an effect."""

UNUSABLE = -10.0
"""Objective 1 in scenarios in which the panel cannot be used (log10, by convention)."""

CONFIDENCE = 0.95
RESAMPLES = 200
REST = "all others"

_CHUNK = 64
_STILL = 1e-6  # variance below which nothing moves: a standard deviation of 0.001 in log10


def sensitivity(
    instance: Instance, spread: Spread, slots: Sequence[SlotIndex], base: int, seed: int, tolerance: float
) -> Sensitivity:
    """Return the Sobol indices of a panel's objective 1, the largest total first.

    Args:
        instance: The question.
        spread: How well it is known.
        slots: The panel.
        base: Base samples, a power of two.
        seed: Seed of samples and intervals.
        tolerance: How much of ``worst`` the gates may give up for the sum (log10).
    """
    known = panel_unknowns(instance, spread, slots)
    if not known.unknowns:
        return Sensitivity(base=base, variance=0.0, screened=0, influences=())
    effects = _effects(known, tolerance, seed)
    order = sorted(range(len(effects)), key=lambda i: (-effects[i], i))
    single = [known.unknowns[i] for i in order[:SINGLE]]
    rest = [known.unknowns[i] for i in order[SINGLE:]]
    grouped = [(unknown.name, unknown.kind, 1, unknown.columns) for unknown in single]
    if rest:
        columns = tuple(column for unknown in rest for column in unknown.columns)
        grouped.append((REST, "rest", len(rest), columns))
    moved = [column for _, _, _, columns in grouped for column in columns]
    if len(grouped) == 1:
        return _alone(known, grouped[0][0], grouped[0][1], base, seed, tolerance)
    first, second = np.split(_points(2 * len(moved), base, seed), 2, axis=1)
    ends = np.cumsum([len(columns) for _, _, _, columns in grouped])
    mixed = []
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        mixed.append(first.copy())
        mixed[-1][:, start:end] = second[:, start:end]
    values = _values(known, moved, np.concatenate([first, second, *mixed]), tolerance)
    variance = float(values.var())
    if variance < _STILL:
        return Sensitivity(base=base, variance=variance, screened=len(effects), influences=())
    table = values.reshape(len(grouped) + 2, base)
    alone, whole = _indices(table)
    alone_half, whole_half = _half_widths(table, seed)
    influences = [
        Influence(
            unknown=name,
            kind=kind,
            members=members,
            first=float(alone[g]),
            first_interval=_around(alone[g], alone_half[g]),
            total=float(whole[g]),
            total_interval=_around(whole[g], whole_half[g]),
        )
        for g, (name, kind, members, _) in enumerate(grouped)
    ]
    influences.sort(key=lambda one: (-round(one.total, 9), one.unknown))
    return Sensitivity(base=base, variance=variance, screened=len(effects), influences=tuple(influences))


def _alone(known: PanelUnknowns, name: str, kind: str, base: int, seed: int, tolerance: float) -> Sensitivity:
    """Return the indices of the only unknown, which accounts for all of the variance."""
    drawn = np.random.default_rng([seed, 4]).random((base, known.columns))
    variance = float(_values(known, range(known.columns), drawn, tolerance).var())
    sure = Interval(low=1.0, high=1.0)
    whole = Influence(unknown=name, kind=kind, first=1.0, first_interval=sure, total=1.0, total_interval=sure)
    return Sensitivity(base=base, variance=variance, screened=1, influences=() if variance < _STILL else (whole,))


def _points(width: int, count: int, seed: int) -> FloatArray:
    return np.asarray(qmc.Sobol(width, scramble=True, rng=np.random.default_rng([seed, 5])).random(count))


def _indices(table: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return first-order and total indices, each of shape (groups,).

    Args:
        table: Scores of shape (2 + groups, base): of two samples, and of the first with one group from the second.
    """
    functions: dict[Literal["f_A", "f_B", "f_AB"], FloatArray] = {
        "f_A": table[:1],
        "f_B": table[1:2],
        "f_AB": table[2:, None],
    }
    found = sobol_indices(func=functions, n=table.shape[1])
    return found.first_order.ravel(), found.total_order.ravel()


def _half_widths(table: FloatArray, seed: int) -> FloatArray:
    """Return half the widths of the intervals of both indices by the bootstrap: shape (2, groups)."""
    random = np.random.default_rng([seed, 6])
    base = table.shape[1]
    drawn = [_indices(table[:, random.integers(base, size=base)]) for _ in range(RESAMPLES)]
    return np.asarray(norm.ppf((1 + CONFIDENCE) / 2) * np.std(drawn, axis=0, ddof=1))


def _around(value: float, half: float) -> Interval:
    return Interval(low=float(value - half), high=float(value + half))


def _effects(known: PanelUnknowns, tolerance: float, seed: int) -> list[float]:
    """Return the effect of redrawing each unknown on objective 1: mean square over random scenarios."""
    random = np.random.default_rng([seed, 2])
    result = np.zeros(len(known.unknowns))
    for _ in range(SCREENS):
        here, other = random.random((2, known.columns))
        moved = np.tile(here, (1 + len(known.unknowns), 1))
        for i, unknown in enumerate(known.unknowns):
            moved[1 + i, list(unknown.columns)] = other[list(unknown.columns)]
        worst = _scores(known, moved, tolerance)
        result += (worst[1:] - worst[0]) ** 2 / SCREENS
    return [float(value) for value in result]


def _values(known: PanelUnknowns, moved: Sequence[int], drawn: FloatArray, tolerance: float) -> FloatArray:
    worst = np.empty(len(drawn))
    for start in range(0, len(drawn), _CHUNK):
        part = drawn[start : start + _CHUNK]
        uniform = np.full((len(part), known.columns), 0.5)
        uniform[:, list(moved)] = part
        worst[start : start + len(part)] = _scores(known, uniform, tolerance)
    return worst


def _scores(known: PanelUnknowns, uniform: FloatArray, tolerance: float) -> FloatArray:
    drawn = scenarios_of(known.instance, known.spread, known.deviates(uniform))
    return np.maximum(score_scenarios(known.instance, drawn, known.slots, tolerance).worst, UNUSABLE)
