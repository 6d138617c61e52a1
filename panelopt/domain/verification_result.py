"""Results of checking a certificate."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from panelopt.domain.base import Record


class CheckVerdict(StrEnum):
    """How one check ended: `open` if time was too short, `not checked` without anything to check against."""

    OK = "ok"
    WRONG = "wrong"
    OPEN = "open"
    NOT_CHECKED = "not checked"


VerificationStatus = Literal["verified", "verified, inputs not checked", "wrong", "undecided"]


class CertificateCheck(Record):
    """One check: how many items, and which are wrong, or why it is open or not checked."""

    name: str
    verdict: CheckVerdict
    count: int = 0
    text: str = ""
    wrong: tuple[str, ...] = ()


class Verification(Record):
    """The claims of a certificate and all checks of them.

    It is `verified` only if nothing is wrong, open or left out; without the inputs, all but these can be.
    """

    kind: Literal["verification"] = "verification"
    schema_version: Literal[1] = 1
    panelopt_version: str
    problem: str
    cytometer: str
    claims: tuple[str, ...] = ()
    status: VerificationStatus
    checks: tuple[CertificateCheck, ...]
