"""A problem from the answers to a few questions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from panelopt import registry
from panelopt.domain.problem_record import LevelWord, Problem
from panelopt.domain.reagents import VIABILITY_MARKER
from panelopt.drafts.texts import FORMAT, commented_toml
from panelopt.errors import did_you_mean, input_error
from panelopt.io.problem_checks import LEVEL_WORDS
from panelopt.io.problem_toml import parse_problem


@dataclass(frozen=True, slots=True)
class PopulationAnswer:
    """One population: share of live single cells, and level words by marker."""

    name: str
    role: str
    frequency: float
    levels: Mapping[str, LevelWord]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers, with names as typed."""

    id: str
    tissue: str
    markers: Sequence[str]
    populations: Sequence[PopulationAnswer]
    purity: float


def problem_of(answers: Answers) -> Problem:
    """Return the problem described by the answers; it always requires a viability dye.

    Raises:
        InputError: with every inconsistency.
    """
    markers: list[dict[str, Any]] = [{"name": VIABILITY_MARKER, "role": "viability", "required": True}]
    markers += [{"name": name} for name in answers.markers]
    populations = [
        {"name": p.name, "role": p.role, "frequency": p.frequency, "levels": dict(p.levels)}
        for p in answers.populations
    ]
    data = {
        "id": answers.id,
        "sample": {"tissue": answers.tissue, "dead_fraction": 0.1},
        "goal": {"purity": answers.purity},
        "marker": markers,
        "population": populations,
    }
    return parse_problem(data, "answers", registry.marker_names(), registry.fluorochrome_names())


def answers_toml(answers: Answers) -> str:
    """Return the problem file for the answers; errors as for :func:`problem_of`."""
    comments = (
        "Made from answers on the terminal.",
        FORMAT,
        "Level words are model values, and so is dead_fraction 0.1. A marker without a level in a population is",
        "unknown there, not negative. Roles of markers: candidate, required, forbidden, dump, viability.",
    )
    return commented_toml(problem_of(answers), comments)


def named_levels(text: str, markers: Sequence[str]) -> dict[str, LevelWord]:
    """Return the levels in a text such as ``CD271 bright, CD45 -``, by marker as listed.

    Raises:
        InputError: if an entry names no listed marker or no level word.
    """
    found: dict[str, LevelWord] = {}
    for entry in filter(None, map(str.strip, text.split(","))):
        match = re.fullmatch(r"(?P<marker>.*?)\s*[\s=:]\s*(?P<word>[\w-]+)", entry)
        word = match["word"] if match else ""
        known = next((candidate for candidate in LEVEL_WORDS if candidate == word), None)
        if match is None or known is None:
            hint = did_you_mean(word, LEVEL_WORDS) or f"Level words: {', '.join(LEVEL_WORDS)}."
            raise input_error("unknown-level-word", f"{entry!r} does not end in a level word", hint=hint)
        marker = next((name for name in markers if same_marker(name, match["marker"])), None)
        if marker is None:
            hint = did_you_mean(match["marker"], markers) or f"Markers: {', '.join(markers)}."
            raise input_error("unlisted-marker", f"{match['marker']} is not among the markers", hint=hint)
        found[marker] = known  # type: ignore[assignment]  # a member of LEVEL_WORDS
    return found


def same_marker(a: str, b: str) -> bool:
    """Whether two texts name the same marker."""
    names = registry.marker_names()
    return (names.resolve(a) or a).casefold() == (names.resolve(b) or b).casefold()
