"""Coincident cells on a sorter whose events arrive at random (Poisson).

Events arrive at the rate r; a share s of them falls into the gates of a tube. Coincidence counts within a window
``W = mask / drop rate`` around each event. No other event may be in the window. Rosenblatt et al. 1997 (Cytometry
27:233-238) and Riddell et al. 2015 (Methods 82:64-73) model arrivals this way; the forms below are derived from it and
checked by simulation in the tests.

    purity  survival = exp(-r W (1 - s))     no ungated event in the window, or the cell is discarded
    single  survival = exp(-r W)             no other event at all
    yield   survival = 1                     passengers per gated cell = (1 - s) (1 - exp(-r s W)) / s

In yield mode, gated cells of overlapping windows share their passengers; windows cover the share 1 - exp(-r s W) of
time. Dead time of the electronics and clumped arrivals are left out.
"""

from __future__ import annotations

import math

from panelopt.domain.sort_plan_record import SortMode


def survival(mode: SortMode, rate_hz: float, window_s: float, gated: float) -> float:
    """Return the share of gated cells that coincidence does not discard.

    Args:
        mode: Sort mode.
        rate_hz: Events per second.
        window_s: Time within which other events count.
        gated: Share of the events that fall into the gates.
    """
    if mode == "yield":
        return 1.0
    disturbing = 1.0 if mode == "single" else 1.0 - gated
    return math.exp(-rate_hz * window_s * disturbing)


def passengers(mode: SortMode, rate_hz: float, window_s: float, gated: float) -> float:
    """Return the ungated cells deflected per gated cell; arguments as in :func:`survival`."""
    if mode != "yield":
        return 0.0
    met = -math.expm1(-rate_hz * gated * window_s) / gated if gated > 0 else rate_hz * window_s
    return (1.0 - gated) * met


def rate_for_survival(mode: SortMode, wanted: float, window_s: float, gated: float) -> float:
    """Return the largest event rate at which :func:`survival` is at least ``wanted``; 0 for none, inf for any.

    Args:
        mode: Sort mode.
        wanted: Smallest acceptable survival; above 1 no rate will do.
        window_s: Time within which other events count.
        gated: Share of the events that fall into the gates.
    """
    if wanted > 1:
        return 0.0
    disturbing = 0.0 if mode == "yield" else 1.0 if mode == "single" else 1.0 - gated
    if wanted <= 0 or disturbing <= 0:
        return math.inf
    return -math.log(wanted) / (window_s * disturbing)
