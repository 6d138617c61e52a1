"""The shipped fluorochromes as a whole."""

from __future__ import annotations

import pytest

from panelopt import registry
from panelopt.domain.reagents import DONOR, Fluorochrome
from panelopt.instance.compile import VIABILITY_USES
from panelopt.instance.populations import DEAD_VIABILITY
from panelopt.io.fluorochrome_files import read_fluorochromes
from panelopt.optics.signatures import autofluorescence_pe, signature_matrix
from panelopt.optics.spectra import emission_density
from panelopt.registry.data_places import CATALOG_DATA, data_folder

LINES_NM = {320, 349, 355, 375, 405, 445, 488, 505, 532, 552, 561, 594, 633, 637, 640, 685, 785, 808}
SPELLINGS = {
    "PE/Cyanine7": "PE-Cy7",
    "PECy7": "PE-Cy7",
    "Brilliant Violet 421": "BV421",
    "Brilliant Ultraviolet 737": "BUV737",
    "AF488": "Alexa Fluor 488",
    "ECD": "PE-Texas Red",
    "APC/Fire 750": "APC-Fire 750",
    "PerCP/Cyanine5.5": "PerCP-Cy5.5",
    "7AAD": "7-AAD",
    "PI": "Propidium Iodide",
    "RealBlue 744": "RB744",
    "Fixable Viability Stain 700": "FVS700",
}
# emission maxima in nm as their makers and textbooks state them
MAXIMA_NM = {
    "FITC": 519, "PE": 578, "APC": 660, "BV421": 421, "BV510": 510, "PE-Cy7": 779, "PE-CF594": 612,
    "Alexa Fluor 647": 668, "BUV395": 395, "BV711": 711, "PerCP-Cy5.5": 695, "7-AAD": 647, "BB515": 515,
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> dict[str, Fluorochrome]:
    files = sorted(data_folder(CATALOG_DATA, "fluorochromes").glob("*.toml"))
    dyes = [dye for path in files for dye in read_fluorochromes(path)]
    assert len({dye.name for dye in dyes}) == len(dyes)
    return {dye.name: dye for dye in dyes}


def test_there_are_enough_dyes_for_every_use(shipped: dict[str, Fluorochrome]) -> None:
    uses = [dye.use for dye in shipped.values()]
    assert uses.count("antibody") >= 180
    assert uses.count("live_viability") >= 10
    assert uses.count("fixable_viability") >= 20
    assert uses.count("autofluorescence") == 1
    assert shipped["Autofluorescence"].kind == "endogenous"


def test_no_spelling_stands_for_two_dyes(shipped: dict[str, Fluorochrome]) -> None:
    owner: dict[str, str] = {}
    for dye in shipped.values():
        for spelling in (dye.name, *dye.aliases):
            key = "".join(character for character in spelling.casefold() if character.isalnum())
            assert owner.setdefault(key, dye.name) == dye.name, spelling


@pytest.mark.parametrize(("spelling", "name"), SPELLINGS.items())
def test_usual_spellings_are_known(shipped: dict[str, Fluorochrome], spelling: str, name: str) -> None:
    assert spelling in shipped[name].aliases


@pytest.mark.parametrize(("name", "peak_nm"), MAXIMA_NM.items())
def test_emission_maximum_is_where_the_maker_states_it(
    shipped: dict[str, Fluorochrome], name: str, peak_nm: float
) -> None:
    wavelength = list(range(350, 900))
    density = emission_density(shipped[name], wavelength)
    assert wavelength[density.argmax()] == pytest.approx(peak_nm, abs=12)


def test_every_dye_is_complete(shipped: dict[str, Fluorochrome]) -> None:
    for dye in shipped.values():
        assert set(dye.excitation) == LINES_NM, dye.name
        assert 0.2 <= max(dye.excitation.values()) <= 1.0, dye.name
        assert dye.sources, dye.name
        assert dye.brightness.source, dye.name
        own = [peak for peak in dye.emission if peak.origin != DONOR]
        assert len(own) <= 4, dye.name
        assert sum(peak.weight for peak in own) == pytest.approx(1, abs=0.03), dye.name
        assert dye.is_tandem or not (dye.donor or dye.acceptor), dye.name


def test_donors_are_dyes_themselves(shipped: dict[str, Fluorochrome]) -> None:
    for dye in shipped.values():
        assert not dye.donor or dye.donor in shipped, dye.name


def test_a_tandem_leaks_the_spectrum_of_its_donor(shipped: dict[str, Fluorochrome]) -> None:
    leaking = 0
    for dye in shipped.values():
        kept = [peak for peak in dye.emission if peak.origin == DONOR]
        if not kept:
            continue
        leaking += 1
        shape = {(peak.peak_nm, peak.left_nm, peak.right_nm) for peak in shipped[dye.donor].emission}
        assert {(peak.peak_nm, peak.left_nm, peak.right_nm) for peak in kept} <= shape, dye.name
        # at the laser that shows it best, the donor keeps what the weights say
        assert max(dye.donor_leak.values()) >= 1, dye.name
    assert leaking >= 40


def test_measured_brightness_leaves_out_unreliable_conjugates(shipped: dict[str, Fluorochrome]) -> None:
    measured = {name for name, dye in shipped.items() if dye.brightness.origin == "measured"}
    assert len(measured) >= 50
    assert not measured & {"BV480", "BV605", "cFluor V610", "LIVE/DEAD Fixable Blue"}
    assert shipped["PE"].brightness.photoelectrons_per_antibody > shipped["FITC"].brightness.photoelectrons_per_antibody


def test_autofluorescence_is_blue_green(shipped: dict[str, Fluorochrome]) -> None:
    shape = shipped["Autofluorescence"]
    assert max(shape.excitation, key=lambda line: shape.excitation[line]) <= 500
    wavelength = list(range(350, 900))
    assert 440 <= wavelength[emission_density(shape, wavelength).argmax()] <= 560


def test_viability_dyes_give_a_dead_cell_a_hundred_times_the_light_of_an_unstained_one(
    shipped: dict[str, Fluorochrome],
) -> None:
    """250,000 equivalents of 0.2 pe against 500 pe of a lymphocyte, each in its best detector of an Aurora 5L."""
    machine = registry.find_cytometer("aurora-5l")
    dyes = [dye for dye in shipped.values() if dye.use in VIABILITY_USES]
    assert len(dyes) >= 60
    signal = signature_matrix(machine, dyes).max(axis=0)
    contrast = signal * DEAD_VIABILITY.abc / autofluorescence_pe(machine, registry.autofluorescence()).max()
    for dye, light, ratio in zip(dyes, signal, contrast, strict=True):
        assert light == pytest.approx(0.2, rel=0.005), dye.name  # amplitudes are shipped with three digits
        assert ratio == pytest.approx(100, rel=0.005), dye.name
        assert dye.brightness.origin == "model", dye.name
        assert "100 times the light of an unstained lymphocyte" in dye.brightness.source, dye.name


def test_no_shipped_instrument_sees_a_viability_dye_far_brighter_than_the_reference(
    shipped: dict[str, Fluorochrome],
) -> None:
    dyes = [dye for dye in shipped.values() if dye.use in VIABILITY_USES]
    best = [signature_matrix(registry.find_cytometer(name), dyes).max() for name in sorted(registry.cytometer_names())]
    assert max(best) < 3 * 0.2
