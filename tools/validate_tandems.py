"""Donor light of tandems on cells against a library of the maker: python tools/validate_tandems.py FOLDER.

For each tandem whose donor can be told apart, among the single stains of an Aurora 5L (anti-CD4, DavidRach/USERM),
prints the light that its donor keeps, relative to the acceptor's, at the laser that shows it best: on the cells and in
the library to which the dye was fitted. The difference is also given as the share of the tandem that would have to be
broken, its antibodies shining like the donor alone. The last lines give quantiles over the tandems.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from fit_fluorochromes import ABBREVIATIONS, FIT_LIBRARY
from fit_tandems import leaks, shape_of
from optics_reference import Array, folded, read_libraries, shipped_cytometer, spellings

from panelopt import registry
from panelopt.domain.reagents import DONOR, Fluorochrome
from panelopt.optics.emission_fit import InstrumentOptics
from panelopt.optics.signatures import signature_matrix

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
VISIBLE = 0.005  # donors that keep less in both are left out of the ratios


def read_cells(folder: Path, optics: InstrumentOptics) -> dict[str, Array]:
    """Peak-normalised signatures on cells by folded dye name, detectors in the order of the cytometer."""
    with np.load(folder / "physics/aurora5l_scc_moments.npz") as data:
        names = [str(name) for name in data["fluor"]]
        detectors = [str(name).removesuffix("-A") for name in data["detector"]]
        light = np.clip(data["spectra"], 0.0, None)
    rows = [detectors.index(detector.name) for detector in optics.cytometer.detector]
    long = [next((full + n[3:] for short, full in ABBREVIATIONS.items() if n.startswith(short)), n) for n in names]
    return {folded(name): light[rows, i] / light[:, i].max() for i, name in enumerate(long)}


def kept(optics: InstrumentOptics, signature: Array, dye: Fluorochrome, donor: Fluorochrome) -> float | None:
    """Donor light over acceptor light at the laser that shows the donor best; None if no laser shows both."""
    own = dye.model_copy(update={"emission": tuple(p for p in dye.emission if p.origin != DONOR), "donor_leak": {}})
    found = leaks(optics, signature, shape_of(own), shape_of(donor))
    return None if not found else max(found.values(), key=lambda pair: pair[1])[0]


def broken_share(optics: InstrumentOptics, dye: Fluorochrome, donor: Fluorochrome, excess: float) -> float:
    """Broken share b that adds ``excess`` of the acceptor's light: ``excess = b / (1 - b) x donor / acceptor``."""
    light = signature_matrix(optics.cytometer, [donor, dye])
    bright = [float(max(light[rows, i].sum() for rows in optics.blocks.values())) for i in (0, 1)]
    odds = max(excess, 0.0) * bright[1] / bright[0]
    return odds / (1 + odds)


def main(folder: Path) -> None:
    """Print one line for each tandem, and quantiles."""
    optics = InstrumentOptics.of(shipped_cytometer("aurora-5l"))
    cells, library = read_cells(folder, optics), read_libraries(folder)[FIT_LIBRARY]
    dyes = {dye.name: dye for dye in registry.fluorochromes()}
    ratios, shares = [], []
    for dye in dyes.values():
        on_cells = next((cells[key] for key in spellings(dye) if key in cells), None)
        in_library = library.find(dye)
        if on_cells is None or in_library is None or not dye.donor_leak:
            continue
        one, two = (kept(optics, signature, dye, dyes[dye.donor]) for signature in (on_cells, in_library))
        if one is None or two is None or max(one, two) < VISIBLE:
            continue
        share = broken_share(optics, dye, dyes[dye.donor], one - two)
        ratios.append(max(one, VISIBLE) / max(two, VISIBLE))
        shares.append(share)
        sys.stdout.write(f"{dye.name:16s} cells {one:.3f}  library {two:.3f}  broken {share:.1%}\n")
    for text, values in (("cells / library", ratios), ("broken share", shares)):
        quantiles = "  ".join(
            f"{q:.0%} {v:.3f}" for q, v in zip(QUANTILES, np.quantile(values, QUANTILES), strict=True)
        )
        sys.stdout.write(f"{len(values)} tandems, {text}: {quantiles}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
