"""Certificates as files: bit by bit, the same bytes for the same content, and safe with hostile ones."""

from __future__ import annotations

import gzip
import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from panelopt.domain.certificate import Certificate
from panelopt.errors import InputError
from panelopt.io import certificate_json
from panelopt.io.certificate_json import certificate_schema_json, read_certificate, write_certificate
from tests.certificates.examples import certified
from tests.docs import pages
from tests.oracle.instances import random_instance, with_shipping

SHIPPED = resources.files("panelopt.schemas") / "certificate.schema.json"


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    return certified(with_shipping(random_instance(5, conventional=True, markers=2, dyes=3), 5))


@pytest.mark.parametrize("name", ["proof.json", "proof.json.gz"])
def test_what_is_written_comes_back_bit_by_bit(certificate: Certificate, tmp_path: Path, name: str) -> None:
    first, second = tmp_path / name, tmp_path / f"again-{name}"
    write_certificate(certificate, first)
    write_certificate(read_certificate(first), second)
    assert read_certificate(second) == certificate
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().startswith(b"\x1f\x8b") == name.endswith(".gz")


def test_the_same_search_gives_the_same_file(certificate: Certificate) -> None:
    again = certified(with_shipping(random_instance(5, conventional=True, markers=2, dyes=3), 5))
    assert again.model_dump_json() == certificate.model_dump_json()


def test_shipped_schema_is_that_of_the_model_and_fits(certificate: Certificate) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert text == certificate_schema_json(), "run `make schema`"
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(certificate.model_dump_json()))


def test_page_describes_every_key() -> None:
    described = pages.table_names(pages.ROOT / "docs" / "certificate.md", "The file")
    named = {name.strip() for cell in described for name in cell.split(",")}
    assert named == set(Certificate.model_fields)


def text_of(certificate: Certificate) -> str:
    return certificate.model_dump_json()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"kind":"certificate"', '"kind":"result"', "not a certificate"),
        ('"schema_version":1', '"schema_version":2', "schema_version"),
        ('"leak":0.001', '"leak":NaN', "leak"),
        ('"leak":0.001', '"leak":1e999', "leak"),
        ('"leak":0.001', '"leak":-1', "leak"),
        ('"eps":', '"surprise":1,"eps":', "unknown key"),
        ('"eps":', '"eps":{},"x":', "eps"),
        ('"phi":[', '"phi":[0.5,', "phi"),
        ('"differ":1', '"differ":' + "9" * 5000, "too many digits"),
        ('"differ":1', '"differ":-1', "differ"),
    ],
)
def test_broken_files_are_refused(certificate: Certificate, tmp_path: Path, old: str, new: str, message: str) -> None:
    text = text_of(certificate)
    assert old in text
    path = tmp_path / "proof.json"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_certificate(path)
    assert any(message in f"{finding.where} {finding.message}" for finding in caught.value.findings)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"conventional":true', '"conventional":1', "instance.conventional"),
        ('"differ":1', '"differ":true', "instance.differ"),
        ('"differ":1', '"differ":"1"', "instance.differ"),
        ('"problem":"tiny"', '"problem":" tiny"', "question.problem"),
        ('"signatures_sha256":"",', "", "question.signatures_sha256"),
        ('"allow_unknown_price":false', '"allow_unknown_price":"no"', "question.demands.allow_unknown_price"),
    ],
)
def test_one_content_has_one_form(certificate: Certificate, tmp_path: Path, old: str, new: str, where: str) -> None:
    text = text_of(certificate)
    assert old in text
    path = tmp_path / "proof.json"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_certificate(path)
    assert [finding.where for finding in caught.value.findings] == [f"{path}: {where}"]


def test_a_key_that_occurs_twice_is_refused(certificate: Certificate, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text(text_of(certificate).replace('"status":', '"status":"infeasible","status":', 1), encoding="utf-8")
    with pytest.raises(InputError, match="'status' occurs twice"):
        read_certificate(path)


def test_blanks_and_the_order_of_keys_do_not_matter(certificate: Certificate, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(json.loads(text_of(certificate)), indent=2, sort_keys=True), encoding="utf-8")
    assert read_certificate(path) == certificate


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not valid JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[]", "not a certificate"),
        (gzip.compress(b"{}", mtime=0)[:-6], "damaged"),
        (b"\x1f\x8bnonsense", "damaged"),
    ],
)
def test_what_is_no_certificate_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "proof.json.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_certificate(path)


def test_a_small_file_does_not_unpack_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate_json, "MAX_BYTES", 100_000)
    path = tmp_path / "proof.json.gz"
    path.write_bytes(gzip.compress(b" " * 10_000_000))
    with pytest.raises(InputError, match="unpacked"):
        read_certificate(path)
