"""Measured signatures of the user, by the canonical names of the dyes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panelopt.domain.cytometer_record import Cytometer
from panelopt.errors import Finding, InputError, input_error
from panelopt.io.signature_files import read_signatures
from panelopt.optics.measured import SignatureSet, replace_signatures, signature_findings
from panelopt.optics.overflow import refuse_overflow
from panelopt.optics.signatures import signature_matrix
from panelopt.optics.spectral_similarity import Similarity, similarity_of
from panelopt.registry.cytometer_sources import find_cytometer
from panelopt.registry.dye_sources import find_fluorochrome, fluorochrome_names

Measured = dict[str, tuple[SignatureSet, int]]
"""Signature file and index of the signature in it, by dye."""


def find_signatures(paths: Sequence[str], cytometer: Cytometer) -> tuple[Measured, tuple[Finding, ...]]:
    """Read signature files; where several have a dye, the last one counts.

    Args:
        paths: Signature files.
        cytometer: The instrument that they must fit.

    Returns:
        Signatures of known dyes, and remarks: dyes without optics, which no panel can use.

    Raises:
        InputError: with all that is wrong, or where two names of one file mean the same dye.
    """
    found: Measured = {}
    faults: list[Finding] = []
    remarks: list[Finding] = []
    detectors = [detector.name for detector in cytometer.detector]
    for path in paths:
        measured = read_signatures(Path(path))
        faults += signature_findings(measured, detectors, cytometer.id, path)
        own: dict[str, str] = {}
        unknown = []
        for index, entry in enumerate(measured.signature):
            dye = fluorochrome_names().resolve(entry.fluorochrome)
            if dye is None:
                unknown.append(entry.fluorochrome)
                continue
            other = own.setdefault(dye, entry.fluorochrome)
            if other != entry.fluorochrome:
                message = f"{other} and {entry.fluorochrome} both stand for {dye}"
                faults.append(Finding("duplicate-signature", message, f"{path}: signature[{index}]", "Keep one."))
            found[dye] = (measured, index)
        if unknown:
            shown = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
            message = f"signatures of unknown dyes are not used: {shown}"
            hint = "`panelopt dye list` shows the names; declare others in a file of PANELOPT_FLUOROCHROMES."
            remarks.append(Finding("unknown-fluorochrome", message, path, hint))
    if faults:
        raise InputError(faults)
    return found, tuple(remarks)


@refuse_overflow
def similarity(
    cytometer: str, names: Sequence[str], signatures: Sequence[str] = ()
) -> tuple[Similarity, tuple[Finding, ...]]:
    """Compare the signatures of dyes on an instrument.

    Args:
        cytometer: Name or file.
        names: Dyes, by name or alias, two or more.
        signatures: Files of measured signatures, in the place of computed ones.

    Returns:
        The measures, and remarks on the files.

    Raises:
        InputError: if a name is unknown or given twice, a file is wrong, or a dye gives no light on the instrument.
    """
    instrument = find_cytometer(cytometer)
    dyes = [find_fluorochrome(name) for name in names]
    found = [dye.name for dye in dyes]
    if len(set(found)) < len(found) or len(found) < 2:
        twice = next((name for name in found if found.count(name) > 1), None)
        message = f"{twice} is named twice" if twice else "one dye has nothing to be compared with"
        raise input_error("dyes", message, hint="Name two or more different dyes.")
    measured, remarks = find_signatures(signatures, instrument)
    detectors = [detector.name for detector in instrument.detector]
    light = replace_signatures(signature_matrix(instrument, dyes), found, detectors, measured)
    dark = [name for name, column in zip(found, light.T, strict=True) if not column.max() > 0]
    if dark:
        message = f"{', '.join(dark)} give no light in any detector of {instrument.name}"
        raise input_error("no-light", message, hint="No laser excites them; leave them out.")
    origin = [
        measured[name][0].origin_of(measured[name][0].signature[measured[name][1]]) if name in measured else "computed"
        for name in found
    ]
    return similarity_of(instrument.name, found, detectors, light, origin), remarks
