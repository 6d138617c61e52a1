"""Panel design by hand, as guides teach it: bright dyes for dim markers, and dyes that do not look alike.

Y. D. Mahnke, M. Roederer, "Optimizing a multi-colour immunophenotyping assay", Clinics in Laboratory Medicine
27:469-485 (2007), doi:10.1016/j.cll.2007.05.002; H. T. Maecker, T. Frey, L. E. Nomura, J. Trotter, "Selecting
fluorochrome conjugates for maximum sensitivity", Cytometry A 62:169-173 (2004), doi:10.1002/cyto.a.20092.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from benchmarks.peers.moves import conflicts, duties
from benchmarks.peers.trace import Jury, Trace
from panelopt.bounds.candidate_slots import CandidateSlots, list_options
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.optics.spectral_similarity import cosine_similarity
from panelopt.solver.local import most_slots

WEIGHTS = (1.0, 0.0, 0.3, 3.0, 10.0)
"""How many decades of brightness one unit of cosine similarity is worth; one panel is made with each."""

NOISE = 0.3
"""Spread (log10) of the random changes of brightness, after the plain rule has been tried."""

_FLOOR_ABC = 100.0  # levels below count as negative


class Greedy:
    """Panels of all sizes by the plain rule, with and without a dump; then, until the time is over, by a shaken one."""

    name: ClassVar[str] = "greedy"

    def run(self, instance: Instance, seconds: float, seed: int) -> Trace:
        """Search until the time is over."""
        jury = Jury(self.name, instance, seconds)
        rule = _Rule(instance)
        random = np.random.default_rng(seed)
        shake = 0.0
        while not jury.is_over:
            for weight in WEIGHTS:
                for with_dump in (True, False):
                    noise = shake * random.standard_normal(len(instance.dye))
                    for panel in rule.panels(weight, noise, with_dump=with_dump):
                        if jury.is_over:
                            return jury.close()
                        jury.judge([rule.options.slots[option] for option in panel])
            shake = NOISE
        return jury.close()


class _Rule:
    """The rule, with what it needs to know of an instance."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.options = list_options(instance)
        self.most = most_slots(instance)
        self._conflict = conflicts(instance, self.options.slots)
        self._duty = duties(instance, self.options.slots)
        slots = self.options.slots
        signal = instance.signal
        seen = [
            signal[slot.detector, slot.dye] if instance.conventional else signal[:, slot.dye].max() for slot in slots
        ]
        self._brightness = np.log10(np.maximum(np.array(seen), 1e-12))
        self._cosine = cosine_similarity(signal)
        self._order = self._markers_by_use()

    def _markers_by_use(self) -> list[int]:
        """Return the markers, the required ones first, then those that differ most between populations to sort."""
        instance = self.instance
        level = np.log10(np.maximum(np.nan_to_num(instance.abc, nan=_FLOOR_ABC), _FLOOR_ABC))
        pairs = [(view.target, c) for view in instance.views for c in view.contaminants]
        use = np.sum([np.abs(level[t] - level[c]) for t, c in pairs], axis=0)
        return [int(m) for m in np.lexsort((-use, ~instance.required))]

    def panels(self, weight: float, noise: FloatArray, *, with_dump: bool) -> Iterator[Sequence[int]]:
        """Yield a panel for each number of markers, the smallest first."""
        instance = self.instance
        dump = self._dump(noise) if with_dump else None
        dumped = set(self.options.slots[dump].markers) if dump is not None else set()
        single = [m for m in self._order if m not in dumped]
        least = sum(bool(instance.required[m]) for m in single)
        for count in range(max(least, 1), min(self.most, len(single)) + 1):
            panel = self._assigned(single[:count], [] if dump is None else [dump], weight, noise)
            if panel is not None and self._duty[panel].any(axis=0).all() and len(panel) <= self.most:
                yield panel

    def _dump(self, noise: FloatArray) -> int | None:
        """Return the dump of the most markers, of those the brightest; None where there is none."""
        dumps = [o for o, slot in enumerate(self.options.slots) if slot.is_dump]
        bright = self._brightness + noise[self.options.dye]
        return max(dumps, key=lambda o: (len(self.options.slots[o].markers), bright[o]), default=None)

    def _assigned(self, markers: Sequence[int], panel: list[int], weight: float, noise: FloatArray) -> list[int] | None:
        """Give each marker a dye, the dimmest marker first; a marker for which none is left is tried earlier."""
        level = np.nan_to_num(self.instance.abc, nan=self.instance.unknown_abc).max(axis=0)
        order = sorted(markers, key=lambda m: (level[m], m))
        for _ in range(len(markers)):
            chosen, stuck = self._in_order(order, panel, weight, noise)
            if stuck is None:
                return chosen
            if order[0] == stuck:
                return None
            order = [stuck, *(m for m in order if m != stuck)]
        return None

    def _in_order(
        self, order: Sequence[int], panel: Sequence[int], weight: float, noise: FloatArray
    ) -> tuple[list[int], int | None]:
        chosen = list(panel)
        options: CandidateSlots = self.options
        for marker in order:
            free = ~self._conflict[chosen].any(axis=0)
            mine = [o for o in np.flatnonzero(free) if options.slots[o].markers == (marker,)]
            if not mine:
                return chosen, marker
            alike = [max((self._cosine[options.dye[o], options.dye[p]] for p in chosen), default=0.0) for o in mine]
            worth = self._brightness[mine] + noise[options.dye[mine]] - weight * np.array(alike)
            chosen.append(int(mine[int(np.argmax(worth))]))
        return chosen, None
