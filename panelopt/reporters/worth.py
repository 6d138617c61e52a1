"""The value of a choice of reporters: the specification, without the solver.

A choice is n different dyes on n different detectors. In each channel

    signal = light of the channel's own dye in its detector
    bleed-through = sum of the light of all other chosen dyes in that detector

and choices are compared by, in this order,

1. fewest channels without signal (signal = 0),
2. most channels whose bleed-through is below :data:`BLEED_LIMIT` of their signal,
3. largest geometric mean of the signals,
4. smallest mean of the bleed-throughs,
5. dyes and detectors that come first in the lists, so that equal inputs give one answer.

Levels 1 to 4 are those of Vaidyanathan et al. 2021, doi:10.1038/s42003-020-01599-5. Values of levels 3 and 4 that
differ by less than :data:`TIE` of the best one count as equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from panelopt.reporters.reporter_question import ReporterInstance

BLEED_LIMIT = 0.1
"""Share of the signal below which bleed-through counts as little (Vaidyanathan et al. 2021)."""

TIE = 1e-6
"""Model value: relative difference of mean signals, or of mean bleed-throughs, that counts as equal."""

Pair = tuple[int, int]
"""Dye and detector."""


@dataclass(frozen=True, slots=True)
class ReporterScore:
    """A scored choice of reporters.

    Attributes:
        pairs: Dye and detector of each channel, by dye.
        signal, bleed: Of each channel.
        no_signal: Channels without signal.
        below_limit: Channels with little bleed-through.
        log_signal: Sum of the natural logarithms of the signals; minus infinity with a channel without signal.
        mean_bleed: Mean of the bleed-throughs.
    """

    pairs: tuple[Pair, ...]
    signal: tuple[float, ...]
    bleed: tuple[float, ...]
    no_signal: int
    below_limit: int
    log_signal: float
    mean_bleed: float

    @property
    def mean_signal(self) -> float:
        """Geometric mean of the signals."""
        return math.exp(self.log_signal / len(self.pairs))

    @property
    def key(self) -> tuple[int, int, float, float]:
        """Sort key, larger is better: levels 1 to 4."""
        return (-self.no_signal, self.below_limit, self.log_signal, -self.mean_bleed)


def is_clean(signal: float, bleed: float) -> bool:
    """Whether the bleed-through of a channel is below the threshold."""
    return bleed < BLEED_LIMIT * signal


def score_reporters(instance: ReporterInstance, pairs: Iterable[Pair]) -> ReporterScore:
    """Score a choice; sums are rounded once (:func:`math.fsum`), so order does not matter."""
    chosen = tuple(sorted((int(f), int(d)) for f, d in pairs))
    light = instance.signal
    signal = tuple(float(light[f, d]) for f, d in chosen)
    bleed = tuple(math.fsum(light[g, d] for g, _ in chosen if g != f) for f, d in chosen)
    dark = sum(value <= 0 for value in signal)
    return ReporterScore(
        pairs=chosen,
        signal=signal,
        bleed=bleed,
        no_signal=dark,
        below_limit=sum(map(is_clean, signal, bleed)),
        log_signal=-math.inf if dark else math.fsum(map(math.log, signal)),
        mean_bleed=math.fsum(bleed) / len(chosen),
    )


def least_log_signal(best: float, colours: int) -> float:
    """Return the smallest sum of logarithms that counts as equal to the best one."""
    return best + colours * math.log1p(-TIE)


def most_bleed(best: float) -> float:
    """Return the largest mean bleed-through that counts as equal to the best one."""
    return best * (1 + TIE)


def best_of(scores: Sequence[ReporterScore]) -> ReporterScore:
    """Return the best of some choices; there must be at least one."""
    dark, clean = max((score.key[0], score.key[1]) for score in scores)
    scores = [score for score in scores if score.key[:2] == (dark, clean)]
    floor = least_log_signal(max(score.log_signal for score in scores), len(scores[0].pairs))
    scores = [score for score in scores if score.log_signal >= floor]
    ceiling = most_bleed(min(score.mean_bleed for score in scores))
    return min((score for score in scores if score.mean_bleed <= ceiling), key=first_names)


def first_names(score: ReporterScore) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the tie-breaking key, smaller is better: the dyes, then their detectors, as numbers."""
    return tuple(f for f, _ in score.pairs), tuple(d for _, d in score.pairs)
