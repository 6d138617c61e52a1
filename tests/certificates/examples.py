"""Certificates of searches on small made-up instances."""

from __future__ import annotations

from dataclasses import replace

from panelopt.certificates.certificate_inputs import CertificateInputs
from panelopt.domain.certificate import AskedQuestion, Certificate
from panelopt.domain.demands import Demands
from panelopt.instance import Instance
from panelopt.instance.numbers import instance_sha256
from panelopt.solver.certificates.certify import certificate_of
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.search import Search
from panelopt.solver.search_cache import SearchCache
from tests.oracle.instances import random_instance

SECONDS = 200.0  # far more than is needed, so that a busy machine decides nothing

ASKED = AskedQuestion(
    problem="tiny",
    problem_sha256="0" * 64,
    cytometer="tiny-sorter",
    cytometer_sha256="1" * 64,
    fluorochromes_sha256="2" * 64,
    signatures_sha256="",
    catalogs=(),
    demands=Demands(),
)


def bright(seed: int) -> Instance:
    """A small question on a conventional cytometer with bright autofluorescence: proofs need limits by compensation."""
    base = random_instance(seed, conventional=True, markers=3, dyes=4)
    return replace(base, autofluorescence=base.autofluorescence * 5.0)


def certified(instance: Instance, tolerance: float = 0.0, cache: SearchCache | None = None) -> Certificate:
    """Search, and return the certificate."""
    search = Search(instance, SearchSettings(SECONDS, tolerance), cache=cache)
    search.run()
    return certificate_of(search, asked(instance))


def inputs(instance: Instance, tolerance: float = 0.0) -> CertificateInputs:
    """What a certificate of an instance should be about."""
    return CertificateInputs(asked(instance), tolerance, instance)


def asked(instance: Instance) -> AskedQuestion:
    """Names, hashes and demands that belong to an instance."""
    demands = Demands(allow_unknown_price=instance.allow_unknown_price, require_goal=instance.require_goal)
    return ASKED.model_copy(update={"demands": demands})


def changed(certificate: Certificate, **fields: object) -> Certificate:
    """Return a certificate with other fields, whose hash is that of its instance."""
    other = certificate.model_copy(update=fields)
    return other.model_copy(update={"instance_sha256": instance_sha256(other.instance)})
