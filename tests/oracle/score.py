"""The score of one panel, straight from its definition, for the arrays of a numeric instance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tests.oracle.tails import probability_below, quantile

Arrays = Mapping[str, Any]
Slot = tuple[tuple[int, ...], int, int]
"""Markers, dye, detector."""

ABOVE, BELOW, BETWEEN = 0, 1, 2

_below = lru_cache(maxsize=200_000)(probability_below)
_quantile = lru_cache(maxsize=200_000)(quantile)


@dataclass
class TargetScore:
    """One target at the reported gates."""

    target: int
    contaminants: list[int]
    gates: tuple[tuple[int, int], ...]
    rho: np.ndarray
    gate_yield: float
    purity: float
    purity_at_least: float


@dataclass
class Score:
    """One panel."""

    worst: float
    total: float
    targets: list[TargetScore]


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
        sigma = math.sqrt(math.log(1 + cv**2))
        mean += abc * math.exp(sigma**2 / 2)
        variance += (cv * abc * math.exp(sigma**2 / 2)) ** 2
    if mean == 0:
        return 0.0, 0.0, 0.0, 0.0, known
    cv = math.sqrt(variance) / mean
    return mean / math.sqrt(1 + cv**2), cv, mean, variance, known


def noise_sd(a: Arrays, slots: Sequence[Slot], p: int, t: int) -> np.ndarray | None:
    """Standard deviation of each slot in population p seen from target t; None where the mixing is singular."""
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
    information = columns.T @ np.linalg.inv(sigma) @ columns
    return np.sqrt(np.diag(np.linalg.inv(information))[: len(slots)])


def pass_probability(
    a: Arrays, side: int, target: tuple[float, float, float], other: tuple[float, float, float]
) -> tuple[float, float]:
    """What a gate may claim to let pass of a contaminant, and what it is expected to; levels as (abc, cv, sd)."""
    eps, leak = float(a["eps"]), float(a["leak"])
    quiet = (other[0], other[1], 0.0)

    def above(e: float) -> float:
        return 1 - _below(_quantile(e, *target), *other)

    def below(e: float) -> float:
        limit = _quantile(1 - e, *target)
        return max(_below(limit, *other), _below(limit, *quiet))

    if side == ABOVE:
        claim = plain = above(eps)
    elif side == BELOW:
        claim, plain = below(eps), _below(_quantile(1 - eps, *target), *other)
    else:
        claim = min(above(eps / 2), below(eps / 2))
        plain = _below(_quantile(1 - eps / 2, *target), *other) - _below(_quantile(eps / 2, *target), *other)
    claim = 1.0 if claim > 0.5 else max(claim, leak)
    return claim, min(max(plain, leak), 1.0)


def sides(a: Arrays, slot: Slot, marker: int | None) -> list[int | None]:
    """Sides on which a slot may be gated, and no gate."""
    markers = slot[0]
    if marker is not None:
        return [None, ABOVE] if markers == (marker,) and not a["no_above"][marker] else [None]
    if len(markers) > 1:
        return [None, BELOW]
    return [None, BELOW] if a["no_above"][markers[0]] else [None, ABOVE, BELOW, BETWEEN]


def score(a: Arrays, slots: Sequence[Slot], tolerance: float = 0.02, goal: float = 0.0) -> Score | None:
    """The score of a panel; None where it cannot be unmixed or no gates meet the demands."""
    cap = math.log10(float(a["purity_goal"]) / (1 - float(a["purity_goal"]))) + 2
    tables = []
    for t, others, marker in views(a):
        table = _all_gate_sets(a, slots, t, others, marker, cap, goal)
        if table is None:
            return None
        tables.append((t, others, table))
    worst = min(max(float(s["rho"].min()) for s in table) for _, _, table in tables)
    total, chosen = 0.0, []
    for t, others, table in tables:
        good = [s for s in table if s["rho"].min() >= worst - tolerance - 1e-12]
        best = max(float(s["rho"].sum()) for s in good)
        tied = [s for s in good if s["rho"].sum() >= best - 1e-9]
        pick = min(tied, key=lambda s: (len(s["gates"]), s["gates"]))
        total += best
        chosen.append(
            TargetScore(t, others, pick["gates"], pick["rho"], pick["yield"], pick["purity"], pick["at_least"])
        )
    return Score(worst, total, chosen)


def _all_gate_sets(
    a: Arrays, slots: Sequence[Slot], t: int, others: list[int], marker: int | None, cap: float, goal: float
) -> list[dict[str, Any]] | None:
    """Every allowed gate set of a target with its values."""
    noise = {p: noise_sd(a, slots, p, t) for p in (t, *others)}
    if any(sd is None for sd in noise.values()):
        return None
    claim = np.zeros((len(slots), 3, len(others)))
    plain = np.zeros_like(claim)
    for s, slot in enumerate(slots):
        own = levels_of(a, slot[0], t)
        for side in sides(a, slot, marker):
            for c, p in enumerate(others):
                foreign = levels_of(a, slot[0], p)
                if side is None or not (own[4] and foreign[4]):
                    continue
                values = pass_probability(
                    a, side, (own[0], own[1], float(noise[t][s])), (foreign[0], foreign[1], float(noise[p][s]))
                )
                claim[s, side, c], plain[s, side, c] = (-math.log10(v) for v in values)
    allowed = []
    for choice in itertools.product(*(sides(a, slot, marker) for slot in slots)):
        gates = tuple((s, side) for s, side in enumerate(choice) if side is not None)
        found = _judge(a, gates, t, others, claim, plain, cap)
        limits = a["max_share"][others]
        shares_kept = all(math.isnan(m) or x <= m * (1 + 1e-12) for m, x in zip(limits, found["share"], strict=True))
        few = math.isnan(float(a["max_gates"])) or len(gates) <= float(a["max_gates"])
        enough = bool(int(a["marker_list"])) or found["yield"] >= float(a["yield_min"]) - 1e-12
        if shares_kept and few and enough and found["at_least"] >= goal - 1e-12:
            allowed.append(found)
    return allowed or None


def _judge(
    a: Arrays,
    gates: tuple[tuple[int, int], ...],
    t: int,
    others: list[int],
    claim: np.ndarray,
    plain: np.ndarray,
    cap: float,
) -> dict[str, Any]:
    phi, delta = a["phi"], float(a["delta"])
    gate_yield = (1 - float(a["eps"])) ** len(gates)
    doublets = delta > 0 and not int(a["marker_list"])

    def terms(value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rejected = sum((value[g] for g in gates), np.zeros(len(others)))
        negative = sum((value[g] for g in gates if g[1] == BELOW), np.zeros(len(others)))
        single = np.log10(gate_yield * phi[t] / phi[others]) + rejected
        doublet = -np.log10(delta * phi[others]) + negative if doublets else np.full(len(others), np.inf)
        return single, doublet

    single, doublet = terms(claim)
    leaks = 10.0**-single + 10.0**-doublet
    expected = sum(10.0**-x for x in terms(plain))
    at_least = 1 / (1 + leaks.sum())
    return {
        "gates": gates,
        "rho": np.minimum(np.minimum(single, doublet), cap),
        "yield": gate_yield,
        "purity": 1 / (1 + float(np.sum(expected))),
        "at_least": at_least,
        "share": at_least * leaks,
    }
