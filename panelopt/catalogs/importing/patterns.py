"""Words and signs of product names: what ends a name, what is noise, what is no single antibody."""

from __future__ import annotations

import re

MARKS = re.compile("[\u00ae\u2122\u00a9]|\\((?:TM|R)\\)")
TOKEN = re.compile(r"[^\s\-\u2010-\u2015/,;:()\[\]{}_|+]+")
BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
CLONE = re.compile(
    r"\b(?:clones?|Klon|mAb clone|cl\.)(?:\s+(?:id|no\.?|number|name))?\s*[:=#]?\s*[(\[]?([^\s,;()\[\]]+)",
    re.IGNORECASE,
)
CLONE_LIKE = re.compile(
    r"(?=.*\d)(?!\d+([.,]\d+)?\s*(?:\u00b5|u|\u03bc|m)?[lg]\b)(?!\d+\s*tests?\b)[\w./\-+* ]{2,24}", re.IGNORECASE
)
NO_CLONE = re.compile(r"Ig[GMA]\d?[abc]?|\d+(?:[.,]\d+)?(?:(?:\u00b5|u|m)?[lg]|tests?|T)?", re.IGNORECASE)

_SPECIES = (
    r"(?:human|mouse|murine|rat|rhesus|cynomolgus|monkey|non-human primate|canine|dog|feline|porcine|pig|swine|"
    r"bovine|chicken|rabbit|hamster|hu|ms|rt)"
)
MANY_SPECIES = rf"{_SPECIES}(?:\s*(?:/|,|&|\band\b)\s*{_SPECIES})*"
AGAINST = re.compile(rf"\banti[-\s]*(?P<species>{MANY_SPECIES})?(?:\b|[-\s])(?P<marker>.*)", re.IGNORECASE)
ABOUT = re.compile(rf"^\s*(?P<species>{MANY_SPECIES})\s+(?P<marker>.+)", re.IGNORECASE)
RAISED = re.compile(rf"\b(?P<host>{_SPECIES}|goat|sheep|donkey|armenian hamster)\s+anti\b", re.IGNORECASE)
AGAINST_SPECIES = re.compile(
    rf"\banti[-\s]+(?P<against>{MANY_SPECIES})\b|[,\s](?P<alone>{MANY_SPECIES})\s*(?:,|$)", re.IGNORECASE
)
SPECIES_ALONE = re.compile(
    rf"[(\[]\s*(?:anti[-\s]*)?(?P<bracketed>{MANY_SPECIES})\s*[)\]]|"
    r"(?<![\w-])(?P<alone>human|mouse|murine|rat)(?![\w-])(?!\s*(?:\(|anti|ig|mono|poly|host|antibod|mab|recomb|serum|\u03b1))",
    re.IGNORECASE,
)
"""Species that stand for themselves in a name: not the host in ``mouse monoclonal``."""

METAL_IN_NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:89|1\d\d|20\d)[ -]?(?:Y|Cd|In|La|Ce|Pr|Nd|Sm|Eu|Gd|Tb|Dy|Ho|Er|Tm|Yb|Lu|Ir|Pt|Bi)|"
    r"(?:Y|Cd|In|La|Ce|Pr|Nd|Sm|Eu|Gd|Tb|Dy|Ho|Er|Tm|Yb|Lu|Ir|Pt|Bi)[ -]?(?:89|1\d\d|20\d))(?:Di)?(?![A-Za-z0-9])"
)
_LIGHT = r"(?:\u03ba|\u03bb|kappa|lambda|k)"
ISOTYPE = re.compile(
    rf"\b((?:mouse|rat|rabbit|goat|hamster|human)\s+)?Ig[GMAED]\d?[abc]?(?:[,\s]*{_LIGHT}\b)?", re.IGNORECASE
)
END = re.compile(
    r"\b(?:monoclonal|polyclonal|recombinant|antibod(?:y|ies)|antik\w+rper|anticorps|anticuerpo|mabs?|moab|abs?\b|"
    r"clone|klon|conjugated?|conj\b|labell?ed|reafinity\w*|readye\w*|isotype|for flow|flow cytometry|"
    r"single cell dye)|[,;:|]|-conj",
    re.IGNORECASE,
)
NOISE = re.compile(
    r"\b(?:BD|Pharmingen|Horizon|OptiBuild|FastImmune|eBioscience|Invitrogen|BioLegend|Miltenyi(?: Biotec)?|"
    r"IOTest(?: ?3)?|Beckman(?: Coulter)?|Cytek|Tonbo|Bio-?Rad|REAfinity\w*|REAdye_?lease\w*|REAlease\w*|"
    r"Ultra-?LEAF|GoInVivo|Tandem|SureLight|conjugated?|conjugation|conj|labell?ed|coupled|dye|fluorescent|"
    r"fluorochrome|fluorophore|with|to|Super Bright Complete|in[- ]?house|custom|lyophilized|ASR|RUO|CE|IVD|"
    r"Antibody|antibodies|mAb)\b",
    re.IGNORECASE,
)
LEADING = re.compile(r"^[\s\u0001,;-]+")

OTHER_ANTIGEN = re.compile(
    r"\bCAR\b|\bphospho|\bp[STY]\d+|\bcleaved\b|\bcytoplasmic\b|\bisoform\b|\bglycoform\b|\bprecursor\b", re.IGNORECASE
)
"""Words that make another antigen of the one that is named: CD19 CAR is not CD19."""

ISOTYPE_CONTROL = re.compile(
    r"\bisotype\b(?!\s*(?:igg|igm|:))|\biso(?:type)?[\s-]*(?:ctrl|control|co)\b|"
    r"\big[gm]\d?[abc]?\b.*\b(?:control|ctrl)\b|\b(?:REA|REAL)\s+control\b|\bnegative control\b|"
    rf"^\s*(?:mouse|rat|(?:armenian |syrian )?hamster|rabbit|goat)\s+ig[gma]\d?[abc]?[\s,]*{_LIGHT}?\s*$",
    re.IGNORECASE,
)
SECONDARY = re.compile(
    r"\bsecondary\b|\b(?:goat|donkey|rabbit|sheep|chicken|horse|rat|mouse)\s+(?:f\(ab.{0,4}\)?2?\s+)?"
    rf"anti[-\s]*{MANY_SPECIES}\s+ig[gmae]?\b",
    re.IGNORECASE,
)
NOT_ONE_ANTIBODY = re.compile(
    r"(?-i:(?<![cC][- ])\b[Kk]its?\b)|\bcocktail\b|\bsampler\b|\bbeads\b|\bstaining buffer\b|\bblocking reagent\b|"
    r"\bFc ?block\b|\bTruStain\b|\bpanel\b|\b(?:lysing|wash|stain) (?:buffer|solution)\b|"
    r"\bantibody set\b|\bDuraClone\b",
    re.IGNORECASE,
)
WRAPPING = re.compile(
    rf"^\s*(?:anti[-\s]*|\u03b1[-\s]*(?=CD\d)|a(?=CD\d))?(?:{MANY_SPECIES}\s+)?|"
    r"\s*(?:monoclonal|polyclonal)?\s*(?:antibody|mab|\bab)?\s*$",
    re.IGNORECASE,
)

_NOTHING = frozenset(
    {"", "-", "--", "n/a", "na", "n.a.", "none", "unknown", "?", "nan", "null", "tbd", "not specified", "#n/a"}
)


def without_marks(text: str) -> str:
    """Return a name without trade-mark signs, with single blanks."""
    return " ".join(MARKS.sub("", text).split())


def without_noise(text: str) -> str:
    """Return the text of a label without brands and words such as ``conjugated``."""
    return NOISE.sub(" ", without_marks(text)).strip(" -,;/")


def nothing(text: str) -> bool:
    """Whether a cell says that nothing is known."""
    return text.strip().casefold() in _NOTHING
