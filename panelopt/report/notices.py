"""Warnings for a reader: merged by kind, the weightiest first, each with what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from panelopt.domain.result import Remark
from panelopt.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of warning.

    Attributes:
        title: What it is about, in a few words.
        weight: Larger ones come first; 100 questions the whole panel, 10 concerns a detail.
        remedy: What to do where the warning itself does not say it.
    """

    title: str
    weight: int
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Warnings of one kind.

    Attributes:
        title: What they are about.
        weight: See :class:`Kind`.
        texts: What is wrong, without repetitions.
        remedies: What to do; empty where nothing is known to help.
    """

    title: str
    weight: int
    texts: tuple[str, ...]
    remedies: tuple[str, ...]


_LEFT_OUT = Kind("Products left out", 40)
_NAMES = Kind("Unknown names", 65, "Check the spelling.")
_CATALOGS = Kind("Remarks on catalogs", 20, "Correct the catalog; `panelopt catalog check` lists every fault.")
_CELLS = Kind("Few cells", 85)
_ORDER = Kind("Products to ask for", 80, "Ask the vendor before you order.")

KINDS: dict[str, Kind] = {
    "goal-missed": Kind("Purity goal missed", 100),
    "no-viability": Kind("Dead cells in the tubes", 95, "Add a viability marker to the problem."),
    "few-cells": _CELLS,
    "few-target-cells": _CELLS,
    "not-in-catalog": _ORDER,
    "unsourced-reagent": _ORDER,
    "locked-dim": Kind("Locked reagents that are hard to read", 75, "Lock another dye or detector."),
    "beads-and-dye": Kind("Beads and dye compete", 75, "Use clones that bind different epitopes."),
    "expired-lot": Kind("Expired lots", 70),
    "tube-overflows": Kind("Tubes overflow", 70),
    "several-passes": Kind("Several passes", 68),
    "gates-split": Kind("Overlapping gates", 30),
    "no-change-helps": Kind("No change helps", 66, "Allow more changes with --max-changes."),
    "unknown-marker": _NAMES,
    "unknown-fluorochrome": _NAMES,
    "unknown-detector": _NAMES,
    "unknown-vendor": _NAMES,
    "unknown-level": Kind("Unknown antigen levels", 60, "State them in the problem file where you know them."),
    "unlisted-cells": Kind("Unlisted cells", 55, "List the missing populations in the problem file."),
    "unknown-shipping": Kind("Unknown shipping costs", 45, "State them in [limits.shipping] of the problem file."),
    "unverified": _LEFT_OUT,
    "other-species": _LEFT_OUT,
    "other-application": _LEFT_OUT,
    "used-up": _LEFT_OUT,
    "unknown-price": _LEFT_OUT,
    "price-without-currency": _CATALOGS,
    "shared-catalog-number": _CATALOGS,
    "duplicate-product": _CATALOGS,
    "duplicate-catalog": _CATALOGS,
    "broken-catalog": _CATALOGS,
    "choice-not-proven": Kind("Choice among equally good panels not proven", 30),
}
"""Kinds of warnings by code; several codes may share one."""

_OTHER_WEIGHT = 50


def notices(remarks: Iterable[Remark], problem: str = "") -> tuple[Notice, ...]:
    """Return warnings merged by kind, the weightiest first.

    Args:
        remarks: Warnings of a result or plan.
        problem: Name of the problem, which is not repeated in every text.
    """
    groups: dict[Kind, list[Remark]] = {}
    for remark in remarks:
        groups.setdefault(_kind(remark.code), []).append(remark)
    ordered = sorted(groups.items(), key=lambda item: -item[0].weight)
    return tuple(_notice(kind, group, problem) for kind, group in ordered)


def _kind(code: str) -> Kind:
    return KINDS.get(code) or Kind(code.replace("-", " ").capitalize(), _OTHER_WEIGHT)


def _notice(kind: Kind, remarks: Sequence[Remark], problem: str) -> Notice:
    places: dict[str, list[str]] = {}
    for remark in remarks:
        seen = places.setdefault(remark.message, [])
        if remark.where not in ("", problem, *seen):
            seen.append(remark.where)
    texts = tuple(_sentence(f"{text} ({', '.join(where)})" if where else text) for text, where in places.items())
    remedies = dict.fromkeys(_sentence(remark.hint) for remark in remarks if remark.hint)
    return Notice(kind.title, kind.weight, texts, tuple(remedies) or tuple(filter(None, (kind.remedy,))))


def _sentence(text: str) -> str:
    """Return a text with a capital and a full stop; names such as ``pH`` keep their spelling."""
    text = text.strip()
    word = text.split(" ", 1)[0]
    start = text[:1].upper() + text[1:] if word.islower() and word.isalpha() else text
    return start if start.endswith((".", "!", "?")) else f"{start}."
