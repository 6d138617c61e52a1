"""Sheath, drops, and the collection tubes that they fill.

The jet of an ideal nozzle of area A under pressure p flows at ``Q = A sqrt(2 p / rho)`` (Bernoulli; without losses at
the orifice, so real jets carry slightly less); at the drop drive frequency f a drop has the volume ``Q / f``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from panelopt.domain.sort_plan_record import SortMode

PASCAL_PER_PSI = 6894.757
SHEATH_KG_PER_M3 = 1000.0
"""Model value: density of the sheath, that of water."""

DROPS_PER_EVENT = {"purity": 1.0, "single": 1.0, "yield": 2.0}
"""Drops deflected per sorted event, as in SortCalculatorApp (public code; 4-way purity)."""

FILLED_ML = {1.5: 1.3, 5.0: 4.5, 15.0: 14.0}
"""Usable volume of a collection tube by its size, mL: Sort Time Calculator of MSK (public code)."""

MOST_LARGE_TUBES = 2
"""Model rule: 15 mL tubes fit if no more than this are filled at once."""

SAMPLE_CELLS_PER_ML = 1e7
"""Model value: cells per mL in the sample line."""


def sheath_flow_ml_s(nozzle_um: float, pressure_psi: float) -> float:
    """Return the flow of an ideal jet, mL per second.

    Args:
        nozzle_um: Diameter of the nozzle, micrometres.
        pressure_psi: Sheath pressure above the air's, psi.
    """
    area_m2 = math.pi * (nozzle_um * 1e-6 / 2) ** 2
    speed_m_s = math.sqrt(2 * pressure_psi * PASCAL_PER_PSI / SHEATH_KG_PER_M3)
    return area_m2 * speed_m_s * 1e6


@dataclass(frozen=True, slots=True)
class Jet:
    """The stream of a sorter.

    Attributes:
        flow_ml_s: Sheath, mL per second; None = unknown.
        drop_nl: Volume of a drop, nanolitres; None = unknown.
    """

    flow_ml_s: float | None
    drop_nl: float | None


def jet(drop_rate_hz: float, nozzle_um: float | None, pressure_psi: float | None, drop_nl: float | None) -> Jet:
    """Return the stream from the stated volume of a drop, else from nozzle and pressure, else unknown."""
    if drop_nl is not None:
        return Jet(drop_nl * 1e-6 * drop_rate_hz, drop_nl)
    if nozzle_um is None or pressure_psi is None:
        return Jet(None, None)
    flow = sheath_flow_ml_s(nozzle_um, pressure_psi)
    return Jet(flow, flow / drop_rate_hz * 1e6)


def collected_ml(sorted_events: float, mode: SortMode, drop_nl: float | None) -> float | None:
    """Return the volume of the drops that fall into a tube, mL; None if the drop volume is unknown."""
    return None if drop_nl is None else sorted_events * DROPS_PER_EVENT[mode] * drop_nl * 1e-6


def tubes_filled(volume_ml: float, at_once: int) -> tuple[float, int]:
    """Return size (mL) and number of the collection tubes for a volume: the smallest that holds it, if any.

    Args:
        volume_ml: Of the drops, mL.
        at_once: Tubes that are filled at once.
    """
    sizes = [size for size in FILLED_ML if size < 15 or at_once <= MOST_LARGE_TUBES]
    size = next((size for size in sizes if volume_ml <= FILLED_ML[size]), sizes[-1])
    return size, max(1, math.ceil(volume_ml / FILLED_ML[size] - 1e-9))
