"""Local search for a choice of reporters: a good start for the exact search; it proves nothing.

One channel at a time is exchanged for the best other pair of dye and detector. The merit is the sum of the logarithms
of the signals less ``weight`` times how far each channel is above the threshold of bleed-through, also in logarithms.
Small weights find bright choices, large ones clean ones, so that rounds take turns.
"""

from __future__ import annotations

import math

import numpy as np

from panelopt.instance.arrays import FloatArray
from panelopt.reporters.reporter_question import ReporterInstance
from panelopt.reporters.worth import BLEED_LIMIT, Pair, ReporterScore, score_reporters

WEIGHTS = (1.0, 4.0, 16.0, 64.0)
"""Weights of excess bleed-through, used in turn."""

_DARK = 1e-30  # replaces zero signal in logarithms, relative to the brightest
_RUIN = (2, 3, 4)  # channels removed before rebuilding
_NOISE = 0.3  # spread of the random preference while rebuilding, natural logarithm


class ReporterLocalSearch:
    """Climbs and restarts from partly rebuilt choices; deterministic for a seed.

    Args:
        instance: The question.
        seed: Of the random choices.
    """

    def __init__(self, instance: ReporterInstance, seed: int) -> None:
        self.instance = instance
        self.random = np.random.default_rng(seed)
        # merits are relative, independent of the unit of the signal
        top = float(instance.signal.max())
        self._signal: FloatArray = instance.signal / top if top > 0 else instance.signal
        self._free = 0
        self._log: FloatArray = np.log(np.maximum(self._signal, _DARK))

    def run(self, rounds: int, start: ReporterScore | None = None) -> ReporterScore:
        """Return the best choice of some rounds, in the order of the specification.

        Args:
            rounds: At least one.
            start: A choice to improve, with as many clean channels; None = begin, and begin again, with none.
        """
        best = start
        self._free = 0 if start is None else self.instance.colours - start.below_limit
        weight = WEIGHTS[0]
        current: list[Pair] = []
        for turn in range(rounds):
            if turn % len(WEIGHTS) == 0:  # the next weight continues from the best choice so far, or restarts
                weight = WEIGHTS[turn // len(WEIGHTS) % len(WEIGHTS)]
                anew = start is None and (turn // len(WEIGHTS) ** 2) % 2 == 1
                current = [] if anew or best is None else list(best.pairs)
            size = int(self.random.choice(_RUIN))
            keep = self.random.permutation(len(current))[size:]
            pairs = self._climb(self._rebuilt([current[i] for i in keep], weight), weight)
            score = score_reporters(self.instance, pairs)
            if best is None or score.key > best.key:
                best = score
            if not current or self._merit(pairs, weight) >= self._merit(current, weight) - self.random.exponential(
                _NOISE
            ):
                current = pairs
        if best is None:
            raise ValueError("at least one round is needed")
        return best

    def _rebuilt(self, pairs: list[Pair], weight: float) -> list[Pair]:
        """Add channels, each among the best, until there are enough."""
        while len(pairs) < self.instance.colours:
            merits = self._merits(pairs, weight)
            merits += self.random.gumbel(scale=_NOISE, size=merits.shape)
            pairs = [*pairs, self._top(merits)]
        return pairs

    def _climb(self, pairs: list[Pair], weight: float) -> list[Pair]:
        value, improved = self._merit(pairs, weight), True
        while improved:
            improved = False
            for i in self.random.permutation(len(pairs)):
                rest = pairs[:i] + pairs[i + 1 :]
                merits = self._merits(rest, weight)
                pair = self._top(merits)
                if merits[pair] > value + 1e-9:
                    value, improved = float(merits[pair]), True
                    pairs = [*rest, pair]
                    break
        return pairs

    def _merit(self, pairs: list[Pair], weight: float) -> float:
        return float(self._merits(pairs[:-1], weight)[pairs[-1]])

    @staticmethod
    def _top(merits: FloatArray) -> Pair:
        dye, detector = np.unravel_index(int(np.argmax(merits)), merits.shape)
        return int(dye), int(detector)

    def _penalty(self, excess: FloatArray, joining: FloatArray) -> FloatArray:
        """Return (F, D) sum of the excesses of channels so far, (F, N), and a new one, (F, D); the worst are free."""
        total: FloatArray = excess.sum(axis=1)[:, None] + joining
        if self._free:
            worst = np.sort(excess, axis=1)[:, -self._free :]
            every = np.concatenate(
                (np.broadcast_to(worst[:, None], (*joining.shape, worst.shape[1])), joining[..., None]), axis=2
            )
            total -= np.sort(every, axis=2)[..., -self._free :].sum(axis=2)
        return total

    def _merits(self, rest: list[Pair], weight: float) -> FloatArray:
        """Return (F, D) merit of the choice with one more channel; minus infinity where it cannot be added."""
        dyes, detectors = [f for f, _ in rest], [d for _, d in rest]
        missing = self.instance.required.difference(dyes)
        own = self._log[dyes, detectors]
        light = self._signal[dyes].sum(axis=0)
        bleed = light[detectors] - self._signal[dyes, detectors]
        excess = np.log(np.maximum(bleed + self._signal[:, detectors], _DARK)) - own - math.log(BLEED_LIMIT)
        joining = np.log(np.maximum(light, _DARK)) - self._log - math.log(BLEED_LIMIT)
        merits: FloatArray = (
            own.sum() + self._log - weight * self._penalty(np.maximum(excess, 0), np.maximum(joining, 0))
        )
        merits[dyes] = -np.inf
        merits[:, detectors] = -np.inf
        if len(missing) >= self.instance.colours - len(rest):  # only required dyes still fit
            others = np.ones(len(merits), dtype=bool)
            others[list(missing)] = False
            merits[others] = -np.inf
        return merits
