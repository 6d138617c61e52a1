"""Where the model promised more than a panel keeps, and the rows that correct it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.bounds.certificate_rows import CertificateFinder
from panelopt.bounds.options import Options
from panelopt.bounds.rows import Excess, LimitTable, RowFinder
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scoring.claims import SIDES
from panelopt.scoring.gating import GateQuestion
from panelopt.scoring.score import panel_claims
from panelopt.solver.judge import PanelKey, ordered_slots
from panelopt.solver.master import GateKey, Master, Row

WORTH = 1e-3
"""Differences below this (log10) are not worth a row."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A solution of the model.

    Attributes:
        panel: Options used.
        gates: Gates chosen.
        worst: Promised value of objective 1.
        claims: Promised claims by gate and contaminant.
        rho: Promised log ratios by view and contaminant.
    """

    panel: PanelKey
    gates: frozenset[GateKey]
    worst: float
    claims: dict[tuple[GateKey, int], float]
    rho: dict[tuple[int, int], float]


class Refiner:
    """Adds rows that a solution of the model violates.

    Args:
        instance, options: The question.
        finder: Finds limits by subsets.
        certificates: Finds certified limits; None on a spectral cytometer, where subsets are enough.
        master: Takes the rows.
    """

    def __init__(
        self,
        instance: Instance,
        options: Options,
        finder: RowFinder,
        certificates: CertificateFinder | None,
        master: Master,
    ) -> None:
        self.instance = instance
        self.options = options
        self.finder = finder
        self.certificates = certificates
        self.master = master

    def refine(self, promise: Promise, *, only_worst: bool, stop: Callable[[], bool]) -> None:
        """Add rows that a solution violates.

        Args:
            promise: The solution.
            only_worst: Whether only pairs that keep objective 1 down matter.
            stop: Whether time is up.
        """
        for excess in self._excesses(promise, only_worst):
            if stop():
                return
            for row in [*self._by_subsets(promise, excess), *self._by_certificate(promise, excess)]:
                self.master.add_row(row)

    def _by_subsets(self, promise: Promise, excess: Excess) -> list[Row]:
        return [row for table in self.finder.tables(promise.panel, excess) for row in self._rows(excess, table)]

    def _by_certificate(self, promise: Promise, excess: Excess) -> list[Row]:
        certified = self.certificates.find(promise.panel, excess) if self.certificates else None
        if certified is None:
            return []
        gate = (excess.view, self.options.key(excess.option), excess.side)
        rows = []
        for place, c in enumerate(excess.contaminants):
            more = float(certified.otherwise[place] - certified.limit[place])
            blocked = tuple((o, -more) for o in certified.blockers)
            rows.append(Row(gate, c, certified.fixed, (), float(certified.limit[place]), blocked))
        return rows

    def _excesses(self, promise: Promise, only_worst: bool) -> list[Excess]:
        slots = ordered_slots([self.options.slots[o] for o in promise.panel])
        judged = panel_claims(self.instance, slots)
        if judged is None:
            return []
        members = [self.options.by_slot[slot] for slot in slots]
        found: list[Excess] = []
        for view, claims in enumerate(judged[1]):
            chosen = [
                (s, side)
                for s, option in enumerate(members)
                for side in range(len(SIDES))
                if (view, self.options.key(option), side) in promise.gates
            ]
            matters = self._matters(promise, view, claims.question, chosen, only_worst)
            for s, side in chosen:
                excess = self._excess(promise, view, members[s], side, claims.question.claims[s, side], matters)
                if excess is not None:
                    found.append(excess)
        return found

    def _matters(
        self,
        promise: Promise,
        view: int,
        question: GateQuestion,
        chosen: Sequence[tuple[int, int]],
        only_worst: bool,
    ) -> list[int]:
        """Return the contaminants whose pairs fall short of what was promised."""
        exact = question.rho(tuple(chosen))
        if only_worst:
            return [int(c) for c in np.flatnonzero(exact < promise.worst - WORTH)]
        return [c for c in range(len(exact)) if promise.rho[view, c] > exact[c] + WORTH]

    def _excess(
        self, promise: Promise, view: int, option: int, side: int, exact: FloatArray, matters: Sequence[int]
    ) -> Excess | None:
        gate = (view, self.options.key(option), side)
        over = tuple(c for c in matters if promise.claims.get((gate, c), 0.0) > exact[c] + WORTH)
        promised = np.array([promise.claims.get((gate, c), 0.0) for c in over])
        return Excess(view, option, side, over, exact[list(over)], promised) if over else None

    def _rows(self, excess: Excess, table: LimitTable) -> list[Row]:
        """Return one row for each contaminant and group of options of which a panel holds at most one."""
        gate = (excess.view, self.options.key(excess.option), excess.side)
        keys = np.array([self.options.key(int(o)) for o in table.partners])
        rows = []
        for place, c in enumerate(excess.contaminants):
            reduction = table.base[place] - table.joined[:, place]
            worth = reduction > WORTH
            if table.open_detector is not None and table.darkened is not None:
                less = float(table.base[place] - table.darkened[place])
                pairs = tuple((int(table.partners[i]), float(reduction[i])) for i in np.flatnonzero(worth))
                unused = (table.open_detector, less)
                rows.append(Row(gate, c, table.fixed, table.dark, float(table.base[place]), pairs, unused))
                continue
            groups = [np.flatnonzero(worth & (keys == key)) for key in np.unique(keys[worth])] or [np.zeros(0, int)]
            for members in groups:
                pairs = tuple((int(table.partners[i]), float(reduction[i])) for i in members)
                rows.append(Row(gate, c, table.fixed, table.dark, float(table.base[place]), pairs))
        return rows
