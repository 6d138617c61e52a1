"""Dyes and detectors, found by the names that users write."""

from __future__ import annotations

from collections.abc import Sequence

from panelopt.domain.name_table import the_name
from panelopt.errors import Finding, InputError
from panelopt.registry import fluorochrome_names


def numbers_of(wanted: Sequence[str], known: Sequence[str], kind: str, findings: list[Finding]) -> list[int]:
    """Return the places of names in a list; case, spaces and punctuation do not matter.

    Args:
        wanted: Names as written by the user; aliases of dyes are understood.
        known: All names.
        kind: ``dye`` or ``detector``.
        findings: Unknown and ambiguous names are appended to it.
    """
    found = []
    for name in wanted:
        alias = fluorochrome_names().resolve(name) if kind == "dye" else None
        try:
            found.append(known.index(alias if alias in known else the_name(name, known, kind)))
        except InputError as error:
            findings.extend(error.findings)
    return found
