"""Takes product names apart: ``PE anti-human CD146 Antibody``, ``CD44 Antibody (IM7), FITC``, ``CD45-KO, J33``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from panelopt.catalogs.importing.dye_mentions import BRACKETS, dyes_in, mentions
from panelopt.catalogs.importing.dye_spellings import spelt_out
from panelopt.catalogs.importing.marker_names import clean_marker
from panelopt.catalogs.importing.name_tables import Tables
from panelopt.catalogs.importing.patterns import (
    ABOUT,
    AGAINST,
    AGAINST_SPECIES,
    BRACKET,
    CLONE,
    CLONE_LIKE,
    END,
    ISOTYPE,
    LEADING,
    METAL_IN_NAME,
    NO_CLONE,
    NOISE,
    OTHER_ANTIGEN,
    RAISED,
    SPECIES_ALONE,
    without_marks,
    without_noise,
)

_TUBE = re.compile(r"(?<=\w)\s*\(\s*#?\d{1,2}\s*\)(?!\s*\])")
_OLIGO = "oligonucleotide"
_OLIGOS = re.compile(r"total\s?-?seq|ab-?seq|oligo|barcode", re.IGNORECASE)
_FILE = re.compile(r"\.(?:jpe?g|png|tiff?|gif|svg|pdf|docx?|xlsx?|pptx?|fcs|html?)\b|https?://|\\", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NameParts:
    """What a product name says; empty where it says nothing.

    Attributes:
        marker: Canonical antigen, or what the name says it binds.
        fluorochrome: Canonical dye.
        other_dyes: Further dyes that the name mentions: then it is not clear which one is meant.
        unknown_dye: What stands in place of the dye and is in no table: then ``fluorochrome`` is empty.
        label: Why it carries no dye, e.g. ``unconjugated``.
        clone: Clone.
        host: Species in which it was raised.
        reactivity: Species that it binds.
    """

    marker: str = ""
    fluorochrome: str = ""
    other_dyes: tuple[str, ...] = ()
    unknown_dye: str = ""
    label: str = ""
    clone: str = ""
    host: str = ""
    reactivity: str = ""


def is_file(text: str) -> bool:
    """Whether a text names a file, a path or an address: no antigen and no clone does."""
    return _FILE.search(text) is not None


def take_apart(name: str, tables: Tables, clone: str = "") -> NameParts:
    """Return what a product name says.

    Args:
        name: The name, e.g. ``BD Horizon BV421 Mouse Anti-Human CD271``.
        tables: Known spellings.
        clone: The clone where a column gives it: it is not looked for, and not taken for a marker.
    """
    text = _TUBE.sub(" ", spelt_out(without_marks(name)[:500]))
    found_clone, text = _clone(text, clone, tables)
    dyes = dyes_in(text, tables)
    labels = {} if dyes and not _OLIGOS.search(text) else {label: None for _, _, label in mentions(text, tables.labels)}
    label = next(iter(labels), "") if not dyes else (_OLIGO if _OLIGO in labels else "")
    label = label or ("" if dyes or not METAL_IN_NAME.search(text) else "metal")
    raised = RAISED.search(text)
    host = tables.species.resolve(raised["host"]) if raised else None
    chosen = (dyes[-1] if _last(dyes, text) else dyes[0]) if dyes else None
    rest = f"{text[: chosen[0]]} \u0001 {text[chosen[1] :]}" if chosen else text
    marker, species, more = _marker(rest, tables)
    if not species and (match := SPECIES_ALONE.search(rest)):
        species = match["bracketed"] or match["alone"]
    unknown = next((text[start:end] for start, end, dye in dyes if not dye), "")
    if not dyes and not label:
        unknown = _place_of_dye(text, marker, bool(clone), tables)
    others = tuple(sorted({dye for _, _, dye in dyes if chosen and dye not in ("", chosen[2])} - {marker}))
    return NameParts(
        marker=marker,
        fluorochrome=chosen[2] if chosen and not unknown and label != _OLIGO else "",
        other_dyes=others,
        unknown_dye=unknown,
        label=label,
        clone=found_clone or ("" if clone else more),
        host=host or "",
        reactivity=species,
    )


def _place_of_dye(text: str, marker: str, clone_given: bool, tables: Tables) -> str:
    """Return what stands where a dye is expected: behind the comma of ``CD8,VG``."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not marker or clean_marker(parts[0], tables) != marker:
        return ""
    word = without_noise(parts[1])
    known = any(table.resolve(word) for table in (tables.species, tables.vendors, tables.markers))
    if known or len(word) > 20 or not re.search(r"[A-Za-z]", word) or END.search(word) or ISOTYPE.search(word):
        return ""
    return word if clone_given or not CLONE_LIKE.fullmatch(word) else ""


def _last(dyes: list[tuple[int, int, str]], text: str) -> bool:
    """Whether of several dyes the last is the label: it ends the name, as in ``APC (DP2.5) Antibody, PE``."""
    return len(dyes) > 1 and not text[: dyes[0][0]].strip() and not text[dyes[-1][1] :].strip(" .,-)")


def _clone(text: str, known: str, tables: Tables) -> tuple[str, str]:
    """Return the clone that a name marks as such, and the name without it."""
    if known:
        i = text.casefold().find(known.casefold())
        alone = i >= 0 and not text[i - 1 : i].isalnum() and not text[i + len(known) :][:1].isalnum()
        return "", text[:i] + " " + text[i + len(known) :] if alone and len(known) > 1 else text
    if match := CLONE.search(text):
        return match[1].strip("."), f"{text[: match.start()]} {text[match.end() :]}"
    for match in reversed(list(BRACKET.finditer(text))):
        inside, before = match[1].strip(), text[: match.start()]
        square = text[match.start()] == "["
        alias = re.match(r"\s*(?:monoclonal |polyclonal )?antibod", text[match.end() :], re.IGNORECASE) is not None
        known_word = tables.markers.resolve(inside) or tables.dyes.resolve(inside) or tables.species.resolve(inside)
        if not known_word and (square or not alias) and CLONE_LIKE.fullmatch(inside):
            return inside, f"{before} {text[match.end() :]}"
    return "", text


def _marker(text: str, tables: Tables) -> tuple[str, str, str]:
    """Return marker, species, and what may be a clone, of a name without its dye."""
    text = " ".join(re.sub(r"\bconj\w*\b", ";", text).split())
    species = ""
    region = text
    if match := AGAINST.search(text):
        # "CD73 Antibody, anti-human, PE": the antigen stands before
        behind = match["marker"].strip(" ,;\u0001").startswith(tuple("(")) or not match["marker"].strip(" ,;\u0001")
        region, species = text[: match.start()] if behind else match["marker"], match["species"] or ""
    elif match := ABOUT.match(LEADING.sub("", text)):
        region, species = match["marker"], match["species"]
    if not species and (match := AGAINST_SPECIES.search(text)):
        species = match["against"] or match["alone"]
        region = region if match["alone"] is None else f"{text[: match.start()]}, {text[match.end() :]}"
    whole = region.replace("\u0001", " ").strip(" -,;")
    end = END.search(region.lstrip(" -,;\u0001"))
    region = region.lstrip(" -,;\u0001")
    head = (region[: end.start()] if end else region).split("\u0001")[0].strip(" -,;/_")
    rest = whole[len(head) :] if whole.startswith(head) else whole
    for start, stop, name in mentions(region, tables.markers, barriers=BRACKETS):
        if start == 0 and stop > len(head):  # HLA-DR,DP,DQ goes on behind the comma
            return name, species, _leftover(region[stop:], tables)
    if known := clean_marker(head, tables):
        return known, species, _leftover(rest, tables)
    words = NOISE.sub(" ", ISOTYPE.sub(" ", text))
    for start, end_, name in () if OTHER_ANTIGEN.search(text) else mentions(words, tables.markers):
        # LIGHT, KIT and RANK are antigens; light, kit and rank are not
        written = words[start:end_]
        if not written.isalpha() or written.isupper() or written in tables.markers.spellings:
            return name, species, _leftover(words[:start] + " , " + words[end_:], tables)
    plausible = bool(head) and len(head) <= 60 and bool(AGAINST.search(text) or ABOUT.match(text) or end)
    return (NOISE.sub(" ", head).strip() if plausible else ""), species, ""


def _leftover(text: str, tables: Tables) -> str:
    """Return the only part of the remaining text that looks like a clone."""
    parts = re.split(r"[,;|()\[\]\s\u0001]+", NOISE.sub(" ", text))
    candidates = [
        part
        for part in (p.strip("-_.") for p in parts)
        if CLONE_LIKE.fullmatch(part)
        and not (tables.markers.resolve(part) or tables.dyes.resolve(part) or tables.species.resolve(part))
        and not NO_CLONE.fullmatch(part)
    ]
    return candidates[0] if len(candidates) == 1 else ""
