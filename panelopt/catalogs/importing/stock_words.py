"""What a list says of the stock, and names that a spreadsheet mangled."""

from __future__ import annotations

import re
from functools import lru_cache

_YES = frozenset({
    "yes", "y", "true", "x", "in stock", "on stock", "stock", "stocked", "available", "in use", "backup", "ok", "open",
    "opened", "active", "full", "low", "running low", "unopened", "sealed", "new", "half", "current",
    "ja", "oui", "si", "s\u00ed", "s\u00ec", "sim", "vorhanden", "vorr\u00e4tig", "lagernd", "auf lager",
    "verf\u00fcgbar", "ge\u00f6ffnet", "voll",
    "en stock", "disponible", "ouvert", "disponibile", "in magazzino", "op voorraad", "i lager", "p\u00e5 lager",
})  # fmt: skip
_NO = frozenset({
    "no", "n", "false", "none", "on request", "backorder", "backordered", "not available", "unavailable", "out",
    "out of stock", "sold out", "needs ordering", "to order", "reorder", "ordered", "on order", "depleted", "exhausted",
    "all gone", "nil", "inactive", "nein", "non", "n\u00e3o", "nee", "nej", "bestellt", "nicht vorhanden",
    "nicht verf\u00fcgbar",
    "\u00e9puis\u00e9", "en rupture", "rupture", "rupture de stock", "sin stock", "no disponible",
    "non disponibile", "\u2717", "\u2718",
})  # fmt: skip
_GONE = (
    r"empty|emptied|missing|finished|used[\s-]?up|discarded|expired|gone|lost|trashed|tossed|binned|dumped|"
    r"thrown(?:[\s-](?:away|out))?|disposed(?: of)?|"
    r"retired|discontinued|do not use|out of stock|not in stock|none left|ran out|run out|consumed|obsolete|"
    r"leer|fehlt|verbraucht|aufgebraucht|entsorgt|abgelaufen|alle|weg|verworfen|nicht mehr (?:vorhanden|lieferbar)|"
    r"vide|fini|termin\u00e9|\u00e9puis\u00e9|jet\u00e9|p\u00e9rim\u00e9|manquant|vac[i\u00ed]o|agotado|"
    r"terminado|desechado|caducado|falta|"
    r"finito|esaurito|vuoto|scaduto|gettato|leeg|verlopen|weggegooid|tom|slut|kasserad|utg\u00e5tt"
)
_GONE_WORD = re.compile(rf"(?:{_GONE})(?![a-z]).*", re.IGNORECASE)
_GONE_ALONE = re.compile(rf"\W*(?:{_GONE})\W*", re.IGNORECASE)
_GONE_BEFORE = re.compile(rf"[\s*(\[<!]*(?:{_GONE})[\s!*)\]>.]*[-\u2013:_,!*)\]>\s]+(?=\S)", re.IGNORECASE)
_GONE_BEHIND = re.compile(
    rf"(?:\s+[-\u2013]+\s*|\s*[(\[*<]+\s*|[-_,;:]\s*)(?:{_GONE})[\s!*)\]>.]*$|"
    rf"\s(?:{_GONE})\s*!+$|\s(?:empty|finished|discarded|expired|discontinued|used[\s-]up|leer|aufgebraucht|"
    rf"verbraucht)$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:[~><\u2265\u2264]|ca\.?|approx\.?|about|etwa|env\.)?\s*(\d{1,9}(?:[.,]\d+)?)\s*x?\s*(?:vials?|tubes?|"
    r"tests?|bottles?|aliquots?|units?|pcs?|packs?|kits?|"
    r"(?:\u00b5|\u03bc|u|m)?[lg]|%|St(?:\u00fcck|k)?\.?|R\u00f6hrchen|flacons?)?(?:\s*(?:left|remaining|"
    r"in stock|\u00fcbrig|restants?))?\.?",
    re.IGNORECASE,
)
_MANGLED = re.compile(r"\d(?:[.,]\d+)?E[+-]?\d+", re.IGNORECASE)
_ZEROS = re.compile(r"([1-9]\d{0,2}?)(0{5,})(?:[.,]0+)?")
_MONTH = r"(?:Jan|Feb|Mar|M\u00e4r|Mrz|Apr|May|Mai|Jun|Jul|Aug|Sept?|Oct|Okt|Nov|Dec|Dez)\.?"
_DATE = re.compile(
    rf"\d{{4}}-\d{{2}}-\d{{2}}(?:[ T]00:00(?::00)?)?|\d{{1,2}}[-. ]{_MONTH}(?:[-. ]\d+)?|{_MONTH}-\d+|"
    r"\d{1,2}[./]\d{1,2}[./](?:19|20)\d{2}",
    re.IGNORECASE,
)


_LONGEST = 200
"""Characters of a remark on the stock, or of a name with one, at most."""

_REMEMBERED = 16_384
"""Cells that are remembered: lists repeat the same few."""


@lru_cache(maxsize=_REMEMBERED)
def stock(text: str) -> bool | None:
    """Return whether a cell says that the product is there; None where it says nothing that is understood."""
    word = " ".join(text[:_LONGEST].casefold().split()).strip(" .!*")
    if match := _COUNTED.fullmatch(word):
        return float(match[1].replace(",", ".")) > 0
    if word in _YES or word in ("\u2713", "\u2714", "\u2611"):
        return True
    return False if word in _NO or _GONE_WORD.fullmatch(word) else None


@lru_cache(maxsize=_REMEMBERED)
def without_gone(text: str) -> tuple[str, str]:
    """Return a name without the remark that the tube is not there any more, and this remark.

    ``EMPTY-CD271,PE`` is CD271,PE and ``EMPTY``; a cell that holds the remark alone stays as it is.
    """
    if len(text) > _LONGEST:
        return text, ""
    for pattern in (_GONE_BEFORE, _GONE_BEHIND):
        if match := pattern.match(text) if pattern is _GONE_BEFORE else pattern.search(text):
            rest = (text[: match.start()] + text[match.end() :]).strip()
            if rest:
                return rest, match.group().strip(" -\u2013:_,;!*()[]<>.")
    return text, ""


@lru_cache(maxsize=_REMEMBERED)
def says_gone(note: str) -> bool:
    """Whether a note says nothing but that the tube is not there any more."""
    return len(note) <= _LONGEST and _GONE_ALONE.fullmatch(note) is not None


def mangled_clone(text: str) -> str:
    """Return what a spreadsheet took a clone for, or empty text.

    ``5E8`` becomes ``5.00E+08`` or 500000000, ``1-Mar`` a date.
    """
    if _MANGLED.fullmatch(text) and ("+" in text or "." in text or "," in text):
        return "number"
    if match := _ZEROS.fullmatch(text):
        return f"number, perhaps for {match[1]}E{len(match[2])}"
    return "date" if _DATE.fullmatch(text) else ""
