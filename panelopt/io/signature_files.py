"""Signature files (TOML): measured signatures of dyes on one instrument.

    schema_version = 1
    kind = "signatures"
    cytometer = "aurora-5l"
    origin = ".."
    detector = ["UV1", ..]

    [[signature]]
    fluorochrome = "BV421"
    values = [0.01, ..]
    photoelectrons_per_antibody = 1.9

Values are in instrument units of any scale; what is optional is described in ``docs/optics.md``.
"""

from __future__ import annotations

from pathlib import Path

from panelopt.errors import input_error
from panelopt.io.documents import read_toml, validate
from panelopt.io.toml_text import toml_lines, toml_value
from panelopt.optics.measured import SignatureSet

_DIGITS = 6


def read_signatures(path: Path) -> SignatureSet:
    """Read a signature file.

    Raises:
        InputError: with every fault of the file; a table of signatures is referred to `panelopt dye import`.
    """
    if path.suffix.lower() in (".csv", ".gz", ".fcs", ".txt") and path.exists():
        hint = f"Bring it in first: panelopt dye import {path.name} --cytometer NAME -o signatures.toml"
        raise input_error("signature-format", "this is not a signature file (TOML)", where=str(path), hint=hint)
    data = read_toml(path)
    if data.get("kind") != "signatures":
        hint = 'A signature file says kind = "signatures"; `panelopt dye import` writes one.'
        raise input_error("signature-format", "this is not a signature file", where=str(path), hint=hint)
    return validate(SignatureSet, data, str(path))


def signatures_toml(measured: SignatureSet) -> str:
    """Return the text of a signature file; values keep six digits."""
    head = measured.model_dump(mode="json", exclude_defaults=True, exclude={"signature"})
    lines = ["schema_version = 1", 'kind = "signatures"', *toml_lines(head)]
    for entry in measured.signature:
        values = [_rounded(value) for value in entry.values]
        lines += ["", "[[signature]]", f"fluorochrome = {toml_value(entry.fluorochrome)}"]
        lines.append(f"values = {toml_value(values)}")
        if entry.photoelectrons_per_antibody is not None:
            lines.append(f"photoelectrons_per_antibody = {_rounded(entry.photoelectrons_per_antibody)!r}")
        if entry.origin:
            lines.append(f"origin = {toml_value(entry.origin)}")
    return "\n".join(lines) + "\n"


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
