"""Measured signatures of the user, by the canonical names of the dyes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from panelopt.domain.cytometer import Cytometer
from panelopt.errors import Finding, InputError
from panelopt.io.signature_files import read_signatures
from panelopt.optics.measured import SignatureSet, signature_findings
from panelopt.registry.shipped import fluorochrome_names

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
            message = f"{len(unknown)} signatures are not used, their dyes are not known: {shown}"
            hint = "`panelopt dye list` shows the names."
            remarks.append(Finding("unknown-fluorochrome", message, path, hint))
    if faults:
        raise InputError(faults)
    return found, tuple(remarks)
