"""The relaxation as one linear model: what a panel could reach if every slot kept the noise that it has alone.

Slots claim what their own noise admits, on all detectors, and some pairs of similar dyes what their noise admits in
each other's company (:mod:`panelopt.bounds`). Everything is stated at once; nothing is added while a solver runs but
cuts that rule out single panels that were judged. The model is a list of rows ``sum of coefficients x variables <=
limit``, so that any solver of such models can take it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.peers.moves import conflicts, duties, too_similar
from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.claim_bounds import claim_bounds, own_bounds
from panelopt.bounds.exclusions import most_slots, outshone_detectors
from panelopt.bounds.subset_noise import SubsetNoise
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.optics.spectral_similarity import cosine_similarity
from panelopt.scoring.claims import SIDES
from panelopt.scoring.view_claims import base_doublet, base_single

MAX_PAIRS = 1000
"""Ordered pairs of options whose common limits are computed: those of the most similar dyes."""

LEAST_REDUCTION = 0.1
"""By how much company must lower a claim to be worth a row, log10."""

MAX_PAIR_ROWS = 20_000
LOWEST = -100.0
_BELOW = SIDES.index("below")


@dataclass
class LinearModel:
    """Variables and rows.

    Attributes:
        lower, upper: Limits of the variables.
        binary: Whether a variable is 0 or 1.
        rows: Variables, coefficients and limit of each row ``sum <= limit``.
    """

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    binary: list[bool] = field(default_factory=list)
    rows: list[tuple[list[int], list[float], float]] = field(default_factory=list)

    def variable(self, lower: float, upper: float, *, binary: bool = False) -> int:
        """Add a variable and return its number."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.binary.append(binary)
        return len(self.lower) - 1

    def row(self, variables: Sequence[int], coefficients: Sequence[float] | float, limit: float) -> None:
        """Add a row; one coefficient stands for all."""
        count = len(variables)
        values = [float(coefficients)] * count if isinstance(coefficients, int | float) else list(coefficients)
        self.rows.append((list(variables), values, float(limit)))


class Relaxation:
    """The model of an instance.

    Attributes:
        model: Variables and rows.
        used: Variable of each option.
        rho: Variables of the log ratios.
        worst: Variable of objective 1.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.options = list_options(instance)
        self.model = LinearModel()
        self.used = [self.model.variable(0, 1, binary=True) for _ in self.options.slots]
        self._add_rules()
        self.rho: list[int] = []
        self.claim: dict[tuple[int, int, int, int], tuple[int, float]] = {}
        noise = SubsetNoise(instance, self.options)
        limits = own_bounds(instance, noise)
        self.usable = noise.usable
        for view in range(len(instance.views)):
            self._add_view(view, limits[view])
        self._add_pairs(noise, limits)
        self.worst = self.model.variable(LOWEST, instance.rho_cap)
        for rho in self.rho:
            self.model.row([self.worst, rho], [1.0, -1.0], 0.0)

    def _where(self, values: np.ndarray, value: int) -> list[int]:
        return [self.used[o] for o in np.flatnonzero(values == value)]

    def _add_rules(self) -> None:
        """State the hard rules; limits on complexity, shares and purity are left to the score."""
        instance, options, model = self.instance, self.options, self.model
        model.row(self.used, -1.0, -1.0)
        model.row(self.used, 1.0, most_slots(instance))
        for dye in range(len(instance.dye)):
            model.row(self._where(options.dye, dye), 1.0, 1.0)
        for marker in range(len(instance.marker)):
            model.row([self.used[o] for o, s in enumerate(options.slots) if marker in s.markers], 1.0, 1.0)
        if instance.conventional:
            for detector in range(len(instance.detector)):
                model.row(self._where(options.detector, detector), 1.0, 1.0)
        self._add_spillover()
        for first, second in np.argwhere(np.triu(too_similar(instance))):
            model.row(self._where(options.dye, first) + self._where(options.dye, second), 1.0, 1.0)
        for duty in duties(instance, options.slots).T:
            model.row([self.used[o] for o in np.flatnonzero(duty)], -1.0, -1.0)
        model.row([self.used[o] for o, slot in enumerate(options.slots) if slot.is_dump], 1.0, 1.0)
        if instance.budget is not None:
            model.row(self.used, list(options.cost), instance.budget)
        targets = 1 if instance.marker_list else len(instance.views)
        if instance.sort_ways is not None and targets > instance.sort_ways:
            model.row(self.used, 1.0, 0.0)

    def _add_spillover(self) -> None:
        """Keep detectors unused in which a dye is brighter than in its own."""
        if not self.instance.conventional:
            return
        brighter = outshone_detectors(self.instance, self.options)
        for o, detector in np.argwhere(brighter):
            self.model.row([self.used[o], *self._where(self.options.detector, detector)], 1.0, 1.0)

    def _add_view(self, view: int, limits: FloatArray) -> None:
        """Add gates, claims and log ratios of one target."""
        instance, model = self.instance, self.model
        target = instance.views[view]
        usable = self.usable[view]
        gates: list[int] = []
        claims: list[list[tuple[int, int]]] = [[] for _ in target.contaminants]  # (side, variable)
        for key, members in self._keys().items():
            sides = [s for s in range(len(SIDES)) if usable[members, s].any() and limits[members, s].max() > 0]
            live = key >= 0 and bool(instance.viability[key]) and not instance.marker_list
            if live:
                sides = [_BELOW]
            mine = [self._add_gate(view, key, side, members, limits, claims) for side in sides]
            if live:  # a demand, not a choice
                model.row([*(self.used[o] for o in members), *mine], [*[1.0] * len(members), -1.0], 0.0)
            if mine:
                model.row(mine, 1.0, 1.0)
            gates += mine
        model.row(gates, 1.0, instance.gate_cap)
        step = float(np.log10(1 - instance.eps))
        single, doublet = base_single(instance, target), base_doublet(instance, target)
        for c, mine_c in enumerate(claims):
            rho = model.variable(LOWEST, instance.rho_cap)
            self.rho.append(rho)
            every, below = [v for _, v in mine_c], [v for side, v in mine_c if side == _BELOW]
            weights = [1.0, *[-1.0] * len(every), *[-step] * len(gates)]
            model.row([rho, *every, *gates], weights, single[c])
            if np.isfinite(instance.most_rejection):
                most = [1.0, *[-step] * len(gates)]
                model.row([rho, *gates], most, float(single[c]) + instance.most_rejection)
                if np.isfinite(doublet[c]):
                    model.row([rho], 1.0, float(doublet[c]) + instance.most_rejection)
            if np.isfinite(doublet[c]):
                model.row([rho, *below], [1.0, *[-1.0] * len(below)], doublet[c])

    def _keys(self) -> dict[int, list[int]]:
        keys: dict[int, list[int]] = {}
        for option in range(len(self.options.slots)):
            keys.setdefault(self.options.key(option), []).append(option)
        return keys

    def _add_gate(
        self,
        view: int,
        key: int,
        side: int,
        members: Sequence[int],
        limits: FloatArray,
        claims: list[list[tuple[int, int]]],
    ) -> int:
        model, slots = self.model, [self.used[o] for o in members]
        gate = model.variable(0, 1, binary=True)
        model.row([gate, *slots], [1.0, *[-1.0] * len(slots)], 0.0)
        for c, mine in enumerate(claims):
            own = limits[members, side, c]
            most = float(own.max())
            if most <= 0:
                continue
            claim = model.variable(0, most)
            self.claim[view, key, side, c] = claim, most
            model.row([claim, gate], [1.0, -most], 0.0)
            model.row([claim, *slots], [1.0, *(-own)], 0.0)
            mine.append((side, claim))
        return gate

    def _add_pairs(self, noise: SubsetNoise, limits: Sequence[FloatArray]) -> None:
        """Add what slots may claim beside one similar dye: for each slot and dye one row a claim."""
        first, second = self._similar_pairs()
        if first.size == 0:
            return
        sd = noise.sd(first, partners=second)
        dye = self.options.dye[second]
        groups = [np.flatnonzero((first == a) & (dye == f)) for a, f in sorted(set(zip(first, dye, strict=True)))]
        rows: list[tuple[float, list[int], list[float], float]] = []
        for view, own in enumerate(limits):
            less = own[first] - claim_bounds(self.instance, noise, view, first, sd[:, view])
            for group in groups:
                rows += self._pair_rows(view, int(first[group[0]]), second[group], less[group], own)
        rows.sort(key=lambda row: -row[0])
        for _, variables, coefficients, limit in rows[:MAX_PAIR_ROWS]:
            self.model.row(variables, coefficients, limit)

    def _pair_rows(
        self, view: int, option: int, partners: np.ndarray, less: FloatArray, own: FloatArray
    ) -> list[tuple[float, list[int], list[float], float]]:
        rows = []
        for side, c in np.argwhere(less.max(axis=0) > LEAST_REDUCTION):
            claim = self.claim.get((view, self.options.key(option), int(side), int(c)))
            if claim is None:
                continue
            reduction = np.maximum(less[:, side, c], 0.0)
            limit, strongest = float(own[option, side, c]), float(reduction.max())
            slack = claim[1] - limit + strongest  # the row says nothing where the option is not in the panel
            variables = [claim[0], self.used[option], *(self.used[o] for o in partners)]
            rows.append((strongest, variables, [1.0, slack, *reduction], limit + slack))
        return rows

    def _similar_pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return ordered pairs of options that may meet, of the most similar dyes."""
        clash = conflicts(self.instance, self.options.slots)
        cosine = cosine_similarity(self.instance.signal)[np.ix_(self.options.dye, self.options.dye)]
        cosine[clash] = -1.0
        flat = np.argsort(-cosine, axis=None, kind="stable")[:MAX_PAIRS]
        first, second = np.unravel_index(flat, cosine.shape)
        good = cosine[first, second] > 0
        return np.asarray(first[good]), np.asarray(second[good])

    # ---- what changes between two runs of a solver

    def require_worst(self, floor: float) -> None:
        """Demand a value of objective 1."""
        self.model.row([self.worst], [-1.0], -floor)

    def forbid(self, panel: Sequence[int]) -> None:
        """Rule out one panel, and no other."""
        inside = set(panel)
        signs = [1.0 if o in inside else -1.0 for o in range(len(self.used))]
        self.model.row(self.used, signs, len(inside) - 1)
