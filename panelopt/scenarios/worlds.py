"""The numbers of an instance in each scenario."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from panelopt.frozen import dataclass
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.scenarios.draw import Deviates
from panelopt.scenarios.parameter_spread import Spread, log_odds

ANY_SPILLOVER = 1e100
"""A spillover constraint that no dye violates."""


@dataclass(frozen=True, slots=True, eq=False)
class Scenarios:
    """The numbers of cells and light in n scenarios.

    Attributes:
        phi: (n, P) share of all events.
        abc: (n, P, M) median antibodies per cell; NaN = unknown.
        cv: (n, P, M) coefficient of variation; NaN = unknown.
        factor: (n, P) autofluorescence relative to a lymphocyte of the scenario.
        own: (n, D) autofluorescence of that lymphocyte, pe.
        signal: (n, D, F) pe per bound antibody.
        delta: (n,) doublets left, per event.
    """

    phi: FloatArray
    abc: FloatArray
    cv: FloatArray
    factor: FloatArray
    own: FloatArray
    signal: FloatArray
    delta: FloatArray

    def __len__(self) -> int:
        return len(self.delta)

    def keep(self, chosen: slice | np.ndarray) -> Scenarios:
        """Return some of the scenarios."""
        return Scenarios(*(getattr(self, name)[chosen] for name in Scenarios.__dataclass_fields__))

    def instance(self, base: Instance, number: int) -> Instance:
        """Return the question in one scenario.

        The demands on a panel stay those of ``base``: where dyes outshine each other is a matter of the panel as it is
        planned, and is not asked again.
        """
        return replace(
            base,
            phi=self.phi[number].copy(),
            abc=self.abc[number].copy(),
            cv=self.cv[number].copy(),
            autofluorescence_factor=self.factor[number].copy(),
            autofluorescence=self.own[number].copy(),
            signal=self.signal[number].copy(),
            delta=float(self.delta[number]),
            max_spillover=ANY_SPILLOVER,
        )


def joined(parts: list[Scenarios]) -> Scenarios:
    """Return the scenarios of several blocks as one."""
    return Scenarios(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Scenarios.__dataclass_fields__)
    )


def nominal(instance: Instance) -> Scenarios:
    """Return the single scenario of the instance's own numbers."""
    return Scenarios(
        phi=instance.phi[None],
        abc=instance.abc[None],
        cv=instance.cv[None],
        factor=instance.autofluorescence_factor[None],
        own=instance.autofluorescence[None],
        signal=instance.signal[None],
        delta=np.array([instance.delta]),
    )


def scenarios_of(instance: Instance, spread: Spread, deviates: Deviates) -> Scenarios:
    """Return the scenarios of some deviates.

    Args:
        instance: The question.
        spread: How well its numbers are known.
        deviates: Standard normal deviates.
    """
    autofluorescence, instrument, doublets = np.exp(
        deviates.common * (spread.autofluorescence, spread.instrument, spread.doublets)
    ).T
    own = instance.autofluorescence * (autofluorescence * instrument)[:, None]
    abc, cv = _levels(instance, spread, deviates.level)
    return Scenarios(
        phi=_frequencies(instance, spread, deviates.frequency),
        abc=abc,
        cv=cv,
        factor=_factors(instance, spread, deviates.population),
        own=own,
        signal=_signal(instance, spread, deviates) * instrument[:, None, None],
        delta=np.minimum(instance.delta * doublets, 1.0),
    )


def _two_sided(spread: FloatArray, deviate: FloatArray) -> FloatArray:
    """Return the logarithm added by a deviate, with separate standard deviations below and above the median."""
    return np.asarray(np.where(deviate < 0, spread[0], spread[1]) * deviate)


def _factors(instance: Instance, spread: Spread, deviates: FloatArray) -> FloatArray:
    moved = np.exp(spread.population * deviates)
    return spread.dead.autofluorescence(instance.autofluorescence_factor * moved, moved[:, spread.dead.common])


def _levels(instance: Instance, spread: Spread, deviates: FloatArray) -> tuple[FloatArray, FloatArray]:
    moved = spread.level_of >= 0
    change = np.zeros((len(deviates), *moved.shape))
    change[:, moved] = _two_sided(spread.level[:, moved], deviates[:, spread.level_of[moved]])
    return spread.dead.levels(spread.dead.unspecific(instance.abc) * np.exp(change), instance.cv)


def _frequencies(instance: Instance, spread: Spread, deviates: FloatArray) -> FloatArray:
    """Shift the odds of each frequency, rescale to the same sum, then let cells die."""
    dead, change = spread.dead, _two_sided(spread.frequency, deviates)
    before = dead.before_death(instance.phi)
    moved = np.where((spread.frequency > 0).any(axis=0), _share(log_odds(before) + change), before)
    moved[:, dead.made] = 0.0
    moved = np.asarray(moved * (before[~dead.made].sum() / moved.sum(axis=1, keepdims=True)))
    if dead.common < 0:
        return moved
    return dead.frequencies(moved, _share(log_odds(dead.share) + change[:, dead.common]))


def _share(log_odds: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _signal(instance: Instance, spread: Spread, deviates: Deviates) -> FloatArray:
    """Vary signatures against their peak, dim or brighten dyes, and break tandems into their donors."""
    change = spread.signature * deviates.signature
    peak = instance.signal.argmax(axis=0)
    change[:, peak, np.arange(peak.size)] = 0.0
    light = instance.signal * np.exp(change)
    share = np.minimum(np.abs(deviates.tandem) * spread.tandem, 1.0)[:, None, :]
    mixed = (1 - share) * light + share * spread.broken
    return np.asarray(mixed * np.exp(spread.brightness * deviates.brightness)[:, None, :])
