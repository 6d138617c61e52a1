"""Parses a vendor's free text on species and applications: yes, no, or unknown."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

SPECIES: dict[str, frozenset[str]] = {
    "human": frozenset({"human", "humans", "hu", "hum", "h", "hs", "homo sapiens"}),
    "mouse": frozenset({"mouse", "mice", "mu", "ms", "mo", "m", "mm", "murine", "mus musculus"}),
    "rat": frozenset({"rat", "rats", "rt", "r", "rn", "rattus norvegicus"}),
    "rhesus": frozenset({"rhesus", "rh", "rhe", "macaca mulatta"}),
    "cynomolgus": frozenset({"cynomolgus", "cyno", "cy", "cyn", "macaca fascicularis"}),
    "monkey": frozenset({"monkey", "monkeys", "mk", "primate", "primates", "macaque", "baboon", "nhp"}),
    "rabbit": frozenset({"rabbit", "rb", "rab"}),
    "pig": frozenset({"pig", "pigs", "porcine", "swine", "po", "pg"}),
    "dog": frozenset({"dog", "dogs", "canine", "ca", "dg"}),
    "cow": frozenset({"cow", "bovine", "bo", "bov", "cattle"}),
    "sheep": frozenset({"sheep", "ovine", "ov"}),
    "goat": frozenset({"goat", "caprine"}),
    "horse": frozenset({"horse", "equine", "eq"}),
    "cat": frozenset({"cat", "feline", "fe"}),
    "hamster": frozenset({"hamster", "hm", "ham"}),
    "guinea pig": frozenset({"guinea pig", "gp"}),
    "chicken": frozenset({"chicken", "ck", "avian"}),
    "zebrafish": frozenset({"zebrafish", "danio rerio", "zf"}),
}
"""Names and common abbreviations of species, as vendors write them."""

_FLOW = frozenset(
    {"fc", "facs", "flow", "fcm", "fcyt", "icfc", "icfcm", "icfacs", "flowcyt", "cytometry", "cytometric"}
)
_OTHER_USES = frozenset(
    {
        "ihc", "wb", "elisa", "ip", "icc", "immunofluorescence", "microscopy", "western", "blot", "blotting",
        "immunohistochemistry", "immunocytochemistry", "immunoprecipitation", "immunoblotting", "chip", "cytof",
        "elispot", "dot", "ria", "neutralization", "neutralisation", "imaging", "codex", "if",
    }
)  # fmt: skip
_NEGATIONS = frozenset({"not", "no", "non", "without", "except", "excluding", "negative", "unsuitable", "nt"})
_MASS_CYTOMETRY = re.compile(r"\b(imaging\s+)?mass[\s-]+cytometry\b")
_NON_HUMAN = re.compile(r"\bnon[\s-]*human(\s+primates?)?\b")
_CLAUSES = re.compile(r"[,;:()\[\]{}|/&+\n]|\.\s|\bbut\b|\band\b")
_WORDS = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4096)
def reacts_with(text: str, species: str) -> bool | None:
    """Return whether a product reacts with a species, by its reactivity column; None if open.

    Args:
        text: Free text such as ``Hu, Cyno`` or ``Mouse (does not react with human)``; empty = unknown.
        species: One of :data:`SPECIES`, an abbreviation of it, or any other single word.
    """
    wanted = _species_names(species)
    others = frozenset().union(*(names for names in SPECIES.values() if names != wanted))
    return _verdict(_NON_HUMAN.sub("primate", text.casefold()), wanted, others)


@lru_cache(maxsize=4096)
def for_flow_cytometry(text: str) -> bool | None:
    """Return whether a product is for flow cytometry, by its applications column; None if open.

    Args:
        text: Free text such as ``FC (QC tested), IHC-F`` or ``WB``; empty = unknown.
    """
    return _verdict(_MASS_CYTOMETRY.sub("cytof", text.casefold()), _FLOW, _OTHER_USES)


def _species_names(species: str) -> frozenset[str]:
    word = species.casefold().strip()
    return next((names for names in SPECIES.values() if word in names), frozenset({word}))


def _verdict(text: str, wanted: frozenset[str], others: frozenset[str]) -> bool | None:
    """Return True if a clause names what is wanted, False if it is denied or only others are named."""
    denied = other = False
    for clause in _CLAUSES.split(text):
        words = _WORDS.findall(clause)
        terms = {*words, *(f"{one} {two}" for one, two in itertools.pairwise(words))}
        negated = not _NEGATIONS.isdisjoint(words)
        if terms & wanted:
            if not negated:
                return True
            denied = True
        elif not negated and terms & others:
            other = True
    return False if denied or other else None
