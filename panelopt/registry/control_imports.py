"""Single-stain controls (FCS files) become signatures, brightness and noise of an instrument."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from panelopt.domain.cytometer_record import Cytometer
from panelopt.errors import Finding, InputError, input_error
from panelopt.io.channel_names import PLAIN, common_kind, detector_name, split_channel
from panelopt.io.fcs import FcsFile, read_fcs
from panelopt.optics.controls import MIN_POSITIVE, StainControl, photoelectrons_per_antibody, read_control
from panelopt.optics.measured import MeasuredSignature, SignatureSet
from panelopt.optics.noise_fit import NoiseFit, fit_noise
from panelopt.optics.overflow import refuse_overflow
from panelopt.optics.signatures import signature_matrix
from panelopt.optics.spectra import Array
from panelopt.registry.dye_sources import fluorochromes
from panelopt.registry.imports import dye_in, known_name

SATURATED = 0.01
"""A larger share of saturated events is worth a remark."""

DARK = 0.02
"""A dye whose brightest detector should see less than this share of its peak is another dye (model value)."""

_OWN_FILE = re.compile(r".*single[-_ ]stain[-_ ]+")  # as `panelopt simulate` calls single stains


@dataclass(frozen=True, slots=True)
class ControlsImport:
    """What single-stain controls gave.

    Attributes:
        signatures: The signature file.
        controls: The gated controls, in the order of the files.
        noise: Noise of the detectors, in the order of ``signatures.detector``.
        remarks: What the user should know, the units per photoelectron last.
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
    background = _read(unstained, cytometer, rename or {})
    controls: list[StainControl] = []
    remarks: list[Finding] = list(background.remarks)
    faults: list[Finding] = []
    for path, dye in zip(paths, dyes, strict=True):
        try:
            stain = _read(path, cytometer, rename or {}, background)
            remarks += stain.remarks
            controls.append(
                read_control(dye, stain.events, background.events, stain.detectors, str(path), stain.tops, min_positive)
            )
        except InputError as error:
            faults += error.findings
    if faults:
        raise InputError(faults)
    channels = background.detectors
    for path, control in zip(paths, controls, strict=True):
        remarks += _doubts(control, cytometer, channels, str(path))
    path_of = {detector.name: detector.path for detector in cytometer.detector}
    noise = fit_noise(controls, background.events, [path_of[name] for name in channels])
    scale, gain_remarks = _gain(noise, units_per_pe, channels)
    gain = None if scale is None else np.array(list(scale.values()) if isinstance(scale, dict) else scale)
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
    signatures = SignatureSet(
        cytometer=cytometer.id,
        origin=f"single stains against {unstained.name}",
        note=gain_remarks[0].message[:2000],
        units_per_pe=scale,
        detector=channels,
        signature=tuple(entries),
    )
    noise = noise if gain is None else replace(noise, units_per_pe=np.broadcast_to(gain, len(channels)))
    return ControlsImport(signatures, tuple(controls), noise, tuple(dict.fromkeys([*remarks, *gain_remarks])))


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


def _gain(
    noise: NoiseFit, given: float | None, channels: Sequence[str]
) -> tuple[float | dict[str, float] | None, list[Finding]]:
    """Units per photoelectron: one number, or one for each detector, None where nothing tells; and which it is."""
    fitted = noise.units_per_pe
    if given is not None:
        return given, [Finding("gain", f"units per photoelectron: {given:g} for all detectors, as given")]
    silent = [name for name, value in zip(channels, fitted, strict=True) if not np.isfinite(value)]
    if len(silent) > len(channels) / 2:
        message = "the controls do not tell the units per photoelectron; signatures stay in instrument units"
        hint = "Add more controls, or give --units-per-pe."
        return None, [Finding("no-gain", message, "", hint)]
    if noise.common:
        message = (
            f"units per photoelectron: one number for all detectors, {fitted[0]:.3g}; gains by detector do not predict"
            " controls that are left out of the fit clearly better"
        )
        return float(f"{fitted[0]:.4g}"), [Finding("common-gain", message)]
    gain = np.where(np.isfinite(fitted), fitted, np.nanmedian(fitted))
    message = "units per photoelectron: fitted for each detector, as this predicts left-out controls clearly better"
    if silent:
        message += f"; for {', '.join(silent)}, of which the controls say nothing, the median of the others"
    return {n: float(f"{g:.4g}") for n, g in zip(channels, gain, strict=True)}, [Finding("gain", message)]


def _doubts(control: StainControl, cytometer: Cytometer, channels: Sequence[str], where: str) -> list[Finding]:
    """Say that many events were saturated, or that the tube holds another dye than its name says."""
    doubts = []
    if control.saturated > SATURATED * control.events:
        message = f"{control.saturated} of {control.events} events are saturated in a detector and left out"
        hint = "Lower its voltage, or the amount of antibody: the brightest cells are missing."
        doubts.append(Finding("saturated", message, where, hint))
    known = next((dye for dye in fluorochromes() if dye.name == control.name), None)
    if known is not None and known.has_optics:
        every = [detector.name for detector in cytometer.detector]
        light = signature_matrix(cytometer, [known])[[every.index(name) for name in channels], 0]
        peak = channels[control.peak]
        if light[control.peak] < DARK * light.max():
            best = channels[int(np.argmax(light))]
            message = f"it is brightest in {peak}, where {control.name} gives next to no light; expected is {best}"
            doubts.append(Finding("other-dye", message, where, "Is it the right tube, and the right dye?"))
    return doubts


@dataclass(frozen=True, slots=True)
class _ControlTube:
    """Events of one tube.

    Attributes:
        detectors: Those of the instrument that the file has.
        kind: Which measure of the pulse the events are; empty where the names do not say.
        events: Shape (N, D).
        tops: Shape (D,): largest value of each detector.
        voltages: $PnV of each detector as written.
        remarks: What the user should know.
    """

    detectors: tuple[str, ...]
    kind: str
    events: Array
    tops: Array
    voltages: tuple[str, ...]
    remarks: tuple[Finding, ...]


def _read(
    path: Path, cytometer: Cytometer, rename: Mapping[str, str], like: _ControlTube | None = None
) -> _ControlTube:
    """Read a tube in the detectors of the instrument; those and the kind of another tube if one is given."""
    file = read_fcs(path)
    known = [detector.name for detector in cytometer.detector]
    places, kind = _places(file.channels, known, rename, like)
    found = like.detectors if like is not None else tuple(name for name in known if name in places)
    if not places:
        message = f"no channel is a detector of {cytometer.name}; the file has {', '.join(file.channels)}"
        hint = f"Name them: --rename CHANNEL=DETECTOR; detectors: {', '.join(known)}."
        raise input_error("unknown-detector", message, where=str(path), hint=hint)
    if missing := [name for name in found if name not in places]:
        measure = {"A": "area of ", "H": "height of ", "W": "width of "}.get(kind, "")
        message = f"the file lacks {measure}{', '.join(missing)}, which the unstained control has"
        raise input_error("missing-detector", message, where=str(path), hint="Record all controls with one setting.")
    columns = [places[name] for name in found]
    _check_finite(file, columns, path)
    voltages = tuple(file.keywords.get(f"p{column + 1}v", "").strip() for column in columns)
    others = voltages if like is None else like.voltages
    if changed := [name for name, *pair in zip(found, voltages, others, strict=True) if _differ(*pair)]:
        message = f"{', '.join(changed)} had another voltage ($PnV) than in the unstained control"
        raise input_error("other-voltage", message, where=str(path), hint="Record all controls with one setting.")
    remarks = [Finding("data-sets", file.note, str(path))] if file.note else []
    return _ControlTube(found, kind, file.events[:, columns], file.tops[columns], voltages, tuple(remarks))


def _differ(one: str, other: str) -> bool:
    """Whether two voltages are numbers that differ."""
    try:
        return abs(float(one) - float(other)) > 1e-3 * abs(float(other))
    except ValueError:
        return False


def _places(
    channels: Sequence[str], known: Sequence[str], rename: Mapping[str, str], like: _ControlTube | None
) -> tuple[dict[str, int], str]:
    """Place of the channel of each detector, and its kind: area, height or width for all, as their scales differ.

    A channel that the user names goes before any other of its detector.
    """
    said = {rename[channel]: place for place, channel in enumerate(channels) if channel in rename}
    names = [(rename.get(detector_name(c), detector_name(c)), split_channel(c)[1]) for c in channels]
    usable = [c for c, (name, _) in zip(channels, names, strict=True) if name in known]
    kind = like.kind if like is not None else common_kind(usable)
    fitting = {name: place for place, (name, own) in reversed(list(enumerate(names))) if own in (kind, PLAIN)}
    return {name: place for name, place in (fitting | said).items() if name in known}, kind


def _check_finite(file: FcsFile, columns: Sequence[int], path: Path) -> None:
    wrong = ~np.isfinite(file.events[:, list(columns)])
    if wrong.any():
        name = file.channels[columns[int(np.argmax(wrong.any(axis=0)))]]
        message = f"{int(wrong.any(axis=1).sum())} events hold no number, for example in {name}"
        raise input_error("not-finite", message, where=str(path), hint="Export the file again.")


def _dyes_of(paths: Sequence[Path], names: Sequence[str]) -> list[str]:
    if names and len(names) != len(paths):
        message = f"{len(names)} names for {len(paths)} files"
        raise input_error("control-name", message, hint="Give one --name for each file, in the same order.")
    dyes: list[str] = []
    findings = []
    for index, path in enumerate(paths):
        dye = known_name(names[index]) if names else dye_in(_OWN_FILE.sub("", path.stem))
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
