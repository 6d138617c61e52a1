"""The stated subject of a certificate, compared with inputs read and compiled anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from panelopt.domain.certificate import AskedQuestion, Certificate
from panelopt.domain.demands import Demands
from panelopt.domain.instance_numbers import InstanceNumbers
from panelopt.domain.problem_record import Locked
from panelopt.domain.result import CatalogUse
from panelopt.instance.arrays import Instance
from panelopt.instance.numbers import differing, numbers_of
from panelopt.questions.hashes import cytometer_sha256, fluorochromes_sha256, signatures_sha256
from panelopt.questions.question import Options, Question, compiled, named


@dataclass(frozen=True, slots=True)
class CertificateInputs:
    """The expected subject of a certificate.

    Attributes:
        asked: Names and hashes of the inputs, and the demands of the call.
        tolerance: Tolerance of the call.
        instance: The instance compiled from them.
    """

    asked: AskedQuestion
    tolerance: float
    instance: Instance


def inputs_of(question: Question, options: Options, day: date | None = None) -> CertificateInputs:
    """Return the expected subject of a certificate for a question.

    Args:
        question: The question.
        options: Demands of the call.
        day: Day on which lots must not have expired, if the options name none.
    """
    options = replace(named(question, options), today=options.today or day)
    return CertificateInputs(asked_question(question, options), options.tolerance, compiled(question, options).instance)


def asked_question(question: Question, options: Options) -> AskedQuestion:
    """Return names and hashes of the question."""
    return AskedQuestion(
        problem=question.problem.id,
        problem_sha256=question.problem_sha256,
        cytometer=question.cytometer.id,
        cytometer_sha256=cytometer_sha256(question.cytometer),
        fluorochromes_sha256=fluorochromes_sha256(question.fluorochromes, question.autofluorescence),
        signatures_sha256=signatures_sha256(question.signatures),
        catalogs=tuple(
            CatalogUse(name=c.name, version=c.version, sha256=c.sha256, rows=c.rows) for c in question.catalogs
        ),
        demands=options.demands,
    )


def differences(certificate: Certificate, inputs: CertificateInputs) -> Iterator[str]:
    """Yield where a certificate differs from the inputs."""
    claimed, found = certificate.question, inputs.asked
    for key in type(found).model_fields:
        if key != "demands" and getattr(found, key) != getattr(claimed, key):
            yield f"{key} differs"
    for key in type(found.demands).model_fields:
        theirs, ours = getattr(claimed.demands, key), getattr(found.demands, key)
        if theirs != ours:
            yield f"demand {key}: {theirs} in the certificate, {ours} here"
    if certificate.tolerance != inputs.tolerance:
        yield f"tolerance: {certificate.tolerance:g} in the certificate, {inputs.tolerance:g} here"
    for key in differing(numbers_of(inputs.instance), certificate.instance):
        yield f"instance: {key} differs"


def unmet_demands(certificate: Certificate) -> Iterator[str]:
    """Yield demands of the call that the instance of a certificate does not contain."""
    demands, instance = certificate.question.demands, certificate.instance
    for key in type(demands).model_fields:
        demand = getattr(demands, key)
        if isinstance(demand, int | float) and hasattr(instance, key) and getattr(instance, key) != demand:
            yield f"demand {key}: {demand} was demanded, but the instance has {getattr(instance, key)}"
    yield from _unmet_names(demands, instance)


def _unmet_names(demands: Demands, instance: InstanceNumbers) -> Iterator[str]:
    """Yield demands on markers and dyes that the instance does not contain."""
    required = {name for name, needed in zip(instance.marker, instance.required, strict=True) if needed}
    sold = {name for name, row in zip(instance.marker, instance.available, strict=True) if any(row)}
    used = {dye for row in instance.available for dye, there in zip(instance.dye, row, strict=True) if there}
    locked = {(instance.marker[lock.marker], instance.dye[lock.dye]) for lock in instance.locks}
    unmet = (
        ("require", "must be stained", sorted({*demands.require} - required)),
        ("forbid", "must not be stained", sorted({*demands.forbid} & sold)),
        ("exclude_dyes", "must not be used", sorted({*demands.exclude_dyes} & used)),
        ("locks", "must be used", [f"{m} {d}" for m, d in _pairs(demands.locks) if (m, d) not in locked]),
    )
    for key, what, names in unmet:
        for name in names:
            yield f"demand {key}: {name} {what}, but the instance does not demand it"


def _pairs(locks: Sequence[Locked]) -> list[tuple[str, str]]:
    return [(lock.marker, lock.fluorochrome) for lock in locks]
