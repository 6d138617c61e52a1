"""Choose reporters by bleed-through: n dyes onto n detectors, without cells or markers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from panelopt import __version__, registry
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.reporters_result import ReporterChannel, ReporterLevels, ReporterResult
from panelopt.domain.result import Conflict, Remark, SolveStatus
from panelopt.errors import Finding, InputError, UsageError
from panelopt.instance.arrays import FloatArray
from panelopt.io.cytometer_files import import_cytometer
from panelopt.io.reporter_tables import read_brightness
from panelopt.io.spectra_csv import read_spectra
from panelopt.optics.overflow import refuse_overflow
from panelopt.optics.signatures import signature_matrix
from panelopt.reporters.named import numbers_of
from panelopt.reporters.reporter_outcome import ReporterOutcome
from panelopt.reporters.reporter_question import Curves, EmissionScale, ReporterInstance, curve_signals
from panelopt.reporters.reporter_search import ReporterSearch
from panelopt.reporters.worth import ReporterScore, is_clean
from panelopt.solver.listener import SolveListener
from panelopt.solver.machine import available_cores
from panelopt.solver.outcome import SearchSettings


@dataclass(frozen=True, slots=True)
class Library:
    """Dyes on an instrument.

    Attributes:
        origin: Where the dyes come from.
        unit: Unit of the signals.
        cytometer: The instrument.
        dye: Names of F dyes.
        signal: (F, D) signal of each dye in each detector.
        remarks: What the readers left out.
    """

    origin: str
    unit: str
    cytometer: Cytometer
    dye: tuple[str, ...]
    signal: FloatArray
    remarks: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ReporterOptions:
    """Demands and settings of the call.

    Attributes:
        colours: Dyes to be chosen.
        dyes, exclude: Dyes that must, or must not, be used.
        forbid_detectors: Detectors that must not be used.
        time_limit_s, workers, seed, memory_limit_mb: As for a panel.
    """

    colours: int
    dyes: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    forbid_detectors: tuple[str, ...] = ()
    time_limit_s: float | None = 60.0
    workers: int = 0
    seed: int = 0
    memory_limit_mb: float | None = None


@refuse_overflow
def load_library(
    cytometer: str, spectra: Path | None = None, brightness: Path | None = None, emission: EmissionScale = "peak"
) -> Library:
    """Read the dyes and the instrument.

    Args:
        cytometer: Name of a shipped cytometer, its file, or a CSV as for `cytometer import`.
        spectra: Measured curves; None = the shipped dyes for antibodies, with the signatures that panels use.
        brightness: Brightness of the dyes of ``spectra``; a dye without one is left out with a remark. None = 1 for
            all of them, with a remark.
        emission: How measured emission is normalised.

    Raises:
        InputError: with everything that is wrong in the first wrong file.
        UsageError: if ``brightness`` is given without ``spectra``.
    """
    if spectra is None and brightness is not None:
        raise UsageError("brightness belongs to spectra", hint="Add --spectra, or remove --brightness.")
    path = Path(cytometer)
    is_table = path.suffix.lower() == ".csv"
    instrument = import_cytometer(path) if is_table else registry.find_cytometer(cytometer)
    if spectra is None:
        dyes = [dye for dye in registry.fluorochromes() if dye.use == "antibody"]
        light = signature_matrix(instrument, dyes).T
        return Library("shipped dyes", "effective pe per antibody", instrument, tuple(d.name for d in dyes), light)
    known = {} if brightness is None else {name.casefold(): v for name, v in read_brightness(brightness).items()}
    curves, remarks = [], []
    if brightness is None:
        message = "no brightness given: every dye counts as equally bright, which dim dyes are not"
        remarks.append(Finding("no-brightness", message, str(spectra), "Add --brightness FILE (name,number)."))
    for spectrum in read_spectra(spectra):
        value = 1.0 if brightness is None else known.get(spectrum.name.casefold())
        if spectrum.excitation is None or spectrum.emission is None or value is None:
            lacking = "brightness" if value is None else "excitation" if spectrum.excitation is None else "emission"
            remarks.append(Finding("left-out", f"{spectrum.name} has no {lacking} and is left out", str(spectra)))
        else:
            curves.append(Curves(spectrum.name, value, spectrum.excitation, spectrum.emission))
    if not curves:
        raise InputError(remarks)
    names = tuple(curve.name for curve in curves)
    light = curve_signals(instrument, curves, emission)
    return Library(spectra.name, "unit of the brightness", instrument, names, light, tuple(remarks))


@refuse_overflow
def design_reporters(
    library: Library, options: ReporterOptions, listener: SolveListener | None = None
) -> ReporterResult:
    """Choose dyes and detectors, and prove how good the choice is.

    Returns:
        The result; where the demands cannot be met its status is infeasible and the conflict is named.

    Raises:
        InputError: if a dye or a detector is unknown.
        UsageError: if a number is out of range.
    """
    if options.colours < 1:
        raise UsageError("the number of colours must be at least 1")
    required, excluded, forbidden = _named(library, options)
    detectors = [d for d in range(len(library.cytometer.detector)) if d not in forbidden]
    dyes = [f for f in range(len(library.dye)) if f not in excluded]
    head = {
        "panelopt_version": __version__,
        "cytometer": library.cytometer.id,
        "library": library.origin,
        "colours": options.colours,
        "dyes": len(dyes),
        "detectors": len(detectors),
        "signal_unit": library.unit,
        "seed": options.seed,
        "warnings": tuple(Remark(code=r.code, message=r.message, where=r.where, hint=r.hint) for r in library.remarks),
    }
    conflicts = _conflicts(library, options, required & excluded, required, len(dyes), len(detectors))
    if conflicts:
        return ReporterResult.model_validate({**head, "status": SolveStatus.INFEASIBLE, "conflicts": conflicts})
    instance = ReporterInstance(
        dye=tuple(library.dye[f] for f in dyes),
        detector=tuple(library.cytometer.detector[d].name for d in detectors),
        signal=library.signal[np.ix_(dyes, detectors)],
        colours=options.colours,
        required=frozenset(dyes.index(f) for f in required),
    )
    settings = SearchSettings(
        time_limit_s=options.time_limit_s,
        workers=options.workers or available_cores(),
        seed=options.seed,
        memory_limit_mb=options.memory_limit_mb,
    )
    outcome = ReporterSearch(instance, settings, listener).run()
    lasers = [library.cytometer.detector[d].laser_nm for d in detectors]
    return ReporterResult.model_validate({**head, **_answer(instance, outcome, lasers)})


def _named(library: Library, options: ReporterOptions) -> tuple[set[int], set[int], set[int]]:
    """Return the numbers of required dyes, excluded dyes and forbidden detectors."""
    detectors = [detector.name for detector in library.cytometer.detector]
    findings: list[Finding] = []
    found = (
        numbers_of(options.dyes, library.dye, "dye", findings),
        numbers_of(options.exclude, library.dye, "dye", findings),
        numbers_of(options.forbid_detectors, detectors, "detector", findings),
    )
    if findings:
        raise InputError(findings)
    return set(found[0]), set(found[1]), set(found[2])


def _conflicts(
    library: Library, options: ReporterOptions, both: set[int], required: set[int], dyes: int, detectors: int
) -> tuple[Conflict, ...]:
    """Return the conflicting demands; any dye may use any detector, so counting decides."""
    found = [
        Conflict(demand=f"dye {library.dye[f]}", message="the dye is both required and excluded") for f in sorted(both)
    ]
    for count, what in ((dyes, "dyes can be chosen"), (detectors, "detectors can be used")):
        if count < options.colours:
            found.append(Conflict(demand=f"{options.colours} colours", message=f"only {count} {what}"))
    if len(required) > options.colours:
        found.append(Conflict(demand=f"{options.colours} colours", message=f"{len(required)} dyes are required"))
    return tuple(found)


def _answer(instance: ReporterInstance, outcome: ReporterOutcome, lasers: Sequence[float]) -> dict[str, object]:
    work = {
        "status": SolveStatus(outcome.status),
        "wall_s": outcome.wall_s,
        "deterministic_time": outcome.deterministic_time,
        "interrupted": outcome.interrupted,
        "out_of_memory": outcome.out_of_memory,
        "unique": outcome.unique,
    }
    score = outcome.score
    if score is None:
        return work
    value, bound = _levels(score, outcome)
    light = instance.signal[np.ix_([f for f, _ in score.pairs], [d for _, d in score.pairs])]
    channels = tuple(
        ReporterChannel(
            fluorochrome=instance.dye[f],
            detector=instance.detector[d],
            laser_nm=lasers[d],
            signal=signal,
            bleed_through=bleed,
            share=bleed / signal if signal else None,
            below_limit=is_clean(signal, bleed),
        )
        for (f, d), signal, bleed in zip(score.pairs, score.signal, score.bleed, strict=True)
    )
    signals = tuple(tuple(map(float, row)) for row in light)
    return {**work, "value": value, "bound": bound, "gap": _gap(value, bound), "channels": channels, "signals": signals}


def _levels(score: ReporterScore, outcome: ReporterOutcome) -> tuple[ReporterLevels, ReporterLevels]:
    value = ReporterLevels(
        channels_without_signal=score.no_signal,
        channels_below_limit=score.below_limit,
        mean_signal=score.mean_signal,
        mean_bleed_through=score.mean_bleed,
    )
    log = outcome.log_signal
    bound = ReporterLevels(
        channels_without_signal=outcome.no_signal,
        channels_below_limit=outcome.below_limit,
        mean_signal=None if log is None else math.exp(log / len(score.pairs)),
        mean_bleed_through=outcome.mean_bleed,
    )
    return value, bound


def _gap(value: ReporterLevels, bound: ReporterLevels) -> ReporterLevels:
    """Return the distance of value and bound, null without a bound."""
    pairs = {name: (getattr(value, name), getattr(bound, name)) for name in ReporterLevels.model_fields}
    gaps = {name: None if bound is None else abs(bound - reached) for name, (reached, bound) in pairs.items()}
    return ReporterLevels.model_validate(gaps)
