"""The score of one panel, straight from its definition, for the arrays of a numeric instance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import ndtr

from tests.oracle.tails import probability_above, probability_below, quantile, sigma_of

Arrays = Mapping[str, Any]
Slot = tuple[tuple[int, ...], int, int]
"""Markers, dye, detector."""

Level = tuple[Any, Any, Any]
"""Median and CV of the antibodies, and s.d. of the noise: numbers, or arrays of them."""

ABOVE, BELOW, BETWEEN = 0, 1, 2

EQUAL = 1e-9
"""Sums that differ by no more are equal."""

ROUNDING = 1e-12
"""What a limit may be missed by, as no number is exact."""


@dataclass
class TargetScore:
    """One target at one set of gates; log ratios, and odds as log10 of purity_at_least / (1 - purity_at_least)."""

    target: int
    contaminants: list[int]
    gates: tuple[tuple[int, int], ...]
    rho: np.ndarray
    single: np.ndarray
    doublet: np.ndarray
    gate_yield: float
    purity: float
    purity_at_least: float
    odds: float
    shares: np.ndarray = field(repr=False)


@dataclass
class Score:
    """One panel."""

    worst: float
    total: float
    targets: list[TargetScore]

    @property
    def odds(self) -> list[float]:
        """Log odds of each tube."""
        return [target.odds for target in self.targets]

    @property
    def gate_count(self) -> int:
        """Gates of all targets."""
        return sum(len(target.gates) for target in self.targets)


def views(a: Arrays) -> list[tuple[int, list[int], int | None]]:
    """Targets with contaminants; in marker lists one for each marker."""
    names = [str(n) for n in a["population"]]
    if int(a["marker_list"]):
        pairs = [(m, f"full without {name}") for m, name in enumerate(a["marker"])]
        return [(names.index("full"), [names.index(other)], m) for m, other in pairs if other in names]
    roles = [str(r) for r in a["role"]]
    playing = [p for p, role in enumerate(roles) if role != "ignore"]
    return [(t, [p for p in playing if p != t], None) for t in playing if roles[t] == "target"]


def levels_of(a: Arrays, markers: Sequence[int], p: int) -> tuple[float, float, float, float, bool]:
    """Median, CV, mean and variance of a slot's antibodies, and whether all its levels are known."""
    mean = variance = 0.0
    known = True
    for m in markers:
        abc, cv = float(a["abc"][p, m]), float(a["cv"][p, m])
        if math.isnan(abc):
            abc, cv, known = float(a["unknown_abc"]), float(a["unknown_cv"]), False
        mean += abc * math.sqrt(1 + cv**2)
        variance += (cv * abc) ** 2 * (1 + cv**2)
    if mean == 0:
        return 0.0, 0.0, 0.0, 0.0, known
    cv = math.sqrt(variance) / mean
    return mean / math.sqrt(1 + cv**2), cv, mean, variance, known


def noise_sd(a: Arrays, slots: Sequence[Slot], p: int, t: int) -> np.ndarray | None:
    """Standard deviation of each slot in population p seen from target t; None where the mixing is singular.

    With Sigma = L L' and L^-1 columns = Q R, the covariance is the inverse of R' R.
    """
    conventional = int(a["conventional"])
    rows = [slot[2] for slot in slots] if conventional else list(range(len(a["B"])))
    mixing = a["M"][np.ix_(rows, [slot[1] for slot in slots])]
    af, g = a["AF"][rows], a["g"]
    level = [levels_of(a, slot[0], p) for slot in slots]
    mean = a["B"][rows] + g[p] * af + mixing @ [x[2] for x in level]
    second = mean**2 + mixing**2 @ [x[3] for x in level]
    var = np.maximum(a["F"][rows] * mean + a["e"][rows] ** 2 + a["k"][rows] ** 2 * second, 1.0)
    sigma = np.diag(var) + ((a["cv_af"] * g[p]) ** 2 + (g[p] - g[t]) ** 2) * np.outer(af, af)
    columns = np.column_stack([mixing, af]) if not conventional and np.any(a["AF"] > 0) else mixing
    peak = columns.max(axis=0)
    if columns.shape[1] > columns.shape[0] or (peak <= 0).any() or np.linalg.cond(columns / peak) > 1e8:
        return None
    white = np.linalg.solve(np.linalg.cholesky(sigma), columns / peak)
    root = np.linalg.inv(np.linalg.qr(white, mode="r"))
    return (np.sqrt(np.sum(root**2, axis=1)) / peak)[: len(slots)]


def pass_probability(a: Arrays, side: int, target: Level, other: Level) -> tuple[np.ndarray, np.ndarray]:
    """What a gate may claim to let pass of a contaminant, and what it is expected to."""
    eps, leak = float(a["eps"]), float(a["leak"])
    claim, plain = _two_sides(eps, target, other) if side == BETWEEN else _one_side(side, eps, target, other)
    return np.where(claim > 0.5, 1.0, np.maximum(claim, leak)), np.clip(plain, leak, 1.0)


def _one_side(side: int, eps: float, target: Level, other: Level) -> tuple[np.ndarray, np.ndarray]:
    if side == ABOVE:
        passed = probability_above(quantile(eps, *target), *other)
        return passed, passed
    limit = quantile(1 - eps, *target)
    passed = probability_below(limit, *other)
    return np.maximum(passed, probability_below(limit, other[0], other[1], 0.0)), passed


def _two_sides(eps: float, target: Level, other: Level) -> tuple[np.ndarray, np.ndarray]:
    low, high = quantile(eps / 2, *target), quantile(1 - eps / 2, *target)
    over, under = probability_above(low, *other), probability_below(high, *other)
    quiet = probability_below(high, other[0], other[1], 0.0)
    outside = probability_below(low, *other), probability_above(high, *other)
    window = np.where(over < under, over - outside[1], under - outside[0])  # the difference of the smaller numbers
    return np.minimum(over, np.maximum(under, quiet)), window


def sides(a: Arrays, slot: Slot, t: int, marker: int | None) -> list[int | None]:
    """Sides on which a target's slot may be gated; None = no gate."""
    markers = slot[0]
    eps, cut = float(a["eps"]), any(a["no_above"][m] for m in markers)
    falls = ndtr(-float(sigma_of(levels_of(a, markers, t)[1])))  # claims fall with noise up to this loss
    if marker is not None:
        return [None, ABOVE] if markers == (marker,) and not cut and eps <= falls else [None]
    if any(a["viability"][m] for m in markers):
        return [BELOW]
    found: list[int | None] = [None, BELOW]
    if len(markers) == 1 and not cut:
        found += [ABOVE] if eps <= falls else []
        found += [BETWEEN] if eps / 2 <= falls else []
    return found


def score(a: Arrays, slots: Sequence[Slot], tolerance: float = 0.02, goal: float = 0.0) -> Score | None:
    """The score of a panel; None where it cannot be unmixed or no gates meet the demands.

    ``goal`` is the least purity of a tube where the goal is a demand.
    """
    tables = []
    for t, others, marker in views(a):
        table = _all_gate_sets(a, slots, t, others, marker, goal)
        if not table:
            return None
        tables.append(table)
    worst = min(max(float(s.rho.min()) for s in table) for table in tables)
    total, chosen = 0.0, []
    for table in tables:
        good = [s for s in table if s.rho.min() >= worst - tolerance - ROUNDING]
        best = max(float(s.rho.sum()) for s in good)
        total += best
        chosen.append(min((s for s in good if s.rho.sum() >= best - EQUAL), key=lambda s: (len(s.gates), s.gates)))
    return Score(worst, total, chosen)


def _all_gate_sets(
    a: Arrays, slots: Sequence[Slot], t: int, others: list[int], marker: int | None, goal: float
) -> list[TargetScore]:
    """Every allowed gate set of a target with its values."""
    rejected = _rejections(a, slots, t, others, marker)
    if rejected is None:
        return []
    found = []
    for choice in itertools.product(*(sides(a, slot, t, marker) for slot in slots)):
        gates = tuple((s, side) for s, side in enumerate(choice) if side is not None)
        judged = _judge(a, gates, t, others, *rejected)
        limits = a["max_share"][others]
        shares_kept = all(math.isnan(m) or x <= m * (1 + ROUNDING) for m, x in zip(limits, judged.shares, strict=True))
        few = math.isnan(float(a["max_gates"])) or len(gates) <= float(a["max_gates"])
        enough = bool(int(a["marker_list"])) or judged.gate_yield >= float(a["yield_min"]) - ROUNDING
        if shares_kept and few and enough and judged.purity_at_least >= goal - ROUNDING:
            found.append(judged)
    return found


def _rejections(
    a: Arrays, slots: Sequence[Slot], t: int, others: list[int], marker: int | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """(slot, side, contaminant) -log10 of what passes, claimed and plain; None where the mixing is singular."""
    noise = [noise_sd(a, slots, p, t) for p in (t, *others)]
    if any(sd is None for sd in noise):
        return None
    level = [[levels_of(a, slot[0], p) for p in (t, *others)] for slot in slots]
    claim, plain = np.zeros((2, len(slots), 3, len(others)))
    for side in (ABOVE, BELOW, BETWEEN):
        gated = [s for s, slot in enumerate(slots) if side in sides(a, slot, t, marker)]
        if gated:
            abc, cv, known = (np.array([[x[i] for x in level[s]] for s in gated]) for i in (0, 1, 4))
            here = abc, cv, np.transpose(noise)[gated]
            own, foreign = (tuple(x[:, which] for x in here) for which in (slice(1), slice(1, None)))
            both = known[:, :1] & known[:, 1:]  # an unknown level claims nothing
            passed = pass_probability(a, side, own, foreign)
            claim[gated, side], plain[gated, side] = (-np.log10(np.where(both, value, 1.0)) for value in passed)
    return claim, plain


def _judge(
    a: Arrays, gates: tuple[tuple[int, int], ...], t: int, others: list[int], claim: np.ndarray, plain: np.ndarray
) -> TargetScore:
    phi, delta, most = a["phi"], float(a["delta"]), float(a["leak_total"])
    floor = -math.log10(most) if most > 0 else math.inf
    goal = float(a["purity_goal"])
    gate_yield = (1 - float(a["eps"])) ** len(gates)
    doublets = delta > 0 and not int(a["marker_list"])

    def terms(value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        everything = sum((value[g] for g in gates), np.zeros(len(others)))
        negative = sum((value[g] for g in gates if g[1] == BELOW), np.zeros(len(others)))
        single = np.log10(gate_yield * phi[t] / phi[others]) + np.minimum(everything, floor)
        if not doublets:
            return single, np.full(len(others), np.inf)
        return single, np.minimum(negative, floor) - np.log10(2 * delta * phi[others])

    single, doublet = terms(claim)
    leaks = 10.0**-single + 10.0**-doublet
    expected = float(np.sum(sum(10.0**-x for x in terms(plain))))
    cap = math.log10(goal / (1 - goal)) + 2
    at_least = 1 / (1 + leaks.sum())
    return TargetScore(
        target=t,
        contaminants=others,
        gates=gates,
        rho=np.minimum(np.minimum(single, doublet), cap),
        single=single,
        doublet=doublet,
        gate_yield=gate_yield,
        purity=1 / (1 + expected),
        purity_at_least=float(at_least),
        odds=-math.log10(leaks.sum()),
        shares=at_least * leaks,
    )
