"""Rows that are no antibody against an antigen: controls, secondary antibodies, kits, streptavidin."""

from __future__ import annotations

import re
from functools import lru_cache

from panelopt.catalogs.importing.files.raw import Fault
from panelopt.catalogs.importing.name_tables import Tables
from panelopt.catalogs.importing.patterns import (
    ISOTYPE_CONTROL,
    NOT_ONE_ANTIBODY,
    SECONDARY,
    without_marks,
    without_noise,
)
from panelopt.catalogs.importing.product_names import is_file

_FOREIGN = (
    r"mouse|murine|rat|rabbit|goat|sheep|donkey|chicken|hamster|armenian hamster|syrian hamster|guinea pig|"
    r"bovine|horse|"
    r"llama|dog|pig|swine"
)
_IMMUNOGLOBULIN = re.compile(
    rf"(?:anti[-\s]*)?(?P<species>(?:{_FOREIGN}|human)\s*(?:[/,&+]\s*(?:{_FOREIGN})\s*)*)?"
    r"(?:ig|immunoglobulin)\s?[gmaedy]?\s?\d?[abc]?(?P<rest>.*)",
    re.IGNORECASE,
)
_BOTH_CHAINS = re.compile(r"\bH\s*[+&]\s*L\b|heavy (?:and|&|\+) light|\bF\(?ab'?\)?\s?'?2?\b.*\banti\b", re.IGNORECASE)
_AVIDIN = re.compile(
    r"\b(?:strept?avidin\w*|neutr[ao]?-?avidin|extr-?avidin|avidin)\b|^\s*(?:SA|SAv|STAV|Strep)(?=\s*(?:[-/,]|$))",
    re.IGNORECASE,
)
_LONGEST = 300
"""Characters of a name that are looked at."""

_ISO = re.compile(r"\biso\b|isotyp", re.IGNORECASE)
_ISOTYPE_CLONES = re.compile(
    r"MOPC-?\s?(?:21|31C|141|173|195)|MPC-?11|MG(?:1|2[ab]|3)-\w+|RTK\d{4}|X40|X39|G155-178|G155-228|27-35|"
    r"A112-[23]|R3[35]-\d+|"
    r"679\.1Mc7|U7\.27|P3\.6\.2(?:\.8\.1)?|eBM2a|eBM3|eBR2a|eBR2b|eBRG1|eB149/10H5|HTK888|SHG-1|IS5-2\w+|IS6-11E5\.11|"
    r"REA293|QA16A1\w|11711|20102|133303|20116|54447|DAK-GO\d",
    re.IGNORECASE,
)


def no_antibody(antigen: str, product: str, kind: str, *, clone: str, host: str, reactivity: str) -> Fault | None:
    """Return why a row is no antibody against an antigen; None for others.

    Args:
        antigen: Cell of the antigen; may be empty.
        product: Product name; may be empty.
        kind: What the list calls its kind, such as ``Isotype control``; may be empty.
        clone: Clone, if a cell gives it.
        host: Species in which it was raised; may be empty.
        reactivity: Species that it binds; may be empty.
    """
    for text in (antigen[:_LONGEST], product[:_LONGEST], kind[:_LONGEST]):
        if _is_plain(text):
            continue
        match = _IMMUNOGLOBULIN.fullmatch(without_marks(text).strip())
        if match and (
            fault := _of_immunoglobulin(text, match, clone, host, reactivity if text == antigen[:_LONGEST] else "")
        ):
            return fault
        if _ISOTYPE_CLONES.fullmatch(text.strip()) or (_ISO.search(text) and _ISOTYPE_CLONES.fullmatch(clone.strip())):
            return Fault("isotype control", f"isotype control: {text[:80]}")
        if _AVIDIN.search(text):
            return Fault("no antibody", f"no antibody: avidin binds biotin ({text[:80]})")
        if ISOTYPE_CONTROL.search(text):
            return Fault("isotype control", f"isotype control: {text[:80]}")
        if SECONDARY.search(text) or (_BOTH_CHAINS.search(text) and re.search(r"\bIg", text)):
            return Fault("secondary antibody", f"secondary antibody: {text[:80]}")
    return None


@lru_cache(maxsize=16_384)
def _is_plain(text: str) -> bool:
    """Whether nothing in a text is looked for by :func:`no_antibody`, as in most: lists repeat the same few."""
    found = _IMMUNOGLOBULIN.fullmatch(without_marks(text).strip()) or _ISOTYPE_CLONES.fullmatch(text.strip())
    return not found and not any(
        pattern.search(text) for pattern in (_ISO, _AVIDIN, ISOTYPE_CONTROL, SECONDARY, _BOTH_CHAINS)
    )


def _of_immunoglobulin(text: str, match: re.Match[str], clone: str, host: str, reactivity: str) -> Fault | None:
    """Return the fault of a row whose antigen is an immunoglobulin.

    IgA and IgD of human are antigens, mouse IgG1 is not.
    """
    species = (match["species"] or "").strip().casefold()
    if _ISOTYPE_CLONES.fullmatch(clone.strip()):
        return Fault("isotype control", f"isotype control: {text[:80]}, clone {clone[:40]}")
    foreign = species and "human" not in species
    if foreign and re.match(r"\s*anti", text, re.IGNORECASE):
        return Fault("secondary antibody", f"secondary antibody: {text[:80]}")
    if foreign and host and species not in host.casefold():
        return Fault("secondary antibody", f"secondary antibody: {text[:80]} from {host[:40]}")
    bound = {word.strip() for word in reactivity.casefold().split(",") if word.strip()}
    of_serum = (not clone and text.strip().casefold() == "igg") or re.search(r"poly|\banti\b", clone, re.IGNORECASE)
    if not species and of_serum and bound and bound <= set(_FOREIGN.split("|")) and host.casefold() not in bound:
        return Fault("secondary antibody", f"secondary antibody: {text[:80]} of {reactivity[:40]}")
    return None


@lru_cache(maxsize=16_384)
def not_single(text: str) -> Fault | None:
    """Return the fault of a kit or a reagent that holds several antibodies or none."""
    if NOT_ONE_ANTIBODY.search(text):
        return Fault("kit or accessory", f"no single antibody: {text[:80]}")
    return None


def no_antigen(antigen: str, tables: Tables) -> Fault | None:
    """Return the fault of an antigen that is none: a file, or a dye ("FITC on FITC")."""
    if is_file(antigen):
        return Fault("no marker", f"a file or path is not a marker: {antigen[:80]}")
    bare = re.sub(r"^\s*anti[-\s]+", "", antigen, flags=re.IGNORECASE)
    if "(" in antigen or tables.markers.resolve(bare) is not None:
        return None
    if tables.labels.resolve(bare) in ("biotin", "hapten"):
        return Fault("not a marker", f"{antigen[:80]!r} is a label, not a marker")
    dye = tables.dyes.resolve(without_noise(bare))
    if dye is None or dye in tables.viability:
        return None
    return Fault("not a marker", f"{antigen[:80]!r} is a fluorochrome, not a marker")
