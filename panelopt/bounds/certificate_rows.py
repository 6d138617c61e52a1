"""Limits on claims by certificates: parts of a panel that settle a claim whatever else joins, but for a few dyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panelopt.bounds.certificate import Certifier, Interference
from panelopt.bounds.claims import gate_limits
from panelopt.bounds.noise import SubsetNoise
from panelopt.bounds.options import Options
from panelopt.bounds.rows import NEAR, SMALL, Excess
from panelopt.instance.arrays import BoolArray, FloatArray, Instance


@dataclass(frozen=True, slots=True)
class CertifiedLimit:
    """A limit on the claims of one gate with `fixed` in the panel and none of `blockers`.

    Attributes:
        fixed: Options in the panel, the gated slot first.
        blockers: Options that must be absent.
        limit: (C,) the limit, for the contaminants in question.
        otherwise: (C,) a limit that holds with blockers as well.
    """

    fixed: tuple[int, ...]
    blockers: tuple[int, ...]
    limit: FloatArray
    otherwise: FloatArray


class CertificateFinder:
    """Finds certified limits that a relaxed solution violates.

    Args:
        instance: The question, on a conventional cytometer.
        options: All slots.
        noise: Levels of the options.
        most: Slots that a panel has at most.
    """

    def __init__(self, instance: Instance, options: Options, noise: SubsetNoise, most: int) -> None:
        self.instance = instance
        self.noise = noise
        self.certifier = Certifier(instance, options, noise, most)

    def find(self, panel: Sequence[int], excess: Excess) -> CertifiedLimit | None:
        """Return a limit near the exact claims of a panel, with few names and few blockers, or None.

        Args:
            panel: Options of the relaxed solution.
            excess: The gate and contaminants in question.
        """
        aim = excess.exact + NEAR * np.maximum(excess.promised - excess.exact, 0) + SMALL
        view = self.instance.views[excess.view]
        populations = [view.target, *(view.contaminants[c] for c in excess.contaminants)]
        part = [excess.option]
        others = [o for o in panel if o != excess.option]
        while True:
            found = self.certifier.interference(part, excess.view, populations)
            if found is None:
                return None
            allowed = self._allowed(part, found, others, excess, populations, aim)
            if allowed is not None:
                limit = self._claims(part, found, allowed, excess, populations)
                blockers = np.flatnonzero(found.joinable & ~allowed)
                return CertifiedLimit(
                    tuple(part), tuple(blockers.tolist()), limit, self._otherwise(part, excess, limit)
                )
            if not others:
                return None
            nearest = max(others, key=lambda o: float(found.size[o]))
            part.append(nearest)
            others.remove(nearest)

    def _allowed(
        self,
        part: Sequence[int],
        found: Interference,
        others: Sequence[int],
        excess: Excess,
        populations: Sequence[int],
        aim: FloatArray,
    ) -> BoolArray | None:
        """Return as many options as may join, the rest of the panel among them; None where the rest is too many."""
        sizes = np.unique(found.size[found.joinable])
        least = max((float(found.size[o]) for o in others), default=0.0)
        first = int(np.searchsorted(sizes, least, side="left"))

        def near(place: int) -> BoolArray | None:
            threshold = sizes[place] if place < sizes.size else 0.0
            allowed = np.asarray(found.joinable & (found.size <= threshold))
            good = (self._claims(part, found, allowed, excess, populations) <= aim).all()
            return allowed if good else None

        best = near(first)
        if best is None:
            return None
        low, high = first, sizes.size  # `low` is good, `high` is not known to be
        while high - low > 1:
            middle = (low + high) // 2
            trial = near(middle)
            if trial is None:
                high = middle
            else:
                low, best = middle, trial
        return best

    def _claims(
        self,
        part: Sequence[int],
        found: Interference,
        allowed: BoolArray,
        excess: Excess,
        populations: Sequence[int],
    ) -> FloatArray:
        """Return (C,) limits of the claims."""
        sd = np.ones((1, len(self.instance.population)))
        sd[0, list(populations)] = 1.0 / np.sqrt(self.certifier.information(part, found, allowed))
        return self._limits(excess, sd)

    def _otherwise(self, part: Sequence[int], excess: Excess, limit: FloatArray) -> FloatArray:
        sd = self.noise.sd([part[0]], part[1:])[:, excess.view]
        return np.maximum(self._limits(excess, sd), limit)

    def _limits(self, excess: Excess, sd: FloatArray) -> FloatArray:
        limits = gate_limits(
            self.instance, self.noise, excess.view, excess.option, excess.side, excess.contaminants, sd
        )
        return np.asarray(limits[0])
