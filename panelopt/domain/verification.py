"""What checking a certificate showed."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from panelopt.domain.base import Record


class CheckVerdict(StrEnum):
    """How one check ended."""

    OK = "ok"
    WRONG = "wrong"
    OPEN = "open"


class Check(Record):
    """One thing that was checked: how many items, and what is wrong with which, or why it is open."""

    name: str
    verdict: CheckVerdict
    count: int = 0
    text: str = ""
    wrong: tuple[str, ...] = ()


class Verification(Record):
    """All checks of a certificate; `verified` only if every one of them ended well."""

    kind: Literal["verification"] = "verification"
    schema_version: Literal[1] = 1
    panelopt_version: str
    problem: str
    cytometer: str
    claims: tuple[str, ...] = ()
    status: Literal["verified", "wrong", "undecided"]
    checks: tuple[Check, ...]
