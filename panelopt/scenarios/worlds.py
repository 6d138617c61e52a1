"""The numbers of an instance as they are in each scenario."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scenarios.draw import Deviates
from panelopt.scenarios.spread import Spread, log_odds


@dataclass(frozen=True, slots=True, eq=False)
class Scenarios:
    """What n scenarios say of the cells and of the light.

    Attributes:
        phi: (n, P) share of all events.
        abc: (n, P, M) median antibodies per cell; NaN = unknown.
        factor: (n, P) autofluorescence relative to a lymphocyte of the scenario.
        own: (n, D) autofluorescence of that lymphocyte, pe.
        signal: (n, D, F) pe per bound antibody.
        delta: (n,) doublets left, per event.
    """

    phi: FloatArray
    abc: FloatArray
    factor: FloatArray
    own: FloatArray
    signal: FloatArray
    delta: FloatArray

    def __len__(self) -> int:
        return len(self.delta)

    def keep(self, chosen: slice | np.ndarray) -> Scenarios:
        """Return some of the scenarios."""
        return Scenarios(
            *(part[chosen] for part in (self.phi, self.abc, self.factor, self.own, self.signal, self.delta))
        )

    def instance(self, base: Instance, number: int) -> Instance:
        """Return the question as it is in one scenario; the demands on a panel stay those of ``base``."""
        return replace(
            base,
            phi=self.phi[number].copy(),
            abc=self.abc[number].copy(),
            autofluorescence_factor=self.factor[number].copy(),
            autofluorescence=self.own[number].copy(),
            signal=self.signal[number].copy(),
            delta=float(self.delta[number]),
        )


def joined(parts: list[Scenarios]) -> Scenarios:
    """Return the scenarios of several blocks as one."""
    return Scenarios(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Scenarios.__dataclass_fields__)
    )


def nominal(instance: Instance) -> Scenarios:
    """Return the one scenario in which everything is as the instance says."""
    return Scenarios(
        phi=instance.phi[None],
        abc=instance.abc[None],
        factor=instance.autofluorescence_factor[None],
        own=instance.autofluorescence[None],
        signal=instance.signal[None],
        delta=np.array([instance.delta]),
    )


def scenarios_of(instance: Instance, spread: Spread, deviates: Deviates) -> Scenarios:
    """Return the scenarios that belong to some deviates.

    Args:
        instance: The question.
        spread: How well its numbers are known.
        deviates: Standard normal deviates.
    """
    autofluorescence, instrument, doublets = np.exp(
        deviates.common * (spread.autofluorescence, spread.instrument, spread.doublets)
    ).T
    own = instance.autofluorescence * (autofluorescence * instrument)[:, None]
    return Scenarios(
        phi=_frequencies(instance, spread, deviates.frequency),
        abc=_levels(instance, spread, deviates.level),
        factor=instance.autofluorescence_factor * np.exp(spread.population * deviates.population),
        own=own,
        signal=_signal(instance, spread, deviates) * instrument[:, None, None],
        delta=np.minimum(instance.delta * doublets, 1.0),
    )


def _two_sided(spread: FloatArray, deviate: FloatArray) -> FloatArray:
    """Return the logarithm that a deviate adds, with one standard deviation below the median and another above."""
    return np.asarray(np.where(deviate < 0, spread[0], spread[1]) * deviate)


def _levels(instance: Instance, spread: Spread, deviates: FloatArray) -> FloatArray:
    moved = spread.level_of >= 0
    change = np.zeros((len(deviates), *moved.shape))
    change[:, moved] = _two_sided(spread.level[:, moved], deviates[:, spread.level_of[moved]])
    return np.asarray(instance.abc * np.exp(change))


def _frequencies(instance: Instance, spread: Spread, deviates: FloatArray) -> FloatArray:
    """Move the odds of each frequency, and scale all so that their sum stays what it was."""
    odds = log_odds(instance.phi) + _two_sided(spread.frequency, deviates)
    moved = np.where((spread.frequency > 0).any(axis=0), 1 / (1 + np.exp(-odds)), instance.phi)
    return np.asarray(moved * (instance.phi.sum() / moved.sum(axis=1, keepdims=True)))


def _signal(instance: Instance, spread: Spread, deviates: Deviates) -> FloatArray:
    """Move signatures against their peak, dim or brighten dyes, and let tandems fall apart into their donors."""
    change = spread.signature * deviates.signature
    peak = instance.signal.argmax(axis=0)
    change[:, peak, np.arange(peak.size)] = 0.0
    light = instance.signal * np.exp(change)
    share = np.minimum(np.abs(deviates.tandem) * spread.tandem, 1.0)[:, None, :]
    mixed = (1 - share) * light + share * spread.broken
    return np.asarray(mixed * np.exp(spread.brightness * deviates.brightness)[:, None, :])
