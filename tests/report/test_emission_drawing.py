"""Emission and signatures: every dye behind every laser, nothing below the laser line, peaks where they are."""

from __future__ import annotations

import re

import numpy as np
import pytest

from panelopt import registry
from panelopt.domain.panel_records import PanelSlot
from panelopt.optics.signatures import LASER_MARGIN_NM, signature_matrix
from panelopt.optics.spectra import emission_density, excitation_at
from panelopt.report.content import Optics
from panelopt.report.emission_drawing import FAINTEST, emission_drawing
from panelopt.report.signature_drawing import signature_drawing
from panelopt.report.wavelength_axis import rows_of, x_of
from tests import builders
from tests.report.svg import line, marks, parsed, texts, told

DYES = ("BV421", "PE", "APC", "PE-Cy7")


def optics(cytometer: str = "aurora-5l", dyes: tuple[str, ...] = DYES) -> Optics:
    found = registry.find_cytometer(cytometer)
    known = {dye.name: dye for dye in registry.fluorochromes()}
    chosen = tuple(known[name] for name in dyes)
    lasers = [laser.nm for laser in found.laser]
    return Optics(found, chosen, excitation_at(chosen, lasers), signature_matrix(found, chosen), None, None)


def panel(seen: Optics) -> tuple[PanelSlot, ...]:
    peaks = [seen.cytometer.detector[int(i)] for i in seen.light.argmax(axis=0)]
    slot = builders.result().panel[0]
    return tuple(
        slot.model_copy(update={"fluorochrome": dye.name, "detector": peak.name})
        for dye, peak in zip(seen.dyes, peaks, strict=True)
    )


def test_every_dye_is_drawn_behind_every_laser_that_excites_it() -> None:
    seen = optics()
    tree = parsed(emission_drawing(seen, panel(seen)))
    drawn = {tuple(told(curve).split(" laser")[0].rsplit(", ", 1)) for curve in marks(tree, "curve")}
    expected = set()
    nm = np.arange(300.0, 1001.0)
    for _, laser_nm in rows_of(seen.cytometer):
        line_index = [laser.nm for laser in seen.cytometer.laser].index(laser_nm)
        for index, dye in enumerate(seen.dyes):
            scale = seen.excitation[line_index, index] / emission_density(dye, nm).max()
            above = (nm >= laser_nm + LASER_MARGIN_NM) & (nm <= 900)
            if (scale * emission_density(dye, nm[above], laser_nm)).max() > FAINTEST:
                expected.add((dye.name, f"{laser_nm:g} nm"))
    assert drawn == expected
    assert len(drawn) > len(seen.dyes)
    own = [curve for curve in marks(tree, "curve") if curve.get("class") == "curve own"]
    assert len(own) == len(seen.dyes)


def test_nothing_is_drawn_below_the_laser_line() -> None:
    seen = optics()
    for curve in marks(parsed(emission_drawing(seen, panel(seen))), "curve"):
        laser_nm = float(re.findall(r"([\d.]+) nm laser", told(curve))[0])
        assert min(x for x, _ in line(curve)) >= x_of(laser_nm + LASER_MARGIN_NM) - 0.1


def test_peaks_say_where_they_are_and_how_high() -> None:
    seen = optics()
    for curve in marks(parsed(emission_drawing(seen, panel(seen))), "curve"):
        said = re.search(r"nm laser: (\d+) % of its maximum at (\d+) nm", told(curve))
        assert said is not None
        top, _ = min(line(curve), key=lambda point: point[1])
        assert top == pytest.approx(x_of(float(said[2])), abs=3)


def test_labels_say_how_well_a_laser_excites_a_dye() -> None:
    seen = optics()
    words = texts(parsed(emission_drawing(seen, panel(seen))))
    lasers = [laser.nm for laser in seen.cytometer.laser]
    for dye, nm in (("APC", 640.0), ("PE", 561.0), ("BV421", 405.0)):
        assert f"{dye} {100 * seen.excitation[lasers.index(nm), DYES.index(dye)]:.0f} %" in words
    # PE behind the blue laser is light that nobody asked for
    assert f"PE {100 * seen.excitation[lasers.index(488.0), DYES.index('PE')]:.0f} %" in words


def test_donors_of_tandems_emit_by_laser() -> None:
    nm = np.arange(300.0, 1001.0)
    tandem = next(dye for dye in registry.fluorochromes() if len(set(dye.donor_leak.values())) > 1)
    leaks = sorted(tandem.donor_leak.items(), key=lambda item: item[1])
    total = [emission_density(tandem, nm, float(line_nm)).sum() for line_nm, _ in leaks]
    assert total[0] < total[-1]
    plain = next(dye for dye in registry.fluorochromes() if dye.name == "PE")
    assert (emission_density(plain, nm, 488.0) == emission_density(plain, nm)).all()


def test_signatures_follow_the_light() -> None:
    seen = optics()
    tree = parsed(signature_drawing(seen))
    words = texts(tree)
    assert {detector.name for detector in seen.cytometer.detector} <= set(words)
    curves = marks(tree, "curve")
    assert [told(curve).split(":")[0] for curve in curves] == list(DYES)
    channels = [d.name for row in rows_of(seen.cytometer).values() for d in row]
    names = [d.name for d in seen.cytometer.detector]
    left = min(x for curve in curves for x, _ in line(curve))
    right = max(x for curve in curves for x, _ in line(curve))
    for index, curve in enumerate(curves):
        brightest = names[int(seen.light[:, index].argmax())]
        assert told(curve).startswith(f"{DYES[index]}: {brightest} 100.0 %")
        top = min(line(curve), key=lambda point: point[1])[0]
        place = channels.index(brightest)
        assert top == pytest.approx(left + (right - left) * place / len(channels), abs=0.2)


def test_dyes_without_light_have_an_empty_row() -> None:
    seen = optics()
    dark = Optics(seen.cytometer, seen.dyes, seen.excitation, 0 * seen.light, None, None)
    assert len(marks(parsed(signature_drawing(dark)), "curve")) == len(DYES)
