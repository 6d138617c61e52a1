"""Markers as lists write them: ``anti-human CD90 antibody``, ``cKIT (CD117)``, ``MCAM/CD146``, ``CD45BC3``."""

from __future__ import annotations

import re

from panelopt.catalogs.importing.name_tables import Tables
from panelopt.catalogs.importing.patterns import CLONE_LIKE, WRAPPING, without_marks

_BARCODE = re.compile(r"(CD\d+\w*?)[\s_-]*BC\d{1,2}")
_TUBE = re.compile(
    r"(?P<name>.*?\S)\s*(?:[(\[]\s*#?\s*\d{1,2}\s*[)\]]|#\s*\d{1,2}|\s(?:tube|vial|lot|no\.?|Nr\.?)\s*\d{1,2}|_\d{1,2})"
)
_LONGEST = 200
_IG_ALPHA = re.compile(r"\bIg[\s-]*(?:alpha|\u03b1)(?![A-Za-z])", re.IGNORECASE)
_CD = re.compile(r"CD\d+[A-Za-z]{0,3}\d?")
_OUTSIDE = re.compile(r"(?P<outside>[^()\[\]]+)[(\[](?P<inside>[^()\[\]]+)[)\]]\s*")


def clean_marker(text: str, tables: Tables) -> str:
    """Return the canonical marker behind a cell, or empty text.

    Understood besides the names of the table: ``anti-`` and species before and ``antibody`` behind a name, the number
    of a tube, a CD number in brackets or after a slash beside a name that is not in the table, a clone behind an
    underscore, and ``CD45BC3`` for a marker that is used as a barcode.
    """
    if len(text) > _LONGEST:
        return ""
    text = _IG_ALPHA.sub("CD79a", without_marks(text))
    if (match := _TUBE.fullmatch(text)) and (first_tube := clean_marker(match["name"], tables)):
        return first_tube  # CD45(2) is a second tube, not the allele CD45.2
    if name := tables.markers.resolve(text):
        return name
    stripped = WRAPPING.sub("", text).strip(" -,;")
    if name := tables.markers.resolve(stripped):
        return name
    if match := _BARCODE.fullmatch(stripped):
        return tables.markers.resolve(match[1]) or ""
    if match := _OUTSIDE.fullmatch(stripped):
        outside, inside = (tables.markers.resolve(part) for part in match.groups())
        if outside is None and inside and _CD.fullmatch(match["inside"].strip()) and not _CD.match(match["outside"]):
            return inside
    if "_" in stripped:
        first, _, second = stripped.partition("_")
        if CLONE_LIKE.fullmatch(second) and not tables.markers.resolve(second):
            return tables.markers.resolve(first) or ""
    return _one_cd_of(stripped, tables)


def _one_cd_of(text: str, tables: Tables) -> str:
    parts = [part.strip() for part in text.split("/")]
    names = {tables.markers.resolve(part) for part in parts if _CD.fullmatch(part)} - {None}
    others = [part for part in parts if not _CD.fullmatch(part)]
    # CD66a/c/e is not CD66a, and Siglec-5/Siglec-14 is not Siglec-5
    clear = len(names) == 1 and all(
        len(part) >= 3 and tables.markers.resolve(part) in {None, *names} for part in others
    )
    return (names.pop() or "") if clear and others else ""
