"""Spellings of fluorochromes that follow a rule: short forms, misspellings and prototype suffixes, written out."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_COLOURS = {
    "b": "Blue", "v": "Violet", "uv": "UltraViolet", "y": "Yellow", "r": "Red", "nir": "NIR", "yg": "YG",
    "blue": "Blue", "violet": "Violet", "yellow": "Yellow", "red": "Red",
}  # fmt: skip
_LIVE_DEAD = (
    r"Aqua|Blue|Far[\s-]?Red|Green|Lime|Near[\s-]?(?:IR|Infra[\s-]?red)(?:\s*\(?876\)?)?|NIR(?:[\s-]*\(?876\)?)?|"
    r"Olive|Orange|Red|Scarlet|Violet|Yellow"
)

Written = Callable[["re.Match[str]"], str]


def _tandem(match: re.Match[str]) -> str:
    number = match["number"]
    return f"{match['donor']}-Cy{'5.5' if len(number) > 1 else number}"


def _spark(match: re.Match[str]) -> str:
    colour = match["colour"].casefold()
    return f"Spark {'UV' if colour == 'uv' else _COLOURS[colour]} {match['number']}"


def _live_dead(match: re.Match[str]) -> str:
    colour = re.sub(r"[\s()-]", "", match["colour"]).casefold()
    if colour.startswith(("nearir", "nearinfrared", "nir")):
        colour = "NIR 876" if colour.endswith("876") else "Near-IR"
    return f"LIVE/DEAD Fixable {'Far Red' if colour == 'farred' else colour}"


def _rule(pattern: str, written: str | Written) -> tuple[re.Pattern[str], str | Written]:
    return re.compile(rf"(?<![A-Za-z]){pattern}", re.IGNORECASE), written


_RULES = (
    (re.compile(r"fl(?:ou|u)r(?=[\s\d-]|es|$)", re.IGNORECASE), "fluor"),
    _rule(r"(?:Al(?:e?x|exa)(?:[\s-]*fl(?:uor)?)?|AF|Alexa F)\.?[\s-]*(?=\d{3}(?!\d))", "Alexa Fluor "),
    _rule(r"P(?:e?r|re|erc)?[\s-]?CP(?![A-Za-z]{3})(?=[\s/,-]*C(?:y|\d)|[\s/-]|$)", "PerCP"),
    _rule(
        r"(?P<donor>PE|APC|PerCP)[\s/_-]*C(?:y(?:anine|n|)|)[\s-]*(?P<number>5[.,\u00b7\s]?5|5|7)(?![\d.,]*\d)(?![A-Za-z])",
        _tandem,
    ),
    _rule(r"Daz+(?:le)?[\s-]*(?:594)?(?![A-Za-z\d])", "Dazzle 594"),
    _rule(r"e[\s-]?F(?:l(?:uoro?)?)?[\s-]*(?=\d{3}(?!\d))", "eFluor "),
    _rule(r"i[\s-]?F(?:l(?:uor)?)?[\s-]*(?=\d{3}(?!\d))", "iFluor "),
    _rule(r"c[\s-]Fluor\s*", "cFluor "),
    _rule(r"(?P<dye>B(?:B|V|UV|YG)[\s-]?\d{3})[\s-]?P\d?(?![A-Za-z0-9])", r"\g<dye>"),
    _rule(r"S(?:park[\s-]?)?(?P<colour>UV|V|R|NIR|YG)[\s-]?(?P<number>\d{3})(?!\d)", _spark),
    _rule(r"(?:Spark[\s-]?B[\s-]?|SB[\s-]?(?=515|550|574))(?P<number>\d{3})(?!\d)", r"Spark Blue \g<number>"),
    _rule(
        r"Star[\s-]?Bright[\s-]?(?P<colour>B|V|UV|Y|R)[\s-]?(?=\d{3}(?!\d))",
        lambda match: f"StarBright {_COLOURS[match['colour'].casefold()]} ",
    ),
    _rule(
        r"(?:Nova[\s-]?Fluor|NF)[\s-]?(?P<colour>B|Y|R|V|Blue|Yellow|Red|Violet)[\s-]?(?=\d{3}(?!\d))",
        lambda match: f"NovaFluor {_COLOURS[match['colour'].casefold()]} ",
    ),
    _rule(r"AA(?=7[05]0(?!\d))", "APC-Alexa Fluor "),
    _rule(r"SNv(?=428|605|786)", "SuperNova v"),
    _rule(r"(?:DyL|DL)[\s-]?(?=(?:350|405|488|549|550|594|633|649|650|680|755|800)(?!\d))", "DyLight "),
    _rule(r"(?:CoraLite|CL)[\s-]?(?P<plus>Plus[\s-]?)?(?P<number>\d{3})(?!\d)",
          lambda match: f"CoraLite {'Plus ' if match['plus'] else ''}{match['number']}"),
    _rule(r"Brill(?:iant|\.)?[\s-]*Violet[\s-]*(?=\d{3})", "BV"),
    _rule(r"Brill(?:iant|\.)?[\s-]*U(?:ltra)?[\s-]?V(?:iolet)?[\s-]*(?=\d{3})", "BUV"),
    _rule(rf"(?:(?:Live[\s/&-]*Dead|L[\s/]?D)(?![A-Za-z])[\s-]*(?:Fix(?:able)?\.?)?|Fixable)[\s-]*(?P<colour>{_LIVE_DEAD})(?![A-Za-z])",
          _live_dead),
    _rule(
        r"(?:Fixable\s+)?(?:Viability(?:\s+(?:dye|stain))?|Live[\s/-]*Dead|L/D)[\s,:-]*eFluor[\s-]*(?P<number>\d{3}(?:UV)?)",
        r"Fixable Viability Dye eFluor \g<number>",
    ),
)  # fmt: skip


@lru_cache(maxsize=65_536)
def spelt_out(text: str) -> str:
    """Return a text with its dyes written out.

    ``Alx647`` becomes ``Alexa Fluor 647``, ``PCP-C5.5`` becomes ``PerCP-Cy5.5``, ``SUV387`` becomes ``Spark UV 387``;
    BD's prototype suffix goes: ``BB790-P`` is BB790. What no rule covers stays as it is.
    """
    for pattern, written in _RULES:
        text = pattern.sub(written, text)
    return text
