"""Fit of tandems: emission of the acceptor, and the light that the donor keeps at each laser.

The donor emits with its own spectrum whatever it is coupled to, so that only its share is fitted. It is smaller where
the laser excites the acceptor itself, hence one share for each laser.
"""

from __future__ import annotations

import numpy as np
from optics_reference import Array

from panelopt.domain.reagents import DONOR, EmissionPeak, Fluorochrome
from panelopt.optics.emission_fit import (
    BLIND,
    InstrumentOptics,
    Peaks,
    fit_emission,
    misfit,
    rounded_peaks,
    two_strengths,
)

MOST_PEAKS = 3  # Gaussians of the acceptor; one more where the donor is not fitted
APART_NM = 45.0  # emission maxima that lie closer can be told apart only by a published spectrum
FAINT = 0.02  # a laser that gives less of the light says nothing about the donor
MOST_LEAK = 10.0  # donor light at one laser relative to that at the laser which shows it best
LEAST_SHARE = 0.002  # a donor that keeps less is left out


def shape_of(dye: Fluorochrome) -> Peaks:
    """Emission of a dye, of weight 1."""
    values = np.array([[p.peak_nm, p.left_nm, p.right_nm, p.weight] for p in dye.emission]).T
    return Peaks(values[0], values[1], values[2], values[3] / values[3].sum())


def fit_tandem(
    dye: Fluorochrome, donor: Fluorochrome, optics: InstrumentOptics, signature: Array | None, spectrum: Array | None
) -> Fluorochrome:
    """The dye with its acceptor's emission and its donor's, as signature and spectrum show them.

    Where donor and acceptor emit close to each other and there is no spectrum, or where the donor does not lower the
    misfit, the emission is fitted as that of a single dye.
    """
    leaking = shape_of(donor)
    acceptor = fit_emission(optics, signature, spectrum, MOST_PEAKS, donor=leaking)
    alone = fit_emission(optics, signature, spectrum, MOST_PEAKS + 1)
    costs = (misfit(alone, optics, signature, spectrum, None), misfit(acceptor, optics, signature, spectrum, leaking))
    own_nm = float(acceptor.centre[np.argmax(acceptor.weight)])
    merged = spectrum is None and own_nm - donor.peak_nm < APART_NM
    if merged or costs[0] <= costs[1]:
        return dye.model_copy(update={"emission": rounded_peaks(alone), "donor_leak": {}})
    shares = {} if signature is None else leaks(optics, signature, acceptor, leaking)
    own = rounded_peaks(acceptor)
    if not shares:
        return dye.model_copy(update={"emission": own, "donor_leak": {}})
    reference = max(shares, key=lambda line: shares[line][1])
    share = shares[reference][0]
    if share < LEAST_SHARE:
        return dye.model_copy(update={"emission": own, "donor_leak": {}})
    factors = {line: round(min(value / share, MOST_LEAK), 2) for line, (value, _) in sorted(shares.items())}
    return dye.model_copy(update={"emission": (*own, *donor_peaks(donor, share)), "donor_leak": factors})


def leaks(optics: InstrumentOptics, signature: Array, acceptor: Peaks, donor: Peaks) -> dict[int, tuple[float, float]]:
    """Donor light relative to the acceptor's, and the donor's part of the signature, by laser that shows both."""
    total = acceptor.weight.sum()
    own, kept = (optics.light(shape.below(optics.edges)) for shape in (acceptor, donor))
    result = {}
    for line, rows in optics.blocks.items():
        if signature[rows].sum() < FAINT * signature.sum() or kept[rows].sum() < BLIND * optics.detected.max():
            continue
        first, second = two_strengths(own[rows] / total, kept[rows], signature[rows])
        if first > 0:
            result[line] = second / first, float(second * kept[rows].sum())
    return result


BETTER = 0.98  # a new fit replaces the shipped emission if its squared misfit is below this share of the shipped one's


def kept_or_new(
    shipped: Fluorochrome,
    new: Fluorochrome,
    donor: Fluorochrome | None,
    optics: InstrumentOptics,
    signature: Array | None,
    spectrum: Array | None,
) -> Fluorochrome:
    """The new fit, or the shipped one where that fits better: a fit may end in a local minimum.

    A shipped tandem keeps as much donor light as before, with the spectrum that its donor has now.
    """

    def cost(dye: Fluorochrome) -> float:
        own = tuple(peak for peak in dye.emission if peak.origin != DONOR)
        leaking = shape_of(donor) if donor is not None and len(own) < len(dye.emission) else None
        return misfit(shape_of(dye.model_copy(update={"emission": own})), optics, signature, spectrum, leaking)

    if BETTER * cost(new) <= cost(shipped):
        return new
    own = tuple(peak for peak in shipped.emission if peak.origin != DONOR)
    share = sum(peak.weight for peak in shipped.emission if peak.origin == DONOR)
    kept = () if donor is None else donor_peaks(donor, share)
    return shipped.model_copy(update={"emission": (*own, *kept)})


def donor_peaks(donor: Fluorochrome, share: float) -> tuple[EmissionPeak, ...]:
    """The donor's spectrum as peaks of origin ``donor``, of that weight together."""
    total = sum(peak.weight for peak in donor.emission)
    kept = (
        peak.model_copy(update={"weight": round(share * peak.weight / total, 4), "origin": DONOR})
        for peak in donor.emission
    )
    return tuple(peak for peak in kept if peak.weight > 0)
