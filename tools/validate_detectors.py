"""Compare the detectors in which dyes are read with measured ones: python tools/validate_detectors.py FOLDER.

For every instrument of ``FOLDER/found/dye_peak_detectors.csv`` that is shipped, prints for how many dyes the brightest
detector is the same, or the same or a neighbour on the same laser. Makers' viewers average the emission over each
filter instead of summing it up, and know no mirrors; the second line of their instruments does the same, and so does
the last line of all. ``--list`` names the dyes that differ, with the viewer's own averaging.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from optics_reference import Array, folded, shipped_cytometer, spellings

from panelopt import registry
from panelopt.domain.cytometer_record import Cytometer, Detector
from panelopt.domain.reagents import Fluorochrome
from panelopt.optics.signatures import signature_matrix

INSTRUMENTS = {
    "Cytek Aurora 5L": "aurora-5l",
    "BD FACSymphony A5 SE": "symphony-a5",
    "BDFACSSymphonyS6": "symphony-s6",
    "ThermoFisherBigfoot6L 445": "bigfoot",
    "ThermoFisherBigfoot6L 785": "bigfoot-785",
    "ThermoFisherBigfoot7L 488 561": "bigfoot-7l",
}
VIEWER = "vendor viewer export"  # kind of the rows that a maker computed from spectra
LASER_NM = 4.0  # lines that differ by less are the same laser


@dataclass(frozen=True)
class Peak:
    """Where a source reads a dye."""

    dye: str
    names: tuple[str, ...]
    first: str
    second: str
    fraction: float


def read_peaks(path: Path) -> dict[tuple[str, str], list[Peak]]:
    """Peak detectors by instrument and kind of source."""
    result: dict[tuple[str, str], list[Peak]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8-sig") as handle:
        for row in csv.DictReader(handle):
            names = tuple(folded(row[key]) for key in ("dye", "dye_norm") if row[key])
            peak = Peak(row["dye"], names, row["peak_detector"], row["second_detector"], float(row["second_fraction"]))
            result[row["cytometer"], row["kind"]].append(peak)
    return result


def find_detector(cytometer: Cytometer, name: str) -> int | None:
    """Index of a detector named as in FCS files (``V7-A``) or by laser and filter (``405-660/30 645LP``)."""
    short = name.removesuffix("-A")
    parsed = re.match(r"(\d+)-(\d+)(?:/(\d+))?", name)
    for row, detector in enumerate(cytometer.detector):
        if detector.name == short or (parsed is not None and _is_filter(detector, parsed, name)):
            return row
    return None


def _is_filter(detector: Detector, parsed: re.Match[str], name: str) -> bool:
    if abs(detector.laser_nm - float(parsed[1])) > LASER_NM:
        return False
    if parsed[3] is None:
        return name.endswith("LP") and abs(detector.low_nm - float(parsed[2])) <= 1
    return abs(detector.centre_nm - float(parsed[2])) <= 1


def near(cytometer: Cytometer, one: int, two: int) -> bool:
    """Whether two detectors are the same or neighbours on one laser."""
    lines = [detector.laser_nm for detector in cytometer.detector]
    if lines[one] != lines[two]:
        return False
    order = sorted(
        (row for row, line in enumerate(lines) if line == lines[one]),
        key=lambda row: cytometer.detector[row].centre_nm,
    )
    return abs(order.index(one) - order.index(two)) <= 1


@dataclass
class Tally:
    """How the dyes of one source come out."""

    same: int = 0
    close: int = 0
    total: int = 0
    wrong: list[str] | None = None

    def add(self, other: Tally) -> None:
        """Count the dyes of another source too."""
        self.same, self.close, self.total = self.same + other.same, self.close + other.close, self.total + other.total


def as_viewer(cytometer: Cytometer) -> tuple[Cytometer, Array]:
    """The instrument without mirrors, and what a viewer divides its light by: the width of each filter."""
    bare = tuple(detector.model_copy(update={"dichroic_nm": None}) for detector in cytometer.detector)
    return cytometer.model_copy(update={"detector": bare}), np.array([detector.width_nm for detector in bare])


def compare(cytometer: Cytometer, peaks: list[Peak], dyes: dict[str, Fluorochrome], viewer: bool = False) -> Tally:
    """Count the dyes whose computed peak is the measured one, or a neighbour."""
    tally = Tally(wrong=[])
    cytometer, width = as_viewer(cytometer) if viewer else (cytometer, np.ones(len(cytometer.detector)))
    for peak in peaks:
        dye = next((dyes[name] for name in peak.names if name in dyes), None)
        first = find_detector(cytometer, peak.first)
        if dye is None or first is None:
            continue
        light = signature_matrix(cytometer, [dye])[:, 0] / width
        found = int(light.argmax())
        tally.total += 1
        tally.same += found == first
        if near(cytometer, found, first):
            tally.close += 1
        elif tally.wrong is not None:
            tally.wrong.append(_difference(cytometer, peak, light, first))
    return tally


def _difference(cytometer: Cytometer, peak: Peak, light: Array, first: int) -> str:
    best = int(light.argmax())
    return (
        f"{peak.dye}: {cytometer.detector[first].name} (then {peak.second} {peak.fraction:.2f}), "
        f"computed {cytometer.detector[best].name} {light[first] / light[best]:.2f}"
    )


def main(folder: Path, listed: bool) -> None:
    """Print one line for every instrument and kind of source."""
    shipped = registry.fluorochromes()
    dyes = {name: dye for dye in shipped for name in reversed(spellings(dye))}
    summed, usual = Tally(), Tally()
    for (name, kind), peaks in read_peaks(folder / "found/dye_peak_detectors.csv").items():
        if name not in INSTRUMENTS:
            _say(f"{name}: not shipped, {len(peaks)} rows")
            continue
        tally = compare(shipped_cytometer(INSTRUMENTS[name]), peaks, dyes)
        summed.add(tally)
        _say(f"{INSTRUMENTS[name]:12s} {kind:28s} {_figures(tally)}")
        if kind == VIEWER:
            tally = compare(shipped_cytometer(INSTRUMENTS[name]), peaks, dyes, viewer=True)
            _say(f"{'':12s} {'  averaged as by the viewer':28s} {_figures(tally)}")
        usual.add(tally)
        if listed:
            _say(*(f"    {line}\n" for line in tally.wrong or ()))
    _say(f"{'all':41s} {_figures(summed)}")
    _say(f"{'all, viewers averaged':41s} {_figures(usual)}")


def _figures(tally: Tally) -> str:
    total = max(tally.total, 1)
    return f"{tally.total:4d} dyes  peak {tally.same / total:.1%}  or neighbour {tally.close / total:.1%}"


def _say(*parts: str) -> None:
    sys.stdout.write("".join(parts) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--list" in sys.argv)
