"""Vendors as lists write them: with the form of their company, or beside a distributor."""

from __future__ import annotations

import re

from panelopt.catalogs.importing.name_tables import Tables
from panelopt.catalogs.importing.patterns import nothing

_DISTRIBUTORS = frozenset({"BioConcept", "LuBioScience"})
"""Sellers that make no antibodies of their own."""

_COMPANY = re.compile(r"[\s,]+(?:inc|gmbh|ltd|limited|llc|ag|corp|co|s\.?a|plc|bv|ab)\b\.?.*$", re.IGNORECASE)


def vendor_of(text: str, tables: Tables) -> tuple[str, str]:
    """Return the canonical vendor of a cell, or the cell itself, and a note on the distributor beside a maker."""
    if not text or nothing(text):
        return "", ""
    for spelling in (text, _COMPANY.sub("", text)):
        if name := tables.vendors.resolve(spelling):
            return name, ""
    known = {found for part in re.split(r"[/(),;]", text) if (found := tables.vendors.resolve(part))}
    known = known - _DISTRIBUTORS or known  # bioconcept/Cell Signaling
    if len(known) != 1:
        return text, ""
    return known.pop(), f"vendor written {text}"
