"""Compare computed spillover with that of conventional cytometers: python tools/validate_spillover.py FOLDER.

A spillover coefficient is the light of a dye in another detector over that in its own, times the ratio of the two
detectors' gains, which the user sets by the voltages and nobody publishes. For each
matrix, three shares of the entries above 1 % are printed, those within a factor of 2: as computed; after one gain by
detector has been fitted to the same entries (least absolute deviation of the logarithms); and after a broken share of
each tandem has been fitted too. ``left`` is the number of entries less that of the fitted numbers. An entry of 0 was
left out by the user who made the matrix, and is not compared.

None of these matrices comes with its filters, and that of the sorter not with its dyes: :data:`MATRICES` states what
detector names and the usual filters of the model suggest (model values).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from optics_reference import Array
from scipy.optimize import linprog

from panelopt import registry
from panelopt.domain.cytometer_record import Cytometer, Detector, Laser
from panelopt.optics.signatures import signature_matrix

LEAST = 0.01  # entries below are not compared
WITHIN = np.log(2.0)
SHARES = (0.0, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)  # broken shares that are tried
DARK = 1e-5  # computed entries below count as this


@dataclass(frozen=True)
class Matrix:
    """A measured matrix: its file, and by column the dye that is read there and its laser, centre and width in nm."""

    file: str
    columns: Mapping[str, tuple[str, float, float, float]]


MATRICES = {
    "FACSAria, 13 colours (2007)": Matrix(
        "found/sorter_spillover.csv",
        {
            "B515-A": ("FITC", 488, 515, 20), "R780-A": ("APC-Cy7", 640, 780, 60),
            "R710-A": ("APC-Cy5.5", 640, 710, 50),
            "R660-A": ("APC", 640, 660, 20),
            "V800-A": ("Qdot 800", 405, 800, 60), "V655-A": ("Qdot 655", 405, 655, 20),
            "V585-A": ("Qdot 585", 405, 585, 42), "V450-A": ("Pacific Blue", 405, 450, 50),
            "G780-A": ("PE-Cy7", 532, 780, 60), "G710-A": ("PE-Cy5.5", 532, 710, 50),
            "G660-A": ("PE-Cy5", 532, 660, 40),
            # PE-Texas Red gives nothing that the red laser excites; here that is 7 % in R660 and 5 % in R710
            "G610-A": ("PE-Alexa Fluor 610", 532, 610, 20), "G560-A": ("PE", 532, 575, 25),
        },
    ),
    "LSR II, 3 lasers": Matrix(
        "spillover/FCS_DillonHammill_LSRII_11.csv",
        {
            "Alexa Fluor 488-A": ("FITC", 488, 530, 30), "PE-A": ("PE", 488, 575, 26),
            "PE-Texas Red-A": ("", 488, 610, 20), "7-AAD-A": ("PerCP-Cy5.5", 488, 695, 40),
            "PE-Cy7-A": ("", 488, 780, 60), "Alexa Fluor 405-A": ("", 405, 450, 50),
            "Alexa Fluor 430-A": ("", 405, 525, 50), "Qdot 605-A": ("", 405, 605, 40),
            "Alexa Fluor 647-A": ("Alexa Fluor 647", 640, 660, 20),
            "Alexa Fluor 700-A": ("Alexa Fluor 700", 640, 730, 45),
            "APC-Cy7-A": ("APC-Cy7", 640, 780, 60),
        },
    ),
    "14 detectors, 488 nm PE": Matrix(
        "spillover/FlowKit_comp_complete_example.csv",
        {
            "Ax488-A": ("Alexa Fluor 488", 488, 530, 30), "PE-A": ("PE", 488, 575, 26), "PE-TR-A": ("", 488, 610, 20),
            "PerCP-Cy55-A": ("PerCP-Cy5.5", 488, 695, 40), "PE-Cy7-A": ("PE-Cy7", 488, 780, 60),
            "Ax647-A": ("Alexa Fluor 647", 640, 660, 20), "Ax700-A": ("", 640, 730, 45), "Ax750-A": ("", 640, 780, 60),
            "PacBlu-A": ("Pacific Blue", 405, 450, 50), "Qdot525-A": ("", 405, 525, 50),
            "PacOrange-A": ("", 405, 560, 40),
            "Qdot605-A": ("", 405, 605, 20), "Qdot655-A": ("", 405, 655, 20), "Qdot705-A": ("", 405, 705, 70),
        },
    ),
    "8 colours, 561 nm PE": Matrix(
        "spillover/FlowKit_den_comp.csv",
        {
            "TNFa FITC FLR-A": ("FITC", 488, 530, 30), "CD8 PerCP-Cy55 FLR-A": ("PerCP-Cy5.5", 488, 695, 40),
            "IL2 BV421 FLR-A": ("BV421", 405, 450, 50), "Aqua Amine FLR-A": ("LIVE/DEAD Fixable Aqua", 405, 525, 50),
            "IFNg APC FLR-A": ("APC", 640, 670, 30), "CD3 APC-H7 FLR-A": ("APC-H7", 640, 780, 60),
            "CD107a PE FLR-A": ("PE", 561, 582, 15), "CD4 PE-Cy7 FLR-A": ("PE-Cy7", 561, 780, 60),
        },
    ),
}  # fmt: skip
"""What each matrix was measured with, as far as its names suggest it; an empty dye was not measured."""


def read_matrix(path: Path) -> dict[tuple[str, str], float]:
    """Coefficients by pair of detectors, that of the dye first; of a square table, or of one line by pair."""
    with path.open(newline="", encoding="utf-8-sig") as handle:
        rows = list(csv.reader(handle))
    if "from_detector" in rows[0]:
        one, two, value = (rows[0].index(key) for key in ("from_detector", "to_detector", "fraction"))
        return {(row[one], row[two]): float(row[value]) for row in rows[1:]}
    names = [name.strip("# ") for name in rows[0] if name != "detector"]
    square = [row[-len(names) :] for row in rows[1:] if row]
    return {(a, b): float(square[i][j]) for i, a in enumerate(names) for j, b in enumerate(names)}


def instrument(columns: Mapping[str, tuple[str, float, float, float]]) -> Cytometer:
    """A conventional cytometer with photomultipliers and separate lasers of usual power."""
    lines = sorted({nm for _, nm, _, _ in columns.values()})
    return Cytometer(
        id="matrix", name="matrix", source="detector names of a matrix", sorter=True, unmixing="compensation",
        photodetector="pmt", laser=tuple(Laser(nm=nm, path=f"{nm:g}") for nm in lines),
        detector=tuple(
            Detector(name=name, path=f"{nm:g}", laser_nm=nm, centre_nm=centre, width_nm=width)
            for name, (_, nm, centre, width) in columns.items()
        ),
    )  # fmt: skip


def gains(error: Array, pairs: Array, count: int) -> Array:
    """Logarithm of each detector's gain, which minimises the summed absolute error of ``log g_to - log g_from``."""
    entries = len(error)
    slope = np.zeros((entries, count))
    slope[np.arange(entries), pairs[:, 1]] += 1
    slope[np.arange(entries), pairs[:, 0]] -= 1
    bound = np.block([[slope, -np.eye(entries)], [-slope, -np.eye(entries)]])
    cost = np.concatenate((np.zeros(count), np.ones(entries)))
    free = [(None, None)] * count + [(0, None)] * entries
    found = linprog(cost, A_ub=bound, b_ub=np.concatenate((error, -error)), bounds=free)
    return np.asarray(found.x[:count])


@dataclass(frozen=True)
class Comparison:
    """Logarithm of measured over computed spillover by pair: as computed, with gains, and with broken tandems too."""

    names: tuple[tuple[str, str], ...]
    plain: Array
    fitted: Array
    repaired: Array
    gains: int
    broken: dict[str, float]


@dataclass(frozen=True)
class Entries:
    """The entries of a matrix that are compared, and the light of dyes and donors in its detectors."""

    pairs: tuple[tuple[str, str], ...]
    index: Array
    measured: Array
    light: dict[str, Array]
    donor: dict[str, Array]
    count: int

    def error(self, broken: Mapping[str, float]) -> Array:
        """Logarithm of measured over computed, with a share of each tandem broken: its antibodies shine like donors."""
        light = {
            name: own if name not in self.donor else own * (1 - broken[name]) + self.donor[name] * broken[name]
            for name, own in self.light.items()
        }
        computed = [light[a][to] / light[a][own] for (a, _), (own, to) in zip(self.pairs, self.index, strict=True)]
        return np.asarray(np.log(self.measured) - np.log(np.maximum(computed, DARK)))

    def left(self, error: Array) -> Array:
        """What gains leave of an error."""
        log_gain = gains(error, self.index, self.count)
        return np.asarray(error - log_gain[self.index[:, 1]] + log_gain[self.index[:, 0]])


def read_entries(folder: Path, matrix: Matrix) -> Entries:
    """Entries above :data:`LEAST` whose dye is known."""
    measured = read_matrix(folder / matrix.file)
    names = list(matrix.columns)
    cytometer = instrument(matrix.columns)
    dyes = {n: registry.find_fluorochrome(dye) for n, (dye, *_) in matrix.columns.items() if dye}
    donors = {n: registry.find_fluorochrome(dye.donor) for n, dye in dyes.items() if dye.donor}
    pairs = tuple((a, b) for a in dyes for b in names if a != b and measured[a, b] >= LEAST)
    return Entries(
        pairs,
        np.array([(names.index(a), names.index(b)) for a, b in pairs]),
        np.array([measured[pair] for pair in pairs]),
        dict(zip(dyes, signature_matrix(cytometer, list(dyes.values())).T, strict=True)),
        dict(zip(donors, signature_matrix(cytometer, list(donors.values())).T, strict=True)),
        len(names),
    )


def broken_shares(entries: Entries) -> dict[str, float]:
    """Broken share of each tandem, of :data:`SHARES`, that together with gains fits best: one at a time, twice."""
    broken = dict.fromkeys(entries.donor, 0.0)
    for name in (*entries.donor, *entries.donor):
        costs = {s: np.abs(entries.left(entries.error({**broken, name: s}))).sum() for s in SHARES}
        broken[name] = min(SHARES, key=lambda share: costs[share])
    return broken


def compare(folder: Path, matrix: Matrix) -> Comparison:
    """Compare the entries above :data:`LEAST` whose dye is known."""
    entries = read_entries(folder, matrix)
    error = entries.error(dict.fromkeys(entries.donor, 0.0))
    broken = broken_shares(entries)
    seen = len(np.unique(entries.index)) - _islands(entries.index)
    shares = {matrix.columns[name][0]: share for name, share in broken.items()}
    return Comparison(entries.pairs, error, entries.left(error), entries.left(entries.error(broken)), seen, shares)


def _islands(pairs: Array) -> int:
    """Groups of detectors that no entry connects; each has one gain that nothing determines."""
    groups: list[set[int]] = []
    for one, two in pairs:
        touched = [group for group in groups if one in group or two in group]
        groups = [group for group in groups if group not in touched] + [{one, two}.union(*touched)]
    return len(groups)


def main(folder: Path, listed: bool) -> None:
    """Print one line for each matrix, and one for all of them."""
    results = {name: compare(folder, matrix) for name, matrix in MATRICES.items()}
    for name, result in results.items():
        sys.stdout.write(f"{name:28s} {_figures([result])}\n")
        shares = ", ".join(f"{dye} {share:.1%}" for dye, share in result.broken.items())
        sys.stdout.write(f"    broken: {shares}\n")
        if listed:
            for pair, *errors in zip(result.names, result.plain, result.fitted, result.repaired, strict=True):
                if abs(errors[-1]) > WITHIN:
                    factors = ", ".join(f"{np.exp(error):.2f}" for error in errors)
                    sys.stdout.write(f"    {pair[0]} in {pair[1]}: measured / computed {factors}\n")
    sys.stdout.write(f"{'all':28s} {_figures(list(results.values()))}\n")


def _figures(results: Sequence[Comparison]) -> str:
    shares = [
        np.mean(np.abs(np.concatenate([getattr(result, key) for result in results])) <= WITHIN)
        for key in ("plain", "fitted", "repaired")
    ]
    count = sum(len(result.names) for result in results)
    left = count - sum(result.gains for result in results)
    return (
        f"{count:3d} entries  within a factor of 2: as computed {shares[0]:.0%}, gains fitted {shares[1]:.0%} "
        f"({left} left), broken tandems as well {shares[2]:.0%} ({left - sum(len(r.broken) for r in results)} left)"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--list" in sys.argv)
