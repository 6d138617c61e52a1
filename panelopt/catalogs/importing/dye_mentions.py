"""Fluorochromes in free text, whole or not at all: an unknown tandem is neither its donor nor its acceptor."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import lru_cache

from panelopt.catalogs.importing.name_tables import Tables, Vocabulary
from panelopt.catalogs.importing.patterns import TOKEN

BRACKETS = frozenset("()[]\u0001")
_BARRIERS = BRACKETS | frozenset(",;|")
"""Signs that no name of a dye or antigen holds; the control character stands where the dye was."""

DONORS = ("PE", "APC", "PerCP")
"""Dyes whose tandems are many."""

_ACCEPTORS_NM = r"594|6[0-7]0|6[14][057]|647|700|71[018]|7[45]0|744|7[6-9]0|78[05]|8[0-6][036]"
_ACCEPTORS = rf"5[.,]?5|[57]|{_ACCEPTORS_NM}"
"""Numbers behind which an acceptor hides: 5, 5.5, 7, and the usual nanometres."""

_PART = (
    r"(?:cy(?:anine|n)?|daz+(?:le)?|fire|e?fluor|vio(?:bright)?|ifluor|dylight|alexa(?:[\s-]*fluor)?|alx|astral|atto|"
    r"texas(?:\s*red)?|spark|nova(?:fluor)?|tandem)[\s-]*\d*(?:[.,]\d)?[A-Za-z]?|(?:ef|if|cf|af|dy|dl|"
    r"fl)[\s-]?\d{3}[A-Za-z]?"
)
_BEHIND_DONOR = re.compile(
    rf"\s*[-/+_]\s*,?\s*(?:{_PART}|[A-Za-z]?(?:{_ACCEPTORS})|[CH]\d|"
    rf"(?!REA)[A-Za-z]{{2,10}}[\s-]?(?:{_ACCEPTORS_NM}))(?![A-Za-z0-9])|\s+(?:{_PART}|594)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_BEHIND = re.compile(rf"\s*[-/+_]\s*,?\s*(?:{_PART})(?![A-Za-z0-9])|[-/]\d{{3}}(?!\d)", re.IGNORECASE)
_NUMBER_BEHIND = re.compile(r"\s*\((\d{3})\)")
_FAMILY = re.compile(
    r"(?<![A-Za-z])(?:[cim]Fluor(?:\s+(?:UV|Violet|Blue|Green|Yellow|Red))?|eFluor|Star\s?Bright(?:\s+\w+)?|"
    r"Super\s?Bright|"
    r"Spark(?:\s?PLUS)?(?:\s+(?:UV|Violet|Blue|YG|Red|NIR))?|Nova\s?Fluor(?:\s+\w+)?|CoraLite(?:\s+Plus)?|"
    r"Alexa(?:\s?Fluor)?(?:\s+Plus)?|Vio(?:Bright)?|Brilliant(?:\s+\w+)?|Real(?:Blue|Red|Violet|Yellow)|"
    r"KIRAVIA(?:\s+Blue)?|DyLight|ATTO|"
    r"HiLyte(?:\s+Fluor)?|Janelia(?:\s+Fluor)?|(?:red|violet)Fluor|Zombie|Ghost(?:\s?Dye)?(?:\s+\w+)?|"
    r"Live[\s/-]*Dead(?:\s+Fix(?:able)?)?|Qdot|IRDye|Viobility)[\s-]*$",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2,6})\s?[-/]\s?$")
_UNKNOWN = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:PE|APC|PerCP)[\s/-]?[A-Za-z]{1,8}[\s-]?\d{3}|"
    r"(?:BV|BUV|BB|BYG|R[BYRV]|AF|Alexa Fluor |[ceim]Fluor[\s-]?[A-Z]{0,3}\s?|CF|DyLight |ATTO |"
    r"(?:Star|Super|Vio)\s?Bright[\s-]?[A-Za-z]*\s?|NovaFluor \w+ |Spark \w+ |CoraLite (?:Plus )?|Qdot |IRDye |"
    r"S[BV]|SUV|SNIR|"
    r"Real(?:Blue|Red|Violet|Yellow) ?|KIRAVIA (?:Blue )?|[VBGYR](?=\d{3}[A-Z]{2}))[\s-]?\d{3})\w{0,3}(?![A-Za-z0-9])"
)


def mentions(text: str, words: Vocabulary, barriers: frozenset[str] = _BARRIERS) -> Iterator[tuple[int, int, str]]:
    """Yield what of a table a text names, as (start, end, canonical name); longer spellings go first."""
    tokens = [match.span() for match in TOKEN.finditer(text)]
    starts = [first for first, (start, end) in enumerate(tokens) if words.may_begin(text[start:end])]
    for length in range(min(words.longest + 2, len(tokens)), 0, -1):
        for first in starts:
            if first + length > len(tokens):
                continue
            start, end = tokens[first][0], tokens[first + length - 1][1]
            part = text[start:end]
            if not barriers.intersection(part) and (name := words.resolve(part)) is not None:
                yield start, end, name


def dyes_in(text: str, tables: Tables) -> list[tuple[int, int, str]]:
    """Return the dyes that a text names, as (start, end, canonical name) in their order.

    Where a known spelling is a part of a longer name that no table knows, such as ``PE`` in ``PE/Vio999``, the whole
    stands there with an empty name. The text must be written out (:func:`spelt_out`).
    """
    found: list[tuple[int, int, str]] = []
    for start, end, name in mentions(text, tables.dyes):
        short = end - start <= 2
        if (not short or text[start:end].isupper()) and not any(start < e and s < end for s, e, _ in found):
            found.append((start, end, name))
    whole: list[tuple[int, int, str]] = []
    for start, end, name in sorted(found):
        first, last = _extent(text, start, end, name)
        if whole and first < whole[-1][1]:
            start, whole = whole[-1][0], whole[:-1]
            first, last, name = min(first, start), max(last, end), ""
        if (first, last) != (start, end) or not name:
            name = tables.dyes.resolve(text[first:last].replace(",", "")) or ""
        whole.append((first, last, name))
    if not whole and (match := _UNKNOWN.search(text)):
        return [(*match.span(), "")]
    return whole


def _extent(text: str, start: int, end: int, name: str) -> tuple[int, int]:
    """Return where the name that holds a known spelling begins and ends."""
    before, behind = text[:start], text[end:]
    donor = name in DONORS
    if match := (_BEHIND_DONOR if donor else _BEHIND).match(behind):
        end += match.end()
    elif match := _NUMBER_BEHIND.match(behind):
        end += match.end() if name.startswith("LIVE/DEAD") else 0
    if match := _FAMILY.search(before):
        start = match.start()
    elif re.search(r"\d|Texas", name) and (match := _WORD_BEFORE.search(before)) and _like_a_donor(match[1]):
        start = match.start(1)
    return start, end


@lru_cache(maxsize=4096)
def _like_a_donor(word: str) -> bool:
    """Whether a word before an acceptor may be a misspelt donor: ``PCP``, ``PerP``, ``ACP``."""
    word = word.casefold()
    return word in ("pe", "rpe", "apc", "acp", "apcy") or bool(difflib.get_close_matches(word, ("percp",), 1, 0.74))
