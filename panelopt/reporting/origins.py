"""Provenance of the numbers in a report: measured, fitted, class median, model value, or stated by a source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.problem_record import Problem
from panelopt.domain.reagents import Fluorochrome
from panelopt.domain.result import Result
from panelopt.domain.sort_plan_record import SortPlan
from panelopt.optics.bands import photodetector
from panelopt.optics.signatures import AUTOFLUORESCENCE_PE, laser_power_mw
from panelopt.report.content import Origin
from panelopt.reporting.report_inputs import Inputs

_BRIGHTNESS: dict[str, Literal["measured", "class median", "model"]] = {
    "measured": "measured",
    "class_median": "class median",
    "model": "model",
}
_AVAILABILITY: dict[str, str] = {
    "sourced": "a source names the product",
    "unverified": "no source; ask the vendor whether the product exists",
    "synthetic": "made up for tests",
}


def origins_of(inputs: Inputs, dyes: Iterable[Fluorochrome], plan: SortPlan | None) -> tuple[Origin, ...]:
    """Return the origins of the numbers in a report, in order of use."""
    found: list[Origin] = []
    if inputs.problem is not None:
        found += _sample(inputs.problem, inputs.result)
    if inputs.cytometer is not None:
        found += _instrument(inputs.cytometer, inputs.result)
    found += _dyes(dyes, inputs.result)
    found += _products(inputs.result)
    found += _answer(inputs.result)
    if plan is not None:
        found += [
            Origin("Sorter", name.replace("_", " "), _origin(source), source)
            for name, source in plan.sorter.origins.items()
        ]
    return tuple(found)


def _origin(source: str) -> Literal["model", "stated", "unknown"]:
    """Return the kind of a textual origin; any mention of a model value makes it one."""
    if source in ("", "unknown"):
        return "unknown"
    return "model" if "model" in source.casefold() else "stated"


def _sample(problem: Problem, result: Result) -> Iterable[Origin]:
    for population in problem.population:
        yield Origin("Frequency", population.name, _origin(population.source), population.source)
    for source, count in result.provenance.levels.items():
        known = source not in ("unverified", "not stated")
        text = source if known else f"{source}: model values for the words used in the literature"
        yield Origin("Antigen levels", f"{count} levels", "stated" if known else "model", text)
    if not problem.population:
        yield Origin("Antigen levels", "all markers", "stated", "level words of the problem")


def _instrument(cytometer: Cytometer, result: Result) -> Iterable[Origin]:
    yield Origin("Lasers and filters", cytometer.name, "stated", cytometer.source)
    for laser in cytometer.laser:
        known = laser.power_mw is not None and not laser.power_source.startswith("model")
        power = f"{laser_power_mw(laser):g} mW"
        typical = "default by wavelength, see docs/optics.md"
        text = laser.power_source or (typical if laser.power_mw is None else cytometer.source)
        yield Origin("Laser power", f"{laser.nm:g} nm: {power}", "stated" if known else "model", text)
    for default in result.provenance.defaults_used:
        yield Origin(
            "Detector noise", default, "model", "median of the detectors of one instrument, see docs/limits.md"
        )
    if not result.provenance.defaults_used:
        yield Origin("Detector noise", "all terms", "stated", "cytometer file")
    kind = photodetector(cytometer)
    yield Origin("Quantum efficiency", kind, "model", "typical curve of this detector type")
    if cytometer.noise.autofluorescence_pe is None:
        size = f"{AUTOFLUORESCENCE_PE:g} pe in the strongest detector"
        yield Origin("Autofluorescence", size, "model", "shape fitted to unstained blood cells")
    else:
        yield Origin("Autofluorescence", "noise.autofluorescence_pe", "stated", "cytometer file")


def _dyes(dyes: Iterable[Fluorochrome], result: Result) -> Iterable[Origin]:
    for dye in dyes:
        measured = result.provenance.signatures.get(dye.name)
        if measured is not None or dye.brightness is None:
            yield Origin("Signature", dye.name, "measured", measured or "not given")
            continue
        yield Origin("Excitation and emission", dye.name, "fitted", "; ".join(dye.sources))
        origin = _BRIGHTNESS[dye.brightness.origin]
        value = f"{dye.name}: {dye.brightness.photoelectrons_per_antibody:g} pe"
        yield Origin("Brightness", value, origin, dye.brightness.source)


def _products(result: Result) -> Iterable[Origin]:
    for slot in result.panel:
        for reagent in slot.reagents:
            text = reagent.source or _AVAILABILITY.get(reagent.availability, "")
            known = reagent.availability == "sourced" or reagent.owned
            yield Origin("Product", f"{reagent.marker} {reagent.fluorochrome}", "stated" if known else "unknown", text)


def _answer(result: Result) -> Iterable[Origin]:
    if result.bound.worst_log_ratio is not None:
        yield Origin("Proven bounds", "objectives 1 and 2", "proven", "constraint solver, for the given numbers")
    yield Origin("Purity, yield, log ratios, noise", "all targets", "computed", "the score, see docs/method.md")
    yield Origin("Cells in the plots", "simulation", "computed", "drawn from the model of the score with a fixed seed")
