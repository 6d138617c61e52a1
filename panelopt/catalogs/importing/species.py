"""Species in the cells of a list: what an antibody binds, where it was raised, and its isotype."""

from __future__ import annotations

import re
from functools import cache

from panelopt.catalogs.importing.name_tables import Tables, species_names
from panelopt.catalogs.importing.patterns import without_marks

_ISOTYPE = re.compile(
    r"(?P<before>.*?)\b(?P<prefix>[mrh]?)(?P<ig>Ig[GMAED])\s*[- ]?(?P<sub>\d?[abc]?)[\s,/()\[\];-]*"
    r"(?P<light>\u03ba|\u03bb|kappa|lambda|k|l)?[\s,)\]]*(?P<after>.*)",
    re.IGNORECASE,
)
_BREEDING = re.compile(
    r"\b(?:monoclonal|polyclonal|recombinant|antibody|isotype|BALB/?c|C57BL/?6|SJL|RBF/DnJ|"
    r"Lewis|Wistar|Sprague[- ]Dawley|LOU/?M?)\b",
    re.IGNORECASE,
)
_SHORT = {
    "h": "human",
    "hu": "human",
    "m": "mouse",
    "mu": "mouse",
    "ms": "mouse",
    "mo": "mouse",
    "r": "rat",
    "rt": "rat",
}
_LONGEST = 200
"""Characters of the name of an antigen, at most."""

_GLUED = re.compile(r"(?P<short>hu?|m[uso]?|rt?) ?(?P<marker>(?:CD|HLA|Ly|TCR|IL|CCR|CXCR|PD)[-\s]?[\w.-]*\d.*)")
_IMMUNOGLOBULIN = re.compile(r"(?:ig[gamde]?\d?[abc]?|fc|serum|immunoglobulin)\b", re.IGNORECASE)


def species_list(text: str, tables: Tables) -> str:
    """Return species by their canonical names, comma-separated; a text with any unknown word stays as it is."""
    text = text.strip()
    if "?" in text or "maybe" in text.casefold():
        return text
    parts = [part.strip(" .") for part in re.split(r"[,;/&+|\n]|\band\b", text) if part.strip(" .")]
    if len(parts) == 1 and (found := tables.species.resolve(text)):
        return found
    names = [tables.species.resolve(re.sub(r"^anti[-\s]", "", part, flags=re.IGNORECASE)) for part in parts]
    if any(name is None for name in names):
        names = [tables.species.resolve(part) for part in text.replace(",", " ").replace("/", " ").split()]
    known = [name for name in names if name is not None]
    return ", ".join(dict.fromkeys(known)) if known and len(known) == len(names) else text


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Return what finds species before, in brackets within, and behind the name of an antigen."""
    table = species_names().table.aliases
    spellings = {word for name, words in table.items() for word in (name, *words) if len(word) > 2}
    word = "|".join(re.escape(text) for text in sorted(spellings, key=len, reverse=True))
    joint = r"\s*(?:[/,&+]|\band\b|\bund\b|\bet\b|\by\b)\s*"
    species = rf"(?P<species>(?:{word}|Hu|Ms|Mu|Rt)(?:{joint}(?:{word}|Hu|Ms|Mu|Rt))*)"
    anti = r"(?:(?:anti|\u03b1)[-\s]*)"
    texts = (
        rf"(?:(?:{word})\s+(?={anti}))?{anti}?{species}[-\s:,_]+{anti}?(?P<marker>\S.*)",
        rf"(?P<marker>.*?)\s*[(\[]\s*{anti}?{species}\s*[)\]](?P<after>.*)",
        r"(?P<marker>.*?)\s*[(\[]\s*(?P<species>[hmr])\s*[)\]](?P<after>.*)",
        rf"(?P<marker>\S.*?)[\s,_-]+{anti}?{species}",
    )
    return tuple(re.compile(text, re.IGNORECASE) for text in texts)


def marker_and_species(text: str, tables: Tables) -> tuple[str, str]:
    """Return the antigen of a cell without the species that it names, and these species.

    Understood are ``anti-mouse CD117``, ``CD44 (mouse/human)``, ``CD45, mouse`` and ``hCD271``. A cell of an
    immunoglobulin stays whole: ``Mouse IgG1`` names what a secondary antibody binds.
    """
    text = without_marks(text)
    if len(text) > _LONGEST:
        return text, ""
    if match := _GLUED.fullmatch(text):
        return match["marker"], _SHORT[match["short"]]
    for pattern in _patterns():
        if match := pattern.fullmatch(text):
            rest = f"{match['marker']} {match.groupdict().get('after') or ''}".strip()
            if not rest or _IMMUNOGLOBULIN.match(rest):
                return text, ""
            return rest, species_list(match["species"], tables)
    return text, ""


def isotype_and_host(text: str, tables: Tables) -> tuple[str, str]:
    """Return isotype (``IgG1 kappa``) and the species that the cell names; what is not understood stays as it is."""
    match = _ISOTYPE.fullmatch(" ".join(_BREEDING.sub(" ", text).split()))
    if match is None:
        return text.strip(), ""
    rest = " ".join((match["before"], match["after"])).strip(" ,-()[]/;")
    host = (
        tables.species.resolve(rest) if rest else {"m": "mouse", "r": "rat", "h": "human"}.get(match["prefix"].lower())
    )
    if rest and host is None:
        return text.strip(), ""
    light = (match["light"] or "").casefold()
    chain = {"\u03ba": "kappa", "k": "kappa", "kappa": "kappa", "\u03bb": "lambda", "l": "lambda", "lambda": "lambda"}
    name = f"Ig{match['ig'][-1].upper()}{match['sub'].lower()}"
    return f"{name} {chain[light]}" if light else name, host or ""
