"""Signatures: the formula term by term, and measured libraries where they are at hand."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import pytest

from panelopt.domain.cytometer_record import Cytometer, Detector, Laser, Noise
from panelopt.domain.reagents import Brightness, EmissionPeak, Fluorochrome
from panelopt.errors import InputError
from panelopt.io.documents import read_toml, validate
from panelopt.io.fluorochrome_files import read_fluorochromes
from panelopt.optics.signatures import autofluorescence_pe, laser_power_mw, signature_matrix
from panelopt.optics.spectra import quantum_efficiency
from panelopt.registry.data_places import CATALOG_DATA, data_folder


def instrument(paths: tuple[str, str] = ("blue", "red"), power_mw: float | None = 50.0, **changes: object) -> Cytometer:
    blue, red = paths
    bands = (
        ("B530", blue, 488, 530, 30),
        ("B670", blue, 488, 670, 30),
        ("R670", red, 640, 670, 30),
        ("R630", red, 640, 630, 30),
    )
    return Cytometer.model_validate(
        {
            "id": "two-lasers",
            "name": "Two lasers",
            "source": "made up",
            "sorter": True,
            "unmixing": "spectral",
            "photodetector": "apd",
            "laser": [Laser(nm=488, power_mw=power_mw, path=blue), Laser(nm=640, power_mw=100, path=red)],
            "detector": [Detector(name=n, path=p, laser_nm=nm, centre_nm=c, width_nm=w) for n, p, nm, c, w in bands],
            **changes,
        }
    )


def dye(peak_nm: float, excitation: dict[int, float], bright: float = 2.0) -> Fluorochrome:
    return Fluorochrome(
        name=f"dye {peak_nm:g}",
        family="test",
        kind="small_molecule",
        excitation=excitation,
        emission=(EmissionPeak(peak_nm=peak_nm, left_nm=10, right_nm=20, weight=1),),
        brightness=Brightness(photoelectrons_per_antibody=bright, origin="model"),
    )


GREEN = dye(525, {488: 0.9, 640: 0.0})
TANDEM = dye(665, {488: 0.5, 640: 0.8})


def share_above_peak(low: float, high: float, peak: float, left: float, right: float) -> float:
    """Area between two edges on the red side of an asymmetric Gaussian, from its textbook integral."""
    half = right / (left + right)
    return half * (math.erf((high - peak) / right / math.sqrt(2)) - math.erf((low - peak) / right / math.sqrt(2)))


def test_one_entry_is_the_product_of_all_factors() -> None:
    cytometer = instrument()
    expected = (
        2.0 * (50 / 50) * 0.9 * (share_above_peak(525, 545, 525, 10, 20) + 10 / 30 * math.erf(10 / 10 / math.sqrt(2)))
    )
    value = signature_matrix(cytometer, [GREEN])[0, 0]
    # 525 nm lies between two pieces of the quantum efficiency; the emission on its blue side is the filter's edge
    assert value == pytest.approx(expected * quantum_efficiency("apd", 532), rel=0.01)


def test_each_laser_lights_only_its_own_path() -> None:
    apart = signature_matrix(instrument(), [TANDEM])[:, 0]
    assert apart[2] / apart[1] == pytest.approx(2 * 0.8 / 0.5)


def test_collinear_lasers_add_up_in_every_detector_of_the_path() -> None:
    apart = signature_matrix(instrument(), [TANDEM])[:, 0]
    together = signature_matrix(instrument(("one", "one")), [TANDEM])[:, 0]
    assert together[1] == pytest.approx(apart[1] + apart[2])
    assert together[1] == pytest.approx(together[2])


def test_nothing_is_seen_blue_of_the_exciting_line() -> None:
    # 615-645 nm: only the part above 645 nm could be excited at 640 nm, and the band ends there
    assert signature_matrix(instrument(), [TANDEM])[3, 0] == 0


def test_signal_scales_with_power_and_an_unknown_blue_laser_has_50_mw() -> None:
    half = signature_matrix(instrument(power_mw=25), [GREEN])
    full = signature_matrix(instrument(power_mw=None), [GREEN])
    assert full == pytest.approx(2 * half)


@pytest.mark.parametrize(("nm", "power_mw"), [(355, 35), (405, 100), (561, 50), (640, 70), (808, 60), (1200, 60)])
def test_unknown_powers_are_those_usual_for_the_line(nm: float, power_mw: float) -> None:
    assert laser_power_mw(Laser(nm=nm, path="p")) == power_mw
    assert laser_power_mw(Laser(nm=nm, path="p", power_mw=7)) == 7


def test_an_instrument_that_does_not_name_its_detectors_has_the_usual_ones() -> None:
    light = {
        (kind, unmixing): signature_matrix(instrument(photodetector=kind, unmixing=unmixing), [GREEN])[0, 0]
        for kind in ("", "apd", "pmt")
        for unmixing in ("spectral", "compensation")
    }
    assert light["", "spectral"] == light["apd", "spectral"] > light["pmt", "spectral"]
    assert light["", "compensation"] == light["pmt", "compensation"]


def test_no_dyes_no_columns() -> None:
    assert signature_matrix(instrument(), []).shape == (4, 0)


def test_autofluorescence_has_500_pe_in_its_strongest_detector() -> None:
    light = autofluorescence_pe(instrument(), GREEN)
    assert light.max() == pytest.approx(500)
    assert light.argmax() == 0


def test_a_number_sets_the_strongest_detector() -> None:
    light = autofluorescence_pe(instrument(noise=Noise(autofluorescence_pe=80.0)), GREEN)
    assert light.max() == pytest.approx(80)


def test_a_table_sets_single_detectors_and_scales_the_rest() -> None:
    plain = autofluorescence_pe(instrument(), TANDEM)
    light = autofluorescence_pe(instrument(noise=Noise(autofluorescence_pe={"B670": 10.0})), TANDEM)
    assert light[1] == 10
    assert light[2] == pytest.approx(10 * plain[2] / plain[1])


def test_a_table_with_an_unknown_detector_is_refused() -> None:
    with pytest.raises(InputError, match="X1"):
        autofluorescence_pe(instrument(noise=Noise(autofluorescence_pe={"X1": 10.0})), GREEN)


def test_a_shape_without_light_is_refused() -> None:
    with pytest.raises(InputError, match="no light"):
        autofluorescence_pe(instrument(), dye(420, {405: 1.0}))


def test_a_whole_library_takes_less_than_a_twentieth_of_a_second() -> None:
    bands = [Detector(name=f"D{i}", path="b", laser_nm=488, centre_nm=500 + 5 * i, width_nm=20) for i in range(64)]
    cytometer = instrument().model_copy(update={"laser": (Laser(nm=488, path="b"),), "detector": tuple(bands)})
    dyes = [TANDEM] * 180
    signature_matrix(cytometer, dyes)
    best = min(_seconds(cytometer, dyes) for _ in range(5))
    assert best < 0.05


def _seconds(cytometer: Cytometer, dyes: list[Fluorochrome]) -> float:
    start = time.process_time()
    signature_matrix(cytometer, dyes)
    return time.process_time() - start


def test_shipped_dyes_predict_a_measured_library_they_were_not_fitted_to(reference: Path) -> None:
    path = data_folder(CATALOG_DATA, "cytometers") / "aurora-5l.toml"
    cytometer = validate(Cytometer, read_toml(path), str(path))
    dyes = [d for f in sorted(data_folder(CATALOG_DATA, "fluorochromes").glob("*.toml")) for d in read_fluorochromes(f)]
    measured = _measured(reference / "signatures/AutoSpectral_Aurora.csv")
    cosines = []
    predicted = signature_matrix(cytometer, dyes)
    for column, shipped in enumerate(dyes):
        held_out = not any("AutoSpectral" in source for source in shipped.sources)
        signature = measured.get(shipped.name.replace(" ", "").casefold())
        if held_out and signature is not None:
            one = predicted[:, column]
            cosines.append(one @ signature / np.linalg.norm(one) / np.linalg.norm(signature))
    assert len(cosines) >= 80
    assert np.median(cosines) >= 0.97
    assert np.quantile(cosines, 0.1) >= 0.90


def _measured(path: Path) -> dict[str, np.ndarray]:
    rows = [line.split(",") for line in path.read_text(encoding="utf-8-sig").splitlines()[1:]]
    return {row[0].replace(" ", "").casefold(): np.clip(np.array(row[1:], dtype=float), 0, None) for row in rows}
