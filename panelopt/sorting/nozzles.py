"""Choice of the nozzle, and model values for nozzles without data, fitted to the shipped cytometers."""

from __future__ import annotations

from dataclasses import dataclass

from panelopt.domain.cytometer_record import USUAL_NOZZLE_UM, Cytometer, Nozzle
from panelopt.domain.problem_record import Problem
from panelopt.errors import Finding

MODEL_DROP_RATE_HZ = 28_500.0
"""Drops per second at 100 um. Model value: see :data:`MODEL_DROP_RATE_EXPONENT`."""

MODEL_DROP_RATE_EXPONENT = -3.0
"""Exponent of the drop rate by nozzle size. Model value, as the rate at 100 um: the line through the logarithms of the
drop rates and sizes of the shipped cytometers, rounded (70 um: 87,000; 130 um: 12,000 per second)."""

MODEL_DROP_VOLUME_NL = 3.3
"""Volume of a drop at 100 um; grows with the cube of the nozzle size. Model value: median of the shipped cytometers,
rounded. The estimate of Gregori 2016 (precym.mio.univ-amu.fr, article 279) is 2.3 nL."""

MODEL_EVENTS_A_DROP = 0.25
"""Maximum recommended events per drop. Model value: median of the shipped cytometers that state both, rounded."""

NOZZLE_DIAMETERS = 5.0
"""Rule of thumb without a source: a nozzle is at least five cell diameters wide."""


@dataclass(frozen=True, slots=True)
class ChosenNozzle:
    """The nozzle of a sort.

    Attributes:
        size_um: Size; None if neither the call nor the cytometer states it.
        row: Data of the cytometer on it; None if there are none.
        origin: Where the size comes from.
    """

    size_um: float | None
    row: Nozzle | None
    origin: str

    @property
    def model_um(self) -> float:
        """Size for model values, um."""
        return USUAL_NOZZLE_UM if self.size_um is None else self.size_um

    @property
    def source(self) -> str:
        """Origin of the numbers in ``row``."""
        return f"cytometer: {self.row.source}" if self.row is not None and self.row.source else "cytometer"


def choose_nozzle(problem: Problem, cytometer: Cytometer, asked_um: float | None) -> ChosenNozzle:
    """Return the requested nozzle, else the usual one, or a wider one if a target needs it.

    Args:
        problem: Targets with their diameters.
        cytometer: Its nozzles.
        asked_um: Nozzle of the call, um; None if not given.
    """
    if asked_um is not None:
        row = next((row for row in cytometer.nozzle if row.size_um == asked_um), None)
        return ChosenNozzle(asked_um, row, "option")
    usual = cytometer.usual_nozzle
    if usual is None:
        return ChosenNozzle(None, None, "unknown")
    name, needed = _needed(problem)
    wide = [row for row in cytometer.nozzles if row.size_um > usual.size_um]
    if usual.size_um >= needed or not wide:
        return ChosenNozzle(usual.size_um, usual, "cytometer")
    chosen = next((row for row in wide if row.size_um >= needed), wide[-1])
    why = f"{name} measures {needed / NOZZLE_DIAMETERS:g} um, over a fifth of the usual {usual.size_um:g} um nozzle"
    return ChosenNozzle(chosen.size_um, chosen, f"cytometer; {why}")


def model_drop_rate_hz(size_um: float) -> float:
    """Return the model value of the drops per second of a nozzle of ``size_um``."""
    return float(MODEL_DROP_RATE_HZ * (size_um / USUAL_NOZZLE_UM) ** MODEL_DROP_RATE_EXPONENT)


def model_drop_volume_nl(size_um: float) -> float:
    """Return the model value of the drop volume, nL, of a nozzle of ``size_um``."""
    return float(MODEL_DROP_VOLUME_NL * (size_um / USUAL_NOZZLE_UM) ** 3)


def nozzle_remarks(problem: Problem, cytometer: Cytometer, size_um: float | None, *, asked: bool) -> list[Finding]:
    """Return warnings about the nozzle.

    Args:
        problem: Targets with their diameters.
        cytometer: Its nozzles.
        size_um: Nozzle of the sort, um; None if unknown.
        asked: Whether the call named it.
    """
    if size_um is None:
        return []
    remarks = []
    sizes = [row.size_um for row in cytometer.nozzles]
    if asked and sizes and size_um not in sizes:
        known = ", ".join(f"{size:g}" for size in sizes)
        message = f"{cytometer.name} has no known nozzle of {size_um:g} um"
        remarks.append(Finding("other-nozzle", message, cytometer.id, f"Known sizes, um: {known}."))
    name, needed = _needed(problem)
    if needed > size_um:
        message = f"{name} measures {needed / NOZZLE_DIAMETERS:g} um, over a fifth of the {size_um:g} um nozzle"
        remarks.append(Finding("narrow-nozzle", message, cytometer.id, "As a rule of thumb, use a wider nozzle."))
    return remarks


def _needed(problem: Problem) -> tuple[str, float]:
    """Return the largest target and its minimum nozzle size, um; 0 if no target has a diameter."""
    sizes = [(p.diameter_um, p.name) for p in problem.population if p.diameter_um and p.role == "target"]
    size, name = max(sizes, default=(0.0, ""))
    return name, size * NOZZLE_DIAMETERS
