"""Noise terms as a cytometer file gives them: model defaults and faults."""

from __future__ import annotations

from panelopt.domain.cytometer_record import Cytometer, Noise, PerDetector
from panelopt.errors import Finding, did_you_mean

DEFAULT_EXCESS = 1.0
"""Default excess-noise factor F: effective photoelectrons (dimensionless, by definition)."""

DEFAULT_ELECTRONIC_PE = 28.0
"""Electronic noise, s.d. in pe: median of 64 detectors, fitted to 63 single-stain controls of an Aurora 5L; a model
value for every other instrument."""

DEFAULT_PROPORTIONAL = 0.007
"""Proportional noise k (fraction): median of the same fit; a model value for every other instrument."""

DEFAULT_BACKGROUND_PE = 0.0
"""Constant background, pe (model value)."""

DEFAULTS = {
    "excess": DEFAULT_EXCESS,
    "electronic_pe": DEFAULT_ELECTRONIC_PE,
    "proportional": DEFAULT_PROPORTIONAL,
    "background_pe": DEFAULT_BACKGROUND_PE,
}
_SMALLEST = {"excess": 1.0, "electronic_pe": 0.0, "proportional": 0.0, "background_pe": 0.0}


def noise_findings(cytometer: Cytometer, where: str = "") -> list[Finding]:
    """Return faults in the noise section: unknown detectors and values out of range.

    Args:
        cytometer: Instrument.
        where: File name for the messages; the instrument's id where left out.
    """
    names = [detector.name for detector in cytometer.detector]
    findings = []
    for term in Noise.model_fields:
        value: PerDetector | None = getattr(cytometer.noise, term)
        if value is None:
            continue
        place = f"{where or cytometer.id}: noise.{term}"
        table = value if isinstance(value, dict) else {"": value}
        smallest = _SMALLEST.get(term, 0.0)
        for name, number in table.items():
            key = f"{place}.{name}" if name else place
            if name and name not in names:
                hint = did_you_mean(name, names) or f"Detectors: {', '.join(names)}."
                findings.append(Finding("unknown-detector", f"there is no detector {name}", key, hint))
            if number < smallest:
                message = f"{number:g} is too small: at least {smallest:g} is possible"
                findings.append(Finding("noise-range", message, key, "Leave it out if it is unknown."))
    return findings


def defaults_used(cytometer: Cytometer) -> tuple[str, ...]:
    """Name the model defaults used for noise terms that the cytometer does not give.

    Returns:
        One text a term, such as ``electronic_pe = 28 (model value)``; a table that leaves out detectors counts.
    """
    texts = []
    for term, default in DEFAULTS.items():
        value: PerDetector | None = getattr(cytometer.noise, term)
        if value is None:
            texts.append(f"{term} = {default:g} (model value)")
        elif isinstance(value, dict):
            missing = [detector.name for detector in cytometer.detector if detector.name not in value]
            if missing:
                texts.append(f"{term} = {default:g} (model value) for {', '.join(missing)}")
    return tuple(texts)
