"""Links terms to the glossary of a page, each at its first use."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from panelopt.report.glossary import GLOSSARY
from panelopt.report.safe_text import plain
from panelopt.report.table_layout import PIECES

_TERM = re.compile(
    rf"(?<![\w-])(?:{'|'.join(sorted(map(re.escape, GLOSSARY), key=len, reverse=True))})s?(?![\w-])", re.IGNORECASE
)
_KEYS = {term.lower(): term for term in GLOSSARY}


def isolated(text: object) -> Markup:
    """Return escaped text, isolated so that right-to-left names do not affect their surroundings."""
    return Markup(f"<bdi>{escape(plain(str(text)))}</bdi>")  # noqa: S704  the text in it is escaped


def jointed(text: object) -> Markup:
    """Return an isolated name that breaks at its joints, as in ``CD271+CD146-``, before it breaks elsewhere."""
    shown = plain(str(text))
    pieces = PIECES.findall(shown) if shown.isascii() and " " not in shown else [shown]
    return Markup("<wbr>").join(map(isolated, pieces or [shown]))


def anchor(term: str) -> str:
    """Return the name of the place in the page that explains a term."""
    return f"term-{re.sub(r'[^a-z]+', '-', term.lower())}"


class Links:
    """Links each term once.

    Attributes:
        used: Terms that were linked, in the order of their first use.
    """

    def __init__(self) -> None:
        self.used: list[str] = []

    def linked(self, text: object) -> Markup:
        """Return escaped text in which terms that were not yet used link to their explanation."""
        shown, rest, parts = plain(str(text)), 0, []
        for match in _TERM.finditer(shown):
            word = match[0].lower()
            term = _KEYS.get(word) or _KEYS[word.removesuffix("s")]
            if term not in self.used:
                self.used.append(term)
                parts += [
                    isolated(shown[rest : match.start()]) if match.start() > rest else Markup(),
                    Markup('<a class="term" href="#{}">{}</a>').format(anchor(term), isolated(match[0])),
                ]
                rest = match.end()
        parts.append(isolated(shown[rest:]) if rest < len(shown) or not parts else Markup())
        return Markup().join(parts)

    def explained(self) -> list[tuple[str, str, str]]:
        """Return place, term and explanation of every linked term, sorted by term."""
        return [(anchor(term), term, GLOSSARY[term]) for term in sorted(self.used, key=str.lower)]
