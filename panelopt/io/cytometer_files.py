"""Cytometer files: TOML, detector tables, FACSDiva configuration exports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from panelopt.domain.cytometer_record import Cytometer
from panelopt.errors import input_error
from panelopt.io.csv_table import raise_if_any
from panelopt.io.cytometer_tables import (
    DETECTOR_COLUMNS,
    MAX_CSV_BYTES,
    band_findings,
    parse_filter,
    read_detector_table,
    read_facsdiva_export,
)
from panelopt.io.documents import read_text, read_toml, validate
from panelopt.io.toml_text import toml_lines, toml_value
from panelopt.optics.noise_terms import noise_findings

__all__ = [
    "cytometer_toml",
    "import_cytometer",
    "parse_filter",
    "read_cytometer",
    "read_detector_table",
    "read_facsdiva_export",
]


def read_cytometer(path: Path) -> Cytometer:
    """Read a cytometer from TOML.

    Raises:
        InputError: with every fault: keys, numbers, detectors without laser, noise of unknown detectors.
    """
    return parse_cytometer(read_toml(path), str(path))


def parse_cytometer(data: Mapping[str, Any], where: str) -> Cytometer:
    """Return the cytometer of the content of a file; see :func:`read_cytometer`.

    Args:
        data: Content of the file.
        where: File name for messages.
    """
    cytometer = validate(Cytometer, data, where)
    raise_if_any([*noise_findings(cytometer, where), *band_findings(cytometer, where)])
    return cytometer


def import_cytometer(
    path: Path,
    *,
    id: str | None = None,  # noqa: A002
    name: str = "",
    sorter: bool = False,
    spectral: bool = False,
) -> Cytometer:
    """Read a cytometer from a FACSDiva export or a detector table, detected by content.

    Args:
        path: CSV file.
        id: Short name; default: from the file name.
        name: Full name.
        sorter: Whether it sorts.
        spectral: Whether it unmixes its signals.

    Raises:
        InputError: with file, line and value of every fault.
    """
    short = id or re.sub(r"[^a-z0-9._-]+", "-", path.stem.lower()).strip("-._") or "cytometer"
    unmixing: Literal["compensation", "spectral"] = "spectral" if spectral else "compensation"
    text = read_text(path, MAX_CSV_BYTES).casefold()
    header = text.split("\n", 1)[0]
    if all(column in header for column in ("laser_nm", "centre_nm")):
        return read_detector_table(path, id=short, name=name, sorter=sorter, unmixing=unmixing)
    if "laser name" not in text:
        message = "neither a FACSDiva configuration export nor a table of detectors"
        hint = (
            f"A table has the columns {', '.join(DETECTOR_COLUMNS)}, separated by commas; of a filter 530/30 the centre"
            " is 530 and the width 30, of a long pass those of the band that it leaves to the detector."
        )
        raise input_error("cytometer-layout", message, where=f"{path}:1", hint=hint)
    return read_facsdiva_export(path, id=short, name=name, sorter=sorter, unmixing=unmixing)


def cytometer_toml(cytometer: Cytometer) -> str:
    """Return the text of a cytometer file; :func:`read_cytometer` restores the same object."""
    nozzles = _nozzle_tables(cytometer)
    left_out = {"laser", "detector", "noise", "nozzle", "sort_modes"}
    if nozzles:
        left_out |= {"nozzle_um", "drop_rate_hz"}
    data = cytometer.model_dump(mode="json", exclude_defaults=True, exclude=left_out)
    lines = [f"schema_version = {cytometer.schema_version}", *toml_lines(data), ""]
    for key, parts in (("laser", cytometer.laser), ("detector", cytometer.detector)):
        rows = [part.model_dump(mode="json", exclude_defaults=True) for part in parts]
        lines += [f"{key} = [", *(f"  {toml_value(row)}," for row in rows), "]", ""]
    for row in nozzles:
        lines += ["[[nozzle]]", *toml_lines(row), ""]
    modes = cytometer.model_dump(mode="json", include={"sort_modes"})["sort_modes"]
    if modes:
        lines += ["[sort_modes]", *toml_lines(modes), ""]
    noise = cytometer.noise.model_dump(mode="json", exclude_none=True)
    if noise:
        lines += ["[noise]", *toml_lines(noise), ""]
    return "\n".join(lines)


def _nozzle_tables(cytometer: Cytometer) -> list[dict[str, Any]]:
    """Return the rows of ``[[nozzle]]``; none if ``nozzle_um`` and ``drop_rate_hz`` contain everything."""
    usual = cytometer.usual_nozzle
    rows = []
    for part in cytometer.nozzle:
        row = part.model_dump(mode="json", exclude_defaults=True)
        rows.append((row, row.keys() - {"size_um"} - ({"drop_rate_hz"} if part is usual else set())))
    return [row for row, _ in rows] if any(more for _, more in rows) else []
