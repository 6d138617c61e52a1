"""How fast to run a sort: hours against cells lost to coincidence."""

from __future__ import annotations

import math
from collections.abc import Mapping

from panelopt.planning.coincidence import survival
from panelopt.planning.sorter_run import SECONDS_PER_HOUR, SorterSettings

EVENTS_PER_DROP = (1 / 40, 1 / 20, 1 / 10, 1 / 6, 1 / 4)
"""Model values: from a sort that spares cells to the fastest; above a quarter few sorts keep their cells."""

COMFORTABLE_HOURS = 2.0
"""Model value: duration up to which a sort need not hurry and runs as slowly as this allows."""


def usual_rates(settings: SorterSettings) -> tuple[float, ...]:
    """Return the event rates to choose from, slowest first, at two digits; none above the instrument's largest."""
    most = settings.max_event_rate_hz or math.inf
    return tuple(sorted({_two_digits(min(share * settings.drop_rate_hz, most)) for share in EVENTS_PER_DROP}))


def chosen_rate(
    settings: SorterSettings, gated: Mapping[str, float], gate_yield: Mapping[str, float], events: float | None
) -> float:
    """Return the event rate of a run: as given, else the slowest comfortable one, else the fastest.

    Only rates count that keep the yield; a run of at most :data:`COMFORTABLE_HOURS` is comfortable. Where every rate
    costs too many cells, it is the slowest.

    Args:
        settings: How the sorter is run.
        gated: Share of the events in the gates, by target.
        gate_yield: Share of the target cells that pass, by target.
        events: Events of the run; None = unknown, then hours do not count.
    """
    if settings.event_rate_hz is not None:
        return settings.event_rate_hz
    rates = usual_rates(settings)
    keeping = [
        rate
        for rate in rates
        if all(
            gate_yield[name] * survival(settings.mode, rate, settings.window_s, share) >= settings.yield_min
            for name, share in gated.items()
        )
    ]
    if not keeping:
        return rates[0]
    if events is None:
        return keeping[-1]
    comfortable = (rate for rate in keeping if events / rate <= COMFORTABLE_HOURS * SECONDS_PER_HOUR)
    return next(comfortable, keeping[-1])


def _two_digits(rate_hz: float) -> float:
    """Return a rate cut to two significant digits."""
    step = 10.0 ** (math.floor(math.log10(rate_hz)) - 1)
    return round(math.floor(rate_hz / step + 1e-9) * step, 12)
