"""The outcome of one check of a certificate."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.domain.verification_result import CertificateCheck, CheckVerdict

MAX_NAMED = 20
"""Wrong items that a check names; the others are counted."""


def checked(name: str, faults: Iterable[str], count: int = 1) -> CertificateCheck:
    """Return a finished check of so many items; those with a fault are wrong."""
    wrong = list(faults)
    more = [f"and {len(wrong) - MAX_NAMED} more"] if len(wrong) > MAX_NAMED else []
    verdict = CheckVerdict.WRONG if wrong else CheckVerdict.OK
    return CertificateCheck(name=name, verdict=verdict, count=count, wrong=(*wrong[:MAX_NAMED], *more))


def left_out(name: str, why: str) -> CertificateCheck:
    """Return a check that was not made."""
    return CertificateCheck(name=name, verdict=CheckVerdict.NOT_CHECKED, text=why)


def left_open(name: str, why: str, count: int = 1) -> CertificateCheck:
    """Return an unfinished check."""
    return CertificateCheck(name=name, verdict=CheckVerdict.OPEN, count=count, text=why)
