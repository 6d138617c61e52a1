"""Every shipped cytometer: readable, physically sensible, sourced."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from pathlib import Path

import pytest

from panelopt.domain.cytometer_record import Cytometer
from panelopt.io.cytometer_files import cytometer_toml, read_cytometer
from panelopt.optics.noise import detector_noise
from panelopt.registry.data_places import CATALOG_DATA, data_folder

FOLDER = data_folder(CATALOG_DATA, "cytometers")
DOCS = Path(__file__).parents[2] / "docs" / "cytometers.md"
FILES = sorted(FOLDER.glob("*.toml"))
REFERENCE = Path(os.environ.get("PANELOPT_REFERENCE", Path(__file__).parents[2] / "../shared/reference"))

SORTERS = {
    "aria-fusion", "aria-ii", "aria-iii", "aria-iii-4l", "aurora-cs", "bigfoot", "cytoflex-srt", "discover-s8",
    "facsjazz", "facsmelody", "facsmelody-bvr", "facsmelody-bvyg", "generic-3l", "generic-4l", "influx", "moflo-xdp",
    "sh800", "symphony-s6",
}  # fmt: skip
ANALYSERS = {
    "fortessa", "lsr-ii", "symphony-a5", "cytoflex-lx", "attune-nxt", "aurora-3l", "aurora-5l", "macsquant", "ze5",
    "celesta", "canto-ii",
}  # fmt: skip


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def cytometer(request) -> Cytometer:
    return read_cytometer(request.param)


def test_the_promised_names_are_there():
    kinds = {path.stem: read_cytometer(path).sorter for path in FILES}
    assert len(kinds) >= 30
    assert {name for name in SORTERS if kinds.get(name) is True} == SORTERS
    assert {name for name in ANALYSERS if kinds.get(name) is False} == ANALYSERS
    assert sum(kinds.values()) >= 12


def test_file_name_is_the_id_and_text_is_stable(cytometer):
    path = FOLDER / f"{cytometer.id}.toml"
    assert cytometer_toml(cytometer) == path.read_text(encoding="utf-8")


def test_sources_and_names_are_stated(cytometer):
    assert len(cytometer.source) >= 10
    assert cytometer.maker
    count = f"{len(cytometer.detector)} detectors"
    assert count in cytometer.name or cytometer.id.startswith("sh800")


def test_bands_are_sensible(cytometer):
    for detector in cytometer.detector:
        assert detector.low_nm >= 300, detector.name
        assert detector.high_nm <= 900, detector.name
        assert detector.low_nm >= detector.laser_nm, f"{detector.name} holds or lies blue of its own laser line"


def test_detectors_of_a_path_are_sorted_and_differ(cytometer):
    by_path = defaultdict(list)
    for detector in cytometer.detector:
        by_path[detector.path].append(detector.centre_nm)
    for path, centres in by_path.items():
        assert centres == sorted(centres), path
    bands = [(detector.path, detector.low_nm, detector.high_nm) for detector in cytometer.detector]
    assert len(set(bands)) == len(bands)


def test_every_laser_has_a_detector(cytometer):
    seen = {detector.path for detector in cytometer.detector}
    assert {laser.path for laser in cytometer.laser} == seen


def test_spectral_instruments_have_many_detectors(cytometer):
    assert (len(cytometer.detector) >= 30) == (cytometer.unmixing == "spectral")


def test_noise_resolves(cytometer):
    assert detector_noise(cytometer).excess.shape == (len(cytometer.detector),)


def test_collinear_lasers_share_a_path():
    cytometer = read_cytometer(FOLDER / "sh800.toml")
    assert len(cytometer.laser) == 4
    assert {laser.path for laser in cytometer.laser} == {"all"}


@pytest.mark.parametrize("name", ["generic-3l", "generic-4l"])
def test_generic_sorters_say_so_and_have_only_bands_of_real_ones(name):
    generic = read_cytometer(FOLDER / f"{name}.toml")
    real = [other for path in FILES if (other := read_cytometer(path)).sorter and other.maker != "generic"]
    bands = {(d.path, d.centre_nm, d.width_nm) for other in real for d in other.detector}
    assert {(d.path, d.centre_nm, d.width_nm) for d in generic.detector} <= bands
    assert generic.name.startswith("Generic")
    assert "No real instrument" in generic.note
    assert not any(laser.power_mw for laser in generic.laser)


@pytest.mark.parametrize(
    ("name", "lender"),
    [("cytoflex-srt", "cytoflex-lx"), ("northern-lights", "aurora-3l"), ("discover-a8", "discover-s8")],
)
def test_borrowed_bands_are_the_lenders_and_said_to_be_assumed(name, lender):
    borrower, owner = (read_cytometer(FOLDER / f"{each}.toml") for each in (name, lender))
    assert set(borrower.detector) <= set(owner.detector)
    assert "Assumed" in borrower.note
    assert lender in borrower.source


def test_documented():
    text = DOCS.read_text(encoding="utf-8")
    assert [path.stem for path in FILES if f"`{path.stem}`" not in text] == []


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "file"),
    [("aurora-5l", "AutoSpectral_Aurora.csv"), ("symphony-a5", "AutoSpectral_Symphony.csv")],
)
def test_detector_names_are_those_of_exported_data(name, file):
    path = REFERENCE / "signatures" / file
    if not path.exists():
        pytest.skip("no reference data; set PANELOPT_REFERENCE")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        header = next(csv.reader(handle))[1:]
    cytometer = read_cytometer(FOLDER / f"{name}.toml")
    assert [detector.name for detector in cytometer.detector] == [channel.removesuffix("-A") for channel in header]
