"""The shipped alias tables that an import needs, with caches: lists repeat the same few spellings."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from panelopt.catalogs.importing.dye_spellings import spelt_out
from panelopt.catalogs.importing.remembered import LONGEST, remembered
from panelopt.domain.name_table import NameTable, bare, fold
from panelopt.io.name_tables import read_name_table
from panelopt.registry.data_places import CATALOG_DATA, data_folder
from panelopt.registry.dye_sources import fluorochrome_names, fluorochromes
from panelopt.registry.marker_aliases import marker_names

_REMEMBERED = 100_000
"""Texts whose names are remembered: lists repeat the same few spellings, but not the names of products."""

_WRITTEN_OUT = "eflv"
"""First letters of what :func:`spelt_out` makes the name of a viability dye of, or its beginning."""

_BEGINNING = 3
"""Letters and digits that tell whether a text may begin a name."""

_NUMBER_BEHIND = re.compile(r"\(\d{3}\)\s*$")
_WORDS = re.compile(r"[^\W_]+", re.UNICODE)


_folded = lru_cache(maxsize=16_384)(fold)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One alias table with a memory of what was asked.

    Attributes:
        table: The names.
        longest: Words of the longest spelling: longer texts need not be looked up as a whole.
        spellings: All names and aliases as they are written.
    """

    table: NameTable
    longest: int = field(init=False)
    spellings: frozenset[str] = field(init=False, repr=False)
    _known: dict[str, str | None] = field(default_factory=dict, init=False, repr=False, compare=False)
    _suggested: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _beginnings: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        spellings = frozenset(text for name, others in self.table.aliases.items() for text in (name, *others))
        object.__setattr__(self, "spellings", spellings)
        object.__setattr__(self, "longest", max(len(_WORDS.findall(text)) for text in spellings))

    def resolve(self, text: str) -> str | None:
        """Return the canonical name, or None; no name is long."""
        if len(text) > LONGEST:
            return None
        if text not in self._known:
            self._forget()
            self._known[text] = self._found(text) if text.strip() else None
        return self._known[text]

    def _found(self, text: str) -> str | None:
        return self.table.resolve(text)

    def suggest(self, text: str) -> str:
        """Return ``Did you mean X?`` or an empty text; lists repeat the same few unknown names."""
        if text not in self._suggested:
            self._forget()
            self._suggested[text] = self.table.suggest(text)
        return self._suggested[text]

    def _forget(self) -> None:
        for kept in (self._known, self._suggested):
            if len(kept) >= _REMEMBERED:
                kept.clear()

    def may_begin(self, text: str) -> bool:
        """Whether some spelling begins like ``text``; of most words of a product name none does."""
        if not self._beginnings:
            keys = set(map(fold, self.spellings))
            self._beginnings.update(key[:end] for key in keys for end in range(1, len(key) + 1))
        return _folded(text) in self._beginnings


@dataclass(frozen=True, slots=True)
class Dyes(Vocabulary):
    """Fluorochromes: besides the spellings of the table, those that :func:`spelt_out` makes of short forms."""

    _bare: dict[str, str | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def _found(self, text: str) -> str | None:
        """Return the canonical name; ``PerCP-Cy55`` has the letters and digits of one name alone."""
        if _NUMBER_BEHIND.search(text) and (found := self.table.resolve(spelt_out(text))) != self.table.resolve(text):
            return found  # Near IR (876) is not Near-IR
        for spelling in dict.fromkeys((text, spelt_out(text))):
            if (found := self.table.resolve(spelling)) is not None:
                return found
        if not self._bare:
            for name, words in self.table.aliases.items():
                for word in (name, *words):
                    key = bare(word)
                    self._bare[key] = name if self._bare.get(key, name) == name else None
        return self._bare.get(bare(text)) if re.search(r"[A-Za-z].*\d", text) else None


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that turns spellings into names.

    Attributes:
        markers: Antigens.
        dyes: Fluorochromes, also those whose optics are not known.
        without_optics: Those: no design can use them yet.
        labels: What stands in place of a dye and is none; the canonical name is the reason.
        vendors: Sellers.
        species: Hosts and reactivity.
        headers: Column headers; the canonical name is the field.
        viability: Dyes that stain dead cells and no antibody.
    """

    markers: Vocabulary
    dyes: Dyes
    labels: Vocabulary
    vendors: Vocabulary
    species: Vocabulary
    headers: Vocabulary
    viability: frozenset[str]
    without_optics: frozenset[str]


def tables() -> Tables:
    """Return the shipped tables, with the fluorochromes of the user.

    Raises:
        InputError: if a fluorochrome file of the user is wrong.
    """
    viability = frozenset(dye.name for dye in fluorochromes() if dye.use in ("live_viability", "fixable_viability"))
    labels, vendors, species, headers = (
        _shipped(name) for name in ("not-fluorochromes", "vendors", "species", "columns")
    )
    dyes, others = _dyes(tuple(fluorochrome_names().aliases.items()))
    return Tables(_markers(), dyes, labels, vendors, species, headers, viability, others)


def may_begin_viability(tables: Tables) -> Callable[[str], bool]:
    """Return a function that says whether the name of a viability dye may begin like a text.

    Short forms that stand for such a dye begin like one of its spellings, or with a letter of ``_WRITTEN_OUT``.
    """
    spellings = [text for name in tables.viability for text in (name, *tables.dyes.table.aliases[name])]
    begins = {key(text)[:_BEGINNING] for text in spellings for key in (fold, bare)}
    known = frozenset(begin[:end] for begin in begins for end in range(len(begin) + 1))
    short = tuple(begin for begin in begins if len(begin) < _BEGINNING)

    def may_begin(text: str) -> bool:
        keys = (fold(text)[:_BEGINNING], bare(text)[:_BEGINNING])
        return any(key in known or key.startswith(short) or key[0] in _WRITTEN_OUT for key in keys)

    return remembered(may_begin, _REMEMBERED)


def species_names() -> Vocabulary:
    """Return the names of species."""
    return _shipped("species")


@cache
def _markers() -> Vocabulary:
    return Vocabulary(marker_names())


@lru_cache(maxsize=4)
def _dyes(names: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Dyes, frozenset[str]]:
    """Return all dyes by name, and those without optics; a dye of the user is not among them."""
    known = NameTable(dict(names))
    listed = read_name_table(data_folder(CATALOG_DATA, "aliases") / "other-fluorochromes.toml").aliases
    others = {name: words for name, words in listed.items() if not any(known.resolve(w) for w in (name, *words))}
    return Dyes(known.extended(others)), frozenset(others)


@cache
def _shipped(name: str) -> Vocabulary:
    return Vocabulary(read_name_table(data_folder(CATALOG_DATA, "aliases") / f"{name}.toml"))
