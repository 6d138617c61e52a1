"""Signature files: what is written reads back; what is no signature file is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from panelopt.errors import InputError
from panelopt.io.signature_files import read_signatures, signatures_toml
from panelopt.optics.measured import MeasuredSignature, SignatureSet

SET = SignatureSet(
    cytometer="aurora-5l",
    origin='a "library"',
    units_per_pe={"V1": 3.5, "V2": 8.0},
    detector=("V1", "V2"),
    signature=(
        MeasuredSignature(fluorochrome="BV421", values=(1.0, -0.00123456), photoelectrons_per_antibody=1.25),
        MeasuredSignature(fluorochrome="Pacific Blue", values=(0.4, 1.0), origin="one control"),
    ),
)


def test_read_write(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(signatures_toml(SET), encoding="utf-8")
    found = read_signatures(path)
    assert found == SET
    assert found.origin_of(found.signature[0]) == 'a "library"'
    assert found.origin_of(found.signature[1]) == "one control"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[1, -0.00123456]", '[1, "x"]'), "values"),
        (('cytometer = "aurora-5l"', ""), "cytometer"),
        (('kind = "signatures"', ""), "not a signature file"),
        (("schema_version = 1", "schema_version = 9"), "schema_version"),
        (("[1, -0.00123456]", "[1]"), "1 values, but 2 detectors"),
    ],
)
def test_faults(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    text = signatures_toml(SET)
    assert change[0] in text
    path = tmp_path / "s.toml"
    path.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_signatures(path)
    assert any(message in str(finding) for finding in caught.value.findings)


def test_a_library_is_referred_to_the_import(tmp_path: Path) -> None:
    path = tmp_path / "library.csv"
    path.write_text("dye,V1\nA,1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_signatures(path)
    assert "panelopt dye import library.csv" in caught.value.hint
