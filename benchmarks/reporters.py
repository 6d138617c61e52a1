"""How often simulated annealing misses the proven choice of reporters, and how long the proof takes.

Annealing as in P. Vaidyanathan et al., "Algorithms for the selection of fluorescent reporters", Communications Biology
4:118 (2021), doi:10.1038/s42003-020-01599-5, and its published program: a run is the best of 50 chains; a chain cools
from 10000 by 0.1 % a step until 1, exchanges a dye or a detector, keeps every improvement in the order of objectives,
and anything else with probability 1 / (1 + exp(-gain of summed signal / temperature)). The code here is our own.

Needs the reference data (folder named by PANELOPT_REFERENCE): spectra of 202 dyes without brightness, and two
instruments. Brightness is that of the shipped dye of the same name; dyes without one are left out.
"""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path

import click
import numpy as np

from benchmarks.rows import table
from panelopt import registry
from panelopt.instance.arrays import FloatArray
from panelopt.io.cytometer_files import import_cytometer
from panelopt.io.spectra_csv import read_spectra
from panelopt.reporters.reporter_question import Curves, ReporterInstance, curve_signals
from panelopt.reporters.reporter_search import ReporterSearch
from panelopt.reporters.worth import BLEED_LIMIT
from panelopt.solver.machine import available_cores
from panelopt.solver.outcome import SearchSettings

CYTOMETERS = {"fortessa": "facsdiva_export_fortessa.csv", "cytoflex": "facsdiva_layout_cytoflex.csv"}
HOT, RATE, CHAINS = 10_000.0, 0.001, 50
BRIGHTEST = 100.0
"""Model value: signal of the brightest pair, since the chance of a step down depends on the unit; published signals are
percent of a curve's maximum times the brightness of fluorescent proteins, of the order of tens to thousands."""


def reference_folder() -> Path:
    """Return the folder of the reference data.

    Raises:
        click.ClickException: if it is not named or not there.
    """
    named = os.environ.get("PANELOPT_REFERENCE", "")
    if not named or not Path(named).is_dir():
        raise click.ClickException("name the folder of the reference data with PANELOPT_REFERENCE")
    return Path(named)


@cache
def library(folder: Path) -> tuple[Curves, ...]:
    """Return the dyes whose brightness is known, by name."""
    shipped = {dye.name: dye.brightness.photoelectrons_per_antibody for dye in registry.fluorochromes()}
    curves = []
    for spectrum in read_spectra(folder / "spectra" / "spectra_flow_tidy.csv"):
        known = shipped.get(registry.fluorochrome_names().resolve(spectrum.name) or "")
        if spectrum.excitation is not None and spectrum.emission is not None and known is not None:
            curves.append(Curves(spectrum.name, known, spectrum.excitation, spectrum.emission))
    return tuple(sorted(curves, key=lambda curve: curve.name))


def instance(folder: Path, cytometer: str, colours: int, dyes: int | None, draw: int) -> ReporterInstance:
    """Return a question: all dyes of known brightness, or some that are drawn from them."""
    instrument = import_cytometer(folder / "instruments" / CYTOMETERS[cytometer])
    curves = list(library(folder))
    if dyes is not None:
        chosen = np.random.default_rng(draw).choice(len(curves), dyes, replace=False)
        curves = [curves[i] for i in sorted(chosen)]
    detectors = tuple(detector.name for detector in instrument.detector)
    return ReporterInstance(tuple(c.name for c in curves), detectors, curve_signals(instrument, curves), colours)


class Chains:
    """Many chains of annealing that step together.

    Args:
        question: The question.
        count: Chains.
        seed: Of all random choices.
    """

    def __init__(self, question: ReporterInstance, count: int, seed: int) -> None:
        self.light: FloatArray = question.signal * (BRIGHTEST / question.signal.max())
        self.random = np.random.default_rng(seed)
        dyes, detectors = self.light.shape
        self.dye = self.random.random((count, dyes)).argsort(axis=1)
        self.detector = self.random.random((count, detectors)).argsort(axis=1)
        self.colours = question.colours

    def values(self, dye: FloatArray, detector: FloatArray) -> FloatArray:
        """Return (count, 5): the four levels, larger is better, and the summed signal."""
        n = self.colours
        light = self.light[dye[:, :n, None], detector[:, None, :n]]
        signal = np.diagonal(light, axis1=1, axis2=2)
        bleed = light.sum(axis=1) - signal
        with np.errstate(divide="ignore"):
            mean = np.log(signal).sum(axis=1)
        dark, clean = (signal <= 0).sum(axis=1), (bleed < BLEED_LIMIT * signal).sum(axis=1)
        return np.stack((-dark, clean, mean, -bleed.sum(axis=1), signal.sum(axis=1)), axis=1)

    def run(self) -> tuple[FloatArray, FloatArray]:
        """Cool down; return the levels of each chain's best choice, (count, 4), and the time taken in s, (1,)."""
        began, rows = time.perf_counter(), np.arange(len(self.dye))
        now = self.values(self.dye, self.detector)
        best = now.copy()
        temperature = HOT
        while temperature > 1:
            dye, detector = self.dye.copy(), self.detector.copy()
            slot, is_dye = self.random.integers(self.colours, size=len(rows)), self.random.random(len(rows)) < 0.5
            # an exchange with a chosen one swaps the two, with another one replaces it
            for places, which in ((dye, is_dye), (detector, ~is_dye)):
                other, some = self.random.integers(places.shape[1], size=len(rows)), rows[which]
                kept = places[some, slot[which]].copy()
                places[some, slot[which]] = places[some, other[which]]
                places[some, other[which]] = kept
            new = self.values(dye, detector)
            better = _precedes(new, best)
            best[better] = new[better]
            chance = 1 / (1 + np.exp((now[:, 4] - new[:, 4]) / temperature))
            step = _precedes(new, now) | (self.random.random(len(rows)) <= chance)
            self.dye[step], self.detector[step], now[step] = dye[step], detector[step], new[step]
            temperature *= 1 - RATE
        return best[:, :4], np.array([time.perf_counter() - began])


def _precedes(one: FloatArray, other: FloatArray) -> np.ndarray:
    """Whether the levels of one choice come before those of another, row by row."""
    result = np.zeros(len(one), dtype=bool)
    for level in (3, 2, 1, 0):
        result = (one[:, level] > other[:, level]) | ((one[:, level] == other[:, level]) & result)
    return result


@click.command()
@click.option("--runs", type=click.IntRange(min=1), default=200, show_default=True, help="Runs of annealing.")
@click.option("--draws", type=click.IntRange(min=1), default=2, show_default=True, help="Draws of 12 dyes.")
@click.option("--large", is_flag=True, help="Also ten of all dyes (proof only).")
def reporters(runs: int, draws: int, large: bool) -> None:
    """Compare annealing with the proven choice: five of twelve dyes on two instruments."""
    folder, limits = reference_folder(), SearchSettings(time_limit_s=60.0, workers=available_cores())
    cases = [(name, 5, 12, draw) for name in CYTOMETERS for draw in range(draws)]
    cells = []
    for name, colours, dyes, draw in cases:
        question = instance(folder, name, colours, dyes, draw)
        outcome = ReporterSearch(question, limits).run()
        if outcome.score is None:
            raise click.ClickException(f"no choice for {name}")
        best, seconds = Chains(question, runs * CHAINS, draw).run()
        top = np.array([outcome.score.key[:2]])
        log = outcome.score.log_signal + colours * np.log(BRIGHTEST / question.signal.max())
        reached = (best[:, :2] == top).all(axis=1) & (best[:, 2] > log - 1e-6)
        missed = int((~reached.reshape(runs, CHAINS).any(axis=1)).sum())
        case = f"{name} {colours} of {dyes}, draw {draw}"
        cells.append((case, outcome.status, f"{outcome.wall_s:.2f}", str(missed), f"{seconds[0]:.0f}"))
    if large:
        for name in CYTOMETERS:
            question = instance(folder, name, 10, None, 0)
            outcome = ReporterSearch(question, limits).run()
            cells.append((f"{name} 10 of {len(question.dye)}", outcome.status, f"{outcome.wall_s:.2f}", "-", "-"))
    click.echo(table(("case", "status", "proof s", f"missed of {runs}", "all runs s"), cells))


if __name__ == "__main__":
    reporters()
