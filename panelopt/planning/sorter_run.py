"""One run of the sorter: from frequencies, gates and event rate to the content of each tube, per event."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from panelopt.domain.sort_plan_record import SortMode
from panelopt.instance.arrays import FloatArray
from panelopt.planning.coincidence import passengers, survival
from panelopt.planning.tube import Amounts, Tube, amounts

SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class SorterSettings:
    """Settings of the sorter.

    Attributes:
        mode: Sort mode.
        drop_rate_hz: Drops per second.
        mask_drops: Drops in which coincidence counts.
        recovery: Deflected cells that are got back from the tube.
        event_rate_hz: Events per second; None = chosen by :func:`panelopt.planning.rates.chosen_rate`.
        yield_min: Smallest acceptable share of the target cells that are deflected.
        max_event_rate_hz: Largest sensible event rate of the instrument; None = unknown.
    """

    mode: SortMode
    drop_rate_hz: float
    mask_drops: float
    recovery: float
    event_rate_hz: float | None
    yield_min: float
    max_event_rate_hz: float | None = None

    @property
    def window_s(self) -> float:
        """Time within which other events count, seconds."""
        return self.mask_drops / self.drop_rate_hz


@dataclass(frozen=True, slots=True)
class TubeContent:
    """One tube after a run.

    Attributes:
        tube: Target and gates.
        gated: Share of the events that fall into the gates.
        survival: Share of those that coincidence does not discard.
        passengers: Ungated cells deflected with one gated cell.
        purity: Target cells among all cells of the tube.
        gate_purity: The same without passengers.
        shares: (P + 1,) every population among all cells of the tube, and last the cells of no listed population.
        doublets: (P + 1,) the part of ``shares`` that clings to a target cell.
        target_per_event: Target cells deflected for each event of the run.
        sort_yield: Target cells deflected, of those on the (first) sorter.
        abort_rate_hz: Gated cells discarded per second.
    """

    tube: Tube
    gated: float
    survival: float
    passengers: float
    purity: float
    gate_purity: float
    shares: FloatArray
    doublets: FloatArray
    target_per_event: float
    sort_yield: float
    abort_rate_hz: float


def gated_share(tube: Tube, phi: FloatArray) -> float:
    """Return the share of events in a target's gates."""
    return min(amounts(tube, phi).total, 1.0)


def tube_content(tube: Tube, phi: FloatArray, settings: SorterSettings, rate_hz: float) -> TubeContent:
    """Return the content of one tube.

    Args:
        tube: Target and gates.
        phi: (P,) share of each population among the events of the run.
        settings: How the sorter is run.
        rate_hz: Events per second.
    """
    left, gated = amounts(tube, phi), gated_share(tube, phi)
    kept = survival(settings.mode, rate_hz, settings.window_s, gated)
    riding = passengers(settings.mode, rate_hz, settings.window_s, gated)
    content = content_of(tube, left, phi, riding)
    return replace(
        content,
        gated=gated,
        survival=kept,
        target_per_event=content.target_per_event * kept,
        sort_yield=content.sort_yield * kept,
        abort_rate_hz=rate_hz * gated * (1 - kept),
    )


def content_of(tube: Tube, left: Amounts, phi: FloatArray, riding: float = 0.0) -> TubeContent:
    """Return the content of a tube without coincidence.

    Args:
        tube: Target and gates.
        left: What passes the gates, per event.
        phi: (P,) share of each population among the events.
        riding: Ungated cells deflected with one gated cell.
    """
    others = list(tube.contaminants)
    inside, doublets = np.zeros(phi.size + 1), np.zeros(phi.size + 1)
    inside[tube.target] = left.target
    inside[others] = left.single
    doublets[others] = left.doublet
    outside = np.maximum(np.append(phi, max(0.0, 1.0 - phi.sum())) - inside, 0.0)
    outside = outside / outside.sum() if outside.sum() > 0 else outside
    company = 1 + riding * outside.sum()
    shares = ((inside + doublets) / left.total + riding * outside) / company
    target = left.total * company * float(shares[tube.target])
    return TubeContent(
        tube=tube,
        gated=min(left.total, 1.0),
        survival=1.0,
        passengers=riding,
        purity=float(shares[tube.target]),
        gate_purity=left.purity,
        shares=shares,
        doublets=doublets / left.total / company,
        target_per_event=target,
        sort_yield=target / float(phi[tube.target]),
        abort_rate_hz=0.0,
    )
