"""Single-stain controls (FCS files) become signatures, brightness and noise of an instrument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from panelopt.domain.cytometer_record import Cytometer
from panelopt.errors import Finding, InputError, input_error
from panelopt.io.fcs import read_fcs
from panelopt.io.signature_csv import detector_name
from panelopt.optics.controls import (
    MIN_POSITIVE,
    NoiseFit,
    StainControl,
    fit_noise,
    photoelectrons_per_antibody,
    read_control,
)
from panelopt.optics.measured import MeasuredSignature, SignatureSet
from panelopt.optics.overflow import refuse_overflow
from panelopt.optics.spectra import Array
from panelopt.registry.imports import dye_in, known_name


@dataclass(frozen=True, slots=True)
class ControlsImport:
    """What single-stain controls gave.

    Attributes:
        signatures: The signature file.
        controls: The gated controls, in the order of the files.
        noise: Noise of the detectors, in the order of ``signatures.detector``.
        remarks: What the user should know.
    """

    signatures: SignatureSet
    controls: tuple[StainControl, ...]
    noise: NoiseFit
    remarks: tuple[Finding, ...]


@refuse_overflow
def import_controls(
    paths: Sequence[Path],
    unstained: Path,
    cytometer: Cytometer,
    *,
    names: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    antigens_per_cell: float | None = None,
    units_per_pe: float | None = None,
    min_positive: int = MIN_POSITIVE,
) -> ControlsImport:
    """Measure signatures, brightness and noise from single-stain FCS files.

    Args:
        paths: One file a dye.
        unstained: The unstained control.
        cytometer: The instrument.
        names: Dye of each file; found in the file names where left out.
        rename: Detector by channel, where the names differ.
        antigens_per_cell: Antibodies on a positive cell; with it the brightness is absolute.
        units_per_pe: Instrument units per effective photoelectron of all detectors; fitted where left out.
        min_positive: Fewest positive events of a control.

    Raises:
        InputError: with what is wrong with each file, or where a dye cannot be told from a file's name.
    """
    dyes = _dyes_of(paths, names)
    rename = rename or {}
    background, channels, _ = _events(unstained, cytometer, rename, None)
    controls: list[StainControl] = []
    faults: list[Finding] = []
    for path, dye in zip(paths, dyes, strict=True):
        try:
            events, _, top = _events(path, cytometer, rename, channels)
            controls.append(read_control(dye, events, background, channels, str(path), top, min_positive))
        except InputError as error:
            faults += error.findings
    if faults:
        raise InputError(faults)
    path_of = {detector.name: detector.path for detector in cytometer.detector}
    noise = fit_noise(controls, background, [path_of[name] for name in channels])
    gain, remarks = _gain(noise.units_per_pe, units_per_pe, channels)
    entries = []
    for path, control in zip(paths, controls, strict=True):
        bright = None
        if antigens_per_cell is not None and gain is not None:
            bright = photoelectrons_per_antibody(control, gain, antigens_per_cell)
        text = f"{path.name}: {len(control.positive)} positive of {control.events} events"
        values = tuple(map(float, control.signature))
        entries.append(
            MeasuredSignature(fluorochrome=control.name, values=values, photoelectrons_per_antibody=bright, origin=text)
        )
    scale = None if gain is None else {n: float(f"{g:.4g}") for n, g in zip(channels, gain, strict=True)}
    signatures = SignatureSet(
        cytometer=cytometer.id,
        origin=f"single stains against {unstained.name}",
        units_per_pe=units_per_pe if units_per_pe is not None else scale,
        detector=channels,
        signature=tuple(entries),
    )
    return ControlsImport(signatures, tuple(controls), noise, remarks)


def with_noise(cytometer: Cytometer, detectors: Sequence[str], noise: NoiseFit) -> Cytometer:
    """Return the instrument with fitted noise in effective photoelectrons; what is unknown keeps its old value."""
    known = {
        "electronic_pe": noise.additive_units / noise.units_per_pe,
        "proportional": noise.proportional,
    }
    changes: dict[str, dict[str, float]] = {}
    for term, values in known.items():
        old = getattr(cytometer.noise, term)
        table = {} if old is None else dict(old) if isinstance(old, dict) else {d.name: old for d in cytometer.detector}
        table.update({n: float(f"{v:.3g}") for n, v in zip(detectors, values, strict=True) if np.isfinite(v)})
        changes[term] = table
    return cytometer.model_copy(update={"noise": cytometer.noise.model_copy(update={"excess": 1.0, **changes})})


def _gain(fitted: Array, given: float | None, channels: Sequence[str]) -> tuple[Array | None, tuple[Finding, ...]]:
    """Units per photoelectron of each detector; the median of the others where the fit is silent."""
    if given is not None:
        return np.full(len(channels), given), ()
    silent = [name for name, value in zip(channels, fitted, strict=True) if not np.isfinite(value)]
    if len(silent) > len(channels) / 2:
        message = "the controls do not tell the units per photoelectron; signatures stay in instrument units"
        hint = "Add more controls, or give --units-per-pe."
        return None, (Finding("no-gain", message, "", hint),)
    gain = np.where(np.isfinite(fitted), fitted, np.nanmedian(fitted))
    if not silent:
        return gain, ()
    message = f"units per photoelectron of {', '.join(silent)}: median of the other detectors"
    return gain, (Finding("gain-assumed", message, "", "A control that is bright there would tell."),)


def _events(
    path: Path, cytometer: Cytometer, rename: Mapping[str, str], wanted: tuple[str, ...] | None
) -> tuple[Array, tuple[str, ...], Array]:
    """Events in the detectors of the instrument, the detectors, and the largest value of each."""
    file = read_fcs(path)
    place = {rename.get(c, rename.get(detector_name(c), detector_name(c))): i for i, c in _areas(file.channels)}
    names = [detector.name for detector in cytometer.detector]
    found = tuple(name for name in names if name in place)
    if not found:
        message = f"no channel is a detector of {cytometer.name}; the file has {', '.join(file.channels)}"
        hint = f"Name them: --rename CHANNEL=DETECTOR; detectors: {', '.join(names)}."
        raise input_error("unknown-detector", message, where=str(path), hint=hint)
    missing = [name for name in wanted or () if name not in place]
    if missing:
        message = f"the file lacks {', '.join(missing)}, which the unstained control has"
        raise input_error("missing-detector", message, where=str(path), hint="Record all controls with one setting.")
    columns = [place[name] for name in wanted or found]
    top = np.array([_range(file.keywords.get(f"p{column + 1}r", "")) for column in columns])
    return file.events[:, columns], wanted or found, top


def _areas(channels: Sequence[str]) -> list[tuple[int, str]]:
    """Channels with their index; area before height and width of the same detector wins by coming last."""
    order = {"-W": 0, "-H": 1}
    listed = list(enumerate(channels))
    return sorted(listed, key=lambda item: order.get(item[1][-2:], 2))


def _range(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return np.inf
    return value if value > 0 else np.inf


def _dyes_of(paths: Sequence[Path], names: Sequence[str]) -> list[str]:
    if names and len(names) != len(paths):
        message = f"{len(names)} names for {len(paths)} files"
        raise input_error("control-name", message, hint="Give one --name for each file, in the same order.")
    dyes: list[str] = []
    findings = []
    for index, path in enumerate(paths):
        dye = known_name(names[index]) if names else dye_in(path.stem)
        if dye is None:
            message = "the file name does not tell the dye"
            findings.append(Finding("control-name", message, str(path), "Give one --name for each file."))
        elif dye in dyes:
            message = f"this is the second control of {dye}"
            findings.append(Finding("duplicate-control", message, str(path), "Keep one, or name them with --name."))
        dyes.append(dye or "")
    if findings:
        raise InputError(findings)
    return dyes
