"""Dyes that are known by a measured signature alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from panelopt import api, registry
from panelopt.domain.reagents import Catalog, Conjugate, Fluorochrome
from panelopt.errors import InputError
from panelopt.io.fluorochrome_files import fluorochromes_toml, read_fluorochromes
from panelopt.io.panel_csv import PanelRow
from panelopt.io.signature_files import signatures_toml
from panelopt.optics.measured import MeasuredSignature, SignatureSet
from panelopt.optics.signatures import signature_matrix
from panelopt.questions.panel_rows import slots_of
from panelopt.questions.question import compiled
from panelopt.report.listings import dye_text, dyes_text
from panelopt.scoring import check_panel

NOVEL = Fluorochrome(name="NovelRed 720", aliases=("NR720",), family="Own", kind="small_molecule")
AURORA = registry.find_cytometer("aurora-5l")


@pytest.fixture
def declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Declare the dye; return its file."""
    path = tmp_path / "dyes.toml"
    path.write_text(fluorochromes_toml([NOVEL], "Own"))
    monkeypatch.setenv("PANELOPT_FLUOROCHROMES", str(path))
    return path


def signature_file(folder: Path, brightness: float | None) -> str:
    """Write a signature of light in two detectors."""
    values = tuple(float(i in (20, 21)) for i in range(len(AURORA.detector)))
    entry = MeasuredSignature(fluorochrome="NR720", values=values, photoelectrons_per_antibody=brightness)
    names = tuple(detector.name for detector in AURORA.detector)
    path = folder / "signatures.toml"
    path.write_text(signatures_toml(SignatureSet(cytometer=AURORA.id, detector=names, signature=(entry,))))
    return str(path)


def question(*signatures: str) -> api.Question:
    """Return a shipped question with a product of the dye added."""
    found = api.load("bm-cd271-cd146", cytometer=AURORA.id, signatures=signatures)
    product = Conjugate(marker="CD146", fluorochrome=NOVEL.name, vendor="own", catalog_number="1", source="own")
    return replace(found, catalogs=(*found.catalogs, Catalog(name="own", conjugates=(product,))))


OPTIONS = api.Options(allow_unverified=True)


def test_a_declared_dye_has_the_light_that_was_measured(declared: Path, tmp_path: Path) -> None:
    instance = compiled(question(signature_file(tmp_path, 0.8)), OPTIONS).instance
    column = instance.signal[:, instance.dye.index(NOVEL.name)]
    assert np.flatnonzero(column).tolist() == [20, 21]
    assert column.sum() == pytest.approx(0.8)
    assert instance.available[instance.marker.index("CD146"), instance.dye.index(NOVEL.name)]


def test_without_a_signature_its_products_are_left_out_and_named(declared: Path) -> None:
    found = compiled(question(), OPTIONS)
    assert not found.instance.available[:, found.instance.dye.index(NOVEL.name)].any()
    (remark,) = (remark for remark in found.remarks if remark.code == "no-signature")
    assert NOVEL.name in remark.message


def test_its_brightness_must_be_measured_too(declared: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="brightness"):
        compiled(question(signature_file(tmp_path, None)), OPTIONS)


def test_file_and_texts(declared: Path) -> None:
    assert read_fluorochromes(declared) == (NOVEL,)
    assert "signature only" in dyes_text([(NOVEL, "")])
    assert "--signatures" in dye_text(NOVEL)


def test_other_dyes_keep_their_light_beside_it() -> None:
    dyes = registry.fluorochromes()[:3]
    light = signature_matrix(AURORA, [dyes[0], NOVEL, *dyes[1:]])
    assert not light[:, 1].any()
    assert (light[:, [0, 2, 3]] == signature_matrix(AURORA, dyes)).all()


@pytest.mark.parametrize("part", [{"excitation": {488: 1.0}}, {"use": "fixable_viability"}])
def test_half_known_optics_are_refused(part: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="missing"):
        Fluorochrome.model_validate({**NOVEL.model_dump(), **part})


def test_a_panel_with_a_dye_of_no_light_is_scored_as_breaking_rules(declared: Path) -> None:
    instance = compiled(question(), OPTIONS, given=[("CD146", NOVEL.name)]).instance
    (slot,) = slots_of(instance, [PanelRow("CD146", NOVEL.name)])
    assert slot.dye == instance.dye.index(NOVEL.name)
    assert any(NOVEL.name in found.message for found in check_panel(instance, [slot]))
