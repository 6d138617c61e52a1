"""Checks a certificate: question, score, bounds, and the proof from the bounds alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from panelopt import __version__
from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.certificate_form import misformed
from panelopt.bounds.proof_arrays import slots_of
from panelopt.bounds.reduction import reduce
from panelopt.certificates.certificate_claims import claims_of, contradictions
from panelopt.certificates.certificate_inputs import CertificateInputs, differences, inputs_of, unmet_demands
from panelopt.certificates.check_outcome import checked, left_out
from panelopt.certificates.panels import PanelChecks
from panelopt.certificates.proof_checks import ProofChecks
from panelopt.domain.certificate import Certificate
from panelopt.domain.verification_result import CertificateCheck, CheckVerdict, Verification, VerificationStatus
from panelopt.instance.numbers import instance_of, instance_sha256
from panelopt.optics.overflow import refuse_overflow
from panelopt.questions.question import Options, Question

PANELS = 200
"""Random panels to test the cuts against."""

INPUTS = "inputs"


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """Effort of a verification.

    Attributes:
        time_limit_s: Wall-clock limit for each proof; None = none.
        panels: Random panels to test the cuts against.
        workers: Threads of the constraint solver.
        seed: Seed of the panels and of the solver.
    """

    time_limit_s: float | None = 300.0
    panels: int = PANELS
    workers: int = 1
    seed: int = 0


def verify(
    certificate: Certificate,
    question: Question | None = None,
    options: VerifyOptions | None = None,
    demands: Options | None = None,
) -> Verification:
    """Check a certificate without the search.

    Args:
        certificate: The certificate to check.
        question: The expected inputs; None = not compared.
        options: Effort of the verification.
        demands: Expected demands and tolerance of the call; None = the problem's own. Without a day, that of the
            certificate applies.

    Raises:
        InputError: if the inputs cannot be compiled, or numbers are too large to compute with.
    """
    inputs = None
    if question is not None:
        inputs = inputs_of(question, demands or Options(), certificate.question.demands.today)
    return verify_against(certificate, inputs, options)


@refuse_overflow
def verify_against(
    certificate: Certificate, inputs: CertificateInputs | None = None, options: VerifyOptions | None = None
) -> Verification:
    """Check a certificate like :func:`verify`, with compiled inputs.

    Raises:
        InputError: if numbers are too large to compute with.
    """
    checks = tuple(_until_wrong(_parts(certificate, inputs, options or VerifyOptions())))
    return Verification(
        panelopt_version=__version__,
        problem=certificate.question.problem,
        cytometer=certificate.question.cytometer,
        claims=tuple(claims_of(certificate)),
        status=_status(checks),
        checks=checks,
    )


def _status(checks: Iterable[CertificateCheck]) -> VerificationStatus:
    verdicts = {check.verdict for check in checks}
    if CheckVerdict.WRONG in verdicts:
        return "wrong"
    if CheckVerdict.OPEN in verdicts:
        return "undecided"
    compared = any(check.name == INPUTS and check.verdict is CheckVerdict.OK for check in checks)
    return "verified" if compared else "verified, inputs not checked"


def _until_wrong(parts: Iterable[Iterable[CertificateCheck]]) -> Iterator[CertificateCheck]:
    """Yield the checks of each part, up to the first part with a fault."""
    for part in parts:
        verdicts = set()
        for check in part:
            yield check
            verdicts.add(check.verdict)
        if CheckVerdict.WRONG in verdicts:
            return


def _parts(
    certificate: Certificate, inputs: CertificateInputs | None, options: VerifyOptions
) -> Iterator[Iterable[CertificateCheck]]:
    """Yield the parts of a verification; each is meaningless if an earlier one is wrong."""
    yield _question(certificate, inputs)
    instance = instance_of(certificate.instance) if inputs is None else inputs.instance
    yield [checked("form", misformed(certificate, instance))]
    slots = reduce(instance, list_options(instance))
    same = slots_of(certificate) == slots.slots
    yield [checked("slots", [] if same else ["the slots are not those of the instance"], len(slots.slots))]
    panels = PanelChecks(certificate, instance, slots)
    yield chain([checked("claims", contradictions(certificate))], panels.checks())
    if not slots.slots:
        yield [checked("no panel is allowed", [] if certificate.status == "infeasible" else ["there are no slots"])]
        return
    proof = ProofChecks(certificate, instance, slots)
    yield proof.claim_bounds(options.panels, options.seed)
    yield proof.bounds(panels.never, panels.below_floor, options.time_limit_s, options.workers, options.seed)


def _question(certificate: Certificate, inputs: CertificateInputs | None) -> Iterator[CertificateCheck]:
    right = instance_sha256(certificate.instance) == certificate.instance_sha256
    yield checked("instance hash", [] if right else ["the numbers of the instance have another hash"])
    text = "as far as the numbers show"
    yield checked("demands", unmet_demands(certificate)).model_copy(update={"text": text})
    if inputs is None:
        yield left_out(INPUTS, "not given, so not compared; the other checks concern the numbers in the file")
    else:
        day = inputs.asked.demands.today
        text = "" if day is None else f"as of {day}"
        yield checked(INPUTS, differences(certificate, inputs)).model_copy(update={"text": text})
