"""Dyes and detectors that somebody names."""

from __future__ import annotations

from collections.abc import Sequence

from panelopt.domain.name_table import the_name
from panelopt.errors import Finding, InputError
from panelopt.registry import fluorochrome_names


def numbers_of(wanted: Sequence[str], known: Sequence[str], kind: str, findings: list[Finding]) -> list[int]:
    """Return the places of named things in a list; case, blanks and punctuation do not count.

    Args:
        wanted: As somebody wrote them; the aliases of a dye are understood.
        known: All there are.
        kind: ``dye`` or ``detector``.
        findings: Takes what is unknown or ambiguous.
    """
    found = []
    for name in wanted:
        alias = fluorochrome_names().resolve(name) if kind == "dye" else None
        try:
            found.append(known.index(alias if alias in known else the_name(name, known, kind)))
        except InputError as error:
            findings.extend(error.findings)
    return found
