"""Cytometers as files: TOML in and out, detector tables, FACSDiva configuration exports."""

from __future__ import annotations

from pathlib import Path

from panelopt.domain.cytometer import Cytometer
from panelopt.errors import input_error
from panelopt.io.csv_table import raise_if_any
from panelopt.io.cytometer_tables import band_findings, parse_filter, read_detector_table, read_facsdiva_export
from panelopt.io.documents import read_toml, validate
from panelopt.io.toml_text import toml_lines, toml_value
from panelopt.optics.noise import noise_findings

__all__ = ["cytometer_toml", "parse_filter", "read_cytometer", "read_detector_table", "read_facsdiva_export"]


def read_cytometer(path: Path) -> Cytometer:
    """Read a cytometer from TOML.

    Raises:
        InputError: with everything that is wrong: keys, numbers, detectors without laser, noise of unknown detectors.
    """
    where = str(path)
    data = read_toml(path)
    version = data.get("schema_version", 1)
    if version != 1:
        raise input_error(
            "schema-version", f"schema_version {version!r} is not known", where=where, hint="This program reads 1."
        )
    cytometer = validate(Cytometer, data, where)
    raise_if_any([*noise_findings(cytometer, where), *band_findings(cytometer, where)])
    return cytometer


def cytometer_toml(cytometer: Cytometer) -> str:
    """Return the text of a cytometer file; :func:`read_cytometer` gives the same object back."""
    data = cytometer.model_dump(mode="json", exclude_defaults=True, exclude={"laser", "detector", "noise"})
    lines = [f"schema_version = {cytometer.schema_version}", *toml_lines(data), ""]
    for key, parts in (("laser", cytometer.laser), ("detector", cytometer.detector)):
        rows = [part.model_dump(mode="json", exclude_none=True) for part in parts]
        lines += [f"{key} = [", *(f"  {toml_value(row)}," for row in rows), "]", ""]
    noise = cytometer.noise.model_dump(mode="json", exclude_none=True)
    if noise:
        lines += ["[noise]", *toml_lines(noise), ""]
    return "\n".join(lines)
