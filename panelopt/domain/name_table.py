"""Names of markers and fluorochromes: canonical spellings and their variants."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from panelopt.errors import Finding, InputError, did_you_mean
from panelopt.frozen import dataclass

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_MARKS = re.compile("[\u00ae\u2122\u00a9]")
# \u2010-\u2015 and \u2212 are the other dashes, \u2018 and \u2019 curly quotes
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212_/.,:;\u00b7'\u2018\u2019`()\[\]]+")
# alpha to zeta, kappa, lambda and mu
_GREEK = str.maketrans("\u03b1\u03b2\u03b3\u03b4\u03b5\u03b6\u03ba\u03bb\u03bc", "abgdezklu")
_GREEK_WORDS = re.compile("alpha|beta|gamma|delta|epsilon|zeta|kappa|lambda")
_CUTOFF = 0.6  # similarity (difflib) from which a name is suggested
_LETTERS = 64  # letter classes counted to find candidates
_PARENTHESIS = re.compile(r"(?P<outside>[^()]+)\((?P<inside>[^()]+)\)\s*")
_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")
_MOST_LISTED = 8  # names listed in a hint


def fold(name: str) -> str:
    """Return a form that is equal for all spellings of a name.

    Case, spaces, hyphens, slashes, dots, commas, brackets and trade-mark signs do not count, except that a
    separator between two digits stays as a dot: ``CD3/4`` is not ``CD34`` and ``Cy5.5`` is not ``Cy55``. Greek letters
    equal their names and their Latin initial: ``CD140 alpha``, ``CD140a`` and the same with the letter itself.
    """
    if name.isascii():
        text = name.lower()
    else:
        text = unicodedata.normalize("NFKC", _MARKS.sub("", name)).casefold().translate(_GREEK)
    text = _GREEK_WORDS.sub(lambda match: match.group()[0], text)

    def joint(match: re.Match[str]) -> str:
        start, end = match.span()
        return "." if text[max(start - 1, 0) : start].isdigit() and text[end : end + 1].isdigit() else ""

    return _SEPARATORS.sub(joint, text)


def bare(name: str) -> str:
    """Return the letters and digits of a name, case-folded; without any, the name itself."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return _NO_LETTER_OR_DIGIT.sub("", text) or text.strip()


def matches(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the names that a text may refer to; case, blanks and punctuation do not count.

    An exact match comes first; then one that agrees by :func:`fold`, which keeps ``CD3/4`` and ``CD34`` apart; then all
    with the same letters and digits.
    """
    names = tuple(dict.fromkeys(known))
    if name in names:
        return (name,)
    alike = tuple(other for other in names if bare(other) == bare(name))
    nearer = tuple(other for other in alike if fold(other) == fold(name))
    return nearer if len(nearer) == 1 else alike


def the_name(name: str, known: Iterable[str], kind: str, *, where: str = "", hint: str = "") -> str:
    """Return the one name that a text refers to; see :func:`matches`.

    Args:
        name: As somebody wrote it.
        known: All names there are.
        kind: Kind of name, such as ``cytometer``.
        where: Place for the message.
        hint: What to do where no name is like it.

    Raises:
        InputError: with a suggestion if nothing matches, or with the candidates if several do.
    """
    names = tuple(dict.fromkeys(known))
    found = matches(name, names)
    if len(found) == 1:
        return found[0]
    if found:
        message = f"{name!r} may mean {' or '.join(found)}"
        raise InputError([Finding(f"ambiguous-{kind}", message, where, "Use one of these spellings.")])
    message = f"no {kind} is called {name!r}"
    raise InputError([Finding(f"unknown-{kind}", message, where, suggestion(name, names) or hint)])


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``Did you mean X?``: names that contain the text or lack only its last letter, else the closest one."""
    names = tuple(dict.fromkeys(known))
    key = bare(name)
    holding = [other for other in names if key[:-1] and bare(other) == key[:-1]]
    holding += [other for other in names if key and key in bare(other)]
    if not holding or len(holding) > _MOST_LISTED:
        return did_you_mean(name, names)
    *others, last = holding
    return f"Did you mean {', '.join(others)} or {last}?" if others else f"Did you mean {last}?"


@dataclass(frozen=True, slots=True)
class NameTable:
    """Canonical names with their aliases.

    Args:
        aliases: Aliases by canonical name; the canonical name itself need not be repeated.

    Raises:
        InputError: if two canonical names share a spelling (after :func:`fold`), or a name folds to nothing; one
            finding per conflict.
    """

    aliases: Mapping[str, tuple[str, ...]]
    _index: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _spelling: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[str, str] = {}
        spelling: dict[str, str] = {}
        findings: list[Finding] = []
        for canonical, others in self.aliases.items():
            for written in (canonical, *others):
                key = fold(written)
                owner = index.setdefault(key, canonical)
                spelling.setdefault(key, written)
                if not key:
                    findings.append(Finding("empty-name", f"{written!r} has no letter or digit", where=canonical))
                elif owner != canonical:
                    message = f"{written!r} stands for {owner} and for {canonical}"
                    findings.append(Finding("ambiguous-name", message, where=canonical, hint="Delete one."))
        if findings:
            raise InputError(findings)
        self._set({n: tuple(a) for n, a in self.aliases.items()}, index, spelling)

    @classmethod
    def restored(cls, rows: Iterable[tuple[str, Sequence[str], Sequence[str]]]) -> NameTable:
        """Return the table whose :meth:`rows` these are, without folding a name or looking for conflicts."""
        aliases: dict[str, tuple[str, ...]] = {}
        index: dict[str, str] = {}
        spelling: dict[str, str] = {}
        for name, others, keys in rows:
            aliases[name] = tuple(others)
            for written, key in zip((name, *others), keys, strict=True):
                index[key] = name
                spelling.setdefault(key, written)
        table = object.__new__(cls)
        table._set(aliases, index, spelling)
        return table

    def rows(self) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
        """Return each canonical name, its aliases, and the folded forms of the name and the aliases."""
        return [(name, others, tuple(map(fold, (name, *others)))) for name, others in self.aliases.items()]

    def _set(self, aliases: Mapping[str, tuple[str, ...]], index: dict[str, str], spelling: dict[str, str]) -> None:
        object.__setattr__(self, "aliases", MappingProxyType(aliases))
        object.__setattr__(self, "_index", MappingProxyType(index))
        object.__setattr__(self, "_spelling", MappingProxyType(spelling))

    @property
    def canonical(self) -> tuple[str, ...]:
        """All canonical names, in the order of the table."""
        return tuple(self.aliases)

    def resolve(self, name: str) -> str | None:
        """Return the canonical name of ``name``, or None if it is unknown or contradicts itself.

        ``CD106 (VCAM-1)`` is understood unless the bracket names another entry, and ``CD140b/PDGFRb`` if both parts
        name the same one; ``CD41/CD61`` is a complex and stays unknown.
        """
        if (found := self._index.get(fold(name))) is not None:
            return found
        if (match := _PARENTHESIS.fullmatch(name)) is not None:
            outside, inside = (self._index.get(fold(part)) for part in match.groups())
            return outside if inside in (None, outside) else None
        parts = {self._index.get(fold(part)) for part in name.split("/")}
        return parts.pop() if len(parts) == 1 else None

    def find(self, name: str) -> str | None:
        """Return :meth:`resolve`, or else the only name with the same letters and digits, as ``Cy55`` for ``Cy5.5``.

        Raises:
            InputError: with the candidates, if there are several.
        """
        if (found := self.resolve(name)) is not None:
            return found
        alike = sorted({self._index[key] for key, written in self._spelling.items() if bare(written) == bare(name)})
        if len(alike) > 1:
            message = f"{name!r} may mean {' or '.join(alike)}"
            hint = "Use one of these spellings."
            raise InputError([Finding("ambiguous-name", message, hint=hint)])
        return alike[0] if alike else None

    def suggest(self, name: str) -> str:
        """Return ``Did you mean X?`` for the closest known spelling, or an empty text."""
        import difflib  # only messages need it

        close = difflib.get_close_matches(key := fold(name), _candidates(key, tuple(self._index)), n=1, cutoff=_CUTOFF)
        if not close:
            return ""
        spelling, canonical = self._spelling[close[0]], self._index[close[0]]
        return f"Did you mean {spelling}?" if spelling == canonical else f"Did you mean {spelling} ({canonical})?"

    def extended(self, more: Mapping[str, Iterable[str]]) -> NameTable:
        """Return a table with further names and aliases.

        Raises:
            InputError: as on construction.
        """
        merged = {name: tuple(others) for name, others in self.aliases.items()}
        for name, others in more.items():
            merged[name] = (*merged.get(name, ()), *others)
        return NameTable(merged)


def _candidates(name: str, known: tuple[str, ...]) -> list[str]:
    """Return the names that share enough letters to be similar; difflib alone takes milliseconds on a long table."""
    import numpy as np

    counts, own = _letter_counts(known), _letter_counts((name,))
    shared = np.minimum(counts, own).sum(axis=1)
    enough = 2 * shared >= _CUTOFF * (counts.sum(axis=1) + own.sum()) - 1e-9
    return [known[place] for place in np.flatnonzero(enough)]


@lru_cache(maxsize=8)
def _letter_counts(names: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return the count of each letter class, shape (names, classes); a class may hold several letters."""
    import numpy as np

    counts = np.zeros((len(names), _LETTERS), dtype=np.int64)
    for row, name in enumerate(names):
        for letter in name:
            counts[row, ord(letter) % _LETTERS] += 1
    return counts
