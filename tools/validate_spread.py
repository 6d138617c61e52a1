"""Compare predicted with measured spillover spreading: python tools/validate_spread.py FOLDER.

The folder holds ``physics/aurora5l_scc_moments.npz``: mean and covariance of the positive and the negative events of
single stains on an Aurora 5L, and their signatures. For 25 random panels each of 8, 12, 20 and 30 dyes whose signatures
have cosines below 0.98, the spread of each stain in each other dye is unmixed (least squares with an autofluorescence
column) and compared with the prediction of :func:`panelopt.optics.spillover_spread.spreading_matrix`.

The one or two numbers of a prediction, a common scale (units per photoelectron) and the fluctuation of a laser, are
fitted to panels of their own and to one half of the stains, and judged on the entries of the other half; then the
halves change places. Columns:

    all      Spearman correlation over all off-diagonal entries, median of the panels
    pooled   the same over the entries of all panels together
    2x       share of the well-measured entries (squared spread above 3 standard errors) within a factor of 2
    panels   rank correlation of the panels by their worst relative spread
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fit_fluorochromes import ABBREVIATIONS, files
from optics_reference import Array, folded, read_libraries, read_table, shipped_cytometer, spellings
from scipy.optimize import least_squares
from scipy.stats import spearmanr

from panelopt.domain.reagents import Fluorochrome
from panelopt.optics.signatures import autofluorescence_pe, signature_matrix
from panelopt.optics.spillover_spread import spreading_matrix, unmixing_matrix

SIZES, PANELS, MAX_COSINE = (8, 12, 20, 30), 25, 0.98
FIT_SEED, TEST_SEED, HALVES_SEED = 1, 2, 0
EVENTS = 1000.0  # assumed events of a control, for the standard error; the data set does not state their number


@dataclass(frozen=True)
class Stains:
    """Single stains as moments in instrument units."""

    names: tuple[str, ...]
    spectra: Array
    af: Array
    shift: Array
    positive: Array
    negative: Array

    @classmethod
    def read(cls, folder: Path) -> Stains:
        """Read the moments; the viability dye is left out."""
        data = np.load(folder / "physics/aurora5l_scc_moments.npz")
        kept = [i for i, name in enumerate(data["fluor"]) if name != "LDBlue_LD"]
        return cls(
            tuple(str(data["fluor"][i]) for i in kept),
            data["spectra"][:, kept],
            data["af"],
            (data["pos_mean"] - data["neg_mean"])[kept],
            data["pos_cov"][kept],
            data["neg_cov"][kept],
        )


@dataclass(frozen=True)
class Entries:
    """Measured spread of one panel: rows are the stained dyes, columns the dyes that suffer."""

    panel: Array
    squared: Array
    error: Array
    signal: Array

    @property
    def off(self) -> Array:
        """Mask of the entries off the diagonal."""
        return ~np.eye(self.panel.size, dtype=bool)

    @property
    def well(self) -> Array:
        """Mask of the entries that stand out from their error."""
        return np.asarray(self.off & (self.squared > 3 * self.error))

    def worst(self, squared: Array) -> float:
        """Largest spread in units of the signal of the dye that suffers."""
        spread = np.sqrt(np.clip(squared, 0, None) * self.signal[:, None]) / self.signal
        return float(spread[self.off].max())


def random_panels(stains: Stains, size: int, seed: int, allowed: Sequence[int]) -> Iterator[Array]:
    """Panels of stains in random order, each new one with a cosine below the limit with those before it."""
    rng = np.random.default_rng([seed, size])
    unit = stains.spectra / np.linalg.norm(stains.spectra, axis=0)
    cosine = unit.T @ unit
    count = 0
    while count < PANELS:
        chosen: list[int] = []
        for index in rng.permutation(np.asarray(allowed)):
            if len(chosen) < size and all(cosine[index, other] < MAX_COSINE for other in chosen):
                chosen.append(int(index))
        if len(chosen) == size:
            count += 1
            yield np.array(chosen)


def measure(stains: Stains, panel: Array) -> Entries:
    """Squared spread of each stain in each dye of the panel, without the error of the signatures' slopes."""
    inverse = unmixing_matrix(np.column_stack((stains.spectra[:, panel], stains.af)))[: panel.size]
    squared, error = np.zeros((2, panel.size, panel.size))
    signal = np.zeros(panel.size)
    for row, index in enumerate(panel):
        stained = inverse @ stains.positive[index] @ inverse.T
        plain = np.diag(inverse @ stains.negative[index] @ inverse.T)
        rest = np.diag(stained) - stained[row] ** 2 / stained[row, row]
        signal[row] = (inverse @ stains.shift[index])[row]
        squared[row] = (rest - plain) / signal[row]
        error[row] = np.sqrt(2 / EVENTS) * np.hypot(rest, plain) / signal[row]
    return Entries(panel, squared, error, signal)


Terms = Callable[[Entries], list[Array]]
"""Parts of the predicted squared spread of a panel, each with a factor to be fitted."""


def fitted(terms: Terms, entries: list[Entries], stained: Array) -> Array:
    """Factors of the terms that fit the logarithms of well-measured entries of some stains."""
    parts, values = [], []
    for entry in entries:
        used = entry.well & np.isin(entry.panel, stained)[:, None]
        parts.append(np.stack([term[used] for term in terms(entry)], axis=-1))
        values.append(entry.squared[used])
    model, logarithm = np.concatenate(parts), np.log(np.concatenate(values))
    start = np.log([10.0, 1e-4][: model.shape[1]])
    found = least_squares(lambda theta: np.log(model @ np.exp(theta)) - logarithm, start, loss="soft_l1")
    return np.asarray(np.exp(found.x))


def agreement(terms: Terms, entries: list[Entries], factors: Sequence[Array], halves: Sequence[Array]) -> str:
    """One row of the table: each entry is predicted with the factors of the half that its stain is not in."""
    rank, pooled, within, worst = [], [], [], []
    for entry in entries:
        first, second = (sum(f * t for f, t in zip(factor, terms(entry), strict=True)) for factor in factors)
        predicted = np.where(np.isin(entry.panel, halves[1])[:, None], first, second)
        rank.append(spearmanr(predicted[entry.off], entry.squared[entry.off]).statistic)
        pooled.append((predicted[entry.off], entry.squared[entry.off]))
        within.append(np.abs(0.5 * np.log2(predicted[entry.well] / entry.squared[entry.well])) < 1)
        worst.append((entry.worst(predicted), entry.worst(entry.squared)))
    one, two = (np.concatenate(part) for part in zip(*pooled, strict=True))
    return (
        f"all {np.median(rank):.3f}  pooled {spearmanr(one, two).statistic:.3f}  "
        f"2x {np.concatenate(within).mean():.1%}  panels {spearmanr(*np.array(worst).T).statistic:.2f}"
    )


def shipped_dyes(stains: Stains) -> dict[int, Fluorochrome]:
    """The project's dye of each stain, by index; stains without one are missing."""
    dyes = {key: dye for _, _, group in files() for dye in group for key in spellings(dye)}
    found = {}
    for index, name in enumerate(stains.names):
        long = next((full + name[3:] for short, full in ABBREVIATIONS.items() if name.startswith(short)), name)
        if folded(long) in dyes:
            found[index] = dyes[folded(long)]
    return found


def predictions(stains: Stains, folder: Path) -> dict[str, tuple[Terms, list[int]]]:
    """Kinds of prediction, with the stains that each can predict."""
    cytometer = shipped_cytometer("aurora-5l")
    path = [detector.path for detector in cytometer.detector]
    table = read_table(folder / "physics/aurora5l_detector_noise_fit.csv", "detector", "units_per_effective_pe")
    gain = np.array([table[detector.name] for detector in cytometer.detector])
    dyes = shipped_dyes(stains)
    shape = next(dye for _, _, group in files() for dye in group if dye.use == "autofluorescence")
    computed = np.zeros_like(stains.spectra)
    computed[:, list(dyes)] = signature_matrix(cytometer, list(dyes.values()))
    library = read_libraries(folder)["Luciernaga_CytekReferenceLibrary5L"]
    foreign = {index: found for index, dye in dyes.items() if (found := library.find(dye)) is not None}
    other = np.zeros_like(stains.spectra)
    other[:, list(foreign)] = np.array(list(foreign.values())).T

    def kind(signatures: Array, af: Array, units: Array | float, lasers: bool) -> Terms:
        def terms(entry: Entries) -> list[Array]:
            mixing = np.column_stack((signatures[:, entry.panel], af))
            mixing = mixing / mixing.max(axis=0)
            size, signal = entry.panel.size, np.append(entry.signal, 0.0)
            photon = spreading_matrix(mixing, units)[:size, :size] ** 2
            if not lasers:
                return [photon]
            both = spreading_matrix(mixing, units, signal=signal, laser_cv=1.0, laser=path)[:size, :size] ** 2
            return [photon, both - photon]

        return terms

    def cosine(entry: Entries) -> list[Array]:
        unit = np.clip(stains.spectra[:, entry.panel], 0, None)
        unit = unit / np.linalg.norm(unit, axis=0)
        return [(unit.T @ unit) ** 2]

    everyone, known = list(range(len(stains.names))), sorted(dyes)
    own = autofluorescence_pe(cytometer, shape)
    return {
        "cosine": (cosine, everyone),
        "measured signatures, photons": (kind(stains.spectra, stains.af, 1.0, False), everyone),
        "measured signatures, photons and lasers": (kind(stains.spectra, stains.af, 1.0, True), everyone),
        "the same, units per pe by detector": (kind(stains.spectra, stains.af, gain, True), everyone),
        "signatures of another Aurora, photons and lasers": (kind(other, stains.af, 1.0, True), sorted(foreign)),
        "computed signatures, photons": (kind(computed, own, 1.0, False), known),
        "computed signatures, photons and lasers": (kind(computed, own, 1.0, True), known),
        "the same, units per pe by detector ": (kind(computed, own, gain, True), known),
    }


def main(folder: Path) -> None:
    """Print the table."""
    stains = Stains.read(folder)
    for name, (terms, allowed) in predictions(stains, folder).items():
        order = np.random.default_rng(HALVES_SEED).permutation(allowed)
        halves = np.array_split(order, 2)
        training = [measure(stains, p) for size in SIZES for p in random_panels(stains, size, FIT_SEED, allowed)]
        factors = [fitted(terms, training, half) for half in halves]
        fit = "; ".join(" ".join(f"{value:.3g}" for value in factor) for factor in factors)
        sys.stdout.write(f"{name}: {len(allowed)} stains, factors {fit}\n")
        for size in SIZES:
            entries = [measure(stains, panel) for panel in random_panels(stains, size, TEST_SEED, allowed)]
            sys.stdout.write(f"  {size:2d} dyes  {agreement(terms, entries, factors, halves)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
