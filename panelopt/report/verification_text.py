"""The verification of a certificate as text."""

from __future__ import annotations

from panelopt.domain.verification_result import CertificateCheck, CheckVerdict, Verification
from panelopt.report.safe_text import plain

_WIDTH = len("not checked")


def verification_text(found: Verification) -> str:
    """Return one line per check, and one per wrong item."""
    head = [f"{plain(found.problem)} on {plain(found.cytometer)}: {found.status}"]
    claims = [f"  claimed: {plain(claim)}" for claim in found.claims]
    return "\n".join([*head, *claims, *(line for check in found.checks for line in _lines(check))]) + "\n"


def _lines(check: CertificateCheck) -> list[str]:
    count = f" ({check.count:,})" if check.count > 1 else ""
    text = f": {plain(check.text)}" if check.text else ""
    wrong = [f"{'':<{_WIDTH + 4}}- {plain(item)}" for item in check.wrong]
    verdict = check.verdict.value.upper() if check.verdict is CheckVerdict.WRONG else check.verdict.value
    return [f"  {verdict:<{_WIDTH}}  {plain(check.name)}{count}{text}", *wrong]
