"""No edit of a certificate makes ``verify`` accept what is not true."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from panelopt.certificates.certificate_inputs import CertificateInputs
from panelopt.certificates.verify_certificate import VerifyOptions, verify_against
from panelopt.domain.certificate import Certificate
from panelopt.domain.verification_result import Verification
from panelopt.errors import InputError
from panelopt.instance.numbers import instance_of
from panelopt.io.certificate_json import read_certificate
from tests.forgery.cases import MAKERS, Case, case, scores_of
from tests.forgery.edits import edited, generator, places
from tests.forgery.truth import untrue

LIMITS = VerifyOptions(time_limit_s=60.0, panels=10)


def tried(document: object, folder: Path, inputs: CertificateInputs | None) -> tuple[Certificate, Verification] | None:
    """What verify says of a document, or None where it is no certificate."""
    path = folder / "certificate.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    try:
        certificate = read_certificate(path)
        return certificate, verify_against(certificate, inputs, LIMITS)
    except InputError:
        return None


def fault(one: Case, document: object, folder: Path, *, compared: bool) -> tuple[str, str]:
    """How a document is received (refused or accepted), and what is false in it if it is accepted."""
    found = tried(document, folder, one.inputs if compared else None)
    if found is None:
        return "refused as it is read", ""
    certificate, verification = found
    if verification.status in ("wrong", "undecided"):
        return f"refused: {verification.status}", ""
    if compared:
        if certificate.question != one.inputs.asked or certificate.tolerance != one.inputs.tolerance:
            return "accepted", "another question"
        return "accepted", untrue(certificate, one.instance, one.scores)
    instance = instance_of(certificate.instance)
    same = one.document["instance"] == json.loads(certificate.instance.model_dump_json())
    scores = one.scores if same and certificate.tolerance == one.inputs.tolerance else None
    return "accepted", untrue(certificate, instance, scores or scores_of(instance, certificate.tolerance))


def run(names: list[str], count: int, seed: int, folder: Path) -> Counter[str]:
    """Try so many edits of each certificate; return how many were received how."""
    received: Counter[str] = Counter()
    for name in names:
        one, rng = case(name), generator(name, seed)
        for _ in range(count):
            change = edited(one.document, rng)
            if change.document == one.document:
                continue
            compared = rng.random() < 0.5
            how, wrong = fault(one, change.document, folder, compared=compared)
            assert not wrong, f"{name} ({'with' if compared else 'without'} inputs): {change.what}: {wrong}"
            received[how] += 1
    return received


FEW = ["spectral", "locked", "marker list", "purity out of reach", "no slot"]


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in FEW else pytest.mark.slow) for n in MAKERS])
def test_honest_certificates_are_true_and_accepted(name: str, tmp_path: Path) -> None:
    one = case(name)
    assert fault(one, one.document, tmp_path, compared=True) == ("accepted", "")
    assert fault(one, one.document, tmp_path, compared=False) == ("accepted", "")


def test_edits_reach_every_key() -> None:
    document = case("locked").document
    keys = {path[0] for path in places(document)}
    assert keys == set(Certificate.model_fields)
    rng = generator("all", 1)
    assert keys == {edited(document, rng).what.split(".")[0].split("[")[0].split(":")[0] for _ in range(800)}


def test_some_edits_are_harmless_or_refused(tmp_path: Path) -> None:
    received = run(FEW, 60, 0, tmp_path)
    assert received["accepted"] < received.total() / 3
    assert received["refused: wrong"] > received.total() / 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 110))
@pytest.mark.parametrize("name", MAKERS)
def test_many_edits_are_harmless_or_refused(name: str, seed: int, tmp_path: Path) -> None:
    assert run([name], 120, seed, tmp_path).total() > 80
